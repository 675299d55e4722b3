"""What is known of a person as bytes, to be encrypted and kept until their request closes."""

import json
from collections.abc import Iterable

from lacuna.model.hold import HeldItems
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef, ValueClass
from lacuna.model.location import ObjectPath, TableName, read_rows, written_rows


def pack(person: Person) -> bytes:
    """Return everything known of a person as JSON bytes. Personal data: encrypt it."""
    return json.dumps(
        {
            "org_id": person.org_id,
            "keys": list(person.keys),
            "known": [[str(one.kind), one.value] for one in person.known],
            "short_names": list(person.short_names),
            "own_values": [[str(one.kind), one.value] for one in person.own_values],
            "said_names": [[str(one.kind), one.value] for one in person.said_names],
            "read": sorted([str(one.kind), one.value] for one in person.read),
            "left": {str(one): count for one, count in sorted(person.left.items())},
            "shared": [
                [str(one.kind), one.value, sorted(holders)]
                for one, holders in person.shared.items()
            ],
            "led": written_rows(person.led),
            "held": [
                {
                    "table": [items.table.schema, items.table.name],
                    "keys": sorted(map(list, items.keys)),
                    "objects": sorted([one.store, one.path] for one in items.objects),
                }
                for items in person.held
            ],
        }
    ).encode()


def unpack(ref: SubjectRef, content: bytes) -> Person:
    """Return the person that `pack` wrote."""
    document = json.loads(content)
    return Person(
        ref=ref,
        org_id=document["org_id"],
        keys=tuple(document["keys"]),
        known=_identifiers(document["known"]),
        short_names=tuple(document["short_names"]),
        # A copy from before values were read from rows has none.
        own_values=_identifiers(document.get("own_values", ())),
        # A copy from before names were read from texts has none.
        said_names=_identifiers(document.get("said_names", ())),
        read=frozenset(_identifiers(document.get("read", ()))),
        left={ValueClass(one): count for one, count in document.get("left", {}).items()},
        shared={
            Identifier(IdentifierKind(kind), value): frozenset(holders)
            for kind, value, holders in document["shared"]
        },
        # A copy from before people without a row had rows has none.
        led=read_rows(document.get("led", ())),
        # A copy from before holds on tables has none.
        held=tuple(
            HeldItems(
                TableName(*items["table"]),
                frozenset(map(tuple, items["keys"])),
                frozenset(ObjectPath(*each) for each in items["objects"]),
            )
            for items in document.get("held", ())
        ),
    )


def _identifiers(pairs: Iterable[tuple[str, str]]) -> tuple[Identifier, ...]:
    return tuple(Identifier(IdentifierKind(kind), value) for kind, value in pairs)
