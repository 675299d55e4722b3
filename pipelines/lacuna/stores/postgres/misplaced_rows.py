"""Asks, for the gate, whether rows that several others may name went with the last of these, and not before.

Derived from the links of the data map once more, and from what is there now.
"""

from psycopg import sql

from lacuna.model.datamap import DataMap
from lacuna.model.table import Link, Table
from lacuna.model.treatment import RowErasure
from lacuna.stores.postgres.searched_columns import quoted
from lacuna.stores.postgres.verifier_queries import (
    KeyTypes,
    held_by,
    key_matches,
    only_where,
    text_of,
)

__all__ = ["misplaced_rows"]


def _names_backward(table: Table, link: Link) -> bool:
    """Whether rows of another table name a row of this one by its key."""
    is_deleted = table.rows is RowErasure.DELETE
    return is_deleted and link.to is not None and not link.path and link.column in table.key


def _may_be_extended(other: Table, link: Link) -> bool:
    """Whether the row of the other table may be the one that a row extends, and stays without it."""
    return other.key[0] == link.to and other.rows is not RowErasure.DELETE


def misplaced_rows(table: Table, datamap: DataMap, types: KeyTypes) -> sql.Composed | None:
    """Compose how many rows of each request are there though nothing needs them, or gone though needed.

    None for a table whose rows nobody shares, or may extend rows that stay.
    """
    if table.rows is not RowErasure.DELETE or not table.links:
        return None
    there = sql.SQL("exists (select from {} as start where {})").format(
        quoted(table.name.schema, table.name.name), key_matches(table, types)
    )
    backward = [link for link in table.links if _names_backward(table, link)]
    if any(_may_be_extended(datamap.tables[link.table], link) for link in backward):
        return None
    if backward:
        needed = sql.SQL(" or ").join(_names(table, link, types) for link in backward)
    else:
        needed = sql.SQL("exists (select from {} as start where {} and ({}))").format(
            quoted(table.name.schema, table.name.name),
            key_matches(table, types),
            sql.SQL(" or ").join(_leads(datamap, link) for link in table.links),
        )
    # Once it is gone, a row that only leads to a shared one says no more whether that is there.
    return sql.SQL(
        "select request_id::text, count(*) filter (where is_there <> is_needed) "
        "from (select working.request_id, {there} as is_there, ({needed}) as is_needed "
        "  from lacuna.working_row as working where working.table_name = %(table)s "
        "  and working.role in ('shared', 'last') "
        "  and working.request_id = any(%(ids)s::uuid[])) as each group by 1"
    ).format(there=there, needed=needed)


def _names(table: Table, link: Link, types: KeyTypes) -> sql.Composed:
    """Compose that a row of the other table holds the key of a working row."""
    position = table.key.index(link.column)
    return sql.SQL(
        "exists (select from {} as naming where naming.{} = working.row_key[{}]::{})"
    ).format(
        quoted(link.table.schema, link.table.name),
        quoted(link.to or ""),
        sql.Literal(position + 1),
        quoted(*types[position]),
    )


def _leads(datamap: DataMap, link: Link) -> sql.Composed:
    """Compose that the row to which a link leads is there."""
    column = link.to or datamap.tables[link.table].key[0]
    return sql.SQL("exists (select from {} as led where {} = {}::text){}").format(
        quoted(link.table.schema, link.table.name),
        text_of("led", column),
        held_by("start", link),
        only_where("start", link),
    )
