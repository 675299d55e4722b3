"""A data map while it is being read: the parts so far, and the line of each for messages."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lacuna.datamap.read.strict_yaml import Problems
from lacuna.model.datamap import Store, Subject, SweepRule
from lacuna.model.location import ColumnName, TableName
from lacuna.model.processing import Processing
from lacuna.model.table import Column, Table, reaching
from lacuna.model.treatment import Treatment

MapPlace = TableName | ColumnName | tuple[str, str]
"""A table, a column, or `(kind, name)` for anything else."""

CUTS_LINK: Final = frozenset({Treatment.UNLINK, Treatment.SUPPRESS})
"""What takes a plain link out of a row that stays."""


@dataclass
class MapDraft:
    """The parts of a map, before they are checked against one another.

    Attributes:
        broken: tables and columns with a problem of their own; they count as existing, and
            are not looked at again.
        label: whose rules these are, as problems name it: `subject`, or `kind agent`.
        keeps_keys: whether rows of people keep their keys, so that links to them may stay.
        language: in which the map says what people read.
        translations: of that, by language.
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
    lines: dict[MapPlace, int] = field(default_factory=dict)
    label: str = "subject"
    keeps_keys: bool = False
    language: str = "en"
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    _columns: dict[TableName, Mapping[str, object]] = field(default_factory=dict)

    @property
    def is_further(self) -> bool:
        """Whether these are the rules of a further kind of people, beside the contacts."""
        return self.label != "subject"

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

    def problem(self, place: MapPlace, text: str) -> None:
        """Report a problem at the line of a place."""
        self.problems.add(self.lines.get(place, 1), text)

    def sound_column(self, place: ColumnName) -> Column | None:
        """Return a sound column of the draft, or None."""
        table = self.tables.get(place.table)
        if table is None or place in self.broken:
            return None
        return next((each for each in table.columns if each.name == place.name), None)

    def reaching(self, target: TableName) -> frozenset[TableName]:
        """Return the tables from which links lead to `target`, itself included.

        A link to a table that is not in the map is a problem already; it counts as leading there.
        """
        doubtful = [
            table
            for table in self.tables.values()
            if any(link.table not in self.tables for link in table.links)
        ]
        found = reaching(self.tables.values(), target)
        return found.union(*(reaching(self.tables.values(), table.name) for table in doubtful))


def did_you_mean(name: str, listed: Iterable[str]) -> str:
    """Return the end of a message that names what was meant; empty where nothing is near."""
    near = difflib.get_close_matches(name, list(listed), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def known(names: Iterable[str]) -> str:
    """Return the end of a message that lists what there is."""
    listed = ", ".join(names)
    return f"; known: {listed}" if listed else ""
