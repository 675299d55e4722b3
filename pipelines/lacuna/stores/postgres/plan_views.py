"""Which plans officers saw, in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from lacuna.model.register import SeenPlan

_OF: Final = sa.text(
    "select digest, steps::text, seen_at from lacuna.plan_view "
    "where request_id = cast(:id as uuid) and officer = :officer order by seen_at desc, digest "
    "limit 2"
)
_FORGET: Final = sa.text(
    "delete from lacuna.plan_view where request_id = cast(:id as uuid) and officer = :officer "
    "and digest <> all(:kept)"
)
_NOTE: Final = sa.text(
    "insert into lacuna.plan_view (request_id, officer, digest, steps, seen_at) "
    "values (cast(:id as uuid), :officer, :digest, cast(:steps as jsonb), :at) "
    "on conflict (request_id, officer, digest) do update set seen_at = excluded.seen_at"
)


class PostgresPlanViews:
    """What officers saw, as one transaction sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the officer's role and the tenant of its transaction."""
        self._connection = connection

    def of(self, request_id: str, officer: str) -> Sequence[SeenPlan]:
        rows = self._connection.execute(_OF, {"id": request_id, "officer": officer})
        return [SeenPlan(*row) for row in rows]

    def note(self, request_id: str, officer: str, plan: SeenPlan) -> None:
        others = [one.digest for one in self.of(request_id, officer) if one.digest != plan.digest]
        whose = {"id": request_id, "officer": officer}
        self._connection.execute(_FORGET, {**whose, "kept": [plan.digest, *others[:1]]})
        seen = {"digest": plan.digest, "steps": plan.steps, "at": plan.seen_at}
        self._connection.execute(_NOTE, {**whose, **seen})
