"""The inbox: rows of other systems become requests, or are rejected; each row gets its result."""

import uuid
from datetime import UTC, datetime

import pytest

from lacuna.model.tenant import Tenant, Tenants
from lacuna.request import SubmissionCheck, identifiers_of, take_inbox
from tests.shop import ANNA_MAIL, NOW, email

CANARY = "canary-7f3a"
UNLISTED = Tenants((), {})


@pytest.fixture
def inbox(office):
    """Insert a row as another system does; return its result once it was taken."""

    class Inbox:
        def insert(self, **columns):
            columns = {
                "org_id": "nord",
                "kinds": ["erasure"],
                "emails": [ANNA_MAIL],
                "received_at": NOW,
            } | columns
            names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
            office.shop.query(
                f"insert into lacuna.request_inbox ({names}) values ({marks})",  # noqa: S608
                *columns.values(),
            )

        def take(self, limit=100, listed=UNLISTED):
            check = SubmissionCheck(office.shop.datamap, listed, lambda: ["nord"])
            with office.desk("flow:intake") as desk:
                return take_inbox(desk, lambda: str(uuid.uuid4()), limit, check)

        def results(self):
            return office.shop.query(
                "select status, request_id::text, reason from lacuna.request_inbox "
                "order by inbox_id"
            )

    return Inbox()


def test_a_row_becomes_a_request_and_gets_its_id(office, inbox):
    inbox.insert(
        kinds=["access", "erasure"],
        phones=["+45 20304050"],
        external_ids=["CUST-000123"],
        verified_by="portal login",
        is_forced=True,
    )
    taken = inbox.take()
    assert (len(taken.queued), taken.duplicates, taken.rejected) == (1, 0, 0)
    assert inbox.results() == [("queued", taken.queued[0], None)]
    request = office.get(taken.queued[0])
    assert [str(kind) for kind in request.kinds] == ["access", "erasure"]
    assert request.is_forced
    assert request.is_verified
    with office.desk() as desk:
        assert len(identifiers_of(request, desk)) == 3


def test_the_holidays_of_the_tenants_country_move_the_due_date(office, inbox):
    """As they do whichever way a request comes in: 11 November is one in France."""
    inbox.insert(received_at=datetime(2026, 10, 11, 9, tzinfo=UTC))
    listed = Tenants((), {"nord": Tenant("nord", "Nord SA", "FR", "fr", ("dpo@example.org",))})
    (request_id,) = inbox.take(listed=listed).queued
    request = office.get(request_id)
    assert request.due_at.date().isoformat() == "2026-11-12"
    assert request.alarm_at.date().isoformat() == "2026-11-11"


def test_a_repeated_row_gets_the_open_request(office, inbox):
    first = office.submit(email(ANNA_MAIL))
    inbox.insert()
    inbox.insert()
    taken = inbox.take()
    assert (taken.queued, taken.duplicates) == ((), 2)
    assert inbox.results() == [("duplicate", first.request_id, None)] * 2


BAD = {
    "unknown right": {"kinds": [f"everything {CANARY}"]},
    "no right": {"kinds": []},
    "no identifier": {"emails": []},
    "malformed address": {"emails": [f"{CANARY} at example.org"]},
    "two addresses in one": {"emails": [f"{CANARY}@example.org, x@example.org"]},
    "a null among addresses": {"emails": [ANNA_MAIL, None]},
    "phone without country": {"phones": ["20304050"]},
    "received in the future": {"received_at": "2100-01-01T00:00:00Z"},
    "empty tenant": {"org_id": " "},
    "no such tenant": {"org_id": "nordost"},
    "no such column": {"kinds": ["rectification"], "rectifications": f'{{"{CANARY}": "x"}}'},
    "an empty word on identity": {"verified_by": " "},
    "no such kind of person": {"person_kind": "canary"},
    "corrections without the right": {"rectifications": '{"city": "canary-7f3a"}'},
    "corrections that are no object": {
        "kinds": ["rectification"],
        "rectifications": '["canary-7f3a"]',
    },
    "corrections that are no text": {
        "kinds": ["rectification"],
        "rectifications": '{"city": {"canary-7f3a": 1}}',
    },
    "too many": {"external_ids": [str(number) for number in range(100)]},
}


def test_a_malformed_row_is_rejected_by_reason_and_holds_nothing_any_more(office, inbox):
    for columns in BAD.values():
        inbox.insert(**columns)
    taken = inbox.take()
    assert (taken.queued, taken.duplicates, taken.rejected) == ((), 0, len(BAD))
    for what, (status, request_id, reason) in zip(BAD, inbox.results(), strict=True):
        assert (status, request_id) == ("rejected", None), what
        assert reason.startswith("request: "), what
    assert CANARY not in office.dump()
    assert ANNA_MAIL not in office.dump()


def test_bad_rows_do_not_keep_good_ones_back(office, inbox):
    for number in range(10):
        inbox.insert(emails=[f"person{number}@example.org"])
        if number % 3 == 0:
            inbox.insert(**BAD["malformed address"])
    taken = inbox.take()
    assert (len(taken.queued), taken.rejected) == (10, 4)
    assert [status for status, _, _ in inbox.results()].count("rejected") == 4


def test_rows_are_taken_in_order_up_to_a_limit_and_once(inbox):
    for number in range(5):
        inbox.insert(emails=[f"person{number}@example.org"])
    assert len(inbox.take(limit=3).queued) == 3
    assert [status for status, _, _ in inbox.results()] == ["queued"] * 3 + ["new"] * 2
    assert len(inbox.take().queued) == 2
    assert inbox.take().queued == ()
