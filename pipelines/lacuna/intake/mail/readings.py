"""Says whether the body of a mail reads in one way alone, whatever its header says of its form.

Where a signature leaves Content-Type open, whoever hands the mail on can name another boundary, or
another encoding: then other words of it are its writer's.
"""

import re
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Final

_KINDS: Final = frozenset({"multipart/alternative", "multipart/mixed", "multipart/related"})
"""Kinds that are read alike; the parts of a digest, for example, would be mails."""
_CHARSETS: Final = frozenset({None, "us-ascii", "utf-8"})
_ENCODINGS: Final = frozenset({"", "7bit", "8bit"})
_OTHER_FORM: Final = re.compile(rb"^--[^\s]|<[a-z!/?]", re.IGNORECASE | re.MULTILINE)
"""What would be a boundary or a tag in another form."""
_ENCODED: Final = re.compile(rb"=[0-9A-F]{2}|=[ \t]*$", re.IGNORECASE | re.MULTILINE)
"""What would be a byte, or a line that goes on, in quoted-printable."""


def header_of(content: bytes) -> Message:
    """Return the fields of a mail alone."""
    return BytesHeaderParser(policy=compat32).parsebytes(content)


def has_one_reading(header: Message, body: bytes, *, is_encoding_signed: bool) -> bool:
    """Whether a body leaves no choice of its form.

    Parts do that by their boundary: the first line is one and the last line ends it. A plain text
    does it where no other form would change what it says.
    """
    if header.get_content_type() in _KINDS:
        boundary = b"--" + str(header.get_boundary("")).encode("utf-8", "surrogateescape")
        lines = [line.rstrip() for line in body.strip().split(b"\n", 1)[:1]]
        return lines == [boundary] and body.rstrip().endswith(b"\n" + boundary + b"--")
    body = body.replace(b"\r\n", b"\n")
    header.set_payload(body.decode("ascii", "surrogateescape"))
    said = header.get_payload(decode=True) if is_encoding_signed else body
    return (
        header.get_content_type() == "text/plain"
        and header.get_content_charset() in _CHARSETS
        and isinstance(said, bytes)
        and not any(map(_OTHER_FORM.search, (body, said)))
        and (is_encoding_signed or _is_bare(header, body))
    )


def _is_bare(header: Message, body: bytes) -> bool:
    encoding = str(header.get("Content-Transfer-Encoding", "")).strip().lower()
    return encoding in _ENCODINGS and _ENCODED.search(body) is None
