"""Plans, approvals, and the rows that a plan names."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.model.approvable_rule import ApprovableRule
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

_PLANS_AT_ONCE: Final = 100


class Plans(Connected):
    """Plans, approvals, and the rows that a plan names."""

    def put_all(self, plans: Sequence[tuple[StoredPlan, int]]) -> None:
        """An attempt that was overtaken stores none.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        if not plans:
            return
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request as request set plan_digest = given.digest "
                "from unnest(cast(:ids as uuid[]), cast(:digests as text[]), "
                "  cast(:attempts as int[])) as given (id, digest, attempt) "
                "where request.request_id = given.id and request.attempt = given.attempt "
                "returning request.request_id::text"
            ),
            {
                "ids": [plan.request_id for plan, _ in plans],
                "digests": [plan.digest for plan, _ in plans],
                "attempts": [attempt for _, attempt in plans],
            },
        ).scalars()
        own = frozenset(changed)
        for plan, _ in plans:
            require_own(plan.request_id, int(plan.request_id in own))
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
            [vars(plan) for plan, _ in plans],
        )

    def get(self, request_id: str) -> StoredPlan | None:
        return next(self.each([request_id]), None)

    def each(self, request_ids: Sequence[str]) -> Iterator[StoredPlan]:
        """The steps and the text of each are compared with its digest.

        Raises:
            EvidenceBroken: steps or a text are not those that their digest is over.
        """
        for start in range(0, len(request_ids), _PLANS_AT_ONCE):
            rows = self._connection.execute(
                sa.text(
                    "select request_id::text, digest, datamap_digest, steps::text, readable, "
                    "planned_at, inventory_digest from lacuna.plan "
                    "where request_id = any(cast(:ids as uuid[]))"
                ),
                {"ids": request_ids[start : start + _PLANS_AT_ONCE]},
            )
            for plan in [StoredPlan(*row) for row in rows]:
                plan.require_bound()
                yield plan

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
        self, requests: Sequence[Request], rule: str, at: datetime, batch_id: str | None
    ) -> list[Request]:
        """The function of the database decides whether the rule applies.

        Raises:
            StatementRefused: the rule does not apply to one of the plans.
        """
        for request in requests:
            self._ahead.pop(request.request_id, None)
        self._connection.execute(
            sa.text(
                "select lacuna.approve_by_rule(id, digest, attempt, :rule, :at, "
                "cast(:batch as uuid)) from unnest(cast(:ids as uuid[]), "
                "cast(:digests as text[]), cast(:attempts as int[])) as given (id, digest, attempt)"
            ),
            {
                "ids": [one.request_id for one in requests],
                "digests": [one.plan_digest for one in requests],
                "attempts": [one.attempt for one in requests],
                "rule": rule,
                "at": at,
                "batch": batch_id,
            },
        )
        return [replace(one, state=RequestState.APPROVED) for one in requests]

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

    def revoked(self, requests: Collection[Request]) -> frozenset[str]:
        found = self._connection.execute(
            sa.text(
                "select given.id::text from unnest(cast(:ids as uuid[]), cast(:digests as text[])) "
                "as given (id, digest) where exists (select from lacuna_evidence.entry "
                "where request_id = given.id and action = 'approval_revoked' "
                "and digest = given.digest)"
            ),
            {
                "ids": [one.request_id for one in requests],
                "digests": [one.plan_digest for one in requests],
            },
        )
        return frozenset(found.scalars())

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
                "  and entry.at = given.approved_at and lacuna_evidence.is_sound(entry)) "
                # Of an entry that is there, none counts too little: a doubtful one takes back, too.
                "and not exists (select from lacuna_evidence.entry "
                "  where entry.action = 'rule_revoked' and entry.digest = given.digest "
                "  and entry.at >= given.approved_at)"
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

    def list_rules(self, rules: Iterable[tuple[str, str, str]], at: datetime) -> None:
        # Two who replace it at once would both insert a first row.
        self._connection.execute(
            sa.text("lock table lacuna.listed_rule in share row exclusive mode")
        )
        self._connection.execute(sa.text("delete from lacuna.listed_rule"))
        self._connection.execute(
            sa.text(
                "insert into lacuna.listed_rule (position, rule, meaning, digest, listed_at) "
                "select position, rule, meaning, digest, :at "
                "from unnest(cast(:rules as text[]), cast(:meanings as text[]), "
                "  cast(:digests as text[])) "
                "with ordinality as given (rule, meaning, digest, position)"
            ),
            {"at": at, **_columns_of(rules)},
        )

    def note_due(self, rule: str, digest: str, rows: int, at: datetime) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.rule_due (rule, digest, due_rows, counted_at) "
                "values (:rule, :digest, :rows, :at) on conflict (rule, digest) "
                "do update set due_rows = excluded.due_rows, counted_at = excluded.counted_at"
            ),
            {"rule": rule, "digest": digest, "rows": rows, "at": at},
        )

    def listed_rules(self) -> list[ApprovableRule]:
        rows = self._connection.execute(
            sa.text(
                "select rule, meaning, digest, given.max_rows, given.approved_by, "
                "given.approved_at, due_rows, counted_at, last.max_rows as limit_before "
                "from lacuna.listed_rule left join lacuna.rule_approval as given "
                "using (rule, digest) left join lacuna.rule_due using (rule, digest) "
                "left join lateral (select max_rows from lacuna.rule_approval as earlier "
                "  where earlier.rule = listed_rule.rule order by approved_at desc limit 1) "
                "as last on true order by position"
            )
        ).all()
        found = []
        for row in rows:
            rule = ApprovableRule(
                *(row.rule, row.meaning, row.digest),
                is_approved=self.rule_limit(row.rule, row.digest) is not None,
                due_rows=row.due_rows,
                counted_at=row.counted_at,
                limit_before=row.limit_before,
            )
            if rule.is_approved:
                rule = replace(
                    rule,
                    max_rows=row.max_rows,
                    approved_by=row.approved_by,
                    approved_at=row.approved_at,
                )
            found.append(rule)
        return found

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


def _columns_of(rules: Iterable[tuple[str, str, str]]) -> Mapping[str, list[str]]:
    rows = list(rules)
    return {
        name: [row[place] for row in rows]
        for place, name in enumerate(("rules", "meanings", "digests"))
    }
