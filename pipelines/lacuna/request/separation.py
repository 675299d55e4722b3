"""Takes rights out of a request into one of its own, so that each can end in its own way."""

from collections.abc import Collection
from dataclasses import replace

from lacuna.errors import RequestError
from lacuna.model.evidence import Action
from lacuna.model.queue import Purpose
from lacuna.model.request import Request, RequestKind, RequestState, advance
from lacuna.ports import Desk
from lacuna.request.decision import void_approvals

# What was sent to be confirmed stays with the request that it names.
_COPIED = (
    Purpose.IDENTIFIERS,
    Purpose.IDENTITY,
    Purpose.INSTRUCTION,
    Purpose.PERSON,
    Purpose.REQUESTER,
    Purpose.COMMENTS,
)
_PLANNED = frozenset({RequestState.PLANNED, RequestState.APPROVED})


def split(
    request: Request, kinds: Collection[RequestKind], ids: tuple[str, str], desk: Desk
) -> Request:
    """Return a request of its own for some of the rights; the other one keeps the rest.

    Both count from the same receipt, with the same clock. What was planned for all of them
    together is planned again, and waits for its approval as any plan does.

    Args:
        ids: random UUIDs: of the new request, and the salt of its plan.

    Raises:
        RequestError: it does not ask for these rights, or for no others.
        IllegalTransition: data has been changed already.
    """
    taken = tuple(kind for kind in request.kinds if kind in kinds)
    rest = tuple(kind for kind in request.kinds if kind not in kinds)
    if len(taken) != len(set(kinds)) or not taken or not rest:
        raise RequestError(
            f"{request.reference} asks for {', '.join(request.kinds)}; name some of these "
            "rights, but not all"
        )
    kept = request
    void_approvals(request, desk)
    if request.state in _PLANNED:
        kept = desk.queue.requests.move(request, RequestState.HELD, at=desk.now)
        kept = desk.queue.requests.move(kept, RequestState.RESOLVED, at=desk.now)
    elif request.state is not RequestState.HELD:
        # Only what has changed no data can still end in two ways.
        advance(request.reference, request.state, RequestState.HELD)
    request_id, nonce = ids
    new = replace(
        request, request_id=request_id, kinds=taken, state=RequestState.RECEIVED, plan_digest=None
    )
    new = desk.queue.requests.insert(
        new, created_at=desk.now, nonce=nonce, split_of=request.request_id
    )
    new = replace(new, attempt=0)
    desk.queue.requests.set_clock(new)
    # Restrictions that a plan left are made again for the rights that stay.
    desk.queue.people.unrestrict(request.request_id)
    for purpose in _COPIED:
        copy_secret(request, new, purpose, desk)
    if RequestKind.RECTIFICATION in taken:
        copy_secret(request, new, Purpose.RECTIFICATION, desk)
    desk.queue.requests.narrow(kept, rest)
    key = desk.queue.secrets.bundle_key(request.request_id)
    if key is not None:
        desk.queue.secrets.set_bundle_key(request_id, key)
    for one in (request, new):
        desk.record(
            Action.RIGHTS_SPLIT,
            "lacuna.request",
            request_id=one.request_id,
            counts=(len(taken), None),
        )
    return new


def copy_secret(request: Request, new: Request, purpose: Purpose, desk: Desk) -> None:
    """Encrypt what is kept with a request for another one too; nothing where there is none."""
    secret = desk.queue.secrets.get(request.request_id, purpose)
    if secret is not None:
        clear = desk.keys.decrypt(request.request_id, secret)
        desk.queue.secrets.put(new.request_id, purpose, desk.keys.encrypt(new.request_id, clear))
