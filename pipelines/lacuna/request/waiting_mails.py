"""Shows a mail that waits to the person who has to read it, and takes what they decide."""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from lacuna.errors import RequestError
from lacuna.intake import Attachment, attachments_of, code_for, read_mail
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.letter import Letter, LetterKind
from lacuna.model.mail import Mail, MailOutcome, MailRecord
from lacuna.model.queue import Submission
from lacuna.model.tenant import Tenant
from lacuna.ports import Desk, Mails
from lacuna.request.acceptance import Accepted, accept
from lacuna.request.deadline import due
from lacuna.request.letters_due import keep_requester, requester_of

CODE_BYTES: Final = 16
"""Of the secret in the code that a letter asks to send back."""


@dataclass(frozen=True)
class Opened:
    """A mail that was taken in, decrypted for a person to read.

    Attributes:
        identifiers: what it seems to name the person by, and what somebody holds.
        is_vouched: whether its sender's domain vouched for it.
        parts: ids of the requests that were taken from it while it went on waiting.
        content: all of it as it came, with what is attached.
        attachments: what is attached, by name and size.
    """

    mail: Mail
    identifiers: tuple[Identifier, ...] = field(repr=False)
    is_vouched: bool
    content: bytes = field(repr=False)
    attachments: tuple[Attachment, ...] = field(repr=False)
    parts: tuple[str, ...] = ()


def open_mail(record: MailRecord, desk: Desk) -> Opened:
    """Return a mail as it was read.

    Raises:
        RequestError: nothing of it is kept (any more).
    """
    if record.facts is None or record.content is None:
        raise RequestError(f"{record.mail_id}: the content of this mail is no longer stored")
    facts = _facts(record, desk)
    content = desk.keys.decrypt(record.owner_id, record.content)
    return Opened(
        read_mail(content),
        tuple(Identifier(IdentifierKind(kind), text) for kind, text in facts["identifiers"]),
        facts["is_vouched"],
        content,
        attachments_of(content),
        tuple(facts.get("parts", ())),
    )


def mail_identifiers(record: MailRecord, desk: Desk) -> tuple[Identifier, ...]:
    """Return the identifiers that a kept mail seems to name, and the address of its sender."""
    if record.facts is None:
        return ()
    facts = _facts(record, desk)
    named = [Identifier(IdentifierKind(kind), text) for kind, text in facts["identifiers"]]
    if facts.get("sender"):
        named.append(Identifier(IdentifierKind.EMAIL, facts["sender"]))
    return tuple(named)


def parts_of(record: MailRecord, desk: Desk) -> tuple[str, ...]:
    """Return the ids of the requests that were taken from a mail while it went on waiting."""
    return () if record.facts is None else tuple(_facts(record, desk).get("parts", ()))


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
    accepted, _ = _queued(record, submission, desk, country)
    outcome = MailOutcome.DUPLICATE if accepted.is_duplicate else MailOutcome.OPENED
    settle_mail(record, accepted.request_id, outcome, mails, desk)
    return accepted


def accept_part(
    record: MailRecord,
    submission: Submission,
    mails: Mails,
    desk: Desk,
    *,
    country: str | None = None,
) -> Accepted:
    """Queue one of several requests that a person read in a mail; the mail goes on waiting.

    Args and errors are those of `accept_mail`.
    """
    accepted, opened = _queued(record, submission, desk, country)
    parts = dict.fromkeys([*opened.parts, accepted.request_id])
    mails.keep_facts(_with_facts(record, {"parts": [*parts]}, desk))
    _record_taken(accepted.request_id, desk)
    return accepted


def _queued(
    record: MailRecord, submission: Submission, desk: Desk, country: str | None
) -> tuple[Accepted, Opened]:
    if record.outcome is not MailOutcome.WAITING and record.outcome is not MailOutcome.NO_REQUEST:
        raise RequestError(f"{record.mail_id} is {record.outcome}; it needs no review")
    opened = open_mail(record, desk)
    ids = (str(uuid.uuid4()), str(uuid.uuid4()))
    accepted = accept(submission, *ids, desk, country=country)
    if opened.is_vouched and opened.mail.sender and not accepted.is_duplicate:
        keep_requester(
            accepted.request_id,
            (opened.mail.sender, record.language, opened.mail.message_id),
            desk,
        )
    return accepted, opened


def settle_mail(
    record: MailRecord, request_id: str, outcome: MailOutcome, mails: Mails, desk: Desk
) -> None:
    """Record which request came of a mail that waited; its secrets move to the request's key."""
    mails.settle(_under(record, request_id, desk), outcome, desk.now, request_id)
    _record_taken(request_id, desk)


def _record_taken(request_id: str, desk: Desk) -> None:
    desk.record(Action.MAIL_TAKEN, "lacuna.mail", request_id=request_id, counts=(1, None))


def dismiss_mail(record: MailRecord, mails: Mails, desk: Desk) -> MailOutcome:
    """Record that a mail is no request, or no more than was taken from it; return what it became.

    What belongs to a request goes with it, and is forgotten if that is closed.
    """
    settled, parts = record, parts_of(record, desk)
    request_id = parts[-1] if parts else record.request_id
    if request_id is not None:
        is_closed = desk.queue.requests.get(request_id).state.is_final
        settled = (
            replace(record, facts=None, content=None)
            if is_closed
            else _under(record, request_id, desk)
        )
    outcome = MailOutcome.OPENED if parts else MailOutcome.DISMISSED
    mails.settle(settled, outcome, desk.now, request_id)
    desk.record(Action.MAIL_TAKEN, "lacuna.mail", counts=(0, 1))
    return outcome


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


def _facts(record: MailRecord, desk: Desk) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(desk.keys.decrypt(record.owner_id, record.facts or b""))
    return facts


def _with_facts(record: MailRecord, new: Mapping[str, object], desk: Desk) -> MailRecord:
    """Return a mail with some facts in place of others of their name."""
    clear = json.dumps({**_facts(record, desk), **new}).encode()
    return replace(record, facts=desk.keys.encrypt(record.owner_id, clear))


# --- a letter that asks the writer ----------------------------------------------------------------


class Inquiry(StrEnum):
    """What an officer can have the writer of an unclear mail asked."""

    QUESTION = "question"  # which rights; the reply has their numbers
    CLARIFICATION = "clarification"  # what they want, and for whom


def writer_address(record: MailRecord, opened: Opened, desk: Desk) -> str | None:
    """Return the address at which the writer of a mail may be asked; None: Lacuna can trust no address.

    The sender's, if their mail domain vouched for it; else the one to which the letters of the mail's
    own request go.
    """
    if opened.is_vouched and opened.mail.sender:
        return opened.mail.sender
    if record.request_id is None:
        return None
    requester = requester_of(desk.queue.requests.get(record.request_id), desk)
    return None if requester is None else requester["address"]


def ask_writer(
    record: MailRecord, inquiry: Inquiry, tenant: Tenant, mails: Mails, desk: Desk
) -> None:
    """Queue a letter that asks the writer of a waiting mail, in its language; the mail goes on waiting.

    A reply by numbers goes on as one to the intake's own question does.

    Raises:
        RequestError: the mail does not wait, such a letter waits to be delivered, or Lacuna can trust no
            address.
    """
    if record.outcome is not MailOutcome.WAITING:
        raise RequestError(
            f"{record.mail_id} is {record.outcome}; its writer is not asked any more"
        )
    kind = LetterKind(str(inquiry))
    if (kind, "pending") in [(one.kind, one.state) for one in mails.letters_about(record.mail_id)]:
        raise RequestError(f"{record.mail_id}: this letter waits to be delivered already")
    opened = open_mail(record, desk)
    address = writer_address(record, opened, desk)
    if address is None:
        raise RequestError(
            f"{record.mail_id}: nobody vouched for its sender, and no request says whom to write to; "
            "reach them another way"
        )
    code = ""
    if kind is LetterKind.QUESTION:
        secret = _facts(record, desk).get("question") or secrets.token_hex(CODE_BYTES)
        record = _with_facts(record, {"question": secret, "asked": address}, desk)
        mails.keep_facts(record)
        code = code_for(record.mail_id, secret)
    is_sender = address == opened.mail.sender
    envelope = {
        "address": address,
        "code": code,
        "in_reply_to": opened.mail.message_id if is_sender else "",
    }
    mails.queue_letter(
        Letter(
            letter_id=str(uuid.uuid4()),
            owner_id=record.mail_id,
            org_id=tenant.org_id,
            request_id=None,
            mail_id=record.mail_id,
            kind=kind,
            language=record.language or tenant.language,
            facts={
                "received": record.received_at.date().isoformat(),
                "due": due(record.received_at, country=tenant.country).due_at.date().isoformat(),
            },
            envelope=desk.keys.encrypt(record.mail_id, json.dumps(envelope).encode()),
            created_at=desk.now,
        )
    )
