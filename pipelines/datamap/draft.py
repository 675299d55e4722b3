"""A data map while it is being read: the parts so far, and the line of each for messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.datamap.strict_yaml import Problems
from pipelines.model.datamap import Processing, Store, Subject, SweepRule, Table
from pipelines.model.location import ColumnName, TableName

Place = TableName | ColumnName | tuple[str, str]
"""A table, a column, or `(kind, name)` for anything else."""


@dataclass
class Draft:
    """The parts of a map, before they are checked against one another.

    Attributes:
        broken: tables and columns with a problem of their own; they count as existing, and
            are not looked at again.
    """

    problems: Problems
    schemas: tuple[str, ...] = ()
    only_tenant: str = ""
    processings: dict[str, Processing] = field(default_factory=dict)
    tables: dict[TableName, Table] = field(default_factory=dict)
    stores: dict[str, Store] = field(default_factory=dict)
    sweeps: list[SweepRule] = field(default_factory=list)
    ignored: dict[TableName, str] = field(default_factory=dict)
    subject: Subject | None = None
    broken: set[TableName | ColumnName] = field(default_factory=set)
    lines: dict[Place, int] = field(default_factory=dict)
    _columns: dict[TableName, Mapping[str, object]] = field(default_factory=dict)

    def add_table(self, table: Table) -> None:
        """Take a table in, and remember its columns by name."""
        self.tables[table.name] = table
        self._columns[table.name] = {column.name: column for column in table.columns}

    def has_table(self, name: TableName) -> bool:
        """Whether the map has the table, be it broken."""
        return name in self.tables

    def has_column(self, table: TableName, name: str) -> bool:
        """Whether the map has the column, be it broken."""
        return name in self._columns.get(table, {})

    def problem(self, place: Place, text: str) -> None:
        """Report a problem at the line of a place."""
        self.problems.add(self.lines.get(place, 1), text)
