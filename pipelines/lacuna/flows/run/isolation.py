"""A poisoned item fails alone: a part that fails is halved until the culprit is found."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from lacuna.errors import DatabaseUnreachable, FlowHeld, LedgerHeld, PipelineError
from lacuna.flows.run.foreign_errors import without_quotation

EVERYBODYS: Final = (DatabaseUnreachable, FlowHeld, LedgerHeld)
"""Errors that are nobody's own: with the database, or a lock in it, all have lost what they work on."""

T = TypeVar("T")

REQUESTS_AT_ONCE: Final = 50
"""Requests that one transaction of the queue serves: the ledger is locked for their entries."""


class Attempts(Generic[T]):
    """Items that are done in parts, each of them whole or not at all.

        parts = Attempts(requests)
        for part in parts:
            with parts.attempt():
                ...
        for request, error in parts.failed:
            ...

    What the block raises is kept; a part of several items is tried again in halves.

    Attributes:
        failed: each item that failed when it was alone, and why; the errors quote nothing.
    """

    def __init__(self, items: Sequence[T], most: int | None = None) -> None:
        """Begin with all items as one part, or with parts of `most` items."""
        size = most or max(1, len(items))
        parts = [items[start : start + size] for start in range(0, len(items), size)]
        self._waiting: list[Sequence[T]] = parts[::-1]
        self._part: Sequence[T] = ()
        self.failed: list[tuple[T, PipelineError]] = []

    def __iter__(self) -> Iterator[Sequence[T]]:
        """Yield part after part, in order."""
        while self._waiting:
            self._part = self._waiting.pop()
            yield self._part

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Do what is done with the part that was yielded last, all of it or nothing."""
        part = self._part
        try:
            yield
        except EVERYBODYS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the item's own
            if len(part) == 1:
                self.failed.append((part[0], without_quotation(error)))
            else:
                middle = len(part) // 2
                self._waiting += [part[middle:], part[:middle]]
