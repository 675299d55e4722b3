"""Writes the rights that Lacuna's roles need at the platform's tables as a script for their owner."""

from collections.abc import Collection, Iterator
from typing import Final

from psycopg import sql

from lacuna.model.run import Role
from lacuna.model.schema import TableRight

__all__ = ["grant_script"]

_HEAD: Final = """\
-- The rights of Lacuna's roles at the tables of the data map, and no more. Run it as the owner of the
-- tables, after `lacuna up` has made the roles, if the login of `lacuna up` does not own them."""


def grant_script(needed: Collection[TableRight]) -> str:
    """Return the script; it can be run again."""
    return "\n".join([_HEAD, *(one.as_string(None) + ";" for one in _grants(needed)), ""])


def _grants(needed: Collection[TableRight]) -> Iterator[sql.Composed]:
    for schema, role in sorted({(one.table.schema, one.role) for one in needed}):
        yield sql.SQL("grant usage on schema {} to {}").format(
            sql.Identifier(schema), sql.Identifier(role)
        )
    for table, role in sorted({(one.table, one.role) for one in needed}):
        privileges = sorted(
            one.privilege for one in needed if (one.table, one.role) == (table, role)
        )
        yield sql.SQL("grant {} on {} to {}").format(
            sql.SQL(", ".join(privileges)),
            sql.Identifier(table.schema, table.name),
            sql.Identifier(role),
        )
    for schema in sorted({one.table.schema for one in needed if one.privilege == "insert"}):
        yield sql.SQL("grant usage on all sequences in schema {} to {}").format(
            sql.Identifier(schema), sql.Identifier(Role.EXECUTOR)
        )
