"""Whoever was erased and comes back - by a restore, a late export, a re-sync - is erased again."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pyrage
import pytest
from psycopg import sql

from lacuna.errors import VerificationFailed
from lacuna.flows import sweep
from lacuna.model.evidence import Action
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode
from tests.flows.observation import (
    connect,
    execute,
    leaves_of,
    quiet_people,
    rows_of,
    values_of,
)
from tests.flows.restoring import dump_of, reappeared, restored


def known_of(installation, contacts: list[str]) -> Counter[str]:
    """Count the rows of each table in which one of the people is still named."""
    values = [
        value.casefold()
        for one in contacts
        for value in values_of(installation.platform.people[one])
    ]
    return Counter(
        table
        for table, rows in rows_of(installation.url).items()
        for row, count in rows.items()
        for _ in range(count)
        if any(value in row.casefold() for value in values)
    )


def actors_of(installation) -> set[tuple[str, str]]:
    """Return the flows of batches with the flows that the ledger says have acted for them."""
    return {
        (flow, actor)
        for flow, actor in execute(
            installation.url,
            "select flow, actor from lacuna.batch join lacuna_evidence.entry using (batch_id) "
            "where actor like 'flow:%%'",
        )
    }


def put_back(installation, contact: str) -> int:
    """Deliver the export rows of a contact once more, as they were; return how many."""
    late = [
        row for row in installation.platform.late_export.records() if row["requester_id"] == contact
    ]
    columns = [
        name
        for name in installation.platform.late_export.columns
        if name.startswith("requester_") or name in ("conversation_id", "subject")
    ]
    with connect(installation.url) as connection:
        for row in late:
            connection.execute(
                sql.SQL(
                    "update contact_center.conversation_export set {} where conversation_id = %s"
                ).format(
                    sql.SQL(", ").join(
                        sql.SQL("{} = %s").format(sql.Identifier(name)) for name in columns
                    )
                ),
                [*(row[name] for name in columns), row["conversation_id"]],
            )
    return len(late)


@dataclass(frozen=True)
class Dumped:
    """A dump from before two erasures, one approved by then, and the other not even asked for.

    Attributes:
        people: who was erased, and somebody who stays.
        known: the request that the dump has.
        before: the rows of each table that named one of the three.
    """

    people: list[str]
    known: str
    before: Counter[str]
    dump: bytes


@pytest.fixture(scope="module")
def dumped_once(reaching):
    def reach(installation) -> Dumped:
        people = quiet_people(installation.platform)[:3]
        known = installation.submit_contact(people[0])
        assert installation.run() is None
        installation.approve(known)
        before = known_of(installation, people)
        dump = dump_of(installation)
        assert installation.run() is None
        installation.erase(people[1])
        return Dumped(people, known, before, dump)

    return reaching("dumped", reach)


@pytest.mark.thorough
def test_yesterdays_dump_and_a_sweep_leave_no_erased_person(installation, dumped_once, database):
    dumped = dumped_once.said
    *erased, stays = dumped.people
    end = rows_of(installation.url)
    assert not known_of(installation, erased)

    again = restored(installation, database, dumped.dump)
    assert known_of(again, dumped.people) == dumped.before
    assert again.run(sweep) is None
    assert not known_of(again, erased)
    assert known_of(again, [stays]) == known_of(installation, [stays])
    rows = rows_of(again.url)
    # The new keys are drawn anew; everything else is as the first erasures left it.
    assert {table for table in rows if rows[table] != end[table]} == {"contacts"}
    assert len(rows["contacts"] - end["contacts"]) == 2
    assert again.request(dumped.known).state is RequestState.WITHDRAWN
    found = reappeared(again)
    assert len(found) == 2
    for request_id, count in found:
        assert again.request(request_id).state is RequestState.COMPLETED
        assert count > 0
        assert (again.stores.home / f"evidence/statements/{request_id}.json").is_file()
    # Once more does nothing, and neither does a fulfilment.
    assert again.run(sweep) is None
    assert again.run() is None
    assert rows_of(again.url) == rows
    assert reappeared(again) == found


@pytest.mark.thorough
def test_a_restored_request_that_was_fulfilled_is_not_fulfilled_twice(
    installation, dumped_once, database
):
    """Its certificate is issued; a second one of the same request would say something else."""
    dumped = dumped_once.said
    again = restored(installation, database, dumped.dump)
    assert again.run() is None
    assert again.request(dumped.known).state is RequestState.WITHDRAWN
    assert again.run(sweep) is None
    assert not known_of(again, dumped.people[:1])


@pytest.fixture(scope="module")
def one_once(reaching):
    """Says who was erased, and by which request."""

    def reach(installation):
        contact = quiet_people(installation.platform)[0]
        return contact, *installation.erase(contact)

    return reaching("one", reach)


@pytest.fixture
def erased(one_once):
    return one_once.said


@pytest.fixture(scope="module")
def forgotten_once(reaching):
    def reach(installation):
        installation.erase(installation.platform.demo.forget)

    return reaching("forgotten", reach)


@pytest.mark.thorough
@pytest.mark.usefixtures("forgotten_once")
def test_a_late_export_is_erased_although_the_contact_is_gone(installation):
    contact = installation.platform.demo.forget
    others = rows_of(installation.url)
    late = put_back(installation, contact)
    assert late > 1
    assert installation.run(sweep) is None
    ((request_id, rows),) = reappeared(installation)
    assert rows == late
    assert installation.request(request_id).state is RequestState.COMPLETED
    left = execute(
        installation.url,
        "select count(*) from contact_center.conversation_export where requester_id::text = %s "
        "or requester_email is not null and requester_email = any(%s)",
        contact,
        list(installation.platform.people[contact].emails),
    )
    assert left == [(0,)]
    now = rows_of(installation.url)
    assert {table for table in now if now[table] != others[table]} <= {"conversation_export"}
    assert actors_of(installation) == {("fulfilment", "flow:fulfilment"), ("sweep", "flow:sweep")}


def sync_again(installation, contact: str) -> str:
    """Insert a contact anew under another key, as a customer register does; return the key."""
    person = installation.platform.people[contact]
    ((key,),) = execute(
        installation.url,
        "insert into contact_center.contacts (contact_id, org_id, external_id, display_name, "
        "email, created_at) values (gen_random_uuid(), %s, %s, %s, %s, now()) "
        "returning contact_id::text",
        person.org_id,
        person.external_ids[0],
        person.full_name,
        person.emails[0],
    )
    return key


@pytest.mark.thorough
def test_a_synchronized_contact_is_known_by_its_external_id(installation, erased):
    contact, _ = erased
    stays = quiet_people(installation.platform)[1]
    key = sync_again(installation, contact)
    before = known_of(installation, [stays])

    # To observe is to report it and to change nothing.
    rows = rows_of(installation.url)
    error = installation.run(sweep, mode=Mode.OBSERVE)
    assert isinstance(error, VerificationFailed)
    assert "1 erased people reappeared" in str(error)
    assert rows_of(installation.url) == rows
    assert reappeared(installation) == []

    assert installation.run(sweep) is None
    assert len(reappeared(installation)) == 1
    assert not known_of(installation, [contact])
    gone = execute(
        installation.url,
        "select count(*) from contact_center.contacts where contact_id::text = %s",
        key,
    )
    assert gone == [(0,)]
    assert known_of(installation, [stays]) == before


@pytest.mark.thorough
def test_a_kind_that_the_map_lost_fails_the_sweep_and_keeps_nobody_from_being_erased_again(
    installation, erased
):
    contact, _ = erased
    sync_again(installation, contact)
    (person,) = installation.stores.erased.people()
    installation.stores.erased.keep(
        replace(person, request_id=str(uuid.uuid4()), person_kind="driver")
    )
    error = installation.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert "1 erased people are of a kind that the map no longer has" in str(error)
    assert not known_of(installation, [contact])
    # Once no backup has them any more, nothing is missed.
    installation.stores = replace(installation.stores, clock=LaterClock(36))
    installation.run(sweep)
    assert installation.run(sweep) is None


class LaterClock:
    def __init__(self, days: int) -> None:
        self.days = days

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)


@pytest.mark.thorough
def test_what_recognizes_people_is_destroyed_with_the_oldest_backup(installation, erased):
    contact, request_id = erased
    folder = installation.stores.home / "keys" / "erased"
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == [f"{request_id}.key", f"{request_id}.sealed"]
    for path in folder.iterdir():
        content = path.read_bytes()
        for value in values_of(installation.platform.people[contact]):
            assert value.encode() not in content

    # A lost key is no reason to recognize nobody, in silence.
    key = folder / f"{request_id}.key"
    key.rename(folder.parent / "lost")
    error = installation.run(sweep)
    assert error is not None
    assert "its key is gone" in str(error)
    (folder.parent / "lost").rename(key)

    before = rows_of(installation.url)
    for days, left in ((34, 2), (36, 0)):
        installation.stores = replace(installation.stores, clock=LaterClock(days))
        assert installation.run(sweep) is None
        assert len(list(folder.iterdir())) == left
    # Who stays away costs nothing.
    assert reappeared(installation) == []
    assert rows_of(installation.url) == before
    actions = [leaf.entry.action for leaf in leaves_of(installation)]
    assert actions.count(Action.KEEP_VENDOR_IDS) == 1
    assert actions.count(Action.FORGET_VENDOR_IDS) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("is_known", [True, False], ids=["queued before", "queued after"])
def test_a_bundle_that_a_restore_forgets_is_said_to_be_lost(installation, database, is_known):
    """Nobody can release it: whoever asked for it has to get another one."""
    (contact,) = quiet_people(installation.platform)[:1]
    dump = dump_of(installation)
    key = str(pyrage.x25519.Identity.generate().to_public())
    asked = installation.submit_contact(contact, kinds=(RequestKind.ACCESS,), bundle_key=key)
    dump = dump_of(installation) if is_known else dump
    assert installation.run() is None
    sealed = installation.stores.home / "bundles" / f"{asked}.zip.age"
    assert installation.run(sweep) is None
    assert sealed.is_file()

    again = restored(installation, database, dump)
    again.run(sweep, mode=Mode.OBSERVE)
    assert sealed.is_file()
    error = again.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert "the database does not record 1 sealed bundles" in str(error)
    assert not sealed.exists()
    assert again.run(sweep) is None


@pytest.mark.thorough
@pytest.mark.usefixtures("forgotten_once")
def test_of_whom_only_late_rows_are_there_no_own_text_is_left(installation):
    contact = installation.platform.demo.forget
    person = installation.platform.people[contact]
    assert put_back(installation, contact)
    execute(
        installation.url,
        "update contact_center.conversation_export set subject = %s where requester_id::text = %s",
        f"Pakken {person.order_number} er ikke kommet – {person.full_name}",
        contact,
    )
    assert installation.run(sweep) is None
    left = execute(
        installation.url,
        "select subject from contact_center.conversation_export where strpos(subject, %s) > 0 "
        "or strpos(subject, 'Pakken') > 0",
        person.order_number,
    )
    assert left == []
