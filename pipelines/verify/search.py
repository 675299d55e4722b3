"""Searches texts for every identifier of many people at once, in every view of each text."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import ahocorasick

from pipelines.model.identity import Identifier, IdentifierKind, SubjectRef
from pipelines.verify.decode import digits_only, fold, views

_FEWEST_DIGITS: Final = 7
_HASHES: Final = ("md5", "sha1", "sha256", "sha512")
_HASHED: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.EXTERNAL_ID})
# Country calling codes of two digits (ITU-T E.164); those of one are 1 and 7, the rest have three.
_TWO_DIGIT_CODES: Final = frozenset(
    [
        "20",
        "27",
        "30",
        "31",
        "32",
        "33",
        "34",
        "36",
        "39",
        "40",
        "41",
        "43",
        "44",
        "45",
        "46",
        "47",
        "48",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "56",
        "57",
        "58",
        "60",
        "61",
        "62",
        "63",
        "64",
        "65",
        "66",
        "81",
        "82",
        "84",
        "86",
        "90",
        "91",
        "92",
        "93",
        "94",
        "95",
        "98",
    ]
)


@dataclass(frozen=True)
class Needle:
    """One value that is searched for, and whose it is."""

    ref: SubjectRef
    identifier: Identifier = field(repr=False)


class Needles:
    """The identifiers of many people, ready to be searched for in one pass a text.

    Names and numbers must stand alone: `Anna Berg` is not found in `Anna Bergstrom`. E-mail,
    phone and external id are also searched as unsalted hashes, which anybody could reverse.
    """

    def __init__(self, people: Iterable[tuple[SubjectRef, Collection[Identifier]]]) -> None:
        """Prepare the search.

        Args:
            people: each with their identifiers.
        """
        self._words = ahocorasick.Automaton()
        self._digits = ahocorasick.Automaton()
        words: dict[str, set[Needle]] = defaultdict(set)
        digits: dict[str, set[tuple[Needle, frozenset[str]]]] = defaultdict(set)
        for ref, identifiers in people:
            for identifier in identifiers:
                needle = Needle(ref, identifier)
                for text in _spellings(identifier):
                    words[text].add(needle)
                if identifier.kind is IdentifierKind.PHONE:
                    for number, before in _numbers(identifier.value):
                        digits[number].add((needle, before))
        for text, needles in words.items():
            self._words.add_word(text, (len(text), frozenset(needles)))
        for number, places in digits.items():
            self._digits.add_word(number, (len(number), frozenset(places)))
        self._words.make_automaton()
        self._digits.make_automaton()
        self._has_words, self._has_digits = bool(words), bool(digits)

    def find(self, text: str) -> frozenset[Needle]:
        """Return every needle that a text holds, in any of its views."""
        found: set[Needle] = set()
        for view in views(text):
            folded = fold(view)
            if self._has_words:
                found.update(_words_in(self._words, folded))
            if self._has_digits and sum(sign.isdigit() for sign in folded) >= _FEWEST_DIGITS:
                found.update(_numbers_in(self._digits, digits_only(folded)))
        return frozenset(found)


def _words_in(automaton: ahocorasick.Automaton, text: str) -> Iterator[Needle]:
    for last, (length, needles) in automaton.iter(text):
        start, end = last - length + 1, last + 1
        before = text[start - 1] if start else " "
        after = text[end] if end < len(text) else " "
        for needle in needles:
            if _stands_alone(needle.identifier.kind, before, after):
                yield needle


def _stands_alone(kind: IdentifierKind, before: str, after: str) -> bool:
    match kind:
        case IdentifierKind.EMAIL:
            return not (before.isalnum() or before in "._%+-") and not after.isalnum()
        case IdentifierKind.NAME:
            # A genitive s or an inflection of one letter still is the name.
            return not before.isalnum() and (not after.isalpha() or after in "sn")
        case _:
            return not before.isalnum() and not after.isalnum()


def _numbers_in(automaton: ahocorasick.Automaton, text: str) -> Iterator[Needle]:
    for last, (length, places) in automaton.iter(text):
        start, end = last - length + 1, last + 1
        if end < len(text) and text[end].isdigit():
            continue
        first = start
        while first and text[first - 1].isdigit():
            first -= 1
        for needle, before in places:
            if text[first:start] in before:
                yield needle


def _spellings(identifier: Identifier) -> Iterator[str]:
    value = fold(identifier.value).strip()
    if identifier.kind is not IdentifierKind.PHONE:
        yield value
    if identifier.kind is IdentifierKind.NAME and " " in value:
        given, _, family = value.rpartition(" ")
        yield f"{family}, {given}"
        yield f"{family} {given}"
    if identifier.kind is IdentifierKind.CONTACT_ID and "-" in value:
        yield value.replace("-", "")
    if identifier.kind in _HASHED:
        for text in {identifier.value, identifier.value.strip().lower()}:
            for name in _HASHES:
                yield hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _numbers(value: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield a number as its digits, each with the digits that may stand right before it."""
    number = re.sub(r"\D", "", value)
    if len(number) < _FEWEST_DIGITS:
        return
    yield number, frozenset({"", "00", "011"})
    if value.strip().startswith("+"):
        length = _code_length(number)
        code, national = number[:length], number[length:]
        if len(national) >= _FEWEST_DIGITS:
            yield national, frozenset({"", "0", f"{code}0"})


def _code_length(number: str) -> int:
    if number[0] in "17":
        return 1
    return 2 if number[:2] in _TWO_DIGIT_CODES else 3
