"""Finds whose data a sweep leaves alone: an open request may need it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import look_up, people_of
from lacuna.model.location import RowKey, TableName
from lacuna.model.request import CONTACT, Request
from lacuna.model.run import Role
from lacuna.ports import PlatformReading, Transaction


@dataclass(frozen=True)
class Pending:
    """What open requests may need.

    Attributes:
        people: by tenant, the subject keys of people with an open request.
        held: by table, rows that a hold keeps, and that no link to the person leads to any more.
    """

    people: Mapping[str, frozenset[str]] = field(repr=False)
    held: Mapping[TableName, frozenset[RowKey]] = field(repr=False)


def pending_people(batch: Batch) -> Pending:
    """Return the people whom open requests are about, held ones included.

    Whoever asked for access gets what was there when they asked, although its time is up since. A
    request whose sender nobody knows yet keeps anything for its first month only: else a mail
    that is never answered would keep somebody's data for ever.
    """
    now = batch.stores.clock.now()
    found: dict[str, set[str]] = defaultdict(set)
    held: dict[TableName, set[RowKey]] = defaultdict(set)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        for request in transaction.queue.requests.in_states():
            if request.state.is_final or request.person_kind != CONTACT:
                continue
            if not request.is_verified and request.due_at < now:
                continue
            found[request.org_id] |= _people(batch, request, transaction)
            for person in people_of(batch, request, transaction):
                for items in person.held:
                    held[items.table] |= items.keys
    return Pending(
        {org_id: frozenset(keys) for org_id, keys in found.items()},
        {table: frozenset(keys) for table, keys in held.items()},
    )


def spared_rows(
    table: TableName,
    org_id: str,
    keys: Collection[RowKey],
    pending: Pending,
    reading: PlatformReading,
) -> frozenset[RowKey]:
    """Return which of a tenant's rows belong to somebody with an open request, or are held."""
    people = pending.people.get(org_id)
    held = pending.held.get(table, frozenset()) & frozenset(keys)
    if not people or not keys:
        return held
    owners = reading.owners_of(table, keys)
    return held | {key for key, owned_by in owners.items() if owned_by & people}


def _people(batch: Batch, request: Request, transaction: Transaction) -> set[str]:
    """Return everybody whom a request can mean, as long as nobody has chosen."""
    known = people_of(batch, request, transaction)
    if known:
        return {key for person in known for key in person.keys}
    try:
        resolution = look_up(batch, request, transaction)
    except (EvidenceBroken, UnknownRequest):
        return set()  # it fails when its own turn comes
    keys = set() if resolution.person is None else set(resolution.person.keys)
    return keys | set(resolution.candidates)
