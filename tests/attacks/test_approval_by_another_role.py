"""Somebody with a batch role's login approves by SQL what no officer has approved."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.errors import PipelineError, StatementRefused
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from tests.brought import Brought
from tests.post import open_post

MAIL = "anna.berg@example.org"
THERE = "select count(*) from post.people where email = %s"
APPROVAL = (
    "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
    "select request_id, plan_digest, 'dpo:0badcafe', now() from lacuna.request"
)
RULE = (
    "insert into lacuna.rule_approval (rule, digest, approved_by, approved_at) "
    "values ('letters', repeat('a', 64), 'dpo:0000test', now())"
)
MOVE = "update lacuna.request set state = 'approved' where state = 'planned'"
ENTRY = (
    "insert into lacuna_evidence.entry (at, request_id, phase, action, location, digest, actor) "
    "select now(), request_id, 'outcome', '{}', 'lacuna.plan', plan_digest, '{}' "
    "from lacuna.request"
)
BATCH_ROLES = [Role.PLANNER, Role.EXECUTOR, Role.VERIFIER]


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def planned(post: Brought) -> str:
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    assert post.state(request_id) is RequestState.PLANNED
    return request_id


def tries(post: Brought, role: Role, *statements: str) -> None:
    """Do what somebody under a role does: go on where a statement is refused."""
    for statement in statements:
        try:
            with post.stores.database.transaction(role) as connection:
                connection.execute(sa.text(statement))
        except StatementRefused:
            continue


def forge(post: Brought, *statements: str) -> None:
    """Write as the owner, past the database's own rules, as if another guard had failed."""
    post.query("; ".join(("set session_replication_role = replica", *statements)))


@pytest.mark.parametrize("role", BATCH_ROLES)
def test_an_approval_that_no_officer_gave_erases_nobody(post, role):
    request_id = planned(post)
    tries(post, role, APPROVAL, MOVE, ENTRY.format("approved", "dpo:0badcafe"))
    tries(post, role, MOVE)
    post.run()
    assert post.query(THERE, MAIL) == [(1,)]
    assert post.state(request_id) is RequestState.PLANNED
    assert post.query("select count(*) from lacuna.approval") == [(0,)]
    assert post.query("select count(*) from lacuna_evidence.entry where action = 'approved'") == [
        (0,)
    ]


@pytest.mark.parametrize("role", BATCH_ROLES)
def test_each_way_to_an_approval_is_closed_by_itself(post, role):
    """So that no way is closed by another one alone."""
    planned(post)
    refuse = "update lacuna.request set state = 'refused', closed_at = now()"
    written = ENTRY.format("approved", "dpo:0000test")
    for statement in (APPROVAL, RULE, MOVE, refuse, written):
        with (
            pytest.raises(StatementRefused, match="SQLSTATE 42501"),
            post.stores.database.transaction(role) as connection,
        ):
            connection.execute(sa.text(statement))


@pytest.mark.thorough
def test_apply_refuses_an_approval_without_its_entry_in_the_ledger(post):
    """Even if the database let the approval in."""
    request_id = planned(post)
    forge(post, APPROVAL, MOVE)
    with pytest.raises(PipelineError):
        post.run()
    assert post.query(THERE, MAIL) == [(1,)]
    assert post.state(request_id) is RequestState.APPROVED
