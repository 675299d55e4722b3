"""A person says which of several people an ambiguous request is about."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from lacuna.errors import RequestError
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind, IdentityBasis, Person
from lacuna.model.queue import Obstacle, Purpose
from lacuna.model.request import Request, RequestState
from lacuna.ports import Desk
from lacuna.treatment import compared

MOST_CANDIDATES = 50
"""More people than that are told apart by another identifier, not by reading them."""


@dataclass(frozen=True)
class Candidate:
    """Somebody whom an ambiguous request could mean.

    Attributes:
        key: of their row in the subject table.
        known: what they can be told apart by.
        copy: what is kept of them if it is they.
    """

    key: str = field(repr=False)
    known: tuple[Identifier, ...] = field(repr=False)
    copy: bytes = field(repr=False)


def keep_candidates(
    request: Request, people: Iterable[tuple[str, Person, bytes]], desk: Desk
) -> None:
    """Keep whom a request could mean, encrypted with its key, until it closes.

    Args:
        people: of each one the key, what is known, and the copy that is kept of the right one.
    """
    content = [
        [key, [[str(one.kind), one.value] for one in _told_apart_by(person)], copy.decode()]
        for key, person, copy in people
    ]
    secret = desk.keys.encrypt(request.request_id, json.dumps(content).encode())
    desk.queue.secrets.put(request.request_id, Purpose.CANDIDATES, secret)


def _told_apart_by(person: Person) -> tuple[Identifier, ...]:
    """Return the known values of a person; of one without a full name, also their short names."""
    if any(one.kind is IdentifierKind.NAME for one in person.known):
        return person.known
    return (*(Identifier(IdentifierKind.NAME, one) for one in person.short_names), *person.known)


def candidates_of(request: Request, desk: Desk) -> tuple[Candidate, ...]:
    """Return whom an ambiguous request could mean; nobody for any other."""
    secret = desk.queue.secrets.get(request.request_id, Purpose.CANDIDATES)
    if secret is None or not _is_to_be_chosen(request, desk):
        return ()
    return tuple(
        Candidate(
            key,
            tuple(Identifier(IdentifierKind(kind), value) for kind, value in known),
            copy.encode(),
        )
        for key, known, copy in json.loads(desk.keys.decrypt(request.request_id, secret))
    )


def _is_to_be_chosen(request: Request, desk: Desk) -> bool:
    # After a hold, one that is ambiguous is resolved by its state, and waits for the same choice.
    return request.state is RequestState.AMBIGUOUS or (
        request.state is RequestState.RESOLVED
        and desk.queue.requests.obstacle(request.request_id) is Obstacle.AMBIGUOUS
    )


def resolve(request: Request, key: str, desk: Desk) -> Request:
    """Bind an ambiguous request to one of its candidates, and move it on.

    Raises:
        RequestError: the request is not ambiguous, or the contact is none of its candidates.
    """
    if not _is_to_be_chosen(request, desk):
        raise RequestError(f"{request.reference} is {request.state}: there is no person to choose")
    candidates = candidates_of(request, desk)
    for candidate in candidates:
        if candidate.key == key:
            return bind(request, (candidate.copy, candidate.known), "lacuna.request", desk)
    raise RequestError(
        f"{request.reference}: this contact is not among its {len(candidates)} candidates"
    )


def bind(
    request: Request, person: tuple[bytes, Iterable[Identifier]], location: str, desk: Desk
) -> Request:
    """Keep a person's copy for a request, and move it on if it was ambiguous.

    Whoever was verified by a mail of somebody else's is not verified as this person.

    Args:
        person: the copy, and what is known of them.
    """
    copy, known = person
    if not _is_theirs(request, known, desk):
        desk.queue.requests.doubt_identity(request)
    secret = desk.keys.encrypt(request.request_id, copy)
    desk.queue.secrets.put(request.request_id, Purpose.PERSON, secret)
    moved = request
    if request.state is RequestState.AMBIGUOUS:
        moved = desk.queue.requests.move(request, RequestState.RESOLVED, at=desk.now)
    desk.record(Action.RESOLVED, location, request_id=request.request_id, counts=(1, None))
    return moved


def _is_theirs(request: Request, known: Iterable[Identifier], desk: Desk) -> bool:
    """Whether what a request's identity rests on holds for a person: of a mail, its writer's address."""
    if not request.is_verified or request.identity_basis is not IdentityBasis.MAIL:
        return True
    secret = desk.queue.secrets.get(request.request_id, Purpose.REQUESTER)
    if secret is None:
        return False
    address = json.loads(desk.keys.decrypt(request.request_id, secret))["address"]
    return any(one.kind is IdentifierKind.EMAIL and compared(one.value) == address for one in known)
