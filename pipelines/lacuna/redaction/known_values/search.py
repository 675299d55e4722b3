"""One search for the keys of many people in many texts at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import numpy as np

from lacuna.model.identity import IdentifierKind, SubjectRef
from lacuna.redaction.folding import View
from lacuna.redaction.known_values.disguise_kinds import DisguiseKind
from lacuna.redaction.known_values.disguised_words import DisguisedWords, disguises_in
from lacuna.redaction.known_values.disguises import rewritings, within_dense
from lacuna.redaction.known_values.indexes import Alike, AlikeIndex, Exact, ExactIndex, PeopleOf
from lacuna.redaction.known_values.number_forms import PHONE_DIGITS
from lacuna.redaction.known_values.number_surroundings import is_calling_code, with_prefix
from lacuna.redaction.known_values.text_runs import Runs, TextBatch, TextPositions
from lacuna.redaction.known_values.value_matches import ValueMatch
from lacuna.redaction.known_values.value_spellings import KeyEntry

_LONGEST_CODE = 6


class Search:
    """Knows the keys of many people."""

    def __init__(
        self, entries: Sequence[KeyEntry], anchors: Mapping[bytes, Sequence[KeyEntry]]
    ) -> None:
        """Prepare the search.

        Args:
            anchors: words to be told of beside the keys.
        """
        self._anchors = ExactIndex(anchors)
        self._sure = _Indexes(entry for entry in entries if not entry.key.own_only)
        self._weak = _Indexes(entry for entry in entries if entry.key.own_only)
        self._words = DisguisedWords(
            word
            for entry in entries
            for word in (*entry.key.words, entry.key.letters)
            if len(word) > 2 and word.isalpha()
        )

    def matches(
        self, texts: Sequence[str], owners: Sequence[Set[SubjectRef]]
    ) -> tuple[
        Mapping[int, list[ValueMatch]], Mapping[int, DisguiseKind], Mapping[int, list[KeyEntry]]
    ]:
        """Return the matches in each text, by its number, and the kinds of disguise in it, if any.

        Then the entries of the anchors in each text.

        Args:
            owners: whose own passage each text is: their weak keys are searched for there, and
                those of a person of whom a strong one was found.
        """
        batch = TextBatch(texts)
        found: dict[int, list[ValueMatch]] = defaultdict(list)
        for number, match in self._sure.matches(batch, None):
            found[number].append(match)
        people = list(owners)
        for number, matches in found.items():
            people[number] = people[number] | {
                one.subject for match in matches for one in match.entries
            }
        if any(people):
            for number, match in self._weak.matches(batch, people):
                found[number].append(match)
        return found, disguises_in(batch, self._words), self._anchored(batch)

    def _anchored(self, batch: TextBatch) -> Mapping[int, list[KeyEntry]]:
        words = batch.words
        found: dict[int, list[KeyEntry]] = defaultdict(list)
        for exact in self._anchors.find(words, np.arange(len(words)), genitive=False):
            start = words.bounds[0][exact.first]
            found[batch.place(start, start + 1)[0]] += exact.entries
        return found

    def rewritings(self, view: View, kinds: DisguiseKind) -> Iterator[View]:
        """Yield views of a text without its disguises."""
        return rewritings(view, kinds, self._words)

    @staticmethod
    def within_dense(view: View) -> Iterator[View]:
        """Yield views of what long runs of digits say."""
        return within_dense(view)


class _Indexes:
    """The keys of one strength: words, groups of digits, and what is alike."""

    def __init__(self, entries: Iterable[KeyEntry]) -> None:
        words: dict[bytes, list[KeyEntry]] = defaultdict(list)
        digits: dict[bytes, list[KeyEntry]] = defaultdict(list)
        pairs: list[tuple[tuple[bytes, ...], KeyEntry]] = []
        for entry in entries:
            letters = entry.key.letters
            is_number = letters.isdigit() and letters.isascii() and len(letters) >= PHONE_DIGITS
            (digits if is_number else words)[letters.encode()].append(entry)
            if entry.key.alike:
                pairs.append((tuple(word.encode() for word in entry.key.words), entry))
        self._words = ExactIndex(words)
        self._digits = ExactIndex(digits)
        self._alike = AlikeIndex(pairs)
        self.is_empty = self._words.is_empty and self._digits.is_empty

    def matches(
        self, batch: TextBatch, people: Sequence[Set[SubjectRef]] | None
    ) -> Iterator[tuple[int, ValueMatch]]:
        """Yield the text and the values in it, of everybody or of the people of each text."""
        if self.is_empty:
            return
        words = batch.words
        chosen = _chosen(batch, words, people)
        for exact in self._words.find(words, chosen, genitive=True):
            yield from _exact_match(batch, words, exact, people)
        whose = _whose(batch, people)
        for alike in self._alike.find(words, chosen, whose):
            yield _alike_match(batch, words, alike)
        if people is not None:
            for alike in self._alike.find_words(words, chosen, whose):
                yield _alike_match(batch, words, alike)
        if not self._digits.is_empty:
            numbers = batch.numbers
            chosen = _chosen(batch, numbers, people)
            for exact in self._digits.find(numbers, chosen, genitive=False):
                yield from _exact_match(batch, numbers, exact, people)
            for runs, offsets in _after_codes(batch, numbers, chosen):
                for exact in self._digits.find(numbers, runs, offsets, genitive=False):
                    yield from _exact_match(batch, numbers, exact, people)


def _chosen(
    batch: TextBatch, runs: Runs, people: Sequence[Set[SubjectRef]] | None
) -> TextPositions:
    """Return the runs of texts with people."""
    if people is None or all(people):
        return np.arange(len(runs))
    wanted = np.fromiter(map(bool, people), np.bool_, len(people))
    return np.flatnonzero(wanted[batch.text_of(runs.starts)])


def _whose(batch: TextBatch, people: Sequence[Set[SubjectRef]] | None) -> PeopleOf | None:
    """Return a lookup of the people whose keys may stand at some words."""
    if people is None:
        return None
    starts = batch.words.starts

    def whose(chosen: TextPositions) -> list[Set[SubjectRef]]:
        return [people[number] for number in batch.text_of(starts[chosen]).tolist()]

    return whose


def _after_codes(
    batch: TextBatch, numbers: Runs, chosen: TextPositions
) -> Iterator[tuple[TextPositions, TextPositions]]:
    """Yield the groups that may begin with a calling code, and where the number would begin."""
    if not len(chosen):
        return
    starts = numbers.starts[chosen]
    signed = batch.folded[np.maximum(starts - 1, 0)] == ord("+")
    zeros = numbers.values(numbers.offsets[chosen], 2) == int.from_bytes(b"00", "little")
    chosen = chosen[(signed & (starts > 0)) | zeros]
    for length in range(1, _LONGEST_CODE + 1):
        longer = chosen[numbers.lengths[chosen] > length]
        yield longer, numbers.offsets[longer] + length


def _exact_match(
    batch: TextBatch, runs: Runs, exact: Exact, people: Sequence[Set[SubjectRef]] | None
) -> Iterator[tuple[int, ValueMatch]]:
    entries = tuple(exact.entries)
    if people is not None:
        start = runs.bounds[0][exact.first]
        mine = people[batch.place(start, start + 1)[0]]
        entries = tuple(one for one in entries if one.subject in mine)
        if not entries:
            return
    if exact.cut:
        entries = tuple(one for one in entries if one.key.kind is IdentifierKind.NAME)
    text, words = _words(batch, runs, range(exact.first, exact.last), exact.cut)
    start, end = words[0][0], words[-1][1]
    sizes = [runs.edges[run + 1] - runs.edges[run] for run in range(exact.first, exact.last)]
    sizes[-1] -= exact.cut
    if runs is not batch.words:
        if code := runs.letters[runs.edges[exact.first] : exact.offset]:
            signed = start > 0 and batch.texts[text][start - 1] == "+"
            if not is_calling_code(code.decode(), signed=signed):
                return
            entries = tuple(one for one in entries if one.key.kind is IdentifierKind.PHONE)
        start, end = with_prefix(batch.texts[text], start, end)
    if entries:
        yield text, ValueMatch(start, end, entries, tuple(words), tuple(sizes))


def _alike_match(batch: TextBatch, runs: Runs, alike: Alike) -> tuple[int, ValueMatch]:
    first, last = alike.runs[0], alike.runs[-1]
    text, words = _words(batch, runs, range(first, last + 1), alike.cut)
    return text, ValueMatch(
        words[0][0],
        words[-1][1],
        (alike.entry,),
        tuple(words),
        tuple(runs.edges[run + 1] - runs.edges[run] for run in alike.runs),
        alike.errors,
        is_initialled=last - first >= len(alike.runs),
    )


def _words(
    batch: TextBatch, runs: Runs, chosen: range, cut: int
) -> tuple[int, list[tuple[int, int]]]:
    """Return the text in which some runs stand, and where they stand in it."""
    starts, ends = runs.bounds
    last = chosen[-1]
    ranges = [(starts[run], ends[run] - (cut if run == last else 0)) for run in chosen]
    return batch.places(ranges)
