"""Kinds and states of rows that a number tells, which another table gives a name.

Such numbers differ from one installation to the next: the map has the names, and each run reads the
numbers from the database.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.suggestion import fragment
from lacuna.model.datamap import DataMap, Subject
from lacuna.model.location import ColumnName, TableName
from lacuna.model.membership import Membership
from lacuna.model.request import Level
from lacuna.model.table import Link, Table

__all__ = [
    "NamedNumbers",
    "looked_up",
    "lookup_columns",
    "lookup_drift",
    "told_memberships",
    "untold_drift",
]

_NO_ROWS: Final = ""
NamedNumbers = Mapping[ColumnName, Mapping[str, tuple[str, ...]]]
"""By column of names, the keys of the rows with each name, as text."""


def lookup_columns(datamap: DataMap) -> frozenset[ColumnName]:
    """Return the columns whose names a map uses."""
    return frozenset(lookup for _, lookup, _ in _uses(datamap))


def looked_up(datamap: DataMap, numbers: NamedNumbers) -> DataMap:
    """Return a map that has the numbers of this database; its digest is that of the names.

    A name that the database has not yet is in no row.
    """
    return replace(
        datamap,
        subject=_subject(datamap.subject, numbers),
        tables={name: _table(table, numbers) for name, table in datamap.tables.items()},
        kinds={
            name: replace(
                kind,
                tables={each: _table(table, numbers) for each, table in kind.tables.items()},
            )
            for name, kind in datamap.kinds.items()
        },
    )


def lookup_drift(datamap: DataMap, numbers: NamedNumbers) -> Iterator[Drift]:
    """Yield names that are not in the map, and those with several numbers.

    Args:
        datamap: as it was loaded.
    """
    yield from _missing(datamap, numbers)
    known: dict[ColumnName, set[str]] = {}
    lookups: dict[ColumnName, ColumnName] = {}
    for place, lookup, used in _uses(datamap):
        column = datamap.tables[place.table].column(place.name)
        known.setdefault(place, {*column.values, *column.legend}).update(used)
        lookups[place] = lookup
    for place, listed in sorted(known.items()):
        there = numbers.get(lookups[place], {})
        if new := sorted(there.keys() - listed):
            yield Drift(
                names.written(place),
                DriftKind.UNMAPPED,
                f"rows are told apart by this column, but the map does not list {', '.join(new)} of "
                f"{names.written(lookups[place])}; state in links, member or open_when what "
                "happens to such rows, or name it under values",
                fragment(
                    "tables",
                    names.written(place.table),
                    "columns",
                    place.name,
                    value={"values": new},
                ),
            )
        for name in sorted(listed & there.keys()):
            if len(there[name]) > 1:
                yield Drift(
                    names.written(place),
                    DriftKind.KEY,
                    f"{names.written(lookups[place])} has {len(there[name])} rows with the name "
                    f"{name}, so it does not tell rows apart; add a unique index",
                    "",
                )


def told_memberships(datamap: DataMap) -> tuple[Membership, ...]:
    """Return the memberships with conditions that no lookup answers: whether a row meets them is seen live."""
    members = (one.member for one in _subjects(datamap))
    return tuple(one for one in members if one is not None and one.where and one.lookup is None)


def untold_drift(untold: Iterable[Membership]) -> Iterator[Drift]:
    """Yield memberships whose conditions no row meets: everybody would be of another kind."""
    for member in untold:
        yield Drift(
            names.written(member.told_in),
            DriftKind.MISSING,
            f"people are told apart by a row with {', '.join(name for name, _ in member.where)} as "
            "the map says under member, but no row is so; correct the map, or add the row",
            "",
        )


def _missing(datamap: DataMap, numbers: NamedNumbers) -> Iterator[Drift]:
    """Yield names by which people are told apart and that nothing has: nobody would be of the kind."""
    for subject in _subjects(datamap):
        member = subject.member
        if member is None or member.lookup is None or member.lookup not in numbers:
            continue
        for name in member.values:
            if name not in numbers[member.lookup]:
                yield Drift(
                    names.written(member.lookup),
                    DriftKind.MISSING,
                    f"people are told apart by the name {name}, but no row has it; correct member in "
                    "the map, or add the row",
                    "",
                )


def _subjects(datamap: DataMap) -> Iterator[Subject]:
    yield datamap.subject
    for kind in datamap.kinds.values():
        yield kind.subject


def _uses(datamap: DataMap) -> Iterator[tuple[ColumnName, ColumnName, tuple[str, ...]]]:
    """Yield columns with numbers, where the names of the numbers are, and the names that are used."""
    subject = datamap.subject
    if subject.open_lookup is not None:
        column, values = subject.open_when
        yield ColumnName(subject.levels[Level.CONVERSATION], column), subject.open_lookup, values
    for member in (one.member for one in _subjects(datamap)):
        if member is not None and member.lookup is not None and member.through is not None:
            place = ColumnName(member.column.table, member.through[0])
            yield place, member.lookup, member.values
    for tables in _views(datamap):
        for table in tables.values():
            for link in _links(table):
                if link.lookup is not None and link.where is not None:
                    yield ColumnName(table.name, link.where[0]), link.lookup, (link.where[1],)


def _subject(subject: Subject, numbers: NamedNumbers) -> Subject:
    if subject.open_lookup is None:
        return subject
    column, values = subject.open_when
    return replace(subject, open_when=(column, _keys_of(subject.open_lookup, values, numbers)))


def _views(datamap: DataMap) -> Iterator[Mapping[TableName, Table]]:
    yield datamap.tables
    for kind in datamap.kinds.values():
        yield kind.tables


def _links(table: Table) -> tuple[Link, ...]:
    return (*table.links, *table.tenant_through)


def _table(table: Table, numbers: NamedNumbers) -> Table:
    return replace(
        table,
        links=tuple(each for one in table.links for each in _with_keys(one, numbers)),
        tenant_through=tuple(
            each for one in table.tenant_through for each in _with_keys(one, numbers)
        ),
    )


def _with_keys(link: Link, numbers: NamedNumbers) -> Iterator[Link]:
    if link.lookup is None or link.where is None:
        yield link
        return
    column, name = link.where
    for key in _keys_of(link.lookup, (name,), numbers) or (_NO_ROWS,):
        yield replace(link, where=(column, key))


def _keys_of(lookup: ColumnName, named: tuple[str, ...], numbers: NamedNumbers) -> tuple[str, ...]:
    """Return the keys of the rows with these names."""
    there = numbers.get(lookup, {})
    return tuple(key for name in named for key in there.get(name, ()))
