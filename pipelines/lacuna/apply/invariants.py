"""What the application needs of the rows that are changed, asked before the change is kept."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from lacuna.errors import ApplyFailed
from lacuna.model.datamap import DataMap
from lacuna.ports import Transaction

__all__ = ["keeping_invariants"]


@contextmanager
def keeping_invariants(
    request_ids: Collection[str],
    datamap: DataMap,
    transaction: Transaction,
    portion: int | None = None,
) -> Iterator[None]:
    """Accept a change if the application can take its rows, whatever triggers made of them.

    What was broken before is no fault of the change.

    Args:
        portion: the only one whose rows are checked; None for all rows of the requests.

    Raises:
        ApplyFailed: names the columns and counts.
    """
    invariants = transaction.invariants(datamap)
    before = invariants.broken(request_ids, portion)
    yield
    broken = {
        column: count - before.get(column, 0)
        for column, count in sorted(invariants.broken(request_ids, portion).items())
        if count > before.get(column, 0)
    }
    if broken:
        where = ", ".join(
            f"{column} in {count} row{'' if count == 1 else 's'}"
            for column, count in broken.items()
        )
        raise ApplyFailed(
            f"the application could not take what was left: {where}; rolled back. If no trigger "
            "changed the column, correct the invariant, then run again"
        )
