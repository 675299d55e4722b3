"""Dry runs: the plan that a request would get, and an erasure tried in a transaction rolled back.

Nothing that lasts is changed: no row, no file, no state of a request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lacuna.apply import UnchangedTexts, Work, change_rows
from lacuna.documentation import doc_page
from lacuna.errors import PipelineError, RequestError
from lacuna.flows.fulfilment.obstacles import UnderWay, hindrance, obstacles_of
from lacuna.flows.fulfilment.planning import written
from lacuna.flows.fulfilment.prepared_changes import prepare_changes
from lacuna.flows.fulfilment.refusals import refusals
from lacuna.flows.fulfilment.strangers import strangers_asked_for
from lacuna.flows.fulfilment.survey import survey
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.chunks import FLOW
from lacuna.flows.run.opening import RolledBack
from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.model.next_step import next_command
from lacuna.model.queue import Obstacle, StoredPlan
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.redaction import build_redactor

_UP_TO_APPROVED = (
    RequestState.RECEIVED,
    RequestState.RESOLVED,
    RequestState.PLANNED,
    RequestState.APPROVED,
)
_NOT_PLANNED = _UP_TO_APPROVED[:2]


def would_be_plan(batch: Batch, request_id: str) -> StoredPlan | None:
    """Return the plan of a request, or the one that the next run would store; None: neither.

    A stored one that another data map made, and that was not applied yet, is planned again.

    Args:
        batch: a dry one.

    Raises:
        RequestError: the next run could not store one; says what the request would wait for.
        PipelineError: anything else that keeps the plan from being made.
    """
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        request = transaction.queue.requests.get(request_id)
        stored = transaction.queue.plans.get(request_id)
        is_outdated = stored is not None and stored.datamap_digest != batch.datamap.digest
        if request.state not in (_UP_TO_APPROVED if is_outdated else _NOT_PLANNED):
            return stored
        batch = batch.of(request)
        obstacle = obstacles_of(batch, [request], transaction).get(request_id)
        if obstacle is not None:
            raise _would_wait(request, obstacle, None)
        works = survey(batch, [request], transaction)
        strangers = {} if works else strangers_asked_for(batch, [request], transaction)
        under_way = UnderWay.of([request], batch, transaction)
    if strangers:
        raise _would_wait(request, Obstacle.OTHER_KIND, strangers[request_id])
    refusal = refusals(batch, works).get(request_id)
    if not works or (works[0].inventory.is_empty and refusal is None):
        raise RequestError(
            f"{request.reference}: nobody is found. The request is {request.state}; the next run of "
            "fulfilment closes it as nothing_found"
        )
    (work,) = works
    if (why := hindrance(batch, work, refusal, under_way)) is not None:
        raise _would_wait(request, *why)
    return written(batch, work)


def _would_wait(request: Request, obstacle: Obstacle, error: PipelineError | None) -> RequestError:
    page = doc_page("runbook", "A request that waits or failed")
    command = next_command(obstacle, (request.number,))
    why = f": {error}" if error is not None else f". {command}" if command else f"; see {page}"
    return RequestError(
        f"{request.reference}: no plan. The request is {request.state} and would wait for "
        f"{obstacle}{why}"
    )


@dataclass(frozen=True)
class TriedErasure:
    """What an erasure would change.

    Attributes:
        rows: of the platform.
        unchanged: own texts in which nothing is recognized, by column.
    """

    rows: int
    unchanged: Sequence[UnchangedTexts]


def rehearse(batch: Batch, request_id: str) -> TriedErasure:
    """Carry out an erasure's row steps, roll them back, and return what they change.

    What forbids a treatment and cannot be read from the catalog is met here, before anybody
    approved: a CHECK or exclusion constraint, a trigger that raises, a constraint that is looked
    at last. Objects are left alone: that they are gone cannot be rolled back.

    Args:
        batch: a dry one.

    Raises:
        RequestError: the request is no erasure that can still be planned or approved, or nobody is
            found (any more).
        StatementRefused: the database refuses a statement; says which table and constraint.
        PipelineError: anything else that the erasure itself would fail of.
    """
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        request = transaction.queue.requests.get(request_id)
        if request.state not in _UP_TO_APPROVED or RequestKind.ERASURE not in request.kinds:
            raise RequestError(
                f"{request.reference}: only an erasure that was not applied yet can be tried; the request is "
                f"{request.state}"
            )
        batch = batch.of(request)
        works = survey(batch, [request], transaction)
    if not works:
        raise RequestError(f"{request.reference}: nobody is found any more; plan again")
    (work,) = works
    redactors = {work.person.org_id: build_redactor([work.person], batch.engine)}
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(batch.datamap)
        texts = prepare_changes(works, batch.datamap, reading, redactors)
    rows = 0
    try:
        with (
            batch.stores.sharing(PLATFORM),
            batch.stores.exclusive(FLOW),
            batch.stores.transaction(Role.EXECUTOR) as transaction,
        ):
            desk = batch.desk(transaction)
            rows = change_rows([_no_effects(work)], texts, batch.datamap, transaction, desk)
            transaction.writing(batch.datamap).check_constraints()
            raise RolledBack
    except RolledBack:
        return TriedErasure(rows, texts.unchanged)


def _no_effects(work: Work) -> Work:
    """Take objects for missing: a counter that numbers their effects is not rolled back."""
    inventory = work.inventory
    missing = tuple(replace(found, byte_count=None) for found in inventory.objects)
    return replace(work, inventory=replace(inventory, objects=missing))
