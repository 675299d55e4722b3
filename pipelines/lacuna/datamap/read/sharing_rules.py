"""What a map may say of rows that several others name, so that each goes with the last of them."""

from collections.abc import Iterator

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import MapDraft
from lacuna.model.location import ColumnName, TableName
from lacuna.model.table import Link, Table
from lacuna.model.treatment import RowErasure, Treatment

__all__ = ["check_sharing"]

_CUT = (Treatment.SUPPRESS, Treatment.UNLINK)


def check_sharing(draft: MapDraft) -> None:
    """Report links of such rows by which one could be lost to others, or stay without a reason."""
    for table in draft.tables.values():
        sharing = list(_sharing(draft, table))
        for link in sharing:
            _check_naming(draft, table, link)
        if sharing and draft.subject is not None:
            _check_ways(draft, table, draft.subject.table)


def _sharing(draft: MapDraft, table: Table) -> Iterator[Link]:
    if table.rows is RowErasure.DELETE:
        yield from (link for link in table.links if table.is_named_by(link, draft.tables))


def _check_naming(draft: MapDraft, table: Table, link: Link) -> None:
    place = ColumnName(table.name, link.column)
    naming = draft.tables[link.table]
    names_it = f"{names.written(table.name)}: rows of {names.written(link.table)} name its rows"
    if link.where is not None:
        draft.problem(
            place,
            f"{names_it}, and where would leave out some of them; remove where, or give the others a "
            "table of their own",
        )
    column = next((one for one in naming.columns if one.name == link.to), None)
    is_cut = column is not None and column.erasure.treatment in _CUT
    if naming.links and naming.rows is not RowErasure.DELETE and not is_cut:
        draft.problem(
            place,
            f"{names_it} by {link.to} and go on naming them when their person is erased; write rows: "
            f"delete for them, or erase: suppress at {link.to}",
        )


def _check_ways(draft: MapDraft, table: Table, people: TableName) -> None:
    for link in table.links:
        if link.table == people and link.where is None and not table.is_pointed_at_by(link):
            draft.problem(
                ColumnName(table.name, link.column),
                f"{names.written(table.name)}: a row that others still name stays, and "
                f"{link.column} in it would still lead to the person; name it under references",
            )
