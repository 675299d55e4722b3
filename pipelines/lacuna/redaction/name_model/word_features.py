"""What the finder of names sees of a word: its pieces, hashes of its letters, and flags."""

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lacuna.redaction.name_model.listed_words import InLists, WordLists
from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.text_words import SHAPES, Gap, folded, shape

__all__ = ["FLAGS", "HASHED", "LISTED_AT", "MOST_PIECES", "WordTable"]

MOST_PIECES = 6
# The tables of hashed letters, with their rows: the folded word twice, its ends, its start.
HASHED = (32768, 32768, 8192, 8192, 8192)
LISTED_AT = SHAPES + len(Gap)
_LENGTHS = (3, 5, 9)
_LONGEST = 64
_LISTS = tuple(int(one) for one in InLists)
FLAGS = LISTED_AT + len(InLists) + len(_LENGTHS) + 1

Features = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float32]]
_Item = TypeVar("_Item", bound=np.generic)


class WordTable:
    """The words seen so far, with their features; row 0 is no word."""

    def __init__(self, pieces: Pieces, lists: WordLists, none: int) -> None:
        """`none` is the piece that is no piece."""
        self._pieces, self._lists, self._none = pieces, lists, none
        self._row: dict[tuple[str, Gap], int] = {}
        self.size = 1
        self._arrays = (
            np.full((1024, MOST_PIECES), none, np.int32),
            np.zeros((1024, len(HASHED)), np.int32),
            np.zeros((1024, FLAGS), np.float32),
        )

    def rows(self, words: Sequence[str], gaps: Sequence[Gap]) -> list[int]:
        """Return the words' rows; new words are added."""
        # A longer word counts as its beginning, so that what is remembered is bounded.
        keys = zip((word[:_LONGEST] for word in words), gaps, strict=True)
        return [self._row.get(key) or self._add(*key) for key in keys]

    def clear(self) -> None:
        """Forget all words."""
        self._row.clear()
        self.size = 1

    def features(self, rows: npt.NDArray[np.int64]) -> Features:
        """Return the pieces, the hashes and the flags of some rows."""
        pieces, hashed, flags = self._arrays
        return pieces[rows], hashed[rows], flags[rows]

    def _add(self, word: str, gap: Gap) -> int:
        row = self.size
        if row == len(self._arrays[0]):
            pieces, hashed, listed = self._arrays
            self._arrays = _doubled(pieces), _doubled(hashed), _doubled(listed)
        numbers, hashed, flags = self._arrays
        cut = self._pieces.cut(word, begins=gap > 0)
        if len(cut) > MOST_PIECES:
            cut = cut[: MOST_PIECES - 2] + cut[-2:]
        numbers[row] = self._none
        numbers[row, : len(cut)] = cut
        hashed[row] = _hashes(word)
        flags[row] = _flags(word, gap, self._lists)
        self._row[word, gap] = row
        self.size += 1
        return row


def _doubled(array: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
    return np.concatenate([array, array])


def _hashes(word: str) -> list[int]:
    low = folded(word) or word
    keys = (low, "2" + low, low[-3:], low[-4:], low[:3])
    return [
        zlib.crc32(key.encode("utf-8", "replace")) % rows
        for key, rows in zip(keys, HASHED, strict=True)
    ]


def _flags(word: str, gap: Gap, lists: WordLists) -> npt.NDArray[np.float32]:
    found = np.zeros(FLAGS, np.float32)
    found[[shape(word), SHAPES + gap]] = 1
    listed = int(lists.of(word))
    for number, bit in enumerate(_LISTS):
        found[LISTED_AT + number] = listed & bit > 0
    found[LISTED_AT + len(InLists) + sum(len(word) >= limit for limit in _LENGTHS)] = 1
    return found
