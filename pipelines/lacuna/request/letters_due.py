"""Queues a letter to the requester of a request that came by mail."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC
from typing import Final

from lacuna.intake import code_for, write_letter
from lacuna.model.letter import Letter, LetterKind, LetterSender
from lacuna.model.mail_text import MailText
from lacuna.model.queue import Purpose
from lacuna.model.request import Request
from lacuna.model.tenant import Tenant
from lacuna.ports import Desk, Mails

_OF_THE_END: Final = frozenset(
    {LetterKind.COMPLETION, LetterKind.COPY, LetterKind.NOTHING_FOUND, LetterKind.PARTLY}
)


def pass_on(request: Request, tenant: Tenant | None, mails: Mails, desk: Desk) -> bool:
    """Queue a letter to the tenant's controller, once: the request waits for their instruction.

    Returns False where nobody is authorized, or they were told before.
    """
    if tenant is None or not tenant.authorized:
        return False
    if LetterKind.FORWARDING in mails.letters_of(request.request_id):
        return False
    envelope = {"address": tenant.authorized[0], "code": "", "in_reply_to": ""}
    kind_and_language = (LetterKind.FORWARDING, tenant.language)
    mails.queue_letter(
        letter_for(request, kind_and_language, {"articles": _articles_of(request)}, envelope, desk)
    )
    return True


def _articles_of(request: Request) -> str:
    """Return the articles of a request's rights, in order, as a letter names them: `15, 17`."""
    return ", ".join(str(number) for number in sorted(kind.article for kind in request.kinds))


def keep_requester(request_id: str, sender: tuple[str, str | None, str], desk: Desk) -> None:
    """Keep whom the letters about a request go to, encrypted.

    Args:
        sender: their address, their language if it is known, and the Message-ID of their mail.
    """
    address, language, message_id = sender
    clear = {"address": address, "language": language, "message_id": message_id}
    secret = desk.keys.encrypt(request_id, json.dumps(clear).encode())
    desk.queue.secrets.put(request_id, Purpose.REQUESTER, secret)


def requester_of(request: Request, desk: Desk) -> Mapping[str, str] | None:
    """Return `address`, `language` and `message_id` of who wrote the mail that opened a request.

    Returns None where no mail did.
    """
    secret = desk.queue.secrets.get(request.request_id, Purpose.REQUESTER)
    if secret is None:
        return None
    requester: Mapping[str, str] = json.loads(desk.keys.decrypt(request.request_id, secret))
    return requester


def tell(
    request: Request, kind: LetterKind, facts: Mapping[str, str], mails: Mails, desk: Desk
) -> bool:
    """Queue a letter; return False if nothing says whom to write to.

    What a letter says of a person goes to a verified requester alone: to anybody else a
    refusal, an extension or a question says what they wrote, and no more.

    Args:
        facts: `note` among them is what an officer wrote: it is kept encrypted with the address,
            until the letter is delivered.
    """
    requester = requester_of(request, desk)
    if requester is None or (kind in _OF_THE_END and not request.is_verified):
        return False
    envelope = {
        "address": requester["address"],
        "code": "",
        "in_reply_to": requester["message_id"],
    }
    mails.queue_letter(
        letter_for(request, (kind, requester["language"] or "en"), facts, envelope, desk)
    )
    return True


def preview(
    request: Request,
    kind: LetterKind,
    facts: Mapping[str, str],
    sender: LetterSender,
    desk: Desk,
) -> MailText:
    """Return the letter that `tell` would queue, in the requester's language if that is known.

    Its code, if it has one, is made when the letter is queued.
    """
    requester = requester_of(request, desk)
    language = sender.language if requester is None else requester["language"] or "en"
    code = "L-…" if kind is LetterKind.SPECIFICATION else ""
    known = {**_facts_of(request, facts), "reference": request.number, "code": code}
    return write_letter(kind, language, known, sender)


def _facts_of(request: Request, facts: Mapping[str, str]) -> dict[str, str]:
    return {
        **facts,
        "rights": ",".join(request.kinds),
        "received": request.received_at.astimezone(UTC).date().isoformat(),
        "due": request.due_at.astimezone(UTC).date().isoformat(),
    }


def letter_for(
    request: Request,
    kind_and_language: tuple[LetterKind, str],
    facts: Mapping[str, str],
    envelope: Mapping[str, str],
    desk: Desk,
) -> Letter:
    """Return a letter of a kind, in a language; nothing of the envelope is kept in clear."""
    letter_id = str(uuid.uuid4())
    facts = _facts_of(request, facts)
    envelope = {**envelope, "note": facts.pop("note", "")}
    if kind_and_language[0] is LetterKind.SPECIFICATION:
        envelope = {**envelope, "code": code_for(request.request_id, uuid.UUID(letter_id).hex)}
    return Letter(
        letter_id=letter_id,
        owner_id=request.request_id,
        org_id=request.org_id,
        request_id=request.request_id,
        mail_id=None,
        kind=kind_and_language[0],
        language=kind_and_language[1],
        facts=facts,
        envelope=desk.keys.encrypt(request.request_id, json.dumps(envelope).encode()),
        created_at=desk.now,
    )
