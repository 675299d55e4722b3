"""The register of requests in PostgreSQL, for the page of the data protection officer.

Everything is read under the officer's role and one tenant: row-level security leaves the rest out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from lacuna.errors import UnknownRequest
from lacuna.model.queue import FAILURES, Obstacle
from lacuna.model.register import (
    Approval,
    Assigned,
    Filed,
    Gates,
    History,
    Order,
    Seal,
    Selection,
    Shelf,
    Standing,
    Task,
    TaskKind,
    TaskOrder,
    TaskSelection,
)
from lacuna.model.request import SOON
from lacuna.stores.postgres.queue import (
    DUE_SOON,
    OVERDUE,
    REQUEST_COLUMNS,
    request_of,
    verification_of,
)
from lacuna.stores.postgres.request_history import history_since

_LONGEST_WAIT: Final = timedelta(days=14)
"""After it, somebody looks whether the requester said meanwhile which data they mean."""
_FAILURES: Final = ", ".join(f"'{each}'" for each in sorted(FAILURES))
_SHELVES: Final[Mapping[Shelf, str]] = MappingProxyType(
    {
        Shelf.OPEN: "closed_at is null",
        Shelf.APPROVAL: "state = 'planned'",
        Shelf.DUE_SOON: DUE_SOON,
        Shelf.OVERDUE: OVERDUE,
        Shelf.FAILED: f"closed_at is null and obstacle in ({_FAILURES})",
        Shelf.AMBIGUOUS: "state = 'ambiguous'",
        Shelf.CLOSED: "closed_at is not null",
        Shelf.ALL: "true",
    }
)
_ORDERS: Final[Mapping[Order, str]] = MappingProxyType(
    {
        Order.DUE: "coalesce(alarm_at, due_at), request_id",
        Order.RECEIVED: "received_at desc, request_id",
        Order.STATE: "state, coalesce(alarm_at, due_at), request_id",
    }
)
_OF_BUNDLE: Final = (
    "exists (select from lacuna.bundle where bundle.request_id = request.request_id) as has_bundle, "
    "(select released_at from lacuna.bundle where bundle.request_id = request.request_id) "
    "as handed_over_at, "
    "(select least(deleted_at, expires_at) from lacuna.bundle "
    "where bundle.request_id = request.request_id) as bundle_until"
)
_FILED: Final = (
    f"{REQUEST_COLUMNS}, obstacle, ground, closed_at, held_until, {_OF_BUNDLE}, batch_id::text"
)
_ASSIGNED: Final = (
    # An array is read once; a join would ask who is an officer for pairs of rows.
    "array(select about from lacuna.assignment where lacuna.is_officer(officer, org_id){})"
)
_MAIL_DAY: Final = "(due_at at time zone 'UTC')::date"
_TODAY: Final = "(cast(:now as timestamptz) at time zone 'UTC')::date"
# Each request is one task at most, and may have a bundle to be handed over besides: it counts once.
_TASKS: Final = (
    sa.text(
        "select kind, task.about, due_at, received_at, rights, is_overdue, is_soon, assignment.officer from ("  # noqa: S608
        "  select case "
        "    when state = 'planned' and (obstacle is null "
        "      or obstacle in ('not_approved', 'plan_changed')) and not exists ("
        "      select from lacuna.approval where approval.request_id = request.request_id "
        "      and digest = plan_digest and approved_by = :officer) then 'approval' "
        "    when obstacle = any(:failures) then 'failure' "
        "    when obstacle = 'decided_before' then 'decided_before' "
        "    when state = 'identity_pending' or obstacle = 'identity' then 'identity' "
        "    when state = 'ambiguous' or obstacle = 'ambiguous' then 'ambiguous' "
        "    when obstacle = 'controller' and not exists (select from lacuna.instruction "
        "      where instruction.request_id = request.request_id) then 'instruction' "
        "    when pause = 'clarification' and paused_at < :waited then 'clarification' "
        "    when state = 'held' and held_until < :soon then 'hold_ends' "
        f"    when {OVERDUE} then 'overdue' "
        f"    when {DUE_SOON} then 'due_soon' end as kind, "
        "  request_id as about, case when state = 'held' and held_until < :soon then held_until "
        "    else coalesce(alarm_at, due_at) end as due_at, received_at, kinds as rights, "
        f"  {OVERDUE} as is_overdue, {DUE_SOON} as is_soon "
        "  from lacuna.request where closed_at is null "
        "  union all select 'mail', mail_id, due_at, received_at, rights, "
        f"    {_MAIL_DAY} < {_TODAY}, "
        f"    {_MAIL_DAY} >= {_TODAY} and {_MAIL_DAY} < {_TODAY} + {SOON.days} from lacuna.mail "
        "    where outcome = 'waiting' "
        "  union all select 'bundle', request_id, case when released_at is null "
        "      then least(expires_at, coalesce(alarm_at, due_at)) else expires_at end, "
        f"      received_at, kinds, closed_at is not null and {OVERDUE}, "
        f"      closed_at is not null and {DUE_SOON} "
        "    from lacuna.bundle join lacuna.request using (request_id) "
        "    where (released_at is null or exists (select from lacuna.delivery as link "
        "      where link.request_id = bundle.request_id and (link.locked_at is not null "
        "        or link.expires_at <= :now and link.downloaded_at is null))) "
        "    and deleted_at is null and expires_at > :now"
        ") as task left join lacuna.assignment on assignment.about = task.about "
        "  and lacuna.is_officer(assignment.officer, assignment.org_id) "
        "where kind is not null"
    )
    .columns(
        *map(
            sa.column,
            (
                *("kind", "about", "due_at", "received_at", "rights"),
                *("is_overdue", "is_soon", "officer"),
            ),
        )
    )
    .subquery("task")
)
_TASK_ORDERS: Final[Mapping[TaskOrder, sa.ColumnElement[Any]]] = MappingProxyType(
    {
        TaskOrder.DUE: _TASKS.c.due_at.asc(),
        TaskOrder.OLDEST: _TASKS.c.received_at.asc(),
        TaskOrder.NEWEST: _TASKS.c.received_at.desc(),
    }
)


class PostgresRegister:
    """The register as one transaction of the officer's role sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role and the tenant of its transaction."""
        self._connection = connection

    def standing(self, now: datetime) -> Standing:
        counts = [
            sa.text(f"count(*) filter (where {condition}) as {shelf}")
            for shelf, condition in _SHELVES.items()
        ]
        row = self._connection.execute(
            sa.select(*counts).select_from(sa.text("lacuna.request")), _moments(now)
        ).one()
        return Standing(dict(zip(_SHELVES, row, strict=True)))

    def listed(
        self, selected: Selection, order: Order, now: datetime, window: tuple[int, int]
    ) -> list[Filed]:
        query = (
            _selected(selected, sa.text(_FILED))
            .order_by(sa.text(_ORDERS[order]))
            .offset(window[0])
            .limit(window[1])
        )
        return self._filed(query, _of_selection(selected, now))

    def count(self, selected: Selection, now: datetime) -> int:
        query = _selected(selected, sa.func.count())
        return int(self._connection.execute(query, _of_selection(selected, now)).scalar_one())

    def tasks(self, selected: TaskSelection, now: datetime, window: tuple[int, int]) -> list[Task]:
        task = _TASKS.c
        query = (
            _of_tasks(selected, task.kind, task.about, task.due_at, task.officer)
            .where(_of_kind(selected.kind))
            .order_by(_TASK_ORDERS[selected.order], task.about, task.kind)
            .offset(window[0])
            .limit(window[1])
        )
        rows = self._connection.execute(query, _task_values(selected, now))
        return [Task(TaskKind(row.kind), str(row.about), row.due_at, row.officer) for row in rows]

    def task_counts(self, selected: TaskSelection, now: datetime) -> Mapping[TaskKind, int]:
        counts = [sa.func.count().filter(_of_kind(kind)).label(str(kind)) for kind in TaskKind]
        query = _of_tasks(selected, *counts)
        found = self._connection.execute(query, _task_values(selected, now)).one()
        return dict(zip(TaskKind, map(int, found), strict=True))

    def task_count(self, selected: TaskSelection, now: datetime) -> int:
        query = _of_tasks(selected, sa.func.count()).where(_of_kind(selected.kind))
        return int(self._connection.execute(query, _task_values(selected, now)).scalar_one())

    def filed_all(self, request_ids: Collection[str]) -> Mapping[str, Filed]:
        query = (
            sa.select(sa.text(_FILED))
            .select_from(sa.text("lacuna.request"))
            .where(sa.text("request_id = any(cast(:ids as uuid[]))"))
        )
        found = self._filed(query, {"ids": list(request_ids)})
        return {one.request.request_id: one for one in found}

    def filed(self, request_id: str) -> Filed:
        query = (
            sa.select(sa.text(_FILED))
            .select_from(sa.text("lacuna.request"))
            .where(sa.text("request_id = cast(:id as uuid)"))
        )
        for found in self._filed(query, {"id": request_id}):
            return found
        raise UnknownRequest(f"{request_id}: this tenant has no such request")

    def approvals(self, request_id: str) -> list[Approval]:
        rows = self._connection.execute(
            sa.text(
                "select digest, approved_by, approved_at from lacuna.approval "
                "where request_id = cast(:id as uuid) order by approved_at"
            ),
            {"id": request_id},
        )
        return [Approval(*row) for row in rows]

    def gates(self, request_id: str) -> list[Gates]:
        rows = self._connection.execute(
            sa.text(
                "select verified_at, passed, result from lacuna.verification "
                "where request_id = cast(:id as uuid) order by verified_at desc"
            ),
            {"id": request_id},
        )
        return [
            Gates(row.verified_at, row.passed, verification_of(request_id, row.result))
            for row in rows
        ]

    def seal(self) -> Seal | None:
        row = self._connection.execute(
            sa.text("select size, at from lacuna_evidence.checkpoint order by size desc limit 1")
        ).one_or_none()
        return None if row is None else Seal(row.size, row.at)

    def history(self, since: datetime, now: datetime) -> History:
        return history_since(since, now, self._connection)

    def run_of(self, batch_id: str) -> tuple[str, str] | None:
        row = self._connection.execute(
            sa.text("select flow, run_id from lacuna.batch where batch_id = cast(:id as uuid)"),
            {"id": batch_id},
        ).one_or_none()
        return None if row is None else (row.flow, row.run_id)

    def bundle_expiry(self, request_id: str) -> tuple[datetime, bool] | None:
        row = self._connection.execute(
            sa.text(
                "select expires_at, deleted_at is not null from lacuna.bundle "
                "where request_id = cast(:id as uuid)"
            ),
            {"id": request_id},
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    def _filed(self, query: sa.Select[Any], values: Mapping[str, object]) -> list[Filed]:
        rows: Sequence[Any] = self._connection.execute(query, dict(values)).all()
        passed = self._passed([row[0] for row in rows])
        return [
            Filed(
                request=request_of(row),
                obstacle=None if row.obstacle is None else Obstacle(row.obstacle),
                ground=row.ground,
                closed_at=row.closed_at,
                batch_id=row[-1],
                held_until=row.held_until,
                has_bundle=row.has_bundle,
                handed_over_at=row.handed_over_at,
                bundle_until=row.bundle_until,
                passed=passed.get(row[0]),
            )
            for row in rows
        ]

    def _passed(self, request_ids: list[str]) -> dict[str, bool]:
        rows = self._connection.execute(
            sa.text(
                "select distinct on (request_id) request_id::text, passed from lacuna.verification "
                "where request_id = any(cast(:ids as uuid[])) order by request_id, verified_at desc"
            ),
            {"ids": request_ids},
        )
        return {str(request_id): bool(passed) for request_id, passed in rows}


def _selected(selected: Selection, *columns: Any) -> sa.Select[Any]:
    query = sa.select(*columns).select_from(sa.text("lacuna.request"))
    query = query.where(sa.text(_SHELVES[selected.shelf]))
    if selected.right is not None:
        query = query.where(sa.text(":right = any(kinds)"))
    if selected.state is not None:
        query = query.where(sa.text("state = :state"))
    if selected.assigned_to is not None:
        query = query.where(
            sa.text(f"request_id = any({_ASSIGNED.format(' and officer = :assigned_to')})")
        )
    if selected.is_unassigned:
        query = query.where(sa.text(f"request_id <> all({_ASSIGNED.format('')})"))
    if selected.due_before is not None:
        query = query.where(
            sa.text(
                "closed_at is null and coalesce(alarm_at, due_at) "
                "< cast(:due_before as date)::timestamp at time zone 'UTC'"
            )
        )
    return query


def _of_selection(selected: Selection, now: datetime) -> dict[str, object]:
    found: dict[str, object] = {}
    if ":" in _SHELVES[selected.shelf]:
        found |= _moments(now)
    for name in ("right", "state", "due_before", "assigned_to"):
        value = getattr(selected, name)
        if value is not None:
            found[name] = str(value)
    return found


def _moments(now: datetime) -> dict[str, datetime]:
    return {"now": now}


def _of_tasks(selected: TaskSelection, *columns: Any) -> sa.Select[Any]:
    query = sa.select(*columns).select_from(_TASKS)
    if selected.right is not None:
        query = query.where(sa.text(":right = any(rights)"))
    if selected.assigned is Assigned.MINE:
        query = query.where(_TASKS.c.officer == selected.officer)
    elif selected.assigned is Assigned.NOBODY:
        query = query.where(_TASKS.c.officer.is_(None))
    return query


def _of_kind(kind: TaskKind | None) -> sa.ColumnElement[bool]:
    """Return the condition of the tasks of a kind; what is overdue or due soon is so by its day alone."""
    match kind:
        case None:
            return sa.true()
        case TaskKind.OVERDUE:
            return sa.cast(_TASKS.c.is_overdue, sa.Boolean)
        case TaskKind.DUE_SOON:
            return sa.cast(_TASKS.c.is_soon, sa.Boolean)
        case _:
            return _TASKS.c.kind == str(kind)


def _task_values(selected: TaskSelection, now: datetime) -> dict[str, object]:
    found: dict[str, object] = {
        **_moments(now),
        "soon": now + SOON,
        "waited": now - _LONGEST_WAIT,
        "officer": selected.officer,
        "failures": sorted(map(str, FAILURES)),
    }
    return found if selected.right is None else {**found, "right": str(selected.right)}
