"""Decides what an erasure does: pure, from the request, the data map and the inventory."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from lacuna.errors import BlastRadiusExceeded
from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey, TableName
from lacuna.model.plan import (
    BUNDLES,
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    Inventory,
    LinkTombstone,
    MentionsFound,
    RedactMentions,
    RedactText,
    RefreshView,
    Retain,
    RewriteObjects,
    Step,
)
from lacuna.model.request import CONTACT
from lacuna.model.table import Table
from lacuna.model.treatment import RowErasure, Treatment

NEEDED_BY_OTHERS: Final = "rows of others need it; it goes with the last of them"
"""Why what several people share stays."""


def erasure_steps(inventory: Inventory, datamap: DataMap, *, has_bundle: bool) -> tuple[Step, ...]:
    """Return the steps of an erasure, a row always before the row it points to.

    Args:
        has_bundle: whether the same request hands over a bundle first, which stays until it
            is downloaded or expires.
    """
    own: Mapping[TableName, frozenset[RowKey]] = {
        found.table: found.keys for found in inventory.rows
    }
    steps: list[Step] = list(_tombstone(inventory, own, datamap))
    for table in datamap.in_erasure_order():
        if keys := own.get(table.name):
            steps.extend(_steps_of_table(table, len(keys), datamap.kind))
    steps.extend(_mentions(inventory, datamap))
    if steps:
        steps.extend(
            RefreshView(table.name, len(own.get(table.name, ())))
            for table in datamap.tables.values()
            if table.rows is RowErasure.REFRESH
        )
    steps.extend(_objects(inventory))
    steps.extend(
        Retain(items.table.location, hold.reason, len(items.keys))
        for hold, items in inventory.held
        if items.keys
    )
    steps.extend(_shared(inventory))
    if inventory.kept_identifiers:
        steps.append(
            Retain(
                "lacuna",
                "values that another person also holds stay in that person's own rows (15(4))",
                inventory.kept_identifiers,
            )
        )
    if has_bundle:
        steps.append(Retain(BUNDLES, "the bundle stays until downloaded or expired (15(3))", 1))
    return tuple(steps)


def _shared(inventory: Inventory) -> Iterator[Retain]:
    """Yield what stays although it is the person's, for it is that of others too."""
    for found in inventory.shared:
        yield Retain(found.table.location, NEEDED_BY_OTHERS, len(found.keys))
    files = Counter(
        found.path.store for found in inventory.shared_files if found.byte_count is not None
    )
    for store, count in sorted(files.items()):
        yield Retain(store, NEEDED_BY_OTHERS, count)


def _tombstone(
    inventory: Inventory, own: Mapping[TableName, frozenset[RowKey]], datamap: DataMap
) -> Iterator[LinkTombstone]:
    """Yield the step that needs the tombstone contact, if any row will point at it."""
    linked = [
        table
        for name in own
        if (table := datamap.tables[name]).rows is RowErasure.ANONYMIZE and table.tombstone_links
    ]
    links = {f"{table.name}.{name}" for table in linked for name in table.tombstone_links}
    referring = _referring(inventory, datamap)
    links |= {str(found.column) for found in referring}
    if links:
        rows = sum(len(own[table.name]) for table in linked)
        rows += len({(found.column.table, key) for found in referring for key in found.keys})
        yield LinkTombstone(datamap.subject.table, tuple(sorted(links)), rows)


def _referring(inventory: Inventory, datamap: DataMap) -> tuple[MentionsFound, ...]:
    """Return the rows not the person's own that refer to them, and to the tombstone contact then."""
    return tuple(
        found
        for found in inventory.mentions
        for table in (datamap.tables[found.column.table],)
        if found.column.name in {*table.references} & {*table.tombstone_links}
    )


def check_size(request_id: str, rows: int, most: int) -> None:
    """Refuse a plan that changes more rows than its limit.

    Raises:
        BlastRadiusExceeded: says both numbers.
    """
    if rows > most:
        raise BlastRadiusExceeded(
            f"{request_id}: the plan changes {rows} rows, the limit is {most}. Check whom the "
            "request is about, or raise LACUNA_MAX_ROWS"
        )


def _steps_of_table(table: Table, rows: int, kind: str) -> Iterator[Step]:
    match table.rows:
        case RowErasure.KEEP:
            reason = "no personal data of a contact (Recital 26)"
            if kind != CONTACT:
                reason = f"stays as a contact's; names of the {kind} in it are covered"
            yield Retain(table.name.location, reason, rows)
        case RowErasure.REFRESH:
            return  # after every row it is made from
        case RowErasure.DELETE:
            yield DeleteRows(table.name, rows)
        case RowErasure.ANONYMIZE:
            if texts := tuple(column.name for column in table.redacted_columns):
                yield RedactText(table.name, texts, rows)
            if table.is_anonymized:
                treatments = tuple(
                    (column.name, _written(column.erasure.treatment, column.erasure.argument))
                    for column in table.treated_columns
                )
                yield AnonymizeRows(table.name, treatments, rows)
            if kept := sum(column.erasure.treatment is Treatment.KEEP for column in table.columns):
                yield Retain(
                    table.name.location,
                    f"{kept} columns without personal data stay for statistics (Recital 26)",
                    rows,
                )


def _written(treatment: Treatment, argument: str | None) -> str:
    return str(treatment) if argument is None else f"{treatment}({argument})"


def _mentions(inventory: Inventory, datamap: DataMap) -> Iterator[Step]:
    texts: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    files: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    for found in inventory.mentions:
        table = datamap.tables[found.column.table]
        by_table = files if found.column.name in table.file_columns else texts
        by_table[table.name][found.column.name] = found.keys
    for kind, by_table in ((RedactMentions, texts), (EmptyFiles, files)):
        for name, columns in sorted(by_table.items()):
            rows = frozenset[RowKey]().union(*columns.values())
            yield kind(name, tuple(sorted(columns)), len(rows))


def _objects(inventory: Inventory) -> Iterator[Step]:
    stores = sorted({found.path.store for found in inventory.objects})
    for store in stores:
        deleted = [
            found
            for found in inventory.objects
            if found.path.store == store and not found.is_rewritten
        ]
        if deleted:
            yield DeleteObjects(
                store,
                rows=sum(found.byte_count is not None for found in deleted),
                byte_count=sum(found.byte_count or 0 for found in deleted),
                missing=sum(found.byte_count is None for found in deleted),
                others=tuple(
                    (str(table), rows)
                    for name, table, rows in inventory.shared_objects
                    if name == store
                ),
            )
        patterns = sorted(
            {
                found.pattern
                for found in inventory.objects
                if found.path.store == store and found.is_rewritten
            }
        )
        for pattern in patterns:
            yield RewriteObjects(
                store,
                pattern,
                sum(
                    found.is_rewritten and found.pattern == pattern and found.path.store == store
                    for found in inventory.objects
                ),
            )
