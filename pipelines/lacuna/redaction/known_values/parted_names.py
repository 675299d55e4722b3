"""Names whose words stand apart, in members of a document, fields of a line or lines of a form."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from lacuna.model.identity import IdentifierKind, Person, SubjectRef
from lacuna.model.text_cells import TextCell, TextCells
from lacuna.redaction.folding import fold
from lacuna.redaction.known_values.number_forms import WORD
from lacuna.redaction.known_values.surroundings import KeptNames
from lacuna.redaction.known_values.value_matches import ValueMatch
from lacuna.redaction.known_values.value_spellings import TITLES, Key, KeyEntry, names_in_order

_LONGEST_CELL: Final = 80
_MOST_WORDS: Final = 10
# From letter to letter; what is written above one belongs to it.
_TOKEN: Final = re.compile(r"[^\W_](?:\S*[^\W_])?[\u0300-\u036f]*")


class _PlacedWords(NamedTuple):
    """Words that are part of a name, and where they stand."""

    words: str
    start: int
    end: int


class PartedNames:
    """The full names of some people, to be found by their parts."""

    def __init__(self, persons: Sequence[Person]) -> None:
        """Take every name of two to ten words, in each of its spellings."""
        self._names: dict[str, set[KeyEntry]] = defaultdict(set)
        self._doubled: set[KeyEntry] = set()
        anchors: dict[bytes, list[KeyEntry]] = defaultdict(list)
        for person in persons:
            for name in person.known:
                if name.kind is not IdentifierKind.NAME:
                    continue
                for words in names_in_order(name.value):
                    # One word said twice is what an erasure left of a name.
                    if len(set(words)) > 1 and len(words) <= _MOST_WORDS:
                        entry = KeyEntry(Key(words, name.kind), person.ref, name)
                        anchors[max(words, key=len).encode()].append(entry)
                        for part in _parts_of(words):
                            self._names[part].add(entry)
                        if len(set(words)) < len(words):
                            self._doubled.add(entry)
        self.anchors: Mapping[bytes, list[KeyEntry]] = anchors
        """The longest word of each: it stands wherever the name does."""

    def find(
        self,
        text: str,
        names: Sequence[KeyEntry],
        own: Collection[SubjectRef],
        kept: KeptNames,
    ) -> Iterator[ValueMatch]:
        """Yield the words of each name in a text.

        Args:
            names: those of which a text has the anchor.
            own: people in whose texts a name counts that an agent bears too.
        """
        folded = fold(text)
        if not any(all(word in folded for word in one.key.words) for one in names):
            return
        cells = TextCells(text)
        chosen = ((cell, part) for cell in cells for part in self._parts_at(text, cell))
        seen: set[tuple[KeyEntry, int]] = set()
        for group in cells.groups(chosen):
            for entry, part in self._whole([part for _, part in group]):
                is_kept = " ".join(entry.key.words) in kept.keys
                if (is_kept and entry.subject not in own) or (entry, part.start) in seen:
                    continue
                seen.add((entry, part.start))
                place = (part.start, part.end)
                yield ValueMatch(*place, (entry,), (place,), (len(part.words),))

    def _whole(self, said: Sequence[_PlacedWords]) -> Iterator[tuple[KeyEntry, _PlacedWords]]:
        """Yield the parts of the names that the last of some parts completes."""
        last = self._names[said[-1].words]
        candidates = set[KeyEntry]()
        for words in {one.words for one in said[:-1]}:
            candidates |= last & (self._doubled if words == said[-1].words else self._names[words])
        for entry in candidates:
            parts = [one for one in said if entry in self._names[one.words]]
            there = Counter(word for one in parts for word in one.words.split(" "))
            if Counter(entry.key.words) <= there:
                yield from ((entry, part) for part in parts)

    def _parts_at(self, text: str, cell: TextCell) -> Iterator[_PlacedWords]:
        """Yield the part that a cell is, or, where more may follow, those that it begins with."""
        if cell.is_tag or cell.end - cell.start > _LONGEST_CELL:
            return
        tokens = list(_TOKEN.finditer(text, cell.start, cell.end))
        if not cell.is_open:
            if cell.is_label:
                return
            while len(tokens) > 1 and tokens[0].group().strip(".").casefold() in TITLES:
                del tokens[0]
        if not tokens:
            return
        start = tokens[0].start()
        for token in tokens if cell.is_open else tokens[-1:]:
            words = " ".join(WORD.findall(fold(text[start : token.end()])))
            if words in self._names:
                yield _PlacedWords(words, start, token.end())


def _parts_of(words: tuple[str, ...]) -> set[str]:
    """Return some words of a name that follow each other, and not all of them."""
    count = len(words)
    return {
        " ".join((words + words)[first : first + length])
        for first in range(count)
        for length in range(1, count)
    }
