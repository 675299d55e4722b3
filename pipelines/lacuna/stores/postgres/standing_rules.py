"""What the owner of an installation lets rules approve: written with the owner's login alone."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.model.evidence import Action, Entry
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.ledger import PostgresLedger

_ACTOR: Final = "system:owner"


def decide_standing(database: Database, rule: str, scope: str | None, at: datetime) -> bool:
    """Let a rule approve from now on, or no more; return whether that is new, and in the ledger.

    Args:
        rule: as the ledger names it, `rule:…`.
        scope: the organization that it stands for, `*` for all; None ends it.

    Raises:
        StatementRefused: the login is not the owner's.
    """
    with database.transaction(Role.OWNER) as connection:
        return decide_within(connection, rule, scope, at)


def decide_within(connection: sa.Connection, rule: str, scope: str | None, at: datetime) -> bool:
    """Do what `decide_standing` does in a transaction of the owner's that the caller ends."""
    before = connection.execute(
        sa.text("select scope from lacuna.standing_decision where rule = :rule"),
        {"rule": rule},
    ).scalar_one_or_none()
    if before == scope:
        return False
    connection.execute(
        sa.text("delete from lacuna.standing_decision where rule = :rule"), {"rule": rule}
    )
    if scope is not None:
        connection.execute(
            sa.text(
                "insert into lacuna.standing_decision (rule, scope, decided_at) "
                "values (:rule, :scope, :at)"
            ),
            {"rule": rule, "scope": scope, "at": at},
        )
    PostgresLedger(connection).append(
        Entry(
            at=at,
            action=Action.STANDING_ENDED if scope is None else Action.STANDING_DECIDED,
            location=f"lacuna.standing_decision.{rule.removeprefix('rule:')}",
            actor=_ACTOR,
        )
    )
    return True
