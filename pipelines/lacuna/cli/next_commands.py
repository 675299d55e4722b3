"""Names the command with which a request goes on: at the end of a run, of a plan, and of what is shown of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from lacuna.documentation import doc_page
from lacuna.model.next_step import ANYBODY, next_command
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request
from lacuna.ports import Transaction

__all__ = ["approval_command", "how_to_go_on", "officer_of", "waiting_lines"]

_MOST_NUMBERS: Final = 8


def how_to_go_on(obstacle: Obstacle, request: Request, officer: str) -> str:
    """Return how a request goes on that waits: a sentence with the commands, or where it is explained."""
    page = doc_page("runbook", "A request that waits or failed")
    return next_command(obstacle, request, officer) or f"Look {obstacle} up in {page}"


def approval_command(request: Request, digest: str, officer: str = ANYBODY) -> str:
    """Return the command that approves the plan with a digest."""
    return f"lacuna request approve {request.number} --plan {digest} --as {officer}"


def officer_of(org_id: str, transaction: Transaction) -> str:
    """Return the name of the tenant's only officer; `USER` where there are several, or none."""
    names = set(transaction.assignments.officers(org_id).values())
    return names.pop() if len(names) == 1 else ANYBODY


def waiting_lines(
    waiting: Sequence[tuple[Request, Obstacle]], transaction: Transaction
) -> Iterator[str]:
    """Yield, for each reason to wait, the numbers of requests and how the first of them goes on."""
    alike: defaultdict[Obstacle, list[Request]] = defaultdict(list)
    for request, obstacle in waiting:
        alike[obstacle].append(request)
    for obstacle, requests in sorted(alike.items()):
        first = requests[0]
        numbers = ", ".join(one.number for one in requests[:_MOST_NUMBERS])
        more = ", …" if len(requests) > _MOST_NUMBERS else ""
        officer = officer_of(first.org_id, transaction)
        yield f"  {obstacle}: {numbers}{more}. {how_to_go_on(obstacle, first, officer)}"
