"""Finds names whose words stand apart: in two columns of a row, two members of a document, two cells of a line."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import ahocorasick

from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.verify.decodings import fold, fold_characters, words_of
from lacuna.verify.number_search import KnownValue
from lacuna.verify.search import is_searchable
from lacuna.verify.word_forms import word_forms

_LONGEST_CELL: Final = 80
_SEPARATORS: Final = re.compile(r"[;,\t|:\"'=<>{}\[\]()\r\n]+")
_NEAR: Final = 12  # cells
_MOST_WORDS: Final = 10


class NamePart(NamedTuple):
    """Some of the words of a name, in one of its spellings.

    Attributes:
        spelling: all words of that spelling.
        words: those that the part has.
    """

    known_value: KnownValue
    spelling: frozenset[str]
    words: frozenset[str]


class NameParts:
    """The parts of many people's names, to be put together again."""

    def __init__(self, people: Iterable[tuple[SubjectRef, Sequence[Identifier]]]) -> None:
        """Take every name of two to ten words."""
        self._parts: dict[str, set[NamePart]] = defaultdict(set)
        for ref, identifiers in people:
            for one in identifiers:
                if one.kind is IdentifierKind.NAME and is_searchable(one):
                    self._add(KnownValue(ref, one))
        self._words = ahocorasick.Automaton()
        for part in self._parts:
            self._words.add_word(part, part)
        if self._parts:
            self._words.make_automaton()

    def _add(self, known_value: KnownValue) -> None:
        for form in word_forms(known_value.identifier):
            words = form.split()
            if len(words) > _MOST_WORDS:
                continue
            for first in range(len(words)):
                for last in range(first + 1, len(words) + 1):
                    if last - first < len(words):
                        part = words[first:last]
                        self._parts[" ".join(part)].add(
                            NamePart(known_value, frozenset(words), frozenset(part))
                        )

    def parts_in(self, cell: str) -> frozenset[NamePart]:
        """Return the parts of names that a cell is, and nothing besides."""
        if not self._parts or len(cell) > _LONGEST_CELL:
            return frozenset()
        return frozenset(self._parts.get(words_of(fold(cell)), ()))

    def in_text(self, text: str) -> frozenset[KnownValue]:
        """Return the names whose parts are cells of a text, close to each other."""
        if not self._parts or not self._may_hold(text):
            return frozenset()
        near: list[tuple[int, frozenset[NamePart]]] = []
        found: set[KnownValue] = set()
        for number, cell in enumerate(_SEPARATORS.split(text)):
            if parts := self.parts_in(cell):
                near = [(place, some) for place, some in near if number - place <= _NEAR]
                near.append((number, parts))
                found.update(names_of([some for _, some in near]))
        return frozenset(found)

    def _may_hold(self, text: str) -> bool:
        """Whether two different parts stand somewhere in a text."""
        first = None
        for _, part in self._words.iter(fold_characters(text)):
            if first is not None and part != first:
                return True
            first = part
        return False


def names_of(cells: Iterable[frozenset[NamePart]]) -> Iterator[KnownValue]:
    """Yield the names of which the cells have all words together."""
    words: dict[tuple[KnownValue, frozenset[str]], set[str]] = defaultdict(set)
    for parts in cells:
        for part in parts:
            words[part.known_value, part.spelling] |= part.words
    yield from {one for (one, spelling), those in words.items() if spelling == those}
