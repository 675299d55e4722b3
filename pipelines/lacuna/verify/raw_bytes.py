"""The texts in raw bytes: in any encoding, and in what was compressed or packed.

What has a known form (mail, Parquet) is read by `file_texts.py`; this module knows bytes alone.
"""

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final, Protocol

import pyarrow as pa

_LARGEST_UNPACKED: Final = 64 * 1024 * 1024

_DEEPEST: Final = 4
# Five characters or more of text: ASCII with UTF-8 of other scripts, or Latin-1.
_UTF8: Final = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}){5,}"
)
_LATIN: Final = re.compile(rb"[\t\n\r\x20-\x7e\xc0-\xff]{5,}")
_WIDE_LITTLE: Final = re.compile(rb"(?:[\t\n\r\x20-\x7e\xc0-\xff]\0){5,}")
_WIDE_BIG: Final = re.compile(rb"(?:\0[\t\n\r\x20-\x7e\xc0-\xff]){5,}")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_ZIP: Final = b"PK\x03\x04"
_SHORTEST_ZLIB: Final = 8
_TRIED: Final = 64
# What Arrow unpacks and the standard library of every supported Python does not.
_FRAMES: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class UnsearchableError(ValueError):
    """Bytes that cannot be searched whole: they must be listed as opaque."""


def texts_in_bytes(data: bytes) -> Iterator[str]:
    """Yield the texts in raw bytes: UTF-8, Latin-1 and UTF-16, also inside packed members.

    Raises:
        UnsearchableError: a packed member is broken, locked, or larger than is searched.
    """
    for plain in unpacked(data):
        try:
            yield plain.decode("utf-8")
        except UnicodeDecodeError:
            yield plain.decode("utf-8", "replace")
            yield plain.decode("latin-1")
        yield from _wide_texts(plain)


def _wide_texts(data: bytes) -> Iterator[str]:
    if not (b"\0" in data or is_wide(data)):
        return
    yield data.replace(b"\0", b"").decode("latin-1")
    for start in (0, 1):
        for encoding in ("utf-16-le", "utf-16-be"):
            yield data[start:].decode(encoding, "replace")


def is_wide(data: bytes) -> bool:
    """Whether bytes look like text in UTF-16."""
    return data.startswith(_BYTE_ORDER_MARKS) or data.count(b"\0") * 4 > len(data) > 0


def strings_in_bytes(data: bytes) -> str:
    """Return the stretches of text in bytes that are no text, such as sound or a picture.

    UTF-8 and Latin-1, and UTF-16 of Latin letters; nothing is unpacked.
    """
    texts = [run.decode("utf-8", "replace") for run in _UTF8.findall(data)]
    texts += [run.decode("latin-1") for run in _LATIN.findall(data) if not run.isascii()]
    for wide in (_WIDE_LITTLE, _WIDE_BIG) if b"\0" in data else ():
        texts += [run.replace(b"\0", b"").decode("latin-1") for run in wide.findall(data)]
    return "\ufffd".join(texts)


def is_packed(data: bytes) -> bool:
    """Whether bytes are a packed file whose members `unpacked` yields."""
    return (
        _is_zlib(data)
        or data.startswith((b"\x1f\x8b", b"\xfd7zXZ\0", _ZIP, *_FRAMES))
        or (data.startswith(b"BZh") and data[4:10] == b"1AY&SY")
    )


def _is_zlib(data: bytes) -> bool:
    """Whether bytes are a zlib stream: its header has two bytes only, so that it is tried."""
    if data[:1] != b"\x78" or len(data) < _SHORTEST_ZLIB or int.from_bytes(data[:2]) % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(data, _TRIED))
    except zlib.error:
        return False


def unpacked(data: bytes, *, depth: int = 0) -> Iterator[bytes]:
    """Yield the bytes, or those of every member if they are packed, several times over too.

    Raises:
        UnsearchableError: a member is broken, locked, or larger than is searched.
    """
    try:
        # The outside too: names of members and whatever was appended stand there in the clear.
        yield data
        if is_packed(data):
            if depth == _DEEPEST:
                raise UnsearchableError("members are packed more often than is searched")
            for member in _members(data):
                yield from unpacked(member, depth=depth + 1)
    except UnsearchableError:
        raise
    except (
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
        pa.ArrowException,
    ) as error:
        raise UnsearchableError("a packed member cannot be read") from error


def _members(data: bytes) -> Iterator[bytes]:
    """Yield the members of a packed file."""
    source = io.BytesIO(data)
    if data.startswith(_ZIP):
        yield from _zipped(source)
    elif data.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=source) as file:
            yield _read(file, _LARGEST_UNPACKED)
    elif _is_zlib(data):
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(data, _LARGEST_UNPACKED + 1)
        if not unpacking.eof:
            raise UnsearchableError("a packed member is cut, or larger than is searched")
        yield content
    elif data.startswith(b"BZh"):
        with bz2.BZ2File(source) as packed:
            yield _read(packed, _LARGEST_UNPACKED)
    elif data.startswith(b"\xfd7zXZ\0"):
        with lzma.LZMAFile(source) as packed:
            yield _read(packed, _LARGEST_UNPACKED)
    else:
        frame = _FRAMES[data[:4]]
        with pa.CompressedInputStream(pa.BufferReader(data), frame) as stream:
            yield _read(stream, _LARGEST_UNPACKED)


def _zipped(source: IO[bytes]) -> Iterator[bytes]:
    left = _LARGEST_UNPACKED
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                content = _read(file, left)
            left -= len(content)
            yield content


def _read(file: _Readable, most: int) -> bytes:
    content = file.read(most + 1)
    if len(content) > most:
        raise UnsearchableError("packed members are larger than is searched")
    return content
