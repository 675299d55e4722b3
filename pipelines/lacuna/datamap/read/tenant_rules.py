"""What must hold of a table's tenant where no column of its own names it."""

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import MapDraft
from lacuna.model.location import TableName
from lacuna.model.table import Table

__all__ = ["check_tenant"]


def check_tenant(draft: MapDraft, table: Table) -> None:
    """Report a tenant that nothing would say."""

    def problem(text: str) -> None:
        draft.problem(table.name, f"{names.written(table.name)}: {text}")

    for link in table.tenant_through:
        target = draft.tables.get(link.table)
        if target is None:
            problem(f"tenant leads to {names.written(link.table)}, which is not in the map")
        elif target.is_shared:
            problem(f"tenant leads to {names.written(link.table)}, whose rows belong to no tenant")
        elif target.tenant_through and _leads_back(draft, table.name, target):
            problem("the ways to its tenant form a circle; leave one of them out")
        elif link.to is None and len(target.key) != 1:
            problem(
                f"tenant leads to {names.written(link.table)}, whose key has {len(target.key)} "
                "columns; name one under to"
            )
    if table.is_shared and draft.subject is not None and draft.subject.table == table.name:
        problem("each person belongs to a tenant; shared is for other tables")
    if table.is_shared and any(rule.table == table.name for rule in draft.sweeps):
        problem("a sweep works for one tenant at a time, and these rows belong to none")


def _leads_back(draft: MapDraft, name: TableName, target: Table) -> bool:
    """Whether the ways from a table to its tenant lead through another."""
    waiting, seen = [target], set[TableName]()
    while waiting:
        here = waiting.pop()
        if here.name == name:
            return True
        if here.name not in seen:
            seen.add(here.name)
            following = (draft.tables.get(link.table) for link in here.tenant_through)
            waiting += [one for one in following if one is not None]
    return False
