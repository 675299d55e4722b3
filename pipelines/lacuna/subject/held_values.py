"""Which values of a person others hold too, or single nobody out: they are left, or sought only in own rows."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    Person,
    SubjectRef,
)
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.scripts import is_whole_address
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.ports import Matcher, Passage, PlatformReading
from lacuna.subject.file_forms import is_any_file
from lacuna.subject.value_forms import (
    comparable,
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
BY_FORM: Final = frozenset({IdentifierKind.NAME, IdentifierKind.ADDRESS, IdentifierKind.OTHER})
"""What is a person's elsewhere only if a column or key says so: PlayStation 5, Green Energy."""
COMMON: Final = 10
"""A value that so many others hold says nothing of one of them."""
_SHORTEST_PHRASE: Final = 10
_SHORTEST_TOLD: Final = 7
"""Digits of a telephone number; a shorter one may be anything."""
_LONG_NUMBER: Final = 9
"""Digits; the numbers of a platform's own rows are shorter."""

_GLUED_STREET: Final = re.compile(r"[^\W\d_]{4,}\.?\d{1,4}[^\W\d_]?(?:[-/]\d{1,4}[^\W\d_]?)?")
_HALVES: Final = re.compile(
    r"(?P<name>[^\d,]+?) (?P<number>\d\w*(?:[-/ ]?\w{1,2})?)|(?P<first>\d\w*),? (?P<behind>[^\d,]+)"
)


@dataclass
class RowsRead:
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


RowsByIdentifier = Mapping[Identifier, RowsRead]


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
class OfOthers:
    """What people of other kinds hold, or nobody.

    Attributes:
        identifiers: values by which the map recognizes them.
        naming: who stands in rows of contacts that name a value, as it compares.
        rows: what else stands in their rows, as it compares, with their keys.
    """

    identifiers: frozenset[Identifier] = field(repr=False)
    naming: Mapping[str, frozenset[str]] = field(repr=False)
    rows: Mapping[str, frozenset[str]] = field(repr=False)


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
        and len(keys) < COMMON
        and comparable(one.value) not in own
    )


def values_held_by_others(
    person: Person,
    own: Mapping[TableName, Collection[RowKey]],
    datamap: DataMap,
    reading: PlatformReading,
) -> tuple[frozenset[Identifier], frozenset[Identifier]]:
    """Return the values in a person's own rows that staff hold, and those that other people hold.

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
                    if one.kind in _ALIKE and (is_named or one.kind not in BY_FORM):
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
        text for text, keys in held.items() if 0 < len(keys - {*person.keys}) < COMMON
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
        return is_long and not says_little(identifier)
    return identifier.kind not in (IdentifierKind.NAME, IdentifierKind.ADDRESS) or (
        not says_little(identifier) and len(identifier.value.split()) > 1
    )


def held_by_other_kinds(
    people: Sequence[Person], platform: Holders
) -> Mapping[Identifier, frozenset[str]]:
    """Return the identifiers that people of other kinds hold too, with their qualified keys."""
    found: dict[Identifier, frozenset[str]] = {}
    known = {one for person in people for one in person.known if one.kind in _ALIKE}
    for view, reading in platform.others:
        for one, keys in reading.holders(people[0].org_id, known).items():
            if keys:
                found[one] = found.get(one, frozenset()).union(qualified_keys(view.kind, keys))
    return found


def columns_of_others(datamap: DataMap) -> tuple[list[ColumnName], list[ColumnName]]:
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


def in_rows_of_other_kinds(
    said: Collection[str], org_id: str, platform: Holders
) -> Mapping[str, frozenset[str]]:
    """Return those of some texts that are in a row of somebody of another kind, with their keys.

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
            found[text] = found.get(text, frozenset()).union(qualified_keys(view.kind, keys))
    return found


def in_other_profiles(
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


def of_both(
    one: Mapping[Identifier, frozenset[str]], other: Mapping[Identifier, frozenset[str]]
) -> Mapping[Identifier, frozenset[str]]:
    """Return by identifier whom either says."""
    return {
        each: one.get(each, frozenset()) | other.get(each, frozenset()) for each in {*one, *other}
    }


def together(
    person: Person, more: Mapping[Identifier, frozenset[str]]
) -> Mapping[Identifier, frozenset[str]]:
    """Return by identifier whom the person and others add up to."""
    own = frozenset(person.keys)
    holders = {
        one: person.shared.get(one, frozenset()) | (more.get(one, frozenset()) - own)
        for one in person.known
    }
    return {one: keys for one, keys in holders.items() if keys}


def unknown(ref: SubjectRef, values: RowsByIdentifier, matcher: Matcher) -> RowsByIdentifier:
    """Return the values that a search for the person's identifiers does not find anyway."""
    ordered = list(values)
    spans = matcher.find_all([Passage(one.value, "text/plain") for one in ordered])
    return {
        one: values[one]
        for one, matches in zip(ordered, spans, strict=True)
        if not any(
            ref in span.subjects and span.end - span.start >= len(one.value.strip("<>\"' "))
            for span in matches
        )
    }


def sources(table: Table) -> Iterator[Column]:
    """Yield the columns of a table whose values are a person's, and go with an erasure."""
    links = {link.column for link in table.links}
    for column in table.columns:
        is_told_elsewhere = column.is_text or column.object_store is not None
        if not column.is_personal or is_told_elsewhere or column.name in table.file_columns:
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


def says_little(identifier: Identifier) -> bool:
    """Whether a value that nobody else holds may be in anybody's text by chance."""
    match identifier.kind:
        case IdentifierKind.DATE_OF_BIRTH:
            return True
        case IdentifierKind.PHONE:
            return sum(map(str.isdigit, identifier.value)) < _SHORTEST_TOLD
        case IdentifierKind.EXTERNAL_ID:
            # A user name may be any word.
            return identifier.value.isalpha()
        case IdentifierKind.FILE:
            return is_any_file(identifier.value)
        case IdentifierKind.ADDRESS | IdentifierKind.OTHER:
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
