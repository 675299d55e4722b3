"""After a night through Airflow nobody of the platform is named where proof and orchestration lie."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from psycopg.errors import RaiseException

from lacuna.dpo_page import Auth, Right, create_app
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from tests.dags.test_runs import ALL_GREEN
from tests.dpo_page.conftest import Served
from tests.flows.observation import connect, execute, people_named, quiet_people
from tests.poison import poison

pytestmark = pytest.mark.airflow

ORG = "fjordlys"
PAGES = ("", "/requests?shelf=all", "/ambiguous", "/charts")
NIGHT = ("gdpr_intake", "gdpr_fulfilment", "gdpr_sweep", "gdpr_reporting", "gdpr_deadlines")


def files_below(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield name and content of every file, and its name once more as content."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder.parent).as_posix()
            yield name, path.read_bytes().decode("utf-8", "replace")
            yield f"the name of {name}", name


def rows_of_airflow(database: Path) -> Iterator[tuple[str, str]]:
    """Yield every column of Airflow's metadata: XCom, conf, rendered fields, logs, and the rest."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        for (table,) in tables.fetchall():
            cursor = connection.execute(f'select * from "{table}"')  # noqa: S608
            names = [each[0] for each in cursor.description]
            for row in cursor:
                for name, value in zip(names, row, strict=True):
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                    yield f"{table}.{name}", str(text)


def pages(installation, requests: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pages that somebody sees who may read and nothing else."""
    reader = Auth(user=lambda: "vera", name=str, may=lambda user, right, org: right is Right.READ)
    served = Served(create_app(auth=reader, stores=lambda: installation.stores))
    try:
        # Its thread may not listen yet.
        patient = httpx.HTTPTransport(retries=8)
        with httpx.Client(base_url=served.url, transport=patient, timeout=60) as client:
            for path in (*PAGES, *(f"/requests/{each}" for each in requests)):
                answer = client.get(f"/{ORG}{path}")
                assert answer.status_code == 200, path
                yield f"page {path}", answer.text
    finally:
        served.close()


def everything(installation, airflow_home: Path, requests: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each place that has to be free of people, with what it holds."""
    home = installation.stores.home
    for folder in ("evidence", "checkpoints-copy", "alerts", "reporting"):
        yield from files_below(home / folder)
    # Another process copies: whoever opens and closes the file here frees the locks that Airflow's
    # own connections to it hold in this process.
    copied = Path(tempfile.mkdtemp(dir=home)) / "airflow"
    subprocess.run(["cp", "-R", str(airflow_home), str(copied)], check=True)
    yield from files_below(copied)
    yield from rows_of_airflow(copied / "airflow.db")
    for (entry,) in execute(installation.url, "select t::text from lacuna_evidence.entry t"):
        yield "lacuna_evidence.entry", str(entry)
    yield from pages(installation, requests)


@pytest.mark.thorough
def test_nobody_is_named_where_proof_and_orchestration_lie(
    airflow, installation, session_folder, capfd
):
    """Erased, handed over, asked back, ambiguous, unknown, refused by the database: and red runs."""
    platform, demo = installation.platform, installation.platform.demo
    erased = installation.submit_contact(demo.forget)
    handed = installation.submit_contact(demo.access, kinds=(RequestKind.ACCESS,))
    phone = platform.people[demo.household[0]].phones[0]
    ambiguous = installation.submit((IdentifierKind.PHONE, phone))
    unknown = installation.submit((IdentifierKind.EMAIL, "nobody@example.org"))
    poisoned_contact = next(
        one for one in quiet_people(platform) if one not in (demo.forget, demo.access)
    )
    poisoned = installation.submit_contact(poisoned_contact)
    requests = [erased, handed, ambiguous, unknown, poisoned]
    assert airflow.run("gdpr_fulfilment").state == "success"
    for request_id in (erased, poisoned):
        installation.approve(request_id)
    with connect(installation.url) as connection:
        connection.execute(poison(poisoned_contact))
    # The database quotes the row, as databases do.
    touched = "update contact_center.contacts set city = city where contact_id::text = %s"
    with (
        pytest.raises(RaiseException, match=platform.people[poisoned_contact].full_name),
        connect(installation.url) as connection,
    ):
        connection.execute(touched, [poisoned_contact])
    runs = {dag_id: airflow.run(dag_id) for dag_id in NIGHT}
    # The poisoned request fails alone, and the run is red.
    red = {"conclude": "failed", "verdict": "failed"}
    assert runs["gdpr_fulfilment"].state == "failed"
    assert runs["gdpr_fulfilment"].tasks == ALL_GREEN | red
    assert installation.request(poisoned).state is RequestState.APPROVED
    assert installation.obstacle(poisoned) == Obstacle.APPLY_FAILED
    assert airflow.run("gdpr_seal").state == "success"
    assert installation.request(erased).state is RequestState.COMPLETED
    assert installation.request(handed).state is RequestState.COMPLETED

    airflow_home = session_folder / "orchestrator" / "airflow"
    found = list(everything(installation, airflow_home, requests))
    output = "".join(capfd.readouterr())
    found.append(("output", output))
    assert re.search(r"\b1 of \d+ requests failed", output)
    assert people_named(platform, found) == set()
    # The search can see: a name in any of these kinds of places would be among what it read.
    places = " ".join(place for place, _ in found)
    for kind in (
        "evidence/certificates",
        "evidence/reports",
        "evidence/runs",
        "alerts/",
        "xcom.",
        "dag_run.conf",
        "rendered_task_instance_fields.",
        "lacuna_evidence.entry",
        f"page /requests/{erased}",
    ):
        assert kind in places, kind
    assert erased in "".join(text for place, text in found if place.startswith("page"))
