"""The gates over an applied erasure, in the order in which they run.

1. residue and canary: nothing of the person is left, and the search would have seen it;
2. objects: every effect was carried out, and nothing is pending;
3. reconciliation: rows that must stay are there, their counts and sums have not moved;
4. neighbours: the transaction changed no row that the plan does not name.
"""

from decimal import Decimal

from pipelines.model.datamap import DataMap, RowErasure
from pipelines.model.finding import Finding, Gate
from pipelines.ports import Verifying


def check_objects(request_id: str, verifying: Verifying) -> tuple[Finding, ...]:
    """Find effects on objects that are still pending."""
    pending = verifying.effects(request_id).get("pending", 0)
    return (Finding(Gate.OBJECTS, "lacuna.outbox", pending),) if pending else ()


def reconcile(request_id: str, datamap: DataMap, verifying: Verifying) -> tuple[Finding, ...]:
    """Find tables whose kept rows or sums are not what they were before the erasure.

    Zero rows where the baseline has some is a finding, and so is a missing baseline.
    """
    findings: list[Finding] = []
    baseline = verifying.baseline(request_id)
    for table in datamap.tables.values():
        before = baseline.get(table.name)
        if before is None or table.rows is not RowErasure.ANONYMIZE:
            continue
        now = verifying.totals(table.name, request_id)
        for measure, total in before.items():
            if not _is_equal(now.get(measure), total):
                findings.append(Finding(Gate.RECONCILIATION, f"{table.name}.{measure}", 1))
    return tuple(findings)


def check_neighbours(
    request_id: str, datamap: DataMap, verifying: Verifying
) -> tuple[Finding, ...]:
    """Find rows that the erasure's transaction wrote and no plan of it names."""
    return tuple(
        Finding(Gate.NEIGHBOURS, str(table), count)
        for table in datamap.tables
        if (count := verifying.strangers_changed(table, request_id))
    )


def _is_equal(now: str | None, before: str) -> bool:
    return now is not None and Decimal(now) == Decimal(before)
