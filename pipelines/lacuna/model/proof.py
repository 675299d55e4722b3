"""What a data map was seen to leave: places that hold values of sampled people, before anybody is erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lacuna.model.identity import ValueClass


class Fate(StrEnum):
    """What an erasure makes of a value at a place."""

    ERASED = "erased"  # the column gets another value
    COVERED = "covered"  # the value alone, in a text
    DELETED = "deleted"  # with its row or file
    STAYS = "stays"
    REFUSED = "refused"  # the plans of these people are, for the map expects nobody there
    UNREACHED = "unreached"  # the plans are refused too: the row is theirs, and no link says so

    @property
    def is_lost(self) -> bool:
        """Whether the erasure gets rid of the value."""
        return self in (Fate.ERASED, Fate.COVERED, Fate.DELETED)


@dataclass(frozen=True)
class ProvedPlace:
    """A place that holds values of sampled people.

    Attributes:
        kind: of people.
        place: `schema.table.column`, or store and pattern; never a path or value.
        mapped_as: what the data map says of it.
        rows: rows or files that hold a value.
        people: how many of the sample have a value there.
        classes: of the values.
        reason: why the data map lets values stay; empty for no such reason.
        settlement: what would take the values away; empty where nothing stays, or an entry does.
        entry: the fragment of the data map that takes them away, as YAML; empty for none.
    """

    kind: str
    place: str
    mapped_as: str
    fate: Fate
    rows: int
    people: int
    classes: tuple[ValueClass, ...]
    reason: str = ""
    settlement: str = ""
    entry: str = ""

    @property
    def is_finding(self) -> bool:
        """Whether an erasure would leave the value, and the data map does not say why it may."""
        return self.fate is Fate.STAYS and not self.reason


@dataclass(frozen=True)
class Proof:
    """What a search for sampled people found.

    Attributes:
        datamap_digest: SHA-256 hex of the data map that was searched by.
        people: size of the sample, by kind of people.
        tables, stores: how many were searched.
        places: where values stand, findings first.
        unread: places that could not be read, each with the reason.
        outside: schemas outside of the map with tables that the verifier may not read, each with
            how many they are. Nothing is known of them, and they refuse nothing.
    """

    datamap_digest: str
    people: dict[str, int]
    tables: int
    stores: int
    places: tuple[ProvedPlace, ...]
    unread: tuple[str, ...] = ()
    outside: Mapping[str, int] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[ProvedPlace, ...]:
        """Where a value would be left."""
        return tuple(one for one in self.places if one.is_finding)

    @property
    def passed(self) -> bool:
        """Whether people were looked for everywhere, and nothing of them would be left."""
        return bool(self.sampled) and not self.findings and not self.unread

    @property
    def sampled(self) -> int:
        """How many people were looked for, of all kinds."""
        return sum(self.people.values())
