"""Rows as an erasure would leave them: computed by the treatments themselves, and not written."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement, Null

from lacuna.model.location import RowKey
from lacuna.model.table import Table
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.stores.postgres.erased_flag import erased_flag
from lacuna.stores.postgres.platform_tables import PlatformTables
from lacuna.stores.postgres.queue_tables import REQUEST, WORKING_ROW
from lacuna.stores.postgres.treated_values import treated

__all__ = ["TreatedRows"]

_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


class TreatedRows:
    """The rows of one table, treated. Texts that are redacted in place are as they are."""

    def __init__(self, table: Table, tables: PlatformTables) -> None:
        self._table = table
        self._tables = tables
        self._set = {column.name: column.erasure for column in table.columns if column.is_set}

    def changed(self, columns: Collection[str]) -> tuple[str, ...]:
        """Return those columns that an erasure gives another value.

        The key of a tombstone is none: it is like any other that the column can hold.
        """
        if self._table.rows is not RowErasure.ANONYMIZE:
            return ()
        return tuple(
            name
            for name in columns
            if name == self._table.erased_at
            or (name in self._set and self._set[name].treatment is not Treatment.TOMBSTONE)
        )

    def some(self, columns: Collection[str], at_most: int) -> sa.Subquery:
        """Return columns of some rows that are there, or one row with NULL in what stays."""
        one = sa.select(sa.literal(1).label("one")).subquery("one")
        rows = one.outerjoin(self._tables.table(self._table.name), sa.true())
        return self._values(columns).select_from(rows).limit(at_most).subquery("left_rows")

    def of(
        self, columns: Collection[str], keys: Collection[RowKey], *conditions: ColumnElement[bool]
    ) -> sa.Subquery:
        """Return columns of the rows with these keys that meet conditions as they are now."""
        is_it = self._tables.key_is_one_of(self._table, keys)
        return self._values(columns).where(is_it, *conditions).subquery("left_rows")

    def _values(self, columns: Collection[str]) -> sa.Select[Any]:
        reflected = self._tables.table(self._table.name)
        return sa.select(*(self._value(reflected.c[name]).label(name) for name in columns))

    def _value(self, column: sa.Column[Any]) -> ColumnElement[Any]:
        if column.key == self._table.erased_at:
            return erased_flag(self._table, datetime.now(UTC))[column.key]
        if column.key not in self._set:
            return column
        made = treated(column, self._set[column.key], self._table, self._tables)
        if isinstance(made, Null):
            # Of the column's type, which an untyped NULL would not be to a constraint.
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
