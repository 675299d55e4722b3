"""What is too old: a sweep rule redacts the texts of rows past its retention period."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from lacuna.apply import require_rule_approved
from lacuna.errors import BlastRadiusExceeded
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.rules import sweep_digest
from lacuna.flows.sweep.spared_people import Pending, spared_rows
from lacuna.model.datamap import SweepRule
from lacuna.model.evidence import Action
from lacuna.model.identity import SubjectRef
from lacuna.model.location import RowKey
from lacuna.model.queue import Obstacle
from lacuna.model.run import Mode, Role
from lacuna.ports import Passage, TextChange
from lacuna.redaction import build_redactor
from lacuna.subject import know_all

_ROWS_AT_ONCE = 500


def sweep_old_texts(
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
    with batch.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.plans.note_due(rule.name, digest, rows, batch.stores.clock.now())
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
