"""Mends typing errors: a word that is one error away from one word of a right, and is none itself."""

import re
from collections.abc import Iterable
from typing import Final

from pipelines.request.words.matching import fold
from pipelines.request.words.wordbook import Wordbook

_WORD: Final = re.compile(r"[^\W\d_]+")
_SHORTEST: Final = 6
"""Letters of the word that is meant: shorter ones have too many neighbours."""


def respelled(text: str, books: Iterable[Wordbook]) -> str:
    """Return a text with words mended that differ from a word of a right by one typing error.

    A letter left out, one too many, another one, or two in the wrong order. A word that is near
    to several stays as it is.
    """
    known = [_VOCABULARIES.get(book.language) or _learn(book) for book in books]

    def mended(match: re.Match[str]) -> str:
        word = fold(match[0])
        if len(word) < _SHORTEST - 1 or any(word in every for every, _ in known):
            return match[0]
        near = {each for _, wanted in known for each in wanted if _is_near(word, each)}
        return near.pop() if len(near) == 1 else match[0]

    return _WORD.sub(mended, text)


_VOCABULARIES: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {}


def _learn(book: Wordbook) -> tuple[frozenset[str], frozenset[str]]:
    """Return all words of a language that are known, and those of its rights to mend others to."""
    patterns = [pattern for each in book.rights.values() for pattern in each]
    rights = {
        part.rstrip("*")
        for pattern in patterns
        for word in fold(pattern).replace("+", " ").split()
        for part in word.split("_")
    }
    others = fold(f"{book.common} {book.hints} {book.fields} {book.selves} {book.negations}")
    every = rights | {part for word in others.split() for part in word.split("_")}
    found = frozenset(every), frozenset(word for word in rights if len(word) >= _SHORTEST)
    _VOCABULARIES[book.language] = found
    return found


def _is_near(word: str, other: str) -> bool:
    """Whether one typing error leads from one word to the other.

    >>> _is_near("acount", "account"), _is_near("deleet", "delete"), _is_near("count", "account")
    (True, True, False)
    """
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    one, two = word[start:], other[start:]
    return (
        one[1:] == two
        or one == two[1:]
        or one[1:] == two[1:]
        or (len(one) > 1 and one[:2] == two[1::-1] and one[2:] == two[2:])
    )
