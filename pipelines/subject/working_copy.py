"""What is known of a person as bytes, to be encrypted and kept until their request closes."""

import json

from pipelines.model.identity import Identifier, IdentifierKind, Person, SubjectRef


def pack(person: Person) -> bytes:
    """Return everything known of a person as JSON bytes. Personal data: encrypt it."""
    return json.dumps(
        {
            "org_id": person.org_id,
            "keys": list(person.keys),
            "known": [[str(one.kind), one.value] for one in person.known],
            "short_names": list(person.short_names),
            "shared": [
                [str(one.kind), one.value, sorted(holders)]
                for one, holders in person.shared.items()
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
        known=tuple(Identifier(IdentifierKind(kind), value) for kind, value in document["known"]),
        short_names=tuple(document["short_names"]),
        shared={
            Identifier(IdentifierKind(kind), value): frozenset(holders)
            for kind, value, holders in document["shared"]
        },
    )
