"""Accepts a request: checks it, finds a duplicate, encrypts what it says of the person, queues it."""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from lacuna.errors import EvidenceBroken, MalformedRequest, UnknownRequest
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind, IdentityBasis
from lacuna.model.queue import Obstacle, Purpose, Submission
from lacuna.model.request import CONTACT, Level, Request, RequestKind, RequestState
from lacuna.ports import Desk, Queue
from lacuna.request.deadline import due
from lacuna.treatment import compared

_MOST_IDENTIFIERS: Final = 100
_LONGEST_VALUE: Final = 320  # an e-mail address: 64 + 1 + 255 bytes (RFC 5321)
_LONGEST_TEXT: Final = 10_000  # of a corrected value, or of how something was established
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ORDER: Final = tuple(RequestKind)
_KIND_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OF_CONTACTS: Final = frozenset({RequestKind.RESTRICTION, RequestKind.OBJECTION})
# Control and format characters, halves of pairs: a value that shows otherwise than it is finds
# nobody, and its certificate would say so.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs"})
KINDS_GIVEN: Final = frozenset(IdentifierKind) - {IdentifierKind.NAME, IdentifierKind.ADDRESS}
"""What a request can come with."""

EARLIEST_RECEIPT: Final = datetime(2018, 5, 25, tzinfo=UTC)
"""When the Regulation began to apply (Art. 99(2)): no request under it is older."""


@dataclass(frozen=True)
class Accepted:
    """The queued request, or the open one that this submission repeats."""

    request_id: str
    number: str
    is_duplicate: bool


def accept(
    submission: Submission,
    request_id: str,
    nonce: str,
    desk: Desk,
    *,
    country: str | None = None,
) -> Accepted:
    """Queue a request, unless an open one asks the same for the same person.

    One whose requester is verified is repeated by an open one of a verified requester alone, and what
    rests on more than mails by one that does so too.

    Args:
        request_id: random UUID for the new request.
        nonce: random UUID that salts its plan.
        country: of the controller, whose holidays move the due date.

    Raises:
        MalformedRequest: the submission is malformed; says which part, never its value.
    """
    return OpenRequests(desk).accept(submission, request_id, nonce, country=country)


_DuplicateKey = tuple[str, str, frozenset[RequestKind], frozenset[tuple[str, str]]]
"""Tenant, kind of person, rights and identifiers: what makes two requests the same."""


class OpenRequests:
    """The open requests of tenants, read once for all submissions of one transaction."""

    def __init__(self, desk: Desk) -> None:
        """Read nothing yet."""
        self._desk = desk
        self._read: set[str] = set()
        self._known: dict[_DuplicateKey, list[Request]] = {}

    def accept(
        self, submission: Submission, request_id: str, nonce: str, *, country: str | None = None
    ) -> Accepted:
        """Do as the function `accept` does."""
        submission = checked(submission, self._desk.now)
        self._read_those_of(submission.org_id)
        asked = (
            submission.org_id,
            submission.person_kind,
            frozenset(submission.kinds),
            comparable(submission.identifiers),
        )
        for other in self._known.get(asked, ()):
            if _proves_more(submission, other):
                continue  # Who wrote a mail, or pretends to have, keeps no proof of identity out.
            if _has_same_corrections(other, submission, self._desk):
                if submission.instructed_by is not None:
                    keep_instruction(other.request_id, submission.instructed_by, self._desk)
                if submission.is_forced and not other.is_forced:
                    self._desk.queue.requests.force(other.request_id)
                return Accepted(other.request_id, other.number, is_duplicate=True)
        request = _queue(submission, (request_id, nonce), self._desk, country=country)
        self._known.setdefault(asked, []).append(request)
        return Accepted(request_id, request.number, is_duplicate=False)

    def _read_those_of(self, org_id: str) -> None:
        if org_id in self._read:
            return
        self._read.add(org_id)
        others = self._desk.queue.requests.open_of(org_id)
        self._desk.queue.secrets.read_ahead([other.request_id for other in others])
        for other in others:
            if left_something(other, self._desk.queue):
                continue
            try:
                identifiers = comparable(identifiers_of(other, self._desk))
            except (EvidenceBroken, UnknownRequest):
                continue  # It fails when its own turn comes; it repeats nobody's submission.
            asked = org_id, other.person_kind, frozenset(other.kinds), identifiers
            self._known.setdefault(asked, []).append(other)


def left_something(request: Request, queue: Queue) -> bool:
    """Whether a request was carried out, and verification found what only another one takes away.

    That other one is no duplicate: both would wait for each other.
    """
    return (
        request.state is RequestState.APPLIED
        and queue.requests.obstacle(request.request_id) is Obstacle.VERIFICATION_FAILED
    )


def _proves_more(submission: Submission, other: Request) -> bool:
    """Whether a submission says more of who asks than an open request does, which stays what it is."""
    if submission.verified_by is None:
        return False
    by_mail = submission.identity_basis is IdentityBasis.MAIL
    return not other.is_verified or (other.identity_basis is IdentityBasis.MAIL and not by_mail)


def _queue(
    submission: Submission, ids: tuple[str, str], desk: Desk, *, country: str | None
) -> Request:
    """Queue a request that repeats none; return it."""
    request_id, nonce = ids
    times = due(submission.received_at, country=country)
    request = Request(
        request_id=request_id,
        org_id=submission.org_id,
        kinds=submission.kinds,
        state=RequestState.RECEIVED,
        level=submission.level,
        is_forced=submission.is_forced,
        received_at=submission.received_at,
        due_at=times.due_at,
        alarm_at=times.alarm_at,
        is_verified=submission.verified_by is not None,
        plan_digest=None,
        attempt=0,
        person_kind=submission.person_kind,
        identity_basis=None if submission.verified_by is None else submission.identity_basis,
    )
    request = desk.queue.requests.insert(request, created_at=desk.now, nonce=nonce)
    content = [[str(one.kind), one.value] for one in submission.identifiers]
    desk.queue.secrets.put(
        request_id, Purpose.IDENTIFIERS, desk.keys.encrypt(request_id, json.dumps(content).encode())
    )
    if submission.verified_by is not None:
        keep_identity_evidence(request_id, submission.verified_by, desk)
    if submission.instructed_by is not None:
        keep_instruction(request_id, submission.instructed_by, desk)
    if submission.rectifications:
        clear = json.dumps(dict(submission.rectifications)).encode()
        desk.queue.secrets.put(
            request_id, Purpose.RECTIFICATION, desk.keys.encrypt(request_id, clear)
        )
    if submission.bundle_key is not None:
        desk.queue.secrets.set_bundle_key(request_id, submission.bundle_key)
    desk.record(
        Action.RECEIVED,
        "lacuna.request",
        request_id=request_id,
        counts=(len(submission.identifiers), None),
    )
    return request


def keep_identity_evidence(request_id: str, how: str, desk: Desk) -> None:
    """Keep how identity was verified, encrypted: it may name the person."""
    secret = desk.keys.encrypt(request_id, how.encode())
    desk.queue.secrets.put(request_id, Purpose.IDENTITY, secret)


def keep_instruction(request_id: str, how: str, desk: Desk) -> None:
    """Keep what the controller instructed, encrypted: it may name the person."""
    secret = desk.keys.encrypt(request_id, how.encode())
    desk.queue.secrets.put(request_id, Purpose.INSTRUCTION, secret)


def identifiers_of(request: Request, desk: Desk) -> tuple[Identifier, ...]:
    """Return the identifiers given with a request; none once they were forgotten."""
    secret = desk.queue.secrets.get(request.request_id, Purpose.IDENTIFIERS)
    if secret is None:
        return ()
    pairs = json.loads(desk.keys.decrypt(request.request_id, secret))
    return tuple(Identifier(IdentifierKind(kind), value) for kind, value in pairs)


def rectifications_of(request: Request, desk: Desk) -> dict[str, str]:
    """Return the corrections asked for, by column.

    Raises:
        UnknownRequest: the request has none, or they were forgotten.
    """
    secret = desk.queue.secrets.get(request.request_id, Purpose.RECTIFICATION)
    if secret is None:
        raise UnknownRequest(f"{request.reference}: no corrections are stored")
    values: dict[str, str] = json.loads(desk.keys.decrypt(request.request_id, secret))
    return values


def checked(submission: Submission, now: datetime) -> Submission:
    """Return the submission with kinds in order and identifiers normalized.

    Raises:
        MalformedRequest: no tenant, kind or identifier; a malformed or oversized value; a
            time of receipt without zone, in the future or before the Regulation applied; corrections
            without their kind; an empty word on how something was established.
    """
    if not submission.org_id.strip() or _is_unfit(submission.org_id):
        raise MalformedRequest("request: no tenant given; name one")
    _check_told(submission.instructed_by, "how the controller instructed it")
    _check_told(submission.verified_by, "how identity was verified")
    if not submission.kinds:
        raise MalformedRequest("request: no right given; name at least one")
    if not submission.identifiers:
        raise MalformedRequest(
            "request: no identifier given; give an e-mail address or another identifier"
        )
    if len(submission.identifiers) > _MOST_IDENTIFIERS:
        raise MalformedRequest(
            f"request: {len(submission.identifiers)} identifiers given, at most "
            f"{_MOST_IDENTIFIERS} are allowed; one request is about one person"
        )
    if submission.received_at.tzinfo is None:
        raise MalformedRequest("request: the time of receipt needs a time zone")
    if submission.received_at > now + timedelta(minutes=5):
        raise MalformedRequest("request: the time of receipt is in the future")
    if submission.received_at < EARLIEST_RECEIPT:
        raise MalformedRequest(
            "request: the time of receipt is before 25 May 2018, when the Regulation began to apply"
        )
    if bool(submission.rectifications) != (RequestKind.RECTIFICATION in submission.kinds):
        raise MalformedRequest(
            "request: a rectification needs new values, and new values need a rectification"
        )
    for name, value in submission.rectifications.items():
        if not name.strip() or _is_unfit(name) or _is_unfit(value):
            raise MalformedRequest(
                "request: a field to correct has no name, is too long or contains control "
                "characters"
            )
    if submission.person_kind != CONTACT:
        _check_other_kind(submission)
    kinds = tuple(kind for kind in _ORDER if kind in submission.kinds)
    identifiers = tuple(dict.fromkeys(normalized(one) for one in submission.identifiers))
    return replace(submission, kinds=kinds, identifiers=identifiers)


def _check_told(how: str | None, what: str) -> None:
    """Refuse an empty answer: it would stand for one that was given."""
    if how is not None and (not any(each.isalnum() for each in how) or _is_unfit(how)):
        raise MalformedRequest(
            f"request: state {what} in at most {_LONGEST_TEXT:,} characters without control "
            "characters, or leave it out"
        )


def _is_unfit(text: str) -> bool:
    return len(text) > _LONGEST_TEXT or any(
        unicodedata.category(each) in ("Cc", "Cs") and each not in "\t\n\r" for each in text
    )


def _check_other_kind(submission: Submission) -> None:
    if not _KIND_NAME.fullmatch(submission.person_kind):
        raise MalformedRequest(
            "request: a kind of person may contain only a-z, 0-9 and _, as in the data map"
        )
    if submission.level is not Level.CONTACT:
        raise MalformedRequest(
            "request: only a contact has conversations and messages; leave out the kind of person"
        )
    if asked := _OF_CONTACTS & set(submission.kinds):
        raise MalformedRequest(
            f"request: {', '.join(sorted(asked))} applies to contacts only; leave it out for "
            "other people"
        )


def normalized(identifier: Identifier) -> Identifier:
    """Return an identifier as it is kept.

    Raises:
        MalformedRequest: it is malformed, oversized or identifies nobody.
    """
    kind, text = identifier.kind, identifier.value.strip()
    if kind not in KINDS_GIVEN:
        raise MalformedRequest(
            f"request: a {kind} does not identify a person; give another identifier"
        )
    if not text:
        raise MalformedRequest(f"request: the {kind} is empty")
    if len(text) > _LONGEST_VALUE or any(unicodedata.category(each) in _UNSEEN for each in text):
        raise MalformedRequest(f"request: the {kind} is too long or contains control characters")
    if not any(each.isalnum() for each in text):
        raise MalformedRequest(
            f"request: the {kind} contains no letter and no digit, so it identifies nobody"
        )
    match kind:
        case IdentifierKind.EMAIL:
            if not _EMAIL.fullmatch(text):
                raise MalformedRequest(
                    "request: an e-mail address is malformed; give one address, as name@domain"
                )
            return Identifier(kind, text)
        case IdentifierKind.PHONE:
            digits = re.sub(r"[\s().\-/]", "", text)
            if digits.startswith("00"):
                digits = f"+{digits[2:]}"
            if not re.fullmatch(r"\+[0-9]{7,15}", digits):
                raise MalformedRequest(
                    "request: a telephone number is malformed; write it with its country code, "
                    "such as +45…"
                )
            return Identifier(kind, digits)
        case IdentifierKind.CONTACT_ID:
            return Identifier(kind, text.lower() if _UUID.fullmatch(text) else text)
        case _:
            return Identifier(kind, text)


def _has_same_corrections(other: Request, submission: Submission, desk: Desk) -> bool:
    """Whether an open request that asks the same asks for the same corrections, if for any."""
    if not submission.rectifications:
        return True
    try:
        return rectifications_of(other, desk) == dict(submission.rectifications)
    except (EvidenceBroken, UnknownRequest):
        return False


def comparable(identifiers: Iterable[Identifier]) -> frozenset[tuple[str, str]]:
    """Return identifiers as the platform compares them: who is not the same there is nobody's repetition.

    Two spellings of one person that differ here are found to be one when the platform is asked.
    """
    return frozenset(
        (str(one.kind), compared(one.value) if one.kind is IdentifierKind.EMAIL else one.value)
        for one in identifiers
    )
