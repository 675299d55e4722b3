"""The executor holds tables of people whom it sees come back, and of nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.model.run import Role
from tests.brought import Brought
from tests.post import open_post

REQUEST = {
    "request_id": "gen_random_uuid()",
    "org_id": "'north'",
    "kinds": "'{erasure}'",
    "level": "'contact'",
    "received_at": "now()",
    "due_at": "now() + interval '1 month'",
    "created_at": "now()",
    "is_verified": "true",
    "identity_basis": "'erased'",
}
SEEN = (
    "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
    "select now(), request_id, 'outcome', 'reappeared', 'keys.erased', 'flow:sweep' "
    "from lacuna.request"
)
HOLD = (
    "insert into lacuna.item_hold (request_id, org_id, held_table, ground, held_until, held_at, "
    "held_by) select request_id, {org}, 'post.letters', '17(3)(e)', now() + interval '1 year', "
    "now(), '{actor}' from lacuna.request"
)
AGAIN = HOLD.format(org="org_id", actor="rule:reappearance")


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def queue(post: Brought, **changes: str) -> None:
    columns = REQUEST | changes
    insert = "insert into lacuna.request ({}) values ({})"
    run(post, Role.PLANNER, insert.format(", ".join(columns), ", ".join(columns.values())))


def run(post: Brought, role: Role, *statements: str) -> None:
    with post.stores.database.transaction(role) as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount


def refused(post: Brought, role: Role, *statements: str) -> None:
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        run(post, role, *statements)


def test_what_was_held_is_held_again_by_the_executor_that_saw_its_person(post):
    queue(post)
    refused(post, Role.EXECUTOR, AGAIN)  # seen by nobody yet
    # Another entry of the ledger about the request is none that its person is there again.
    run(post, Role.PLANNER, SEEN.replace("'reappeared', 'keys.erased'", "'resolved', 'lacuna'"))
    refused(post, Role.EXECUTOR, AGAIN)
    run(post, Role.EXECUTOR, SEEN, AGAIN)


@pytest.mark.parametrize(
    "other",
    [
        {"identity_basis": "'stated'"},
        {"identity_basis": "'mail'"},
        {"kinds": "'{access,erasure}'"},
        {"kinds": "'{restriction}'"},
    ],
)
def test_nothing_is_held_of_a_request_that_erases_nobody_again(post, other):
    queue(post, **other)
    refused(post, Role.EXECUTOR, SEEN, AGAIN)


@pytest.mark.parametrize("state", ["applied", "verified", "completed", "refused", "withdrawn"])
def test_nothing_is_held_once_it_is_too_late(post, state):
    queue(post)
    run(post, Role.EXECUTOR, SEEN)
    closed = "now()" if state in ("completed", "refused", "withdrawn") else "null"
    path = {
        "applied": ["resolved", "planned", "approved", "applied"],
        "verified": ["resolved", "planned", "approved", "applied", "verified"],
        "completed": ["resolved", "planned", "approved", "applied", "verified", "completed"],
    }.get(state, [state])
    moved = "update lacuna.request set state = '{}', closed_at = {}"
    for one in path[:-1]:
        post.query(moved.format(one, "null"))
    post.query(moved.format(path[-1], closed))
    refused(post, Role.EXECUTOR, AGAIN)


def test_nothing_is_held_of_a_part_that_waits_for_its_lapse(post):
    queue(post)
    run(post, Role.EXECUTOR, SEEN, AGAIN)
    part = REQUEST | {"split_of": "request_id", "kinds": "kinds", "received_at": "received_at"}
    run(
        post,
        Role.PLANNER,
        f"insert into lacuna.request ({', '.join(part)}) "  # noqa: S608 - constants
        f"select {', '.join(part.values())} from lacuna.request",
    )
    of_part = " where split_of is not null"
    refused(post, Role.EXECUTOR, SEEN + of_part, AGAIN + of_part)


@pytest.mark.parametrize(
    "statement",
    [
        HOLD.format(org="'south'", actor="rule:reappearance"),
        HOLD.format(org="org_id", actor="dpo:0000test"),
        HOLD.format(org="org_id", actor="flow:sweep"),
        HOLD.format(org="org_id", actor="rule:identity-verified"),
        AGAIN + " on conflict do nothing returning ground",
        "select * from lacuna.item_hold",
        "update lacuna.item_hold set held_until = now() + interval '9 years'",
        "delete from lacuna.item_hold",
        "truncate lacuna.item_hold",
    ],
)
def test_the_executor_reads_and_changes_no_hold_and_holds_in_no_other_name(post, statement):
    queue(post)
    run(post, Role.EXECUTOR, SEEN)
    refused(post, Role.EXECUTOR, statement)


@pytest.mark.parametrize("role", [Role.PLANNER, Role.VERIFIER, Role.AUDITOR])
def test_nobody_else_holds_anything_again(post, role):
    queue(post)
    run(post, Role.EXECUTOR, SEEN)
    refused(post, role, AGAIN)
