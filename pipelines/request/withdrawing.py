"""Takes a request back on a mail of whoever asked: theirs alone, and only where there is no doubt."""

import json

from pipelines.errors import EvidenceBroken, IllegalTransition, UnknownRequest
from pipelines.model.identity import IdentifierKind
from pipelines.model.queue import Purpose
from pipelines.model.request import Request
from pipelines.model.sender import Sender
from pipelines.ports import Desk
from pipelines.request.accept import identifiers_of
from pipelines.request.decide import withdraw
from pipelines.treatment import compared


def take_back(sender: Sender, org_id: str, desk: Desk) -> Request | None:
    """Withdraw the open request of a sender; return it, or None where a person has to look.

    A person looks where nobody vouches for the sender, where they have no open request or several
    of them, and where data has been changed already: that cannot be undone. What a controller or
    an agent sent in is theirs to take back, not that of whom they named.
    """
    if not sender.is_vouched:
        return None
    found = [one for one in desk.queue.open_of(org_id) if _is_theirs(one, sender.address, desk)]
    if len(found) != 1:
        return None
    try:
        return withdraw(found[0], desk)
    except IllegalTransition:
        return None


def _is_theirs(request: Request, address: str, desk: Desk) -> bool:
    """Whether a request was made by this address, or for it by nobody who is known."""
    try:
        given = identifiers_of(request, desk)
        secret = desk.queue.secret(request.request_id, Purpose.REQUESTER)
        if secret is not None:
            requester = json.loads(desk.keys.decrypt(request.request_id, secret))["address"]
            return bool(requester == address)
    except (EvidenceBroken, UnknownRequest):
        return False  # it fails when its own turn comes
    return any(one.kind is IdentifierKind.EMAIL and compared(one.value) == address for one in given)
