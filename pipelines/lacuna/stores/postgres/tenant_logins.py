"""Which tenants database logins of others act for, in PostgreSQL: written by the owner alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import RequestError
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database


@dataclass(frozen=True)
class LoginKind:
    """What logins of a register do, and which logins it holds to tenants.

    Attributes:
        name: of the register, and of the command for it.
        role: that such a login takes on.
        unbound: a role whose members see every tenant anyway, so that no register holds them.
        may: what it may do for tenants, up to the preposition; `doing` is the same as a participle.
    """

    name: str
    role: Role
    unbound: Role
    may: str
    doing: str


SUBMITTER: Final = LoginKind(
    "submitter", Role.SUBMITTER, Role.DPO, "submit requests for", "submitting requests for"
)
"""Other systems. Whoever decides is held to no tenant by this: the page asks the register of officers."""
ANALYST: Final = LoginKind(
    "analyst", Role.ANALYST, Role.VERIFIER, "read reports of", "reading reports of"
)


@dataclass(frozen=True)
class TenantLogin:
    """A login, and one of its tenants.

    Attributes:
        org_id: a tenant that it acts for; None: it does for nobody.
        is_bound: there is such a login, and it takes on the role for this alone.
    """

    login: str
    org_id: str | None
    added_at: datetime | None
    is_bound: bool


class LoginRegister:
    """The register of one kind of logins, as the owner of the installation keeps it."""

    def __init__(self, database: Database, kind: LoginKind) -> None:
        """Work on `database`, with the owner's login."""
        self._database = database
        self._kind = kind

    def all(self) -> list[TenantLogin]:
        """Return each login with each of its tenants, and those that have none."""
        with self._database.transaction(Role.OWNER) as connection:
            rows = connection.execute(
                self._statement(
                    "select coalesce(login, rolname::text), org_id, added_at, rolname is not null "
                    "from {table} full join ({bound}) bound on rolname::text = login order by 1, 2"
                )
            )
            return [TenantLogin(*row) for row in rows]

    def add(self, login: str, org_ids: Collection[str], at: datetime) -> int:
        """Let a login act for tenants; return for how many that is new.

        Raises:
            RequestError: there is no such login, or it is not one that this holds to a tenant.
        """
        kind = self._kind
        with self._database.transaction(Role.OWNER) as connection:
            if login not in connection.execute(self._statement("{bound}")).scalars().all():
                raise RequestError(
                    f"{kind.name}: the login does not exist, is not a member of {kind.role}, "
                    f"or is also a member of {kind.unbound}, which may {kind.may} every tenant. "
                    f"Create it with: create role NAME login noinherit; grant {kind.role} to NAME"
                )
            return sum(
                connection.execute(
                    self._statement(
                        "insert into {table} (login, org_id, added_at) "
                        "values (:login, :org_id, :at) on conflict do nothing"
                    ),
                    {"login": login, "org_id": org_id, "at": at},
                ).rowcount
                for org_id in sorted(set(org_ids))
            )

    def remove(self, login: str, org_ids: Collection[str]) -> int:
        """Let a login act no more, for some tenants or, if none is named, for any; return how many.

        Raises:
            RequestError: it does not for one of them; nothing was changed.
        """
        kind = self._kind
        with self._database.transaction(Role.OWNER) as connection:
            found = connection.execute(
                self._statement("select org_id from {table} where login = :login"),
                {"login": login},
            )
            there = set(found.scalars())
            gone = set(org_ids) or there
            if not gone or gone - there:
                raise RequestError(
                    f"{kind.name}: the login may {kind.may} {len(there)} tenants, but not "
                    f"{len(gone - there) or 'any'} of those named; see lacuna {kind.name} list"
                )
            connection.execute(
                self._statement(
                    "delete from {table} where login = :login and org_id = any(:org_ids)"
                ),
                {"login": login, "org_ids": sorted(gone)},
            )
        return len(gone)

    def _statement(self, text: str) -> sa.TextClause:
        """Return a statement about the register's table, and the logins that it holds to tenants."""
        bound = sql.SQL(
            "select rolname from pg_roles where rolcanlogin and not rolsuper "
            "and pg_has_role(oid, {}, 'member') and not pg_has_role(oid, {}, 'member')"
        ).format(sql.Literal(self._kind.role), sql.Literal(self._kind.unbound))
        composed = sql.SQL(text).format(
            table=sql.Identifier("lacuna", self._kind.name), bound=bound
        )
        return sa.text(composed.as_string(None))
