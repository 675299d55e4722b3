"""What a word says about the number beside it: whose it is, in any language of Europe."""

import re
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from lacuna.redaction.folding import fold
from lacuna.redaction.recognizers import label_words as words

__all__ = [
    "NOTHING",
    "NUMBER",
    "WordMeaning",
    "WordRole",
    "is_copula",
    "is_emphasis",
    "is_list_word",
    "is_pointer",
    "is_reference",
    "meaning_of",
]


class WordRole(Enum):
    """What a word does beside a number."""

    LABEL = "the number is somebody's"
    RECORD = "a number right beside it is somebody's"
    MATTER = "a number right beside it is somebody's if it looks like one of a record"
    CITE = "a code right beside it is somebody's"
    ENDING = "the last figures of a number follow"
    NUMBER = "a number follows"
    CALL = "a number right after it is a telephone's"
    EXTENSION = "a short number after it is a telephone's"
    PUBLIC = "the number is nobody's"
    LINK = "it may stand between a label and its number"
    OTHER = "nothing"


@dataclass(frozen=True)
class WordMeaning:
    """What a word says about a number.

    Attributes:
        entity: what the number then is.
        numbered: whether the word itself says "number", as in `Kundennummer`.
    """

    role: WordRole
    entity: str = "REFERENCE_NUMBER"
    numbered: bool = False


NOTHING = WordMeaning(WordRole.OTHER)
NUMBER = WordMeaning(WordRole.NUMBER)
_PUBLIC = WordMeaning(WordRole.PUBLIC)
_LABEL = WordMeaning(WordRole.LABEL)
# Of two that hold a word the later one counts.
_TABLES = (
    (words.ENDINGS, WordMeaning(WordRole.ENDING)),
    (words.CITES, WordMeaning(WordRole.CITE)),
    (words.MATTERS, WordMeaning(WordRole.MATTER)),
    (words.CALLS, WordMeaning(WordRole.CALL, "PHONE_NUMBER")),
    (words.RECORDS, WordMeaning(WordRole.RECORD)),
    (words.ABBREVIATIONS, WordMeaning(WordRole.RECORD)),
    (words.CARDS, WordMeaning(WordRole.RECORD, "CREDIT_CARD")),
    (words.PHONES, WordMeaning(WordRole.RECORD, "PHONE_NUMBER")),
    (words.PUBLIC, _PUBLIC),
    (words.EXTENSIONS, WordMeaning(WordRole.EXTENSION, "PHONE_NUMBER")),
    (words.BANK, _LABEL),
    (words.IDENTITIES, _LABEL),
    (words.LABELS, _LABEL),
    (words.NUMBER, NUMBER),
    (words.LINKS, WordMeaning(WordRole.LINK)),
)
_TWICE = re.compile(r"(.)\1+")
_COMPOUND = re.compile(
    r"(?P<of>.{2,40}?)s?-?(?:numer(?:et|ets|en|n|s|e|a|u|em)?|numr(?:et|ets|e|ene|ar|arna)|numero[a-z]{0,6}|nr|nro[a-z]{0,4}|"
    r"number|tunu[ks][a-z]{0,6}|kod(?:en|e|i[a-z]{0,5})?|codes?|kenung|-ids?)"
)
_STEM = 3
_LONG = 5
_ENDING = 9
_OF_HEADS = frozenset({WordRole.RECORD, WordRole.MATTER, WordRole.LABEL})
_SHORT = 4
_KEPT = 1 << 15


def _plain(word: str) -> str:
    """Return a word as the tables are read: without case, accents, dots and doubled letters."""
    plain = fold(word).replace(".", "").replace("\N{DEGREE SIGN}", "o")
    return plain if len(plain) <= _SHORT else _TWICE.sub(r"\1", plain)


def _read(table: str) -> tuple[list[str], list[str]]:
    """Return the whole words of a table, and the beginnings."""
    entries = [_plain(one) for one in table.split()]
    return [one for one in entries if one[-1] != "*"], [
        one[:-1] for one in entries if one[-1] == "*"
    ]


_WORDS: dict[str, WordMeaning] = {}
_STEMS: dict[str, WordMeaning] = {}
for _table, _meaning in _TABLES:
    _whole, _begun = _read(_table)
    _WORDS.update(dict.fromkeys(_whole, _meaning))
    _STEMS.update(dict.fromkeys(_begun, _meaning))
_HEADS = frozenset(_read(words.HEADS)[0])
_COPULAS = frozenset(_read(words.COPULAS)[0])
_POINTERS = frozenset(_read(words.POINTERS)[0])
_REFERENCES = frozenset(_read(words.REFERENCES)[0])
_EMPHASES = frozenset(_read(words.EMPHASES)[0])
_ABBREVIATIONS = frozenset(_read(words.ABBREVIATIONS)[0])
_LISTS = frozenset(_read(words.LISTS)[0])
_ACRONYMS = frozenset(words.ACRONYMS.split())


@lru_cache(maxsize=_KEPT)
def meaning_of(word: str) -> WordMeaning:
    """Return the meaning of a word for a number beside it.

    >>> meaning_of("Kundenummeret").role, meaning_of("artikelnummer").role
    (<WordRole.LABEL: "the number is somebody's">, <WordRole.PUBLIC: "the number is nobody's">)
    """
    plain = _plain(word)
    if plain in _ABBREVIATIONS and word.isupper():
        return NOTHING
    known = _LABEL if word in _ACRONYMS else _WORDS.get(plain)
    if known is not None:
        says_number = known.role is WordRole.LABEL and _COMPOUND.fullmatch(plain) is not None
        return replace(known, numbered=says_number)
    if (compound := _COMPOUND.fullmatch(plain)) is not None:
        return _of_compound(compound["of"])
    if "-" in plain:
        parts = [_known(part) for part in plain.split("-") if len(part) > 2]
        return next((one for one in parts if one.role is not WordRole.OTHER), NOTHING)
    known = _known(plain)
    return _of_head(plain) if known.role is WordRole.OTHER else known


def _of_compound(first: str) -> WordMeaning:
    """Return the meaning of "number of something": somebody's, unless the thing is public."""
    # Of the letters `nn` in `Telefonnummer` one is left.
    of = _known(first)
    of = _known(first + "n") if of.role is WordRole.OTHER else of
    if of.role in (WordRole.PUBLIC, WordRole.EXTENSION):
        return of
    return WordMeaning(WordRole.LABEL, of.entity, numbered=True)


def _of_head(plain: str) -> WordMeaning:
    """Return the meaning of the word that a compound ends with: `Betalningspåminnelsen`."""
    for at in range(_STEM, len(plain) - _STEM):
        head = plain[at:]
        if head in _HEADS:
            return WordMeaning(WordRole.RECORD)
        for length in range(_LONG, len(head) + 1):
            known = _STEMS.get(head[:length])
            if known is not None and known.role in _OF_HEADS and len(head) - length <= _ENDING:
                return known
    return NOTHING


def _known(plain: str) -> WordMeaning:
    known = _WORDS.get(plain)
    if known is not None:
        return known
    for length in range(len(plain), _STEM - 1, -1):
        if (known := _STEMS.get(plain[:length])) is not None:
            return known
    return NOTHING


@lru_cache(maxsize=_KEPT)
def is_copula(word: str) -> bool:
    """Return whether a word may stand between a number and its label: "12345 is my order"."""
    return _plain(word) in _COPULAS


@lru_cache(maxsize=_KEPT)
def is_emphasis(word: str) -> bool:
    """Return whether a word is often written in capitals beside a label: "my code is DENIED"."""
    return _plain(word) in _EMPHASES


@lru_cache(maxsize=_KEPT)
def is_pointer(word: str) -> bool:
    """Return whether a word points back at a number: "12345, that was my order"."""
    return _plain(word) in _POINTERS


@lru_cache(maxsize=_KEPT)
def is_reference(word: str) -> bool:
    """Return whether a word refers to whatever the word before it names: "article ref."."""
    return _plain(word) in _REFERENCES


@lru_cache(maxsize=_KEPT)
def is_list_word(word: str) -> bool:
    """Return whether a word may stand between two numbers with one label: "and"."""
    return _plain(word) in _LISTS
