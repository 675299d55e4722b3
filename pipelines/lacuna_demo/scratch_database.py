"""A database for one attack, on the server of another one: empty at first, and dropped at the end."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from psycopg import sql

from lacuna.stores.postgres.database import Database

_PREFIX: Final = "lacuna_attack_"
_LEFT: Final = (
    "select datname from pg_database d where starts_with(datname, :prefix) "
    "and not exists (select from pg_stat_activity a where a.datname = d.datname)"
)


@contextmanager
def scratch_database(database: Database) -> Iterator[Database]:
    """Yield a new database beside one, with its owner's login; whatever happens, it is dropped.

    What an attack left that was killed is dropped first.

    Raises:
        StatementRefused: the login may not create databases.
    """
    name = f"{_PREFIX}{uuid.uuid4().hex}"
    with database.autocommit() as connection:
        for left in connection.execute(sa.text(_LEFT), {"prefix": _PREFIX}).scalars().all():
            _run(connection, "drop database if exists {}", str(left))
        _run(connection, "create database {}", name)
    url = database.engine.url.set(database=name)
    scratch = Database(url.render_as_string(hide_password=False))
    try:
        yield scratch
    finally:
        scratch.dispose()
        with database.autocommit() as connection:
            _run(connection, "drop database {} with (force)", name)


def _run(connection: sa.Connection, template: str, name: str) -> None:
    connection.exec_driver_sql(sql.SQL(template).format(sql.Identifier(name)).as_string(None))
