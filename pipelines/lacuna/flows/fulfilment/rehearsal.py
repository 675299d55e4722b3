"""Dry runs: the plan that a request would get, and an erasure tried in a transaction rolled back.

Nothing that lasts is changed: no row, no file, no state of a request.
"""

from collections.abc import Sequence
from dataclasses import replace

from lacuna.apply import Work, change_rows, prepare_texts
from lacuna.consent import would_be_instructed
from lacuna.errors import PipelineError, RequestError
from lacuna.flows.fulfilment.planning import Planner, UnderWay
from lacuna.model.correction import Correction
from lacuna.model.identity import Person
from lacuna.model.queue import Obstacle, Purpose, StoredPlan
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.ports import Desk, Transaction
from lacuna.redaction import build_redactor

_UP_TO_APPROVED = (
    RequestState.RECEIVED,
    RequestState.RESOLVED,
    RequestState.PLANNED,
    RequestState.APPROVED,
)
_NOT_PLANNED = _UP_TO_APPROVED[:2]


class DryRun(Planner):
    """A planner that keeps nothing of what it finds."""

    def keep_copy(self, request: Request, person: Person, desk: Desk) -> None:
        """Keep nothing."""

    def keep_corrections(
        self, request: Request, corrections: Sequence[Correction], desk: Desk
    ) -> None:
        """Keep nothing."""

    def is_instructed(self, request: Request, transaction: Transaction) -> bool:
        """Whether the tenant's controller wants it; tells nobody, and records nothing."""
        return (
            self.datamap.is_own_controller
            or transaction.queue.secret(request.request_id, Purpose.INSTRUCTION) is not None
            or would_be_instructed(request, transaction.agreements, self.desk(transaction))
        )

    def plan_of(self, request_id: str) -> StoredPlan | None:
        """Return the plan of a request, or the one that the next run would store; None: neither.

        Raises:
            RequestError: the next run could not store one; says what the request would wait for.
            PipelineError: anything else that keeps the plan from being made.
        """
        with self.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            request = transaction.queue.get(request_id)
            if request.state not in _NOT_PLANNED:
                return transaction.queue.plan(request_id)
            planner = self.of(request)
            obstacle = planner.obstacle_of(request, transaction)
            if obstacle is not None:
                raise _would_wait(request, obstacle, None)
            works = planner.survey([request], transaction)
            under_way = UnderWay.of([request], planner, transaction)
        if not works or works[0].inventory.is_empty:
            raise RequestError(
                f"{request_id}: nobody is found; the request is {request.state}, and the next run "
                "of fulfilment closes it as nothing_found"
            )
        (work,) = works
        refusal = planner.refusals(works).get(request_id)
        hindrance = planner.hindrance(work, refusal, under_way)
        if hindrance is not None:
            raise _would_wait(request, *hindrance)
        return planner.written(work)


def _would_wait(request: Request, obstacle: Obstacle, error: PipelineError | None) -> RequestError:
    why = "" if error is None else f": {error}"
    return RequestError(
        f"{request.request_id}: no plan; the request is {request.state}, and would wait for "
        f"{obstacle}{why}"
    )


def rehearse(planner: DryRun, request_id: str) -> int:
    """Carry out an erasure's row steps, roll them back, and return the rows they change.

    What forbids a treatment and cannot be read from the catalog is met here, before anybody
    approved: a CHECK or exclusion constraint, a trigger that raises, a constraint that is looked
    at last. Objects are left alone: that they are gone cannot be rolled back.

    Raises:
        RequestError: the request is no erasure that can still be planned or approved, or nobody is
            found (any more).
        StatementRefused: the database refuses a statement; says which table and constraint.
        PipelineError: anything else that the erasure itself would fail of.
    """
    with planner.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        request = transaction.queue.get(request_id)
        if request.state not in _UP_TO_APPROVED or RequestKind.ERASURE not in request.kinds:
            raise RequestError(
                f"{request_id}: only an erasure that was not applied yet can be tried; the request is "
                f"{request.state}"
            )
        planner = planner.of(request)
        works = planner.survey([request], transaction)
    if not works:
        raise RequestError(f"{request_id}: nobody is found any more; plan again")
    (work,) = works
    redactors = {work.person.org_id: build_redactor([work.person])}
    with planner.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(planner.datamap)
        texts = prepare_texts(works, planner.datamap, reading, redactors)
    rows = 0
    try:
        with planner.stores.transaction(Role.EXECUTOR) as transaction:
            desk = planner.desk(transaction)
            rows = change_rows([_no_effects(work)], texts, planner.datamap, transaction, desk)
            transaction.writing(planner.datamap).check_constraints()
            raise _RolledBack
    except _RolledBack:
        return rows


def _no_effects(work: Work) -> Work:
    """Take objects for missing: a counter that numbers their effects is not rolled back."""
    inventory = work.inventory
    missing = tuple(replace(found, byte_count=None) for found in inventory.objects)
    return replace(work, inventory=replace(inventory, objects=missing))


class _RolledBack(Exception):
    """Ends the transaction without keeping anything of it."""
