"""A call that never comes back does not take the caller with it."""

import contextvars
import threading
import time
from collections.abc import Iterator

import pytest

from lacuna.errors import RedactionFailed
from lacuna.redaction.time_limits import deadline
from lacuna.redaction.watchdog import Watch


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_call_returns_or_raises_as_if_it_were_not_watched() -> None:
    watch = Watch(5.0)
    assert watch.run(lambda: 7) == 7
    assert watch.run(lambda: None) is None
    failure = KeyError("x")

    def fail() -> None:
        raise failure

    with pytest.raises(KeyError) as caught:
        watch.run(fail)
    assert caught.value is failure
    assert caught.value.__context__ is None


def test_a_call_sees_the_context_of_its_caller() -> None:
    variable = contextvars.ContextVar("variable", default="")
    variable.set("set")
    assert Watch(5.0).run(variable.get) == "set"


def test_a_call_that_hangs_is_left_behind_and_the_next_is_refused_until_it_ends(
    gate: threading.Event,
) -> None:
    watch = Watch(0.2)
    began = time.monotonic()
    with pytest.raises(RedactionFailed, match="did not finish within 0 seconds"):
        watch.run(gate.wait)
    assert time.monotonic() - began < 10
    with pytest.raises(RedactionFailed, match="earlier call is still running"):
        watch.run(lambda: 7)
    gate.set()
    assert watch._left_behind is not None
    watch._left_behind.join(10)
    assert watch.run(lambda: 7) == 7


def test_a_long_call_goes_on_as_long_as_it_begins_new_batches() -> None:
    def batches() -> int:
        for _ in range(6):
            with deadline(5.0):
                time.sleep(0.15)
        return 6

    assert Watch(0.5).run(batches) == 6
