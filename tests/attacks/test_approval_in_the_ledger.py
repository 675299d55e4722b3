"""Somebody writes a decision into the ledger, under a role that decides nothing."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate

DECISIONS = (
    "approved", "refused", "extended", "rule_approved", "lift_restriction", "release_bundle",
    "disclosed", "standing_decided", "standing_ended",
)  # fmt: skip
OF_AN_OFFICER = ("held", "resolved", "paused", "resumed")
WRITERS = (Role.PLANNER, Role.EXECUTOR)
ENTRY = (
    "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
    "values (now(), 'outcome', :action, 'lacuna.plan', :actor)"
)


@pytest.fixture(scope="module")
def ledger(template_database):
    template_database.register("ledger_alone", lambda url: migrate_and_let_go(url))
    with template_database.clones() as fresh:
        database = Database(fresh("ledger_alone"))
        yield database
        database.engine.dispose()


def migrate_and_let_go(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.engine.dispose()


def write(database: Database, role: Role, action: str, actor: str) -> None:
    with database.transaction(role, org_id="north") as connection:
        connection.execute(sa.text(ENTRY), {"action": action, "actor": actor})


@pytest.mark.parametrize(
    ("role", "action", "actor"),
    [
        *itertools.product(WRITERS, DECISIONS, ("dpo:0badcafe", "flow:fulfilment", "rule:canary")),
        *itertools.product(WRITERS, OF_AN_OFFICER, ("dpo:0badcafe",)),
    ],
)
def test_a_batch_role_writes_no_decision(ledger, role, action, actor):
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        write(ledger, role, action, actor)


@pytest.mark.parametrize("actor", ["rule:approval-auto", "flow:fulfilment", "system:owner"])
def test_the_officers_role_decides_as_nobody_else(ledger, actor):
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        write(ledger, Role.DPO, "approved", actor)


@pytest.mark.parametrize("action", ["standing_decided", "standing_ended"])
def test_the_officers_role_writes_no_standing_decision(ledger, action):
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        write(ledger, Role.DPO, action, "dpo:0badcafe")


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.AUDITOR, Role.ANALYST, Role.SUBMITTER])
def test_who_reads_writes_nothing_at_all(ledger, role):
    with pytest.raises(StatementRefused, match="SQLSTATE 42501"):
        write(ledger, role, "approved", "dpo:0badcafe")


@pytest.mark.parametrize(
    ("role", "action"), [(Role.PLANNER, "resolved"), (Role.EXECUTOR, "anonymize_rows")]
)
def test_a_flow_writes_what_it_did(ledger, role, action):
    """The other side of it: what is not decided goes on."""
    write(ledger, role, action, "flow:fulfilment")
