"""Covered texts under a unique index: two that differed in a name alone are equal once it is covered."""

import secrets

import sqlalchemy as sa

from lacuna.model.location import TableName

__all__ = ["distinct", "unique_columns"]

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


def distinct(connection: sa.Connection, column: sa.Column[object], text: str) -> str:
    """Return a text as it is, or with a random number behind it if a row has it, in any case."""
    if not isinstance(column.type, sa.String):
        return text
    is_it = sa.func.lower(sa.cast(column, sa.Text)) == sa.func.lower(sa.literal(text, sa.Text))
    if not connection.execute(sa.select(sa.exists().where(is_it))).scalar_one():
        return text
    number = " " + secrets.token_hex(_RANDOM_BYTES)
    room = column.type.length
    return (text if room is None else text[: max(0, room - len(number))]) + number
