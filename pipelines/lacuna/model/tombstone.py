"""The tombstone contact: the one row of a tenant that links point at where nobody may be named.

A link that may not be NULL has to point at somebody. All erased people of a tenant share one
row for that, which holds no value of anybody. Its key follows from the tenant, so that everybody
who reads the platform knows it, and nothing has to be remembered.
"""

import hashlib
from enum import StrEnum

from lacuna.model.location import TableName


class KeyKind(StrEnum):
    """What the keys of a table are, and so what a key made by Lacuna looks like.

    A sequence never reaches a made number: of 4 bytes it is negative, of 8 it lies between
    2^52 and 2^53, where programs that count with floating point still tell numbers apart.
    """

    UUID = "uuid"
    INTEGER = "integer"
    BIGINT = "bigint"


def tombstone_key(subject: TableName, org_id: str, kind: KeyKind = KeyKind.UUID) -> str:
    """Return the key of a tenant's tombstone contact, as text.

    >>> tombstone_key(TableName("crm", "people"), "north")
    'e8a6479b-58c1-8dcd-a713-26b3a23b0f0d'
    >>> tombstone_key(TableName("crm", "people"), "north", KeyKind.BIGINT)
    '8596413444623380'
    """
    made = hashlib.sha256(f"tombstone:{subject}:{org_id}".encode()).hexdigest()
    match kind:
        case KeyKind.BIGINT:
            return str(int(made[:13], 16) + 2**52)
        case KeyKind.INTEGER:
            return str(-1 - int(made[:8], 16) % 2**31)
        case KeyKind.UUID:
            pass
    # Version 8 of RFC 9562: a UUID made as somebody sees fit.
    return f"{made[:8]}-{made[8:12]}-8{made[13:16]}-a{made[17:20]}-{made[20:32]}"
