"""Documents that a program keeps in base64 in a column of texts, such as the terms of a saved search."""

import base64
import json
import re
from typing import Final

_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
# As pickle writes them: from protocol 2 on, and until the full stop that ends each.
_PICKLED: Final = (b"\x80", b".")


def is_document(text: str) -> bool:
    """Whether a text is base64 of JSON, of a pickled object or of words.

    >>> is_document(base64.b64encode(b'{"search_string": "heater"}').decode())
    True
    >>> is_document("d41d8cd98f00b204e9800998ecf8427e"), is_document("heater")
    (False, False)
    """
    if _BASE64.fullmatch(text) is None:
        return False
    digits = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        content = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except ValueError:
        return False
    if content.startswith(_PICKLED[0]) and content.endswith(_PICKLED[1]):
        return True
    try:
        words = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _is_json(words) or (words.isprintable() and " " in words.strip())


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except RecursionError:
        return True
    except ValueError:
        return False
