"""A rule that stands for one request approves another one, or a request is made another one for it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.stores.postgres.standing_rules import decide_standing
from tests.brought import Brought
from tests.post import open_post

MAIL = "anna.berg@example.org"


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def planned(post: Brought) -> str:
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    assert post.state(request_id) is RequestState.PLANNED
    return request_id


def run(post: Brought, role: Role, *statements: str) -> None:
    """Run statements in one transaction."""
    with post.stores.database.transaction(role, org_id="north") as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def refused(post: Brought, role: Role, *statements: str) -> None:
    """Run statements in one transaction; one of them is refused for want of rights."""
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        run(post, role, *statements)


RULE = (
    "select lacuna.approve_by_rule(request_id, plan_digest, attempt, 'rule:{}', now(), null) "
    "from lacuna.request"
)
REAPPEARED = (
    "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
    "select now(), request_id, 'outcome', 'reappeared', 'keys.erased', 'flow:sweep' "
    "from lacuna.request"
)


def test_a_request_is_not_moved_to_the_tenant_that_a_rule_stands_for(post):
    request_id = planned(post)
    decide_standing(post.stores.database, "rule:canary", "south", post.stores.clock.now())
    moved = "update lacuna.request set org_id = 'south'"
    refused(post, Role.PLANNER, moved)
    refused(post, Role.PLANNER, moved, RULE.format("canary"))
    assert post.state(request_id) is RequestState.PLANNED


def test_an_entry_that_somebody_came_back_approves_no_request_of_their_own(post):
    request_id = planned(post)
    refused(post, Role.EXECUTOR, REAPPEARED, RULE.format("reappearance"))
    run(post, Role.EXECUTOR, REAPPEARED)
    refused(post, Role.EXECUTOR, RULE.format("reappearance"))
    assert post.state(request_id) is RequestState.PLANNED


@pytest.mark.parametrize("role", [Role.PLANNER, Role.DPO])
def test_the_recipient_of_a_bundle_is_not_exchanged(post, role):
    planned(post)
    refused(post, role, "update lacuna.request set bundle_key = 'age1attacker'")
