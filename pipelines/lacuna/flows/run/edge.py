"""The edge to an orchestrator: names the batch of a run, and lets no foreign error text out.

What a task raises is shown, stored and mailed by the orchestrator, whose database no erasure
reaches. A driver's message quotes values of rows, so it ends here.
"""

import gc
import importlib
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, ParamSpec, Protocol, TypeVar

from lacuna.errors import DependencyUnreachable, FlowHeld, PipelineError, VerificationFailed
from lacuna.evidence import BEGAN, RUN, TASK
from lacuna.flows.run.foreign_errors import without_values
from lacuna.model.run import RunOptions, RunScope, StepLine, TaskTry
from lacuna.ports import RunLog, Stores

_P = ParamSpec("_P")
_R = TypeVar("_R")

Stage = Callable[[Stores, RunOptions, str], object]
"""A flow, or one stage of it: stores, options and the id of the batch."""

_BATCHES: Final = uuid.UUID("6f0e4a7e-5d0b-4f4b-9f63-0b7f2b1d7c52")
"""Namespace of batch ids: drawn once, never to change."""

# How many new objects start a search for cycles: with the interpreter's own number, such searches
# take a tenth of a short run, and free next to nothing.
_GARBAGE: Final = 100_000

_FAILED: Final = frozenset({"failed", "upstream_failed"})
_OUTAGE: Final = "unreachable"
_WAITS: Final = "waits"
ENDED_ILL: Final = frozenset({"failed", "refused", "stopped", "began", _OUTAGE, _WAITS})
"""What the last line of a task says that did not come to its end: the process may be gone, too."""


@dataclass(frozen=True)
class NamedRun:
    """A run by the names of its lines and of its batch, and the task that works; None for a command."""

    run_id: str
    batch_id: str
    task: TaskTry | None = None

    @property
    def worker(self) -> str:
        """Who works, for whoever has to wait: the flow, and the task or a part of the run's name."""
        if self.task is None:
            return self.run_id[:20]
        index = f"[{self.task.map_index}]" if self.task.map_index >= 0 else ""
        return f"{self.run_id.partition('.')[0]}.{self.task.task_id}{index}"


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


class Explanation(str):
    """The message of an error of ours, which holds no value of a row and so may be handed on."""

    __slots__ = ()


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


def stage_named(flow: str, task_id: str, chunk: int | None = None) -> Stage:
    """Return the stage that a task runs: a whole flow, or a fulfilment's stage of its name."""
    module = importlib.import_module(f"lacuna.flows.{flow}")
    stage: Stage = module.stage_of(task_id, chunk) if hasattr(module, "stage_of") else module.run
    return stage


def skip_check_of(flow: str) -> Stage | None:
    """Return the check that precedes the skipping of a flow's run; None for no check."""
    module = importlib.import_module(f"lacuna.flows.{flow}")
    check: Stage | None = module.check_skip if hasattr(module, "check_skip") else None
    return check


def scope_of(params: Mapping[str, object]) -> RunScope:
    """Return the limits of a run by its parameters, which its form has checked.

    Args:
        params: any of `request`, `org`, `dry_run` and `from_date` (an ISO date); None is no limit.
    """

    def text(name: str) -> str | None:
        given = params.get(name)
        return None if given is None else str(given)

    since = text("from_date")
    return RunScope(
        is_dry=params.get("dry_run") is True,
        org_id=text("org"),
        request=text("request"),
        since=None if since is None else date.fromisoformat(since),
    )


def run_stage(
    stage: Stage,
    openers: tuple[Callable[[], Stores], Callable[[], RunLog]],
    options_of: Callable[[str], RunOptions],
    task: OrchestratedTask,
) -> str | list[int]:
    """Run one stage as a task of an orchestrator; return its batch's id, which may be handed on.

    A stage that returns a list of numbers, which may be handed on too, has that returned.

    Args:
        openers: of all stores, and of the log of runs alone, which needs no database. They are
            called inside the boundary, because what cannot be opened has a message too.
        options_of: returns how flows are run, from the name of the run.

    Raises:
        FlowHeld: another run is at work; it can be tried again when that has ended.
        PipelineError: the stage failed; nothing of a row is in it or hangs on it.
    """
    batch_id = batch_id_of(task)
    named = NamedRun(run_name(task), batch_id, try_of(task))
    result = carry(stage, openers, options_of, named)
    return [int(one) for one in result] if isinstance(result, list) else batch_id


def carry(
    stage: Stage,
    openers: tuple[Callable[[], Stores], Callable[[], RunLog]],
    options_of: Callable[[str], RunOptions],
    run: NamedRun,
) -> object:
    """Run a stage, as a task or as a command, between a line that it began and one of how it ended.

    The first line is written before anything else is opened: without it a night in which the
    database did not answer, or in which the process was killed, would look like one in which
    nothing was to be done.

    Raises:
        PipelineError: nothing of a row is in it or hangs on it.
    """
    open_stores, open_log = openers
    log = without_values(open_log)()
    began = time.monotonic()

    def say(outcome: str, error: PipelineError | None = None, *, is_failure: bool = True) -> None:
        line = StepLine(
            RUN if run.task is None else TASK,
            outcome,
            seconds=time.monotonic() - began,
            is_failure=error is not None and is_failure,
            task=run.task,
            reason="" if error is None else str(error),
        )
        log.add(run.run_id, replace(line, at=datetime.now(UTC)))

    @without_values
    def open_all() -> tuple[Stores, RunOptions]:
        stores = open_stores()
        stores.work_as(run.worker)
        return stores, replace(options_of(run.run_id), task=run.task)

    with _seldom_searched(), log.going_on(run.run_id):
        say(BEGAN)
        outcome = "refused"
        try:
            stores, options = open_all()
            outcome = "failed"
            result = without_values(stage)(stores, options, run.batch_id)
        except FlowHeld as held:
            # It is tried again when the other run has ended: nothing went wrong.
            say(_WAITS, held, is_failure=False)
            raise
        except PipelineError as error:
            is_outage = isinstance(error, DependencyUnreachable)
            say(_OUTAGE if is_outage else outcome, error)
            raise
        except BaseException as ended:
            # A limit of time, or somebody who ended the task or pressed Ctrl-C.
            say("stopped", PipelineError(f"stopped from outside ({type(ended).__name__})"))
            raise
        say("done")
    return result


@contextmanager
def _seldom_searched() -> Iterator[None]:
    """Search for cycles of objects less often inside the block: a flow makes many objects and few cycles."""
    before, *others = gc.get_threshold()
    if 0 < before < _GARBAGE:
        gc.set_threshold(_GARBAGE, *others)
    try:
        yield
    finally:
        gc.set_threshold(before, *others)


def raise_if_failed(states: Mapping[str, str | None], lines: Iterable[StepLine] = ()) -> None:
    """Check the states of a run's tasks.

    Args:
        states: by the name of the task; what has not ended yet is not judged.
        lines: of the run, which say why a task failed.

    Raises:
        DependencyUnreachable: nothing but an outage, or another run, kept tasks from their work.
        VerificationFailed: at least one task failed, so the run has to end red.
    """
    failed = sorted(task_id for task_id, state in states.items() if state in _FAILED)
    if not failed:
        return
    last = {
        # As Airflow names tasks among the states of a run.
        one.task_id if one.map_index < 0 else f"{one.task_id}_{one.map_index}": line
        for line in lines
        if line.step == TASK and (one := line.task) is not None
    }
    causes = {name: last[name] for name in failed if name in last and last[name].reason}
    why = "; ".join(f"{name}: {line.reason}" for name, line in causes.items())
    said = f"{len(failed)} of {len(states)} tasks did not succeed: {', '.join(failed)}"
    is_outage = bool(causes) and {one.outcome for one in causes.values()} <= {_OUTAGE, _WAITS}
    error = DependencyUnreachable if is_outage else VerificationFailed
    raise error(f"{said}. {why}" if why else said)
