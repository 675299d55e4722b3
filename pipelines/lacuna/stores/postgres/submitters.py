"""Which tenants logins of other systems hand in for, in PostgreSQL: written by the owner alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.errors import RequestError
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database

# Whoever decides is held to no tenant by this: the officer's page asks the register of officers.
_BOUND: Final = (
    "select rolname from pg_roles where rolcanlogin and not rolsuper "
    "and pg_has_role(oid, 'lacuna_submitter', 'member') and not pg_has_role(oid, 'lacuna_dpo', 'member')"
)


@dataclass(frozen=True)
class Submitter:
    """A login that hands requests in.

    Attributes:
        org_id: a tenant that it does so for; None: it does for nobody.
        is_bound: there is such a login, and it takes on the role for this alone.
    """

    login: str
    org_id: str | None
    added_at: datetime | None
    is_bound: bool


class SubmitterRegister:
    """The register, as the owner of the installation keeps it."""

    def __init__(self, database: Database) -> None:
        """Work on `database`, with the owner's login."""
        self._database = database

    def submitters(self) -> list[Submitter]:
        """Return each login with each of its tenants, and those that have none."""
        with self._database.transaction(Role.OWNER) as connection:
            rows = connection.execute(
                sa.text(
                    "select coalesce(login, rolname::text), org_id, added_at, rolname is not null "  # noqa: S608
                    f"from lacuna.submitter full join ({_BOUND}) bound on rolname::text = login "
                    "order by 1, 2"
                )
            )
            return [Submitter(*row) for row in rows]

    def add(self, login: str, org_ids: Collection[str], at: datetime) -> int:
        """Let a login hand in for tenants; return for how many that is new.

        Raises:
            RequestError: there is no such login, or it is not one that this holds to a tenant.
        """
        with self._database.transaction(Role.OWNER) as connection:
            if login not in connection.execute(sa.text(_BOUND)).scalars().all():
                raise RequestError(
                    "submitter: the login does not exist, is not a member of lacuna_submitter, "
                    "or is also a member of lacuna_dpo, which may submit for every tenant. "
                    "Create it with: create role NAME login noinherit; grant lacuna_submitter to "
                    "NAME"
                )
            return sum(
                connection.execute(
                    sa.text(
                        "insert into lacuna.submitter (login, org_id, added_at) "
                        "values (:login, :org_id, :at) on conflict do nothing"
                    ),
                    {"login": login, "org_id": org_id, "at": at},
                ).rowcount
                for org_id in sorted(set(org_ids))
            )

    def remove(self, login: str, org_ids: Collection[str]) -> int:
        """Let a login hand in no more, for some tenants or, if none is named, for any; return how many.

        Raises:
            RequestError: it does not for one of them; nothing was changed.
        """
        with self._database.transaction(Role.OWNER) as connection:
            found = connection.execute(
                sa.text("select org_id from lacuna.submitter where login = :login"),
                {"login": login},
            )
            there = set(found.scalars())
            gone = set(org_ids) or there
            if not gone or gone - there:
                raise RequestError(
                    f"submitter: the login may submit for {len(there)} tenants, but not for "
                    f"{len(gone - there) or 'any'} of those named; see lacuna submitter list"
                )
            connection.execute(
                sa.text(
                    "delete from lacuna.submitter where login = :login and org_id = any(:org_ids)"
                ),
                {"login": login, "org_ids": sorted(gone)},
            )
        return len(gone)
