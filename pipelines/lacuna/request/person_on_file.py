"""What was on file of a request's person: to know a caller, and the recipient of a bundle, by."""

import json
from collections.abc import Iterable
from typing import Final

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Purpose
from lacuna.model.request import Request
from lacuna.ports import Desk

_KEPT: Final = (
    IdentifierKind.NAME,
    IdentifierKind.EMAIL,
    IdentifierKind.PHONE,
    IdentifierKind.EXTERNAL_ID,
    IdentifierKind.ADDRESS,
)


def sealed_recipient(request: Request, known: Iterable[Identifier], desk: Desk) -> bytes | None:
    """Return by what the recipient of a bundle is known, encrypted; None where nothing is.

    To be kept (`Purpose.RECIPIENT`) after what was kept of the request is forgotten, until its bundle is
    deleted.

    Args:
        known: identifiers of the person that were on file.
    """
    kept = [[str(one.kind), one.value] for one in known if one.kind in _KEPT]
    if not kept:
        return None
    return desk.keys.encrypt(request.request_id, json.dumps(kept).encode())


def on_file(request: Request, desk: Desk) -> tuple[Identifier, ...]:
    """Return the identifiers on file of the person whom a request was found to be about.

    Of a closed request, only while its bundle is kept. Values that the data map does not recognize people
    by are left out.
    """
    if (secret := desk.queue.secrets.get(request.request_id, Purpose.PERSON)) is not None:
        copy = json.loads(desk.keys.decrypt(request.request_id, secret))
        read = [*copy.get("read", ())]
        pairs = [one for one in copy["known"] if one not in read]
    elif (secret := desk.queue.secrets.get(request.request_id, Purpose.RECIPIENT)) is not None:
        pairs = json.loads(desk.keys.decrypt(request.request_id, secret))
    else:
        return ()
    return tuple(Identifier(IdentifierKind(kind), value) for kind, value in pairs)
