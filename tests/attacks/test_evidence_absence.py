"""What is missing must not pass for what is well: runs, lines, gates, periods, keys."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.flows import seal
from pipelines.flows.dpo_report import NIGHTLY
from pipelines.model.request import RequestKind

ROOT = Path(__file__).parents[2]
NOWHERE = "postgresql+psycopg://lacuna@127.0.0.1:1/none"


def newest_report(home: Path) -> dict:
    path = max((home / "evidence" / "reports").glob("*.json"))
    return json.loads(path.read_bytes())


@pytest.fixture
def sealed(installation, lacuna):
    installation.submit_contact(
        sorted(installation.platform.people)[0], kinds=(RequestKind.ACCESS,)
    )
    assert lacuna("run", "seal").code == 0
    return installation


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
    seal_at(installation, now - timedelta(days=3))
    missing = seal_at(installation, now)["not_run"]
    assert len([each for each in missing if each["flow"] == "fulfilment"]) == 3
    assert len([each for each in missing if each["flow"] == "seal"]) == 2, "it ran today"


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


def test_an_empty_folder_of_keys_verifies_nothing(sealed, lacuna, tmp_path):
    assert lacuna("evidence", "verify", "--ledger", "--keys", tmp_path).code == 2
