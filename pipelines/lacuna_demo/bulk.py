"""Fills a platform in bulk: its schema, rows by COPY, files as they come. For the sample platform."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import ConfigurationError
from lacuna.model.agreement import Acceptance, AcceptanceMethod, Agreement
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.agreements import PostgresAgreements
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import run_script
from lacuna.stores.private_folders import make_private

_PlatformRow = Sequence[object]


def create_platform(database: Database, name: str) -> None:
    """Create the schema of a platform from `sql/<name>/schema.sql`.

    Raises:
        ConfigurationError: the schema is there already; nothing was changed.
    """
    script = (SQL_FOLDER / name / "schema.sql").read_text(encoding="utf-8")
    with database.transaction(Role.OWNER) as connection:
        there = connection.execute(
            sa.text("select 1 from pg_namespace where nspname = :name"), {"name": name}
        ).scalar_one_or_none()
        if there is not None:
            raise ConfigurationError(
                f"schema {name} already exists; drop it first to load it again"
            )
        run_script(connection, script)


def load_rows(
    database: Database, tables: Iterable[tuple[TableName, Sequence[str], Iterable[_PlatformRow]]]
) -> int:
    """Load rows by COPY, table by table in the order given, in one transaction; return rows."""
    loaded = 0
    with database.transaction(Role.OWNER) as connection:
        driver = connection.connection.driver_connection
        if driver is None:
            raise ConfigurationError("the connection was closed; run again")
        for table, columns, rows in tables:
            statement = sql.SQL("copy {} ({}) from stdin").format(
                sql.Identifier(table.schema, table.name),
                sql.SQL(", ").join(sql.Identifier(name) for name in columns),
            )
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
                    loaded += 1
        connection.execute(sa.text("analyze"))
    return loaded


def write_agreements(database: Database, agreements: Iterable[Agreement], at: datetime) -> None:
    """Record agreements of sample tenants, each accepted for its tenant."""
    actor = "system:sample"
    with database.transaction(Role.OWNER) as connection:
        store = PostgresAgreements(connection)
        for agreement in agreements:
            if store.add(agreement, at, actor):
                store.accept(
                    Acceptance(
                        agreement.agreement_id,
                        agreement.org_id,
                        AcceptanceMethod.SIGNATURE,
                        agreement.valid_from,
                        accepted_by=actor,
                    ),
                    at,
                    actor,
                )


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write files below a folder; return how many."""
    written = 0
    for name, content in files:
        path = folder / name
        make_private(path.parent)
        path.write_bytes(content)
        written += 1
    return written
