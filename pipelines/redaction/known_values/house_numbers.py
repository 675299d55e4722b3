"""Addresses by what is rarest in them: the number of the house near a word of the street.

However people decline, shorten or part the rest of it: "Zielonej 19", "C/ Ntra. Sra. del Prado 22",
"number 11, at the Esdoornhof". Good enough for the person's own texts alone.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from pipelines.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from pipelines.redaction.everyday_words import EVERYDAY
from pipelines.redaction.folding import fold
from pipelines.redaction.known_values.hits import Hit
from pipelines.redaction.known_values.keys import WORD, Entry, Key
from pipelines.redaction.known_values.streets import is_street_word

_NUMBER: Final = re.compile(r"(?<![\w.,/-])(\d{1,5})(?=[\s,;.)/-]|\w\b|$)")
_SHORTEST: Final = 4
_ENDING: Final = 2
"""Letters at the end of a word that a case may change."""
_LONGEST_ENDING: Final = 5
_FARTHEST: Final = 3
"""Words between the street and the number."""
_WINDOW: Final = 80
_BREAK: Final = re.compile(r"[!?]|\n\s*\n")
_TOKEN_BEFORE: Final = re.compile(r"[^\s,;()]{1,20}$")


class HouseNumbers:
    """The house numbers of some people, each with the telling words of its street."""

    def __init__(self, persons: Sequence[Person]) -> None:
        self._streets: Mapping[SubjectRef, dict[str, list[tuple[str, Identifier]]]] = {
            person.ref: streets for person in persons if (streets := _streets(person))
        }

    def find(self, text: str, own: Collection[SubjectRef]) -> Iterator[Hit]:
        """Yield what stands in a text of the person's own."""
        streets = [
            (ref, by_number)
            for ref in own
            if (by_number := self._streets.get(ref)) and any(one in text for one in by_number)
        ]
        if not streets:
            return
        for match in _NUMBER.finditer(text):
            for ref, by_number in streets:
                for stem, identifier in by_number.get(match[1], ()):
                    if place := _near(text, match.start(1), match.end(1), stem):
                        key = Key((stem, match[1]), IdentifierKind.ADDRESS, own_only=True)
                        yield Hit(
                            *place, (Entry(key, ref, identifier),), (place,), (), is_weak=True
                        )


def _streets(person: Person) -> dict[str, list[tuple[str, Identifier]]]:
    found: dict[str, list[tuple[str, Identifier]]] = defaultdict(list)
    for one in (*person.known, *person.own_values):
        if one.kind is not IdentifierKind.ADDRESS:
            continue
        for line in re.split(r"[,;\n]", fold(one.value)):
            words = WORD.findall(line)
            numbers = [word for word in words if word[0].isdigit()]
            for word in words:
                if numbers and _is_telling(word):
                    digits = re.match(r"\d+", numbers[0])
                    found[digits[0] if digits else ""].append((_stem(word), one))
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


def _near(text: str, start: int, end: int, stem: str) -> tuple[int, int] | None:
    """Return from where to where a number and the nearest word that begins so reach."""
    before = text[max(0, start - _WINDOW) : start]
    for number, match in enumerate(reversed(list(WORD.finditer(before)))):
        if number > _FARTHEST or _BREAK.search(before, match.end()):
            break
        if _begins(match[0], stem):
            token = _TOKEN_BEFORE.search(before[: match.start()])
            lead = match.start() if token is None else token.start()
            return start - len(before) + lead, end
    after = text[end : end + _WINDOW]
    for number, match in enumerate(WORD.finditer(after)):
        if number > _FARTHEST or _BREAK.search(after, 0, match.start()):
            break
        if _begins(match[0], stem):
            return start, end + match.end()
    return None


def _begins(word: str, stem: str) -> bool:
    return len(word) < len(stem) + _LONGEST_ENDING + _ENDING and _folded(word).startswith(stem)


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    return fold(word)
