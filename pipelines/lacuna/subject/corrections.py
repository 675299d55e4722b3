"""What a correction makes wrong values of, and in which rows copies of these stand (Art. 16).

Whether a value means the person wherever it stands, and who else holds it, is what the known values
of an erasure say of it.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lacuna.model.correction import CopiesFound, Correction
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.table import Column, Table
from lacuna.ports import Corrector, PlatformReading, TextRow
from lacuna.subject.held_values import Holders
from lacuna.subject.identification import joined_names
from lacuna.subject.known_values import read_known_values
from lacuna.subject.value_forms import comparable, values_of

_MEANS_SOMEBODY = frozenset(
    {
        IdentifierKind.EMAIL,
        IdentifierKind.PHONE,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.NAME,
        IdentifierKind.ADDRESS,
    }
)
_RowsByTable = Mapping[TableName, frozenset[RowKey]]


@dataclass(frozen=True)
class _Wrong:
    """A value that stood in a column of the person's row, and what is to stand there."""

    column: Column
    old: Identifier = field(repr=False)
    new: str = field(repr=False)


def corrections_of(
    person: Person,
    own: _RowsByTable,
    rectified: Mapping[str, str],
    datamap: DataMap,
    holders: Holders,
) -> tuple[Correction, ...]:
    """Return the corrections that new values of a person's columns make.

    A value that the person keeps in another column that is corrected was moved, not wrong. One that
    is taken out of a list or a document without another in its place corrects nothing.

    Args:
        own: their rows.
        rectified: columns of the subject table, and their new values.
    """
    table = datamap.tables[datamap.subject.table]
    wrong = [*_in_columns(person, rectified, table, holders.reading)]
    wrong += _in_full_names(person, wrong, datamap, holders.reading)
    kept = {comparable(text) for value in rectified.values() for text in (value, *_parts(value))}
    wrong = [one for one in wrong if comparable(one.old.value) not in kept]
    if not wrong:
        return ()
    recognized = replace(person, known=person.identifiers, own_values=())
    (known,) = read_known_values([recognized], {person.ref: own}, datamap, holders)
    of_platform = _of_platform(wrong, person, own, datamap, holders.reading)
    found: dict[Identifier, Correction] = {}
    for one in wrong:
        said = comparable(one.old.value)
        known_as = [each for each in known.known if comparable(each.value) == said]
        shared = frozenset[str]().union(*(known.shared.get(each, ()) for each in known_as))
        means = one.old.kind in _MEANS_SOMEBODY and bool(known_as) and said not in of_platform
        found.setdefault(
            one.old,
            Correction(
                one.column.name,
                one.column.category,
                one.old,
                one.new,
                is_everywhere=means,
                holders=shared if means else frozenset(),
            ),
        )
    return tuple(found.values())


def _in_columns(
    person: Person, rectified: Mapping[str, str], table: Table, reading: PlatformReading
) -> Iterator[_Wrong]:
    names = sorted(rectified)
    columns = [table.column(name) for name in names]
    for row in reading.rows(table.name, names, [(key,) for key in person.row_keys]):
        for column, content in zip(columns, row, strict=True):
            for old, new in _replaced(content, rectified[column.name]):
                if old.strip() and comparable(old) != comparable(new):
                    yield _Wrong(column, _classified(old, column), new)


def _replaced(content: object, new: str) -> Iterator[tuple[str, str]]:
    """Yield the values of a column that go, each with the one that takes its place."""
    match content:
        case None:
            return
        case list():
            left, right = [str(one) for one in content], [*_elements(new)]
            gone = [one for one in left if one not in right]
            yield from zip(gone, [one for one in right if one not in left], strict=False)
        case dict():
            before, after = dict(_leaves(content)), dict(_leaves(_parsed(new)))
            yield from ((old, after[path]) for path, old in before.items() if path in after)
        case _:
            yield str(content), new


def _elements(literal: str) -> Sequence[str]:
    """Return the elements of an array as PostgreSQL writes it.

    >>> _elements('{a@example.org,"b, c"}')
    ['a@example.org', 'b, c']
    """
    inside = literal.strip().removeprefix("{").removesuffix("}")
    return next(csv.reader([inside], escapechar="\\", doublequote=False), [])


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None  # the database refuses it


def _leaves(document: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    match document:
        case dict():
            for name, inner in document.items():
                yield from _leaves(inner, (*path, str(name)))
        case list():
            for number, inner in enumerate(document):
                yield from _leaves(inner, (*path, str(number)))
        case str() | int() if not isinstance(document, bool):
            yield path, str(document)
        case _:
            return


def _parts(value: str) -> Iterator[str]:
    if value.startswith("{"):
        document = _parsed(value)
        yield from (text for _, text in _leaves(document)) if document else _elements(value)


def _classified(text: str, column: Column) -> Identifier:
    """Return a value with its kind, as the known values of an erasure have it; else one of no kind."""
    for _, identifier, is_named in values_of(text, column):
        if is_named and comparable(identifier.value) == comparable(text):
            return Identifier(identifier.kind, text.strip())
    return Identifier(IdentifierKind.OTHER, text.strip())


def _in_full_names(
    person: Person, wrong: Sequence[_Wrong], datamap: DataMap, reading: PlatformReading
) -> Iterator[_Wrong]:
    """Yield the full names that wrong parts of a name make, with those that the right ones make."""
    table = datamap.tables[datamap.subject.table]
    whole = next(
        (
            table.column(one.column.name)
            for one in datamap.subject.identifiers
            if one.kind is IdentifierKind.NAME
            and one.column.table == table.name
            and not one.is_short
        ),
        None,
    )
    short = {
        one.column.name
        for one in datamap.subject.identifiers
        if one.kind is IdentifierKind.NAME and one.column.table == table.name and one.is_short
    }
    parts = {one.old.value: one.new for one in wrong if one.column.name in short}
    if whole is None or not parts or any(one.column == whole for one in wrong):
        return
    for pairs in reading.identifiers_of(person.org_id, person.row_keys).values():
        right = [
            (
                Identifier(one.kind, parts.get(one.value, one.value) if is_short else one.value),
                is_short,
            )
            for one, is_short in pairs
        ]
        for (old, _), (new, _) in zip(joined_names(pairs), joined_names(right), strict=False):
            if old != new:
                yield _Wrong(whole, old, new.value)


def _of_platform(
    wrong: Iterable[_Wrong],
    person: Person,
    own: _RowsByTable,
    datamap: DataMap,
    reading: PlatformReading,
) -> frozenset[str]:
    """Return the wrong values that the platform holds too, as they compare: a mailbox, an agent's name."""
    said = {comparable(one.old.value) for one in wrong}
    found = reading.values_of_nobody(person.org_id, said) | reading.values_of_staff(
        person.org_id, said
    )
    for name, keys in own.items():
        table = datamap.tables[name]
        fixed = {*table.key, *table.tenant_columns, *(link.column for link in table.links)}
        columns = [
            one.name
            for one in table.columns
            if not one.is_personal and not one.is_text and one.name not in fixed
        ]
        for row in reading.rows(name, columns, keys) if columns else ():
            found |= said & {comparable(one) for one in row if isinstance(one, str)}
    return found


def copies_in_rows(
    own: _RowsByTable, reading: PlatformReading, corrector: Corrector
) -> tuple[CopiesFound, ...]:
    """Return where copies of the old values stand: in the person's rows, and where others name them."""
    found: dict[ColumnName, set[RowKey]] = defaultdict(set)

    def search(
        table: TableName, rows: Sequence[TextRow], whose: Mapping[RowKey, frozenset[str]]
    ) -> None:
        for change in corrector.correct_rows(table, rows, whose):
            for name in change.texts:
                found[ColumnName(table, name)].add(change.key)

    for table, keys in own.items():
        columns = corrector.rules.columns(table)
        whose = corrector.whose(table, keys, reading)
        for batch in reading.texts_of(table, columns, keys) if columns else ():
            search(table, batch, whose)
    for table, batch in reading.texts([corrector.rules.org_id]):
        search(table, [row for row in batch if row.key not in own.get(table, ())], {})
    return tuple(CopiesFound(column, frozenset(keys)) for column, keys in sorted(found.items()))


def pack_corrections(corrections: Sequence[Correction]) -> bytes:
    """Return corrections as JSON bytes. Personal data: encrypt it."""
    return json.dumps(
        [
            [
                one.column,
                one.category,
                str(one.old.kind),
                one.old.value,
                one.new,
                one.is_everywhere,
                sorted(one.holders),
            ]
            for one in corrections
        ]
    ).encode()


def unpack_corrections(content: bytes) -> tuple[Correction, ...]:
    """Return the corrections that `pack_corrections` wrote."""
    return tuple(
        Correction(
            column,
            category,
            Identifier(IdentifierKind(kind), old),
            new,
            is_everywhere=is_everywhere,
            holders=frozenset(holders),
        )
        for column, category, kind, old, new, is_everywhere, holders in json.loads(content)
    )
