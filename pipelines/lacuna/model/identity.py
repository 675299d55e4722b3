"""Who a request is about: identifiers, known values and the rows that belong to the person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType, TypeAlias

from lacuna.model.hold import HeldItems
from lacuna.model.location import RowKey, TableName

SubjectRef = NewType("SubjectRef", str)
"""Random id of a data subject inside Lacuna (the id of the request). It says nothing about them."""


class IdentifierKind(StrEnum):
    """What sort of value an identifier is."""

    EMAIL = "email"
    PHONE = "phone"
    EXTERNAL_ID = "external_id"
    CONTACT_ID = "contact_id"
    CONVERSATION_ID = "conversation_id"
    MESSAGE_ID = "message_id"
    NAME = "name"
    ADDRESS = "address"
    DATE_OF_BIRTH = "date_of_birth"
    FILE = "file"
    OTHER = "other"

    @property
    def words(self) -> str:
        """The sort as people call it, in the singular."""
        return _WORDS.get(self, self.replace("_", " "))


_WORDS: Final = {
    IdentifierKind.EMAIL: "e-mail address",
    IdentifierKind.PHONE: "telephone number",
    IdentifierKind.EXTERNAL_ID: "customer number",
    IdentifierKind.CONTACT_ID: "id of the contact",
    IdentifierKind.CONVERSATION_ID: "id of the conversation",
    IdentifierKind.MESSAGE_ID: "id of the message",
    IdentifierKind.OTHER: "other value",
}


class ValueClass(StrEnum):
    """The classes of known values that a certificate names."""

    CONTACT = "contact"
    IDENTIFIER = "identifier"
    FULL_NAME = "full name"
    NAME_PART = "name part"
    ADDRESS = "address"
    DATE_OF_BIRTH = "date of birth"
    FILE = "file"
    OTHER = "other"


class IdentityBasis(StrEnum):
    """What shows that the requester is who they say."""

    MAIL = "mail"  # their mails alone, a code answered from the address on file among them
    STATED = "stated"  # another system or a person said how it was verified
    ERASED = "erased"  # the person was erased before, and is there again


@dataclass(frozen=True)
class Identifier:
    """A value that singles a data subject out, e.g. an e-mail address.

    Personal data: held in memory by one step, never logged, returned or stored in clear.
    """

    kind: IdentifierKind
    value: str = field(repr=False)


CLASS_OF_KIND: Final[Mapping[IdentifierKind, ValueClass]] = {
    IdentifierKind.EMAIL: ValueClass.CONTACT,
    IdentifierKind.PHONE: ValueClass.CONTACT,
    IdentifierKind.EXTERNAL_ID: ValueClass.IDENTIFIER,
    IdentifierKind.CONTACT_ID: ValueClass.IDENTIFIER,
    IdentifierKind.NAME: ValueClass.FULL_NAME,
    IdentifierKind.ADDRESS: ValueClass.ADDRESS,
    IdentifierKind.DATE_OF_BIRTH: ValueClass.DATE_OF_BIRTH,
    IdentifierKind.FILE: ValueClass.FILE,
    IdentifierKind.OTHER: ValueClass.OTHER,
}
"""Ids of conversations and messages stay in the data; a name alone is a part of one."""


BY_VALUE: Final = "\x01"
"""Begins the key of somebody without a row: no request may give a key with such a character."""


def value_key(kind: IdentifierKind, value: str = "") -> str:
    """Return the key of somebody who has no row: the value by which rows of theirs lead to nobody's.

    Personal data, unlike the key of a row: it is stored nowhere in clear.

    Args:
        value: as identifiers of its kind compare; without one, what such keys begin with.
    """
    return f"{BY_VALUE}{kind}{BY_VALUE}{value}"


def identifier_of_key(key: str) -> Identifier | None:
    """Return the identifier that a key of somebody without a row consists of; None for a row's."""
    if not key.startswith(BY_VALUE):
        return None
    _, kind, value = key.split(BY_VALUE, 2)
    return Identifier(IdentifierKind(kind), value)


def keys_of_rows(keys: Iterable[str]) -> tuple[str, ...]:
    """Return those of some people's keys that are keys of rows."""
    return tuple(key for key in keys if not key.startswith(BY_VALUE))


TAKES_NO_FILE: Final = frozenset({IdentifierKind.FILE, IdentifierKind.OTHER})
"""What takes no file with it that somebody else's row names: a company, the name of a form."""


RowsLed: TypeAlias = Mapping[TableName, frozenset[RowKey]]
"""Rows by table that lead to somebody without a row."""


@dataclass(frozen=True)
class Person:
    """One data subject of a batch with every value by which Lacuna knows them.

    Attributes:
        ref: the request that concerns them.
        org_id: the tenant (controller) whose contact they are.
        keys: primary keys, as text, of their rows in the subject table: the contact and
            the contacts merged into it. Empty after an erasure. Of somebody without a row, what
            `value_key` returns.
        known: every identifier found, without duplicates, and every known value read from the
            person's rows that nobody else of the tenant holds, or that means its holders alone.
            NAME holds full names; `short_names` the given and family names alone.
        short_names: names too short or common to search for outside the person's own rows.
        own_values: known values that count only in the person's own rows: others hold them too,
            or they say too little.
        said_names: full names that only the texts of their rows say, where nothing else says what
            they are called: they count beside another value of theirs.
        read: which of `known` were read from the person's rows.
        shared: the values out of `known` that other people hold too, with the keys of those
            people: such a value is left in the rows of the others.
        held: rows of theirs that a hold keeps from an erasure.
        left: how many values of their rows, by class, are looked for nowhere: ten others hold
            them, or somebody of another kind does.
        led: of somebody without a row, the rows that lead to them, or did before they were treated.
    """

    ref: SubjectRef
    org_id: str
    keys: tuple[str, ...] = field(repr=False)
    known: tuple[Identifier, ...] = field(repr=False)
    short_names: tuple[str, ...] = field(repr=False, default=())
    shared: Mapping[Identifier, frozenset[str]] = field(
        repr=False, default_factory=dict, hash=False
    )
    held: tuple[HeldItems, ...] = field(repr=False, default=(), hash=False)
    own_values: tuple[Identifier, ...] = field(repr=False, default=())
    said_names: tuple[Identifier, ...] = field(repr=False, default=())
    read: frozenset[Identifier] = field(repr=False, default=frozenset())
    left: Mapping[ValueClass, int] = field(default_factory=dict, hash=False)
    led: RowsLed = field(repr=False, default_factory=dict, hash=False)

    @property
    def row_keys(self) -> tuple[str, ...]:
        """Return those of `keys` that are of rows: none of somebody without one."""
        return keys_of_rows(self.keys)

    @property
    def is_named(self) -> bool:
        """Return whether a column says what they are called."""
        kinds = {one.kind for one in (*self.known, *self.own_values)}
        return IdentifierKind.NAME in kinds or bool(self.short_names)

    @property
    def is_nameless(self) -> bool:
        """Return whether they have no row of their own, and no column of theirs says what they are called."""
        return bool(self.keys) and not self.row_keys and not self.is_named

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """Return those of `known` that the data map recognizes people by, and that others may be told."""
        return tuple(one for one in self.known if one not in self.read)


class Unfound(StrEnum):
    """Why identifiers lead to no single person."""

    NOTHING_FOUND = "nothing_found"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Resolution:
    """The outcome of looking a request's identifiers up: one person, or the reason why not.

    Attributes:
        candidates: primary keys of the subject rows that the identifiers could mean; more
            than one only where `unfound` is AMBIGUOUS. Shown to nobody but the human who
            resolves the request.
    """

    ref: SubjectRef
    person: Person | None
    unfound: Unfound | None = None
    candidates: tuple[str, ...] = field(repr=False, default=())
