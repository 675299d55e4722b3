"""What keeps a request from being planned: no instruction, an open conversation, too many rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lacuna.apply import Work
from lacuna.consent import instruct, instructed, would_be_instructed
from lacuna.datamap import load_tenants
from lacuna.errors import (
    BlastRadiusExceeded,
    PipelineError,
)
from lacuna.flows.fulfilment.refusals import Refusal
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import look_up, people_of
from lacuna.model.agreement import InstructionSource
from lacuna.model.identity import (
    IdentityBasis,
    Person,
    Unfound,
)
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.queue import Obstacle, Purpose
from lacuna.model.request import Level, Request, RequestKind, RequestState
from lacuna.plan import check_size
from lacuna.ports import Transaction
from lacuna.request import left_something, pass_on

_UNDER_WAY = frozenset(
    {
        RequestState.PLANNED,
        RequestState.APPROVED,
        RequestState.APPLIED,
        RequestState.VERIFIED,
    }
)


def obstacles_of(
    batch: Batch, requests: Sequence[Request], transaction: Transaction
) -> dict[str, Obstacle]:
    """Return the obstacles of requests, by request; those that may be planned are left out.

    A hold may have begun before identity was known.
    """
    found: dict[str, Obstacle] = {}
    to_instruct = []
    for request in requests:
        if (obstacle := _doubt_about(batch, request, transaction)) is not None:
            found[request.request_id] = obstacle
        # Who comes back is erased again on the word on which they were erased before.
        elif request.identity_basis is not IdentityBasis.ERASED:
            to_instruct.append(request)
    instructed_ids = _instructed(batch, to_instruct, transaction)
    for request in to_instruct:
        if request.request_id not in instructed_ids:
            found[request.request_id] = Obstacle.CONTROLLER
    return found


def _doubt_about(batch: Batch, request: Request, transaction: Transaction) -> Obstacle | None:
    if not request.is_verified:
        return Obstacle.IDENTITY
    if transaction.queue.secrets.get(request.request_id, Purpose.PERSON) is None:
        resolution = look_up(batch, request, transaction)
        if resolution.unfound is Unfound.AMBIGUOUS:
            return Obstacle.AMBIGUOUS
    return None


def _instructed(
    batch: Batch, requests: Sequence[Request], transaction: Transaction
) -> frozenset[str]:
    """Return the requests that the tenants' controllers want; whoever did not say so is told."""
    if batch.datamap.is_own_controller:
        # Who runs the platform decides on these people's data themselves.
        return frozenset(request.request_id for request in requests)
    desk = batch.desk(transaction)
    agreements = transaction.agreements
    written = [
        request
        for request in requests
        if transaction.queue.secrets.get(request.request_id, Purpose.INSTRUCTION) is not None
    ]
    if batch.is_dry:
        return frozenset(
            request.request_id
            for request in requests
            if request in written or would_be_instructed(request, agreements, desk)
        )
    for request in written:
        instruct(request, InstructionSource.WRITTEN, agreements, desk)
    found = instructed(requests, agreements, desk)
    waiting = [request for request in requests if request.request_id not in found]
    tenants = load_tenants(batch.stores.tenants_path).by_org if waiting else {}
    for request in waiting:
        pass_on(request, tenants.get(request.org_id), transaction.mails, desk)
    return found


def hindrance(
    batch: Batch, work: Work, refusal: Refusal | None, under_way: "UnderWay"
) -> tuple[Obstacle, PipelineError | None] | None:
    """Return the obstacle to storing a plan, and its error if it is one; None if there is none.

    Args:
        refusal: what `refusals` says of it.
    """
    request = work.request
    is_erased = RequestKind.ERASURE in request.kinds
    if under_way.repeats(work):
        return Obstacle.DUPLICATE, None
    if is_erased and work.inventory.open_conversations and not request.is_forced:
        return Obstacle.OPEN_CONVERSATIONS, None
    if refusal is not None:
        return refusal
    try:
        check_size(request.request_id, work.plan.total_rows, batch.options.max_rows)
    except BlastRadiusExceeded as error:
        return Obstacle.TOO_MANY_ROWS, error
    return None


@dataclass(frozen=True)
class UnderWay:
    """Open requests about whole people whose plans were made, by key of the person."""

    requests: dict[str, list[Request]]  # by the key as `qualified_keys` has it

    @classmethod
    def of(cls, requests: Sequence[Request], batch: Batch, transaction: Transaction) -> "UnderWay":
        """Find them for the tenants of `requests`."""
        found = cls(defaultdict(list))
        for org_id in sorted({one.org_id for one in requests}):
            others = transaction.queue.requests.open_of(org_id)
            transaction.queue.secrets.read_ahead([one.request_id for one in others])
            for other in others:
                is_under_way = other.level is Level.CONTACT and other.state in _UNDER_WAY
                if is_under_way and not left_something(other, transaction.queue):
                    for person in people_of(batch, other, transaction):
                        found.add(other, person)
        return found

    def add(self, request: Request, person: Person) -> None:
        """Add a request whose plan was made just now."""
        if request.level is Level.CONTACT:
            for key in qualified_keys(request.person_kind, person.keys):
                self.requests[key].append(request)

    def remove(self, requests: Sequence[Request]) -> None:
        """Take out requests whose plans were not kept after all."""
        ids = {request.request_id for request in requests}
        for key, others in self.requests.items():
            self.requests[key] = [one for one in others if one.request_id not in ids]

    def repeats(self, work: Work) -> bool:
        """Whether another one asks the same for the same person, under other identifiers maybe.

        It waits until that one is closed, and is then examined again.
        """
        mine = work.request
        return mine.level is Level.CONTACT and any(
            other.request_id != mine.request_id and other.kinds == mine.kinds
            for key in qualified_keys(mine.person_kind, work.person.keys)
            for other in self.requests.get(key, ())
        )
