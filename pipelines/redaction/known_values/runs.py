"""Many texts as arrays: folded, cut into runs of letters and digits, with the way back.

A run is a word, or a group of digits. The letters of all runs stand in one row without what
parts them, so that a value is one slice from the start of a run to the end of another, however
it was spaced. All of it is NumPy on whole batches; nothing here looks at one character at a time.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipelines.redaction.folding import fold

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]
Values = NDArray[np.uint64]
Flags = NDArray[np.bool_]

# Between two words that may belong together: blanks, quote marks of a reply and a few signs.
_MOST_SIGNS = 3
_MOST_BETWEEN_DIGITS = 4
_FAR = 8
_SIGN = 1

_ASCII = [chr(code) for code in range(128)]
_WORD = bytes(sign.isalnum() for sign in _ASCII) + bytes([1]) * 128
_DIGIT = bytes(sign.isdigit() for sign in _ASCII) + bytes(128)
_SIGNS = bytes(
    0 if sign.isalnum() or sign.isspace() or sign in ">|" else _FAR if sign in '!?;:"\0' else _SIGN
    for sign in _ASCII
) + bytes(128)
# In a value as it was given any of them may stand.
_ANY_SIGNS = bytes([_FAR]) + bytes(min(weight, _SIGN) for weight in _SIGNS[1:])
# Between the digits of a number: no letter, no double quote, not many other signs.
_BETWEEN_DIGITS = np.array(
    [not sign.isalnum() and sign not in '"\0' for sign in _ASCII] + [False] * 128
)


class _FoldTable:
    """The folded bytes of every character seen so far: UTF-8 for letters, one byte for a sign.

    It holds at most one entry for each character of Unicode.
    """

    def __init__(self) -> None:
        self._starts = np.zeros(0x110000, np.int32)
        self._lengths = np.zeros(0x110000, np.uint8)
        self._known = np.zeros(0x110000, np.bool_)
        self._bytes = np.zeros(1 << 12, np.uint8)
        self._used = 0
        self._learn(range(128))

    def fold(self, text: str) -> tuple[Bytes, Numbers]:
        """Return the folded bytes of a text, and where the character of each byte stands."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        if not (known := self._known[codes]).all():
            self._learn(np.unique(codes[~known]).tolist())
        lengths = self._lengths[codes]
        places = np.repeat(np.arange(len(codes)), lengths)
        firsts = np.cumsum(lengths, dtype=np.int64) - lengths
        starts = self._starts[codes] - firsts
        return self._bytes[np.arange(len(places)) + starts[places]], places

    def _learn(self, codes: Sequence[int]) -> None:
        for code in codes:
            folded = b"".join(map(_bytes_of, _folded(chr(code))))
            end = self._used + len(folded)
            if end > len(self._bytes):
                self._bytes = np.concatenate([self._bytes, np.zeros_like(self._bytes)])
            self._bytes[self._used : end] = bytearray(folded)
            self._starts[code] = self._used
            self._lengths[code] = len(folded)
            self._known[code] = True
            self._used = end


def _folded(character: str) -> str:
    return character.lower() if character.isascii() else fold(character)[:64]


def _bytes_of(character: str) -> bytes:
    if character.isascii() or character.isalnum():
        return character.encode()
    return b" " if character.isspace() else b"#"


_TABLE = _FoldTable()


@dataclass(frozen=True)
class Runs:
    """The runs of many texts.

    Attributes:
        letters: of all runs, one after the other.
        offsets: where each run starts in `letters`; one more than there are runs.
        starts, ends: where each run stands in the folded bytes.
        apart: whether a run cannot belong to the same value as the run before it.
        parted: the same for a value that has whatever signs between its words.
    """

    letters: bytes
    offsets: Numbers
    starts: Numbers
    ends: Numbers
    apart: Flags
    parted: Flags

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def lengths(self) -> Numbers:
        """How many letters each run has."""
        return np.diff(self.offsets)

    def values(self, offsets: Numbers, counts: "Numbers | int") -> Values:
        """Return 1 to 8 letters at each offset as a number; the first letter weighs least."""
        found: Values = self._windows[offsets] & _MASKS[counts]
        return found

    @cached_property
    def _windows(self) -> Values:
        padded = np.frombuffer(self.letters + bytes(8), np.uint8)
        return np.ndarray((len(padded) - 7,), "<u8", padded.data, 0, (1,)).astype(np.uint64)

    @cached_property
    def edges(self) -> memoryview:
        """The offsets for loops over a few of them."""
        return self.offsets.data

    @cached_property
    def sizes(self) -> memoryview:
        """The lengths for loops over a few of them."""
        return self.lengths.data

    @cached_property
    def breaks(self) -> memoryview:
        """`apart` for loops, ending with one True more."""
        return np.append(self.apart, np.True_).data

    @cached_property
    def ends_of_values(self) -> memoryview:
        """`parted` for loops, ending with one True more."""
        return np.append(self.parted, np.True_).data


_MASKS = np.array([(1 << (8 * count)) - 1 for count in range(9)], np.uint64)


class Batch:
    """Texts joined and folded.

    Attributes:
        texts: what was given.
        folded: the bytes of all of them; a zero byte ends each.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        joined = "\0".join(texts) + "\0"
        self._joined = joined
        self._places: Numbers | None = None
        if joined.isascii():
            self.folded = np.frombuffer(joined.lower().encode(), np.uint8)
        else:
            self.folded, self._places = _TABLE.fold(joined)
        self.bytes = self.folded.tobytes()
        lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])

    def texts_with(self, beyond_ascii: re.Pattern[str]) -> list[int]:
        """Return the numbers of the texts in which a pattern stands that ASCII has none of."""
        if self._places is None:
            return []
        places = [match.start() for match in beyond_ascii.finditer(self._joined)]
        return [int(number) for number in np.searchsorted(self._starts, places, "right") - 1]

    @cached_property
    def words(self) -> Runs:
        """The words."""
        letters, offsets, starts, ends = self._runs(_WORD)
        apart, parted = np.ones(len(starts), np.bool_), np.ones(len(starts), np.bool_)
        if len(starts) > 1:
            for flags, weights in ((apart, _SIGNS), (parted, _ANY_SIGNS)):
                signs = np.frombuffer(self.bytes.translate(weights), np.uint8)
                # Differences are right whatever overflows, and this is far faster than 64 bits.
                sums = signs.cumsum(dtype=np.int32)
                flags[1:] = sums[starts[1:] - 1] - sums[ends[:-1] - 1] > _MOST_SIGNS
        return Runs(letters, offsets, starts, ends, apart, parted)

    @cached_property
    def numbers(self) -> Runs:
        """The groups of digits."""
        letters, offsets, starts, ends = self._runs(_DIGIT)
        apart = np.ones(len(starts), np.bool_)
        if len(starts) > 1:
            between = starts[1:] - ends[:-1]
            near = np.flatnonzero(between <= _MOST_BETWEEN_DIGITS)
            joined = np.ones(len(near), np.bool_)
            for place in range(_MOST_BETWEEN_DIGITS):
                inside = between[near] > place
                signs = _BETWEEN_DIGITS[self.folded[ends[near[inside]] + place]]
                joined[inside] &= signs
            apart[near[joined] + 1] = False
        return Runs(letters, offsets, starts, ends, apart, apart)

    def _runs(self, members: bytes) -> tuple[bytes, Numbers, Numbers, Numbers]:
        inside = np.frombuffer(self.bytes.translate(members), np.bool_)
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        if inside[0]:
            edges = np.concatenate([np.zeros(1, np.int64), edges])
        # The last byte is zero, so that every run ends.
        starts, ends = edges[::2], edges[1::2]
        offsets = np.zeros(len(starts) + 1, np.int64)
        np.cumsum(ends - starts, out=offsets[1:])
        return np.compress(inside, self.folded).tobytes(), offsets, starts, ends

    def text_of(self, positions: Numbers) -> Numbers:
        """Return the number of the text in which each folded byte stands."""
        places = positions if self._places is None else self._places[positions]
        return np.searchsorted(self._starts, places, "right") - 1

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """Return the text of the folded bytes from `start` to `end`, and where they stand in it."""
        if self._places is not None:
            start, last = int(self._places[start]), int(self._places[end - 1])
            end = last + 1
        text = bisect_right(self._start_list, start) - 1
        first = self._start_list[text]
        return text, start - first, end - first

    @cached_property
    def _start_list(self) -> list[int]:
        result: list[int] = self._starts.tolist()
        return result
