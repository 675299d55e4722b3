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

from lacuna.redaction.folding import fold

Bytes = NDArray[np.uint8]
TextPositions = NDArray[np.int64]
HashValues = NDArray[np.uint64]
CharacterFlags = NDArray[np.bool_]
Codes = NDArray[np.uint32]

# Words of up to three letters have no typing error; of longer ones two or three letters are looked up.
EXACT_WORD = 3
LONGER_WORD = 6
# Between two words that may belong together: blanks, quote marks of a reply and a few separators.
_MOST_SEPARATORS = 3
_MOST_BETWEEN_DIGITS = 4
_FAR = 8
_NEAR = 1

_ASCII = [chr(code) for code in range(128)]
_WEIGHTS = bytes(
    0
    if character.isalnum() or character.isspace() or character in ">|"
    else _FAR
    if character in '!?;:"\0'
    else _NEAR
    for character in _ASCII
) + bytes(128)
# In a value as it was given any of them may stand.
_ANY_WEIGHTS = bytes([_FAR]) + bytes(min(weight, _NEAR) for weight in _WEIGHTS[1:])
# Between the digits of a number: no letter, no double quote, not many other characters.
_BETWEEN_DIGITS = np.array(
    [not character.isalnum() and character not in '"\0' for character in _ASCII] + [False] * 128
)


class _RunFoldTable:
    """The folded bytes of every character beyond ASCII seen so far: UTF-8 for letters, one byte for any other.

    It holds at most one entry for each character of Unicode.
    """

    def __init__(self) -> None:
        self._starts = np.zeros(0x110000, np.int32)
        self._lengths = np.zeros(0x110000, np.uint8)
        self._known = np.zeros(0x110000, np.bool_)
        self._bytes = np.zeros(1 << 12, np.uint8)
        self._used = 0

    def fold(self, text: str) -> tuple[Bytes, TextPositions, TextPositions, Codes]:
        """Return the folded bytes of a text, and where the character of each byte stands.

        Then where the characters stand that are not of ASCII, and which they are.
        """
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        beyond = np.flatnonzero(codes > 127)
        others = codes[beyond]
        if not (known := self._known[others]).all():
            self._learn(np.unique(others[~known]).tolist())
        lengths = np.ones(len(codes), np.int64)
        lengths[beyond] = counts = self._lengths[others].astype(np.int64)
        places = np.repeat(np.arange(len(codes)), lengths)
        result = np.frombuffer(text.encode("ascii", "replace").lower(), np.uint8)[places]
        # Where the bytes of each of them go, and where they are in the table.
        firsts = np.cumsum(lengths)[beyond] - counts
        which = np.repeat(np.arange(len(beyond)), counts)
        nth = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        result[firsts[which] + nth] = self._bytes[self._starts[others][which] + nth]
        return result, places, beyond, others

    def _learn(self, codes: Sequence[int]) -> None:
        for code in codes:
            folded = b"".join(map(_bytes_of, fold(chr(code))[:64]))
            end = self._used + len(folded)
            if end > len(self._bytes):
                self._bytes = np.concatenate([self._bytes, np.zeros_like(self._bytes)])
            self._bytes[self._used : end] = bytearray(folded)
            self._starts[code] = self._used
            self._lengths[code] = len(folded)
            self._known[code] = True
            self._used = end


def _bytes_of(character: str) -> bytes:
    if character.isascii() or character.isalnum():
        return character.encode()
    return b" " if character.isspace() else b"#"


_TABLE = _RunFoldTable()


def is_word(folded: Bytes) -> CharacterFlags:
    """Return which folded bytes are of letters or digits."""
    return np.asarray(is_digit(folded) | is_letter(folded))


def is_letter(folded: Bytes) -> CharacterFlags:
    """Return which folded bytes are of letters."""
    return np.asarray((folded - _SMALL_A < _LETTERS) | (folded > _LAST_OF_ASCII))


def is_digit(folded: Bytes) -> CharacterFlags:
    """Return which folded bytes are digits."""
    return np.asarray(folded - _ZERO < _DIGITS)


# Below its first one a byte comes out far above: one comparison says what two would.
_SMALL_A, _LETTERS, _ZERO, _DIGITS = (np.uint8(number) for number in (97, 26, 48, 10))
_LAST_OF_ASCII = np.uint8(127)


@dataclass(frozen=True)
class Runs:
    """The runs of many texts.

    Attributes:
        letters: of all runs, one after the other.
        offsets: where each run starts in `letters`; one more than there are runs.
        starts, ends: where each run stands in the folded bytes.
        apart: whether a run cannot belong to the same value as the run before it.
        folded: the bytes, if a value that has whatever separators between its words may go on farther.
    """

    letters: bytes
    offsets: TextPositions
    starts: TextPositions
    ends: TextPositions
    apart: CharacterFlags
    folded: bytes | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def lengths(self) -> TextPositions:
        """How many letters each run has."""
        return np.diff(self.offsets)

    def values(self, offsets: TextPositions, counts: "TextPositions | int") -> HashValues:
        """Return 1 to 8 letters at each offset as a number; the first letter weighs least."""
        found: HashValues = self._windows[offsets] & MASKS[counts]
        return found

    @cached_property
    def _windows(self) -> HashValues:
        padded = np.frombuffer(self.letters + bytes(8), np.uint8)
        return np.ndarray((len(padded) - 7,), "<u8", padded.data, 0, (1,)).astype(np.uint64)

    @cached_property
    def beginnings(self) -> HashValues:
        """The first letters of each run, and of what follows it, 8 in all."""
        found: HashValues = self._windows[self.offsets[:-1]]
        return found

    @cached_property
    def ends_of_words(self) -> tuple[HashValues, HashValues]:
        """What each word begins and ends with: all of a short one, else two letters or three.

        Three bits say how many, none for a whole word, and which of the two it is.
        """
        lengths = np.minimum(self.lengths, LONGER_WORD)
        sorts, masks = _SORTS_OF_ENDS[lengths], _MASKS_OF_ENDS[lengths]
        lasts = self._windows[self.offsets[1:] - _SIZES_OF_ENDS[lengths]]
        three = np.uint64(3)
        return (
            ((self.beginnings & masks) << three) | sorts,
            ((lasts & masks) << three) | sorts | np.uint64(1),
        )

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

    def ends_value(self, run: int) -> bool:
        """Whether no value goes on to a run, whatever separators it has between its words."""
        if self.folded is None or run == len(self):
            return bool(self.breaks[run])
        between = self.folded[self.bounds[1][run - 1] : self.bounds[0][run]]
        return between != b" " and sum(between.translate(_ANY_WEIGHTS)) > _MOST_SEPARATORS

    @cached_property
    def bounds(self) -> tuple[memoryview, memoryview]:
        """`starts` and `ends` for loops over a few of them."""
        return self.starts.data, self.ends.data


MASKS = np.array([(1 << (8 * count)) - 1 for count in range(9)], np.uint64)
_SIZES_OF_ENDS = np.array(
    [
        length if length <= EXACT_WORD else 2 if length < LONGER_WORD else 3
        for length in range(LONGER_WORD + 1)
    ],
    np.int64,
)
_MASKS_OF_ENDS = MASKS[_SIZES_OF_ENDS]
_SORTS_OF_ENDS = np.where(np.arange(LONGER_WORD + 1) <= EXACT_WORD, 0, _SIZES_OF_ENDS * 2).astype(
    np.uint64
)


class TextBatch:
    """Texts joined and folded.

    Attributes:
        texts: what was given.
        folded: the bytes of all of them; a zero byte ends each.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        joined = "\0".join(texts) + "\0"
        self._joined = joined
        self._places: TextPositions | None = None
        self._beyond, self._codes = np.zeros(0, np.int64), np.zeros(0, np.uint32)
        if joined.isascii():
            self.folded = np.frombuffer(joined.lower().encode(), np.uint8)
        else:
            self.folded, self._places, self._beyond, self._codes = _TABLE.fold(joined)
        self.bytes = self.folded.tobytes()
        lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])

    def texts_with(self, firsts: range, beyond_ascii: re.Pattern[str]) -> list[int]:
        """Return the numbers of the texts in which a pattern stands.

        Args:
            firsts: the characters with which it begins.
            beyond_ascii: matches two characters or more that ASCII has none of.
        """
        if not len(self._beyond):
            return []
        first, codes = self._beyond[:-1], self._codes[:-1]
        may_be = (codes >= firsts.start) & (codes < firsts.stop) & (self._beyond[1:] == first + 1)
        places = [at for at in first[may_be].tolist() if beyond_ascii.match(self._joined, at)]
        return [int(number) for number in np.searchsorted(self._starts, places, "right") - 1]

    @cached_property
    def words(self) -> Runs:
        """The words."""
        letters, offsets, starts, ends = self._runs(is_word(self.folded))
        apart = np.ones(len(starts), np.bool_)
        if len(starts) > 1:
            weights = np.frombuffer(self.bytes.translate(_WEIGHTS), np.uint8)
            # Differences are right whatever overflows, and this is far faster than 64 bits.
            sums = weights.cumsum(dtype=np.int32)
            apart[1:] = sums[starts[1:] - 1] - sums[ends[:-1] - 1] > _MOST_SEPARATORS
        return Runs(letters, offsets, starts, ends, apart, self.bytes)

    @cached_property
    def numbers(self) -> Runs:
        """The groups of digits."""
        letters, offsets, starts, ends = self._runs(is_digit(self.folded))
        apart = np.ones(len(starts), np.bool_)
        if len(starts) > 1:
            between = starts[1:] - ends[:-1]
            near = np.flatnonzero(between <= _MOST_BETWEEN_DIGITS)
            joined = np.ones(len(near), np.bool_)
            for place in range(_MOST_BETWEEN_DIGITS):
                inside = between[near] > place
                fits = _BETWEEN_DIGITS[self.folded[ends[near[inside]] + place]]
                joined[inside] &= fits
            apart[near[joined] + 1] = False
        return Runs(letters, offsets, starts, ends, apart)

    def _runs(
        self, inside: CharacterFlags
    ) -> tuple[bytes, TextPositions, TextPositions, TextPositions]:
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        if inside[0]:
            edges = np.concatenate([np.zeros(1, np.int64), edges])
        # The last byte is zero, so that every run ends.
        starts, ends = edges[::2], edges[1::2]
        offsets = np.zeros(len(starts) + 1, np.int64)
        np.cumsum(ends - starts, out=offsets[1:])
        return np.compress(inside, self.folded).tobytes(), offsets, starts, ends

    def text_of(self, positions: TextPositions) -> TextPositions:
        """Return the number of the text in which each folded byte stands."""
        places = positions if self._places is None else self._places[positions]
        return np.searchsorted(self._starts, places, "right") - 1

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """Return the text of the folded bytes from `start` to `end`, and where they stand in it."""
        text, ((first, last),) = self.places([(start, end)])
        return text, first, last

    def places(self, ranges: Sequence[tuple[int, int]]) -> tuple[int, list[tuple[int, int]]]:
        """Return the text of some ranges of its folded bytes, and where they stand in it."""
        if (places := self._places) is not None:
            ranges = [(int(places[start]), int(places[end - 1]) + 1) for start, end in ranges]
        text = bisect_right(self._start_list, ranges[0][0]) - 1
        first = self._start_list[text]
        return text, [(start - first, end - first) for start, end in ranges]

    @cached_property
    def _start_list(self) -> list[int]:
        result: list[int] = self._starts.tolist()
        return result
