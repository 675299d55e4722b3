"""Somebody with a batch role's login does by SQL what an officer or a requester does."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from tests.brought import Brought
from tests.post import open_post

BATCH = [Role.PLANNER, Role.EXECUTOR]
ACTS = {
    "hold": "update lacuna.request set state = 'held', ground = '17(3)(e)', "
    "held_until = now() + interval '9 years'",
    "hold, saying why": "update lacuna.request set ground = '17(3)(e)'",
    "hold one table": "insert into lacuna.item_hold (request_id, org_id, held_table, ground, "
    "held_until, held_at, held_by) select request_id, org_id, 'post.letters', '17(3)(e)', "
    "now() + interval '9 years', now(), 'flow:fulfilment' from lacuna.request",
    "extend": "update lacuna.request set extended_at = now(), due_at = due_at + interval '2 months'",
    "put off": "update lacuna.request set due_at = due_at + interval '9 years', alarm_at = null",
    "pause whom it knows": "update lacuna.request set paused_at = now(), pause = 'identity'",
    "ask to specify": "update lacuna.request set paused_at = now(), pause = 'clarification'",
    "receive later": "update lacuna.request set received_at = received_at + interval '1 year'",
    "withdraw": "update lacuna.request set state = 'withdrawn', closed_at = now()",
    "hide": "update lacuna.request set closed_at = now()",
    "ask for more": "update lacuna.request set kinds = '{access}'",
    "tell of a refusal": "insert into lacuna.letter (letter_id, org_id, request_id, kind, language, "
    "envelope, next_at, created_at) select gen_random_uuid(), org_id, request_id, 'refusal', 'en', "
    "'', now(), now() from lacuna.request",
    "tell of a refused part": "insert into lacuna.letter (letter_id, org_id, request_id, kind, "
    "language, envelope, next_at, created_at) select gen_random_uuid(), org_id, request_id, "
    "'partial_refusal', 'en', '', now(), now() from lacuna.request",
    "tell of more time": "insert into lacuna.letter (letter_id, org_id, request_id, kind, language, "
    "envelope, next_at, created_at) select gen_random_uuid(), org_id, request_id, 'extension', 'en', "
    "'', now(), now() from lacuna.request",
    "ask what is meant": "insert into lacuna.letter (letter_id, org_id, request_id, kind, language, "
    "envelope, next_at, created_at) select gen_random_uuid(), org_id, request_id, 'specification', "
    "'en', '', now(), now() from lacuna.request",
    "make a letter another": "update lacuna.letter set kind = 'refusal'",
    "hand a bundle over": "update lacuna.bundle set released_at = now(), passphrase = null",
    "lift a restriction": "delete from lacuna.restriction",
    "dismiss a mail": "update lacuna.mail set outcome = 'dismissed', settled_at = now()",
    "queue for another system": "insert into lacuna.request_inbox (org_id, kinds, emails, verified_by) "
    "values ('north', '{erasure}', '{bo.lind@example.org}', 'passport')",
}
EXECUTORS_OWN = {"withdraw", "lift a restriction"}
"""What it says of people whom it erased, before a restore or just now."""


@pytest.fixture
def post(database, tmp_path) -> Brought:
    """An installation with a request, and everything else that an officer decides on."""
    post = open_post(database("lacuna"), tmp_path)
    post.submit(IdentifierKind.EMAIL, "anna.berg@example.org", kinds=(RequestKind.ERASURE,))
    post.query(
        "insert into lacuna.bundle (request_id, org_id, digest, byte_count, sealed_at, expires_at) "
        "select request_id, org_id, repeat('a', 64), 1, now(), now() from lacuna.request; "
        "insert into lacuna.restriction (org_id, contact_id, kind, request_id, since) "
        "select org_id, '1', 'restriction', request_id, now() from lacuna.request; "
        "insert into lacuna.mail (mail_id, org_id, outcome, received_at, due_at, taken_at) "
        "values (gen_random_uuid(), 'north', 'waiting', now(), now(), now()); "
        "insert into lacuna.letter (letter_id, org_id, request_id, kind, language, envelope, next_at, "
        "created_at) select gen_random_uuid(), org_id, request_id, 'acknowledgement', 'en', '', now(), "
        "now() from lacuna.request"
    )
    return post


def tried(post: Brought, role: Role, *statements: str, org_id: str | None = None) -> None:
    with post.stores.database.transaction(role, org_id=org_id) as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount


def refused(post: Brought, role: Role, *statements: str, org_id: str | None = None) -> None:
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        tried(post, role, *statements, org_id=org_id)


@pytest.mark.parametrize("role", BATCH)
@pytest.mark.parametrize("act", ACTS)
def test_no_batch_role_does_what_an_officer_or_a_requester_does(post, act, role):
    if role is Role.EXECUTOR and act in EXECUTORS_OWN:
        return tried(post, role, ACTS[act])
    return refused(post, role, ACTS[act])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("due_at", "now() + interval '1 year'"),
        ("alarm_at", "now() + interval '1 year'"),
        ("extended_at", "now()"),
        ("paused_days", "400"),
        ("held_until", "now() + interval '9 years'"),
        ("ground", "'17(3)(e)'"),
        ("closed_at", "now()"),
    ],
)
def test_a_request_begins_with_a_month_and_nothing_decided(post, column, value):
    columns = {
        "request_id": "gen_random_uuid()",
        "org_id": "'north'",
        "kinds": "'{erasure}'",
        "level": "'contact'",
        "received_at": "now()",
        "due_at": "now() + interval '1 month'",
        "created_at": "now()",
    }

    tried(post, Role.PLANNER, inserting(columns))
    refused(post, Role.PLANNER, inserting(columns | {column: value}))


def inserting(columns: dict[str, str]) -> str:
    insert = "insert into lacuna.request ({}) values ({})"
    return insert.format(", ".join(columns), ", ".join(columns.values()))


HELD = (
    "insert into lacuna.item_hold (request_id, org_id, held_table, ground, held_until, held_at, "
    "held_by) select request_id, org_id, 'post.letters', '17(3)(e)', now() + interval '1 year', "
    "now(), '{actor}' from lacuna.request"
)
REST = (
    "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, created_at, "
    "person_kind, split_of) select gen_random_uuid(), org_id, '{{erasure}}', level, received_at, due_at, "
    "now(), person_kind, request_id from lacuna.request"
)


def test_a_hold_names_an_officer_of_the_tenant(post):
    for actor in ("dpo:0badcafe", "flow:fulfilment"):
        with (
            pytest.raises(StatementRefused, match="SQLSTATE 42501"),
            post.stores.database.transaction(Role.DPO, org_id="north") as connection,
        ):
            connection.execute(sa.text(HELD.format(actor=actor)))
    with post.stores.database.transaction(Role.DPO, org_id="north") as connection:
        connection.execute(sa.text(HELD.format(actor="dpo:0000test")))


def test_what_an_officer_held_is_held_as_that_says_and_until_then(post):
    post.query(HELD.format(actor="dpo:0000test"))
    tried(post, Role.PLANNER, REST.format())
    longer = (
        "update lacuna.request set state = 'held', ground = '{}', held_until = {} "
        "where split_of is not null"
    )
    until = "(select held_until from lacuna.item_hold)"
    refused(post, Role.PLANNER, longer.format("17(3)(b)", until))
    refused(post, Role.PLANNER, longer.format("17(3)(e)", "now() + interval '9 years'"))
    tried(post, Role.PLANNER, longer.format("17(3)(e)", until))
    over = "update lacuna.request set held_until = now() where split_of is not null"
    refused(post, Role.PLANNER, over)
    lapse = "update lacuna.request set state = 'resolved' where split_of is not null"
    refused(post, Role.PLANNER, lapse)
    post.query(over)
    tried(post, Role.PLANNER, lapse)


MAIL = (
    "insert into lacuna.mail (mail_id, org_id, outcome, received_at, due_at, taken_at, settled_at) "
    "values ('11111111-1111-4111-8111-111111111111', '{org}', '{outcome}', now(), now(), now(), "
    "case when '{outcome}' <> 'waiting' then now() end)"
)
NAME = "update lacuna.request set withdrawn_by = '11111111-1111-4111-8111-111111111111'"


def test_a_mail_takes_a_request_of_its_tenant_back_and_is_named(post):
    withdraw = ACTS["withdraw"]
    refused(post, Role.PLANNER, MAIL.format(org="north", outcome="opened"), NAME, withdraw)
    refused(post, Role.PLANNER, MAIL.format(org="south", outcome="withdrawn"), NAME, withdraw)
    tried(post, Role.PLANNER, MAIL.format(org="north", outcome="withdrawn"), NAME, withdraw)
    another = MAIL.format(org="north", outcome="withdrawn").replace("-1111-", "-2222-")
    refused(post, Role.PLANNER, another, NAME.replace("-1111-", "-2222-"))
    refused(post, Role.PLANNER, "update lacuna.request set withdrawn_by = null")


def test_a_clock_that_runs_again_gets_the_days_that_it_stood_and_no_more(post):
    post.query(
        "update lacuna.request set is_verified = false, pause = 'identity', "
        "paused_at = now() - interval '5 days' returning 1"
    )
    verify = "update lacuna.request set is_verified = true, identity_basis = 'mail'"
    post.query("update lacuna.request set identity_basis = 'mail' returning 1")
    resume = (
        "update lacuna.request set pause = null, paused_at = null, paused_days = {0}, "
        "due_at = due_at + {1} * interval '1 day', alarm_at = alarm_at + {2} * interval '1 day'"
    )
    refused(post, Role.PLANNER, resume.format(5, 5, 5))
    for days in ((50, 50, 50), (5, 60, 5), (5, 5, 60), (-1, 0, 0)):
        refused(post, Role.PLANNER, verify, resume.format(*days))
    tried(post, Role.PLANNER, verify, resume.format(5, 5, 5))


ANSWER = (
    "insert into lacuna.mail (mail_id, org_id, request_id, outcome, reasons, received_at, due_at, "
    "taken_at) select gen_random_uuid(), '{org}', request_id, 'waiting', '{{{reason}}}', now(), now(), "
    "now() - interval '{age}' from lacuna.request"
)


def test_a_clock_that_an_officer_paused_runs_again_with_an_answer_of_the_requester_alone(post):
    post.query(
        "update lacuna.request set pause = 'clarification', paused_at = now() - interval '5 days' "
        "returning 1"
    )
    answer = {"org": "north", "reason": "specification", "age": "1 day"}
    asked = (
        "insert into lacuna.letter (letter_id, org_id, request_id, kind, language, envelope, next_at, "
        "created_at) select gen_random_uuid(), org_id, request_id, 'specification', 'en', 'x', now(), "
        "now() - interval '{}' from lacuna.request"
    )
    resume = (
        "update lacuna.request set pause = null, paused_at = null, paused_days = {0}, "
        "due_at = due_at + {0} * interval '1 day', alarm_at = alarm_at + {0} * interval '1 day'"
    )
    refused(post, Role.PLANNER, resume.format(5))
    # A mail that the planner records itself answers no letter.
    refused(post, Role.PLANNER, ANSWER.format(**answer), resume.format(4))
    refused(post, Role.PLANNER, asked.format("1 day"))
    post.query(asked.format("6 days") + " returning 1")
    refused(post, Role.PLANNER, ANSWER.format(**answer), resume.format(4))
    post.query(asked.format("5 days") + " returning 1")
    for other in ({"reason": "no_right"}, {"org": "south"}, {"age": "6 days"}):
        refused(post, Role.PLANNER, ANSWER.format(**answer | other), resume.format(5))
    refused(post, Role.PLANNER, ANSWER.format(**answer), resume.format(50))
    tried(post, Role.PLANNER, ANSWER.format(**answer), resume.format(4))


@pytest.mark.parametrize("actor", ["system:owner", "rule:canary"])
@pytest.mark.parametrize("role", [*BATCH, Role.DPO])
def test_nobody_writes_an_entry_as_the_owner_or_as_a_rule(post, role, actor):
    entry = (
        "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
        "values (now(), 'outcome', 'sweep', 'post.letters', '{}')"
    )
    refused(post, role, entry.format(actor))


@pytest.mark.parametrize(
    "statement",
    [
        "update lacuna.request set state = 'nothing_found', closed_at = now()",
        "update lacuna.request set state = 'planned'",
        "update lacuna.request set closed_at = now()",
    ],
)
def test_an_officer_does_not_say_what_a_flow_saw(post, statement):
    post.query(
        "alter table lacuna.request disable trigger request_transition; "
        "update lacuna.request set state = 'resolved'; "
        "alter table lacuna.request enable always trigger request_transition"
    )
    refused(post, Role.DPO, statement, org_id="north")


@pytest.mark.parametrize("role", [Role.DPO, Role.PLANNER])
def test_nobody_but_who_can_do_it_says_that_rows_were_changed(post, role):
    entry = (
        "insert into lacuna_evidence.entry (at, phase, action, location, actor, rows) "
        "values (now(), 'outcome', '{}', 'post.letters', '{}', 1)"
    )
    for action in ("anonymize_rows", "redact_text", "delete_rows"):
        for actor in ("flow:fulfilment", "dpo:0000test"):
            refused(post, role, entry.format(action, actor), org_id="*")
    refused(post, Role.DPO, entry.format("sweep", "flow:sweep"), org_id="*")
    tried(post, Role.EXECUTOR, entry.format("anonymize_rows", "flow:fulfilment"))


@pytest.mark.parametrize("role", [Role.DPO, Role.PLANNER])
def test_nobody_is_verified_by_moving_on(post, role):
    post.query(
        "alter table lacuna.request disable trigger request_transition; "
        "update lacuna.request set state = 'identity_pending', is_verified = false; "
        "alter table lacuna.request enable always trigger request_transition"
    )
    refused(post, role, "update lacuna.request set state = 'resolved'", org_id="north")
