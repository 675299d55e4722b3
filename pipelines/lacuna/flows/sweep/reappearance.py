"""Erased people who come back - by a restore, a late export, a re-sync - are erased again.

1. When a request that erased somebody closes, the person's vendor ids are kept outside the
   database, encrypted, for the longest life of a backup (`flows/run/vendor_ids.py`).
2. Every sweep looks for rows that lead to one of those ids again. Each person found gets a
   request of their own, approved by the rule: the person was erased on an approval before.
3. A request that is open although it erased somebody already comes from a restored database. It
   is withdrawn; what it did once is done again by the request of step 2.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from lacuna.datamap import load_tenants
from lacuna.errors import PipelineError, VerificationFailed
from lacuna.flows.fulfilment import fulfil_again, rest_id
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import keep_copy, people_of
from lacuna.flows.run.restored_rights import put_back, record_repeated, what_is_forgotten
from lacuna.flows.run.steps import Steps
from lacuna.flows.run.vendor_ids import (
    LOCATION,
    forget_vendor_ids,
    keeps_key,
    require_all_kept,
    withdraw_restored,
)
from lacuna.flows.sweep.late_files import NOTHING_FOUND, InFiles, search_new_files
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.ground import is_item_ground
from lacuna.model.hold import ItemHold
from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    IdentityBasis,
    Person,
    SubjectRef,
    identifier_of_key,
)
from lacuna.model.location import RowKey, TableName
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.model.queue import Submission
from lacuna.model.reappearance import ErasedPerson
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, Role
from lacuna.ports import PlatformReading, Transaction
from lacuna.request import accept

_ByTable: TypeAlias = Mapping[TableName, frozenset[RowKey]]
_PeopleOfTenant: TypeAlias = tuple[str, PlatformReading]


def reappearance(batch: Batch, steps: Steps) -> None:
    """Erase again who came back, and forget whom nothing can bring back: a rule of the sweep."""
    for act in (require_all_kept, _erase_again, forget_vendor_ids):
        try:
            act(batch, steps)
        except PipelineError as error:
            steps.fail(error)


def restore_rights(batch: Batch, steps: Steps) -> None:
    """Put back what a restored database has forgotten of people who stay, and carry it out.

    Raises:
        EvidenceBroken, UnknownRequest: a record cannot be read; nothing was put back.
        RequestError: a fulfilment is going on; nothing was done.
    """
    if not what_is_forgotten(batch).is_something:
        return
    with batch.stores.exclusive("fulfilment"):
        put = put_back(batch, steps)
        if put.ids:
            fulfil_again(batch, put.ids, steps)


@dataclass(frozen=True)
class _Back:
    """A person who was erased and is there again.

    Attributes:
        keys: of their rows in the subject table, or that other rows still point at.
        rows: how many rows of the platform lead to them.
        erased_by: the requests that erased them, the first one first.
        person_kind: what they are to the platform.
        holds: that were kept of them, lapsed ones too.
        is_asked: whether something else keeps their data: no rule approves that they are erased again.
        known: what they are known by where no row of the database leads to them: they are in files.
    """

    org_id: str
    keys: frozenset[str] = field(repr=False)
    rows: int
    erased_by: tuple[str, ...]
    person_kind: str = field(repr=False)
    holds: tuple[ItemHold, ...]
    is_asked: bool = False
    known: tuple[Identifier, ...] = field(repr=False, default=())

    @classmethod
    def of(cls, together: frozenset[str], rows: int, records: Sequence[ErasedPerson]) -> "_Back":
        """Return the person whom these records are about."""
        return cls(
            records[0].org_id,
            together,
            rows,
            tuple(one.request_id for one in records),
            records[0].person_kind,
            tuple(hold for one in records for hold in one.holds),
        )


def _erase_again(batch: Batch, steps: Steps) -> None:
    """Erase everybody who was erased and is there again, and report it.

    Raises:
        VerificationFailed: somebody could not be erased again, or may not be in this mode; or
            would not be recognized, for the map has no such kind of people any more.
        RequestError: a fulfilment is going on; nothing was done.
    """
    by_kind: dict[str, list[ErasedPerson]] = defaultdict(list)
    for person in batch.stores.erased.people():
        by_kind[person.person_kind].append(person)
    unknown = [
        one for kind in by_kind.keys() - known_kinds(batch.datamap) for one in by_kind.pop(kind)
    ]
    back: list[_Back] = []
    # By the role that says so in the ledger: nobody else's word counts.
    with batch.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        for kind, people in by_kind.items():
            view = of_kind(batch.datamap, kind)
            back += _came_back(view, people, transaction.reading(view))
    late, unread = NOTHING_FOUND, None
    try:
        if by_kind:
            late = search_new_files(batch, by_kind)
    except PipelineError as error:
        unread = error  # whoever is back in rows gets a request all the same
    again = {request_id for one in back for request_id in one.erased_by}
    back += [
        _in_files(person, late.rows[person.request_id])
        for people in by_kind.values()
        for person in people
        if late.rows.get(person.request_id) and person.request_id not in again
    ]
    if back:
        _erase_all(batch, back, steps)
    # Whoever was in rows too had another key there: their files are looked at once more.
    if not again & late.rows.keys() and batch.options.mode is Mode.ACT:
        batch.stores.erased.note_searched({**batch.stores.erased.searched(), **late.newest})
    _report_named(late, steps)
    if unread is not None:
        raise unread
    if unknown:
        raise VerificationFailed(
            f"datamap: {len(unknown)} erased people are of a kind that the map no longer has, and "
            "would come back unnoticed. Keep the kind until the last backup with them is gone"
        )


def _in_files(person: ErasedPerson, rows: int) -> _Back:
    keys = (one.value for one in person.vendor_ids if one.kind is IdentifierKind.CONTACT_ID)
    return replace(_Back.of(frozenset(keys), rows, [person]), known=person.vendor_ids)


def _report_named(late: InFiles, steps: Steps) -> None:
    """Report files that name erased people, with the requests that erased them.

    Raises:
        VerificationFailed: there are some.
    """
    for where, found in sorted(late.named.items()):
        for request_id, files in sorted(found.items()):
            steps.add("named_in_files", request_id=request_id, counts={where: files})
    if late.named:
        raise VerificationFailed(
            f"new files contain ids of erased people: {late.files}, in "
            f"{', '.join(sorted(late.named))}. The run log names the requests that erased these "
            "people. Delete or redact what is from before an erasure. This is reported only once"
        )


def _erase_all(batch: Batch, back: Sequence[_Back], steps: Steps) -> None:
    rows = sum(one.rows for one in back)
    back = _still_held(batch, back)
    counts = {"people": len(back), "rows": rows}
    if held := sum(len(one.holds) for one in back):
        counts |= {"held_tables": held}
    if batch.options.mode is Mode.OBSERVE:
        steps.add("reappeared", counts=counts)
        raise VerificationFailed(
            f"{len(back)} erased people reappeared, in {rows} rows; nothing changed. Run the "
            "sweep with LACUNA_MODE=act"
        )
    with batch.stores.exclusive("fulfilment"):
        ids = _queue_again(batch, back)
        steps.add("reappeared", counts=counts)
        asked = {request_id for request_id, one in zip(ids, back, strict=True) if one.is_asked}
        fulfil_again(batch, ids, steps, asked)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        left = sum(not transaction.queue.requests.get(one).state.is_final for one in ids)
    if left:
        raise VerificationFailed(
            f"{left} of {len(ids)} erased people who reappeared are not erased again; see lacuna "
            "request list"
        )


def _came_back(
    datamap: DataMap, people: Sequence[ErasedPerson], reading: PlatformReading
) -> Iterator[_Back]:
    """Yield who is there again, each once; one reading serves all of a tenant."""
    by_org: dict[str, list[ErasedPerson]] = defaultdict(list)
    for person in people:
        by_org[person.org_id].append(person)
    for org_id, there in by_org.items():
        wanted = {one for person in there for one in person.vendor_ids}
        holders = reading.holders(org_id, sorted(wanted, key=lambda one: (one.kind, one.value)))
        if keeps_key(datamap):
            holders = _more_than_erased(holders, org_id, reading)
        keys = {key for found in holders.values() for key in found}
        if not keys:
            continue
        rows = reading.own_rows(org_id, datamap.subject.table, sorted(keys))
        erased = _rows_erased(there)
        holders = _by_rows_again(holders, rows, erased, (org_id, reading))
        keys = {key for found in holders.values() for key in found}
        seen: set[str] = set()
        leading = {
            person.request_id: {key for one in person.vendor_ids for key in holders[one]}
            for person in there
        }
        for person in there:
            for key in sorted(leading[person.request_id]):
                if key not in seen:
                    together = reading.merged_with(org_id, [key])
                    seen |= together
                    found = sum(len(each) for one in together & keys for each in rows[one].values())
                    others = [
                        one for one in there if one != person and leading[one.request_id] & together
                    ]
                    back = _Back.of(together, found, [person, *others])
                    # They wrote again as well, which nobody decided on.
                    is_new = key in erased and any(
                        each - erased[key].get(table, frozenset())
                        for table, each in rows[key].items()
                    )
                    yield replace(back, is_asked=is_new)


def _rows_erased(people: Sequence[ErasedPerson]) -> Mapping[str, _ByTable]:
    """Return the rows that led to people without a row when they were erased, by their keys."""
    found: dict[str, dict[TableName, frozenset[RowKey]]] = defaultdict(dict)
    for person in people:
        for key in (one.value for one in person.vendor_ids if identifier_of_key(one.value)):
            for table, rows in person.rows.items():
                found[key][table] = found[key].get(table, frozenset()) | rows
    return found


def _by_rows_again(
    holders: Mapping[Identifier, frozenset[str]],
    rows: Mapping[str, _ByTable],
    erased: Mapping[str, _ByTable],
    people: _PeopleOfTenant,
) -> Mapping[Identifier, frozenset[str]]:
    """Leave out people without a row to whom none of the rows of their erasure leads again.

    Those too who have a row by now: what leads to it is no matter of a rule.
    """
    org_id, reading = people
    left: set[str] = set()
    for key, before in erased.items():
        given = identifier_of_key(key)
        now = rows.get(key, {})
        is_back = any(now.get(table, frozenset()) & each for table, each in before.items())
        if given is not None and (not is_back or reading.holders(org_id, [given])[given]):
            left.add(key)
    return {one: found - left for one, found in holders.items()}


def _more_than_erased(
    holders: Mapping[Identifier, frozenset[str]], org_id: str, reading: PlatformReading
) -> Mapping[Identifier, frozenset[str]]:
    """Leave out keys that only say that a row is still there; whoever has an external id is back."""
    by_key = {
        key
        for one, found in holders.items()
        if one.kind is IdentifierKind.CONTACT_ID
        for key in found
    }
    back = reading.untreated(org_id, by_key) | {key for key in by_key if identifier_of_key(key)}
    return {
        one: found & back if one.kind is IdentifierKind.CONTACT_ID else found
        for one, found in holders.items()
    }


def _still_held(batch: Batch, back: Sequence[_Back]) -> list[_Back]:
    """Return the people with the holds that have not lapsed, one for each table.

    What the record has of a table is newer than what the restored database has; records from before
    holds were kept have none.
    """
    now = batch.stores.clock.now()
    kept = {one.request_id: one for one in batch.stores.kept_rights.rights()}
    found: list[_Back] = []
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        held_people = _held_people(batch, transaction, now)
        for one in back:
            recorded = {hold.table for hold in one.holds}
            restored = [
                hold
                for request_id in one.erased_by
                for hold in transaction.queue.requests.item_holds(request_id)
                if hold.table not in recorded
            ]
            holds = [*one.holds, *restored]
            # What was decided on the rest that waited for the lapse.
            rests = [
                (hold.table, kept[rest])
                for hold in holds
                for request_id in one.erased_by
                if (rest := rest_id(request_id, hold.table)) in kept
            ]
            holds += [
                ItemHold(table, *right.held)
                for table, right in rests
                if right.held is not None and is_item_ground(right.held[0])
            ]
            last = {hold.table: hold for hold in sorted(holds, key=_lapse)}
            still = sorted((hold for hold in last.values() if hold.until > now), key=_table)
            is_asked = (
                one.is_asked
                or bool(one.keys & held_people.get((one.org_id, one.person_kind), set()))
                or any(
                    right.refused is not None
                    or (
                        right.held is not None
                        and right.is_held(now)
                        and not is_item_ground(right.held[0])
                    )
                    for _, right in rests
                )
            )
            found.append(replace(one, holds=tuple(still), is_asked=is_asked))
    unknown = sum(
        hold.table not in of_kind(batch.datamap, one.person_kind).tables
        for one in found
        for hold in one.holds
    )
    if unknown:
        raise VerificationFailed(
            f"{unknown} holds of erased people who reappeared are on tables that are no longer in "
            "the data map; nothing was erased again. Put the tables back into the map under "
            "these names"
        )
    return found


def _held_people(
    batch: Batch, transaction: Transaction, now: datetime
) -> Mapping[tuple[str, str], set[str]]:
    """Return the keys of people of whom a whole request is held, by tenant and kind."""
    lapsed = {one.request_id for one in transaction.queue.requests.lapsed_holds(now)}
    erased = batch.stores.erased.request_ids()
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for request in transaction.queue.requests.in_states((RequestState.HELD,)):
        if request.request_id in lapsed | erased or RequestKind.ERASURE not in request.kinds:
            continue
        for person in people_of(batch, request, transaction):
            if not person.held:  # else it is the rest of an erasure, and waits for its lapse
                found[request.org_id, request.person_kind] |= set(person.keys)
    return found


def _lapse(hold: ItemHold) -> datetime:
    return hold.until


def _table(hold: ItemHold) -> str:
    return str(hold.table)


def _queue_again(batch: Batch, back: Sequence[_Back]) -> list[str]:
    ids: list[str] = []
    missing: dict[str, tuple[ItemHold, ...]] = {}
    withdraw_restored(batch)
    tenants = load_tenants(batch.stores.tenants_path)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        desk = batch.desk(transaction)
        for one in back:
            again = _again(one, desk.now)
            request_id = accept(
                again,
                str(uuid.uuid4()),
                str(uuid.uuid4()),
                desk,
                country=tenants.country_of(again.org_id),
            ).request_id
            ids.append(request_id)
            if one.known:
                request = desk.queue.requests.get(request_id)
                keep_copy(batch, request, _known_by(one, request_id), desk)
            # An open one, of a sweep that did not end, may have them already.
            known = {hold.table for hold in desk.queue.requests.item_holds(request_id)}
            missing[request_id] = tuple(hold for hold in one.holds if hold.table not in known)
            for hold in missing[request_id]:
                desk.record(Action.HELD, hold.table.location, request_id=request_id)
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        desk = batch.desk(transaction)
        for one, request_id in zip(back, ids, strict=True):
            desk.record(Action.REAPPEARED, LOCATION, request_id=request_id, counts=(one.rows, None))
            record_repeated(one.erased_by, request_id, desk)
            for hold in missing[request_id]:
                desk.queue.requests.hold_again(desk.queue.requests.get(request_id), hold, desk.now)
    return ids


def _known_by(one: _Back, request_id: str) -> Person:
    return Person(SubjectRef(request_id), one.org_id, tuple(sorted(one.keys)), one.known)


def _again(one: _Back, now: datetime) -> Submission:
    return Submission(
        org_id=one.org_id,
        kinds=(RequestKind.ERASURE,),
        identifiers=tuple(
            identifier_of_key(key) or Identifier(IdentifierKind.CONTACT_ID, key)
            for key in sorted(one.keys)
        ),
        received_at=now,
        verified_by=f"erased before by request {one.erased_by[0]}",
        identity_basis=IdentityBasis.ERASED,
        person_kind=one.person_kind,
        # It was decided before; that a conversation came back as open blocks nothing.
        is_forced=True,
    )
