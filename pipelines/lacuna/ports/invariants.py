"""What the platform's application needs of its rows."""

from collections.abc import Collection, Mapping
from typing import Protocol

from lacuna.model.location import ColumnName, RowKey, TableName

__all__ = ["InvariantReading"]


class InvariantReading(Protocol):
    """Tries an erasure against the invariants of a data map."""

    def would_break(self, rows: Mapping[TableName, Collection[RowKey]]) -> Mapping[ColumnName, int]:
        """Return by column in how many rows an erasure of these rows would break an invariant."""
        ...

    def broken(
        self, request_ids: Collection[str], portion: int | None = None
    ) -> Mapping[ColumnName, int]:
        """Return by column in how many rows that requests, or a portion, change an invariant is broken."""
        ...
