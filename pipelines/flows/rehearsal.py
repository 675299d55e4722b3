"""Tries an erasure on the platform itself, in a transaction that is rolled back."""

from pipelines.apply import Work, apply_rows, prepare_texts
from pipelines.errors import RequestError
from pipelines.flows.planning import Planner
from pipelines.flows.rules import engine_of
from pipelines.model.request import RequestKind, RequestState
from pipelines.model.run import Role
from pipelines.redaction import build_redactor

_CAN_BE_TRIED = (RequestState.PLANNED, RequestState.APPROVED)


def rehearse(planner: Planner, request_id: str) -> int:
    """Carry out a planned erasure's row steps, roll them back, and return the rows they change.

    What forbids a treatment and cannot be read from the catalog is met here, before anybody
    approved: a CHECK or exclusion constraint, a trigger that raises, a constraint that is looked
    at last. Objects are left alone: that they are gone cannot be rolled back.

    Raises:
        RequestError: the request is no planned erasure, or nobody is found any more.
        StatementRefused: the database refuses a statement; says which table and constraint.
        PipelineError: anything else that the erasure itself would fail of.
    """
    with planner.stores.transaction(Role.PLANNER) as transaction:
        request = transaction.queue.get(request_id)
        if request.state not in _CAN_BE_TRIED or RequestKind.ERASURE not in request.kinds:
            raise RequestError(
                f"{request_id}: only a planned erasure can be tried; the request is {request.state}"
            )
        planner = planner.of(request)
        works = planner.survey([request], transaction)
    if not works:
        raise RequestError(f"{request_id}: nobody is found any more; plan again")
    (work,) = works
    redactors = {work.person.org_id: build_redactor([work.person], engine_of(planner.stores))}
    with planner.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(planner.datamap)
        texts = prepare_texts(works, planner.datamap, reading, redactors)
    rows = 0
    try:
        with planner.stores.transaction(Role.EXECUTOR) as transaction:
            desk = planner.desk(transaction)
            if request.state is RequestState.PLANNED:
                request = desk.queue.move(request, RequestState.APPROVED, at=desk.now)
            tried = Work(request, work.plan, work.inventory, work.person, work.roots)
            rows = apply_rows([tried], texts, planner.datamap, transaction, desk)
            transaction.writing(planner.datamap).check_constraints()
            raise _RolledBack
    except _RolledBack:
        return rows


class _RolledBack(Exception):
    """Ends the transaction without keeping anything of it."""
