"""Proposes what becomes of a person's rows: they are deleted only where nothing else can be done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lacuna.datamap import types
from lacuna.datamap.scaffold.category_proposal import Guess
from lacuna.datamap.scaffold.structure import Sample, Structure, is_derived, is_of_others
from lacuna.datamap.scaffold.treatment_proposal import ColumnPlace, holds_fast
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveTable, TableKind
from lacuna.model.treatment import RowErasure

__all__ = ["RowProposal", "propose_rows"]


@dataclass(frozen=True)
class RowProposal:
    """What becomes of a person's rows in a table.

    Attributes:
        why: why they are deleted; empty where they are not.
    """

    rows: RowErasure
    why: str = ""


def propose_rows(
    table: LiveTable,
    found: Structure,
    sample: Sample,
    guesses: Mapping[ColumnName, Guess],
    gone: Collection[TableName] = (),
) -> RowProposal:
    """Return how a person's own rows in a table are erased.

    Args:
        gone: tables whose rows are deleted: no row may stay that has to point there.
    """
    if table.kind is TableKind.MATERIALIZED_VIEW:
        return RowProposal(RowErasure.REFRESH)
    if table.name == found.subject:
        return RowProposal(RowErasure.ANONYMIZE)
    if not found.leads(table.name):
        is_other = table.name in found.others
        return RowProposal(RowErasure.KEEP if is_other else RowErasure.ANONYMIZE)
    if _only_connects(table, found, gone):
        return RowProposal(RowErasure.KEEP)
    if why := _why_deleted(table, found, gone):
        return RowProposal(RowErasure.DELETE, why)
    if is_derived(table.name):
        key = table.row_key
        for column in table.columns:
            place = ColumnPlace(table, column, RowErasure.ANONYMIZE, found, sample, frozenset(gone))
            if holds_fast(place, guesses[ColumnName(table.name, column.name)].category, key):
                why = f"no other value fits its column {column.name}"
                return RowProposal(RowErasure.DELETE, why)
    return RowProposal(RowErasure.ANONYMIZE)


def _only_connects(table: LiveTable, found: Structure, gone: Collection[TableName]) -> bool:
    """Whether rows without a key hold nothing but numbers of rows that are no people."""
    return (
        not table.row_key
        and all(types.is_number(one) or one.type == "uuid" for one in table.columns)
        and not any(is_of_others(one.name) for one in table.columns)
        and {link.table for link in found.links[table.name]}.isdisjoint({found.subject, *gone})
        and {key.table for key in table.foreign_keys}.isdisjoint({found.subject, *found.others})
    )


def _why_deleted(table: LiveTable, found: Structure, gone: Collection[TableName]) -> str:
    """Return why rows cannot be anonymized; empty where they can."""
    if not table.key and not table.unique_keys:
        return "it has no primary key, so no row of it can be changed alone"
    if table.name in found.history:
        return "a trigger fills it with what rows were before"
    for link in found.links[table.name]:
        column = table.column(link.column)
        # A value that people are known by can be taken away where it may be NULL or is a text.
        stays = link.to is not None and not (
            column is not None and (column.is_nullable or types.is_text(column))
        )
        if link.table == found.subject and (stays or link.column in table.key):
            return f"{link.column} leads to the person and can be neither changed nor taken away"
        is_fixed = column is not None and not column.is_nullable
        if link.to is not None or column is None or not is_fixed:
            continue
        if link.table == found.subject and not found.can_point(table, column):
            return (
                f"{link.column} leads to the person, may not be NULL, and cannot point to a "
                "tombstone contact"
            )
        if link.table in gone and not link.path:
            return f"{link.column} may not be NULL, and the rows that it leads to are deleted"
    return ""
