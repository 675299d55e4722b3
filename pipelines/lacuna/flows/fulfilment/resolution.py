"""Finds out who requests are about, and ends those that are about nobody."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from lacuna.errors import EvidenceBroken, PipelineError, PlanRefused, RequestError
from lacuna.flows.fulfilment.strangers import strangers_asked_for
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.isolation import REQUESTS_AT_ONCE, Attempts
from lacuna.flows.run.request_people import (
    keep_copies,
    look_up,
    look_up_all,
    may_have_no_row,
)
from lacuna.flows.run.steps import Steps
from lacuna.model.evidence import Action
from lacuna.model.identity import (
    IdentifierKind,
    IdentityBasis,
    Resolution,
    SubjectRef,
    Unfound,
)
from lacuna.model.queue import Obstacle, Purpose
from lacuna.model.request import Level, Pause, Request, RequestState, is_past
from lacuna.model.run import Role
from lacuna.ports import Desk, Transaction
from lacuna.request import (
    MOST_CANDIDATES,
    identifiers_of,
    keep_candidates,
    pause,
    record_deadline,
)
from lacuna.subject import (
    know,
    pack,
)

_INTERACTIONS: Final = frozenset({IdentifierKind.CONVERSATION_ID, IdentifierKind.MESSAGE_ID})


def resolve_all(batch: Batch, requests: Sequence[Request], steps: Steps) -> None:
    """Look up who each received request is about; one that cannot be resolved fails alone."""
    received = [one for one in requests if one.state is RequestState.RECEIVED]
    for view, part in batch.each_kind(received, steps):
        _resolve_part(view, part, steps)


def _resolve_part(batch: Batch, received: Sequence[Request], steps: Steps) -> None:
    found: dict[str, Resolution] = {}
    if received:
        # What fails for all together is looked up for each alone, where it fails alone.
        with (
            suppress(PipelineError),
            batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction,
        ):
            found = look_up_all(batch, received, transaction)

    nobody: list[Request] = []
    parts = Attempts(received, REQUESTS_AT_ONCE)
    for part in parts:
        with parts.attempt():
            with batch.stores.transaction(Role.PLANNER) as transaction:
                pairs = [
                    (one, found.get(one.request_id) or look_up(batch, one, transaction))
                    for one in part
                ]
                moved = _resolve(batch, pairs, transaction)
            with steps.together():
                for one, is_over in moved:
                    if is_over:
                        nobody.append(one)
                    else:
                        steps.add(one.state, request_id=one.request_id)
    for request, error in parts.failed:
        batch.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
    end_about_nobody(batch, nobody, steps)


def _resolve(
    batch: Batch, pairs: Sequence[tuple[Request, Resolution]], transaction: Transaction
) -> list[tuple[Request, bool]]:
    """Move requests on; return each, and whether it is about nobody, which ends it."""
    desk = batch.desk(transaction)
    keep_copies(
        batch,
        [(one, resolution.person) for one, resolution in pairs if resolution.person is not None],
        desk,
    )
    moved: list[tuple[Request, bool]] = []
    known = []
    for request, resolution in pairs:
        if resolution.unfound is Unfound.AMBIGUOUS:
            moved.append((_let_choose(batch, request, resolution, transaction), False))
        elif not request.is_verified:
            moved.append((_let_verify(request, desk), False))
        else:
            known.append((request, resolution))
    resolved = desk.queue.requests.move_all(
        [request for request, _ in known], RequestState.RESOLVED, at=desk.now
    )
    with desk.together() as together:
        for one, (request, resolution) in zip(resolved, known, strict=True):
            # Of somebody who came back in files alone there is only what recognized them.
            is_found = resolution.person is not None or (
                request.identity_basis is IdentityBasis.ERASED
                and desk.queue.secrets.get(request.request_id, Purpose.PERSON) is not None
            )
            together.record(
                Action.RESOLVED,
                batch.datamap.subject.table.location,
                request_id=request.request_id,
                counts=(int(is_found), None),
            )
            moved.append((one, not is_found and not may_have_no_row(request)))
    return moved


def _let_choose(
    batch: Batch, request: Request, resolution: Resolution, transaction: Transaction
) -> Request:
    """Let a request wait until somebody says which of several people is meant."""
    desk = batch.desk(transaction)
    moved = desk.queue.requests.move(request, RequestState.AMBIGUOUS, at=desk.now)
    desk.queue.requests.obstruct(moved, Obstacle.AMBIGUOUS)
    _keep_candidates(batch, moved, resolution.candidates, transaction)
    return moved


def _let_verify(request: Request, desk: Desk) -> Request:
    """Let a request wait for the identity check: the same, whether the person exists or not."""
    moved = desk.queue.requests.move(request, RequestState.IDENTITY_PENDING, at=desk.now)
    desk.queue.requests.obstruct(moved, Obstacle.IDENTITY)
    # What is overdue by now was nobody's doubt.
    is_late = is_past(moved.act_by, desk.now)
    return moved if is_late else pause(moved, Pause.IDENTITY, desk)


def end_about_nobody(batch: Batch, requests: Sequence[Request], steps: Steps) -> None:
    """End resolved requests whose people are not there, or have nothing; one that is not so fails.

    The certificate is issued, and the rest forgotten, when the batch is closed.
    """
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        strangers = strangers_asked_for(batch, requests, transaction)
    for request in requests:
        if (refusal := strangers.get(request.request_id)) is not None:
            batch.fail(request, Obstacle.OTHER_KIND, refusal, steps)
    requests = [one for one in requests if one.request_id not in strangers]
    parts = Attempts(requests, REQUESTS_AT_ONCE)
    for part in parts:
        with parts.attempt():
            # That nobody is there is what a search saw: the planner's login cannot say it.
            with batch.stores.transaction(Role.VERIFIER) as transaction:
                desk = batch.desk(transaction)
                _look_again(batch, part, transaction)
                desk.queue.requests.move_all(part, RequestState.NOTHING_FOUND, at=desk.now)
                with desk.together() as together:
                    for one in part:
                        record_deadline(one, together)
                        together.record(
                            Action.NOTHING_FOUND, "lacuna.request", request_id=one.request_id
                        )
            with steps.together():
                for one in part:
                    steps.add(RequestState.NOTHING_FOUND, request_id=one.request_id)
    for request, error in parts.failed:
        is_there = isinstance(error, PlanRefused)
        obstacle = Obstacle.ROWS_UNREACHED if is_there else Obstacle.INTERNAL_ERROR
        batch.fail(request, obstacle, error, steps)


def _look_again(batch: Batch, requests: Sequence[Request], transaction: Transaction) -> None:
    """Refuse to end requests whose identifiers somebody has, or which lack some of them.

    Whoever is known by a working copy was surveyed by it: nothing of theirs is there.

    Raises:
        EvidenceBroken: identifiers were taken away since the request was received.
        PlanRefused: the conversation or message that one names is there.
        RequestError: somebody has them by now.
    """
    received = transaction.ledger.first_rows(
        Action.RECEIVED, [request.request_id for request in requests]
    )
    found = look_up_all(batch, requests, transaction)
    desk = batch.desk(transaction)
    for request in requests:
        given = len(identifiers_of(request, desk))
        copy = transaction.queue.secrets.get(request.request_id, Purpose.PERSON)
        wanted = received.get(request.request_id)
        if wanted not in (None, given) or not (given or copy):
            raise EvidenceBroken(
                f"{request.request_id}: only {given} of its identifiers are left; it was not "
                "closed. Restore lacuna.request_secret from a backup, then run again"
            )
        if copy is None and found[request.request_id].unfound is not Unfound.NOTHING_FOUND:
            raise RequestError(
                f"{request.request_id}: a person with its identifiers now exists; run again"
            )
        if copy is None and _is_somebodys(batch, request, transaction):
            raise PlanRefused(
                f"{request.request_id}: the conversation or message that it names is there, and leads "
                "to nobody with a row of their own; nothing changed. Withdraw it, and submit a "
                "request about the whole person by their address or number"
            )


def _is_somebodys(batch: Batch, request: Request, transaction: Transaction) -> bool:
    """Whether a request names one interaction of the tenant, and that leads to somebody by a value."""
    table = batch.of(request).datamap.subject.levels.get(request.level)
    if request.level is Level.CONTACT or table is None:
        return False
    given = identifiers_of(request, batch.desk(transaction))
    named = sorted({one.value for one in given if one.kind in _INTERACTIONS})
    reading = transaction.reading(batch.datamap)
    there = [key for key, rows in reading.own_rows(request.org_id, table, named).items() if rows]
    owners = reading.owners_of(table, [(key,) for key in there]) if there else {}
    return any(owners.values())


def _keep_candidates(
    batch: Batch, request: Request, keys: Sequence[str], transaction: Transaction
) -> None:
    """Keep what a person needs who says which of several people is meant."""
    reading = transaction.reading(batch.datamap)
    people = []
    for key in keys[:MOST_CANDIDATES]:
        merged = sorted(reading.merged_with(request.org_id, [key]))
        person = know(SubjectRef(request.request_id), request.org_id, merged, reading)
        people.append((key, person, pack(person)))
    keep_candidates(request, people, batch.desk(transaction))
