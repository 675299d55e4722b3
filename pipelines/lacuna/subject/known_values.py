"""The known values of people: whatever an erasure takes away, read from their rows before it does."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
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
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.scripts import is_whole_name
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.ports import PlatformReading
from lacuna.subject.held_values import (
    BY_FORM,
    COMMON,
    Holders,
    OfOthers,
    RowsByIdentifier,
    RowsRead,
    columns_of_others,
    held_by_other_kinds,
    in_other_profiles,
    in_rows_of_other_kinds,
    of_both,
    says_little,
    sources,
    together,
    unknown,
)
from lacuna.subject.inventory_scope import Own
from lacuna.subject.value_forms import (
    classified,
    comparable,
    file_names,
    joined_parts,
    kept_texts,
    values_of,
)

_SINGLING_OUT: Final = frozenset(
    {
        IdentifierKind.EMAIL,
        IdentifierKind.PHONE,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.ADDRESS,
    }
)
"""What means its holders, few as they are, whoever writes it."""
_SAID_BY_COLUMN: Final = BY_FORM | {IdentifierKind.EXTERNAL_ID}
"""What goes from rows of others only if a column or key says so: a week, a model look like ids."""
_WRITTEN: Final = ("user.content", "user.behavior")
_SHORT: Final = 400
"""Characters; a longer text is not likely to be the same in two rows."""
_MOST_COMPARED: Final = 10_000
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def read_known_values(
    people: Sequence[Person],
    own: Own,
    datamap: DataMap,
    platform: Holders,
) -> list[Person]:
    """Return people of one tenant with every value that an erasure of their rows takes away.

    A value that is in other people's rows too counts only in the person's own rows, a number
    or address of their profile everywhere but in the rows of those others; one that ten others
    hold, or somebody of another kind (an agent), is not the person's. What stays in the person's rows,
    or in a table of nobody's, counts in the person's own texts.
    """
    if not people:
        return []
    org_id = people[0].org_id
    found = _values({one.ref: own[one.ref] for one in people}, datamap, platform.reading)
    found = {ref: unknown(ref, values, platform.matcher) for ref, values in found.items()}
    said = {text for values in found.values() for read in values.values() for text in read.texts}
    holding, naming = columns_of_others(datamap)
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
    shared = of_both(
        held_by_other_kinds(people, platform),
        in_other_profiles(people, holding, datamap, platform.reading),
    )
    of_others = OfOthers(theirs, named, in_rows_of_other_kinds(said, org_id, platform))
    people = _without_names_of_tenant(people, platform.reading)
    return [
        _with_values(
            replace(one, shared=together(one, shared)),
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
    """Return people who are named as the tenant is with that name only in their own rows."""
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


def _is_written_key(key: str) -> bool:
    """Whether people write a key: a customer's or an order's number, and no number of a row."""
    return not key.isdigit() and _UUID.fullmatch(key) is None


def carried_over(fresh: Person, copy: Person) -> Person:
    """Return a person looked up again, with the values that were read from their rows before.

    Rows that are treated already hold them no more.
    """
    known = dict.fromkeys((*fresh.known, *(one for one in copy.known if one in copy.read)))
    read = copy.read - frozenset(fresh.known)
    return replace(
        fresh,
        known=tuple(known),
        own_values=tuple(one for one in copy.own_values if one not in known),
        said_names=copy.said_names,
        read=read,
        left=copy.left,
        led=copy.led,
        shared={**fresh.shared, **{one: copy.shared[one] for one in read & copy.shared.keys()}},
    )


def _values(
    own: Own, datamap: DataMap, reading: PlatformReading
) -> Mapping[SubjectRef, RowsByIdentifier]:
    """Return the values that go from the people's rows, and whether these keep them elsewhere."""
    found: dict[SubjectRef, dict[Identifier, RowsRead]] = {
        ref: defaultdict(RowsRead) for ref in own
    }
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
        repeated = _Repeated()
        compared = _Compared()
        for key, row in reading.keyed_rows(name, names, by_key):
            refs = by_key[key]
            for text, identifier in _in_written(written, row[len(taken) + len(staying) :]):
                for ref in refs:
                    read = found[ref][identifier]
                    read.add(text, identifier)
                    # Paths of others may end in the same word, and are not compared with it.
                    is_file = identifier.kind is IdentifierKind.FILE
                    read.is_recorded |= is_file and len(identifier.value.split()) > 1
                    read.is_named = read.is_held = True
            row = row[: len(taken) + len(staying)]
            fresh = repeated.without(refs, zip(taken, row[: len(taken)], strict=True))
            for column, content in fresh:
                of_members = {compared[one] for one in kept_texts(content, column)}
                for ref in refs:
                    kept[ref] |= of_members
            of_row = chain(
                _cell_values(table, fresh, is_profile=name == profile),
                _joined_values(taken, row),
            )
            for text, identifier, *said in of_row:
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
                kept[ref].update(compared[str(one)] for one in (*stays, *row[len(taken) :]))
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


class _Compared(dict[str, str]):
    """Texts of a table as `comparable` makes them: a program writes a state into thousands of rows."""

    def __missing__(self, text: str) -> str:
        said = comparable(text)
        if len(text) <= _SHORT:
            if len(self) >= _MOST_COMPARED:
                self.clear()
            self[text] = said
        return said


class _Repeated:
    """What was read already in rows of the same people: a program writes an address into thousands."""

    def __init__(self) -> None:
        self._read: set[tuple[tuple[SubjectRef, ...], str, str]] = set()

    def without(
        self, refs: Sequence[SubjectRef], cells: Iterable[tuple[Column, object]]
    ) -> list[tuple[Column, object]]:
        """Return the cells of a row of these people that say something new."""
        fresh = []
        for column, content in cells:
            if isinstance(content, str) and len(content) <= _SHORT:
                cell = (tuple(refs), column.name, content)
                if cell in self._read:
                    continue
                self._read.add(cell)
            fresh.append((column, content))
        return fresh


def _cell_values(
    table: Table, cells: Sequence[tuple[Column, object]], *, is_profile: bool
) -> Iterator[tuple[str, Identifier, bool, bool, bool, bool]]:
    """Yield the values in some columns of a row.

    Returns:
        text, value, whether the platform recorded it, whether a column or key says what it is,
        whether the person holds it there, and is not just named, and whether it is a whole name in
        one word.
    """
    for column, content in cells:
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


def _joined_values(
    columns: Sequence[Column], row: Sequence[object]
) -> Iterator[tuple[str, Identifier, bool, bool, bool, bool]]:
    """Yield the values that columns of a row make together, as `_cell_values` does."""
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
    values: RowsByIdentifier,
    held: Mapping[str, frozenset[str]],
    of_others: OfOthers,
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
        is_common = len(others | naming) >= COMMON
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
        elif others or is_common or not is_sure or values[one].is_kept or says_little(one):
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
    return identifier.kind in _SINGLING_OUT and not says_little(identifier)
