"""Reads which rows name others as theirs, so that these go with the last of them."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey
from lacuna.model.shared_rows import KeysByTable, PlacedRow, SharedRows
from lacuna.model.table import Link, Table
from lacuna.stores.postgres.platform_tables import PlatformTables, linked, only_where

__all__ = ["read_shared_rows"]

_AT_ONCE = 2000


def read_shared_rows(
    connection: sa.Connection, tables: PlatformTables, datamap: DataMap, own: KeysByTable
) -> SharedRows:
    """Read what rows lead to and are named by, of the tables whose rows may be shared."""
    reader = _LinkReader(connection, tables, datamap, own)
    names = datamap.shared_tables
    for name in names & own.keys():
        reader.read(datamap.tables[name])
    return SharedRows(names, reader.leads, reader.named, reader.naming)


class _LinkReader:
    """Reads the links of some rows, table by table."""

    def __init__(
        self,
        connection: sa.Connection,
        tables: PlatformTables,
        datamap: DataMap,
        own: KeysByTable,
    ) -> None:
        self._connection, self._tables = connection, tables
        self._datamap, self._own = datamap, own
        self.leads: dict[PlacedRow, set[PlacedRow]] = defaultdict(set)
        self.named: dict[PlacedRow, int] = defaultdict(int)
        self.naming: dict[PlacedRow, set[PlacedRow]] = defaultdict(set)

    def read(self, table: Table) -> None:
        """Read all links of the rows of one table."""
        sharing = self._datamap.sharing_links(table)
        for link in table.links:
            for keys in _parts(self._own[table.name]):
                if link in sharing:
                    keys = self._count(table, link, keys)
                self._follow(table, link, keys, is_naming=link in sharing)

    def _count(self, table: Table, link: Link, keys: list[RowKey]) -> list[RowKey]:
        """Count the rows that name each; return the rows that ours alone may name."""
        start, there, arrives = self._joined(table, link)
        key = self._tables.key(table, start)
        counted = self._connection.execute(
            sa.select(*key, sa.func.count())
            .select_from(start.join(there, arrives))
            .where(self._tables.key_is_one_of(table, keys, start))
            .group_by(*key)
        )
        ours = len(self._own.get(link.table, ()))
        few: list[RowKey] = []
        for *part, count in counted:
            self.named[table.name, tuple(part)] += count
            if count <= ours:
                few.append(tuple(part))
        return few

    def _follow(self, table: Table, link: Link, keys: list[RowKey], *, is_naming: bool) -> None:
        if not keys or link.table not in self._own:
            return
        start, there, arrives = self._joined(table, link)
        target = self._datamap.tables[link.table]
        query = (
            sa.select(*self._tables.key(table, start), *self._tables.key(target, there))
            .select_from(start.join(there, arrives))
            .where(self._tables.key_is_one_of(table, keys, start))
        )
        width = len(table.key)
        ours = self._own[link.table]
        for row in self._connection.execute(query):
            here, led = (table.name, tuple(row[:width])), (link.table, tuple(row[width:]))
            if led[1] in ours:
                self.leads[here].add(led)
                if is_naming:
                    self.naming[here].add(led)

    def _joined(
        self, table: Table, link: Link
    ) -> tuple[FromClause, FromClause, ColumnElement[bool]]:
        start = self._tables.table(table.name).alias("start")
        there = self._tables.table(link.table).alias("there")
        arrives: ColumnElement[bool] = linked(start, link) == self._tables.linked_to(link, there)
        only = only_where(start, link)
        return start, there, arrives if only is None else arrives & only


def _parts(keys: frozenset[RowKey]) -> Iterator[list[RowKey]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
