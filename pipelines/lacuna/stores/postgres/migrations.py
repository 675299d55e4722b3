"""Lacuna's own schemas: made whole in an empty database, brought up to date in others; roles and rights."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import ConfigurationError
from lacuna.marts import marts as own_marts
from lacuna.model.location import TableName
from lacuna.model.mart import Mart
from lacuna.model.run import Role
from lacuna.model.schema import TableRight
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.grant_script import grant_script
from lacuna.stores.postgres.mart_schema import make_marts

_EVERYWHERE: Final = ("grant update, delete on all tables in schema {} to lacuna_executor",)
_LOCK: Final = 7_205_981  # one migration at a time; any constant does
# Beside the migrations' names, in lacuna.migration: the schema that the database has.
_SCHEMA: Final = "schema"
_MADE_ROLES: Final = tuple(str(one) for one in Role if one is not Role.OWNER)
_MAY_MAKE: Final = sa.text(
    "select current_user, current_database(), rolsuper or rolcreaterole or not exists ("
    "  select from unnest(cast(:roles as text[])) as made where made not in (select rolname from pg_roles)), "
    "has_database_privilege(current_database(), 'create') "
    "from pg_roles where rolname = current_user"
)
_NEW_DATABASE: Final = (
    "create a new database, and run lacuna up with its address in LACUNA_DATABASE_URL, or with "
    "another LACUNA_HOME for the embedded server"
)


def migrate(database: Database, marts: Sequence[Mart] | None = None) -> tuple[str, ...]:
    """Make Lacuna's schemas in an empty database, or apply the migrations that it lacks; then marts and rights.

    Args:
        marts: every mart of the installation; None: Lacuna's own.

    Returns:
        What was applied: `schema` where the database was empty, else the names of migrations, and
        the tables of marts that were added to it.

    Raises:
        ConfigurationError: the database was made by another version, which no migration leads from, or
            a migration was edited after it was applied; or the table of a mart has other columns
            than the mart declares; or the login may make no roles or schemas.
    """
    with database.transaction(Role.OWNER) as connection:
        return migrate_within(connection, marts)


def migrate_within(connection: sa.Connection, marts: Sequence[Mart] | None) -> tuple[str, ...]:
    """Do what `migrate` does in a transaction of the owner's that the caller ends; return the same."""
    applied: tuple[str, ...]
    # Another `lacuna up` may take as long.
    connection.exec_driver_sql("set local lock_timeout = '10min'")
    connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    connection.exec_driver_sql("set local lock_timeout = '30s'")
    known = _recorded(connection)
    migrations = {file.name: file.read_text(encoding="utf-8") for file in _files("migrations")}
    schema = [file.read_text(encoding="utf-8") for file in _files("schema")]
    if known is None:
        _require_owner(connection)
        # All that the migrations do is in the schema.
        applied, scripts, recorded = (_SCHEMA,), schema, migrations
    else:
        _refuse_other(known, migrations, _digest_of(schema))
        recorded = {name: text for name, text in migrations.items() if name not in known}
        applied, scripts = tuple(recorded), list(recorded.values())
    run_script(connection, (SQL_FOLDER / "roles.sql").read_text(encoding="utf-8"))
    for script in scripts:
        run_script(connection, script)
    made = make_marts(connection, own_marts() if marts is None else marts)
    _record(connection, {name: _digest(text) for name, text in recorded.items()})
    _record(connection, {_SCHEMA: _digest_of(schema)})
    run_script(connection, (SQL_FOLDER / "rights.sql").read_text(encoding="utf-8"))
    return applied if known is None else (*applied, *(f"reporting.{name}" for name in made))


def _require_owner(connection: sa.Connection) -> None:
    """Refuse a login that can make neither roles nor schemas, before the server does without saying why."""
    login, base, makes_roles, makes_schemas = connection.execute(
        _MAY_MAKE, {"roles": list(_MADE_ROLES)}
    ).one()
    lacking = [] if makes_roles else [f'alter role "{login}" createrole']
    lacking += [] if makes_schemas else [f'grant create on database "{base}" to "{login}"']
    if lacking:
        raise ConfigurationError(
            f"the login {login} may not make what lacuna up makes; nothing was changed. Have an "
            f"administrator run: {'; '.join(lacking)}. Then run again"
        )


def require_current(connection: sa.Connection) -> None:
    """Refuse a database that another version of the schema made, or none.

    Raises:
        ConfigurationError: `lacuna up` was not run, or ran in another version.
    """
    known, wanted = _recorded(connection), _wanted()
    if known is None:
        raise ConfigurationError("the database has no schema of Lacuna yet; run lacuna up")
    if known != wanted:
        raise ConfigurationError(
            f"the database has another version of the schema: {len(known.items() ^ wanted.items())} "
            "entries of lacuna.migration differ from the files of this version. Run lacuna up, or use "
            "the version that created the database"
        )


def _wanted() -> Mapping[str, str]:
    """Return the digests of the files that make a database of this version."""
    files = {file.name: _digest(file.read_text(encoding="utf-8")) for file in _files("migrations")}
    return files | {_SCHEMA: _digest_of(file.read_text("utf-8") for file in _files("schema"))}


def _files(folder: str) -> list[Path]:
    return sorted((SQL_FOLDER / folder).glob("[0-9]*_*.sql"))


def _recorded(connection: sa.Connection) -> dict[str, str] | None:
    """Return the digest of each thing that made the database; None: nothing did."""
    if connection.execute(sa.text("select to_regclass('lacuna.migration')")).scalar_one() is None:
        return None
    found = connection.execute(sa.text("select name, digest from lacuna.migration"))
    return {str(name): str(digest) for name, digest in found}


def _record(connection: sa.Connection, digests: Mapping[str, str]) -> None:
    for name, digest in digests.items():
        connection.execute(
            sa.text(
                "insert into lacuna.migration (name, digest) values (:name, :digest) "
                "on conflict (name) do update set digest = excluded.digest, applied_at = now() "
                "where migration.digest <> excluded.digest"
            ),
            {"name": name, "digest": digest},
        )


def _refuse_other(known: Mapping[str, str], migrations: Mapping[str, str], schema: str) -> None:
    """Refuse a database that the migrations do not lead from."""
    if _SCHEMA not in known:
        raise ConfigurationError(
            "lacuna.migration: a Lacuna from before its first release created this database with "
            f"{len(known)} numbered files, and it cannot be upgraded; {_NEW_DATABASE}"
        )
    if missing := set(known) - set(migrations) - {_SCHEMA}:
        raise ConfigurationError(
            f"sql/migrations: {len(missing)} applied migrations are missing; this database "
            "belongs to a newer Lacuna"
        )
    for name, text in migrations.items():
        if known.get(name, _digest(text)) != _digest(text):
            raise ConfigurationError(
                f"sql/migrations/{name} was edited after it was applied; add a new migration"
            )
    if known[_SCHEMA] != schema and not set(migrations) - set(known):
        raise ConfigurationError(
            f"sql/schema: other files created this database, and none of the {len(migrations)} "
            f"migrations starts from them; {_NEW_DATABASE}"
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_of(schema: Iterable[str]) -> str:
    """Return the digest of what the files do: lines of comments and empty ones do nothing."""
    lines = (line.rstrip() for text in schema for line in text.splitlines())
    return _digest("\n".join(line for line in lines if line and not line.lstrip().startswith("--")))


def grant_platform(
    database: Database, schemas: tuple[str, ...], needed: Collection[TableRight] | None = None
) -> tuple[str, ...]:
    """Give the batch roles their rights on the platform's schemas.

    The planner and the verifier read; only the executor changes, adds or deletes rows; analysts
    and the DPO get nothing. A schema that is not there yet gets its rights with the next call.
    Nothing is taken away: what the owner granted beside stays.

    Args:
        needed: what the data map needs, beside reading. None: the executor may change and delete
            the rows of every table.

    Returns:
        The names of schemas, and of tables and sequences in them, at which a right was missing.
    """
    with database.transaction(Role.OWNER) as connection:
        before = _rights(connection, schemas)
        grant_within(connection, schemas, needed)
        after = _rights(connection, schemas)
    return tuple(sorted(name for name, rights in after.items() if rights != before.get(name)))


def grant_within(
    connection: sa.Connection, schemas: tuple[str, ...], needed: Collection[TableRight] | None
) -> None:
    """Do what `grant_platform` does in a transaction of the owner's that the caller ends."""
    there = connection.execute(
        sa.text("select nspname from pg_namespace where nspname = any(:schemas)"),
        {"schemas": list(schemas)},
    ).scalars()
    for schema in there.all():
        for template in (
            "grant usage on schema {} to lacuna_planner, lacuna_executor, lacuna_verifier",
            "grant select on all tables in schema {} "
            "to lacuna_planner, lacuna_executor, lacuna_verifier",
            *(_EVERYWHERE if needed is None else ()),
        ):
            statement = sql.SQL(template).format(sql.Identifier(schema))
            run_script(connection, statement.as_string(None))
    granted = [one for one in needed or () if _is_there(connection, one.table)]
    if granted:
        run_script(connection, grant_script(granted))


def _rights(connection: sa.Connection, schemas: tuple[str, ...]) -> dict[str, str]:
    """Return the rights at schemas and at what is in them, as PostgreSQL writes them."""
    found = connection.execute(
        sa.text(
            "select nspname, coalesce(nspacl::text, '') from pg_namespace where nspname = any(:schemas) "
            "union all select nspname || '.' || relname, coalesce(relacl::text, '') from pg_class "
            "join pg_namespace on pg_namespace.oid = relnamespace where nspname = any(:schemas)"
        ),
        {"schemas": list(schemas)},
    )
    return {str(name): str(rights) for name, rights in found.all()}


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
