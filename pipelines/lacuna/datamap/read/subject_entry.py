"""Reads who the people of a data map are, and by what they are recognized."""

from collections.abc import Mapping
from enum import StrEnum

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import MapDraft
from lacuna.datamap.read.strict_yaml import Section
from lacuna.datamap.read.table_entries import read_links, read_lookup, read_where
from lacuna.model.datamap import IdentifierColumn, Subject
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName, TableName
from lacuna.model.membership import Membership
from lacuna.model.request import Level


class _Joining(StrEnum):
    """By what rows may be joined: a household shares a telephone, and strangers a name."""

    EMAIL = "email"
    EXTERNAL_ID = "external_id"


def read_subject(top: Section, draft: MapDraft) -> Subject | None:
    """Return the people whom a map is about, or None where that cannot be read."""
    section = top.required_section("subject")
    if section is None:
        return None
    before = len(draft.problems.found)
    draft.lines["subject", ""] = section.line
    table = section.parsed("table", section.text("table"), names.table_name)
    section.require(("identifiers",), "; list the columns that identify a person")
    identifiers = read_identifiers(section, draft, "subject")
    levels = _levels(section)
    opened = section.required_section("open_when")
    open_when: tuple[str, tuple[str, ...]] = ("", ())
    open_lookup = None
    if opened is not None:
        open_when = (opened.text("column"), opened.texts("values"))
        open_lookup = read_lookup(opened)
        opened.require(("values",), "; list the values of an open conversation")
        opened.finish()
    others = read_columns(section, "others")
    merged_into = section.optional_text("merged_into")
    joined_by = read_joined_by(section)
    tombstone = section.pairs("tombstone")
    tombstone_shares = section.texts("tombstone_shares")
    where = read_where(section, "where")
    member, unless = read_membership(section), section.texts("unless")
    section.finish()
    if table is None or len(draft.problems.found) > before:
        return None
    return Subject(
        table=table,
        merged_into=merged_into,
        identifiers=identifiers,
        levels=levels,
        open_when=open_when,
        open_lookup=open_lookup,
        others=others,
        tombstone=tombstone,
        tombstone_shares=tombstone_shares,
        where=where,
        joined_by=joined_by,
        member=member,
        unless=unless,
    )


def _levels(section: Section) -> Mapping[Level, TableName]:
    levels = section.required_section("levels")
    found: dict[Level, TableName] = {}
    if levels is not None:
        for level in Level:
            table = levels.parsed(level, levels.text(level), names.table_name)
            if table is not None:
                found[level] = table
        levels.finish()
    return found


def read_identifiers(section: Section, draft: MapDraft, label: str) -> tuple[IdentifierColumn, ...]:
    """Return the columns that identify people.

    Args:
        label: whose they are, as problems name it.
    """
    found = []
    for number, entry in enumerate(section.sections("identifiers")):
        draft.lines["identifier", f"{label} {number}"] = entry.line
        found.append(_identifier_column(entry))
    return tuple(each for each in found if each is not None)


def read_membership(section: Section) -> Membership | None:
    """Return which rows of another table make somebody one of the people meant; None for no such rule."""
    entry = section.section("member", f"{section.where}: member")
    if entry is None:
        return None
    column = entry.parsed("column", entry.text("column"), names.column_name)
    wheres = entry.section("where", f"{entry.where}: where")
    where = () if wheres is None else tuple((name, wheres.texts(name)) for name in wheres.names())
    through, lookup = _through(entry), read_lookup(entry)
    entry.finish()
    if any(not values for _, values in where):
        entry.problem(f"{entry.where}: where lists no value", entry.line_of("where"))
    if column is None or lookup is None:
        return None if column is None else Membership(column, where, through)
    if through is not None or len(where) != 1:
        entry.problem(
            f"{entry.where}: lookup names what one column of where holds the keys of, without through"
        )
        return None
    ((held, values),) = where
    return Membership(column, ((lookup.name, values),), (held, lookup.table), lookup)


def _through(entry: Section) -> tuple[str, TableName] | None:
    """Read `{column: table}`: the table that the conditions are about."""
    links = read_links(entry, "through")
    if len(links) > 1 or any(not one.is_plain for one in links):
        entry.problem(
            f"{entry.where}: through names one column and the table whose keys it holds",
            entry.line_of("through"),
        )
    return (links[0].column, links[0].table) if links else None


def read_joined_by(section: Section) -> tuple[IdentifierKind, ...]:
    """Return the kinds of identifiers by which rows are one person."""
    found = (
        section.chosen("joined_by", text, _Joining) for text in section.texts("joined_by") if text
    )
    return tuple(IdentifierKind(each) for each in found if each is not None)


def read_columns(section: Section, key: str) -> tuple[ColumnName, ...]:
    """Return a list of columns, written `schema.table.column`."""
    found = [section.parsed(key, text, names.column_name) for text in section.texts(key)]
    return tuple(each for each in found if each is not None)


def _identifier_column(entry: Section) -> IdentifierColumn | None:
    entry.require(("kind",), f"; choose from {', '.join(IdentifierKind)}")
    kind = entry.choice("kind", IdentifierKind)
    column = entry.parsed("column", entry.text("column"), names.column_name)
    only_where = read_where(entry, "only_where")
    is_short = entry.flag("short") or False
    path = tuple(entry.texts("path"))
    entry.finish()
    if kind is None or column is None:
        return None
    return IdentifierColumn(kind, column, only_where, is_short, path)
