"""Requests: their states, clocks, holds and batches."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.errors import UnknownRequest
from lacuna.model.approval_rules import BY_REAPPEARANCE
from lacuna.model.hold import ItemHold
from lacuna.model.identity import IdentityBasis
from lacuna.model.location import TableName
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request, RequestKind, RequestState, advance
from lacuna.stores.postgres.queue.queue_part import Ahead
from lacuna.stores.postgres.queue.request_rows import REQUEST_COLUMNS, request_of, require_own
from lacuna.stores.postgres.queue.request_search import RequestSearch, require_own_prefix

_MOVE: Final = sa.text(
    " ".join(
        (
            "update lacuna.request set state = :to, obstacle = null,",
            "ground = coalesce(:ground, ground),",
            "closed_at = case when :is_final then cast(:at as timestamptz) end",
            "where request_id = :id and state = :state and attempt = :attempt returning",
            REQUEST_COLUMNS,
        )
    )
)
_MOVE_ALL: Final = sa.text(
    " ".join(
        (
            "update lacuna.request set state = :to, obstacle = null,",
            "closed_at = case when :is_final then cast(:at as timestamptz) end",
            "from unnest(cast(:ids as uuid[]), cast(:states as text[]), cast(:attempts as int[]))",
            "  as given (id, from_state, from_attempt)",
            "where request_id = given.id and state = given.from_state",
            "and attempt = given.from_attempt returning",
            REQUEST_COLUMNS,
        )
    )
)


class Requests(RequestSearch):
    """Requests: their states, clocks, holds and batches."""

    def __init__(
        self,
        connection: sa.Connection,
        ahead: dict[str, Ahead],
        prefix_of: Callable[[str], str | None],
    ) -> None:
        """Work through `connection`; `prefix_of` returns what a tenant's numbers should begin with."""
        super().__init__(connection, ahead)
        self._prefix_of = prefix_of

    def insert(
        self, request: Request, *, created_at: datetime, nonce: str, split_of: str | None = None
    ) -> Request:
        # A part has the prefix that its tenant's newest request has.
        prefix = None if split_of else self._prefix_of(request.org_id)
        if prefix is not None:
            require_own_prefix(self._connection, prefix, request.org_id)
        number = self._connection.execute(
            sa.text(
                "insert into lacuna.request (request_id, org_id, kinds, level, is_forced, "
                "is_verified, received_at, due_at, alarm_at, created_at, nonce, person_kind, "
                "identity_basis, split_of, number) values "
                "(:request_id, :org_id, :kinds, :level, :is_forced, :is_verified, "
                ":received_at, :due_at, :alarm_at, :created_at, :nonce, :person_kind, "
                ":identity_basis, :split_of, :prefix) returning number"
            ),
            {
                "request_id": request.request_id,
                "org_id": request.org_id,
                "kinds": [str(kind) for kind in request.kinds],
                "level": str(request.level),
                "is_forced": request.is_forced,
                "is_verified": request.is_verified,
                "received_at": request.received_at,
                "due_at": request.due_at,
                "alarm_at": request.alarm_at,
                "created_at": created_at,
                "nonce": nonce,
                "person_kind": request.person_kind,
                "identity_basis": request.identity_basis and str(request.identity_basis),
                "split_of": split_of,
                "prefix": prefix,
            },
        ).scalar_one()
        return replace(request, number=number)

    def lock(self, request_id: str) -> None:
        self._connection.execute(
            sa.text("select from lacuna.request where request_id = cast(:id as uuid) for update"),
            {"id": request_id},
        )

    def get(self, request_id: str) -> Request:
        for request in self._requests("request_id::text = :id", {"id": request_id}):
            return request
        raise UnknownRequest(f"{request_id}: no such request; see lacuna request list")

    def force(self, request_id: str) -> None:
        self._connection.execute(
            sa.text("update lacuna.request set is_forced = true where request_id = :id"),
            {"id": request_id},
        )

    def set_clock(self, request: Request) -> None:
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
        require_own(request.request_id, changed)

    def open_batch(self, batch_id: str, flow: str, run_id: str, at: datetime) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.batch (batch_id, flow, run_id, started_at) "
                "values (:batch_id, :flow, :run_id, :at) on conflict do nothing"
            ),
            {"batch_id": batch_id, "flow": flow, "run_id": run_id, "at": at},
        )

    def divide_batch(self, batch_id: str, chunks: int) -> int:
        return int(
            self._connection.execute(
                sa.text(
                    "update lacuna.batch set chunks = coalesce(chunks, :chunks) "
                    "where batch_id = :batch_id returning chunks"
                ),
                {"batch_id": batch_id, "chunks": chunks},
            ).scalar_one_or_none()
            or 0
        )

    def chunks_of(self, batch_id: str) -> int:
        return int(
            self._connection.execute(
                sa.text("select chunks from lacuna.batch where batch_id = :batch_id"),
                {"batch_id": batch_id},
            ).scalar_one_or_none()
            or 0
        )

    def claim(
        self,
        batch_id: str,
        states: Collection[RequestState],
        limit: int,
        only: Collection[str] | None = None,
        *,
        but: Collection[str] = (),
    ) -> list[Request]:
        self._connection.execute(
            sa.text(
                # Materialized: as a plain subquery it may run again for each row, past its limit.
                "with taken as materialized (select request_id from lacuna.request "
                "  where closed_at is null and state = any(:states) "
                "  and batch_id is distinct from :batch_id "
                "  and (cast(:only as text[]) is null or request_id::text = any(:only)) "
                "  and not request_id::text = any(cast(:but as text[])) "
                "  order by received_at, request_id limit :limit for update skip locked) "
                "update lacuna.request set batch_id = :batch_id, attempt = attempt + 1 "
                "where request_id in (select request_id from taken)"
            ),
            {
                "batch_id": batch_id,
                "states": sorted(str(state) for state in states),
                "limit": limit,
                "only": None if only is None else sorted(only),
                "but": sorted(but),
            },
        )
        return self.of_batch(batch_id)

    def planned_by_another_map(self, datamap_digest: str) -> list[str]:
        return [
            str(request_id)
            for request_id in self._connection.execute(
                sa.text(
                    "select request_id from lacuna.request join lacuna.plan using (request_id) "
                    "where closed_at is null and state = 'planned' and datamap_digest <> :digest"
                ),
                {"digest": datamap_digest},
            ).scalars()
        ]

    def move(
        self, request: Request, to: RequestState, *, at: datetime, ground: str | None = None
    ) -> Request:
        advance(request.reference, request.state, to)
        moved = self._connection.execute(
            _MOVE,
            {
                "to": str(to),
                "ground": ground,
                "is_final": to.is_final,
                "at": at,
                "id": request.request_id,
                "state": str(request.state),
                "attempt": request.attempt,
            },
        ).one_or_none()
        require_own(request.request_id, int(moved is not None))
        return request_of(tuple(moved or ()))

    def move_all(
        self, requests: Sequence[Request], to: RequestState, *, at: datetime
    ) -> list[Request]:
        if not requests:
            return []
        for request in requests:
            advance(request.reference, request.state, to)
        moved = self._connection.execute(
            _MOVE_ALL,
            {
                "to": str(to),
                "is_final": to.is_final,
                "at": at,
                "ids": [one.request_id for one in requests],
                "states": [str(one.state) for one in requests],
                "attempts": [one.attempt for one in requests],
            },
        )
        by_id = {one.request_id: one for one in map(request_of, moved)}
        for request in requests:
            require_own(request.request_id, int(request.request_id in by_id))
        return [by_id[request.request_id] for request in requests]

    def narrow(self, request: Request, kinds: Sequence[RequestKind]) -> None:
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
        require_own(request.request_id, changed)
        self._ahead.pop(request.request_id, None)
        if RequestKind.RECTIFICATION not in kinds:
            self._connection.execute(
                sa.text(
                    "delete from lacuna.request_secret "
                    "where request_id = :id and purpose = 'rectification'"
                ),
                {"id": request.request_id},
            )

    def name_withdrawal(self, request_id: str, mail_id: str) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.request set withdrawn_by = cast(:mail_id as uuid) "
                "where request_id = :id"
            ),
            {"mail_id": mail_id, "id": request_id},
        )

    def obstruct(self, request: Request, obstacle: Obstacle) -> None:
        self.obstruct_all([request], obstacle)

    def obstruct_all(self, requests: Collection[Request], obstacle: Obstacle) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.request as request set obstacle = :obstacle "
                "from unnest(cast(:ids as uuid[]), cast(:attempts as int[])) "
                "  as given (id, from_attempt) "
                "where request_id = given.id and attempt = given.from_attempt"
            ),
            {
                "obstacle": str(obstacle),
                "ids": [one.request_id for one in requests],
                "attempts": [one.attempt for one in requests],
            },
        )

    def obstacle(self, request_id: str) -> Obstacle | None:
        query = sa.text("select obstacle from lacuna.request where request_id = :id")
        value = self._connection.execute(query, {"id": request_id}).scalar_one_or_none()
        return None if value is None else Obstacle(value)

    def verify_identity(self, request: Request, basis: IdentityBasis) -> None:
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request set is_verified = true, "
                "identity_basis = coalesce(identity_basis, :basis) "
                "where request_id = :id and attempt = :attempt"
            ),
            {
                "basis": str(basis),
                "id": request.request_id,
                "attempt": request.attempt,
            },
        ).rowcount
        require_own(request.request_id, changed)

    def doubt_identity(self, request: Request) -> None:
        """An attempt that was overtaken takes nothing back.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        changed = self._connection.execute(
            sa.text(
                "update lacuna.request set is_verified = false "
                "where request_id = :id and attempt = :attempt"
            ),
            {"id": request.request_id, "attempt": request.attempt},
        ).rowcount
        require_own(request.request_id, changed)

    def hold_until(self, request_id: str, until: datetime) -> None:
        self._connection.execute(
            sa.text("update lacuna.request set held_until = :until where request_id = :id"),
            {"until": until, "id": request_id},
        )

    def hold_item(self, request: Request, hold: ItemHold, at: datetime, actor: str) -> None:
        self._ahead.pop(request.request_id, None)
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

    def hold_again(self, request: Request, hold: ItemHold, at: datetime) -> None:
        self._ahead.pop(request.request_id, None)
        # No conflict is named: the executor reads and changes no hold.
        self._connection.execute(
            sa.text(
                "insert into lacuna.item_hold (request_id, org_id, held_table, ground, held_until, "
                "held_at, held_by) values (:id, :org_id, :table, :ground, :until, :at, :actor)"
            ),
            {
                "id": request.request_id,
                "org_id": request.org_id,
                "table": str(hold.table),
                "ground": hold.ground,
                "until": hold.until,
                "at": at,
                "actor": BY_REAPPEARANCE,
            },
        )

    def item_holds(self, request_id: str) -> tuple[ItemHold, ...]:
        if request_id in self._ahead:
            return self._ahead[request_id].holds
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
        return self._requests("state = 'held' and held_until <= :now", {"now": now})

    def nonce(self, request_id: str) -> str:
        if request_id in self._ahead:
            return str(self._ahead[request_id].nonce)
        return str(
            self._connection.execute(
                sa.text("select nonce::text from lacuna.request where request_id = :id"),
                {"id": request_id},
            ).scalar_one()
        )

    def record_transaction(self, request_ids: Sequence[str], transaction_id: str) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.request set rows_transaction = cast(:xid as xid8) "
                "where request_id::text = any(:ids)"
            ),
            {"xid": transaction_id, "ids": list(request_ids)},
        )

    def with_unseen_siblings(self, request_ids: Collection[str]) -> frozenset[str]:
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

    def erased_since(self, org_id: str, person_kind: str, at: datetime) -> Mapping[str, int]:
        found = self._connection.execute(
            sa.text(_ERASED_SINCE), {"org_id": org_id, "kind": person_kind, "at": at}
        )
        return {str(location): int(people) for location, people in found}


# Those that are verified too.
_ERASED_SINCE: Final = """
select location, count(distinct request_id)
from lacuna_evidence.entry join lacuna.request as erased using (request_id)
where org_id = :org_id and person_kind = :kind and level = 'contact' and 'erasure' = any(kinds)
    and (state = 'verified' or state = 'completed' and closed_at >= :at)
    and phase = 'outcome' and action = 'anonymize_rows'
    and coalesce(entry.rows, 0) + coalesce(entry.already, 0) > 0
group by location
"""
