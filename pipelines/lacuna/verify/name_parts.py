"""Finds names whose words stand apart: in two columns of a row, two members of a document, two cells of a line."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from lacuna.model.text_cells import TextCell, TextCells
from lacuna.verify.folding import fold, words_of
from lacuna.verify.number_search import KnownValue
from lacuna.verify.word_forms import TITLES

_LONGEST_CELL: Final = 80
_MOST_WORDS: Final = 10
_WORD: Final = re.compile(r"[^\W_]+")


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
        self._doubled: set[tuple[KnownValue, str]] = set()
        self._spellings: dict[str, dict[frozenset[str], set[KnownValue]]] = defaultdict(dict)

    def add(self, name: KnownValue, forms: Collection[str]) -> None:
        """Take a name of two to ten words, as words in each of its spellings and orders.

        One word said twice is what an erasure left of a name.
        """
        for form in forms:
            words = _WORD.findall(form)
            if len(set(words)) < 2 or len(words) > _MOST_WORDS:
                continue
            spelling = " ".join(sorted(words))
            if len(set(words)) < len(words):
                self._doubled.add((name, spelling))
            longest = self._spellings[max(words, key=len)]
            longest.setdefault(frozenset(words), set()).add(name)
            for first in range(len(words)):
                for last in range(first + 1, len(words) + (first > 0)):
                    self._names[" ".join(words[first:last])].add((name, spelling))

    def parts_in(self, cell: str) -> frozenset[NamePart]:
        """Return the parts of names that a cell is, and nothing besides."""
        if not self._names or len(cell) > _LONGEST_CELL:
            return frozenset()
        words = _words(cell)
        return frozenset(NamePart(*one, words) for one in self._names.get(words, ()))

    @property
    def is_empty(self) -> bool:
        """Whether there is no name."""
        return not self._names

    @property
    def longest_words(self) -> Collection[str]:
        """A word of each spelling of each name."""
        return self._spellings.keys()

    def may_be_in(
        self, folded: str, within: Collection[str], known: Collection[KnownValue] = ()
    ) -> frozenset[KnownValue]:
        """Return the names of which a text has all words, wherever they are.

        Args:
            within: those of `longest_words` that the text has as letters, and others.
            known: names that are left out.
        """
        # Where the letters of a word are not, the word is not: to look takes less time than to part
        # a text into words.
        spellings = [
            (spelling, others)
            for longest in within
            for spelling, names in self._spellings.get(longest, {}).items()
            if (others := names.difference(known)) and all(word in folded for word in spelling)
        ]
        if not spellings:
            return frozenset()
        words = set(_WORD.findall(words_of(folded)))
        return frozenset(
            name for spelling, names in spellings if spelling <= words for name in names
        )

    def in_text(self, text: str, *, capitals: bool = False) -> frozenset[KnownValue]:
        """Return the names whose parts are cells of a text, close to each other.

        Args:
            capitals: whether each word must have one.
        """
        cells = TextCells(text)
        chosen = (
            (cell, words)
            for cell in cells
            for words in self._words_at(text, cell, capitals=capitals)
        )
        found: set[KnownValue] = set()
        for group in cells.groups(chosen):
            found.update(name for name, _ in self._whole([words for _, words in group]))
        return frozenset(found)

    def _whole(self, said: Sequence[str]) -> Iterator[tuple[KnownValue, str]]:
        """Yield the names, each in a spelling, that the last of some cells completes."""
        last = self._names[said[-1]]
        others = {words for words in said[:-1] if words != said[-1]}
        candidates = set[tuple[KnownValue, str]]()
        for words in others:
            candidates |= last & self._names[words]
        if said[-1] in said[:-1]:
            candidates |= last & self._doubled
        for name in candidates:
            there = Counter(
                word for words in said if name in self._names[words] for word in words.split(" ")
            )
            if Counter(name[1].split(" ")) <= there:
                yield name

    def _words_at(self, text: str, cell: TextCell, *, capitals: bool) -> Iterator[str]:
        """Yield the words of the parts that a cell is, or, where more may follow, begins with."""
        if cell.is_tag or cell.end - cell.start > _LONGEST_CELL:
            return
        said = text[cell.start : cell.end].split()
        if not cell.is_open:
            if cell.is_label:
                return
            while len(said) > 1 and words_of(fold(said[0])) in TITLES:
                del said[0]
        for count in range(1 if cell.is_open else len(said), len(said) + 1):
            words = _words(" ".join(said[:count]))
            if words in self._names and not (
                capitals and not all(word[:1].isupper() for word in said[:count])
            ):
                yield words


def _words(said: str) -> str:
    return " ".join(_WORD.findall(words_of(fold(said))))


def names_of(cells: Iterable[Collection[NamePart]]) -> Iterator[KnownValue]:
    """Yield the names of which the cells have all words together."""
    words: dict[tuple[KnownValue, str], Counter[str]] = defaultdict(Counter)
    for parts in cells:
        for part in parts:
            words[part.known_value, part.spelling].update(part.words.split(" "))
    yield from {
        name for (name, spelling), those in words.items() if Counter(spelling.split(" ")) <= those
    }
