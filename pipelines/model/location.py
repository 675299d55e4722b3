"""Where data lies: tables, columns and object stores, and the sets of rows found there."""

from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, order=True)
class TableName:
    """A table with its schema, exactly as PostgreSQL spells both."""

    schema: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the name for `schema.table`.

        Raises:
            ValueError: `text` has no dot, or an empty part.

        >>> str(TableName.parse("crm.customers"))
        'crm.customers'
        """
        schema, dot, name = text.partition(".")
        if not (schema and dot and name):
            raise ValueError("a table is written schema.table")
        return cls(schema, name)

    def __str__(self) -> str:
        """Return `schema.table`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, order=True)
class ColumnName:
    """A column of a table; `str()` gives `schema.table.column`."""

    table: TableName
    name: str

    def __str__(self) -> str:
        """Return `schema.table.column`."""
        return f"{self.table}.{self.name}"


RowKey = tuple[str, ...]
"""Primary key of one row, each part as text in the order of the data map."""


@dataclass(frozen=True)
class ObjectPath:
    """One object (file) of a store: the path relative to the store's root.

    A path may carry a name, so it does not print itself.
    """

    store: str
    path: str = field(repr=False)
