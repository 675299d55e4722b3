"""Reads some rows of each table of a schema that nobody has mapped yet."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import StatementRefused
from lacuna.model.location import TableName
from lacuna.model.schema import LiveSchema, LiveTable, TableKind

_NOT_THE_PLATFORM: Final = sa.text("""
    select nspname from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname not in (
        'information_schema', 'lacuna', 'lacuna_evidence', 'reporting'
    )
    and exists (select from pg_catalog.pg_class where relnamespace = pg_namespace.oid
                and relkind in ('r', 'p'))
    order by nspname
""")


def platform_schemas(connection: sa.Connection) -> tuple[str, ...]:
    """Return every schema with tables that is neither PostgreSQL's nor Lacuna's own."""
    return tuple(connection.execute(_NOT_THE_PLATFORM).scalars())


def sample_rows(
    connection: sa.Connection, live: LiveSchema, rows: int
) -> Mapping[TableName, Sequence[tuple[str | None, ...]]]:
    """Return at most `rows` rows of each table, every value as text. Personal data.

    Views, and partitions, whose rows are those of their parent, are left out.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise StatementRefused("samples are read through psycopg; check LACUNA_DATABASE_URL")
    skipped = (TableKind.VIEW, TableKind.PARTITION, TableKind.FOREIGN)
    return {
        name: [tuple(row) for row in driver.execute(_query(table), {"rows": rows})]
        for name, table in live.tables.items()
        if table.kind not in skipped
    }


def rows_with(
    connection: sa.Connection,
    table: LiveTable,
    values: Mapping[str, Collection[str]],
    at_most: int,
) -> Sequence[tuple[str | None, ...]]:
    """Return rows of a table in which a column holds one of some values. Personal data.

    Args:
        values: by column.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise StatementRefused("samples are read through psycopg; check LACUNA_DATABASE_URL")
    conditions = [
        sql.SQL("{}::text = any({})").format(
            sql.Identifier(name.replace("%", "%%")), sql.Placeholder(f"values_{number}")
        )
        for number, name in enumerate(values)
    ]
    parameters = {f"values_{number}": list(some) for number, some in enumerate(values.values())}
    query = _columns_of(table) + sql.SQL(" where ") + sql.SQL(" or ").join(conditions)
    query += sql.SQL(" limit %(rows)s")
    return [tuple(row) for row in driver.execute(query, parameters | {"rows": at_most})]


def _query(table: LiveTable) -> sql.Composed:
    return _columns_of(table) + sql.SQL(" limit %(rows)s")


def _columns_of(table: LiveTable) -> sql.Composed:
    columns = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(column.name.replace("%", "%%")))
        for column in table.columns
    )
    return sql.SQL("select {} from {}").format(
        columns,
        sql.Identifier(table.name.schema.replace("%", "%%"), table.name.name.replace("%", "%%")),
    )
