"""Gate: rows that were rewritten cannot be told apart by when they were written before.

It asks of every row, not only of those of erased people: what all rows of a table share separates
nobody, and whose rows were whose is forgotten by then.
"""

from collections.abc import Iterable

from lacuna.model.finding import Finding, Gate
from lacuna.model.location import TableName
from lacuna.ports import Verifying


def check_unlinkability(
    tables: Iterable[TableName], verifying: Verifying, since: str
) -> tuple[Finding, ...]:
    """Return a finding for each table that still says which of its rows were written together.

    Rows that others wrote since are left out: they carry numbers of their own.

    Args:
        since: `Verifying.transaction_number` of before the tables were rewritten.
    """
    found = []
    for table in tables:
        traces = verifying.traces(table, since)
        if told := traces.older + traces.disorder:
            found.append(Finding(Gate.UNLINKABILITY, table.location, told))
    return tuple(found)
