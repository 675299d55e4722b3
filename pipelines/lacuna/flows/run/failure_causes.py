"""Why requests failed, in a sentence for whoever looks at the red task."""

from collections.abc import Iterable, Sequence
from typing import Final

from lacuna.model.queue import FAILURES, Obstacle
from lacuna.model.request import Request
from lacuna.model.run import StepLine

_MOST: Final = 10
# What a verification counts beside its findings, which are named by their gate and place.
_OF_ALL: Final = frozenset({"gates", "searched", "findings", "opaque"})


def causes_of(
    requests: Sequence[Request], obstacles: Sequence[Obstacle | None], lines: Iterable[StepLine]
) -> str:
    """Return by request what failed last: its number, the obstacle, the gate, the place, the count.

    Args:
        obstacles: of the requests, in their order.
        lines: of the run.
    """
    last = last_failures(lines)
    failed = [
        (request, obstacle)
        for request, obstacle in zip(requests, obstacles, strict=True)
        if obstacle is not None and obstacle in FAILURES
    ]
    said = [
        f"{request.number or request.request_id}: {cause_of(obstacle, last.get(request.request_id))}"
        for request, obstacle in failed[:_MOST]
    ]
    more = f"; {len(failed) - _MOST} more: lacuna request list" if len(failed) > _MOST else ""
    return "; ".join(said) + more


def last_failures(lines: Iterable[StepLine]) -> dict[str, StepLine]:
    """Return the last line of a failure of each request, by the request's id."""
    return {line.request_id: line for line in lines if line.is_failure and line.request_id}


def cause_of(obstacle: Obstacle, line: StepLine | None) -> str:
    """Return the cause of a request's failure: the obstacle, and by its line the gate, the place, the count."""
    return f"{str(obstacle).replace('_', ' ')}{_details(line)}"


def _details(line: StepLine | None) -> str:
    if line is None:
        return ""
    found = [f"{name}: {count}" for name, count in line.counts if name not in _OF_ALL]
    return f" ({line.reason or ', '.join(found)})" if line.reason or found else ""
