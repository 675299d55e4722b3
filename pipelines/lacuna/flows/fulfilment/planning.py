"""Plans requests: from a person who was found to a plan that waits for its approval."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lacuna.apply import Work, restrict
from lacuna.errors import MentionRefused, PipelineError
from lacuna.flows.fulfilment.locks import say_locks, sum_locks
from lacuna.flows.fulfilment.notices import Change, queue_notices
from lacuna.flows.fulfilment.obstacles import UnderWay, hindrance, obstacles_of
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
        is_of_map = isinstance(error, MentionRefused)
        obstacle = Obstacle.MENTION_REFUSED if is_of_map else Obstacle.INTERNAL_ERROR
        batch.fail(request, obstacle, error, steps)


def _approve_waiting(batch: Batch, part: Sequence[Request], steps: Steps) -> None:
    with batch.stores.transaction(Role.PLANNER) as transaction:
        approved = _approve_by_rules(batch, part, batch.desk(transaction))
    for one in approved:
        steps.add(one.state, request_id=one.request_id, digest=one.plan_digest or "")


def _that_may_be_planned(batch: Batch, part: Sequence[Request], steps: Steps) -> list[Request]:
    """Return those whose identity and person are settled; others wait, and say for what."""
    with batch.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.secrets.read_ahead([request.request_id for request in part])
        obstacles = obstacles_of(batch, part, transaction)
        for request in part:
            if request.request_id in obstacles:
                transaction.queue.requests.obstruct(request, obstacles[request.request_id])
    for request_id, obstacle in obstacles.items():
        steps.add(obstacle, request_id=request_id)
    return [one for one in part if one.request_id not in obstacles]


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
    works = [surveyed.works[request.request_id] for request in requests]
    try:
        with batch.stores.transaction(Role.PLANNER) as transaction:
            desk = batch.desk(transaction)
            outcomes = _settle(batch, works, surveyed, under_way, desk)
            for work in works:
                if RequestKind.RESTRICTION in work.request.kinds and work.person.row_keys:
                    # Told when it begins: what else was asked for may wait for weeks.
                    change = Change(work.request, RequestKind.RESTRICTION, work.person)
                    queue_notices(change, batch.datamap, batch.stores, transaction)
    except BaseException:
        under_way.remove(requests)
        raise
    with steps.together():
        for work in works:
            outcome, error = outcomes[work.request.request_id]
            steps.add(
                outcome,
                request_id=work.request.request_id,
                counts=work.plan.count_by_kind(),
                digest=work.plan.digest,
                error=error,
            )


def _settle(
    batch: Batch, works: Sequence[Work], surveyed: "_Surveyed", under_way: "UnderWay", desk: Desk
) -> dict[str, tuple[str, PipelineError | None]]:
    """Store plans, and move their requests on; return, by request, the state or the obstacle, and why."""
    desk.queue.people.belong_to(
        [
            (one.request, qualified_keys(one.request.person_kind, one.person.row_keys))
            for one in works
        ]
    )
    found: dict[str, tuple[str, PipelineError | None]] = {}
    planned = []
    with desk.together() as together:
        for work in works:
            restrict(work, together)
            refusal = surveyed.refused.get(work.request.request_id)
            if (why := hindrance(batch, work, refusal, under_way)) is not None:
                desk.queue.requests.obstruct(work.request, why[0])
                found[work.request.request_id] = why
            else:
                under_way.add(work.request, work.person)
                planned.append(work)
        _store_plans(batch, planned, together)
    moved = desk.queue.requests.move_all(
        [work.request for work in planned], RequestState.PLANNED, at=desk.now
    )
    approved = {one.request_id: one for one in _approve_by_rules(batch, moved, desk)}
    for one in moved:
        found[one.request_id] = approved.get(one.request_id, one).state, None
    return found


def _rules_for(batch: Batch, requests: Sequence[Request], desk: Desk) -> dict[str, list[Request]]:
    """Return the rules that approve plans in an officer's place, with the requests of the plans."""
    by_identity = [one for one in requests if set(one.kinds) <= IDENTITY_ALONE]
    by_setting = [one for one in requests if one not in by_identity and _is_stated(one)]
    if batch.options.approval is not ApprovalMode.AUTO or not by_setting:
        return {BY_IDENTITY: by_identity}
    if not desk.queue.plans.is_standing(BY_SETTING):
        return {BY_IDENTITY: by_identity}
    # Where two officers are needed, no setting stands in for them.
    needed = desk.queue.plans.officers_needed([one.org_id for one in by_setting])
    # Nor for an officer who revoked an approval of it.
    revoked = desk.queue.plans.revoked(by_setting)
    return {
        BY_IDENTITY: by_identity,
        BY_SETTING: [
            one for one in by_setting if needed[one.org_id] == 1 and one.request_id not in revoked
        ],
    }


def _is_stated(request: Request) -> bool:
    """Whether identity rests on more than a mail: what a mail shows, an officer weighs."""
    return request.identity_basis is IdentityBasis.STATED


def plan_anew(batch: Batch, work: Work, desk: Desk) -> Request:
    """Take back the approval of a plan that no longer fits, and store the new plan.

    A rule that applies approves the new plan at once; otherwise it waits for an officer.
    """
    request = work.request
    moved = desk.queue.requests.move(request, RequestState.PLANNED, at=desk.now)
    _store_plans(batch, [work], desk)
    moved = replace(moved, plan_digest=work.plan.digest)
    approved = _approve_by_rules(batch, [moved], desk, Obstacle.PLAN_CHANGED)
    return approved[0] if approved else moved


def _approve_by_rules(
    batch: Batch,
    requests: Sequence[Request],
    desk: Desk,
    otherwise: Obstacle = Obstacle.NOT_APPROVED,
) -> list[Request]:
    """Let standing rules approve planned requests; return those. The others wait for an officer.

    Args:
        otherwise: obstacle of those that wait.
    """
    approved: list[Request] = []
    for rule, of_it in _rules_for(batch, requests, desk).items():
        if of_it:
            approved += approve_by_rule(of_it, rule, desk)
    ids = {one.request_id for one in approved}
    waiting = [one for one in requests if one.request_id not in ids]
    if waiting:
        desk.queue.requests.obstruct_all(waiting, otherwise)
    return approved


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


def locks_of_all(batch: Batch, plans: Sequence[Plan]) -> str:
    """Return the same of several plans in one line; empty where no table changes."""
    files = batch.stores.scrubber.tables(batch.datamap.schemas)
    return sum_locks(plans, files, batch.options.scrub_window)


def _store_plans(batch: Batch, works: Sequence[Work], desk: Desk) -> None:
    """Store plans, and record them."""
    desk.queue.plans.put_all([(written(batch, work), work.request.attempt) for work in works])
    for work in works:
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
    with batch.stores.transaction(Role.PLANNER) as transaction:
        renewed = [
            work
            for work in works
            if work.plan.digest != work.request.plan_digest
            and work.request.request_id not in refused
        ]
        with batch.desk(transaction).together() as together:
            _store_plans(batch, renewed, together)
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
