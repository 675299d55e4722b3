"""What must hold between the parts of a data map, so that an erasure can rely on it.

1. Every name leads somewhere: keys, links, stores, processings, identifiers, levels.
2. Every row of a person can be found: personal tables have a path to the subject.
3. Every treatment can be carried out, and none leaves the person reachable.
4. Nothing leaves in a portability bundle that Art. 20 does not cover.
"""

import difflib
from collections.abc import Iterable
from typing import Final

from pipelines.datamap import names
from pipelines.datamap.draft import Draft, Place
from pipelines.datamap.reach import reaching
from pipelines.model.datamap import (
    Column,
    Form,
    Link,
    Mention,
    ObjectFormat,
    RowErasure,
    Subject,
    Table,
    Treatment,
)
from pipelines.model.identity import IdentifierKind
from pipelines.model.location import ColumnName, TableName
from pipelines.model.request import Level

_NOT_THE_PLATFORM: Final = frozenset(
    {"lacuna", "lacuna_evidence", "reporting", "information_schema", "pg_catalog", "pg_toast"}
)
# What an erasure leaves of the text itself.
_TREATS_TEXT: Final = frozenset(
    {
        Treatment.SUPPRESS,
        Treatment.EMPTY,
        Treatment.REPLACE,
        Treatment.REDACT,
        Treatment.OBFUSCATE,
        Treatment.DELETE_OBJECT,
        Treatment.JSON_KEYS,
    }
)
_CUTS_LINK: Final = frozenset({Treatment.UNLINK, Treatment.SUPPRESS})
_CUTS_LINK_TO_PERSON: Final = _CUTS_LINK | {Treatment.TOMBSTONE}
# A link by a value that is not the key, or inside a document, is cut when the value goes.
_TAKES_VALUE: Final = frozenset(Treatment) - {
    Treatment.KEEP,
    Treatment.DERIVED,
    Treatment.GENERALIZE,
    Treatment.TOMBSTONE,
    Treatment.NEW_KEY,
}
# Art. 20(1)(a): portability covers consent and contract alone.
_PORTABLE: Final = ("6(1)(a)", "6(1)(b)")


def check(draft: Draft) -> None:
    """Report everything in a draft that does not hold together."""
    if not draft.tables:
        draft.problems.add(1, "the map has no tables: an empty map would erase nothing")
    _check_names(draft)
    for name, table in draft.tables.items():
        if name not in draft.broken:
            _check_table(draft, table)
        for column in table.columns:
            place = ColumnName(name, column.name)
            if place not in draft.broken:
                _check_column(draft, table, column, place)
    cycle = _cycle(draft)
    if cycle is not None:
        path = " → ".join(names.written(name) for name in (*cycle, cycle[0]))
        draft.problem(
            cycle[0], f"links run in a circle: {path}; keep the links that lead to the person"
        )
    if draft.subject is not None:
        _check_subject(draft, draft.subject)
        _check_reach(draft, draft.subject)
    _check_files(draft)
    _check_sweeps(draft)


def _check_names(draft: Draft) -> None:
    for schema in draft.schemas:
        if schema in _NOT_THE_PLATFORM:
            draft.problems.add(1, f"schemas: {schema!r} is not part of a platform; remove it")
    read_as: dict[str, TableName] = {}
    for name in (*draft.tables, *draft.ignored):
        place: Place = name if name in draft.tables else ("ignored", str(name))
        if name in draft.tables and name.schema not in draft.schemas:
            draft.problem(
                place, f"{names.written(name)}: add {name.schema!r} to schemas, or remove the entry"
            )
        if read_as.setdefault(str(name), name) != name:
            draft.problem(place, f"{names.written(name)}: two names are both read as {name}")
        if name in draft.tables and name in draft.ignored:
            draft.problem(
                ("ignored", str(name)), f"{names.written(name)} is mapped and ignored; choose one"
            )


def _check_forms(draft: Draft, table: Table) -> None:
    """A letter has one sender and one text: of two columns, which would it be?"""
    seen: dict[Form, str] = {}
    for column in table.columns:
        if column.form is not None:
            first = seen.setdefault(column.form, column.name)
            if first != column.name:
                draft.problem(
                    ColumnName(table.name, column.name),
                    f"{names.written(table.name)}.{column.name}: form {column.form} stands at "
                    f"{first} already; keep one of them",
                )


def _check_table(draft: Draft, table: Table) -> None:
    _check_forms(draft, table)
    name = names.written(table.name)
    listed = [("key", each) for each in table.key if not table.has_row_address]
    listed += [("tenant", each) for each in (table.tenant,) if each]
    listed += [("links", link.column) for link in table.links]
    listed += [("measures", each) for each in table.measures]
    listed += [("erased_at", each) for each in (table.erased_at,) if each is not None]
    listed += [("language", each) for each in (table.language,) if each is not None]
    for role, column in listed:
        if not draft.has_column(table.name, column):
            hint = _nearest(column, (each.name for each in table.columns))
            draft.problem(
                table.name, f"{name}: {role} names the column {column!r}, which is not listed{hint}"
            )
    for role, column in listed:
        if role in ("tenant", "measures", "erased_at") and column in {
            each.name for each in table.columns if each.erasure.treatment is not Treatment.KEEP
        }:
            draft.problem(
                ColumnName(table.name, column),
                f"{name}.{column}: it is named as {role}, so write erase: keep",
            )
    for link in table.links:
        _check_link(draft, table, link)
    _check_language(draft, table)
    if table.has_row_address and (
        table.rows is RowErasure.ANONYMIZE
        or any(column.mention is Mention.REDACT for column in table.columns)
    ):
        draft.problem(
            table.name,
            f"{name}: rows that are known by where they lie can be deleted or kept alone; write "
            "rows: delete, or add a primary key by a migration",
        )
    if table.rows is RowErasure.ANONYMIZE and all(
        not column.is_set and not column.is_rewritten for column in table.columns
    ):
        draft.problem(
            table.name, f"{name}: rows are anonymized, but every column is kept; write rows: keep"
        )


def _check_language(draft: Draft, table: Table) -> None:
    """Report a language that is said to be in a row which has none of its own."""
    link = table.language_link
    target = None if link is None else draft.tables.get(link.table)
    if link is not None and target is not None and target.language_column is None:
        draft.problem(
            table.name,
            f"{names.written(table.name)}: language names the link {link.column}, but "
            f"{names.written(link.table)} has no column with a language; give it one, or remove this",
        )


def _check_link(draft: Draft, table: Table, link: Link) -> None:
    place = ColumnName(table.name, link.column)
    name = names.written(place)
    target = draft.tables.get(link.table)
    if target is None:
        hint = _nearest(names.written(link.table), map(names.written, draft.tables))
        draft.problem(
            place, f"{name}: links to {names.written(link.table)}, which is not in the map{hint}"
        )
        return
    is_sound = link.table not in draft.broken
    if is_sound and link.to is None and (len(target.key) != 1 or target.has_row_address):
        draft.problem(
            place,
            f"{name}: links to {names.written(link.table)}, whose key has {len(target.key)} "
            "columns; a link needs a key of one, or name with 'to' the column that it holds",
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
    column = _column(draft, place)
    if column is None or table.rows is not RowErasure.ANONYMIZE:
        return
    is_to_person = draft.subject is not None and link.table == draft.subject.table
    cuts = _CUTS_LINK_TO_PERSON if is_to_person else _CUTS_LINK
    if link.to is not None or link.path:
        cuts = _TAKES_VALUE
    if column.erasure.treatment in cuts:
        return
    if link.to is not None or link.path:
        if is_to_person:
            draft.problem(
                place,
                f"{name}: the row stays and its value would still lead to the person; write "
                "erase: suppress, or another treatment that takes it away",
            )
        return
    if is_to_person:
        draft.problem(
            place,
            f"{name}: the row stays and would still point to the person; write erase: unlink, or "
            "tombstone where the column may not be NULL",
        )
    elif target.rows is RowErasure.DELETE:
        draft.problem(
            place,
            f"{name}: the rows of {names.written(link.table)} are deleted; write erase: unlink",
        )


def _check_column(draft: Draft, table: Table, column: Column, place: ColumnName) -> None:
    name = names.written(place)
    treatment = column.erasure.treatment
    is_treated = table.rows is RowErasure.ANONYMIZE

    def problem(text: str) -> None:
        draft.problem(place, f"{name}: {text}")

    processing = draft.processings.get(column.processing)
    if processing is None:
        problem(f"no processing is named {column.processing!r}{_known(draft.processings)}")
    if column.object_store is not None and column.object_store not in draft.stores:
        problem(f"no store is named {column.object_store!r}{_known(draft.stores)}")
    elif column.object_store is not None and not any(
        files.table == table.name for files in draft.stores[column.object_store].files
    ):
        problem(
            f"no file pattern of the store {column.object_store!r} has "
            f"table: {names.written(table.name)}"
        )
    if treatment is Treatment.DELETE_OBJECT and column.object_store != column.erasure.argument:
        problem(f"delete_object names {column.erasure.argument!r}, store {column.object_store!r}")
    if column.mention is Mention.DELETE_OBJECT and column.object_store is None:
        problem("mention: delete_object needs the store whose paths the column holds; add store")
    if column.is_text and is_treated and treatment not in _TREATS_TEXT:
        problem(
            f"free text cannot be left at erase: {treatment}; write redact, obfuscate or suppress"
        )
    if not column.is_text and column.media_type != "text/plain":
        problem("only text has a media type")
    if column.name in table.key and treatment not in (Treatment.KEEP, Treatment.NEW_KEY):
        problem(f"a key column cannot be treated by {treatment}; write keep or new_key")
    if treatment is Treatment.DERIVED and column.mention is not Mention.REFUSE:
        problem(
            "a derived column follows others: nothing is written to it; remove mention and text"
        )
    if treatment is Treatment.NEW_KEY and table.key != (column.name,):
        problem("new_key is for a table's single key column; write suppress or replace")
    if treatment is Treatment.UNLINK and not _is_link(draft, table, column):
        problem("unlink is for a column named in links; add the link, or write suppress")
    if table.rows is RowErasure.REFRESH and (
        treatment is not Treatment.KEEP or column.mention is not Mention.REFUSE
    ):
        problem(
            "a materialized view is made anew from its tables; write erase: keep, mention: refuse"
        )
    if treatment is Treatment.TOMBSTONE and not _is_link_to_person(draft, table, column):
        problem("tombstone is for a link to the person; write unlink or suppress")
    where = None if draft.subject is None else draft.subject.where
    if column.kind and (where is None or column.kind == where[1]):
        problem(
            "kind names another kind of row in the subject table than the people meant, whom "
            "subject's where tells apart; a column that holds their keys is named in links"
        )
    if column.in_portability and not column.in_access:
        problem("portability without access: what a person may take away they may also see")
    if (
        column.in_portability
        and processing is not None
        and processing.lawful_basis not in _PORTABLE
    ):
        problem(
            f"portability covers consent and contract alone (Art. 20(1)(a)); {processing.name} "
            f"rests on {processing.lawful_basis}: write portability: false"
        )
    if column.in_access and not column.meaning:
        problem("part of the access bundle, so say in 'meaning' what it says")


def _is_link(draft: Draft, table: Table, column: Column) -> bool:
    subject = draft.subject
    if subject is None or (table.name == subject.table and column.name == subject.merged_into):
        return True
    return any(link.column == column.name for link in table.links)


def _is_link_to_person(draft: Draft, table: Table, column: Column) -> bool:
    subject = draft.subject
    return subject is None or any(
        link.column == column.name and link.table == subject.table for link in table.links
    )


def _check_subject(draft: Draft, subject: Subject) -> None:
    def problem(text: str) -> None:
        draft.problem(("subject", ""), f"subject: {text}")

    table = draft.tables.get(subject.table)
    if table is None:
        problem(f"table {names.written(subject.table)} is not in the map")
        return
    if subject.table not in draft.broken:
        if table.rows is not RowErasure.ANONYMIZE:
            problem(f"the rows of {names.written(table.name)} are people: write rows: anonymize")
        if len(table.key) != 1:
            problem(f"{names.written(table.name)} needs a key of one column")
        if table.links:
            problem(f"{names.written(table.name)} is where paths end: remove its links")
        if subject.where is not None and not any(
            column.name == subject.where[0] and column.erasure.treatment is Treatment.KEEP
            for column in table.columns
        ):
            problem(f"where names {subject.where[0]!r}, not a listed column with erase: keep")
    _check_tombstone(draft, subject, table)
    if subject.merged_into is not None:
        _check_merged(draft, subject, subject.merged_into)
    for level, name in subject.levels.items():
        if not draft.has_table(name):
            problem(f"level {level} names {names.written(name)}, which is not in the map")
    if subject.levels.get(Level.CONTACT, subject.table) != subject.table:
        problem(f"level contact must be {names.written(subject.table)}")
    conversations = subject.levels.get(Level.CONVERSATION)
    if conversations in draft.tables and not draft.has_column(conversations, subject.open_when[0]):
        problem(
            f"open_when names the column {subject.open_when[0]!r}, which "
            f"{names.written(conversations)} does not list"
        )
    for place in subject.others:
        if not draft.has_column(place.table, place.name):
            problem(f"others names {names.written(place)}, which is not in the map")
    _check_identifiers(draft, subject)


def _check_tombstone(draft: Draft, subject: Subject, table: Table) -> None:
    def problem(text: str) -> None:
        draft.problem(("subject", ""), f"subject: {text}")

    is_used = any(each.tombstone_links for each in draft.tables.values())
    if is_used and table.erased_at is None:
        problem(
            f"erase: tombstone needs erased_at in {names.written(table.name)}: it tells the "
            "tombstone contact from a person"
        )
    given = {*table.key, table.tenant, table.erased_at, subject.merged_into}
    if subject.where is not None:
        given.add(subject.where[0])
    for name in subject.tombstone:
        if not draft.has_column(subject.table, name):
            problem(f"tombstone names the column {name!r}, which is not listed")
        elif name in given:
            problem(f"tombstone names {name!r}, which is given by itself")


def _check_merged(draft: Draft, subject: Subject, name: str) -> None:
    place = ColumnName(subject.table, name)
    column = _column(draft, place)
    if column is not None and column.erasure.treatment not in _CUTS_LINK:
        draft.problem(
            place,
            f"{names.written(place)}: points from one row of a person to another; "
            "write erase: unlink",
        )
    if not draft.has_column(subject.table, name):
        draft.problem(
            ("subject", ""), f"subject: merged_into names the column {name!r}, which is not listed"
        )


def _check_identifiers(draft: Draft, subject: Subject) -> None:
    if all(
        each.is_short or each.kind in (IdentifierKind.NAME, IdentifierKind.ADDRESS)
        for each in subject.identifiers
    ):
        draft.problem(
            ("subject", ""),
            "subject: identifiers need one that singles a person out, such as an e-mail address",
        )
    reaching = _reaching(draft, subject.table)
    for number, each in enumerate(subject.identifiers):
        place = ("identifier", str(number))
        name = names.written(each.column)
        if not draft.has_column(each.column.table, each.column.name):
            hint = _nearest(
                each.column.name,
                (column.name for column in draft.tables[each.column.table].columns)
                if each.column.table in draft.tables
                else (),
            )
            draft.problem(place, f"identifier {name} is not in the map{hint}")
            continue
        if each.only_where is not None and not draft.has_column(
            each.column.table, each.only_where[0]
        ):
            draft.problem(
                place, f"identifier {name}: only_where names {each.only_where[0]!r}, not a column"
            )
        if each.column.table not in reaching:
            draft.problem(
                place, f"identifier {name}: no link leads from its table to the subject; add links"
            )
        table, column = draft.tables[each.column.table], _column(draft, each.column)
        if (
            column is not None
            and table.rows is RowErasure.ANONYMIZE
            and column.erasure.treatment is Treatment.KEEP
        ):
            draft.problem(each.column, f"{name}: it identifies people, so erase cannot be keep")


def _check_reach(draft: Draft, subject: Subject) -> None:
    """Report tables whose rows of a person could not be found."""
    reaching = _reaching(draft, subject.table)
    for level, name in subject.levels.items():
        if draft.has_table(name) and name not in reaching:
            draft.problem(
                ("subject", ""),
                f"subject: no link leads from {names.written(name)} (level {level}) to "
                f"{names.written(subject.table)}",
            )
    for name, table in draft.tables.items():
        if name in reaching or name in draft.broken:
            continue
        if table.rows in (RowErasure.KEEP, RowErasure.REFRESH):
            continue
        # Without a link nobody's own rows are here; mentions are found by value.
        unfound = [
            column.name
            for column in table.columns
            if column.is_personal
            and ColumnName(name, column.name) not in draft.broken
            and (
                table.rows is RowErasure.DELETE
                or (
                    column.erasure.treatment is not Treatment.KEEP
                    and column.mention is not Mention.REDACT
                )
            )
        ]
        if unfound:
            draft.problem(
                name,
                f"{names.written(name)}: {', '.join(unfound)} hold personal data, but no link "
                f"leads to {names.written(subject.table)}; add links, or mention: redact where "
                "people are found by value, or rows: keep where they are no contacts",
            )


def _check_files(draft: Draft) -> None:
    for store in draft.stores.values():
        seen: set[str] = set()
        for files in store.files:
            where = f"store {store.name}: {files.pattern}"
            if files.pattern in seen:
                draft.problem(("store", store.name), f"{where} stands twice")
            seen.add(files.pattern)
            if files.table is not None and not draft.has_table(files.table):
                draft.problem(
                    ("store", store.name),
                    f"{where} names {names.written(files.table)}, which is not in the map",
                )
            if files.mention is Mention.REDACT and files.format in (
                ObjectFormat.BINARY,
                ObjectFormat.MAIL,
            ):
                draft.problem(
                    ("store", store.name),
                    f"{where}: spans of a {files.format} file cannot be covered; write "
                    "mention: delete_object or refuse",
                )


def _check_sweeps(draft: Draft) -> None:
    for rule in draft.sweeps:
        place = ("sweep", rule.name)
        where = f"sweep {rule.name}"
        table = draft.tables.get(rule.table)
        if table is None:
            draft.problem(place, f"{where}: {names.written(rule.table)} is not in the map")
        elif rule.table not in draft.broken and not any(
            column.is_text and column.erasure.treatment is Treatment.REDACT
            for column in table.columns
        ):
            draft.problem(
                place, f"{where}: {names.written(rule.table)} has no text with erase: redact"
            )
        if not draft.has_column(rule.closed.table, rule.closed.name):
            draft.problem(place, f"{where}: {names.written(rule.closed)} is not in the map")
        elif table is not None and rule.table not in _reaching(draft, rule.closed.table):
            draft.problem(
                place,
                f"{where}: no link leads from {names.written(rule.table)} to "
                f"{names.written(rule.closed.table)}",
            )
        if rule.after_days < 1:
            draft.problem(place, f"{where}: after_days must be at least 1")


def _reaching(draft: Draft, target: TableName) -> frozenset[TableName]:
    """Return the tables from which links lead to `target`, itself included.

    A link to a table that is not in the map is a problem already; it counts as leading there.
    """
    doubtful = [
        table
        for table in draft.tables.values()
        if any(link.table not in draft.tables for link in table.links)
    ]
    found = reaching(draft.tables.values(), target)
    return found.union(*(reaching(draft.tables.values(), table.name) for table in doubtful))


def _cycle(draft: Draft) -> tuple[TableName, ...] | None:
    """Return one circle of links, or None.

    Tables without links to an unsettled table are settled until none is left to settle;
    what is then left holds a circle, and following links inside it closes one.
    """
    unsettled = {
        name: [link.table for link in table.links if link.table in draft.tables]
        for name, table in draft.tables.items()
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


def _column(draft: Draft, place: ColumnName) -> Column | None:
    """Return a sound column of the draft, or None."""
    table = draft.tables.get(place.table)
    if table is None or place in draft.broken:
        return None
    return next((each for each in table.columns if each.name == place.name), None)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _known(known: Iterable[str]) -> str:
    listed = ", ".join(known)
    return f"; known: {listed}" if listed else ""
