"""Somebody with the planner's login lets an officer read another plan than the one that is carried out."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.errors import EvidenceBroken, PipelineError, StatementRefused
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from tests.brought import Brought
from tests.post import open_post

MAIL = "anna.berg@example.org"
CHANGES = {
    "the text": "update lacuna.plan set readable = 'Plan\n1. retain post.people, rows: 1, ground: none'",
    "a step": "update lacuna.plan set steps = steps - 0",
    "a number": "update lacuna.plan set steps = jsonb_set(steps, '{0,rows}', '0')",
    "what it rests on": "update lacuna.plan set inventory_digest = repeat('b', 64)",
}
UNBOUND = "update lacuna.plan set inventory_digest = null"


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def planned(post: Brought) -> str:
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    assert post.state(request_id) is RequestState.PLANNED
    return request_id


def change(post: Brought, statement: str) -> None:
    with post.stores.database.transaction(Role.PLANNER) as connection:
        connection.execute(sa.text(statement))


@pytest.mark.parametrize("what", CHANGES.values(), ids=CHANGES)
def test_a_plan_that_was_changed_under_its_digest_is_neither_shown_nor_approved(post, what):
    request_id = planned(post)
    change(post, what)
    with (
        pytest.raises(EvidenceBroken, match="does not match its digest"),
        post.stores.transaction(Role.DPO, org_id="north", is_read_only=True) as transaction,
    ):
        transaction.queue.plans.get(request_id)
    with pytest.raises(EvidenceBroken, match="does not match its digest"):
        post.approve(request_id)
    assert post.state(request_id) is RequestState.PLANNED


@pytest.mark.thorough
@pytest.mark.parametrize("what", CHANGES.values(), ids=CHANGES)
def test_a_plan_that_was_changed_after_its_approval_certifies_nothing(post, what):
    """What was done is compared with the steps that are stored."""
    request_id = planned(post)
    post.approve(request_id)
    change(post, what)
    with pytest.raises(PipelineError):
        post.run()
    assert post.state(request_id) is not RequestState.COMPLETED


def test_nobody_takes_away_what_binds_a_plan(post):
    planned(post)
    with pytest.raises(StatementRefused, match="plan_is_bound"):
        change(post, UNBOUND)


@pytest.mark.thorough
def test_a_plan_that_was_not_changed_goes_on(post):
    assert post.erase(MAIL)
