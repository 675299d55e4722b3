"""Applies approved requests: bundle first, then rows; objects are left to completion.py."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lacuna.apply import (
    PreparedTexts,
    Work,
    apply_rows,
    correct_rows,
    intend_rows,
    is_large,
    parts_of,
    prepare_texts,
    put_file_effects,
    require_approved,
)
from lacuna.errors import ApplyFailed, PipelineError, PlanChanged, PlanRefused
from lacuna.flows.fulfilment.bundles import Bundler
from lacuna.flows.fulfilment.completion import Finisher, redactors_of
from lacuna.flows.fulfilment.corrections import corrector_of, is_corrected, own_of
from lacuna.flows.fulfilment.planning import Planner
from lacuna.flows.fulfilment.portions import Portioner, tried
from lacuna.flows.run.edge import without_values
from lacuna.flows.run.isolation import isolated
from lacuna.flows.run.steps import Steps
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.kinds import marked
from lacuna.model.plan import Rectify, WriteBundle
from lacuna.model.queue import EffectAction, Obstacle
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Mode, Role
from lacuna.plan import check_size, differences, restore, values_digest
from lacuna.ports import Stores, Transaction
from lacuna.request import rectifications_of

_CHANGES_PLATFORM = frozenset({RequestKind.ERASURE, RequestKind.RECTIFICATION})
# Rights that are fulfilled before an erasure of the same person, and until when they are not.
_BEFORE = frozenset({RequestKind.RECTIFICATION, RequestKind.ACCESS, RequestKind.PORTABILITY})
# What is done of a request before its bundle and its rows.
_PREPARED = frozenset({RequestKind.RESTRICTION, RequestKind.OBJECTION, RequestKind.RECTIFICATION})
_DELETE = EffectAction.DELETE_OBJECT
_NOT_APPLIED = frozenset(
    {RequestState.RESOLVED, RequestState.PLANNED, RequestState.APPROVED, RequestState.HELD}
)


@dataclass(frozen=True)
class Applier:
    """Applies the approved requests of one batch."""

    planner: Planner
    bundler: Bundler

    @property
    def stores(self) -> Stores:
        """Everything outside."""
        return self.planner.stores

    def apply_all(
        self, requests: Sequence[Request], steps: Steps, *, is_chunk: bool = False
    ) -> None:
        """Apply every approved request, erasures last; one that cannot be applied fails alone.

        Args:
            is_chunk: as for `Finisher.finish_effects`.
        """
        approved = [one for one in requests if one.state is RequestState.APPROVED]
        if self.planner.options.mode is Mode.OBSERVE:
            waiting = [one for one in approved if _CHANGES_PLATFORM & set(one.kinds)]
            for request in waiting:
                steps.add("observed", request_id=request.request_id)
            approved = [one for one in approved if one not in waiting]
        erasures = [one for one in approved if RequestKind.ERASURE in one.kinds]
        others = [one for one in approved if one not in erasures]
        surveyed: Mapping[str, Work] | None = None
        if erasures and not any(_PREPARED & set(one.kinds) for one in others):
            # Nothing that is surveyed changes between the two: one pass over the texts serves both.
            surveyed = self._survey(approved) if others else None
        self._apply_part(others, surveyed, steps)
        self._apply_part(erasures, surveyed, steps)
        ids = [request.request_id for request in requests]
        Finisher(self.planner).finish_effects(ids, steps, is_chunk=is_chunk)

    def _survey(self, requests: Sequence[Request]) -> Mapping[str, Work] | None:
        """Survey requests together; None where that fails, for each part to find out whose fault it is."""
        try:
            with self.stores.transaction(Role.PLANNER) as transaction:
                works = without_values(self.planner.survey)(requests, transaction)
        except PipelineError:
            return None
        return {work.request.request_id: work for work in works}

    def _apply_part(
        self, requests: Sequence[Request], surveyed: Mapping[str, Work] | None, steps: Steps
    ) -> None:
        """Apply requests in the order of their rights: corrections, bundles, erasures.

        Args:
            surveyed: by request, where they are surveyed already.
        """
        works: list[Work] = []

        def check(part: Sequence[Request]) -> None:
            works.extend(self._still_approved(part, surveyed, steps))

        for request, error in isolated(requests, check):
            self.planner.fail(request, Obstacle.APPLY_FAILED, error, steps)
        works = [work for work in works if self._prepare(work, steps) and self._bundle(work, steps)]
        erased = [work for work in works if RequestKind.ERASURE in work.request.kinds]
        whole_rows = self.planner.options.whole_rows
        large = [work for work in erased if is_large(work, whole_rows)]
        small = [work for work in erased if work not in large]
        for kind in dict.fromkeys(work.request.person_kind for work in small):
            alike = [work for work in small if work.request.person_kind == kind]
            for together in parts_of(alike, self.planner.options.portion_rows):
                for work, error in isolated(together, lambda part: self._erase(part, steps)):
                    self.planner.fail(work.request, Obstacle.APPLY_FAILED, error, steps)
        for one in large:
            for work, error in isolated([one], lambda part: self._begin(part, steps)):
                self.planner.fail(work.request, Obstacle.APPLY_FAILED, error, steps)
        for work in works:
            if work not in erased:
                with self.stores.transaction(Role.EXECUTOR) as transaction:
                    desk = self.planner.desk(transaction)
                    require_approved([(work.request, work.plan.digest)], desk.queue)
                    desk.queue.move(work.request, RequestState.APPLIED, at=desk.now)
                self._say_applied(work, steps)

    def _still_approved(
        self, requests: Sequence[Request], surveyed: Mapping[str, Work] | None, steps: Steps
    ) -> list[Work]:
        """Plan again; a request whose plan differs goes back and loses its approval."""
        lines: list[tuple[Request, Obstacle, PlanRefused | None]] = []
        with self.stores.transaction(Role.PLANNER) as transaction:
            works = (
                {one.request.request_id: one for one in self.planner.survey(requests, transaction)}
                if surveyed is None
                else {
                    one.request_id: surveyed[one.request_id]
                    for one in requests
                    if one.request_id in surveyed
                }
            )
            refused = self.planner.refusals(works.values())
            earlier = _Earlier.of(requests, self.planner, transaction)
            kept: list[Work] = []
            for request in requests:
                work = works.get(request.request_id)
                if work is None or not _is_approved(work, transaction):
                    work, line = self._planned_anew(request, work, transaction)
                    if line is not None:
                        lines.append((request, Obstacle.PLAN_CHANGED, line))
                if work is None:
                    continue
                if (obstacle := _obstacle_of(work, earlier)) is not None:
                    transaction.queue.obstruct(request, obstacle)
                    lines.append((request, obstacle, None))
                    continue
                if (refusal := refused.get(request.request_id)) is not None:
                    transaction.queue.obstruct(request, refusal[0])
                    lines.append((request, *refusal))
                    continue
                # A plan that grew since it was first made has not been measured yet.
                check_size(request.request_id, work.plan.total_rows, self.planner.options.max_rows)
                kept.append(work)
        for request, obstacle, error in lines:
            steps.add(obstacle, request_id=request.request_id, error=error)
        return kept

    def _planned_anew(
        self, request: Request, work: Work | None, transaction: Transaction
    ) -> tuple[Work | None, PlanChanged | None]:
        """Send a request back; return it as work where its new plan needs nobody's approval."""
        desk = self.planner.desk(transaction)
        if work is None:
            moved = desk.queue.move(request, RequestState.PLANNED, at=desk.now)
            desk.queue.obstruct(moved, Obstacle.PLAN_CHANGED)
            return None, PlanChanged(
                f"{request.request_id}: {request.plan_digest} was approved, and nobody is found "
                "any more; nothing was changed. Refuse it, or withdraw it"
            )
        stored = desk.queue.plan(request.request_id)
        changes = "" if stored is None else differences(restore(request, stored), work.plan)
        moved = self.planner.plan_anew(work, desk)
        if moved.state is RequestState.APPROVED:
            return replace(work, request=moved), None
        return None, PlanChanged(
            f"{request.request_id}: {request.plan_digest} was approved, the plan is now "
            f"{work.plan.digest} ({changes}); nothing was changed. Read it, then approve it"
        )

    def renew_plans(self, requests: Sequence[Request], steps: Steps) -> None:
        """Make plans that wait anew, where this run changed rows of others of their tenant.

        What is approved tomorrow is what is there then: else a plan that was made beside those who
        are erased in the same night would have changed by the time it is carried out.
        """
        changed = {
            one.org_id
            for one in requests
            if one.state is RequestState.APPLIED and _CHANGES_PLATFORM & set(one.kinds)
        }
        waiting = [
            one for one in requests if one.state is RequestState.PLANNED and one.org_id in changed
        ]
        for request, error in isolated(waiting, lambda part: self._renew(part, steps)):
            self.planner.fail(request, Obstacle.INTERNAL_ERROR, error, steps)

    def _renew(self, requests: Sequence[Request], steps: Steps) -> None:
        with self.stores.transaction(Role.PLANNER) as transaction:
            desk = self.planner.desk(transaction)
            renewed = [
                work
                for work in self.planner.survey(requests, transaction)
                if work.plan.digest != work.request.plan_digest
            ]
            for work in renewed:
                self.planner.store_plan(work, desk)
        for work in renewed:
            steps.add(
                "planned_again",
                request_id=work.request.request_id,
                counts=work.plan.count_by_kind(),
                digest=work.plan.digest,
            )

    def _bundle(self, work: Work, steps: Steps) -> bool:
        """Write, check and seal the bundle of a request that asks for one, before any erasure."""
        if not any(isinstance(step, WriteBundle) for step in work.plan.steps):
            return True
        try:
            # Whatever a document of the person does, it does to this request alone.
            counts = without_values(self.bundler.deliver)(work)
        except PipelineError as error:
            self.planner.fail(work.request, Obstacle.BUNDLE_FAILED, error, steps)
            return False
        steps.add("bundle_sealed", request_id=work.request.request_id, counts=counts)
        return True

    def _prepare(self, work: Work, steps: Steps) -> bool:
        """Restrict and correct, as far as a request asks for it; whether that succeeded."""
        if not _PREPARED & set(work.request.kinds):
            return True
        try:
            with self.stores.transaction(Role.EXECUTOR) as transaction:
                require_approved([(work.request, work.plan.digest)], transaction.queue)
                self.planner.restrict(work, self.planner.desk(transaction))
                self._rectify(work, transaction)
        except PipelineError as error:
            self.planner.fail(work.request, Obstacle.APPLY_FAILED, error, steps)
            return False
        return True

    def _rectify(self, work: Work, transaction: Transaction) -> None:
        planned = [step for step in work.plan.steps if isinstance(step, Rectify)]
        request = work.request
        if not planned or is_corrected(request, transaction):
            return
        desk = self.planner.desk(transaction)
        datamap = self.planner.of(request).datamap
        subject = datamap.subject.table
        desk.queue.put_rows(
            request.request_id, "own", {subject: [(key,) for key in work.person.keys]}
        )
        values = rectifications_of(request, desk)
        salted = values_digest(values, desk.queue.nonce(request.request_id))
        if any(step.values != salted for step in planned):
            raise ApplyFailed(
                f"{subject}: the new values are not those of the plan; nothing was changed. Find out "
                "who changed them, then plan and approve again"
            )
        rows = transaction.writing(datamap).rectify(request.request_id, values)
        expected = sum(step.rows for step in planned)
        if rows != expected:
            raise ApplyFailed(
                f"{subject}: {rows} rows would be corrected, {expected} planned; rolled back. "
                "Run again: it is planned anew"
            )
        changed = Counter({subject: rows})
        if work.corrections:
            corrector = corrector_of(work.corrections, work.person, datamap, values)
            writing, reading = transaction.writing(datamap), transaction.reading(datamap)
            copies = work.inventory.copies
            of_copies = correct_rows(copies, own_of(work), corrector, reading, writing)
            # Rows of the person are corrected anyway, and count once.
            changed |= Counter(of_copies)
            put_file_effects(request.request_id, work.inventory.copied, desk)
        for table, count in sorted(changed.items()):
            desk.record(
                Action.RECTIFY,
                table.location,
                request_id=request.request_id,
                counts=(count, None),
                digest=work.plan.digest,
            )

    def _erase(self, works: Sequence[Work], steps: Steps) -> None:
        """Change the rows of a part of the batch, all of them or none."""
        redactors = redactors_of(work.person for work in works)
        datamap = self.planner.of(works[0].request).datamap
        with self.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            texts = prepare_texts(works, datamap, transaction.reading(datamap), redactors)
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            intend_rows(works, self.planner.desk(transaction))
        rows = tried(lambda: self._apply_rows(works, texts, datamap))
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            transaction.ledger.record_kept([work.request.request_id for work in works])
        with steps.together():
            for work in works:
                self._say_applied(work, steps)
            steps.add("rows_committed", counts={"rows": rows, "requests": len(works)})
        for redactor in redactors.values():
            steps.add_unmodelled(redactor.unmodelled)

    def _begin(self, works: Sequence[Work], steps: Steps) -> None:
        """Begin large erasures: their rows are changed with the effects."""
        for work in works:
            Portioner(self.planner.of(work.request)).begin(work)
            self._say_applied(work, steps)

    def _apply_rows(self, works: Sequence[Work], texts: PreparedTexts, datamap: DataMap) -> int:
        """Change the rows in one transaction."""
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            desk = self.planner.desk(transaction)
            return apply_rows(works, texts, datamap, transaction, desk)

    @staticmethod
    def _say_applied(work: Work, steps: Steps) -> None:
        steps.add(
            RequestState.APPLIED,
            request_id=work.request.request_id,
            counts=work.plan.count_by_kind(),
            digest=work.plan.digest,
        )


def _is_approved(work: Work, transaction: Transaction) -> bool:
    request, digest = work.request, work.plan.digest
    return digest == request.plan_digest and transaction.queue.is_approved(
        request.request_id, digest
    )


@dataclass(frozen=True)
class _Earlier:
    """Open requests whose rights come before an erasure, by the person they are about."""

    requests: Mapping[str, Sequence[Request]]

    @classmethod
    def of(
        cls, requests: Sequence[Request], planner: Planner, transaction: Transaction
    ) -> "_Earlier":
        """Find them for the tenants of the erasures among `requests`."""
        found: dict[str, list[Request]] = defaultdict(list)
        tenants = {one.org_id for one in requests if RequestKind.ERASURE in one.kinds}
        for org_id in sorted(tenants):
            for other in transaction.queue.open_of(org_id):
                # Whoever has not shown who they are holds nobody up.
                if other.state in _NOT_APPLIED and other.verified_by and _BEFORE & set(other.kinds):
                    for person in planner.people_of(other, transaction):
                        for key in marked(other.person_kind, person.keys):
                            found[key].append(other)
        return cls(found)

    def wait_for(self, work: Work) -> bool:
        """Whether an erasure has to wait for another request about the same person."""
        mine = work.request
        if RequestKind.ERASURE not in mine.kinds:
            return False
        has_both = bool(_BEFORE & set(mine.kinds))
        for key in marked(mine.person_kind, work.person.keys):
            for other in self.requests.get(key, ()):
                is_erasure = RequestKind.ERASURE in other.kinds
                is_older = _age(other) < _age(mine)
                if other.request_id != mine.request_id and (
                    not is_erasure or not has_both or is_older
                ):
                    return True
        return False


def _age(request: Request) -> tuple[datetime, str]:
    return request.received_at, request.request_id


def _obstacle_of(work: Work, earlier: _Earlier) -> Obstacle | None:
    """Return what an approved request has to wait for, if anything."""
    is_erasure = RequestKind.ERASURE in work.request.kinds
    if is_erasure and work.inventory.open_conversations and not work.request.is_forced:
        return Obstacle.OPEN_CONVERSATIONS
    return Obstacle.EARLIER_RIGHTS if earlier.wait_for(work) else None
