"""The generated rows load into a real PostgreSQL with the platform's schema."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from lacuna_demo.sample import SamplePlatform
from lacuna_demo.sample.tables import COLUMNS

SCHEMA = Path(__file__).parents[2] / "sql" / "contact_center" / "schema.sql"


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1))


def load(connection: psycopg.Connection, platform: SamplePlatform) -> None:
    connection.execute(SCHEMA.read_text(encoding="utf-8"))
    for name, table in platform.tables.items():
        statement = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(*name.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in table.rows:
                copy.write_row(row)


@pytest.mark.thorough
def test_all_rows_load_in_the_order_given_and_the_foreign_keys_hold(
    database: Callable[..., str], platform: SamplePlatform
) -> None:
    with connect(database()) as connection:
        load(connection, platform)
        for name, table in platform.tables.items():
            count = sql.SQL("select count(*) from {}").format(sql.Identifier(*name.split(".")))
            assert connection.execute(count).fetchone() == (len(table.rows),)
        keys = connection.execute(
            "select count(*) from pg_constraint where contype = 'f' and convalidated"
            " and connamespace = 'contact_center'::regnamespace"
        ).fetchone()
        assert keys is not None
        assert keys[0] > 50
        parties = connection.execute(
            "select count(*) from contact_center.messages where cc_parties -> 0 ->> 'email' is not null"
        ).fetchone()
        assert parties is not None
        assert parties[0] > 0


def test_generator_and_schema_have_the_same_columns(database: Callable[..., str]) -> None:
    with connect(database()) as connection:
        connection.execute(SCHEMA.read_text(encoding="utf-8"))
        live = connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'contact_center'"
        ).fetchall()
    assert set(live) == {
        (table, column) for table, columns in COLUMNS.items() for column in columns
    }


def test_every_table_but_organizations_must_name_its_tenant(database: Callable[..., str]) -> None:
    with connect(database()) as connection:
        connection.execute(SCHEMA.read_text(encoding="utf-8"))
        tenants = connection.execute(
            "select table_name, data_type, is_nullable from information_schema.columns"
            " where table_schema = 'contact_center' and column_name = 'org_id'"
        ).fetchall()
    assert sorted(tenants) == sorted((table, "text", "NO") for table in COLUMNS)


def test_every_foreign_key_of_many_rows_has_an_index(database: Callable[..., str]) -> None:
    with connect(database()) as connection:
        connection.execute(SCHEMA.read_text(encoding="utf-8"))
        bare = connection.execute(
            """
            select conrelid::regclass::text, a.attname
            from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
            where c.contype = 'f' and c.connamespace = 'contact_center'::regnamespace
              and a.attname <> 'org_id'
              and not exists (select from pg_index i where i.indrelid = c.conrelid
                              and i.indkey[0] = c.conkey[1])
            """
        ).fetchall()
    assert bare == []
