"""Proposes how a table's rows say to which tenant they belong."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from lacuna.datamap.scaffold.structure import Structure
from lacuna.datamap.suggestion import MapTree, links_tree
from lacuna.model.location import TableName
from lacuna.model.schema import LiveSchema, LiveTable
from lacuna.model.table import Link

__all__ = ["SHARED", "columns_of", "said_tenant", "tenant_of"]

SHARED: Final = "shared"
"""What is answered of a table whose rows belong to no tenant."""


def tenant_of(
    table: LiveTable, live: LiveSchema, found: Structure, gone: Collection[TableName] = ()
) -> MapTree | None:
    """Return the column that names a table's tenant, or a link that leads to one; None for neither.

    Args:
        gone: tables whose rows are deleted: a link there that may be NULL is cut.
    """
    return _tenant(table, live, found, (frozenset(gone), frozenset()))


def said_tenant(answer: str, table: LiveTable) -> MapTree:
    """Return a tenant as it was answered: `shared`, a column, or a tenant's name."""
    if answer == SHARED:
        return {"shared": "true"}
    return answer if table.column(answer) is not None else {"name": answer}


def columns_of(table: MapTree) -> Collection[str]:
    """Return the columns from which the tenant of a drafted table follows."""
    tenant = table.get("tenant", "") if isinstance(table, Mapping) else ""
    if not isinstance(tenant, Mapping):
        return [str(tenant)]
    through = tenant.get("through", {})
    return [*through] if isinstance(through, Mapping) else []


_Barred = tuple[frozenset[TableName], frozenset[TableName]]


def _tenant(
    table: LiveTable, live: LiveSchema, found: Structure, barred: _Barred
) -> MapTree | None:
    if table.column(found.tenant) is not None:
        return found.tenant
    if _is_tenants_own(table, live, found):
        return table.row_key[0]
    gone, seen = barred
    seen |= {table.name}
    for links in _ways(table, found, gone):
        targets = [live.tables.get(link.table) for link in links]
        if all(
            one is not None
            and one.name not in seen
            and _tenant(one, live, found, (frozenset(), seen)) is not None
            for one in targets
        ):
            return {"through": links_tree(links)}
    return None


def _is_tenants_own(table: LiveTable, live: LiveSchema, found: Structure) -> bool:
    """Whether the rows of a table are the tenants: the column of other tables holds their keys."""
    return len(table.row_key) == 1 and any(
        key.table == table.name
        and key.columns == (found.tenant,)
        and key.referenced == table.row_key
        for other in live.tables.values()
        for key in other.foreign_keys
    )


def _ways(
    table: LiveTable, found: Structure, gone: Collection[TableName]
) -> Iterator[tuple[Link, ...]]:
    """Yield the columns that could lead to the tenant, the surest first."""
    by_column: dict[str, list[Link]] = {}
    for link in found.links.get(table.name, ()):
        if link.to is None and not link.path:
            by_column.setdefault(link.column, []).append(link)
    for key in table.foreign_keys:
        if len(key.columns) == 1:
            by_column.setdefault(key.columns[0], [Link(key.columns[0], key.table)])
    ways = [
        (_doubt(table, tuple(links), found, gone), tuple(links)) for links in by_column.values()
    ]
    yield from (
        links for doubt, links in sorted(ways, key=lambda way: way[0] or 0) if doubt is not None
    )


def _doubt(
    table: LiveTable, links: tuple[Link, ...], found: Structure, gone: Collection[TableName]
) -> int | None:
    """Return how unsure a way is; None where an erasure cuts it."""
    column = table.column(links[0].column)
    targets = {link.table for link in links}
    if column is None or (column.is_nullable and targets & {found.subject, *gone}):
        return None
    is_known = table.name in found.links and links[0] in found.links[table.name]
    return (
        4 * column.is_nullable
        + 2 * (len(links) > 1)
        + (found.subject in targets)
        + 8 * (not is_known)
    )
