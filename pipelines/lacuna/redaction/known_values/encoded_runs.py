"""What long runs of base64 or hexadecimal digits say, if they do not contain that text character by character.

Their bytes may be packed, in another encoding, or amid others that are none of a text: an
attachment, a token, a log. Which digit says what can then not be told, so that a run counts as a whole.
"""

import base64
import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

RUN: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}"
    r"(?:\r?\n[ \t>]*[A-Za-z0-9+/_-]{4,}(?![A-Za-z0-9+/_-]))*+"
    r"(?:\r?\n[ \t>]*[A-Za-z0-9+/_-]{2,3}(?==))?={0,2}"
)
"""Base64 or hexadecimal digits, in several lines too."""
SHORTEST: Final = 16
"""Digits of a run that is read as bytes; a shorter one is read as a text alone."""
LARGEST: Final = 64 * 1024 * 1024
"""Bytes that one run is unpacked to in all; of what is larger nothing more is read."""

_DEEPEST: Final = 4
_FEW: Final = 3
# PostgreSQL writes bytes as \x…, other databases as 0x…; the backslash is no character of a run.
_HEX_PIECE: Final = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=^x)|(?<=^0x))(?:[0-9a-fA-F]{2}){5,}(?![0-9A-Za-z])"
)
_NO_DIGITS: Final = re.compile(r"[\s>=]+")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Five characters or more of text: UTF-8, Latin-1, or Latin letters in UTF-16.
_TEXTS: Final = tuple(
    (re.compile(pattern), encoding)
    for pattern, encoding in (
        (
            rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
            rb"|[\xf0-\xf4][\x80-\xbf]{3}){5,}",
            "utf-8",
        ),
        (rb"[\t\n\r\x20-\x7e\xc0-\xff]{5,}", "latin-1"),
        (rb"(?:[\t\n\r\x20-\x7e\xc0-\xff]\0){5,}", "utf-16-le"),
        (rb"(?:\0[\t\n\r\x20-\x7e\xc0-\xff]){5,}", "utf-16-be"),
    )
)
_ZIP: Final = b"PK\x03\x04"
_FRAMES: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}


def sayings(run: str) -> Iterator[str]:
    """Yield the texts among the bytes of a run, unpacked if they are packed.

    >>> list(sayings("416e6e61204265726720")), next(sayings("/0FubmEgQmVyZ/8="))
    (['Anna Berg '], 'Anna Berg')
    """
    if _UUID.fullmatch(run):
        return
    # The quote mark is no character of a line, and Python would leave it out uncounted.
    lines = run.replace("=", "").replace(">", " ").split()
    whole = _NO_DIGITS.sub("", run)
    # A word may stand in the line below.
    for digits in (whole, *(lines if 1 < len(lines) <= _FEW else ())):
        for data in _read(digits):
            yield from _texts(data)


def _read(digits: str) -> Iterator[bytes]:
    if _HEX.fullmatch(digits):
        yield bytes.fromhex(digits)
        return
    # What stands before it, such as a path, may have digits of base64 too.
    yield from map(bytes.fromhex, _HEX_PIECE.findall(digits))
    digits = digits.replace("-", "+").replace("_", "/")
    for start in range(4):
        part = digits[start:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        yield base64.b64decode(part + "=" * (-len(part) % 4))


def _texts(data: bytes) -> Iterator[str]:
    for one in _unpacked(data, 0, _Allowance()):
        try:
            text = one.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" not in text:
            yield text
            continue
        for pattern, encoding in _TEXTS:
            runs = (run.decode(encoding, "replace") for run in pattern.findall(one))
            # What is ASCII was read as UTF-8.
            yield from (said for said in runs if encoding != "latin-1" or not said.isascii())


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Allowance:
    """How many bytes a run may still be unpacked to: what is packed within what was packed counts too."""

    def __init__(self) -> None:
        self.left = LARGEST

    def take(self, file: _Stream) -> bytes:
        """Return the bytes of a packed file.

        Raises:
            ValueError: it is larger than what is left.
        """
        content = file.read(self.left + 1)
        if len(content) > self.left:
            self.left = 0
            raise ValueError("larger than is read")
        self.left -= len(content)
        return content


def _unpacked(data: bytes, depth: int, allowance: _Allowance) -> Iterator[bytes]:
    """Yield bytes and, if they are packed, what they were packed from, several times over too.

    What begins as something packed by accident, or is broken, or larger than is read, is left as it is.
    """
    yield data
    if depth == _DEEPEST:
        return
    try:
        for member in _members(data, allowance):
            yield from _unpacked(member, depth + 1, allowance)
    except (
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
    ):
        return


def _members(data: bytes, allowance: _Allowance) -> Iterator[bytes]:
    source = io.BytesIO(data)
    if data.startswith(_ZIP):
        with zipfile.ZipFile(source) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    content = allowance.take(file)
                yield content
    elif data.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=source) as stream:
            yield allowance.take(stream)
    elif data.startswith(b"BZh"):
        with bz2.BZ2File(source) as packed:
            yield allowance.take(packed)
    elif data.startswith(b"\xfd7zXZ\0"):
        with lzma.LZMAFile(source) as packed_tightly:
            yield allowance.take(packed_tightly)
    elif data[:1] == b"\x78" and int.from_bytes(data[:2]) % 31 == 0:
        yield allowance.take(_Deflated(data))
    elif data[:4] in _FRAMES:
        # Only here: its import takes its time.
        import pyarrow as pa

        with pa.CompressedInputStream(pa.BufferReader(data), _FRAMES[data[:4]]) as frame:
            yield allowance.take(frame)


class _Deflated:
    """A stream of zlib, to be read once."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int) -> bytes:
        """Return at most so many bytes."""
        return zlib.decompressobj().decompress(self._data, size)
