"""Covered texts under a unique index: two that differed in a name alone are equal once it is covered."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from lacuna.model.location import TableName
from lacuna.ports import TextChange

__all__ = ["distinct_changes", "unique_columns"]

# Columns of expressions too, and of indexes over several columns.
_UNIQUE_COLUMNS = sa.text("""
    select distinct a.attname
    from pg_index x
    join pg_class c on c.oid = x.indrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = x.indrelid
    where x.indisunique and n.nspname = :schema and c.relname = :table
      and (a.attnum = any(x.indkey) or exists (
        select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = x.indexrelid
          and d.refobjid = x.indrelid and d.refobjsubid = a.attnum))
""")
_RANDOM_BYTES = 4


def unique_columns(connection: sa.Connection, table: TableName) -> frozenset[str]:
    """Return the columns of a table that a unique index covers."""
    of_table = {"schema": table.schema, "table": table.name}
    return frozenset(connection.execute(_UNIQUE_COLUMNS, of_table).scalars())


def distinct_changes(
    connection: sa.Connection, columns: Collection[sa.Column[object]], changes: Sequence[TextChange]
) -> Sequence[TextChange]:
    """Return changes whose texts no row has, in any case, and no two of them: a number is put behind.

    Args:
        columns: that a unique index covers. The table is read once for each.
    """
    for column in columns:
        if isinstance(column.type, sa.String):
            changes = list(_told_apart(connection, column, column.type.length, changes))
    return changes


def _told_apart(
    connection: sa.Connection,
    column: sa.Column[object],
    room: int | None,
    changes: Sequence[TextChange],
) -> Iterator[TextChange]:
    name = column.key
    texts = sorted({text for one in changes if (text := one.texts.get(name)) is not None})
    each = sa.func.unnest(sa.cast(texts, ARRAY(sa.Text))).column_valued("each")
    asked = connection.execute(sa.select(each, sa.func.lower(each))).all()
    small: dict[str, str] = {text: low for text, low in asked}  # noqa: C416 - rows are no pairs to mypy
    held = sa.func.lower(sa.cast(column, sa.Text))
    wanted = sa.any_(sa.cast(sorted(set(small.values())), ARRAY(sa.Text)))
    taken = set(connection.execute(sa.select(held).where(held == wanted)).scalars())
    for one in changes:
        text = one.texts.get(name)
        if text is None:
            yield one
        elif small[text] in taken:
            yield replace(one, texts={**one.texts, name: _numbered(text, room)})
        else:
            taken.add(small[text])
            yield one


def _numbered(text: str, room: int | None) -> str:
    number = " " + secrets.token_hex(_RANDOM_BYTES)
    return (text if room is None else text[: max(0, room - len(number))]) + number
