"""The edge to an orchestrator: names the batch of a run, and lets no foreign error text out.

What a task raises is shown, stored and mailed by the orchestrator, whose database no erasure
reaches. A driver's message quotes values of rows, so it ends here.
"""

import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Final, ParamSpec, Protocol, TypeVar

from pipelines.errors import DependencyUnreachable, PipelineError, VerificationFailed
from pipelines.evidence import TASK
from pipelines.flows.steps import Steps
from pipelines.model.run import RunOptions, StepLine, TaskTry
from pipelines.ports import RunLog, Stores

_P = ParamSpec("_P")
_R = TypeVar("_R")

OPEN: Final = "open"
"""Step of the line that says that a run could not begin."""

Stage = Callable[[Stores, RunOptions, str], object]
"""A flow, or one stage of it: stores, options and the id of the batch."""

_BATCHES: Final = uuid.UUID("6f0e4a7e-5d0b-4f4b-9f63-0b7f2b1d7c52")
"""Namespace of batch ids: drawn once, never to change."""

_HERE: Final = Path(__file__).resolve()
_PACKAGE: Final = _HERE.parents[1]
_FAILED: Final = frozenset({"failed", "upstream_failed"})


class OrchestratedRun(Protocol):
    """What the orchestrator says of the run that a task belongs to."""

    @property
    def dag_id(self) -> str:
        """Name of the flow's schedule."""

    @property
    def run_id(self) -> str:
        """Name of the run, unique for one `dag_id` only."""


class OrchestratedTask(OrchestratedRun, Protocol):
    """What the orchestrator says of a task, while it runs."""

    @property
    def task_id(self) -> str:
        """Name of the task."""

    @property
    def map_index(self) -> int | None:
        """Which of the mapped tasks; -1 or None for one that is not mapped."""

    @property
    def try_number(self) -> int:
        """Which try it is, from 1."""


def run_name(run: OrchestratedRun) -> str:
    """Return the name of a run among the runs of all flows.

    Two flows that start at the same minute have the same `run_id`.
    """
    return f"{run.dag_id}.{run.run_id}"


def batch_id_of(run: OrchestratedRun) -> str:
    """Return the id of a run's batch: always the same, so that a retry continues the batch."""
    return str(uuid.uuid5(_BATCHES, run_name(run)))


def try_of(task: OrchestratedTask) -> TaskTry:
    """Return which try of which task it is."""
    map_index = -1 if task.map_index is None else task.map_index
    return TaskTry(task.task_id, map_index, task.try_number)


def run_stage(
    stage: Stage,
    openers: tuple[Callable[[], Stores], Callable[[], RunLog]],
    options_of: Callable[[str], RunOptions],
    task: OrchestratedTask,
) -> str | list[int]:
    """Run one stage as a task of an orchestrator; return its batch's id, which may be handed on.

    A stage that returns a list of numbers, which may be handed on too, has that returned.

    The run's step lines say when each try of the task began, and how it ended.

    Args:
        openers: of all stores, and of the log of runs alone, which needs no database. They are
            called inside the boundary, because what cannot be opened has a message too.
        options_of: returns how flows are run, from the name of the run.

    Raises:
        PipelineError: the stage failed; nothing of a row is in it or hangs on it.
    """
    batch_id = batch_id_of(task)
    own = try_of(task)

    open_stores, open_log = openers

    @without_values
    def open_all() -> tuple[Stores, RunOptions]:
        return open_stores(), replace(options_of(run_name(task)), task=own)

    @without_values
    def begin() -> object:
        with noting(open_log, run_name(task), own):
            stores, options = open_all()
        steps = Steps(stores, options, TASK)
        steps.add("began")
        try:
            result = without_values(stage)(stores, options, batch_id)
        except PipelineError as error:
            steps.add("failed", error=error)
            raise
        steps.add("done")
        return result

    result = begin()
    return [int(one) for one in result] if isinstance(result, list) else batch_id


@contextmanager
def noting(
    open_log: Callable[[], RunLog], run_id: str, task: TaskTry | None = None
) -> Iterator[None]:
    """Leave a line in the run's evidence if what a run needs could not be opened in the block.

    Without it a night in which the database did not answer would look like one in which nothing
    was to be done.
    """
    try:
        yield
    except PipelineError as error:
        outcome = "unreachable" if isinstance(error, DependencyUnreachable) else "refused"
        line = StepLine(OPEN, outcome, is_failure=True, at=datetime.now(UTC), task=task)
        without_values(open_log)().add(run_id, line)
        raise


def without_values(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return `function` with errors that quote nothing.

    An error of ours keeps its message, which holds no value by construction, and loses the
    errors that it came from. Any other is replaced by one that says its class and the place.
    What the functions on its way held goes too: there are tools that send local variables along.
    """

    @wraps(function)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        failure: PipelineError
        try:
            return function(*args, **kwargs)
        except PipelineError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - the edge, where everything has to end
            failure = PipelineError(
                f"{type(error).__name__} at {_place(error.__traceback__)}; its text is left out, "
                "because it may quote a row"
            )
        # Outside the handlers, where Python would hang the foreign error on ours again.
        failure.__cause__ = failure.__context__ = None
        failure.__dict__.pop("__notes__", None)
        traceback.clear_frames(failure.__traceback__)
        raise failure

    return guarded


def raise_if_failed(states: Mapping[str, str | None]) -> None:
    """Check the states of a run's tasks.

    Args:
        states: by the name of the task; what has not ended yet is not judged.

    Raises:
        VerificationFailed: at least one task failed, so the run has to end red.
    """
    failed = sorted(task_id for task_id, state in states.items() if state in _FAILED)
    if failed:
        raise VerificationFailed(
            f"{len(failed)} of {len(states)} tasks did not succeed: {', '.join(failed)}"
        )


def _place(passed: TracebackType | None) -> str:
    """Return the innermost line of the package, this module left out, that the error passed."""
    place = "a place outside the package"
    while passed is not None:
        code = passed.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(_PACKAGE) and path != _HERE:
            relative = path.relative_to(_PACKAGE.parent).as_posix()
            place = f"{relative}:{passed.tb_lineno} ({code.co_name})"
        passed = passed.tb_next
    return place
