"""A poisoned request fails alone: a batch that fails is halved until the culprit is found."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from lacuna.errors import PipelineError
from lacuna.flows.run.edge import without_values

T = TypeVar("T")


_AT_ONCE = 50
"""Requests that one transaction of the queue serves: the ledger is locked for their entries."""


def isolated_in_parts(
    batch: Sequence[T], act: Callable[[Sequence[T]], None], most: int = _AT_ONCE
) -> Iterator[tuple[T, PipelineError]]:
    """Run `act` over the batch in parts of `most` items, each as `isolated` does."""
    for start in range(0, len(batch), most):
        yield from isolated(batch[start : start + most], act)


def isolated(
    batch: Sequence[T], act: Callable[[Sequence[T]], None]
) -> Iterator[tuple[T, PipelineError]]:
    """Run `act` over the batch, in smaller parts where it fails; yield each item that fails.

    `act` must be all or nothing: a part that raises has changed nothing.
    """
    if not batch:
        return
    try:
        without_values(act)(batch)
    except PipelineError as error:
        if len(batch) == 1:
            yield batch[0], error
            return
        middle = len(batch) // 2
        yield from isolated(batch[:middle], act)
        yield from isolated(batch[middle:], act)
