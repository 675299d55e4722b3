"""Reads the parts of a mail's body: at most so many lines and parts, and of each what is text.

What is over a limit is never passed over: either nothing of the mail is read, or a flaw says that
something was left out.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32, compat32
from typing import Final

from lacuna.intake.mail.addresses import is_address, mailboxes
from lacuna.intake.mail.hidden_characters import one_line, overrides, plain, visible_words
from lacuna.intake.mail.html_text import text_of
from lacuna.intake.mail.parts import Block
from lacuna.model.mail import Flaw, Forwarded
from lacuna.treatment import compared

_LONGEST_TEXT: Final = 200_000
_LONGEST_SUBJECT: Final = 4_096
_MOST_LINES: Final = 200_000
"""Base64 of the largest mail that is read has 140,000."""
_MOST_MULTIPARTS: Final = 50
_MOST_PARTS: Final = 200
_MOST_FIELDS: Final = 4_000
_LONGEST_FIELD: Final = 4_096
_LONGEST_CONTENT_FIELD: Final = 2_048
"""The library that reads parameters takes the square of this for them."""
_BOUNDARY: Final = re.compile(rb"boundary[\s*0-9]*=", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]{2,40}")
_LINK: Final = re.compile(r"https?://[^\s<>]{0,2000}")
_FEW_WORDS: Final = 2
_MOST_BLANK_LINES: Final = 60
_ODD_CHARSETS: Final = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
"""Codecs of Python that no mail program reads text with, or that take the square of its length."""


class OverLimitError(Exception):
    """A mail has more of something than is read; `flaw` says of what."""

    def __init__(self, flaw: Flaw) -> None:
        """Say which limit it was."""
        super().__init__(flaw)
        self.flaw = flaw


@dataclass
class Texts:
    """The texts of a mail.

    Attributes:
        own: of its inline text parts, what their authors wrote.
        quoted: what they quote.
        is_cut: whether something was longer than what is read of it.
        is_hiding: whether words stand there, or in another form of the same, that nobody sees.
        is_differing: whether its forms, plain and HTML, say different things.
    """

    own: str = field(repr=False)
    quoted: str = field(repr=False)
    is_cut: bool
    is_hiding: bool
    is_differing: bool


def message_of(content: bytes) -> Message:
    """Return a mail divided into its parts.

    Raises:
        OverLimitError: it has more parts, lines, fields or levels than are read.
    """
    if max(content.count(b"\n"), content.count(b"\r")) > _MOST_LINES:
        raise OverLimitError(Flaw.TOO_MANY_PARTS)
    for number, _ in enumerate(_BOUNDARY.finditer(content)):
        if number >= _MOST_MULTIPARTS:
            raise OverLimitError(Flaw.NESTED_TOO_DEEPLY)
    return BytesParser(_PartLimit().new).parsebytes(content)


class _PartLimit:
    """Makes the parts of one mail, and stops when they become too many."""

    def __init__(self) -> None:
        self._parts = self._fields = 0

    def new(self, policy: Compat32 = compat32) -> Message:
        self._parts += 1
        # The parser makes one to try.
        if self._parts > _MOST_PARTS + 1:
            raise OverLimitError(Flaw.TOO_MANY_PARTS)
        return _CountedPart(self, policy)

    def check(self, name: str, value: str) -> None:
        self._fields += 1
        if self._fields > _MOST_FIELDS:
            raise OverLimitError(Flaw.TOO_MANY_PARTS)
        if name.lower().startswith("content-") and len(value) > _LONGEST_CONTENT_FIELD:
            raise OverLimitError(Flaw.HEADER_TOO_LONG)


class _CountedPart(Message):
    def __init__(self, parts: _PartLimit, policy: Compat32) -> None:
        super().__init__(policy)
        self._parts = parts

    def set_raw(self, name: str, value: str) -> None:
        self._parts.check(name, value)
        super().set_raw(name, value)


def walk(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail, those of attached mails left out."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            children = part.get_payload()
            if isinstance(children, list):
                waiting += [child for child in reversed(children) if isinstance(child, Message)]


def fresh_limits() -> dict[str, int]:
    """Return how many characters are read of each kind, in a mail with all that is attached to it."""
    return dict.fromkeys(("text/plain", "text/html"), _LONGEST_TEXT)


def texts_of(message: Message, left: dict[str, int]) -> Texts:
    """Return the text parts; the plain one where there are several forms of the same.

    Args:
        left: how many characters of each kind may still be read; what is read is taken off.
    """
    inline = [
        part
        for part in walk(message)
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"
    ]
    is_plain = any(
        part.get_content_type() == "text/plain" and _content(part)[0].strip() for part in inline
    )
    wanted = "text/plain" if is_plain else "text/html"
    blocks: list[Block] = []
    pages: list[Block] = []
    is_cut = False
    for part in inline:
        kind = part.get_content_type()
        if kind not in (wanted, "text/html"):
            continue
        content, is_longer = _content(part)
        is_cut = is_cut or is_longer or len(content) > left[kind]
        content = content[: left[kind]]
        left[kind] -= len(content)
        if kind == "text/html":
            pages.append(text_of(content))
        if kind == wanted:
            blocks.append(Block(content) if is_plain else pages[-1])
    return Texts(
        "\n".join(one.own for one in blocks),
        "\n".join(one.quoted for one in blocks),
        is_cut or any(one.is_cut for one in pages),
        any(character.isalnum() for one in pages for character in one.hidden)
        or any(overrides(one.own) for one in blocks)
        or (is_plain and any(_is_spread(one.own) for one in blocks)),
        is_plain and bool(pages) and _differ(_words(blocks), _words(pages)),
    )


def _is_spread(text: str) -> bool:
    """Whether so many blank lines stand before words that nobody looks for them there."""
    blank = 0
    for line in text.split("\n"):
        if not visible_words(line):
            blank += 1
        elif blank > _MOST_BLANK_LINES:
            return True
        else:
            blank = 0
    return False


def _words(blocks: Iterable[Block]) -> frozenset[str]:
    texts = (text for one in blocks for text in (one.own, one.quoted))
    return frozenset(
        word for text in texts for word in _WORD.findall(_LINK.sub(" ", text.casefold()))
    )


def _differ(plain: frozenset[str], page: frozenset[str]) -> bool:
    """Whether one form has more than some words of its own: links and names of pictures are some."""
    return any(
        len(one - other) > max(_FEW_WORDS, len(one) // 4)
        for one, other in ((plain, page), (page, plain))
    )


def attached(message: Message, left: dict[str, int]) -> Iterator[tuple[Forwarded, Texts]]:
    """Yield mails that are attached as mails, with their texts; those inside are not looked at.

    Args:
        left: how many characters of each kind may still be read.
    """
    for part in walk(message):
        children = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(children, list):
            for child in children[:1]:
                if isinstance(child, Message):
                    texts = texts_of(child, left)
                    senders = str(child.get("From", ""))[:_LONGEST_FIELD]
                    subject = str(child.get("Subject", ""))[:_LONGEST_SUBJECT]
                    forwarded = Forwarded(
                        tuple(
                            compared(address)
                            for _, address in mailboxes(senders)
                            if is_address(address)
                        ),
                        one_line(decoded(subject)),
                        plain(texts.own),
                    )
                    yield forwarded, texts


def decoded(value: str) -> str:
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


def _content(part: Message) -> tuple[str, bool]:
    """Return the text of a part, and whether it is longer than that."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return "", False
    return _text(payload[:_LONGEST_TEXT], part.get_content_charset()), len(payload) > _LONGEST_TEXT


def _text(data: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup((name or "utf-8").strip("\"' "))
            if codec.name not in _ODD_CHARSETS:
                return data.decode(codec.name, "strict")
        except (LookupError, ValueError):
            continue
    # Mostly UTF-8 with a broken place, or an older charset that was not named.
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 2 < sum(character > "\x7f" for character in text):
        return text
    return data.decode("cp1252", "replace")
