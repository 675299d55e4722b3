"""Names whose words stand apart, in members of a document, fields of a line or lines of a form."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from lacuna.model.identity import IdentifierKind, Person, SubjectRef
from lacuna.model.text_cells import TextCell, TextCells
from lacuna.redaction.folding import fold
from lacuna.redaction.known_values.number_forms import WORD
from lacuna.redaction.known_values.search_keys import Key, KeyEntry, names_in_order
from lacuna.redaction.known_values.surroundings import KeptNames
from lacuna.redaction.known_values.value_matches import ValueMatch

_LONGEST_CELL: Final = 80
_MOST_WORDS: Final = 10
# From letter to letter; what is written above one belongs to it.
_TOKEN: Final = re.compile(r"[^\W_](?:\S*[^\W_])?[\u0300-\u036f]*")


class _PlacedWords(NamedTuple):
    """Where some words of a name stand."""

    entry: KeyEntry
    words: tuple[str, ...]
    start: int
    end: int


class PartedNames:
    """The full names of some people, to be found by their parts."""

    def __init__(self, persons: Sequence[Person]) -> None:
        """Take every name of two to ten words, in each of its spellings."""
        self._parts: dict[str, list[KeyEntry]] = defaultdict(list)
        anchors: dict[bytes, list[KeyEntry]] = defaultdict(list)
        for person in persons:
            for name in person.known:
                if name.kind is not IdentifierKind.NAME:
                    continue
                for words in names_in_order(name.value):
                    if 1 < len(words) <= _MOST_WORDS:
                        entry = KeyEntry(Key(words, name.kind), person.ref, name)
                        anchors[max(words, key=len).encode()].append(entry)
                        for part in _parts_of(words):
                            self._parts[part].append(entry)
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
        chosen = ((cell, parts) for cell in cells if (parts := self._parts_at(text, cell)))
        seen: set[tuple[KeyEntry, int]] = set()
        for group in cells.groups(chosen):
            for part in _whole([part for _, parts in group for part in parts]):
                is_kept = " ".join(part.entry.key.words) in kept.keys
                if (is_kept and part.entry.subject not in own) or (part.entry, part.start) in seen:
                    continue
                seen.add((part.entry, part.start))
                place = (part.start, part.end)
                yield ValueMatch(*place, (part.entry,), (place,), (sum(map(len, part.words)),))

    def _parts_at(self, text: str, cell: TextCell) -> list[_PlacedWords]:
        """Return the parts that a cell is, or, between two labels, begins with."""
        if cell.end - cell.start > _LONGEST_CELL:
            return []
        tokens = list(_TOKEN.finditer(text, cell.start, cell.end))
        if not tokens:
            return []
        start, ends = tokens[0].start(), [found.end() for found in tokens]
        if cell.label is None or not cell.is_label:
            ends = ends[-1:]
        found: list[_PlacedWords] = []
        for end in ends:
            words = tuple(WORD.findall(fold(text[start:end])))
            for entry in self._parts.get(" ".join(words), ()):
                found.append(_PlacedWords(entry, words, start, end))
        return found


def _parts_of(words: tuple[str, ...]) -> set[str]:
    """Return some words of a name that follow each other, and not all of them."""
    count = len(words)
    return {
        " ".join((words + words)[first : first + length])
        for first in range(count)
        for length in range(1, count)
    }


def _whole(parts: Sequence[_PlacedWords]) -> Iterator[_PlacedWords]:
    """Yield the parts of the names of which all words are there."""
    words: dict[KeyEntry, Counter[str]] = defaultdict(Counter)
    for part in parts:
        words[part.entry].update(part.words)
    whole = {entry for entry, those in words.items() if Counter(entry.key.words) <= those}
    yield from (part for part in parts if part.entry in whole)
