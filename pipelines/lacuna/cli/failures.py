"""How a flow that fails ends on a shell: each failure is printed once, with what to do."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lacuna.cli.arguments import as_named
from lacuna.cli.output import complain
from lacuna.errors import PipelineError
from lacuna.flows.run.step_sentences import LoggedStep

_STEPS: Final = "lacuna.flows.run.steps"
_WHAT_TO_DO: Final = "What to do: "


class _HeldFailures(logging.Handler):
    """Keeps the steps that failed until the command ends."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.steps: list[LoggedStep] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, LoggedStep):
            self.steps.append(record.msg)

    def message(self, error: PipelineError) -> str:
        """Return all failures, each once, and what to do about them."""
        last = str(error)
        lines = list(dict.fromkeys(self._beside(last)))
        text = "\n".join([*lines, last])
        found = [one.what_to_do for one in self.steps if one.what_to_do] or [error.what_to_do()]
        advice = (one for one in dict.fromkeys(found) if one and one != PipelineError.what_to_do())
        return "\n".join([text, *(f"{_WHAT_TO_DO}{one}" for one in advice if one not in text)])

    def _beside(self, last: str) -> Iterator[str]:
        """Yield the failures that a message does not contain."""
        for one in self.steps:
            if not one.line.reason or one.line.reason not in last:
                yield str(one)


@contextmanager
def told_once() -> Iterator[None]:
    """Print each failure of a flow that runs in the block once, at its end.

    Raises:
        PipelineError: that of the flow, with the failures that it did not name, and what to do.
    """
    held = _HeldFailures()
    steps = logging.getLogger(_STEPS)
    was_passed_on, steps.propagate = steps.propagate, False
    steps.addHandler(held)
    try:
        yield
    except PipelineError as error:
        error.args = (held.message(error),)
        held.steps.clear()
        raise
    finally:
        steps.removeHandler(held)
        steps.propagate = was_passed_on
        for one in held.steps:
            complain(as_named(str(one)))
