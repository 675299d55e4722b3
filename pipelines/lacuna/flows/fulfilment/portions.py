"""Changes the rows of large erasures in portions; a run that was killed goes on where it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from lacuna.apply import (
    PortionWorkshop,
    PreparedTexts,
    Work,
    begin_portions,
    divide,
    intend_rows,
    of_portion,
    prepare_texts,
)
from lacuna.errors import EvidenceBroken, RowsContended
from lacuna.flows.fulfilment.planning import Planner
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

T = TypeVar("T")


def tried(act: Callable[[], T]) -> T:
    """Return what a transaction returns; one that met others' locks is tried again.

    Raises:
        RowsContended: each time.
    """
    tries = 1
    while True:
        try:
            return act()
        except RowsContended:
            if tries == _TRIES:
                raise
            tries += 1


@dataclass(frozen=True)
class Portioner:
    """Changes large erasures of one batch."""

    planner: Planner

    def begin(self, work: Work) -> None:
        """Divide an approved erasure, and move its request on.

        Until that is kept nothing has changed, and what a crash left of it is made anew.
        """
        stores, datamap = self.planner.stores, self.planner.datamap
        request_id = work.request.request_id
        with stores.transaction(Role.EXECUTOR) as transaction:
            transaction.portions.hold(work.request)
            transaction.portions.clear(request_id)
        size = self.planner.options.portion_rows
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
            intend_rows([work], self.planner.desk(transaction))

        def begin() -> None:
            with stores.transaction(Role.EXECUTOR) as transaction:
                desk = self.planner.desk(transaction)
                begin_portions(work, tables, datamap, transaction, desk)

        tried(begin)

    def pending(self, request: Request) -> int:
        """Return how many portions of a request are still to be changed."""
        with self.planner.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            return transaction.portions.pending(request.request_id)

    def finish(self, request: Request, redactors: Mapping[str, Redactor]) -> int:
        """Change all portions of a request that are pending; return rows.

        Raises:
            RowsContended: rows of a portion were held by others, or changed again and again;
                those before it are kept.
        """
        work = self._work(request)
        workshop = PortionWorkshop(self.planner.datamap, redactors)
        rows = 0
        while (changed := tried(lambda: self._next(work, workshop))) is not None:
            rows += changed
        return rows

    def _next(self, work: Work, workshop: PortionWorkshop) -> int | None:
        """Change the first portion that is pending; return its rows, or None after the last."""
        stores, datamap = self.planner.stores, self.planner.datamap
        with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            portion = transaction.portions.first_pending(work.request.request_id)
            if portion is None:
                return None
            texts = _NO_TEXTS
            if portion.table is not None:
                part = of_portion(work, portion, datamap)
                reading = transaction.reading(datamap)
                texts = prepare_texts([part], datamap, reading, workshop.redactors)
        with stores.transaction(Role.EXECUTOR) as transaction:
            desk = self.planner.desk(transaction)
            rows = workshop.apply(work, portion, texts, transaction, desk)
        with stores.transaction(Role.EXECUTOR) as transaction:
            transaction.ledger.record_kept([work.request.request_id])
        return rows

    def _work(self, request: Request) -> Work:
        """Return a request with the person and the plan that it was begun with."""
        with self.planner.stores.transaction(Role.PLANNER) as transaction:
            stored = transaction.queue.plan(request.request_id)
            if stored is None:
                raise EvidenceBroken(
                    f"{request.request_id}: its rows are half changed and its plan is gone; "
                    "restore lacuna.plan, then run again"
                )
            person = self.planner.person_of(request, transaction)
            roots = self.planner.given_roots(request, person, transaction)
        return Work(request, restore(request, stored), _NOTHING, person, roots)
