"""What each request is about, as things stand now: person, inventory and plan."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lacuna.apply import Work, corrector_of
from lacuna.errors import (
    RequestError,
)
from lacuna.flows.fulfilment.corrections import (
    find_corrections,
    follows_copies,
    is_corrected,
    known_corrections,
    planned_copies,
    with_copies,
)
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import keep_copies, known_now, look_up_all
from lacuna.model.correction import Correction
from lacuna.model.datamap import DataMap
from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    Person,
    SubjectRef,
)
from lacuna.model.location import RowKey, TableName
from lacuna.model.person_kinds import other_kinds
from lacuna.model.plan import Inventory, Plan
from lacuna.model.queue import Purpose
from lacuna.model.request import Level, Request, RequestKind
from lacuna.plan import Rectified, copy_steps, plan_request
from lacuna.ports import Desk, Transaction
from lacuna.redaction import build_matcher, build_redactor
from lacuna.request import (
    identifiers_of,
    rectifications_of,
)
from lacuna.subject import (
    Holders,
    Own,
    Sought,
    Surroundings,
    own_rows,
    pack_corrections,
    read_known_values,
    take_inventory,
    with_said_names,
    with_shared,
    without_shared,
)
from lacuna.verify import ObjectSearch

_LEVEL_KIND: Mapping[Level, IdentifierKind] = {
    Level.CONVERSATION: IdentifierKind.CONVERSATION_ID,
    Level.MESSAGE: IdentifierKind.MESSAGE_ID,
}


def survey(batch: Batch, requests: Sequence[Request], transaction: Transaction) -> list[Work]:
    """Return each request with its person, inventory and plan, as things stand now.

    One pass over each table serves all the requests about one kind of people. Those about
    nobody are left out.

    Raises:
        PipelineError: anything that keeps the inventory from being whole.
    """
    by_kind: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        by_kind[request.person_kind].append(request)
    return [
        work
        for part in by_kind.values()
        for work in _survey_kind(batch.of(part[0]), part, transaction)
    ]


def _survey_kind(batch: Batch, requests: Sequence[Request], transaction: Transaction) -> list[Work]:
    reading = transaction.reading(batch.datamap)
    sought: list[Sought] = []
    by_ref: dict[str, Request] = {}
    found = look_up_all(batch, requests, transaction)
    for request in requests:
        person = known_now(batch, request, found.get(request.request_id), transaction)
        if person is not None:
            sought.append(_sought(batch, request, person, transaction))
            by_ref[person.ref] = request
    own = own_rows(sought, batch.datamap, reading)
    sought = [_with_rows_led(one, own[one.person.ref]) for one in sought]
    erased = [one for one in sought if RequestKind.ERASURE in by_ref[one.person.ref].kinds]
    leaving = {one.person.ref: one for one in with_shared(erased, own, reading)}
    sought = [leaving.get(one.person.ref, one) for one in sought]
    sought = _with_values(batch, sought, without_shared(sought, own), by_ref, transaction)
    people: dict[str, list[Person]] = defaultdict(list)
    for one in sought:
        people[one.person.org_id].append(one.person)
    surroundings = Surroundings(
        {org_id: build_matcher(known) for org_id, known in people.items()},
        batch.stores.objects_of(batch.datamap),
        ObjectSearch(one.person for one in sought if one.is_everywhere),
    )
    inventories = take_inventory(sought, own, batch.datamap, reading, surroundings)
    held = {
        ref: tuple(items for _, items in inventory.held)
        for ref, inventory in inventories.items()
        if inventory.held
    }
    holding = {
        one.person.ref: replace(one.person, held=held[one.person.ref])
        for one in sought
        if one.person.ref in held
    }
    keep_copies(
        batch, [(by_ref[ref], one) for ref, one in holding.items()], batch.desk(transaction)
    )
    works = []
    for one in sought:
        request, inventory = by_ref[one.person.ref], inventories[one.person.ref]
        person = holding.get(one.person.ref, one.person)
        corrections: tuple[Correction, ...] = ()
        if follows_copies(request):
            found_rows = _SurveyedPerson(request, person, inventory, own[person.ref])
            inventory, corrections = _correct(batch, found_rows, transaction)
        if RequestKind.ERASURE in request.kinds:
            for path in (found_object.path for found_object in inventory.objects):
                surroundings.objects[path.store].require_erasable(path.path)
        plan = _plan(batch, request, inventory, corrections, transaction)
        works.append(Work(request, plan, inventory, person, one.roots, corrections))
    return works


@dataclass(frozen=True)
class _SurveyedPerson:
    """What was found about the person of one request; `own` are their rows."""

    request: Request
    person: Person
    inventory: Inventory
    own: Mapping[TableName, frozenset[RowKey]]


def _with_rows_led(sought: Sought, own: Mapping[TableName, frozenset[RowKey]]) -> Sought:
    """Return whom one looks for, knowing by which rows they would be recognized after a restore."""
    person = sought.person
    if not person.keys or person.row_keys or not own:
        return sought
    return replace(sought, person=replace(person, led=own))


def _with_values(
    batch: Batch,
    sought: Sequence[Sought],
    own: Own,
    by_ref: Mapping[str, Request],
    transaction: Transaction,
) -> list[Sought]:
    """Return the people, those to be erased with the values in their rows, and keep these."""
    erased = [one.person for one in sought if RequestKind.ERASURE in by_ref[one.person.ref].kinds]
    known = with_known_values(erased, own, batch.datamap, transaction)
    reading, redactor = transaction.reading(batch.datamap), build_redactor([], batch.engine)
    known = with_said_names(known, own, batch.datamap, reading, redactor)
    pairs = [(one.person, known.get(one.person.ref, one.person)) for one in sought]
    keep_copies(
        batch,
        [(by_ref[one.ref], one) for before, one in pairs if one != before or one.led],
        batch.desk(transaction),
    )
    return [replace(one, person=known.get(one.person.ref, one.person)) for one in sought]


def with_known_values(
    people: Sequence[Person], own: Own, datamap: DataMap, transaction: Transaction
) -> Mapping[SubjectRef, Person]:
    """Return people with every value that an erasure of their rows takes away."""
    others = [(view, transaction.reading(view)) for view in other_kinds(datamap)]
    reading = transaction.reading(datamap)
    by_org: dict[str, list[Person]] = defaultdict(list)
    for one in people:
        by_org[one.org_id].append(one)
    known: dict[SubjectRef, Person] = {}
    for of_tenant in by_org.values():
        recognized = [replace(one, known=one.identifiers, own_values=()) for one in of_tenant]
        holders = Holders(reading, build_matcher(recognized), others)
        for person in read_known_values(of_tenant, own, datamap, holders):
            known[person.ref] = person
    return known


def _sought(batch: Batch, request: Request, person: Person, transaction: Transaction) -> Sought:
    """Return whom to look for, and which of their rows stay.

    A request for what a hold kept back has no hold of its own: it starts from those rows, for
    no link leads to them any more.
    """
    holds = transaction.queue.requests.item_holds(request.request_id)
    is_rest = bool(person.held) and not holds
    now = batch.stores.clock.now()
    is_sought = RequestKind.ERASURE in request.kinds or not person.keys
    return Sought(
        person,
        request.level,
        () if is_rest else _roots(batch, request, person, transaction),
        is_everywhere=request.level is Level.CONTACT and is_sought,
        holds=tuple(one for one in holds if one.until > now),
        kept=person.held if is_rest else (),
    )


def _correct(
    batch: Batch, found: _SurveyedPerson, transaction: Transaction
) -> tuple[Inventory, tuple[Correction, ...]]:
    """Return an inventory with the copies of what is corrected, and that; keep it.

    What was corrected already has no copies. The old values are in no row of the person's then:
    they are those that were kept.
    """
    request, person = found.request, found.person
    desk = batch.desk(transaction)
    known = known_corrections(request, desk)
    if is_corrected(request, transaction):
        return found.inventory, known
    rectified = rectifications_of(request, desk)
    allowed = {
        name: value for name, value in rectified.items() if name in batch.datamap.correctable
    }
    seen = find_corrections(person, found.own, allowed, batch.datamap, transaction)
    old = {one.old for one in seen}
    corrections = (*seen, *(one for one in known if one.old not in old))
    if corrections != known:
        _keep_corrections(batch, request, corrections, desk)
    if not corrections:
        return found.inventory, ()
    corrector = corrector_of(corrections, person, batch.datamap, allowed)
    inventory = with_copies(found.inventory, found.own, corrector, batch.stores, transaction)
    return inventory, corrections


def _keep_corrections(
    batch: Batch, request: Request, corrections: Sequence[Correction], desk: Desk
) -> None:
    """Keep what a request corrects, encrypted, until it is closed: its rows say it no longer."""
    if batch.is_dry:
        return
    secret = batch.stores.keys.encrypt(request.request_id, pack_corrections(corrections))
    desk.queue.secrets.put(request.request_id, Purpose.CORRECTIONS, secret)


def _plan(
    batch: Batch,
    request: Request,
    inventory: Inventory,
    corrections: Sequence[Correction],
    transaction: Transaction,
) -> Plan:
    rectified = Rectified()
    nonce = transaction.queue.requests.nonce(request.request_id)
    if RequestKind.RECTIFICATION in request.kinds:
        is_done = bool(corrections) and is_corrected(request, transaction)
        rectified = Rectified(
            rectifications_of(request, batch.desk(transaction)),
            planned_copies(request, transaction)
            if is_done
            else copy_steps(inventory, corrections, nonce),
        )
    return plan_request(request, inventory, batch.datamap, nonce, rectified=rectified)


def given_roots(
    batch: Batch, request: Request, person: Person, transaction: Transaction
) -> tuple[str, ...]:
    """Return the keys of the rows that a request starts from."""
    kind = _LEVEL_KIND.get(request.level)
    if kind is None:
        return person.keys
    given = identifiers_of(request, batch.desk(transaction))
    return tuple(one.value for one in given if one.kind is kind)


def _roots(
    batch: Batch, request: Request, person: Person, transaction: Transaction
) -> tuple[str, ...]:
    """Return the rows that a request starts from, once they are seen to be the person's."""
    kind = _LEVEL_KIND.get(request.level)
    if kind is None:
        return person.keys
    roots = given_roots(batch, request, person, transaction)
    given = [Identifier(kind, root) for root in roots]
    holders = transaction.reading(batch.datamap).holders(request.org_id, given)
    strange = sum(not holders[one] & frozenset(person.keys) for one in given)
    if strange:
        raise RequestError(
            f"{request.request_id}: {strange} of {len(given)} ids of a {request.level} do not "
            "belong to this person; withdraw the request and submit it with the right ids"
        )
    return roots
