"""What a command that takes long says meanwhile, on a terminal alone."""

import logging
import sys
import threading
import time
from collections.abc import Sequence
from typing import Final, Self

from lacuna.cli.output import complain
from lacuna.flows.run.step_sentences import LoggedStep

_SILENT_SECONDS: Final = 2.0
_EVERY_SECONDS: Final = 5.0
# Each step of a flow says there in counts what it did.
_STEPS: Final = "lacuna.flows.run.steps"


class Progress(logging.Handler):
    """Says on standard error what a command is doing, once it takes more than two seconds.

    It says nothing where standard error is no terminal, or where a machine reads the output.
    """

    _current: "Progress | None" = None

    def __init__(self, words: Sequence[str]) -> None:
        """Say nothing yet.

        Args:
            words: of the command. Only its name is shown.
        """
        super().__init__(logging.INFO)
        self._is_shown = sys.stderr.isatty() and "--json" not in words
        self._command = next((word for word in words if not word.startswith("-")), "")
        self._doing = "working"
        self._steps = 0
        self._said = ""
        self._since = time.monotonic()
        self._ended = threading.Event()
        self._teller = threading.Thread(target=self._tell_on, daemon=True)

    def __enter__(self) -> Self:
        """Begin; until the end, `tell` reaches this one."""
        Progress._current = self
        if self._is_shown:
            steps = logging.getLogger(_STEPS)
            steps.addHandler(self)
            steps.setLevel(logging.INFO)
            self._teller.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End with a line of what was done, if anything was printed."""
        Progress._current = None
        if not self._is_shown:
            return
        self._ended.set()
        self._teller.join()
        steps = logging.getLogger(_STEPS)
        steps.removeHandler(self)
        steps.setLevel(logging.NOTSET)
        if self._said:
            complain(f"{self._command}: ended after {self._seconds}{self._of_steps}")

    def emit(self, record: logging.LogRecord) -> None:
        """Take a step line of a flow: its step, outcome and counts, and no id."""
        if isinstance(record.msg, LoggedStep):
            line = record.msg.line
            shown = ", ".join(f"{name} {count}" for name, count in line.counts)
            self._steps += 1
            self._doing = f"after {line.step}, {line.outcome}" + (f" ({shown})" if shown else "")

    @classmethod
    def tell(cls, doing: str) -> None:
        """Take what is done from now on. Counts and names of places, no value."""
        if cls._current is not None:
            cls._current._doing = doing
            cls._current._steps += 1

    def _tell_on(self) -> None:
        wait = _SILENT_SECONDS
        while not self._ended.wait(wait):
            self._said = f"{self._command}: {self._doing}{self._of_steps}, {self._seconds}"
            complain(self._said)
            wait = _EVERY_SECONDS

    @property
    def _of_steps(self) -> str:
        return f", {self._steps} step" + "s" * (self._steps > 1) if self._steps else ""

    @property
    def _seconds(self) -> str:
        return f"{time.monotonic() - self._since:.0f} s"
