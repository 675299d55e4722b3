"""Takes a request back on a mail of whoever asked: theirs alone, and only where there is no doubt."""

import hashlib

from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import NEXT, Request, RequestState
from lacuna.model.sender import Sender
from lacuna.ports import Desk
from lacuna.request.acceptance import identifiers_of
from lacuna.request.decision import withdraw
from lacuna.request.letters_due import requester_of
from lacuna.treatment import compared


def theirs_to_take_back(sender: Sender, org_id: str, desk: Desk) -> Request | None:
    """Return the open request that a sender may take back, or None where a person has to look.

    A person looks where nobody vouches for the sender and no code came back from them, where they have no open request or several
    of them, and where data has been changed already: that cannot be undone. What a controller or
    an agent sent in is theirs to take back, not that of whom they named.
    """
    if not (sender.is_vouched or sender.is_confirmed):
        return None
    open_requests = desk.queue.requests.open_of(org_id)
    found = [one for one in open_requests if _is_theirs(one, sender.address, desk)]
    if len(found) != 1 or RequestState.WITHDRAWN not in NEXT[found[0].state]:
        return None
    return found[0]


def take_back(request: Request, mail_id: str, desk: Desk) -> Request:
    """Withdraw a request on a mail, which was recorded as what takes it back.

    The ledger names the mail by the digest of its id: it is in no officer's name.

    Raises:
        StatementRefused: no such mail was recorded.
    """
    desk.queue.requests.name_withdrawal(request.request_id, mail_id)
    digest = hashlib.sha256(mail_id.encode()).hexdigest()
    return withdraw(request, desk, by=("lacuna.mail", digest))


def _is_theirs(request: Request, address: str, desk: Desk) -> bool:
    """Whether a request was made by this address, or for it by nobody who is known."""
    try:
        given = identifiers_of(request, desk)
        requester = requester_of(request, desk)
        if requester is not None:
            return requester["address"] == address
    except (EvidenceBroken, UnknownRequest):
        return False  # it fails when its own turn comes
    return any(one.kind is IdentifierKind.EMAIL and compared(one.value) == address for one in given)
