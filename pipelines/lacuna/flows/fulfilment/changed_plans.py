"""Plans approved requests again before anything is applied: a plan that changed loses its approval."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lacuna.apply import Work
from lacuna.errors import PlanChanged, PlanRefused
from lacuna.flows.fulfilment.planning import plan_anew, renew
from lacuna.flows.fulfilment.refusals import refusals
from lacuna.flows.fulfilment.survey import survey
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import people_of
from lacuna.flows.run.steps import Steps
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.plan import check_size, differences, restore
from lacuna.ports import Transaction

CHANGES_PLATFORM = frozenset({RequestKind.ERASURE, RequestKind.RECTIFICATION})
"""Rights whose fulfilment changes rows of the platform."""
# Rights that are fulfilled before an erasure of the same person, and until when they are not.
_BEFORE = frozenset({RequestKind.RECTIFICATION, RequestKind.ACCESS, RequestKind.PORTABILITY})
_NOT_APPLIED = frozenset(
    {RequestState.RESOLVED, RequestState.PLANNED, RequestState.APPROVED, RequestState.HELD}
)


def still_approved(
    batch: Batch, requests: Sequence[Request], surveyed: Mapping[str, Work] | None, steps: Steps
) -> list[Work]:
    """Plan again; a request whose plan differs loses its approval.

    It goes back, unless a rule approves the new plan.
    """
    lines: list[tuple[Request, str, PlanRefused | None]] = []
    with batch.stores.transaction(Role.PLANNER) as transaction:
        works = (
            {one.request.request_id: one for one in survey(batch, requests, transaction)}
            if surveyed is None
            else {
                one.request_id: surveyed[one.request_id]
                for one in requests
                if one.request_id in surveyed
            }
        )
        refused = refusals(batch, works.values())
        earlier = _Earlier.of(requests, batch, transaction)
        kept: list[Work] = []
        for request in requests:
            work, refusal = works.get(request.request_id), refused.get(request.request_id)
            if refusal is not None and refusal[0] is Obstacle.OTHER_KIND:
                # A new plan of theirs would treat them as what they no longer are.
                transaction.queue.requests.obstruct(request, refusal[0])
                lines.append((request, *refusal))
                continue
            if work is None or not _is_approved(work, transaction):
                work, changed = _planned_anew(batch, request, work, transaction)
                outcome = "planned_again" if changed is None else Obstacle.PLAN_CHANGED
                lines.append((request, outcome, changed))
            if work is None:
                continue
            if (obstacle := _obstacle_of(work, earlier)) is not None:
                transaction.queue.requests.obstruct(request, obstacle)
                lines.append((request, obstacle, None))
                continue
            if refusal is not None:
                transaction.queue.requests.obstruct(request, refusal[0])
                lines.append((request, *refusal))
                continue
            # A plan that grew since it was first made has not been measured yet.
            check_size(request.request_id, work.plan.total_rows, batch.options.max_rows)
            kept.append(work)
    for request, outcome, error in lines:
        steps.add(outcome, request_id=request.request_id, error=error)
    return kept


def _planned_anew(
    batch: Batch, request: Request, work: Work | None, transaction: Transaction
) -> tuple[Work | None, PlanChanged | None]:
    """Send a request back; return it as work where a rule approves its new plan."""
    desk = batch.desk(transaction)
    if work is None:
        moved = desk.queue.requests.move(request, RequestState.PLANNED, at=desk.now)
        desk.queue.requests.obstruct(moved, Obstacle.PLAN_CHANGED)
        return None, PlanChanged(
            "the plan was approved, but the person is no longer found; nothing changed. Refuse or "
            "withdraw the request"
        )
    stored = desk.queue.plans.get(request.request_id)
    changes = "" if stored is None else differences(restore(request, stored), work.plan)
    moved = plan_anew(batch, work, desk)
    if moved.state is RequestState.APPROVED:
        return replace(work, request=moved), None
    return None, PlanChanged(
        f"the plan is no longer what was approved ({changes}); nothing changed. Read the new "
        "plan, then approve it"
    )


def renew_plans(batch: Batch, requests: Sequence[Request], steps: Steps) -> None:
    """Renew waiting plans, where this run changed rows of others of their tenant.

    What is approved tomorrow is what is there then: else a plan that was made beside those who
    are erased in the same night would have changed by the time it is carried out.
    """
    changed = {
        one.org_id
        for one in requests
        if one.state is RequestState.APPLIED and CHANGES_PLATFORM & set(one.kinds)
    }
    waiting = [
        one for one in requests if one.state is RequestState.PLANNED and one.org_id in changed
    ]
    renew(batch, waiting, steps)


def _is_approved(work: Work, transaction: Transaction) -> bool:
    request, digest = work.request, work.plan.digest
    return digest == request.plan_digest and transaction.queue.plans.is_approved(
        request.request_id, digest
    )


@dataclass(frozen=True)
class _Earlier:
    """Open requests whose rights come before an erasure, by the person they are about."""

    requests: Mapping[str, Sequence[Request]]

    @classmethod
    def of(cls, requests: Sequence[Request], batch: Batch, transaction: Transaction) -> "_Earlier":
        """Find them for the tenants of the erasures among `requests`."""
        found: dict[str, list[Request]] = defaultdict(list)
        tenants = {one.org_id for one in requests if RequestKind.ERASURE in one.kinds}
        for org_id in sorted(tenants):
            for other in transaction.queue.requests.open_of(org_id):
                # Whoever has not shown who they are holds nobody up.
                if other.state in _NOT_APPLIED and other.is_verified and _BEFORE & set(other.kinds):
                    for person in people_of(batch, other, transaction):
                        for key in qualified_keys(other.person_kind, person.keys):
                            found[key].append(other)
        return cls(found)

    def wait_for(self, work: Work) -> bool:
        """Whether an erasure has to wait for another request about the same person."""
        mine = work.request
        if RequestKind.ERASURE not in mine.kinds:
            return False
        has_both = bool(_BEFORE & set(mine.kinds))
        for key in qualified_keys(mine.person_kind, work.person.keys):
            for other in self.requests.get(key, ()):
                is_erasure = RequestKind.ERASURE in other.kinds
                is_older = _age(other) < _age(mine)
                if other.request_id != mine.request_id and (
                    not is_erasure or not has_both or is_older
                ):
                    return True
        return False


def _age(request: Request) -> tuple[datetime, str]:
    return request.received_at, request.request_id


def _obstacle_of(work: Work, earlier: _Earlier) -> Obstacle | None:
    """Return the obstacle that an approved request has to wait for, if any."""
    is_erasure = RequestKind.ERASURE in work.request.kinds
    if is_erasure and work.inventory.open_conversations and not work.request.is_forced:
        return Obstacle.OPEN_CONVERSATIONS
    return Obstacle.EARLIER_RIGHTS if earlier.wait_for(work) else None
