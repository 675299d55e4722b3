"""Somebody is erased at the very moment at which an entry about them is recorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lacuna.apply import rows
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.sweep.recordings_without_consent import compare_recordings
from lacuna.model.request import RequestState
from lacuna.stores.postgres.agreements import PostgresAgreements
from lacuna.stores.postgres.consents import PostgresConsents
from tests.cli.conftest import run_here
from tests.flows.conftest import Installation, Reached, reached
from tests.flows.observation import execute, quiet_people

CALL = (
    "select c.call_id::text, c.org_id from contact_center.calls c join contact_center.conversations v "
    "using (conversation_id) where v.requester_id::text = %s "
    "and c.call_recording_consent_action is not null limit 1"
)
KNOWN = "select count(*) from lacuna.subject where contact_id = %s"
WAITING = (
    "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = "
    "(select oid from pg_database where datname = current_database())"
)
BY_HAND = {
    "consent record": "--call {call} --status granted --method verbal",
    "consent withdraw": "--contact-id {contact}",
    "agreement accept": "--contact-id {contact} --kind terms --version raced --method web",
}


@dataclass(frozen=True)
class Approved:
    """Whose erasure is approved, and a call of theirs."""

    contact: str
    call: str
    org_id: str
    request_id: str


@pytest.fixture(scope="module")
def approved(template_database, install_for_commands, tmp_path_factory) -> Reached:
    """The approved erasure of somebody with a call whose recording they agreed to."""
    text = tmp_path_factory.mktemp("terms") / "terms.txt"
    text.write_text("Terms")

    def reach(installation: Installation) -> Approved:
        for contact in quiet_people(installation.platform):
            found = execute(installation.url, CALL, contact)
            if found:
                ((call, org_id),) = found
                break
        home = installation.stores.home
        add = f"agreement add --org {org_id} --kind terms --version raced --as Ada --text"
        settings = {"LACUNA_HOME": str(home), "LACUNA_DATABASE_URL": installation.url}
        assert run_here(*add.split(), text, cwd=home, **settings).returncode == 0
        request_id = installation.submit_contact(contact)
        assert installation.run() is None
        installation.approve(request_id)
        return Approved(contact, call, org_id, request_id)

    home = tmp_path_factory.mktemp("raced")
    return reached(template_database, install_for_commands, home, reach)


@pytest.fixture
def installation(approved, database, lacuna_home) -> Installation:
    return approved.begin(database, lacuna_home)


class Race:
    """A person whose erasure is approved, and what somebody records of them."""

    def __init__(self, installation, lacuna, approved: Approved) -> None:
        self.installation, self.lacuna = installation, lacuna
        self.contact, self.request_id = approved.contact, approved.request_id
        self.call, self.org_id = approved.call, approved.org_id

    def record(self, how: str) -> None:
        if how == "sweep":
            stores = self.installation.stores
            compare_recordings(stores, open_datamap(stores))
            return
        command = f"{how} --org {self.org_id} --as Ada {BY_HAND[how]}"
        self.lacuna(*command.format(call=self.call, contact=self.contact).split())

    def meanwhile(self, act: Callable[[], object]) -> threading.Thread:
        """Do something in a thread of its own, and return once it waits for us, or has ended."""
        thread = threading.Thread(target=act)
        thread.start()
        until = time.monotonic() + 60
        while thread.is_alive() and time.monotonic() < until:
            if execute(self.installation.url, WAITING) != [(0,)]:
                break
            time.sleep(0.05)
        return thread

    def ended(self, thread: threading.Thread) -> None:
        """See that both have ended, and that no entry points at the person."""
        thread.join(60)
        assert not thread.is_alive()
        assert self.installation.request(self.request_id).state is RequestState.COMPLETED
        assert execute(self.installation.url, KNOWN, self.contact) == [(0,)]


@pytest.fixture
def race(installation, lacuna, approved) -> Race:
    return Race(installation, lacuna, approved.said)


def seldom(*ways: str) -> list[object]:
    """What somebody does by hand takes the same way: one each time, all of them where time is."""
    return [pytest.param(one, marks=pytest.mark.long) for one in ways]


@pytest.mark.parametrize(
    "how", ["consent record", *seldom("consent withdraw", "agreement accept"), "sweep"]
)
def test_who_is_erased_first_is_recorded_by_no_old_key(race, how, monkeypatch):
    threads = []

    def forget_people(*args: object) -> None:
        forget(*args)
        threads.append(race.meanwhile(lambda: race.record(how)))

    forget = rows.forget_people
    monkeypatch.setattr(rows, "forget_people", forget_people)
    assert race.installation.run() is None
    (thread,) = threads
    race.ended(thread)


@pytest.mark.thorough
@pytest.mark.parametrize("how", [*seldom("consent record"), "agreement accept", "sweep"])
def test_who_is_recorded_first_is_forgotten(race, how, monkeypatch):
    threads = []

    def recorded(place: object, name: str) -> None:
        record = getattr(place, name)

        def and_then(*args: object) -> object:
            found = record(*args)
            if not threads:
                threads.append(race.meanwhile(race.installation.run))
            return found

        monkeypatch.setattr(place, name, and_then)

    recorded(PostgresAgreements, "accept")
    recorded(PostgresConsents, "add")
    race.record(how)
    (thread,) = threads
    race.ended(thread)
