"""The known values of people: whatever an erasure takes away, read from their rows before it does."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Final

from lacuna.datamap import category_of_name
from lacuna.model.datamap import DataMap
from lacuna.model.identity import (
    CLASS_OF_KIND,
    Identifier,
    IdentifierKind,
    Person,
    SubjectRef,
    ValueClass,
)
from lacuna.model.kinds import marked
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.scripts import is_whole_address, is_whole_name
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.ports import Matcher, Passage, PlatformReading
from lacuna.subject.value_forms import (
    classified,
    comparable,
    file_names,
    joined_parts,
    kept_texts,
    street_of,
    values_of,
)

_ALIKE: Final = frozenset(
    {
        IdentifierKind.EMAIL,
        IdentifierKind.PHONE,
        IdentifierKind.NAME,
        IdentifierKind.ADDRESS,
        IdentifierKind.EXTERNAL_ID,
    }
)
"""What people of several kinds may hold in common; a key says nothing outside its table."""
_SINGLING_OUT: Final = frozenset(
    {
        IdentifierKind.EMAIL,
        IdentifierKind.PHONE,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.ADDRESS,
    }
)
"""What means its holders, few as they are, whoever writes it."""
_BY_FORM: Final = frozenset({IdentifierKind.NAME, IdentifierKind.ADDRESS, IdentifierKind.OTHER})
"""What is a person's elsewhere only if a column or key says so: PlayStation 5, Green Energy."""
_SAID_BY_COLUMN: Final = _BY_FORM | {IdentifierKind.EXTERNAL_ID}
"""What goes from rows of others only if a column or key says so: a week, a model look like ids."""
_COMMON: Final = 10
"""A value that so many others hold says nothing of one of them."""
_SHORTEST_PHRASE: Final = 10
_SHORTEST_TOLD: Final = 7
"""Digits of a telephone number; a shorter one may be anything."""
_LONG_NUMBER: Final = 9
"""Digits; the numbers of a platform's own rows are shorter."""
_WRITTEN: Final = ("user.content", "user.behavior")

_GLUED_STREET: Final = re.compile(r"[^\W\d_]{4,}\.?\d{1,4}[^\W\d_]?(?:[-/]\d{1,4}[^\W\d_]?)?")
_HALVES: Final = re.compile(
    r"(?P<name>[^\d,]+?) (?P<number>\d\w*(?:[-/ ]?\w{1,2})?)|(?P<first>\d\w*),? (?P<behind>[^\d,]+)"
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_Own = Mapping[SubjectRef, Mapping[TableName, frozenset[RowKey]]]


@dataclass
class _Read:
    """Where a known value was read.

    Attributes:
        texts: that it was read from and itself, as they compare.
        streets: of an address, its street with the number: neighbors have that in common.
        halves: the street and the number of each, as others may hold them in two columns.
        is_recorded: whether the platform recorded it, and not just somebody wrote it.
        is_named: whether a column or key says what it is, not just its form.
        is_held: whether it stands anywhere but where people are named, with `mention: redact`.
        is_of_profile: whether one of their profile does.
        is_whole_name: whether it is a name in one word and all of one, in a script without blanks.
        is_kept: whether it stays, in a column of the platform's own in their rows, in a member that
            is kept, or in a table of nobody's: a ticket's number, a label, a mailbox.
    """

    texts: set[str] = field(repr=False, default_factory=set)
    streets: set[str] = field(repr=False, default_factory=set)
    halves: dict[str, tuple[str, str]] = field(repr=False, default_factory=dict)
    is_recorded: bool = False
    is_named: bool = False
    is_held: bool = False
    is_of_profile: bool = False
    is_kept: bool = False
    is_whole_name: bool = False

    def add(self, text: str, identifier: Identifier) -> None:
        """Note a text that the value was read from."""
        self.texts |= {comparable(text), comparable(identifier.value)}
        if identifier.kind is IdentifierKind.ADDRESS and (street := street_of(identifier.value)):
            self.streets.add(comparable(street))
            if halves := _HALVES.fullmatch(street):
                name, number = (
                    (halves["name"] or halves["behind"]),
                    (halves["number"] or halves["first"]),
                )
                self.halves[comparable(street)] = comparable(name), comparable(number)


_Values = Mapping[Identifier, _Read]


@dataclass(frozen=True)
class Holders:
    """Who else may hold a value.

    Attributes:
        matcher: knows the people by their identifiers alone: what it finds needs no search of its
            own.
        others: people of other kinds: the view of the map, and what reads by it.
    """

    reading: PlatformReading
    matcher: Matcher
    others: Sequence[tuple[DataMap, PlatformReading]] = field(repr=False, default=())


@dataclass(frozen=True)
class _OfOthers:
    """What people of other kinds hold, or nobody.

    Attributes:
        identifiers: values by which the map recognizes them.
        naming: who stands in rows of contacts that name a value, as it compares.
        rows: what else stands in their rows, as it compares, with their keys.
    """

    identifiers: frozenset[Identifier] = field(repr=False)
    naming: Mapping[str, frozenset[str]] = field(repr=False)
    rows: Mapping[str, frozenset[str]] = field(repr=False)


def read_known_values(
    people: Sequence[Person],
    own: _Own,
    datamap: DataMap,
    platform: Holders,
) -> list[Person]:
    """Return people of one tenant with every value that an erasure of their rows takes away.

    A value that stands in other people's rows too counts in the person's own rows alone, a number
    or address of their profile everywhere but in the rows of those others; one that ten others
    hold, or somebody of another kind (an agent), is not the person's. What stays in the person's rows,
    or in a table of nobody's, counts in the person's own texts.
    """
    if not people:
        return []
    org_id = people[0].org_id
    found = _values({one.ref: own[one.ref] for one in people}, datamap, platform.reading)
    found = {ref: _unknown(ref, values, platform.matcher) for ref, values in found.items()}
    said = {text for values in found.values() for read in values.values() for text in read.texts}
    holding, naming = _columns_of_others(datamap)
    streets = {one for values in found.values() for read in values.values() for one in read.streets}
    halves = {
        line: one
        for values in found.values()
        for read in values.values()
        for line, one in read.halves.items()
    }
    names_of_streets = {name for name, _ in halves.values()}
    held = platform.reading.value_holders(org_id, holding, said | streets | names_of_streets)
    held = _with_halves(held, halves, platform.reading, (org_id, holding))
    named = platform.reading.value_holders(org_id, naming, said)
    nobodys = platform.reading.values_of_nobody(org_id, said)
    every = {one for values in found.values() for one in values}
    theirs = frozenset(
        one
        for _, kind in platform.others
        for one, keys in kind.holders(org_id, every).items()
        if keys
    )
    for read in (read for values in found.values() for read in values.values()):
        read.is_kept |= not read.texts.isdisjoint(nobodys)
    shared = _both(
        _held_by_other_kinds(people, platform),
        _in_other_profiles(people, holding, datamap, platform.reading),
    )
    of_others = _OfOthers(theirs, named, _in_rows_of_other_kinds(said, org_id, platform))
    people = _without_names_of_tenant(people, platform.reading)
    return [
        _with_values(
            replace(one, shared=_together(one, shared)),
            found[one.ref],
            held,
            of_others,
        )
        for one in people
    ]


def _with_halves(
    held: Mapping[str, frozenset[str]],
    halves: Mapping[str, tuple[str, str]],
    reading: PlatformReading,
    where: tuple[str, Sequence[ColumnName]],
) -> Mapping[str, frozenset[str]]:
    """Return who holds each text, and each street with its number in two columns or members."""
    # Of numbers, which many have, only those of streets that somebody has are asked for.
    numbers = {number for name, number in halves.values() if held.get(name)}
    numbered = reading.value_holders(*where, numbers) if numbers else {}
    lines = {
        line: held.get(line, frozenset())
        | (held.get(name, frozenset()) & numbered.get(number, frozenset()))
        for line, (name, number) in halves.items()
    }
    return {**held, **lines}


def _without_names_of_tenant(people: Sequence[Person], reading: PlatformReading) -> list[Person]:
    """Return people who are named as the tenant is with that name in their own rows alone."""
    names = {one for person in people for one in person.known if one.kind is IdentifierKind.NAME}
    of_tenant = reading.values_of_tenant(people[0].org_id, {comparable(one.value) for one in names})
    own_only = {one for one in names if comparable(one.value) in of_tenant}
    return [
        replace(
            person,
            known=tuple(one for one in person.known if one not in own_only),
            own_values=(
                *person.own_values,
                *(one for one in person.known if one in own_only),
            ),
        )
        for person in people
    ]


def values_of_others(
    person: Person, others: Collection[str], datamap: DataMap, reading: PlatformReading
) -> frozenset[Identifier]:
    """Return the values in other people's profiles that tell who they are, but the person's own.

    Those that ten hold tell nobody, and neither does a short number or a word.

    Args:
        others: their subject keys.
    """
    table = datamap.tables[datamap.subject.table]
    columns = list(sources(table))
    names = (*table.key, *(column.name for column in columns))
    found: dict[Identifier, set[str]] = defaultdict(set)
    own = {comparable(one.value) for one in person.known}
    for key, *contents in reading.rows(table.name, names, [(key,) for key in others]):
        for column, content in zip(columns, contents, strict=True):
            for _, one, _ in values_of(content, column):
                found[one].add(str(key))
    own |= {comparable(one.value) for one, keys in found.items() if keys & {*person.keys}}
    return frozenset(
        one
        for one, keys in found.items()
        if one.kind in _ALIKE
        and _tells(one)
        and len(keys) < _COMMON
        and comparable(one.value) not in own
    )


def values_held_by_others(
    person: Person,
    own: Mapping[TableName, Collection[RowKey]],
    datamap: DataMap,
    reading: PlatformReading,
) -> tuple[frozenset[Identifier], frozenset[Identifier]]:
    """Return what a person's own rows say of staff, and of other people, by what these hold.

    In whatever table: an address with which somebody signed, an agent's login. Texts are not read.

    Args:
        own: keys of the person's rows by table.
    """
    said: dict[str, set[Identifier]] = defaultdict(set)
    theirs = {comparable(one.value) for one in person.known}
    in_columns = set(theirs)
    for name, keys in own.items():
        table = datamap.tables[name]
        columns = [
            column
            for column in table.columns
            if column.is_personal and column.in_access and column.name not in table.key
            if not column.is_text and column.object_store is None
        ]
        for row in reading.rows(name, [column.name for column in columns], list(keys)):
            for column, content in zip(columns, row, strict=True):
                holds = _is_of_its_people(column, table, datamap)
                for text, one, is_named in values_of(content, column):
                    if one.kind in _ALIKE and (is_named or one.kind not in _BY_FORM):
                        said[comparable(text)].add(one)
                        if holds:
                            theirs.add(comparable(text))
                        if holds and isinstance(content, str):
                            in_columns.add(comparable(text))
    # A member of a document may say who serves the person: `{"am_login": "petra.a"}`.
    of_staff = {
        text: {
            one
            for one in values
            if text not in (in_columns if one.kind is IdentifierKind.EXTERNAL_ID else theirs)
        }
        for text, values in said.items()
    }
    staff = reading.values_of_staff(person.org_id, [text for text in said if of_staff[text]])
    for text in theirs:
        said.pop(text, None)
    holding = [
        ColumnName(table.name, column.name)
        for table in datamap.tables.values()
        for column in sources(table)
        if column.name not in table.key and _is_of_its_people(column, table, datamap)
    ]
    held = reading.value_holders(person.org_id, holding, said)
    of_others = {
        text for text, keys in held.items() if 0 < len(keys - {*person.keys}) < _COMMON
    } - staff
    return (
        frozenset(one for text in staff for one in of_staff[text] if _singles_out(one)),
        frozenset(one for text in of_others for one in said[text] if _tells(one)),
    )


def _is_of_its_people(column: Column, table: Table, datamap: DataMap) -> bool:
    """Whether a column says of the people to whom its rows lead what is theirs.

    Where a row names its person by their key it does, even if it may name somebody else as well.
    """
    subject = datamap.subject.table
    is_direct = table.name == subject or any(link.table == subject for link in table.links)
    return is_direct or column.mention is not Mention.REDACT


def _singles_out(identifier: Identifier) -> bool:
    """Whether an agent's value is more than a given name."""
    is_word = len(identifier.value.split()) == 1
    return not is_word or identifier.kind is not IdentifierKind.NAME


def _tells(identifier: Identifier) -> bool:
    if identifier.kind is IdentifierKind.EXTERNAL_ID:
        is_long = not identifier.value.isdigit() or len(identifier.value) >= _LONG_NUMBER
        return is_long and not _says_little(identifier)
    return identifier.kind not in (IdentifierKind.NAME, IdentifierKind.ADDRESS) or (
        not _says_little(identifier) and len(identifier.value.split()) > 1
    )


def _held_by_other_kinds(
    people: Sequence[Person], platform: Holders
) -> Mapping[Identifier, frozenset[str]]:
    """Return the identifiers that people of other kinds hold too, with their marked keys."""
    found: dict[Identifier, frozenset[str]] = {}
    known = {one for person in people for one in person.known if one.kind in _ALIKE}
    for view, reading in platform.others:
        for one, keys in reading.holders(people[0].org_id, known).items():
            if keys:
                found[one] = found.get(one, frozenset()).union(marked(view.kind, keys))
    return found


def _columns_of_others(datamap: DataMap) -> tuple[list[ColumnName], list[ColumnName]]:
    """Return the columns in which other people hold a value, and those that name people.

    Who is named with `mention: redact` is mentioned, by whoever wrote it; a key is of one row alone.
    """
    both: tuple[list[ColumnName], list[ColumnName]] = ([], [])
    for table in datamap.tables.values():
        for one in sources(table):
            if one.name not in table.key:
                names = one.mention is Mention.REDACT and table.name != datamap.subject.table
                both[names].append(ColumnName(table.name, one.name))
    return both


def _in_rows_of_other_kinds(
    said: Collection[str], org_id: str, platform: Holders
) -> Mapping[str, frozenset[str]]:
    """Return those of some texts that stand in a row of somebody of another kind, with their keys.

    A login, a badge: no identifier of the map, and yet that one's in a row that is theirs.
    """
    found: dict[str, frozenset[str]] = {}
    for view, reading in platform.others:
        table = view.tables[view.subject.table]
        columns = [
            ColumnName(table.name, column.name)
            for column in table.columns
            if column.is_personal and not column.is_text and column.name not in table.key
        ]
        for text, keys in reading.value_holders(org_id, columns, said).items():
            found[text] = found.get(text, frozenset()).union(marked(view.kind, keys))
    return found


def _in_other_profiles(
    people: Sequence[Person],
    holding: Sequence[ColumnName],
    datamap: DataMap,
    reading: PlatformReading,
) -> Mapping[Identifier, frozenset[str]]:
    """Return in whose profiles the people's identifiers stand, however they are written there.

    With or without the country of a number, in another case, in a list. Who somebody is found by
    is told by `holders`, and more strictly.
    """
    subject = datamap.subject
    columns = dict.fromkeys(one for one in holding if one.table == subject.table)
    columns |= dict.fromkeys(one.column for one in subject.identifiers)
    known = {one for person in people for one in person.identifiers if one.kind in _ALIKE}
    pieces = {one: _pieces(one, person) for person in people for one in person.identifiers}
    said = {comparable(one.value) for one in known}
    said |= {piece for one in known for parts in pieces[one] for piece in parts}
    held = reading.value_holders(people[0].org_id, list(columns), said)
    found: dict[Identifier, frozenset[str]] = {}
    for one in known:
        keys = held.get(comparable(one.value), frozenset())
        for parts in pieces[one]:
            # Who bears all parts of the name bears it too.
            keys |= frozenset.intersection(*(held.get(part, frozenset()) for part in parts))
        found[one] = keys
    return found


def _pieces(identifier: Identifier, person: Person) -> Sequence[tuple[str, ...]]:
    """Return the short names of a person, as they compare, that make one of their full names."""
    if identifier.kind is not IdentifierKind.NAME:
        return ()
    parts = [comparable(name) for name in person.short_names]
    whole = comparable(identifier.value)
    return [one for one in (tuple(parts), *permutations(parts, 2)) if one and "".join(one) == whole]


def _both(
    one: Mapping[Identifier, frozenset[str]], other: Mapping[Identifier, frozenset[str]]
) -> Mapping[Identifier, frozenset[str]]:
    return {
        each: one.get(each, frozenset()) | other.get(each, frozenset()) for each in {*one, *other}
    }


def _together(
    person: Person, more: Mapping[Identifier, frozenset[str]]
) -> Mapping[Identifier, frozenset[str]]:
    own = frozenset(person.keys)
    holders = {
        one: person.shared.get(one, frozenset()) | (more.get(one, frozenset()) - own)
        for one in person.known
    }
    return {one: keys for one, keys in holders.items() if keys}


def _unknown(ref: SubjectRef, values: _Values, matcher: Matcher) -> _Values:
    """Return the values that a search for the person's identifiers does not find anyway."""
    ordered = list(values)
    spans = matcher.find_all([Passage(one.value, "text/plain") for one in ordered])
    return {
        one: values[one]
        for one, hits in zip(ordered, spans, strict=True)
        if not any(
            ref in span.subjects and span.end - span.start >= len(one.value.strip("<>\"' "))
            for span in hits
        )
    }


def sources(table: Table) -> Iterator[Column]:
    """Yield the columns of a table whose values are a person's, and go with an erasure."""
    links = {link.column for link in table.links}
    for column in table.columns:
        if not column.is_personal or column.is_text or column.object_store is not None:
            continue
        if column.name in table.key:
            if table.rows is RowErasure.DELETE or column.erasure.treatment is Treatment.NEW_KEY:
                yield column
            continue
        if column.name in links or not column.in_access:
            continue
        if table.rows is RowErasure.DELETE or (
            table.rows is RowErasure.ANONYMIZE and column.erasure.treatment.effect.is_sought
        ):
            yield column


def _is_written_key(key: str) -> bool:
    """Whether people write a key: a customer's or an order's number, and no number of a row."""
    return not key.isdigit() and _UUID.fullmatch(key) is None


def carried_over(fresh: Person, copy: Person) -> Person:
    """Return a person looked up anew, with the values that were read from their rows before.

    Rows that are treated already hold them no more.
    """
    known = dict.fromkeys((*fresh.known, *(one for one in copy.known if one in copy.read)))
    read = copy.read - frozenset(fresh.known)
    return replace(
        fresh,
        known=tuple(known),
        own_values=tuple(one for one in copy.own_values if one not in known),
        read=read,
        left=copy.left,
        shared={**fresh.shared, **{one: copy.shared[one] for one in read & copy.shared.keys()}},
    )


def _values(own: _Own, datamap: DataMap, reading: PlatformReading) -> Mapping[SubjectRef, _Values]:
    """Return what goes from the people's rows, and whether these keep it elsewhere."""
    found: dict[SubjectRef, dict[Identifier, _Read]] = {ref: defaultdict(_Read) for ref in own}
    kept: dict[SubjectRef, set[str]] = defaultdict(set)
    profile = datamap.subject.table
    owners: dict[TableName, dict[RowKey, list[SubjectRef]]] = defaultdict(dict)
    for ref, tables in own.items():
        for name, keys in tables.items():
            for key in keys:
                owners[name].setdefault(key, []).append(ref)
    for name, by_key in owners.items():
        table = datamap.tables[name]
        taken, staying = list(sources(table)), list(_staying(table))
        written = list(_written(table, reading))
        names = [column.name for column in (*taken, *staying, *written)]
        for key, row in reading.keyed_rows(name, names, by_key):
            refs = by_key[key]
            for text, identifier in _in_written(written, row[len(taken) + len(staying) :]):
                for ref in refs:
                    read = found[ref][identifier]
                    read.add(text, identifier)
                    read.is_recorded |= identifier.kind is IdentifierKind.FILE
                    read.is_named = read.is_held = True
            row = row[: len(taken) + len(staying)]
            for column, content in zip(taken, row[: len(taken)], strict=True):
                of_members = {comparable(one) for one in kept_texts(content, column)}
                for ref in refs:
                    kept[ref] |= of_members
            for text, identifier, *said in _row_values(
                table, taken, row, is_profile=name == profile
            ):
                is_recorded, is_named, is_held, is_whole_name = said
                is_of_profile = name == profile and identifier.kind is not IdentifierKind.OTHER
                for ref in refs:
                    read = found[ref][identifier]
                    read.add(text, identifier)
                    read.is_recorded |= is_recorded
                    read.is_named |= is_named
                    read.is_held |= is_held
                    read.is_whole_name |= is_whole_name
                    read.is_of_profile |= is_of_profile and is_named
            stays = () if any(column.name in table.key for column in taken) else key
            for ref in refs:
                kept[ref].update(comparable(str(one)) for one in (*stays, *row[len(taken) :]))
    for ref, values in found.items():
        for read in values.values():
            read.is_kept = not read.texts.isdisjoint(kept[ref])
    return found


def _written(table: Table, reading: PlatformReading) -> Iterator[Column]:
    """Yield the columns of files that go with a row, and of documents that are redacted as texts."""
    documents = reading.documents_of(table.name)
    for column in table.columns:
        if not (column.is_personal and column.in_access) or table.rows is RowErasure.KEEP:
            continue
        treatment = column.erasure.treatment
        is_document = column.is_text and column.name in documents
        if treatment is Treatment.DELETE_OBJECT or (
            is_document and treatment is Treatment.REDACT and column.object_store is None
        ):
            yield column


def _in_written(
    columns: Sequence[Column], row: Sequence[object]
) -> Iterator[tuple[str, Identifier]]:
    """Yield the names of files, and of a document what its keys name: the rest is free text."""
    for column, content in zip(columns, row, strict=True):
        if column.object_store is not None:
            yield from file_names(content)
        else:
            yield from (
                (text, one) for text, one, is_named in values_of(content, column) if is_named
            )


def _row_values(
    table: Table, columns: Sequence[Column], row: Sequence[object], *, is_profile: bool
) -> Iterator[tuple[str, Identifier, bool, bool, bool, bool]]:
    """Yield the values in some columns of a row, alone and joined.

    Returns:
        text, value, whether the platform recorded it, whether a column or key says what it is,
        whether the person holds it there, and is not just named, and whether it is a whole name in
        one word.
    """
    for column, content in zip(columns, row, strict=False):
        is_written = column.category.startswith(_WRITTEN)
        for text, identifier, is_named in values_of(content, column):
            if is_written and identifier.kind is IdentifierKind.OTHER:
                continue  # a text, however short
            if column.name in table.key and not _is_written_key(text):
                continue
            is_recorded = _is_recorded(identifier, column, is_profile=is_profile)
            is_held = is_profile or column.mention is not Mention.REDACT
            is_whole = _is_whole_name(identifier, column, content)
            yield text, identifier, is_recorded, is_named, is_held, is_whole
    parts = (
        (column.name, column.category, content)
        for column, content in zip(columns, row, strict=False)
    )
    for text, key in joined_parts(parts):
        for identifier in classified(text, category_of_name(key) or ""):
            yield text, identifier, True, True, True, False


def _is_whole_name(identifier: Identifier, column: Column, content: object) -> bool:
    """Whether a name in one word is all of one: `王小明` in a column that is not of parts."""
    return (
        identifier.kind is IdentifierKind.NAME
        and column.category.startswith("user.name")
        and not column.category.startswith(("user.name.first", "user.name.last"))
        and isinstance(content, str)
        and content.strip() == identifier.value
        and is_whole_name(identifier.value)
    )


def _is_recorded(identifier: Identifier, column: Column, *, is_profile: bool) -> bool:
    """Whether a value may be taken out of other people's rows for this person.

    What people write of themselves, in a form or as the name of their mailbox, may be anything: a
    phrase, somebody else's number. It is theirs in their own rows.
    """
    if is_profile or identifier.kind is IdentifierKind.FILE:
        return True
    if column.category.startswith(_WRITTEN):
        return False
    return identifier.kind not in (IdentifierKind.NAME, IdentifierKind.OTHER)


def _staying(table: Table) -> Iterator[Column]:
    """Yield the columns of the platform's own that stay in a person's rows: numbers of a ticket."""
    for column in table.columns:
        if not column.is_personal and column.name not in table.key and table.is_kept(column.name):
            yield column


def _with_values(
    person: Person,
    values: _Values,
    held: Mapping[str, frozenset[str]],
    of_others: _OfOthers,
) -> Person:
    """Return a person with the values read from their rows, each where it counts by now.

    Values that were read before and stand in no row any more stay what they were.
    """
    declared, own_keys = person.identifiers, frozenset(person.keys)
    everywhere = {one for one in person.read if one not in values}
    own_only = {one for one in person.own_values if one not in values}
    short = set[str]()
    shared = dict(person.shared)
    left: Counter[ValueClass] = Counter()
    for one in values.keys() - {*declared}:
        texts = values[one].texts
        others, naming = (_whose(texts, by_text) - own_keys for by_text in (held, of_others.naming))
        is_common = len(others | naming) >= _COMMON
        if not values[one].is_held:
            # A mailbox of the company's in the envelopes of three.
            others |= naming
        is_sure = values[one].is_recorded and (
            values[one].is_named or one.kind not in _SAID_BY_COLUMN
        )
        if one in of_others.identifiers or (is_common and not values[one].is_of_profile):
            left[CLASS_OF_KIND[one.kind]] += 1
            continue
        is_word = len(one.value.split()) == 1 and not values[one].is_whole_name
        if one.kind is IdentifierKind.NAME and is_word:
            short.add(one.value)
        elif (
            others
            and not (is_common or values[one].is_kept)
            and values[one].is_of_profile
            and _means_its_holders(one)
        ):
            everywhere.add(one)
            shared[one] = others
        elif others or is_common or not is_sure or values[one].is_kept or _says_little(one):
            own_only.add(one)
        else:
            everywhere.add(one)
        if neighbors := _whose(values[one].streets, held) - own_keys:
            shared[one] = shared.get(one, frozenset()) | neighbors
        if kinds := _whose(texts, of_others.rows):
            shared[one] = shared.get(one, frozenset()) | kinds
    return replace(
        person,
        known=(*declared, *_in_order(everywhere)),
        short_names=(*person.short_names, *sorted(short - {*person.short_names})),
        own_values=_in_order(own_only),
        read=frozenset(everywhere),
        left=Counter(person.left) | left,
        shared={one: keys for one, keys in shared.items() if one in declared or one in everywhere},
    )


def _whose(texts: Collection[str], by_text: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*(by_text.get(text, frozenset()) for text in texts))


def _in_order(identifiers: set[Identifier]) -> tuple[Identifier, ...]:
    return tuple(sorted(identifiers, key=lambda one: (one.kind, one.value)))


def _means_its_holders(identifier: Identifier) -> bool:
    return identifier.kind in _SINGLING_OUT and not _says_little(identifier)


def _says_little(identifier: Identifier) -> bool:
    """Whether a value that nobody else holds may still stand in anybody's text by chance."""
    match identifier.kind:
        case IdentifierKind.DATE_OF_BIRTH:
            return True
        case IdentifierKind.PHONE:
            return sum(map(str.isdigit, identifier.value)) < _SHORTEST_TOLD
        case IdentifierKind.EXTERNAL_ID:
            # A user name may be any word.
            return identifier.value.isalpha()
        case IdentifierKind.ADDRESS | IdentifierKind.FILE | IdentifierKind.OTHER:
            words = identifier.value.split()
            letters = sum(map(str.isalnum, identifier.value))
            if identifier.kind is IdentifierKind.ADDRESS and is_whole_address(identifier.value):
                return False
            if identifier.kind is IdentifierKind.ADDRESS and _GLUED_STREET.fullmatch(
                words[0] if words else ""
            ):
                return letters < _SHORTEST_PHRASE
            return letters < _SHORTEST_PHRASE or len(words) < 2
        case _:
            return False
