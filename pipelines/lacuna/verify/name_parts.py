"""Finds names whose words stand apart: in two columns of a row, two members of a document, two cells of a line."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from lacuna.model.text_cells import TextCell, TextCells
from lacuna.verify.decodings import fold, words_of
from lacuna.verify.number_search import KnownValue

_LONGEST_CELL: Final = 80
_MOST_WORDS: Final = 10
_WORD: Final = re.compile(r"[^\s;:!?@\"]+")


class NamePart(NamedTuple):
    """Some of the words of a name, in one of its spellings.

    Attributes:
        spelling: all words of that spelling, in the order of the alphabet.
        words: those that the part has.
    """

    known_value: KnownValue
    spelling: str
    words: str


class NameParts:
    """The parts of many people's names, to be put together again."""

    def __init__(self) -> None:
        """Know no name yet."""
        self._names: dict[str, set[tuple[KnownValue, str]]] = defaultdict(set)
        self._spellings: dict[str, set[frozenset[str]]] = defaultdict(set)

    def add(self, name: KnownValue, forms: Collection[str]) -> None:
        """Take a name of two to ten words, as words in each of its spellings and orders."""
        for form in forms:
            words = _WORD.findall(form)
            if not 1 < len(words) <= _MOST_WORDS:
                continue
            spelling = " ".join(sorted(words))
            self._spellings[max(words, key=len)].add(frozenset(words))
            for first in range(len(words)):
                for last in range(first + 1, len(words) + (first > 0)):
                    self._names[" ".join(words[first:last])].add((name, spelling))

    def parts_in(self, cell: str) -> frozenset[NamePart]:
        """Return the parts of names that a cell is, and nothing besides."""
        if not self._names or len(cell) > _LONGEST_CELL:
            return frozenset()
        words = " ".join(_WORD.findall(words_of(fold(cell))))
        return frozenset(NamePart(*one, words) for one in self._names.get(words, ()))

    @property
    def is_empty(self) -> bool:
        """Whether there is no name."""
        return not self._names

    def may_be_in(self, folded: str) -> bool:
        """Whether a text has all words of a name."""
        words = set(_WORD.findall(words_of(folded)))
        return any(
            spelling <= words
            for longest in self._spellings.keys() & words
            for spelling in self._spellings[longest]
        )

    def in_text(self, text: str, *, capitals: bool = False) -> frozenset[KnownValue]:
        """Return the names whose parts are cells of a text, close to each other.

        Args:
            capitals: whether each word must have one.
        """
        cells = TextCells(text)
        chosen = (
            (cell, parts) for cell in cells if (parts := self._parts_at(text, cell, capitals))
        )
        return frozenset(
            name for group in cells.groups(chosen) for name in names_of(parts for _, parts in group)
        )

    def _parts_at(self, text: str, cell: TextCell, capitals: bool) -> frozenset[NamePart]:
        """Return the parts that a cell is, or, between two labels, begins with."""
        if cell.end - cell.start > _LONGEST_CELL:
            return frozenset()
        said = text[cell.start : cell.end].split()
        fewest = 1 if cell.label is not None and cell.is_label else len(said)
        return frozenset[NamePart]().union(
            *(
                self.parts_in(" ".join(said[:count]))
                for count in range(fewest, len(said) + 1)
                if not capitals or all(word[:1].isupper() for word in said[:count])
            )
        )


def names_of(cells: Iterable[Collection[NamePart]]) -> Iterator[KnownValue]:
    """Yield the names of which the cells have all words together."""
    words: dict[tuple[KnownValue, str], Counter[str]] = defaultdict(Counter)
    for parts in cells:
        for part in parts:
            words[part.known_value, part.spelling].update(part.words.split(" "))
    yield from {
        name for (name, spelling), those in words.items() if Counter(spelling.split(" ")) <= those
    }
