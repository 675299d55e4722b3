"""Changes the platform's rows for a whole batch, in one transaction.

Numbered as they happen:
1. the working rows are written: what the batch is about;
2. own rows are locked and read again: exactly those planned, in the versions whose text was
   treated, or nothing is done;
3. what must not move (counts and sums) is noted, and what reporting knows of a person only by
   the links that are about to be cut;
4. prepared texts are written, each only onto the version of the row that was read, or onto what
   triggers made of it since, in this transaction;
5. the tombstone contact is made where one is needed and there is none; columns are treated and
   rows deleted, a row before the row it points to; what triggers wrote about that is deleted,
   materialized views are rebuilt;
6. objects to be deleted or rewritten become file effects, their paths leave the rows;
7. the requests move on, and the outcomes are kept for the transaction after this one, which
   records them: no entry shares the number that the rows carry from now on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lacuna.apply.approval import require_approved
from lacuna.apply.invariants import keeping_invariants
from lacuna.apply.shared_rows import put_shared_rows, record_last, take_last
from lacuna.apply.texts import PreparedTexts
from lacuna.apply.work import Work
from lacuna.errors import ApplyFailed, BlastRadiusExceeded
from lacuna.model.datamap import DataMap, ObjectFormat
from lacuna.model.evidence import Action
from lacuna.model.location import RowKey, TableName, original_path
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteRows,
    EmptyFiles,
    LinkTombstone,
    ObjectFound,
    RedactMentions,
    RedactText,
    RefreshView,
    Step,
    location_of,
)
from lacuna.model.queue import EffectAction
from lacuna.model.request import CONTACT, Level, RequestState
from lacuna.model.table import Table
from lacuna.model.treatment import RowErasure
from lacuna.ports import Desk, PlatformReading, PlatformWriting, TextChange, Transaction

ROW_ACTIONS: Final[Mapping[type[Step], Action]] = {
    AnonymizeRows: Action.ANONYMIZE_ROWS,
    RedactText: Action.REDACT_TEXT,
    RedactMentions: Action.REDACT_MENTIONS,
    EmptyFiles: Action.EMPTY_FILES,
    DeleteRows: Action.DELETE_ROWS,
    LinkTombstone: Action.LINK_TOMBSTONE,
    RefreshView: Action.REFRESH_VIEW,
}
"""What the ledger calls each kind of step that changes rows."""


def intend_rows(works: Sequence[Work], desk: Desk) -> None:
    """Record what is about to be done, before the transaction that does it."""
    with desk.together() as together:
        for work in works:
            for step in work.plan.steps:
                if action := ROW_ACTIONS.get(type(step)):
                    together.intend(
                        action,
                        location_of(step),
                        request_id=work.request.request_id,
                        rows=_rows_of(step),
                        digest=work.plan.digest,
                    )


def apply_rows(
    works: Sequence[Work],
    texts: PreparedTexts,
    datamap: DataMap,
    transaction: Transaction,
    desk: Desk,
) -> int:
    """Carry out the row steps of approved erasures, and move them on; return the rows changed.

    Args:
        transaction: the executor's, which everything here happens in.

    Raises:
        NotApproved: the ledger has no approval of a plan.
        Also what `change_rows` raises. Any of it leaves everything as it was.
    """
    require_approved([(work.request, work.plan.digest) for work in works], desk.queue)
    planned, works = works, take_last(works, datamap, transaction)
    changed = change_rows(works, texts, datamap, transaction, desk)
    ids = [work.request.request_id for work in works]
    desk.queue.requests.record_transaction(ids, transaction.writing(datamap).transaction_id())
    desk.queue.requests.move_all(
        [work.request for work in works], RequestState.APPLIED, at=desk.now
    )
    with desk.afterwards() as afterwards:
        for before, work in zip(planned, works, strict=True):
            _record(work, afterwards)
            record_last(before, work, afterwards)
    return changed


def change_rows(
    works: Sequence[Work],
    texts: PreparedTexts,
    datamap: DataMap,
    transaction: Transaction,
    desk: Desk,
) -> int:
    """Change the rows of a batch of erasures, whoever approved them; return how many, each once.

    Raises:
        BlastRadiusExceeded: the people have more, fewer or other rows than planned.
        ApplyFailed: a statement changed another number of rows than planned.
        StatementRefused: the database refused a statement.
        Any of them leaves everything as it was.
    """
    writing = transaction.writing(datamap)
    ids = [work.request.request_id for work in works]
    own = _own(works)
    ordered = [table for table in datamap.in_erasure_order() if table.name in own]
    _hold_rows(works, texts, datamap, transaction, desk)
    with keeping_invariants(ids, datamap, transaction):
        fix_links(works, transaction)
        changed: dict[TableName, set[RowKey]] = defaultdict(set)
        for name, changes in texts.changes.items():
            writing.write_texts(name, texts.columns[name], changes)
            changed[name].update(one.key for one in changes)
        make_tombstones(works, writing, desk)
        for name, cut in _cut_references(works, writing).items():
            changed[name] |= cut
        for table in ordered:
            if table.rows in (RowErasure.KEEP, RowErasure.REFRESH):
                continue
            # A row of two people of the batch is changed once.
            planned = frozenset[RowKey]().union(*own[table.name].values())
            if RowTreatment(datamap, writing, ids, desk.now).treat(table, len(planned)):
                changed[table.name] |= planned
        delete_echoes(datamap, writing)
        for work in works:
            put_effects(work, datamap, desk)
            for name, keys in forget_paths(work, datamap, writing):
                changed[name] |= keys
        # What triggers write into the rows of other tables is there by now.
        for table in ordered:
            if table.rows in (RowErasure.ANONYMIZE, RowErasure.KEEP):
                writing.keep_told_times(table.name, ids)
        for name, changes in texts.changes.items():
            writing.keep_told_times_of(name, [one.key for one in changes])
        forget_people(works, datamap, transaction)
        refresh_views(datamap, writing)
    return sum(map(len, changed.values()))


def _hold_rows(
    works: Sequence[Work],
    texts: PreparedTexts,
    datamap: DataMap,
    transaction: Transaction,
    desk: Desk,
) -> None:
    """Lock the rows and put the working rows, if they are still as they were planned and read."""
    writing = transaction.writing(datamap)
    ids = [work.request.request_id for work in works]
    own = _own(works)
    ordered = [table for table in datamap.in_erasure_order() if table.name in own]
    _put_working_rows(works, datamap, desk)
    for table in ordered:
        if table.rows is not RowErasure.REFRESH:
            locked = writing.lock_own_rows(table.name, ids)
            _require_locked(table.name, own[table.name], texts, locked)
    # The parents are locked by now, so that no row can come to them any more.
    _require_same_rows(works, datamap, transaction.reading(datamap))
    for name, changes in texts.changes.items():
        mentioned = [one for one in changes if one.key not in texts.versions[name]]
        _require_as_read(name, mentioned, writing)
    for table in ordered:
        if table.rows is RowErasure.ANONYMIZE:
            desk.queue.plans.put_baselines(table.name, writing.measure(table.name, ids))


@dataclass(frozen=True)
class RowTreatment:
    """How own rows are treated in one transaction, all at once or a portion of them.

    Attributes:
        ids: of the requests.
        portion: its number; None: all rows.
    """

    datamap: DataMap
    writing: PlatformWriting
    ids: Sequence[str]
    at: datetime
    portion: int | None = None

    def treat(self, table: Table, expected: int) -> bool:
        """Delete or anonymize the rows of a table; return whether a statement changes them.

        Raises:
            ApplyFailed: that changed another number of rows than expected.
        """
        if table.rows is RowErasure.DELETE:
            done = self.writing.delete(table.name, self.ids, self.portion)
        else:
            done = self.writing.anonymize(table.name, self.ids, self.at, self.portion)
        people = self.datamap.subject.table
        if not _has_statement(self.datamap.without_references(table), people):
            return False
        if sum(done.values()) != expected:
            raise ApplyFailed(
                f"{table.name}: {sum(done.values())} rows changed, {expected} planned; rolled "
                "back. Run again"
            )
        return True


def delete_echoes(datamap: DataMap, writing: PlatformWriting) -> None:
    """Delete what triggers wrote into tables of histories about the changes."""
    for table in datamap.tables.values():
        if table.is_history:
            writing.delete_echoes(table.name)


def refresh_views(datamap: DataMap, writing: PlatformWriting) -> None:
    """Rebuild the materialized views, once every row is changed that they are made from."""
    writing.refresh_views(
        {table.name for table in datamap.tables.values() if table.rows is RowErasure.REFRESH}
    )


def forget_people(works: Sequence[Work], datamap: DataMap, transaction: Transaction) -> None:
    """Forget what Lacuna knows of people beside the requests, if all of them is erased."""
    # Of one conversation or message alone, the person stays, and so does what they said.
    erased = [work for work in works if work.request.level is Level.CONTACT]
    for org_id, keys in sorted(_qualified_keys_of(erased).items()):
        transaction.queue.people.await_recorders(org_id)
        transaction.queue.people.lift_restrictions(org_id, keys)
        transaction.queue.people.forget_requests(org_id, keys)
        transaction.consents(datamap).forget(org_id, keys)


def fix_links(works: Sequence[Work], transaction: Transaction) -> None:
    """Note what reporting knows of contacts by the links that are about to be cut."""
    found: dict[str, list[str]] = defaultdict(list)
    for work in works:
        if work.request.person_kind == CONTACT:
            found[work.request.org_id] += work.person.row_keys
    for org_id, keys in found.items():
        transaction.marts.fix_links(org_id, keys)


def _qualified_keys_of(works: Sequence[Work]) -> Mapping[str, list[str]]:
    """Return the keys of the people by tenant, as Lacuna's own tables hold them."""
    found: dict[str, list[str]] = defaultdict(list)
    for work in works:
        found[work.request.org_id] += qualified_keys(work.request.person_kind, work.person.row_keys)
    return found


def _has_statement(table: Table, people: TableName) -> bool:
    """Whether own rows are changed by set; treating nothing but text leaves nothing to do.

    Args:
        people: the subject table.
    """
    return (
        table.rows is RowErasure.DELETE
        or table.erased_at is not None
        or bool(table.hidden_links(people))
        or any(column.is_set for column in table.columns)
    )


def _cut_references(
    works: Sequence[Work], writing: PlatformWriting
) -> Mapping[TableName, frozenset[RowKey]]:
    """Take the people out of what refers to them, if planned; return the rows by table."""
    planned: dict[TableName, set[RowKey]] = defaultdict(set)
    for work in works:
        for rows in work.inventory.rows:
            planned[rows.table] |= rows.keys
        for mention in work.inventory.mentions:
            planned[mention.column.table] |= mention.keys
    found = writing.cut_references([work.request.request_id for work in works])
    for name, cut in found.items():
        if strange := cut - planned[name]:
            raise BlastRadiusExceeded(
                f"{name}: since the plan, {len(strange)} rows began to refer to the person; rolled "
                "back. Run again to make a new plan"
            )
    return found


def make_tombstones(works: Sequence[Work], writing: PlatformWriting, desk: Desk) -> None:
    """Make the tombstone contacts that are needed and not there."""
    needed = {
        work.request.org_id
        for work in works
        if any(isinstance(step, LinkTombstone) for step in work.plan.steps)
    }
    for org_id in sorted(needed):
        writing.make_tombstone(org_id, desk.now)


def _own(works: Sequence[Work]) -> Mapping[TableName, Mapping[str, frozenset[RowKey]]]:
    found: dict[TableName, dict[str, frozenset[RowKey]]] = {}
    for work in works:
        for rows in work.inventory.rows:
            found.setdefault(rows.table, {})[work.request.request_id] = rows.keys
    return found


def _require_locked(
    table: TableName,
    own: Mapping[str, frozenset[RowKey]],
    texts: PreparedTexts,
    locked: Mapping[RowKey, str],
) -> None:
    expected = frozenset[RowKey]().union(*own.values())
    if locked.keys() != expected:
        raise BlastRadiusExceeded(
            f"{table}: {len(locked)} rows found, {len(expected)} planned; rolled back. Plan "
            "again, then approve again"
        )
    read = texts.versions.get(table, {})
    if changed := sum(version != read.get(key, version) for key, version in locked.items()):
        raise ApplyFailed(
            f"{table}: {changed} rows changed while their text was processed; rolled back. Run "
            "again"
        )


def _require_as_read(
    table: TableName, changes: Sequence[TextChange], writing: PlatformWriting
) -> None:
    """Lock rows of other people, and refuse if one changed since its text was read."""
    if not changes:
        return
    locked = writing.lock_rows(table, [change.key for change in changes])
    if changed := sum(locked.get(change.key) != change.version for change in changes):
        raise ApplyFailed(
            f"{table}: {changed} of {len(changes)} rows changed while their text was processed; "
            "rolled back. Run again"
        )


def _require_same_rows(works: Sequence[Work], datamap: DataMap, reading: PlatformReading) -> None:
    """Read the people's rows once more: one that came meanwhile would survive.

    Rows that a hold keeps, or kept before, are in no count: `_require_locked` sees to the latter.
    """
    roots: dict[tuple[str, Level], set[str]] = defaultdict(set)
    for work in works:
        roots[work.request.org_id, work.request.level].update(work.roots)
    by_root = {
        (org_id, level): reading.own_rows(org_id, datamap.subject.levels[level], sorted(of_them))
        for (org_id, level), of_them in roots.items()
    }
    for work in works:
        found = by_root[work.request.org_id, work.request.level]
        now = {
            (table, key)
            for root in work.roots
            for table, keys in found[root].items()
            for key in keys
        }
        planned = {(rows.table, key) for rows in work.inventory.every_row for key in rows.keys}
        held = {(items.table, key) for items in work.person.held for key in items.keys}
        now, planned = now - held, planned - held
        if now != planned:
            raise BlastRadiusExceeded(
                f"{work.request.request_id}: since the plan, {len(now - planned)} rows were added "
                f"and {len(planned - now)} removed; rolled back. Run again to make a new plan"
            )


def _put_working_rows(works: Sequence[Work], datamap: DataMap, desk: Desk) -> None:
    own: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    mentions: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    for work in works:
        request_id = work.request.request_id
        for rows in work.inventory.rows:
            own[rows.table][request_id] = rows.keys
        for mention in work.inventory.mentions:
            of_table = mentions[mention.column.table]
            of_table[request_id] = of_table.get(request_id, frozenset()) | mention.keys
    ids = [work.request.request_id for work in works]
    desk.queue.plans.put_rows_of_all(ids, "own", own)
    desk.queue.plans.put_rows_of_all(ids, "mention", mentions)
    put_shared_rows(works, datamap, desk)


def put_effects(work: Work, datamap: DataMap, desk: Desk) -> None:
    """Add what must be done to objects to the file effects."""
    there = [found for found in work.inventory.objects if found.byte_count is not None]
    if not there:
        return
    desk.queue.effects.put(
        work.request.request_id,
        [
            (_action(found, datamap), found.path.store, found.pattern, found.path.path)
            for found in there
        ],
    )


def forget_paths(
    work: Work, datamap: DataMap, writing: PlatformWriting
) -> Sequence[tuple[TableName, frozenset[RowKey]]]:
    """Take the paths of deleted objects out of rows of others; return these, by table."""
    found: list[tuple[TableName, frozenset[RowKey]]] = []
    for mention in work.inventory.mentions:
        name = mention.column.table
        column = datamap.tables[name].column(mention.column.name)
        if column.object_store is not None:
            paths = [
                original_path(found.path.path)
                for found in work.inventory.objects
                if found.path.store == column.object_store and not found.is_rewritten
            ]
            writing.lock_rows(name, mention.keys)
            writing.forget_paths(mention.column, mention.keys, paths)
            writing.keep_told_times_of(name, mention.keys)
            found.append((name, mention.keys))
    return found


def _action(found: ObjectFound, datamap: DataMap) -> EffectAction:
    if not found.is_rewritten:
        return EffectAction.DELETE_OBJECT
    (pattern,) = (
        pattern
        for pattern in datamap.stores[found.path.store].files
        if pattern.pattern == found.pattern
    )
    if pattern.format is ObjectFormat.PARQUET:
        return EffectAction.REWRITE_OBJECT
    return EffectAction.REDACT_OBJECT


def _record(work: Work, desk: Desk) -> None:
    for step in work.plan.steps:
        if action := ROW_ACTIONS.get(type(step)):
            desk.record(
                action,
                location_of(step),
                request_id=work.request.request_id,
                counts=(_rows_of(step), None),
                digest=work.plan.digest,
            )


def _rows_of(step: Step) -> int | None:
    return getattr(step, "rows", None)
