"""What officers write about a request: encrypted with its other contents, and forgotten with them."""

import json
from datetime import datetime
from typing import Final

from lacuna.errors import MalformedRequest, RequestError
from lacuna.model.assignment import OfficerComment
from lacuna.model.evidence import Action
from lacuna.model.queue import Purpose
from lacuna.model.request import Request
from lacuna.ports import Desk

LONGEST_COMMENT: Final = 2_000
"""Characters of one comment."""
_MOST: Final = 200


def comment(request: Request, text: str, desk: Desk) -> int:
    """Add a comment to a request that is locked; return how many it has now.

    Raises:
        RequestError: the request is closed, or has as many as are kept.
        MalformedRequest: the comment is empty or too long.
    """
    if request.state.is_final:
        raise RequestError(
            f"{request.reference} is {request.state}, and its contents are deleted; a comment "
            "could not be kept"
        )
    text = text.strip()
    if not text or len(text) > LONGEST_COMMENT:
        raise MalformedRequest(f"request: a comment has 1 to {LONGEST_COMMENT} characters")
    found = comments_of(request, desk)
    if len(found) >= _MOST:
        raise RequestError(f"{request.reference} has {_MOST} comments; no more are kept")
    written = [(one.at.isoformat(), one.officer, one.text) for one in found]
    written.append((desk.now.isoformat(), desk.actor, text))
    secret = desk.keys.encrypt(request.request_id, json.dumps(written).encode())
    desk.queue.secrets.put(request.request_id, Purpose.COMMENTS, secret)
    desk.record(
        Action.COMMENTED,
        "lacuna.request_secret",
        request_id=request.request_id,
        counts=(len(written), None),
    )
    return len(written)


def comments_of(request: Request, desk: Desk) -> tuple[OfficerComment, ...]:
    """Return the comments on a request, oldest first; none once it is closed."""
    secret = desk.queue.secrets.get(request.request_id, Purpose.COMMENTS)
    if secret is None:
        return ()
    written = json.loads(desk.keys.decrypt(request.request_id, secret))
    return tuple(
        OfficerComment(datetime.fromisoformat(at), officer, text) for at, officer, text in written
    )
