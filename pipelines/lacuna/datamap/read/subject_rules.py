"""What must hold of the people of a data map: who they are, and that their rows are found."""

from collections.abc import Iterator

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import CUTS_LINK, MapDraft, did_you_mean
from lacuna.model.datamap import Subject
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName
from lacuna.model.request import Level
from lacuna.model.table import Table
from lacuna.model.treatment import Mention, RowErasure, Treatment


def check_subject(draft: MapDraft, subject: Subject) -> None:
    """Report people who could not be told apart, found or forgotten as the map says."""

    def problem(text: str) -> None:
        draft.problem(("subject", ""), f"{draft.label}: {text}")

    table = draft.tables.get(subject.table)
    if table is None:
        problem(f"table {names.written(subject.table)} is not in the map")
        return
    if subject.table not in draft.broken:
        if table.rows is not RowErasure.ANONYMIZE:
            problem(f"the rows of {names.written(table.name)} are people: write rows: anonymize")
        if len(table.key) != 1:
            problem(f"{names.written(table.name)} needs a key of one column")
        if not draft.is_further and any(
            column.name in table.key and column.erasure.treatment is Treatment.KEEP
            for column in table.columns
        ):
            problem(
                f"the key of {names.written(table.name)} would stay, and lead to the person in "
                "every copy and backup: write erase: new_key"
            )
        if table.links:
            problem(f"{names.written(table.name)} is where paths end: remove its links")
        if subject.where is not None and not any(
            column.name == subject.where[0] and column.erasure.treatment is Treatment.KEEP
            for column in table.columns
        ):
            problem(f"where names {subject.where[0]!r}, not a listed column with erase: keep")
    for found in _membership_problems(draft, subject):
        problem(f"member: {found}")
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
    for found in lookup_problems(draft, subject.open_lookup):
        problem(f"open_when: {found}")
    for place in subject.others:
        if not draft.has_column(place.table, place.name):
            problem(f"others names {names.written(place)}, which is not in the map")
    _check_identifiers(draft, subject)


def _membership_problems(draft: MapDraft, subject: Subject) -> Iterator[str]:
    """Yield what forbids that rows of another table say who is meant."""
    member = subject.member
    if member is None:
        return
    named = [member.column]
    named += [ColumnName(member.told_in, name) for name, _ in member.where]
    if member.through is not None:
        held, table = member.through
        named.append(ColumnName(member.column.table, held))
        far = draft.tables.get(table)
        if far is not None and (len(far.key) != 1 or far.has_row_address):
            yield f"{names.written(table)} needs a key of one column"
    for place in named:
        column = draft.sound_column(place)
        if not draft.has_column(place.table, place.name):
            yield f"{names.written(place)} is not in the map"
        elif place == member.column or column is None:
            continue
        elif column.erasure.treatment is not Treatment.KEEP or column.is_personal:
            yield f"{names.written(place)} tells people apart: it needs erase: keep, and no personal data"
    if member.column.table == subject.table:
        yield f"{names.written(subject.table)} tells its own rows apart with where"
    yield from lookup_problems(draft, member.lookup)


def lookup_problems(draft: MapDraft, lookup: ColumnName | None) -> Iterator[str]:
    """Yield what forbids that a column names what other tables have the numbers of."""
    if lookup is None:
        return
    column, table = draft.sound_column(lookup), draft.tables.get(lookup.table)
    if table is None or not draft.has_column(table.name, lookup.name):
        yield f"lookup names {names.written(lookup)}, which is not in the map"
    elif len(table.key) != 1 or table.has_row_address:
        yield "lookup needs a table with a key of one column"
    elif column is not None and column.is_personal:
        yield f"lookup names {names.written(lookup)}, which holds personal data"


def _check_tombstone(draft: MapDraft, subject: Subject, table: Table) -> None:
    def problem(text: str) -> None:
        draft.problem(("subject", ""), f"{draft.label}: {text}")

    is_used = any(each.tombstone_links for each in draft.tables.values())
    if is_used and draft.is_further:
        problem("the tombstone is a contact; write erase: keep, unlink or suppress")
        return
    given = {*table.key, *table.tenant_columns, table.erased_at, subject.merged_into}
    given |= {*table.references}
    if subject.where is not None:
        given.add(subject.where[0])
    named = [("tombstone", name) for name in subject.tombstone]
    named += [("tombstone_shares", name) for name in subject.tombstone_shares]
    for key, name in named:
        if not draft.has_column(subject.table, name):
            problem(f"{key} names the column {name!r}, which is not listed")
        elif name in given:
            problem(f"{key} names {name!r}, which Lacuna sets itself")
    for name in subject.tombstone_shares:
        column = draft.sound_column(ColumnName(subject.table, name))
        if column is not None and column.erasure.treatment is not Treatment.KEEP:
            problem(f"tombstone_shares names {name!r}, which stays in no erased row")
        if name in subject.tombstone:
            problem(f"tombstone gives {name!r} a value, and tombstone_shares another; choose one")


def _check_merged(draft: MapDraft, subject: Subject, name: str) -> None:
    place = ColumnName(subject.table, name)
    column = draft.sound_column(place)
    if column is not None and column.erasure.treatment not in CUTS_LINK:
        draft.problem(
            place,
            f"{names.written(place)}: it points from one row of a person to another; write erase: "
            "unlink",
        )
    if not draft.has_column(subject.table, name):
        draft.problem(
            ("subject", ""),
            f"{draft.label}: merged_into names the column {name!r}, which is not listed",
        )


def _check_identifiers(draft: MapDraft, subject: Subject) -> None:
    if all(
        each.is_short or each.kind in (IdentifierKind.NAME, IdentifierKind.ADDRESS)
        for each in subject.identifiers
    ):
        draft.problem(
            ("subject", ""),
            f"{draft.label}: identifiers need one that identifies a person alone, such as an "
            "e-mail address",
        )
    for kind in subject.joined_by:
        if all(each.kind is not kind for each in subject.identifiers):
            draft.problem(
                ("subject", ""),
                f"{draft.label}: joined_by names {kind}, but no identifier has this kind",
            )
    reaching = draft.reaching(subject.table)
    for number, each in enumerate(subject.identifiers):
        place = ("identifier", f"{draft.label} {number}")
        name = names.written(each.column)
        if not draft.has_column(each.column.table, each.column.name):
            hint = did_you_mean(
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
                place,
                f"identifier {name}: only_where names {each.only_where[0]!r}, which is not "
                "a column",
            )
        if each.column.table not in reaching:
            draft.problem(
                place, f"identifier {name}: no link leads from its table to the subject; add links"
            )
        table, column = draft.tables[each.column.table], draft.sound_column(each.column)
        if (
            column is not None
            and table.rows is RowErasure.ANONYMIZE
            and column.erasure.treatment is Treatment.KEEP
        ):
            draft.problem(each.column, f"{name}: it identifies people, so erase cannot be keep")


def check_reach(draft: MapDraft, subject: Subject) -> None:
    """Report tables whose rows of a person could not be found."""
    reaching = draft.reaching(subject.table)
    for level, name in subject.levels.items():
        if draft.has_table(name) and name not in reaching:
            draft.problem(
                ("subject", ""),
                f"{draft.label}: no link leads from {names.written(name)} (level {level}) to "
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
            and column.name not in table.references
            and ColumnName(name, column.name) not in draft.broken
            and (
                table.rows is RowErasure.DELETE
                or (
                    column.erasure.treatment is not Treatment.KEEP
                    and column.mention not in (Mention.REDACT, Mention.EMPTY)
                )
            )
        ]
        if unfound:
            draft.problem(
                name,
                f"{names.written(name)}: {', '.join(unfound)} hold personal data, but no link "
                f"leads to {names.written(subject.table)}; add links, or mention: redact (bytes: "
                "empty) where people are found by value, or rows: keep if the people are not contacts",
            )
