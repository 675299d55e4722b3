"""What took effect after a backup was made takes effect again once that backup was put back.

Restrictions, objections, corrections and withdrawals of consent of people who stay, and decisions on
open requests, are kept outside the database for the longest life of a backup. A restored database has
forgotten them.

1. Rights take effect again by a request of their own, one for each person.
2. Withdrawals of consent go into the ledger of consents again, before a recording is judged by it.
3. A request that an officer held or refused, and that is open again, is left until one decides again.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lacuna.datamap import load_tenants
from lacuna.errors import VerificationFailed
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.flows.run.vendor_ids import closed_outside, withdraw_restored
from lacuna.model.approval_rules import BY_REAPPEARANCE
from lacuna.model.consent import ConsentEntry
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind, IdentityBasis, Person
from lacuna.model.kept_right import KeptRight, Restriction
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.model.queue import Obstacle, Submission
from lacuna.model.reappearance import vendor_ids
from lacuna.model.request import NEXT, Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.ports import Desk, Transaction
from lacuna.request import accept

_RESTRICTING: Final = frozenset({RequestKind.RESTRICTION, RequestKind.OBJECTION})


@dataclass(frozen=True)
class Forgotten:
    """What a database has forgotten, as the records outside of it say.

    Attributes:
        rights: of one person each, with the keys of their rows.
        consents: entries of the ledger of consents, each with the key of a person, or None.
        decided: open requests that an officer held or refused.
        unkept: restrictions of which there is no record, each request once: they were made before records were
            kept, or these were lost.
        over: records of what was lifted or taken back since, or that no backup can be older than.
    """

    rights: Sequence[tuple[Sequence[KeptRight], frozenset[str]]]
    consents: Sequence[tuple[ConsentEntry, str | None]]
    decided: frozenset[str]
    unkept: Sequence[KeptRight]
    over: frozenset[str]

    @property
    def is_something(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.rights or self.consents or self.decided or self.unkept or self.over)

    @property
    def counts(self) -> Mapping[str, int]:
        """How much is put back, and how many requests wait for an officer."""
        return {
            "people": len(self.rights),
            "consents": len(self.consents),
            "decided_before": len(self.decided),
        }


@dataclass(frozen=True)
class PutBack:
    """What was put back.

    Attributes:
        ids: requests by which rights take effect again, queued.
        decided: open requests that were held or refused, which nobody may carry out.
        restored: how many were withdrawn, since they were closed before.
    """

    ids: Sequence[str]
    decided: frozenset[str]
    restored: int


def put_back(batch: Batch, steps: Steps) -> PutBack:
    """Put back what the database has forgotten; withdraw what was closed before.

    Raises:
        EvidenceBroken: a record was altered; nothing was put back.
        UnknownRequest: the key of one is gone.
        VerificationFailed: somebody is of a kind that the data map has not any more.
    """
    found = what_is_forgotten(batch)
    queued = _begin_again(batch, found)
    restored = withdraw_restored(batch)
    ids = _queue(batch, queued)
    for rights, _ in found.rights:
        for one in rights:
            batch.stores.kept_rights.destroy(one.request_id)
    _record_consents(batch, found.consents)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        for request_id in found.decided:
            transaction.queue.requests.obstruct(
                transaction.queue.requests.get(request_id), Obstacle.DECIDED_BEFORE
            )
    for right in found.unkept:
        batch.stores.kept_rights.keep(right)
    for request_id in found.over:
        batch.stores.kept_rights.destroy(request_id)
    counts = {name: count for name, count in found.counts.items() if count}
    if counts:
        steps.add("put_back", counts=counts)
    return PutBack(ids, found.decided, restored)


def what_is_forgotten(batch: Batch) -> Forgotten:
    """Compare the records outside the database with it; change nothing."""
    rights = sorted(batch.stores.kept_rights.rights(), key=lambda one: (one.at, one.request_id))
    unknown = sum(one.person_kind not in known_kinds(batch.datamap) for one in rights)
    if unknown:
        raise VerificationFailed(
            f"datamap: {unknown} records of rights are about people of a kind that the map no "
            "longer has. Keep the kind until the last backup from before them is gone"
        )
    closed = closed_outside(batch)
    now = batch.stores.clock.now()
    oldest = now - timedelta(days=batch.datamap.longest_backup_days)
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        by_id = {one.request_id: one for one in transaction.queue.requests.in_states()}
        restrictions = transaction.queue.people.restrictions()
        known = {one.request_id for one in rights}
        new = [one for one in restrictions if one.since > oldest and one.request_id not in known]
        restricting = {one.request_id for one in restrictions}
        over = {
            one.request_id
            for one in rights
            if one.at <= oldest or _is_over(one, by_id.get(one.request_id), restricting, closed)
        }
        rights = [one for one in rights if one.request_id not in over]
        lost = [one for one in rights if _is_lost(one, by_id.get(one.request_id), closed)]
        decided = {
            one.request_id
            for one in rights
            if (request := by_id.get(one.request_id)) is not None
            and _is_decided(one, request, now, transaction)
            and request.request_id not in closed
        }
        consents = _lost_consents(batch, rights, transaction)
        return Forgotten(
            _people(batch, lost, transaction),
            consents,
            frozenset(decided),
            _unkept(new, by_id),
            frozenset(over),
        )


def forget_rights(batch: Batch, erased: Sequence[tuple[Request, Sequence[Person]]]) -> None:
    """Destroy what is kept of people who are erased now: nothing of theirs may be put back."""
    gone = {
        (request.org_id, request.person_kind, one)
        for request, people in erased
        for person in people
        for one in vendor_ids(person)
    }
    for right in list(batch.stores.kept_rights.rights()):
        if any((right.org_id, right.person_kind, one) in gone for one in right.vendor_ids):
            batch.stores.kept_rights.destroy(right.request_id)


def _unkept(restrictions: Sequence[Restriction], by_id: Mapping[str, Request]) -> list[KeptRight]:
    found: dict[str, KeptRight] = {}
    for one in restrictions:
        right = KeptRight(
            one.request_id,
            one.org_id,
            one.since,
            (one.kind,),
            (Identifier(IdentifierKind.CONTACT_ID, one.contact_id),),
            basis=by_id[one.request_id].identity_basis,
        )
        before = found.get(one.request_id)
        found[one.request_id] = right if before is None else before.with_later(right)
    return list(found.values())


def _is_over(
    right: KeptRight, request: Request | None, restricting: Collection[str], closed: Collection[str]
) -> bool:
    """Whether restrictions were lifted since, or their request was taken back."""
    if not right.kinds or request is None or _is_lost(right, request, closed):
        return False
    is_lifted = (
        set(right.kinds) <= _RESTRICTING
        and request.state is RequestState.COMPLETED
        and right.request_id not in restricting
    )
    return is_lifted or request.state is RequestState.WITHDRAWN


def _is_lost(right: KeptRight, request: Request | None, closed: Collection[str]) -> bool:
    """Whether rights took effect by a request that is not there any more, or is open again.

    What was closed once is never withdrawn, but by `withdraw_restored`.
    """
    if not right.kinds:
        return False
    return request is None or (
        right.request_id in closed
        and (
            RequestState.WITHDRAWN in NEXT[request.state] or request.state is RequestState.WITHDRAWN
        )
    )


def _is_decided(
    right: KeptRight, request: Request, now: datetime, transaction: Transaction
) -> bool:
    """Whether an open request is held or refused, and the ledger has no entry of that decision."""
    if RequestState.WITHDRAWN not in NEXT[request.state] or not right.stands(now):
        return False
    return not any(
        leaf.entry.action in (Action.HELD, Action.REFUSED) and leaf.entry.at == right.decided
        for leaf in transaction.ledger.leaves(request_id=request.request_id)
    )


def _people(
    batch: Batch, lost: Sequence[KeptRight], transaction: Transaction
) -> list[tuple[Sequence[KeptRight], frozenset[str]]]:
    """Return the records of each person who is there, oldest first, with the person's keys."""
    by_kind: dict[tuple[str, str], list[KeptRight]] = defaultdict(list)
    for one in lost:
        by_kind[one.person_kind, one.org_id].append(one)
    found: list[tuple[Sequence[KeptRight], frozenset[str]]] = []
    for (kind, org_id), rights in by_kind.items():
        reading = transaction.reading(of_kind(batch.datamap, kind))
        ids = {one for right in rights for one in right.vendor_ids}
        holders = reading.holders(org_id, sorted(ids, key=lambda one: (one.kind, one.value)))
        people: list[tuple[Sequence[KeptRight], frozenset[str]]] = []
        for right in rights:
            keys = frozenset().union(*(holders[one] for one in right.vendor_ids))
            if not keys:
                continue  # who is not there, or not yet: a later synchronization may bring them
            keys = reading.merged_with(org_id, sorted(keys))
            same = [one for one in people if one[1] & keys]
            people = [one for one in people if not one[1] & keys]
            together = sorted(
                [right, *(each for of, _ in same for each in of)],
                key=lambda one: (one.at, one.request_id),
            )
            people.append((together, keys.union(*(one for _, one in same))))
        found += people
    return found


_Queued = tuple[KeptRight, Submission, Sequence[str]]
"""The record under its new request, that request, and the earlier ones."""


def _begin_again(batch: Batch, found: Forgotten) -> list[_Queued]:
    """Keep the rights of each person under the id of the request that they get; return it.

    Before anything else: whatever a crash leaves, a record whose request is not there is begun again.
    """
    now = batch.stores.clock.now()
    queued: list[_Queued] = []
    for rights, keys in found.rights:
        one = rights[0]
        for later in rights[1:]:
            one = one.with_later(later)
        first, one = one.request_id, replace(one, request_id=str(uuid.uuid4()))
        batch.stores.kept_rights.keep(one)
        earlier = [each.request_id for each in rights]
        queued.append((one, _submission(one, first, keys, now), earlier))
    return queued


def _submission(right: KeptRight, first: str, keys: frozenset[str], now: datetime) -> Submission:
    said = f"before the database was restored, with request {first}"
    return Submission(
        org_id=right.org_id,
        kinds=right.kinds,
        identifiers=tuple(Identifier(IdentifierKind.CONTACT_ID, key) for key in sorted(keys)),
        received_at=now,
        verified_by=f"verified {said}",
        identity_basis=right.basis or IdentityBasis.MAIL,
        instructed_by=f"instructed {said}",
        person_kind=right.person_kind,
        rectifications=dict(right.corrected),
    )


def record_repeated(earlier: Iterable[str], request_id: str, desk: Desk) -> None:
    """Let the ledger name the requests whose effect a request brings about again."""
    for one in earlier:
        desk.record(Action.REPEATED, f"lacuna.request/{one}", request_id=request_id)


def _queue(batch: Batch, queued: Sequence[_Queued]) -> list[str]:
    if not queued:
        return []
    ids = []
    tenants = load_tenants(batch.stores.tenants_path)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        desk = batch.desk(transaction)
        for right, submission, earlier in queued:
            country = tenants.country_of(submission.org_id)
            accepted = accept(
                submission, right.request_id, str(uuid.uuid4()), desk, country=country
            )
            ids.append(accepted.request_id)
            record_repeated(earlier, accepted.request_id, desk)
    for (right, _, _), request_id in zip(queued, ids, strict=True):
        if request_id != right.request_id:  # the same is asked by one that is open
            batch.stores.kept_rights.keep(replace(right, request_id=request_id))
            batch.stores.kept_rights.destroy(right.request_id)
    return ids


def _lost_consents(
    batch: Batch, rights: Sequence[KeptRight], transaction: Transaction
) -> list[tuple[ConsentEntry, str | None]]:
    """Return the consents to recording that the ledger of consents no longer has."""
    if batch.datamap.consent is None:
        return []
    consents, reading = transaction.consents(batch.datamap), transaction.reading(batch.datamap)
    lost: list[tuple[ConsentEntry, str | None]] = []
    for right in rights:
        entry = right.consent
        if entry is None:
            continue
        holders = reading.holders(right.org_id, right.vendor_ids)
        keys = sorted({key for found in holders.values() for key in found})
        if entry.call is None:
            people = [(right.org_id, key) for key in keys]
            there = consents.general_entries(people)
            lost += [
                (entry, key) for key in keys if entry not in there.get((right.org_id, key), ())
            ]
        elif consents.call_began(right.org_id, entry.call) is not None:
            call = (right.org_id, entry.call)
            if entry not in consents.entries([call]).get(call, ()):
                lost.append((entry, keys[0] if keys else None))
    return lost


def _record_consents(batch: Batch, lost: Sequence[tuple[ConsentEntry, str | None]]) -> None:
    if not lost:
        return
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        desk = batch.desk(transaction)
        for org_id in sorted({entry.org_id for entry, _ in lost}):
            desk.queue.people.keep(org_id)
        consents = transaction.consents(batch.datamap)
        added = consents.add(lost, desk.now, BY_REAPPEARANCE)
        desk.record(Action.REAPPEARED, "lacuna.consent_entry", counts=(added, None))
