"""Decisions of people on a request: approve, refuse, hold, withdraw, verify identity."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from lacuna.errors import MalformedRequest, PlanChanged, RequestError
from lacuna.model.chosen_plans import ChosenPlans
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.ground import is_ground, is_item_ground, not_covered, shared_grounds
from lacuna.model.hold import ItemHold
from lacuna.model.identity import IdentityBasis
from lacuna.model.kept_right import KeptRight
from lacuna.model.location import TableName
from lacuna.model.queue import Obstacle
from lacuna.model.request import Level, Pause, Request, RequestKind, RequestState, advance
from lacuna.model.treatment import RowErasure
from lacuna.ports import Desk
from lacuna.request.acceptance import keep_identity_evidence
from lacuna.request.deadline_clock import record_deadline, resume


def approve(request: Request, digest: str, desk: Desk) -> Request:
    """Approve the plan with this very digest, as an officer; return the request in its new state.

    Approving the same plan again changes nothing. Where the tenant needs two officers, the first one
    leaves the request as it is, whoever that is and however often.

    Raises:
        PlanChanged: the newest plan has another digest; both are named.
        RequestError: there is no plan to approve.
    """
    plan = desk.queue.plans.get(request.request_id)
    if plan is None:
        if request.state.is_final:
            raise RequestError(
                f"{request.reference} is {request.state}, so there is nothing to approve; nothing "
                "changed"
            )
        raise RequestError(
            f"{request.reference}: there is no plan to approve; lacuna run fulfilment stores one"
        )
    if plan.digest != digest:
        raise PlanChanged(
            f"{request.reference}: the plan is {plan.digest}, but the approval names {digest}; "
            "read the plan again, then approve its digest"
        )
    if request.state is RequestState.APPROVED and desk.queue.plans.is_approved(
        request.request_id, digest
    ):
        return request
    advance(request.reference, request.state, RequestState.APPROVED)
    is_new = desk.queue.plans.approve(request.request_id, digest, desk.actor, desk.now)
    is_missing = bool(desk.queue.plans.officers_missing(request, digest))
    # A plan that came back, as its data did, has its old approvals; what decides now is an entry.
    if is_new or not is_missing:
        desk.record(Action.APPROVED, "lacuna.plan", request_id=request.request_id, digest=digest)
    if is_missing:
        return request
    return desk.queue.requests.move(request, RequestState.APPROVED, at=desk.now)


def approve_together(requests: Sequence[Request], digest: str, desk: Desk) -> list[Request]:
    """Approve plans by one digest (`ChosenPlans.digest`), all of them or none.

    Of one request it is the digest of its plan.

    Raises:
        PlanChanged: the newest plans have another digest together; both are named.
        RequestError: one of them has no plan to approve.
    """
    plans = {one.request_id: desk.queue.plans.get(one.request_id) for one in requests}
    digests = {request_id: plan.digest for request_id, plan in plans.items() if plan is not None}
    if len(requests) > 1 and len(digests) == len(requests):
        found = ChosenPlans(digests).digest
        if found != digest:
            raise PlanChanged(
                f"the {len(requests)} plans are {found} together, but the approval names {digest}; "
                f"read the plans again, then approve their digest: lacuna plan "
                f"{' '.join(one.number for one in requests)}"
            )
        return [approve(one, digests[one.request_id], desk) for one in requests]
    without = [one for one in requests if one.request_id not in digests]
    return [approve(one, digest, desk) for one in without or requests]


def revoke(request: Request, desk: Desk) -> Request:
    """Revoke officers' approvals of the newest plan; it waits for its approval again.

    Raises:
        RequestError: no officer approved it.
        IllegalTransition: data has been changed already.
    """
    if request.state is not RequestState.PLANNED:
        advance(request.reference, request.state, RequestState.PLANNED)
    if not void_approvals(request, desk):
        raise RequestError(f"{request.reference}: no officer approved the plan; nothing changed")
    if request.state is RequestState.PLANNED:
        return request
    moved = desk.queue.requests.move(request, RequestState.PLANNED, at=desk.now)
    desk.queue.requests.obstruct(moved, Obstacle.NOT_APPROVED)
    return moved


def void_approvals(request: Request, desk: Desk) -> int:
    """Delete officers' approvals of the newest plan, and record it; return how many there were.

    Whoever holds a request, or takes rights out of it, wants it to be decided on again: the same
    plan may come back.
    """
    digest = request.plan_digest
    if digest is None or request.state not in (RequestState.PLANNED, RequestState.APPROVED):
        return 0
    count = desk.queue.plans.revoke(request.request_id, digest)
    if count:
        desk.record(
            Action.APPROVAL_REVOKED, "lacuna.plan", request_id=request.request_id, digest=digest
        )
    return count


def approve_by_rule(requests: Sequence[Request], rule: str, desk: Desk) -> list[Request]:
    """Let a rule approve planned requests; return them in their new state.

    The database looks whether the rule stands for each, and adds the ledger's entries itself.

    Raises:
        StatementRefused: the rule does not apply to one of the plans.
    """
    return desk.queue.plans.approve_by_rule(requests, rule, desk.now, desk.batch_id)


def refuse(request: Request, ground: str, desk: Desk) -> Request:
    """Refuse a request on the ground of an article, e.g. `17(3)(b)`.

    Raises:
        RequestError: the ground is none of the Regulation's against each of its rights.
        IllegalTransition: data has been changed already.
    """
    check_ground(request, ground)
    moved = desk.queue.requests.move(request, RequestState.REFUSED, at=desk.now, ground=ground)
    desk.keep_right(replace(_kept(request, desk), refused=ground))
    desk.queue.people.unrestrict(request.request_id)
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
    """Hold a request until a date; it is planned again when the hold lapses.

    Raises:
        RequestError: the ground is none against each of its rights, or the date has passed.
    """
    check_ground(request, ground)
    if until <= desk.now:
        raise RequestError(f"{request.reference}: the hold ends in the past; give a later date")
    void_approvals(request, desk)
    moved = desk.queue.requests.move(request, RequestState.HELD, at=desk.now, ground=ground)
    desk.queue.requests.hold_until(request.request_id, until)
    desk.keep_right(replace(_kept(request, desk), held=(ground, until)))
    desk.record(Action.HELD, "lacuna.request", request_id=request.request_id)
    return moved


def hold_item(request: Request, hold: ItemHold, datamap: DataMap, desk: Desk) -> Request:
    """Hold the person's rows of one table; the rest of an erasure goes on, planned again.

    Raises:
        RequestError: nothing is erased of the whole person, or a bundle is asked for with it; the
            ground is none of Art. 17(3), the date has passed, or the table cannot be held alone.
        IllegalTransition: data has been changed already.
    """
    where = f"{request.reference}: {hold.table}"
    if RequestKind.ERASURE not in request.kinds or request.level is not Level.CONTACT:
        raise RequestError(f"{where} can be held only in an erasure of all data of a contact")
    if {RequestKind.ACCESS, RequestKind.PORTABILITY} & set(request.kinds):
        raise RequestError(
            f"{where} is also part of a bundle; separate the rights with --kind erasure"
        )
    if not is_item_ground(hold.ground):
        raise MalformedRequest(f"{where} needs one of the grounds 17(3)(a) to 17(3)(e)")
    if hold.until <= desk.now:
        raise RequestError(f"{where}: the hold ends in the past; give a later date")
    held = {one.table for one in desk.queue.requests.item_holds(request.request_id)} | {hold.table}
    _check_alone(where, hold.table, held, datamap)
    void_approvals(request, desk)
    if request.state in (RequestState.PLANNED, RequestState.APPROVED):
        moved = desk.queue.requests.move(request, RequestState.HELD, at=desk.now)
        request = desk.queue.requests.move(moved, RequestState.RESOLVED, at=desk.now)
    elif request.state is not RequestState.HELD:
        advance(request.reference, request.state, RequestState.HELD)
    desk.queue.requests.hold_item(request, hold, desk.now, desk.actor)
    desk.keep_right(replace(_kept(request, desk), holds=(hold,)))
    desk.record(Action.HELD, hold.table.location, request_id=request.request_id)
    return request


def _kept(request: Request, desk: Desk) -> KeptRight:
    return KeptRight(
        request.request_id,
        request.org_id,
        desk.now,
        person_kind=request.person_kind,
        decided=desk.now,
    )


def _check_alone(
    where: str, name: TableName, held: Collection[TableName], datamap: DataMap
) -> None:
    """Refuse where a row that stays would still name the person, or lose what it points to."""
    table = datamap.tables.get(name)
    if table is None:
        raise MalformedRequest(f"{where} is not in the data map; see lacuna datamap show --all")
    if table.rows not in (RowErasure.ANONYMIZE, RowErasure.DELETE):
        raise RequestError(f"{where}: an erasure does not change its rows, so they need no hold")
    subject = datamap.subject.table
    names = table.links_to(subject) or table.references
    if name == subject or names or table.has_row_address:
        raise RequestError(
            f"{where} names the person in its own columns or has no key; hold the whole right "
            "without --table"
        )
    for link in table.links:
        parent = datamap.tables.get(link.table)
        if parent is not None and parent.rows is RowErasure.DELETE and parent.name not in held:
            raise RequestError(f"{where} points to rows of {parent.name}; hold these first")


def lift_lapsed_holds(desk: Desk) -> int:
    """Send held requests whose hold has lapsed back to be planned; return how many."""
    lapsed = desk.queue.requests.lapsed_holds(desk.now)
    for request in lapsed:
        desk.queue.requests.move(request, RequestState.RESOLVED, at=desk.now)
    return len(lapsed)


def withdraw(
    request: Request, desk: Desk, *, by: tuple[str, str | None] = ("lacuna.request", None)
) -> Request:
    """Withdraw a request on the requester's word; nothing was changed yet.

    Args:
        by: location and digest that the ledger names: of what took it back, where no officer did.
    """
    moved = desk.queue.requests.move(request, RequestState.WITHDRAWN, at=desk.now)
    desk.queue.people.unrestrict(request.request_id)
    location, digest = by
    desk.record(Action.WITHDRAWN, location, request_id=request.request_id, digest=digest)
    forget(request, desk)
    return moved


def force(request: Request, desk: Desk) -> None:
    """Let an erasure go on despite open conversations, and record who decided it.

    Raises:
        RequestError: the request is closed, or erases nothing.
    """
    if request.state.is_final or RequestKind.ERASURE not in request.kinds:
        raise RequestError(
            f"{request.reference}: only an open erasure waits for conversations; the request is "
            f"{request.state} and asks for {', '.join(request.kinds)}"
        )
    desk.queue.requests.force(request.request_id)
    desk.record(Action.FORCED, "lacuna.request", request_id=request.request_id)


def lift(request: Request, desk: Desk) -> int:
    """Lift the restriction or objection that a request recorded; return how many.

    Raises:
        RequestError: it restricts nobody, or somebody lifted it before.
    """
    lifted = desk.queue.people.unrestrict(request.request_id)
    if not lifted:
        raise RequestError(f"{request.reference}: it restricts nobody; nothing changed")
    desk.record(
        Action.LIFT_RESTRICTION,
        "lacuna.restriction",
        request_id=request.request_id,
        counts=(lifted, None),
    )
    return lifted


def forget(request: Request, desk: Desk) -> None:
    """Delete what was kept of the person for a request that closes, and record it."""
    forget_all([request], desk)


def forget_all(requests: Sequence[Request], desk: Desk) -> None:
    """Do as `forget` does for requests that close together."""
    rows = desk.queue.secrets.forget_all([request.request_id for request in requests])
    for request in requests:
        desk.record(
            Action.FORGET_WORKING_COPIES,
            "lacuna.request",
            request_id=request.request_id,
            counts=(rows[request.request_id], None),
        )


def verify_identity(
    request: Request,
    how: str,
    desk: Desk,
    *,
    country: str | None = None,
    basis: IdentityBasis = IdentityBasis.STATED,
) -> Request:
    """Record how identity was verified; a request that waited for it goes on, and so does its clock.

    Args:
        country: of the controller, whose holidays move the due date.
        basis: on what it rests; what rested on a mail before goes on doing so.

    Raises:
        RequestError: no word was given on how, or the request is closed.
    """
    if request.state.is_final:
        raise RequestError(
            f"{request.reference} is {request.state}; it does not wait for the identity check"
        )
    if not how.strip():
        raise MalformedRequest(f"{request.reference}: state with --by how identity was verified")
    keep_identity_evidence(request.request_id, how.strip(), desk)
    desk.queue.requests.verify_identity(request, basis)
    if request.pause is Pause.IDENTITY:
        resume(request, desk, country=country)
    if request.state is RequestState.IDENTITY_PENDING:
        return desk.queue.requests.move(request, RequestState.RESOLVED, at=desk.now)
    return desk.queue.requests.get(request.request_id)


def check_ground(request: Request, ground: str) -> None:
    """Refuse a ground that does not hold against each right of a request.

    Raises:
        MalformedRequest: it is none of the Regulation's against any right.
        RequestError: it holds against others only.
    """
    missing = not_covered(ground, request.kinds)
    if not missing:
        return
    possible = ", ".join(shared_grounds(request.kinds))
    if not is_ground(ground):
        raise MalformedRequest(
            f"{request.reference}: the ground must be one that the Regulation allows against "
            f"{', '.join(request.kinds)}: {possible}"
        )
    raise RequestError(
        f"{request.reference}: {ground} is not a ground against {', '.join(missing)}; use one of "
        f"{possible}, or name the rights that it applies to with --kind"
    )
