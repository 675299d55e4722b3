"""Finishes applied requests: rows that are changed in portions, then objects, by file effects."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lacuna.apply import (
    ObjectWorkshop,
    correct_file,
    corrector_of,
    require_approved,
)
from lacuna.errors import PipelineError
from lacuna.flows.fulfilment.corrections import known_corrections
from lacuna.flows.fulfilment.portions import finish_portions, pending_portions
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.isolation import Attempts
from lacuna.flows.run.request_people import person_of
from lacuna.flows.run.steps import Steps
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import Person
from lacuna.model.location import pattern_location
from lacuna.model.plan import lacks_profile
from lacuna.model.queue import Effect, EffectAction, Obstacle
from lacuna.model.request import Request
from lacuna.model.run import Mode, Role
from lacuna.plan import restore
from lacuna.ports import Transaction
from lacuna.redaction import DocumentRedactor, EngineOptions, build_redactor
from lacuna.subject import pattern_of

_DELETE = EffectAction.DELETE_OBJECT


def finish_effects(
    batch: Batch, request_ids: Sequence[str], steps: Steps, *, is_chunk: bool = False
) -> None:
    """Carry out what is still pending of applied requests, and record it: rows, then objects.

    Args:
        is_chunk: whether others work on other requests of the batch meanwhile. Then objects to be
            rewritten are left: people of several requests may be in one.
    """
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        # What a run that was killed right after a change did not come to record.
        transaction.ledger.record_kept(request_ids)
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        with_effects = transaction.queue.effects.requests(request_ids)
    errands: list[_Errand] = []
    started: list[Request] = []
    for request_id in with_effects:
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            request = transaction.queue.requests.get(request_id)
            effects = transaction.queue.effects.pending(request_id)
            pending = len(effects) + transaction.portions.pending(request_id)
        if pending and batch.options.mode is Mode.OBSERVE:
            steps.add("observed", request_id=request_id, counts={"pending": pending})
            continue
        try:
            if _finish_rows(batch, request, steps):
                # Which objects go, the rows have decided.
                effects = _pending(batch, request_id)
            errands += _errands_of(
                batch,
                request,
                [one for one in effects if not is_chunk or one.action is _DELETE],
            )
        except PipelineError as error:
            batch.fail(request, Obstacle.APPLY_FAILED, error, steps)
            continue
        if not is_chunk or all(one.action is _DELETE for one in effects):
            started.append(request)
    failed = _carry_out_all(batch, errands, steps)
    for request in started:
        if request.request_id in failed:
            continue
        try:
            with batch.stores.transaction(Role.EXECUTOR) as transaction:
                done = _record(batch, request, transaction)
        except PipelineError as error:
            batch.fail(request, Obstacle.APPLY_FAILED, error, steps)
            continue
        if done:
            steps.add("objects_done", request_id=request.request_id, counts=done)


def level_folders(batch: Batch, steps: Steps) -> None:
    """Take away what the stores say of when their folders changed: when whose files went."""
    if batch.options.mode is Mode.OBSERVE:
        return
    for objects in batch.stores.objects_of(batch.datamap).values():
        try:
            refused = objects.level()
        except PipelineError as error:
            steps.fail(error)
        else:
            if refused:
                steps.add("folders_refused", counts={"folders": refused})


def rewrite_objects(
    batch: Batch, request_ids: Sequence[str], steps: Steps, is_mine: Callable[[Effect], bool]
) -> None:
    """Rewrite objects, each once for all applied requests; `finish_effects` records it.

    Args:
        is_mine: says which objects: others may be written by another worker meanwhile.
    """
    if batch.options.mode is Mode.OBSERVE:
        return
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        pending = transaction.queue.effects.pending_rewrites(request_ids)
    effects: dict[str, list[Effect]] = defaultdict(list)
    for effect in filter(is_mine, pending):
        effects[str(effect.request_id)].append(effect)
    errands: list[_Errand] = []
    for request_id, of_request in effects.items():
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            request = transaction.queue.requests.get(request_id)
        try:
            errands += _errands_of(batch, request, of_request)
        except PipelineError as error:
            batch.fail(request, Obstacle.APPLY_FAILED, error, steps)
    _carry_out_all(batch, errands, steps)


def _pending(batch: Batch, request_id: str) -> list[Effect]:
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        return transaction.queue.effects.pending(request_id)


def _finish_rows(batch: Batch, request: Request, steps: Steps) -> bool:
    """Change what is pending of the rows; return whether there was something."""
    if not pending_portions(batch, request):
        return False
    with batch.stores.transaction(Role.PLANNER) as transaction:
        person = person_of(batch, request, transaction)
    rows = finish_portions(batch.of(request), request, redactors_of([person], batch.engine))
    steps.add("rows_committed", request_id=request.request_id, counts={"rows": rows})
    return True


def _errands_of(batch: Batch, request: Request, effects: Sequence[Effect]) -> list["_Errand"]:
    """Record what is about to be done to the objects of a request, and return it."""
    if not effects:
        return []
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        require_approved([(request, request.plan_digest or "")], transaction.queue)
        person = person_of(batch, request, transaction)
        _intend(batch, request, effects, transaction)
    is_unknown = _is_unknown(batch, request)
    return [_Errand(request, person, effect, is_unknown) for effect in effects]


def _is_unknown(batch: Batch, request: Request) -> bool:
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        stored = transaction.queue.plans.get(request.request_id)
    # Without a plan nothing says what was known: then as little as can be.
    if stored is None:
        return True
    subject = batch.of(request).datamap.subject.table
    return lacks_profile(request, restore(request, stored).steps, subject)


def _carry_out_all(batch: Batch, errands: Sequence["_Errand"], steps: Steps) -> frozenset[str]:
    """Carry effects out, each object's rewriting once for everybody; return whose failed."""
    failed: set[str] = set()
    by_object: dict[object, list[_Errand]] = defaultdict(list)
    # First what is corrected: somebody who is erased is sought by the value that is right.
    for errand in sorted(
        errands, key=lambda one: one.effect.action is not EffectAction.CORRECT_OBJECT
    ):
        by_object[errand.place].append(errand)
    for together in by_object.values():
        alive = [one for one in together if one.request.request_id not in failed]
        parts = Attempts(alive)
        for part in parts:
            with parts.attempt():
                _carry_out(batch, part)
        for errand, error in parts.failed:
            failed.add(errand.request.request_id)
            batch.fail(errand.request, Obstacle.APPLY_FAILED, error, steps)
    return frozenset(failed)


def _carry_out(batch: Batch, errands: Sequence["_Errand"]) -> None:
    """Carry out the same effect on one object for several people of a tenant."""
    if errands[0].effect.action is EffectAction.CORRECT_OBJECT:
        _correct(batch, errands[0])
        return
    datamap = batch.of(errands[0].request).datamap
    people = [errand.person for errand in errands]
    workshop = ObjectWorkshop(
        datamap,
        batch.stores.objects_of(datamap),
        build_redactor(people, batch.engine),
        people,
        frozenset(errand.person.ref for errand in errands if errand.is_unknown),
    )
    was_there = workshop.carry_out(errands[0].effect)
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        for errand in errands:
            transaction.queue.effects.finish(errand.effect, was_there=was_there)


def _correct(batch: Batch, errand: "_Errand") -> None:
    """Rewrite an export with the values corrected that the request corrects.

    Done twice it changes nothing: what is right already holds nothing wrong.
    """
    effect, request = errand.effect, errand.request
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        corrections = known_corrections(request, batch.desk(transaction))
    datamap = batch.of(request).datamap
    objects = batch.stores.objects_of(datamap)[effect.store]
    was_there = objects.size(effect.path) is not None
    if was_there:
        content = objects.read(effect.path)
        pattern = pattern_of(datamap.stores[effect.store], effect.path)
        corrector = corrector_of(corrections, errand.person, datamap, {})
        corrected, _ = correct_file(content, pattern, corrector)
        objects.replace(effect.path, corrected)
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        transaction.queue.effects.finish(effect, was_there=was_there)


def _intend(
    batch: Batch, request: Request, effects: Sequence[Effect], transaction: Transaction
) -> None:
    desk = batch.desk(transaction)
    counts: dict[tuple[Action, str], int] = defaultdict(int)
    for effect in effects:
        counts[_action(effect.action), pattern_location(effect.store, effect.pattern)] += 1
    for (action, location), rows in sorted(counts.items()):
        desk.intend(action, location, request_id=request.request_id, rows=rows)


def _record(batch: Batch, request: Request, transaction: Transaction) -> Mapping[str, int]:
    """Record finished effects once: a rerun after a crash adds what is still missing."""
    desk = batch.desk(transaction)
    recorded = {
        (leaf.entry.action, leaf.entry.location)
        for leaf in desk.ledger.leaves(request_id=request.request_id)
        if leaf.entry.phase is Phase.OUTCOME
    }
    counts: dict[str, int] = {}
    for total in desk.queue.effects.finished(request.request_id):
        action = _action(total.action)
        location = pattern_location(total.store, total.pattern)
        if (action, location) in recorded:
            continue
        desk.record(
            action,
            location,
            request_id=request.request_id,
            counts=(total.done, total.absent),
        )
        counts[str(action)] = counts.get(str(action), 0) + total.done
    desk.queue.effects.forget(request.request_id)
    return counts


@dataclass(frozen=True)
class _Errand:
    """An effect to carry out for the person of a request.

    Attributes:
        is_unknown: whether no profile says what they were called.
    """

    request: Request
    person: Person
    effect: Effect
    is_unknown: bool

    @property
    def place(self) -> object:
        """What is alike for errands that are carried out together; a deletion is by itself."""
        effect = self.effect
        if effect.action in (_DELETE, EffectAction.CORRECT_OBJECT):
            return effect.effect_id
        return (
            self.request.person_kind,
            self.person.org_id,
            effect.action,
            effect.store,
            effect.pattern,
            effect.path,
        )


def redactors_of(people: Iterable[Person], engine: EngineOptions) -> Mapping[str, DocumentRedactor]:
    """Return a redactor for the people of each tenant, by the tenant."""
    by_org: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        by_org[person.org_id].append(person)
    return {org_id: build_redactor(known, engine) for org_id, known in by_org.items()}


def _action(action: EffectAction) -> Action:
    if action is _DELETE:
        return Action.DELETE_OBJECTS
    if action is EffectAction.CORRECT_OBJECT:
        return Action.RECTIFY
    return Action.REWRITE_OBJECTS
