"""Somebody with the planner's login lets a rule approve what it does not stand for."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused, VerificationFailed
from lacuna.flows import fulfilment
from lacuna.model.approval_rules import BY_CANARY, BY_IDENTITY, BY_REAPPEARANCE, BY_SETTING
from lacuna.model.identity import IdentifierKind, IdentityBasis
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.standing_rules import decide_standing
from tests.brought import NOW, Brought
from tests.post import open_post

MAIL = "anna.berg@example.org"
THERE = "select count(*) from post.people where email = %s"
CALL = (
    "select lacuna.approve_by_rule(request_id, plan_digest, attempt, :rule, now(), null) "
    "from lacuna.request"
)
WIDEN = "update lacuna.request set kinds = '{erasure}'"
APPROVED = "select count(*) from lacuna_evidence.entry where action = 'approved'"


@pytest.fixture
def post(database, tmp_path) -> Brought:
    """An installation whose owner lets no rule approve erasures."""
    post = open_post(database("lacuna"), tmp_path)
    standing(post, None)
    return post


def standing(post: Brought, scope: str | None, rule: str = BY_SETTING) -> None:
    url = post.stores.database.engine.url.render_as_string(hide_password=False)
    decide_standing(Database(url), rule, scope, NOW)


def act(post: Brought, role: Role, statement: str, **parameters: object) -> None:
    with post.stores.database.transaction(role) as connection:
        connection.execute(sa.text(statement), parameters)


def as_planner(post: Brought, statement: str, **parameters: object) -> None:
    act(post, Role.PLANNER, statement, **parameters)


@pytest.mark.parametrize("rule", [BY_IDENTITY, BY_SETTING, BY_CANARY, "rule:mine", "dpo:0badcafe"])
def test_no_rule_approves_an_erasure_unless_the_owner_said_so(post, rule):
    post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        as_planner(post, CALL, rule=rule)
    assert post.query(APPROVED) == [(0,)]


@pytest.mark.parametrize("rule", [BY_IDENTITY, BY_SETTING, BY_REAPPEARANCE])
def test_the_executor_has_no_rule_for_who_asked_themselves(post, rule):
    post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        act(post, Role.EXECUTOR, CALL, rule=rule)
    assert post.query(APPROVED) == [(0,)]


REAPPEARED = (
    "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
    "values (now(), :id, 'outcome', :action, 'lacuna', 'flow:sweep')"
)


def test_the_executor_alone_does_not_make_a_request_one_for_somebody_who_came_back(post):
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    act(post, Role.EXECUTOR, REAPPEARED, id=request_id, action="reappeared")
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        act(post, Role.EXECUTOR, REAPPEARED, id=request_id, action="received")
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        act(post, Role.EXECUTOR, CALL, rule=BY_REAPPEARANCE)
    assert post.query(APPROVED) == [(0,)]


def test_the_planner_alone_sees_nobody_come_back(post):
    request_id = post.submit(IdentifierKind.EMAIL, MAIL, identity_basis=IdentityBasis.ERASED)
    post.run()
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        as_planner(post, REAPPEARED, id=request_id, action="reappeared")
    for role in (Role.PLANNER, Role.EXECUTOR):
        with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
            act(post, role, CALL, rule=BY_REAPPEARANCE)


def test_what_the_executor_saw_approves_one_that_the_planner_queued_for_it(post):
    request_id = post.submit(IdentifierKind.EMAIL, MAIL, identity_basis=IdentityBasis.ERASED)
    post.run()
    act(post, Role.EXECUTOR, REAPPEARED, id=request_id, action="reappeared")
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        as_planner(post, CALL, rule=BY_REAPPEARANCE)
    act(post, Role.EXECUTOR, CALL, rule=BY_REAPPEARANCE)
    assert post.state(request_id) is RequestState.APPROVED


STATEMENTS_OF_IDENTITY = (
    "update lacuna.request set is_verified = true",
    "update lacuna.request set identity_basis = 'stated'",
    "update lacuna.request set identity_basis = 'erased'",
    "update lacuna.request set is_verified = true, identity_basis = 'stated'",
)


@pytest.mark.parametrize("statement", STATEMENTS_OF_IDENTITY)
@pytest.mark.parametrize("role", [Role.PLANNER, Role.EXECUTOR])
def test_who_plans_or_applies_states_nobodys_identity(post, role, statement):
    request_id = post.submit(IdentifierKind.EMAIL, MAIL, verified_by=None)
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        act(post, role, statement)
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        as_planner(post, "delete from lacuna.request")
    assert post.request(request_id).identity_basis is None


def test_the_executor_verifies_nobody_by_mail_either(post):
    post.submit(IdentifierKind.EMAIL, MAIL, verified_by=None)
    by_mail = "update lacuna.request set is_verified = true, identity_basis = 'mail'"
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        act(post, Role.EXECUTOR, by_mail)
    as_planner(post, by_mail)  # an answered code, as the intake records it


def test_the_canarys_rule_approves_nothing_of_another_organization(post):
    standing(post, "aside", BY_CANARY)
    post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        as_planner(post, CALL, rule=BY_CANARY)


@pytest.mark.parametrize("role", [Role.PLANNER, Role.EXECUTOR, Role.DPO, Role.VERIFIER])
def test_nobody_but_the_owner_lets_a_rule_approve(post, role):
    statement = "insert into lacuna.standing_decision values ('rule:approval-auto', '*', now())"
    with (
        pytest.raises(StatementRefused, match="SQLSTATE 42501"),
        post.stores.database.transaction(role, org_id="north") as connection,
    ):
        connection.execute(sa.text(statement))


@pytest.mark.thorough
def test_auto_of_a_worker_alone_approves_nothing(post):
    """`LACUNA_APPROVAL=auto` in a worker's environment, while the owner decided nothing."""
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    for _ in range(2):
        automatic(post)
    assert post.state(request_id) is RequestState.PLANNED
    assert post.query(THERE, MAIL) == [(1,)]


def automatic(post: Brought) -> None:
    options = RunOptions(run_id="auto", mode=Mode.ACT, approval=ApprovalMode.AUTO)
    fulfilment.run(post.stores, options, str(uuid.uuid4()))


@pytest.mark.thorough
def test_identity_that_rests_on_a_mail_alone_waits_for_an_officer_even_with_auto(post):
    standing(post, "*")
    by_mail = post.submit(IdentifierKind.EMAIL, MAIL, identity_basis=IdentityBasis.MAIL)
    stated = post.submit(IdentifierKind.EMAIL, "bo.lind@example.org")
    for _ in range(2):
        automatic(post)
    assert (post.state(by_mail), post.state(stated)) == (
        RequestState.PLANNED,
        RequestState.COMPLETED,
    )
    assert post.query(THERE, MAIL) == [(1,)]
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        as_planner(post, f"{CALL} where request_id = :id", rule=BY_SETTING, id=by_mail)


def test_what_rests_on_a_mail_goes_on_doing_so(post):
    post.submit(IdentifierKind.EMAIL, MAIL, identity_basis=IdentityBasis.MAIL)
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        as_planner(post, "update lacuna.request set identity_basis = 'stated'")


@pytest.mark.thorough
def test_a_right_that_came_after_the_rule_approved_is_not_approved(post):
    """An access request is approved by identity; then it says that it is an erasure."""
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    digest = post.request(request_id).plan_digest
    # The database refuses the planner both; if it did not, the plan would.
    act(post, Role.OWNER, "update lacuna.request set kinds = '{access}'")
    as_planner(post, CALL, rule=BY_IDENTITY)
    act(post, Role.OWNER, WIDEN)
    assert (post.state(request_id), post.request(request_id).plan_digest) == (
        RequestState.APPROVED,
        digest,
    )
    with pytest.raises(VerificationFailed, match="1 of 1 requests failed"):
        post.run()
    assert post.query(THERE, MAIL) == [(1,)]
    assert post.request(request_id).kinds == (RequestKind.ERASURE,)
