"""Folds texts, splits them into sentences, and finds out whether a sentence fits a pattern."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

_LETTERS: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
_WORD: Final = re.compile(r"[^\W_]+")
_ABBREVIATION: Final = re.compile(
    r"\b(art|abs|nr|no|kl|tel|tlf|mr|mrs|ms|bzw|z b|ca|evt|st|n)\.", re.I
)
_CODE: Final = re.compile(r"(?<!\w)[A-Za-z]{1,5}(?=[-/]\d)")
"""The letters of a number like SE-41118: they are no word, although they may spell one."""
_ENDS: Final = re.compile(r"[.!?…](?=\s|$)|\n\s*\n|\n(?=\s*(?:[-*•]|\d{1,2}[.)]))")
_CLAUSE: Final = re.compile(r"[,;:()–—]| - ")
_SHORT_LINE: Final = 50
_NEAR: Final = 25


def fold(text: str) -> str:
    """Return a text without case, accents and the letters that keyboards lack.

    >>> fold("Löschung ændre Łódź")
    'loschung aendre lodz'
    """
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


_JOINS: Final = {
    language: frozenset(fold(words).split())
    for language, words in {
        "en": "and but so because if",
        "de": "und aber sondern weil denn wenn falls",
        "da": "og men fordi hvis",
        "nb": "og men fordi hvis",
        "sv": "och men eftersom om",
        "nl": "en maar omdat als",
        "fr": "et mais parce car si",
        "es": "y e pero porque si",
        "it": "e ma perché poiché se",
        "pt": "e mas porque pois se",
        "fi": "ja mutta koska jos",
        "pl": "i oraz ale bo ponieważ jeśli",
    }.items()
}
"""Words that begin a clause of their own, by language: the Norwegian "må" is no Italian "ma"."""
_ANY_JOIN: Final = frozenset[str]().union(*_JOINS.values()) - {"i"}


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence, and which clause each one stands in."""

    words: tuple[str, ...]
    clauses: tuple[int, ...]

    def opens_clause(self, position: int) -> bool:
        """Whether a word is the first or second of its clause."""
        return position < 2 or self.clauses[position - 2] != self.clauses[position]

    def begins_clause(self, position: int) -> bool:
        """Whether a word is the first of its clause, a join left aside."""
        before = position - 1
        return (
            position == 0
            or self.clauses[before] != self.clauses[position]
            or self.words[before] in _ANY_JOIN
        )

    def clause_of(self, position: int) -> tuple[str, ...]:
        """Return the words of the clause that a word stands in."""
        return self._by_clause[self.clauses[position]]

    @cached_property
    def _by_clause(self) -> dict[int, tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        for word, clause in zip(self.words, self.clauses, strict=True):
            found.setdefault(clause, []).append(word)
        return {clause: tuple(words) for clause, words in found.items()}


def sentences(text: str, language: str | None = None) -> Iterator[Sentence]:
    """Yield the sentences of a text, folded; a line break ends one after a short line only.

    Args:
        language: whose words begin clauses; None where it is not known: those of all.
    """
    joins = _ANY_JOIN if language is None else _JOINS[language]
    plain = _CODE.sub("", _ABBREVIATION.sub(r"\1 ", _rejoined(text)))
    for part in _ENDS.split(plain):
        words: list[str] = []
        clauses: list[int] = []
        clause = 0
        for piece in _CLAUSE.split(fold(part)):
            for word in _WORD.findall(piece):
                clause += word in joins
                words.append(word)
                clauses.append(clause)
            clause += 1
        if words:
            yield Sentence(tuple(words), tuple(clauses))


def _rejoined(text: str) -> str:
    """Return the text with lines joined that only the width of the window broke."""
    lines = text.split("\n")
    joined: list[str] = []
    for line in lines:
        previous = joined[-1] if joined else ""
        if (
            previous.strip()
            and line.strip()
            and (len(previous) > _SHORT_LINE or line[:1].islower())
        ):
            joined[-1] = f"{previous} {line.strip()}"
        else:
            joined.append(line)
    return "\n".join(line if not line.strip() else f"{line}\n" for line in joined)


@dataclass(frozen=True)
class _Group:
    """The alternatives of a group: words, beginnings of words, and words in a row."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    rows: Mapping[str, tuple[tuple[tuple[str, ...], bool], ...]]


@lru_cache(maxsize=8192)
def _group(text: str) -> _Group:
    words: set[str] = set()
    beginnings: list[str] = []
    rows: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for each in fold(text).split():
        parts, is_beginning = tuple(each.rstrip("*").split("_")), each.endswith("*")
        if len(parts) > 1:
            rows.setdefault(parts[0], []).append((parts[1:], is_beginning))
        elif is_beginning:
            beginnings.append(parts[0])
        else:
            words.add(parts[0])
    return _Group(
        frozenset(words), tuple(beginnings), {first: tuple(rest) for first, rest in rows.items()}
    )


def places(group: str, sentence: Sentence | Sequence[str]) -> tuple[int, ...]:
    """Return the positions at which an alternative of a group begins."""
    return _places(group, sentence.words if isinstance(sentence, Sentence) else tuple(sentence))


@lru_cache(maxsize=512)
def _places(group: str, words: tuple[str, ...]) -> tuple[int, ...]:
    # Each word of a sentence may ask this anew of its clause: without a memory that takes the square.
    wanted = _group(group)
    return tuple(
        position
        for position, word in enumerate(words)
        if word in wanted.words
        or word.startswith(wanted.beginnings)
        or any(_follows(row, words, position) for row in wanted.rows.get(word, ()))
    )


def _follows(row: tuple[tuple[str, ...], bool], words: tuple[str, ...], position: int) -> bool:
    rest, is_beginning = row
    found = words[position + 1 : position + 1 + len(rest)]
    if not is_beginning or len(found) < len(rest):
        return found == rest
    return found[:-1] == rest[:-1] and found[-1].startswith(rest[-1])


def has(group: str, sentence: Sentence | Sequence[str]) -> bool:
    """Whether an alternative of a group is in a sentence or clause."""
    return bool(group) and bool(places(group, sentence))


def fits(pattern: str, sentence: Sentence) -> tuple[int, ...]:
    """Return where the first group of a fitting pattern stands; empty if it does not fit.

    The other groups stand near by, and elsewhere than the first.
    """
    first, *others = pattern.split(" + ")
    found = places(first, sentence)
    for group in others:
        if not found:
            break
        near = places(group, sentence)
        found = tuple(start for start in found if _has_near(near, start))
    return found


def _has_near(spots: tuple[int, ...], start: int) -> bool:
    """Whether one of some positions, in order, is near to another one."""
    at = bisect_left(spots, start - _NEAR)
    return any(place != start and place <= start + _NEAR for place in spots[at : at + 2])
