"""Plans requests: from a person who was found to a plan that waits for its approval."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from lacuna.apply import Work
from lacuna.consent import instruct, is_instructed
from lacuna.datamap import load_tenants
from lacuna.errors import (
    BlastRadiusExceeded,
    PipelineError,
    PlanRefused,
    RequestError,
)
from lacuna.flows.fulfilment.corrections import (
    corrector_of,
    find_corrections,
    follows_copies,
    is_corrected,
    known_corrections,
    planned_copies,
    with_copies,
)
from lacuna.flows.fulfilment.locks import say_locks
from lacuna.flows.fulfilment.notices import Change, queue_notices
from lacuna.flows.fulfilment.resolution import Resolver
from lacuna.flows.run.isolation import isolated, isolated_in_parts
from lacuna.flows.run.steps import Steps
from lacuna.model.agreement import InstructionSource
from lacuna.model.approval import BY_IDENTITY, BY_SETTING, IDENTITY_ALONE
from lacuna.model.correction import Correction
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    IdentityBasis,
    Person,
    Unfound,
)
from lacuna.model.kept_right import KeptRight
from lacuna.model.kinds import marked, other_kinds
from lacuna.model.location import STORE_MARK, RowKey, TableName
from lacuna.model.plan import Inventory, Plan
from lacuna.model.queue import Obstacle, Purpose, StoredPlan
from lacuna.model.reappearance import vendor_ids
from lacuna.model.request import Level, Request, RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Role
from lacuna.model.scrub import TableFiles
from lacuna.plan import Rectified, as_json, check_size, copy_steps, plan_request, render
from lacuna.ports import Desk, Stores, Transaction
from lacuna.redaction import build_matcher
from lacuna.request import (
    approve_by_rule,
    identifiers_of,
    pass_on,
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
)
from lacuna.verify import CorrectedValue, ObjectSearch, Place, derive_values, search_refused

_AT_ONCE = frozenset({RequestKind.RESTRICTION, RequestKind.OBJECTION})
_UNDER_WAY = frozenset(
    {
        RequestState.PLANNED,
        RequestState.APPROVED,
        RequestState.APPLIED,
        RequestState.VERIFIED,
    }
)
_LEVEL_KIND: Mapping[Level, IdentifierKind] = {
    Level.CONVERSATION: IdentifierKind.CONVERSATION_ID,
    Level.MESSAGE: IdentifierKind.MESSAGE_ID,
}


@dataclass(frozen=True)
class Planner(Resolver):
    """Resolves and plans the requests of one batch against one data map."""

    @cached_property
    def _files(self) -> Sequence[TableFiles]:
        """The files of all tables, as they were when the first plan of the batch was stored."""
        return self.stores.scrubber.tables(self.datamap.schemas)

    def survey(self, requests: Sequence[Request], transaction: Transaction) -> list[Work]:
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
            for work in self.of(part[0])._survey_part(part, transaction)
        ]

    def _survey_part(self, requests: Sequence[Request], transaction: Transaction) -> list[Work]:
        reading = transaction.reading(self.datamap)
        sought: list[Sought] = []
        by_ref: dict[str, Request] = {}
        found = self.look_up_all(requests, transaction)
        for request in requests:
            person = self.known_now(request, found.get(request.request_id), transaction)
            if person is not None:
                sought.append(self._sought(request, person, transaction))
                by_ref[person.ref] = request
        own = own_rows(sought, self.datamap, reading)
        sought = self._with_values(sought, own, by_ref, transaction)
        people: dict[str, list[Person]] = defaultdict(list)
        for one in sought:
            people[one.person.org_id].append(one.person)
        surroundings = Surroundings(
            {org_id: build_matcher(known) for org_id, known in people.items()},
            self.stores.objects_of(self.datamap),
            ObjectSearch(one.person for one in sought if one.is_everywhere),
        )
        inventories = take_inventory(sought, own, self.datamap, reading, surroundings)
        works = []
        for one in sought:
            request = by_ref[one.person.ref]
            inventory = inventories[one.person.ref]
            person = one.person
            if inventory.held:
                person = replace(person, held=tuple(items for _, items in inventory.held))
                self.keep_copy(request, person, self.desk(transaction))
            corrections: tuple[Correction, ...] = ()
            if follows_copies(request):
                inventory, corrections = self._correct(
                    request, inventory, person, own[person.ref], transaction
                )
            if RequestKind.ERASURE in request.kinds:
                for one_object in inventory.objects:
                    surroundings.objects[one_object.path.store].require_erasable(
                        one_object.path.path
                    )
            works.append(
                Work(
                    request,
                    self._plan(request, inventory, corrections, transaction),
                    inventory,
                    person,
                    one.roots,
                    corrections,
                )
            )
        return works

    def _with_values(
        self,
        sought: Sequence[Sought],
        own: Own,
        by_ref: Mapping[str, Request],
        transaction: Transaction,
    ) -> list[Sought]:
        """Return the people, those to be erased with the values in their rows, and keep these."""
        others = [(view, transaction.reading(view)) for view in other_kinds(self.datamap)]
        reading = transaction.reading(self.datamap)
        by_org: dict[str, list[Person]] = defaultdict(list)
        for one in sought:
            if RequestKind.ERASURE in by_ref[one.person.ref].kinds:
                by_org[one.person.org_id].append(one.person)
        known: dict[str, Person] = {}
        for people in by_org.values():
            recognized = [replace(one, known=one.identifiers, own_values=()) for one in people]
            holders = Holders(reading, build_matcher(recognized), others)
            for person in read_known_values(people, own, self.datamap, holders):
                known[person.ref] = person
        for one in sought:
            if (person := known.get(one.person.ref, one.person)) != one.person:
                self.keep_copy(by_ref[person.ref], person, self.desk(transaction))
        return [replace(one, person=known.get(one.person.ref, one.person)) for one in sought]

    def _sought(self, request: Request, person: Person, transaction: Transaction) -> Sought:
        """Return whom to look for, and which of their rows stay.

        A request for what a hold kept back has no hold of its own: it starts from those rows, for
        no link leads to them any more.
        """
        holds = transaction.queue.item_holds(request.request_id)
        is_rest = bool(person.held) and not holds
        now = self.stores.clock.now()
        return Sought(
            person,
            request.level,
            () if is_rest else self._roots(request, person, transaction),
            is_everywhere=request.level is Level.CONTACT and RequestKind.ERASURE in request.kinds,
            holds=tuple(one for one in holds if one.until > now),
            kept=person.held if is_rest else (),
        )

    def _correct(
        self,
        request: Request,
        inventory: Inventory,
        person: Person,
        own: Mapping[TableName, frozenset[RowKey]],
        transaction: Transaction,
    ) -> tuple[Inventory, tuple[Correction, ...]]:
        """Return an inventory with the copies of what is corrected, and that; keep it.

        What was corrected already has no copies. The old values are in no row of the person's then:
        they are those that were kept.
        """
        desk = self.desk(transaction)
        known = known_corrections(request, desk)
        if is_corrected(request, transaction):
            return inventory, known
        rectified = rectifications_of(request, desk)
        allowed = {
            name: value for name, value in rectified.items() if name in self.datamap.correctable
        }
        found = find_corrections(person, own, allowed, self.datamap, transaction)
        old = {one.old for one in found}
        corrections = (*found, *(one for one in known if one.old not in old))
        if corrections != known:
            self.keep_corrections(request, corrections, desk)
        if not corrections:
            return inventory, ()
        corrector = corrector_of(corrections, person, self.datamap, allowed)
        return with_copies(inventory, own, corrector, self.stores, transaction), corrections

    def keep_corrections(
        self, request: Request, corrections: Sequence[Correction], desk: Desk
    ) -> None:
        """Keep what a request corrects, encrypted, until it is closed: its rows say it no longer."""
        secret = self.stores.keys.encrypt(request.request_id, pack_corrections(corrections))
        desk.queue.put_secret(request.request_id, Purpose.CORRECTIONS, secret)

    def _plan(
        self,
        request: Request,
        inventory: Inventory,
        corrections: Sequence[Correction],
        transaction: Transaction,
    ) -> Plan:
        rectified = Rectified()
        nonce = transaction.queue.nonce(request.request_id)
        if RequestKind.RECTIFICATION in request.kinds:
            is_done = bool(corrections) and is_corrected(request, transaction)
            rectified = Rectified(
                rectifications_of(request, self.desk(transaction)),
                planned_copies(request, transaction)
                if is_done
                else copy_steps(inventory, corrections, nonce),
            )
        return plan_request(request, inventory, self.datamap, nonce, rectified=rectified)

    def given_roots(
        self, request: Request, person: Person, transaction: Transaction
    ) -> tuple[str, ...]:
        """Return the keys of the rows that a request starts from."""
        kind = _LEVEL_KIND.get(request.level)
        if kind is None:
            return person.keys
        given = identifiers_of(request, self.desk(transaction))
        return tuple(one.value for one in given if one.kind is kind)

    def _roots(self, request: Request, person: Person, transaction: Transaction) -> tuple[str, ...]:
        """Return the rows that a request starts from, once they are seen to be the person's."""
        kind = _LEVEL_KIND.get(request.level)
        if kind is None:
            return person.keys
        roots = self.given_roots(request, person, transaction)
        given = [Identifier(kind, root) for root in roots]
        holders = transaction.reading(self.datamap).holders(request.org_id, given)
        strange = sum(not holders[one] & frozenset(person.keys) for one in given)
        if strange:
            raise RequestError(
                f"{request.request_id}: {strange} of {len(given)} ids of a {request.level} are "
                "not this person's; withdraw the request, and submit it with the right ones"
            )
        return roots

    def plan_all(self, requests: Sequence[Request], steps: Steps) -> None:
        """Plan every resolved request; one that cannot be planned fails alone.

        Where the data team decided that plans need nobody, those that wait are approved.
        """
        resolved = [one for one in requests if one.state is RequestState.RESOLVED]
        for planner, part in self.each_kind(resolved, steps):
            planner._plan_kind(part, steps)
        if self.options.approval is ApprovalMode.AUTO:
            waiting = [one for one in requests if one.state is RequestState.PLANNED]
            for request, error in isolated_in_parts(
                waiting, lambda part: self._approve_waiting(part, steps)
            ):
                self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)

    def _plan_kind(self, resolved: Sequence[Request], steps: Steps) -> None:
        ready: list[Request] = []
        for request, error in isolated_in_parts(
            resolved, lambda part: ready.extend(self._that_may_be_planned(part, steps))
        ):
            self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
        surveyed = _Surveyed()
        for request, error in isolated(ready, lambda part: self._survey_ready(part, surveyed)):
            self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
        with self.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            under_way = UnderWay.of(surveyed.requests, self, transaction)
        for request, error in isolated_in_parts(
            surveyed.about_somebody,
            lambda part: self._settle_part(part, surveyed, under_way, steps),
        ):
            self.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
        about_somebody = {one.request_id for one in surveyed.about_somebody}
        # Nobody has these identifiers, or whoever had them was erased since.
        self.end_about_nobody(
            [one for one in surveyed.requests if one.request_id not in about_somebody], steps
        )

    def _approve_waiting(self, part: Sequence[Request], steps: Steps) -> None:
        with self.stores.transaction(Role.PLANNER) as transaction:
            desk = self.desk(transaction)
            moved = [self._approve_by_rule(one, desk) for one in part]
        for one in moved:
            if one.state is RequestState.PLANNED:
                continue
            steps.add(one.state, request_id=one.request_id, digest=one.plan_digest or "")

    def _that_may_be_planned(self, part: Sequence[Request], steps: Steps) -> list[Request]:
        """Return those whose identity and person are settled; others wait, and say for what."""
        with self.stores.transaction(Role.PLANNER) as transaction:
            transaction.queue.read_ahead([request.request_id for request in part])
            obstacles = {one.request_id: self.obstacle_of(one, transaction) for one in part}
            for request in part:
                if (obstacle := obstacles[request.request_id]) is not None:
                    transaction.queue.obstruct(request, obstacle)
        for request_id, obstacle in obstacles.items():
            if obstacle is not None:
                steps.add(obstacle, request_id=request_id)
        return [one for one in part if obstacles[one.request_id] is None]

    def obstacle_of(self, request: Request, transaction: Transaction) -> Obstacle | None:
        """Return what a request has to wait for; a hold may have begun before identity was known."""
        if request.verified_by is None:
            return Obstacle.IDENTITY
        if transaction.queue.secret(request.request_id, Purpose.PERSON) is None:
            resolution = self.look_up(request, transaction)
            if resolution.unfound is Unfound.AMBIGUOUS:
                return Obstacle.AMBIGUOUS
        # Who comes back is erased again on the word on which they were erased before.
        if request.identity_basis is IdentityBasis.ERASED:
            return None
        return None if self.is_instructed(request, transaction) else Obstacle.CONTROLLER

    def is_instructed(self, request: Request, transaction: Transaction) -> bool:
        """Whether the tenant's controller wants it; if nobody said so yet, they are told."""
        if self.datamap.is_own_controller:
            return True  # who runs the platform decides on these people's data themselves
        desk = self.desk(transaction)
        agreements = transaction.agreements
        if transaction.queue.secret(request.request_id, Purpose.INSTRUCTION) is not None:
            instruct(request, InstructionSource.WRITTEN, agreements, desk)
        if is_instructed(request, agreements, desk):
            return True
        tenant = load_tenants(self.stores.tenants_path).by_org.get(request.org_id)
        pass_on(request, tenant, transaction.mails, desk)
        return False

    def _survey_ready(self, requests: Sequence[Request], surveyed: "_Surveyed") -> None:
        with self.stores.transaction(Role.PLANNER) as transaction:
            works = self.survey(requests, transaction)
        refused = self.refusals(works)
        surveyed.requests.extend(requests)
        surveyed.works.update((work.request.request_id, work) for work in works)
        surveyed.refused.update(refused)

    def _settle_part(
        self,
        requests: Sequence[Request],
        surveyed: "_Surveyed",
        under_way: "UnderWay",
        steps: Steps,
    ) -> None:
        """Store the plans of some requests, and move them on."""
        lines: list[tuple[Request, str, Plan | None, PipelineError | None]] = []
        try:
            with self.stores.transaction(Role.PLANNER) as transaction:
                desk = self.desk(transaction)
                for request in requests:
                    work = surveyed.works[request.request_id]
                    refusal = surveyed.refused.get(request.request_id)
                    outcome, error = self._settle(work, refusal, under_way, desk)
                    if RequestKind.RESTRICTION in request.kinds:
                        # Told when it begins: what else was asked for may wait for weeks.
                        change = Change(request, RequestKind.RESTRICTION, work.person)
                        queue_notices(change, self.datamap, self.stores, transaction)
                    lines.append((request, outcome, work.plan, error))
        except BaseException:
            under_way.remove(requests)
            raise
        with steps.together():
            for request, outcome, plan, error in lines:
                steps.add(
                    outcome,
                    request_id=request.request_id,
                    counts=plan.count_by_kind() if plan else None,
                    digest=plan.digest if plan else None,
                    error=error,
                )

    def refusals(self, works: Iterable[Work]) -> Mapping[str, "Refusal"]:
        """Return, by request, why a plan would leave something that the gates know of."""
        by_kind: dict[str, list[Work]] = defaultdict(list)
        for one in works:
            if RequestKind.ERASURE in one.request.kinds and one.request.level is Level.CONTACT:
                by_kind[one.request.person_kind].append(one)
        found: dict[str, Refusal] = {}
        for part in by_kind.values():
            found |= self.of(part[0].request)._refusals(part)
        for one in works:
            planner = self.of(one.request)
            if one.corrections and (places := planner._not_corrected(one)):
                found[one.request.request_id] = _refusal(
                    Obstacle.MENTION_REFUSED, one.person.ref, _NOT_CORRECTED, places
                )
        return found

    def _not_corrected(self, work: Work) -> Mapping[str, int]:
        """Return where a value stands that is corrected, and the data map expects nobody."""
        values = [
            CorrectedValue(number, work.person, one)
            for number, one in enumerate(work.corrections)
            if one.is_everywhere
        ]
        with self.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            verifying = transaction.verifying(self.datamap)
            found = search_refused(values, self.datamap, verifying, [])
        places: Counter[str] = Counter()
        for of_value in found.values():
            places.update(of_value)
        return places

    def _refusals(self, works: Sequence[Work]) -> dict[str, "Refusal"]:
        people = [one.person for one in works]
        # No link leads to rows that a hold kept back before.
        planned = {
            one.person.ref: {found.table: len(found.keys) for found in one.inventory.rows}
            for one in works
            if one.roots
        }
        with self.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            verifying = transaction.verifying(self.datamap)
            derived = derive_values(people, planned, self.datamap, verifying)
            mentioned = search_refused(
                people, self.datamap, verifying, searched_stores(self.stores, self.datamap)
            )
        found: dict[str, Refusal] = {}
        for ref, one in derived.items():
            if one.unseen:
                found[ref] = _refusal(Obstacle.VALUES_MISSED, ref, _UNSEEN, one.unseen)
            elif one.missed:
                found[ref] = _refusal(Obstacle.VALUES_MISSED, ref, _MISSED, one.missed)
            elif one.kept:
                found[ref] = _refusal(Obstacle.MENTION_REFUSED, ref, _KEPT, one.kept)
        for ref, places in mentioned.items():
            found[ref] = _refusal(Obstacle.MENTION_REFUSED, ref, _MENTIONED, places)
        return found

    def _settle(
        self, work: Work, refusal: "Refusal | None", under_way: "UnderWay", desk: Desk
    ) -> tuple[str, PipelineError | None]:
        """Store a plan and move its request on; return the state or what it waits for, and why."""
        request = work.request
        desk.queue.belongs_to(request, marked(request.person_kind, work.person.keys))
        self.restrict(work, desk)
        hindrance = self.hindrance(work, refusal, under_way)
        if hindrance is not None:
            obstacle, error = hindrance
            desk.queue.obstruct(request, obstacle)
            return obstacle, error
        self.store_plan(work, desk)
        moved = desk.queue.move(request, RequestState.PLANNED, at=desk.now)
        under_way.add(moved, work.person)
        return self._approve_by_rule(moved, desk).state, None

    def hindrance(
        self, work: Work, refusal: "Refusal | None", under_way: "UnderWay"
    ) -> tuple[Obstacle, PipelineError | None] | None:
        """Return what keeps a plan from being stored, and the error if it is one; None: nothing.

        Args:
            refusal: what `refusals` says of it.
        """
        request = work.request
        is_erased = RequestKind.ERASURE in request.kinds
        if under_way.repeats(work):
            return Obstacle.DUPLICATE, None
        if is_erased and work.inventory.open_conversations and not request.is_forced:
            return Obstacle.OPEN_CONVERSATIONS, None
        if refusal is not None:
            return refusal
        try:
            check_size(request.request_id, work.plan.total_rows, self.options.max_rows)
        except BlastRadiusExceeded as error:
            return Obstacle.TOO_MANY_ROWS, error
        return None

    def _rule_for(self, request: Request, desk: Desk) -> str | None:
        """Return the rule that approves a request's plan in an officer's place; None: none does."""
        if set(request.kinds) <= IDENTITY_ALONE:
            return BY_IDENTITY
        is_auto = self.options.approval is ApprovalMode.AUTO
        if is_auto and self._is_stated(request) and desk.queue.is_standing(BY_SETTING):
            # Where two officers are needed, no setting stands in for them.
            needed = desk.queue.officers_needed([request.org_id])[request.org_id]
            return BY_SETTING if needed == 1 else None
        return None

    @staticmethod
    def _is_stated(request: Request) -> bool:
        """Whether identity rests on more than a mail: what a mail shows, an officer weighs."""
        return request.identity_basis is IdentityBasis.STATED

    def plan_anew(self, work: Work, desk: Desk) -> Request:
        """Take back the approval of a plan that no longer fits, and store the new plan.

        A plan that needs nobody is approved anew; any other waits for its approval.
        """
        request = work.request
        moved = desk.queue.move(request, RequestState.PLANNED, at=desk.now)
        self.store_plan(work, desk)
        moved = replace(moved, plan_digest=work.plan.digest)
        if set(request.kinds) <= IDENTITY_ALONE:
            return self._approve_by_rule(moved, desk)
        desk.queue.obstruct(moved, Obstacle.PLAN_CHANGED)
        return moved

    def _approve_by_rule(self, request: Request, desk: Desk) -> Request:
        """Let the rule that stands for a planned request approve it; else it waits for an officer."""
        rule = self._rule_for(request, desk)
        if rule is None:
            desk.queue.obstruct(request, Obstacle.NOT_APPROVED)
            return request
        return approve_by_rule(request, rule, desk)

    def restrict(self, work: Work, desk: Desk) -> None:
        """Mark a person whom a request restricts: at once when planned, and for sure when applied."""
        request = work.request
        at_once = tuple(sorted(_AT_ONCE & set(request.kinds)))
        if at_once:
            self.keep_right(request, work.person, at_once)
        for kind in at_once:
            marked = desk.queue.restrict(request, work.person.keys, kind, desk.now)
            if not marked and request.state is RequestState.RESOLVED:
                continue  # planned night after night: marked and recorded before
            desk.record(
                Action.RESTRICT,
                "lacuna.restriction",
                request_id=request.request_id,
                counts=(marked, len(work.person.keys) - marked),
            )

    def keep_right(
        self,
        request: Request,
        person: Person,
        kinds: tuple[RequestKind, ...],
        corrected: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Keep outside the database that rights of a person took effect, before they count."""
        self.stores.kept_rights.keep(
            KeptRight(
                request.request_id,
                request.org_id,
                self.stores.clock.now(),
                kinds,
                vendor_ids(person),
                tuple(sorted(corrected.items())),
                request.identity_basis,
                person_kind=request.person_kind,
            )
        )

    def written(self, work: Work) -> StoredPlan:
        """Return a plan as it is stored, with its readable form."""
        return StoredPlan(
            request_id=work.request.request_id,
            digest=work.plan.digest,
            datamap_digest=work.plan.datamap_digest,
            steps=as_json(work.plan),
            readable=render(work.plan),
            planned_at=self.stores.clock.now(),
            inventory_digest=work.plan.inventory_digest,
        )

    def locks_of(self, plan: Plan) -> str:
        """Return, for a person who reads a plan, which tables will be locked afterwards."""
        return say_locks(plan, self._files, self.options.scrub_window)

    def store_plan(self, work: Work, desk: Desk) -> None:
        """Store a plan, and record it."""
        desk.queue.put_plan(self.written(work), work.request.attempt)
        desk.record(
            Action.PLANNED,
            "lacuna.plan",
            request_id=work.request.request_id,
            counts=(work.plan.total_rows, None),
            digest=work.plan.digest,
        )


def searched_stores(stores: Stores, datamap: DataMap) -> list[Place]:
    """Return the object stores of a data map as places of the search."""
    return [
        Place(
            name,
            stores.folder_of(name),
            store.files,
            is_store=True,
            # A store that was never marked is not known to be there.
            mark=None if store.address else stores.mark_of(name) or "",
            skipped=frozenset({STORE_MARK}),
            bucket=stores.bucket_of(store),
        )
        for name, store in datamap.stores.items()
    ]


Refusal: TypeAlias = tuple[Obstacle, PlanRefused]

_MENTIONED = (
    "the person is mentioned where the data map expects nobody",
    ("row or file", "rows or files"),
    "Write mention: redact there, of files delete_object, or clear what stands there",
)
_NOT_CORRECTED = (
    "a value that is corrected stands where the data map expects nobody",
    ("row", "rows"),
    "Write mention: redact there, or correct by hand what stands there",
)
_MISSED = (
    "their rows hold values that the plan neither covers nor searches for",
    ("value", "values"),
    "Give these columns the category of what they hold, or keep what is no personal data",
)
_KEPT = (
    "members that json_keys keeps hold what is known of the person",
    ("row", "rows"),
    "Take it out there, or the members out of json_keys",
)
_UNSEEN = (
    "the gate saw fewer of their rows than the plan, so that their values were not compared",
    ("row", "rows"),
    "If no other writer took them away meanwhile, look at the links of the table in the map",
)


def _refusal(
    obstacle: Obstacle, ref: str, why: tuple[str, tuple[str, str], str], places: Mapping[str, int]
) -> Refusal:
    what, (one, many), do = why
    where = ", ".join(
        f"{column} in {count} {one if count == 1 else many}"
        for column, count in sorted(places.items())
    )
    return obstacle, PlanRefused(
        f"{ref}: {what}: {where}; nothing was changed. {do}, then plan again"
    )


@dataclass(frozen=True)
class _Surveyed:
    """What was found about the requests of a batch, and is not kept yet."""

    requests: list[Request] = field(default_factory=list)
    works: dict[str, Work] = field(default_factory=dict)
    refused: dict[str, "Refusal"] = field(default_factory=dict)

    @property
    def about_somebody(self) -> list[Request]:
        """The requests about people of whom something is there."""
        return [
            one
            for one in self.requests
            if one.request_id in self.works and not self.works[one.request_id].inventory.is_empty
        ]


@dataclass(frozen=True)
class UnderWay:
    """Open requests about whole people whose plans were made, by key of the person."""

    requests: dict[str, list[Request]]  # by the key as `marked` has it

    @classmethod
    def of(
        cls, requests: Sequence[Request], planner: Planner, transaction: Transaction
    ) -> "UnderWay":
        """Find them for the tenants of `requests`."""
        found = cls(defaultdict(list))
        for org_id in sorted({one.org_id for one in requests}):
            others = transaction.queue.open_of(org_id)
            transaction.queue.read_ahead([one.request_id for one in others])
            for other in others:
                if other.level is Level.CONTACT and other.state in _UNDER_WAY:
                    for person in planner.people_of(other, transaction):
                        found.add(other, person)
        return found

    def add(self, request: Request, person: Person) -> None:
        """Add a request whose plan was made just now."""
        if request.level is Level.CONTACT:
            for key in marked(request.person_kind, person.keys):
                self.requests[key].append(request)

    def remove(self, requests: Sequence[Request]) -> None:
        """Take out requests whose plans were not kept after all."""
        ids = {request.request_id for request in requests}
        for key, others in self.requests.items():
            self.requests[key] = [one for one in others if one.request_id not in ids]

    def repeats(self, work: Work) -> bool:
        """Whether another one asks the same for the same person, under other identifiers maybe.

        It waits until that one is closed, and is then looked at anew.
        """
        mine = work.request
        return mine.level is Level.CONTACT and any(
            other.request_id != mine.request_id and other.kinds == mine.kinds
            for key in marked(mine.person_kind, work.person.keys)
            for other in self.requests.get(key, ())
        )
