"""What the owner of a tested installation lets rules approve, without an entry of the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database


def let_approve(database: Database, rule: str = BY_SETTING, scope: str = "*") -> None:
    """Let a rule approve: tests that give themselves `ApprovalMode.AUTO` are the owner."""
    statement = "insert into lacuna.standing_decision values (:rule, :scope, now())"
    with database.transaction(Role.OWNER) as connection:
        connection.execute(sa.text(statement), {"rule": rule, "scope": scope})
