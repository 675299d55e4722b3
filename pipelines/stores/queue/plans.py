"""Plans, approvals, and the rows that a plan names."""

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from pipelines.model.location import RowKey, TableName
from pipelines.model.queue import (
    StoredPlan,
)
from pipelines.stores.queue.connected import Connected
from pipelines.stores.queue.requests import require_own
from pipelines.stores.queue_tables import WORKING_ROW
from pipelines.stores.working_rows import put_working_rows


class Plans(Connected):
    """Plans, approvals, and the rows that a plan names."""

    def put_plan(self, plan: StoredPlan, attempt: int) -> None:
        """Store a request's newest plan in place of an older one.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request set plan_digest = :digest "
                "where request_id = :id and attempt = :attempt"
            ),
            {"digest": plan.digest, "id": plan.request_id, "attempt": attempt},
        ).rowcount
        require_own(plan.request_id, changed)
        self._connection.execute(
            sa.text(
                "insert into lacuna.plan "
                "(request_id, digest, datamap_digest, steps, readable, planned_at) values "
                "(:request_id, :digest, :datamap_digest, cast(:steps as jsonb), :readable, "
                ":planned_at) on conflict (request_id) do update set digest = excluded.digest, "
                "datamap_digest = excluded.datamap_digest, steps = excluded.steps, "
                "readable = excluded.readable, planned_at = excluded.planned_at"
            ),
            {
                "request_id": plan.request_id,
                "digest": plan.digest,
                "datamap_digest": plan.datamap_digest,
                "steps": plan.steps,
                "readable": plan.readable,
                "planned_at": plan.planned_at,
            },
        )

    def plan(self, request_id: str) -> StoredPlan | None:
        """Return a request's newest plan, or None."""
        row = self._connection.execute(
            sa.text(
                "select request_id::text, digest, datamap_digest, steps::text, readable, "
                "planned_at from lacuna.plan where request_id = :id"
            ),
            {"id": request_id},
        ).one_or_none()
        return None if row is None else StoredPlan(*row)

    def approve(self, request_id: str, digest: str, actor: str, at: datetime) -> None:
        """Record who approved which plan."""
        self._ahead.pop(request_id, None)
        self._connection.execute(
            sa.text(
                "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
                "values (:id, :digest, :actor, :at) on conflict do nothing"
            ),
            {"id": request_id, "digest": digest, "actor": actor, "at": at},
        )

    def is_approved(self, request_id: str, digest: str) -> bool:
        """Whether this very plan was approved."""
        if request_id in self._ahead:
            return digest in self._ahead[request_id].approved
        return (
            self._connection.execute(
                sa.text(
                    "select 1 from lacuna.approval where request_id = :id and digest = :digest"
                ),
                {"id": request_id, "digest": digest},
            ).scalar_one_or_none()
            is not None
        )

    def rule_limit(self, rule: str, digest: str) -> int | None:
        """Return the most rows an approved rule may change a night; None: not approved."""
        value = self._connection.execute(
            sa.text(
                "select coalesce(max_rows, 9223372036854775807) from lacuna.rule_approval "
                "where rule = :rule and digest = :digest"
            ),
            {"rule": rule, "digest": digest},
        ).scalar_one_or_none()
        return None if value is None else int(value)

    def approve_rule(
        self, rule: str, digest: str, max_rows: int | None, actor: str, at: datetime
    ) -> None:
        """Record the approval of a sweep rule or of the drop of a legacy table; the last counts."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.rule_approval (rule, digest, max_rows, approved_by, "
                "approved_at) values (:rule, :digest, :max_rows, :actor, :at) "
                "on conflict (rule, digest) do update set max_rows = excluded.max_rows, "
                "approved_by = excluded.approved_by, approved_at = excluded.approved_at"
            ),
            {"rule": rule, "digest": digest, "max_rows": max_rows, "actor": actor, "at": at},
        )

    def put_rows(
        self, request_id: str, role: str, rows: Mapping[TableName, Collection[RowKey]]
    ) -> None:
        """Replace a request's working rows of a role (`own` or `mention`)."""
        by_request = {table: {request_id: keys} for table, keys in rows.items()}
        self.put_rows_of_all([request_id], role, by_request)

    def put_rows_of_all(
        self,
        request_ids: Collection[str],
        role: str,
        rows: Mapping[TableName, Mapping[str, Collection[RowKey]]],
    ) -> None:
        """Replace the working rows of several requests in a role.

        Args:
            rows: by table, the keys of the rows of each request.
        """
        self._connection.execute(
            sa.delete(WORKING_ROW).where(
                WORKING_ROW.c.request_id.in_(request_ids), WORKING_ROW.c.role == role
            )
        )
        for table, by_request in rows.items():
            put_working_rows(self._connection, role, table, by_request)

    def put_baseline(self, request_id: str, table: TableName, totals: Mapping[str, str]) -> None:
        """Record what a request's own rows of a table amount to before the change."""
        self.put_baselines(table, {request_id: totals})

    def put_baselines(self, table: TableName, totals: Mapping[str, Mapping[str, str]]) -> None:
        """Record by request what its own rows of a table amount to before the change."""
        if not totals:
            return
        self._connection.execute(
            sa.text(
                "insert into lacuna.baseline (request_id, table_name, measure, total) "
                "values (:id, :table, :measure, cast(:total as numeric)) "
                "on conflict (request_id, table_name, measure) do nothing"
            ),
            [
                {"id": request_id, "table": str(table), "measure": measure, "total": total}
                for request_id, of_request in totals.items()
                for measure, total in of_request.items()
            ],
        )
