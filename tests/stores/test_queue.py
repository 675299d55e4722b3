"""The queue in PostgreSQL: who may move a request, who claims it, and what is forgotten."""

import itertools
import threading
import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import attrgetter

import psycopg
import pytest

from lacuna.errors import IllegalTransition, StatementRefused, UnknownRequest
from lacuna.model.evidence import Action, Entry
from lacuna.model.finding import Finding, Gate, Verification
from lacuna.model.identity import IdentityBasis, ValueClass
from lacuna.model.location import TableName
from lacuna.model.plan import bound_digest
from lacuna.model.queue import (
    EffectAction,
    EffectTotal,
    Obstacle,
    Purpose,
    SealedBundle,
    StoredPlan,
)
from lacuna.model.request import NEXT, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.model.searched_places import OwnRowsSearched, SearchedPlaces
from lacuna.stores.postgres.ledger import PostgresLedger
from lacuna.stores.postgres.queue import PostgresQueue
from tests.shop import KUNDEN, NOW, TICKETS

S = RequestState
INVENTORIES = {bound_digest(each * 64, "[]", "1. nothing"): each * 64 for each in "ab"}
DIGEST, OTHER_DIGEST = INVENTORIES


@contextmanager
def queue(shop, role=Role.PLANNER):
    with shop.database.transaction(role) as connection:
        yield PostgresQueue(connection)


def calling(shop, name, *args, role=Role.PLANNER, **details):
    """Call one method of a part of the queue in a transaction of its own."""
    with queue(shop, role) as opened:
        return attrgetter(name)(opened)(*args, **details)


def plan_of(request, digest=DIGEST):
    inventory = INVENTORIES[digest]
    return StoredPlan(request.request_id, digest, OTHER_DIGEST, "[]", "1. nothing", NOW, inventory)


def batch(shop):
    batch_id = str(uuid.uuid4())
    calling(shop, "requests.open_batch", batch_id, "fulfilment", "run-1", NOW)
    return batch_id


# --- states ---------------------------------------------------------------------------------------


def test_the_database_knows_the_same_moves_as_the_code(still_shop):
    rows = still_shop.query("select from_state, to_state from lacuna.transition")
    assert set(rows) == {(str(one), str(to)) for one, ways in NEXT.items() for to in ways}


def test_the_trigger_refuses_every_move_that_the_code_refuses(shop):
    request = shop.add_request()
    with psycopg.connect(shop.url.replace("+psycopg", ""), autocommit=True) as connection:
        for state, to in itertools.product(RequestState, RequestState):
            connection.execute("alter table lacuna.request disable trigger request_transition")
            connection.execute("update lacuna.request set state = %s", [str(state)])
            connection.execute("alter table lacuna.request enable trigger request_transition")
            try:
                connection.execute("update lacuna.request set state = %s", [str(to)])
                is_moved = True
            except psycopg.errors.CheckViolation:
                is_moved = False
            # Writing the state it is in already is no move.
            assert is_moved == (to in NEXT[state] or to is state), (state, to)
    assert calling(shop, "requests.get", request.request_id).request_id == request.request_id


def test_a_request_begins_as_received(shop):
    request = shop.add_request()
    assert calling(shop, "requests.get", request.request_id) == request
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.query(
            "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, "
            "created_at, state) values (gen_random_uuid(), 'nord', '{erasure}', 'contact', now(), "
            "now(), now(), 'approved')"
        )


def test_a_move_is_told_to_whoever_asks_and_clears_the_obstacle(shop):
    request = shop.add_request(state=S.RESOLVED)
    calling(shop, "requests.obstruct", request, Obstacle.OPEN_CONVERSATIONS)
    assert calling(shop, "requests.obstacle", request.request_id) is Obstacle.OPEN_CONVERSATIONS
    moved = calling(shop, "requests.move", request, S.PLANNED, at=NOW)
    assert moved == replace(request, state=S.PLANNED)
    assert calling(shop, "requests.obstacle", request.request_id) is None


@pytest.mark.parametrize("obstacle", Obstacle)
def test_the_database_takes_every_obstacle(shop, obstacle):
    request = shop.add_request()
    calling(shop, "requests.obstruct", request, obstacle)
    assert calling(shop, "requests.obstacle", request.request_id) is obstacle


def test_a_move_to_an_end_closes_the_request_and_no_other_does(shop):
    request = shop.add_request()
    closed = "select closed_at from lacuna.request"
    resolved = calling(shop, "requests.move", request, S.RESOLVED, at=NOW)
    assert shop.query(closed) == [(None,)]
    calling(shop, "requests.move", resolved, S.REFUSED, at=NOW, ground="12(5)", role=Role.OWNER)
    assert shop.query("select closed_at, ground from lacuna.request") == [(NOW, "12(5)")]


def test_a_request_that_was_moved_meanwhile_is_not_moved_again(shop):
    request = shop.add_request()
    calling(shop, "requests.move", request, S.AMBIGUOUS, at=NOW)
    with pytest.raises(IllegalTransition, match="another run took it over"):
        calling(shop, "requests.move", request, S.RESOLVED, at=NOW)
    assert calling(shop, "requests.get", request.request_id).state is S.AMBIGUOUS


def test_an_unknown_request_is_an_error_of_its_own(still_shop):
    missing = str(uuid.uuid4())
    with pytest.raises(UnknownRequest, match=missing):
        calling(still_shop, "requests.get", missing)
    with pytest.raises(UnknownRequest):
        calling(still_shop, "requests.get", "1 OR 1=1")


# --- fencing --------------------------------------------------------------------------------------


@pytest.fixture
def taken_over(shop):
    """A planned request as an old attempt knows it, claimed anew since."""
    request = shop.add_request(state=S.PLANNED)
    calling(shop, "requests.claim", batch(shop), [S.PLANNED], 10)
    old = calling(shop, "requests.get", request.request_id)
    calling(shop, "plans.put_all", [(plan_of(old), old.attempt)])
    old = calling(shop, "requests.get", request.request_id)
    calling(shop, "requests.claim", batch(shop), [S.PLANNED], 10)
    return old


@pytest.mark.parametrize(
    "act",
    [
        lambda opened, old: opened.requests.move(old, S.APPROVED, at=NOW),
        lambda opened, old: opened.plans.put_all([(plan_of(old, OTHER_DIGEST), old.attempt)]),
        lambda opened, old: opened.requests.verify_identity(old, IdentityBasis.STATED),
    ],
    ids=["move", "put_plan", "verify_identity"],
)
def test_an_attempt_that_was_taken_over_is_told_and_changes_nothing(shop, taken_over, act):
    before = shop.query(
        "select r::text, p::text from lacuna.request r join lacuna.plan p using (request_id)"
    )

    def late():
        with queue(shop) as opened:
            opened.secrets.put(taken_over.request_id, Purpose.PERSON, b"late")
            act(opened, taken_over)

    with pytest.raises(IllegalTransition, match="another run took it over; nothing changed"):
        late()
    after = shop.query(
        "select r::text, p::text from lacuna.request r join lacuna.plan p using (request_id)"
    )
    assert after == before
    assert shop.query("select * from lacuna.request_secret") == []


def test_an_attempt_that_was_taken_over_leaves_no_obstacle(shop, taken_over):
    calling(shop, "requests.obstruct", taken_over, Obstacle.APPLY_FAILED)
    assert calling(shop, "requests.obstacle", taken_over.request_id) is None


# --- claims ---------------------------------------------------------------------------------------


def test_a_claim_takes_the_oldest_first_up_to_its_limit_and_raises_the_attempt(shop):
    made = [
        shop.add_request(received_at=NOW - timedelta(days=age), due_at=NOW) for age in (1, 3, 2)
    ]
    claimed = calling(shop, "requests.claim", batch(shop), [S.RECEIVED], 2)
    assert [one.request_id for one in claimed] == [made[1].request_id, made[2].request_id]
    assert {one.attempt for one in claimed} == {1}
    assert calling(shop, "requests.get", made[0].request_id).attempt == 0


def test_a_claim_takes_open_requests_in_the_states_asked_for(shop):
    wanted = shop.add_request(state=S.APPROVED)
    shop.add_request(state=S.PLANNED)
    closed = shop.add_request()
    calling(shop, "requests.move", closed, S.WITHDRAWN, at=NOW, role=Role.EXECUTOR)
    claimed = calling(shop, "requests.claim", batch(shop), [S.APPROVED, S.WITHDRAWN], 10)
    assert [one.request_id for one in claimed] == [wanted.request_id]


def test_the_same_batch_claims_a_request_once(shop):
    shop.add_request()
    batch_id = batch(shop)
    first = calling(shop, "requests.claim", batch_id, [S.RECEIVED], 10)
    assert calling(shop, "requests.claim", batch_id, [S.RECEIVED], 10) == first
    assert calling(shop, "requests.of_batch", batch_id) == first


def test_a_batch_recorded_twice_stays_as_it_was(shop):
    batch_id = batch(shop)
    calling(shop, "requests.open_batch", batch_id, "sweep", "run-2", NOW)
    assert shop.query("select flow, run_id from lacuna.batch") == [("fulfilment", "run-1")]


def test_claims_at_the_same_time_share_no_request(shop):
    ids = {shop.add_request().request_id for _ in range(12)}
    batches = [batch(shop) for _ in range(4)]
    claimed: dict[str, list] = {}
    failures: list[BaseException] = []
    all_in = threading.Barrier(len(batches))

    def work(batch_id):
        try:
            with queue(shop) as opened:
                all_in.wait(timeout=30)
                claimed[batch_id] = opened.requests.claim(batch_id, [S.RECEIVED], 3)
                # Nobody commits before everybody has claimed.
                all_in.wait(timeout=30)
        except BaseException as error:  # noqa: BLE001 - a thread has nobody to raise to
            failures.append(error)

    threads = [threading.Thread(target=work, args=(each,)) for each in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    taken = [one.request_id for each in claimed.values() for one in each]
    assert len(taken) == len(set(taken))
    assert set(taken) <= ids
    # Whoever came first saw three; who met locked rows went past them.
    assert [len(each) for each in claimed.values()] == [3, 3, 3, 3]
    for batch_id, requests in claimed.items():
        assert calling(shop, "requests.of_batch", batch_id) == requests


# --- what is asked of it --------------------------------------------------------------------------


def test_requests_are_listed_by_state_tenant_and_deadline(shop):
    late = shop.add_request(due_at=NOW - timedelta(days=1), received_at=NOW - timedelta(days=40))
    held = shop.add_request(state=S.RESOLVED)
    other = shop.add_request(org_id="sued", state=S.PLANNED)
    held = calling(shop, "requests.move", held, S.HELD, at=NOW, ground="17(3)(e)", role=Role.OWNER)
    closed = shop.add_request(due_at=NOW - timedelta(days=1))
    calling(shop, "requests.move", closed, S.REFUSED, at=NOW, role=Role.OWNER)

    def ids(name, *args):
        return {one.request_id for one in calling(shop, name, *args)}

    assert ids("requests.in_states") == {one.request_id for one in (late, held, other, closed)}
    assert ids("requests.in_states", [S.PLANNED, S.HELD]) == {held.request_id, other.request_id}
    assert ids("requests.open_of", "nord") == {late.request_id, held.request_id}
    assert ids("requests.overdue", NOW) == {late.request_id}
    assert ids("requests.closed_before", NOW) == set()
    assert ids("requests.closed_before", NOW + timedelta(seconds=1)) == {closed.request_id}
    assert ids("requests.lapsed_holds", NOW) == set()
    calling(shop, "requests.hold_until", held.request_id, NOW + timedelta(days=1), role=Role.OWNER)
    assert ids("requests.lapsed_holds", NOW) == set()
    assert ids("requests.lapsed_holds", NOW + timedelta(days=1)) == {held.request_id}


def test_the_newest_plan_is_the_plan(shop):
    request = shop.add_request(state=S.PLANNED)
    assert calling(shop, "plans.get", request.request_id) is None
    calling(shop, "plans.put_all", [(plan_of(request), 0)])
    calling(shop, "plans.put_all", [(plan_of(request, OTHER_DIGEST), 0)])
    assert calling(shop, "plans.get", request.request_id) == plan_of(request, OTHER_DIGEST)
    assert calling(shop, "requests.get", request.request_id).plan_digest == OTHER_DIGEST


def test_an_approval_is_of_one_digest(shop):
    request = shop.add_request(state=S.PLANNED)
    approve = partial(calling, shop, "plans.approve", request.request_id, DIGEST, role=Role.OWNER)
    assert [approve("dpo:1", NOW) for _ in range(2)] == [True, False]
    assert calling(shop, "plans.is_approved", request.request_id, DIGEST)
    assert not calling(shop, "plans.is_approved", request.request_id, OTHER_DIGEST)
    assert shop.query("select count(*) from lacuna.approval") == [(1,)]


def ledger_says(shop, digest, rows):
    entry = Entry(
        at=NOW,
        action=Action.RULE_APPROVED,
        location="lacuna.rule_approval",
        actor="dpo:1",
        rows=rows,
        digest=digest,
    )
    with shop.database.transaction(Role.OWNER) as connection:
        PostgresLedger(connection).append(entry)


def test_an_approval_of_a_rule_for_more_rows_than_the_ledger_says_is_none(shop):
    calling(shop, "plans.approve_rule", "letters", DIGEST, 50, "dpo:1", NOW, role=Role.OWNER)
    ledger_says(shop, DIGEST, 50)
    assert calling(shop, "plans.rule_limit", "letters", DIGEST) == 50
    shop.query("update lacuna.rule_approval set max_rows = 5000")
    assert calling(shop, "plans.rule_limit", "letters", DIGEST) is None


def test_a_rule_is_approved_by_digest_with_its_limit(shop):
    approved = ("letters", DIGEST)
    assert calling(shop, "plans.rule_limit", *approved) is None
    calling(shop, "plans.approve_rule", *approved, 50, "dpo:1", NOW, role=Role.OWNER)
    calling(
        shop, "plans.approve_rule", "letters", OTHER_DIGEST, None, "dpo:1", NOW, role=Role.OWNER
    )
    for digest, rows in ((DIGEST, 50), (OTHER_DIGEST, None)):
        assert calling(shop, "plans.rule_limit", "letters", digest) is None, (
            "the ledger knows nothing of it"
        )
        ledger_says(shop, digest, rows)
    assert calling(shop, "plans.rule_limit", *approved) == 50
    assert calling(shop, "plans.rule_limit", "letters", OTHER_DIGEST) == 2**63 - 1
    assert calling(shop, "plans.rule_limit", "notes", DIGEST) is None


def test_a_secret_replaces_the_older_one_of_its_purpose(shop):
    request_id = shop.add_request().request_id
    assert calling(shop, "secrets.get", request_id, Purpose.PERSON) is None
    for content in (b"\x00\xff old", b"\x00\xff new"):
        calling(shop, "secrets.put", request_id, Purpose.PERSON, content)
    calling(shop, "secrets.put", request_id, Purpose.IDENTIFIERS, b"others")
    assert calling(shop, "secrets.get", request_id, Purpose.PERSON) == b"\x00\xff new"


def test_working_rows_are_replaced_role_by_role(shop):
    request_id = shop.add_request().request_id
    rows = {KUNDEN: [("1",)], TableName("Odd Shop", "order.lines"): [("10", "A"), ("10", "B")]}
    put = partial(calling, shop, "plans.put_rows", request_id, role=Role.EXECUTOR)
    put("own", {TICKETS: [("99",)]})
    put("mention", {TICKETS: [("5",)]})
    put("own", rows)
    found = shop.query("select table_name, role, row_key from lacuna.working_row order by 1, 3")
    assert found == [
        ("Odd Shop.Kunden", "own", ["1"]),
        ("Odd Shop.Tickets", "mention", ["5"]),
        ("Odd Shop.order.lines", "own", ["10", "A"]),
        ("Odd Shop.order.lines", "own", ["10", "B"]),
    ]


def test_a_baseline_once_noted_stays(shop):
    request_id = shop.add_request().request_id
    for total in ("13.75", "0"):
        calling(
            shop, "plans.put_baselines", TICKETS, {request_id: {"preis": total}}, role=Role.EXECUTOR
        )
    assert [str(row[0]) for row in shop.query("select total from lacuna.baseline")] == ["13.75"]


def test_effects_are_pending_until_they_are_finished_and_then_have_no_path(shop):
    request_id = shop.add_request().request_id
    rewritten = (EffectAction.REWRITE_OBJECT, "media", "exports/*", "exports/anna.parquet")
    effects = [
        (EffectAction.DELETE_OBJECT, "media", "fotos/*", f"fotos/{name}")
        for name in ("anna-1.png", "anna-2.png", "anna-3.png")
    ]
    calling(shop, "effects.put", request_id, [*effects, rewritten], role=Role.EXECUTOR)
    pending = calling(shop, "effects.pending", request_id, role=Role.EXECUTOR)
    assert [one.path for one in pending] == [*(each[3] for each in effects), rewritten[3]]
    for effect, was_there in zip(pending[:3], (True, False, True), strict=True):
        calling(shop, "effects.finish", effect, was_there=was_there, role=Role.EXECUTOR)
    assert calling(shop, "effects.pending", request_id, role=Role.EXECUTOR) == pending[3:]
    totals = calling(shop, "effects.finished", request_id, role=Role.EXECUTOR)
    assert totals == [EffectTotal(EffectAction.DELETE_OBJECT, "media", "fotos/*", 2, 1)]
    text = shop.query(
        "select string_agg(o::text, ' ') from lacuna.file_effect o where state <> 'pending'"
    )
    assert "anna" not in text[0][0]
    calling(shop, "effects.forget", request_id, role=Role.EXECUTOR)
    assert calling(shop, "effects.pending", request_id, role=Role.EXECUTOR) == pending[3:]
    assert calling(shop, "effects.finished", request_id, role=Role.EXECUTOR) == []


def test_an_effect_finished_twice_keeps_what_was_said_first(shop):
    request_id = shop.add_request().request_id
    effect = (EffectAction.DELETE_OBJECT, "media", "fotos/*", "fotos/1.png")
    calling(shop, "effects.put", request_id, [effect], role=Role.EXECUTOR)
    (pending,) = calling(shop, "effects.pending", request_id, role=Role.EXECUTOR)
    for was_there in (True, False):
        calling(shop, "effects.finish", pending, was_there=was_there, role=Role.EXECUTOR)
    (total,) = calling(shop, "effects.finished", request_id, role=Role.EXECUTOR)
    assert (total.done, total.absent) == (1, 0)


def test_the_gates_last_word_is_read_back_as_it_was_said(shop):
    request = shop.add_request()
    first = Verification(
        request.request_id, (Gate.RESIDUE,), (Finding(Gate.RESIDUE, "a.b.c", 2),), ("media/*",), 7
    )
    own_rows = (OwnRowsSearched(ValueClass.FULL_NAME, 1, 9, 4),)
    second = replace(
        *(first,),
        findings=(),
        gates=(Gate.RESIDUE, Gate.CANARY),
        places=SearchedPlaces(5, 2, 2, own_rows),
    )
    assert calling(shop, "results.get", request.request_id) is None
    calling(shop, "results.put_all", [(request, first)], NOW, role=Role.VERIFIER)
    assert calling(shop, "results.get", request.request_id) == first
    calling(
        shop, "results.put_all", [(request, second)], NOW + timedelta(seconds=1), role=Role.VERIFIER
    )
    assert calling(shop, "results.get", request.request_id) == second
    assert shop.query("select passed from lacuna.verification order by 1") == [(False,), (True,)]


def test_run_control_20_a_later_attempt_has_the_last_word(shop):
    """A clock that was put back in between makes it the earlier one by time."""
    request = shop.add_request()
    failed = Verification(
        request.request_id, (Gate.RESIDUE,), (Finding(Gate.RESIDUE, "a.b.c", 2),), (), 7
    )
    passed = replace(failed, findings=())
    calling(shop, "results.put_all", [(request, failed)], NOW, role=Role.VERIFIER)
    later = replace(request, attempt=request.attempt + 1)
    calling(
        shop, "results.put_all", [(later, passed)], NOW - timedelta(hours=1), role=Role.VERIFIER
    )
    assert calling(shop, "results.get", request.request_id) == passed


def test_a_bundle_is_there_until_it_is_deleted_and_its_passphrase_until_it_is_released(shop):
    request = shop.add_request()
    bundle = SealedBundle(
        request.request_id, "nord", DIGEST, 1000, NOW, NOW + timedelta(days=30), b"secret"
    )
    assert calling(shop, "bundles.get", request.request_id) is None
    calling(shop, "bundles.put", bundle)
    assert calling(shop, "bundles.get", request.request_id) == bundle
    assert calling(shop, "bundles.expired", NOW) == []
    calling(shop, "bundles.release", request.request_id, NOW, role=Role.OWNER)
    released = replace(bundle, passphrase=None)
    assert calling(shop, "bundles.get", request.request_id) == released
    assert calling(shop, "bundles.expired", NOW + timedelta(days=30)) == [released]
    calling(shop, "bundles.delete", request.request_id, NOW)
    assert calling(shop, "bundles.get", request.request_id) is None
    assert calling(shop, "bundles.expired", NOW + timedelta(days=30)) == []
    # A second try at the same request begins anew.
    anew = replace(bundle, digest=OTHER_DIGEST)
    calling(shop, "bundles.put", anew)
    assert calling(shop, "bundles.get", request.request_id) == anew


def test_a_restriction_is_set_once_and_lifted_with_the_person(shop):
    north, south = shop.add_request(org_id="nord"), shop.add_request(org_id="sued")
    restricting = (north, ["k1", "k2"], RequestKind.RESTRICTION, NOW)
    assert calling(shop, "people.restrict", *restricting) == 2
    assert calling(shop, "people.restrict", *restricting) == 0
    assert calling(shop, "people.restrict", north, ["k1"], RequestKind.OBJECTION, NOW) == 1
    assert calling(shop, "people.restrict", south, ["k1"], RequestKind.OBJECTION, NOW) == 1
    assert calling(shop, "people.restrict", north, [], RequestKind.OBJECTION, NOW) == 0
    assert calling(shop, "people.lift_restrictions", "nord", ["k1"], role=Role.EXECUTOR) == 2
    left = shop.query("select org_id, contact_id from lacuna.restriction order by 1")
    assert left == [("nord", "k2"), ("sued", "k1")]


def test_a_request_that_ends_unfulfilled_takes_its_own_restrictions_back(shop):
    first, second = shop.add_request(), shop.add_request()
    for request in (first, second):
        assert calling(shop, "people.restrict", request, ["k1"], RequestKind.OBJECTION, NOW) == 1
    assert calling(shop, "people.unrestrict", first.request_id, role=Role.EXECUTOR) == 1
    left = shop.query("select request_id::text from lacuna.restriction")
    assert left == [(second.request_id,)]


def test_nothing_of_a_person_is_left_once_a_request_is_forgotten(shop):
    request = shop.add_request()
    other = shop.add_request()
    for one in (request, other):
        calling(shop, "secrets.put", one.request_id, Purpose.PERSON, b"canary")
        calling(
            shop,
            "plans.put_rows",
            one.request_id,
            "own",
            {KUNDEN: [("canary",)]},
            role=Role.EXECUTOR,
        )
        calling(
            shop, "plans.put_baselines", KUNDEN, {one.request_id: {"rows": "1"}}, role=Role.EXECUTOR
        )
        calling(shop, "requests.record_transaction", [one.request_id], "700", role=Role.EXECUTOR)
    refused = calling(shop, "requests.move", request, S.REFUSED, at=NOW, role=Role.OWNER)
    assert calling(shop, "requests.unforgotten") == [refused]
    assert calling(shop, "secrets.forget_all", [request.request_id]) == {request.request_id: 3}
    assert calling(shop, "requests.unforgotten") == []
    assert calling(shop, "secrets.forget_all", [request.request_id]) == {request.request_id: 0}
    for table in ("request_secret", "working_row", "baseline"):
        left = shop.query(f"select request_id::text from lacuna.{table}")  # noqa: S608
        assert left == [(other.request_id,)]
    salted = "select request_id::text from lacuna.request where nonce is not null"
    assert shop.query(salted) == [(other.request_id,)]
    assert shop.query(
        "select request_id::text from lacuna.request where rows_transaction is not null"
    ) == [(other.request_id,)]


def test_an_inbox_row_with_a_result_holds_no_identifier_any_more(shop):
    shop.query(
        "insert into lacuna.request_inbox (org_id, kinds, emails, phones, external_ids, "
        "contact_id, conversation_id, message_id, rectifications, verified_by) values ('nord', "
        "'{access, canary}', '{a@canary}', '{+canary}', '{x-canary}', 'c-canary', 't-canary', 'm-canary', "
        "'{\"city\": \"canary\"}', 'canary by telephone')"
    )
    (row,) = calling(shop, "inbox.new_rows", 10)
    assert row.identifiers == (
        ("email", "a@canary"),
        ("phone", "+canary"),
        ("external_id", "x-canary"),
        ("contact_id", "c-canary"),
        ("conversation_id", "t-canary"),
        ("message_id", "m-canary"),
    )
    calling(
        shop, "inbox.record_result", row.inbox_id, "rejected", request_id=None, reason="malformed"
    )
    assert calling(shop, "inbox.new_rows", 10) == []
    (text,) = shop.query("select t::text from lacuna.request_inbox t")[0]
    assert "canary" not in text
    assert "malformed" in text


def test_an_inbox_row_is_read_by_one_transaction_at_a_time(shop):
    shop.query("insert into lacuna.request_inbox (org_id, kinds) values ('nord', '{access}')")
    with queue(shop) as one, queue(shop) as other:
        assert len(one.inbox.new_rows(10)) == 1
        assert other.inbox.new_rows(10) == []


def test_a_mark_is_there_or_none(shop):
    assert calling(shop, "inbox.fact", "sample") is None
    shop.query("insert into lacuna.database_fact values ('sample', '2026-11-01')")
    assert calling(shop, "inbox.fact", "sample") == "2026-11-01"


def test_a_kind_that_nobody_knows_cannot_be_queued(shop):
    with pytest.raises(StatementRefused, match="CheckViolation"):
        shop.add_request(kinds=("everything",))
    with pytest.raises(StatementRefused, match="CheckViolation"):
        shop.add_request(kinds=())


def test_a_persons_requests_are_found_by_their_keys_until_the_person_is_erased(shop):
    first, second = shop.add_request(org_id="nord"), shop.add_request(org_id="nord")
    other = shop.add_request(org_id="sued")
    for request, keys in ((first, ["k1"]), (second, ["k1", "k2"]), (other, ["k1"])):
        calling(shop, "people.belong_to", [(request, keys)])
    calling(shop, "people.belong_to", [(second, ["k2"])])  # found anew, under another key
    calling(
        shop,
        "requests.move",
        first,
        RequestState.REFUSED,
        at=NOW,
        ground="17(3)(b)",
        role=Role.OWNER,
    )
    (past,) = calling(shop, "people.requests_about", "nord", ["k1"])
    assert (past.request_id, past.state, past.ground, past.closed_at) == (
        first.request_id,
        RequestState.REFUSED,
        "17(3)(b)",
        NOW,
    )
    assert len(calling(shop, "people.requests_about", "nord", ["k1", "k2"])) == 2
    assert calling(shop, "people.forget_requests", "nord", ["k1", "k2"]) == 2
    assert calling(shop, "people.requests_about", "nord", ["k1", "k2"]) == []
    assert len(calling(shop, "people.requests_about", "sued", ["k1"])) == 1
