"""Plans requests: from a person who was found to a plan that waits for its approval."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lacuna.apply import Work, restrict
from lacuna.errors import (
    PipelineError,
)
from lacuna.flows.fulfilment.locks import say_locks
from lacuna.flows.fulfilment.notices import Change, queue_notices
from lacuna.flows.fulfilment.obstacles import UnderWay, hindrance, obstacle_of
from lacuna.flows.fulfilment.refusals import Refusal, refusals
from lacuna.flows.fulfilment.resolution import end_about_nobody
from lacuna.flows.fulfilment.survey import survey
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.isolation import REQUESTS_AT_ONCE, Attempts
from lacuna.flows.run.steps import Steps
from lacuna.model.approval_rules import BY_IDENTITY, BY_SETTING, IDENTITY_ALONE
from lacuna.model.evidence import Action
from lacuna.model.identity import (
    IdentityBasis,
)
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.plan import Plan
from lacuna.model.queue import Obstacle, StoredPlan
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Role
from lacuna.plan import as_json, render
from lacuna.ports import Desk
from lacuna.request import (
    approve_by_rule,
)


def plan_all(batch: Batch, requests: Sequence[Request], steps: Steps) -> None:
    """Plan every resolved request; one that cannot be planned fails alone.

    Where the data team decided that plans need nobody, those that wait are approved.
    """
    resolved = [one for one in requests if one.state is RequestState.RESOLVED]
    for view, of_kind in batch.each_kind(resolved, steps):
        _plan_kind(view, of_kind, steps)
    if batch.options.approval is ApprovalMode.AUTO:
        waiting = [one for one in requests if one.state is RequestState.PLANNED]
        parts = Attempts(waiting, REQUESTS_AT_ONCE)
        for part in parts:
            with parts.attempt():
                _approve_waiting(batch, part, steps)
        _fail_all(batch, parts, steps)


def _plan_kind(batch: Batch, resolved: Sequence[Request], steps: Steps) -> None:
    ready: list[Request] = []
    parts = Attempts(resolved, REQUESTS_AT_ONCE)
    for part in parts:
        with parts.attempt():
            ready.extend(_that_may_be_planned(batch, part, steps))
    _fail_all(batch, parts, steps)
    surveyed = _Surveyed()
    parts = Attempts(ready)
    for part in parts:
        with parts.attempt():
            _survey_ready(batch, part, surveyed)
    _fail_all(batch, parts, steps)
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        under_way = UnderWay.of(surveyed.requests, batch, transaction)
    parts = Attempts(surveyed.about_somebody, REQUESTS_AT_ONCE)
    for part in parts:
        with parts.attempt():
            _settle_part(batch, part, surveyed, under_way, steps)
    _fail_all(batch, parts, steps)
    about_somebody = {one.request_id for one in surveyed.about_somebody}
    # Nobody has these identifiers, or whoever had them was erased since.
    nobody = [one for one in surveyed.requests if one.request_id not in about_somebody]
    end_about_nobody(batch, nobody, steps)


def _fail_all(batch: Batch, parts: Attempts[Request], steps: Steps) -> None:
    for request, error in parts.failed:
        batch.fail(request, Obstacle.INTERNAL_ERROR, error, steps)


def _approve_waiting(batch: Batch, part: Sequence[Request], steps: Steps) -> None:
    with batch.stores.transaction(Role.PLANNER) as transaction:
        desk = batch.desk(transaction)
        moved = [_approve_by_rule(batch, one, desk) for one in part]
    for one in moved:
        if one.state is RequestState.PLANNED:
            continue
        steps.add(one.state, request_id=one.request_id, digest=one.plan_digest or "")


def _that_may_be_planned(batch: Batch, part: Sequence[Request], steps: Steps) -> list[Request]:
    """Return those whose identity and person are settled; others wait, and say for what."""
    with batch.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.secrets.read_ahead([request.request_id for request in part])
        obstacles = {one.request_id: obstacle_of(batch, one, transaction) for one in part}
        for request in part:
            if (obstacle := obstacles[request.request_id]) is not None:
                transaction.queue.requests.obstruct(request, obstacle)
    for request_id, obstacle in obstacles.items():
        if obstacle is not None:
            steps.add(obstacle, request_id=request_id)
    return [one for one in part if obstacles[one.request_id] is None]


def _survey_ready(batch: Batch, requests: Sequence[Request], surveyed: "_Surveyed") -> None:
    with batch.stores.transaction(Role.PLANNER) as transaction:
        works = survey(batch, requests, transaction)
    refused = refusals(batch, works)
    surveyed.requests.extend(requests)
    surveyed.works.update((work.request.request_id, work) for work in works)
    surveyed.refused.update(refused)


def _settle_part(
    batch: Batch,
    requests: Sequence[Request],
    surveyed: "_Surveyed",
    under_way: "UnderWay",
    steps: Steps,
) -> None:
    """Store the plans of some requests, and move them on."""
    lines: list[tuple[Request, str, Plan | None, PipelineError | None]] = []
    try:
        with batch.stores.transaction(Role.PLANNER) as transaction:
            desk = batch.desk(transaction)
            for request in requests:
                work = surveyed.works[request.request_id]
                refusal = surveyed.refused.get(request.request_id)
                outcome, error = _settle(batch, work, refusal, under_way, desk)
                if RequestKind.RESTRICTION in request.kinds and work.person.row_keys:
                    # Told when it begins: what else was asked for may wait for weeks.
                    change = Change(request, RequestKind.RESTRICTION, work.person)
                    queue_notices(change, batch.datamap, batch.stores, transaction)
                lines.append((request, outcome, work.plan, error))
    except BaseException:
        under_way.remove(requests)
        raise
    with steps.together():
        for request, outcome, plan, error in lines:
            steps.add(
                outcome,
                request_id=request.request_id,
                counts=plan.count_by_kind() if plan else None,
                digest=plan.digest if plan else None,
                error=error,
            )


def _settle(
    batch: Batch, work: Work, refusal: Refusal | None, under_way: "UnderWay", desk: Desk
) -> tuple[str, PipelineError | None]:
    """Store a plan and move its request on; return the state or what it waits for, and why."""
    request = work.request
    desk.queue.people.belongs_to(request, qualified_keys(request.person_kind, work.person.row_keys))
    restrict(work, desk)
    if (why := hindrance(batch, work, refusal, under_way)) is not None:
        obstacle, error = why
        desk.queue.requests.obstruct(request, obstacle)
        return obstacle, error
    _store_plan(batch, work, desk)
    moved = desk.queue.requests.move(request, RequestState.PLANNED, at=desk.now)
    under_way.add(moved, work.person)
    return _approve_by_rule(batch, moved, desk).state, None


def _rule_for(batch: Batch, request: Request, desk: Desk) -> str | None:
    """Return the rule that approves a request's plan in an officer's place; None: none does."""
    if set(request.kinds) <= IDENTITY_ALONE:
        return BY_IDENTITY
    is_auto = batch.options.approval is ApprovalMode.AUTO
    if is_auto and _is_stated(request) and desk.queue.plans.is_standing(BY_SETTING):
        # Where two officers are needed, no setting stands in for them.
        needed = desk.queue.plans.officers_needed([request.org_id])[request.org_id]
        # Nor for an officer who took back an approval of it.
        is_revoked = desk.queue.plans.is_revoked(request.request_id, request.plan_digest or "")
        return BY_SETTING if needed == 1 and not is_revoked else None
    return None


def _is_stated(request: Request) -> bool:
    """Whether identity rests on more than a mail: what a mail shows, an officer weighs."""
    return request.identity_basis is IdentityBasis.STATED


def plan_anew(batch: Batch, work: Work, desk: Desk) -> Request:
    """Take back the approval of a plan that no longer fits, and store the new plan.

    A plan that needs nobody is approved again; any other waits for its approval.
    """
    request = work.request
    moved = desk.queue.requests.move(request, RequestState.PLANNED, at=desk.now)
    _store_plan(batch, work, desk)
    moved = replace(moved, plan_digest=work.plan.digest)
    if set(request.kinds) <= IDENTITY_ALONE:
        return _approve_by_rule(batch, moved, desk)
    desk.queue.requests.obstruct(moved, Obstacle.PLAN_CHANGED)
    return moved


def _approve_by_rule(batch: Batch, request: Request, desk: Desk) -> Request:
    """Let the standing rule for a planned request approve it; else it waits for an officer."""
    rule = _rule_for(batch, request, desk)
    if rule is None:
        desk.queue.requests.obstruct(request, Obstacle.NOT_APPROVED)
        return request
    return approve_by_rule(request, rule, desk)


def written(batch: Batch, work: Work) -> StoredPlan:
    """Return a plan as it is stored, with its readable form."""
    return StoredPlan(
        request_id=work.request.request_id,
        digest=work.plan.digest,
        datamap_digest=work.plan.datamap_digest,
        steps=as_json(work.plan),
        readable=render(work.plan),
        planned_at=batch.stores.clock.now(),
        inventory_digest=work.plan.inventory_digest,
    )


def locks_of(batch: Batch, plan: Plan) -> str:
    """Return, for a person who reads a plan, which tables will be locked afterwards."""
    return say_locks(
        plan, batch.stores.scrubber.tables(batch.datamap.schemas), batch.options.scrub_window
    )


def _store_plan(batch: Batch, work: Work, desk: Desk) -> None:
    """Store a plan, and record it."""
    desk.queue.plans.put(written(batch, work), work.request.attempt)
    desk.record(
        Action.PLANNED,
        "lacuna.plan",
        request_id=work.request.request_id,
        counts=(work.plan.total_rows, None),
        digest=work.plan.digest,
    )


def renew_by_map(batch: Batch, requests: Sequence[Request], steps: Steps) -> None:
    """Renew waiting plans, where they were made from another data map.

    Else an officer approves a plan that the next run refuses.
    """
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        outdated = {*transaction.queue.requests.planned_by_another_map(batch.datamap.digest)}
    renew(batch, [one for one in requests if one.request_id in outdated], steps)


def renew(batch: Batch, waiting: Sequence[Request], steps: Steps) -> None:
    """Renew waiting plans, as things stand now; one that is refused now says why."""
    parts = Attempts(waiting)
    for part in parts:
        with parts.attempt():
            _renew(batch, part, steps)
    _fail_all(batch, parts, steps)


def _renew(batch: Batch, requests: Sequence[Request], steps: Steps) -> None:
    with batch.stores.transaction(Role.PLANNER) as transaction:
        works = survey(batch, requests, transaction)
    refused = refusals(batch, works)
    renewed = []
    with batch.stores.transaction(Role.PLANNER) as transaction:
        desk = batch.desk(transaction)
        for work in works:
            is_other = work.plan.digest != work.request.plan_digest
            if is_other and work.request.request_id not in refused:
                _store_plan(batch, work, desk)
                renewed.append(work)
    for work in renewed:
        steps.add(
            "planned_again",
            request_id=work.request.request_id,
            counts=work.plan.count_by_kind(),
            digest=work.plan.digest,
        )
    for request in requests:
        if request.request_id in refused:
            obstacle, error = refused[request.request_id]
            batch.fail(request, obstacle, error, steps)


@dataclass(frozen=True)
class _Surveyed:
    """What was found about the requests of a batch, and is not kept yet."""

    requests: list[Request] = field(default_factory=list)
    works: dict[str, Work] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)

    @property
    def about_somebody(self) -> list[Request]:
        """The requests about people of whom something is there."""
        return [one for one in self.requests if self._is_about_somebody(one.request_id)]

    def _is_about_somebody(self, request_id: str) -> bool:
        work = self.works.get(request_id)
        if work is None:
            return False
        # What is named where no plan reaches is somebody too.
        return request_id in self.refused or not work.inventory.is_empty
