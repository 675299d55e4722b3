"""Tries what an erasure would leave in rows against the constraints of their tables, changing none.

Each CHECK constraint is computed over rows that are there, with the columns that an erasure sets as it
would set them, and over one row with nothing in the others. A column of a domain is computed alone: its
constraints are met as its value is made.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement, Null
from sqlalchemy.types import UserDefinedType

from lacuna.model.datamap import DataMap
from lacuna.model.schema import LiveSchema, RefusedValues
from lacuna.model.table import Table
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables
from lacuna.stores.postgres.queue_tables import REQUEST, WORKING_ROW
from lacuna.stores.postgres.tombstone_changes import start_of_year
from lacuna.stores.postgres.treated_values import treated

__all__ = ["refused_values"]

_ROWS: Final = 1_000
_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


def refused_values(
    connection: sa.Connection, datamap: DataMap, live: LiveSchema
) -> Iterator[RefusedValues]:
    """Yield the constraints that forbid what an erasure would leave.

    Exclusion constraints, triggers and texts that are redacted in place are not tried.
    """
    tables = PlatformTables(connection, datamap)
    for name, found in live.tables.items():
        table = datamap.tables.get(name)
        if table is not None and table.rows is RowErasure.ANONYMIZE:
            trial = _Trial(connection, table, tables)
            for check in found.checks:
                holds = sa.literal_column(f"({check.expression})", sa.Boolean)
                yield from trial.refused(check.columns, check.name, holds)
            for column in found.columns:
                if column.domain:
                    made = sa.cast(sa.column(column.name), _Domain(column.domain))
                    is_made = sa.or_(made.is_(None), made.is_not(None))
                    yield from trial.refused([column.name], column.domain, is_made)


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
        self._tables = tables
        self._set = {column.name: column.erasure for column in table.columns if column.is_set}

    def refused(
        self, columns: Collection[str], constraint: str, holds: ColumnElement[bool]
    ) -> Iterator[RefusedValues]:
        """Yield what a constraint forbids, if it does.

        Args:
            columns: those that it is about.
            holds: the constraint, over columns of these names.
        """
        # A tombstone's key is like any other that the column can hold.
        changed = tuple(
            name
            for name in columns
            if name == self._table.erased_at
            or (name in self._set and self._set[name].treatment is not Treatment.TOMBSTONE)
        )
        if not changed:
            return
        left = self._left(columns)
        forbidden = sa.func.count().filter(sa.not_(holds))
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

    def _left(self, columns: Collection[str]) -> sa.Subquery:
        """Return rows as an erasure would leave them: those there, or one with nothing in it."""
        reflected = self._tables.table(self._table.name)
        one = sa.select(sa.literal(1).label("one")).subquery("one")
        values = [self._value(reflected.c[name]).label(name) for name in columns]
        rows = one.outerjoin(reflected, sa.true())
        return sa.select(*values).select_from(rows).limit(_ROWS).subquery("left_rows")

    def _value(self, column: sa.Column[Any]) -> ColumnElement[Any]:
        if column.key == self._table.erased_at:
            return sa.literal(start_of_year(datetime.now(UTC)))
        if column.key not in self._set:
            return column
        made = treated(column, self._set[column.key], self._table, self._tables)
        if isinstance(made, Null):
            # Of the column's type, which an untyped NULL would not be to the constraint.
            made = sa.case((sa.false(), column))
        alone: ColumnElement[Any] = visitors.replacement_traverse(made, {}, self._of_no_request)
        return alone

    def _of_no_request(self, element: Any, **_: Any) -> ColumnElement[Any] | None:
        """Put something where a treatment asks for what belongs to the request."""
        if element is REQUEST.c.nonce:
            return sa.cast(sa.literal(_NO_ID), element.type)
        if element is WORKING_ROW.c.row_key:
            key: ColumnElement[Any] = array(self._tables.key(self._table))
            return key
        return None


def _is_refusal(error: sa.exc.DBAPIError) -> bool:
    """Whether a value was not taken: by its type, its length, or its domain."""
    return (getattr(error.orig, "sqlstate", None) or "").startswith(("22", "23"))
