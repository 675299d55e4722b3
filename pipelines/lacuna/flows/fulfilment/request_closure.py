"""Closes verified requests: the statement first, then what was kept for them is forgotten."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from lacuna.apply import kept_right
from lacuna.consent import inherit_instruction
from lacuna.evidence import SUBJECT_PURPOSE, About, certify, subject_digests, write_statement
from lacuna.flows.fulfilment.corrections import planned_copies
from lacuna.flows.fulfilment.notices import Change, queue_notices
from lacuna.flows.fulfilment.verification import is_searched
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.certificate_folders import statements_folder
from lacuna.flows.run.isolation import Attempts
from lacuna.flows.run.request_people import people_of, person_of
from lacuna.flows.run.restored_rights import forget_rights
from lacuna.flows.run.steps import Steps
from lacuna.flows.run.vendor_ids import LOCATION, keep_vendor_ids
from lacuna.intake import kept_fact
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action, Leaf, Phase
from lacuna.model.finding import Verification
from lacuna.model.hold import HeldItems, ItemHold
from lacuna.model.identity import Person
from lacuna.model.letter import LetterKind
from lacuna.model.location import TableName
from lacuna.model.plan import Plan, RectifyCopies, Retain
from lacuna.model.queue import Obstacle, Purpose, StoredPlan
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.plan import NEEDED_BY_OTHERS, restore
from lacuna.ports import Desk, Transaction
from lacuna.request import (
    copy_secret,
    due,
    forget_all,
    identifiers_of,
    keep_contact,
    rectifications_of,
    sealed_recipient,
    tell,
)
from lacuna.subject import pack

_AT_ONCE: Final = 25
"""Requests that one transaction closes: the ledger is locked for their entries."""

_HELD: Final = uuid.UUID("5b1d0b9e-93a5-4a68-8f43-0a3d2f0f8f6a")
"""Namespace of the ids of requests for what was held: drawn once, never to change."""


def close_all(
    batch: Batch, requests: Sequence[Request], steps: Steps, *, is_chunk: bool = False
) -> None:
    """Certify and close every verified request, and certify those about nobody.

    Of the latter also those of other batches that a crash left uncertified.

    Args:
        is_chunk: whether the requests are some of a batch; those about nobody are left then.
    """
    with batch.stores.transaction(Role.PLANNER) as transaction:
        about_nobody = [
            one
            for one in (() if is_chunk else transaction.queue.requests.unforgotten())
            if one.state is RequestState.NOTHING_FOUND
        ]
        # What closing forgets is needed to see that those of the same transaction spared
        # everybody else.
        verified = [one for one in requests if one.state is RequestState.VERIFIED]
        waiting = transaction.queue.requests.with_unseen_siblings(
            [one.request_id for one in verified]
        )
        verified = [one for one in verified if one.request_id not in waiting]
    crowds = _Crowds(batch)
    parts = Attempts([*verified, *about_nobody], _AT_ONCE)
    for part in parts:
        with parts.attempt():
            _close_part(batch, part, steps, crowds)
    for request, error in parts.failed:
        batch.fail(request, Obstacle.INTERNAL_ERROR, error, steps)


@dataclass(frozen=True)
class _ClosingRequest:
    """A request with what its statement rests on.

    Attributes:
        digest: of the statement.
        has_shared: whether something of theirs stays because others need it.
        kept: ids that recognize the person.
    """

    request: Request
    people: Sequence[Person]
    digest: str
    has_shared: bool
    kept: int


def _close_part(batch: Batch, requests: Sequence[Request], steps: Steps, crowds: "_Crowds") -> None:
    """Write the statements before anything that they rest on is forgotten."""
    ids = [request.request_id for request in requests]
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        transaction.queue.secrets.read_ahead(ids)
        records = _Records.of(ids, transaction, crowds)
        rests = [(request, _Rest.of(batch, request, transaction, records)) for request in requests]
    closing: list[_ClosingRequest] = []
    erased: list[tuple[Request, Sequence[Person]]] = []
    for request, rest in rests:
        # Before anything says that the person is forgotten: whoever comes back is recognized.
        kept = keep_vendor_ids(batch.of(request), request, rest.people, rest.holds)
        for person in rest.people if rest.corrected else ():
            batch.stores.kept_rights.keep(
                kept_right(
                    request,
                    person,
                    (RequestKind.RECTIFICATION,),
                    batch.stores.clock.now(),
                    rest.corrected,
                )
            )
        if kept:
            erased.append((request, rest.people))
        about = About(rest.subject, request.person_kind, rest.crowd)
        statement = certify(
            rest.leaves, plan=rest.plan, verification=rest.verification, about=about
        )
        write_statement(statement, statements_folder(batch.stores))
        closing.append(
            _ClosingRequest(request, rest.people, statement.digest, rest.has_shared, kept)
        )
    if erased:
        forget_rights(batch, erased)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.secrets.read_ahead(ids)
        with batch.desk(transaction).together() as together:
            _close(batch, closing, transaction, together)
    with steps.together():
        for one in closing:
            is_verified = one.request.state is RequestState.VERIFIED
            closed = RequestState.COMPLETED if is_verified else RequestState.NOTHING_FOUND
            steps.add(closed, request_id=one.request.request_id, digest=one.digest)


@dataclass(frozen=True)
class _Rest:
    """What the statement of a request rests on."""

    leaves: Sequence[Leaf]
    subject: frozenset[str]
    people: Sequence[Person] = ()
    plan: Plan | None = None
    verification: Verification | None = None
    crowd: int | None = None
    holds: Sequence[ItemHold] = ()
    corrected: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def has_shared(self) -> bool:
        """Whether something of the people stays because others need it."""
        steps = () if self.plan is None else self.plan.steps
        return any(isinstance(step, Retain) and step.ground == NEEDED_BY_OTHERS for step in steps)

    @classmethod
    def of(
        cls, batch: Batch, request: Request, transaction: Transaction, records: "_Records"
    ) -> "_Rest":
        """Read it."""
        leaves = records.leaves[request.request_id]
        subject = _subject(batch, request, transaction)
        if request.state is not RequestState.VERIFIED:
            return cls(leaves, subject)
        stored = records.plans.get(request.request_id)
        return cls(
            leaves,
            subject,
            people_of(batch, request, transaction),
            None if stored is None else restore(request, stored),
            records.results.get(request.request_id),
            records.crowds.of(request, leaves, transaction),
            transaction.queue.requests.item_holds(request.request_id),
            _corrected(batch, request, transaction),
        )


@dataclass(frozen=True)
class _Records:
    """What a transaction read for several requests at once, by request."""

    leaves: Mapping[str, Sequence[Leaf]]
    plans: Mapping[str, StoredPlan]
    results: Mapping[str, Verification]
    crowds: "_Crowds"

    @classmethod
    def of(cls, ids: Sequence[str], transaction: Transaction, crowds: "_Crowds") -> "_Records":
        """Read it."""
        return cls(
            transaction.ledger.leaves_of(ids),
            {plan.request_id: plan for plan in transaction.queue.plans.each(ids)},
            transaction.queue.results.get_all(ids),
            crowds,
        )


@dataclass(frozen=True)
class _Crowds:
    """Among how many people's rows those of an erased person stand.

    Of this year: rows say in which they were erased. Of the tables that hold rows of the person, that with
    the fewest people counts. They are counted once for all requests of a batch: those that it verified count
    already.
    """

    batch: Batch
    _found: dict[tuple[str, str], Mapping[str, int]] = field(default_factory=dict, init=False)

    def of(self, request: Request, leaves: Sequence[Leaf], transaction: Transaction) -> int | None:
        """Return how many, this one too; None where nobody is erased, or no row is left of them."""
        if not is_searched(request):
            return None
        by_table = self._by_table(request.org_id, request.person_kind, transaction)
        mine = {
            entry.location
            for entry in (leaf.entry for leaf in leaves)
            if entry.action is Action.ANONYMIZE_ROWS
            and entry.phase is Phase.OUTCOME
            and (entry.rows or entry.already)
        }
        return min((by_table[one] for one in mine & by_table.keys()), default=None)

    def _by_table(
        self, org_id: str, person_kind: str, transaction: Transaction
    ) -> Mapping[str, int]:
        whose = (org_id, person_kind)
        if whose not in self._found:
            now = self.batch.stores.clock.now()
            begin = now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
            self._found[whose] = transaction.queue.requests.erased_since(*whose, begin)
        return self._found[whose]


def _close(
    batch: Batch, closing: Sequence[_ClosingRequest], transaction: Transaction, desk: Desk
) -> None:
    verified = [one.request for one in closing if one.request.state is RequestState.VERIFIED]
    desk.queue.requests.move_all(verified, RequestState.COMPLETED, at=desk.now)
    for request in verified:
        _queue_notices(batch.of(request), request, transaction)
        _keep_held(batch.of(request), request, transaction)
    # The letters first: with the rest goes whatever says whom to write to.
    whereto: dict[str, bytes] = {}
    recipients: dict[str, bytes] = {}
    for one in closing:
        request, of_kind = one.request, batch.of(one.request)
        told, facts = _completion(one, of_kind, desk)
        tell(request, told, facts, transaction.mails, desk)
        if (sealed := _whereto(of_kind, one, desk)) is not None:
            whereto[request.request_id] = sealed
        if (whom := _recipient(one, desk)) is not None:
            recipients[request.request_id] = whom
    forget_all([one.request for one in closing], desk)
    desk.queue.secrets.put_all(Purpose.DELIVERY, whereto)
    desk.queue.secrets.put_all(Purpose.RECIPIENT, recipients)
    for one in closing:
        request_id = one.request.request_id
        if one.kept:
            desk.record(
                Action.KEEP_VENDOR_IDS, LOCATION, request_id=request_id, counts=(one.kept, None)
            )
        # The seal makes the certificate of the statement that this entry names.
        desk.record(Action.COMPLETED, "lacuna.request", request_id=request_id, digest=one.digest)


def _recipient(closing: _ClosingRequest, desk: Desk) -> bytes | None:
    """Return by what the recipient of a bundle is known, encrypted; None where there is none.

    Of somebody who is erased with the same request, nothing but the bundle is kept.
    """
    request = closing.request
    if RequestKind.ERASURE in request.kinds:
        return None
    if desk.queue.bundles.get(request.request_id) is None:
        return None
    return sealed_recipient(
        request, [known for person in closing.people for known in person.identifiers], desk
    )


def _whereto(batch: Batch, closing: _ClosingRequest, desk: Desk) -> bytes | None:
    """Return where the bundle can be delivered to, encrypted; None where none is delivered."""
    request = closing.request
    if batch.stores.delivery_terms is None or desk.queue.bundles.get(request.request_id) is None:
        return None
    # Whoever has no row is known only by what the request said.
    on_file = [
        one
        for person in closing.people
        if person.row_keys
        for one in person.identifiers
        if one not in person.shared  # else somebody else reads the code
    ]
    return keep_contact(request, on_file, desk)


def _corrected(batch: Batch, request: Request, transaction: Transaction) -> Mapping[str, str]:
    """Return the values that a request corrected of somebody who stays."""
    if RequestKind.RECTIFICATION not in request.kinds or RequestKind.ERASURE in request.kinds:
        return {}
    return rectifications_of(request, batch.desk(transaction))


def _queue_notices(batch: Batch, request: Request, transaction: Transaction) -> None:
    """Queue what recipients have to be told: of who was erased, no correction any more."""
    if request.org_id == batch.options.canary_org:
        return  # nobody got anything of the canary
    if RequestKind.ERASURE in request.kinds:
        right, corrected = RequestKind.ERASURE, dict[str, str]()
    elif RequestKind.RECTIFICATION in request.kinds:
        right = RequestKind.RECTIFICATION
        corrected = rectifications_of(request, batch.desk(transaction))
    else:
        return
    person = person_of(batch, request, transaction)
    if right is RequestKind.RECTIFICATION:
        corrected |= _corrected_with_it(batch, request, person, transaction)
    change = Change(request, right, person, corrected)
    queue_notices(change, batch.datamap, batch.stores, transaction)


def _corrected_with_it(
    batch: Batch, request: Request, person: Person, transaction: Transaction
) -> dict[str, str]:
    """Return other corrected values of the person's row, as they are now: a full name with a part of it."""
    subject = batch.datamap.subject.table
    names = [
        name
        for step in planned_copies(request, transaction)
        if isinstance(step, RectifyCopies) and step.table == subject
        for name, _ in step.columns
    ]
    reading = transaction.reading(batch.datamap)
    rows = reading.rows(subject, names, [(key,) for key in person.row_keys]) if names else ()
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for row in rows
        for name, value in zip(names, row, strict=True)
        if value is not None
    }


def _completion(
    closing: _ClosingRequest, batch: Batch, desk: Desk
) -> tuple[LetterKind, dict[str, str]]:
    """Return which letter tells the requester of the end, and what it says beside."""
    request = closing.request
    if request.state is RequestState.NOTHING_FOUND:
        return LetterKind.NOTHING_FOUND, {}
    facts = {"days": str(batch.datamap.longest_backup_days)} if closing.kept else {}
    if closing.has_shared:
        facts["shared"] = "yes"
    has_copy = {RequestKind.ACCESS, RequestKind.PORTABILITY} & set(request.kinds)
    bundle = desk.queue.bundles.get(request.request_id) if has_copy else None
    if bundle is not None:
        facts["expires"] = bundle.expires_at.date().isoformat()
        if batch.stores.delivery_terms is not None:
            facts["way"] = "link"
        elif desk.queue.secrets.bundle_key(request.request_id) is not None:
            facts["way"] = "key"
    kept = {items.table for person in closing.people for items in person.held}
    holds = [one for one in desk.queue.requests.item_holds(request.request_id) if one.table in kept]
    if holds:
        own = batch.datamap.for_tenant(request.org_id)
        facts["kept"] = kept_fact(
            {
                (purpose, one.ground, one.until.date().isoformat()): None
                for one in holds
                for purpose in _purposes(own, one.table)
            }
        )
        return LetterKind.PARTLY, facts
    return LetterKind.COPY if has_copy else LetterKind.COMPLETION, facts


def _purposes(datamap: DataMap, table: TableName) -> list[str]:
    """Return why personal data in a table is processed, as the data map says it, each once."""
    names = dict.fromkeys(one.processing for one in datamap.tables[table].columns)
    return [datamap.processings[name].purpose for name in names]


def _keep_held(batch: Batch, request: Request, transaction: Transaction) -> None:
    """Queue a held request for the rows that each hold kept: it is planned when that lapses.

    It knows the person as the erased request did, and is found by no identifier of theirs: who has
    one of these by then is somebody else. It is due one month after the hold.
    """
    desk = batch.desk(transaction)
    holds = {one.table: one for one in desk.queue.requests.item_holds(request.request_id)}
    for person in people_of(batch, request, transaction) if holds else ():
        for hold, held in _by_hold(person, holds):
            times = due(hold.until)
            rest = replace(
                request,
                request_id=rest_id(request.request_id, hold.table),
                kinds=(RequestKind.ERASURE,),
                state=RequestState.RECEIVED,
                plan_digest=None,
                due_at=times.due_at,
                alarm_at=times.alarm_at,
            )
            rest = desk.queue.requests.insert(
                rest,
                created_at=desk.now,
                nonce=str(uuid.uuid4()),
                split_of=request.request_id,
            )
            rest = replace(rest, attempt=0)
            copy_secret(request, rest, Purpose.REQUESTER, desk)
            known = batch.stores.keys.encrypt(rest.request_id, pack(replace(person, held=held)))
            desk.queue.secrets.put(rest.request_id, Purpose.PERSON, known)
            inherit_instruction(rest, request, transaction.agreements, desk)
            desk.record(Action.RECEIVED, "lacuna.request", request_id=rest.request_id)
            # Also where it has lapsed by now: then it is planned with the next run.
            desk.queue.requests.move(rest, RequestState.HELD, at=desk.now, ground=hold.ground)
            desk.queue.requests.hold_until(rest.request_id, hold.until)
            desk.record(Action.HELD, "lacuna.request", request_id=rest.request_id)


def _by_hold(
    person: Person, holds: Mapping[TableName, ItemHold]
) -> Iterator[tuple[ItemHold, tuple[HeldItems, ...]]]:
    """Yield each hold that kept rows, with them; the last with what others of the held rows need."""
    kept = [holds[items.table] for items in person.held if items.table in holds]
    beside = tuple(items for items in person.held if items.table not in holds)
    last = max(kept, key=lambda hold: hold.until, default=None)
    for hold in kept:
        own = tuple(items for items in person.held if items.table == hold.table)
        yield hold, (*own, *beside) if hold == last else own


def rest_id(request_id: str, table: TableName) -> str:
    """Return the id of the request for what a hold on a table kept of another request."""
    return str(uuid.uuid5(_HELD, f"{request_id} {table}"))


def _subject(batch: Batch, request: Request, transaction: Transaction) -> frozenset[str]:
    """Return the keyed digests of the person's identifiers: those given, and those found."""
    known = list(identifiers_of(request, batch.desk(transaction)))
    for person in people_of(batch, request, transaction):
        known += person.identifiers
    return subject_digests(known, batch.stores.keys.derive(request.request_id, SUBJECT_PURPOSE))


def destroy_old_keys(batch: Batch, steps: Steps) -> None:
    """Destroy the keys of requests that were closed long enough ago, and record it."""
    now = batch.stores.clock.now()
    limit = now - timedelta(days=batch.options.forget_after_days)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        closed = transaction.queue.requests.closed_before(limit)
        recorded = transaction.ledger.first_rows(
            Action.DESTROY_KEY, [request.request_id for request in closed]
        )
    for request in closed:
        if request.request_id in recorded:
            continue
        was_there = batch.stores.keys.destroy(request.request_id)
        with batch.stores.transaction(Role.PLANNER) as transaction:
            batch.desk(transaction).record(
                Action.DESTROY_KEY,
                "keys",
                request_id=request.request_id,
                counts=(int(was_there), int(not was_there)),
            )
        steps.add("key_destroyed", request_id=request.request_id)


def forget_old_mails(batch: Batch, steps: Steps) -> None:
    """Delete what is kept of mails that opened no request, long enough after they were settled."""
    stores = batch.stores
    limit = stores.clock.now() - timedelta(days=batch.options.forget_after_days)
    with stores.transaction(Role.PLANNER) as transaction:
        forgotten = transaction.mails.forget_settled(limit)
        if forgotten:
            batch.desk(transaction).record(
                Action.MAIL_FORGOTTEN, "lacuna.mail", counts=(len(forgotten), None)
            )
    for mail_id in forgotten:
        stores.keys.destroy(mail_id)
    if forgotten:
        steps.add("mails_forgotten", counts={"mails": len(forgotten)})
