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
from typing import Final, NoReturn, Protocol

import pyarrow as pa

# Of one file, everything together that is packed in it, in its members, and in their members.
_LARGEST_UNPACKED: Final = 64 * 1024 * 1024
_MOST_MEMBERS: Final = 100_000

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
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_BETWEEN_WORDS: Final = re.compile(rb"[\t\n\r ,;]")
_CODE_PAGES: Final = (
    *("cp1250", "iso8859-2", "cp852", "mac_latin2"),  # Central Europe
    *("cp1251", "koi8-u", "iso8859-5", "cp866"),  # Cyrillic
    *("cp1253", "cp1254", "cp1257", "iso8859-4"),  # Greek, Turkish, Baltic
    *("cp1252", "cp850", "mac_roman"),  # Western Europe: of DOS and the Mac
)
_BESIDE: Final = (-1, 0, 1)
_ZIP: Final = b"PK\x03\x04"
_ZIP_ENTRY: Final = b"PK\x01\x02"
_SHORTEST_ZLIB: Final = 8
_TRIED: Final = 64
# What Arrow unpacks and the standard library of every supported Python does not.
_FRAMES: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class UnsearchableError(ValueError):
    """Bytes that cannot be searched whole: they must be listed as opaque."""


class UnpackingLimit:
    """How much may still be unpacked of one file: bytes and members, at any depth.

    Members within members multiply: some kilobytes, packed twice, are gigabytes of text.

    Attributes:
        is_exceeded: whether there was more; then nothing else is unpacked.
    """

    def __init__(self) -> None:
        """Allow what is unpacked of one file."""
        self.is_exceeded = False
        self._bytes = _LARGEST_UNPACKED
        self._members = _MOST_MEMBERS

    def read(self, file: _Readable) -> bytes:
        """Return a member, which is not read further than the limit.

        Raises:
            UnsearchableError: it is larger, or it is one too many.
        """
        return self.count(file.read(self.left() + 1))

    def left(self) -> int:
        """Return how many bytes the next member may have.

        Raises:
            UnsearchableError: there may be no other member.
        """
        self.check_members(1)
        return self._bytes

    def count(self, content: bytes) -> bytes:
        """Return a member that was unpacked, and subtract it from what is left.

        Raises:
            UnsearchableError: it is larger than what is left.
        """
        self._members -= 1
        if len(content) > self._bytes:
            self._exceed()
        self._bytes -= len(content)
        return content

    def check_members(self, number: int) -> None:
        """Make sure that so many members more may be unpacked.

        Raises:
            UnsearchableError: they may not.
        """
        if self.is_exceeded or number > self._members:
            self._exceed()

    def _exceed(self) -> NoReturn:
        self.is_exceeded = True
        raise UnsearchableError("packed members are larger, or more, than is searched")


def texts_in_bytes(data: bytes) -> Iterator[str]:
    """Yield the texts in raw bytes: UTF-8, UTF-16 and code pages, also inside packed members.

    Raises:
        UnsearchableError: a packed member is broken, locked, or larger than is searched.
    """
    for plain in unpacked(data):
        try:
            yield plain.decode("utf-8")
        except UnicodeDecodeError:
            yield plain.decode("utf-8", "replace")
            yield plain.decode("latin-1")
            yield from in_code_pages(plain)
        yield from _wide_texts(plain)


def in_code_pages(data: bytes) -> Iterator[str]:
    """Yield the lines with letters beyond ASCII, and those beside them, in each code page of Europe.

    Nothing says which it was. Of bytes that are no text in any of them, nothing, nor of one word: what
    is written with such letters, names and streets, has several.
    """
    if _CONTROLS.search(data) or not _BETWEEN_WORDS.search(data):
        return
    lines = data.split(b"\n")
    beside = {
        number + step for number, line in enumerate(lines) if not line.isascii() for step in _BESIDE
    }
    some = b"\n".join(line for number, line in enumerate(lines) if number in beside)
    yield from dict.fromkeys(some.decode(page, "replace") for page in _CODE_PAGES)


def _wide_texts(data: bytes) -> Iterator[str]:
    if not (b"\0" in data or is_wide(data)):
        return
    yield data.replace(b"\0", b"").decode("latin-1")
    for start in (0, 1):
        for encoding in ("utf-16-le", "utf-16-be"):
            yield data[start:].decode(encoding, "replace")
    if data.count(b"\0") * 2 >= len(data):
        for encoding in ("utf-32-le", "utf-32-be"):
            yield data.decode(encoding, "replace")


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


def unpacked(
    data: bytes, limit: UnpackingLimit | None = None, *, depth: int = 0
) -> Iterator[bytes]:
    """Yield the bytes, or those of every member if they are packed, several times over too.

    Args:
        limit: what may be unpacked; None: what may be of one file.

    Raises:
        UnsearchableError: a member is broken or locked, or there is more than is searched.
    """
    limit = limit or UnpackingLimit()
    try:
        # The outside too: names of members and whatever was appended stand there in the clear.
        yield data
        if is_packed(data):
            if depth == _DEEPEST:
                raise UnsearchableError("members are packed more often than is searched")
            for member in _members(data, limit):
                yield from unpacked(member, limit, depth=depth + 1)
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


def _members(data: bytes, limit: UnpackingLimit) -> Iterator[bytes]:
    """Yield the members of a packed file."""
    source = io.BytesIO(data)
    if data.startswith(_ZIP):
        # Before the list is read, which takes more memory than the file.
        limit.check_members(data.count(_ZIP_ENTRY))
        with zipfile.ZipFile(source) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    content = limit.read(file)
                yield content
    elif data.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=source) as file:
            content = limit.read(file)
        yield content
    elif _is_zlib(data):
        unpacking = zlib.decompressobj()
        content = limit.count(unpacking.decompress(data, limit.left() + 1))
        if not unpacking.eof:
            raise UnsearchableError("a packed member is cut")
        yield content
    elif data.startswith(b"BZh"):
        with bz2.BZ2File(source) as packed:
            content = limit.read(packed)
        yield content
    elif data.startswith(b"\xfd7zXZ\0"):
        with lzma.LZMAFile(source) as packed:
            content = limit.read(packed)
        yield content
    else:
        frame = _FRAMES[data[:4]]
        with pa.CompressedInputStream(pa.BufferReader(data), frame) as stream:
            content = limit.read(stream)
        yield content
