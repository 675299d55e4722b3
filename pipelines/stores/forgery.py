"""Tries what only officers and the owner may, under another role, and rolls it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from pipelines.model.run import Role
from pipelines.stores.database import Database

_NOT_ALLOWED: Final = "42501"
_ENTRY: Final = (
    "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
    "values (now(), 'outcome', '{}', 'lacuna.plan', 'dpo:attacker')"
)
_ATTEMPTS: Final = (
    (
        "approve a plan",
        "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
        "values (gen_random_uuid(), repeat('0', 64), 'dpo:attacker', now())",
    ),
    (
        "approve a rule",
        "insert into lacuna.rule_approval (rule, digest, approved_by, approved_at) "
        "values ('attack', repeat('0', 64), 'dpo:attacker', now())",
    ),
    (
        "move a planned request on",
        "update lacuna.request set state = 'approved' where state = 'planned'",
    ),
    ("write an approval into the ledger", _ENTRY.format("approved")),
    ("write a rule's approval into the ledger", _ENTRY.format("rule_approved")),
    ("write a refusal into the ledger", _ENTRY.format("refused")),
    (
        "register an officer",
        "insert into lacuna.officer (name, actor, org_id, added_at) "
        "values ('attacker', 'dpo:attacker', '*', now())",
    ),
    (
        "let a rule approve",
        "insert into lacuna.standing_decision values ('rule:approval-auto', '*', now()) "
        "on conflict do nothing",
    ),
)


@dataclass(frozen=True)
class Attempt:
    """What was tried.

    Attributes:
        is_held: whether PostgreSQL refused it for want of rights; None: there was nothing to try it on.
    """

    what: str
    is_held: bool | None


def try_to_approve(database: Database, role: Role) -> list[Attempt]:
    """Try each way to an approval under a role; nothing of it lasts, whatever the outcome.

    Raises:
        StatementRefused: the login cannot take on the role.
    """
    with _rolled_back(database, role) as connection:
        return [Attempt(what, _is_held(connection, statement)) for what, statement in _ATTEMPTS]


def _is_held(connection: sa.Connection, statement: str) -> bool | None:
    # Any other refusal, of a key that is not there, means that the right was.
    attempt = connection.begin_nested()
    try:
        rows = connection.execute(sa.text(statement)).rowcount
    except DBAPIError as error:
        return getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED
    finally:
        attempt.rollback()
    return False if rows else None


@contextmanager
def _rolled_back(database: Database, role: Role) -> Iterator[sa.Connection]:
    with database.transaction(role) as connection:
        yield connection
        connection.rollback()
