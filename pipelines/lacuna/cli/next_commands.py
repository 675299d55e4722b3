"""Names the command with which a request goes on: at the end of a run, of a plan, and of what is shown of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from lacuna.documentation import doc_page
from lacuna.model.next_step import ANYBODY, next_command
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request
from lacuna.ports import Transaction

__all__ = ["approval_command", "how_to_go_on", "officer_of", "some_of", "waiting_lines"]

_MOST_NUMBERS: Final = 20


def how_to_go_on(obstacle: Obstacle, numbers: Sequence[str], officer: str) -> str:
    """Return how requests go on that wait: a sentence with the commands, or where it is explained."""
    page = doc_page("runbook", "A request that waits or failed")
    return next_command(obstacle, numbers, officer) or f"Look {obstacle} up in {page}"


def approval_command(numbers: Sequence[str], digest: str, officer: str) -> str:
    """Return the command that approves the plans with a digest."""
    return f"lacuna request approve {' '.join(numbers)} --plan {digest} --as {officer}"


def officer_of(org_id: str, transaction: Transaction) -> str:
    """Return the name of the tenant's only officer; `USER` where there are several, or none."""
    names = set(transaction.assignments.officers(org_id).values())
    return names.pop() if len(names) == 1 else ANYBODY


def some_of(numbers: Sequence[str]) -> str:
    """Return the first numbers of requests, and how many more there are.

    >>> some_of(["FJ-0001", "FJ-0002"])
    'FJ-0001, FJ-0002'
    """
    more = len(numbers) - _MOST_NUMBERS
    return ", ".join(numbers[:_MOST_NUMBERS]) + (f" and {more} more" if more > 0 else "")


def waiting_lines(
    waiting: Sequence[tuple[Request, Obstacle]], transaction: Transaction
) -> Iterator[str]:
    """Yield the numbers of requests that wait for the same in the same tenant, and how they go on."""
    alike: defaultdict[tuple[Obstacle, str], list[str]] = defaultdict(list)
    # Those that were submitted together came at the same moment.
    for request, obstacle in sorted(waiting, key=lambda one: one[0].number):
        alike[obstacle, request.org_id].append(request.number)
    for (obstacle, org_id), numbers in sorted(alike.items()):
        how = how_to_go_on(obstacle, numbers[:_MOST_NUMBERS], officer_of(org_id, transaction))
        named = "" if all(number in how for number in numbers) else f"{some_of(numbers)}. "
        yield f"  {obstacle}: {named}{how}"
