"""Tries what an erasure would leave in rows against what is asked of them, changing none.

Each CHECK constraint, and each invariant of the data map, is computed over rows as an erasure would
leave them. A column of a domain is computed alone: its constraints are met as its value is made.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import UserDefinedType

from lacuna.model.datamap import DataMap
from lacuna.model.schema import LiveSchema, RefusedValues
from lacuna.model.table import Table
from lacuna.stores.postgres.invariants import holds
from lacuna.stores.postgres.platform_tables import PlatformTables
from lacuna.stores.postgres.treated_rows import TreatedRows

__all__ = ["refused_values"]

_ROWS: Final = 1_000


def refused_values(
    connection: sa.Connection, datamap: DataMap, live: LiveSchema
) -> Iterator[RefusedValues]:
    """Yield the constraints and invariants that forbid what an erasure would leave.

    Exclusion constraints, triggers and texts that are redacted in place are not tried.
    """
    tables = PlatformTables(connection, datamap)
    for name, found in live.tables.items():
        table = datamap.tables.get(name)
        if table is None:
            continue
        trial = _Trial(connection, datamap.without_references(table), tables)
        for check in found.checks:
            passes = sa.literal_column(f"({check.expression})", sa.Boolean)
            yield from trial.refused(check.columns, check.name, passes)
        for column in found.columns:
            if column.domain:
                made = sa.cast(sa.column(column.name), _Domain(column.domain))
                is_made = sa.or_(made.is_(None), made.is_not(None))
                yield from trial.refused([column.name], column.domain, is_made)
        for one in table.invariants:
            value = sa.column(one.column, tables.table(name).c[one.column].type)
            yield from trial.refused([one.column], "", holds(one, value, tables, datamap))


class _Domain(UserDefinedType[Any]):
    """A domain, to cast to."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Return its name; the driver takes a percent sign for a parameter."""
        return self.name.replace("%", "%%")


class _Trial:
    """What an erasure would leave in one table."""

    def __init__(self, connection: sa.Connection, table: Table, tables: PlatformTables) -> None:
        self._connection = connection
        self._table = table
        self._rows = TreatedRows(table, tables)

    def refused(
        self, columns: Collection[str], constraint: str, passes: ColumnElement[bool]
    ) -> Iterator[RefusedValues]:
        """Yield what a constraint forbids, if it does.

        Args:
            columns: those that it is about.
            passes: the constraint, over columns of these names.
        """
        changed = self._rows.changed(columns)
        if not changed:
            return
        left = self._rows.some(columns, _ROWS)
        forbidden = sa.func.count().filter(sa.not_(passes))
        asked = sa.select(sa.func.count(), forbidden).select_from(left)
        try:
            with self._connection.begin_nested():
                tried, refused = self._connection.execute(asked).one()
        except sa.exc.DBAPIError as error:
            if not _is_refusal(error):
                raise
            tried = refused = 1
        if refused:
            yield RefusedValues(self._table.name, changed, constraint, tried, refused)


def _is_refusal(error: sa.exc.DBAPIError) -> bool:
    """Whether a value was not taken: by its type, its length, or its domain."""
    return (getattr(error.orig, "sqlstate", None) or "").startswith(("22", "23"))
