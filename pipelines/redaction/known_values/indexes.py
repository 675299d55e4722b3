"""Where keys stand in the runs of many texts: exactly, or with a typing error or two.

Both indexes look at all runs at once through a gate, a table of bits that lets few of them pass,
and only then at each that passed. The number of keys hardly matters.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from pipelines.model.identity import SubjectRef
from pipelines.redaction.known_values.keys import Entry
from pipelines.redaction.known_values.runs import Flags, Numbers, Runs, Values

People = Callable[[Numbers], Sequence[Set[SubjectRef]]]
"""Says for runs whose keys may stand there."""

_FRONT = 6
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_GENITIVE = ord("s")
_LETTERS = bytes(set(range(256)) - set(b"0123456789"))

# A key of this many letters may differ by one typing error, or by two.
_ONE_ERROR = 8
_TWO_ERRORS = 10
# Words of up to three letters have no error; of longer ones two or three letters are looked up.
_EXACT_WORD = 3
_LONGER_WORD = 6
_LONG_WORD = 8
_LONGEST_INITIAL = 1
_OVER_INITIAL = 2


class _Gate:
    """A set of numbers that now and then says yes to another number."""

    def __init__(self, values: Iterable[int]) -> None:
        members = np.array(list(values), np.uint64)
        bits = max(16, int(64 * len(members)).bit_length())
        self._shift = np.uint64(64 - bits)
        self._passes = np.zeros(1 << bits, np.bool_)
        self._passes[self._slots(members)] = True
        self.is_empty = not len(members)

    def passes(self, values: Values) -> Flags:
        return self._passes[self._slots(values)]

    def _slots(self, values: Values) -> Numbers:
        return ((values * _MULTIPLIER) >> self._shift).astype(np.int64)


@dataclass(frozen=True)
class Exact:
    """Where a key stands.

    Attributes:
        first, last: its runs, half open.
        offset: where it starts in the letters: the start of a run, except in numbers.
        cut: letters of the last run that are not the key's: a genitive s.
    """

    first: int
    last: int
    offset: int
    cut: int
    entries: Sequence[Entry]


class ExactIndex:
    """Finds keys whose letters are those of whole runs, however many."""

    def __init__(self, entries: Mapping[bytes, Sequence[Entry]]) -> None:
        self._entries = entries
        self._longest: dict[bytes, int] = defaultdict(int)
        short = []
        for key in entries:
            if len(key) < _FRONT:
                short.append(int.from_bytes(key, "little"))
            else:
                front = key[:_FRONT]
                self._longest[front] = max(self._longest[front], len(key))
        self._fronts = _Gate(int.from_bytes(front, "little") for front in self._longest)
        self._short = _Gate(short)
        self._short_runs = max(
            (len(one.key.words) for key in entries if len(key) < _FRONT for one in entries[key]),
            default=0,
        )
        self.is_empty = not entries

    def find(
        self, runs: Runs, chosen: Numbers, offsets: Numbers | None = None, *, genitive: bool
    ) -> Iterator[Exact]:
        """Yield the keys that start at the `chosen` runs.

        Args:
            offsets: where in the letters to start instead: inside the chosen runs.
            genitive: whether an s may follow.
        """
        if not len(chosen) or self.is_empty:
            return
        if offsets is None:
            offsets = runs.offsets[chosen]
            yield from self._find_short(runs, chosen, genitive=genitive)
        if self._fronts.is_empty:
            return
        passing = np.flatnonzero(self._fronts.passes(runs.values(offsets, _FRONT)))
        for first, start in zip(chosen[passing].tolist(), offsets[passing].tolist(), strict=True):
            yield from self._find_from(runs, first, start, genitive=genitive)

    def _find_from(self, runs: Runs, first: int, start: int, *, genitive: bool) -> Iterator[Exact]:
        letters, edges, breaks = runs.letters, runs.edges, runs.ends_of_values
        longest = self._longest.get(letters[start : start + _FRONT])
        if longest is None:
            return
        last = first + 1
        while True:
            end = edges[last]
            size = end - start
            if size >= _FRONT:
                if entries := self._entries.get(letters[start:end]):
                    yield Exact(first, last, start, 0, entries)
                if (
                    genitive
                    and size > _FRONT
                    and letters[end - 1] == _GENITIVE
                    and edges[last - 1] < end - 1
                    and (entries := self._entries.get(letters[start : end - 1]))
                ):
                    yield Exact(first, last, start, 1, entries)
            if size > longest or breaks[last]:
                return
            last += 1

    def _find_short(self, runs: Runs, chosen: Numbers, *, genitive: bool) -> Iterator[Exact]:
        firsts = chosen
        for count in range(self._short_runs):
            if count:
                inside = firsts + count < len(runs)
                firsts = firsts[inside]
                firsts = firsts[~runs.apart[firsts + count]]
            starts = runs.offsets[firsts]
            sizes = runs.offsets[firsts + count + 1] - starts
            for cut in (0, 1) if genitive else (0,):
                fits = np.flatnonzero((sizes - cut < _FRONT) & (sizes > cut))
                if cut:
                    # The last run is not the s alone: the key would end before it.
                    lasts = firsts[fits] + count
                    ends = runs.values(runs.offsets[lasts + 1] - 1, 1) == _GENITIVE
                    fits = fits[ends & (runs.lengths[lasts] > 1)]
                values = runs.values(starts[fits], sizes[fits] - cut)
                passing = fits[self._short.passes(values)]
                for first, start, size in zip(
                    firsts[passing].tolist(),
                    starts[passing].tolist(),
                    sizes[passing].tolist(),
                    strict=True,
                ):
                    entries = self._entries.get(runs.letters[start : start + size - cut])
                    if entries:
                        yield Exact(first, first + count + 1, start, cut, entries)


@dataclass(frozen=True)
class Alike:
    """Where words stand that are a key's but for typing errors or an initial between them.

    Attributes:
        runs: the runs of the key's words.
        errors: how many letters differ.
        cut: letters of the last run that are not the key's: a genitive s.
    """

    runs: tuple[int, ...]
    errors: int
    cut: int
    entry: Entry


class _AlikeKey(NamedTuple):
    """The words of a key, the errors they may have, and how many letters the first may have."""

    words: tuple[bytes, ...]
    most: int
    least: int
    greatest: int
    entry: Entry


class AlikeIndex:
    """Finds keys of two or more words, and single long words, with typing errors.

    A word with one error still begins or ends as it should. Two words in a row are looked up
    by what each begins or ends with, and compared with the keys that share it.
    """

    def __init__(self, keys: Iterable[tuple[tuple[bytes, ...], Entry]]) -> None:
        self.keys = [
            _AlikeKey(words, most, *_sizes(words), entry)
            for words, entry in keys
            if (most := _most_errors(words))
        ]
        numbers: dict[int, list[int]] = defaultdict(list)
        for number, key in enumerate(self.keys):
            for signature in _signatures(key.words):
                numbers[signature].append(number)
        # Tuples of numbers, which the garbage collector does not go through again and again.
        self.numbers = {signature: tuple(some) for signature, some in numbers.items()}
        self.gate = _Gate(self.numbers)
        half = (1 << 32) - 1
        self._lefts = _Gate({signature & half for signature in numbers})
        self._rights = _Gate({signature >> 32 for signature in numbers})
        self.is_empty = not self.keys

    def find(self, runs: Runs, chosen: Numbers, people: People | None) -> Iterator[Alike]:
        """Yield the keys whose first word is one of the `chosen` runs; none that is exact.

        Args:
            people: whose keys are meant; everybody's if None.
        """
        if self.is_empty or not len(chosen):
            return
        lengths = runs.lengths
        sizes = np.where(lengths <= _EXACT_WORD, lengths, np.where(lengths < _LONGER_WORD, 2, 3))
        sorts = np.where(lengths <= _EXACT_WORD, 0, sizes).astype(np.uint64) << np.uint64(1)
        fronts = (runs.values(runs.offsets[:-1], sizes) << np.uint64(3)) | sorts
        backs = (
            (runs.values(runs.offsets[1:] - sizes, sizes) << np.uint64(3)) | sorts | np.uint64(1)
        )
        compare = _Comparison(runs, self, people)
        wanted = np.zeros(len(runs), np.bool_)
        wanted[chosen] = True
        may_follow = [(right, self._rights.passes(right)) for right in (fronts, backs)]
        initial = lengths <= _LONGEST_INITIAL
        for left in (fronts, backs):
            may_lead = wanted & self._lefts.passes(left)
            for right, follows in may_follow:
                for step in (1, _OVER_INITIAL):
                    both = may_lead[:-step] & follows[step:]
                    if step == _OVER_INITIAL:
                        both &= initial[1:-1]
                    firsts = np.flatnonzero(both)
                    values = left[firsts] | (right[firsts + step] << np.uint64(32))
                    yield from compare.find(firsts, values, step)

    def find_words(self, runs: Runs, chosen: Numbers, people: People | None) -> Iterator[Alike]:
        """Yield the keys of one word that are the `chosen` runs but for an error."""
        if self.is_empty or not len(chosen):
            return
        chosen = chosen[runs.lengths[chosen] > 4]
        compare = _Comparison(runs, self, people)
        starts, ends = runs.offsets[chosen], runs.offsets[chosen + 1]
        for values in (
            runs.values(starts, 3) << np.uint64(3),
            (runs.values(ends - 3, 3) << np.uint64(3)) | np.uint64(1),
        ):
            yield from compare.find(chosen, values, 0)


class _Comparison:
    """The words of a text beside the keys that share their beginnings or ends."""

    def __init__(self, runs: Runs, index: AlikeIndex, people: People | None) -> None:
        self._runs = runs
        self._index = index
        self._people = people
        self._seen: set[tuple[int, int]] = set()

    def find(self, firsts: Numbers, values: Values, step: int) -> Iterator[Alike]:
        """Yield what begins at `firsts` and goes on `step` runs later, by its signatures."""
        passing = np.flatnonzero(self._index.gate.passes(values))
        firsts = firsts[passing]
        people = self._people(firsts) if self._people else cycle((None,))
        sizes = self._runs.sizes
        for first, value, mine in zip(
            firsts.tolist(), values[passing].tolist(), people, strict=False
        ):
            for number in self._index.numbers.get(value, ()):
                key = self._index.keys[number]
                if not key.least <= sizes[first] <= key.greatest:
                    continue
                if mine is not None and key.entry.subject not in mine:
                    continue
                if (place := (first, number)) not in self._seen:
                    self._seen.add(place)
                    if found := self._aligned(first, step, key):
                        yield Alike(*found, key.entry)

    def _aligned(
        self, first: int, step: int, key: _AlikeKey
    ) -> tuple[tuple[int, ...], int, int] | None:
        """Return the runs of a key's words, the errors and the cut; None if they are not alike."""
        runs, words = self._runs, key.words
        letters, edges, breaks = runs.letters, runs.edges, runs.breaks
        taken = (
            range(first + step - 1, first + step - 1 + len(words))
            if step
            else range(first, first + 1)
        )
        if taken[-1] >= len(runs) or any(breaks[run] for run in range(first + 1, taken[-1] + 1)):
            return None
        errors = cut = 0
        for number, word in enumerate(words):
            run = taken[number] if number else first
            said = letters[edges[run] : edges[run + 1]]
            if said == word:
                continue
            wrong = _errors(said, word)
            if number == len(words) - 1 and said[-1:] == b"s":
                short = _errors(said[:-1], word)
                if short < wrong:
                    wrong, cut = short, 1
            errors += wrong
            if errors > key.most:
                return None
        if errors == 0 and step != _OVER_INITIAL:
            return None
        return (first, *taken[1:]), errors, cut


def _most_errors(words: tuple[bytes, ...]) -> int:
    letters = sum(map(len, words))
    return 2 if letters >= _TWO_ERRORS else 1 if letters >= _ONE_ERROR else 0


def _most_in(word: bytes) -> int:
    return 0 if len(word) <= _EXACT_WORD else 2 if len(word) >= _LONG_WORD else 1


def _sizes(words: tuple[bytes, ...]) -> tuple[int, int]:
    """Return the fewest and the most letters of the first word; an s may follow the only one."""
    size, most = len(words[0]), _most_in(words[0])
    return size - most, size + most + (len(words) == 1)


def _errors(said: bytes, word: bytes) -> int:
    """Return the typing errors in a word; many if it is another word."""
    if said == word:
        return 0
    many = 99
    most = _most_in(word)
    if most == 0 or abs(len(said) - len(word)) > most:
        return many
    distance = OSA.distance(said, word, score_cutoff=most)
    if distance > most or said.translate(None, _LETTERS) != word.translate(None, _LETTERS):
        return many
    return distance


def _signatures(words: tuple[bytes, ...]) -> set[int]:
    if len(words) == 1:
        (word,) = words
        return {_value(word[:3], 0), _value(word[-3:], 1)} if len(word) > 4 else set()
    left, right = (_ends(word) for word in words[:2])
    return {one | other << 32 for one in left for other in right}


def _ends(word: bytes) -> set[int]:
    """Return what a word begins and ends with, as it should be and after one error."""
    if len(word) <= _EXACT_WORD:
        return {_value(word, 0), _value(word, 1)}
    forms = {word}
    if len(word) in (4, 6):
        # Two letters changed round in the middle leave neither half whole.
        middle = len(word) // 2
        left, right = word[:middle], word[middle:]
        forms.add(left[:-1] + right[:1] + left[-1:] + right[1:])
    found: set[int] = set()
    for size in {2 if len(word) + more < _LONGER_WORD else 3 for more in (-1, 0, 1)}:
        for form in forms:
            found |= {_value(form[:size], 0, size), _value(form[-size:], 1, size)}
    if len(word) == _EXACT_WORD + 1:
        for index in range(len(word)):
            rest = word[:index] + word[index + 1 :]
            found |= {_value(rest, 0), _value(rest, 1)}
    return found


def _value(piece: bytes, end: int, size: int = 0) -> int:
    """Return a piece as a number, with the end where it stands and its size if it is no word."""
    return int.from_bytes(piece, "little") << 3 | size << 1 | end
