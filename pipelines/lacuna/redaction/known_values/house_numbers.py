"""Addresses by what is rarest in them: the number of the house near a word of the street.

However people decline, shorten or part the rest of it: "Zielonej 19", "C/ Ntra. Sra. del Prado 22",
"number 11, at the Esdoornhof". Good enough for the person's own texts alone.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from lacuna.model.everyday_words import EVERYDAY
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.redaction.folding import fold
from lacuna.redaction.known_values.number_forms import WORD
from lacuna.redaction.known_values.streets import is_street_word
from lacuna.redaction.known_values.value_matches import ValueMatch
from lacuna.redaction.known_values.value_spellings import Key, KeyEntry

_NUMBER: Final = re.compile(r"(?<![\w.,/-])(\d{1,5})(?=[\s,;.)/-]|\w\b|$)")
_SHORTEST: Final = 4
_ENDING: Final = 2
"""Letters at the end of a word that a case may change."""
_LONGEST_ENDING: Final = 6
_FARTHEST: Final = 3
"""Words between the street and the number."""
_DIGITS: Final = re.compile(r"\d+")
_WINDOW: Final = 80
_BREAK: Final = re.compile(r"[!?]|\n\s*\n")
_TOKEN_BEFORE: Final = re.compile(r"[^\s,;()]{1,20}$")


_Streets = Mapping[str, Identifier]
"""Stem of a word → the address in whose street it is."""


class HouseNumbers:
    """The house numbers of some people, each with the telling words of its street."""

    def __init__(self, persons: Sequence[Person]) -> None:
        self._streets: Mapping[SubjectRef, Mapping[str, _Streets]] = {
            person.ref: streets for person in persons if (streets := _streets(person))
        }

    def find(self, text: str, own: Collection[SubjectRef]) -> Iterator[ValueMatch]:
        """Yield the values in a text of the person's own."""
        for ref in own:
            for number, stems in self._streets.get(ref, {}).items():
                for at in _places(number, text):
                    for start, end, identifier in _near(text, at, at + len(number), stems):
                        key = Key((number,), IdentifierKind.ADDRESS, own_only=True)
                        entries = (KeyEntry(key, ref, identifier),)
                        yield ValueMatch(start, end, entries, ((start, end),), (), is_weak=True)


def _places(number: str, text: str) -> Iterator[int]:
    """Yield where a number stands by itself, or with one letter behind it."""
    at = text.find(number)
    while at >= 0:
        if (match := _NUMBER.match(text, at)) and match[1] == number:
            yield at
        at = text.find(number, at + 1)


def _streets(person: Person) -> Mapping[str, _Streets]:
    found: dict[str, dict[str, Identifier]] = defaultdict(dict)
    for one in (*person.known, *person.own_values):
        if one.kind is not IdentifierKind.ADDRESS:
            continue
        for line in re.split(r"[,;\n]", fold(one.value)):
            words = WORD.findall(line)
            number = next((match[0] for word in words if (match := _DIGITS.match(word))), "")
            for word in words if number else ():
                if _is_telling(word):
                    found[number].setdefault(_stem(word), one)
    return dict(found)


def _is_telling(word: str) -> bool:
    return (
        len(word) >= _SHORTEST
        and word.isalpha()
        and word not in EVERYDAY
        and not is_street_word(word)
    )


def _stem(word: str) -> str:
    return word[: max(_SHORTEST, len(word) - _ENDING)]


def _near(
    text: str, start: int, end: int, stems: _Streets
) -> Iterator[tuple[int, int, Identifier]]:
    """Yield from where to where a number and each word of its street near it reach."""
    before = text[max(0, start - _WINDOW) : start]
    for match in [*WORD.finditer(before)][-1 : -2 - _FARTHEST : -1]:
        if _BREAK.search(before, match.end()):
            break
        if identifier := _begun(match[0], stems):
            token = _TOKEN_BEFORE.search(before[: match.start()])
            lead = match.start() if token is None else token.start()
            yield start - len(before) + lead, end, identifier
    after = text[end : end + _WINDOW]
    for match in islice(WORD.finditer(after), _FARTHEST + 1):
        if _BREAK.search(after, 0, match.start()):
            break
        if identifier := _begun(match[0], stems):
            yield start, end + match.end(), identifier


def _begun(word: str, stems: _Streets) -> Identifier | None:
    """Return the address of a stem with which a word begins, but for an ending."""
    folded = _folded(word)
    shortest = max(_SHORTEST, len(folded) - _LONGEST_ENDING)
    sizes = range(len(folded), shortest - 1, -1)
    return next((stems[stem] for size in sizes if (stem := folded[:size]) in stems), None)


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    return fold(word)
