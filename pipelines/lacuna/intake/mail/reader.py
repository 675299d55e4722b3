"""Reads the bytes of a mail: limits first, then headers, then text.

1. Size, lines, headers and depth are judged on the bytes, before anything is parsed.
2. Addresses are taken from raw headers; encoded words decode to text that is shown, never to
   addresses or further headers.
3. Of the body only text is read: nothing attached is opened.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from lacuna.intake.mail.addresses import LONGEST, is_address, mailboxes
from lacuna.intake.mail.authentication_results import host_of, keyword_of, verdict_of
from lacuna.intake.mail.bodies import (
    OverLimitError,
    Texts,
    attached,
    decoded,
    fresh_limits,
    message_of,
    texts_of,
    walk,
)
from lacuna.intake.mail.fields import Fields, fields_of
from lacuna.intake.mail.hidden_characters import hides, one_line, plain
from lacuna.intake.mail.parts import Block, is_long, split
from lacuna.model.mail import Flaw, Forwarded, Mail, ServerVerdict
from lacuna.treatment import compared

LARGEST_BYTES: Final = 10 * 1024 * 1024
"""Larger mails are not read: they are set aside for a person, and reported."""
_WRITTEN_TO: Final = ("to", "cc")
# Of two (RFC 5322 and 2045 allow one), a signature covers the lower, and some programs show the upper.
_ONCE: Final = frozenset(
    {"to", "cc", "subject", "date", "message-id", "content-type", "content-transfer-encoding"}
)
_RECIPIENTS: Final = ("delivered-to", "x-original-to", "envelope-to", *_WRITTEN_TO)
# Of a long thread, those answered and the oldest are enough.
_MOST_IDS: Final = 100
_BULK: Final = frozenset({"bulk", "junk", "auto_reply"})
_AUTOMATIC: Final = frozenset({"x-autoreply", "x-autorespond"})
_LISTED: Final = frozenset({"list-id", "list-unsubscribe", "list-post"})
_MACHINES: Final = ("mailer-daemon@", "postmaster@", "no-reply@", "noreply@")
_INCOMPLETE: Final = frozenset({"message/partial", "message/external-body"})
_SEALED: Final = frozenset(
    {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
    | {"application/ms-tnef", "application/pgp-encrypted"}
)
_EMPTY: Final = Mail(
    message_id="",
    replied_to=(),
    senders=(),
    shows_other_address=False,
    recipients=(),
    written_at=None,
    written_to=(),
    subject="",
    text="",
    quoted="",
    forwarded=(),
    received_at=None,
    received_by="",
    handed_on_at=(),
    results=(),
    is_automatic=False,
    is_listed=False,
    lists=(),
    is_generated=False,
    language_hint="",
    flaws=(),
    has_hidden_characters=False,
)


def is_oversized(byte_count: int) -> bool:
    """Whether a mail is larger than what is read."""
    return byte_count > LARGEST_BYTES


def read_mail(content: bytes) -> Mail:
    """Parse a mail; its `flaws` list its defects.

    Nothing is raised, whatever the bytes are: a mail that cannot be read is kept for a person.
    """
    fields = fields_of(content)
    if (flaw := _limit(content, fields)) is not None:
        return _rejected(flaw)
    try:
        return _read(content, fields)
    except OverLimitError as error:
        return _rejected(error.flaw)
    except (ValueError, LookupError, TypeError, RecursionError, AttributeError):
        # The parser of the standard library meets input that it was not written for.
        return _rejected(Flaw.UNREADABLE)


def _rejected(flaw: Flaw) -> Mail:
    return Mail(**{**_EMPTY.__dict__, "flaws": (flaw,)})


def _limit(content: bytes, fields: Fields) -> Flaw | None:
    if is_oversized(len(content)):
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
    return None


def _read(content: bytes, fields: Fields) -> Mail:
    headers = fields.pairs
    first = dict(reversed(headers))
    message = message_of(content)
    subject = one_line(decoded(first.get("subject", "")))
    left = fresh_limits()
    texts = texts_of(message, left)
    block, forwarded = split(subject, Block(plain(texts.own), plain(texts.quoted)))
    handed_on = tuple(attached(message, left))
    forwarded = (*forwarded, *(one for one, _ in handed_on))
    all_texts = (texts, *(each for _, each in handed_on))
    times = _times(headers)
    senders = [
        pair for name, value in headers if name == "from" for pair in mailboxes(value) if pair[1]
    ]
    # Of several of which one cannot be read, nobody knows whom others take for the sender.
    is_readable = all(is_address(address) for _, address in senders)
    addresses = tuple(compared(address) for _, address in senders) if is_readable else ()
    shown = " ".join(one_line(decoded(name)) for name, _ in senders).lower()
    return Mail(
        message_id=_id_in(first, "message-id"),
        replied_to=_ids_in(first, ("in-reply-to", "references")),
        senders=addresses,
        shows_other_address="@" in shown and any(one not in shown for one in addresses),
        recipients=_addresses(headers, _RECIPIENTS),
        written_at=_moment(first.get("date", "")),
        written_to=_addresses(headers, _WRITTEN_TO),
        subject=subject,
        text=block.own,
        quoted=block.quoted,
        forwarded=forwarded,
        received_at=times[0] if times else None,
        received_by=host_of(first.get("received", "")),
        handed_on_at=tuple(one for one in times[1:] if one is not None),
        results=tuple(_results(headers)),
        is_automatic=_is_automatic(first, addresses, message.get_content_type()),
        is_listed=bool(_LISTED & first.keys()) or _precedence(first) == "list",
        lists=_lists(first),
        is_generated=_auto_submitted(first) == "auto-generated",
        language_hint=one_line(first.get("content-language", "")).partition(",")[0].strip(),
        flaws=tuple(_flaws(message, fields, addresses, (subject, block, forwarded, all_texts))),
        has_hidden_characters=hides(subject) or hides(texts.own) or hides(texts.quoted),
    )


def _id_in(first: Mapping[str, str], name: str) -> str:
    return one_line(first.get(name, "")).strip("<> ")[:LONGEST]


def _ids_in(first: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the Message-IDs of some header fields, each once, in the order of the names."""
    words = (word for name in names for word in one_line(first.get(name, "")).split())
    found = dict.fromkeys(word.strip("<>")[:LONGEST] for word in words)
    return tuple(itertools.islice(found, _MOST_IDS))


def _addresses(headers: tuple[tuple[str, str], ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses of some header fields, each once, in the order of the names."""
    return tuple(
        dict.fromkeys(
            compared(address)
            for wanted in names
            for name, value in headers
            if name == wanted
            for _, address in mailboxes(value, has_groups=True)
            if is_address(address)
        )
    )


def _flaws(
    message: Message,
    fields: Fields,
    senders: tuple[str, ...],
    said: tuple[str, Block, tuple[Forwarded, ...], tuple[Texts, ...]],
) -> Iterator[Flaw]:
    subject, block, forwarded, texts = said
    words = (subject, block.own, *(text for one in forwarded for text in (one.subject, one.text)))
    if fields.flaw is not None:
        yield fields.flaw
    elif any(
        times > 1 and name in _ONCE
        for name, times in Counter(name for name, _ in fields.pairs).items()
    ):
        yield Flaw.MALFORMED_HEADER
    if not senders:
        yield Flaw.NO_SENDER
    if len(senders) > 1 or sum(name == "from" for name, _ in fields.pairs) > 1:
        yield Flaw.SEVERAL_SENDERS
    if any(part.get_content_type() in _INCOMPLETE for part in walk(message)):
        yield Flaw.INCOMPLETE
    if any(part.get_content_type() in _SEALED for part in walk(message)):
        yield Flaw.ENCRYPTED
    elif not block.own and not forwarded and not block.quoted:
        yield Flaw.NO_TEXT
    if any(one.is_differing for one in texts):
        yield Flaw.DIFFERING_FORMS
    if any(one.is_hiding for one in texts):
        yield Flaw.HIDDEN_TEXT
    if any(one.is_cut for one in texts) or is_long("\n".join(words)):
        yield Flaw.TEXT_TOO_LONG


def _is_automatic(first: dict[str, str], senders: tuple[str, ...], content_type: str) -> bool:
    return (
        _auto_submitted(first) not in ("", "no")
        or first.get("return-path", "?").replace(" ", "") == "<>"
        or _precedence(first) in _BULK
        or content_type == "multipart/report"
        or bool(_AUTOMATIC & first.keys())
        or any(address.startswith(_MACHINES) for address in senders)
    )


def _precedence(first: dict[str, str]) -> str:
    return first.get("precedence", "").strip().lower()


def _lists(first: dict[str, str]) -> tuple[str, ...]:
    """Return by what names and addresses a list is known: of URLs those of mailboxes alone."""
    named = [name.lower() for _, name in mailboxes(first.get("list-id", ""))]
    posted = [
        compared(url.partition(":")[2].partition("?")[0])
        for _, url in mailboxes(first.get("list-post", ""))
        if url.lower().startswith("mailto:")
    ]
    return (*named, *posted)


def _auto_submitted(first: dict[str, str]) -> str:
    # What cannot be read says nothing: a request would be lost, and answers to machines are few.
    return keyword_of(first.get("auto-submitted", ""))


def _times(headers: tuple[tuple[str, str], ...]) -> list[datetime | None]:
    """Return when each server took the mail, the last one first; None where that cannot be read."""
    found: list[datetime | None] = []
    for name, value in headers:
        if name == "received":
            found.append(_moment(value.rpartition(";")[2]))
    return found


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
        # -0000 says that the zone is unknown; then it is UTC that was meant (RFC 5322).
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _results(headers: tuple[tuple[str, str], ...]) -> Iterator[ServerVerdict]:
    """Yield what servers say of the sender, with the hosts that took the mail on afterwards."""
    hops: list[str] = []
    for name, value in headers:
        if name == "received":
            hops.append(host_of(value))
        elif name == "authentication-results":
            yield verdict_of(value, tuple(hops))
