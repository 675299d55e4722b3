"""Surrogates: values of a given form that nothing else holds, e.g. `erased-{}@example.invalid`.

For a column that may be neither NULL nor the same twice. The part in braces is generated for each
row from a random number that is destroyed with the request: it leads nowhere, and no two rows of
a person share it.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

SURROGATE_WRITTEN: Final = (
    "surrogate holds the unique part once: {} or {8} to {64} for letters and digits, {d} or {d6} "
    "to {d18} for digits alone"
)
_TOKEN: Final = re.compile(r"\{(d?)(\d*)\}")
# Fewer would meet again among the rows of a large platform.
_HEX: Final = range(8, 65)
_DIGITS: Final = range(6, 19)


@dataclass(frozen=True)
class SurrogateForm:
    """The form of a surrogate: the text around the unique part, and how long that is.

    Attributes:
        is_digits: whether the unique part is made of decimal digits, not of hexadecimal ones.
    """

    before: str
    after: str
    width: int
    is_digits: bool

    @property
    def length(self) -> int:
        """Characters of each value."""
        return len(self.before) + self.width + len(self.after)

    @property
    def is_bare(self) -> bool:
        """Whether it is the unique part alone, which a number or a UUID can be too."""
        return not self.before and not self.after

    def filled(self, seed: str) -> str:
        """Return the value that follows from a seed, for a row that has no request."""
        digest = hashlib.sha256(seed.encode()).hexdigest()
        unique = str(int(digest[:15], 16))[-self.width :] if self.is_digits else digest
        return self.before + unique[: self.width].rjust(self.width, "0") + self.after

    @property
    def pattern(self) -> str:
        """A regular expression for the values."""
        character = r"\d" if self.is_digits else "[0-9a-f]"
        return f"^{re.escape(self.before)}{character}{{{self.width}}}{re.escape(self.after)}$"


def surrogate_form(written: str) -> SurrogateForm | None:
    r"""Return the form that a data map writes, or None where it is none.

    >>> surrogate_form("erased-{12}@example.invalid").length
    35
    >>> surrogate_form("+999{d9}").pattern
    '^\\+999\\d{9}$'
    """
    found = list(_TOKEN.finditer(written))
    if len(found) != 1:
        return None
    (token,) = found
    before, after = written[: token.start()], written[token.end() :]
    if set("{}\0") & set(before + after):
        return None
    is_digits = bool(token[1])
    allowed = _DIGITS if is_digits else _HEX
    width = int(token[2]) if token[2] else (18 if is_digits else 32)
    return SurrogateForm(before, after, width, is_digits) if width in allowed else None
