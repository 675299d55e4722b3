"""Where an officer decides from the command line: under their own role, in one tenant."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lacuna.consent import inherit_instruction
from lacuna.errors import MalformedRequest
from lacuna.model.evidence import Action
from lacuna.model.request import Request, RequestKind
from lacuna.model.run import Role
from lacuna.ports import Desk, Transaction
from lacuna.request import split
from lacuna.stores.installation import OpenedStores


@dataclass(frozen=True)
class Decision:
    """A request, and what an officer decides on it with."""

    found: Request
    transaction: Transaction
    desk: Desk


def org_of(stores: OpenedStores, request_id: str) -> str:
    """Return the tenant of a request.

    Raises:
        UnknownRequest: there is none with this id.
    """
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        return transaction.queue.requests.get(request_id).org_id


@contextmanager
def recording(
    stores: OpenedStores, org_id: str, user: str, *, role: str = "dpo"
) -> Iterator[tuple[Transaction, Desk]]:
    """Open a transaction in which an officer of a tenant records something; it commits at the end.

    What has to be read from the platform is read before, under the planner's role.

    Args:
        role: as whom the ledger names them: `dpo`, or `controller` for the tenant's own word.

    Raises:
        NotAnOfficer: the register does not have them for the tenant.
    """
    actor = stores.officer(user, org_id, role=role)
    with stores.transaction(Role.DPO, org_id=org_id) as transaction:
        yield (
            transaction,
            Desk(
                transaction.queue,
                transaction.ledger,
                stores.keys,
                stores.clock.now(),
                actor,
                kept_rights=stores.kept_rights,
            ),
        )


@contextmanager
def deciding(stores: OpenedStores, request_id: str, user: str) -> Iterator[Decision]:
    """Open a transaction in which an officer decides on a request; it commits at the end.

    Raises:
        UnknownRequest: there is no request with this id.
        NotAnOfficer: the register does not have them for its tenant.
    """
    with recording(stores, org_of(stores, request_id), user) as (transaction, desk):
        transaction.queue.requests.lock(request_id)
        yield Decision(transaction.queue.requests.get(request_id), transaction, desk)


@contextmanager
def deciding_together(
    stores: OpenedStores, request_ids: Sequence[str], user: str
) -> Iterator[tuple[list[Request], Desk]]:
    """Open a transaction in which an officer decides on requests of one tenant; it commits at the end.

    Raises:
        UnknownRequest: there is no request with one of these ids.
        MalformedRequest: they are of several tenants.
        NotAnOfficer: the register does not have them for the tenant.
    """
    org_ids = {org_of(stores, one) for one in request_ids}
    if len(org_ids) > 1:
        raise MalformedRequest(
            f"these requests are of {len(org_ids)} tenants; decide on those of one at a time"
        )
    with recording(stores, org_ids.pop(), user) as (transaction, desk):
        for one in sorted(request_ids):
            transaction.queue.requests.lock(one)
        yield [transaction.queue.requests.get(one) for one in request_ids], desk


def part_of(decision: Decision, kinds: Sequence[RequestKind] | None) -> Request:
    """Return the request, or, for some of its rights, one of their own, instructed as it was."""
    found, desk = decision.found, decision.desk
    if not kinds:
        return found
    new = split(found, kinds, (str(uuid.uuid4()), str(uuid.uuid4())), desk)
    inherit_instruction(new, found, decision.transaction.agreements, desk)
    return new


def record_disclosure(
    stores: OpenedStores, user: str, org_id: str, location: str, request_id: str | None
) -> None:
    """Record that personal data is shown to an officer; show it after this alone.

    Raises:
        NotAnOfficer: the register does not have them for the tenant.
    """
    with recording(stores, org_id, user) as (_, desk):
        desk.record(Action.DISCLOSED, location, request_id=request_id)
