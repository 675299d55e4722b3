"""The queue in PostgreSQL: requests, their secrets, plans, approvals and working rows.

Every change of a request names the state and the attempt that it expects, so that a task
that was taken over changes nothing.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from pipelines.errors import EvidenceBroken, IllegalTransition, UnknownRequest
from pipelines.model.bundle import PastRequest
from pipelines.model.finding import Finding, Gate, Verification
from pipelines.model.hold import ItemHold
from pipelines.model.location import RowKey, TableName
from pipelines.model.queue import (
    Effect,
    EffectAction,
    EffectTotal,
    InboxRow,
    Obstacle,
    Purpose,
    SealedBundle,
    StoredPlan,
)
from pipelines.model.request import Level, Pause, Request, RequestKind, RequestState, advance
from pipelines.model.scrub import Reach
from pipelines.stores.queue_tables import WORKING_ROW
from pipelines.stores.working_rows import put_working_rows

REQUEST_COLUMNS: Final = (
    "request_id::text, org_id, kinds, level, state, is_forced, received_at, due_at, "
    "verified_by, plan_digest, attempt, alarm_at, extended_at, paused_at, pause, paused_days"
)
"""What `request_of` reads."""


class PostgresQueue:
    """The queue as one transaction sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection

    # Requests ----------------------------------------------------------------------------

    def insert(self, request: Request, *, created_at: datetime, nonce: str) -> None:
        """Add a request in state RECEIVED."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.request (request_id, org_id, kinds, level, is_forced, "
                "verified_by, received_at, due_at, alarm_at, created_at, nonce) values "
                "(:request_id, :org_id, :kinds, :level, :is_forced, :verified_by, "
                ":received_at, :due_at, :alarm_at, :created_at, :nonce)"
            ),
            {
                "request_id": request.request_id,
                "org_id": request.org_id,
                "kinds": [str(kind) for kind in request.kinds],
                "level": str(request.level),
                "is_forced": request.is_forced,
                "verified_by": request.verified_by,
                "received_at": request.received_at,
                "due_at": request.due_at,
                "alarm_at": request.alarm_at,
                "created_at": created_at,
                "nonce": nonce,
            },
        )

    def get(self, request_id: str) -> Request:
        """Return a request.

        Raises:
            UnknownRequest: there is none with this id.
        """
        for request in self._requests("request_id::text = :id", {"id": request_id}):
            return request
        raise UnknownRequest(f"{request_id}: no such request; see lacuna request list")

    def requests(self, states: Collection[RequestState] = ()) -> list[Request]:
        """Return requests in order of receipt; in the given states only, if any are given."""
        if not states:
            return self._requests("true", {})
        return self._requests(
            "state = any(:states)", {"states": sorted(str(state) for state in states)}
        )

    def open_of(self, org_id: str) -> list[Request]:
        """Return a tenant's requests that are not closed."""
        return self._requests("org_id = :org_id and closed_at is null", {"org_id": org_id})

    def of_batch(self, batch_id: str) -> list[Request]:
        """Return the requests that a batch has claimed, in order of receipt."""
        return self._requests("batch_id::text = :batch_id", {"batch_id": batch_id})

    def closed_before(self, moment: datetime) -> list[Request]:
        """Return requests that were closed before a moment."""
        return self._requests("closed_at < :moment", {"moment": moment})

    def unstated_refusals(self) -> list[tuple[str, str]]:
        """Return refused requests, with their ground, that the ledger says nothing more about."""
        found = self._connection.execute(
            sa.text(
                "select r.request_id::text, r.ground from lacuna.request r "
                "where r.state = 'refused' and not exists ("
                "  select from lacuna_evidence.entry e "
                "  where e.request_id = r.request_id and e.action = 'completed'"
                ") order by r.closed_at, r.request_id"
            )
        )
        return [(request_id, ground) for request_id, ground in found]

    def run_of(self, batch_id: str) -> tuple[str, str]:
        """Return the flow and the run id of a batch."""
        found = self._connection.execute(
            sa.text("select flow, run_id from lacuna.batch where batch_id = :batch_id"),
            {"batch_id": batch_id},
        ).one_or_none()
        if found is None:
            raise EvidenceBroken(f"the ledger names batch {batch_id}, which the queue has not")
        return found.flow, found.run_id

    def runs_since(self, moment: datetime | None) -> list[tuple[str, str, datetime]]:
        """Return flow, run id and start of the runs since a moment, or of all, in order."""
        found = self._connection.execute(
            sa.text(
                "select flow, run_id, min(started_at) as started_at from lacuna.batch "
                "where started_at >= coalesce(:moment, started_at) "
                "group by flow, run_id order by 3, 2"
            ),
            {"moment": moment},
        )
        return [(row.flow, row.run_id, row.started_at) for row in found]

    def unforgotten(self) -> list[Request]:
        """Return closed requests of which `forget` has not deleted anything yet."""
        return self._requests("closed_at is not null and nonce is not null", {})

    def overdue(self, now: datetime) -> list[Request]:
        """Return open requests whose deadline has passed and whose clock runs."""
        return self._requests(
            "closed_at is null and paused_at is null and coalesce(alarm_at, due_at) < :now",
            {"now": now},
        )

    def set_clock(self, request: Request) -> None:
        """Store the clock of a request as this value has it.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request set due_at = :due_at, alarm_at = :alarm_at, "
                "extended_at = :extended_at, paused_at = :paused_at, pause = :pause, "
                "paused_days = :paused_days where request_id = :id and attempt = :attempt"
            ),
            {
                "due_at": request.due_at,
                "alarm_at": request.alarm_at,
                "extended_at": request.extended_at,
                "paused_at": request.paused_at,
                "pause": None if request.pause is None else str(request.pause),
                "paused_days": request.paused_days,
                "id": request.request_id,
                "attempt": request.attempt,
            },
        ).rowcount
        self._require_own(request.request_id, changed)

    def open_batch(self, batch_id: str, flow: str, run_id: str, at: datetime) -> None:
        """Record a batch; a second call with the same id changes nothing."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.batch (batch_id, flow, run_id, started_at) "
                "values (:batch_id, :flow, :run_id, :at) on conflict do nothing"
            ),
            {"batch_id": batch_id, "flow": flow, "run_id": run_id, "at": at},
        )

    def claim(
        self,
        batch_id: str,
        states: Collection[RequestState],
        limit: int,
        only: Collection[str] | None = None,
    ) -> list[Request]:
        """Take open requests for a batch, oldest first, and raise their attempt.

        Requests that another transaction is claiming at this moment are left to it.
        """
        self._connection.execute(
            sa.text(
                # Materialized: as a plain subquery it may run again for each row, past its limit.
                "with taken as materialized (select request_id from lacuna.request "
                "  where closed_at is null and state = any(:states) "
                "  and batch_id is distinct from :batch_id "
                "  and (cast(:only as text[]) is null or request_id::text = any(:only)) "
                "  order by received_at, request_id limit :limit for update skip locked) "
                "update lacuna.request set batch_id = :batch_id, attempt = attempt + 1 "
                "where request_id in (select request_id from taken)"
            ),
            {
                "batch_id": batch_id,
                "states": sorted(str(state) for state in states),
                "limit": limit,
                "only": None if only is None else sorted(only),
            },
        )
        return self.of_batch(batch_id)

    def move(
        self, request: Request, to: RequestState, *, at: datetime, ground: str | None = None
    ) -> Request:
        """Move a request to another state, clear its obstacle, and return it anew.

        Raises:
            IllegalTransition: the move is not allowed, or another attempt has taken over.
        """
        advance(request.request_id, request.state, to)
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request set state = :to, obstacle = null, "
                "ground = coalesce(:ground, ground), "
                "closed_at = case when :is_final then cast(:at as timestamptz) end "
                "where request_id = :id and state = :state and attempt = :attempt"
            ),
            {
                "to": str(to),
                "ground": ground,
                "is_final": to.is_final,
                "at": at,
                "id": request.request_id,
                "state": str(request.state),
                "attempt": request.attempt,
            },
        ).rowcount
        self._require_own(request.request_id, changed)
        return self.get(request.request_id)

    def narrow(self, request: Request, kinds: Sequence[RequestKind]) -> None:
        """Leave a request these rights alone; a correction that is none of them is forgotten.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request set kinds = :kinds "
                "where request_id = :id and attempt = :attempt and state = :state"
            ),
            {
                "kinds": [str(kind) for kind in kinds],
                "id": request.request_id,
                "attempt": request.attempt,
                "state": str(request.state),
            },
        ).rowcount
        self._require_own(request.request_id, changed)
        if RequestKind.RECTIFICATION not in kinds:
            self._connection.execute(
                sa.text(
                    "delete from lacuna.request_secret "
                    "where request_id = :id and purpose = 'rectification'"
                ),
                {"id": request.request_id},
            )

    def obstruct(self, request: Request, obstacle: Obstacle) -> None:
        """Record why a request waits or what failed; its state stays."""
        self._connection.execute(
            sa.text(
                "update lacuna.request set obstacle = :obstacle "
                "where request_id = :id and attempt = :attempt"
            ),
            {
                "obstacle": str(obstacle),
                "id": request.request_id,
                "attempt": request.attempt,
            },
        )

    def obstacle(self, request_id: str) -> Obstacle | None:
        """Return why a request waits, or None."""
        value = self._connection.execute(
            sa.text("select obstacle from lacuna.request where request_id = :id"),
            {"id": request_id},
        ).scalar_one_or_none()
        return None if value is None else Obstacle(value)

    def verify_identity(self, request: Request, how: str) -> None:
        """Record how the requester's identity was verified.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request set verified_by = :how "
                "where request_id = :id and attempt = :attempt"
            ),
            {"how": how, "id": request.request_id, "attempt": request.attempt},
        ).rowcount
        self._require_own(request.request_id, changed)

    def hold_until(self, request_id: str, until: datetime) -> None:
        """Record when a hold lapses."""
        self._connection.execute(
            sa.text("update lacuna.request set held_until = :until where request_id = :id"),
            {"until": until, "id": request_id},
        )

    def hold_item(self, request: Request, hold: ItemHold, at: datetime, actor: str) -> None:
        """Record a hold on one table of a request, in place of an earlier one on it."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.item_hold (request_id, org_id, held_table, ground, held_until, "
                "held_at, held_by) values (:id, :org_id, :table, :ground, :until, :at, :actor) "
                "on conflict (request_id, held_table) do update set ground = excluded.ground, "
                "held_until = excluded.held_until, held_at = excluded.held_at, "
                "held_by = excluded.held_by"
            ),
            {
                "id": request.request_id,
                "org_id": request.org_id,
                "table": str(hold.table),
                "ground": hold.ground,
                "until": hold.until,
                "at": at,
                "actor": actor,
            },
        )

    def item_holds(self, request_id: str) -> tuple[ItemHold, ...]:
        """Return the holds on single tables of a request, lapsed ones too."""
        rows = self._connection.execute(
            sa.text(
                "select held_table, ground, held_until from lacuna.item_hold "
                "where request_id = :id order by held_table"
            ),
            {"id": request_id},
        )
        return tuple(
            ItemHold(TableName.parse(table), ground, until) for table, ground, until in rows
        )

    def lapsed_holds(self, now: datetime) -> list[Request]:
        """Return held requests whose hold has lapsed."""
        return self._requests("state = 'held' and held_until <= :now", {"now": now})

    def nonce(self, request_id: str) -> str:
        """Return the salt of a request's plan."""
        return str(
            self._connection.execute(
                sa.text("select nonce::text from lacuna.request where request_id = :id"),
                {"id": request_id},
            ).scalar_one()
        )

    def bundle_key(self, request_id: str) -> str | None:
        """Return the age recipient that a bundle is encrypted for, or None."""
        value = self._connection.execute(
            sa.text("select bundle_key from lacuna.request where request_id = :id"),
            {"id": request_id},
        ).scalar_one_or_none()
        return None if value is None else str(value)

    def set_bundle_key(self, request_id: str, key: str) -> None:
        """Record the age recipient of a request's bundle."""
        self._connection.execute(
            sa.text("update lacuna.request set bundle_key = :key where request_id = :id"),
            {"key": key, "id": request_id},
        )

    def forget(self, request_id: str) -> int:
        """Delete what a closed request needed: secrets, working rows, nonce; return rows."""
        rows = 0
        for statement in (
            "delete from lacuna.request_secret where request_id = :id",
            "delete from lacuna.working_row where request_id = :id",
            "delete from lacuna.portion where request_id = :id",
            "delete from lacuna.baseline where request_id = :id",
            "update lacuna.mail set facts = null, content = null "
            "where request_id = :id and (facts is not null or content is not null)",
        ):
            rows += self._connection.execute(sa.text(statement), {"id": request_id}).rowcount
        self._connection.execute(
            sa.text(
                "update lacuna.request set nonce = null, rows_transaction = null "
                "where request_id = :id"
            ),
            {"id": request_id},
        )
        return rows

    # Secrets -----------------------------------------------------------------------------

    def put_secret(self, request_id: str, purpose: Purpose, content: bytes) -> None:
        """Store an encrypted working copy, in place of an older one."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.request_secret (request_id, purpose, content) "
                "values (:id, :purpose, :content) on conflict (request_id, purpose) "
                "do update set content = excluded.content"
            ),
            {"id": request_id, "purpose": str(purpose), "content": content},
        )

    def secret(self, request_id: str, purpose: Purpose) -> bytes | None:
        """Return an encrypted working copy, or None."""
        value = self._connection.execute(
            sa.text(
                "select content from lacuna.request_secret "
                "where request_id = :id and purpose = :purpose"
            ),
            {"id": request_id, "purpose": str(purpose)},
        ).scalar_one_or_none()
        return None if value is None else bytes(value)

    # Plans and approvals -----------------------------------------------------------------

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
        self._require_own(plan.request_id, changed)
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
        self._connection.execute(
            sa.text(
                "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
                "values (:id, :digest, :actor, :at) on conflict do nothing"
            ),
            {"id": request_id, "digest": digest, "actor": actor, "at": at},
        )

    def is_approved(self, request_id: str, digest: str) -> bool:
        """Whether this very plan was approved."""
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

    # Working rows, baseline, effects -----------------------------------------------------

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
        self._connection.execute(
            sa.text(
                "insert into lacuna.baseline (request_id, table_name, measure, total) "
                "values (:id, :table, :measure, cast(:total as numeric)) "
                "on conflict (request_id, table_name, measure) do nothing"
            ),
            [
                {"id": request_id, "table": str(table), "measure": measure, "total": total}
                for measure, total in totals.items()
            ],
        )

    def record_transaction(self, request_ids: Sequence[str], transaction_id: str) -> None:
        """Record which transaction changed the platform's rows for these requests."""
        self._connection.execute(
            sa.text(
                "update lacuna.request set rows_transaction = cast(:xid as xid8) "
                "where request_id::text = any(:ids)"
            ),
            {"xid": transaction_id, "ids": list(request_ids)},
        )

    def with_unseen_siblings(self, request_ids: Collection[str]) -> frozenset[str]:
        """Return the requests of whose transaction another one was never verified."""
        return frozenset(
            self._connection.execute(
                sa.text(
                    "with unseen as materialized (select request_id, rows_transaction "
                    "  from lacuna.request where state = 'applied' and rows_transaction is not null "
                    "  and not exists (select from lacuna.verification as seen "
                    "    where seen.request_id = request.request_id)) "
                    "select distinct mine.request_id::text from lacuna.request as mine "
                    "join unseen using (rows_transaction) "
                    "where mine.request_id = any(cast(:ids as uuid[]))"
                ),
                {"ids": list(request_ids)},
            ).scalars()
        )

    def put_effects(
        self, request_id: str, effects: Collection[tuple[EffectAction, str, str, str]]
    ) -> None:
        """Add effects (action, store, pattern, path) to the outbox."""
        self._put_effects(request_id, None, effects)

    def pending_effects(self, request_id: str) -> list[Effect]:
        """Return a request's effects that are still to be carried out, in order."""
        return self._effects("request_id = :owner", request_id, None)

    def with_effects(self, request_ids: Collection[str]) -> list[str]:
        """Return those of applied requests that have effects, or rows to be changed in portions."""
        return list(
            self._connection.execute(
                sa.text(
                    "select request_id::text from lacuna.request "
                    "where request_id = any(cast(:ids as uuid[])) and state = 'applied' and ("
                    "  exists (select from lacuna.outbox where outbox.request_id = request.request_id) "
                    "  or exists (select from lacuna.portion where portion.request_id = "
                    "    request.request_id and transaction is null)) "
                    "order by received_at, request_id"
                ),
                {"ids": list(request_ids)},
            ).scalars()
        )

    def put_rule_effects(
        self, rule: str, effects: Collection[tuple[EffectAction, str, str, str]]
    ) -> None:
        """Add effects (action, store, pattern, path) of a sweep rule to the outbox."""
        self._put_effects(None, rule, effects)

    def pending_rule_effects(self, rule: str, limit: int) -> list[Effect]:
        """Return up to `limit` effects of a sweep rule that are still to be carried out."""
        return self._effects("rule = :owner", rule, limit)

    def _put_effects(
        self,
        request_id: str | None,
        rule: str | None,
        effects: Collection[tuple[EffectAction, str, str, str]],
    ) -> None:
        if effects:
            self._connection.execute(
                sa.text(
                    "insert into lacuna.outbox (request_id, rule, action, store, pattern, path) "
                    "values (:id, :rule, :action, :store, :pattern, :path)"
                ),
                [
                    {
                        "id": request_id,
                        "rule": rule,
                        "action": str(action),
                        "store": store,
                        "pattern": pattern,
                        "path": path,
                    }
                    for action, store, pattern, path in effects
                ],
            )

    def _effects(self, condition: str, owner: str, limit: int | None) -> list[Effect]:
        # The condition is one of the constants above; every value is a parameter.
        query = (
            sa.select(sa.text("outbox_id, request_id::text, action, store, pattern, path"))
            .select_from(sa.text("lacuna.outbox"))
            .where(sa.text(condition), sa.text("state = 'pending'"))
            .order_by(sa.text("outbox_id"))
            .limit(limit)
        )
        return [
            Effect(outbox_id, request_id, EffectAction(action), store, pattern, path)
            for outbox_id, request_id, action, store, pattern, path in self._connection.execute(
                query, {"owner": owner}
            )
        ]

    def finish_effect(self, effect: Effect, *, was_there: bool, at: datetime) -> None:
        """Record an effect as carried out, or as found already done, and wipe its path."""
        self._connection.execute(
            sa.text(
                "update lacuna.outbox set state = :state, path = null, done_at = :at "
                "where outbox_id = :id and state = 'pending'"
            ),
            {"state": "done" if was_there else "absent", "at": at, "id": effect.outbox_id},
        )

    def finished_effects(self, request_id: str) -> list[EffectTotal]:
        """Return a request's finished effects, counted by action, store and pattern."""
        rows = self._connection.execute(
            sa.text(
                "select action, store, pattern, count(*) filter (where state = 'done'), "
                "count(*) filter (where state = 'absent') from lacuna.outbox "
                "where request_id = :id and state <> 'pending' "
                "group by action, store, pattern order by action, store, pattern"
            ),
            {"id": request_id},
        )
        return [EffectTotal(EffectAction(row[0]), *row[1:]) for row in rows]

    # Verification, bundles, restrictions -------------------------------------------------

    def put_verification(self, request: Request, result: Verification, at: datetime) -> None:
        """Record what the gates said: counts and locations only."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.verification "
                "(request_id, attempt, verified_at, passed, result) values "
                "(:id, :attempt, :at, :passed, cast(:result as jsonb))"
            ),
            {
                "id": request.request_id,
                "attempt": request.attempt,
                "at": at,
                "passed": result.passed,
                "result": json.dumps(
                    {
                        "gates": [str(gate) for gate in result.gates],
                        "findings": [
                            {
                                "gate": str(finding.gate),
                                "location": finding.location,
                                "count": finding.count,
                            }
                            for finding in result.findings
                        ],
                        "opaque": list(result.opaque),
                        "searched": result.searched,
                        "reaches": [asdict(reach) for reach in result.reaches],
                    },
                    sort_keys=True,
                ),
            },
        )

    def verification(self, request_id: str) -> Verification | None:
        """Return what the gates said last, or None."""
        document = self._connection.execute(
            sa.text(
                "select result from lacuna.verification where request_id = :id "
                # Not by time alone: a clock may have been put back.
                "order by attempt desc, verified_at desc limit 1"
            ),
            {"id": request_id},
        ).scalar_one_or_none()
        if document is None:
            return None
        return Verification(
            request_id=request_id,
            gates=tuple(Gate(gate) for gate in document["gates"]),
            findings=tuple(
                Finding(Gate(one["gate"]), one["location"], one["count"])
                for one in document["findings"]
            ),
            opaque=tuple(document["opaque"]),
            searched=document["searched"],
            reaches=tuple(Reach(**one) for one in document.get("reaches", ())),
        )

    def put_bundle(self, bundle: SealedBundle) -> None:
        """Record a sealed bundle, in place of an older one of the same request."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.bundle (request_id, org_id, digest, octets, sealed_at, "
                "expires_at, passphrase) values (:request_id, :org_id, :digest, :octets, "
                ":sealed_at, :expires_at, :passphrase) on conflict (request_id) do update set "
                "digest = excluded.digest, octets = excluded.octets, "
                "sealed_at = excluded.sealed_at, expires_at = excluded.expires_at, "
                "passphrase = excluded.passphrase, released_at = null, deleted_at = null"
            ),
            {
                "request_id": bundle.request_id,
                "org_id": bundle.org_id,
                "digest": bundle.digest,
                "octets": bundle.octets,
                "sealed_at": bundle.sealed_at,
                "expires_at": bundle.expires_at,
                "passphrase": bundle.passphrase,
            },
        )

    def bundle(self, request_id: str) -> SealedBundle | None:
        """Return a request's bundle that has not been deleted, or None."""
        found = self._bundles("request_id = :id", {"id": request_id})
        return found[0] if found else None

    def expired_bundles(self, now: datetime) -> list[SealedBundle]:
        """Return bundles past their expiry that are still there."""
        return self._bundles("expires_at <= :now", {"now": now})

    def release_bundle(self, request_id: str, at: datetime) -> None:
        """Record that a bundle was handed over, and wipe its passphrase."""
        self._connection.execute(
            sa.text(
                "update lacuna.bundle set released_at = :at, passphrase = null "
                "where request_id = :id"
            ),
            {"at": at, "id": request_id},
        )

    def delete_bundle(self, request_id: str, at: datetime) -> None:
        """Record that a bundle's file is gone."""
        self._connection.execute(
            sa.text(
                "update lacuna.bundle set deleted_at = :at, passphrase = null "
                "where request_id = :id"
            ),
            {"at": at, "id": request_id},
        )

    def restrict(
        self, request: Request, keys: Collection[str], kind: RequestKind, at: datetime
    ) -> int:
        """Mark people so that sweeps and reporting leave them out; return new marks."""
        if not keys:
            return 0
        return sum(
            self._connection.execute(
                sa.text(
                    "insert into lacuna.restriction (org_id, contact_id, kind, request_id, since) "
                    "values (:org_id, :key, :kind, :request_id, :at) on conflict do nothing"
                ),
                {
                    "org_id": request.org_id,
                    "key": key,
                    "kind": str(kind),
                    "request_id": request.request_id,
                    "at": at,
                },
            ).rowcount
            for key in sorted(keys)
        )

    def unrestrict(self, request_id: str) -> int:
        """Delete the marks of a request that ends without being fulfilled; return marks."""
        return self._connection.execute(
            sa.text("delete from lacuna.restriction where request_id = :id"), {"id": request_id}
        ).rowcount

    def belongs_to(self, request: Request, keys: Collection[str]) -> None:
        """Record whose request it is, so that the person can be told of it later."""
        self._connection.execute(
            sa.text("delete from lacuna.request_subject where request_id = :id"),
            {"id": request.request_id},
        )
        for key in sorted(keys):
            self._connection.execute(
                sa.text(
                    "insert into lacuna.request_subject (request_id, org_id, contact_id) "
                    "values (:request_id, :org_id, :key)"
                ),
                {"request_id": request.request_id, "org_id": request.org_id, "key": key},
            )

    def requests_about(self, org_id: str, keys: Collection[str]) -> list[PastRequest]:
        """Return the requests of a person, oldest first."""
        rows = self._connection.execute(
            sa.text(
                "select request_id, kinds, received_at, state, closed_at, ground "
                "from lacuna.request where request_id in (select request_id "
                "from lacuna.request_subject where org_id = :org_id and contact_id = any(:keys)) "
                "order by received_at, request_id"
            ),
            {"org_id": org_id, "keys": list(keys)},
        )
        return [
            PastRequest(
                request_id=str(row.request_id),
                kinds=tuple(RequestKind(kind) for kind in row.kinds),
                received_at=row.received_at,
                state=RequestState(row.state),
                closed_at=row.closed_at,
                ground=row.ground,
            )
            for row in rows
        ]

    def forget_requests(self, org_id: str, keys: Collection[str]) -> int:
        """Delete whose requests were those of people who were erased; return how many."""
        return self._connection.execute(
            sa.text(
                "delete from lacuna.request_subject "
                "where org_id = :org_id and contact_id = any(:keys)"
            ),
            {"org_id": org_id, "keys": list(keys)},
        ).rowcount

    def lift_restrictions(self, org_id: str, keys: Collection[str]) -> int:
        """Delete the marks of people who were erased; return marks."""
        return self._connection.execute(
            sa.text(
                "delete from lacuna.restriction where org_id = :org_id and contact_id = any(:keys)"
            ),
            {"org_id": org_id, "keys": list(keys)},
        ).rowcount

    # Inbox -------------------------------------------------------------------------------

    def new_inbox_rows(self, limit: int) -> list[InboxRow]:
        """Return rows that other systems inserted, locked, oldest first."""
        rows = self._connection.execute(
            sa.text(
                "select inbox_id, org_id, kinds, emails, phones, external_ids, contact_id, "
                "conversation_id, message_id, rectifications, is_forced, verified_by, "
                "received_at, instructed_by from lacuna.request_inbox where status = 'new' "
                "order by inbox_id limit :limit for update skip locked"
            ),
            {"limit": limit},
        )
        return [
            InboxRow(
                inbox_id=row.inbox_id,
                org_id=row.org_id,
                kinds=tuple(row.kinds),
                identifiers=(
                    *(("email", value) for value in row.emails),
                    *(("phone", value) for value in row.phones),
                    *(("external_id", value) for value in row.external_ids),
                    *(
                        (kind, value)
                        for kind, value in (
                            ("contact_id", row.contact_id),
                            ("conversation_id", row.conversation_id),
                            ("message_id", row.message_id),
                        )
                        if value is not None
                    ),
                ),
                rectifications=_texts_by_name(row.rectifications),
                is_forced=row.is_forced,
                verified_by=row.verified_by,
                received_at=row.received_at,
                instructed_by=row.instructed_by,
            )
            for row in rows
        ]

    def answer_inbox(
        self, inbox_id: int, status: str, *, request_id: str | None, reason: str | None
    ) -> None:
        """Answer an inbox row and wipe the identifiers from it."""
        self._connection.execute(
            sa.text(
                "update lacuna.request_inbox set status = :status, request_id = :request_id, "
                "reason = :reason, emails = '{}', phones = '{}', external_ids = '{}', "
                "contact_id = null, conversation_id = null, message_id = null, "
                "rectifications = '{}', verified_by = null, instructed_by = null, "
                # A rejected row may hold anything there.
                "kinds = case when :status = 'rejected' then '{}' else kinds end "
                "where inbox_id = :id"
            ),
            {"status": status, "request_id": request_id, "reason": reason, "id": inbox_id},
        )

    # Marks -------------------------------------------------------------------------------

    def mark(self, name: str) -> str | None:
        """Return a fact that Lacuna wrote about this database, or None."""
        value = self._connection.execute(
            sa.text("select value from lacuna.mark where name = :name"), {"name": name}
        ).scalar_one_or_none()
        return None if value is None else str(value)

    @staticmethod
    def _require_own(request_id: str, changed: int) -> None:
        if changed != 1:
            raise IllegalTransition(
                f"{request_id}: another run has taken it over; nothing was changed here"
            )

    def _requests(self, condition: str, parameters: Mapping[str, object]) -> list[Request]:
        # The condition is one of the constants above; every value is a parameter.
        query = sa.select(sa.text(REQUEST_COLUMNS)).select_from(sa.text("lacuna.request"))
        rows = self._connection.execute(
            query.where(sa.text(condition)).order_by(sa.text("received_at, request_id")),
            dict(parameters),
        )
        return [request_of(row) for row in rows]

    def _bundles(self, condition: str, parameters: Mapping[str, object]) -> list[SealedBundle]:
        query = (
            sa.select(
                sa.text(
                    "request_id::text, org_id, digest, octets, sealed_at, expires_at, "
                    "released_at, passphrase"
                )
            )
            .select_from(sa.text("lacuna.bundle"))
            .where(sa.text("deleted_at is null"), sa.text(condition))
            .order_by(sa.text("expires_at"))
        )
        return [
            SealedBundle(
                request_id=row[0],
                org_id=row[1],
                digest=row[2],
                octets=row[3],
                sealed_at=row[4],
                expires_at=row[5],
                released_at=row[6],
                passphrase=None if row[7] is None else bytes(row[7]),
            )
            for row in self._connection.execute(query, dict(parameters))
        ]


def request_of(row: Sequence[Any]) -> Request:
    """Return the request of a row that begins with `REQUEST_COLUMNS`."""
    return Request(
        request_id=row[0],
        org_id=row[1],
        kinds=tuple(RequestKind(kind) for kind in row[2]),
        level=Level(row[3]),
        state=RequestState(row[4]),
        is_forced=row[5],
        received_at=row[6],
        due_at=row[7],
        verified_by=row[8],
        plan_digest=row[9],
        attempt=row[10],
        alarm_at=row[11],
        extended_at=row[12],
        paused_at=row[13],
        pause=None if row[14] is None else Pause(row[14]),
        paused_days=row[15],
    )


def _texts_by_name(document: object) -> Mapping[str, str] | None:
    """Return a JSON object of texts as it is; None for any other document."""
    if not isinstance(document, dict):
        return None
    if not all(isinstance(text, str) for text in document.values()):
        return None
    return document
