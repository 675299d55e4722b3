"""Keys that an erasure makes, and the columns that have to hold them: by a link, or by a cascade."""

from collections.abc import Iterator

from lacuna.datamap import names, types
from lacuna.datamap.check.column_fit import CUTS_FOREIGN_KEY
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveColumn, LiveSchema
from lacuna.model.table import Column
from lacuna.model.treatment import Erasure, RowErasure, Treatment

__all__ = ["check_widths"]


def check_widths(datamap: DataMap, live: LiveSchema) -> Iterator[Drift]:
    """Report columns into which a key would not fit that an erasure writes there."""
    yield from _tombstones(datamap, live)
    for table in datamap.tables.values():
        if table.rows is RowErasure.ANONYMIZE:
            for column in table.columns:
                if column.erasure.treatment in (Treatment.NEW_KEY, Treatment.SURROGATE):
                    yield from _cascades(datamap, live, ColumnName(table.name, column.name))


def _tombstones(datamap: DataMap, live: LiveSchema) -> Iterator[Drift]:
    subject = datamap.tables[datamap.subject.table]
    key = _live(live, ColumnName(subject.name, subject.key[0]))
    for table in datamap.tables.values():
        for name in table.tombstone_links:
            column = _live(live, ColumnName(table.name, name))
            if column is None or key is None:
                continue
            if (why := types.held_key_misfit(column, key)) is not None:
                yield _drift(
                    ColumnName(table.name, name),
                    f"it cannot hold the key of the tombstone contact: {why}; widen it by a "
                    "migration",
                )


def _cascades(datamap: DataMap, live: LiveSchema, changed: ColumnName) -> Iterator[Drift]:
    """Report what a changed key does not fit into, where foreign keys write it there."""
    origin = _live(live, changed)
    mapped = datamap.tables[changed.table].column(changed.name)
    if origin is None:
        return
    for place in _written_by(datamap, live, changed):
        column = _live(live, place)
        if column is not None and (why := _misfit(mapped, column, origin)) is not None:
            yield _drift(
                place,
                f"a foreign key with on update cascade writes the new value of "
                f"{names.written(changed)} here: {why}; widen the column by a migration, or write "
                "erase: keep there",
            )


def _misfit(changed: Column, column: LiveColumn, origin: LiveColumn) -> str | None:
    if changed.erasure.treatment is Treatment.NEW_KEY:
        return types.held_key_misfit(column, origin)
    return types.misfit(Erasure(Treatment.SURROGATE, changed.erasure.argument), column)


def _written_by(datamap: DataMap, live: LiveSchema, changed: ColumnName) -> list[ColumnName]:
    """Return the columns that a change of one reaches by cascades, of rows that an erasure leaves."""
    reached: list[ColumnName] = []
    waiting = [changed]
    while waiting:
        here = waiting.pop(0)
        for table in live.tables.values():
            for key in table.foreign_keys:
                if key.table != here.table or key.on_update != "cascade":
                    continue
                for own, other in zip(key.columns, key.referenced, strict=True):
                    place = ColumnName(table.name, own)
                    if other == here.name and place not in reached and not _is_cut(datamap, place):
                        reached.append(place)
                        waiting.append(place)
    return reached


def _is_cut(datamap: DataMap, place: ColumnName) -> bool:
    """Whether the rows that hold the old key are gone or lead elsewhere when it changes."""
    table = datamap.tables.get(place.table)
    if table is None or table.rows is RowErasure.DELETE:
        return table is not None
    return table.rows is RowErasure.ANONYMIZE and any(
        column.name == place.name and column.erasure.treatment in CUTS_FOREIGN_KEY
        for column in table.columns
    )


def _live(live: LiveSchema, place: ColumnName) -> LiveColumn | None:
    table: TableName = place.table
    found = live.tables.get(table)
    return None if found is None else found.column(place.name)


def _drift(place: ColumnName, problem: str) -> Drift:
    return Drift(names.written(place), DriftKind.UNFIT, problem, "")
