"""Moves the clock of a request: extension, suspension and its end. Each is recorded and shown."""

from dataclasses import replace
from datetime import UTC, datetime

from lacuna.errors import RequestError
from lacuna.model.evidence import Action
from lacuna.model.request import Pause, Request, RequestKind, is_past
from lacuna.ports import Desk
from lacuna.request.deadline import due

_EXTENDED_MONTHS = 3


def extend(request: Request, desk: Desk, *, country: str | None = None) -> Request:
    """Extend a request by two further months, counted from receipt like the first one.

    The requester has to be told within the first month (Art. 12(3)), so it is refused later.

    Raises:
        RequestError: the request is closed or extended already, or the first month is over.
    """
    return _moved(extended(request, desk.now, country=country), Action.EXTENDED, desk)


def extended(request: Request, now: datetime, *, country: str | None = None) -> Request:
    """Return a request as an extension leaves it; nothing changes.

    Raises:
        RequestError: the request is closed or extended already, or the first month is over.
    """
    if request.state.is_final:
        raise RequestError(f"{request.reference} is {request.state}; it cannot be extended")
    if request.extended_at is not None:
        raise RequestError(
            f"{request.reference}: it is already extended; this is possible only once"
        )
    if is_past(request.act_by, now):
        raise RequestError(
            f"{request.reference}: the first month is over; the requester had to be informed "
            "within it"
        )
    times = due(
        request.received_at,
        months=_EXTENDED_MONTHS,
        paused_days=request.paused_days,
        country=country,
    )
    return replace(request, extended_at=now, due_at=times.due_at, alarm_at=times.alarm_at)


def record_deadline(request: Request, desk: Desk) -> None:
    """Record the day that a request was due, beside the decision that ends its clock."""
    day = request.due_at.astimezone(UTC).date()
    desk.record(Action.DEADLINE, f"lacuna.request {day}", request_id=request.request_id)


def pause(request: Request, why: Pause, desk: Desk) -> Request:
    """Pause the clock; one that is paused stays as it is.

    Raises:
        RequestError: only an access requester may be asked to specify (recital 63).
    """
    if request.paused_at is not None or request.state.is_final:
        return request
    if why is Pause.CLARIFICATION and RequestKind.ACCESS not in request.kinds:
        raise RequestError(
            f"{request.reference}: only a request for access can be paused for clarification"
        )
    return _moved(replace(request, paused_at=desk.now, pause=why), Action.PAUSED, desk)


def resume(
    request: Request, desk: Desk, *, country: str | None = None, at: datetime | None = None
) -> Request:
    """Let the clock run again; whole days of the pause are added.

    Args:
        country: of the controller, whose holidays move the due date.
        at: when the pause ended; None: now.
    """
    if request.paused_at is None:
        return request
    return _moved(resumed(request, at or desk.now, country=country), Action.RESUMED, desk)


def resumed(request: Request, at: datetime, *, country: str | None = None) -> Request:
    """Return a paused request as the end of its pause leaves it; nothing changes.

    A day of the pause is 24 hours, whatever midnights lie in it: the last part of one adds nothing.
    """
    if request.paused_at is None:
        return request
    days = request.paused_days + max(0, (at - request.paused_at).days)
    months = 1 if request.extended_at is None else _EXTENDED_MONTHS
    times = due(request.received_at, months=months, paused_days=days, country=country)
    return replace(
        request,
        paused_at=None,
        pause=None,
        paused_days=days,
        due_at=times.due_at,
        alarm_at=times.alarm_at,
    )


def _moved(request: Request, action: Action, desk: Desk) -> Request:
    desk.queue.requests.set_clock(request)
    desk.record(action, "lacuna.request", request_id=request.request_id)
    return request
