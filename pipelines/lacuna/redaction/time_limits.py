"""Time limits that stop a batch instead of skipping what was too slow."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Pulse:
    """When a call last showed that it goes on, by the monotonic clock."""

    def __init__(self) -> None:
        self.at = time.monotonic()


_PULSE: ContextVar[Pulse | None] = ContextVar("pulse", default=None)
_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)


class OutOfTime(Exception):
    """A detector was too slow.

    Not a `TimeoutError`: Presidio catches those and goes on without the pattern.
    """


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give the block `seconds`; `check` and `remaining` inside it know."""
    now = time.monotonic()
    if (pulse := _PULSE.get()) is not None:
        pulse.at = now
    token = _DEADLINE.set(now + seconds)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


@contextmanager
def pulsing(pulse: Pulse) -> Iterator[None]:
    """Let every `deadline` that begins inside the block be a sign of life."""
    token = _PULSE.set(pulse)
    try:
        yield
    finally:
        _PULSE.reset(token)


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
