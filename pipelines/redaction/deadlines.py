"""Time limits that stop a batch instead of skipping what was too slow."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)


class OutOfTime(Exception):
    """A detector was too slow.

    Not a `TimeoutError`: Presidio catches those and goes on without the pattern.
    """


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give the block `seconds`; `check` and `remaining` inside it know."""
    token = _DEADLINE.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def remaining(seconds: float) -> float:
    """Return how long a step may take that is given `seconds` at most.

    Raises:
        OutOfTime: the block's time is over.
    """
    end = _DEADLINE.get()
    if end is None:
        return seconds
    left = end - time.monotonic()
    if left <= 0:
        raise OutOfTime
    return min(seconds, left)


def check() -> None:
    """Raise `OutOfTime` if the block's time is over."""
    remaining(1.0)
