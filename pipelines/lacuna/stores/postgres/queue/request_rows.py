"""A request as a row of the queue, and what is asked of one."""

from collections.abc import Sequence
from typing import Any, Final

from lacuna.errors import IllegalTransition
from lacuna.model.identity import IdentityBasis
from lacuna.model.request import SOON, Level, Pause, Request, RequestKind, RequestState

REQUEST_COLUMNS: Final = (
    "request_id::text, org_id, kinds, level, state, is_forced, received_at, due_at, "
    "is_verified, plan_digest, attempt, alarm_at, extended_at, paused_at, pause, paused_days, "
    "person_kind, identity_basis, number"
)
"""What `request_of` reads."""
_DAY: Final = "(coalesce(alarm_at, due_at) at time zone 'UTC')::date"
_TODAY: Final = "(cast(:now as timestamptz) at time zone 'UTC')::date"
_RUNS: Final = (
    "(closed_at is null or exists (select from lacuna.bundle "
    "where bundle.request_id = request.request_id and released_at is null "
    "and deleted_at is null and expires_at > cast(:now as timestamptz)))"
)
OVERDUE: Final = (
    f"({_RUNS} and {_DAY} < coalesce((case when closed_at is null then paused_at end "
    f"at time zone 'UTC')::date, {_TODAY}))"
)
"""Its last day is over, as `Filed.is_overdue` has it: also that of a closed one until its bundle is handed over."""
DUE_SOON: Final = (
    f"({_RUNS} and (closed_at is not null or paused_at is null) "
    f"and {_DAY} >= {_TODAY} and {_DAY} < {_TODAY} + {SOON.days})"
)
"""It is not overdue, and its last day is within a week."""


def require_own(request_id: str, changed: int) -> None:
    """Refuse a change that did not meet the attempt that it expects."""
    if changed != 1:
        raise IllegalTransition(f"{request_id}: another run took it over; nothing changed here")


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
        is_verified=row[8],
        plan_digest=row[9],
        attempt=row[10],
        alarm_at=row[11],
        extended_at=row[12],
        paused_at=row[13],
        pause=None if row[14] is None else Pause(row[14]),
        paused_days=row[15],
        person_kind=row[16],
        identity_basis=None if row[17] is None else IdentityBasis(row[17]),
        number=row[18],
    )
