"""Tries an erasure against what the platform's application needs of its rows."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.table import Invariant, Table
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables, same
from lacuna.stores.postgres.queue_tables import WORKING_ROW
from lacuna.stores.postgres.tombstone_changes import of_requests
from lacuna.stores.postgres.treated_rows import TreatedRows

__all__ = ["PlatformInvariants", "holds"]


def holds(
    one: Invariant, value: ColumnElement[Any], tables: PlatformTables, datamap: DataMap
) -> ColumnElement[bool]:
    """Return the condition that a value meets an invariant; never NULL."""
    text = sa.cast(value, sa.Text)
    conditions: list[ColumnElement[bool]] = []
    if one.one_of:
        conditions.append(text.in_(one.one_of))
    if one.pattern is not None:
        conditions.append(text.op("~", is_comparison=True)(one.pattern))
    if one.exists_in is not None:
        other = tables.table(one.exists_in).alias("needed")
        key = other.c[datamap.tables[one.exists_in].key[0]]
        conditions.append(sa.exists().where(same(key, value)))
    met = sa.and_(sa.true(), *conditions)
    return sa.and_(value.is_not(None), met) if one.never_null else sa.or_(value.is_(None), met)


class PlatformInvariants:
    """The invariants of one data map, on a connection."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        self._connection = connection
        self._datamap = datamap
        self._tables = PlatformTables(connection, datamap)
        self._declared = [
            (table, one) for table in datamap.tables.values() for one in table.invariants
        ]

    def would_break(self, rows: Mapping[TableName, Collection[RowKey]]) -> Mapping[ColumnName, int]:
        found: dict[ColumnName, int] = {}
        for table, one in self._declared:
            count = self._would_break(table, one, rows) + self._left_alone(table, one, rows)
            if count:
                found[ColumnName(table.name, one.column)] = count
        return found

    def broken(
        self, request_ids: Collection[str], portion: int | None = None
    ) -> Mapping[ColumnName, int]:
        found: dict[ColumnName, int] = {}
        for table, one in self._declared:
            reflected = self._tables.table(table.name)
            # Driven by the working rows, so that the index of the key serves.
            is_changed = [
                reflected.c[name]
                == sa.cast(WORKING_ROW.c.row_key[position], reflected.c[name].type)
                for position, name in enumerate(table.key, start=1)
            ]
            rows = (
                sa.select(*self._tables.key(table))
                .distinct()
                .where(
                    *of_requests(table.name, sorted(request_ids), portion),
                    *is_changed,
                    sa.not_(self._holds(one, reflected.c[one.column])),
                )
            )
            if count := self._count(rows.subquery()):
                found[ColumnName(table.name, one.column)] = count
        return found

    def _holds(self, one: Invariant, value: ColumnElement[Any]) -> ColumnElement[bool]:
        return holds(one, value, self._tables, self._datamap)

    def _would_break(
        self, table: Table, one: Invariant, rows: Mapping[TableName, Collection[RowKey]]
    ) -> int:
        """Count the rows in which the treatment of the column would break what holds now."""
        treated = TreatedRows(self._datamap.without_references(table), self._tables)
        if not rows.get(table.name) or not treated.changed([one.column]):
            return 0
        now = self._holds(one, self._tables.table(table.name).c[one.column])
        left = treated.of([one.column], rows[table.name], now)
        return self._count(left, sa.not_(self._holds(one, left.c[one.column])))

    def _left_alone(
        self, table: Table, one: Invariant, rows: Mapping[TableName, Collection[RowKey]]
    ) -> int:
        """Count the rows that stay as they are and need a row that goes, or gets another key."""
        if one.exists_in is None or not rows.get(one.exists_in):
            return 0
        other = self._datamap.tables[one.exists_in]
        is_rekeyed = (
            other.rows is RowErasure.ANONYMIZE
            and other.column(other.key[0]).erasure.treatment is Treatment.NEW_KEY
        )
        is_reference = other.name == self._datamap.subject.table and one.column in table.references
        if is_reference or (not is_rekeyed and other.rows is not RowErasure.DELETE):
            return 0
        value = self._tables.table(table.name).c[one.column]
        gone = sa.cast(sorted({key[0] for key in rows[one.exists_in]}), ARRAY(sa.Text))
        # A link to a tombstone contact counts as unchanged above, and leads elsewhere all the same.
        own_columns = self._datamap.without_references(table)
        goes_too = table.rows is RowErasure.DELETE or (
            table.rows is RowErasure.ANONYMIZE and own_columns.column(one.column).is_set
        )
        own = rows.get(table.name, ()) if goes_too else ()
        return self._count(
            value.table,
            sa.cast(value, sa.Text) == sa.any_(gone),
            sa.not_(self._tables.key_is_one_of(table, own)),
        )

    def _count(self, source: Any, *conditions: ColumnElement[bool]) -> int:
        asked = sa.select(sa.func.count()).select_from(source).where(*conditions)
        return int(self._connection.execute(asked).scalar_one())
