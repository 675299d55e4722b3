"""Applies approved requests: bundle first, then rows; objects are left to completion.py."""

from collections.abc import Iterator, Mapping, Sequence

from lacuna.apply import (
    Work,
    apply_rows,
    intend_rows,
    is_large,
    parts_of,
    rectify,
    require_approved,
    require_modules,
    restrict,
)
from lacuna.errors import ApplyFailed, PipelineError
from lacuna.flows.fulfilment.bundles import deliver
from lacuna.flows.fulfilment.changed_plans import CHANGES_PLATFORM, still_approved
from lacuna.flows.fulfilment.completion import finish_effects, redactors_of
from lacuna.flows.fulfilment.corrections import is_corrected
from lacuna.flows.fulfilment.portions import begin, tries
from lacuna.flows.fulfilment.prepared_changes import prepare_changes
from lacuna.flows.fulfilment.survey import survey
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.foreign_errors import without_values
from lacuna.flows.run.isolation import Attempts
from lacuna.flows.run.steps import Steps
from lacuna.model.plan import Rectify, WriteBundle
from lacuna.model.queue import EffectAction, Obstacle
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Mode, Role
from lacuna.plan import values_digest
from lacuna.ports import Transaction
from lacuna.request import rectifications_of

# What is done of a request before its bundle and its rows.
_PREPARED = frozenset({RequestKind.RESTRICTION, RequestKind.OBJECTION, RequestKind.RECTIFICATION})
_DELETE = EffectAction.DELETE_OBJECT


def apply_all(
    batch: Batch, requests: Sequence[Request], steps: Steps, *, is_chunk: bool = False
) -> None:
    """Apply every approved request, erasures last; one that cannot be applied fails alone.

    Args:
        is_chunk: as for `finish_effects`.
    """
    approved = [one for one in requests if one.state is RequestState.APPROVED]
    if batch.options.mode is Mode.OBSERVE:
        waiting = [one for one in approved if CHANGES_PLATFORM & set(one.kinds)]
        _wait_for_mode(batch, waiting, steps)
        approved = [one for one in approved if one not in waiting]
    erasures = [one for one in approved if RequestKind.ERASURE in one.kinds]
    others = [one for one in approved if one not in erasures]
    surveyed: Mapping[str, Work] | None = None
    if erasures and not any(_PREPARED & set(one.kinds) for one in others):
        # Nothing that is surveyed changes between the two: one pass over the texts serves both.
        surveyed = _survey(batch, approved) if others else None
    for work in _ready(batch, others, surveyed, steps):
        _move_on(batch, work, steps)
    erased = _ready(batch, erasures, surveyed, steps)
    if erased:
        Steps(batch.stores, batch.options, "engine").add_engine(batch.engine)
    large = [work for work in erased if is_large(work, batch.options.whole_rows)]
    for part in _together(batch, [work for work in erased if work not in large]):
        _erase(batch, part, steps)
    for work in large:
        _begin(batch, work, steps)
    ids = [request.request_id for request in requests]
    finish_effects(batch, ids, steps, is_chunk=is_chunk)


def forget_gone_mentions(batch: Batch) -> None:
    """Forget where people were mentioned in rows that have gone with their own people since.

    Chunks plan and erase at the same time, so one may store the key of a row that another deletes.
    Once they are through, nothing is missed here.
    """
    if batch.options.mode is not Mode.OBSERVE:
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            transaction.writing(batch.datamap).forget_gone_mentions()


def _wait_for_mode(batch: Batch, waiting: Sequence[Request], steps: Steps) -> None:
    """Say of approved requests that no run carries them out while it only observes."""
    if waiting:
        with batch.stores.transaction(Role.PLANNER) as transaction:
            for request in waiting:
                transaction.queue.requests.obstruct(request, Obstacle.MODE_OBSERVE)
    for request in waiting:
        steps.add(Obstacle.MODE_OBSERVE, request_id=request.request_id)


def _survey(batch: Batch, requests: Sequence[Request]) -> Mapping[str, Work] | None:
    """Survey requests together; None where that fails, for each part to find out whose fault it is."""
    try:
        with batch.stores.transaction(Role.PLANNER) as transaction:
            works = without_values(survey)(batch, requests, transaction)
    except PipelineError:
        return None
    return {work.request.request_id: work for work in works}


def _ready(
    batch: Batch, requests: Sequence[Request], surveyed: Mapping[str, Work] | None, steps: Steps
) -> list[Work]:
    """Return the requests of which everything is done but the rows of an erasure: corrections, bundles.

    Args:
        surveyed: by request, where they are surveyed already.
    """
    works: list[Work] = []
    approved = Attempts(requests)
    for part in approved:
        with approved.attempt():
            works.extend(still_approved(batch, part, surveyed, steps))
    for request, error in approved.failed:
        batch.fail(request, Obstacle.APPLY_FAILED, error, steps)
    return [work for work in works if _prepare(batch, work, steps) and _bundle(batch, work, steps)]


def _together(batch: Batch, erased: Sequence[Work]) -> Iterator[Sequence[Work]]:
    """Yield the erasures whose rows are changed in one transaction: of one kind of people each."""
    for kind in dict.fromkeys(work.request.person_kind for work in erased):
        alike = [work for work in erased if work.request.person_kind == kind]
        yield from parts_of(alike, batch.options.portion_rows)


def _move_on(batch: Batch, work: Work, steps: Steps) -> None:
    """Call a request applied that erases nobody."""
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        desk = batch.desk(transaction)
        require_approved([(work.request, work.plan.digest)], desk.queue)
        desk.queue.requests.move(work.request, RequestState.APPLIED, at=desk.now)
    _say_applied(work, steps)


def _bundle(batch: Batch, work: Work, steps: Steps) -> bool:
    """Write, check and seal the bundle of a request that asks for one, before any erasure."""
    if not any(isinstance(step, WriteBundle) for step in work.plan.steps):
        return True
    try:
        # Whatever a document of the person does, it does to this request alone.
        counts = without_values(deliver)(batch, work)
    except PipelineError as error:
        batch.fail(work.request, Obstacle.BUNDLE_FAILED, error, steps)
        return False
    steps.add("bundle_sealed", request_id=work.request.request_id, counts=counts)
    return True


def _prepare(batch: Batch, work: Work, steps: Steps) -> bool:
    """Restrict and correct, as far as a request asks for it; whether that succeeded."""
    try:
        require_modules(work.plan)
        if not _PREPARED & set(work.request.kinds):
            return True
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            require_approved([(work.request, work.plan.digest)], transaction.queue)
            restrict(work, batch.desk(transaction))
            _rectify(batch, work, transaction)
    except PipelineError as error:
        batch.fail(work.request, Obstacle.APPLY_FAILED, error, steps)
        return False
    return True


def _rectify(batch: Batch, work: Work, transaction: Transaction) -> None:
    planned = [step for step in work.plan.steps if isinstance(step, Rectify)]
    request = work.request
    if not planned or is_corrected(request, transaction):
        return
    desk = batch.desk(transaction)
    values = rectifications_of(request, desk)
    salted = values_digest(values, desk.queue.requests.nonce(request.request_id))
    if any(step.values != salted for step in planned):
        raise ApplyFailed(
            f"{planned[0].table}: the new values differ from those in the plan; nothing changed. "
            "Find out who changed them, then plan and approve again"
        )
    rectify(work, values, batch.of(request).datamap, transaction, desk)


def _erase(batch: Batch, works: Sequence[Work], steps: Steps) -> None:
    """Change the rows of a part of the batch, all of them or none; a request that fails, fails alone."""
    parts = Attempts(works)
    for part in parts:
        with parts.attempt():
            redactors = redactors_of((work.person for work in part), batch.engine)
            datamap = batch.of(part[0].request).datamap
            with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
                texts = prepare_changes(part, datamap, transaction.reading(datamap), redactors)
            with batch.stores.transaction(Role.EXECUTOR) as transaction:
                intend_rows(part, batch.desk(transaction))
            rows = 0
            for attempt in tries():
                with attempt, batch.stores.transaction(Role.EXECUTOR) as transaction:
                    rows = apply_rows(part, texts, datamap, transaction, batch.desk(transaction))
            with batch.stores.transaction(Role.EXECUTOR) as transaction:
                transaction.ledger.record_kept([work.request.request_id for work in part])
            with steps.together():
                for work in part:
                    _say_applied(work, steps)
                steps.add("rows_committed", counts={"rows": rows, "requests": len(part)})
            for redactor in redactors.values():
                steps.add_unmodelled(redactor.unmodelled)
    for work, error in parts.failed:
        batch.fail(work.request, Obstacle.APPLY_FAILED, error, steps)


def _begin(batch: Batch, work: Work, steps: Steps) -> None:
    """Begin a large erasure: its rows are changed with the effects."""
    try:
        without_values(begin)(batch.of(work.request), work)
    except PipelineError as error:
        batch.fail(work.request, Obstacle.APPLY_FAILED, error, steps)
        return
    _say_applied(work, steps)


def _say_applied(work: Work, steps: Steps) -> None:
    steps.add(
        RequestState.APPLIED,
        request_id=work.request.request_id,
        counts=work.plan.count_by_kind(),
        digest=work.plan.digest,
    )
