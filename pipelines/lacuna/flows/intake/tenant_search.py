"""Finds the tenant of a person by their row, for a request that does not name one."""

from dataclasses import replace
from datetime import datetime

from lacuna.errors import MalformedRequest
from lacuna.flows.run.opening import open_datamap
from lacuna.model.person_kinds import of_kind
from lacuna.model.queue import Submission
from lacuna.model.run import Role
from lacuna.ports import Stores
from lacuna.request import checked

__all__ = ["tenant_of"]


def tenant_of(stores: Stores, submission: Submission, now: datetime) -> str:
    """Return the one tenant in which people have the submission's identifiers.

    An installation with one tenant is not searched.

    Args:
        submission: its `org_id` does not count.

    Raises:
        MalformedRequest: it is malformed, or people of no tenant or of several have the identifiers.
        DataMapDrift: the data map and the database differ.
    """
    datamap = open_datamap(stores)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        tenants = transaction.reading(datamap).tenants()
        if len(tenants) == 1:
            return tenants[0]
        reading = transaction.reading(of_kind(datamap, submission.person_kind))
        sought = checked(replace(submission, org_id="sought"), now).identifiers
        found = [one for one in tenants if any(reading.holders(one, sought).values())]
    if len(found) != 1:
        raise MalformedRequest(
            f"request: people in {len(found)} of {len(tenants)} tenants have these identifiers; name the "
            "tenant with --org"
        )
    return found[0]
