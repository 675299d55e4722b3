"""What must hold between the parts of a data map, so that an erasure can rely on it.

1. Every name leads somewhere: keys, links, stores, processings, identifiers, levels.
2. Every row of a person can be found: personal tables have a path to the subject.
3. Every treatment can be carried out, and none leaves the person reachable.
4. Nothing leaves in a portability bundle that Art. 20 does not cover.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import CUTS_LINK, MapDraft, MapPlace, did_you_mean, known
from lacuna.datamap.read.reference_rules import check_references
from lacuna.datamap.read.sharing_rules import check_sharing
from lacuna.datamap.read.store_rules import check_files, check_sweeps
from lacuna.datamap.read.subject_rules import check_reach, check_subject, lookup_problems
from lacuna.datamap.read.tenant_rules import check_tenant
from lacuna.model.datamap import Subject
from lacuna.model.location import ColumnName, TableName
from lacuna.model.request import CONTACT
from lacuna.model.table import Column, Form, Link, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment

_NOT_THE_PLATFORM: Final = frozenset(
    {"lacuna", "lacuna_evidence", "reporting", "information_schema", "pg_catalog", "pg_toast"}
)
_CUTS_LINK_TO_PERSON: Final = CUTS_LINK | {Treatment.TOMBSTONE}
# Art. 20(1)(a): portability covers consent and contract alone.
_PORTABLE: Final = ("6(1)(a)", "6(1)(b)")


def check(draft: MapDraft) -> None:
    """Report everything in a draft that does not hold together."""
    if not draft.tables:
        draft.problems.add(1, "the map has no tables; an empty map would erase nothing")
    _check_names(draft)
    for name, table in draft.tables.items():
        if name not in draft.broken:
            _check_table(draft, table)
        for column in table.columns:
            place = ColumnName(name, column.name)
            if place not in draft.broken:
                _check_column(draft, table, column, place)
    _check_circle(draft)
    check_sharing(draft)
    if draft.subject is not None:
        check_subject(draft, draft.subject)
        check_reach(draft, draft.subject)
    check_files(draft)
    check_sweeps(draft)


def check_kind(draft: MapDraft, listed: Mapping[TableName, Collection[str]]) -> None:
    """Report what does not hold together in the rules of one further kind of people.

    Args:
        draft: the map as it is for this kind.
        listed: the columns that it names, by table.
    """
    for name, columns in listed.items():
        table = draft.tables[name]
        if name not in draft.broken:
            _check_table(draft, table)
        for column in table.columns:
            place = ColumnName(name, column.name)
            if column.name in columns and place not in draft.broken:
                _check_column(draft, table, column, place)
    _check_circle(draft)
    check_sharing(draft)
    if draft.subject is not None:
        check_subject(draft, draft.subject)
        check_reach(draft, draft.subject)


def _check_circle(draft: MapDraft) -> None:
    every = {name: table.links for name, table in draft.tables.items()}
    if cycle := _cycle(draft, {name: _unconditional(links) for name, links in every.items()}):
        draft.problem(
            cycle[0],
            f"links form a circle: {_path(cycle)}; keep the links that lead to the person, or state "
            "with where in which rows one of them leads on",
        )


def _path(cycle: Sequence[TableName]) -> str:
    return " → ".join(names.written(name) for name in (*cycle, cycle[0]))


def _unconditional(links: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(link for link in links if link.where is None)


def _check_names(draft: MapDraft) -> None:
    for schema in draft.schemas:
        if schema in _NOT_THE_PLATFORM:
            draft.problems.add(1, f"schemas: {schema!r} is not part of a platform; remove it")
    read_as: dict[str, TableName] = {}
    for name in (*draft.tables, *draft.ignored):
        place: MapPlace = name if name in draft.tables else ("ignored", str(name))
        if name in draft.tables and name.schema not in draft.schemas:
            draft.problem(
                place, f"{names.written(name)}: add {name.schema!r} to schemas, or remove the entry"
            )
        if read_as.setdefault(str(name), name) != name:
            draft.problem(place, f"{names.written(name)}: two names are both read as {name}")
        if name in draft.tables and name in draft.ignored:
            draft.problem(
                ("ignored", str(name)),
                f"{names.written(name)} is both mapped and ignored; choose one",
            )


def _check_invariants(draft: MapDraft, table: Table) -> None:
    name = names.written(table.name)
    for one in table.invariants:
        other = one.exists_in
        if other is not None and (found := draft.tables.get(other)) is None:
            draft.problem(
                table.name,
                f"{name}: invariants: {one.column}: exists_in names {names.written(other)}, which is "
                "not listed",
            )
        elif other is not None and found is not None and len(found.key) != 1:
            draft.problem(
                table.name,
                f"{name}: invariants: {one.column}: {names.written(other)} has a key of "
                f"{len(found.key)} columns; exists_in needs one",
            )


def _check_forms(draft: MapDraft, table: Table) -> None:
    """A letter has one sender and one text: of two columns, which would it be?"""
    seen: dict[Form, str] = {}
    for column in table.columns:
        if column.form is not None:
            first = seen.setdefault(column.form, column.name)
            if first != column.name:
                draft.problem(
                    ColumnName(table.name, column.name),
                    f"{names.written(table.name)}.{column.name}: form {column.form} is already at "
                    f"{first}; keep one of them",
                )


def _check_table(draft: MapDraft, table: Table) -> None:
    _check_forms(draft, table)
    name = names.written(table.name)
    listed = [("key", each) for each in table.key if not table.has_row_address]
    listed += [("tenant", each) for each in sorted(table.tenant_columns)]
    listed += [("links", link.column) for link in table.links]
    listed += [("measures", each) for each in table.measures]
    listed += [("invariants", each.column) for each in table.invariants]
    listed += [("erased_at", each) for each in (table.erased_at,) if each is not None]
    listed += [("language", each) for each in (table.language,) if each is not None]
    for role, column in listed:
        if not draft.has_column(table.name, column):
            hint = did_you_mean(column, (each.name for each in table.columns))
            draft.problem(
                table.name, f"{name}: {role} names the column {column!r}, which is not listed{hint}"
            )
    for role, column in listed:
        stays = {Treatment.KEEP}
        if role == "tenant" and column != table.tenant:
            # The tombstone contact has the same tenant.
            stays.add(Treatment.TOMBSTONE)
        if role in ("tenant", "measures", "erased_at") and column in {
            each.name for each in table.columns if each.erasure.treatment not in stays
        }:
            draft.problem(
                ColumnName(table.name, column),
                f"{name}.{column}: it is named as {role}, so write erase: keep",
            )
    for link in table.links:
        _check_link(draft, table, link)
    check_references(draft, table)
    _check_invariants(draft, table)
    check_tenant(draft, table)
    _check_language(draft, table)
    _check_portable(draft, table)
    if table.has_row_address and (
        table.rows is RowErasure.ANONYMIZE
        or any(column.mention in (Mention.REDACT, Mention.EMPTY) for column in table.columns)
    ):
        draft.problem(
            table.name,
            f"{name}: rows identified by their place can only be deleted or kept; write rows: "
            "delete, or add a primary key by a migration",
        )
    if table.rows is RowErasure.ANONYMIZE and all(
        column.erasure.treatment is Treatment.KEEP for column in table.columns
    ):
        draft.problem(
            table.name, f"{name}: rows are anonymized, but every column is kept; write rows: keep"
        )


def _check_language(draft: MapDraft, table: Table) -> None:
    """Report a language that the map places in a row which has none of its own."""
    link = table.language_link
    target = None if link is None else draft.tables.get(link.table)
    if link is not None and target is not None and target.language_column is None:
        draft.problem(
            table.name,
            f"{names.written(table.name)}: language names the link {link.column}, but "
            f"{names.written(link.table)} has no language column; add one, or remove this",
        )


def _check_portable(draft: MapDraft, table: Table) -> None:
    """Report a choice of portable rows that would leave out others than it says."""
    rule = table.portable
    if rule is None:
        return
    name = names.written(table.name)

    def problem(text: str) -> None:
        draft.problem(table.name, f"{name}: portable {text}")

    if not any(column.in_portability for column in table.columns):
        problem("chooses rows, but no column is portable; remove it")
    columns = {column.name: column for column in table.columns}
    for name_, values in rule.where:
        column = columns.get(name_)
        if column is None:
            hint = did_you_mean(name_, columns)
            problem(f"names the column {name_!r}, which is not listed{hint}")
            continue
        codes = {*column.values, *column.legend}
        if strange := [value for value in values if value not in codes]:
            problem(
                f"names {', '.join(map(repr, strange))} of {name_}; describe each below legend or "
                f"values{known(sorted(codes))}"
            )
        if not values:
            problem(f"names no value of {name_}")
        # Whoever reads what is left out has to see by what.
        if not (column.in_access and column.meaning):
            problem(f"depends on {name_}; write access: true and a meaning there")
    if rule.author is not None and not any(
        link.column == rule.author and not link.path and link.to is None
        for link in table.links
        if draft.subject is None or link.table == draft.subject.table
    ):
        problem(f"has {rule.author!r} as author, which is not a link to the person's key; add it")
    for name_ in rule.goes_with:
        if not any(
            link.column == name_ and (draft.subject is None or link.table != draft.subject.table)
            for link in table.links
        ):
            problem(
                f"depends on {name_!r}, which is not a link to a table that leads to the person"
            )


def _check_link(draft: MapDraft, table: Table, link: Link) -> None:
    place = ColumnName(table.name, link.column)
    name = names.written(place)
    target = draft.tables.get(link.table)
    if target is None:
        hint = did_you_mean(names.written(link.table), map(names.written, draft.tables))
        draft.problem(
            place, f"{name}: links to {names.written(link.table)}, which is not in the map{hint}"
        )
        return
    is_sound = link.table not in draft.broken
    if is_sound and link.to is None and (len(target.key) != 1 or target.has_row_address):
        draft.problem(
            place,
            f"{name}: links to {names.written(link.table)}, whose key has {len(target.key)} "
            "columns; a link needs a key of one column, or name with 'to' the column that it "
            "holds",
        )
    if is_sound and link.to is not None and not draft.has_column(link.table, link.to):
        draft.problem(
            place, f"{name}: {names.written(link.table)} lists no column {link.to!r} to link to"
        )
    if link.where is not None:
        kind = next((each for each in table.columns if each.name == link.where[0]), None)
        if kind is None or kind.erasure.treatment is not Treatment.KEEP:
            draft.problem(
                place,
                f"{name}: where names {link.where[0]!r}, which must be a listed column with "
                "erase: keep",
            )
    _check_lookup(draft, link, place)
    column = draft.sound_column(place)
    if column is None or table.rows is not RowErasure.ANONYMIZE:
        return
    is_to_person = draft.subject is not None and link.table == draft.subject.table
    if is_to_person and draft.keeps_keys:
        return
    treatment = column.erasure.treatment
    cuts = treatment in (_CUTS_LINK_TO_PERSON if is_to_person else CUTS_LINK)
    if link.to is not None or link.path:
        # A link by a value that is not the key, or inside a document, is cut when the value goes.
        cuts = treatment.effect.takes_value
    way = f"/{'/'.join(link.path)}"
    if is_to_person and link.path and _keeps(column, way):
        draft.problem(place, f"{name}: json_keys keeps {way}, which leads to the person")
    if cuts:
        return
    if link.to is not None or link.path:
        if is_to_person:
            draft.problem(
                place,
                f"{name}: the row stays, and its value would still lead to the person; write "
                "erase: suppress, or another treatment that removes it",
            )
        return
    if is_to_person:
        draft.problem(
            place,
            f"{name}: the row stays, and would still point to the person; write erase: unlink, or "
            "tombstone where the column may not be NULL",
        )
    elif target.rows is RowErasure.DELETE:
        draft.problem(
            place,
            f"{name}: the rows of {names.written(link.table)} are deleted; write erase: unlink",
        )


def _check_lookup(draft: MapDraft, link: Link, place: ColumnName) -> None:
    if link.lookup is None:
        return
    name = names.written(place)
    if link.where is None:
        draft.problem(place, f"{name}: lookup names where the value of where is; add where")
    for problem in lookup_problems(draft, link.lookup):
        draft.problem(place, f"{name}: {problem}")


def _kept_paths(column: Column) -> str:
    """Return the first place of an object's path that an erasure would leave in a document."""
    places = column.object_paths if column.object_store is not None else ()
    return next((place for place in places if _keeps(column, place)), "")


def _keeps(column: Column, place: str) -> bool:
    """Whether an erasure leaves a place of a document, or one above it, as it is."""
    if column.erasure.treatment is not Treatment.JSON_KEYS:
        return False
    kept = (
        one if one.startswith("/") else f"/{one}"
        for one in (column.erasure.argument or "").split(",")
    )
    return any(f"{place}/".startswith(f"{one}/") for one in kept)


def _check_column(draft: MapDraft, table: Table, column: Column, place: ColumnName) -> None:
    name = names.written(place)
    treatment = column.erasure.treatment
    is_treated = table.rows is RowErasure.ANONYMIZE

    def problem(text: str) -> None:
        draft.problem(place, f"{name}: {text}")

    processing = draft.processings.get(column.processing)
    if processing is None:
        problem(f"no processing is named {column.processing!r}{known(draft.processings)}")
    if column.object_store is not None and column.object_store not in draft.stores:
        problem(f"no store is named {column.object_store!r}{known(draft.stores)}")
    elif column.object_store is not None and not any(
        files.table == table.name for files in draft.stores[column.object_store].files
    ):
        problem(
            f"no file pattern of the store {column.object_store!r} has table: "
            f"{names.written(table.name)}"
        )
    if column.object_paths and column.object_store is None:
        problem(
            "paths states where a document contains object paths; add the store that they lead to"
        )
    if kept := _kept_paths(column):
        problem(f"json_keys keeps {kept}, which leads to an object that is deleted")
    if treatment is Treatment.DELETE_OBJECT and column.object_store != column.erasure.argument:
        problem(f"delete_object names {column.erasure.argument!r}, store {column.object_store!r}")
    if column.mention is Mention.DELETE_OBJECT and column.object_store is None:
        problem("mention: delete_object needs the store whose paths the column contains; add store")
    if column.mention is Mention.EMPTY and column.is_text:
        problem("mention: empty is for a column of bytes; write mention: redact, or remove text")
    # In a row that is somebody's of a further kind, the text is still a contact's.
    is_left = draft.is_further and column.mention is Mention.REDACT
    if column.is_text and is_treated and not treatment.effect.clears_text and not is_left:
        problem(f"free text cannot have erase: {treatment}; write redact, obfuscate or suppress")
    if not column.is_text and column.media_type != "text/plain":
        problem("only text has a media type")
    if column.name in table.key and treatment not in (Treatment.KEEP, Treatment.NEW_KEY):
        problem(f"a key column cannot be treated by {treatment}; write keep or new_key")
    if treatment is Treatment.DERIVED and column.mention is not Mention.REFUSE:
        problem("a derived column follows others and is never written; remove mention and text")
    if treatment is Treatment.NEW_KEY and table.key != (column.name,):
        problem("new_key is only for a table's single key column; write suppress or replace")
    if treatment is Treatment.UNLINK and not _is_link(draft, table, column):
        problem("unlink is only for a column named in links; add the link, or write suppress")
    if table.rows is RowErasure.REFRESH and (
        treatment is not Treatment.KEEP or column.mention is not Mention.REFUSE
    ):
        problem(
            "a materialized view is refreshed from its tables; write erase: keep, mention: refuse"
        )
    if treatment is Treatment.TOMBSTONE and not _is_link_to_person(draft, table, column):
        problem("tombstone is only for a link to the person; write unlink or suppress")
    if column.kind and not _is_of_others(column, draft.subject):
        problem(
            "kind names another kind of row in the subject table, but the subject's where, member or "
            "unless distinguishes them; a column with their keys must be named in links"
        )
    if column.in_portability and not column.in_access:
        problem(
            "portability without access is not possible: data that a person may transfer is "
            "also accessible"
        )
    if (
        column.in_portability
        and processing is not None
        and processing.lawful_basis not in _PORTABLE
    ):
        problem(
            f"portability covers only consent and contract (Art. 20(1)(a)), but {processing.name} "
            f"rests on {processing.lawful_basis}; write portability: false"
        )
    if column.in_access and not column.meaning:
        problem("the column is part of the access bundle; describe it in 'meaning'")


def _is_of_others(column: Column, subject: Subject | None) -> bool:
    """Whether `kind` of a column can be another kind of rows of the subject table."""
    if subject is None:
        return False
    if subject.where is not None:
        return column.kind != subject.where[1]
    return bool(subject.member or subject.unless) and column.kind != CONTACT


def _is_link(draft: MapDraft, table: Table, column: Column) -> bool:
    subject = draft.subject
    if subject is None or _is_link_to_person(draft, table, column):
        return True
    if table.name == subject.table and column.name == subject.merged_into:
        return True
    return any(link.column == column.name for link in table.links)


def _is_link_to_person(draft: MapDraft, table: Table, column: Column) -> bool:
    subject = draft.subject
    if subject is None or column.name in table.references:
        return True
    return any(link.column == column.name and link.table == subject.table for link in table.links)


def _cycle(
    draft: MapDraft, links: Mapping[TableName, Sequence[Link]]
) -> tuple[TableName, ...] | None:
    """Return one circle of these links, or None.

    Tables without links to an unsettled table are settled until none is left to settle;
    what is then left holds a circle, and following links inside it closes one.
    """
    unsettled = {
        name: [link.table for link in led if link.table in draft.tables]
        for name, led in links.items()
    }
    while settled := [
        name for name, links in unsettled.items() if not any(link in unsettled for link in links)
    ]:
        for name in settled:
            del unsettled[name]
    if not unsettled:
        return None
    trail = [next(iter(unsettled))]
    while True:
        following = next(link for link in unsettled[trail[-1]] if link in unsettled)
        if following in trail:
            return tuple(trail[trail.index(following) :])
        trail.append(following)
