"""The officer's side of delivery: a link to a bundle, and a code for it by another channel."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from pathlib import Path
from typing import Final

from lacuna.errors import RequestError, UnknownRequest
from lacuna.model.delivery import DeliveryLink, DeliveryTerms
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.letter import LetterKind
from lacuna.model.queue import Purpose, SealedBundle
from lacuna.model.request import Request
from lacuna.ports import Desk, Mails
from lacuna.request.disclosure import sealed_bundle
from lacuna.request.letters_due import letter_for, requester_of
from lacuna.request.link_secrets import (
    LinkContent,
    code_hash,
    link_hash,
    new_code,
    new_secret,
    seal_content,
)
from lacuna.treatment import compared

CODE_MINUTES: Final = 30
"""How long a code is valid: a mail may be slow, and a person is read it while they have the page open."""

_WITHOUT_DOTS: Final = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True)
class MadeLink:
    """A link that an officer made.

    Attributes:
        address: the link, to be shown once; None where it was queued as a letter.
        has_mailbox: whether the person can have a code mailed to another mailbox.
    """

    address: str | None = field(repr=False)
    expires_at: datetime
    last_day: date
    has_mailbox: bool


@dataclass(frozen=True)
class _Whereto:
    """Where a person can be reached: the requester's address, and mailboxes on file."""

    address: str = field(repr=False, default="")
    language: str = ""
    message_id: str = field(repr=False, default="")
    mailboxes: tuple[str, ...] = field(repr=False, default=())


def keep_contact(request: Request, known: Iterable[Identifier], desk: Desk) -> bytes | None:
    """Return where a bundle can be delivered to, encrypted; None where nothing is known.

    To be kept (`Purpose.DELIVERY`) after what was kept of the request is forgotten.

    Args:
        known: identifiers of the person that were on file, and are nobody else's.
    """
    requester = requester_of(request, desk) if request.is_verified else None
    mailboxes = {
        compared(one.value): one.value
        for one in known
        if one.kind is IdentifierKind.EMAIL and _is_writable(one.value)
    }
    if requester is None and not mailboxes:
        return None
    found = {**(requester or {}), "mailboxes": list(mailboxes.values())}
    return desk.keys.encrypt(request.request_id, json.dumps(found).encode())


def has_address(request: Request, desk: Desk) -> bool:
    """Whether a link can be mailed: the requester wrote a mail, and was verified."""
    return bool(_whereto(request, desk).address)


def make_link(
    request: Request, terms: DeliveryTerms, desk: Desk, home: Path, mails: Mails | None
) -> MadeLink:
    """Make a link to a request's bundle, in place of an older one, and record that it is handed over.

    Show it once that is committed.

    Args:
        mails: queue the link as a letter to the requester; None: return it, for a letter on paper.

    Raises:
        RequestError: there is no bundle, its file is another one, nobody knows its passphrase any
            more, or no mail says where to write to.
    """
    found = desk.queue.bundles.get(request.request_id)
    if found is None or found.expires_at <= desk.now:
        raise RequestError(
            f"{request.request_id}: no bundle exists for this request, or it has expired"
        )
    sealed_bundle(home, request.request_id, found.digest)
    whereto = _whereto(request, desk)
    if mails is not None and not whereto.address:
        raise RequestError(
            f"{request.request_id}: no mail of a verified requester says where to send the link; "
            "nothing was made. Have the link shown, and write it in a letter"
        )
    token = new_secret()
    sent_to = whereto.address if mails is not None else ""
    others = [one for one in whereto.mailboxes if _mailbox(one) != _mailbox(sent_to)]
    content = LinkContent(
        _passphrase(request, found, desk), others[0] if others else "", whereto.language
    )
    link = DeliveryLink(
        request_id=request.request_id,
        org_id=request.org_id,
        token_hash=link_hash(terms.key, token),
        digest=found.digest,
        byte_count=found.byte_count,
        is_for_key=content.passphrase is None,
        content=seal_content(token, content),
        made_at=desk.now,
        expires_at=_end_of_link(desk.now, terms.days, found.expires_at),
    )
    desk.queue.deliveries.put(link)
    desk.queue.bundles.release(request.request_id, desk.now, by_link=True)
    desk.record(
        Action.RELEASE_BUNDLE,
        "lacuna.delivery",
        request_id=request.request_id,
        digest=found.digest,
    )
    address = f"{terms.url}/{token}"
    if mails is not None:
        envelope = {
            "address": sent_to,
            "code": "",
            "in_reply_to": whereto.message_id,
            "link": address,
        }
        kind_and_language = (LetterKind.DELIVERY, whereto.language or "en")
        until = {"until": link.last_day.isoformat()}
        mails.queue_letter(letter_for(request, kind_and_language, until, envelope, desk))
    shown = None if mails is not None else address
    return MadeLink(shown, link.expires_at, link.last_day, bool(others))


def revoke_link(request_id: str, desk: Desk) -> None:
    """Take the link to a bundle back, and record it: it leads nowhere, and a download by it stops.

    A letter with it that waits is not sent. The bundle must be handed over again.

    Raises:
        RequestError: there is no link, or the bundle was downloaded by it.
    """
    link = desk.queue.deliveries.get(request_id)
    if link is None:
        raise RequestError(f"{request_id}: there is no link to take back")
    if link.downloaded_at is not None:
        raise RequestError(
            f"{request_id}: the bundle was downloaded by the link, which is used up. If that was "
            "somebody else, it is a breach: notify it (Art. 33)"
        )
    desk.queue.deliveries.end(request_id)
    desk.queue.bundles.take_back(request_id)
    desk.record(Action.LINK_REVOKED, "lacuna.delivery", request_id=request_id)


def make_code(request_id: str, terms: DeliveryTerms, desk: Desk) -> str:
    """Make a code for a link, in place of an older one, and record it; show it once that is committed.

    The officer gives it to the person by a channel that was on file before the request, such as a
    telephone call; never by the one that the link went by.

    Raises:
        RequestError: there is no link that a code opens.
    """
    link = desk.queue.deliveries.get(request_id)
    if link is None or not is_usable(link, desk.now):
        raise RequestError(
            f"{request_id}: there is no link that a code opens: none was made, or it is locked, "
            "expired or used. Make a new link first"
        )
    code = new_code()
    save_code(link, code, terms, desk)
    return code


def save_code(link: DeliveryLink, code: str, terms: DeliveryTerms, desk: Desk) -> None:
    """Record the hash of a new code, and that it was given out."""
    desk.queue.deliveries.save(
        replace(
            link,
            code_hash=code_hash(terms.key, link.request_id, code),
            code_until=desk.now + timedelta(minutes=CODE_MINUTES),
        )
    )
    desk.record(Action.CODE_GIVEN, "lacuna.delivery", request_id=link.request_id)


def is_usable(link: DeliveryLink, now: datetime) -> bool:
    """Whether a code still opens a link."""
    return link.locked_at is None and link.downloaded_at is None and link.expires_at > now


def _end_of_link(now: datetime, days: int, latest: datetime) -> datetime:
    """Return when a link expires: at the end of a day in UTC, so that its last day is a whole one."""
    latest = latest.astimezone(UTC)
    wanted = now.astimezone(UTC) + timedelta(days=days + 1)
    end = datetime.combine(min(wanted, latest).date(), time(), UTC)
    return end if end > now else latest


def _mailbox(address: str) -> str:
    """Return the form that addresses of one mailbox share: no tag, and no dots at Gmail."""
    local, _, domain = compared(address).rpartition("@")
    local = local.partition("+")[0]
    if domain in _WITHOUT_DOTS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _is_writable(address: str) -> bool:
    """Whether a mail can be addressed so."""
    try:
        return bool(Address(addr_spec=address).domain) and address.isascii()
    except (ValueError, IndexError, MessageError):
        return False


def _passphrase(request: Request, found: SealedBundle, desk: Desk) -> str | None:
    if desk.queue.secrets.bundle_key(request.request_id) is not None:
        return None
    if found.passphrase is None:
        raise RequestError(
            f"{request.request_id}: the passphrase of its bundle was shown before and deleted; no "
            "link was made. Hand over the file itself, to whoever has the passphrase"
        )
    return desk.keys.decrypt(request.request_id, found.passphrase).decode()


def _whereto(request: Request, desk: Desk) -> _Whereto:
    secret = desk.queue.secrets.get(request.request_id, Purpose.DELIVERY)
    try:
        if secret is not None:
            found = json.loads(desk.keys.decrypt(request.request_id, secret))
        else:
            found = requester_of(request, desk) if request.is_verified else None
    except UnknownRequest:
        found = None  # its key was destroyed
    if found is None:
        return _Whereto()
    return _Whereto(
        found.get("address", ""),
        found.get("language") or "",
        found.get("message_id", ""),
        tuple(found.get("mailboxes", ())),
    )
