"""A platform is filled in bulk: whole or not at all, and once."""

import os
import stat

import psycopg
import pytest

from lacuna.errors import ConfigurationError, StatementRefused
from lacuna.model.location import TableName
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.database_facts import write_fact
from lacuna.stores.postgres.migrations import migrate
from lacuna_demo.bulk import create_platform, load_rows, write_files

ODD = TableName("Odd", 'ta"ble')


@pytest.fixture
def url(database) -> str:
    url = database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute('create schema "Odd"; create table "Odd"."ta""ble" (a int, "B b" text)')
    return url


def rows(url: str) -> list[tuple]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute('select * from "Odd"."ta""ble" order by 1').fetchall()


def test_rows_are_loaded_and_counted(url):
    some = [(1, "x\ty\n"), (2, None), (3, "\\N")]
    assert load_rows(Database(url), [(ODD, ("a", "B b"), some)]) == 3
    assert rows(url) == some


def test_a_row_that_does_not_fit_leaves_nothing_of_any_table(url):
    tables = [
        (ODD, ("a", "B b"), [(1, "x")]),
        (ODD, ("a", "B b"), [("anna.berg@example.org", "x")]),
    ]
    with pytest.raises(StatementRefused) as caught:
        load_rows(Database(url), tables)
    assert rows(url) == []
    assert "anna" not in str(caught.value)


def test_a_platform_that_is_there_is_not_made_again(url):
    create_platform(Database(url), "contact_center")
    with pytest.raises(ConfigurationError, match="contact_center already exists"):
        create_platform(Database(url), "contact_center")


def test_a_mark_that_is_written_again_is_replaced(url):
    migrate(Database(url))
    for content in ("one", "two"):
        write_fact(Database(url), "sample", content)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("select name, value from lacuna.database_fact").fetchall() == [
            ("sample", "two")
        ]


def test_files_lie_in_folders_of_ones_own(tmp_path):
    before = os.umask(0o022)
    try:
        written = write_files(tmp_path / "m" / "media", [("a/b/c.wav", b"1"), ("a/d.txt", b"2")])
    finally:
        os.umask(before)
    assert written == 2
    assert (tmp_path / "m" / "media" / "a" / "b" / "c.wav").read_bytes() == b"1"
    folders = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert len(folders) == 4
