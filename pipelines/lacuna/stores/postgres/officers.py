"""The register of officers in PostgreSQL: read under the officer's role, written by the owner alone."""

import hashlib
import secrets
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.errors import ConfigurationError, RequestError
from lacuna.model.evidence import Action, Entry
from lacuna.model.officer import Officer
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.ledger import PostgresLedger

_ACTOR: Final = "system:owner"
_KEY_ID_BYTES: Final = 4


def officer_actor(database: Database, name: str, org_id: str) -> str | None:
    """Return how the ledger names an officer who decides for a tenant; None: they do not.

    Args:
        org_id: the tenant; `EVERY_TENANT` asks for officers of all of them.
    """
    with database.transaction(Role.DPO, org_id=org_id, is_read_only=True) as connection:
        return connection.execute(
            sa.text(
                "select actor from lacuna.officer where name = :name and removed_at is null "
                "and org_id in ('*', :org_id) order by officer_id limit 1"
            ),
            {"name": name, "org_id": org_id},
        ).scalar_one_or_none()


class OfficerRegister:
    """The register, as the owner of the installation keeps it."""

    def __init__(self, database: Database) -> None:
        """Work on `database`, with the owner's login."""
        self._database = database

    def officers(self, role: Role = Role.OWNER) -> list[Officer]:
        """Return every line, those that are over too, in the order of their beginning.

        Args:
            role: that may read the register: the owner, or one of a batch.
        """
        with self._database.transaction(role, is_read_only=True) as connection:
            rows = connection.execute(
                sa.text(
                    "select name, actor, org_id, added_at, removed_at from lacuna.officer "
                    "order by officer_id"
                )
            )
            return [Officer(*row) for row in rows]

    def needing_two(self) -> list[str]:
        """Return the tenants of which two officers approve each plan."""
        with self._database.transaction(Role.OWNER) as connection:
            found = connection.execute(
                sa.text("select org_id from lacuna.two_officers order by org_id")
            )
            return list(found.scalars())

    def add(self, name: str, org_ids: Collection[str], at: datetime, known: str | None) -> int:
        """Register an officer for tenants; return for how many that is new.

        Args:
            known: the key id by which the ledger knows them from before there was a register.

        Raises:
            RequestError: another officer has a name that reads the same: two who are one would count
                as two.
        """
        with _owners(self._database) as connection:
            names = connection.execute(
                sa.text("select distinct name from lacuna.officer")
            ).scalars()
            if any(other != name and _read_as(other) == _read_as(name) for other in names):
                raise RequestError(
                    "officer: another officer has a name that differs only in case, accents, spaces, letters "
                    "of another script or invisible characters; use that name or a different one"
                )
            actor = connection.execute(
                sa.text("select actor from lacuna.officer where name = :name limit 1"),
                {"name": name},
            ).scalar_one_or_none()
            actor = actor or f"dpo:{known or secrets.token_hex(_KEY_ID_BYTES)}"
            there = self._orgs_of(connection, name)
            new = sorted(set(org_ids) - there)
            for org_id in new:
                connection.execute(
                    sa.text(
                        "insert into lacuna.officer (name, actor, org_id, added_at) "
                        "values (:name, :actor, :org_id, :at)"
                    ),
                    {"name": name, "actor": actor, "org_id": org_id, "at": at},
                )
                _record(connection, Action.OFFICER_ADDED, at, f"{actor} {org_id}")
        return len(new)

    def remove(self, name: str, org_ids: Collection[str], at: datetime) -> int:
        """End an officer's registration for tenants, or all if none is named; return how many.

        Raises:
            RequestError: they are not registered there; nothing was changed.
        """
        with _owners(self._database) as connection:
            there = self._orgs_of(connection, name)
            gone = sorted(org_ids or there)
            if not gone or set(gone) - there:
                raise RequestError(
                    f"officer: the name is registered for {len(there)} tenants, but not for "
                    f"{len(set(gone) - there) or 'any'} of those named; see lacuna officer list"
                )
            for org_id in gone:
                actor = connection.execute(
                    sa.text(
                        "update lacuna.officer set removed_at = :at where name = :name "
                        "and org_id = :org_id and removed_at is null returning actor"
                    ),
                    {"name": name, "org_id": org_id, "at": at},
                ).scalar_one()
                _record(connection, Action.OFFICER_REMOVED, at, f"{actor} {org_id}")
        return len(gone)

    def need(self, officers: int, org_id: str, at: datetime) -> bool:
        """Say how many officers (1 or 2) approve each plan of a tenant; return whether it is new."""
        statement = (
            "insert into lacuna.two_officers (org_id, since) values (:org_id, :at) "
            "on conflict do nothing"
            if officers == 2
            else "delete from lacuna.two_officers where org_id = :org_id"
        )
        with _owners(self._database) as connection:
            values = {"org_id": org_id, "at": at}
            changed = connection.execute(sa.text(statement), values).rowcount == 1
            if changed:
                _record(connection, Action.OFFICERS_NEEDED, at, org_id, officers)
        return changed

    @staticmethod
    def _orgs_of(connection: sa.Connection, name: str) -> set[str]:
        found = connection.execute(
            sa.text("select org_id from lacuna.officer where name = :name and removed_at is null"),
            {"name": name},
        )
        return set(found.scalars())


_LOOKS_LIKE: Final = {
    ord(other): letter
    for letter, others in {
        "a": "\u0430\u0251\u03b1",
        "b": "\u0432\u044c\u03b2",
        "c": "\u0441\u03f2",
        "d": "\u0501",
        "e": "\u0435\u04bd\u03b5",
        "g": "\u050d\u0261",
        "h": "\u043d\u04bb",
        "j": "\u0458\u03f3",
        "k": "\u043a\u03ba",
        "l": "i\u0456\u03b9\u0131\u0269\u04cf|1",  # a capital I too
        "m": "\u043c",
        "n": "\u043f\u0578",
        "o": "\u043e\u0585\u03bf\u03c30",
        "p": "\u0440\u03c1",
        "q": "\u051b",
        "s": "\u0455",
        "t": "\u0442\u03c4",
        "u": "\u057d\u03c5\u0446",
        "v": "\u0475\u03bd",
        "w": "\u051d\u03c9\u0448",
        "x": "\u0445\u03c7",
        "y": "\u0443\u03b3",
    }.items()
    for other in others
}
"""Letters of Cyrillic, Greek and Armenian, and digits, by the Latin letter that they look like, folded."""


def _read_as(name: str) -> str:
    """Return a name as people read it: by its looks, without case, accents, spaces and what nobody sees."""
    folded = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKS_LIKE)
    return "".join(each for each in folded if unicodedata.category(each)[0] in "LNPS")


@contextmanager
def _owners(database: Database) -> Iterator[sa.Connection]:
    """Open a transaction of the owner's login; another login is told whose it takes."""
    with database.transaction(Role.OWNER) as connection:
        if not connection.execute(
            sa.text("select has_table_privilege('lacuna.officer', 'insert')")
        ).scalar_one():
            raise ConfigurationError(
                "officer: this login does not own Lacuna's schemas; run the command with the "
                "owner's address in LACUNA_DATABASE_URL, as for lacuna up"
            )
        yield connection


def _record(
    connection: sa.Connection, action: Action, at: datetime, about: str, rows: int | None = None
) -> None:
    """Add an entry; its digest says what it is about to whoever has the register beside it."""
    PostgresLedger(connection).append(
        Entry(
            at=at,
            action=action,
            location="lacuna.officer",
            actor=_ACTOR,
            rows=rows,
            digest=hashlib.sha256(about.encode()).hexdigest(),
        )
    )
