"""A request of a data subject: its kinds, its level, its states and the moves between them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lacuna.errors import IllegalTransition
from lacuna.model.identity import IdentityBasis


class RequestKind(StrEnum):
    """A right that a request exercises (Art. 15 to 21), in the order of fulfilment."""

    RESTRICTION = "restriction"
    OBJECTION = "objection"
    RECTIFICATION = "rectification"
    ACCESS = "access"
    PORTABILITY = "portability"
    ERASURE = "erasure"

    @property
    def article(self) -> int:
        """The article of the Regulation that gives the right."""
        return _ARTICLES[self]


_ARTICLES: Final = MappingProxyType(
    {
        RequestKind.RESTRICTION: 18,
        RequestKind.OBJECTION: 21,
        RequestKind.RECTIFICATION: 16,
        RequestKind.ACCESS: 15,
        RequestKind.PORTABILITY: 20,
        RequestKind.ERASURE: 17,
    }
)


class Level(StrEnum):
    """How far an erasure reaches: contact ⇒ conversations ⇒ messages."""

    CONTACT = "contact"
    CONVERSATION = "conversation"
    MESSAGE = "message"


CONTACT: Final = "contact"
"""The kind of person that a request is about where it names no other; the data map has the rest."""


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IDENTITY_PENDING = "identity_pending"
    AMBIGUOUS = "ambiguous"
    RESOLVED = "resolved"
    PLANNED = "planned"
    APPROVED = "approved"
    APPLIED = "applied"
    VERIFIED = "verified"
    COMPLETED = "completed"
    NOTHING_FOUND = "nothing_found"
    HELD = "held"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_final(self) -> bool:
        """Whether no further state can follow."""
        return not NEXT[self]


_S = RequestState
_WAYS_OUT: Final = frozenset({_S.HELD, _S.REFUSED, _S.WITHDRAWN})

NEXT: Final = MappingProxyType(
    {
        _S.RECEIVED: _WAYS_OUT | {_S.IDENTITY_PENDING, _S.AMBIGUOUS, _S.RESOLVED},
        _S.IDENTITY_PENDING: _WAYS_OUT | {_S.RESOLVED},
        _S.AMBIGUOUS: _WAYS_OUT | {_S.RESOLVED},
        _S.RESOLVED: _WAYS_OUT | {_S.PLANNED, _S.NOTHING_FOUND},
        _S.PLANNED: _WAYS_OUT | {_S.APPROVED},
        # A plan that no longer fits goes back and loses its approval.
        _S.APPROVED: _WAYS_OUT | {_S.PLANNED, _S.APPLIED},
        # From here on data has changed, so the only way out is forward.
        _S.APPLIED: frozenset({_S.VERIFIED}),
        _S.VERIFIED: frozenset({_S.COMPLETED}),
        _S.HELD: frozenset({_S.RESOLVED, _S.REFUSED, _S.WITHDRAWN}),
        _S.COMPLETED: frozenset(),
        _S.NOTHING_FOUND: frozenset(),
        _S.REFUSED: frozenset(),
        _S.WITHDRAWN: frozenset(),
    }
)
"""The one table of transitions; `sql/schema/` has the same in `lacuna.transition`, with a trigger."""


def advance(request_id: str, state: RequestState, to: RequestState) -> RequestState:
    """Return `to` if a request may go there from `state`.

    Raises:
        IllegalTransition: the table of transitions does not have this move.
    """
    if to not in NEXT[state]:
        allowed = ", ".join(sorted(NEXT[state])) or "none, because the state is final"
        raise IllegalTransition(f"{request_id}: cannot go from {state} to {to}; allowed: {allowed}")
    return to


class Pause(StrEnum):
    """Why the clock of a request is paused."""

    IDENTITY = "identity"  # reasonable doubt, until it is dispelled (Art. 12(6))
    CLARIFICATION = "clarification"  # an access requester was asked to specify (recital 63)


SOON: Final = timedelta(days=7)
"""What is due within it is due soon."""


def is_past(deadline: datetime, now: datetime) -> bool:
    """Whether the day of a deadline is over, in UTC: a period ends with its last day.

    Source: Regulation 1182/71, Art. 3(2).

    >>> at = datetime(2027, 1, 1, 9, tzinfo=UTC)
    >>> is_past(at, at.replace(hour=23)), is_past(at, at.replace(day=2, hour=0))
    (False, True)
    """
    return deadline.astimezone(UTC).date() < now.astimezone(UTC).date()


@dataclass(frozen=True)
class Request:
    """A request as the queue holds it: no identifier of the person is in it.

    Attributes:
        request_id: random UUID.
        org_id: the tenant it was made to.
        kinds: the rights exercised together, in the order of fulfilment.
        level: how far an erasure reaches.
        is_forced: whether open conversations do not block an erasure.
        received_at: when it reached the controller; the deadline counts from here.
        due_at: one month later, or as extended or paused (Art. 12(3)), on a working day.
        is_verified: whether identity was verified; how it was is kept encrypted.
        plan_digest: SHA-256 hex of the newest plan; None before the first.
        attempt: fencing token: an update must name the attempt that it belongs to.
        alarm_at: when alarms begin, on whatever day that is; None: with `due_at`.
        extended_at: when the requester was told of the extension; None: it was not extended.
        paused_at: since when the clock is paused; None: it runs.
        pause: why.
        paused_days: days for which it was paused before.
        person_kind: what the person is to the platform: a contact, or another kind of its map.
        identity_basis: what identity rests on; None: not verified, or before this was kept.
        number: its short name for people, such as FJ-0142; empty until it is stored.
    """

    request_id: str
    org_id: str
    kinds: tuple[RequestKind, ...]
    state: RequestState
    level: Level
    is_forced: bool
    received_at: datetime
    due_at: datetime
    is_verified: bool
    plan_digest: str | None
    attempt: int
    alarm_at: datetime | None = None
    extended_at: datetime | None = None
    paused_at: datetime | None = None
    pause: Pause | None = None
    paused_days: int = 0
    person_kind: str = CONTACT
    identity_basis: IdentityBasis | None = None
    number: str = ""

    @property
    def act_by(self) -> datetime:
        """The deadline that counts: no weekend or holiday moves it."""
        return self.alarm_at or self.due_at

    @property
    def is_paused_in_time(self) -> bool:
        """Whether its clock is paused since its last day or before; one paused later stays overdue."""
        return self.paused_at is not None and not is_past(self.act_by, self.paused_at)

    def is_overdue(self, now: datetime) -> bool:
        """Whether the last day of an open request is over: that of its clock, if it is paused."""
        return is_past(self.act_by, self.paused_at or now)

    @property
    def reference(self) -> str:
        """How people name it: by its number; by its id before it is stored."""
        return self.number or self.request_id
