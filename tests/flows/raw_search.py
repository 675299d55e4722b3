"""Searches files as they lie on the disk for values of people, in every way of writing them.

Written apart from Lacuna's own search, and simpler: bytes are looked for as they stand, in UTF-16,
base64, hexadecimal, percent-encoding, quoted-printable, entities, JSON escapes and as unsalted
hashes; and again in what can be unpacked: gzip, zip, zstd, Parquet, zlib, and values that PostgreSQL
compressed, in rows and in TOAST chunks, dead ones included. `test_raw_search.py` shows that it sees.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import html
import html.entities
import io
import json
import quopri
import re
import struct
import urllib.parse
import uuid
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import ahocorasick
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PAGE = 8192
HASHES = ("md5", "sha1", "sha256", "sha512")


class Wanted:
    """Values of many people, each known by a name that says nothing."""

    def __init__(self, values: Mapping[str, Collection[str]]) -> None:
        self._automaton = ahocorasick.Automaton()
        for owner, texts in values.items():
            for text in texts:
                for form in forms(text):
                    self._add(form, (owner, text), 0)
                for form in packed_forms(text):
                    self._add(form, (owner, text), len(form))
        self._automaton.make_automaton()

    def _add(self, form: bytes, each: tuple[str, str], packed: int) -> None:
        folded = form.decode("latin-1").lower()
        self._automaton.add_word(
            folded, self._automaton.get(folded, frozenset()) | {(*each, packed)}
        )

    def found_in(self, content: bytes) -> set[tuple[str, str]]:
        """Return owner and value of whatever the bytes hold."""
        found: set[tuple[str, str]] = set()
        for end, owners in self._automaton.iter(content.decode("latin-1").lower()):
            for owner, text, packed in owners:
                if (owner, text) not in found and (
                    not packed or is_packed_in(content, end + 1 - packed, end + 13, text)
                ):
                    found.add((owner, text))
        return found


def is_packed_in(content: bytes, start: int, end: int, text: str) -> bool:
    """Whether base64 from about `start` to `end` holds a value, and not one that ends alike."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content[max(0, start - 10) : end])
    for skipped in range(4):
        whole = letters[skipped:]
        # What is cut off at the end is made up for: no digit of the value is dropped.
        decoded = base64.b64decode(whole + b"A" * (-len(whole) % 4))
        if text.lower().encode() in decoded.decode("utf-8", "ignore").lower().encode():
            return True
    return False


def forms(value: str) -> Iterator[bytes]:
    """Yield the ways in which a value may be written as bytes."""
    clear = value.encode()
    for text in dict.fromkeys((value, value.lower())):
        plain = text.encode()
        yield plain
        yield text.encode("utf-16-le")
        yield text.encode("utf-16-be")
        yield plain.hex().encode()
        for name in HASHES:
            digest = hashlib.new(name, plain, usedforsecurity=False).digest()
            yield digest
            yield digest.hex().encode()
            yield base64.b64encode(digest).rstrip(b"=")
    yield urllib.parse.quote(value, safe="").encode()
    yield urllib.parse.quote_plus(value, safe="").encode()
    yield quopri.encodestring(clear, quotetabs=True)
    yield html.escape(value).replace("@", "&#64;").encode()
    yield "".join(
        f"&{html.entities.codepoint2name[ord(character)]};"
        if ord(character) in html.entities.codepoint2name
        else character
        for character in value
    ).encode()
    yield json.dumps(value)[1:-1].encode()
    if " " in value:
        yield value.replace(" ", "_").encode()
        yield value.replace(" ", "-").encode()
    with contextlib.suppress(ValueError):
        yield uuid.UUID(value).bytes


def packed_forms(value: str) -> Iterator[bytes]:
    """Yield what base64 makes of a value, wherever it stands among others."""
    for text in dict.fromkeys((value, value.lower())):
        plain = text.encode()
        for shift in range(3):
            # What the neighbors of the value decide is left out at both ends.
            packed = base64.b64encode(b"\0" * shift + plain)
            end = len(packed) - 4 if (len(plain) + shift) % 3 else len(packed)
            yield packed[0 if shift == 0 else 4 : end]


def search(roots: Iterable[Path], wanted: Wanted) -> dict[tuple[str, str], set[str]]:
    """Return what is found, with the files in which, as paths below their root."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for root in roots:
        for path in sorted(root.rglob("*")):
            place = str(path.relative_to(root))
            for each in wanted.found_in(place.encode()):
                found[each].add("a name")
            if path.is_file() and not path.is_symlink():
                for content in contents(path):
                    for each in wanted.found_in(content):
                        found[each].add(place)
    return dict(found)


def contents(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, and those of everything packed in it."""
    content = path.read_bytes()
    yield content
    if b"base64" in content:
        # Lines of a mail end in the middle of a value.
        yield content.replace(b"\r", b"").replace(b"\n", b"")
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    elif content[:4] == b"\x28\xb5\x2f\xfd":
        yield pa.CompressedInputStream(pa.BufferReader(content), "zstd").read()
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif content[:4] == b"PAR1":
        file = pq.ParquetFile(io.BytesIO(content))
        yield json.dumps(file.read().to_pylist(), ensure_ascii=False, default=str).encode()
        names = [one.path for one in file.schema if one.physical_type == "BYTE_ARRAY"]
        table = pq.ParquetFile(io.BytesIO(content), read_dictionary=names).read()
        yield str([chunk for column in table.columns for chunk in column.chunks]).encode()
    elif len(content) % PAGE == 0 and content and {"base", "global"} & set(path.parts):
        yield from compressed_in_pages(content)
    elif content[:15] == b"SQLite format 3":
        yield from zlib_streams(content)


def zlib_streams(content: bytes) -> Iterator[bytes]:
    start = content.find(b"\x78")
    while start >= 0:
        if content[start + 1] in (0x01, 0x5E, 0x9C, 0xDA):
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj().decompress(content[start : start + 1_000_000])
        start = content.find(b"\x78", start + 1, len(content) - 1)


# --- PostgreSQL -------------------------------------------------------------------------------------


def compressed_in_pages(content: bytes) -> Iterator[bytes]:
    """Yield values that were compressed (pglz), wherever in the pages they stand."""
    words = np.frombuffer(content, "<u4")
    length, raw = words[:-1] >> 2, words[1:] & 0x3FFFFFFF
    likely = (
        ((words[:-1] & 3) == 2) & (length > 8) & (length < PAGE) & (raw > length) & (raw < 1 << 24)
        & ((words[1:] >> 30) == 0)
    )  # fmt: skip
    for place in np.nonzero(likely)[0]:
        start = int(place) * 4
        plain = pglz(content[start + 8 : start + int(length[place])], int(raw[place]))
        if plain is not None:
            yield plain
    chunks: dict[int, dict[int, bytes]] = defaultdict(dict)
    for page in range(0, len(content), PAGE):
        for chunk_id, number, data in chunks_of(content[page : page + PAGE]):
            chunks[chunk_id][number] = data
    for parts in chunks.values():
        whole = b"".join(parts[number] for number in sorted(parts))
        yield whole
        (raw_size,) = struct.unpack_from("<I", whole.ljust(4, b"\0"))
        plain = pglz(whole[4:], raw_size & 0x3FFFFFFF, allow_cut=True)
        if plain is not None:
            yield plain


def chunks_of(page: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield what looks like rows of a TOAST table: id, number and bytes of a chunk."""
    (lower,) = struct.unpack_from("<H", page, 12)
    for pointer in range(24, min(lower, PAGE), 4):
        (item,) = struct.unpack_from("<I", page, pointer)
        offset, size = item & 0x7FFF, item >> 17
        if size < 36 or offset + size > PAGE:
            continue
        (columns,) = struct.unpack_from("<H", page, offset + 18)
        header = page[offset + 22]
        if columns & 0x7FF != 3 or header != 24:
            continue
        chunk_id, number, length = struct.unpack_from("<III", page, offset + header)
        if length & 3 == 0 and 4 < length >> 2 <= size:
            yield chunk_id, number, page[offset + header + 12 : offset + header + 8 + (length >> 2)]


def pglz(source: bytes, raw_size: int, *, allow_cut: bool = False) -> bytes | None:
    """Return what a compressed value says, or None where the bytes are none."""
    if not 0 < raw_size < 1 << 26:
        return None
    target = bytearray()
    place, end = 0, len(source)
    while place < end and len(target) < raw_size:
        control = source[place]
        place += 1
        for _ in range(8):
            if place >= end or len(target) >= raw_size:
                break
            if control & 1:
                if place + 2 > end:
                    return None
                length = (source[place] & 0x0F) + 3
                back = ((source[place] & 0xF0) << 4) | source[place + 1]
                place += 2
                if length == 18:
                    if place >= end:
                        return None
                    length += source[place]
                    place += 1
                if back == 0 or back > len(target):
                    return None
                start = len(target) - back
                if back >= length:
                    target += target[start : start + length]
                else:
                    for position in range(length):
                        target.append(target[start + position])
            else:
                target.append(source[place])
                place += 1
            control >>= 1
    return bytes(target) if allow_cut or len(target) >= raw_size else None
