"""Somebody decides under a name that is in no register, or twice under one."""

from __future__ import annotations

import itertools
import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from lacuna.errors import NotAnOfficer, PipelineError, RequestError, StatementRefused
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.ports import Desk
from lacuna.request import approve
from lacuna.stores.postgres.officers import OfficerRegister
from tests.brought import NOW, Brought
from tests.officers import register
from tests.post import open_post

MAIL = "anna.berg@example.org"
THERE = "select count(*) from post.people where email = %s"


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def desk_of(post: Brought, transaction, actor: str) -> Desk:
    keys, now = post.stores.keys, datetime.now(UTC)
    return Desk(transaction.queue, transaction.ledger, keys, now, actor)


def approve_as(post: Brought, request_id: str, actor: str) -> RequestState:
    org_id = post.request(request_id).org_id
    with post.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        request = transaction.queue.requests.get(request_id)
        desk = desk_of(post, transaction, actor)
        return approve(request, request.plan_digest or "", desk).state


def planned(post: Brought) -> str:
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    return request_id


def approvals(post: Brought) -> int:
    statement = "select count(*) from lacuna_evidence.entry where action = 'approved'"
    ((count,),) = post.query(statement)
    return count


@pytest.mark.parametrize("name", ["", " ", "nobody", "sven", "0000TEST", "0000test "])
def test_a_name_outside_the_register_of_the_tenant_decides_nothing(post, name):
    register(post.stores.database, "sven", org_id="south")
    for org_id in ("north", "*"):
        with pytest.raises(NotAnOfficer, match="lacuna officer add") as refused:
            post.stores.officer(name, org_id)
        assert refused.value.exit_code == 2
    assert post.stores.officer("sven", "south").startswith("dpo:")


def test_an_officer_of_another_tenant_approves_nothing_by_sql_either(post):
    register(post.stores.database, "sven", org_id="south")
    sven = post.stores.officer("sven", "south")
    request_id = planned(post)
    for actor in (sven, "dpo:0badcafe"):
        with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
            approve_as(post, request_id, actor)
    assert post.state(request_id) is RequestState.PLANNED
    assert approvals(post) == 0


def test_who_was_removed_approves_nothing_any_more(post):
    register(post.stores.database, "nora", org_id="north")
    nora = post.stores.officer("nora", "north")
    request_id = planned(post)
    OfficerRegister(post.stores.database).remove("nora", (), NOW)
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        approve_as(post, request_id, nora)
    with pytest.raises(NotAnOfficer):
        post.stores.officer("nora", "north")


def test_a_rule_is_approved_by_an_officer_of_every_tenant_alone(post):
    register(post.stores.database, "nora", org_id="north")
    nora = post.stores.officer("nora", "north")
    for org_id in ("north", None):
        with (
            pytest.raises(StatementRefused, match="SQLSTATE 42501"),
            post.stores.transaction(Role.DPO, org_id=org_id) as transaction,
        ):
            transaction.queue.plans.approve_rule("letters", "a" * 64, None, nora, NOW)


@pytest.mark.parametrize(
    "name",
    ["D\u0430na", "dan\u0430", "\u0501ana", "d\u03b1n\u0251", "d\u00e1na\u200b", "dana ", "DANA"],
    ids=ascii,
)
def test_nobody_is_registered_under_a_name_that_looks_like_anothers(post, name):
    officers = OfficerRegister(post.stores.database)
    officers.add("dana", ["north"], NOW, None)
    with pytest.raises(RequestError, match="differs only in case"):
        officers.add(name, ["north"], NOW, None)
    assert officers.add("\u0434\u0430\u043d\u0430", ["north"], NOW, None) == 1  # another name


def test_a_capital_i_is_no_small_l(post):
    officers = OfficerRegister(post.stores.database)
    officers.add("Ian", ["north"], NOW, None)
    with pytest.raises(RequestError, match="differs only in case"):
        officers.add("lan", ["north"], NOW, None)


@pytest.mark.thorough
def test_one_officer_twice_is_not_two(post):
    register(post.stores.database, "nora", org_id="north")
    nora = post.stores.officer("nora", "north")
    OfficerRegister(post.stores.database).need(2, "north", NOW)
    request_id = planned(post)
    assert [approve_as(post, request_id, nora) for _ in range(2)] == [RequestState.PLANNED] * 2
    assert approvals(post) == 1
    # Nor by moving it on without the second one.
    with (
        pytest.raises(StatementRefused, match="SQLSTATE 23514"),
        post.stores.database.transaction(Role.DPO, org_id="north") as connection,
    ):
        connection.execute(sa.text("update lacuna.request set state = 'approved'"))
    post.run()
    assert post.query(THERE, MAIL) == [(1,)]
    assert approve_as(post, request_id, "dpo:0000test") is RequestState.APPROVED
    assert approvals(post) == 2
    post.run()
    assert post.state(request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_second_officer_who_is_asked_for_later_is_missed_when_rows_change(post):
    request_id = planned(post)
    assert approve_as(post, request_id, "dpo:0000test") is RequestState.APPROVED
    OfficerRegister(post.stores.database).need(2, "*", NOW)
    with pytest.raises(PipelineError, match="1 of 1 requests failed"):
        post.run()
    assert post.query(THERE, MAIL) == [(1,)]


def test_no_setting_stands_in_for_two_officers(post):
    from lacuna.flows import fulfilment

    OfficerRegister(post.stores.database).need(2, "north", NOW)
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    options = RunOptions(run_id="auto", mode=Mode.ACT, approval=ApprovalMode.AUTO)
    fulfilment.run(post.stores, options, "00000000-0000-4000-8000-000000000001")
    assert post.state(request_id) is RequestState.PLANNED


@pytest.mark.parametrize("role", [Role.PLANNER, Role.EXECUTOR, Role.DPO, Role.VERIFIER])
@pytest.mark.parametrize(
    "statement",
    [
        "insert into lacuna.officer (name, actor, org_id, added_at) "
        "values ('eve', 'dpo:0badcafe', '*', now())",
        "update lacuna.officer set removed_at = null",
        "delete from lacuna.two_officers",
    ],
)
def test_nobody_but_the_owner_writes_the_register(post, role, statement):
    with (
        pytest.raises(StatementRefused, match="SQLSTATE 42501"),
        post.stores.database.transaction(role, org_id="north") as connection,
    ):
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "delete from lacuna.officer",
        "truncate lacuna.officer",
        "update lacuna.officer set name = 'eve'",
        "update lacuna.officer set removed_at = now(), actor = 'dpo:0badcafe'",
    ],
)
def test_not_even_the_owner_rewrites_who_was_an_officer(post, statement):
    with (
        pytest.raises(StatementRefused, match="SQLSTATE 42501"),
        post.stores.database.transaction(Role.OWNER) as connection,
    ):
        connection.execute(sa.text(statement))


def test_every_trigger_of_our_own_fires_always(post):
    statement = (
        "select c.relname || ' ' || t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid "
        "join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and t.tgenabled <> 'A' "
        "and n.nspname in ('lacuna', 'lacuna_evidence', 'reporting')"
    )
    assert post.query(statement) == []


RECORDS = {
    "agreement": "insert into lacuna.agreement (agreement_id, org_id, kind, version, text_digest, "
    "valid_from, recorded_at, recorded_by) values (gen_random_uuid(), 'north', 'dpa', "
    "gen_random_uuid()::text, repeat('0', 64), now(), now(), :actor)",
    "acceptance": "insert into lacuna.acceptance (acceptance_id, agreement_id, org_id, accepted_by, "
    "method, accepted_at, recorded_at, recorded_by) select gen_random_uuid(), agreement_id, org_id, "
    "'controller:0badcafe', 'web', now(), now(), :actor from lacuna.agreement limit 1",
    "consent": "insert into lacuna.consent_entry (org_id, call_key, status, method, occurred_at, "
    "recorded_at, recorded_by) values ('north', '1', 'granted', 'mail', now(), now(), :actor)",
    "instruction": "insert into lacuna.instruction (org_id, request_id, source, instructed_at, "
    "recorded_by) select org_id, request_id, 'written', now(), :actor from lacuna.request",
    "instruction by mail": "insert into lacuna.instruction (org_id, request_id, source, instructed_at, "
    "recorded_by) select org_id, request_id, 'mail', now(), :actor from lacuna.request",
    "standing instruction": "insert into lacuna.instruction (org_id, request_id, source, agreement_id, "
    "instructed_at, recorded_by) select r.org_id, request_id, 'standing', agreement_id, now(), :actor "
    "from lacuna.request r join lacuna.agreement v using (org_id) where cardinality(standing) > 0",
    "end in the ledger": "insert into lacuna_evidence.entry (at, request_id, phase, action, location, "
    "actor) select now(), request_id, 'outcome', 'refused', 'lacuna.request', :actor "
    "from lacuna.request",
    "notice": "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
    "select now(), request_id, 'outcome', 'recipient_told', 'recipient/crm', :actor "
    "from lacuna.request",
    "by hand": "update lacuna.notice set state = 'told', receipt = 'hand', content = null, "
    "ended_at = now() where cast(:actor as text) is not null",
    "consent in the ledger": "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
    "values (now(), 'outcome', 'consent_recorded', 'lacuna.consent_entry', :actor)",
    "agreement in the ledger": "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
    "values (now(), 'outcome', 'agreement_accepted', 'lacuna.acceptance', :actor)",
    "withdrawal": "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
    "select now(), request_id, 'outcome', 'withdrawn', 'lacuna.request', :actor from lacuna.request",
}


def record(post: Brought, name: str, actor: str, role: Role, org_id: str | None = None) -> None:
    with post.stores.database.transaction(role, org_id=org_id) as connection:
        connection.execute(sa.text(RECORDS[name]), {"actor": actor})


@pytest.fixture
def recorded(post) -> Brought:
    """An installation with officers of two tenants, a request, and a text to accept."""
    register(post.stores.database, "nora", org_id="north")
    register(post.stores.database, "sven", org_id="south")
    post.submit(IdentifierKind.EMAIL, MAIL)
    record(post, "agreement", post.stores.officer("nora", "north"), Role.OWNER)
    post.query(
        "insert into lacuna.notice (notice_id, org_id, request_id, recipient, right_kind, next_at, "
        "created_at, due_at, content) select gen_random_uuid(), org_id, request_id, 'crm', 'erasure', "
        "now(), now(), now(), '' from lacuna.request returning notice_id"
    )
    return post


@pytest.mark.parametrize("name", RECORDS)
def test_nobody_outside_the_register_records_anything_by_sql_in_an_officers_name(recorded, name):
    post = recorded
    actors = ["dpo:0badcafe", post.stores.officer("sven", "south")]
    if name in ("agreement", "acceptance"):
        actors += ["controller:0badcafe", "flow:intake", "system:owner"]
    for actor in actors if name != "by hand" else ():
        with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
            record(post, name, actor, Role.DPO, "north")
    record(post, name, post.stores.officer("nora", "north"), Role.DPO, "north")


@pytest.mark.parametrize("role", [Role.PLANNER, Role.EXECUTOR])
@pytest.mark.parametrize("name", RECORDS)
def test_no_login_but_the_officers_records_anything_in_the_name_of_a_registered_one(
    recorded, name, role
):
    post = recorded
    key_id = post.stores.officer("nora", "north").partition(":")[2]
    for actor in (f"dpo:{key_id}", f"controller:{key_id}"):
        with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
            record(post, name, actor, role)


def test_no_flow_says_that_somebody_consented_but_on_the_telephone(recorded):
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        record(recorded, "consent", "flow:sweep", Role.PLANNER)


@pytest.mark.thorough
def test_no_login_but_the_officers_writes_an_entry_in_their_name(recorded):
    nora = recorded.stores.officer("nora", "north")
    statement = sa.text(
        "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
        "select now(), request_id, 'outcome', :action, 'lacuna.request', :actor from lacuna.request"
    )
    written = set()
    for role, action, actor in itertools.product(
        (Role.PLANNER, Role.EXECUTOR, Role.SEALER),
        Action,
        (nora, nora.replace("dpo:", "controller:")),
    ):
        with (
            suppress(StatementRefused),
            recorded.stores.database.transaction(role, org_id="north") as connection,
        ):
            connection.execute(statement, {"action": str(action), "actor": actor})
            written.add((role, action, actor))
    assert written == set()
    with recorded.stores.database.transaction(Role.DPO, org_id="north") as connection:
        connection.execute(statement, {"action": str(Action.RECEIVED), "actor": nora})


INSTRUCT = (
    "insert into lacuna.instruction (org_id, request_id, source, agreement_id, instructed_at, "
    "recorded_by) values ('north', :id, :source, :agreement, :at, :actor)"
)


def instructed(post: Brought, role: Role = Role.PLANNER, **values: object) -> None:
    given = {"source": "written", "agreement": None, "at": NOW} | values
    with post.stores.database.transaction(role, org_id="north") as connection:
        connection.execute(sa.text(INSTRUCT), given)


def test_a_word_about_one_request_is_none_about_another(recorded):
    nora = recorded.stores.officer("nora", "north").replace("dpo:", "controller:")
    ((one,),) = recorded.query("select request_id::text from lacuna.request")
    other = recorded.submit(IdentifierKind.EMAIL, "bo.lind@example.org")
    instructed(recorded, Role.DPO, id=one, actor=nora)
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        instructed(recorded, id=other, actor=nora)
    # Nor can the other one be made a part of the first.
    with (
        pytest.raises(StatementRefused, match="SQLSTATE 42501"),
        recorded.stores.database.transaction(Role.PLANNER) as connection,
    ):
        connection.execute(
            sa.text("update lacuna.request set split_of = :one where request_id = :other"),
            {"one": one, "other": other},
        )


def test_a_part_rests_on_the_word_about_the_whole_and_says_whose_part_it_is(recorded):
    nora = recorded.stores.officer("nora", "north").replace("dpo:", "controller:")
    ((one,),) = recorded.query("select request_id::text from lacuna.request")
    instructed(recorded, Role.DPO, id=one, actor=nora)
    part = (
        "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, "
        "created_at, person_kind, split_of) select :id, :org, cast(:kinds as text[]), level, "
        "received_at, due_at, now(), person_kind, request_id from lacuna.request where request_id = :one"
    )
    values = {"id": str(uuid.uuid4()), "org": "north", "kinds": "{erasure}", "one": one}
    for other in ({"org": "south"}, {"kinds": "{access}"}):
        with (
            pytest.raises(StatementRefused, match="SQLSTATE 42501"),
            recorded.stores.database.transaction(Role.PLANNER) as connection,
        ):
            connection.execute(sa.text(part), values | other)
    with recorded.stores.database.transaction(Role.PLANNER) as connection:
        connection.execute(sa.text(part), values)
    OfficerRegister(recorded.stores.database).remove("nora", (), NOW)
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        instructed(recorded, id=values["id"], actor=nora, source="mail")
    instructed(recorded, id=values["id"], actor=nora)


def test_a_flow_records_no_written_word_that_came_with_no_request(recorded):
    ((one,),) = recorded.query("select request_id::text from lacuna.request")
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        instructed(recorded, id=one, actor="flow:fulfilment")
    for actor in ("system:owner", "rule:canary"):
        with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
            instructed(recorded, id=one, actor=actor, source="mail")
    instructed(recorded, id=one, actor="flow:intake", source="mail")


def test_a_standing_instruction_is_one_of_an_agreement_of_the_tenant_that_covers_the_request(
    recorded,
):
    ((one,),) = recorded.query("select request_id::text from lacuna.request")
    agreements = recorded.query(
        "select agreement_id, org_id = 'north' and cardinality(standing) > 0 from lacuna.agreement"
    )
    assert {is_right for _, is_right in agreements} == {True, False}
    for agreement, is_right in agreements:
        values = {
            "id": one,
            "actor": "flow:fulfilment",
            "source": "standing",
            "agreement": agreement,
        }
        if is_right:
            instructed(recorded, **values)
        else:
            with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
                instructed(recorded, **values)
