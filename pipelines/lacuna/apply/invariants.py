"""What the application needs of the rows that were changed, asked before the change is kept."""

from collections.abc import Collection

from lacuna.errors import ApplyFailed
from lacuna.model.datamap import DataMap
from lacuna.ports import Transaction

__all__ = ["require_invariants"]


def require_invariants(
    request_ids: Collection[str],
    datamap: DataMap,
    transaction: Transaction,
    portion: int | None = None,
) -> None:
    """Accept rows that the application can take, whatever triggers made of them.

    Args:
        portion: whose rows alone are asked for; None for all rows of the requests.

    Raises:
        ApplyFailed: names the columns and counts.
    """
    if broken := transaction.invariants(datamap).broken(request_ids, portion):
        where = ", ".join(
            f"{column} in {count} row{'' if count == 1 else 's'}"
            for column, count in sorted(broken.items())
        )
        raise ApplyFailed(
            f"the application could not take what was left: {where}; rolled back. If no trigger "
            "changed the column, correct the invariant, then run again"
        )
