"""What the name of a file says: that it is one, and whether it is one of many."""

import re
from typing import Final

__all__ = ["is_any_file", "is_file", "is_known_file", "is_told", "says_file"]

_FILE: Final = re.compile(r"[^/\\\n]{1,120}\.[a-z][a-z0-9]{1,4}", re.IGNORECASE)
_KNOWN: Final = re.compile(
    r"[^/\\\n]{1,120}\.(?:jpe?g|png|gif|webp|heic|tiff?|bmp|svg|pdf|docx?|xlsx?|od[ts]|txt|csv|rtf|"
    r"eml|msg|mp[34]|wav|ogg|m4a|mov|zip|html?|json|xml)",
    re.IGNORECASE,
)
_SAYS_FILE: Final = re.compile(
    r"file|avatar|photo|portrait|selfie|image|picture|attachment|document|upload|scan",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_FEWEST_DIGITS: Final = 7
_SHORTEST: Final = 10


def is_file(text: str) -> bool:
    """Whether a text looks like the name of a file, of any type."""
    return _FILE.fullmatch(text) is not None


def is_known_file(text: str) -> bool:
    """Whether a text is the name of a file of a type that people send."""
    return _KNOWN.fullmatch(text) is not None


def says_file(name: str) -> bool:
    """Whether the name of a column or key says that it holds names of files."""
    return _SAYS_FILE.search(name) is not None


def is_told(name: str) -> bool:
    """Whether the name of a file has several words, as somebody gave it.

    >>> is_told("lease of_Holm.pdf"), is_told("call-48812.wav")
    (True, False)
    """
    return len(_WORD.findall(name.rpartition(".")[0])) > 1


def is_any_file(name: str) -> bool:
    """Whether many files may have a name: a short one, or of one word with few digits.

    >>> is_any_file("portrait_guest7.png"), is_any_file("IMG_20260312_0915.jpg"), is_any_file("scan2.pdf")
    (False, False, True)
    """
    is_numbered = sum(map(str.isdigit, name.rpartition(".")[0])) >= _FEWEST_DIGITS
    return not (is_told(name) or is_numbered) or sum(map(str.isalnum, name)) < _SHORTEST
