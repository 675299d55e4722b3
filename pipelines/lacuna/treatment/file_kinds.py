"""What a file is by its own bytes, whatever it is called: a text, a mail, or neither."""

import codecs
import json
import re
from dataclasses import dataclass, field
from typing import Final

from lacuna.model.datamap import ObjectFormat

JSON: Final = "application/json"
"""The media type of a text that is a JSON document."""

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED: Final = ("utf-8", "cp1252")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PDF: Final = b"%PDF-"
_PDF_BEGINS_WITHIN: Final = 1024  # bytes: readers take a file with something before its head
_HTML: Final = re.compile(
    r"\s*<(?:!doctype html|(?:html|head|body|div|p|table|span|h[1-6]|br)[\s/>])", re.IGNORECASE
)
_HEAD: Final = 65_536  # bytes, in which the headers of a mail end
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:")
_OF_MAIL: Final = frozenset(
    {
        *(b"from", b"to", b"subject", b"date"),
        *(b"message-id", b"mime-version", b"received", b"return-path"),
    }
)
_FEWEST_FIELDS: Final = 2


@dataclass(frozen=True)
class FileText:
    """A file that is a text.

    Attributes:
        media_type: `text/plain`, `text/html` or `application/json`.
        encoding: in which it was decoded without an error.
        prefix: the bytes before the text that tell the encoding; empty for none.
    """

    text: str = field(repr=False)
    media_type: str
    encoding: str
    prefix: bytes

    def encoded(self, text: str) -> bytes:
        """Return a file like this one with another text."""
        return self.prefix + text.encode(self.encoding, "replace")


def text_file(content: bytes) -> FileText | None:
    r"""Return the text that a file is; None if it is none.

    It is one if all of it decodes as UTF-8, as UTF-16 or UTF-32 with a byte order mark, or as
    Windows-1252, to characters without control characters. A PDF is none, although it may decode.

    >>> text_file("Søren".encode("latin-1")).text
    'Søren'
    >>> text_file(b"\x89PNG\r\n\x1a\nSoren"), text_file(b"%PDF-1.4\n")
    (None, None)
    """
    if _PDF in content[:_PDF_BEGINS_WITHIN]:
        return None
    prefix, encodings = next(
        (
            (prefix, (encoding,))
            for prefix, encoding in _BYTE_ORDER_MARKS
            if content.startswith(prefix)
        ),
        (b"", _UNMARKED),
    )
    for encoding in encodings:
        try:
            text = content[len(prefix) :].decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(text) is not None:
            return None
        return FileText(text, _media_type(text), encoding, prefix)
    return None


def format_of(content: bytes) -> ObjectFormat:
    r"""Return the format of a file: `MAIL`, `TEXT`, or `BINARY` for everything else.

    >>> str(format_of(b"From: a@example.org\nTo: b@example.org\n\nHello")), str(format_of(b"Hello"))
    ('mail', 'text')
    >>> str(format_of(b"From: a\nHello To: b\n"))
    'text'
    """
    if _is_mail(content):
        return ObjectFormat.MAIL
    return ObjectFormat.BINARY if text_file(content) is None else ObjectFormat.TEXT


def _is_mail(content: bytes) -> bool:
    """Whether a file begins with the header of a mail: nothing but its fields, to an empty line."""
    known = set[bytes]()
    for number, line in enumerate(content[:_HEAD].splitlines()):
        if number == 0 and line.startswith(b"From "):
            continue  # of a file with several mails
        if not line:
            break
        if line[:1] in (b" ", b"\t") and number:
            continue
        found = _FIELD.match(line)
        if found is None:
            return False
        known.add(found[1].lower())
    return len(known & _OF_MAIL) >= _FEWEST_FIELDS


def _media_type(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return "text/plain"
        return JSON
    return "text/html" if _HTML.match(text) else "text/plain"


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
