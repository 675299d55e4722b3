"""Reads the bytes of a mail: limits first, then headers, then text.

1. Size, length of headers and depth are judged on the bytes, before anything is parsed.
2. Addresses are taken from raw headers; encoded words decode to text that is shown, never to
   addresses or further headers.
3. Of the body only text is read: nothing attached is opened.
"""

import email
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from pipelines.model.mail import Flaw, Forwarded, Mail, ServerVerdict
from pipelines.request.mail.addresses import LONGEST, compared, is_address, mailboxes
from pipelines.request.mail.fields import Fields, fields_of
from pipelines.request.mail.markup import text_of
from pipelines.request.mail.parts import Block, split
from pipelines.request.mail.results import host_of, verdict_of
from pipelines.request.mail.signs import hides, one_line, plain

LARGEST_OCTETS: Final = 10 * 1024 * 1024
"""Larger mails are not read: they are set aside for a person, and reported."""
_LONGEST_SUBJECT: Final = 4_096
_MOST_MULTIPARTS: Final = 50
_MOST_PARTS: Final = 200
_LONGEST_TEXT: Final = 200_000
_RECIPIENTS: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_AUTOMATIC: Final = frozenset({"x-autoreply", "x-autorespond", "list-id", "list-unsubscribe"})
_MACHINES: Final = ("mailer-daemon@", "postmaster@", "no-reply@", "noreply@")
_SEALED: Final = frozenset(
    {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
    | {"application/ms-tnef", "application/pgp-encrypted"}
)
_EMPTY: Final = Mail(
    message_id="",
    senders=(),
    shows_other_address=False,
    recipients=(),
    subject="",
    text="",
    quoted="",
    forwarded=(),
    received_at=None,
    results=(),
    has_arc=False,
    is_automatic=False,
    is_generated=False,
    language_hint="",
    flaws=(),
    has_hidden_signs=False,
)


def is_oversized(octets: int) -> bool:
    """Whether a mail is larger than what is read."""
    return octets > LARGEST_OCTETS


def read_mail(octets: bytes) -> Mail:
    """Return what a mail says; what is wrong with it stands in its `flaws`.

    Nothing is raised, whatever the bytes are: a mail that cannot be read is kept for a person.
    """
    fields = fields_of(octets)
    if (flaw := _limit(octets, fields)) is not None:
        return _rejected(flaw)
    try:
        return _read(octets, fields)
    except (ValueError, LookupError, TypeError, RecursionError, AttributeError):
        # The parser of the standard library meets input that it was not written for.
        return _rejected(Flaw.UNREADABLE)


def _rejected(flaw: Flaw) -> Mail:
    return Mail(**{**_EMPTY.__dict__, "flaws": (flaw,)})


def _limit(octets: bytes, fields: Fields) -> Flaw | None:
    if is_oversized(len(octets)):
        return Flaw.OVERSIZED
    if fields.flaw is not None and fields.flaw.is_rejected:
        return fields.flaw
    if any(
        len(address) > LONGEST
        for name, value in fields.pairs
        if name in ("from", "sender", "reply-to")
        for _, address in mailboxes(value)
    ):
        return Flaw.ADDRESS_TOO_LONG
    if octets.lower().count(b"boundary=") > _MOST_MULTIPARTS:
        return Flaw.NESTED_TOO_DEEPLY
    return None


def _read(octets: bytes, fields: Fields) -> Mail:
    headers = fields.pairs
    first = dict(reversed(headers))
    message = email.message_from_bytes(octets)
    subject = one_line(_decoded(first.get("subject", "")))
    blocks = list(_texts(message))
    raw = "\n".join(f"{block.own}\n{block.quoted}" for block in blocks)
    block, forwarded = split(
        subject,
        Block(
            plain("\n".join(one.own for one in blocks))[:_LONGEST_TEXT],
            plain("\n".join(one.quoted for one in blocks))[:_LONGEST_TEXT],
        ),
    )
    forwarded = (*forwarded, *_attached(message))
    senders = [
        pair for name, value in headers if name == "from" for pair in mailboxes(value) if pair[1]
    ]
    addresses = tuple(compared(address) for _, address in senders if is_address(address))
    shown = " ".join(one_line(_decoded(name)) for name, _ in senders)
    return Mail(
        message_id=one_line(first.get("message-id", "")).strip("<> ")[:LONGEST],
        senders=addresses,
        shows_other_address="@" in shown and any(one not in shown.lower() for one in addresses),
        recipients=tuple(
            dict.fromkeys(
                compared(address)
                for wanted in _RECIPIENTS
                for name, value in headers
                if name == wanted
                for _, address in mailboxes(value)
                if is_address(address)
            )
        ),
        subject=subject,
        text=block.own,
        quoted=block.quoted,
        forwarded=forwarded,
        received_at=_received_at(headers),
        results=tuple(_results(headers)),
        has_arc=any(name == "arc-seal" for name, _ in headers),
        is_automatic=_is_automatic(first, addresses),
        is_generated=_auto_submitted(first) == "auto-generated",
        language_hint=one_line(first.get("content-language", ""))[:2].lower(),
        flaws=tuple(_flaws(message, fields, addresses, block, forwarded)),
        has_hidden_signs=hides(subject) or hides(raw),
    )


def _flaws(
    message: Message,
    fields: Fields,
    senders: tuple[str, ...],
    block: Block,
    forwarded: tuple[Forwarded, ...],
) -> Iterator[Flaw]:
    if fields.flaw is not None:
        yield fields.flaw
    if not senders:
        yield Flaw.NO_SENDER
    if len(senders) > 1 or sum(name == "from" for name, _ in fields.pairs) > 1:
        yield Flaw.SEVERAL_SENDERS
    if any(part.get_content_type() in _SEALED for part in _walk(message)):
        yield Flaw.ENCRYPTED
    elif not block.own and not forwarded and not block.quoted:
        yield Flaw.NO_TEXT
    if max(len(block.own), len(block.quoted)) >= _LONGEST_TEXT - 1:
        yield Flaw.TEXT_TOO_LONG


def _is_automatic(first: dict[str, str], senders: tuple[str, ...]) -> bool:
    return (
        _auto_submitted(first) != "no"
        or first.get("return-path", "?").replace(" ", "") == "<>"
        or first.get("precedence", "").strip().lower() in _BULK
        or "multipart/report" in first.get("content-type", "").lower()
        or bool(_AUTOMATIC & first.keys())
        or any(address.startswith(_MACHINES) for address in senders)
    )


def _auto_submitted(first: dict[str, str]) -> str:
    return first.get("auto-submitted", "no").split(";")[0].strip().lower()


def _received_at(headers: tuple[tuple[str, str], ...]) -> datetime | None:
    """Return when our own server took the mail: the first Received header is the last written."""
    for name, value in headers:
        if name == "received":
            try:
                moment = parsedate_to_datetime(value.rpartition(";")[2].strip())
            except (ValueError, TypeError, OverflowError):
                return None
            # -0000 says that the zone is unknown; then it is UTC that was meant (RFC 5322).
            moment = moment.replace(tzinfo=moment.tzinfo or UTC)
            return moment.astimezone(UTC)
    return None


def _results(headers: tuple[tuple[str, str], ...]) -> Iterator[ServerVerdict]:
    """Yield what servers say of the sender, with the hosts that took the mail on afterwards."""
    hops: list[str] = []
    for name, value in headers:
        if name == "received":
            hops.append(host_of(value))
        elif name == "authentication-results":
            yield verdict_of(value, tuple(hops))


def _decoded(value: str) -> str:
    """Return a header with its encoded words decoded, whatever charset they claim."""
    if "=?" not in value:
        return value
    try:
        parts = decode_header(value)
    except (ValueError, LookupError):
        return value
    return "".join(
        part if isinstance(part, str) else _text(part, charset) for part, charset in parts
    )


def _text(octets: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        try:
            return octets.decode((name or "utf-8").strip("\"' "), "strict")
        except (LookupError, ValueError):
            continue
    # Mostly UTF-8 with a broken place, or an older charset that was not named.
    text = octets.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 2 < sum(sign > "\x7f" for sign in text):
        return text
    return octets.decode("cp1252", "replace")


def _walk(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail, those of attached mails left out."""
    waiting = [message]
    count = 0
    while waiting and count < _MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            children = part.get_payload()
            if isinstance(children, list):
                waiting[:0] = [child for child in children if isinstance(child, Message)]


def _texts(message: Message) -> Iterator[Block]:
    """Yield the text parts; the plain one where there are several forms of the same."""
    inline = [
        part
        for part in _walk(message)
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"
    ]
    kinds = {part.get_content_type() for part in inline}
    wanted = "text/plain"
    if wanted in kinds and not any(
        _content(part).strip() for part in inline if part.get_content_type() == wanted
    ):
        kinds.discard(wanted)
    for part in inline:
        kind = part.get_content_type()
        if wanted in kinds and kind == wanted:
            yield Block(_content(part))
        elif wanted not in kinds and kind == "text/html":
            yield text_of(_content(part))


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return _text(payload[:_LONGEST_TEXT], part.get_content_charset())


def _attached(message: Message) -> Iterator[Forwarded]:
    """Yield mails that are attached as mails; those inside of them are not looked at."""
    for part in _walk(message):
        children = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(children, list):
            for child in children[:1]:
                if isinstance(child, Message):
                    body = "\n".join(block.own for block in _texts(child))
                    yield Forwarded(
                        tuple(
                            compared(address)
                            for _, address in mailboxes(str(child.get("From", "")))
                            if is_address(address)
                        ),
                        one_line(_decoded(str(child.get("Subject", ""))))[:_LONGEST_SUBJECT],
                        plain(body)[:_LONGEST_TEXT],
                    )
