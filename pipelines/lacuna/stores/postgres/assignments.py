"""Which officers requests and mails are assigned to, in PostgreSQL."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.model.assignment import AssignedItem

_OFFICERS: Final = sa.text(
    "select distinct on (actor) actor, name from lacuna.officer where removed_at is null "
    "and org_id in ('*', :org_id) order by actor, officer_id"
)
_OF: Final = sa.text(
    "select about::text, officer from lacuna.assignment "
    "where about = any(cast(:ids as uuid[])) and lacuna.is_officer(officer, org_id)"
)
# What one has who is no longer registered belongs to nobody.
_GIVE: Final = sa.text(
    "insert into lacuna.assignment as known (request_id, mail_id, org_id, officer, assigned_at) "
    "values (cast(:request_id as uuid), cast(:mail_id as uuid), :org_id, :officer, :at) "
    "on conflict (about) do update set officer = excluded.officer, "
    "assigned_at = excluded.assigned_at "
    "where known.officer = :before or not lacuna.is_officer(known.officer, known.org_id)"
)
_TAKE_BACK: Final = sa.text(
    "delete from lacuna.assignment where about = cast(:about as uuid) and officer = :before"
)


class PostgresAssignments:
    """The assignments as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection

    def officers(self, org_id: str) -> Mapping[str, str]:
        rows = self._connection.execute(_OFFICERS, {"org_id": org_id})
        return {row.actor: row.name for row in rows}

    def of(self, ids: Collection[str]) -> Mapping[str, str]:
        rows = self._connection.execute(_OF, {"ids": list(ids)})
        return {row.about: row.officer for row in rows}

    def give(self, item: AssignedItem, officer: str, before: str | None, at: datetime) -> bool:
        if before is not None and before != self.of([item.about]).get(item.about):
            return False
        values = {
            "request_id": None if item.is_mail else item.about,
            "mail_id": item.about if item.is_mail else None,
            "org_id": item.org_id,
            "officer": officer,
            "before": before,
            "at": at,
        }
        return self._connection.execute(_GIVE, values).rowcount == 1

    def take_back(self, item: AssignedItem, before: str | None) -> bool:
        if before is None:
            return item.about not in self.of([item.about])
        values = {"about": item.about, "before": before}
        return self._connection.execute(_TAKE_BACK, values).rowcount == 1
