"""Which columns of the data map go into a bundle, and the ground on which others do not."""

from typing import Final

from lacuna.model.bundle import BundleOrder, Exclusion
from lacuna.model.datamap import DataMap
from lacuna.model.table import Column, Table

PORTABLE_BASES: Final = ("6(1)(a)", "6(1)(b)")
"""Consent and contract: the bases of Art. 20(1)(a)."""

_CREDENTIALS: Final = (
    "system.authentication",
    "user.authorization.credentials",
    "user.authorization.password",
)


def portable_columns(datamap: DataMap, table: Table) -> frozenset[str]:
    """Return the columns of the portability subset: provided by the person, consent or contract."""
    return frozenset(
        column.name
        for column in table.columns
        if column.in_access
        and column.in_portability
        and datamap.processings[column.processing].lawful_basis in PORTABLE_BASES
        and not is_credential(column)
    )


def shown_columns(datamap: DataMap, table: Table, order: BundleOrder) -> tuple[str, ...]:
    """Return the columns that go into this bundle, in the order of the data map."""
    portable = portable_columns(datamap, table)
    return tuple(
        column.name
        for column in table.columns
        if column.name in portable
        or (order.has_access and column.in_access and not is_credential(column))
    )


def left_out(datamap: DataMap, table: Table, order: BundleOrder) -> tuple[Exclusion, ...]:
    """Return every column of a table that does not go in, with the reason and its article."""
    shown = shown_columns(datamap, table, order)
    return tuple(
        Exclusion(f"{table.name}.{column.name}", *_ground(column, order))
        for column in table.columns
        if column.name not in shown
    )


def _ground(column: Column, order: BundleOrder) -> tuple[str, str]:
    if is_credential(column):
        return "a credential: anyone who reads it could act as the person", "32"
    if not column.is_personal:
        return "a technical value without information about the person", "4(1)"
    if order.has_access or not column.in_access:
        return "data of other people, or data that would reveal it", "15(4)"
    return "not provided by the person on the basis of consent or contract", "20(1)"


def is_credential(column: Column) -> bool:
    """Whether a column lets whoever reads it act as the person."""
    return column.category.startswith(_CREDENTIALS)
