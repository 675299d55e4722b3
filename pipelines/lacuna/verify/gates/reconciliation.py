"""Rows that must stay are there, and their counts and sums have not moved."""

from decimal import Decimal
from typing import Final

from lacuna.model.finding import Finding, Gate
from lacuna.model.treatment import RowErasure
from lacuna.verify.scope import Findings, Scope

_ROWS: Final = "rows"


def check(scope: Scope) -> Findings:
    """Find tables whose kept rows or sums are not what they were before the erasure.

    No baseline where rows were to stay is a finding, and so are fewer or more rows than the
    plan named.
    """
    request_ids, verifying = scope.request_ids, scope.verifying
    baselines = verifying.baseline(request_ids)
    planned = verifying.working_rows(request_ids)
    found: dict[str, list[Finding]] = {request_id: [] for request_id in request_ids}
    for request_id, portions in verifying.pending_portions(request_ids).items():
        found[request_id].append(Finding(Gate.RECONCILIATION, "lacuna.portion", portions))
    for request_id in request_ids:
        has_none = not baselines.get(request_id) and not planned.get(request_id)
        if has_none and request_id not in scope.without_rows:
            found[request_id].append(Finding(Gate.RECONCILIATION, "lacuna.baseline", 1))
    for table in scope.datamap.tables.values():
        if table.rows is not RowErasure.ANONYMIZE:
            continue
        concerned = [
            request_id
            for request_id in request_ids
            if table.name in baselines.get(request_id, {})
            or table.name in planned.get(request_id, {})
        ]
        if not concerned:
            continue
        totals = verifying.totals(table.name, concerned)
        for request_id in concerned:
            before = baselines.get(request_id, {}).get(table.name)
            now = totals.get(request_id, {_ROWS: "0"})
            rows = planned.get(request_id, {}).get(table.name, 0)
            if before is None:
                found[request_id].append(Finding(Gate.RECONCILIATION, str(table.name), rows))
                continue
            for measure in (_ROWS, *table.measures):
                if not _is_equal(now.get(measure), before.get(measure)):
                    location = f"{table.name}.{measure}" if measure != _ROWS else str(table.name)
                    count = abs(rows - int(now[_ROWS])) if measure == _ROWS else 1
                    found[request_id].append(Finding(Gate.RECONCILIATION, location, max(count, 1)))
    return {request_id: tuple(findings) for request_id, findings in found.items()}


def _is_equal(now: str | None, before: str | None) -> bool:
    return now is not None and before is not None and Decimal(now) == Decimal(before)
