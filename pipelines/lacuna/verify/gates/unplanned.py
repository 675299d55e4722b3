"""The transaction of an erasure changed no row that the plan does not name."""

from lacuna.model.finding import Finding, Gate
from lacuna.model.treatment import RowErasure
from lacuna.verify.scope import Findings, Scope


def check(scope: Scope) -> Findings:
    """Find rows that the erasure's transaction wrote and no plan of it names.

    Without the transaction's id nothing could be seen, which is a finding.
    """
    request_ids = scope.disputed
    found: dict[str, list[Finding]] = {request_id: [] for request_id in request_ids}
    for request_id in set(request_ids) - scope.verifying.transactions(request_ids).keys():
        found[request_id].append(Finding(Gate.UNPLANNED, "lacuna.request.rows_transaction", 1))
    for name, table in scope.datamap.tables.items():
        if table.rows is RowErasure.REFRESH:
            continue  # rebuilt as a whole
        for request_id, count in scope.verifying.unplanned_rows(name, request_ids).items():
            found[request_id].append(Finding(Gate.UNPLANNED, str(name), count))
    return {request_id: tuple(findings) for request_id, findings in found.items()}
