"""What stops, limits or misleads a run from outside, by id: it is told, and nothing is half done."""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

import lacuna
from lacuna.errors import PipelineError, StatementRefused
from lacuna.model.run import Role
from lacuna.request import due
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.keys import FileKeys
from lacuna.stores.postgres.database import Database

PACKAGE = Path(lacuna.__file__).parent


@pytest.fixture
def notes(database):
    opened = Database(database())
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql("create table notes (body text)")
    return opened


def count(notes: Database) -> int:
    with notes.transaction(Role.OWNER) as connection:
        return connection.execute(sa.text("select count(*) from notes")).scalar_one()


def write_half(notes: Database, stop: type[BaseException]) -> None:
    with notes.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql("set local search_path = pg_temp")
        connection.exec_driver_sql("insert into public.notes values ('half')")
        raise stop


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_run_control_53_who_is_stopped_within_a_transaction_leaves_nothing_of_it(notes, stop):
    with notes.keeping():
        with pytest.raises(stop):
            write_half(notes, stop)
        # The same connection may be used again: nothing of what was set is left.
        assert count(notes) == 0


SET = {
    "run_control-54 a time limit": ("statement_timeout to '20ms'", "SQLSTATE 57014"),
    "run_control-55 a standby": ("default_transaction_read_only to on", "SQLSTATE 25006"),
}


@pytest.mark.parametrize(("setting", "state"), SET.values(), ids=SET)
def test_what_the_database_forbids_is_told_and_rolled_back(notes, setting, state):
    with notes.autocommit() as connection:
        name = sa.make_url(notes.url).database
        connection.exec_driver_sql(f'alter database "{name}" set {setting}')
    again = Database(notes.engine.url.render_as_string(hide_password=False))
    with (
        pytest.raises(StatementRefused, match=state) as caught,
        again.transaction(Role.OWNER) as connection,
    ):
        connection.exec_driver_sql("insert into notes select 'canary-7f3a' from pg_sleep(1)")
    assert "rolled back" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert count(again) == 0


def test_run_control_56_no_umask_opens_a_key_or_its_folder(tmp_path):
    before = os.umask(0)
    try:
        keys = FileKeys(tmp_path / "keys" / "requests")
        keys.encrypt("00000000-0000-4000-8000-000000000001", b"x")
    finally:
        os.umask(before)
    found = list((tmp_path / "keys").rglob("*"))
    assert [path for path in found if path.stat().st_mode & 0o077] == []
    assert any(path.is_file() for path in found)


def test_run_control_57_no_file_more_may_be_opened_and_no_key_is_half_written(tmp_path):
    keys = FileKeys(tmp_path / "requests")
    keys.encrypt("00000000-0000-4000-8000-000000000001", b"x")
    there = sorted(path.name for path in tmp_path.rglob("*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        with pytest.raises((PipelineError, OSError)):
            keys.encrypt("00000000-0000-4000-8000-000000000002", b"x")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert sorted(path.name for path in tmp_path.rglob("*")) == there


@pytest.mark.thorough
def test_run_control_58_no_guard_goes_with_the_assertions_of_an_optimized_python():
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Name) and node.id == "__debug__")
    ]
    assert found == []


LOAD = (
    "import sys; from pathlib import Path; from lacuna.datamap import load; "
    "print(load(Path(sys.argv[1])).digest)"
)


def test_run_control_59_no_locale_changes_what_a_data_map_says():
    datamap = SQL_FOLDER / "contact_center" / "datamap.yaml"
    plain = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE.parent)}
    digests = {
        subprocess.run(
            [sys.executable, *flags, "-c", LOAD, str(datamap)],
            env=plain | more,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for flags, more in (
            ([], {"LC_ALL": "C.UTF-8"}),
            (["-X", "utf8=0"], {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}),
        )
    }
    assert len(digests) == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Adak", "UTC"])
def test_run_control_60_a_deadline_is_the_same_in_every_zone_of_the_machine(monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        times = due(datetime(2026, 1, 30, 23, 30, tzinfo=UTC), country="DK")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert times.alarm_at == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert times.due_at == datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the 28th is a Saturday
