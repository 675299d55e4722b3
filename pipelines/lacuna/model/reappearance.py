"""What recognizes an erased person who comes back: by a restore, a late export, a re-sync."""

from dataclasses import dataclass, field
from datetime import datetime

from lacuna.model.hold import ItemHold
from lacuna.model.identity import Identifier, IdentifierKind, Person, RowsLed
from lacuna.model.request import CONTACT


@dataclass(frozen=True)
class ErasedPerson:
    """One person who was erased, by the ids that other systems gave them; nothing else.

    Attributes:
        request_id: the request that erased them.
        vendor_ids: keys of their rows, and external ids that nobody else held.
        person_kind: what the person was to the platform.
        holds: on their tables, that had not lapsed when the rest of them was erased.
        rows: of somebody without a row, those that led to them. Whoever writes again after an erasure
            has others, and has not come back.
        until: when no backup can bring them back any more, and this is destroyed.
    """

    request_id: str
    org_id: str
    vendor_ids: tuple[Identifier, ...] = field(repr=False)
    until: datetime
    person_kind: str = field(repr=False, default=CONTACT)
    holds: tuple[ItemHold, ...] = ()
    rows: RowsLed = field(repr=False, default_factory=dict, hash=False)


def vendor_ids(person: Person) -> tuple[Identifier, ...]:
    """Return the ids by which a person can be recognized without the database that had them.

    An external id that somebody else holds too would recognize that person.
    """
    keys = [Identifier(IdentifierKind.CONTACT_ID, key) for key in person.keys]
    external = [
        one
        for one in person.identifiers
        if one.kind is IdentifierKind.EXTERNAL_ID and one not in person.shared
    ]
    return (*keys, *external)
