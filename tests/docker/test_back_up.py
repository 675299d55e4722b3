"""The copy of the proof: whole, without a key, and readable on another server."""

from __future__ import annotations

import hashlib
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from lacuna.model.evidence import Action, Entry
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.ledger import PostgresLedger
from lacuna.stores.postgres.migrations import migrate
from lacuna_demo.embedded_server import binary

SCRIPT = Path(__file__).parents[2] / "docker/back_up.sh"
REQUEST = "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10"
LOGIN = "back_up_test_login"
ALL = "select position, action, location, actor, request_id from lacuna_evidence.entry order by 1"


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql", 1)


@pytest.fixture
def url(database) -> str:
    """A database with a ledger of twenty entries, some of them of a request."""
    url = database()
    database_of_test = Database(url)
    migrate(database_of_test)
    with database_of_test.transaction(Role.OWNER) as connection:
        ledger = PostgresLedger(connection)
        for number in range(20):
            ledger.append(
                Entry(
                    at=datetime(2026, 3, 2, 7, number, tzinfo=UTC),
                    request_id=REQUEST if number % 2 else None,
                    action=Action.SWEEP if number % 2 == 0 else Action.PLANNED,
                    location="support.contact",
                    actor="flow:sweep",
                    rows=number,
                )
            )
    return url


@pytest.fixture
def login(url) -> str:
    """The address of a login that is an auditor and nothing else, as docs/installation.md makes it."""
    with psycopg.connect(plain(url), autocommit=True) as admin:
        admin.execute(f"create role {LOGIN} login noinherit password 'invented'")
        admin.execute(f"grant lacuna_auditor to {LOGIN}")
    yield re.sub(r"//\w+@(.*)&passfile=.*", rf"//{LOGIN}:invented@\1", url)
    with psycopg.connect(plain(url), autocommit=True) as admin:
        admin.execute(f"drop owned by {LOGIN}")
        admin.execute(f"drop role {LOGIN}")


@pytest.fixture
def home(lacuna_home: Path) -> Path:
    for place in (
        "evidence/checkpoints/20.note", "evidence/certificates/one.json", "evidence/keys/public",
        "keys/requests/one.key", "keys/signing", "bundles/one.zip.age",
    ):  # fmt: skip
        (lacuna_home / place).parent.mkdir(parents=True, exist_ok=True)
        (lacuna_home / place).write_text(place, "utf-8")
    return lacuna_home


def back_up(target: Path, home: Path, address: str) -> subprocess.CompletedProcess[str]:
    secret = home / "address"
    secret.write_text(address, "utf-8")
    environment = {
        "PATH": f"{binary('pg_dump').parent}:/usr/bin:/bin",
        "LACUNA_HOME": str(home),
        "LACUNA_BACKUP_URL_FILE": str(secret),
    }
    return subprocess.run(
        ["sh", SCRIPT, target], env=environment, capture_output=True, text=True, cwd="/"
    )


def test_the_password_stands_on_no_command_line(home, tmp_path):
    """`pg_dump` is given it by its environment, as an address without escapes has it."""
    seen, programs = tmp_path / "seen", tmp_path / "programs"
    programs.mkdir()
    stand_in = programs / "pg_dump"
    stand_in.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PGPASSWORD" "$@" > {seen}\nexit 1\n')
    stand_in.chmod(0o700)
    secret = home / "address"
    secret.write_text("postgresql+psycopg://auditor:s%3Dcr%40t%2a@db.invalid/platform", "utf-8")
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "LACUNA_HOME": str(home),
        "LACUNA_BACKUP_URL_FILE": str(secret),
    }
    target = tmp_path / "elsewhere"
    target.mkdir()
    subprocess.run(["sh", SCRIPT, target], env=environment, capture_output=True, check=False)
    password, *arguments = seen.read_text("utf-8").splitlines()
    assert password == "s=cr@t*"
    assert arguments[0] == "--dbname=postgresql://auditor@db.invalid/platform"
    assert not [one for one in arguments if "cr" in one and "t" in one and "s=" in one]


def test_a_copy_holds_the_whole_ledger_and_can_be_restored(url, login, home, database, tmp_path):
    target = tmp_path / "elsewhere"
    target.mkdir()
    done = back_up(target, home, login)
    assert done.returncode == 0, done.stderr
    (copy,) = target.iterdir()
    assert copy.name == done.stdout.strip()

    other = database()
    restored = subprocess.run(
        [binary("pg_restore"), f"--dbname={plain(other)}", "--exit-on-error", "--no-owner",
         copy / "ledger.dump"],
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert restored.returncode == 0, restored.stderr
    rows = []
    for address in (url, other):
        with psycopg.connect(plain(address)) as connection:
            rows.append(connection.execute(ALL).fetchall())
    assert len(rows[0]) == 20
    assert rows[0] == rows[1]


def test_a_copy_holds_the_proof_as_files_and_no_key_and_no_bundle(login, home, tmp_path):
    assert back_up(tmp_path, home, login).returncode == 0
    (copy,) = (each for each in tmp_path.iterdir() if re.fullmatch(r"\d{8}T\d{6}Z", each.name))
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert files == {
        "SHA256SUMS", "ledger.dump", "evidence/checkpoints/20.note",
        "evidence/certificates/one.json", "evidence/keys/public",
    }  # fmt: skip
    sums = dict(
        reversed(line.split("  ./")) for line in (copy / "SHA256SUMS").read_text().splitlines()
    )
    assert sums.keys() == files - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((copy / name).read_bytes()).hexdigest() == digest


def test_what_could_not_be_copied_whole_gets_no_name(login, home, tmp_path):
    done = back_up(tmp_path, home, login.replace(":invented@", ":another@"))
    assert done.returncode != 0
    assert not [each for each in tmp_path.iterdir() if each != home]


def test_the_login_reads_the_ledger_and_cannot_write_it(login):
    with psycopg.connect(plain(login), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(ALL)  # nothing without taking the role on
        connection.execute("set role lacuna_auditor")
        assert len(connection.execute(ALL).fetchall()) == 20
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from lacuna_evidence.entry")
