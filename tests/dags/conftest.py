"""One Airflow for all tests of this folder, and installations for its DAGs to work on."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lacuna.model.location import TableName
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.database_facts import write_fact
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.wiring import open_stores
from lacuna_demo.bulk import create_platform, load_rows, write_agreements, write_files
from lacuna_demo.sample import (
    REFERENCE_DATE,
    SampleOptions,
    SamplePlatform,
    agreements_of,
    generate,
)
from scripts.local_airflow import LocalAirflow
from tests.flows.thinning import thinned
from tests.media_stores import mark
from tests.officers import register

if TYPE_CHECKING:
    from tests.flows.conftest import Installation

SCHEMA = "contact_center"
_SOON = timedelta(seconds=0.02)


@pytest.fixture(scope="session")
def airflow(session_folder: Path) -> LocalAirflow:
    """The only Airflow of this process, as `make demo` makes it, in a home of its own.

    Tasks that are tried again, or wait, do so for two hundredths of a second here.
    """
    home = os.environ["LACUNA_HOME"]
    airflow = LocalAirflow(session_folder / "orchestrator")
    os.environ["LACUNA_HOME"] = home
    airflow.prepare()
    for dag in airflow.dagbag.dags.values():
        for task in dag.tasks:
            kind = task.operator_class if task.is_mapped else type(task)
            if kind.__name__ == "FlowTask":
                kind.poke.__globals__.update(WAIT=_SOON, _FIRST_DELAY=_SOON)
                # What a mapped task is made of, and what another has been made with.
                if task.is_mapped:
                    task.partial_kwargs["retry_delay"] = _SOON
                else:
                    task.retry_delay, task.poke_interval = _SOON, _SOON.total_seconds()
    return airflow


@pytest.fixture(scope="session")
def small_platform() -> SamplePlatform:
    """The smallest sample platform, without most of its conversations."""
    whole = generate(SampleOptions(contacts=60, conversations=240, seed=7))
    demo = whole.demo
    sampled = (demo.forget, demo.access, *demo.household, demo.with_open)
    return thinned(whole, (), 20, sampled=sampled)


@pytest.fixture(scope="session")
def small_template(template_database, small_platform: SamplePlatform) -> str:
    """Name of a template database that holds Lacuna's schemas and the smallest sample."""

    def build(url: str) -> None:
        database = Database(url)
        migrate(database)
        create_platform(database, SCHEMA)
        load_rows(
            database,
            (
                (TableName.parse(name), table.columns, table.rows)
                for name, table in small_platform.tables.items()
            ),
        )
        grant_platform(database, (SCHEMA,))
        write_agreements(database, agreements_of(small_platform), datetime.now(UTC))
        write_fact(database, "sample", REFERENCE_DATE.isoformat())
        register(database)

    template_database.register("smallest_sample", build)
    return "smallest_sample"


@pytest.fixture(scope="session")
def small_files(small_platform: SamplePlatform, session_folder: Path) -> Path:
    """The sample's files, written once and copied for each test."""
    folder = session_folder / "smallest-sample-files"
    for store in ("media", "mail"):
        write_files(
            folder / store,
            ((one.path, one.content) for one in small_platform.files if one.store == store),
        )
    return folder


@pytest.fixture
def installation(
    database: Callable[..., str],
    small_template: str,
    small_files: Path,
    small_platform: SamplePlatform,
    lacuna_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Installation:
    """A fresh installation that the environment names, so that the DAGs find it."""
    # Here, not above: it imports every flow, which the tests that parse only do without.
    from tests.flows.conftest import Installation

    shutil.copytree(small_files, lacuna_home, dirs_exist_ok=True)
    url = database(template=small_template)
    monkeypatch.setenv("LACUNA_HOME", str(lacuna_home))
    monkeypatch.setenv("LACUNA_DATABASE_URL", url)
    stores = open_stores()
    mark(stores)
    return Installation(stores, small_platform, url)


@pytest.fixture
def traces(airflow: LocalAirflow, session_folder: Path) -> Callable[[str], list[str]]:
    """Say where in Airflow's home a text is: files by name, and columns of its database."""
    home = session_folder / "orchestrator" / "airflow"

    def find(text: str) -> list[str]:
        found = [
            path.name
            for path in sorted(home.rglob("*"))
            if path.is_file() and text.encode() in path.read_bytes()
        ]
        with contextlib.closing(sqlite3.connect(home / "airflow.db")) as connection:
            names = "select name from sqlite_master where type = 'table'"
            for (table,) in connection.execute(names).fetchall():
                cursor = connection.execute(f'select * from "{table}"')  # noqa: S608
                columns = [each[0] for each in cursor.description]
                for row in cursor:
                    for column, value in zip(columns, row, strict=True):
                        if text in _readable(value):
                            found.append(f"{table}.{column}")
        return found

    return find


def _readable(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
