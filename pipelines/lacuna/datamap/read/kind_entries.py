"""Reads the further kinds of people of a data map, such as agents, and what becomes of their data."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.read.map_rules import check_kind
from lacuna.datamap.read.partial_map import MapDraft, MapPlace, did_you_mean
from lacuna.datamap.read.strict_yaml import Section
from lacuna.datamap.read.subject_entry import (
    read_columns,
    read_identifiers,
    read_joined_by,
    read_membership,
)
from lacuna.datamap.read.table_entries import read_erasure, read_links, read_where
from lacuna.model.datamap import PersonKind, Subject
from lacuna.model.location import ColumnName, TableName
from lacuna.model.person_kinds import unaffected, untouched
from lacuna.model.processing import TenantContacts
from lacuna.model.request import CONTACT, Level
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_kinds(top: Section, draft: MapDraft) -> dict[str, PersonKind]:
    """Return the further kinds of people by name, each checked in itself and against the others."""
    section = top.section("kinds")
    found: dict[str, PersonKind] = {}
    if section is None:
        return found
    for name in section.names():
        entry = section.section(name, f"kind {name}")
        if entry is None:
            continue
        if not _NAME.fullmatch(name):
            section.problem(f"kind {name!r}: the name of a kind may contain only a-z, 0-9 and _")
        if name == CONTACT:
            entry.problem("kind contact: contacts are the people of subject; name another kind")
        kind = _KindReader(name, entry, draft).read()
        entry.finish()
        if kind is not None:
            draft.lines["kind", name] = section.line_of(name)
            found[name] = kind
    _check_apart(draft, found)
    return found


def _check_apart(draft: MapDraft, kinds: Mapping[str, PersonKind]) -> None:
    """Report two kinds of people whom nothing tells apart: a request would find both."""
    people = {name: kind.subject for name, kind in kinds.items()}
    if draft.subject is not None:
        people = {CONTACT: draft.subject, **people}
    for name, subject in people.items():
        for problem in _unless_problems(name, people):
            draft.problem(_place(name), f"{_label(name)}: {problem}")
        if _comes_after(name, subject.unless, people):
            draft.problem(
                _place(name),
                f"{_label(name)}: unless leads back to it; state in one order which kind comes first",
            )
    for (first, one), (second, other) in combinations(people.items(), 2):
        if one.table != other.table or (first in other.unless) != (second in one.unless):
            continue
        if one.member is not None or other.member is not None or one.unless or other.unless:
            said = "a row can be of both; write at one of them unless: [OTHER], which comes first"
        elif one.where is None or other.where is None or one.where[0] != other.where[0]:
            said = "state with where, in both, by one column, which rows belong to which"
        elif one.where == other.where:
            said = "where says the same rows in both; write which are whose"
        else:
            continue
        draft.problem(
            _place(second),
            f"{_label(second)}: {names.written(other.table)} also contains the people of "
            f"{_label(first)}; {said}",
        )


def _unless_problems(name: str, people: Mapping[str, Subject]) -> Iterator[str]:
    """Yield what is wrong with the kinds that come before one."""
    subject = people[name]
    for other in subject.unless:
        if other not in people:
            known = ", ".join(one for one in people if one != name)
            yield f"unless names {other!r}, which is no kind; known: {known}"
        elif other == name or people[other].table != subject.table:
            yield f"unless names {other!r}, whose people are not among these rows"
        elif people[other].where is None and people[other].member is None:
            yield f"unless names {other!r}, whom neither where nor member tells apart"


def _comes_after(name: str, before: Iterable[str], people: Mapping[str, Subject]) -> bool:
    """Whether a kind is, over others, among those that come before it."""
    waiting, seen = [*before], set[str]()
    while waiting:
        one = waiting.pop()
        if one not in seen and one in people:
            seen.add(one)
            waiting += people[one].unless
    return name in seen


def _label(name: str) -> str:
    return "subject" if name == CONTACT else f"kind {name}"


def _place(name: str) -> tuple[str, str]:
    return ("subject", "") if name == CONTACT else ("kind", name)


@dataclass
class _KindReader:
    """Reads one kind."""

    name: str
    entry: Section
    draft: MapDraft
    lines: dict[MapPlace, int] = field(default_factory=dict)
    broken: set[TableName | ColumnName] = field(default_factory=set)
    listed: dict[TableName, tuple[str, ...]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"kind {self.name}"

    def read(self) -> PersonKind | None:
        entry, before = self.entry, len(self.draft.problems.found)
        table = entry.parsed("table", entry.text("table"), names.table_name)
        entry.require(("identifiers",), "; list the columns that identify such a person")
        identifiers = read_identifiers(entry, self.draft, self.label)
        others = read_columns(entry, "others")
        where = read_where(entry, "where")
        member, unless = read_membership(entry), entry.texts("unless")
        merged_into = entry.optional_text("merged_into")
        joined_by = read_joined_by(entry)
        controller = self._controller()
        tables = dict(self._tables())
        if table is None or len(self.draft.problems.found) > before:
            return None
        subject = Subject(
            table=table,
            merged_into=merged_into,
            identifiers=identifiers,
            levels={Level.CONTACT: table},
            open_when=("", ()),
            others=others,
            where=where,
            joined_by=joined_by,
            member=member,
            unless=unless,
        )
        self._check(subject, tables)
        return PersonKind(subject, tables, controller)

    def _controller(self) -> TenantContacts | None:
        entry = self.entry
        given = [key for key in ("controller", "dpo", "authority") if key in entry]
        said = {key: entry.optional_prose(key) for key in ("controller", "dpo", "authority")}
        if not given:
            return None
        entry.require(said, "; state with controller, dpo and authority who decides on their data")
        dpo = entry.address("dpo") if said["dpo"] else ""
        return TenantContacts(said["controller"], dpo, said["authority"])

    def _tables(self) -> Iterator[tuple[TableName, Table]]:
        section = self.entry.required_section("tables")
        if section is None:
            return
        for key in section.names():
            entry = section.section(key, f"{self.label}: {key}")
            name = section.parsed(key, key, names.table_name)
            if entry is None or name is None:
                continue
            base = self.draft.tables.get(name)
            if base is None:
                hint = did_you_mean(key, map(names.written, self.draft.tables))
                section.problem(
                    f"{self.label}: {key} is not under tables of the map{hint}",
                    section.line_of(key),
                )
                continue
            self.lines[name] = section.line_of(key)
            yield name, self._table(base, entry)
            entry.finish()

    def _table(self, base: Table, entry: Section) -> Table:
        before = len(self.draft.problems.found)
        entry.require(("rows",), f"; choose from {', '.join(RowErasure)}")
        rows = entry.choice("rows", RowErasure)
        links, references = read_links(entry), entry.texts("references")
        erased_at = entry.optional_text("erased_at")
        if len(self.draft.problems.found) > before or base.name in self.draft.broken:
            self.broken.add(base.name)
        listed = dict(self._columns(base, entry))
        self.listed[base.name] = tuple(listed)
        return replace(
            untouched(base),
            links=links,
            references=references,
            rows=rows or RowErasure.KEEP,
            erased_at=erased_at,
            columns=tuple(listed.get(one.name, unaffected(one)) for one in base.columns),
        )

    def _columns(self, base: Table, entry: Section) -> Iterator[tuple[str, Column]]:
        section = entry.section("columns")
        if section is None:
            return
        for name in section.names():
            place = ColumnName(base.name, name)
            self.lines[place] = section.line_of(name)
            before = len(self.draft.problems.found)
            settings = section.section(name, f"{self.label}: {names.written(place)}")
            column = next((each for each in base.columns if each.name == name), None)
            if column is None:
                hint = did_you_mean(name, (each.name for each in base.columns))
                section.problem(
                    f"{self.label}: {names.written(place)} is not in the map{hint}",
                    section.line_of(name),
                )
            if settings is None or column is None:
                continue
            yield name, _column(column, settings)
            settings.finish()
            if len(self.draft.problems.found) > before or place in self.draft.broken:
                self.broken.add(place)

    def _check(self, subject: Subject, tables: Mapping[TableName, Table]) -> None:
        """Check the map as it is for this kind."""
        view = replace(
            self.draft,
            tables={},
            subject=subject,
            broken=self.draft.broken | self.broken,
            lines=self.draft.lines | self.lines | {("subject", ""): self.entry.line},
            label=self.label,
            keeps_keys=_keeps_keys(tables.get(subject.table)),
            _columns={},
        )
        for name, table in self.draft.tables.items():
            view.add_table(tables.get(name) or untouched(table))
        check_kind(view, self.listed)


def _keeps_keys(table: Table | None) -> bool:
    return table is not None and all(
        column.erasure.treatment is Treatment.KEEP
        for column in table.columns
        if column.name in table.key
    )


def _column(base: Column, entry: Section) -> Column:
    """Read what a kind says of a column; what it leaves out is as for everybody."""
    erasure = read_erasure(entry)
    store = erasure.argument if erasure.treatment is Treatment.DELETE_OBJECT else None
    return replace(
        unaffected(base),
        erasure=erasure,
        mention=entry.choice("mention", Mention) or base.mention,
        in_access=entry.flag("access") or False,
        in_portability=entry.flag("portability") or False,
        object_store=base.object_store or store,
    )
