"""Where keys stand in the runs of many texts: exactly, or with a typing error or two.

Both indexes look at all runs at once through sieves, tables that let few of them pass, and only then
at each that passed; the number of keys hardly matters. The order of the filters, the cheapest first:

- exact, short keys: the first two letters, then the letters of one run, two, and so on;
- exact, longer keys: the first 8 letters (6 of keys that have no more), the lengths that keys with
  this beginning have, then the letters themselves;
- alike: whether a word begins or ends as a first word of a key does, and the next as a second; the
  two together; how long the words are; then each word, letter by letter; last what parts them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from itertools import cycle
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from lacuna.model.identity import SubjectRef
from lacuna.redaction.known_values.text_runs import (
    EXACT_WORD,
    LONGER_WORD,
    MASKS,
    Bytes,
    CharacterFlags,
    HashValues,
    Runs,
    TextPositions,
)
from lacuna.redaction.known_values.value_spellings import KeyEntry

PeopleOf = Callable[[TextPositions], Sequence[Set[SubjectRef]]]
"""Says for runs whose keys may stand there."""

_FRONT = 6
_LONG_FRONT = 8
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_GENITIVE = ord("s")
_LETTERS = bytes(set(range(256)) - set(b"0123456789"))

# A key of this many letters may differ by one typing error, or by two.
_ONE_ERROR = 8
_TWO_ERRORS = 10
_LONG_WORD = 8
_LONGEST_INITIAL = 1
_OVER_INITIAL = 2


class _Sieve:
    """A set of numbers that now and then says yes to another number."""

    def __init__(self, values: Iterable[int]) -> None:
        members = np.array(list(values), np.uint64)
        bits = max(16, int(64 * len(members)).bit_length())
        self._shift = np.uint64(64 - bits)
        self._passes = np.zeros(1 << bits, np.bool_)
        self._passes[_slots(members, self._shift)] = True
        self.is_empty = not len(members)

    def passes(self, values: HashValues) -> CharacterFlags:
        return self._passes[_slots(values, self._shift)]


def _slots(values: HashValues, shift: np.uint64) -> TextPositions:
    return ((values * _MULTIPLIER) >> shift).view(np.int64)


_LEADS, _FOLLOWS = np.uint8(1), np.uint8(2)


class _Sides:
    """What the first words of keys begin or end with, and what the second, as a sieve says it."""

    def __init__(self, leading: Iterable[int], following: Iterable[int]) -> None:
        firsts, seconds = (np.array(list(some), np.uint64) for some in (leading, following))
        bits = max(16, int(8 * (len(firsts) + len(seconds))).bit_length())
        self._shift = np.uint64(64 - bits)
        self._table = np.zeros(1 << bits, np.uint8)
        for members, side in ((firsts, _LEADS), (seconds, _FOLLOWS)):
            self._table[_slots(members, self._shift)] |= side

    def of(self, values: HashValues) -> Bytes:
        """Return for each number whether it may be one of either, or of both."""
        return self._table[_slots(values, self._shift)]


class Exact(NamedTuple):
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
    entries: Sequence[KeyEntry]


class ExactIndex:
    """Finds keys whose letters are those of whole runs, however many."""

    def __init__(self, entries: Mapping[bytes, Sequence[KeyEntry]]) -> None:
        self._entries = entries
        # Of each front how long its keys are: bit n says that one has n letters.
        self._lengths: dict[bytes, int] = defaultdict(int)
        short = []
        for key in entries:
            if len(key) < _FRONT:
                short.append(int.from_bytes(key, "little"))
            else:
                self._lengths[key[:_FRONT]] |= 1 << len(key)
        # The longer the front that is asked for, the fewer everyday words begin like it.
        self._fronts = _Sieve(
            int.from_bytes(key[:_FRONT], "little")
            for key in entries
            if _FRONT <= len(key) < _LONG_FRONT
        )
        self._long_fronts = _Sieve(
            {
                int.from_bytes(key[:_LONG_FRONT], "little")
                for key in entries
                if len(key) >= _LONG_FRONT
            }
        )
        self._short = _Sieve(short)
        # By their first two letters, of which few runs begin like one.
        self._pairs = np.zeros(1 << 16, np.bool_)
        for value in short:
            self._pairs[slice(value, None, 256) if value < 256 else value & 0xFFFF] = True
        self._short_runs = max(
            (len(one.key.words) for key in entries if len(key) < _FRONT for one in entries[key]),
            default=0,
        )
        self.is_empty = not entries

    def find(
        self,
        runs: Runs,
        chosen: TextPositions,
        offsets: TextPositions | None = None,
        *,
        genitive: bool,
    ) -> Iterator[Exact]:
        """Yield the keys that start at the `chosen` runs.

        Args:
            offsets: where in the letters to start instead: inside the chosen runs.
            genitive: whether an s may follow.
        """
        if not len(chosen) or self.is_empty:
            return
        if offsets is None:
            letters = runs.beginnings[chosen]
            offsets = runs.offsets[chosen]
            yield from self._find_short(runs, chosen, letters, genitive=genitive)
        else:
            letters = runs.values(offsets, _LONG_FRONT)
        begins = self._long_fronts.passes(letters)
        if not self._fronts.is_empty:
            begins |= self._fronts.passes(letters & MASKS[_FRONT])
        passing = np.flatnonzero(begins)
        for first, start in zip(chosen[passing].tolist(), offsets[passing].tolist(), strict=True):
            yield from self._find_from(runs, first, start, genitive=genitive)

    def _find_from(self, runs: Runs, first: int, start: int, *, genitive: bool) -> Iterator[Exact]:
        letters, edges = runs.letters, runs.edges
        lengths = self._lengths.get(letters[start : start + _FRONT], 0)
        last = first
        while True:
            last += 1
            end = edges[last]
            fitting = lengths >> (end - start - 1)
            if fitting & 2 and (entries := self._entries.get(letters[start:end])):
                yield Exact(first, last, start, 0, entries)
            if (
                genitive
                and fitting & 1
                and letters[end - 1] == _GENITIVE
                and edges[last - 1] < end - 1
                and (entries := self._entries.get(letters[start : end - 1]))
            ):
                yield Exact(first, last, start, 1, entries)
            if fitting <= 1 or runs.ends_value(last):
                return

    def _find_short(
        self, runs: Runs, chosen: TextPositions, letters: HashValues, *, genitive: bool
    ) -> Iterator[Exact]:
        """Yield the keys that are shorter than a front; `letters` begin at the chosen runs."""
        begun = self._pairs[(letters & MASKS[2]).view(np.int64)]
        firsts, letters = chosen[begun], letters[begun]
        for count in range(self._short_runs):
            if count:
                inside = firsts + count < len(runs)
                firsts, letters = firsts[inside], letters[inside]
                near = ~runs.apart[firsts + count]
                firsts, letters = firsts[near], letters[near]
            sizes = runs.offsets[firsts + count + 1] - runs.offsets[firsts]
            for cut in (0, 1) if genitive else (0,):
                fits = np.flatnonzero((sizes - cut < _FRONT) & (sizes > cut))
                if cut:
                    # The last run is not the s alone: the key would end before it.
                    lasts = firsts[fits] + count
                    ends = runs.values(runs.offsets[lasts + 1] - 1, 1) == _GENITIVE
                    fits = fits[ends & (runs.lengths[lasts] > 1)]
                passing = fits[self._short.passes(letters[fits] & MASKS[sizes[fits] - cut])]
                for first, size in zip(
                    firsts[passing].tolist(), sizes[passing].tolist(), strict=True
                ):
                    start = runs.edges[first]
                    entries = self._entries.get(runs.letters[start : start + size - cut])
                    if entries:
                        yield Exact(first, first + count + 1, start, cut, entries)


class Alike(NamedTuple):
    """Where words stand that are a key's but for typing errors or an initial between them.

    Attributes:
        runs: the runs of the key's words.
        errors: how many letters differ.
        cut: letters of the last run that are not the key's: a genitive s.
    """

    runs: tuple[int, ...]
    errors: int
    cut: int
    entry: KeyEntry


class _AlikeKey(NamedTuple):
    """The words of a key, the errors they may have, how many letters each of the first two may."""

    words: tuple[bytes, ...]
    most: int
    first: range
    second: range
    entry: KeyEntry


class AlikeIndex:
    """Finds keys of two or more words, and single long words, with typing errors.

    A word with one error still begins or ends as it should. Two words in a row are looked up
    by what each begins or ends with, and compared with the keys that share it.
    """

    def __init__(self, keys: Iterable[tuple[tuple[bytes, ...], KeyEntry]]) -> None:
        self.keys = [
            _AlikeKey(words, most, _sizes(words, 0), _sizes(words, 1), entry)
            for words, entry in keys
            if (most := _most_errors(words))
        ]
        numbers: dict[int, list[int]] = defaultdict(list)
        for number, key in enumerate(self.keys):
            for signature in _signatures(key.words):
                numbers[signature].append(number)
        # Tuples of numbers, which the garbage collector does not go through again and again.
        self._numbers = {signature: tuple(some) for signature, some in numbers.items()}
        self.sieve = _Sieve(self._numbers)
        half = (1 << 32) - 1
        self._sides = _Sides(
            {signature & half for signature in numbers}, {signature >> 32 for signature in numbers}
        )
        self.is_empty = not self.keys

    def find(self, runs: Runs, chosen: TextPositions, people: PeopleOf | None) -> Iterator[Alike]:
        """Yield the keys whose first word is one of the `chosen` runs; none that is exact.

        Args:
            people: whose keys are meant; everybody's if None.
        """
        if self.is_empty or not len(chosen):
            return
        ends = runs.ends_of_words
        sides = [self._sides.of(one) for one in ends]
        either = sides[0] | sides[1]
        may_lead = np.zeros(len(runs), np.bool_)
        may_lead[chosen] = either[chosen] & _LEADS > 0
        may_follow = either & _FOLLOWS > 0
        near = ~runs.apart
        compare = _WordComparison(runs, self, people)
        for step in (1, _OVER_INITIAL):
            pairs = may_lead[:-step] & may_follow[step:] & near[step:]
            if step == _OVER_INITIAL:
                pairs &= near[1:-1] & (runs.lengths[1:-1] <= _LONGEST_INITIAL)
            firsts = np.flatnonzero(pairs)
            if not len(firsts):
                continue
            lefts = [(one[firsts], side[firsts]) for one, side in zip(ends, sides, strict=True)]
            seconds = firsts + step
            rights = [(one[seconds], side[seconds]) for one, side in zip(ends, sides, strict=True)]
            found = [
                (firsts[both], left[both] | (right[both] << np.uint64(32)))
                for left, leads in lefts
                for right, follows in rights
                for both in (np.flatnonzero((leads & _LEADS > 0) & (follows & _FOLLOWS > 0)),)
            ]
            some = np.concatenate([one for one, _ in found])
            yield from compare.find(some, np.concatenate([values for _, values in found]), step)

    def numbers_of(self, signature: int, people: Set[SubjectRef] | None) -> Sequence[int]:
        """Return the numbers of the keys that have a signature, of some people or of everybody."""
        if people is None:
            return self._numbers.get(signature, ())
        return [
            number
            for subject in people
            for number in self._numbers_of_subjects.get((signature, subject), ())
        ]

    @cached_property
    def _numbers_of_subjects(self) -> Mapping[tuple[int, SubjectRef], tuple[int, ...]]:
        numbers: dict[tuple[int, SubjectRef], list[int]] = defaultdict(list)
        for signature, some in self._numbers.items():
            for number in some:
                numbers[signature, self.keys[number].entry.subject].append(number)
        return {place: tuple(some) for place, some in numbers.items()}

    def find_words(
        self, runs: Runs, chosen: TextPositions, people: PeopleOf | None
    ) -> Iterator[Alike]:
        """Yield the keys of one word that are the `chosen` runs but for an error."""
        if self.is_empty or not len(chosen):
            return
        chosen = chosen[runs.lengths[chosen] > 4]
        compare = _WordComparison(runs, self, people)
        starts, ends = runs.offsets[chosen], runs.offsets[chosen + 1]
        for values in (
            runs.values(starts, 3) << np.uint64(3),
            (runs.values(ends - 3, 3) << np.uint64(3)) | np.uint64(1),
        ):
            yield from compare.find(chosen, values, 0)


class _WordComparison:
    """The words of a text beside the keys that share their beginnings or ends."""

    def __init__(self, runs: Runs, index: AlikeIndex, people: PeopleOf | None) -> None:
        self._runs = runs
        self._index = index
        self._people = people
        self._seen: set[tuple[int, int]] = set()

    def find(self, firsts: TextPositions, values: HashValues, step: int) -> Iterator[Alike]:
        """Yield what begins at `firsts` and goes on `step` runs later, by its signatures."""
        passing = np.flatnonzero(self._index.sieve.passes(values))
        firsts = firsts[passing]
        people = self._people(firsts) if self._people else cycle((None,))
        index, seen, sizes = self._index, self._seen, self._runs.sizes
        for first, value, mine in zip(
            firsts.tolist(), values[passing].tolist(), people, strict=False
        ):
            for number in index.numbers_of(value, mine):
                key = index.keys[number]
                if sizes[first] not in key.first or (
                    step and sizes[first + step] not in key.second
                ):
                    continue
                if (place := (first, number)) not in seen:
                    seen.add(place)
                    if found := self._aligned(first, step, key):
                        yield Alike(*found, key.entry)

    def _aligned(
        self, first: int, step: int, key: _AlikeKey
    ) -> tuple[tuple[int, ...], int, int] | None:
        """Return the runs of a key's words, the errors and the cut; None if they are not alike."""
        runs, words = self._runs, key.words
        letters, edges, breaks = runs.letters, runs.edges, runs.breaks
        taken = (first, *range(first + step, first + step - 1 + len(words)))
        if taken[-1] >= len(runs):
            return None
        errors = cut = 0
        for number, (run, word) in enumerate(zip(taken, words, strict=True), 1):
            said = letters[edges[run] : edges[run + 1]]
            if said == word:
                continue
            wrong = _errors(said, word)
            if number == len(words) and said[-1:] == b"s":
                short = _errors(said[:-1], word)
                if short < wrong:
                    wrong, cut = short, 1
            errors += wrong
            if errors > key.most:
                return None
        if errors == 0 and step != _OVER_INITIAL:
            return None
        if any(breaks[run] for run in range(first + 1, taken[-1] + 1)):
            return None
        return taken, errors, cut


def _most_errors(words: tuple[bytes, ...]) -> int:
    letters = sum(map(len, words))
    return 2 if letters >= _TWO_ERRORS else 1 if letters >= _ONE_ERROR else 0


def _most_in(word: bytes) -> int:
    return 0 if len(word) <= EXACT_WORD else 2 if len(word) >= _LONG_WORD else 1


def _sizes(words: tuple[bytes, ...], number: int) -> range:
    """Return how many letters a word may have; an s may follow the last."""
    if number >= len(words):
        return range(0)
    size, most = len(words[number]), _most_in(words[number])
    return range(size - most, size + most + (number == len(words) - 1) + 1)


@lru_cache(maxsize=1 << 14)
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
    """Return the beginning and end of a word as numbers, as they should be and after one error."""
    if len(word) <= EXACT_WORD:
        return {_value(word, 0), _value(word, 1)}
    forms = {word}
    if len(word) in (4, 6):
        # Two letters changed round in the middle leave neither half whole.
        middle = len(word) // 2
        left, right = word[:middle], word[middle:]
        forms.add(left[:-1] + right[:1] + left[-1:] + right[1:])
    found: set[int] = set()
    for size in {2 if len(word) + more < LONGER_WORD else 3 for more in (-1, 0, 1)}:
        for form in forms:
            found |= {_value(form[:size], 0, size), _value(form[-size:], 1, size)}
    if len(word) == EXACT_WORD + 1:
        for index in range(len(word)):
            rest = word[:index] + word[index + 1 :]
            found |= {_value(rest, 0), _value(rest, 1)}
    return found


def _value(piece: bytes, end: int, size: int = 0) -> int:
    """Return a piece as a number, with the end where it stands and its size if it is no word."""
    return int.from_bytes(piece, "little") << 3 | size << 1 | end
