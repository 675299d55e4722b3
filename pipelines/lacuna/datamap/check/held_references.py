"""Columns that hold keys of people and are no way to them: whether these could be cut there."""

from dataclasses import replace
from typing import Final

from lacuna.datamap import names, types
from lacuna.model.datamap import DataMap
from lacuna.model.schema import LiveColumn, LiveTable, TableKind
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Treatment

__all__ = ["reference_misfit"]

_NOT_OURS: Final = (TableKind.VIEW, TableKind.MATERIALIZED_VIEW, TableKind.FOREIGN)


def reference_misfit(
    datamap: DataMap, table: Table, column: Column, live: LiveTable, key: LiveColumn | None
) -> str | None:
    """Return why a person's key could not be cut out of a column; None if it can be.

    Args:
        key: the key of the subject table; None where the database has none.
    """
    found = live.column(column.name)
    if found is None or key is None:
        return None
    people = names.written(datamap.subject.table)
    if live.kind in _NOT_OURS:
        return f"a {live.kind} cannot be written to; remove it from references"
    if found.is_generated:
        return "the database fills it itself, so that no key can be cut; remove it from references"
    if types.is_document(found):
        return (
            "a reference holds one key or a list of keys, not JSON; name it under links, with the "
            "path to the key, or let an erasure take the ids away"
        )
    one = replace(found, is_array=False)
    if not (types.are_alike(one, key) or types.is_text(one)):
        return f"a {found.type} cannot hold the key of {people}, which is {key.type}"
    if found.is_array and table.name == datamap.subject.table:
        return f"a list of keys in {people} itself cannot be cut; keep it in a table of its own"
    is_fixed = not (found.is_nullable or found.is_array)
    if is_fixed and column.erasure.treatment is Treatment.UNLINK:
        return "unlink needs a column that may be NULL; write tombstone"
    return None
