"""Changes the rows of large erasures in portions; a run that was killed goes on where it was."""

from collections.abc import Mapping
from itertools import islice

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from lacuna.apply import (
    PortionWorkshop,
    PreparedTexts,
    Work,
    begin_portions,
    divide,
    intend_rows,
    of_portion,
)
from lacuna.errors import EvidenceBroken, RowsContended
from lacuna.flows.fulfilment.prepared_changes import prepare_changes
from lacuna.flows.fulfilment.survey import given_roots
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import person_of
from lacuna.model.location import TableName
from lacuna.model.plan import Inventory
from lacuna.model.request import Request
from lacuna.model.run import Role
from lacuna.plan import restore
from lacuna.ports import Redactor

_TRIES = 3  # of a transaction that meets the locks of others
_NOTHING = Inventory((), (), (), 0, 0)
_NO_TEXTS = PreparedTexts({}, {}, {})
# What is divided is written down in transactions of about this many rows.
_ROWS_AT_ONCE = 50_000


def tries() -> Retrying:
    """Return attempts at a transaction: one that met the locks of others is tried again.

    Raises, when they are used up:
        RowsContended: each time.
    """
    return Retrying(
        stop=stop_after_attempt(_TRIES),
        retry=retry_if_exception_type(RowsContended),
        reraise=True,
    )


def begin(batch: Batch, work: Work) -> None:
    """Divide an approved erasure, and move its request on.

    Until that is kept nothing has changed, and what a crash left of it is made again.
    """
    stores, datamap = batch.stores, batch.datamap
    request_id = work.request.request_id
    with stores.transaction(Role.EXECUTOR) as transaction:
        transaction.portions.hold(work.request)
        transaction.portions.clear(request_id)
    size = batch.options.portion_rows
    tables: list[TableName | None] = []
    portions = divide(work, datamap, size)
    while some := list(islice(portions, max(1, _ROWS_AT_ONCE // size))):
        with stores.transaction(Role.EXECUTOR) as transaction:
            transaction.portions.hold(work.request)
            for portion in some:
                tables.append(portion.table)
                transaction.portions.put(request_id, portion)
    with stores.transaction(Role.EXECUTOR) as transaction:
        transaction.portions.renew_statistics()
        intend_rows([work], batch.desk(transaction))
    for attempt in tries():
        with attempt, stores.transaction(Role.EXECUTOR) as transaction:
            begin_portions(work, tables, datamap, transaction, batch.desk(transaction))


def pending_portions(batch: Batch, request: Request) -> int:
    """Return how many portions of a request are still to be changed."""
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        return transaction.portions.pending(request.request_id)


def finish_portions(batch: Batch, request: Request, redactors: Mapping[str, Redactor]) -> int:
    """Change all portions of a request that are pending; return rows.

    Raises:
        RowsContended: rows of a portion were held by others, or changed again and again;
            those before it are kept.
    """
    work = _work(batch, request)
    workshop = PortionWorkshop(batch.datamap, redactors)
    rows = 0
    while (changed := tries()(_next, batch, work, workshop)) is not None:
        rows += changed
    return rows


def _next(batch: Batch, work: Work, workshop: PortionWorkshop) -> int | None:
    """Change the first portion that is pending; return its rows, or None after the last."""
    stores, datamap = batch.stores, batch.datamap
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        portion = transaction.portions.first_pending(work.request.request_id)
        if portion is None:
            return None
        texts = _NO_TEXTS
        if portion.table is not None:
            part = of_portion(work, portion, datamap)
            reading = transaction.reading(datamap)
            texts = prepare_changes([part], datamap, reading, workshop.redactors)
    with stores.transaction(Role.EXECUTOR) as transaction:
        desk = batch.desk(transaction)
        rows = workshop.apply(work, portion, texts, transaction, desk)
    with stores.transaction(Role.EXECUTOR) as transaction:
        transaction.ledger.record_kept([work.request.request_id])
    return rows


def _work(batch: Batch, request: Request) -> Work:
    """Return a request with the person and the plan that it was begun with."""
    with batch.stores.transaction(Role.PLANNER) as transaction:
        stored = transaction.queue.plans.get(request.request_id)
        if stored is None:
            raise EvidenceBroken(
                f"{request.request_id}: its rows are partly changed and its plan is missing; "
                "restore lacuna.plan, then run again"
            )
        person = person_of(batch, request, transaction)
        roots = given_roots(batch, request, person, transaction)
    return Work(request, restore(request, stored), _NOTHING, person, roots)
