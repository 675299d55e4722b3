"""Columns whose values repeat: verification looks at each value once, then at the rows that hold it.

Only how much is read depends on the planner's statistics, not what is seen: a column that they
say nothing of, or something wrong, is read row by row, or has more values than expected.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from psycopg import sql

from lacuna.model.location import TableName
from lacuna.ports import WantedRows
from lacuna.stores.postgres.searched_columns import Kind, SearchedColumn, quoted

# Fewer rows are read faster than asked about.
_FEWEST_ROWS: Final = 20_000
# A value stands in this many rows at least, on average.
_REPEATED: Final = 10
# A table has up to 1,600 columns: too many for one query of many.
_ASKED_AT_ONCE: Final = 80


def repeating(
    connection: sa.Connection, schemas: Sequence[str]
) -> Mapping[TableName, frozenset[str]]:
    """Return the columns whose values stand in many rows each, by table."""
    found: dict[TableName, set[str]] = defaultdict(set)
    values = {"schemas": list(schemas), "rows": _FEWEST_ROWS, "repeated": _REPEATED}
    for schema, table, name in connection.execute(sa.text(_REPEATING), values):
        found[TableName(schema, table)].add(name)
    return {table: frozenset(names) for table, names in found.items()}


def may_be_asked(column: SearchedColumn) -> bool:
    """Whether the values of a column can be asked for apart from their rows: they are texts."""
    return column.kind is not Kind.BYTES


def distinct(source: sql.Composable, column: SearchedColumn, where: sql.Composable) -> sql.Composed:
    """Compose the query for the values of a column, each once."""
    return (
        sql.SQL("select distinct start.{}::text from {} as start").format(
            quoted(column.name), source
        )
        + where
    )


def distinct_of_each(
    source: sql.Composable, columns: Sequence[SearchedColumn]
) -> Iterator[sql.Composed]:
    """Compose the same query for several columns at once: the name of a column, and a value."""
    for start in range(0, len(columns), _ASKED_AT_ONCE):
        yield sql.SQL(" union all ").join(
            sql.SQL("select {}, one.value from ({}) as one (value)").format(
                sql.Literal(column.name.replace("%", "%%")), distinct(source, column, sql.SQL(""))
            )
            for column in columns[start : start + _ASKED_AT_ONCE]
        )


def is_wanted(
    wanted: WantedRows, columns: Sequence[SearchedColumn], links: Collection[sql.Composable]
) -> tuple[sql.Composable, Mapping[str, object]]:
    """Compose the condition that a row holds something that has to be looked at, and its values.

    Args:
        columns: those that are read.
        links: what holds keys of people.
    """
    parts: list[sql.Composable] = []
    values: dict[str, object] = {}
    for number, column in enumerate(columns):
        name = quoted(column.name)
        if column.name not in wanted.values:
            parts.append(sql.SQL("start.{} is not null").format(name))
        elif wanted.values[column.name]:
            values[f"wanted_{number}"] = list(wanted.values[column.name])
            parts.append(
                sql.SQL("start.{}::text = any({})").format(
                    name, sql.Placeholder(f"wanted_{number}")
                )
            )
    if wanted.keys and links:
        values["keys"] = list(wanted.keys)
        parts += [sql.SQL("{} = any(%(keys)s)").format(link) for link in links]
    return sql.SQL("({})").format(sql.SQL(" or ").join(parts or [sql.SQL("false")])), values


# Distinct values are estimated as a number, or as a share of the rows where that is negative.
_REPEATING: Final = """
with known as (
    select stats.schemaname, stats.tablename, stats.attname,
        (1 - stats.null_frac) * class.reltuples as filled,
        case when stats.n_distinct < 0 then -stats.n_distinct * class.reltuples
            else stats.n_distinct end as distinct_values
    from pg_stats as stats
    join pg_namespace as schema on schema.nspname = stats.schemaname
    join pg_class as class on class.relnamespace = schema.oid and class.relname = stats.tablename
    where stats.schemaname = any(:schemas)
)
select distinct schemaname, tablename, attname from known
where filled >= :rows and distinct_values * :repeated <= filled
"""
