"""How requests end: each row of the table of ends, and what a run may never do on the way.

Whatever happens to a request, nobody's identifier is in a log, a step line, the ledger, a plan,
an obstacle or an error: the fixture `discreet` looks after every test.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyrage
import pytest
from psycopg import sql
from sqlalchemy import event

from lacuna.bundle import collect, open_sealed
from lacuna.errors import (
    DataMapDrift,
    IllegalTransition,
    PlanChanged,
    RequestError,
    VerificationFailed,
)
from lacuna.flows import fulfilment
from lacuna.flows.fulfilment import bundles
from lacuna.flows.fulfilment.candidate_choice import choose_person
from lacuna.flows.fulfilment.planning import plan_all
from lacuna.flows.fulfilment.verification import verify_all
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.model.bundle import PrivateKey
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.plan import Rectify, RectifyCopies, Retain, location_of
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Mode, Role
from lacuna.plan import restore
from lacuna.request import approve, hold, refuse, verify_identity, withdraw
from lacuna.stores.postgres.database import Database
from tests.flows.observation import (
    Listener,
    changed_tables,
    connect,
    execute,
    leaves_of,
    open_folders,
    people_named,
    platform_of,
    quiet_people,
    rows_of,
)

pytestmark = pytest.mark.usefixtures("discreet")

EMAIL, PHONE, CONTACT = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CONTACT_ID
UNKNOWN = "nobody.known@example.org"
# A passphrase is made slow to guess: that costs a second each time, and is tested elsewhere.
IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())


def state_of(installation, request_id):
    return installation.request(request_id).state


def lines_of(installation, *request_ids):
    """Return the step lines about some requests, of all runs."""
    folder = installation.stores.home / "evidence" / "runs"
    return [
        line
        for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        for line in map(json.loads, path.read_text("utf-8").splitlines())
        if line["request_id"] in request_ids
    ]


def decide(installation, request_id, decision, *values):
    """Carry a decision out as the command line does."""
    org_id = installation.request(request_id).org_id
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        desk = installation.desk(transaction)
        return decision(transaction.queue.requests.get(request_id), *values, desk)


def plan_of(installation, request_id):
    with installation.stores.transaction(Role.PLANNER) as transaction:
        stored = transaction.queue.plans.get(request_id)
        return (
            None if stored is None else restore(transaction.queue.requests.get(request_id), stored)
        )


def certificate_of(installation, request_id):
    """Return what the request's certificate will say, once the ledger is sealed."""
    path = installation.stores.home / "evidence" / "statements" / f"{request_id}.json"
    return json.loads(path.read_bytes()) if path.exists() else None


def kept_of(installation, request_id):
    """Return how many encrypted copies and working rows of a request there are."""
    (count,) = execute(
        installation.url,
        "select (select count(*) from lacuna.request_secret where request_id = %s) + "
        "(select count(*) from lacuna.working_row where request_id = %s)",
        request_id,
        request_id,
    )
    return count[0]


def corrupt(installation, request_id, purpose):
    execute(
        installation.url,
        "update lacuna.request_secret set content = set_byte(content, 20, 255 - "
        "get_byte(content, 20)) where request_id = %s and purpose = %s",
        request_id,
        purpose,
    )


# --- duplicates -----------------------------------------------------------------------------------


def test_the_same_right_for_the_same_person_is_queued_once_while_it_is_open(installation):
    first, second = quiet_people(installation.platform)[:2]
    email = installation.platform.people[first].emails[0]
    request_id = installation.submit((EMAIL, email))
    assert installation.submit((EMAIL, f"  {email.upper()} ")) == request_id
    assert installation.submit((EMAIL, email), (EMAIL, email)) == request_id
    another_right = installation.submit(
        (EMAIL, email), kinds=(RequestKind.ACCESS,), bundle_key=RECIPIENT
    )
    assert another_right != request_id
    both = installation.submit((EMAIL, email), kinds=(RequestKind.ACCESS, RequestKind.ERASURE))
    assert both not in (request_id, another_right)
    other = installation.platform.people[second].emails[0]
    assert installation.submit((EMAIL, other)) != request_id
    assert installation.submit((EMAIL, email), org_id="hafenkontor") != request_id

    decide(installation, request_id, withdraw)
    assert installation.submit((EMAIL, email)) != request_id


def test_another_correction_of_the_same_person_is_no_duplicate(installation):
    (contact,) = quiet_people(installation.platform)[:1]
    kinds = (RequestKind.RECTIFICATION,)
    ask = [(CONTACT, contact)]
    first = installation.submit(*ask, kinds=kinds, rectifications={"city": "Odense"})
    assert installation.submit(*ask, kinds=kinds, rectifications={"city": "Odense"}) == first
    assert installation.submit(*ask, kinds=kinds, rectifications={"city": "Aarhus"}) != first


def test_a_request_that_cannot_be_read_keeps_nobody_from_asking(installation):
    (contact,) = quiet_people(installation.platform)[:1]
    unreadable = installation.submit_contact(contact)
    corrupt(installation, unreadable, "identifiers")
    assert installation.submit_contact(contact) != unreadable


# --- unknown, unverified, ambiguous ---------------------------------------------------------------


@pytest.mark.thorough
def test_an_unknown_address_ends_with_a_certificate_of_its_own(installation):
    before = platform_of(installation)
    request_id = installation.submit((EMAIL, UNKNOWN))
    assert kept_of(installation, request_id) > 0
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.NOTHING_FOUND
    certificate = certificate_of(installation, request_id)
    assert certificate["type"] == "nothing_found"
    assert certificate["done"] == []
    assert kept_of(installation, request_id) == 0
    assert platform_of(installation) == before
    outcomes = [leaf.entry.action for leaf in leaves_of(installation, request_id)]
    assert outcomes[-3:] == [
        Action.NOTHING_FOUND,
        Action.FORGET_WORKING_COPIES,
        Action.COMPLETED,
    ]


@pytest.mark.thorough
def test_an_unknown_address_is_certified_by_the_next_run_if_the_first_one_died(installation):
    request_id = installation.submit((EMAIL, UNKNOWN))
    options = installation.options()
    batch_id = options.run_id.removeprefix("test-")
    fulfilment.claim(installation.stores, options, batch_id)
    fulfilment.resolve_and_plan(installation.stores, options, batch_id)
    assert state_of(installation, request_id) is RequestState.NOTHING_FOUND
    assert certificate_of(installation, request_id) is None
    assert installation.run() is None
    assert certificate_of(installation, request_id)["type"] == "nothing_found"
    assert kept_of(installation, request_id) == 0
    assert installation.run() is None
    forgotten = [
        leaf
        for leaf in leaves_of(installation, request_id)
        if leaf.entry.action is Action.FORGET_WORKING_COPIES
    ]
    assert len(forgotten) == 1


@pytest.mark.thorough
def test_an_unverified_sender_learns_nothing_of_whether_the_address_is_known(installation):
    (contact,) = quiet_people(installation.platform)[:1]
    email = installation.platform.people[contact].emails[0]
    known = installation.submit((EMAIL, email), verified_by=None)
    unknown = installation.submit((EMAIL, UNKNOWN), verified_by=None)
    assert installation.run() is None
    assert installation.run() is None
    shown = [
        (
            replace(
                installation.request(one),
                request_id="",
                number="",
                received_at=None,
                due_at=None,
                alarm_at=None,
                paused_at=None,
            ),
            installation.obstacle(one),
            [
                (line["step"], line["outcome"], line["counts"])
                for line in lines_of(installation, one)
            ],
            [leaf.entry.action for leaf in leaves_of(installation, one)],
        )
        for one in (known, unknown)
    ]
    assert shown[0] == shown[1]
    assert shown[0][0].state is RequestState.IDENTITY_PENDING
    assert shown[0][1] is Obstacle.IDENTITY
    assert plan_of(installation, known) is None

    for one in (known, unknown):
        decide(installation, one, verify_identity, "passport shown")
    assert installation.run() is None
    assert state_of(installation, known) is RequestState.PLANNED
    assert state_of(installation, unknown) is RequestState.NOTHING_FOUND
    with pytest.raises(RequestError, match="it does not wait for the identity check"):
        decide(installation, unknown, verify_identity, "passport shown")


@pytest.mark.thorough
def test_a_value_of_two_contacts_is_ambiguous_until_a_human_chooses(installation):
    """An address of two, and a telephone number."""
    platform = installation.platform
    found = {}
    for one in platform.shared:
        if (
            one.kind in ("email", "phone")
            and len(one.contact_ids) == 2  # not a contact who is an agent too
            and (one.kind == "email" or platform.demo.household[0] in one.contact_ids)
        ):
            assert one.kind not in found
            found[one.kind] = one
    assert found.keys() == {"email", "phone"}
    ids = {
        kind: installation.submit(
            (IdentifierKind(kind), one.value),
            org_id=platform.people[one.contact_ids[0]].org_id,
            kinds=(RequestKind.RESTRICTION,),
        )
        for kind, one in found.items()
    }
    assert installation.run() is None
    batch = Batch.open(installation.stores, installation.options(), flow="fulfilment")
    stranger = quiet_people(platform)[0]
    unknown = installation.submit((EMAIL, UNKNOWN))
    for kind, request_id in ids.items():
        assert state_of(installation, request_id) is RequestState.AMBIGUOUS, kind
        assert installation.obstacle(request_id) is Obstacle.AMBIGUOUS, kind
        assert plan_of(installation, request_id) is None, kind
        for wrong in (stranger, "not an id"):
            with pytest.raises(RequestError, match="not among its 2 candidates"):
                choose_person(batch, request_id, wrong, "dpo:0000test")
        assert state_of(installation, request_id) is RequestState.AMBIGUOUS, kind

        chosen = found[kind].contact_ids[0]
        choose_person(batch, request_id, chosen, "dpo:0000test")
        assert state_of(installation, request_id) is RequestState.RESOLVED, kind
        with pytest.raises(RequestError):
            choose_person(batch, unknown, chosen, "dpo:0000test")
    assert installation.run() is None
    for kind, request_id in ids.items():
        assert state_of(installation, request_id) is RequestState.COMPLETED, kind
        actors = [leaf.entry.actor for leaf in leaves_of(installation, request_id)]
        assert actors.count("dpo:0000test") == 1, f"who chose, {kind}"
    restricted = execute(installation.url, "select contact_id from lacuna.restriction")
    assert sorted(restricted) == sorted((one.contact_ids[0],) for one in found.values())


@pytest.mark.thorough
def test_who_chooses_a_contact_has_not_verified_the_sender(installation):
    one, _ = installation.platform.demo.household
    phone = installation.platform.people[one].phones[0]
    request_id = installation.submit((PHONE, phone), verified_by=None)
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.AMBIGUOUS
    batch = Batch.open(installation.stores, installation.options(), flow="fulfilment")
    choose_person(batch, request_id, one, "dpo:0000test")
    assert installation.run(approval=ApprovalMode.AUTO) is None
    assert state_of(installation, request_id) is RequestState.RESOLVED
    assert installation.obstacle(request_id) is Obstacle.IDENTITY
    decide(installation, request_id, verify_identity, "passport shown")
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.PLANNED


@pytest.mark.thorough
def test_a_shared_number_beside_an_address_of_one_of_them_is_not_ambiguous(installation):
    one, _ = installation.platform.demo.household
    person = installation.platform.people[one]
    request_id = installation.submit((PHONE, person.phones[0]), (EMAIL, person.emails[0]))
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.PLANNED


# --- plans and approvals --------------------------------------------------------------------------


@pytest.mark.thorough
def test_an_approval_of_another_digest_changes_nothing_and_shows_both(installation):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    assert installation.run() is None
    before = installation.request(request_id)
    wrong = "0" * 64
    with pytest.raises(PlanChanged) as caught:
        decide(installation, request_id, approve, wrong)
    assert wrong in str(caught.value)
    assert before.plan_digest in str(caught.value)
    assert installation.request(request_id) == before
    assert execute(installation.url, "select count(*) from lacuna.approval") == [(0,)]
    ledger = [leaf.entry.action for leaf in leaves_of(installation, request_id)]
    assert Action.APPROVED not in ledger
    state = platform_of(installation)
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.PLANNED
    assert platform_of(installation) == state


ANOTHER_MESSAGE = """
    insert into contact_center.messages (message_id, org_id, conversation_id, author_type,
        author_contact_id, direction, body_text, created_at)
    select (select max(message_id) + 1 from contact_center.messages), org_id, conversation_id,
        'contact', requester_id, 'inbound', 'Hello again', now()
    from contact_center.conversations where requester_id::text = %s limit 1
"""
A_MENTION = """
    update contact_center.messages set body_text = body_text || ' Ask ' || %s::text
    where message_id = (select min(message_id) from contact_center.messages
        where org_id = 'fjordlys' and author_agent_id is not null and body_text is not null
        and conversation_id not in (select conversation_id from contact_center.conversations
            where requester_id::text = %s))
"""


@pytest.mark.thorough
def test_a_plan_that_no_longer_fits_loses_its_approval(installation):
    """There is a new message of one person, and a new mention of another."""
    contacts = quiet_people(installation.platform)[:2]
    emails = [installation.platform.people[one].emails[0] for one in contacts]
    ids = [installation.submit_contact(one) for one in contacts]
    assert installation.run() is None
    old = [installation.approve(one).plan_digest for one in ids]
    execute(installation.url, ANOTHER_MESSAGE, contacts[0])
    execute(installation.url, A_MENTION, emails[1], contacts[1])
    before = platform_of(installation)

    error = installation.run()
    assert isinstance(error, VerificationFailed)
    for request_id, digest in zip(ids, old, strict=True):
        request = installation.request(request_id)
        assert request.state is RequestState.PLANNED
        assert installation.obstacle(request_id) is Obstacle.PLAN_CHANGED
        assert request.plan_digest != digest
        (line,) = [line for line in lines_of(installation, request_id) if line["is_failure"]]
        assert line["outcome"] == "plan_changed"
    assert platform_of(installation) == before

    # Nobody approved the new plans: the next night does nothing, and is not red for it.
    assert installation.run() is None
    assert platform_of(installation) == before

    for request_id, digest in zip(ids, old, strict=True):
        with pytest.raises(PlanChanged):
            decide(installation, request_id, approve, digest)
        installation.approve(request_id)
    assert installation.run() is None
    rows = rows_of(installation.url)
    for request_id, email in zip(ids, emails, strict=True):
        assert state_of(installation, request_id) is RequestState.COMPLETED
        assert not any(email in row for table in rows.values() for row in table)


@pytest.mark.thorough
def test_a_plan_larger_than_the_limit_is_not_made(installation):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    assert isinstance(installation.run(max_rows=3), VerificationFailed)
    assert state_of(installation, request_id) is RequestState.RESOLVED
    assert installation.obstacle(request_id) is Obstacle.TOO_MANY_ROWS
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.PLANNED


def mention_where_nobody_is_expected(installation, contact):
    """Put a person's address where the data map says mention: refuse, in a row of somebody else."""
    execute(
        installation.url,
        "update contact_center.conversations set integration_email = %s where conversation_id = "
        "(select min(conversation_id) from contact_center.conversations "
        "where requester_id::text <> %s and integration_email is null)",
        installation.platform.people[contact].emails[0],
        contact,
    )


def clear_the_mention(installation, contact):
    execute(
        installation.url,
        "update contact_center.conversations set integration_email = null "
        "where integration_email = %s",
        installation.platform.people[contact].emails[0],
    )


@pytest.mark.thorough
def test_a_mention_where_the_map_expects_nobody_is_found_before_anything_changes(installation):
    """One is there before the plan, one comes after the approval."""
    contact, late, other = quiet_people(installation.platform)[:3]
    mention_where_nobody_is_expected(installation, contact)
    request_id, approved, fine = map(installation.submit_contact, (contact, late, other))
    assert isinstance(installation.run(), VerificationFailed)
    assert state_of(installation, request_id) is RequestState.RESOLVED
    assert installation.obstacle(request_id) is Obstacle.MENTION_REFUSED
    assert plan_of(installation, request_id) is None

    # `lacuna plan` says it to whoever has to mend it.
    batch = Batch.open(installation.stores, installation.options(), flow="fulfilment")
    steps = Steps(installation.stores, batch.options, "plan")
    plan_all(batch, [installation.request(request_id)], steps)
    assert steps.messages == [
        f"{request_id}: the person is mentioned where the data map allows no mention: "
        "contact_center.conversations.integration_email in 1 row or file; nothing changed. Write "
        "mention: redact there (for bytes: empty, for files: delete_object), or remove what is there, then plan "
        "again; after a change of the map, first run lacuna up for the roles' rights, and lacuna datamap prove"
    ]

    clear_the_mention(installation, contact)
    installation.approve(approved)
    mention_where_nobody_is_expected(installation, late)
    before = platform_of(installation)
    assert isinstance(installation.run(), VerificationFailed)
    assert state_of(installation, approved) is RequestState.APPROVED
    assert installation.obstacle(approved) is Obstacle.MENTION_REFUSED
    assert platform_of(installation) == before
    for one in (request_id, fine):
        assert state_of(installation, one) is RequestState.PLANNED

    # Who is mentioned nowhere does not wait for who is.
    for one in (request_id, fine):
        installation.approve(one)
    assert isinstance(installation.run(), VerificationFailed)
    for one in (request_id, fine):
        assert state_of(installation, one) is RequestState.COMPLETED
    assert state_of(installation, approved) is RequestState.APPROVED
    clear_the_mention(installation, late)
    assert installation.run() is None
    assert state_of(installation, approved) is RequestState.COMPLETED


# --- open conversations ---------------------------------------------------------------------------


def close_conversations(installation, contact, *, state="closed"):
    execute(
        installation.url,
        "update contact_center.conversations set state = %s::text, closed_at = case "
        "when %s::text = 'closed' then created_at + interval '1 hour' end "
        "where requester_id::text = %s",
        state,
        state,
        contact,
    )


@pytest.mark.thorough
def test_open_conversations_block_an_erasure_that_is_not_forced_and_the_reason_is_shown(
    installation,
):
    """One waits until they are closed, one was forced from the start, one is asked again with force."""
    contact = installation.platform.demo.with_open
    in_haste, impatient = quiet_people(installation.platform)[:2]
    for one in (in_haste, impatient):
        close_conversations(installation, one, state="open")
    blocked = installation.submit_contact(contact)
    bundle = installation.submit_contact(contact, kinds=(RequestKind.ACCESS,), bundle_key=RECIPIENT)
    forced = installation.submit_contact(in_haste, is_forced=True)
    waiting = installation.submit_contact(impatient)
    assert installation.run() is None
    for request_id in (blocked, waiting):
        assert state_of(installation, request_id) is RequestState.RESOLVED
        assert installation.obstacle(request_id) is Obstacle.OPEN_CONVERSATIONS
        assert plan_of(installation, request_id) is None
        assert lines_of(installation, request_id)[-1]["outcome"] == "open_conversations"
    # Nothing is changed for a bundle, so nothing has to be closed first.
    assert state_of(installation, bundle) is RequestState.COMPLETED

    close_conversations(installation, contact)
    assert installation.submit_contact(impatient, is_forced=True) == waiting
    assert installation.submit_contact(impatient) == waiting
    installation.approve(forced)
    assert installation.run() is None
    assert state_of(installation, forced) is RequestState.COMPLETED
    for request_id in (blocked, waiting):
        assert state_of(installation, request_id) is RequestState.PLANNED
    installation.approve(blocked)

    # Opened again after the approval: the same rows, the same digest.
    close_conversations(installation, contact, state="open")
    before = platform_of(installation)
    assert installation.run() is None
    assert state_of(installation, blocked) is RequestState.APPROVED
    assert installation.obstacle(blocked) is Obstacle.OPEN_CONVERSATIONS
    assert platform_of(installation) == before
    close_conversations(installation, contact)
    installation.approve(waiting)
    assert installation.run() is None
    for request_id in (blocked, waiting):
        assert state_of(installation, request_id) is RequestState.COMPLETED


# --- held, refused, withdrawn ---------------------------------------------------------------------


def soon():
    return datetime.now(UTC) + timedelta(days=1)


def let_lapse(installation, request_id):
    execute(
        installation.url,
        "update lacuna.request set held_until = now() - interval '1 minute' where request_id = %s",
        request_id,
    )


@pytest.mark.thorough
def test_a_held_request_is_planned_again_when_the_hold_lapses(installation):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    assert installation.run() is None
    installation.approve(request_id)
    decide(installation, request_id, hold, "17(3)(e)", soon())
    before = platform_of(installation)
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.HELD

    let_lapse(installation, request_id)
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.PLANNED
    assert installation.obstacle(request_id) is Obstacle.NOT_APPROVED
    assert platform_of(installation) == before
    installation.approve(request_id)
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_hold_settles_neither_identity_nor_who_is_meant(installation):
    contact = quiet_people(installation.platform)[0]
    unverified = installation.submit_contact(
        contact, kinds=(RequestKind.ACCESS,), verified_by=None, bundle_key=RECIPIENT
    )
    pending = installation.submit_contact(contact, kinds=(RequestKind.ERASURE,), verified_by=None)
    one, other = installation.platform.demo.household
    phone = installation.platform.people[one].phones[0]
    ambiguous = installation.submit(
        (PHONE, phone), kinds=(RequestKind.ACCESS,), bundle_key=RECIPIENT
    )
    decide(installation, unverified, hold, "12(6)", soon())
    assert installation.run() is None
    assert state_of(installation, pending) is RequestState.IDENTITY_PENDING
    assert state_of(installation, ambiguous) is RequestState.AMBIGUOUS
    for request_id in (pending, ambiguous):
        decide(installation, request_id, hold, "12(6)", soon())
    for request_id in (unverified, pending, ambiguous):
        let_lapse(installation, request_id)
    assert installation.run(approval=ApprovalMode.AUTO) is None
    for request_id, obstacle in (
        (unverified, Obstacle.IDENTITY),
        (pending, Obstacle.IDENTITY),
        (ambiguous, Obstacle.AMBIGUOUS),
    ):
        assert state_of(installation, request_id) is RequestState.RESOLVED
        assert installation.obstacle(request_id) is obstacle
        assert plan_of(installation, request_id) is None

    decide(installation, unverified, verify_identity, "passport shown")
    batch = Batch.open(installation.stores, installation.options(), flow="fulfilment")
    choose_person(batch, ambiguous, other, "dpo:0000test")
    decide(installation, pending, withdraw)
    assert installation.run() is None
    assert state_of(installation, unverified) is RequestState.COMPLETED
    assert state_of(installation, ambiguous) is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_closed_request_does_nothing_and_keeps_nothing_of_the_person(installation):
    """Each way in each state, all in the same two nights: each is another person's."""
    people = iter(quiet_people(installation.platform))
    ways = tuple(itertools.product(("received", "planned", "approved", "held"), CLOSED))
    ids = {way: installation.submit_contact(next(people)) for way in ways if way[0] != "received"}
    assert installation.run() is None
    ids |= {way: installation.submit_contact(next(people)) for way in ways if way[0] == "received"}
    for (when, _), request_id in ids.items():
        if when in ("approved", "held"):
            installation.approve(request_id)
        if when == "held":
            decide(installation, request_id, hold, "17(3)(e)", soon())
        assert state_of(installation, request_id) == when
    before = platform_of(installation)
    for (when, how), request_id in ids.items():
        decide(installation, request_id, *CLOSED[how])
        assert state_of(installation, request_id) == how, when
        assert kept_of(installation, request_id) == 0, (when, how)
    assert installation.run() is None
    assert platform_of(installation) == before
    for (when, how), request_id in ids.items():
        assert state_of(installation, request_id) == how, when
        for decision in (withdraw, lambda request, desk: refuse(request, "12(5)", desk)):
            with pytest.raises(IllegalTransition):
                decide(installation, request_id, decision)
        with pytest.raises(RequestError):
            installation.approve(request_id)
        actions = [leaf.entry.action for leaf in leaves_of(installation, request_id)]
        assert actions[-2:] == [Action(how), Action.FORGET_WORKING_COPIES], (when, how)


CLOSED = {"refused": (refuse, "17(3)(b)"), "withdrawn": (withdraw,)}


def stages_until(installation, last):
    """Run the stages of a fulfilment up to one of them, as a run that died there did."""
    options = installation.options(approval=ApprovalMode.AUTO)
    batch_id = options.run_id.removeprefix("test-")
    for stage in (fulfilment.claim, fulfilment.resolve_and_plan, fulfilment.apply):
        stage(installation.stores, options, batch_id)
        if stage is last:
            return


def test_a_stage_does_nothing_while_another_run_goes_on(installation):
    contact = quiet_people(installation.platform)[0]
    installation.submit_contact(contact)
    before = rows_of(installation.url, "lacuna"), leaves_of(installation)
    for name in ("claim", "resolve_and_plan", "apply", "verify", "close", "scrub"):
        stage = fulfilment.alone(getattr(fulfilment, name))
        with (
            installation.stores.exclusive("fulfilment"),
            pytest.raises(RequestError, match='another run holds the lock "fulfilment"'),
        ):
            stage(installation.stores, installation.options(), str(uuid.uuid4()))
    assert (rows_of(installation.url, "lacuna"), leaves_of(installation)) == before


@pytest.mark.thorough
def test_two_runs_at_once_do_everything_once(installation):
    """As two overlapping runs of the schedule: their tasks take turns, whichever is first."""
    contacts = quiet_people(installation.platform)[:2]
    ids = [installation.submit_contact(one) for one in contacts]
    failures = []

    def run_all():
        own = replace(installation.stores, database=Database(installation.url))
        options = installation.options(approval=ApprovalMode.AUTO)
        batch_id = options.run_id.removeprefix("test-")
        for name in ("claim", "resolve_and_plan", "apply", "verify", "close", "scrub"):
            stage = fulfilment.alone(getattr(fulfilment, name))
            while True:
                try:
                    stage(own, options, batch_id)
                except RequestError as error:
                    if "another run" not in str(error):
                        failures.append(error)
                        return
                    time.sleep(0.02)
                else:
                    break

    threads = [threading.Thread(target=run_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert not failures
    # A request that changed hands between two tasks waits at most for the next night.
    assert installation.run(approval=ApprovalMode.AUTO) is None
    for request_id in ids:
        assert state_of(installation, request_id) is RequestState.COMPLETED
        done = Counter(
            (leaf.entry.action, leaf.entry.location)
            for leaf in leaves_of(installation, request_id)
            if leaf.entry.phase is Phase.OUTCOME
            and leaf.entry.action in (Action.ANONYMIZE_ROWS, Action.DELETE_OBJECTS)
        )
        assert set(done.values()) == {1}


# --- waterfall ------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_one_conversation_alone_takes_its_own_rows_and_leaves_the_person_known(installation):
    contact = quiet_people(installation.platform, conversations=3)[0]
    person = installation.platform.people[contact]
    (conversation,) = execute(
        installation.url,
        "select min(conversation_id)::text from contact_center.conversations "
        "where requester_id::text = %s",
        contact,
    )[0]
    check_level(installation, person, IdentifierKind.CONVERSATION_ID, conversation)


@pytest.mark.thorough
def test_one_message_alone_takes_its_own_rows_and_leaves_the_person_known(installation):
    contact = quiet_people(installation.platform, conversations=3)[0]
    person = installation.platform.people[contact]
    (message,) = execute(
        installation.url,
        "select min(message_id)::text from contact_center.messages "
        "where author_contact_id::text = %s and body_text is not null",
        contact,
    )[0]
    check_level(installation, person, IdentifierKind.MESSAGE_ID, message)


def check_level(installation, person, kind, key):
    before, _ = platform_of(installation)
    request_id = installation.submit((kind, key))
    assert installation.run() is None
    plan = plan_of(installation, request_id)
    planned = {location_of(step).split(".")[1] for step in plan.steps if hasattr(step, "table")}
    installation.approve(request_id)
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.COMPLETED
    assert certificate_of(installation, request_id)["type"] == "erasure"

    after, _ = platform_of(installation)
    changed = changed_tables(before, after)
    assert changed
    assert changed <= planned
    assert "contacts" not in changed
    assert "contact_aliases" not in changed
    column = kind.value
    for table in sorted(changed):
        ours = rows_with(installation, table, column, key)
        gone = before[table] - after[table]
        come = after[table] - before[table]
        assert set(come) <= ours, f"a row of {table} changed that is not of this {column}"
        assert sum(come.values()) in (0, sum(gone.values())), "rows came, or stayed beside others"
    # The person is known as before, and their other interactions too.
    again = installation.submit(
        (EMAIL, person.emails[0]), kinds=(RequestKind.ACCESS,), bundle_key=RECIPIENT
    )
    assert installation.run() is None
    assert state_of(installation, again) is RequestState.COMPLETED
    assert any(person.emails[0] in row for row in after["conversations"] | after["messages"])


def rows_with(installation, table, column, key):
    """Return the rows of a table that belong to one conversation or message, by plain joins."""
    ways = (
        (column, "select t::text from contact_center.{table} t where t.{column}::text = %s"),
        (
            "message_id",
            "select t::text from contact_center.{table} t join contact_center.messages m "
            "using (message_id) where m.{column}::text = %s",
        ),
        (
            "call_id",
            "select t::text from contact_center.{table} t join contact_center.calls c "
            "using (call_id) where c.{column}::text = %s",
        ),
    )
    with connect(installation.url) as connection:
        cursor = connection.execute(
            sql.SQL("select * from {} limit 0").format(sql.Identifier("contact_center", table))
        )
        names = {one.name for one in cursor.description}
        query = next(query for name, query in ways if name in names)
        composed = sql.SQL(query).format(table=sql.Identifier(table), column=sql.Identifier(column))
        return {text for (text,) in connection.execute(composed, [key])}


# --- modes ----------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_observing_changes_nothing_in_the_platform(installation):
    first, second, third = quiet_people(installation.platform)[:3]
    erasure = installation.submit_contact(first)
    bundle = installation.submit_contact(second, kinds=(RequestKind.ACCESS,), bundle_key=RECIPIENT)
    correction = installation.submit_contact(
        third, kinds=(RequestKind.RECTIFICATION,), rectifications={"city": "Odense"}
    )
    before = platform_of(installation)
    auto = {"mode": Mode.OBSERVE, "approval": ApprovalMode.AUTO}
    assert installation.run(**auto) is None
    assert installation.run(**auto) is None
    assert platform_of(installation) == before
    assert state_of(installation, bundle) is RequestState.COMPLETED
    for request_id in (erasure, correction):
        assert state_of(installation, request_id) is RequestState.APPROVED
        assert lines_of(installation, request_id)[-1]["outcome"] == "mode_observe"
        with installation.stores.transaction(Role.PLANNER) as transaction:
            obstacle = transaction.queue.requests.obstacle(request_id)
        assert obstacle is Obstacle.MODE_OBSERVE
    done = {leaf.entry.action for leaf in leaves_of(installation, erasure)}
    assert done == {
        Action.RECEIVED,
        Action.INSTRUCTED,
        Action.RESOLVED,
        Action.PLANNED,
        Action.APPROVED,
    }

    assert installation.run() is None
    assert state_of(installation, erasure) is RequestState.COMPLETED
    assert state_of(installation, correction) is RequestState.COMPLETED
    assert execute(
        installation.url,
        "select city from contact_center.contacts where contact_id::text = %s",
        third,
    ) == [("Odense",)]


@pytest.mark.thorough
def test_observing_finishes_no_effect_that_a_run_left_behind(installation):
    contact = installation.platform.demo.forget
    request_id = installation.submit_contact(contact)
    path = next(
        one
        for one in sorted(installation.platform.people[contact].files)
        if one.startswith("recordings/")
    )
    recording = installation.stores.home / "media" / path
    with recording.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert isinstance(installation.run(approval=ApprovalMode.AUTO), VerificationFailed)
    assert recording.exists()
    assert state_of(installation, request_id) is RequestState.APPLIED
    before = platform_of(installation)
    assert isinstance(installation.run(mode=Mode.OBSERVE), VerificationFailed)
    assert platform_of(installation) == before
    assert state_of(installation, request_id) is RequestState.APPLIED
    assert installation.obstacle(request_id) is Obstacle.VERIFICATION_FAILED
    assert installation.run() is None
    assert not recording.exists()
    assert state_of(installation, request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_where_plans_need_nobody_one_run_is_enough_and_waiting_plans_go_on(installation):
    first, second = quiet_people(installation.platform)[:2]
    waiting = installation.submit_contact(first)
    assert installation.run() is None
    assert state_of(installation, waiting) is RequestState.PLANNED
    fresh = installation.submit_contact(second)
    assert installation.run(approval=ApprovalMode.AUTO) is None
    for request_id in (waiting, fresh):
        assert state_of(installation, request_id) is RequestState.COMPLETED
        (approved,) = [
            leaf.entry
            for leaf in leaves_of(installation, request_id)
            if leaf.entry.action is Action.APPROVED
        ]
        assert approved.actor == "rule:approval-auto"
        assert certificate_of(installation, request_id)["approved_by"] == "rule:approval-auto"


# --- drift ----------------------------------------------------------------------------------------


DRIFT = (
    # What the data map does not have, what the drift's message names, and what takes it back.
    (
        "alter table contact_center.contacts add column fax text",
        "fax:",
        "alter table contact_center.contacts drop column fax",
    ),
    (
        "create table contact_center.faxes (fax_id bigint primary key)",
        "contact_center.faxes:",
        "drop table contact_center.faxes",
    ),
    ("alter table contact_center.contacts drop column city", "city", "select 1"),
)


@pytest.mark.thorough
def test_what_the_data_map_does_not_have_stops_a_run_before_any_row_is_read(installation):
    contact = quiet_people(installation.platform)[0]
    planned = installation.submit_contact(contact)
    assert installation.run() is None
    installation.approve(planned)
    received = installation.submit_contact(
        contact, kinds=(RequestKind.ACCESS,), bundle_key=RECIPIENT
    )
    statements = []

    def heard(connection, cursor, statement, *others):
        statements.append(statement)

    event.listen(installation.stores.database.engine, "before_cursor_execute", heard)
    for drift, line, back in DRIFT:
        execute(installation.url, drift)
        before = (platform_of(installation), leaves_of(installation))
        statements.clear()
        error = installation.run()
        assert isinstance(error, DataMapDrift)
        assert line in str(error)
        assert error.exit_code == 1
        assert statements
        read = re.compile(r"(from|join|update) contact_center")
        assert not [one for one in statements if read.search(one)]
        assert (platform_of(installation), leaves_of(installation)) == before
        assert state_of(installation, planned) is RequestState.APPROVED
        assert state_of(installation, received) is RequestState.RECEIVED
        execute(installation.url, back)


# --- rights together ------------------------------------------------------------------------------


def bundle_of(installation, request_id, to):
    """Open the sealed bundle as its recipient does; return every text in it."""
    with installation.stores.transaction(Role.PLANNER) as transaction:
        found = transaction.queue.bundles.get(request_id)
    sealed = installation.stores.home / "bundles" / f"{request_id}.zip.age"
    open_sealed(sealed, PrivateKey(str(IDENTITY)), to, digest=found.digest)
    return "\n".join(
        path.read_text("utf-8", "replace") for path in sorted(to.rglob("*")) if path.is_file()
    )


def give_the_right_key(installation):
    """As only the owner of the tables can: a recipient stays what it was when the request came."""
    table = "alter table lacuna.request"
    execute(installation.url, f"{table} disable trigger request_kept")
    execute(installation.url, "update lacuna.request set bundle_key = %s", RECIPIENT)
    execute(installation.url, f"{table} enable always trigger request_kept")


def order_of(installation, request_id, *actions):
    """Return the given actions in the order of their outcomes in the ledger."""
    return [
        leaf.entry.action
        for leaf in leaves_of(installation, request_id)
        if leaf.entry.action in actions and leaf.entry.phase is Phase.OUTCOME
    ]


ASKED_TOGETHER = (
    RequestKind.RESTRICTION,
    RequestKind.RECTIFICATION,
    RequestKind.ACCESS,
    RequestKind.ERASURE,
)


@pytest.mark.thorough
def test_rights_asked_together_are_fulfilled_in_their_order(installation, tmp_path):
    contact = quiet_people(installation.platform)[0]
    person = installation.platform.people[contact]
    request_id = installation.submit(
        (EMAIL, person.emails[0]),
        kinds=tuple(reversed(ASKED_TOGETHER)),
        rectifications={"city": "Corrected City"},
        bundle_key=RECIPIENT,
    )
    assert installation.run() is None
    # At once: before anybody approved the rest.
    assert execute(installation.url, "select contact_id, kind from lacuna.restriction") == [
        (contact, "restriction")
    ]
    plan = plan_of(installation, request_id)
    kinds = [type(step).__name__ for step in plan.steps]
    assert kinds[:3] == ["Restrict", "Rectify", "WriteBundle"]
    assert "bundles" in {step.location for step in plan.steps if isinstance(step, Retain)}
    installation.approve(request_id)
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.COMPLETED

    order = order_of(
        installation,
        request_id,
        Action.RECTIFY,
        Action.SEAL_BUNDLE,
        Action.ANONYMIZE_ROWS,
        Action.DELETE_ROWS,
    )
    assert order[:2] == [Action.RECTIFY, Action.SEAL_BUNDLE]
    assert len(order) > 2
    assert Action.RECTIFY not in order[2:]
    assert Action.SEAL_BUNDLE not in order[2:]
    assert open_folders(installation.stores.home) == []
    # The bundle opens after the erasure, and has what is nowhere else any more.
    text = bundle_of(installation, request_id, tmp_path / "opened")
    assert person.emails[0] in text
    assert "Corrected City" in text
    rows = rows_of(installation.url)
    for value in (person.emails[0], person.full_name, "Corrected City"):
        assert not any(value in row for table in rows.values() for row in table)
    assert execute(installation.url, "select count(*) from lacuna.restriction") == [(0,)]


@pytest.mark.thorough
def test_a_corrected_value_is_in_the_bundle_and_what_was_wrong_is_not(installation, tmp_path):
    contact = quiet_people(installation.platform)[0]
    person = installation.platform.people[contact]
    request_id = installation.submit(
        (EMAIL, person.emails[0]),
        kinds=(RequestKind.ACCESS, RequestKind.RECTIFICATION),
        rectifications={"email": "corrected.address@example.org", "city": "Corrected City"},
        bundle_key=RECIPIENT,
    )
    assert installation.run(approval=ApprovalMode.AUTO) is None
    assert state_of(installation, request_id) is RequestState.COMPLETED
    text = bundle_of(installation, request_id, tmp_path / "opened")
    assert "corrected.address@example.org" in text
    assert "Corrected City" in text
    assert execute(
        installation.url,
        "select email, city from contact_center.contacts where contact_id::text = %s",
        contact,
    ) == [("corrected.address@example.org", "Corrected City")]


@pytest.mark.thorough
def test_a_bundle_that_leaves_a_row_out_is_not_sealed(installation, monkeypatch):
    """The gate counts the person's rows by itself, and believes nothing that the writer says."""

    def forgetful(person, inventory, *others):
        rows = [
            replace(found, keys=frozenset(sorted(found.keys)[1:]))
            if found.table.name == "messages"
            else found
            for found in inventory.rows
        ]
        return collect(person, replace(inventory, rows=tuple(rows)), *others)

    contact = quiet_people(installation.platform)[0]
    request_id = installation.submit_contact(
        contact, kinds=(RequestKind.ACCESS,), bundle_key=RECIPIENT
    )
    with monkeypatch.context() as patched:
        patched.setattr(bundles, "collect", forgetful)
        assert isinstance(installation.run(), VerificationFailed)
    assert installation.obstacle(request_id) is Obstacle.BUNDLE_FAILED
    (line,) = (one for one in lines_of(installation, request_id) if one["is_failure"])
    assert line["outcome"] == "VerificationFailed"
    assert not list((installation.stores.home / "bundles").iterdir())
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_bundle_that_cannot_be_sealed_blocks_the_erasure(installation, tmp_path):
    """Asked for in one request, or in another of the same person; whoever asked for a bundle alone
    needs nobody once it can be sealed, although the plan no longer fits."""
    together, apart, alone = quiet_people(installation.platform)[:3]
    both = installation.submit_contact(
        together, kinds=(RequestKind.ACCESS, RequestKind.ERASURE), bundle_key="age1none"
    )
    address = (EMAIL, installation.platform.people[apart].emails[0])
    erasure = installation.submit_contact(apart)
    bundle = installation.submit(address, kinds=(RequestKind.PORTABILITY,), bundle_key="age1none")
    # Whoever does not say who they are holds nobody's erasure up.
    stranger = installation.submit(address, kinds=(RequestKind.ACCESS,), verified_by=None)
    single = installation.submit_contact(alone, kinds=(RequestKind.ACCESS,), bundle_key="age1none")
    before = platform_of(installation)
    auto = {"approval": ApprovalMode.AUTO}
    assert isinstance(installation.run(**auto), VerificationFailed)
    for request_id in (both, bundle, single):
        assert installation.obstacle(request_id) is Obstacle.BUNDLE_FAILED
    for request_id in (both, erasure):
        assert state_of(installation, request_id) is RequestState.APPROVED
    assert installation.obstacle(erasure) is Obstacle.EARLIER_RIGHTS
    assert platform_of(installation) == before
    assert not list((installation.stores.home / "bundles").iterdir())

    execute(installation.url, ANOTHER_MESSAGE, alone)
    give_the_right_key(installation)
    assert installation.run() is None
    for request_id in (both, erasure, bundle, single):
        assert state_of(installation, request_id) is RequestState.COMPLETED
    assert state_of(installation, stranger) is RequestState.IDENTITY_PENDING
    sealed, erased = (
        max(
            leaf.position
            for leaf in leaves_of(installation, request_id)
            if leaf.entry.action is action
        )
        for request_id, action in (
            (bundle, Action.SEAL_BUNDLE),
            (erasure, Action.ANONYMIZE_ROWS),
        )
    )
    assert sealed < erased
    for request_id, contact in ((both, together), (bundle, apart)):
        text = bundle_of(installation, request_id, tmp_path / request_id)
        assert installation.platform.people[contact].emails[0] in text


@pytest.mark.thorough
def test_the_same_erasure_under_another_identifier_waits_and_finds_nobody(installation):
    contact = quiet_people(installation.platform)[0]
    email = installation.platform.people[contact].emails[0]
    first = installation.submit_contact(contact)
    second = installation.submit((EMAIL, email))
    bundle = installation.submit(
        (EMAIL, email), kinds=(RequestKind.ACCESS,), verified_by=None, bundle_key=RECIPIENT
    )
    assert installation.run() is None
    assert state_of(installation, first) is RequestState.PLANNED
    assert state_of(installation, second) is RequestState.RESOLVED
    assert installation.obstacle(second) is Obstacle.DUPLICATE
    installation.approve(first)
    assert installation.run() is None
    assert state_of(installation, first) is RequestState.COMPLETED
    decide(installation, bundle, verify_identity, "passport shown")
    assert installation.run() is None
    for request_id in (second, bundle):
        assert state_of(installation, request_id) is RequestState.NOTHING_FOUND
        assert certificate_of(installation, request_id)["type"] == "nothing_found"


# --- poisoned requests ----------------------------------------------------------------------------


def poison_row(installation, contact):
    """Make the database refuse to anonymize one person."""
    execute(
        installation.url,
        "create function contact_center.refuse() returns trigger language plpgsql as "
        "$$ begin raise exception 'no: %', old.email; end $$",
    )
    execute(
        installation.url,
        sql.SQL(
            "create trigger poison before update on contact_center.contacts for each row "
            "when (old.contact_id = {}) execute function contact_center.refuse()"
        ).format(sql.Literal(contact)),
    )


@pytest.mark.thorough
def test_poisoned_requests_fail_alone_and_the_run_is_red(installation):
    """The row of one cannot be changed, the identifiers of another cannot be read; those of a third
    could not before it was resolved."""
    *contacts, unreadable = quiet_people(installation.platform)[:5]
    ids = [installation.submit_contact(one) for one in contacts]
    unresolved = installation.submit_contact(unreadable)
    corrupt(installation, unresolved, "identifiers")
    assert isinstance(installation.run(), VerificationFailed)
    assert state_of(installation, unresolved) is RequestState.RECEIVED
    assert installation.obstacle(unresolved) is Obstacle.INTERNAL_ERROR
    decide(installation, unresolved, withdraw)
    for request_id in ids:
        assert state_of(installation, request_id) is RequestState.PLANNED
        installation.approve(request_id)
    poison_row(installation, contacts[1])
    corrupt(installation, ids[2], "identifiers")
    before = rows_of(installation.url)

    error = installation.run()
    assert isinstance(error, VerificationFailed)
    assert "2 of 4 requests failed. " in str(error)
    for request_id in ids[1:3]:
        assert f"{installation.request(request_id).number}: apply failed (" in str(error)
    assert "SQLSTATE" in str(error)  # why the row of one could not be changed
    for request_id in (ids[0], ids[3]):
        assert state_of(installation, request_id) is RequestState.COMPLETED
        assert certificate_of(installation, request_id)["type"] == "erasure"
    after = rows_of(installation.url)
    for request_id, contact in zip(ids[1:3], contacts[1:3], strict=True):
        assert state_of(installation, request_id) is RequestState.APPROVED
        assert installation.obstacle(request_id) is Obstacle.APPLY_FAILED
        for table in ("contacts", "contact_aliases"):
            mine = [row for row in before[table] if contact in row]
            assert mine
            assert all(row in after[table] for row in mine)
        email = installation.platform.people[contact].emails[0]
        assert any(email in row for row in after["contacts"])


@pytest.mark.thorough
def test_fields_and_values_that_cannot_be_corrected_fail_alone(installation):
    fields = ("fax", "contact_id", "org_id", "anonymized_at")
    wrong = [*({one: "1"} for one in fields), {"phone_e164": "twelve"}]
    right = [{"city": "Odense"}, {"phone_e164": "+4530998877"}]
    people = quiet_people(installation.platform)
    ids = [
        installation.submit_contact(
            people[number], kinds=(RequestKind.RECTIFICATION,), rectifications=values
        )
        for number, values in enumerate((*wrong, *right))
    ]
    assert isinstance(installation.run(approval=ApprovalMode.AUTO), VerificationFailed)
    *impossible, refused, city, phone = ids
    for request_id in impossible:
        assert state_of(installation, request_id) is RequestState.RESOLVED
    # The platform refuses the value.
    assert installation.obstacle(refused) is Obstacle.APPLY_FAILED
    assert state_of(installation, refused) is RequestState.APPROVED
    for request_id in (city, phone):
        assert state_of(installation, request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_correction_counts_the_merged_rows_that_it_changes(installation):
    person, merged = quiet_people(installation.platform)[:2]
    execute(
        installation.url,
        "update contact_center.contacts set merged_into = %s where contact_id::text = %s",
        person,
        merged,
    )
    request_id = installation.submit_contact(
        person, kinds=(RequestKind.RECTIFICATION,), rectifications={"city": "Corrected City"}
    )
    assert installation.run() is None
    plan = plan_of(installation, request_id)
    assert [step.rows for step in plan.steps if isinstance(step, Rectify)] == [2]
    copies = {step.table.name: step.rows for step in plan.steps if isinstance(step, RectifyCopies)}
    copies.pop("contacts", None)  # in the two
    assert plan.total_rows == 2 + sum(copies.values())
    installation.approve(request_id)
    assert installation.run() is None
    assert execute(
        installation.url,
        "select contact_id::text from contact_center.contacts where city = 'Corrected City' "
        "order by 1",
    ) == [(one,) for one in sorted((person, merged))]
    corrected = [
        entry.rows
        for entry in (leaf.entry for leaf in leaves_of(installation, request_id))
        if entry.action is Action.RECTIFY and entry.location == "contact_center.contacts"
    ]
    assert corrected == [2]


# --- residue --------------------------------------------------------------------------------------

SURVIVOR = """
    update contact_center.internal_notes set message = message || ' ' || %s::text
    where note_id = (select min(note_id) from contact_center.internal_notes
        where org_id = 'fjordlys' and message is not null)
    returning note_id
"""


@pytest.mark.thorough
def test_a_value_or_a_file_that_survives_keeps_its_request_open_and_makes_the_run_red(installation):
    """So does a request that cannot be read. Once data was changed there is no way back."""
    first, second, third, fourth = quiet_people(installation.platform)[:4]
    email = installation.platform.people[first].emails[0]
    request_id, other, of_file, unreadable = (
        installation.submit_contact(one) for one in (first, second, third, fourth)
    )
    stages_until(installation, fulfilment.apply)
    assert state_of(installation, other) is RequestState.APPLIED
    for decision, values in ((withdraw, ()), (refuse, ("17(3)(b)",)), (hold, ("12(6)", soon()))):
        with pytest.raises(IllegalTransition):
            decide(installation, other, decision, *values)
    corrupt(installation, unreadable, "person")
    ((note,),) = execute(installation.url, SURVIVOR, email)
    folder = installation.stores.home / "media" / "attachments"
    folder.mkdir(exist_ok=True)
    named = installation.platform.people[third].full_name.replace(" ", "_")
    file = folder / f"{named}.txt"
    file.write_text("nothing in it", "utf-8")

    assert isinstance(installation.run(), VerificationFailed)
    assert state_of(installation, other) is RequestState.COMPLETED
    for one in (request_id, of_file, unreadable):
        assert state_of(installation, one) is RequestState.APPLIED
        assert installation.obstacle(one) is Obstacle.VERIFICATION_FAILED
    assert certificate_of(installation, request_id) is None
    line = lines_of(installation, request_id)[-1]
    assert line["counts"]["findings"] == 1
    assert line["counts"]["residue contact_center.internal_notes.message"] == 1
    failed = [
        leaf.entry
        for leaf in leaves_of(installation, request_id)
        if leaf.entry.action is Action.VERIFICATION_FAILED
    ]
    assert [one.rows for one in failed] == [1]
    file.unlink()
    corrupt(installation, unreadable, "person")  # the same bits again: as it was
    assert isinstance(installation.run(), VerificationFailed), "it was not red again"
    for one in (of_file, unreadable):
        assert state_of(installation, one) is RequestState.COMPLETED
    assert state_of(installation, request_id) is RequestState.APPLIED

    execute(
        installation.url,
        "update contact_center.internal_notes set message = replace(message, %s, '') "
        "where note_id = %s",
        email,
        note,
    )
    assert installation.run() is None
    assert state_of(installation, request_id) is RequestState.COMPLETED
    assert certificate_of(installation, request_id)["verification"]["findings"] == 0


@pytest.mark.thorough
def test_a_request_is_not_closed_before_all_of_its_transaction_were_seen(installation):
    first, second = (
        installation.submit_contact(one) for one in quiet_people(installation.platform)[:2]
    )
    stages_until(installation, fulfilment.apply)
    # A run died after it had verified the first one.
    options = installation.options()
    batch = Batch.open(installation.stores, options, flow="fulfilment")
    verify_all(batch, [installation.request(first)], Steps(installation.stores, options, "verify"))
    assert state_of(installation, first) is RequestState.VERIFIED
    assert installation.run(limit=1) is None
    assert state_of(installation, first) is RequestState.VERIFIED
    assert installation.run() is None
    for request_id in (first, second):
        assert state_of(installation, request_id) is RequestState.COMPLETED


# --- silence --------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_whole_erasure_names_nobody_even_where_sqlalchemy_logs_all_it_can(installation):
    contact = quiet_people(installation.platform)[0]
    with Listener("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.engine.Engine") as listener:
        request_id = installation.submit_contact(contact)
        assert installation.run(approval=ApprovalMode.AUTO) is None
    assert state_of(installation, request_id) is RequestState.COMPLETED
    named = people_named(installation.platform, [("the log", "\n".join(listener.lines))])
    assert not named
