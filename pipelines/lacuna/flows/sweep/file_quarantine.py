"""Files that no row names: an approved list goes into quarantine, and is deleted when its time is up.

1. A file of the list is moved, as long as it is as it was listed and nothing names it. Nobody but
   Lacuna reads the quarantine; for an erasure and its gates a file there is whose it was.
2. A file that a row names by now is put back. So is a whole list, if an officer says so.
3. What is due is deleted for good, but for what names somebody who may not be deleted just now.

Before each of these the ledger has an intent and after it the outcome, by store and pattern.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cache
from typing import Final

from lacuna.apply import require_rule_approved
from lacuna.errors import (
    BlastRadiusExceeded,
    MalformedRequest,
    PipelineError,
    PlanRefused,
    RequestError,
    VerificationFailed,
)
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.platform_lock import alone_on_platform
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.file_quarantine_tries import Tries
from lacuna.flows.sweep.spared_people import pending_people
from lacuna.flows.sweep.unnamed_files import (
    LIST_LOCK,
    LOCK,
    UNNAMED_FILES,
    ListProposal,
    file_digest,
    forget_proposal,
    in_quarantine,
    of_rows,
    read_proposal,
    taken_paths,
)
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.location import QUARANTINE, Quarantined, pattern_location
from lacuna.model.queue import Obstacle
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.ports import Desk, Listed, Objects, Stores
from lacuna.subject import pattern_of
from lacuna.verify import ObjectSearch

_FULFILMENT: Final = "fulfilment"
_ACTOR: Final = "flow:sweep"
_AT_ONCE: Final = 500
_LARGEST: Final = 256 * 1024 * 1024
"""Bytes of the largest file that is searched."""


def quarantine_unnamed(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Do now what the sweep does each night with files that no row names.

    Returns:
        How many files were moved or deleted.

    Raises:
        VerificationFailed: something of it failed.
    """
    batch = Batch.open(stores, options, batch_id, flow="sweep")
    return _as_a_run(batch, batch_id, sweep_unnamed)


def restore_quarantined(
    stores: Stores, options: RunOptions, batch_id: str, said: tuple[str, str]
) -> int:
    """Put back what is in quarantine of a list, on an officer's word; return how many files.

    Args:
        said: the list's digest, and the officer.

    Raises:
        MalformedRequest: nothing of such a list is in quarantine.
        RequestError: as for `sweep_unnamed`.
        VerificationFailed: some are there still.
    """
    batch = Batch.open(stores, options, batch_id, flow="sweep")
    digest, actor = said
    if not any(where.digest == digest for _, where in _all_there(batch)):
        raise MalformedRequest(
            "no file in quarantine belongs to a list with this digest; see lacuna objects list"
        )
    return _as_a_run(batch, batch_id, lambda batch, steps: _restore(batch, steps, digest, actor))


def _as_a_run(batch: Batch, batch_id: str, act: Callable[[Batch, Steps], int]) -> int:
    stores, options = batch.stores, batch.options
    steps = Steps(stores, options, "objects")
    with alone_on_platform(stores):
        return _alone_as_a_run(batch, batch_id, act, steps)


def _alone_as_a_run(
    batch: Batch, batch_id: str, act: Callable[[Batch, Steps], int], steps: Steps
) -> int:
    stores, options = batch.stores, batch.options
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(
            batch_id, "objects", options.run_id, stores.clock.now()
        )
    done = act(batch, steps)
    if steps.failures:
        raise VerificationFailed(
            f"{steps.failures} parts failed, {done} files are done: {steps.messages[0]}"
        )
    return done


def sweep_unnamed(batch: Batch, steps: Steps) -> int:
    """Put back what rows name again, delete what is due, and put approved lists away.

    Returns:
        How many files were moved or deleted.

    Raises:
        RequestError: a fulfilment is going on, or another process does the same; nothing was done.
        BlastRadiusExceeded: the list is longer than what was approved.
    """
    proposal = read_proposal(batch.stores)
    if proposal is None and next(_all_there(batch), None) is None:
        return 0
    if batch.options.mode is Mode.OBSERVE:
        listed = 0 if proposal is None else sum(proposal.files.values())
        waiting = sum(1 for _ in _all_there(batch))
        steps.add("unnamed_observed", counts={"listed": listed, "in_quarantine": waiting})
        return 0
    with _alone(batch.stores):
        work = _QuarantineRun(batch, steps)
        return work.put_back() + work.delete_due() + work.put_away()


def _restore(batch: Batch, steps: Steps, digest: str, actor: str) -> int:
    stores = batch.stores
    with _alone(stores):
        work = _QuarantineRun(batch, steps)
        files = Counter(
            work.location(store, where)
            for store, where in _all_there(batch)
            if where.digest == digest
        )
        if batch.options.mode is Mode.OBSERVE:
            steps.add("unnamed_observed", counts={"in_quarantine": files.total()}, digest=digest)
            return 0
        with stores.transaction(Role.DPO) as transaction:
            desk = Desk(
                transaction.queue, transaction.ledger, stores.keys, stores.clock.now(), actor
            )
            for location, rows in sorted(files.items()):
                desk.intend(Action.RESTORE_OBJECTS, location, rows=rows, digest=digest)
        done = work.put_back(digest)
        proposal = read_proposal(stores)
        if proposal is not None and proposal.digest == digest:
            forget_proposal(stores)  # the rest of a list that was not carried out whole
        if left := sum(where.digest == digest for _, where in _all_there(batch)):
            error = RequestError(
                f"{left} files of the list are still in quarantine: another file has their place, "
                "a lock holds them, or the store refuses. Check these places, then run again"
            )
            steps.add("unnamed_left", counts={"in_quarantine": left}, digest=digest, error=error)
        return done


@contextmanager
def _alone(stores: Stores) -> Iterator[None]:
    """Keep out whatever deletes files or takes their names out of rows, and a second one of us."""
    with stores.exclusive(_FULFILMENT), stores.exclusive(LOCK), stores.exclusive(LIST_LOCK):
        yield


def _all_there(batch: Batch) -> Iterator[tuple[str, Quarantined]]:
    """Yield what is in quarantine, by store; those that cannot be read say so where they are worked on."""
    stores = batch.stores.objects_of(batch.datamap)
    for store in sorted(stores):
        with suppress(PipelineError):
            for where, _ in in_quarantine(stores[store]):
                yield store, where


@dataclass
class _QuarantineRun:
    """One run over the stores, alone."""

    batch: Batch
    steps: Steps

    def location(self, store: str, where: Quarantined) -> str:
        pattern = pattern_of(self.batch.datamap.stores[store], where.path)
        return pattern_location(store, pattern.pattern)

    @property
    def today(self) -> date:
        return self.batch.stores.clock.now().astimezone(UTC).date()

    def _each(
        self, outcome: str, act: Callable[[str, Objects, Counter[str]], None], digest: str | None
    ) -> Counter[str]:
        """Do something in every store; one that fails stops no other."""
        counts: Counter[str] = Counter()
        stores = self.batch.stores.objects_of(self.batch.datamap)
        for store in sorted(stores):
            try:
                act(store, stores[store], counts)
            except PipelineError as error:
                counts["stores_failed"] += 1
                self.steps.fail(error)
        if +counts:
            self.steps.add(outcome, counts=+counts, digest=digest)
        return counts

    # --- back -------------------------------------------------------------------------------------

    def put_back(self, digest: str | None = None) -> int:
        """Put back what rows name, or all of a list; return how many files."""

        def act(store: str, objects: Objects, counts: Counter[str]) -> None:
            self._put_back(store, objects, counts, digest)

        return self._each("unnamed_put_back", act, digest)["put_back"]

    def _put_back(
        self, store: str, objects: Objects, counts: Counter[str], digest: str | None
    ) -> None:
        named, pending = taken_paths(self.batch.stores, self.batch.datamap, store)
        back: Counter[tuple[str, str]] = Counter()
        tries = Tries(counts)
        for where, _ in in_quarantine(objects):
            is_wanted = where.path in named if digest is None else where.digest == digest
            if not is_wanted or where.where in pending or tries.is_over():
                continue
            if digest is None and objects.size(where.path) is not None:
                continue  # the row names what lies there
            key = self.location(store, where), where.digest
            if not back[key] and digest is None:
                self._intend(Action.RESTORE_OBJECTS, key)
            back[key] += bool(tries.of(lambda: objects.move(where.where, where.path)))  # noqa: B023
        objects.tidy(f"{QUARANTINE}/")
        for key, count in sorted(back.items()):
            self._record(Action.RESTORE_OBJECTS, key, (count, None))
            counts["put_back"] += count
        if tries.error is not None:
            raise tries.error

    # --- away -------------------------------------------------------------------------------------

    def put_away(self) -> int:
        """Put the files of the list into quarantine, if it was approved; return how many.

        Raises:
            BlastRadiusExceeded: it is longer than what was approved.
        """
        proposal = read_proposal(self.batch.stores, is_whole=True)
        if proposal is None:
            return 0
        digest, files = proposal.digest, len(proposal.file_digests)
        with self.batch.stores.transaction(Role.EXECUTOR) as transaction:
            most = transaction.queue.plans.rule_limit(UNNAMED_FILES, digest)
        if most is None:
            self.steps.add(Obstacle.NOT_APPROVED, counts={"files": files}, digest=digest)
            return 0
        if files > most:
            raise BlastRadiusExceeded(
                f"{UNNAMED_FILES}: {files} files are listed, but only {most} are approved; nothing was "
                "moved. Approve the list with a larger --max-rows"
            )
        until = self._until(proposal)
        counts = self._each(
            "unnamed_quarantined",
            lambda store, objects, counts: self._put_away(
                store, objects, counts, (proposal, until)
            ),
            digest,
        )
        self.put_back()  # what a row began to name after it was looked for
        seen = sum(counts[one] for one in ("quarantined", "already", "named", "pending"))
        left = files - seen - counts["refused"] - counts["failed"]
        if left and not counts["stores_failed"]:
            self.steps.add("unnamed_left", counts={"changed_or_gone": left}, digest=digest)
        if not counts["failed"] and not counts["stores_failed"]:
            forget_proposal(self.batch.stores)
        return counts["quarantined"]

    def _until(self, proposal: ListProposal) -> date:
        """Return until when the files of a list can be put back: as a try that was killed said."""
        for _, where in _all_there(self.batch):
            if where.digest == proposal.digest:
                return where.until
        return self.today + timedelta(days=proposal.days)

    def _put_away(
        self,
        store: str,
        objects: Objects,
        counts: Counter[str],
        what: tuple[ListProposal, date],
    ) -> None:
        proposal, until = what
        digest = proposal.digest
        ours = {
            location: files
            for location, files in proposal.files.items()
            if location.startswith(f"{store}/")
        }
        if not ours:
            return
        if objects.locks_new:
            raise PlanRefused(
                f"{store}: the bucket locks everything that is written to it, so files in "
                "quarantine could not be deleted; nothing was moved. Delete these files by the "
                "bucket's own rules"
            )
        already: Counter[str] = Counter()
        for where, _ in in_quarantine(objects):
            if where.digest == digest:
                objects.tidy(where.path)
                already[self.location(store, where)] += 1
        for location, files in sorted(ours.items()):
            self._intend(Action.QUARANTINE_OBJECTS, (location, digest), files)
        named, pending = taken_paths(self.batch.stores, self.batch.datamap, store)
        moved: Counter[str] = Counter()
        tries = Tries(counts)
        try:
            for pattern, listed in of_rows(self.batch.datamap, store, objects):
                if file_digest(store, listed) not in proposal.file_digests or tries.is_over():
                    continue
                if listed.path in named:
                    counts["named"] += 1
                elif listed.path in pending:
                    counts["pending"] += 1
                else:
                    to = Quarantined(until, digest, listed.path).where
                    if tries.of(lambda: objects.move(listed.path, to, listed.state)):  # noqa: B023
                        moved[pattern_location(store, pattern.pattern)] += 1
        finally:
            for location in sorted(ours):
                done = (moved[location], already[location])
                self._record(Action.QUARANTINE_OBJECTS, (location, digest), done)
            counts["quarantined"] += moved.total()
            counts["already"] += already.total()
        if tries.error is not None:
            raise tries.error

    # --- for good ---------------------------------------------------------------------------------

    def delete_due(self) -> int:
        """Delete what was in quarantine long enough; return how many files."""
        is_due = any(where.until <= self.today for _, where in _all_there(self.batch))
        search = _spared(self.batch) if is_due else None

        def act(store: str, objects: Objects, counts: Counter[str]) -> None:
            self._delete(store, objects, counts, search)

        return self._each("unnamed_deleted", act, None)["deleted"]

    def _delete(
        self, store: str, objects: Objects, counts: Counter[str], search: ObjectSearch | None
    ) -> None:
        is_approved = cache(self._is_approved)
        named, pending = taken_paths(self.batch.stores, self.batch.datamap, store)
        tries = Tries(counts)
        waiting: list[Quarantined] = []
        for where, listed in in_quarantine(objects):
            if where.until > self.today:
                counts["in_quarantine"] += 1
            elif not is_approved(where.digest):
                # Put there by somebody else, or the database was put back.
                counts["not_approved"] += 1
            elif where.where in pending:
                counts["pending"] += 1
            elif where.path in named and objects.size(where.path) is None:
                counts["named"] += 1
            elif search is not None and self._is_spared((store, objects), where, listed, search):
                counts["spared"] += 1
            else:
                waiting.append(where)
            if len(waiting) == _AT_ONCE:
                self._delete_part((store, objects), waiting, tries)
                waiting = []
        self._delete_part((store, objects), waiting, tries)
        if tries.error is not None:
            raise tries.error

    def _delete_part(self, of: tuple[str, Objects], part: list[Quarantined], tries: Tries) -> None:
        store, objects = of
        planned = Counter((self.location(store, where), where.digest) for where in part)
        if tries.is_over() or not planned:
            return
        for key, files in sorted(planned.items()):
            self._intend(Action.DELETE_OBJECTS, key, files)
        done: Counter[tuple[str, str]] = Counter()
        absent: Counter[tuple[str, str]] = Counter()
        for where in part:
            if tries.is_over():
                break
            key = self.location(store, where), where.digest
            was_there = tries.of(lambda: objects.delete(where.where))  # noqa: B023
            done[key] += was_there is True
            absent[key] += was_there is False
        for key in sorted(planned):
            self._record(Action.DELETE_OBJECTS, key, (done[key], absent[key]))
        tries.counts["deleted"] += done.total()

    def _is_approved(self, digest: str) -> bool:
        with self.batch.stores.transaction(Role.EXECUTOR) as transaction:
            return transaction.queue.plans.rule_limit(UNNAMED_FILES, digest) is not None

    def _is_spared(
        self, of: tuple[str, Objects], where: Quarantined, listed: Listed, search: ObjectSearch
    ) -> bool:
        """Whether a file names somebody whose data may not be deleted just now."""
        store, objects = of
        if search.in_name(where.path):
            return True
        kind = pattern_of(self.batch.datamap.stores[store], where.path).format
        # One too large to be searched is spared: nobody knows whom it names.
        return listed.byte_count > _LARGEST or any(
            search.in_content(content, kind) for content in objects.contents(where.where)
        )

    # --- the ledger -------------------------------------------------------------------------------

    def _intend(self, action: Action, key: tuple[str, str], rows: int | None = None) -> None:
        self._append(Phase.INTENT, action, key, (rows, None))

    def _record(self, action: Action, key: tuple[str, str], counts: tuple[int, int | None]) -> None:
        self._append(Phase.OUTCOME, action, key, counts)

    def _append(
        self,
        phase: Phase,
        action: Action,
        key: tuple[str, str],
        counts: tuple[int | None, int | None],
    ) -> None:
        location, digest = key
        stores = self.batch.stores
        with stores.transaction(Role.EXECUTOR) as transaction:
            if phase is Phase.INTENT and action is not Action.RESTORE_OBJECTS:
                require_rule_approved(UNNAMED_FILES, digest, transaction.queue)
            desk = Desk(
                transaction.queue,
                transaction.ledger,
                stores.keys,
                stores.clock.now(),
                _ACTOR,
                batch_id=self.batch.id,
            )
            if phase is Phase.INTENT:
                desk.intend(action, location, rows=counts[0], digest=digest)
            else:
                desk.record(action, location, counts=counts, digest=digest)


def _spared(batch: Batch) -> ObjectSearch | None:
    """Return a search for people with an open, held or restricted request; None where there are none.

    They are looked for by what they are known by; a file that says nothing of them is nobody's.
    """
    pending = pending_people(batch).people
    people: list[Person] = []
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(batch.datamap)
        for org_id in sorted({*reading.tenants(), *pending}):
            keys = reading.restricted(org_id) | pending.get(org_id, frozenset())
            if keys:
                people += (
                    Person(
                        SubjectRef(f"{org_id} {key}"),
                        org_id,
                        (key,),
                        tuple(one for one, is_short in found if not is_short),
                    )
                    for key, found in reading.identifiers_of(org_id, keys).items()
                )
    return ObjectSearch(people) if people else None
