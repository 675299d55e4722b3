"""The executor enters that consent was withdrawn, where a restore forgot it, and nothing else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.model.run import Role
from tests.brought import Brought
from tests.post import open_post

ENTRY = {
    "org_id": "'north'",
    "subject_id": "'11111111-1111-4111-8111-111111111111'",
    "call_key": "null",
    "status": "'withdrawn'",
    "method": "'letter'",
    "occurred_at": "now()",
    "recorded_at": "now()",
    "recorded_by": "'rule:reappearance'",
}
SUBJECT = (
    "insert into lacuna.subject (subject_id, org_id, contact_id) "
    "values ('11111111-1111-4111-8111-111111111111', '{}', '7')"
)


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def entry(**changes: str) -> str:
    columns = ENTRY | changes
    insert = "insert into lacuna.consent_entry ({}) values ({})"
    return insert.format(", ".join(columns), ", ".join(columns.values()))


def run(post: Brought, role: Role, *statements: str) -> None:
    with post.stores.database.transaction(role) as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount


def refused(post: Brought, role: Role, *statements: str) -> None:
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        run(post, role, *statements)


@pytest.mark.parametrize("status", ["withdrawn", "declined"])
def test_that_there_is_no_consent_is_entered_again(post, status):
    run(post, Role.EXECUTOR, entry(status=f"'{status}'"), SUBJECT.format("north"))


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "'granted'"},
        {"status": "'unanswered'"},
        {"recorded_by": "'dpo:0000test'"},
        {"recorded_by": "'controller:0000test'"},
        {"recorded_by": "'flow:sweep'"},
        {"recorded_by": "'rule:identity-verified'"},
    ],
)
def test_no_consent_is_given_and_nobody_elses_name_is_used(post, changes):
    refused(post, Role.EXECUTOR, entry(**changes))


def test_an_entry_of_somebody_else_is_about_nobody_new(post):
    refused(post, Role.EXECUTOR, SUBJECT.format("north"))
    post.query(entry(recorded_by="'dpo:0000test'"))
    refused(post, Role.EXECUTOR, SUBJECT.format("north"))


def test_an_entry_is_about_somebody_of_its_own_tenant(post):
    refused(post, Role.EXECUTOR, entry(), SUBJECT.format("south"))


@pytest.mark.parametrize("role", [Role.PLANNER, Role.VERIFIER, Role.AUDITOR])
def test_nobody_else_enters_it(post, role):
    refused(post, role, entry())


def test_what_was_entered_stays(post):
    run(post, Role.EXECUTOR, entry(), SUBJECT.format("north"))
    refused(post, Role.EXECUTOR, "update lacuna.consent_entry set status = 'granted'")
    refused(post, Role.EXECUTOR, "delete from lacuna.consent_entry")
    refused(post, Role.EXECUTOR, "update lacuna.subject set contact_id = '8'")
