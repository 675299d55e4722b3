"""The gate's own derivation of what a bundle must not say: values of staff and of other people.

It reads rows with queries of its own and tells what a value is by the rules of `derivation.py`.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person, ValueClass
from lacuna.model.table import Column, Table
from lacuna.ports import Verifying
from lacuna.verify.derivation import values_in
from lacuna.verify.folding import fold

_MANY: Final = 10
_SHORTEST: Final = 5
_LONG_NUMBER: Final = 9
_TELLING_DIGITS: Final = 8
_KIND_OF_CLASS: Final[Mapping[ValueClass, IdentifierKind]] = {
    ValueClass.FULL_NAME: IdentifierKind.NAME,
    ValueClass.IDENTIFIER: IdentifierKind.EXTERNAL_ID,
    ValueClass.ADDRESS: IdentifierKind.ADDRESS,
}
_LOGINS: Final = ("user.account.username", "user.unique_id")
_OF_STAFF: Final = ("user.name", "user.contact", *_LOGINS)
_WRITTEN: Final = ("user.content", "user.behavior")


def values_of_strangers(
    person: Person, datamap: DataMap, verifying: Verifying
) -> tuple[Identifier, ...]:
    """Return the values that other people and staff of the tenant hold, and the person does not.

    Of people, the rows that are theirs and those that name them by their key are read; what ten
    hold tells nobody.

    Raises:
        DataMapDrift: a table or column of the data map is missing.
    """
    holders: dict[Identifier, set[str]] = defaultdict(set)
    own = {_alike(one) for one in person.known}
    in_columns = set(own)
    mine = frozenset(person.keys)
    for table in datamap.tables.values():
        columns = {
            column.name: column for column in table.columns if _is_held(column, table, datamap)
        }
        for rows in verifying.rows(table.name, person.org_id, list(columns)) if columns else ():
            for name, values in rows.columns.items():
                for row, content in enumerate(values):
                    owners = rows.owners(row)
                    for one in _identifiers(content, columns[name]):
                        holders[one] |= owners
                        if owners & mine:
                            own.add(_alike(one))
                    if owners & mine and _is_plain(content):
                        in_columns.add(_said(str(content)))
    theirs = {one for one, owners in holders.items() if 0 < len(owners) < _MANY}
    staff = _of_staff(person.org_id, datamap, verifying)
    # A member of a document may say who serves the person: `{"am_login": "petra.a"}`.
    numbers = {one for one in staff if one.kind is IdentifierKind.EXTERNAL_ID}
    return tuple(
        sorted(
            (
                *(one for one in (theirs | staff) - numbers if _alike(one) not in own),
                *(one for one in numbers if _alike(one) not in in_columns),
            ),
            key=lambda one: (one.kind, one.value),
        )
    )


def _is_held(column: Column, table: Table, datamap: DataMap) -> bool:
    """Whether a column says of the people whom its row names by their key what is theirs."""
    subject = datamap.subject.table
    if table.name != subject and all(link.table != subject for link in table.links):
        return False
    return (
        column.is_personal
        and not column.is_text
        and column.object_store is None
        and column.name not in table.key
        and all(link.column != column.name for link in table.links)
        and not column.category.startswith(_WRITTEN)
    )


def _identifiers(content: object, column: Column) -> Iterator[Identifier]:
    if not isinstance(content, str):
        return
    for text, said in values_in(_read(content), column):
        one = _identifier(text, said)
        if one is not None and _tells(one):
            yield one


def _is_plain(content: object) -> bool:
    return isinstance(content, str) and content[:1] not in ("{", "[")


def _read(content: str) -> object:
    """Return a column's text as the document that it may be."""
    if content[:1] not in ("{", "["):
        return content
    try:
        found: object = json.loads(content, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return content
    return found


def _identifier(text: str, said: ValueClass) -> Identifier | None:
    if said is ValueClass.CONTACT:
        kind = IdentifierKind.EMAIL if "@" in text else IdentifierKind.PHONE
        return Identifier(kind, text)
    kind_of = _KIND_OF_CLASS.get(said)
    return None if kind_of is None else Identifier(kind_of, text)


def _tells(one: Identifier) -> bool:
    """Whether a value stands for few: no word, no short number, no street without its number."""
    match one.kind:
        case IdentifierKind.EXTERNAL_ID:
            digits = sum(map(str.isdigit, one.value))
            is_number = one.value.isdigit()
            return digits > 0 and len(one.value) >= (_LONG_NUMBER if is_number else _SHORTEST)
        case IdentifierKind.ADDRESS:
            return " " in one.value and any(map(str.isdigit, one.value)) and len(one.value) > 11
        case IdentifierKind.NAME:
            return len(fold(one.value)) > 11
        case _:
            return True


def _of_staff(org_id: str, datamap: DataMap, verifying: Verifying) -> set[Identifier]:
    """Return the values that identify agents: names, addresses, numbers, and logins of any letters."""
    found: set[Identifier] = set()
    for name in dict.fromkeys(column.table for column in datamap.subject.others):
        table = datamap.tables[name]
        if name == datamap.subject.table:
            continue  # contacts are in it too, and are read above
        columns = {
            column.name: column
            for column in table.columns
            if column.category.startswith(_OF_STAFF) and column.name not in table.key
        }
        for rows in verifying.rows(name, org_id, list(columns)) if columns else ():
            for one, values in rows.columns.items():
                for content in (value for value in values if isinstance(value, str)):
                    if columns[one].category.startswith(_LOGINS) and len(content) >= _SHORTEST:
                        found.add(Identifier(IdentifierKind.EXTERNAL_ID, content))
                    found.update(_identifiers(content, columns[one]))
    return found


def _alike(one: Identifier) -> tuple[str, str]:
    """Return a value as it compares: of a telephone number, its last digits."""
    if one.kind is IdentifierKind.PHONE:
        return "", "".join(filter(str.isdigit, one.value))[-_TELLING_DIGITS:]
    return _said(one.value)


def _said(text: str) -> tuple[str, str]:
    return "", "".join(filter(str.isalnum, fold(text)))
