"""The inbox as another system meets it: its own role, its own tenant, a result in each row."""

from __future__ import annotations

import uuid
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from lacuna.flows import intake
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import Pause, RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Role
from lacuna.request import verify_identity
from tests.flows.observation import (
    connect,
    execute,
    leaves_of,
    people_named,
    quiet_people,
    values_of,
)

pytestmark = pytest.mark.usefixtures("discreet")

RESULTS = "select status, request_id::text, reason from lacuna.request_inbox order by inbox_id"


@contextmanager
def submitter(installation, org_id: str | None = "fjordlys"):
    """Connect as another system does: as the submitter's role, with its tenant set."""
    with connect(installation.url) as connection:
        connection.execute("set role lacuna_submitter")
        if org_id is not None:
            connection.execute("select set_config('lacuna.org_id', %s, false)", [org_id])
        yield connection


def insert(installation, *, as_org: str = "fjordlys", **columns: object) -> None:
    columns = {"org_id": as_org, "kinds": ["erasure"], "verified_by": "portal login"} | columns
    statement = sql.SQL("insert into lacuna.request_inbox ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    with submitter(installation, as_org) as connection:
        connection.execute(statement, list(columns.values()))


def results(installation, org_id: str = "fjordlys") -> list[tuple[object, ...]]:
    with submitter(installation, org_id) as connection:
        return connection.execute(RESULTS).fetchall()


@pytest.mark.thorough
def test_a_row_is_queued_completed_and_fulfilled(installation):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    insert(installation, emails=[person.emails[0]], phones=[person.phones[0]])
    insert(installation, emails=[person.emails[0].upper()], phones=[person.phones[0]])
    insert(installation, emails=[person.emails[0]], kinds=["access", "erasure"])
    assert results(installation) == [("new", None, None)] * 3
    assert installation.run(intake) is None
    first, again, both = results(installation)
    assert first[0] == "queued"
    assert again == ("duplicate", first[1], None)
    assert both[0] == "queued"
    assert both[1] != first[1]
    assert installation.request(both[1]).kinds == (RequestKind.ACCESS, RequestKind.ERASURE)
    assert [leaf.entry.actor for leaf in leaves_of(installation, first[1])] == ["flow:intake"]
    # Rows that have a result are not taken again.
    assert installation.run(intake) is None
    assert results(installation) == [first, again, both]
    assert installation.run() is None
    assert installation.request(first[1]).state is RequestState.PLANNED


@pytest.mark.thorough
def test_who_was_not_verified_by_the_other_system_waits(installation):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    insert(installation, emails=[person.emails[0]], verified_by=None)
    assert installation.run(intake) is None
    ((_, request_id, _),) = results(installation)
    assert installation.run(approval=ApprovalMode.AUTO) is None
    assert installation.request(request_id).state is RequestState.IDENTITY_PENDING


@pytest.mark.thorough
@pytest.mark.parametrize(("days", "pause"), [(0, Pause.IDENTITY), (1, None)])
def test_a_doubt_on_the_last_day_stops_the_clock_and_one_after_it_does_not(
    installation, days, pause
):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    request_id = installation.submit((IdentifierKind.EMAIL, person.emails[0]), verified_by=None)
    # The first moment of the day: the period ends with its last one.
    began = installation.stores.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with installation.stores.transaction(Role.OWNER) as transaction:
        found = transaction.queue.requests.get(request_id)
        due = began - timedelta(days=days)
        transaction.queue.requests.set_clock(replace(found, due_at=due, alarm_at=due))
    assert installation.run() is None
    request = installation.request(request_id)
    assert (request.state, request.pause) == (RequestState.IDENTITY_PENDING, pause)


@pytest.mark.thorough
def test_the_clock_stands_still_while_identity_is_in_doubt_whatever_way_it_came(installation):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    insert(installation, emails=[person.emails[0]], verified_by=None)
    assert installation.run(intake) is None
    by_table = results(installation)[0][1]
    by_command = installation.submit((IdentifierKind.PHONE, person.phones[0]), verified_by=None)
    assert installation.run() is None
    began = installation.stores.clock.now()
    for request_id in (by_table, by_command):
        request = installation.request(request_id)
        assert (request.pause, request.paused_days) == (Pause.IDENTITY, 0)
        later = began + timedelta(days=5, minutes=1)
        with installation.stores.transaction(Role.DPO, org_id="fjordlys") as transaction:
            desk = replace(installation.desk(transaction), now=later)
            verify_identity(request, "passport shown", desk)
        going = installation.request(request_id)
        assert (going.pause, going.paused_days) == (None, 5)
        assert going.alarm_at == request.alarm_at + timedelta(days=5)


MALFORMED = (
    ({"kinds": ["deletion"]}, "unknown rights"),
    ({"kinds": [None]}, "unknown rights"),
    ({"kinds": []}, "no right"),
    ({"emails": ["{email} or so"]}, "e-mail address is malformed"),
    ({"emails": [None]}, "is NULL"),
    ({"emails": [], "phones": ["{phone} at work"]}, "phone number is malformed"),
    ({"emails": []}, "no identifier"),
    ({"received_at": "2999-01-01"}, "future"),
    ({"rectifications": '["{email}"]'}, "not a JSON object"),
    ({"rectifications": '{{"email": "{email}"}}'}, "needs new values"),
    ({"org_id": " ", "as_org": " "}, "no tenant"),
    ({"org_id": "nosuch", "as_org": "nosuch"}, "no such tenant"),
    (
        {"kinds": ["rectification"], "rectifications": '{{"favourite_color": "{email}"}}'},
        "request: 1 of 1 fields cannot be corrected; allowed:",
    ),
    ({"verified_by": " "}, "how identity was verified"),
)


@pytest.mark.thorough
def test_malformed_rows_are_rejected_with_reasons_that_name_nobody(installation):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    given = {"email": person.emails[0], "phone": person.phones[0]}

    def filled(value):
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value.format(**given) if isinstance(value, str) else value

    expected = defaultdict(list)
    for columns, reason in MALFORMED:
        wrong = {name: filled(value) for name, value in columns.items()}
        insert(installation, **{"emails": [person.emails[0]]} | wrong)
        expected[wrong.get("as_org", "fjordlys")].append(reason)
    insert(installation, emails=[person.emails[0]])
    assert installation.run(intake) is None
    for org_id, reasons in expected.items():
        rows = results(installation, org_id)
        if org_id == "fjordlys":
            # The one beside them is not lost.
            assert rows.pop()[0] == "queued"
        for (status, request_id, why), reason in zip(rows, reasons, strict=True):
            assert (status, request_id) == ("rejected", None), reason
            assert reason in why
            assert not people_named(installation.platform, [("the reason", why)])


@pytest.mark.thorough
def test_no_identifier_is_left_in_a_row_with_a_result(installation):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    given = {
        "emails": [person.emails[0]],
        "phones": [person.phones[0]],
        "external_ids": [person.external_ids[0]],
        "contact_id": person.contact_id,
    }
    insert(installation, **given)
    insert(installation, **given)
    insert(installation, **given, kinds=[person.full_name], verified_by=person.full_name)
    insert(
        installation,
        **given,
        kinds=["rectification"],
        rectifications=f'{{"display_name": "{person.full_name}"}}',
    )
    assert installation.run(intake) is None
    assert [row[0] for row in results(installation)] == [
        "queued",
        "duplicate",
        "rejected",
        "queued",
    ]
    rows = execute(installation.url, "select i::text from lacuna.request_inbox i")
    assert len(rows) == 4
    for (text,) in rows:
        for value in values_of(person):
            assert value not in text


@pytest.mark.thorough
def test_another_tenants_system_sees_and_writes_nothing_of_it(installation):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    insert(installation, emails=[person.emails[0]])
    assert installation.run(intake) is None
    assert len(results(installation)) == 1
    assert results(installation, "hafenkontor") == []
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        submitter(installation, "hafenkontor") as connection,
    ):
        connection.execute(
            "insert into lacuna.request_inbox (org_id, kinds) values ('fjordlys', '{erasure}')"
        )
    for statement in (
        "select emails from lacuna.request_inbox",
        "update lacuna.request_inbox set status = 'new'",
        "delete from lacuna.request_inbox",
        "select * from lacuna.request",
        "select * from contact_center.contacts",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            submitter(installation) as connection,
        ):
            connection.execute(statement)


def test_without_a_tenant_nothing_is_shown_and_nothing_taken(installation):
    insert(installation, emails=["nobody.known@example.org"])
    for statement in (
        RESULTS,
        "insert into lacuna.request_inbox (org_id, kinds) values ('fjordlys', '{erasure}')",
    ):
        with (
            pytest.raises(psycopg.errors.UndefinedObject),
            submitter(installation, None) as connection,
        ):
            connection.execute(statement)
    assert execute(installation.url, "select count(*) from lacuna.request_inbox") == [(1,)]


@pytest.mark.thorough
def test_an_intake_takes_no_more_than_its_limit_and_goes_on_the_next_time(installation):
    for number in range(3):
        insert(installation, emails=[f"nobody.{number}@example.org"])
    assert installation.run(intake, limit=2) is None
    assert [row[0] for row in results(installation)] == ["queued", "queued", "new"]
    assert installation.run(intake, limit=2) is None
    assert {row[0] for row in results(installation)} == {"queued"}


@pytest.mark.thorough
def test_a_request_that_cannot_be_read_keeps_no_row_back(installation):
    person = installation.platform.people[quiet_people(installation.platform)[0]]
    insert(installation, emails=[person.emails[0]])
    assert installation.run(intake) is None
    ((_, unreadable, _),) = results(installation)
    (installation.stores.home / "keys" / "requests" / f"{unreadable}.key").unlink()
    insert(installation, emails=[person.emails[0]])
    insert(installation, emails=["nobody.known@example.org"])
    assert installation.run(intake) is None
    assert [row[0] for row in results(installation)] == ["queued"] * 3
    assert all(uuid.UUID(row[1]) for row in results(installation))
    ours = {row[1] for row in results(installation)}
    received = [
        leaf
        for leaf in leaves_of(installation)
        if leaf.entry.action is Action.RECEIVED and leaf.entry.request_id in ours
    ]
    assert len(received) == 3
