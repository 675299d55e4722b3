"""The search of what lies on the disk sees values in every way of writing that it is there for."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import quopri
import sqlite3
import struct
import urllib.parse
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from tests.flows.raw_search import PAGE, Wanted, search

MAIL, NAME, ID = "zoë.berg+new@example.org", "Zoë Ødegård", "ZQ-77-1234-X"
VALUES = (MAIL, NAME, ID)
WANTED = Wanted({"zoe": VALUES})


def found_in(folder: Path, path: str, content: bytes) -> set[str]:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return {value for (_, value), places in search([folder], WANTED).items() if path in places}


def hashed(name: str, value: str) -> bytes:
    return hashlib.new(name, value.encode(), usedforsecurity=False).digest()


WAYS = {
    "utf-8": lambda value: value.encode(),
    "lower": lambda value: value.lower().encode(),
    "utf-16-le": lambda value: value.encode("utf-16-le"),
    "utf-16-be": lambda value: value.encode("utf-16-be"),
    **{
        f"base64 at {shift}": lambda value, shift=shift: base64.b64encode(
            b"by " + b"x" * shift + f" {value}, who writes".encode()
        )
        for shift in range(3)
    },
    "hexadecimal": lambda value: value.encode().hex().encode(),
    "quoted-printable": lambda value: quopri.encodestring(value.encode(), quotetabs=True),
    "percent": lambda value: urllib.parse.quote(value, safe="").encode(),
    "entities": lambda value: html.escape(value).replace("@", "&#64;").encode(),
    **{
        name: lambda value, name=name: f"id {hashed(name, value).hex()};".encode()
        for name in ("md5", "sha1", "sha256", "sha512")
    },
    "sha256 in base64": lambda value: base64.b64encode(hashed("sha256", value)),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_writing_a_value_is_seen(tmp_path, way) -> None:
    content = b"\n".join(b"<" + WAYS[way](value) + b">" for value in VALUES)
    assert found_in(tmp_path, "evidence/notes.txt", content) == set(VALUES)


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", content)
    return target.getvalue()


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


@pytest.mark.parametrize("pack", [gzip.compress, zipped, zstd], ids=lambda one: one.__name__)
def test_what_is_packed_is_opened(tmp_path, pack) -> None:
    # Enough other characters for what does not repeat to be packed as well.
    others = "".join(hashed("sha512", str(number)).hex() for number in range(30))
    packed = pack(f"{others} {' '.join(VALUES)} {others[::-1]}".encode())
    assert not WANTED.found_in(packed)
    assert found_in(tmp_path, "airflow/packed", packed) == set(VALUES)


def test_an_entry_of_a_parquet_dictionary_that_no_row_holds_is_seen(tmp_path) -> None:
    target = io.BytesIO()
    people = pd.Categorical(["nobody"] * 3, ["nobody", *(f"by {one * 9}" for one in VALUES)])
    pd.DataFrame({"who": people}).to_parquet(target, compression="zstd")
    assert found_in(tmp_path, "media/exports/kept.parquet", target.getvalue()) == set(VALUES)


def test_a_stream_in_a_database_of_airflows_is_seen(tmp_path) -> None:
    path = tmp_path / "airflow" / "airflow.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("create table serialized (data blob)")
        packed = zlib.compress(" ".join(VALUES * 9).encode())
        connection.execute("insert into serialized values (?)", [packed])
    connection.close()
    assert found_in(tmp_path, "airflow/airflow.db", path.read_bytes()) == set(VALUES)


def test_names_of_files_are_seen(tmp_path) -> None:
    (tmp_path / f"call_{ID}_{MAIL}").mkdir()
    assert {value for _, value in search([tmp_path], WANTED)} == {ID, MAIL}


# --- PostgreSQL's own compression -------------------------------------------------------------------


REPEATED = 200


def pglz(text: bytes) -> bytes:
    """Compress as PostgreSQL does: eight literals, or references back, after a byte of flags.

    The text is literal, so that a byte of flags stands in the middle of each value; its beginning
    comes again at the end, by one reference, `REPEATED` bytes long.
    """
    items = [bytes([byte]) for byte in text]
    back = len(text)
    items.append(bytes([(back >> 4) & 0xF0 | 0x0F, back & 0xFF, REPEATED - 18]))
    stream = b""
    for start in range(0, len(items), 8):
        group = items[start : start + 8]
        flags = sum(1 << number for number, item in enumerate(group) if len(item) > 1)
        stream += bytes([flags]) + b"".join(group)
    return stream


def a_page(*rows: bytes) -> bytes:
    """Return a page that holds rows, the last one first, each four bytes aligned."""
    pointers, upper, content = b"", PAGE, bytearray(PAGE)
    for row in rows:
        upper = (upper - len(row)) & ~3
        content[upper : upper + len(row)] = row
        pointers += struct.pack("<I", upper | 1 << 15 | len(row) << 17)
    content[12:16] = struct.pack("<HH", 24 + len(pointers), upper)
    content[24 : 24 + len(pointers)] = pointers
    return bytes(content)


@pytest.mark.parametrize("value", VALUES)
def test_a_value_that_postgresql_compressed_is_seen_in_rows_and_in_chunks(tmp_path, value) -> None:
    text = f"said by {value} that day, and {value} again".encode()
    stream = pglz(text)
    assert not WANTED.found_in(stream)
    header = struct.pack("<I", len(text) + REPEATED)
    inline = struct.pack("<I", (len(stream) + 8) << 2 | 2) + header + stream
    assert value in found_in(tmp_path, "pg/data/base/5/1000", a_page(inline))

    whole = header + stream
    chunks = []
    for number, start in enumerate(range(0, len(whole), 30)):
        data = whole[start : start + 30]
        head = bytearray(24)
        head[18:20] = struct.pack("<H", 3)  # columns
        head[22] = 24  # where they begin
        chunks.append(bytes(head) + struct.pack("<III", 7, number, (len(data) + 4) << 2) + data)
    assert value in found_in(tmp_path, "pg/data/base/5/2000", a_page(*chunks))
