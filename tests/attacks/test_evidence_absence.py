"""What is missing must not pass for what is well: runs, lines, gates, periods, keys."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lacuna.flows import seal
from lacuna.flows.seal.recorded_runs import NIGHTLY
from lacuna.model.request import RequestKind
from lacuna.model.run import Role, StepLine
from tests.cli.conftest import commanded
from tests.flows.observation import connect

ROOT = Path(__file__).parents[2]
NOWHERE = "postgresql+psycopg://lacuna@127.0.0.1:1/none"


def newest_report(home: Path) -> dict:
    path = max((home / "evidence" / "reports").glob("*.json"))
    return json.loads(path.read_bytes())


@pytest.fixture(scope="module")
def sealed_once(reaching):
    def reach(installation):
        installation.submit_contact(
            sorted(installation.platform.people)[0], kinds=(RequestKind.ACCESS,)
        )
        assert commanded(installation, "run", "seal") == 0

    return reaching("sealed", reach)


@pytest.fixture
def sealed(sealed_once, installation):
    return installation


@pytest.mark.thorough
def test_an_outage_is_a_line_and_stands_in_the_next_report(sealed, lacuna, monkeypatch):
    home = sealed.stores.home
    before = set((home / "evidence" / "runs").iterdir())
    with monkeypatch.context() as outage:
        outage.setenv("LACUNA_DATABASE_URL", NOWHERE)
        assert lacuna("run", "fulfilment").code == 3
        outage.delenv("LACUNA_DATABASE_URL")
        assert lacuna("run", "sweep").code == 3, "the embedded server is not running"
    left = set((home / "evidence" / "runs").iterdir()) - before
    assert sorted(path.name.partition("-")[0] for path in left) == ["fulfilment", "sweep"]
    assert lacuna("run", "seal").code == 0
    report = newest_report(home)
    red = {run["flow"]: run["failures"] for run in report["runs"] if run["failures"]}
    assert {flow: [each["outcome"] for each in found] for flow, found in red.items()} == {
        "fulfilment": ["unreachable"],
        "sweep": ["unreachable"],
    }
    assert lacuna("run", "seal").code == 0
    assert all(not run["failures"] for run in newest_report(home)["runs"]), "it is said once"


def test_the_flows_that_are_missed_are_those_that_are_scheduled():
    assert sorted(NIGHTLY) == sorted(
        path.stem.removeprefix("gdpr_") for path in (ROOT / "dags").glob("gdpr_*.py")
    )


def test_no_flow_is_started_when_a_night_ends():
    """One that is late or early by minutes would be in the wrong night: a false alarm, or none."""
    every = (path.read_text("utf-8") for path in (ROOT / "dags").glob("gdpr_*.py"))
    daily = [re.search(r'"(\d+) (\d+) \* \* \*"', text) for text in every]
    minutes = [int(found[2]) * 60 + int(found[1]) for found in daily if found]
    assert len(minutes) == len(NIGHTLY) - 1, "intake comes many times an hour"
    assert all(abs(each - 390) >= 30 for each in minutes)


@dataclass(frozen=True)
class Stopped:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def seal_at(installation, at: datetime) -> dict:
    """Seal at a time; return the report."""
    stores = replace(installation.stores, clock=Stopped(at))
    assert replace(installation, stores=stores).run(seal) is None
    return newest_report(installation.stores.home)


def test_nights_without_a_line_stand_in_the_report(installation):
    """The report before is three days old; nothing but seals ran since."""
    installation.submit_contact(sorted(installation.platform.people)[0])
    now = datetime.now(UTC)
    seal_at(installation, now)
    missing = seal_at(installation, now + timedelta(days=3))["not_run"]
    assert len([each for each in missing if each["flow"] == "fulfilment"]) == 3
    assert len([each for each in missing if each["flow"] == "seal"]) == 2, "it ran today"


@pytest.mark.thorough
def test_two_seals_a_day_hide_no_night(installation):
    """Half a day was rounded down to no night at all."""
    installation.submit_contact(sorted(installation.platform.people)[0])
    now = datetime.now(UTC)
    seal_at(installation, now)
    missing = []
    for hours in (12, 24, 36, 48):
        missing += seal_at(installation, now + timedelta(hours=hours))["not_run"]
    assert len([each for each in missing if each["flow"] == "sweep"]) == 2


# --- runs that end red ------------------------------------------------------------------------------


def red_of(home: Path) -> dict[str, list[str]]:
    return {
        run["flow"]: [each["outcome"] for each in run["failures"]]
        for run in newest_report(home)["runs"]
        if run["failures"]
    }


@pytest.mark.parametrize("flow", ["fulfilment", "sweep", "reporting"])
def test_a_command_that_finds_drift_stands_in_the_next_report(sealed, lacuna, flow):
    with connect(sealed.url) as connection:
        connection.execute("alter table contact_center.contacts add column nickname text")
    assert lacuna("run", flow).code == 1
    with connect(sealed.url) as connection:
        connection.execute("alter table contact_center.contacts drop column nickname")
    assert lacuna("run", "seal").code == 0
    assert red_of(sealed.stores.home) == {flow: ["failed"]}


@pytest.mark.parametrize(
    ("name", "value"), [("DATAMAP", "nowhere.yaml"), ("MODE", "atc"), ("MDOE", "act")]
)
def test_a_command_with_a_wrong_setting_stands_in_the_next_report(
    sealed, lacuna, monkeypatch, name, value
):
    with monkeypatch.context() as wrong:
        wrong.setenv(f"LACUNA_{name}", value)
        assert lacuna("run", "sweep").code == 2
    assert lacuna("run", "seal").code == 0
    (red,) = red_of(sealed.stores.home).items()
    assert red in [("sweep", ["failed"]), ("sweep", ["refused"])]


MAIN = "from lacuna.cli import main; main()"


@pytest.mark.thorough
def test_a_command_that_was_killed_stands_in_the_next_report(sealed, lacuna, monkeypatch):
    """A whole process, killed while it is at it: nothing of it can write a line."""
    home = sealed.stores.home
    with connect(sealed.url) as connection:
        connection.execute("lock table contact_center.contacts in access exclusive mode")
        running = subprocess.Popen([sys.executable, "-c", MAIN, "run", "sweep"])
        runs = home / "evidence" / "runs"
        while not [path for path in runs.glob("sweep-*.jsonl") if b"began" in path.read_bytes()]:
            assert running.poll() is None
            time.sleep(0.05)
        running.kill()
        running.wait()
    assert lacuna("run", "seal").code == 0
    assert red_of(home) == {"sweep": ["not_ended"]}
    assert lacuna("run", "seal").code == 0
    assert red_of(home) == {}, "it is said once"


def test_a_run_that_is_going_on_is_red_only_once_it_has_died(sealed, lacuna):
    log, home = sealed.stores.run_log, sealed.stores.home
    with log.going_on("sweep-x"):
        log.add("sweep-x", StepLine("run", "began", at=datetime.now(UTC)))
        assert lacuna("run", "seal").code == 0
        assert red_of(home) == {}
    assert lacuna("run", "seal").code == 0
    assert red_of(home) == {"sweep": ["not_ended"]}


@pytest.mark.thorough
def test_a_run_that_fails_after_the_report_stands_in_the_next(sealed, lacuna):
    """It began before, and its lines say even earlier times: what counts is that they are new."""
    log, home = sealed.stores.run_log, sealed.stores.home
    early = datetime.now(UTC) - timedelta(hours=1)
    with sealed.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(str(uuid.uuid4()), "sweep", "sweep-x", early)
    log.add("sweep-x", StepLine("sweep", "chunk", at=early))
    assert lacuna("run", "seal").code == 0
    log.add("sweep-x", StepLine("sweep", "failed", is_failure=True, at=early))
    assert lacuna("run", "seal").code == 0
    assert red_of(home) == {"sweep": ["failed"]}
    assert lacuna("run", "seal").code == 0
    assert red_of(home) == {}


@pytest.mark.thorough
def test_a_copied_file_is_no_run_and_stands_in_each_report(sealed, lacuna):
    log, home = sealed.stores.run_log, sealed.stores.home
    log.add("sweep-true", StepLine("sweep", "done", at=datetime.now(UTC)))
    assert lacuna("run", "seal").code == 0
    log.path("sweep-copied").write_bytes(log.lines_of("sweep-true"))
    for _ in range(2):
        assert lacuna("run", "seal").code == 0
        (copied,) = [one for one in newest_report(home)["runs"] if one["run_id"] == "sweep-copied"]
        assert copied["flow"] == "other", "it stands for no night's sweep"
        assert [each["outcome"] for each in copied["failures"]] == ["of_another_run"]
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 1
    assert "sweep-copied" in done.err
    log.path("sweep-copied").unlink()
    assert lacuna("evidence", "verify", "--ledger").code == 0


def test_copied_lines_in_the_name_of_a_run_that_began_are_no_run(sealed, lacuna):
    log = sealed.stores.run_log
    log.add("sweep-true", StepLine("sweep", "done", at=datetime.now(UTC)))
    with sealed.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(
            str(uuid.uuid4()), "sweep", "sweep-x", datetime.now(UTC)
        )
    log.path("sweep-x").write_bytes(log.lines_of("sweep-true"))
    assert lacuna("run", "seal").code == 0
    assert set(red_of(sealed.stores.home)["sweep"]) == {"of_another_run"}


def test_copied_lines_stand_for_no_night(installation):
    installation.submit_contact(sorted(installation.platform.people)[0])
    # In the days to come: the ledger's time goes on.
    log, now = installation.stores.run_log, datetime.now(UTC) + timedelta(days=2)
    log.add("sweep-true", StepLine("sweep", "done", at=now - timedelta(days=5)))
    seal_at(installation, now - timedelta(days=2))
    with installation.stores.transaction(Role.PLANNER) as transaction:
        began = now - timedelta(days=1)
        transaction.queue.requests.open_batch(str(uuid.uuid4()), "sweep", "sweep-x", began)
    log.path("sweep-x").write_bytes(log.lines_of("sweep-true"))
    missing = seal_at(installation, now)["not_run"]
    assert len([each for each in missing if each["flow"] == "sweep"]) == 2


@pytest.mark.thorough
@pytest.mark.parametrize("year", [2020, datetime.now(UTC).year])
def test_a_run_that_the_database_never_knew_is_told_whatever_time_its_file_or_its_lines_have(
    sealed, lacuna, year
):
    log = sealed.stores.run_log
    # From the third on a seal looks at what is new alone.
    assert [lacuna("run", "seal").code for _ in range(2)] == [0, 0]
    at = datetime.now(UTC).replace(year=year)
    log.add("sweep-x", StepLine("sweep", "failed", is_failure=True, at=at))
    os.utime(log.path("sweep-x"), (1_577_880_000, 1_577_880_000))
    assert lacuna("run", "seal").code == 0
    assert red_of(sealed.stores.home) == {"sweep": ["failed"]}
    assert lacuna("run", "seal").code == 0
    assert red_of(sealed.stores.home) == {}, "it is said once"


def test_lines_of_a_run_that_wrote_nothing_to_the_ledger_are_vouched_for_too(sealed, lacuna):
    log = sealed.stores.run_log
    log.add("sweep-x", StepLine("sweep", "failed", is_failure=True, at=datetime.now(UTC)))
    assert lacuna("run", "seal").code == 0
    path = log.path("sweep-x")
    path.write_bytes(path.read_bytes().replace(b'"is_failure": true', b'"is_failure": false'))
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 1
    assert "sweep-x" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("evidence", "verify"),
        ("evidence", "verify", "nowhere.json"),
        ("evidence", "verify", "--ledger", "--keys", "nowhere"),
    ],
    ids=["nothing named", "no file", "no keys"],
)
def test_with_nothing_to_verify_nothing_is_verified(sealed, lacuna, arguments):
    assert lacuna(*arguments).code == 2


def test_a_file_of_keys_that_does_not_exist_is_named(sealed, lacuna):
    done = lacuna("evidence", "verify", "--ledger", "--keys", "nowhere")
    assert "nowhere does not exist." in done.err


def test_an_empty_folder_of_keys_verifies_nothing(sealed, lacuna, tmp_path):
    assert lacuna("evidence", "verify", "--ledger", "--keys", tmp_path).code == 2
