"""Stops ordinary processing for tenants whose data processing agreement was not accepted."""

from collections.abc import Iterable

from lacuna.consent import tenants_without_dpa
from lacuna.errors import AgreementMissing
from lacuna.flows.run.steps import Steps
from lacuna.model.datamap import DataMap
from lacuna.model.run import Role
from lacuna.ports import Desk, Stores


def stopped_tenants(stores: Stores, datamap: DataMap, steps: Steps) -> frozenset[str]:
    """Return the tenants that are left out, each with a line that makes the run red.

    Requests of their people are received, acknowledged and clocked all the same, and acted on at
    the controller's instruction.
    """
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        desk = Desk(
            transaction.queue, transaction.ledger, stores.keys, stores.clock.now(), "flow:sweep"
        )
        found = transaction.reading(datamap).tenants()
        # Nobody is in the canary's organization whose data could be processed.
        tenants = [one for one in found if one != steps.options.canary_org]
        stopped = tenants_without_dpa(tenants, transaction.agreements, desk)
    for org_id in stopped:
        steps.add("stopped", error=_missing(org_id))
    return frozenset(stopped)


def require_agreements(stopped: Iterable[str]) -> None:
    """Raise if any tenant was left out.

    Raises:
        AgreementMissing: names the first.
    """
    for org_id in sorted(stopped):
        raise _missing(org_id)


def _missing(org_id: str) -> AgreementMissing:
    return AgreementMissing(
        f"tenant {org_id}: no accepted data processing agreement is in force. Only requests that "
        "its controller instructs are processed. See lacuna agreement list, then lacuna "
        "agreement accept"
    )
