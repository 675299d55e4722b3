"""Which tables lead to which by links."""

from collections.abc import Iterable

from lacuna.model.location import TableName
from lacuna.model.table import Table


def reaching(tables: Iterable[Table], target: TableName) -> frozenset[TableName]:
    """Return the tables from which links lead to `target`, itself included."""
    pointing: dict[TableName, set[TableName]] = {}
    for table in tables:
        for link in table.links:
            pointing.setdefault(link.table, set()).add(table.name)
    reached = {target}
    waiting = [target]
    while waiting:
        for name in pointing.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return frozenset(reached)
