"""Plans, approvals, and the rows that a plan names."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from lacuna.model.location import RowKey, TableName
from lacuna.model.proof import Proof
from lacuna.model.queue import (
    StoredPlan,
)
from lacuna.model.request import Request, RequestState
from lacuna.stores.postgres.queue.queue_part import Connected
from lacuna.stores.postgres.queue.request_rows import require_own
from lacuna.stores.postgres.queue_tables import WORKING_ROW
from lacuna.stores.postgres.working_rows import put_working_rows


class Plans(Connected):
    """Plans, approvals, and the rows that a plan names."""

    def put(self, plan: StoredPlan, attempt: int) -> None:
        """An attempt that was overtaken stores none.

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
                "(request_id, digest, datamap_digest, steps, readable, planned_at, "
                "inventory_digest) values (:request_id, :digest, :datamap_digest, "
                "cast(:steps as jsonb), :readable, :planned_at, :inventory_digest) "
                "on conflict (request_id) do update set digest = excluded.digest, "
                "datamap_digest = excluded.datamap_digest, steps = excluded.steps, "
                "readable = excluded.readable, planned_at = excluded.planned_at, "
                "inventory_digest = excluded.inventory_digest"
            ),
            {
                "request_id": plan.request_id,
                "digest": plan.digest,
                "datamap_digest": plan.datamap_digest,
                "steps": plan.steps,
                "readable": plan.readable,
                "planned_at": plan.planned_at,
                "inventory_digest": plan.inventory_digest,
            },
        )

    def get(self, request_id: str) -> StoredPlan | None:
        """Its steps and its text are compared with its digest.

        Raises:
            EvidenceBroken: its steps or its text are not those that its digest is over.
        """
        row = self._connection.execute(
            sa.text(
                "select request_id::text, digest, datamap_digest, steps::text, readable, "
                "planned_at, inventory_digest from lacuna.plan where request_id = :id"
            ),
            {"id": request_id},
        ).one_or_none()
        if row is None:
            return None
        stored = StoredPlan(*row)
        stored.require_bound()
        return stored

    def approve(self, request_id: str, digest: str, actor: str, at: datetime) -> bool:
        self._ahead.pop(request_id, None)
        return (
            self._connection.execute(
                sa.text(
                    "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
                    "values (:id, :digest, :actor, :at) on conflict do nothing"
                ),
                {"id": request_id, "digest": digest, "actor": actor, "at": at},
            ).rowcount
            == 1
        )

    def revoke(self, request_id: str, digest: str) -> int:
        """The database lets officers revoke, before the plan is carried out.

        Raises:
            StatementRefused: it was carried out.
        """
        self._ahead.pop(request_id, None)
        return int(
            self._connection.execute(
                sa.text(
                    "delete from lacuna.approval where request_id = :id and digest = :digest "
                    "and approved_by like 'dpo:%'"
                ),
                {"id": request_id, "digest": digest},
            ).rowcount
        )

    def approve_by_rule(
        self, request: Request, rule: str, at: datetime, batch_id: str | None
    ) -> Request:
        """The function of the database decides whether the rule applies.

        Raises:
            StatementRefused: the rule does not apply to this plan.
        """
        self._ahead.pop(request.request_id, None)
        self._connection.execute(
            sa.text(
                "select lacuna.approve_by_rule(cast(:id as uuid), :digest, :attempt, :rule, :at, "
                "cast(:batch as uuid))"
            ),
            {
                "id": request.request_id,
                "digest": request.plan_digest,
                "attempt": request.attempt,
                "rule": rule,
                "at": at,
                "batch": batch_id,
            },
        )
        return replace(request, state=RequestState.APPROVED)

    def is_approved(self, request_id: str, digest: str) -> bool:
        if request_id in self._ahead:
            return digest in self._ahead[request_id].approved
        return (
            self._connection.execute(
                sa.text(
                    "select 1 from lacuna.approval where request_id = :id and digest = :digest "
                    "limit 1"
                ),
                {"id": request_id, "digest": digest},
            ).scalar_one_or_none()
            is not None
        )

    def is_revoked(self, request_id: str, digest: str) -> bool:
        found = self._connection.execute(
            sa.text(
                "select 1 from lacuna_evidence.entry where request_id = cast(:id as uuid) "
                "and action = 'approval_revoked' and digest = :digest limit 1"
            ),
            {"id": request_id, "digest": digest},
        )
        return found.scalar_one_or_none() is not None

    def officers_needed(self, org_ids: Collection[str]) -> Mapping[str, int]:
        found = self._connection.execute(
            sa.text(
                "select org_id, lacuna.officers_needed(org_id) "
                "from unnest(cast(:ids as text[])) as org_id"
            ),
            {"ids": sorted(set(org_ids))},
        )
        return {str(org_id): int(needed) for org_id, needed in found}

    def officers_missing(self, request: Request, digest: str) -> int:
        return int(
            self._connection.execute(
                sa.text(
                    "select greatest(0, lacuna.officers_needed(:org_id) - count(distinct "
                    "approved_by)) from lacuna.approval where request_id = :id "
                    "and digest = :digest and approved_by like 'dpo:%'"
                ),
                {"org_id": request.org_id, "id": request.request_id, "digest": digest},
            ).scalar_one()
        )

    def approvers(self, digests: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
        """Return who approved plans, as the ledger has it: entries whose hash fits, and no others.

        Args:
            digests: of the plans, by request.
        """
        found = self._connection.execute(
            sa.text(
                "select entry.request_id::text, array_agg(entry.actor) from lacuna_evidence.entry "
                "join unnest(cast(:ids as uuid[]), cast(:digests as text[])) as plan (id, digest) "
                "  on entry.request_id = plan.id and entry.digest = plan.digest "
                "join lacuna.approval on approval.request_id = entry.request_id "
                "  and approval.digest = entry.digest and approval.approved_by = entry.actor "
                "where entry.action = 'approved' and entry.phase = 'outcome' "
                "  and entry.location = 'lacuna.plan' and lacuna_evidence.is_sound(entry) "
                "  and not exists (select from lacuna_evidence.entry as revoked "
                "    where revoked.request_id = entry.request_id "
                "    and revoked.action = 'approval_revoked' "
                "    and revoked.position > entry.position) "
                "group by entry.request_id"
            ),
            {"ids": list(digests), "digests": list(digests.values())},
        )
        return {request_id: frozenset(actors) for request_id, actors in found}

    def is_standing(self, rule: str) -> bool:
        return (
            self._connection.execute(
                sa.text("select 1 from lacuna.standing_decision where rule = :rule"),
                {"rule": rule},
            ).scalar_one_or_none()
            is not None
        )

    def put_proof(self, proof: Proof, at: datetime) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.proof (datamap_digest, people, places, findings, proved_at) "
                "values (:digest, :people, :places, :findings, :at) "
                "on conflict (datamap_digest) do update set people = excluded.people, "
                "places = excluded.places, findings = excluded.findings, "
                "proved_at = excluded.proved_at"
            ),
            {
                "digest": proof.datamap_digest,
                "people": proof.sampled,
                "places": proof.tables + proof.stores,
                "findings": len(proof.findings) + len(proof.unread),
                "at": at,
            },
        )

    def is_proved(self, datamap_digest: str) -> bool:
        found = self._connection.execute(
            sa.text(
                "select 1 from lacuna.proof "
                "where datamap_digest = :digest and people > 0 and findings = 0"
            ),
            {"digest": datamap_digest},
        )
        return found.scalar_one_or_none() is not None

    def rule_limit(self, rule: str, digest: str) -> int | None:
        """What the ledger has no entry about, with the same number and by the same officer, is no approval."""
        value = self._connection.execute(
            sa.text(
                "select coalesce(max_rows, 9223372036854775807) from lacuna.rule_approval as given "
                "where rule = :rule and digest = :digest and exists ("
                "  select from lacuna_evidence.entry where entry.action = 'rule_approved' "
                "  and entry.phase = 'outcome' and entry.digest = given.digest "
                "  and entry.actor = given.approved_by and entry.rows is not distinct from max_rows "
                "  and entry.at = given.approved_at and lacuna_evidence.is_sound(entry))"
            ),
            {"rule": rule, "digest": digest},
        ).scalar_one_or_none()
        return None if value is None else int(value)

    def approve_rule(
        self, rule: str, digest: str, max_rows: int | None, actor: str, at: datetime
    ) -> None:
        """The last approval counts."""
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
        by_request = {table: {request_id: keys} for table, keys in rows.items()}
        self.put_rows_of_all([request_id], role, by_request)

    def put_rows_of_all(
        self,
        request_ids: Collection[str],
        role: str,
        rows: Mapping[TableName, Mapping[str, Collection[RowKey]]],
    ) -> None:
        self._connection.execute(
            sa.delete(WORKING_ROW).where(
                WORKING_ROW.c.request_id.in_(request_ids), WORKING_ROW.c.role == role
            )
        )
        for table, by_request in rows.items():
            put_working_rows(self._connection, role, table, by_request)

    def put_baselines(self, table: TableName, totals: Mapping[str, Mapping[str, str]]) -> None:
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
