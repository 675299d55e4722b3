"""Guesses how a schema hangs together: whose rows are people, and which ways lead to them.

From keys and names first, then from what rows hold: a column without a foreign key whose name is
that of a table, a pair of a type and an id, an address that people have, an id inside a document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lacuna.datamap import types
from lacuna.datamap.scaffold.category_proposal import ColumnSample, words
from lacuna.datamap.scaffold.people_tables import OTHERS, PEOPLE, singular
from lacuna.datamap.trigger_writes import writes
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveColumn, LiveSchema, LiveTable, TableKind
from lacuna.model.table import Link
from lacuna.model.treatment import Erasure, Treatment

_OF_OTHERS: Final = re.compile(
    r"(?:^|_)(?:agent|assignee|assigned|owner|operator|staff|admin|handler|editor|override_by)(?:_|$)"
)
_TENANT: Final = (
    "org_id",
    "organization_id",
    "account_id",
    "tenant_id",
    "company_id",
    "workspace_id",
)
_ERASED: Final = re.compile(r"(?:erased|anonymi[sz]ed|forgotten|redacted)_?(?:at|on)?$")
_DERIVED: Final = re.compile(
    r"embedding|vector|search|cache|session|sign_in|login|token|alias|newsletter|subscription|_360"
)
_FLAGGED: Final = "true"
AGENT: Final = "agent"
"""What people are called whom rows of a link table tell apart."""
# The id of a row of any kind, which another column tells.
_OF_ANY_KIND: Final = ("o_id", "object_id", "record_id", "item_id")
_MODEL: Final = "model"
_NAMES_OF_KINDS: Final = ("name", _MODEL)
# Not an administrator: a customer may be that of their own account.
_IS_OTHER: Final = re.compile(r"(?:^|_)(?:agent|staff|employee|operator|teammate)$")
# A recipient of a message did not write it.
_RECIPIENT: Final = re.compile(r"(?:^|_)(?:b?cc|to|recipients?|copy|notify|forward(?:ed)?)(?:_|$)")


@dataclass(frozen=True)
class Sample:
    """Some rows of each table, column by column, and what is in each column.

    Attributes:
        rows: values as text, in the order of the live columns. Personal data.
    """

    rows: Mapping[TableName, Sequence[tuple[str | None, ...]]] = field(repr=False)
    columns: Mapping[ColumnName, ColumnSample] = field(repr=False)

    def of(self, table: TableName, column: str) -> ColumnSample:
        """Return the sample of a column; an empty one if there is none."""
        return self.columns.get(ColumnName(table, column), ColumnSample())

    def names_in(self, lookup: ColumnName) -> list[str]:
        """Return the names that were seen in a column of kinds, each once."""
        return sorted(set(self.of(lookup.table, lookup.name).values))


@dataclass(frozen=True)
class AgentMembers:
    """The rows of a link table that make somebody in the table of people an agent.

    Attributes:
        person: the column with the person's key.
        kind: the column with one of `values`; None where any row counts.
        lookup: the column with the names that `values` are, of what `kind` holds the keys of; None
            where `values` are what `kind` holds.
    """

    person: ColumnName
    kind: ColumnName | None = None
    values: tuple[str, ...] = ()
    lookup: ColumnName | None = None


@dataclass
class Structure:
    """How a schema hangs together, as far as can be told.

    Attributes:
        of_others: columns that hold keys of the subject table, of rows of another kind.
        members: who in the subject table is an agent by rows of another; None where nothing says so.
        other_kind: the value that tells the rows of that other kind; `true` where it is a flag.
        others: tables whose rows are other people, such as agents.
        history: tables that triggers fill with what rows were before.
        references: columns that hold keys of people and are no way to them, by table; in that of the
            people those that hold the key of somebody else.
        state_numbers: the states of conversations that were seen, where they are only numbers, with
            how many rows of the sample have each.
        state_comment: what the database says of their column.
        tenant: the column of half of the tables or more that names the tenant; empty for none.
        key: the key of the subject table; None where it has several columns.
    """

    subject: TableName
    key: LiveColumn | None = None
    where: tuple[str, str] | None = None
    members: AgentMembers | None = None
    other_kind: str = ""
    merged_into: str | None = None
    references: dict[TableName, list[str]] = field(default_factory=dict)
    erased_at: str | None = None
    tenant: str = ""
    conversation: TableName | None = None
    message: TableName | None = None
    open_when: tuple[str, tuple[str, ...]] = ("", ())
    open_lookup: ColumnName | None = None
    state_numbers: Mapping[str, int] = field(default_factory=dict)
    state_comment: str = ""
    links: dict[TableName, list[Link]] = field(default_factory=dict)
    of_others: set[ColumnName] = field(default_factory=set)
    others: set[TableName] = field(default_factory=set)
    history: set[TableName] = field(default_factory=set)

    @property
    def has_agents(self) -> bool:
        """Whether the subject table holds agents, too, who can be told apart."""
        return self.where is not None or self.members is not None

    @property
    def kind_name(self) -> str:
        """What the other kind is called: as its value says, or the name of the flag."""
        if self.where is None or self.other_kind != _FLAGGED:
            return self.other_kind.lower()
        return singular(words(self.where[0]).removeprefix("is_"))

    def can_point(self, table: LiveTable, column: LiveColumn) -> bool:
        """Whether a link to a person can point at a tombstone contact instead, in several rows."""
        unique = [*table.unique_keys, *(one.columns for one in table.expressions if one.is_unique)]
        return (
            self.key is not None
            and types.misfit(Erasure(Treatment.NEW_KEY), self.key) is None
            and types.held_key_misfit(column, self.key) is None
            and not column.is_generated
            and not any(column.name in one and not set(table.key) <= set(one) for one in unique)
        )

    def telling_apart(self) -> dict[ColumnName, ColumnName | None]:
        """Return the columns by whose values rows are told apart, with where their names stand."""
        places = {
            ColumnName(name, link.where[0]): link.lookup
            for name, links in self.links.items()
            for link in links
            if link.where is not None
        }
        if self.where is not None:
            places[ColumnName(self.subject, self.where[0])] = None
        if self.members is not None and self.members.kind is not None:
            places[self.members.kind] = self.members.lookup
        if self.conversation is not None:
            places[ColumnName(self.conversation, self.open_when[0])] = self.open_lookup
        return places

    def leads(self, table: TableName) -> bool:
        """Whether a way leads from a table to the person."""
        return table == self.subject or bool(self.links.get(table))


def find_structure(
    live: LiveSchema, sample: Sample, subject: TableName, members: AgentMembers | None = None
) -> Structure:
    """Return how the tables of a schema hang together around the people in `subject`."""
    own = live.tables[subject]
    found = Structure(subject, own.column(own.row_key[0]) if len(own.row_key) == 1 else None)
    found.tenant = _tenant(live)
    found.where, found.other_kind = (None, AGENT) if members else _kinds(own, sample)
    found.members = members
    found.erased_at = next(
        (
            column.name
            for column in own.columns
            if types.is_timestamp(column) and _ERASED.search(words(column.name))
        ),
        None,
    )
    for key in own.foreign_keys:
        if key.table == subject and len(key.columns) == 1:
            if "merged" in key.columns[0]:
                found.merged_into = key.columns[0]
            else:
                found.references.setdefault(subject, []).append(key.columns[0])
    for table in live.tables.values():
        names = {words(column.name) for column in table.columns}
        if (
            table.name != subject
            and OTHERS.search(words(table.name.name))
            and (any("name" in name for name in names) and any("mail" in name for name in names))
        ):
            found.others.add(table.name)
    _Links(live, sample, found).find()
    found.history = _history(live)
    return found


def column_of_kinds(people: LiveTable, sample: Sample) -> str | None:
    """Return the column of the table of people that tells agents apart; None for none."""
    where, _ = _kinds(people, sample)
    return None if where is None else where[0]


def is_of_others(column: str) -> bool:
    """Whether a column's name says that it holds keys of agents and the like."""
    return bool(_OF_OTHERS.search(words(column)))


def is_derived(table: TableName) -> bool:
    """Whether rows of a table are made from others, or are worth nothing without the person."""
    return bool(_DERIVED.search(words(table.name)))


def _tenant(live: LiveSchema) -> str:
    tables = [table for table in live.tables.values() if table.kind is TableKind.TABLE]
    for name in _TENANT:
        if sum(table.column(name) is not None for table in tables) * 2 >= len(tables):
            return name
    return ""


def _kinds(own: LiveTable, sample: Sample) -> tuple[tuple[str, str] | None, str]:
    """Return which rows are the people, and what tells the other kind; a flag is true for these."""
    for column in own.columns:
        if column.type == "boolean" and _IS_OTHER.search(words(column.name)):
            return (column.name, "false"), _FLAGGED
        labels = column.labels or column.allowed
        labels = labels or tuple(sorted(set(sample.of(own.name, column.name).values)))
        if (
            not (column.labels or column.allowed)
            and not sample.of(own.name, column.name).is_closed_list
        ):
            continue
        person = next((one for kind in PEOPLE for one in labels if words(one) == kind), None)
        other = next((one for one in labels if OTHERS.search(words(one))), None)
        if person is not None and other is not None:
            return (column.name, person), other
    return None, ""


class _Links:
    """Finds the ways from each table towards the person."""

    def __init__(self, live: LiveSchema, sample: Sample, found: Structure) -> None:
        self.live, self.sample, self.found = live, sample, found
        self.by_name = {
            singular(words(name.name)): name
            for name, table in live.tables.items()
            if table.kind in (TableKind.TABLE, TableKind.PARTITIONED)
        }

    def find(self) -> None:
        candidates: dict[TableName, list[Link]] = {}
        for table in self.live.tables.values():
            if table.kind not in (TableKind.VIEW, TableKind.PARTITION):
                candidates[table.name] = list(self._of(table))
        depth = {self.found.subject: 0}
        while True:
            new = {
                name
                for name, links in candidates.items()
                if name not in depth
                and name not in self.found.others
                and any(link.table in depth for link in links)
            }
            if not new:
                break
            depth |= dict.fromkeys(new, max(depth.values()) + 1)
        for name in sorted(depth, key=lambda one: (depth[one], str(one))):
            for link in candidates[name] if name != self.found.subject else ():
                if link.table in depth and not self._reaches(link.table, name):
                    self.found.links.setdefault(name, []).append(link)

    def _reaches(self, start: TableName, end: TableName) -> bool:
        """Whether links lead from one table to another; one more back would close a circle."""
        return start == end or any(
            self._reaches(link.table, end) for link in self.found.links.get(start, ())
        )

    def _of(self, table: LiveTable) -> Iterator[Link]:
        taken: set[str] = set()
        links: list[Link] = []
        for key in table.foreign_keys:
            for name, referenced in zip(key.columns, key.referenced, strict=True):
                target = self.live.tables.get(key.table)
                if target is None or name == self.found.tenant or name in taken:
                    continue
                taken.add(name)
                links += self._foreign(table, name, referenced, target)
        for column in table.columns:
            if column.name in taken or column.name == self.found.tenant:
                continue
            links += self._polymorphic(table, column) or self._by_lookup(table, column)
            links += self._by_its_name(table, column)
        yield from links
        if not taken:
            yield from self._by_document(table)
        # The agent whom a row is assigned to is not whom it is about.
        if _is_list(table, links) or not any(
            link.table == self.found.subject and not is_of_others(link.column) for link in links
        ):
            yield from self._by_address(table, 0.5 if links else 0.0)

    def _foreign(
        self, table: LiveTable, column: str, referenced: str, target: LiveTable
    ) -> Iterator[Link]:
        to = None if target.key == (referenced,) else referenced
        if target.name != self.found.subject or table.name == self.found.subject:
            if table.name != self.found.subject:
                yield Link(column, target.name, to)
            return
        where = self.found.where
        if self.found.members is not None and is_of_others(column):
            self.found.of_others.add(ColumnName(table.name, column))
            return
        if where is None:
            yield Link(column, target.name, to)
            return
        kinds = self._kinds_in(table, column)
        sibling = self._sibling(table, kinds, column)
        if sibling is not None:
            yield Link(column, target.name, to, (sibling, where[1]))
        elif (kinds and where[1] not in kinds.values()) or (
            not kinds and _OF_OTHERS.search(words(column))
        ):
            self.found.of_others.add(ColumnName(table.name, column))
        else:
            yield Link(column, target.name, to)

    def _kinds_in(self, table: LiveTable, column: str) -> Mapping[int, str]:
        """Return, by number of a sampled row, of what kind the person is whose key it holds."""
        subject = self.live.tables[self.found.subject]
        if self.found.where is None:
            return {}
        names = [one.name for one in subject.columns]
        key, kind = names.index(subject.key[0]), names.index(self.found.where[0])
        kind_of = {row[key]: row[kind] for row in self.sample.rows.get(subject.name, ())}
        place = [one.name for one in table.columns].index(column)
        found = {
            number: kind_of.get(row[place])
            for number, row in enumerate(self.sample.rows.get(table.name, ()))
            if row[place] is not None
        }
        return {number: kind for number, kind in found.items() if kind is not None}

    def _sibling(self, table: LiveTable, kinds: Mapping[int, str], column: str) -> str | None:
        """Return a column that repeats of which kind the person is, where there are several."""
        rows = self.sample.rows.get(table.name, ())
        for place, one in enumerate(table.columns):
            if (
                one.name != column
                and len(set(kinds.values())) > 1
                and all(rows[number][place] == kind for number, kind in kinds.items())
            ):
                return one.name
        return None

    def _polymorphic(self, table: LiveTable, column: LiveColumn) -> list[Link]:
        kind = table.column(f"{column.name[:-3]}_type") if column.name.endswith("_id") else None
        if kind is None:
            return []
        labels = sorted(set(self.sample.of(table.name, kind.name).values))
        return [
            self._to(column.name, target, (kind.name, label))
            for label in kind.labels or kind.allowed or labels
            if (target := self._meant(label)) is not None
        ]

    def _by_lookup(self, table: LiveTable, column: LiveColumn) -> list[Link]:
        """Find where an id leads whose kind is a number that another table gives a name."""
        if words(column.name) not in _OF_ANY_KIND:
            return []
        links = []
        for kind in table.columns:
            lookup = self._lookup(table, kind)
            for name in () if lookup is None else self.sample.names_in(lookup):
                if lookup is not None and (target := self._named(lookup, name)) is not None:
                    there = self.live.tables[target]
                    key = there.column(there.key[0])
                    is_text = types.is_text(column) and key is not None and not types.is_text(key)
                    link = self._to(column.name, target, (kind.name, name))
                    links.append(replace(link, lookup=lookup, is_text=is_text))
        return links

    def _lookup(self, table: LiveTable, kind: LiveColumn) -> ColumnName | None:
        """Return the column with the names of what a column holds numbers of, if any is a table's."""
        name = next(
            (key.table for key in table.foreign_keys if key.columns == (kind.name,)),
            self.by_name.get(singular(words(kind.name)[:-3])),
        )
        other = None if name is None else self.live.tables.get(name)
        if other is None or name is None or len(other.key) != 1:
            return None
        for column in (one for one in _NAMES_OF_KINDS if other.column(one) is not None):
            lookup = ColumnName(name, column)
            listed = self.sample.of(name, column).values
            if len(listed) == len(set(listed)) and any(self._named(lookup, one) for one in listed):
                return lookup
        return None

    def _named(self, lookup: ColumnName, label: str) -> TableName | None:
        """Return the table that a name in a column of kinds means.

        A framework's model has the name of its table without that of the application.
        """
        if (target := self._meant(label)) is not None or lookup.name != _MODEL:
            return target
        found = [one for one in self.by_name.values() if one.name.endswith(f"_{words(label)}")]
        return found[0] if len(found) == 1 else None

    def _meant(self, label: str) -> TableName | None:
        """Return the table that the name of a class or a kind of rows means."""
        for name in (label.replace("::", "_"), label.rsplit("\\", 1)[-1].rsplit("::", 1)[-1]):
            if (target := self.by_name.get(singular(words(name)))) is not None:
                return target
        return None

    def _by_its_name(self, table: LiveTable, column: LiveColumn) -> Iterator[Link]:
        name = words(column.name)
        target = self.by_name.get(singular(name[:-3])) if name.endswith("_id") else None
        if target is None and self._holds_people(table, column):
            target = self.found.subject
        if target is None or target == table.name:
            return
        key = self.live.tables[target].key
        there = self.live.tables[target].column(key[0]) if key else None
        if there is not None and types.are_alike(column, there):
            yield self._to(column.name, target, None)

    def _holds_people(self, table: LiveTable, column: LiveColumn) -> bool:
        """Whether a column without a foreign key holds keys that people have."""
        if column.type != "uuid" or column.name in table.key:
            return False
        subject = self.live.tables[self.found.subject]
        people = self.sample.of(subject.name, subject.key[0]).values
        return not set(people).isdisjoint(self.sample.of(table.name, column.name).values)

    def _to(self, column: str, target: TableName, where: tuple[str, str] | None) -> Link:
        key = self.live.tables[target].key
        return Link(column, target, key[0] if len(key) > 1 else None, where)

    def _by_document(self, table: LiveTable) -> Iterator[Link]:
        """Find a way by an id inside a document."""
        for column in table.columns:
            for path in sorted(self.sample.of(table.name, column.name).keys):
                if len(path) > 1 and path[-1] == "id" and path[-2] in self.by_name:
                    target = self.by_name[path[-2]]
                    if len(self.live.tables[target].key) == 1:
                        yield Link(column.name, target, None, None, path)

    def _by_address(self, table: LiveTable, fewest: float) -> Iterator[Link]:
        """Find a way by an address that people have.

        Args:
            fewest: share of the addresses that have to be people's, 0 to 1, for one at least.
        """
        subject = self.live.tables[self.found.subject]
        if table.name == subject.name:
            return
        for column in table.columns:
            seen = self.sample.of(table.name, column.name)
            values = frozenset(seen.values)
            if seen.labels.get("EMAIL_ADDRESS", 0) <= 0.9 or _RECIPIENT.search(words(column.name)):
                continue
            for other in subject.columns:
                theirs = values & frozenset(self.sample.of(subject.name, other.name).values)
                is_address = types.is_text(other) and "mail" in words(other.name)
                if is_address and theirs and len(theirs) >= fewest * len(values):
                    yield Link(column.name, subject.name, other.name)


def _is_list(table: LiveTable, links: Sequence[Link]) -> bool:
    """Whether a table only lists who takes part in what: by an account or by an address."""
    texts = {each.name: each for each in table.columns if types.is_searchable(each)}
    ways = {link.column for link in links}
    free = [name for name in texts.keys() - ways if not (texts[name].labels or texts[name].allowed)]
    return len(free) == 1 and types.is_text(texts[free[0]])


def _history(live: LiveSchema) -> set[TableName]:
    found = set()
    for table in live.tables.values():
        for trigger in table.triggers:
            for written in writes(trigger) or ():
                name = written.split(".")[-1].strip('"')
                inserts = re.search(
                    rf"insert\s+into\s+[\w.\"]*{re.escape(name)}\b", trigger.source, re.IGNORECASE
                )
                matches = [one for one in live.tables if one.name == name]
                if inserts and matches:
                    found.add(matches[0])
    return found
