"""Values in scripts that put no blank between words: they are looked for within whatever stands there."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import ahocorasick

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.scripts import UNSPACED, is_unspaced, is_whole_address, is_whole_name
from lacuna.redaction.known_values.value_matches import ValueMatch
from lacuna.redaction.known_values.value_spellings import Key, KeyEntry

_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_BETWEEN: Final = frozenset("·・‧.,，、-－_>|")  # noqa: RUF001
_KINDS: Final = frozenset(
    (
        IdentifierKind.NAME,
        IdentifierKind.ADDRESS,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.FILE,
        IdentifierKind.OTHER,
    )
)
_SHORTEST_VALUE: Final = 3
_SHORTEST_NAME: Final = 2
_SHORTEST_ID: Final = 5


class _Plain(dict[str, str]):
    """A character as values compare; nothing for what may stand between two."""

    def __missing__(self, character: str) -> str:
        if character.isspace() or character in _BETWEEN or unicodedata.category(character) == "Cf":
            plain = ""
        else:
            plain = unicodedata.normalize("NFKD", character).casefold()
        if len(self) < 1 << 16:
            self[character] = plain
        return plain


_PLAIN: Final = _Plain()


class Unspaced:
    """The values of some people in such a script."""

    def __init__(self, persons: Sequence[Person]) -> None:
        entries: dict[str, list[KeyEntry]] = defaultdict(list)
        for person in persons:
            for identifier, said, own_only in _forms(person):
                kind = IdentifierKind.NAME if identifier is None else identifier.kind
                key = Key((said,), kind, own_only=own_only)
                entries[said].append(KeyEntry(key, person.ref, identifier))
        self._automaton = ahocorasick.Automaton()
        for said, some in entries.items():
            self._automaton.add_word(said, (len(said), tuple(some)))
        self.is_empty = not entries
        if entries:
            self._automaton.make_automaton()

    def find(
        self, text: str, own: Collection[SubjectRef], kept_names: Collection[str]
    ) -> Iterator[ValueMatch]:
        """Yield the values in a text; of what counts in own texts alone, that of `own`.

        Args:
            kept_names: that stay in the texts of others.
        """
        if self.is_empty or text.isascii() or not _UNSPACED.search(text):
            return
        characters: list[str] = []
        places: list[int] = []
        for place, character in enumerate(text):
            for one in _PLAIN[character]:
                characters.append(one)
                places.append(place)
        plain = "".join(characters)
        kept: frozenset[str] | None = None
        for last, (length, entries) in self._automaton.iter(plain):
            first = last + 1 - length
            if not _is_apart(plain, first, last + 1):
                continue
            if kept is None:
                kept = frozenset(map(_plain, kept_names))
            is_kept = plain[first : last + 1] in kept
            found = tuple(
                one
                for one in entries
                if one.subject in own
                or not (one.key.own_only or (is_kept and one.key.kind is IdentifierKind.NAME))
            )
            if found:
                start, end = places[first], places[last] + 1
                is_weak = all(one.key.own_only for one in found)
                yield ValueMatch(start, end, found, ((start, end),), (length,), is_weak=is_weak)


def _forms(person: Person) -> Iterator[tuple[Identifier | None, str, bool]]:
    """Yield each value, None for a short name, how it is written, and if it counts in own texts alone."""
    for own_only, values in ((False, person.known), (True, person.own_values)):
        for one in values:
            if one.kind in _KINDS and is_unspaced(one.value):
                shortest = _SHORTEST_NAME if one.kind is IdentifierKind.NAME else _SHORTEST_VALUE
                for said in _written(one):
                    if len(said) >= shortest:
                        yield one, said, own_only or not _tells(one)
    for name in person.short_names:
        if is_unspaced(name) and len(said := _plain(name)) >= _SHORTEST_NAME:
            yield None, said, True


def _written(identifier: Identifier) -> set[str]:
    """Return a value without blanks, a name with its words in every order."""
    words = identifier.value.split() if identifier.kind is IdentifierKind.NAME else ()
    turned = {_plain("".join((*words[at:], *words[:at]))) for at in range(len(words))}
    return {_plain(identifier.value), *turned}


def _plain(text: str) -> str:
    return "".join(_PLAIN[character] for character in text)


def _tells(identifier: Identifier) -> bool:
    match identifier.kind:
        case IdentifierKind.NAME:
            return is_whole_name(identifier.value)
        case IdentifierKind.ADDRESS:
            return is_whole_address(identifier.value)
        case IdentifierKind.EXTERNAL_ID:
            return not identifier.value.isalpha() and len(identifier.value) >= _SHORTEST_ID
        case _:
            return True


def _is_apart(plain: str, start: int, end: int) -> bool:
    """Whether neither a number nor a syllable goes on beside a value, nor a word of other letters."""
    if unicodedata.category(plain[end : end + 1] or " ").startswith("M"):
        return False
    ends = ((plain[start], plain[start - 1 : start]), (plain[end - 1], plain[end : end + 1]))
    return not any(_go_on(inside, outside) for inside, outside in ends)


def _go_on(inside: str, outside: str) -> bool:
    if inside.isdigit():
        return outside.isdigit()
    return inside.isalpha() and outside.isalpha() and not _UNSPACED.search(inside + outside)
