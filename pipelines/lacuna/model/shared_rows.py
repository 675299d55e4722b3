"""Rows that several others name as theirs, such as one file of several messages.

An erasure deletes such a row with the last of those that name it, and with it what leads to it alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lacuna.model.location import RowKey, TableName

KeysByTable: TypeAlias = Mapping[TableName, frozenset[RowKey]]
"""Keys of rows, by table."""

PlacedRow: TypeAlias = tuple[TableName, RowKey]


@dataclass(frozen=True)
class SharedRows:
    """What some rows lead to, and how many rows name each of them.

    Attributes:
        tables: those of whose rows it is known: rows of any other go whenever they are somebody's own.
        leads: a row → the rows that its links lead to; those that name it as theirs, too.
        named: a row → how many rows name it; rows that none can name are left out.
        naming: a row → those of them that were looked for.
    """

    tables: frozenset[TableName] = frozenset()
    leads: Mapping[PlacedRow, Collection[PlacedRow]] = field(repr=False, default_factory=dict)
    named: Mapping[PlacedRow, int] = field(repr=False, default_factory=dict)
    naming: Mapping[PlacedRow, Collection[PlacedRow]] = field(repr=False, default_factory=dict)

    def staying(self, own: KeysByTable) -> KeysByTable:
        """Return which of some rows stay if an erasure takes the others: rows not among them need these.

        A row goes if all that name it go, and if one to which it leads goes, or none of these is there.
        """
        waiting = {(name, key) for name in self.tables for key in own.get(name, ())}
        going: set[PlacedRow] = set()

        def goes(row: PlacedRow) -> bool:
            name, key = row
            return row in going if name in self.tables else key in own.get(name, ())

        def is_free(row: PlacedRow) -> bool:
            if sum(map(goes, self.naming.get(row, ()))) < self.named.get(row, 0):
                return False
            leads = [one for one in self.leads.get(row, ()) if one[1] in own.get(one[0], ())]
            return not leads or any(map(goes, leads))

        while freed := {row for row in waiting if is_free(row)}:
            going |= freed
            waiting -= freed
        return _by_table(waiting)


def _by_table(rows: Collection[PlacedRow]) -> KeysByTable:
    """Return rows by table."""
    found: dict[TableName, set[RowKey]] = defaultdict(set)
    for name, key in rows:
        found[name].add(key)
    return {name: frozenset(keys) for name, keys in found.items()}


def without(rows: KeysByTable, others: KeysByTable) -> KeysByTable:
    """Return rows without others; tables of which none is left are left out."""
    left = {name: keys - others.get(name, frozenset()) for name, keys in rows.items()}
    return {name: keys for name, keys in left.items() if keys}
