"""What is attached to a mail, by name and size: nothing of it is opened."""

from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from lacuna.intake.mail.bodies import OverLimitError, decoded, message_of, walk
from lacuna.intake.mail.hidden_characters import one_line, visible
from lacuna.intake.mail.reader import is_oversized

_LONGEST_NAME: Final = 200
_NAMELESS: Final = "(no name)"
_UNREADABLE: Final = "(unreadable)"
# The parser of the standard library meets input that it was not written for.
_UNFORESEEN: Final = (ValueError, LookupError, TypeError, RecursionError, AttributeError)


@dataclass(frozen=True)
class Attachment:
    """A part of a mail that is not its text.

    Attributes:
        name: as its sender wrote it, on one line, hidden characters as their codes; at most 200
            characters.
        media_type: as its sender claims.
        byte_count: of its content, decoded.
    """

    name: str = field(repr=False)
    media_type: str
    byte_count: int


def attachments_of(content: bytes) -> tuple[Attachment, ...]:
    """Return the attachments of a mail, in order; none of a mail that is over a limit."""
    if is_oversized(len(content)):
        return ()
    try:
        parts = list(walk(message_of(content)))
    except (OverLimitError, *_UNFORESEEN):
        return ()
    found = []
    for part in parts:
        try:
            if _is_attached(part):
                found.append(_read(part))
        except _UNFORESEEN:
            found.append(Attachment(_UNREADABLE, part.get_content_type(), 0))
    return tuple(found)


def _is_attached(part: Message) -> bool:
    if part.get_content_type() == "message/rfc822":
        return True
    if part.is_multipart():
        return False
    return part.get_content_maintype() != "text" or (
        part.get_content_disposition() == "attachment" or part.get_filename() is not None
    )


def _read(part: Message) -> Attachment:
    name = visible(one_line(decoded(part.get_filename() or "")))[:_LONGEST_NAME]
    if part.is_multipart():  # a mail
        payload = part.get_payload()
        size = sum(len(bytes(each)) for each in payload if isinstance(each, Message))
    else:
        found = part.get_payload(decode=True)
        size = len(found) if isinstance(found, bytes) else 0
    return Attachment(name or _NAMELESS, part.get_content_type(), size)
