"""Shows a mail that waits to the person who has to read it, and takes what they decide."""

import json
import uuid
from dataclasses import dataclass, field, replace

from lacuna.errors import RequestError
from lacuna.intake import Attachment, attachments_of, read_mail
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.mail import Mail, MailOutcome, MailRecord
from lacuna.model.queue import Submission
from lacuna.ports import Desk, Mails
from lacuna.request.acceptance import Accepted, accept
from lacuna.request.letters_due import keep_requester


@dataclass(frozen=True)
class Opened:
    """A mail that was taken in, decrypted for a person to read.

    Attributes:
        identifiers: what it seems to name the person by, and what somebody holds.
        is_vouched: whether its sender's domain vouched for it.
        content: all of it as it came, with what is attached.
        attachments: what is attached, by name and size.
    """

    mail: Mail
    identifiers: tuple[Identifier, ...] = field(repr=False)
    is_vouched: bool
    content: bytes = field(repr=False)
    attachments: tuple[Attachment, ...] = field(repr=False)


def open_mail(record: MailRecord, desk: Desk) -> Opened:
    """Return a mail as it was read.

    Raises:
        RequestError: nothing of it is kept (any more).
    """
    if record.facts is None or record.content is None:
        raise RequestError(f"{record.mail_id}: the content of this mail is no longer stored")
    facts = json.loads(desk.keys.decrypt(record.owner_id, record.facts))
    content = desk.keys.decrypt(record.owner_id, record.content)
    return Opened(
        read_mail(content),
        tuple(Identifier(IdentifierKind(kind), text) for kind, text in facts["identifiers"]),
        facts["is_vouched"],
        content,
        attachments_of(content),
    )


def accept_mail(
    record: MailRecord,
    submission: Submission,
    mails: Mails,
    desk: Desk,
    *,
    country: str | None = None,
) -> Accepted:
    """Queue the request that a person read in a mail; its secrets move to the request's key.

    Letters go to the sender if their mail domain vouched for the address.

    Args:
        country: of the controller, whose holidays move the due date.

    Raises:
        RequestError: the mail does not wait, or the submission is malformed.
    """
    if record.outcome is not MailOutcome.WAITING and record.outcome is not MailOutcome.NO_REQUEST:
        raise RequestError(f"{record.mail_id} is {record.outcome}; it needs no review")
    opened = open_mail(record, desk)
    ids = (str(uuid.uuid4()), str(uuid.uuid4()))
    accepted = accept(submission, *ids, desk, country=country)
    outcome = MailOutcome.DUPLICATE if accepted.is_duplicate else MailOutcome.OPENED
    settle_mail(record, accepted.request_id, outcome, mails, desk)
    if opened.is_vouched and opened.mail.sender and not accepted.is_duplicate:
        keep_requester(
            accepted.request_id,
            (opened.mail.sender, record.language, opened.mail.message_id),
            desk,
        )
    return accepted


def settle_mail(
    record: MailRecord, request_id: str, outcome: MailOutcome, mails: Mails, desk: Desk
) -> None:
    """Record which request came of a mail that waited; its secrets move to the request's key."""
    mails.settle(_under(record, request_id, desk), outcome, desk.now, request_id)
    desk.record(Action.MAIL_TAKEN, "lacuna.mail", request_id=request_id, counts=(1, None))


def dismiss_mail(record: MailRecord, mails: Mails, desk: Desk) -> None:
    """Record that a person read a mail, and that it is no request.

    What belongs to a request goes with it, and is forgotten if that is closed.
    """
    settled = record
    if record.request_id is not None:
        is_closed = desk.queue.requests.get(record.request_id).state.is_final
        settled = (
            replace(record, facts=None, content=None)
            if is_closed
            else _under(record, record.request_id, desk)
        )
    mails.settle(settled, MailOutcome.DISMISSED, desk.now, record.request_id)
    desk.record(Action.MAIL_TAKEN, "lacuna.mail", counts=(0, 1))


def _under(record: MailRecord, request_id: str, desk: Desk) -> MailRecord:
    """Return a mail with its secrets under a request's key."""
    if record.facts is None or record.content is None:
        return record
    return replace(
        record,
        facts=_moved(record, record.facts, request_id, desk),
        content=_moved(record, record.content, request_id, desk),
    )


def _moved(record: MailRecord, secret: bytes, request_id: str, desk: Desk) -> bytes:
    return desk.keys.encrypt(request_id, desk.keys.decrypt(record.owner_id, secret))
