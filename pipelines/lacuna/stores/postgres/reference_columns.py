"""Columns that hold keys of people and are no way to them: which rows hold one, and without it.

A column holds one key, or a list of them. All people of a batch are looked for together, so that
each table is read once for them, or its indexes are asked.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from lacuna.model.location import ColumnName, RowKey
from lacuna.model.table import Table
from lacuna.stores.postgres.platform_tables import PlatformTables

__all__ = ["holds_one", "referring_rows", "without"]

_NUMBER: Final = re.compile(r"-?[0-9]{1,19}")


def referring_rows(
    connection: sa.Connection, tables: PlatformTables, table: Table, keys: Collection[str]
) -> Iterator[tuple[ColumnName, str, RowKey]]:
    """Yield the column, the key of the person and the row, wherever a table refers to one of them."""
    held = tables.table(table.name).c
    columns = [held[name] for name in table.references]
    query = sa.select(*map(_keys_in, columns), *tables.key(table)).where(
        sa.or_(*(holds_one(column, keys) for column in columns))
    )
    wanted = frozenset(keys)
    for row in connection.execute(query):
        key = tuple(row[len(columns) :])
        for name, found in zip(table.references, row, strict=False):
            for one in wanted.intersection(found or ()):
                yield ColumnName(table.name, name), one, key


def holds_one(column: ColumnElement[Any], keys: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of some keys, so that an index serves it."""
    listed, kind = _listed(column, keys)
    if not isinstance(column.type, ARRAY):
        return column == sa.any_(listed)
    compared = column if kind is column.type.item_type else sa.cast(column, ARRAY(kind))
    return compared.op("&&", is_comparison=True)(listed)


def without(
    column: ColumnElement[Any], keys: Collection[str], instead: Mapping[str, str] | None
) -> ColumnElement[Any]:
    """Return the value of a column without some keys; any other key, and the order of a list, stay.

    Args:
        instead: the key that takes the place of each; None: NULL, and in a list nothing.
    """
    if not isinstance(column.type, ARRAY):
        return sa.case((holds_one(column, keys), _new(column, column.type, instead)), else_=column)
    item = column.type.item_type
    each = (
        sa.func.unnest(column)
        .table_valued(sa.column("value", item), with_ordinality="place", name="each")
        .render_derived()
    )
    listed, _ = _listed(each.c.value, keys)
    is_one = sa.func.coalesce(each.c.value == sa.any_(listed), sa.false())
    value: ColumnElement[Any] = each.c.value
    if instead is not None:
        value = sa.case((is_one, _new(each.c.value, item, instead)), else_=each.c.value)
    left = sa.select(
        sa.func.array_agg(sa.dialects.postgresql.aggregate_order_by(value, each.c.place))
    )
    if instead is None:
        left = left.where(sa.not_(is_one))
    empty = sa.cast(sa.literal("{}", sa.Text), column.type)
    kept = sa.func.coalesce(sa.cast(left.scalar_subquery(), column.type), empty)
    # A list of lists would lose its shape: it stays as it is, and verification finds it.
    is_flat = sa.func.array_ndims(column) == 1
    return sa.case((sa.and_(holds_one(column, keys), is_flat), kept), else_=column)


def _new(
    value: ColumnElement[Any], kind: TypeEngine[Any], instead: Mapping[str, str] | None
) -> ColumnElement[Any]:
    """Return the value that takes the place of a key."""
    if instead is None:
        return sa.null()
    of_each: dict[str, list[str]] = {}
    for key, other in instead.items():
        of_each.setdefault(other, []).append(key)
    return sa.case(
        *(
            (value == sa.any_(_listed(value, sorted(keys))[0]), _literal(other, kind))
            for other, keys in sorted(of_each.items())
        )
    )


def _literal(key: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return sa.cast(sa.literal(key, sa.Text), kind)


def _keys_in(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the keys that a column holds, as a list of texts."""
    if isinstance(column.type, ARRAY):
        return sa.cast(column, ARRAY(sa.Text))
    return sa.func.array_remove(
        sa.dialects.postgresql.array([sa.cast(column, sa.Text)]), sa.cast(sa.null(), sa.Text)
    )


def _listed(
    column: ColumnElement[Any], keys: Collection[str]
) -> tuple[ColumnElement[Any], TypeEngine[Any]]:
    """Return keys as a list of what a column compares with, and of which type these are.

    A number that does not fit into the column is in no row of it.
    """
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if isinstance(kind, sa.Integer):
        most = 1 << (15 if isinstance(kind, sa.SmallInteger) else _bits(kind))
        keys = [key for key in keys if _NUMBER.fullmatch(key) and -most <= int(key) < most]
    elif not isinstance(kind, sa.Uuid):
        kind = sa.Text()  # the length of a column would cut a key off
    return sa.cast(sa.cast(sorted(keys), ARRAY(sa.Text)), ARRAY(kind)), kind


def _bits(kind: TypeEngine[Any]) -> int:
    return 63 if isinstance(kind, sa.BigInteger) else 31
