"""Finds what waits for a person by one of their identifiers: open requests, bundles, mails."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from lacuna.errors import EvidenceBroken, MalformedRequest, UnknownRequest
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.mail import MailOutcome, MailRecord
from lacuna.model.request import Request
from lacuna.ports import Desk, Transaction
from lacuna.request.acceptance import KINDS_GIVEN, comparable, identifiers_of, normalized
from lacuna.request.candidates import candidates_of
from lacuna.request.letters_due import requester_of
from lacuna.request.person_on_file import on_file
from lacuna.request.waiting_mails import mail_identifiers


@dataclass(frozen=True)
class FoundItems:
    """What waits for a person.

    Attributes:
        requests: the open ones, and those whose bundle is not deleted yet.
        mails: those that need review.
        submissions: ids of the rows of the inbox that wait for the intake.
        unread: of how many others the identifiers could not be read.
    """

    requests: tuple[Request, ...]
    mails: tuple[MailRecord, ...]
    submissions: tuple[int, ...]
    unread: int


def find_person(org_id: str, text: str, transaction: Transaction, desk: Desk) -> FoundItems:
    """Return the items that wait for the person of an identifier, whatever its kind is, at a tenant.

    What is kept of each is decrypted and compared: what the request came with, whom its letters go to,
    what was on file of the person or of those who match, who wrote a mail and what it names. Nothing is
    kept to search by.

    Args:
        text: an address, a number or an id, as somebody says it.
    """
    wanted = comparable(_readings(text))
    bundled = {one.request_id for one in desk.queue.bundles.kept(org_id)}
    others = {one.request_id: one for one in desk.queue.requests.open_of(org_id)}
    for request_id in bundled - others.keys():
        others[request_id] = desk.queue.requests.get(request_id)
    desk.queue.secrets.read_ahead([*others])
    found, unread = [], 0
    for other in others.values():
        try:
            if wanted & _comparable_on_file(_known_of(other, desk)):
                found.append(other)
        except (EvidenceBroken, UnknownRequest):
            unread += 1
    found_mails = []
    for record in transaction.mails.mails(MailOutcome.WAITING):
        try:
            if wanted & _comparable_on_file(mail_identifiers(record, desk)):
                found_mails.append(record)
        except (EvidenceBroken, UnknownRequest):
            unread += 1
    submissions = tuple(
        inbox_id
        for inbox_id, given in transaction.inbox.waiting_identifiers().items()
        if wanted & _comparable_on_file(given)
    )
    return FoundItems(tuple(found), tuple(found_mails), submissions, unread)


def _readings(text: str) -> list[Identifier]:
    """Return the identifiers that somebody may mean, one of each kind that fits."""
    found = []
    for kind in KINDS_GIVEN:
        with suppress(MalformedRequest):
            found.append(normalized(Identifier(kind, text)))
    return found


def _known_of(request: Request, desk: Desk) -> list[Identifier]:
    known = [*identifiers_of(request, desk), *on_file(request, desk)]
    for candidate in candidates_of(request, desk):
        known += candidate.known
    if (requester := requester_of(request, desk)) is not None:
        known.append(Identifier(IdentifierKind.EMAIL, requester["address"]))
    return known


def _comparable_on_file(known: Iterable[Identifier]) -> frozenset[tuple[str, str]]:
    """Return identifiers as they compare; the platform may write a number with spaces."""
    found = []
    for one in known:
        try:
            found.append(normalized(one))
        except MalformedRequest:
            found.append(one)
    return comparable(found)
