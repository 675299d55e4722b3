"""What a platform's database may hold or be set to, by id: it is read, or refused with its reason."""

from __future__ import annotations

import uuid

import psycopg
import pytest
import sqlalchemy as sa

from lacuna.errors import ConfigurationError
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database

DATES = {
    "timestamptz 'infinity'": "infinity",
    "timestamptz '-infinity'": "-infinity",
    "date 'infinity'": "infinity",
    "timestamp '20000-01-01'": "20000-01-01 00:00:00",
    "date '0044-03-15 BC'": "0044-03-15 BC",
    "timestamptz '0001-01-01 00:00+14'": "0001-12-31 10:00:00+00 BC",
    "time '24:00'": "24:00:00",
    "timetz '24:00+02'": "24:00:00+02",
}


def read(database: Database, what: str) -> object:
    with database.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql("set local time zone 'UTC'")
        return connection.execute(sa.text(f"select {what}")).scalar_one()


def test_stored_data_51_a_date_on_no_calendar_of_ours_is_read_as_it_is_written(database):
    opened = Database(database())
    assert {what: read(opened, what) for what in DATES} == DATES
    assert read(opened, f"array[{next(iter(DATES))}]") == ["infinity"]


def test_stored_data_62_a_number_too_long_for_python_is_read_as_it_is_written(database):
    opened = Database(database())
    for kind in ("json", "jsonb"):
        found = read(opened, f"cast('{{\"a\": [{'9' * 5000}, 7]}}' as {kind})")
        assert found == {"a": ["9" * 5000, 7]}


def test_stored_data_52_a_database_whose_text_is_any_bytes_is_refused(server):
    name = f"bytes_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(
            f"create database {name} template template0 encoding 'SQL_ASCII' "
            "lc_collate 'C' lc_ctype 'C'"
        )
        try:
            with (
                pytest.raises(ConfigurationError, match="SQL_ASCII"),
                Database(server.url(name)).transaction(Role.OWNER),
            ):
                pass
        finally:
            admin.execute(f"drop database {name} with (force)")


SETTINGS = ("datestyle to 'German'", "datestyle to 'SQL, DMY'", "intervalstyle to 'iso_8601'")


@pytest.mark.parametrize("setting", SETTINGS)
def test_run_control_51_what_a_database_is_set_to_changes_nothing_that_is_read(database, setting):
    opened = Database(database())
    read_before = [read(opened, what) for what in ("timestamptz '2026-11-24'", "interval '1 day'")]
    with opened.autocommit() as connection:
        name = sa.make_url(opened.url).database
        connection.exec_driver_sql(f'alter database "{name}" set {setting}')
    again = Database(opened.engine.url.render_as_string(hide_password=False))
    assert [
        read(again, what) for what in ("timestamptz '2026-11-24'", "interval '1 day'")
    ] == read_before


ENVIRONMENT = {
    "PGCLIENTENCODING": "LATIN1",
    "PGDATESTYLE": "German",
    "PGTZ": "Pacific/Kiritimati",
    "PGOPTIONS": "-c client_encoding=SQL_ASCII",
}


def test_run_control_52_no_setting_of_the_environment_changes_what_is_read(database, monkeypatch):
    url = database()
    before = [read(Database(url), what) for what in ("'å\u4e2d'::text", "timestamptz '2026-11-24'")]
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
        after = [
            read(Database(url), what) for what in ("'å\u4e2d'::text", "timestamptz '2026-11-24'")
        ]
        assert after == before, name
        monkeypatch.delenv(name)
