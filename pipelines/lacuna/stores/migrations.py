"""Lacuna's own schemas: numbered, forward-only migrations, then the roles and their rights."""

import hashlib
from collections.abc import Collection

import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import ConfigurationError
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.shipped import SQL_FOLDER
from lacuna.stores.database import Database

_LOCK = 7_205_981  # one migration at a time; any constant does


def migrate(database: Database) -> tuple[str, ...]:
    """Apply the migrations not applied yet, then the roles file; return their names.

    Raises:
        ConfigurationError: an applied migration's file was edited, or one is missing.
    """
    applied: list[str] = []
    with database.transaction(Role.OWNER) as connection:
        connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        run_script(
            connection,
            "create schema if not exists lacuna;"
            "create table if not exists lacuna.migration ("
            " name text primary key, digest text not null,"
            " applied_at timestamptz not null default now());",
        )
        recorded = connection.execute(sa.text("select name, digest from lacuna.migration"))
        known = {str(name): str(digest) for name, digest in recorded}
        files = sorted((SQL_FOLDER / "control").glob("[0-9][0-9][0-9][0-9]_*.sql"))
        if missing := set(known) - {file.name for file in files}:
            raise ConfigurationError(
                f"sql/control: {len(missing)} applied migrations are missing; "
                "this database belongs to a newer Lacuna"
            )
        for file in files:
            script = file.read_text(encoding="utf-8")
            digest = hashlib.sha256(script.encode()).hexdigest()
            if known.get(file.name, digest) != digest:
                raise ConfigurationError(
                    f"sql/control/{file.name} was edited after it was applied; add a new one"
                )
            if file.name not in known:
                run_script(connection, script)
                connection.execute(
                    sa.text("insert into lacuna.migration (name, digest) values (:name, :digest)"),
                    {"name": file.name, "digest": digest},
                )
                applied.append(file.name)
        run_script(connection, (SQL_FOLDER / "roles.sql").read_text(encoding="utf-8"))
    return tuple(applied)


def grant_platform(
    database: Database, schemas: tuple[str, ...], *, insert_into: Collection[TableName] = ()
) -> None:
    """Give the batch roles their rights on the platform's schemas.

    The planner and the verifier read; only the executor changes or deletes rows; analysts
    and the DPO get nothing. A schema that is not there yet gets its rights with the next call.

    Args:
        insert_into: the only tables that the executor adds rows to: tombstone contacts, and
            what the platform's own triggers note of a change.
    """
    with database.transaction(Role.OWNER) as connection:
        there = connection.execute(
            sa.text("select nspname from pg_namespace where nspname = any(:schemas)"),
            {"schemas": list(schemas)},
        ).scalars()
        for schema in there.all():
            for template in (
                "grant usage on schema {} to lacuna_planner, lacuna_executor, lacuna_verifier",
                "grant select on all tables in schema {} "
                "to lacuna_planner, lacuna_executor, lacuna_verifier",
                "grant update, delete on all tables in schema {} to lacuna_executor",
            ):
                statement = sql.SQL(template).format(sql.Identifier(schema))
                run_script(connection, statement.as_string(None))
        for table in insert_into:
            if _is_there(connection, table):
                statement = sql.SQL(
                    "grant insert on {} to lacuna_executor; "
                    "grant usage on all sequences in schema {} to lacuna_executor"
                ).format(sql.Identifier(table.schema, table.name), sql.Identifier(table.schema))
                run_script(connection, statement.as_string(None))


def _is_there(connection: sa.Connection, table: TableName) -> bool:
    found = connection.execute(
        sa.text(
            "select 1 from pg_class where relname = :name "
            "and relnamespace = (select oid from pg_namespace where nspname = :schema)"
        ),
        {"name": table.name, "schema": table.schema},
    )
    return found.first() is not None


def run_script(connection: sa.Connection, script: str) -> None:
    """Run several statements as they stand: no parameters, `%` and `:` mean themselves."""
    connection.exec_driver_sql(script, execution_options={"no_parameters": True})
