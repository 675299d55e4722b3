"""The sweep flow: old text, recordings without consent and who came back; then what expired goes."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from lacuna.apply import require_rule_approved
from lacuna.errors import (
    BlastRadiusExceeded,
    PipelineError,
)
from lacuna.flows.fulfilment import destroy_old_keys, forget_old_mails, level_folders, scrub_files
from lacuna.flows.intake import forget_digests
from lacuna.flows.run.agreements import stopped_tenants
from lacuna.flows.run.alerts import telling
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.platform_lock import alone_on_platform
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.consent import sweep_recordings
from lacuna.flows.sweep.expired_bundles import expire_bundles
from lacuna.flows.sweep.object_reconciliation import reconcile_objects
from lacuna.flows.sweep.quarantine import sweep_unnamed
from lacuna.flows.sweep.reappearance import reappearance, restore_rights
from lacuna.flows.sweep.rules import known_rules, sweep_digest
from lacuna.flows.sweep.spared_people import Pending, pending_people, spared_rows
from lacuna.model.datamap import SweepRule
from lacuna.model.evidence import Action
from lacuna.model.identity import SubjectRef
from lacuna.model.location import RowKey
from lacuna.model.queue import Obstacle
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.ports import Passage, Stores, TextChange
from lacuna.redaction import build_redactor
from lacuna.subject import know_all

_ROWS_AT_ONCE = 500


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Run every sweep rule; return the rows treated.

    Raises:
        FlowHeld: another run is at work; nothing was done.
        VerificationFailed: a rule failed, or a tenant without an agreement was left out; the
            others went on.
    """
    with alone_on_platform(stores), telling(stores, options, batch_id, "sweep"):
        return _sweep(stores, options, batch_id)


def _sweep(stores: Stores, options: RunOptions, batch_id: str) -> int:
    batch = Batch.open(stores, options, batch_id, flow="sweep")
    steps = Steps(stores, options, "sweep")
    if batch.datamap.sweeps:
        Steps(stores, options, "engine").add_engine(batch.engine)
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(batch_id, "sweep", options.run_id, stores.clock.now())
    # First: what was restricted or withdrawn is not swept as if it were not.
    restore_rights(batch, steps)
    try:
        # Also before recordings are judged: what a row names again is theirs.
        sweep_unnamed(batch, steps)
    except PipelineError as error:
        steps.fail(error)
    stopped = stopped_tenants(stores, batch.datamap, steps)
    swept = 0
    pending = pending_people(batch)
    for rule in batch.datamap.sweeps:
        try:
            swept += _sweep_text(batch, rule, stopped, pending, steps)
        except PipelineError as error:
            steps.fail(error)
    try:
        swept += sweep_recordings(batch, stopped, pending, steps)
    except PipelineError as error:
        steps.fail(error)
    reappearance(batch, steps)
    try:
        reconcile_objects(batch, steps)
    except PipelineError as error:
        steps.fail(error)
    try:
        known_rules(stores)  # for the officer's page, which reads no data map
    except PipelineError as error:
        steps.fail(error)
    level_folders(batch, steps)
    expire_bundles(batch, steps)
    destroy_old_keys(batch, steps)
    forget_old_mails(batch, steps)
    forget_digests(batch, steps)
    scrub_files(batch, Steps(stores, options, "scrub"))
    if steps.failures:
        raise steps.failed("parts of the sweep failed")
    return swept


def _sweep_text(
    batch: Batch,
    rule: SweepRule,
    stopped: frozenset[str],
    pending: Pending,
    steps: Steps,
) -> int:
    """Redact the text of rows that are due and new or changed; return the rows.

    Rows of people with an open request stay until it is closed.
    """
    digest = sweep_digest(rule, batch.datamap, batch.engine)
    now = batch.options.as_of or batch.stores.clock.now()
    before = now - timedelta(days=rule.after_days)
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        reading = transaction.reading(batch.datamap)
        found = {
            org_id: keys
            for org_id, keys in reading.due_rows(rule, digest, before).items()
            if org_id not in stopped
        }
        due = {
            org_id: keys - spared_rows(rule.table, org_id, keys, pending, reading)
            for org_id, keys in found.items()
        }
        most = transaction.queue.plans.rule_limit(rule.name, digest)
    rows = sum(len(keys) for keys in due.values())
    if spared := sum(len(keys) for keys in found.values()) - rows:
        steps.add("spared", counts={"rows": spared}, digest=digest)
    if most is None:
        steps.add(Obstacle.NOT_APPROVED, counts={"due": rows}, digest=digest)
        return 0
    if batch.options.mode is Mode.OBSERVE:
        steps.add("observed", counts={"due": rows}, digest=digest)
        return 0
    if rows > most:
        raise BlastRadiusExceeded(
            f"sweep {rule.name}: {rows} rows are due, but only {most} per night are approved; "
            "nothing changed. Approve the rule with a larger --max-rows"
        )
    changed = 0
    unmodelled = Counter[str]()
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        batch.desk(transaction).intend(Action.SWEEP, rule.table.location, rows=rows, digest=digest)
    for org_id, keys in sorted(due.items()):
        ordered = sorted(keys)
        for start in range(0, len(ordered), _ROWS_AT_ONCE):
            portion = org_id, ordered[start : start + _ROWS_AT_ONCE]
            changed += _sweep_portion(batch, rule, portion, digest=digest, unmodelled=unmodelled)
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        batch.desk(transaction).record(
            Action.SWEEP, rule.table.location, counts=(changed, rows - changed), digest=digest
        )
    steps.add(
        "done", counts={"due": rows, "changed": changed, "clean": rows - changed}, digest=digest
    )
    steps.add_unmodelled(unmodelled)
    return rows


def _sweep_portion(
    batch: Batch,
    rule: SweepRule,
    portion: tuple[str, Sequence[RowKey]],
    *,
    digest: str,
    unmodelled: Counter[str],
) -> int:
    """Redact some rows of a tenant; return how many changed, count the texts without a model."""
    org_id, keys = portion
    columns = batch.datamap.swept_columns(rule)
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(batch.datamap)
        rows = [row for some in reading.texts_of(rule.table, columns, keys) for row in some]
        owners = reading.owners_of(rule.table, keys)
        people = know_all(
            {SubjectRef(key): [key] for key in sorted(set().union(*owners.values()))},
            org_id,
            reading,
        )
        kept_names = reading.other_names(org_id)
    redactor = build_redactor(people, batch.engine)
    places = [(row, name) for row in rows for name in row.texts]
    table = batch.datamap.tables[rule.table]
    passages = [
        Passage(
            row.texts[name],
            table.column(name).media_type,
            row.language,
            own=frozenset(SubjectRef(key) for key in owners[row.key]),
            kept_names=kept_names,
            is_document=name in row.documents,
        )
        for row, name in places
    ]
    new: dict[RowKey, dict[str, str]] = {}
    for (row, name), result in zip(places, redactor.redact(passages), strict=True):
        if result.text != row.texts[name]:
            new.setdefault(row.key, {})[name] = result.text
    unmodelled.update(redactor.unmodelled)
    changes = [TextChange(row.key, row.version, new[row.key]) for row in rows if row.key in new]
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        require_rule_approved(rule.name, digest, transaction.queue)
        writing = transaction.writing(batch.datamap)
        changed = writing.write_texts(rule.table, columns, changes)
        writing.record_swept(rule, digest, [row.key for row in rows])
    return changed
