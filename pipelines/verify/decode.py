"""The views in which verification searches a text: as it stands, decoded, and as digits only.

Written apart from the redaction engine on purpose: what one overlooks, the other must see.
"""

import base64
import binascii
import gzip
import html
import io
import quopri
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_QUOTED_PRINTABLE: Final = re.compile(r"=(?:[0-9A-F]{2}|\r?\n)")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}(?:\r?\n[A-Za-z0-9+/_-]+={0,2})*")
_ESCAPED: Final = re.compile(r"\\u[0-9a-fA-F]{4}")
_SPACES: Final = re.compile(r"\s+")
_INVISIBLE: Final = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F], None
)
# Letters that decompose to nothing, as they are commonly written without their mark.
_PLAIN: Final = str.maketrans(
    {
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "\u0131": "i",
    }
)
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s().\-/\u2010-\u2015\u2212]+(?=\d)")
_DEEPEST: Final = 3
_LARGEST_INFLATED: Final = 64 * 1024 * 1024


def fold(text: str) -> str:
    """Return a text as values compare: no case, no marks on letters, single spaces.

    >>> fold("Søren  ÅKESSON")
    'soren akesson'
    """
    if text.isascii():
        return _SPACES.sub(" ", text.lower())
    text = unicodedata.normalize("NFKD", text.translate(_INVISIBLE)).casefold()
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return _SPACES.sub(" ", text.translate(_PLAIN))


def digits_only(text: str) -> str:
    """Return the text with whatever stands between two digits of a number removed.

    >>> digits_only("call +45 12 34-56 78 now")
    'call +4512345678 now'
    """
    text = text.replace("(0)", "")
    return _BETWEEN_DIGITS.sub("", text)


def views(text: str, *, depth: int = 0) -> Iterator[str]:
    """Yield the text and every decoding of it that says something new, decoded again in turn.

    HTML without tags and entities, percent-encoding, quoted-printable, base64, and the
    escapes of JSON for letters.
    """
    yield text
    if depth >= _DEEPEST:
        return
    for decoded in _decodings(text):
        if decoded != text:
            yield from views(decoded, depth=depth + 1)


def _decodings(text: str) -> Iterator[str]:
    if "<" in text:
        yield html.unescape(_TAG.sub("", text))
        yield html.unescape(_TAG.sub(" ", text))
    elif "&" in text:
        yield html.unescape(text)
    if "%" in text and _PERCENT.search(text):
        yield unquote(text, errors="replace")
    if "\\u" in text and _ESCAPED.search(text):
        yield _ESCAPED.sub(lambda found: chr(int(found.group()[2:], 16)), text)
    if "=" in text and _QUOTED_PRINTABLE.search(text):
        octets = quopri.decodestring(text.encode("utf-8", "surrogatepass"))
        yield octets.decode("utf-8", "replace")
    for found in _BASE64.finditer(text):
        if decoded := _from_base64(found.group()):
            yield decoded


def _from_base64(run: str) -> str | None:
    packed = re.sub(r"\s+", "", run).replace("-", "+").replace("_", "/").rstrip("=")
    packed += "=" * (-len(packed) % 4)
    try:
        octets = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return None
    text = octets.decode("utf-8", "replace")
    # Most long words are base64 by accident and decode to noise.
    noise = sum(sign == "\ufffd" or (sign < " " and sign not in "\r\n\t") for sign in text)
    return text if text and noise * 4 <= len(text) else None


def texts_in_octets(octets: bytes, *, depth: int = 0) -> Iterator[str]:
    """Yield the texts in raw bytes: UTF-8, UTF-16, and what gzip and zip members hold.

    Raises:
        ValueError: a compressed member is larger than is searched, or broken.
    """
    yield octets.decode("utf-8", "replace")
    if b"\x00" in octets:
        for encoding in ("utf-16-le", "utf-16-be"):
            yield octets.decode(encoding, "replace")
    if depth >= _DEEPEST:
        return
    if octets[:2] == b"\x1f\x8b":
        yield from texts_in_octets(_inflated(octets), depth=depth + 1)
    elif octets[:4] == b"PK\x03\x04":
        for content in _members(octets):
            yield from texts_in_octets(content, depth=depth + 1)


def _inflated(octets: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(octets)) as file:
            content = file.read(_LARGEST_INFLATED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError("a gzip member is broken") from error
    if len(content) > _LARGEST_INFLATED:
        raise ValueError("a gzip member is larger than is searched")
    return content


def _members(octets: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for member in archive.infolist():
                if member.file_size > _LARGEST_INFLATED:
                    raise ValueError("a zip member is larger than is searched")
                yield archive.read(member)
    except (zipfile.BadZipFile, RuntimeError, zlib.error) as error:
        raise ValueError("a zip archive cannot be read") from error
