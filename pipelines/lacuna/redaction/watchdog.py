"""Gives up on a detector that does not come back: the caller goes on, and with it the run fails."""

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from lacuna.errors import RedactionFailed
from lacuna.redaction.time_limits import Pulse, pulsing

_T = TypeVar("_T")


class Watch:
    """Runs one call after the other, each in a thread that can be left behind.

    No thread can be stopped from outside in Python. One that hangs is left behind until the
    process ends; as long as it does, every further call is refused at once.
    """

    def __init__(self, seconds: float) -> None:
        """Wait for at most `seconds` between two signs of life of a call."""
        self._seconds = seconds
        self._left_behind: threading.Thread | None = None

    def run(self, call: Callable[[], _T]) -> _T:
        """Return the result of `call`, or raise its exception.

        Raises:
            RedactionFailed: it gave no sign of life for too long, or an earlier one still hangs.
        """
        if self._left_behind is not None and self._left_behind.is_alive():
            raise RedactionFailed(
                "redaction: a detector of an earlier call is still running; no text was changed. "
                "End this process, report the detector, then run again."
            )
        pulse = Pulse()
        outcome = _CallOutcome[_T]()

        def watched() -> None:
            with pulsing(pulse):
                outcome.take(call)

        thread = threading.Thread(
            target=contextvars.copy_context().run, args=(watched,), name="detectors", daemon=True
        )
        thread.start()
        while thread.is_alive():
            left = pulse.at + self._seconds - time.monotonic()
            if left <= 0:
                self._left_behind = thread
                raise RedactionFailed(
                    f"redaction: a detector did not finish within {self._seconds:.0f} seconds; "
                    "all texts were left unchanged. Report the detector, then run again."
                )
            thread.join(left)
        return outcome.given()


class _CallOutcome(Generic[_T]):
    """What a call in another thread came to."""

    def __init__(self) -> None:
        self._values: list[_T] = []
        self._error: BaseException | None = None

    def take(self, call: Callable[[], _T]) -> None:
        try:
            self._values.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again by `given`, in the caller's thread
            self._error = error

    def given(self) -> _T:
        if self._error is not None:
            raise self._error
        return self._values[0]
