"""Somebody with a batch role's login, which reads what strangers write, says what only others can know."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa

from lacuna.errors import PipelineError, StatementRefused
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from tests.brought import Brought
from tests.post import open_post

MAIL = "anna.berg@example.org"
ENTRY = (
    "insert into lacuna_evidence.entry (at, request_id, phase, action, location, digest, actor) "
    "select now(), request_id, '{}', '{}', '{}', plan_digest, 'flow:fulfilment' from lacuna.request"
)
PASSED = (
    "insert into lacuna.verification select request_id, attempt, verified_at + interval '1 s', true, "
    "jsonb_set(result, '{findings}', '[]') from lacuna.verification"
)
CHANGED = (
    "update lacuna.verification set passed = true, result = jsonb_set(result, '{findings}', '[]')"
)
VERIFIED = "update lacuna.request set state = 'verified', obstacle = null"
NOBODY = "update lacuna.request set state = 'nothing_found', closed_at = now()"
OTHERS = [Role.PLANNER, Role.EXECUTOR, Role.SEALER, Role.AUDITOR, Role.DPO]
LOGINS = [*OTHERS, Role.VERIFIER, Role.ANALYST, Role.SUBMITTER]
RULE = "lacuna_rule"


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def refused(post: Brought, role: Role, statement: str) -> None:
    with (
        pytest.raises(StatementRefused, match="SQLSTATE 42501"),
        post.stores.database.transaction(role, org_id="north") as connection,
    ):
        connection.execute(sa.text(statement))


def failed(post: Brought) -> str:
    """Apply an erasure that leaves something, so that its gates fail."""
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    post.approve(request_id)
    left = post.stores.home / "reporting"
    left.mkdir()
    (left / "left.csv").write_text(MAIL)
    with pytest.raises(PipelineError):
        post.run()
    assert post.state(request_id) is RequestState.APPLIED
    return request_id


@pytest.mark.thorough
def test_who_says_that_failed_gates_passed_is_not_believed(post):
    request_id = failed(post)
    said = (PASSED, CHANGED, ENTRY.format("outcome", "verified", "lacuna.verification"), VERIFIED)
    for role, statement in itertools.product(OTHERS, said):
        refused(post, role, statement)
    with pytest.raises(PipelineError):
        post.run()
    assert post.state(request_id) is RequestState.APPLIED


@pytest.mark.thorough
def test_a_result_that_was_changed_after_it_was_recorded_closes_nothing(post):
    """Even if somebody got past the roles."""
    request_id = failed(post)
    (post.stores.home / "reporting" / "left.csv").unlink()
    post.query(
        "create function public.soften() returns trigger language plpgsql as $$ begin "
        "new.result := jsonb_set(new.result, '{searched}', '9999'); return new; end $$; "
        "create trigger soften before insert on lacuna.verification "
        "for each row execute function public.soften()"
    )
    with pytest.raises(PipelineError):
        post.run()
    assert post.state(request_id) is RequestState.VERIFIED


@pytest.mark.thorough
def test_nobody_but_a_flow_under_its_role_ends_a_request_as_about_nobody(post):
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.query("update post.calls set state = 'open' where id = 10")
    post.run()
    assert post.state(request_id) is RequestState.RESOLVED
    entry = ENTRY.format("outcome", "nothing_found", "lacuna.request")
    for role in OTHERS:
        refused(post, role, NOBODY)
        refused(post, role, entry)
    post.run()
    assert post.state(request_id) is RequestState.RESOLVED


def test_a_request_whose_identifiers_were_taken_away_is_about_somebody(post, caplog):
    """The planner deletes what closed requests need no more, and could do so before."""
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    with post.stores.database.transaction(Role.PLANNER) as connection:
        connection.execute(sa.text("delete from lacuna.request_secret"))
    with pytest.raises(PipelineError):
        post.run()
    assert post.state(request_id) is not RequestState.NOTHING_FOUND
    assert "0 of its identifiers are left" in caplog.text


def test_a_request_about_nobody_still_ends(post):
    request_id = post.submit(IdentifierKind.EMAIL, "nobody@example.org")
    post.run()
    assert post.state(request_id) is RequestState.NOTHING_FOUND


def recorders(post: Brought) -> dict[str, list[str] | None]:
    """Return under which roles each action is recorded, as the database has it."""
    return dict(
        post.query(
            "select action, lacuna_evidence.recorders(action) from unnest(%s::text[]) as action",
            [*map(str, Action), "renumber", "no such action"],
        )
    )


def test_each_action_of_the_ledger_has_its_roles(post):
    """A new action is refused to everybody until somebody says whose it is."""
    found = recorders(post)
    assert [action for action, roles in found.items() if roles is None] == ["no such action"]
    assert {role for roles in found.values() for role in roles or ()} <= {*map(str, Role)} | {RULE}
    for action in ("scrub", "sweep", "renumber", "delete_objects", "publish_period"):
        assert found[action] == ["lacuna_executor"]


@pytest.mark.thorough
@pytest.mark.parametrize("phase", ["intent", "outcome"])
def test_each_action_of_the_ledger_is_taken_from_its_roles_alone(post, phase):
    post.submit(IdentifierKind.EMAIL, MAIL)
    found = recorders(post)
    tried = 0
    with post.stores.database.keeping():
        for action in Action:
            for role in LOGINS:
                if str(role) not in (found[action] or ()):
                    refused(post, role, ENTRY.format(phase, action, "lacuna.request"))
                    tried += 1
    assert tried > len(Action) * 6


def test_of_a_deadline_the_ledger_takes_the_day_of_the_request_alone(post):
    post.submit(IdentifierKind.EMAIL, MAIL)
    later = ENTRY.format("outcome", "deadline", "lacuna.request 2029-12-31")
    refused(post, Role.VERIFIER, later)
    refused(post, Role.DPO, later.replace("flow:fulfilment", "dpo:0000test"))
