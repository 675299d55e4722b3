"""Figures for monitoring, measured after a task: the queue, the clock, the gates, the seal, the pace.

Numbers only: what of them is sent where is up to whoever asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lacuna.model.queue import FAILURES, Obstacle
from lacuna.model.request import Request, RequestState
from lacuna.model.run import Role, StepLine, TaskTry
from lacuna.ports import Stores

_OPEN: Final = tuple(state for state in RequestState if not state.is_final)
# Which lines say what was done, by step, outcome and count: others count what was planned or spared.
_ROWS: Final = frozenset({("apply", "rows_committed", "rows"), ("sweep", "done", "changed")})
_BYTES: Final = frozenset({("apply", "applied", "bytes"), ("apply", "bundle_sealed", "bytes")})

MEANINGS: Final[Mapping[str, str]] = {
    "lacuna.requests.open": "open requests",
    "lacuna.requests.to_approve": "plans waiting for approval",
    "lacuna.requests.ambiguous": "requests that match several people",
    "lacuna.requests.failed": "open requests with a failed step or gate",
    "lacuna.requests.overdue": "requests that `lacuna request list --overdue` lists",
    "lacuna.requests.oldest_due_seconds": "seconds until the next request is due; negative if "
    "overdue",
    "lacuna.gates.failed": "requests whose last verification failed",
    "lacuna.seal.age_seconds": "seconds since the last seal of the ledger",
    "lacuna.run.failures": "lines of this run that report a failure",
    "lacuna.run.seconds": "seconds that the last task took",
    "lacuna.run.rows_per_second": "rows per second that the last task changed",
    "lacuna.run.bytes_per_second": "bytes of files per second that the last task deleted or wrote",
}
"""Every figure and what it means. Those of a run carry its flow as a tag."""


def standing(stores: Stores) -> dict[str, float]:
    """Return counts of requests open, due and failed now, and the age of the seal.

    A figure that there is nothing to say of is left out: `oldest_due_seconds` where no clock runs,
    `seal.age_seconds` before the first seal.
    """
    now = stores.clock.now()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.queue.requests.in_states(_OPEN)
        obstacles = [transaction.queue.requests.obstacle(one.request_id) for one in found]
        overdue = len(transaction.queue.requests.overdue(now))
        sealed_at = transaction.ledger.sealed_at()
    figures: dict[str, float] = {
        "lacuna.requests.open": len(found),
        "lacuna.requests.to_approve": _count(found, RequestState.PLANNED),
        "lacuna.requests.ambiguous": _count(found, RequestState.AMBIGUOUS),
        "lacuna.requests.failed": sum(one in FAILURES for one in obstacles),
        "lacuna.requests.overdue": overdue,
        "lacuna.gates.failed": sum(one is Obstacle.VERIFICATION_FAILED for one in obstacles),
    }
    due = [one.act_by for one in found if one.paused_at is None]
    if due:
        figures["lacuna.requests.oldest_due_seconds"] = (min(due) - now).total_seconds()
    if sealed_at is not None:
        figures["lacuna.seal.age_seconds"] = (now - sealed_at).total_seconds()
    return figures


def pace(lines: Sequence[StepLine], task: TaskTry) -> dict[str, float]:
    """Return the failures of a run so far, and the speed of one try of a task of it.

    Args:
        lines: of the run.

    Returns:
        Nothing for a task that wrote no line, as one that only judges others.
    """
    own = [line for line in lines if line.task == task]
    times = [line.at for line in own if line.at is not None]
    if not times:
        return {}
    seconds = (max(times) - min(times)).total_seconds()
    figures = {
        "lacuna.run.failures": sum(line.is_failure for line in lines),
        "lacuna.run.seconds": seconds,
    }
    rows, byte_count = _total(own, _ROWS), _total(own, _BYTES)
    if seconds and rows:
        figures["lacuna.run.rows_per_second"] = rows / seconds
    if seconds and byte_count:
        figures["lacuna.run.bytes_per_second"] = byte_count / seconds
    return figures


def _count(found: Iterable[Request], state: RequestState) -> int:
    return sum(one.state is state for one in found)


def _total(lines: Iterable[StepLine], wanted: frozenset[tuple[str, str, str]]) -> int:
    return sum(
        count
        for line in lines
        for name, count in line.counts
        if not line.is_failure and (line.step, line.outcome, name) in wanted
    )
