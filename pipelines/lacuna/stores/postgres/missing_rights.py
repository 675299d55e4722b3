"""Asks the catalog which rights at the platform's tables Lacuna's roles lack."""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.model.schema import TableRight

__all__ = ["is_writable", "missing_rights"]

_MISSING: Final = sa.text("""
    select s.nspname::text, t.relname::text, r.rolname::text, w.privilege
    from unnest(
        cast(:schemas as text[]), cast(:names as text[]), cast(:roles as text[]),
        cast(:privileges as text[])
    ) w(schema, name, role, privilege)
    join pg_catalog.pg_namespace s on s.nspname = w.schema
    join pg_catalog.pg_class t on t.relnamespace = s.oid and t.relname = w.name
    join pg_catalog.pg_roles r on r.rolname = w.role
    where not pg_catalog.has_schema_privilege(r.oid, s.oid, 'usage')
       or not pg_catalog.has_table_privilege(r.oid, t.oid, w.privilege)
""")

_WRITABLE: Final = sa.text("""
    select not pg_catalog.pg_is_in_recovery()
       and not exists (
           select from pg_catalog.pg_settings
           where name = 'default_transaction_read_only' and setting = 'on'
       )
""")


def missing_rights(
    connection: sa.Connection, needed: Collection[TableRight]
) -> tuple[TableRight, ...]:
    """Return those that a role does not have, sorted. A table that is not there is left out."""
    asked = {
        "schemas": [one.table.schema for one in needed],
        "names": [one.table.name for one in needed],
        "roles": [str(one.role) for one in needed],
        "privileges": [one.privilege for one in needed],
    }
    return tuple(
        sorted(
            TableRight(TableName(schema, name), Role(role), privilege)
            for schema, name, role, privilege in connection.execute(_MISSING, asked)
        )
    )


def is_writable(connection: sa.Connection) -> bool:
    """Whether this server takes changes: it is no standby, and not set to read only."""
    return bool(connection.execute(_WRITABLE).scalar_one())
