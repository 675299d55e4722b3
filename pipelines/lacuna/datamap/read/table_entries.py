"""Reads the tables and columns of a data map."""

from dataclasses import replace
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.categories import CATEGORIES
from lacuna.datamap.read.partial_map import MapDraft
from lacuna.datamap.read.strict_yaml import Section
from lacuna.datamap.read.translated_texts import read_legend, read_wording
from lacuna.model.location import ColumnName, TableName
from lacuna.model.table import Column, Form, Invariant, Link, PortableRows, Table
from lacuna.model.treatment import Erasure, Mention, RowErasure, Treatment
from lacuna.treatment import SURROGATE_WRITTEN, surrogate_form

_MEDIA_TYPES: Final = {"plain": "text/plain", "html": "text/html"}


def read_tables(top: Section, draft: MapDraft) -> None:
    """Read `tables` into the draft."""
    section = top.required_section("tables")
    if section is None:
        return
    for key in section.names():
        entry = section.section(key, key)
        name = section.parsed(key, key, names.table_name)
        if entry is None or name is None:
            continue
        if name in draft.tables:
            section.problem(f"{key}: this table occurs twice", section.line_of(key))
            continue
        draft.lines[name] = section.line_of(key)
        draft.add_table(_table(name, entry, draft))
        entry.finish()


def _table(name: TableName, entry: Section, draft: MapDraft) -> Table:
    before = len(draft.problems.found)
    processing = entry.optional_text("processing")
    entry.require(("key",), "; name the primary key column, or a list of them")
    entry.require(("rows",), f"; choose from {', '.join(RowErasure)}")
    rows = entry.choice("rows", RowErasure)
    table = Table(
        name=name,
        key=entry.texts("key"),
        tenant=_tenant_column(entry, draft),
        links=read_links(entry),
        references=entry.texts("references"),
        rows=rows or RowErasure.KEEP,
        erased_at=entry.optional_text("erased_at"),
        language=entry.optional_text("language"),
        measures=entry.texts("measures"),
        is_legacy_report=entry.flag("legacy_report") or False,
        is_history=entry.flag("history") or False,
        indexes=entry.texts("indexes"),
        portable=_portable(entry),
        invariants=_invariants(entry),
        label=read_wording(entry, "label", draft),
        meaning=read_wording(entry, "meaning", draft),
        columns=(),
    )
    if entry.is_mapping("tenant"):
        table = _tenant_otherwise(entry, table)
    if len(draft.problems.found) > before:
        draft.broken.add(name)
    columns = entry.required_section("columns")
    if columns is None:
        draft.broken.add(name)
        return table
    found = []
    for column in columns.names():
        place = ColumnName(name, column)
        draft.lines[place] = columns.line_of(column)
        before = len(draft.problems.found)
        columns.parsed(column, column, _identifier)
        settings = columns.section(column, f"{names.written(name)}.{column}")
        if settings is not None:
            found.append(_column(column, settings, processing, draft))
            settings.finish()
        if len(draft.problems.found) > before:
            draft.broken.add(place)
    return replace(table, columns=tuple(found))


def _tenant_column(entry: Section, draft: MapDraft) -> str:
    if entry.is_mapping("tenant"):
        return ""
    return (entry.optional_text("tenant") or "") if draft.only_tenant else entry.text("tenant")


def _tenant_otherwise(entry: Section, table: Table) -> Table:
    """Read `tenant` where it is no column: through a link, by name, or shared by all."""
    section = entry.section("tenant", f"{entry.where}: tenant")
    if section is None:
        return table
    through, name = read_links(section, "through"), section.optional_text("name") or ""
    is_shared = section.flag("shared") or False
    section.finish()
    if [bool(through), bool(name), is_shared].count(True) != 1:
        section.problem(f"{section.where}: state one of through, name and 'shared: true'")
    return replace(table, tenant_through=through, tenant_name=name, is_shared=is_shared)


def _identifier(text: str) -> str:
    names.check(text)
    return text


def read_links(entry: Section, key: str = "links") -> tuple[Link, ...]:
    """Read `links`: the ways from a row towards the person, or others written like them."""
    section = entry.section(key)
    if section is None:
        return ()
    links: list[Link | None] = []
    for column in section.names():
        if section.is_list(column):
            # A polymorphic column leads to several tables.
            links += [_link(column, each) for each in section.sections(column)]
        elif section.is_mapping(column):
            settings = section.section(column)
            links += [] if settings is None else [_link(column, settings)]
        else:
            table = section.parsed(column, section.text(column), names.table_name)
            links += [] if table is None else [Link(column, table)]
    return tuple(link for link in links if link is not None)


def read_lookup(entry: Section) -> ColumnName | None:
    """Read where the names of the values of `where` or `open_when` stand; None: they are the values."""
    return entry.parsed("lookup", entry.optional_text("lookup"), names.column_name)


def _link(column: str, entry: Section) -> Link | None:
    """Read a link that says more than its table."""
    table = entry.parsed("table", entry.text("table"), names.table_name)
    where = read_where(entry, "where")
    path = tuple(entry.texts("path"))
    to = entry.optional_text("to")
    lookup = read_lookup(entry)
    kept_as = entry.optional_text("as")
    if kept_as not in (None, "text"):
        entry.problem(f"{entry.where}: as is text, or left out", entry.line_of("as"))
    entry.finish()
    is_text = kept_as is not None
    return None if table is None else Link(column, table, to, where, path, lookup, is_text)


def _portable(entry: Section) -> PortableRows | None:
    """Read `portable`: which rows the person provided."""
    if "portable" not in entry:
        return None
    section = entry.section("portable") if entry.is_mapping("portable") else None
    if section is None:
        if entry.text("portable") != "all":
            entry.problem(
                f"{entry.where}: portable must be 'all', or state by where, author and with which "
                "rows are portable",
                entry.line_of("portable"),
            )
        return PortableRows()
    wheres = section.section("where", f"{entry.where}: portable")
    where = () if wheres is None else tuple((name, wheres.texts(name)) for name in wheres.names())
    author = section.optional_text("author")
    goes_with = section.texts("with")
    section.finish()
    if not (where or author or goes_with):
        section.problem(
            f"{entry.where}: portable names no where, author or with; add one or write 'all'"
        )
    return PortableRows(where, author, goes_with)


def _invariants(entry: Section) -> tuple[Invariant, ...]:
    """Read `invariants`: what the application needs of each column."""
    section = entry.section("invariants", f"{entry.where}: invariants")
    if section is None:
        return ()
    found = []
    for column in section.names():
        needed = section.section(column)
        if needed is None:
            continue
        table = needed.optional_text("exists_in")
        found.append(
            Invariant(
                column,
                needed.flag("never_null") or False,
                None if table is None else needed.parsed("exists_in", table, names.table_name),
                needed.texts("one_of"),
                needed.optional_text("matches"),
            )
        )
        needed.finish()
        if found[-1] == Invariant(column):
            needed.problem(f"{needed.where}: write never_null: true, exists_in, one_of or matches")
    return tuple(found)


def read_where(entry: Section, key: str) -> tuple[str, str] | None:
    """Read `{column: value}`: which rows are meant; None where the key is missing."""
    where = tuple(entry.pairs(key).items())
    if len(where) > 1:
        entry.problem(f"{entry.where}: {key} compares one column with one value")
    return where[0] if where else None


def _column(name: str, entry: Section, default_processing: str | None, draft: MapDraft) -> Column:
    category = entry.text("category")
    if category and category not in CATEGORIES:
        parents = [each for each in CATEGORIES if category.startswith(f"{each}.")]
        hint = f"; the nearest is {max(parents, key=len)}" if parents else ""
        entry.problem(
            f"{entry.where}: {category!r} is not a fideslang category{hint}",
            entry.line_of("category"),
        )
    is_personal = category.startswith("user")
    erasure = read_erasure(entry)
    text = entry.optional_text("text")
    if text is not None and text not in _MEDIA_TYPES:
        entry.problem(f"{entry.where}: text is plain or html", entry.line_of("text"))
    if is_personal:
        entry.require(("access", "portability"), f" (true or false): {category} is personal data")
    mention = entry.choice("mention", Mention) or (
        Mention.REFUSE if text is None else Mention.REDACT
    )
    may_stand_alone = entry.flag("alone") or False
    if may_stand_alone and mention is not Mention.REDACT:
        entry.problem(
            f"{entry.where}: alone needs mention: redact; nothing else covers the value",
            entry.line_of("alone"),
        )
    processing = entry.optional_text("processing") or default_processing
    if processing is None:
        entry.problem(f"{entry.where}: 'processing' is missing, here and at the table")
    return Column(
        name=name,
        category=category,
        processing=processing or "",
        erasure=erasure,
        mention=mention,
        is_text=text is not None,
        media_type=_MEDIA_TYPES.get(text or "plain", "text/plain"),
        in_access=entry.flag("access") or False,
        in_portability=entry.flag("portability") or False,
        meaning=read_wording(entry, "meaning", draft),
        legend=read_legend(entry, draft),
        object_store=entry.optional_text("store")
        or (erasure.argument if erasure.treatment is Treatment.DELETE_OBJECT else None),
        object_paths=_object_paths(entry),
        form=entry.choice("form", Form),
        kind=entry.optional_text("kind") or "",
        values=entry.texts("values"),
        may_stand_alone=may_stand_alone,
        stays=entry.optional_prose("stays"),
        label=read_wording(entry, "label", draft),
    )


def _object_paths(entry: Section) -> tuple[str, ...]:
    found = entry.texts("paths")
    if any(not one.startswith("/") or "" in one[1:].split("/") for one in found):
        entry.problem(
            f"{entry.where}: write a place in a document as /key/key, with [] for a list",
            entry.line_of("paths"),
        )
    return found


def read_erasure(entry: Section) -> Erasure:
    """Read `erase`: a treatment's name, or a mapping of the one treatment to its argument."""
    nothing = Erasure(Treatment.KEEP)
    entry.require(("erase",), f"; choose from {', '.join(Treatment)}")
    if not entry.is_mapping("erase"):
        treatment = entry.choice("erase", Treatment)
        if treatment is None:
            return nothing
        if form := treatment.effect.argument:
            entry.problem(
                f"{entry.where}: {treatment} needs its argument: erase: {{{form}}}",
                entry.line_of("erase"),
            )
        return Erasure(treatment)
    section = entry.section("erase", f"{entry.where}: erase")
    keys = [] if section is None else list(section.names())
    if section is None or len(keys) != 1:
        entry.problem(f"{entry.where}: erase must name one treatment", entry.line_of("erase"))
        return nothing
    treatment = section.chosen(keys[0], keys[0], Treatment)
    if treatment is None:
        return nothing
    if not treatment.effect.argument:
        section.problem(f"{entry.where}: {treatment} takes no argument: erase: {treatment}")
        return nothing
    return Erasure(treatment, _argument(section, treatment))


def _argument(section: Section, treatment: Treatment) -> str:
    if treatment is Treatment.JSON_KEYS:
        keys = section.texts(treatment)
        if any(not key.strip() or "," in key for key in keys):
            section.problem(f"{section.where}: a key must not be empty or contain a comma")
        if any(key.startswith("/") and "" in key[1:].split("/") for key in keys):
            section.problem(f"{section.where}: write a path as /key/key, with [] for a list")
        return ",".join(keys)
    argument = section.optional_text(treatment) or ""
    if treatment is Treatment.SURROGATE and surrogate_form(argument) is None:
        section.problem(f"{section.where}: {SURROGATE_WRITTEN}")
    choices = treatment.effect.choices
    if choices and argument not in choices:
        section.problem(f"{section.where}: {treatment} to {', '.join(choices)}")
    if "\0" in argument:
        section.problem(f"{section.where}: PostgreSQL does not store a NUL character")
    return argument
