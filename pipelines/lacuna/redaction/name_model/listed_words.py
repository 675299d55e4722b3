"""What lists say of a word: part of a given name, of a surname, or a word in common use."""

import zlib
from enum import IntFlag
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lacuna.redaction.name_model.text_words import folded

__all__ = ["HashedLists", "InLists", "WordLists"]


class InLists(IntFlag):
    """The lists that a folded word is in."""

    GIVEN = 1
    SURNAME = 2
    OFTEN = 4
    COMMON = 8


class WordLists(Protocol):
    """Knows words."""

    def of(self, word: str) -> InLists:
        """Return the lists that hold a word."""
        ...


class HashedLists:
    """Lists of words, of which only checksums are kept."""

    def __init__(self, numbers: npt.NDArray[np.uint32], bits: npt.NDArray[np.uint8]) -> None:
        """`numbers` are CRC-32 of folded words, ascending; `bits` are their lists."""
        self.numbers, self.bits = numbers, bits

    def of(self, word: str) -> InLists:
        """Return the lists that hold a word, or one with the same checksum."""
        number = np.uint32(zlib.crc32(folded(word).encode("utf-8", "replace")))
        at = int(np.searchsorted(self.numbers, number))
        known = at < len(self.numbers) and self.numbers[at] == number
        return InLists(int(self.bits[at])) if known else InLists(0)
