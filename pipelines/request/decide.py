"""Decisions of people on a request: approve, refuse, hold, withdraw, verify identity."""

import re
from datetime import datetime
from typing import Final

from pipelines.errors import PlanChanged, RequestError
from pipelines.model.evidence import Action
from pipelines.model.request import Pause, Request, RequestState
from pipelines.ports import Desk
from pipelines.request.accept import RECORDED, keep_identity_evidence
from pipelines.request.clock import record_deadline, resume

# An article with its paragraphs, e.g. 17(3)(b) or 12(5).
_GROUND: Final = re.compile(r"[0-9]{1,3}[a-z]?(\([0-9a-z]{1,3}\)){0,4}")


def approve(request: Request, digest: str, desk: Desk) -> Request:
    """Approve the plan with this very digest; return the request in its new state.

    Approving the same plan again changes nothing.

    Raises:
        PlanChanged: the newest plan has another digest; both are named.
        RequestError: there is no plan to approve.
    """
    plan = desk.queue.plan(request.request_id)
    if plan is None:
        raise RequestError(
            f"{request.request_id}: no plan to approve; run lacuna plan {request.request_id}"
        )
    if plan.digest != digest:
        raise PlanChanged(
            f"{request.request_id}: the plan is {plan.digest}, the approval names {digest}; "
            "read the plan again, then approve its digest"
        )
    if request.state is RequestState.APPROVED and desk.queue.is_approved(
        request.request_id, digest
    ):
        return request
    moved = desk.queue.move(request, RequestState.APPROVED, at=desk.now)
    desk.queue.approve(request.request_id, digest, desk.actor, desk.now)
    desk.record(Action.APPROVED, "lacuna.plan", request_id=request.request_id, digest=digest)
    return moved


def refuse(request: Request, ground: str, desk: Desk) -> Request:
    """Refuse a request on the ground of an article, e.g. `17(3)(b)`.

    Raises:
        RequestError: the ground is no article.
        IllegalTransition: data has been changed already.
    """
    _check_ground(request, ground)
    moved = desk.queue.move(request, RequestState.REFUSED, at=desk.now, ground=ground)
    desk.queue.unrestrict(request.request_id)
    record_deadline(request, desk)
    desk.record(Action.REFUSED, "lacuna.request", request_id=request.request_id)
    forget(request, desk)
    return moved


def hold(
    request: Request,
    ground: str,
    until: datetime,
    desk: Desk,
) -> Request:
    """Hold a request until a date; it is planned anew when the hold lapses.

    Raises:
        RequestError: the ground is no article, or the date has passed.
    """
    _check_ground(request, ground)
    if until <= desk.now:
        raise RequestError(f"{request.request_id}: the hold ends in the past; give a later date")
    moved = desk.queue.move(request, RequestState.HELD, at=desk.now, ground=ground)
    desk.queue.hold_until(request.request_id, until)
    desk.record(Action.HELD, "lacuna.request", request_id=request.request_id)
    return moved


def lift_lapsed_holds(desk: Desk) -> int:
    """Send held requests whose hold has lapsed back to be planned; return how many."""
    lapsed = desk.queue.lapsed_holds(desk.now)
    for request in lapsed:
        desk.queue.move(request, RequestState.RESOLVED, at=desk.now)
    return len(lapsed)


def withdraw(request: Request, desk: Desk) -> Request:
    """Withdraw a request on the requester's word; nothing was changed yet."""
    moved = desk.queue.move(request, RequestState.WITHDRAWN, at=desk.now)
    desk.queue.unrestrict(request.request_id)
    desk.record(Action.WITHDRAWN, "lacuna.request", request_id=request.request_id)
    forget(request, desk)
    return moved


def lift(request: Request, desk: Desk) -> int:
    """Lift the restriction or objection that a request recorded; return the marks.

    Raises:
        RequestError: it marked nobody, or somebody lifted it before.
    """
    marks = desk.queue.unrestrict(request.request_id)
    if not marks:
        raise RequestError(f"{request.request_id}: nobody is restricted by it; nothing was changed")
    desk.record(
        Action.LIFT_RESTRICTION,
        "lacuna.restriction",
        request_id=request.request_id,
        counts=(marks, None),
    )
    return marks


def forget(request: Request, desk: Desk) -> None:
    """Delete what was kept of the person for a request that closes, and record it."""
    rows = desk.queue.forget(request.request_id)
    desk.record(
        Action.FORGET_WORKING_COPIES,
        "lacuna.request",
        request_id=request.request_id,
        counts=(rows, None),
    )


def verify_identity(
    request: Request, how: str, desk: Desk, *, country: str | None = None
) -> Request:
    """Record how identity was verified; a request that waited for it goes on, and so does its clock.

    Args:
        country: of the controller, whose holidays move the due date.

    Raises:
        RequestError: no word was given on how, or the request is closed.
    """
    if request.state.is_final:
        raise RequestError(f"{request.request_id} is {request.state}: nothing waits for identity")
    if not how.strip():
        raise RequestError(f"{request.request_id}: say how identity was verified with --by")
    keep_identity_evidence(request.request_id, how.strip(), desk)
    desk.queue.verify_identity(request, RECORDED)
    if request.pause is Pause.IDENTITY:
        resume(request, desk, country=country)
    if request.state is RequestState.IDENTITY_PENDING:
        return desk.queue.move(request, RequestState.RESOLVED, at=desk.now)
    return desk.queue.get(request.request_id)


def _check_ground(request: Request, ground: str) -> None:
    if not _GROUND.fullmatch(ground):
        raise RequestError(f"{request.request_id}: the ground must be an article, e.g. 17(3)(b)")
