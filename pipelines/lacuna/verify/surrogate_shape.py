"""What a surrogate looks like, as the gate knows it.

By the words of docs/datamap.md, once more: code that made the values would not see its own fault.
"""

import re


def surrogate_regex(written: str) -> str | None:
    """Return the pattern of a column's surrogates; None if they are a unique part alone."""
    before, _, rest = written.partition("{")
    unique, _, after = rest.partition("}")
    if not before and not after:
        return None
    is_digits, width = unique.startswith("d"), unique.removeprefix("d")
    character = "[0-9]" if is_digits else "[0-9a-f]"
    count = width or ("18" if is_digits else "32")
    return f"^{re.escape(before)}{character}{{{count}}}{re.escape(after)}$"
