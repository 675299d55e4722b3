"""Recordings without consent: found, locked, and deleted once a grace period is over."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from lacuna.apply import require_rule_approved
from lacuna.consent import judged, reconcile, take_consents
from lacuna.errors import BlastRadiusExceeded
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.spared_people import Pending, spared_rows
from lacuna.flows.sweep.unnamed_files import LOCK
from lacuna.model.consent import RULE, ConsentRule, Reconciliation, UnconsentedRecording
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.location import Quarantined, RowKey, TableName, pattern_location
from lacuna.model.queue import Effect, EffectAction, Obstacle
from lacuna.model.run import Mode, Role
from lacuna.ports import Consents, Desk, PlatformReading, Stores, Transaction
from lacuna.subject import pattern_of

_ACTOR = "flow:sweep"
_AT_ONCE = 500


def consent_digest(rule: ConsentRule, datamap: DataMap) -> str:
    """Return the digest of the rule: what it reads, whom it spares, and how long it waits."""
    document: dict[str, object] = {
        "rule": RULE,
        "columns": vars(rule.columns),
        "granted": list(rule.granted),
        "declined": list(rule.declined),
        "calls": str(rule.calls),
        "queue": None if rule.queue is None else str(rule.queue),
        "recordings": [
            [str(one.table), one.began, list(one.status or ())] for one in rule.recordings
        ],
        "derived": [str(name) for name in rule.derived],
        "bases": [
            [one.org_id, one.queue, one.processing, _basis(datamap, one.processing)]
            for one in rule.bases
        ],
        "treated": {
            str(one.table): [
                [column.name, str(column.erasure.treatment), column.erasure.argument]
                for column in datamap.tables[one.table].columns
            ]
            for one in rule.recordings
        },
        "rests_on": {
            str(name): sorted(
                {
                    column.processing + _basis(datamap, column.processing)
                    for column in datamap.tables[name].columns
                }
            )
            for name in (*(one.table for one in rule.recordings), *rule.derived)
        },
        "grace_days": rule.grace_days,
    }
    tenants = {
        org_id: {name: one.lawful_basis for name, one in sorted(tenant.processings.items())}
        for org_id, tenant in sorted(datamap.tenants.items())
        if tenant.processings
    }
    if tenants:  # without any the digest is the one that was approved
        document["tenants"] = tenants
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _basis(datamap: DataMap, processing: str) -> str:
    return datamap.processings[processing].lawful_basis


def meaning_of(rule: ConsentRule) -> str:
    """Return the effect of the rule in words, for the person who approves it."""
    tables = ", ".join(str(one.table) for one in rule.recordings)
    return (
        f"lock recordings of {tables} that no consent covers, and delete them with what was derived "
        f"from them {rule.grace_days} days later"
    )


def compare_recordings(
    stores: Stores, datamap: DataMap, batch_id: str | None = None
) -> Reconciliation:
    """Take the answers of callers into the ledger, then compare every recording with it."""
    with stores.transaction(Role.PLANNER, is_read_only=True) as answered:
        for answers in answered.consents(datamap).new_consents() if datamap.consent else ():
            # Each in a transaction of its own: while it lasts nobody of these tenants is erased.
            with stores.transaction(Role.PLANNER) as transaction:
                desk = _desk(stores, transaction, batch_id)
                consents, platform = transaction.consents(datamap), transaction.reading(datamap)
                take_consents(answers, datamap, consents, platform, desk)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(datamap)
        found = reconcile(datamap, transaction.consents(datamap), reading)
        return replace(found, unnamed=_unnamed(stores, datamap, transaction))


def sweep_recordings(batch: Batch, stopped: frozenset[str], pending: Pending, steps: Steps) -> int:
    """Lock what no consent covers, delete what was locked long enough; return the recordings.

    Recordings of people with an open request are locked, and not deleted until it is closed.

    Args:
        stopped: tenants for which nothing is done.

    Raises:
        BlastRadiusExceeded: more would be locked or deleted than were approved for a night.
        RequestError: files that no row names are put into quarantine just now.
    """
    if batch.datamap.consent is None:
        return 0
    # A file whose row just lost its path is not to be taken for one that no row names.
    with batch.stores.sharing(LOCK):
        return _sweep(batch, batch.datamap.consent, stopped, (pending, steps))


def _sweep(
    batch: Batch, rule: ConsentRule, stopped: frozenset[str], of: tuple[Pending, Steps]
) -> int:
    pending, steps = of
    is_acting = batch.options.mode is Mode.ACT
    if is_acting:
        _finish(batch)  # what a crash left
    now = batch.stores.clock.now()
    compared = compare_recordings(batch.stores, batch.datamap, batch.id)
    digest = consent_digest(rule, batch.datamap)
    ours = [one for one in compared.found if one.recording.org_id not in stopped]
    found = [one for one in ours if one.is_due(rule, now)]
    due = _not_spared(batch, rule, found, pending)
    new = [one for one in ours if one.lock is None and not one.is_restricted]
    counts = {
        "consented": compared.consented,
        "on_other_basis": sum(compared.other_basis.values()),
        "without_consent": len(compared.found),
        "restricted": sum(one.is_restricted for one in compared.found),
        "overridden": compared.overrides,
        "unnamed": compared.unnamed,
        "to_lock": len(new),
        "due": len(due),
        "spared": len(found) - len(due),
    }
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        most = transaction.queue.plans.rule_limit(RULE, digest)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.plans.note_due(RULE, digest, len(new) + len(due), now)
    if most is None:
        steps.add(Obstacle.NOT_APPROVED, counts=counts, digest=digest)
        return 0
    if not is_acting:
        steps.add("observed", counts=counts, digest=digest)
        return 0
    if max(len(new), len(due)) > most:
        raise BlastRadiusExceeded(
            f"sweep {RULE}: {len(new)} recordings to lock and {len(due)} to delete, but only "
            f"{most} per night are approved; nothing changed. Approve the rule with a larger "
            "--max-rows"
        )
    _unlock_covered(batch, compared, digest)
    _lock(batch, new, digest)
    for start in range(0, len(due), _AT_ONCE):
        _delete(batch, rule, due[start : start + _AT_ONCE], digest)
    objects = _finish(batch)
    steps.add("done", counts=counts | {"objects": objects}, digest=digest)
    return len(new) + len(due)


def _not_spared(
    batch: Batch, rule: ConsentRule, due: Sequence[UnconsentedRecording], pending: Pending
) -> list[UnconsentedRecording]:
    """Leave out recordings of calls of people with an open request, and those that are held."""
    calls: dict[str, set[RowKey]] = defaultdict(set)
    for one in due:
        if one.recording.call is not None:
            calls[one.recording.org_id].add((one.recording.call,))
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(batch.datamap)
        spared = {
            org_id: spared_rows(rule.calls, org_id, keys, pending, reading)
            for org_id, keys in calls.items()
        }
    return [
        one
        for one in due
        if (one.recording.call or "",) not in spared.get(one.recording.org_id, frozenset())
        and one.recording.key not in pending.held.get(one.recording.table, frozenset())
    ]


def _lock(batch: Batch, found: Sequence[UnconsentedRecording], digest: str) -> None:
    for table, ones in _by_table(found).items():
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            require_rule_approved(RULE, digest, transaction.queue)
            desk = _desk(batch.stores, transaction, batch.id)
            locked = transaction.consents(batch.datamap).lock(ones, desk.now)
            desk.record(
                Action.LOCK_RECORDINGS,
                table.location,
                counts=(locked, len(ones) - locked),
                digest=digest,
            )


def _unlock_covered(batch: Batch, compared: Reconciliation, digest: str) -> None:
    """Take the lock off what is covered meanwhile, or gone by other ways."""
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        require_rule_approved(RULE, digest, transaction.queue)
        consents = transaction.consents(batch.datamap)
        still = {(str(one.recording.table), one.recording.key) for one in compared.found}
        freed = [place for place in consents.locks() if place not in still]
        desk = _desk(batch.stores, transaction, batch.id)
        tables = {str(name): name for name in batch.datamap.tables}
        for table, key in freed:
            consents.unlock(tables[table], key, is_deleted=False)
        if freed:
            desk.record(
                Action.UNLOCK_RECORDINGS,
                "lacuna.recording_lock",
                counts=(len(freed), None),
                digest=digest,
            )


def _delete(
    batch: Batch, rule: ConsentRule, due: Sequence[UnconsentedRecording], digest: str
) -> None:
    """Delete recordings with what was derived from them: rows now, files by file effects."""
    datamap, stores = batch.datamap, batch.stores
    with stores.transaction(Role.EXECUTOR) as transaction:
        desk = _desk(stores, transaction, batch.id)
        for table, ones in _by_table(due).items():
            desk.intend(Action.SWEEP, table.location, rows=len(ones), digest=digest)
    with stores.transaction(Role.EXECUTOR) as transaction:
        require_rule_approved(RULE, digest, transaction.queue)
        desk = _desk(stores, transaction, batch.id)
        consents, reading = transaction.consents(datamap), transaction.reading(datamap)
        # Judged once more: an answer, a restriction or an erasure may have come since.
        keys = {
            table: [one.recording.key for one in ones] for table, ones in _by_table(due).items()
        }
        still = [
            one.found
            for one in judged(datamap, consents, reading, keys)
            if one.found is not None and not one.found.is_restricted
        ]
        staying = _still_covered(datamap, consents, reading, still)
        writing = transaction.writing(datamap)
        by_table = _by_table(still)
        for table, planned in keys.items():
            left = [one.recording.key for one in by_table.get(table, ())]
            for key in left:
                consents.unlock(table, key, is_deleted=True)
            if table in rule.derived:
                continue
            desk.queue.effects.put_rule_effects(RULE, _effects(batch, transaction, table, left))
            changed = writing.treat(table, left)
            desk.record(
                Action.SWEEP,
                table.location,
                counts=(changed, len(planned) - changed),
                digest=digest,
            )
        calls = {one.recording.call for one in still if one.recording.call is not None}
        parts = {
            table: [one.recording.key for one in ones]
            for table, ones in by_table.items()
            if table not in rule.derived
        }
        for derived in rule.derived:
            rows = consents.derived_rows(derived, calls - staying, parts)
            deleted = writing.treat(derived, rows)
            desk.record(Action.SWEEP, derived.location, counts=(deleted, None), digest=digest)


def _still_covered(
    datamap: DataMap,
    consents: Consents,
    reading: PlatformReading,
    going: Sequence[UnconsentedRecording],
) -> frozenset[str]:
    """Return the calls of recordings that go of which another recording stays: a part of its own.

    What was made from such a call goes where it leads to the recording that goes.
    """
    calls = {one.recording.call for one in going if one.recording.call is not None}
    tables = {(one.recording.call, one.recording.table) for one in going}
    others = judged(datamap, consents, reading, consents.recordings_of(calls))
    return frozenset(
        one.recording.call
        for one in others
        # A voicemail is no part of what was said in the call.
        if (one.recording.call, one.recording.table) in tables
        and one.found is None
        and one.recording.has_file
        and one.recording.call is not None
    )


def _effects(
    batch: Batch, transaction: Transaction, table: TableName, keys: Sequence[RowKey]
) -> list[tuple[EffectAction, str, str, str]]:
    datamap = batch.datamap
    effects = []
    for source, paths in transaction.reading(datamap).object_paths(table, keys).items():
        effects += [
            (
                EffectAction.DELETE_OBJECT,
                source.store,
                pattern_of(datamap.stores[source.store], path).pattern,
                path,
            )
            for path in paths
        ]
    return effects


def _finish(batch: Batch) -> int:
    """Carry out the file effects, and record how many there were; return objects."""
    total = 0
    objects = batch.stores.objects_of(batch.datamap)
    while True:
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            effects = transaction.queue.effects.pending_rule_effects(RULE, _AT_ONCE)
        if not effects:
            return total
        was_there = {
            effect.effect_id: objects[effect.store].delete(effect.path) for effect in effects
        }
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            desk = _desk(batch.stores, transaction, batch.id)
            for effect in effects:
                transaction.queue.effects.finish(effect, was_there=was_there[effect.effect_id])
            for location, ones in _by_location(effects).items():
                done = sum(was_there[one.effect_id] for one in ones)
                desk.record(Action.DELETE_OBJECTS, location, counts=(done, len(ones) - done))
        total += sum(was_there.values())


def _unnamed(stores: Stores, datamap: DataMap, transaction: Transaction) -> int:
    """Return how many files of recordings no row names, those in quarantine left out."""
    rule = datamap.consent
    recorded = {one.table for one in rule.recordings} if rule is not None else set()
    count = 0
    objects = stores.objects_of(datamap)
    for store in datamap.stores.values():
        patterns = [one.pattern for one in store.files if one.table in recorded]
        if patterns:
            named = transaction.reading(datamap).object_names(store.name)
            count += sum(
                path not in named
                and Quarantined.parse(path) is None
                and any(fnmatchcase(path, pattern) for pattern in patterns)
                for path in objects[store.name].paths()
            )
    return count


def _by_table(
    found: Iterable[UnconsentedRecording],
) -> Mapping[TableName, list[UnconsentedRecording]]:
    tables: dict[TableName, list[UnconsentedRecording]] = defaultdict(list)
    for one in found:
        tables[one.recording.table].append(one)
    return dict(sorted(tables.items()))


def _by_location(effects: Iterable[Effect]) -> Mapping[str, list[Effect]]:
    locations: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        locations[pattern_location(effect.store, effect.pattern)].append(effect)
    return dict(sorted(locations.items()))


def _desk(stores: Stores, transaction: Transaction, batch_id: str | None) -> Desk:
    return Desk(
        transaction.queue,
        transaction.ledger,
        stores.keys,
        stores.clock.now(),
        _ACTOR,
        batch_id=batch_id,
    )
