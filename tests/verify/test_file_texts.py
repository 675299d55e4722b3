"""What is read out of files and blobs: mail, Parquet, packed files, any encoding, mere bytes."""

import base64
import bz2
import contextlib
import gzip
import io
import lzma
import quopri
import sqlite3
import tarfile
import zipfile
from email.message import EmailMessage

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.model.datamap import ObjectFormat
from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.ports import SEALED_FORM
from lacuna.verify import raw_bytes
from lacuna.verify.file_texts import BYTES_ONLY, NOT_SEARCHABLE, SEALED, FileReading, parquet_rows
from lacuna.verify.raw_bytes import UnsearchableError, texts_in_bytes
from lacuna.verify.search import KnownValues
from tests.hostile_mails import HOSTILE_MAILS

ANNA = Identifier(IdentifierKind.NAME, "Anna Søndergård")
KNOWN_VALUES = KnownValues([(SubjectRef("anna"), [ANNA])])


def sees(content: bytes, kind: ObjectFormat | None = None) -> bool:
    texts = list(FileReading(content, kind).texts())
    raw = [one.text for one in texts if one.is_raw]
    others = [one.text for one in texts if not one.is_raw]
    return bool(KNOWN_VALUES.find_as_is(raw)) or bool(KNOWN_VALUES.find_all(others))


def opaque(content: bytes, kind: ObjectFormat | None = None) -> set[str]:
    reading = FileReading(content, kind)
    list(reading.texts())
    return reading.opaque


def zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("in.txt", content)
    return target.getvalue()


def tarred(content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        info = tarfile.TarInfo("in.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


@pytest.mark.parametrize("about", HOSTILE_MAILS)
def test_no_mail_stops_the_search(about):
    reading = FileReading(HOSTILE_MAILS[about], ObjectFormat.MAIL)
    texts = [one.text for one in reading.texts()]
    assert any("Bodil Birkelund" in text for text in texts)
    assert reading.opaque == ({NOT_SEARCHABLE} if about == "parts in parts" else set())


PACKERS = [gzip.compress, bz2.compress, lzma.compress, zipped, tarred]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("kind", [None, ObjectFormat.TEXT])
def test_text_is_read_in_any_encoding(encoding: str, kind: ObjectFormat | None) -> None:
    assert sees("\n".join(["Hello", "Anna Søndergård", "bye"]).encode(encoding), kind)


def test_a_byte_of_another_encoding_hides_no_value() -> None:
    mixed_bytes = "Anna Søndergård é ".encode() + "Anna Søndergård".encode("latin-1")
    mixed = b"\xc3\xa9 Anna S\xf8nderg\xc3\xa5rd"
    for content in (mixed_bytes[19:], mixed):
        text = base64.b64encode(content)
        head = b"From: a@b.org\nTo: c@d.org\nSubject: x\nContent-Type: text/plain; charset=utf-8\n"
        mail = head + b"Content-Transfer-Encoding: base64\n\n" + text
        assert sees(content, ObjectFormat.TEXT)
        assert sees(mail, ObjectFormat.MAIL)


HRUSKOVA, BERGOVA, OZTURK, ZEMGALE, PAPADOPOULOU = (
    Identifier(IdentifierKind.NAME, name)
    for name in ("Zdeňka Hrušková", "Анна Бергова", "Şule Öztürk", "Žanna Ķīse", "Άννα Παπά")
)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        (name, encoding)
        for name, encodings in (
            (HRUSKOVA, ("cp1250", "iso8859-2", "cp852", "mac_latin2")),
            (BERGOVA, ("cp1251", "koi8-r", "iso8859-5", "cp866")),
            (OZTURK, ("cp1254",)),
            (ZEMGALE, ("cp1257", "iso8859-4")),
            (PAPADOPOULOU, ("cp1253",)),
            (ANNA, ("cp850", "mac_roman", "cp1252")),
        )
        for encoding in encodings
    ],
)
@pytest.mark.parametrize("form", ["file", "gzip", "base64 in a text", "mail without a charset"])
def test_a_text_in_a_code_page_of_europe_is_read(name, encoding, form) -> None:
    said = f"Order 17, by parcel\nfor {name.value},\nat the second floor, many thanks\n".encode(
        encoding
    )
    content = {
        "file": lambda: said,
        "gzip": lambda: gzip.compress(said),
        "base64 in a text": lambda: b"note: " + base64.b64encode(said),
        "mail without a charset": lambda: (
            b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
            + quopri.encodestring(said)
        ),
    }[form]()
    known = KnownValues([(SubjectRef("x"), [name])])
    assert known.find_all([one.text for one in FileReading(content).texts()])


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_read(encoding) -> None:
    content = f"for {HRUSKOVA.value}, thanks".encode(encoding)
    known = KnownValues([(SubjectRef("x"), [HRUSKOVA])])
    assert known.find_all([one.text for one in FileReading(content).texts()])


def test_what_is_no_text_in_any_code_page_is_not_read_in_all() -> None:
    assert not [*raw_bytes.in_code_pages(bytes(range(256)))]


def test_utf_16_is_read_from_an_odd_place() -> None:
    assert sees(b"x" + "говорит Anna Søndergård".encode("utf-16-le"), ObjectFormat.TEXT)


@pytest.mark.parametrize("pack", PACKERS, ids=lambda one: one.__name__)
def test_packed_files_are_opened(pack) -> None:
    packed = pack(f"by {ANNA.value} ".encode() * 50)
    assert b"Anna" not in packed
    assert sees(packed)
    assert sees(gzip.compress(packed))


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_frames_of_other_codecs_are_opened(codec: str, tmp_path) -> None:
    path = tmp_path / "packed"
    with pa.CompressedOutputStream(str(path), codec) as stream:
        stream.write(f"by {ANNA.value} ".encode() * 50)
    assert b"Anna" not in path.read_bytes()[20:] or codec == "lz4"
    assert sees(path.read_bytes())


def test_stored_data_35_a_blob_that_is_a_mail_in_gzip_in_base64_is_searched() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "anna@example.org", "Hello"
    mail.set_content(f"Hello, I am {ANNA.value}", cte="base64")
    packed = gzip.compress(mail.as_bytes())
    for blob in (packed, base64.encodebytes(packed), base64.b64encode(packed)):
        assert b"Anna" not in blob
        assert sees(blob)


def test_stored_data_35_what_cannot_be_opened_is_opaque_not_clean() -> None:
    locked = zipped(ANNA.value.encode()).replace(
        b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01"
    )
    locked = locked.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    broken = gzip.compress(b"x" * 1000)[:-10]
    for content in (locked, broken, b"\x28\xb5\x2f\xfd" + b"\xff" * 40, b"PK\x03\x04 nothing"):
        assert opaque(content) == {NOT_SEARCHABLE}


def test_a_file_packed_too_often_or_too_large_is_opaque(monkeypatch) -> None:
    content = ANNA.value.encode()
    for _ in range(6):
        content = gzip.compress(content)
    assert opaque(content) == {NOT_SEARCHABLE}
    monkeypatch.setattr(raw_bytes, "_LARGEST_UNPACKED", 1000)
    assert opaque(gzip.compress(b"\0" * 1001)) == {NOT_SEARCHABLE}
    assert opaque(gzip.compress(b"a" * 1000)) == set()
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one", b"a" * 600)
        archive.writestr("two", b"a" * 600)
    assert opaque(two.getvalue()) == {NOT_SEARCHABLE}


def stored(*members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(str(number), member)
    return target.getvalue()


def attached(*contents: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "bo@example.org", "Hello"
    message.set_content("See below.")
    for content in contents:
        message.add_attachment(content, maintype="application", subtype="octet-stream")
    return message.as_bytes()


def in_cells(*contents: bytes) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table({"content": pa.array(contents, pa.binary())}), target)
    return target.getvalue()


MEMBERS = [zipped(bytes([letter]) * 700) for letter in range(97, 105)]
MULTIPLIED = {
    "members of members": stored(*MEMBERS),
    "deeper": gzip.compress(stored(stored(*MEMBERS[:4]), stored(*MEMBERS[4:]))),
    "parts of a mail": attached(*MEMBERS),
    "parts of a mail in a member": stored(attached(*MEMBERS[:4]), attached(*MEMBERS[4:])),
    "mail in a mail": attached(attached(*MEMBERS[:4]), attached(*MEMBERS[4:])),
    "cells": in_cells(*MEMBERS),
    "a mail's cells": attached(in_cells(*MEMBERS)),
}


def members_read(content: bytes) -> int:
    text = "\n".join(one.text for one in FileReading(content).texts())
    return sum(chr(letter) * 700 in text for letter in range(97, 105))


@pytest.mark.parametrize("content", MULTIPLIED.values(), ids=MULTIPLIED)
def test_all_that_is_packed_in_one_file_counts_together(monkeypatch, content) -> None:
    assert members_read(content) == 8
    monkeypatch.setattr(raw_bytes, "_LARGEST_UNPACKED", 5000)
    assert members_read(content) < 8
    assert opaque(content) == {NOT_SEARCHABLE}


def test_nothing_is_unpacked_beyond_what_one_file_may_hold(monkeypatch) -> None:
    monkeypatch.setattr(raw_bytes, "_LARGEST_UNPACKED", 5000)
    read = raw_bytes.unpacked(stored(*MEMBERS))
    next(read)  # the file as it stands
    sizes: list[int] = []
    with pytest.raises(UnsearchableError):
        sizes.extend(map(len, read))
    assert 4000 < sum(sizes) <= 5000


def test_the_members_of_one_file_are_counted_before_they_are_listed(monkeypatch) -> None:
    monkeypatch.setattr(raw_bytes, "_MOST_MEMBERS", 10)
    assert opaque(stored(*[b"a"] * 10)) == set()
    assert opaque(stored(stored(*[b"a"] * 5), stored(*[b"a"] * 5))) == {NOT_SEARCHABLE}
    eleven = stored(*[b"a"] * 11)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert opaque(eleven) == {NOT_SEARCHABLE}


def test_bytes_that_only_begin_like_a_packed_member_stop_nobody() -> None:
    said = base64.b64encode(b"\x1f\x8b\x08 no gzip, but Anna S\xc3\xb8nderg\xc3\xa5rd").decode()
    assert sees(f"see {said} there".encode())


@pytest.mark.parametrize("magic", [b"RIFF", b"\x89PNG", b"OggS", b"%PDF", b"SQLite format 3\0"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le"])
def test_sound_and_pictures_are_searched_as_bytes_and_said_to_be(
    magic: bytes, encoding: str
) -> None:
    noise = bytes(range(128, 160)) * 4
    content = magic + noise + b"\0\1" + ANNA.value.encode(encoding) + b"\0\2" + noise
    assert sees(content, ObjectFormat.BINARY)
    assert opaque(content, ObjectFormat.BINARY) == {BYTES_ONLY}


def test_a_text_among_binary_files_is_read_as_text() -> None:
    assert sees(b"<p>Anna S&oslash;nderg&aring;rd</p>", ObjectFormat.BINARY)
    assert opaque(b"<p>Anna</p>", ObjectFormat.BINARY) == set()
    assert opaque(b"\x01\x02 who knows" * 9, None) == {BYTES_ONLY}


def test_what_lacuna_encrypted_is_called_so_where_it_writes_alone() -> None:
    sealed = SEALED_FORM + bytes(range(128, 256))
    own = FileReading(sealed, is_own=True)
    assert not [text for text, is_raw in own.texts() if not is_raw]
    assert own.opaque == {SEALED}
    assert opaque(sealed) == {BYTES_ONLY}
    other = FileReading(b"\x02" + sealed, is_own=True)
    list(other.texts())
    assert other.opaque == {BYTES_ONLY}


# --- mail -----------------------------------------------------------------------------------------


def mail(**parts: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "bo@example.org"
    message["To"] = parts.get("to", "support@example.com")
    message["Subject"] = parts.get("subject", "Hello")
    return message


@pytest.mark.parametrize(
    ("cte", "charset"),
    [
        ("7bit", "utf-8"),
        ("8bit", "utf-8"),
        ("8bit", "iso-8859-1"),
        ("quoted-printable", "utf-8"),
        ("quoted-printable", "iso-8859-1"),
        ("base64", "utf-8"),
        ("base64", "iso-8859-1"),
        ("base64", "utf-16"),
    ],
)
def test_the_parts_of_a_mail_are_decoded(cte: str, charset: str) -> None:
    name = "Anna Sondergard" if cte == "7bit" else ANNA.value
    message = mail()
    message.set_content(f"Hello\n{name}\n", charset=charset, cte=cte)
    assert sees(message.as_bytes(), ObjectFormat.MAIL)


def test_a_part_in_another_script_is_decoded_by_its_own_character_set() -> None:
    message = mail()
    message.set_content("Пишет Юлия Жукова", charset="koi8-r", cte="base64")
    known_values = KnownValues(
        [(SubjectRef("j"), [Identifier(IdentifierKind.NAME, "Юлия Жукова")])]
    )
    texts = [one.text for one in FileReading(message.as_bytes(), ObjectFormat.MAIL).texts()]
    assert known_values.find_all(texts)


def test_headers_attachments_and_mails_inside_a_mail_are_read() -> None:
    assert sees(mail(subject=f"Till {ANNA.value}, om en sak som är lång " * 3).as_bytes())
    assert sees(mail(to=f'"{ANNA.value}" <a@example.org>').as_bytes())
    attached = mail()
    attached.set_content("see the attachment")
    attached.add_attachment(
        zipped(ANNA.value.encode()), maintype="application", subtype="zip", filename="x.zip"
    )
    assert sees(attached.as_bytes())
    named = mail()
    named.set_content("x")
    named.add_attachment(b"x", maintype="image", subtype="png", filename=f"{ANNA.value}.png")
    assert sees(named.as_bytes())
    inner = mail()
    inner.set_content(f"I am {ANNA.value}", cte="base64")
    outer = mail()
    outer.set_content("forwarded")
    outer.add_attachment(inner)
    assert sees(outer.as_bytes())


SAID = f"As {ANNA.value} wrote, it is late. "
NO_TEXT = {
    "utf-16": SAID.encode("utf-16"),
    "utf-16 without a mark": SAID.encode("utf-16-le"),
    "gzip": gzip.compress(SAID.encode() * 3),
    "zip": zipped(SAID.encode()),
    "of another character set": SAID.encode("latin-1"),
}


def part_of_a_mail(content: bytes, said: str, cte: str) -> bytes:
    coded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring, "8bit": bytes}
    head = (
        "From: bo@example.org\nTo: desk@example.org\nSubject: x\nMIME-Version: 1.0\n"
        f"Content-Type: {said}\nContent-Transfer-Encoding: {cte}\n\n"
    )
    return head.encode() + coded[cte](content)


@pytest.mark.parametrize("content", NO_TEXT.values(), ids=NO_TEXT)
@pytest.mark.parametrize(
    "said",
    [
        "text/plain",
        "text/csv; charset=us-ascii",
        "text/x; charset=no",
        "text/plain; charset=utf-16-le",
        "text/plain; charset=cp500",
    ],
)
@pytest.mark.parametrize("cte", ["base64", "quoted-printable"])
def test_a_part_that_is_no_text_whatever_it_says_is_read_as_what_it_is(cte, said, content) -> None:
    part = part_of_a_mail(content, said, cte)
    assert sees(part)
    assert opaque(part) == set()


@pytest.mark.parametrize("cte", ["base64", "quoted-printable", "8bit"])
def test_bytes_that_a_mail_calls_a_text_are_said_to_be_searched_as_bytes(cte) -> None:
    noise = bytes(range(128, 256)) + b"\1\0\2" + bytes(range(128, 256))
    for said in ("text/plain", "text/plain; charset=iso-8859-1", "text/plain; charset=no"):
        for content in (noise, b"late " * 2000 + noise):
            assert opaque(part_of_a_mail(content, said, cte), ObjectFormat.MAIL) == {BYTES_ONLY}


def test_what_a_mail_calls_a_text_and_cannot_be_opened_is_not_searchable() -> None:
    broken = gzip.compress(SAID.encode() * 9)[:-10]
    assert opaque(part_of_a_mail(broken, "text/plain", "base64")) == {NOT_SEARCHABLE}


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "utf-16", "utf-32", "cp865"])
def test_a_text_in_the_character_set_that_it_names_is_nothing_else(charset) -> None:
    part = part_of_a_mail(SAID.encode(charset), f"text/plain; charset={charset}", "base64")
    assert sees(part)
    assert opaque(part) == set()


def test_a_mail_that_is_not_put_together_right_is_read_as_text_too() -> None:
    body = base64.b64encode(f"I am {ANNA.value}".encode()).decode()
    broken = (
        "From: bo@example.org\nSubject: x\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\nno boundary at all\n' + body
    )
    assert sees(broken.encode(), ObjectFormat.MAIL)
    wrong = (
        "From: bo@example.org\nSubject: x\nContent-Transfer-Encoding: base64\n"
        f"Content-Type: text/plain; charset=none-such\n\nI am &#65;nna Søndergård={body[:5]}"
    )
    assert sees(wrong.encode(), ObjectFormat.MAIL)


# --- Parquet --------------------------------------------------------------------------------------


def parquet(column: pa.Array, **options: object) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table({"column": column}), target, compression="gzip", **options)
    return target.getvalue()


def test_stored_data_43_an_entry_of_a_dictionary_that_no_row_holds_is_found() -> None:
    values = pa.array(["nobody"] * 500 + [ANNA.value])
    left = pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), values.unique())
    content = parquet(left, write_statistics=False)
    assert b"Anna" not in content
    assert ANNA.value not in pq.read_table(io.BytesIO(content))["column"].to_pylist()
    assert sees(content, ObjectFormat.PARQUET)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([None, ANNA.value]),
        pa.array([None, ANNA.value], pa.large_string()),
        pa.array([["x", ANNA.value], None]),
        pa.array([{"a": {"b": [ANNA.value]}}, None]),
        pa.array([[(ANNA.value, "x")], None], pa.map_(pa.string(), pa.string())),
        pa.array([[("x", ANNA.value)], None], pa.map_(pa.string(), pa.string())),
        pa.array([gzip.compress(ANNA.value.encode()), None]),
        pa.array(["<p>Anna S&oslash;nderg&aring;rd", None]),
        pa.array(["Anna Søndergård".encode().ljust(20), None], pa.binary(20)),
    ],
    ids=["text", "large text", "list", "structure", "key", "value", "blob", "html", "fixed"],
)
@pytest.mark.parametrize("use_dictionary", [True, False], ids=["dictionary", "plain"])
def test_a_value_is_found_in_every_kind_of_column(column: pa.Array, use_dictionary) -> None:
    content = parquet(column, use_dictionary=use_dictionary, write_statistics=False)
    assert sees(content, ObjectFormat.PARQUET)


def test_numbers_statistics_and_metadata_are_found() -> None:
    number = KnownValues([(SubjectRef("a"), [Identifier(IdentifierKind.PHONE, "+4520304050")])])
    content = parquet(pa.array([4520304050, 1]))
    texts = [one.text for one in FileReading(content, ObjectFormat.PARQUET).texts()]
    assert number.find_all(texts)
    target = io.BytesIO()
    table = pa.table({"x": [1]}).replace_schema_metadata({"made by": ANNA.value})
    pq.write_table(table, target)
    assert sees(target.getvalue(), ObjectFormat.PARQUET)


def test_a_parquet_file_that_cannot_be_read_is_opaque() -> None:
    content = parquet(pa.array(["x"]))
    assert opaque(content[:-8], ObjectFormat.PARQUET) == {NOT_SEARCHABLE}
    with pytest.raises(UnsearchableError, match="cannot be read"):
        list(parquet_rows(content[:-8], []))


def test_rows_of_a_parquet_file_come_with_the_people_they_lead_to() -> None:
    target = io.BytesIO()
    table = pa.table({"who": ["a", None], "text": ["x", "y"], "more": [{"k": [b"z"]}, None]})
    pq.write_table(table, target)
    rows = list(parquet_rows(target.getvalue(), ["who", "not there"]))
    assert [owners for owners, _ in rows] == [{"a"}, set()]
    assert set(rows[0][1]) == {"a", "x", "k", "z"}


def test_bytes_of_nothing_are_nothing() -> None:
    assert list(texts_in_bytes(b"")) == [""]
    assert opaque(b"") == set()


def test_a_database_in_use_is_searched_as_bytes_with_its_log_and_index(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "airflow.db")) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("create table notes (text)")
        database.execute("insert into notes values ('anna.berg@example.org')")
        database.commit()
        contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents.keys() == {"airflow.db", "airflow.db-wal", "airflow.db-shm"}
    for content in contents.values():
        assert opaque(content, None) == {BYTES_ONLY}
    texts = list(FileReading(contents["airflow.db-wal"]).texts())
    assert all(text.is_raw for text in texts)
    assert any("anna.berg@example.org" in text.text for text in texts)


@pytest.mark.parametrize("kind", [None, *ObjectFormat])
def test_a_text_that_begins_as_a_picture_does_is_read_as_a_text(kind: ObjectFormat | None) -> None:
    content = b"BMW of " + base64.b64encode("Anna Søndergård and her car".encode())
    if kind is not ObjectFormat.PARQUET:
        assert sees(content, kind)
        assert opaque(content, kind) == set()


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7\n"])
def test_a_text_behind_the_head_of_another_file_is_read_and_the_file_counted(head: bytes) -> None:
    content = head + base64.b64encode(b"x " * 30 + "Anna Søndergård".encode())
    for kind in (None, ObjectFormat.BINARY, ObjectFormat.DETECT):
        assert sees(content, kind)
        assert opaque(content, kind) == {BYTES_ONLY}


def test_a_text_that_only_names_the_head_of_a_pdf_is_searched_whole() -> None:
    content = "a file begins with %PDF-1.7, Anna Søndergård".encode()
    for kind in (None, ObjectFormat.TEXT, ObjectFormat.DETECT):
        assert sees(content, kind)
        assert opaque(content, kind) == set()
