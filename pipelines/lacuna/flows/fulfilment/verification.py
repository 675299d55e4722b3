"""Verifies applied requests: all gates, over all people of the batch in one search."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from lacuna.evidence import result_digest
from lacuna.flows.fulfilment.bucket_canaries import canaries_in_buckets
from lacuna.flows.fulfilment.corrections import follows_copies, known_corrections
from lacuna.flows.fulfilment.file_scrub import renew_statistics
from lacuna.flows.fulfilment.refusals import searched_stores
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.expectations import keep_results
from lacuna.flows.run.request_people import people_of
from lacuna.flows.run.steps import Steps
from lacuna.model.datamap import DataMap, Store
from lacuna.model.evidence import Action
from lacuna.model.finding import Expected, Finding, Gate, Verification
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.location import REPORTS, STORE_MARK, TableName
from lacuna.model.plan import (
    BUNDLES,
    AnonymizeRows,
    LinkTombstone,
    RedactText,
    Retain,
)
from lacuna.model.queue import Obstacle
from lacuna.model.request import Level, Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.model.scrub import DATABASE, STATISTICS_OF, ReachedLevel
from lacuna.plan import restore
from lacuna.ports import Queue, Stores, Transaction
from lacuna.request import record_deadline
from lacuna.verify import (
    NOTHING_SEARCHED,
    CorrectedValue,
    Keep,
    Place,
    Residue,
    Scope,
    check_erasures,
    find_left,
    findings_of,
    has_digest,
    orphans,
    search_residue,
)

_AT_ONCE = 50
"""Requests whose results one transaction keeps: the ledger is locked for their entries."""
_BUNDLED = frozenset({RequestKind.ACCESS, RequestKind.PORTABILITY})


def verify_all(batch: Batch, requests: Sequence[Request], steps: Steps) -> None:
    """Verify every applied request; those with a finding stay applied and make the run red."""
    applied = [one for one in requests if one.state is RequestState.APPLIED]
    for of_kind, part in batch.each_kind(applied, steps):
        _verify(of_kind, part, steps)


def _verify(batch: Batch, applied: Sequence[Request], steps: Steps) -> None:
    """Verify applied requests about one kind of people."""
    expected: list[Expected] = []
    results = examine(batch, applied, expected.append)
    if stale := _stale_statistics(batch, results):
        # Of rows that are gone by other ways than a plan: no step names their table.
        renew_statistics(batch, stale, steps)
        expected.clear()
        results = examine(batch, applied, expected.append)
    keep_results(expected, batch.stores, batch.options)
    pairs = list(zip(applied, results, strict=True))
    for start in range(0, len(pairs), _AT_ONCE):
        _put_results(batch, pairs[start : start + _AT_ONCE], steps)


def _put_results(batch: Batch, part: Sequence[tuple[Request, Verification]], steps: Steps) -> None:
    """Keep what the gates said of some requests, and move those on that passed."""
    # Under the role that looked: the planner's login, which reads what strangers write, cannot say it.
    with batch.stores.transaction(Role.VERIFIER) as transaction:
        desk = batch.desk(transaction)
        passed = [request for request, result in part if result.passed]
        desk.queue.requests.move_all(passed, RequestState.VERIFIED, at=desk.now)
        desk.queue.results.put_all(part, desk.now)
        for request, result in part:
            if not result.passed:
                desk.queue.requests.obstruct(request, Obstacle.VERIFICATION_FAILED)
        with desk.together() as together:
            for request, result in part:
                if result.passed:
                    record_deadline(request, together)
                together.record(
                    Action.VERIFIED if result.passed else Action.VERIFICATION_FAILED,
                    "lacuna.verification",
                    request_id=request.request_id,
                    counts=(sum(finding.count for finding in result.findings), None),
                    digest=result_digest(result, request.plan_digest),
                )
    with steps.together():
        for request, result in part:
            steps.add(
                RequestState.VERIFIED if result.passed else Obstacle.VERIFICATION_FAILED,
                request_id=request.request_id,
                counts={
                    "gates": len(result.gates),
                    "searched": result.searched,
                    "findings": len(result.findings),
                    "opaque": len(result.opaque),
                    **{f"{one.gate} {one.location}": one.count for one in result.findings[:20]},
                },
            )


def _stale_statistics(batch: Batch, results: Sequence[Verification]) -> set[TableName]:
    """Return the tables whose statistics hold what no row of theirs holds any more."""
    found = {finding.location for result in results for finding in result.findings}
    return {
        name
        for name in batch.datamap.tables
        if any(location.startswith(f"{STATISTICS_OF}{name}.") for location in found)
    }


def examine(
    batch: Batch, requests: Sequence[Request], keep: Keep | None = None
) -> list[Verification]:
    """Run the gates over applied or verified requests, and change nothing.

    Args:
        keep: takes what each expectation said.
    """
    people: list[Person] = []
    corrected: dict[str, list[CorrectedValue]] = {}
    with batch.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.secrets.read_ahead([request.request_id for request in requests])
        for request in requests:
            if is_searched(request):
                known = people_of(batch, request, transaction)
                if not transaction.queue.requests.item_holds(request.request_id):
                    # What a hold kept back before is to be gone by now.
                    known = tuple(replace(one, held=()) for one in known)
                people += known
            elif follows_copies(request):
                corrected[request.request_id] = _corrected(batch, request, transaction)
    values = [one for ones in corrected.values() for one in ones]
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        verifying = transaction.verifying(batch.datamap)
        kept = retained_bundles(batch, requests, transaction.queue)
        searched = places(batch.stores, batch.datamap, kept)
        residue = NOTHING_SEARCHED
        unnamed: tuple[str, ...] = ()
        logged: tuple[str, ...] = ()
        if people or values:
            with canaries_in_buckets(batch.stores, batch.datamap) as planted:
                residue = search_residue(
                    [*people, *values],
                    batch.datamap,
                    verifying,
                    [replace(one, is_planted=one.name in planted) for one in searched],
                    batch.stores.airflow,
                )
            unnamed = orphans(verifying, batch.datamap, searched)
            logged = tuple(f"server log, {one}" for one in batch.stores.scrubber.exposed())
        erased = [one.request_id for one in requests if RequestKind.ERASURE in one.kinds]
        seen = transaction.queue.results.seen(erased)
        earlier = transaction.queue.results.get_all(sorted(seen))
        disputed = [
            one for one in erased if one not in seen or not _has_nothing_unplanned(earlier.get(one))
        ]
        of_erasure = tuple(
            check_erasures(
                Scope(
                    erased,
                    batch.datamap,
                    verifying,
                    searched,
                    without_rows=_without_rows(requests, transaction.queue),
                    disputed=disputed,
                    keep=keep,
                )
            )
        )
        results = []
        for request in requests:
            findings: list[Finding] = []
            gates: list[Gate] = []
            if is_searched(request):
                gates += [Gate.RESIDUE, Gate.CANARY]
                findings += _residue_of(request, people, residue)
            if RequestKind.ERASURE in request.kinds:
                for gate, found in of_erasure:
                    gates.append(gate)
                    findings += found.get(request.request_id, ())
            theirs = corrected.get(request.request_id, ())
            if theirs:
                gates += [Gate.COPIES, Gate.CANARY]
                left = find_left(theirs, verifying, batch.datamap)
                left.update(residue.of([one.ref for one in theirs]))
                pending = verifying.effects([request.request_id]).get(request.request_id, {})
                findings += findings_of(left, pending.get("pending", 0), residue.blind)
            if _BUNDLED & set(request.kinds):
                gates.append(Gate.BUNDLE)
                if transaction.queue.bundles.get(request.request_id) is None:
                    findings.append(Finding(Gate.BUNDLE, "lacuna.bundle", 1))
            if not gates:
                # A restriction, or a correction of what was empty: that it was recorded is all there is.
                gates.append(Gate.RECONCILIATION)
            opaque: tuple[str, ...] = ()
            # One search serves the batch: a request of which nothing is sought there has no part in it.
            sought_in = residue.places_for(SubjectRef(request.request_id))
            if is_searched(request):
                opaque = (*residue.opaque_for(SubjectRef(request.request_id)), *logged)
            elif theirs:
                opaque = residue.opaque_for(*(one.ref for one in theirs))
            results.append(
                Verification(
                    request_id=request.request_id,
                    gates=tuple(gates),
                    findings=tuple(findings),
                    opaque=opaque,
                    searched=sought_in.count if is_searched(request) or theirs else 0,
                    levels=_reached_levels(batch) if request.request_id in erased else (),
                    unnamed=unnamed if is_searched(request) else (),
                    values=residue.values.get(SubjectRef(request.request_id), ()),
                    written=residue.written_of([one.ref for one in theirs]),
                    places=sought_in if is_searched(request) else None,
                )
            )
    return results


def _corrected(batch: Batch, request: Request, transaction: Transaction) -> list[CorrectedValue]:
    """Return the values that a request corrected; nobody where the working copy cannot be read."""
    corrections = known_corrections(request, batch.desk(transaction))
    return [
        CorrectedValue(number, person, one)
        for person in people_of(batch, request, transaction)
        for number, one in enumerate(corrections)
    ]


def _reached_levels(batch: Batch) -> tuple[ReachedLevel, ...]:
    """Return how deep an erasure reaches by now: files that are deleted are gone from the store."""
    now = batch.stores.clock.now()
    night = batch.options.scrub_window.next_night(now)
    until = (now.date() + timedelta(days=batch.datamap.longest_backup_days)).isoformat()
    return (
        ReachedLevel(DATABASE, "L0", None if night is None else night.isoformat(), until),
        *(ReachedLevel(name, "L1", None, until) for name in sorted(batch.datamap.stores)),
    )


def _has_nothing_unplanned(last: Verification | None) -> bool:
    """Whether it was seen before that the erasure's transaction changed no other row.

    It is over, so that stays true. It could not be seen again once a request of the same
    transaction is closed, and the list of its rows forgotten.
    """
    return (
        last is not None
        and Gate.UNPLANNED in last.gates
        and not any(finding.gate is Gate.UNPLANNED for finding in last.findings)
    )


_OF_ROWS_THAT_STAY = (AnonymizeRows, LinkTombstone, RedactText)
_OF_HOME = ("evidence", "checkpoints-copy", "keys")
# Read as a database; the bytes of the files are searched too.
_OF_SERVER = frozenset({"data", "data.partial", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"})
_OF_DATABASE = frozenset({"airflow.db", "airflow.db-wal", "airflow.db-shm"})


def is_searched(request: Request) -> bool:
    """Whether nothing of the person may be left: an erasure at the level of the contact."""
    return RequestKind.ERASURE in request.kinds and request.level is Level.CONTACT


def _without_rows(requests: Sequence[Request], queue: Queue) -> frozenset[str]:
    """Return the requests of people of whose own rows none stay treated, by the plans that were approved."""
    by_id = {request.request_id: request for request in requests}
    return frozenset(
        stored.request_id
        for stored in queue.plans.each(list(by_id))
        if not any(
            isinstance(step, _OF_ROWS_THAT_STAY)
            for step in restore(by_id[stored.request_id], stored).steps
        )
    )


def retained_bundles(
    batch: Batch, requests: Sequence[Request], queue: Queue
) -> Mapping[str, SubjectRef]:
    """Return the bundles that the plans of requests retain for their own person, by file name.

    One that has expired, or is not the file that was sealed, is not kept by anything.
    """
    kept: dict[str, SubjectRef] = {}
    now = batch.stores.clock.now()
    for request in requests:
        if not _BUNDLED & set(request.kinds):
            continue
        stored, bundle = queue.plans.get(request.request_id), queue.bundles.get(request.request_id)
        if stored is None or bundle is None or bundle.expires_at <= now:
            continue
        is_retained = any(
            isinstance(step, Retain) and step.location == BUNDLES
            for step in restore(request, stored).steps
        )
        file = batch.stores.home / BUNDLES / f"{request.request_id}.zip.age"
        if is_retained and has_digest(file, bundle.digest):
            kept[file.name] = SubjectRef(request.request_id)
    return kept


def places(
    stores: Stores, datamap: DataMap, retained: Mapping[str, SubjectRef] = MappingProxyType({})
) -> list[Place]:
    """Return the folders that are searched: object stores, and all of the home.

    The database's own files are left out: they are what the scrub is for.

    Args:
        retained: bundles that a plan keeps for their own person.
    """
    home = stores.home
    found = searched_stores(stores, datamap)
    found += [Place(name, home / name, is_own=True) for name in _OF_HOME]
    reports = stores.bucket_of(Store(REPORTS, ()))
    folder = stores.folder_of(REPORTS)
    # What is mounted elsewhere may not be mounted now.
    is_shared = reports is None and folder != home / REPORTS
    mark = (stores.mark_of(REPORTS) or "") if is_shared else None
    found.append(
        Place(
            *(REPORTS, folder),
            is_own=True,
            mark=mark,
            skipped=frozenset({STORE_MARK}),
            bucket=reports,
        )
    )
    found.append(Place(BUNDLES, home / BUNDLES, retained=retained))
    found += [
        Place("airflow", home / "airflow", read_elsewhere=_OF_DATABASE),
        Place("outbox", home / "outbox", waits=True),
        Place("pg", home / "pg", skipped=_OF_SERVER),
    ]
    named = {
        place.folder.name for place in found if place.folder.parent == home and place.bucket is None
    }
    return [*found, Place("home", home, skipped=frozenset(named))]


def _residue_of(
    request: Request, people: Sequence[Person], residue: Residue
) -> tuple[Finding, ...]:
    for person in people:
        if person.ref == request.request_id:
            return residue.findings(person.ref)
    return (Finding(Gate.RESIDUE, "lacuna.request_secret", 1),)
