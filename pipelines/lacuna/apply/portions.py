"""Changes the rows of a large erasure in portions: key ranges, each in a short transaction.

One transaction over very many rows would hold up whoever writes to them. So:

1. `divide` makes the portions: first rows of others that mention the person, then the person's own,
   a row always before the row it points to; the last portion has no rows yet.
2. `begin_portions` does in one transaction what belongs before the first change, and moves the
   request on: from there the only way is forward, and a run that was killed goes on with the
   first portion that is pending.
3. `PortionWorkshop.apply` changes one portion. Rows, what is recorded of them, and that the portion
   is done are kept together.

What was written since the plan was made:
- a row that changed since its text was read: the portion is rolled back, and read again;
- a row that is gone was not erased by us, and is recorded as such;
- a row that leads to somebody else by now is theirs;
- a row that came is found before the link to the row it points to is cut, while that row is locked,
  and is treated with it. The last portion looks for whatever still leads to the person.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lacuna.apply.approval import require_approved
from lacuna.apply.emptied_files import rows_with_files
from lacuna.apply.invariants import keeping_invariants
from lacuna.apply.rows import (
    ROW_ACTIONS,
    RowTreatment,
    delete_echoes,
    fix_links,
    forget_paths,
    forget_people,
    make_tombstones,
    put_effects,
    refresh_views,
)
from lacuna.apply.shared_rows import deletions, joined, named_files, told_keys
from lacuna.apply.texts import PreparedTexts, prepare_texts
from lacuna.apply.work import Work
from lacuna.errors import RowsContended
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, ObjectPath, RowKey, TableName, original_path
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteRows,
    EmptyFiles,
    Inventory,
    LinkTombstone,
    MentionsFound,
    RedactMentions,
    RedactText,
    RefreshView,
    RowsFound,
    Step,
)
from lacuna.model.queue import Portion
from lacuna.model.request import RequestState
from lacuna.model.shared_rows import KeysByTable, without
from lacuna.model.table import Table
from lacuna.model.treatment import Mention, RowErasure
from lacuna.ports import Desk, PlatformWriting, Redactor, Transaction

_CHANGED = (RowErasure.ANONYMIZE, RowErasure.DELETE)
_NONE: Final[frozenset[RowKey]] = frozenset()


def is_large(work: Work, most: int) -> bool:
    """Whether a request changes more than `most` rows of one table."""
    rows = defaultdict[TableName, int](int)
    for found in work.inventory.rows:
        rows[found.table] += len(found.keys)
    for mention in work.inventory.mentions:
        rows[mention.column.table] += len(mention.keys)
    return max(rows.values(), default=0) > most


def divide(work: Work, datamap: DataMap, size: int) -> Iterator[Portion]:
    """Yield the portions of an erasure, of `size` rows at most, in the order of their change."""
    own = {found.table: found.keys for found in work.inventory.rows}
    shared = {found.table: found.keys for found in work.inventory.shared}
    mentioned: dict[TableName, set[RowKey]] = defaultdict(set)
    for found in work.inventory.mentions:
        mentioned[found.column.table] |= found.keys
    number = 0
    for name, keys in sorted(mentioned.items()):
        # An own row that is treated anyway is treated once.
        is_treated = datamap.tables[name].rows in _CHANGED
        for part in _chunks(keys - own.get(name, frozenset()) if is_treated else keys, size):
            number += 1
            yield Portion(number, name, mentioned=part)
    for table in datamap.in_erasure_order():
        if table.rows in _CHANGED:
            ours, others = own.get(table.name, _NONE), shared.get(table.name, _NONE)
            for part in _chunks(ours | others, size):
                number += 1
                beside = part & mentioned.get(table.name, set()) & ours
                yield Portion(number, table.name, part & ours, frozenset(beside), part & others)
    yield Portion(number + 1, None)


def begin_portions(
    work: Work,
    tables: Sequence[TableName | None],
    datamap: DataMap,
    transaction: Transaction,
    desk: Desk,
) -> None:
    """Make the portions of an approved erasure pending, and move its request on.

    Args:
        tables: of the portions, whose rows are stored already.

    Raises:
        NotApproved: the ledger has no approval of the plan.
        IllegalTransition: another attempt has taken over.
        Any error leaves everything as it was.
    """
    require_approved([(work.request, work.plan.digest)], desk.queue)
    writing = transaction.writing(datamap)
    request_id = work.request.request_id
    fix_links([work], transaction)
    make_tombstones([work], writing, desk)
    put_effects(work, datamap, desk)
    forget_paths(work, datamap, writing)
    delete_echoes(datamap, writing)
    transaction.portions.begin(request_id, tables)
    desk.queue.requests.record_transaction([request_id], writing.transaction_id())
    desk.queue.requests.move(work.request, RequestState.APPLIED, at=desk.now)


def of_portion(work: Work, portion: Portion, datamap: DataMap) -> Work:
    """Return a request's work with the rows of one portion alone."""
    if portion.table is None:
        return work
    table = datamap.tables[portion.table]
    covered = [one.name for one in table.columns if one.mention in (Mention.REDACT, Mention.EMPTY)]
    mentions = tuple(
        MentionsFound(ColumnName(table.name, name), portion.mentioned) for name in covered[:1]
    )
    return _with_rows(work, {table.name: portion.own}, mentions)


@dataclass(frozen=True)
class PortionWorkshop:
    """What changing a portion needs.

    Attributes:
        redactors: one a tenant, knowing the person.
    """

    datamap: DataMap
    redactors: Mapping[str, Redactor] = field(repr=False)

    def apply(
        self,
        work: Work,
        portion: Portion,
        texts: PreparedTexts,
        transaction: Transaction,
        desk: Desk,
    ) -> int:
        """Change the rows of a portion, and keep what must be recorded; return the rows changed.

        Args:
            work: without an inventory of its own.
            texts: those of the portion's rows, read and treated before.
            transaction: the executor's, which everything here happens in.

        Raises:
            NotApproved: the ledger has no approval of the plan.
            RowsContended: a row changed since its text was read; everything is as it was.
            IllegalTransition: another attempt has taken over, or has done it.
        """
        require_approved([(work.request, work.plan.digest)], desk.queue)
        transaction.portions.hold(work.request)
        writing = transaction.writing(self.datamap)
        ids = [work.request.request_id]
        with keeping_invariants(ids, self.datamap, transaction, portion.number):
            with desk.afterwards() as afterwards:
                change = _PortionChange(self, work, portion.number, transaction, afterwards)
                changed = change.last() if portion.table is None else change.of(portion, texts)
            delete_echoes(self.datamap, writing)
        transaction.portions.finish(
            work.request.request_id, portion.number, writing.transaction_id()
        )
        return changed


@dataclass(frozen=True)
class _PortionChange:
    """One portion in one transaction."""

    workshop: PortionWorkshop
    work: Work
    number: int
    transaction: Transaction
    desk: Desk

    @property
    def _id(self) -> str:
        return self.work.request.request_id

    @property
    def _datamap(self) -> DataMap:
        return self.workshop.datamap

    def of(self, portion: Portion, texts: PreparedTexts) -> int:
        """Change the rows of a portion, and rows that came to them."""
        name = portion.table
        if name is None:
            return 0
        writing = self.transaction.writing(self._datamap)
        locked = writing.lock_own_rows(name, [self._id], self.number) if portion.own else {}
        read = texts.versions.get(name, {})
        stale = sum(version != read.get(key, version) for key, version in locked.items())
        of_others = [one for one in texts.changes.get(name, ()) if one.key not in locked]
        of_others = [one for one in of_others if one.key not in portion.own]
        if of_others:
            there = writing.lock_rows(name, [one.key for one in of_others])
            stale += sum(there.get(one.key, one.version) != one.version for one in of_others)
            of_others = [one for one in of_others if one.key in there]
        if stale:
            raise RowsContended(
                f"{name}: {stale} rows changed while their text was processed; rolled back"
            )
        strange = self._of_somebody_else(name, locked)
        needed, freed = self._shared(name, frozenset(locked) - strange, portion.shared)
        strange |= needed
        self.transaction.portions.drop(self._id, name, strange)
        ours = (frozenset(locked) - strange) | freed
        changed = self._came(self._leading_to(name, ours))
        if of_others:
            writing.write_texts(name, texts.columns[name], of_others)
            writing.keep_told_times_of(name, [one.key for one in of_others])
        others = {one.key for one in of_others}
        if portion.own or portion.shared:
            kept = [one for one in texts.changes.get(name, ()) if one.key in ours]
            texts = PreparedTexts({name: kept}, texts.columns, texts.versions)
            of_plan = len(portion.own | portion.shared)
            changed += self._treat(name, texts, len(ours), of_plan - len(ours))
        else:
            others |= writing.cut_references_of(name, [self._id], self.number)
            self._record_mentions(portion.mentioned, texts, self._datamap.tables[name])
            changed += len(others)
        return changed

    def _record_mentions(
        self, keys: Collection[RowKey], texts: PreparedTexts, table: Table
    ) -> None:
        """Record what was done to rows of others, as the plan names it."""
        files, alone = rows_with_files(texts, table)
        for step in self.work.plan.steps:
            match step:
                case RedactMentions(table.name):
                    # Of any other row a text was searched, or a reference cut.
                    others = len(frozenset(keys) - alone)
                    self._record(RedactMentions, table.name.location, others, 0)
                case EmptyFiles(table.name):
                    self._record(EmptyFiles, table.name.location, len(files), 0)
                case _:
                    pass

    def last(self) -> int:
        """Treat what still leads to the person, and do what one does when all rows are changed."""
        request = self.work.request
        target = self._datamap.subject.levels[request.level]
        changed = self._came(self._leading_to(target, [(root,) for root in self.work.roots]))
        writing = self.transaction.writing(self._datamap)
        forget_people([self.work], self._datamap, self.transaction)
        refresh_views(self._datamap, writing)
        for step in self.work.plan.steps:
            if isinstance(step, LinkTombstone | RefreshView):
                self._record(type(step), step.table.location, step.rows, 0)
        return changed

    def _of_somebody_else(self, name: TableName, keys: Collection[RowKey]) -> frozenset[RowKey]:
        """Return the rows that led to the person, and lead to others alone by now."""
        if not keys:
            return frozenset()
        target = self._datamap.subject.levels[self.work.request.level]
        roots = self.transaction.reading(self._datamap).roots_of(name, keys, target)
        mine = frozenset(self.work.roots)
        return frozenset(key for key, of_key in roots.items() if of_key and not of_key & mine)

    def _shared(
        self, name: TableName, ours: frozenset[RowKey], shared: frozenset[RowKey]
    ) -> tuple[frozenset[RowKey], frozenset[RowKey]]:
        """Return own rows that others began to need, and shared ones that nobody else needs any more."""
        if name not in self._datamap.shared_tables:
            return _NONE, _NONE
        there = frozenset(self.transaction.writing(self._datamap).lock_rows(name, shared))
        staying = self._staying({name: ours | there})
        needed, freed = ours & staying.get(name, _NONE), there - staying.get(name, _NONE)
        self._name_files(name, needed, freed)
        self.transaction.portions.free(self._id, Portion(self.number, name, freed))
        going = told_keys(self._datamap, name, (ours - needed) | freed)
        self.transaction.portions.note_last(self._id, name, going)
        return needed, freed

    def _staying(self, more: KeysByTable) -> KeysByTable:
        """Return which of the person's rows others need, of those that are known and some more."""
        names = self._datamap.shared_tables
        naming = {
            link.table
            for one in names
            for link in self._datamap.sharing_links(self._datamap.tables[one])
        }
        rows = joined([self.transaction.portions.own_rows(self._id, names | naming), more])
        return self.transaction.reading(self._datamap).shared_rows(rows).staying(rows)

    def _name_files(
        self, name: TableName, needed: frozenset[RowKey], freed: frozenset[RowKey]
    ) -> None:
        """Leave the objects of rows that stay, and delete those of rows that go after all."""
        reading, effects = self.transaction.reading(self._datamap), self.desk.queue.effects
        left = named_files(reading, {name: needed})
        for effect in effects.pending(self._id) if left else ():
            if ObjectPath(effect.store, original_path(effect.path)) in left:
                effects.finish(effect, was_there=False)
        effects.put(self._id, deletions(named_files(reading, {name: freed}), self._datamap))

    def _leading_to(
        self, target: TableName, keys: Collection[RowKey]
    ) -> Mapping[TableName, frozenset[RowKey]]:
        """Return the rows that lead to rows of `target`, and that no portion knows."""
        if not keys:
            return {}
        reading = self.transaction.reading(self._datamap)
        found: dict[TableName, set[RowKey]] = defaultdict(set)
        roots = sorted({key[0] for key in keys})
        for tables in reading.own_rows(self.work.request.org_id, target, roots).values():
            for table, leading in tables.items():
                if self._datamap.tables[table].rows in _CHANGED:
                    found[table] |= leading
        came = self.transaction.portions.unknown(self._id, found)
        if came.keys().isdisjoint(self._datamap.shared_tables):
            return came
        return without(came, self._staying(came))

    def _came(self, rows: Mapping[TableName, frozenset[RowKey]]) -> int:
        """Treat rows of the person that came since the plan was made."""
        if not rows:
            return 0
        writing = self.transaction.writing(self._datamap)
        for name, keys in rows.items():
            self.transaction.portions.put(self._id, Portion(self.number, name, keys))
            if writing.lock_rows(name, keys).keys() != keys:
                raise RowsContended(f"{name}: rows disappeared while they were read; rolled back")
        texts = prepare_texts(
            [_with_rows(self.work, rows)],
            self._datamap,
            self.transaction.reading(self._datamap),
            self.workshop.redactors,
        )
        return sum(
            self._treat(table.name, texts, len(rows[table.name]), 0)
            for table in self._datamap.in_erasure_order()
            if table.name in rows
        )

    def _treat(self, name: TableName, texts: PreparedTexts, rows: int, others: int) -> int:
        """Treat the portion's own rows of one table, and record them.

        Args:
            rows: how many there are.
            others: rows of the plan that are gone, or somebody else's by now.
        """
        writing = self.transaction.writing(self._datamap)
        table = self._datamap.tables[name]
        if rows:
            if table.rows is RowErasure.ANONYMIZE:
                totals = writing.measure(name, [self._id], self.number)
                self.transaction.portions.add_to_baseline(self._id, name, totals[self._id])
            if changes := texts.changes.get(name):
                writing.write_texts(name, texts.columns[name], changes)
            if name == self._datamap.subject.table:
                self._cut_references(writing)
            writing.cut_references_of(name, [self._id], self.number)
            ids, at = [self._id], self.desk.now
            RowTreatment(self._datamap, writing, ids, at, self.number).treat(table, rows)
            if table.rows is not RowErasure.DELETE:
                writing.keep_told_times(name, ids, self.number)
        for kind in _kinds(table):
            self._record(kind, name.location, rows, others)
        return rows

    def _cut_references(self, writing: PlatformWriting) -> None:
        """Take the person out of what still refers to them, also in rows that came meanwhile."""
        for name, cut in writing.cut_references([self._id]).items():
            self.transaction.portions.put(self._id, Portion(self.number, name, mentioned=cut))

    def _record(self, kind: type[Step], location: str, rows: int, already: int) -> None:
        self.desk.record(
            ROW_ACTIONS[kind],
            location,
            request_id=self._id,
            counts=(rows, already),
            digest=self.work.plan.digest,
        )


def _kinds(table: Table) -> Iterator[type[Step]]:
    """Yield the kinds of steps for own rows of a table; rows that came may be in none of the plan."""
    if table.rows is RowErasure.DELETE:
        yield DeleteRows
        return
    if table.redacted_columns:
        yield RedactText
    if table.is_anonymized:
        yield AnonymizeRows


def _with_rows(
    work: Work,
    rows: Mapping[TableName, frozenset[RowKey]],
    mentions: tuple[MentionsFound, ...] = (),
) -> Work:
    found = tuple(RowsFound(name, keys) for name, keys in sorted(rows.items()) if keys)
    inventory = Inventory(found, mentions, (), 0, 0)
    return Work(work.request, work.plan, inventory, work.person, work.roots)


def _chunks(keys: Collection[RowKey], size: int) -> Iterator[frozenset[RowKey]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), size):
        yield frozenset(ordered[start : start + size])
