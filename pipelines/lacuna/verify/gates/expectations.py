"""The rows that stay look as the data map declares, and shared ones went with the last who needs them."""

from lacuna.model.finding import Finding, Gate
from lacuna.verify.expectations import check_expectations
from lacuna.verify.scope import Findings, Scope


def check(scope: Scope) -> Findings:
    """Find tables and columns in which own rows are not as declared.

    Of rows that others share it finds those that nothing needs, and those that something needs and that
    are gone.
    """
    found = check_expectations(scope.request_ids, scope.datamap, scope.verifying, scope.keep)
    misplaced = scope.verifying.misplaced_rows(scope.request_ids)
    return {
        request_id: (
            *findings,
            *(
                Finding(Gate.EXPECTATIONS, str(table), count)
                for table, count in sorted(misplaced.get(request_id, {}).items())
            ),
        )
        for request_id, findings in found.items()
    }
