"""Whom an inventory looks for, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lacuna.model.hold import HeldItems, ItemHold
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.location import ObjectPath, RowKey, TableName
from lacuna.model.request import Level
from lacuna.model.shared_rows import KeysByTable
from lacuna.ports import FileSearch, Matcher, Objects

Own: TypeAlias = Mapping[SubjectRef, Mapping[TableName, frozenset[RowKey]]]
"""The own rows of people, by table."""


@dataclass(frozen=True)
class Sought:
    """A person, and the row that their request starts from.

    Attributes:
        roots: keys of rows of the level's table; the person's own keys at contact level.
        is_everywhere: whether they are also looked for outside their own rows. A
            conversation or a message erased alone leaves the person known.
        holds: tables in which their rows stay.
        kept: rows that a hold kept back before, and that no link leads to any more.
        shared: rows of theirs that an erasure leaves, for rows of others name them.
        held_with: those that it leaves for the rows that a hold keeps.
    """

    person: Person
    level: Level
    roots: tuple[str, ...] = field(repr=False)
    is_everywhere: bool = False
    holds: tuple[ItemHold, ...] = ()
    kept: tuple[HeldItems, ...] = field(repr=False, default=())
    shared: KeysByTable = field(repr=False, default_factory=dict, hash=False)
    held_with: KeysByTable = field(repr=False, default_factory=dict, hash=False)


@dataclass(frozen=True)
class Surroundings:
    """Where to look for people besides their own rows.

    Attributes:
        matchers: one a tenant, knowing the people sought of that tenant.
        objects: the stores by name.
        search: what the gate will find in files, so that a plan covers it.
        spared: objects that stay, since a held row names them.
    """

    matchers: Mapping[str, Matcher]
    objects: Mapping[str, Objects]
    search: FileSearch
    spared: frozenset[ObjectPath] = frozenset()
