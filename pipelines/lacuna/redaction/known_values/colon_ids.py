"""Ids with colons in them, which part words everywhere else: IPv6 and hardware addresses, `ORD:48812`."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from ipaddress import IPv6Address
from typing import Final

from lacuna.model.identity import IdentifierKind, Person, SubjectRef
from lacuna.redaction.known_values.value_matches import ValueMatch
from lacuna.redaction.known_values.value_spellings import Key, KeyEntry

_COLON: Final = re.compile(r":(?=[\w:])")
_BEFORE: Final = re.compile(r"[\w.:-]{0,48}$")
_AFTER: Final = re.compile(r"[\w.:-]{1,96}")
_PIECE: Final = re.compile(r"[^:]+|::?")
_IN_FULL: Final = re.compile(r":(?<=[0-9a-f]:)[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){6}", re.IGNORECASE)
_HEAD: Final = re.compile(r"([\w.-]+):(?=\w)")
_MOST_PIECES: Final = 24
_SHORTEST: Final = 5


class ColonIds:
    """The ids of some people that hold a colon."""

    def __init__(self, persons: Sequence[Person]) -> None:
        """Know every such id, an IPv6 address in whatever form it was given."""
        entries: dict[str, list[KeyEntry]] = defaultdict(list)
        for person in persons:
            for own_only, values in ((False, person.known), (True, person.own_values)):
                for one in values:
                    if one.kind is not IdentifierKind.EXTERNAL_ID or ":" not in one.value:
                        continue
                    if sum(map(str.isalnum, one.value)) >= _SHORTEST:
                        said = _alike(one.value.strip().lower())
                        key = Key((said,), one.kind, own_only=own_only)
                        entries[said].append(KeyEntry(key, person.ref, one))
        self._entries: Mapping[str, Sequence[KeyEntry]] = entries
        self._has_networks = any(said.count(":") > 1 and _is_network(said) for said in entries)
        self.is_empty = not entries
        self._heads = {said.partition(":")[0] for said in entries if not _is_network(said)}

    def find(self, text: str, own: Collection[SubjectRef]) -> Iterator[ValueMatch]:
        """Yield the values in a text; of what counts in own texts alone, that of `own`."""
        done = 0
        for colon in _COLON.finditer(text) if self._is_promising(text) else ():
            if colon.start() < done:
                continue
            before = _BEFORE.search(text, max(done, colon.start() - 48), colon.start())
            start = colon.start() if before is None else before.start()
            token = _AFTER.match(text, start)
            done = colon.end() if token is None else token.end()
            yield from self._within(text, start, done, own)

    def _is_promising(self, text: str) -> bool:
        """Whether there is anything like one of the ids in a text: times of day are not."""
        if self._has_networks and ("::" in text or _IN_FULL.search(text)):
            return True
        return bool(self._heads) and any(
            found[1].lower() in self._heads for found in _HEAD.finditer(text)
        )

    def _within(
        self, text: str, start: int, end: int, own: Collection[SubjectRef]
    ) -> Iterator[ValueMatch]:
        """Yield the ids of which a run without blanks consists, or that it ends or begins with."""
        pieces = list(_PIECE.finditer(text, start, end))[:_MOST_PIECES]
        for first, left in enumerate(pieces):
            for right in reversed(pieces[first:]):
                said = text[left.start() : right.end()].rstrip(".-")
                whole = tuple(
                    entry
                    for entry in self._entries.get(_alike(said.lower()), ())
                    if not entry.key.own_only or entry.subject in own
                )
                if whole and ":" in said:
                    last = left.start() + len(said)
                    yield ValueMatch(
                        left.start(), last, whole, ((left.start(), last),), (len(said),)
                    )
                    return


def _is_network(said: str) -> bool:
    try:
        IPv6Address(said)
    except ValueError:
        return False
    return True


def _alike(said: str) -> str:
    """Return an IPv6 address in its short form, anything else as it is."""
    if said.count(":") < 2:
        return said
    try:
        return IPv6Address(said).compressed
    except ValueError:
        return said
