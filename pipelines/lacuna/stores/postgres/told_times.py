"""Keeps in which rows triggers of the platform wrote when they were changed.

A time that lies within the transaction was written by it. A day may have stood there before, so
what stood there is looked at when the row is locked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array as pg_array
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from lacuna.model.location import RowKey, TableName
from lacuna.model.table import Table
from lacuna.stores.postgres.platform_tables import PlatformTables
from lacuna.stores.postgres.queue_tables import TOLD_TIME

# Before each row (2, 1) of the table, on update (16); or after whatever change of any table.
_MAY_BE_TOLD: Final = sa.text(
    "select exists (select from pg_trigger join pg_class as class on class.oid = tgrelid "
    "join pg_namespace as schema on schema.oid = class.relnamespace "
    "where not tgisinternal and tgenabled <> 'D' and ("
    "  schema.nspname = :schema and class.relname = :table and tgtype & 19 = 19 "
    "  or schema.nspname = any(:schemas) and tgtype & 2 = 0))"
)
# By the clock of whatever zone.
_DAY_OF: Final = "cast(timezone('UTC', {}) as date) {} 1"
_FIRST: Final = sa.literal_column(_DAY_OF.format("transaction_timestamp()", "-"), sa.Date)
_LAST: Final = sa.literal_column(_DAY_OF.format("clock_timestamp()", "+"), sa.Date)


@dataclass(frozen=True)
class Days:
    """What stood in columns of days when a transaction locked the rows.

    Attributes:
        seen: by table and key the days of about now, by column; of older ones nothing.
    """

    seen: dict[TableName, dict[RowKey, dict[str, str]]] = field(default_factory=dict, repr=False)

    def follow(self, table: TableName, changed: Sequence[tuple[RowKey, RowKey]]) -> None:
        """Know rows by their new keys."""
        of_table = self.seen.get(table, {})
        taken = [(new, of_table.pop(old)) for old, new in changed if old in of_table]
        of_table.update(taken)


class ToldTimes:
    """Which rows say when this transaction wrote them, for the scrub."""

    def __init__(
        self,
        connection: sa.Connection,
        schemas: Collection[str],
        tables: PlatformTables,
        days: Days,
    ) -> None:
        """Write through `connection`, which belongs to one transaction of the executor.

        Args:
            days: of this transaction.
        """
        self._connection = connection
        self._schemas = sorted(schemas)
        self._tables = tables
        self._days = days

    def recent_days(self, mapped: Table) -> list[ColumnElement[Any]]:
        """Return the columns to read together with rows that are locked, for `see`."""
        if not self._may_be_told(mapped.name):
            return []
        return [
            sa.case((column.between(_FIRST, _LAST), sa.cast(column, sa.Text)))
            for column in self._columns(mapped, sa.Date)
        ]

    def see(self, mapped: Table, key: RowKey, recent: Sequence[str | None]) -> None:
        """Remember what stood in a row before it was changed."""
        if recent:
            columns = self._columns(mapped, sa.Date)
            found = {
                column.name: day
                for column, day in zip(columns, recent, strict=True)
                if day is not None
            }
            self._days.seen.setdefault(mapped.name, {}).setdefault(key, found)

    def keep(self, mapped: Table, rows: Sequence[ColumnElement[bool]]) -> None:
        """Keep in which of some rows, which this transaction has locked, it wrote times and days."""
        if not self._may_be_told(mapped.name):
            return
        for column in self._columns(mapped, sa.DateTime):
            told = (
                sa.select(
                    sa.literal(str(mapped.name)),
                    sa.literal(column.name),
                    pg_array(self._tables.key(mapped)),
                    in_utc(column),
                )
                .where(*rows, _is_of_this_transaction(column))
                .distinct()
            )
            self._put(insert(TOLD_TIME).from_select([one.name for one in TOLD_TIME.c], told))
        seen = self._days.seen.get(mapped.name, {})
        for column in self._columns(mapped, sa.Date) if seen else ():
            found = self._connection.execute(
                sa.select(*self._tables.key(mapped), sa.cast(column, sa.Text), in_utc(column))
                .where(*rows, column.between(_FIRST, _LAST))
                .distinct()
            ).all()
            told_rows = [
                {
                    "table_name": str(mapped.name),
                    "column_name": column.name,
                    "row_key": key,
                    "told": told,
                }
                for *key, day, told in found
                if tuple(key) in seen and seen[tuple(key)].get(column.name) != day
            ]
            if told_rows:
                self._put(insert(TOLD_TIME), told_rows)

    def _may_be_told(self, table: TableName) -> bool:
        """Whether a trigger of the platform may change a row: on its way, or from anywhere after."""
        known: dict[TableName, bool] = self._connection.info.setdefault(f"{__name__}.triggers", {})
        if table not in known:
            known[table] = bool(
                self._connection.execute(
                    _MAY_BE_TOLD,
                    {"schema": table.schema, "table": table.name, "schemas": self._schemas},
                ).scalar_one()
            )
        return known[table]

    def _columns(self, mapped: Table, kind: type[Any]) -> list[ColumnElement[Any]]:
        """Return the columns of a table that say times, or days; not the one that says the year alone."""
        return [
            column
            for column in self._tables.table(mapped.name).columns
            if isinstance(column.type, kind) and column.name != mapped.erased_at
        ]

    def _put(self, statement: Any, rows: Sequence[dict[str, object]] | None = None) -> None:
        kept = statement.on_conflict_do_update(
            index_elements=["table_name", "column_name", "row_key"],
            set_={"told": statement.excluded.told},
        )
        self._connection.execute(kept, rows)


def _knows_its_zone(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, sa.DateTime) and column.type.timezone


def _is_of_this_transaction(column: ColumnElement[Any]) -> ColumnElement[bool]:
    begun, now = sa.func.transaction_timestamp(), sa.func.clock_timestamp()
    moments = [(begun, now)]
    if not _knows_its_zone(column):
        # By the clock of the session's zone, or by that of UTC.
        moments.append((sa.func.timezone("UTC", begun), sa.func.timezone("UTC", now)))
    return sa.or_(
        *(
            column.between(sa.cast(first, column.type), sa.cast(last, column.type))
            for first, last in moments
        )
    )


def in_utc(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a time as text to the microsecond, in UTC where it knows its zone; a day as its begin."""
    moment: ColumnElement[Any] = column
    if isinstance(column.type, sa.Date):
        moment = sa.cast(column, sa.DateTime)
    elif _knows_its_zone(column):
        moment = sa.func.timezone("UTC", column)
    return sa.func.to_char(moment, "YYYY-MM-DD HH24:MI:SS.US")
