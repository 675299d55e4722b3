"""What must hold of columns that hold keys of people and are no way to them."""

from collections.abc import Iterator
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import MapDraft, did_you_mean
from lacuna.model.datamap import ObjectFormat
from lacuna.model.location import ColumnName
from lacuna.model.table import Column, Table
from lacuna.model.treatment import RowErasure, Treatment

__all__ = ["check_references"]

_CUTS: Final = frozenset({Treatment.UNLINK, Treatment.TOMBSTONE})


def check_references(draft: MapDraft, table: Table) -> None:
    """Report references that could not be cut, or that have another purpose as well."""
    name = names.written(table.name)
    for why in _misfits(draft, table) if table.references else ():
        draft.problem(table.name, f"{name}: {why}")
    for column in table.references:
        place = ColumnName(table.name, column)
        found = draft.sound_column(place)
        if not draft.has_column(table.name, column):
            hint = did_you_mean(column, (one.name for one in table.columns))
            draft.problem(
                table.name,
                f"{name}: references names the column {column!r}, which is not listed{hint}",
            )
        elif column in _taken(draft, table):
            draft.problem(
                table.name,
                f"{name}: references names {column!r}, which has another purpose already",
            )
        elif found is not None and (why := _untreated(found)):
            draft.problem(place, f"{names.written(place)}: {why}")


def _misfits(draft: MapDraft, table: Table) -> Iterator[str]:
    """Yield why the keys could not be taken out of any column of a table."""
    if draft.keeps_keys:
        yield "these people keep their keys, so that references to them stay; remove references"
    if table.has_row_address:
        yield "references need rows with a key, to cut them; add a primary key by a migration"
    if table.rows is RowErasure.REFRESH:
        yield "a materialized view is refreshed from its tables; remove references"
    if any(
        files.table == table.name and files.format is ObjectFormat.PARQUET
        for store in draft.stores.values()
        for files in store.files
    ):
        yield (
            "references are not cut in Parquet files that repeat its rows; leave these columns out "
            "of the files, or name the columns under links"
        )


def _taken(draft: MapDraft, table: Table) -> set[str | None]:
    taken: set[str | None] = {*table.key, *table.tenant_columns, *table.measures, table.erased_at}
    taken |= {link.column for link in table.links}
    if draft.subject is not None and draft.subject.table == table.name:
        taken.add(draft.subject.merged_into)
    return taken


def _untreated(column: Column) -> str:
    if column.kind:
        return (
            f"kind says that it holds keys of others ({column.kind}); remove kind or the reference"
        )
    if column.erasure.treatment in _CUTS:
        return ""
    return "it contains keys of people; write erase: unlink, or tombstone if it may not be NULL"
