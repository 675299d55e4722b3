"""The rows that stay look as the data map declares."""

from lacuna.verify.expectations import check_expectations
from lacuna.verify.scope import Findings, Scope


def check(scope: Scope) -> Findings:
    """Find tables and columns in which own rows are not as declared."""
    return check_expectations(scope.request_ids, scope.datamap, scope.verifying, scope.keep)
