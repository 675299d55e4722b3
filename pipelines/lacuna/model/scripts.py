"""Scripts that put no blank between words: Han, Kana, Thai, Lao, Khmer and Burmese."""

import re
from typing import Final

HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Letters, for a class of a regular expression."""
UNSPACED: Final = (
    HAN + "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0edf\u1000-\u109f\u1780-\u17dd"
)
"""The same of all of them."""

_HAN: Final = re.compile(f"[{HAN}]")
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_OTHER: Final = re.compile(rf"[^\W_{UNSPACED}]")
_SHORTEST_HAN: Final = 3
_SHORTEST_APART: Final = 5
_SHORTEST: Final = 9
_SHORTEST_ADDRESS: Final = 6


def is_unspaced(text: str) -> bool:
    """Whether a text has two letters of a script that puts no blank between words."""
    return len(_UNSPACED.findall(text)) > 1


def is_whole_name(text: str) -> bool:
    """Whether a name in such a script is more than a given name.

    >>> is_whole_name("王小明"), is_whole_name("สมชาย"), is_whole_name("สมชาย ใจดี")
    (True, False, True)
    """
    letters = len(_UNSPACED.findall(text))
    if letters < _SHORTEST_HAN or _OTHER.search(text):
        return False
    if _HAN.search(text):
        return True
    return letters >= (_SHORTEST_APART if len(text.split()) > 1 else _SHORTEST)


def is_whole_address(text: str) -> bool:
    """Whether an address in such a script names a house: it has a number.

    >>> is_whole_address("北京市朝阳区建国路88号"), is_whole_address("東京都港区六本木")
    (True, False)
    """
    is_numbered = any(map(str.isdigit, text))
    return is_unspaced(text) and is_numbered and len(_UNSPACED.findall(text)) >= _SHORTEST_ADDRESS
