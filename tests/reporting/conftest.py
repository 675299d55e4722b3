"""Fixtures of reporting: a database with a small contact center, and its stores."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.postgres.database import Database
from lacuna.stores.run_log import FileRunLog
from tests.reporting.centre import Centre, prepare

DATAMAP = Path(__file__).parents[2] / "sql" / "contact_center" / "datamap.yaml"


class SetClock:
    """A clock that a test sets, as `ports.Clock`."""

    def __init__(self, day: date) -> None:
        self.day = day

    def now(self) -> datetime:
        return datetime.combine(self.day, time(5, tzinfo=UTC))


@pytest.fixture(scope="session", autouse=True)
def _centre_template(template_database):
    template_database.register("centre", prepare)


@pytest.fixture
def centre(database):
    """A contact center with two tenants and their queues, and nothing else."""
    return Centre(database("centre"))


@pytest.fixture
def clock():
    return SetClock(date(2026, 11, 24))


def open_stores(url: str, clock: SetClock, home: Path) -> OpenedStores:
    """Everything outside, on a database and in a folder."""
    return OpenedStores(
        database=Database(url),
        keys=FileKeys(home / "keys" / "requests"),
        clock=clock,
        objects=FolderStores(home, {}),
        home=home,
        datamap_path=DATAMAP,
        run_log=FileRunLog(home / "evidence" / "runs"),
        approvers=home / "keys" / "approvers",
    )


@pytest.fixture
def stores(centre, clock, lacuna_home):
    """Everything outside, on the database of `centre`."""
    return open_stores(centre.url, clock, lacuna_home)
