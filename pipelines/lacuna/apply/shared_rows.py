"""Decides, with the rows locked, which rows that several others name go: those that nobody else needs."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from lacuna.apply.work import Work
from lacuna.errors import BlastRadiusExceeded
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.location import ObjectPath, RowKey, TableName, original_path
from lacuna.model.plan import Inventory, RowsFound
from lacuna.model.queue import EffectAction
from lacuna.model.shared_rows import KeysByTable, without
from lacuna.ports import Desk, PlatformReading, Transaction

__all__ = [
    "deletions",
    "joined",
    "named_files",
    "put_shared_rows",
    "record_last",
    "take_last",
    "told_keys",
]


def take_last(works: Sequence[Work], datamap: DataMap, transaction: Transaction) -> Sequence[Work]:
    """Return works with the shared rows, and their objects, that go with the last who needs them.

    From here on nobody can name one of these rows as theirs by a foreign key: they are locked.

    Raises:
        BlastRadiusExceeded: since the plan, others began to need a row that must go.
    """
    names = datamap.shared_tables
    planned = [_rows_of(work.inventory.every_row, names) for work in works]
    if not any(planned):
        return works
    writing, reading = transaction.writing(datamap), transaction.reading(datamap)
    for table in datamap.in_erasure_order():
        if keys := frozenset[RowKey]().union(*(rows.get(table.name, ()) for rows in planned)):
            writing.lock_rows(table.name, keys)
    every = joined([_rows_of(work.inventory.every_row) for work in works])
    staying = reading.shared_rows(every).staying(every)
    return [_decided(work, staying, reading) for work in works]


def _decided(work: Work, staying: KeysByTable, reading: PlatformReading) -> Work:
    inventory = work.inventory
    for found in inventory.rows:
        if needed := len(found.keys & staying.get(found.table, frozenset())):
            raise BlastRadiusExceeded(
                f"{found.table}: since the plan, rows of others began to need {needed} of the rows "
                "that must go; rolled back. Run again to make a new plan"
            )
    freed = without(_rows_of(inventory.shared), staying)
    return replace(work, inventory=_with_freed(inventory, freed, reading)) if freed else work


def _with_freed(inventory: Inventory, freed: KeysByTable, reading: PlatformReading) -> Inventory:
    """Return an inventory in which shared rows go, with the objects that they name."""
    named = named_files(reading, freed)
    files = [
        one
        for one in inventory.shared_files
        if ObjectPath(one.path.store, original_path(one.path.path)) in named
    ]
    return replace(
        inventory,
        rows=_found(joined([_rows_of(inventory.rows), freed])),
        objects=(*inventory.objects, *files),
        shared=_found(without(_rows_of(inventory.shared), freed)),
        shared_files=tuple(one for one in inventory.shared_files if one not in files),
    )


def named_files(reading: PlatformReading, rows: KeysByTable) -> frozenset[ObjectPath]:
    """Return the objects that rows name."""
    return frozenset(
        ObjectPath(source.store, path)
        for table, keys in rows.items()
        if keys
        for source, paths in reading.object_paths(table, keys).items()
        for path in paths
    )


def deletions(
    paths: Collection[ObjectPath], datamap: DataMap
) -> Sequence[tuple[EffectAction, str, str, str]]:
    """Return the effects that delete objects."""

    def pattern_of(one: ObjectPath) -> str:
        patterns = (each.pattern for each in datamap.stores[one.store].files)
        return next(each for each in patterns if fnmatchcase(one.path, each))

    return [
        (EffectAction.DELETE_OBJECT, one.store, pattern_of(one), one.path)
        for one in sorted(paths, key=lambda one: (one.store, one.path))
    ]


def put_shared_rows(works: Sequence[Work], datamap: DataMap, desk: Desk) -> None:
    """Write down which rows stay for others, and which go as the last of them, for the gate to ask."""
    ids = [work.request.request_id for work in works]
    names = datamap.shared_tables
    shared: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    last: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    for work in works:
        for found in work.inventory.shared:
            shared[found.table][work.request.request_id] = found.keys
        for name, keys in _rows_of(work.inventory.rows, names).items():
            last[name][work.request.request_id] = told_keys(datamap, name, keys)
    desk.queue.plans.put_rows_of_all(ids, "shared", shared)
    desk.queue.plans.put_rows_of_all(ids, "last", last)


def told_keys(datamap: DataMap, name: TableName, keys: frozenset[RowKey]) -> frozenset[RowKey]:
    """Return keys that may be kept when their rows are gone: none of a table whose keys are personal."""
    table = datamap.tables[name]
    return frozenset() if any(table.column(one).is_personal for one in table.key) else keys


def record_last(planned: Work, done: Work, desk: Desk) -> None:
    """Record the rows that went though the plan left them to others: who were erased with them."""
    before = _rows_of(planned.inventory.rows)
    for table, keys in without(_rows_of(done.inventory.rows), before).items():
        desk.record(
            Action.DELETE_ROWS,
            table.location,
            request_id=done.request.request_id,
            counts=(len(keys), None),
            digest=done.plan.digest,
        )


def _rows_of(found: Sequence[RowsFound], names: frozenset[TableName] | None = None) -> KeysByTable:
    return {one.table: one.keys for one in found if names is None or one.table in names}


def _found(rows: KeysByTable) -> tuple[RowsFound, ...]:
    return tuple(RowsFound(*one) for one in sorted(rows.items()))


def joined(parts: Sequence[KeysByTable]) -> KeysByTable:
    """Return the rows of several people together."""
    rows: dict[TableName, frozenset[RowKey]] = defaultdict(frozenset)
    for part in parts:
        for table, keys in part.items():
            rows[table] |= keys
    return rows
