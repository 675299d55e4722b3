"""A human says which of several people an ambiguous request is about."""

from lacuna.errors import RequestError
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import look_up
from lacuna.model.identity import SubjectRef
from lacuna.model.request import Request, RequestState
from lacuna.model.run import Role
from lacuna.ports import Desk
from lacuna.request import bind
from lacuna.subject import know, pack


def choose_person(batch: Batch, request_id: str, key: str, actor: str) -> Request:
    """Bind an ambiguous request to one of its candidates, and move it on.

    Raises:
        RequestError: the request is not ambiguous, or the contact is none of its candidates.
    """
    stores = batch.stores
    with stores.transaction(Role.PLANNER) as transaction:
        request = transaction.queue.requests.get(request_id)
        # One that was held while it was ambiguous comes back as resolved, and is not.
        if request.state not in (RequestState.AMBIGUOUS, RequestState.RESOLVED):
            raise RequestError(
                f"{request.reference} is {request.state}: there is no person to choose"
            )
        batch = batch.of(request)
        candidates = look_up(batch, request, transaction).candidates
        if not candidates:
            raise RequestError(
                f"{request.reference} is {request.state}: at most one person matches"
            )
        if key not in candidates:
            raise RequestError(
                f"{request.reference}: this contact is not among its {len(candidates)} candidates"
            )
        reading = transaction.reading(batch.datamap)
        keys = sorted(reading.merged_with(request.org_id, [key]))
        person = know(SubjectRef(request_id), request.org_id, keys, reading)
    # Whoever reads the platform decides nothing, and the other way round.
    with stores.transaction(Role.DPO, org_id=request.org_id) as transaction:
        desk = Desk(transaction.queue, transaction.ledger, stores.keys, stores.clock.now(), actor)
        return bind(
            request, (pack(person), person.known), batch.datamap.subject.table.location, desk
        )
