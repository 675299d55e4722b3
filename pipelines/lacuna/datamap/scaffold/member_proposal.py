"""Proposes who in the table of people is an agent, where rows of a link table say so, such as roles."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lacuna.datamap import names, types
from lacuna.datamap.scaffold.category_proposal import words
from lacuna.datamap.scaffold.questions import Question, Questionnaire
from lacuna.datamap.scaffold.reference_proposal import is_maker
from lacuna.datamap.scaffold.structure import AgentMembers, Sample, column_of_kinds
from lacuna.errors import ConfigurationError
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveSchema, LiveTable, TableKind

__all__ = ["ask_of_agents"]

_ABOUT: Final = "agents"
_NOBODY: Final = "none"
_LINKING: Final = re.compile(
    r"(?:^|_)(?:roles?|groups?|permissions?|teams?|members?|memberships?)(?:_|$)"
)
# Of the names in such a table, those that a question may repeat: they say what somebody does.
_AGENTS: Final = re.compile(
    r"agents?|staff|employees?|operators?|teammates?|supervisors?|admin(?:istrator)?s?",
    re.IGNORECASE,
)
_NAMES: Final = ("name", "title", "label", "slug", "code")
_MOST_KINDS: Final = 30
_EFFECT: Final = (
    "schema.table.column = value, value: whoever has such a row is an agent, by ids or names; "
    f"schema.table.column: whoever has a row there; {_NOBODY}: all rows of that table are customers, "
    "and an erasure of an agent goes by their rules"
)


@dataclass(frozen=True)
class _LinkTable:
    """A table whose rows give people a role.

    Attributes:
        person: the column with the person's key.
        kind: the column that tells the roles apart.
        rows: how many sampled rows have which value there.
        lookup: the column with the names of these values; None if it is in none.
        names: by value, the name. Never shown, but for words of `_AGENTS`.
    """

    person: ColumnName
    kind: ColumnName
    rows: Mapping[str, int]
    lookup: ColumnName | None
    names: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        counted = ", ".join(f"{value} in {rows}" for value, rows in sorted(self.rows.items()))
        named = f", named in {names.written(self.lookup)}" if self.lookup else ""
        return f"{names.written(self.kind)} (rows by value: {counted or 'none seen'}{named})"

    @property
    def of_agents(self) -> Sequence[str]:
        """The names that say that somebody is an agent."""
        return sorted(one for one in self.names.values() if _AGENTS.fullmatch(one))

    def members(self, said: Sequence[str]) -> AgentMembers | None:
        """Return who has one of these values, names or ids; None if one of them is not there."""
        if not said:
            return AgentMembers(self.person)
        by_name = {name: value for value, name in self.names.items()}
        if self.lookup is not None and all(one in by_name or one in self.names for one in said):
            chosen = tuple(self.names.get(one, one) for one in said)
            return AgentMembers(self.person, self.kind, chosen, self.lookup)
        if all(one in self.rows for one in said):
            return AgentMembers(self.person, self.kind, tuple(said))
        return None


def ask_of_agents(
    live: LiveSchema, sample: Sample, subject: TableName, asked: Questionnaire
) -> AgentMembers | None:
    """Return which rows of a link table make somebody in the table of people an agent; None: nothing does.

    Raises:
        ConfigurationError: the answer names no link table, or a value that it does not hold.
    """
    tables = list(_link_tables(live, sample, subject))
    asked.given(_ABOUT)
    if not tables or column_of_kinds(live.tables[subject], sample):
        return None
    proposed = max(tables, key=lambda one: len(one.of_agents))
    proposal = f"{names.written(proposed.kind)} = {', '.join(proposed.of_agents)}"
    said = asked.ask(
        Question(
            _ABOUT,
            f"Rows of {names.written(subject)} may be customers and agents, and a row of a link "
            f"table tells them apart. Which rows make somebody an agent? {'; '.join(map(str, tables))}",
            proposal if proposed.of_agents else "",
            _EFFECT,
        )
    )
    return _members(said, tables) if said not in ("", _NOBODY) else None


def _members(said: str, tables: Sequence[_LinkTable]) -> AgentMembers:
    place, _, listed = (part.strip() for part in said.partition("="))
    values = [one.strip() for one in listed.split(",") if one.strip()]
    for table in tables:
        wanted = [table.kind] if values else [table.kind, table.person]
        if place in map(names.written, wanted) and (found := table.members(values)) is not None:
            return found
    raise ConfigurationError(
        f"scaffold: the answer {_ABOUT!r} names no link table, or a value that it does not hold; write "
        "schema.table.column = value, value, as the question lists them, or none"
    )


def _link_tables(live: LiveSchema, sample: Sample, subject: TableName) -> Iterator[_LinkTable]:
    for table in live.tables.values():
        if table.kind is not TableKind.TABLE or not _LINKING.search(words(table.name.name)):
            continue
        people = [
            key.columns[0]
            for key in table.foreign_keys
            if key.table == subject and len(key.columns) == 1 and not is_maker(key.columns[0])
        ]
        # More than one person in a row: it is no link of a person to a role.
        if len(people) != 1 or table.name == subject:
            continue
        person = ColumnName(table.name, people[0])
        for column in table.columns:
            found = _lookup_of(table, column.name, live, sample)
            has_labels = bool(column.labels or column.allowed)
            if column.name == people[0] or (found is None and not has_labels):
                continue
            kind = ColumnName(table.name, column.name)
            seen = Counter(sample.of(table.name, column.name).values)
            labels = dict.fromkeys([*column.labels, *column.allowed], 0)
            if len(seen) > _MOST_KINDS:
                continue
            lookup, by_value = found or (None, {})
            yield _LinkTable(person, kind, labels | seen, lookup, by_value)


def _lookup_of(
    table: LiveTable, column: str, live: LiveSchema, sample: Sample
) -> tuple[ColumnName, Mapping[str, str]] | None:
    """Return the column that names what a column holds the keys of, and the names by key."""
    other = next(
        (
            live.tables[key.table]
            for key in table.foreign_keys
            if key.columns == (column,) and key.table in live.tables
        ),
        None,
    )
    if other is None or len(other.key) != 1:
        return None
    columns = [one.name for one in other.columns]
    for name in _NAMES:
        named = other.column(name)
        if named is None or not types.is_text(named):
            continue
        key, place = columns.index(other.key[0]), columns.index(name)
        rows = sample.rows.get(other.name, ())
        by_value = {str(row[key]): str(row[place]) for row in rows if row[place]}
        if len(set(by_value.values())) == len(by_value):
            return ColumnName(other.name, name), by_value
    return None
