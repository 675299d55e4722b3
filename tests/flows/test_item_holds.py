"""A hold on one table: the person's rows there stay, the rest is erased, and the lapse erases them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.errors import IllegalTransition, RequestError, StatementRefused
from lacuna.flows import deadlines
from lacuna.flows.run.batch import Batch
from lacuna.flows.sweep.spared_people import pending_people, spared_rows
from lacuna.model.evidence import Action
from lacuna.model.location import TableName
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from tests.flows.holding import (
    BY_ID,
    OF_PERSON,
    VOICEMAILS,
    Later,
    all_requests,
    caller_of,
    held_until,
    hold,
    statement_of,
)
from tests.flows.observation import execute, leaves_of


@pytest.fixture
def installation(little):
    """The installation that a test is discreet about."""
    return little


@pytest.fixture
def caller(little):
    """Somebody with a voicemail, whom nothing keeps from being erased."""
    return caller_of(little)


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_what_is_held_stays_the_rest_goes_and_the_lapse_waits_for_its_approval(little, caller):
    kept = execute(little.url, OF_PERSON, caller)
    ids = [row[0] for row in kept]
    request_id = little.submit_contact(caller)
    assert little.run() is None
    first = little.approve(request_id).plan_digest
    until = held_until()
    hold(little, request_id, until)
    # What was approved without the hold is planned anew.
    assert little.request(request_id).state is RequestState.RESOLVED
    assert little.run() is None
    planned = little.request(request_id)
    assert (planned.state, planned.plan_digest != first) == (RequestState.PLANNED, True)
    little.approve(request_id)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED

    media = little.stores.folder_of("media")
    assert execute(little.url, BY_ID, ids) == kept
    assert all((media / row[1]).is_file() for row in kept)
    assert execute(little.url, OF_PERSON, caller) == []
    certificate = statement_of(little, request_id)
    told = [one for one in certificate["kept"] if one["location"] == str(VOICEMAILS)]
    assert {
        "location": "contact_center.voicemails",
        "ground": f"held on the ground of Art. 17(3)(e) until {until.date().isoformat()}",
        "rows": len(kept),
    } in told
    assert certificate["completeness"] == "partial"

    # The rest is a request of its own that waits for the lapse, and no sweep touches its rows.
    (rest,) = [one for one in all_requests(little) if one.request_id != request_id]
    assert (rest.state, rest.kinds) == (RequestState.HELD, (RequestKind.ERASURE,))
    assert rest.received_at == little.request(request_id).received_at
    assert rest.due_at > until
    batch = Batch.open(little.stores, little.options(), flow="fulfilment")
    pending = pending_people(batch)
    keys = frozenset((str(one),) for one in ids)
    with little.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.secrets.get(rest.request_id, Purpose.IDENTIFIERS) is None
        reading = transaction.reading(batch.datamap)
        assert spared_rows(VOICEMAILS, rest.org_id, keys, pending, reading) == keys
    assert little.run() is None
    assert little.run(deadlines) is None
    assert little.request(rest.request_id).state is RequestState.HELD
    assert execute(little.url, BY_ID, ids) == kept

    little.stores = replace(little.stores, clock=Later(little.stores.clock, timedelta(days=31)))
    # The database has a clock of its own, by which no flow's word ends a hold.
    assert isinstance(little.run(), StatementRefused)
    little.errors.clear()
    over = "update lacuna.request set held_until = now() where request_id = %s"
    execute(little.url, over, rest.request_id)
    assert little.run() is None
    rest = little.request(rest.request_id)
    assert rest.state is RequestState.PLANNED
    assert little.obstacle(rest.request_id) == "not_approved"
    assert execute(little.url, BY_ID, ids) == kept
    little.approve(rest.request_id)
    assert little.run() is None
    assert little.request(rest.request_id).state is RequestState.COMPLETED
    assert [row[1:] for row in execute(little.url, BY_ID, ids)] == [(None, None)] * len(kept)
    assert not any((media / row[1]).exists() for row in kept)
    (held,) = [
        leaf.entry for leaf in leaves_of(little, request_id) if leaf.entry.action is Action.HELD
    ]
    assert held.location == "contact_center.voicemails"
    whole = statement_of(little, rest.request_id)
    assert "completeness" not in whole


@pytest.mark.thorough
def test_the_gate_looks_away_from_nothing_but_what_is_held(little, caller):
    """The same value in another row of the same table is residue."""
    request_id = little.submit_contact(caller)
    hold(little, request_id, held_until())
    assert little.run() is None
    little.approve(request_id)
    email = little.platform.people[caller].emails[0]
    strange = "select min(voicemail_id) from contact_center.voicemails where org_id = 'fjordlys' and not voicemail_id = any(%s)"
    ids = [row[0] for row in execute(little.url, OF_PERSON, caller)]
    ((other,),) = execute(little.url, strange, ids)
    from lacuna.flows import fulfilment

    batch_id = str(uuid.uuid4())
    for stage in (fulfilment.claim, fulfilment.apply):
        stage(little.stores, little.options(), batch_id)
    execute(
        little.url,
        "update contact_center.voicemails set transcript = %s where voicemail_id = %s",
        f"write to {email}",
        other,
    )
    assert little.run() is not None
    assert little.request(request_id).state is RequestState.APPLIED
    with little.stores.transaction(Role.PLANNER) as transaction:
        found = transaction.queue.results.get(request_id).findings
    assert {one.location for one in found} == {"contact_center.voicemails.transcript"}
    assert sum(one.count for one in found) == 1


def test_a_table_is_held_on_its_own_ground_only_where_it_can_stay_alone(little, caller):
    request_id = little.submit_contact(caller)
    until = held_until()
    for ground in ("12(5)", "17(1)", "17(3)", "17(3)(f)", "because"):
        with pytest.raises(RequestError, match="needs one of the grounds"):
            hold(little, request_id, until, ground)
    with pytest.raises(RequestError, match="ends in the past"):
        hold(little, request_id, held_until(-1))
    for table, why in {
        "nowhere": "is not in the data map",
        "contacts": "names the person in its own columns",
        "messages": "names the person in its own columns",
        "ratings": "names the person in its own columns",
    }.items():
        with pytest.raises(RequestError, match=why):
            hold(little, request_id, until, table=TableName("contact_center", table))
    both = little.submit_contact(caller, kinds=(RequestKind.ACCESS, RequestKind.ERASURE))
    with pytest.raises(RequestError, match="separate the rights"):
        hold(little, both, until)
    access = little.submit_contact(caller, kinds=(RequestKind.ACCESS,))
    with pytest.raises(RequestError, match="only in an erasure of all data of a contact"):
        hold(little, access, until)


@pytest.mark.thorough
def test_a_hold_that_lapses_before_the_erasure_holds_nothing(little, caller):
    kept = execute(little.url, OF_PERSON, caller)
    request_id = little.submit_contact(caller)
    hold(little, request_id, held_until(1))
    assert little.run() is None
    little.approve(request_id)
    little.stores = replace(little.stores, clock=Later(little.stores.clock, timedelta(days=2)))
    # The plan that was approved keeps what is held: it does not fit any more.
    assert little.run() is not None
    little.approve(request_id)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED
    assert [one.request_id for one in all_requests(little)] == [request_id]
    ids = [row[0] for row in kept]
    assert [row[1:] for row in execute(little.url, BY_ID, ids)] == [(None, None)] * len(kept)


@pytest.mark.thorough
def test_once_data_has_changed_nothing_is_held(little, caller):
    request_id = little.submit_contact(caller)
    assert little.run() is None
    little.approve(request_id)
    with little.stores.transaction(Role.EXECUTOR) as transaction:
        request = transaction.queue.requests.get(request_id)
        transaction.queue.requests.move(request, RequestState.APPLIED, at=datetime.now(UTC))
    with pytest.raises(IllegalTransition):
        hold(little, request_id, held_until())
