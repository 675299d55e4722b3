"""Proposes the values of a tombstone contact: whatever the table of people demands of a new row."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from lacuna.datamap import types
from lacuna.datamap.scaffold.structure import Structure
from lacuna.datamap.suggestion import MapTree
from lacuna.model.schema import LiveColumn, LiveTable

# Lacuna fills these in by itself, as in an erased row.
_FILLED: Final = ("empty", "replace", "surrogate", "json_keys")
_UNORDERED: Final = ("json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle")


def tombstone_settings(
    people: LiveTable,
    treated: Mapping[str, MapTree],
    found: Structure,
    tenant_columns: Collection[str],
) -> Mapping[str, MapTree]:
    """Return `tombstone` and `tombstone_shares` of a drafted subject, as far as they are needed.

    What stays in an erased row is what most rows have: it exists where it must, and no constraint
    forbids it. Of anything else, a constant about nobody.

    Args:
        treated: what is drafted for each column of the table.
        tenant_columns: those from which its tenant follows.
    """
    values: dict[str, MapTree] = {}
    shared: list[MapTree] = []
    for column in _demanded(people, treated, found, tenant_columns):
        is_unique = any(column.name in unique for unique in people.unique_keys)
        if treated[column.name] == "keep" and not is_unique and column.type not in _UNORDERED:
            shared.append(column.name)
        elif (constant := _constant(column)) is not None:
            values[column.name] = constant
    settings: dict[str, MapTree] = {"tombstone": values} if values else {}
    return {**settings, "tombstone_shares": shared} if shared else settings


def _demanded(
    people: LiveTable,
    treated: Mapping[str, MapTree],
    found: Structure,
    tenant_columns: Collection[str],
) -> Iterator[LiveColumn]:
    """Yield the columns that a new row needs a value in, and that nothing else fills."""
    where = "" if found.where is None else found.where[0]
    own = {*people.row_key, *tenant_columns, found.erased_at, found.merged_into, where}
    own |= {*found.references.get(found.subject, ())}
    for column in people.columns:
        erase = treated.get(column.name)
        treatment = next(iter(erase)) if isinstance(erase, Mapping) else erase
        is_filled = column.is_nullable or column.has_default or column.is_generated
        if column.name not in own and not is_filled and treatment not in _FILLED:
            yield column


def _constant(column: LiveColumn) -> str | None:
    listed = column.labels or column.allowed
    return listed[-1] if listed else types.fitting_constant(column)
