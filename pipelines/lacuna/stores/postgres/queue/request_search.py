"""Which requests somebody names or asks for, by state, time or batch, and whose prefix a number has."""

import re
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.errors import ConfigurationError, EvidenceBroken, UnknownRequest
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request, RequestState
from lacuna.model.request_reference import RequestFilter, normal_reference
from lacuna.stores.postgres.queue.queue_part import Connected
from lacuna.stores.postgres.queue.request_rows import DUE_SOON, OVERDUE, REQUEST_COLUMNS, request_of

_TAKEN: Final = sa.text(
    "select exists (select from lacuna.request where org_id <> :org_id "
    "and number >= :prefix || '-' and number < :prefix || '.')"
)
_NUMBERED: Final = sa.text("select request_id::text from lacuna.request where number = :number")
_BEGINNING: Final = sa.text(
    "select request_id::text from lacuna.request "
    "where request_id between cast(:first as uuid) and cast(:last as uuid) limit 2"
)
_NUMBERS: Final = sa.text(
    "select request_id::text, number from lacuna.request "
    "where request_id = any(cast(:ids as uuid[]))"
)
_LISTED: Final = sa.text(
    " ".join(
        (
            "select",
            REQUEST_COLUMNS,
            ", obstacle from lacuna.request",
            "where (cast(:org_id as text) is null or org_id = :org_id)",
            "and (cast(:states as text[]) = '{}' or state = any(:states))",
            "and (cast(:kinds as text[]) = '{}' or kinds && :kinds)",
            "and (cast(:due_before as timestamptz) is null",
            "  or closed_at is null and coalesce(alarm_at, due_at) < :due_before)",
            f"and (cast(:now as timestamptz) is null or {OVERDUE})",
            "and (cast(:assigned_to as text) is null or exists (select from lacuna.assignment",
            "  join lacuna.officer on actor = assignment.officer and removed_at is null",
            "    and officer.org_id in ('*', assignment.org_id)",
            "  where assignment.about = request.request_id and name = :assigned_to))",
            "and not (:is_unassigned and exists (select from lacuna.assignment",
            "  where assignment.about = request.request_id",
            "    and lacuna.is_officer(assignment.officer, assignment.org_id)))",
            "order by received_at, request_id limit :limit",
        )
    )
)
_HOW: Final = "see lacuna request list"


def require_own_prefix(connection: sa.Connection, prefix: str, org_id: str) -> None:
    """Refuse a prefix that numbers of another tenant begin with.

    Raises:
        ConfigurationError: they do.
    """
    if connection.execute(_TAKEN, {"prefix": prefix, "org_id": org_id}).scalar_one():
        raise ConfigurationError(
            f"{org_id}: the number_prefix {prefix} is taken, because the numbers of another "
            "tenant's requests begin with it; write another one in the file of tenants "
            "(LACUNA_TENANTS)"
        )


class RequestSearch(Connected):
    """Requests as people look for them."""

    def id_of(self, named: str) -> str:
        reference = normal_reference(named)
        if reference is None:
            raise UnknownRequest(
                "name a request by its number, such as FJ-0142, or by its id or the first 8 "
                f"characters of it; {_HOW}"
            )
        if re.fullmatch(r"[0-9a-f]+", reference):
            ends = {"first": reference.ljust(32, "0"), "last": reference.ljust(32, "f")}
            found = self._connection.execute(_BEGINNING, ends).scalars().all()
        else:
            found = self._connection.execute(_NUMBERED, {"number": reference}).scalars().all()
        if len(found) > 1:
            raise UnknownRequest(
                f"{reference}: several requests have an id that begins so; write more of it, or "
                f"the request's number; {_HOW}"
            )
        for request_id in found:
            return str(request_id)
        shown = str(uuid.UUID(reference)) if len(reference) == 32 else reference
        raise UnknownRequest(f"{shown}: no such request; {_HOW}")

    def numbers(self, request_ids: Collection[str]) -> Mapping[str, str]:
        found = self._connection.execute(_NUMBERS, {"ids": list(request_ids)})
        return {str(request_id): str(number) for request_id, number in found}

    def listed(self, asked: RequestFilter) -> list[tuple[Request, Obstacle | None]]:
        rows = self._connection.execute(
            _LISTED,
            {
                "org_id": asked.org_id,
                "states": [str(state) for state in asked.states],
                "kinds": [str(kind) for kind in asked.kinds],
                "due_before": asked.due_before,
                "now": asked.overdue_at,
                "assigned_to": asked.assigned_to,
                "is_unassigned": asked.is_unassigned,
                "limit": asked.limit,
            },
        )
        return [(request_of(row), None if row[-1] is None else Obstacle(row[-1])) for row in rows]

    def in_states(self, states: Collection[RequestState] = ()) -> list[Request]:
        if not states:
            return self._requests("true", {})
        return self._requests(
            "state = any(:states)", {"states": sorted(str(state) for state in states)}
        )

    def open_of(self, org_id: str) -> list[Request]:
        return self._requests("org_id = :org_id and closed_at is null", {"org_id": org_id})

    def of_batch(self, batch_id: str) -> list[Request]:
        return self._requests("batch_id::text = :batch_id", {"batch_id": batch_id})

    def closed_before(self, moment: datetime) -> list[Request]:
        return self._requests("closed_at < :moment", {"moment": moment})

    def unstated_refusals(self) -> list[tuple[str, str]]:
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
        query = sa.text("select flow, run_id from lacuna.batch where batch_id = :id")
        found = self._connection.execute(query, {"id": batch_id}).one_or_none()
        if found is None:
            raise EvidenceBroken(
                f"the ledger names batch {batch_id}, but the queue does not contain it"
            )
        return found.flow, found.run_id

    def runs_since(self, moment: datetime | None) -> list[tuple[str, str, datetime]]:
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
        return self._requests("closed_at is not null and nonce is not null", {})

    def overdue(self, now: datetime) -> list[Request]:
        return self._requests(OVERDUE, {"now": now})

    def due_soon(self, now: datetime) -> list[Request]:
        return self._requests(DUE_SOON, {"now": now})

    def _requests(self, condition: str, parameters: Mapping[str, object]) -> list[Request]:
        # The condition is one of the constants above; every value is a parameter.
        query = sa.select(sa.text(REQUEST_COLUMNS)).select_from(sa.text("lacuna.request"))
        rows = self._connection.execute(
            query.where(sa.text(condition)).order_by(sa.text("received_at, request_id")),
            dict(parameters),
        )
        return [request_of(row) for row in rows]
