"""How a data map of a test differs from its database."""

from lacuna.datamap import Drift, DriftKind
from lacuna.flows.run.opening import find_drift
from lacuna.ports import Stores


def drifts_of(stores: Stores) -> tuple[Drift, ...]:
    """Return what differs, but for labels: nobody reads the bundles of most tests."""
    return tuple(one for one in find_drift(stores)[1] if one.kind is not DriftKind.LABEL)
