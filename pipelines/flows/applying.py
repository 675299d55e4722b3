"""Applies approved requests: bundle first, then rows in one transaction, then objects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.apply import ObjectWorkshop, Work, apply_rows, intend_rows, prepare_texts
from pipelines.errors import PipelineError, PlanChanged
from pipelines.flows.bundling import Bundler
from pipelines.flows.isolation import isolated
from pipelines.flows.planning import Planner
from pipelines.flows.steps import Steps
from pipelines.model.evidence import Action, Phase
from pipelines.model.identity import Person
from pipelines.model.plan import Rectify, WriteBundle
from pipelines.model.queue import Effect, EffectAction, Obstacle
from pipelines.model.request import Request, RequestKind, RequestState
from pipelines.model.run import Mode, Role
from pipelines.ports import Redactor, Stores, Transaction
from pipelines.redaction import build_redactor
from pipelines.request import rectifications_of

_CHANGES_PLATFORM = frozenset({RequestKind.ERASURE, RequestKind.RECTIFICATION})


@dataclass(frozen=True)
class Applier:
    """Applies the approved requests of one batch."""

    planner: Planner
    bundler: Bundler

    @property
    def stores(self) -> Stores:
        """Everything outside."""
        return self.planner.stores

    def apply_all(self, requests: Sequence[Request], steps: Steps) -> None:
        """Apply every approved request; one that cannot be applied fails alone."""
        approved = [one for one in requests if one.state is RequestState.APPROVED]
        if self.planner.options.mode is Mode.OBSERVE:
            waiting = [one for one in approved if _CHANGES_PLATFORM & set(one.kinds)]
            for request in waiting:
                steps.add("observed", request_id=request.request_id)
            approved = [one for one in approved if one not in waiting]
        for request, error in isolated(approved, lambda part: self._apply_part(part, steps)):
            self.planner.fail(request, Obstacle.APPLY_FAILED, error, steps)
        self.finish_effects([request.request_id for request in requests], steps)

    def _apply_part(self, requests: Sequence[Request], steps: Steps) -> None:
        """Apply a part of the batch, all of its rows or none."""
        works = self._still_approved(requests, steps)
        works = [work for work in works if self._bundle(work, steps)]
        if not works:
            return
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            for work in works:
                self.planner.restrict(work, self.planner.desk(transaction))
        self._rectify(works)
        erased = [work for work in works if RequestKind.ERASURE in work.request.kinds]
        rows = self._erase(erased) if erased else 0
        others = [work for work in works if work not in erased]
        if others:
            with self.stores.transaction(Role.EXECUTOR) as transaction:
                desk = self.planner.desk(transaction)
                for work in others:
                    desk.queue.move(work.request, RequestState.APPLIED, at=desk.now)
        for work in works:
            steps.add(
                RequestState.APPLIED,
                request_id=work.request.request_id,
                counts=work.plan.count_by_kind(),
                digest=work.plan.digest,
            )
        if erased:
            steps.add("rows_committed", counts={"rows": rows, "requests": len(erased)})

    def _still_approved(self, requests: Sequence[Request], steps: Steps) -> list[Work]:
        """Plan again; a request whose plan differs goes back and loses its approval."""
        with self.stores.transaction(Role.PLANNER) as transaction:
            works = {
                work.request.request_id: work for work in self.planner.survey(requests, transaction)
            }
            kept: list[Work] = []
            changed: list[tuple[Request, str]] = []
            for request in requests:
                work = works.get(request.request_id)
                digest = None if work is None else work.plan.digest
                if (
                    work is not None
                    and digest is not None
                    and (
                        transaction.queue.is_approved(request.request_id, digest)
                        and digest == request.plan_digest
                    )
                ):
                    kept.append(work)
                    continue
                desk = self.planner.desk(transaction)
                moved = desk.queue.move(request, RequestState.PLANNED, at=desk.now)
                if work is not None:
                    self.planner.store_plan(work, desk)
                desk.queue.obstruct(moved, Obstacle.PLAN_CHANGED)
                changed.append((request, digest or "none: nobody was found"))
        for request, new in changed:
            steps.add(
                Obstacle.PLAN_CHANGED,
                request_id=request.request_id,
                error=PlanChanged(
                    f"{request.request_id}: {request.plan_digest} was approved, the plan is now "
                    f"{new}; nothing was changed. Read it, then approve it"
                ),
            )
        return kept

    def _bundle(self, work: Work, steps: Steps) -> bool:
        """Write, check and seal the bundle of a request that asks for one, before any erasure."""
        if not any(isinstance(step, WriteBundle) for step in work.plan.steps):
            return True
        try:
            counts = self.bundler.deliver(work)
        except PipelineError as error:
            self.planner.fail(work.request, Obstacle.BUNDLE_FAILED, error, steps)
            return False
        steps.add("bundle_sealed", request_id=work.request.request_id, counts=counts)
        return True

    def _rectify(self, works: Iterable[Work]) -> None:
        for work in works:
            corrections = [step for step in work.plan.steps if isinstance(step, Rectify)]
            if not corrections:
                continue
            request = work.request
            with self.stores.transaction(Role.EXECUTOR) as transaction:
                desk = self.planner.desk(transaction)
                subject = self.planner.datamap.subject.table
                desk.queue.put_rows(
                    request.request_id, "own", {subject: [(key,) for key in work.person.keys]}
                )
                rows = transaction.writing(self.planner.datamap).rectify(
                    request.request_id, rectifications_of(request, desk)
                )
                desk.record(
                    Action.RECTIFY,
                    str(subject),
                    request_id=request.request_id,
                    counts=(rows, None),
                    digest=work.plan.digest,
                )

    def _erase(self, works: Sequence[Work]) -> int:
        redactors = _redactors(work.person for work in works)
        with self.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            texts = prepare_texts(
                works, self.planner.datamap, transaction.reading(self.planner.datamap), redactors
            )
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            intend_rows(works, self.planner.desk(transaction))
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            return apply_rows(
                works,
                texts,
                self.planner.datamap,
                transaction.writing(self.planner.datamap),
                self.planner.desk(transaction),
            )

    def finish_effects(self, request_ids: Sequence[str], steps: Steps) -> None:
        """Carry out the effects of applied requests that are still pending, and record them."""
        for request_id in request_ids:
            with self.stores.transaction(Role.EXECUTOR) as transaction:
                request = transaction.queue.get(request_id)
            if request.state is not RequestState.APPLIED:
                continue
            try:
                done = self._finish(request)
            except PipelineError as error:
                self.planner.fail(request, Obstacle.APPLY_FAILED, error, steps)
                continue
            if done:
                steps.add("objects_done", request_id=request_id, counts=done)

    def _finish(self, request: Request) -> Mapping[str, int]:
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            effects = transaction.queue.pending_effects(request.request_id)
            person = self.planner.person_of(request, transaction)
            self._intend(request, effects, transaction)
        if effects:
            workshop = ObjectWorkshop(
                self.planner.datamap,
                self.stores.objects,
                _redactors([person])[person.org_id],
                person,
            )
            for effect in effects:
                was_there = workshop.carry_out(effect)
                with self.stores.transaction(Role.EXECUTOR) as transaction:
                    transaction.queue.finish_effect(
                        effect, was_there=was_there, at=self.stores.clock.now()
                    )
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            return self._record(request, transaction)

    def _intend(
        self, request: Request, effects: Sequence[Effect], transaction: Transaction
    ) -> None:
        desk = self.planner.desk(transaction)
        counts: dict[tuple[Action, str], int] = defaultdict(int)
        for effect in effects:
            counts[_action(effect.action), f"{effect.store}/{effect.pattern}"] += 1
        for (action, location), rows in sorted(counts.items()):
            desk.intend(action, location, request_id=request.request_id, rows=rows)

    def _record(self, request: Request, transaction: Transaction) -> Mapping[str, int]:
        """Record finished effects once: a rerun after a crash adds what is still missing."""
        desk = self.planner.desk(transaction)
        recorded = {
            (leaf.entry.action, leaf.entry.location)
            for leaf in desk.ledger.leaves(request_id=request.request_id)
            if leaf.entry.phase is Phase.OUTCOME
        }
        counts: dict[str, int] = {}
        for total in desk.queue.finished_effects(request.request_id):
            action = _action(total.action)
            location = f"{total.store}/{total.pattern}"
            if (action, location) in recorded:
                continue
            desk.record(
                action,
                location,
                request_id=request.request_id,
                counts=(total.done, total.absent),
            )
            counts[str(action)] = counts.get(str(action), 0) + total.done
        return counts


def _redactors(people: Iterable[Person]) -> Mapping[str, Redactor]:
    by_org: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        by_org[person.org_id].append(person)
    return {org_id: build_redactor(known) for org_id, known in by_org.items()}


def _action(action: EffectAction) -> Action:
    if action is EffectAction.DELETE_OBJECT:
        return Action.DELETE_OBJECTS
    return Action.REWRITE_OBJECTS
