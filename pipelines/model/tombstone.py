"""The tombstone contact: the one row of a tenant that links point at where nobody may be named.

A link that may not be NULL has to point at somebody. All erased people of a tenant share one
row for that, which holds no value of anybody. Its key follows from the tenant, so that everybody
who reads the platform knows it, and nothing has to be remembered.
"""

import hashlib

from pipelines.model.location import TableName


def tombstone_key(subject: TableName, org_id: str) -> str:
    """Return the key of a tenant's tombstone contact, a UUID.

    >>> tombstone_key(TableName("crm", "people"), "north")
    'e8a6479b-58c1-8dcd-a713-26b3a23b0f0d'
    """
    made = hashlib.sha256(f"tombstone:{subject}:{org_id}".encode()).hexdigest()
    # Version 8 of RFC 9562: a UUID made as somebody sees fit.
    return f"{made[:8]}-{made[8:12]}-8{made[13:16]}-a{made[17:20]}-{made[20:32]}"
