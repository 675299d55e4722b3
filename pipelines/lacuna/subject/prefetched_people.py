"""Reads ahead who the people of a batch are: a few statements for all, instead of some for each."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.table import Column
from lacuna.ports import PeopleReading, PlatformReading

K = TypeVar("K")


class PeopleAhead:
    """Answers what is asked of one tenant's people from what was read for all of them at once.

    What was not read ahead is asked of the platform.
    """

    def __init__(
        self, reading: PlatformReading, org_id: str, identifiers: Collection[Identifier]
    ) -> None:
        """Read whoever holds one of the identifiers, and by what else they are known."""
        self._reading: PeopleReading = reading
        self._org_id = org_id
        holders = dict(reading.holders(org_id, frozenset(identifiers)))
        named = frozenset[str]().union(*holders.values())
        self._groups = reading.merged_groups(org_id, named)
        keys = frozenset[str]().union(*self._groups.values())
        self._identifiers = reading.identifiers_of(org_id, keys)
        known = {one for pairs in self._identifiers.values() for one, _ in pairs}
        known |= {Identifier(IdentifierKind.CONTACT_ID, key) for key in keys}
        self._holders = holders | dict(reading.holders(org_id, known - holders.keys()))

    @property
    def joined_by(self) -> tuple[IdentifierKind, ...]:
        return self._reading.joined_by

    def holders(
        self, org_id: str, identifiers: Collection[Identifier]
    ) -> Mapping[Identifier, frozenset[str]]:
        unread = self._unread(org_id, identifiers, self._holders)
        found = {one: self._holders[one] for one in identifiers if one not in unread}
        return found | dict(self._reading.holders(org_id, unread)) if unread else found

    def merged_with(self, org_id: str, keys: Collection[str]) -> frozenset[str]:
        if self._unread(org_id, keys, self._groups):
            return self._reading.merged_with(org_id, keys)
        return frozenset[str]().union(*(self._groups[key] for key in keys))

    def identifiers_of(
        self, org_id: str, keys: Collection[str]
    ) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        if self._unread(org_id, keys, self._identifiers):
            return self._reading.identifiers_of(org_id, keys)
        return {key: self._identifiers[key] for key in keys}

    def profiles(self, keys: Collection[str]) -> Mapping[str, Sequence[tuple[Column, object]]]:
        return self._reading.profiles(keys)

    def _unread(self, org_id: str, wanted: Collection[K], read: Mapping[K, object]) -> frozenset[K]:
        if org_id != self._org_id:
            return frozenset(wanted)
        return frozenset(one for one in wanted if one not in read)
