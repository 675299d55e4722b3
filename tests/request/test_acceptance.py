"""What is handed in: checked, compared with what waits already, and kept encrypted."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lacuna.errors import RequestError, UnknownRequest
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Submission
from lacuna.model.request import Level, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.request import identifiers_of, rectifications_of
from lacuna.request.acceptance import checked
from tests.shop import ANNA_MAIL, BO, NOW, email, phone

KIND = IdentifierKind
CANARY = "canary-7f3a"


def of(kind, value):
    return Identifier(KIND(kind), value)


def kept(office, request_id):
    with office.desk() as desk:
        return identifiers_of(desk.queue.requests.get(request_id), desk)


def submission(*identifiers, **details):
    given = Submission(
        org_id="nord",
        kinds=(RequestKind.ERASURE,),
        identifiers=identifiers or (email(ANNA_MAIL),),
        received_at=NOW,
    )
    return replace(given, **details)


def refusal(*identifiers, **details):
    with pytest.raises(RequestError) as caught:
        checked(submission(*identifiers, **details), NOW)
    return str(caught.value)


# --- identifiers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        (email("  Anna.Berg@Example.org "), email("Anna.Berg@Example.org")),
        (email("u+label@example.org"), email("u+label@example.org")),
        (email("zoë@exämple.org"), email("zoë@exämple.org")),
        (phone("+45 20 30 40 50"), phone("+4520304050")),
        (phone("0045 (20) 30-40.50"), phone("+4520304050")),
        (phone("+45/2030/4050"), phone("+4520304050")),
        (of("contact_id", BO.upper()), of("contact_id", BO)),
        (of("contact_id", "CaseMatters"), of("contact_id", "CaseMatters")),
        (of("external_id", " CUST-000123 "), of("external_id", "CUST-000123")),
        (of("conversation_id", "10"), of("conversation_id", "10")),
        (of("message_id", "100"), of("message_id", "100")),
    ],
)
def test_each_kind_of_identifier_has_a_normal_form(given, normal):
    assert checked(submission(given), NOW).identifiers == (normal,)
    assert checked(submission(normal), NOW).identifiers == (normal,)


@pytest.mark.parametrize(
    "identifier",
    [
        email("no address"),
        email(f"{CANARY}@"),
        email("@example.org"),
        email(f"{CANARY}@one.example.org,{CANARY}@two.example.org"),
        email(f"{CANARY}@one.example.org;x"),
        email(f"{CANARY}@a@b"),
        email(f"{CANARY}\n@example.org"),
        email(f"{CANARY}@example.org\r\nBcc: x@example.org"),
        email(f'"{CANARY}"@example.org'),
        email(f"<{CANARY}@example.org>"),
        email(f"{CANARY}\0@example.org"),
        email(f"{CANARY}{'a' * 320}@example.org"),
        email("%"),
        email("*"),
        email(""),
        email("   "),
        phone("20304050"),
        phone("+45"),
        phone(f"+45{CANARY}"),
        phone("+4520304050,+4520304051"),
        phone("+1234567890123456"),
        phone("+٤٥٢٠٣٠٤٠٥٠"),
        of("contact_id", ""),
        of("contact_id", f"{CANARY}\t1"),
        of("external_id", f"{CANARY}{'x' * 320}"),
        of("name", f"{CANARY} Berg"),
        of("address", f"{CANARY} Street 1"),
    ],
    ids=repr,
)
def test_a_malformed_identifier_is_refused_by_its_kind_and_not_quoted(identifier):
    message = refusal(identifier)
    assert CANARY not in message
    assert message.startswith("request: ")


def test_a_refused_submission_leaves_nothing(office):
    with pytest.raises(RequestError):
        office.submit(email(ANNA_MAIL), email("no address"))
    assert office.shop.query("select * from lacuna.request") == []
    assert office.ledger() == []


def test_a_long_malformed_address_is_refused_at_once():
    started = time.perf_counter()
    refusal(email("a" * 50_000 + "@"))
    assert time.perf_counter() - started < 1


def test_one_request_names_a_hundred_identifiers_at_most():
    many = [of("contact_id", str(number)) for number in range(101)]
    message = refusal(*many)
    assert message.startswith("request: 101 identifiers given, at most 100 are allowed")
    assert len(checked(submission(*many[:100]), NOW).identifiers) == 100


def test_the_same_identifier_twice_is_kept_once(office):
    accepted = office.submit(phone("+45 20304050"), phone("004520304050"))
    assert kept(office, accepted.request_id) == (phone("+4520304050"),)


# --- the rest of a submission ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("details", "what"),
    [
        ({"org_id": " "}, "no tenant given"),
        ({"kinds": ()}, "no right given"),
        ({"identifiers": ()}, "no identifier given"),
        ({"received_at": datetime(2026, 1, 1)}, "needs a time zone"),  # noqa: DTZ001
        ({"received_at": NOW + timedelta(minutes=6)}, "is in the future"),
        ({"kinds": (RequestKind.RECTIFICATION,)}, "a rectification needs new values"),
        ({"rectifications": {"city": CANARY}}, "and new values need a rectification"),
    ],
)
def test_a_submission_that_lacks_something_says_what(details, what):
    message = refusal(**details)
    assert what in message
    assert CANARY not in message


def test_a_request_is_queued_as_it_was_handed_in(office):
    accepted = office.submit(
        email(ANNA_MAIL),
        of("conversation_id", "10"),
        kinds=(RequestKind.ERASURE, RequestKind.ACCESS, RequestKind.ERASURE),
        received_at=NOW - timedelta(days=1),
        is_forced=True,
        bundle_key="age1example",
    )
    request = office.get(accepted.request_id)
    assert request.kinds == (RequestKind.ACCESS, RequestKind.ERASURE)
    assert request.level is Level.CONVERSATION
    assert request.state is RequestState.RECEIVED
    assert request.is_forced
    assert request.received_at == NOW - timedelta(days=1)
    assert request.due_at == datetime.fromisoformat("2026-12-23T13:45:12.345678+00:00")
    assert not request.is_verified
    with office.desk() as desk:
        assert desk.queue.secrets.bundle_key(accepted.request_id) == "age1example"
    assert office.ledger() == [("received", "flow:intake", None)]


def test_corrections_come_back_as_they_were_given(office):
    accepted = office.submit(
        kinds=(RequestKind.RECTIFICATION,), rectifications={"city": "Århus", "name": "A\nB"}
    )
    with office.desk() as desk:
        request = desk.queue.requests.get(accepted.request_id)
        assert rectifications_of(request, desk) == {"city": "Århus", "name": "A\nB"}


def test_a_request_without_corrections_says_so(office):
    request = office.get(office.submit().request_id)
    with office.desk() as desk, pytest.raises(UnknownRequest, match="no corrections are stored"):
        rectifications_of(request, desk)


def test_nothing_of_the_person_lies_in_the_database_in_clear(office):
    office.submit(
        email(f"{CANARY}@example.org"),
        of("external_id", f"CUST-{CANARY}"),
        kinds=(RequestKind.RECTIFICATION,),
        rectifications={"name": CANARY},
        verified_by=f"called {CANARY}",
    )
    dump = office.dump()
    assert "rectification" in dump
    assert CANARY not in dump
    # Nor as PostgreSQL shows bytes.
    assert CANARY.encode().hex() not in dump


def test_identifiers_are_gone_once_they_were_forgotten(office):
    accepted = office.submit()
    with office.desk(role=Role.DPO, org_id="nord") as desk:
        request = desk.queue.requests.move(
            desk.queue.requests.get(accepted.request_id), RequestState.REFUSED, at=NOW
        )
        desk.queue.secrets.forget_all([accepted.request_id])
        assert identifiers_of(request, desk) == ()


# --- duplicates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ((email(ANNA_MAIL),), (email(ANNA_MAIL.upper()),)),
        ((phone("+45 20304050"),), (phone("004520304050"),)),
        ((email(ANNA_MAIL), phone("+4520304050")), (phone("+4520304050"), email(ANNA_MAIL))),
        ((email("ΟΔΟΣ@example.org"),), (email("οδοσ@example.org"),)),
        ((email("zoe@Bücher.example"),), (email("ZOE@xn--bcher-kva.example"),)),
    ],
)
def test_the_same_rights_for_the_same_person_are_the_same_request(office, first, again):
    accepted = office.submit(*first)
    repeated = office.submit(*again)
    assert (repeated.request_id, repeated.is_duplicate) == (accepted.request_id, True)
    assert len(office.shop.query("select * from lacuna.request")) == 1
    assert len(office.ledger()) == 1


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (email("straße@example.org"), email("strasse@example.org")),
        (email("ﬁnn@example.org"), email("finn@example.org")),
        (email("\u212aim@example.org"), email("kim@example.org")),
        (email("finn@straße.example"), email("finn@strasse.example")),
        (email("νίκος@example.org"), email("νίκοσ@example.org")),
        (email("ΟΔΟΣ@example.org"), email("οδος@example.org")),
        (of("external_id", "AB-1"), of("external_id", "ab-1")),
        (of("external_id", "Straße-1"), of("external_id", "strasse-1")),
    ],
)
def test_who_is_another_person_to_the_platform_repeats_nobodys_request(office, first, other):
    assert not office.submit(first).is_duplicate
    assert not office.submit(other).is_duplicate


def test_a_hundred_times_the_same_is_one_request(office):
    accepted = [office.submit() for _ in range(20)]
    assert {each.request_id for each in accepted} == {accepted[0].request_id}
    assert sum(each.is_duplicate for each in accepted) == 19


@pytest.mark.parametrize(
    "details",
    [
        {"identifiers": (email("another@example.org"),)},
        {"identifiers": (email(ANNA_MAIL), phone("+4520304050"))},
        {"kinds": (RequestKind.ACCESS,)},
        {"kinds": (RequestKind.ACCESS, RequestKind.ERASURE)},
        {"org_id": "sued"},
    ],
)
def test_another_person_right_or_tenant_is_another_request(office, details):
    accepted = office.submit()
    other = office.submit(**details)
    assert not other.is_duplicate
    assert other.request_id != accepted.request_id


def test_other_corrections_are_another_request(office):
    wanted = {"kinds": (RequestKind.RECTIFICATION,)}
    first = office.submit(**wanted, rectifications={"city": "Aarhus"})
    assert office.submit(**wanted, rectifications={"city": "Aarhus"}).is_duplicate
    other = office.submit(**wanted, rectifications={"city": "Odense"})
    assert not other.is_duplicate
    assert other.request_id != first.request_id


def test_a_request_that_nobody_verified_keeps_no_verified_one_out(office):
    forged = office.submit()
    verified = office.submit(verified_by="passport")
    assert not verified.is_duplicate
    assert verified.request_id != forged.request_id
    # Both are there: what is verified repeats the one, what is not either.
    assert office.submit(verified_by="passport").request_id == verified.request_id
    assert office.submit().is_duplicate
    assert len(office.shop.query("select * from lacuna.request")) == 2


def test_a_closed_request_is_no_longer_repeated(office):
    request = office.get(office.submit().request_id)
    with office.desk(role=Role.DPO, org_id=request.org_id) as desk:
        desk.queue.requests.move(request, RequestState.WITHDRAWN, at=NOW)
    assert not office.submit().is_duplicate


def test_a_request_that_cannot_be_read_any_more_does_not_stop_the_next(office):
    request_id = office.submit().request_id
    office.keys.destroy(request_id)
    again = office.submit()
    assert not again.is_duplicate
    assert replace(office.get(again.request_id), request_id="x", number="") == replace(
        office.get(request_id), request_id="x", number=""
    )


def test_no_digest_of_an_identifier_is_kept(office):
    one, two = office.submit(email(ANNA_MAIL)), office.submit(email("bo.lind@example.org"))
    secrets = dict(office.shop.query("select request_id::text, content from lacuna.request_secret"))
    with office.desk() as desk:
        for key in (one, two):
            again = desk.keys.encrypt(key.request_id, b"same")
            assert again != desk.keys.encrypt(key.request_id, b"same")
    assert secrets[one.request_id] != secrets[two.request_id]
