"""Words of a text as the finder of names sees them, and how they look."""

import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum

__all__ = ["KINDS", "SHAPES", "TAGS", "Gap", "WordSpan", "folded", "gaps", "shape", "split"]

KINDS = ("PER", "LOC", "ORG")
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
SHAPES = 12
WordSpan = tuple[int, int]
# Combining marks belong to the letter before them; any other character is a word of its own.
_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+|\S")
_LOOKS = {".": 2, "!": 2, "?": 2, "…": 2, "-": 3, "–": 3, "'": 3, "’": 3}
_LOOKS |= dict.fromkeys("@#/_", 4)


class Gap(IntEnum):
    """What is before a word."""

    NOTHING = 0
    BLANK = 1
    LINE_END = 2


def split(text: str) -> list[WordSpan]:
    """Return the places of the words: runs of letters, runs of digits, other characters one by one."""
    return [found.span() for found in _WORD.finditer(text)]


def gaps(text: str, words: Sequence[WordSpan]) -> list[Gap]:
    """Return the gap before each word; before the first one a blank."""
    found, last = [], 0
    for start, end in words:
        between = text[last:start]
        if start and not between:
            found.append(Gap.NOTHING)
        else:
            found.append(Gap.LINE_END if "\n" in between and start else Gap.BLANK)
        last = end
    return found


def shape(word: str) -> int:
    """Return the class of a word's look, 1 to 11; 0 is no word."""
    if word.isdigit():
        return 1
    if not word[0].isalpha():
        return _LOOKS.get(word, 5)
    if len(word) == 1:
        return 6 if word.isupper() else 7
    if word.islower():
        return 8
    if word.isupper():
        return 9
    return 10 if word[0].isupper() and word[1:].islower() else 11


def folded(word: str) -> str:
    """Return the word in lower case, without marks, compatibility forms resolved."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
