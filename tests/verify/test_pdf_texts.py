"""Texts of PDF files: pages, forms, notes, metadata, attached files; and files made to do harm."""

from __future__ import annotations

import base64
import io
import json
import os
import time
import zipfile
from email.message import EmailMessage

import pytest

from lacuna.model.datamap import ObjectFormat
from lacuna.verify import pdf_subprocess
from lacuna.verify.file_texts import BYTES_ONLY, NOT_SEARCHABLE, FileReading, pdf_files_in
from tests.pdf_files import pdf_file, shown, stream

NAME, MAIL = "Siobhan Quillfeather", "siobhan.quill@example.org"
UNICODE = b"""/CIDInit /ProcSet findresource begin begincmap /CMapName /X def
1 begincodespacerange <0000> <FFFF> endcodespacerange
3 beginbfchar <0001> <0141> <0002> <0105> <0003> <017E> endbfchar endcmap end"""


def read(content: bytes, kind: ObjectFormat | None = ObjectFormat.BINARY) -> tuple[str, set[str]]:
    reading = FileReading(content, kind)
    texts = "\n".join(text.text for text in reading.texts())
    return texts, reading.opaque


@pytest.mark.parametrize("kind", [None, *ObjectFormat])
def test_what_pages_show_is_read(kind):
    content = pdf_file([shown(f"Dear {NAME},", "your invoice"), shown(f"to {MAIL}")])
    if kind is not ObjectFormat.PARQUET:
        texts, opaque = read(content, kind)
        assert NAME in texts
        assert MAIL in texts
        assert opaque == set()


def test_what_lies_outside_of_a_page_is_read():
    texts, _ = read(pdf_file([shown("word " * 100 + NAME)]))
    assert NAME in texts


def test_a_font_of_a_files_own_is_read_by_its_table():
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H "
        b"/DescendantFonts [100 0 R] /ToUnicode 101 0 R >>"
    )
    inner = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    )
    page = b"BT /F1 12 Tf 50 700 Td <000100020003> Tj ET"
    texts, _ = read(pdf_file([page], {100: inner, 101: stream(UNICODE)}, font=font))
    assert "Łąž" in texts


def test_metadata_notes_forms_and_titles_are_read():
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /Rect [0 0 9 9] /T (who) /V 105 0 R >>"
    content = pdf_file(
        [shown("nothing")],
        {
            100: b"<< /Author <FEFF%s> >>" % NAME.encode("utf-16-be").hex().encode(),
            101: b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (call Zuzanna Bram) >>",
            102: field,
            103: b"<< /First 104 0 R /Last 104 0 R /Count 1 >>",
            104: b"<< /Title (for Leopold Thorn) /Parent 103 0 R >>",
            105: b"<FEFF%s>" % MAIL.encode("utf-16-be").hex().encode(),
        },
        catalog=b"/Outlines 103 0 R /AcroForm << /Fields [102 0 R] >>",
        page=b"/Annots [101 0 R 102 0 R]",
        trailer=b"/Info 100 0 R",
    )
    texts, opaque = read(content)
    for said in (NAME, MAIL, "call Zuzanna Bram", "for Leopold Thorn"):
        assert said in texts
    assert opaque == set()


def test_files_that_are_attached_are_read_by_their_own_form():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:t>{NAME}</w:t>")
    names = b"/Names << /EmbeddedFiles << /Names [(a) 100 0 R] >> >>"
    inner = pdf_file([shown(f"mail {MAIL}")])
    for data, said in ((packed.getvalue(), NAME), (inner, MAIL)):
        content = pdf_file(
            [shown("nothing")],
            {
                100: b"<< /Type /Filespec /F (x) /UF (x) /EF << /F 101 0 R >> >>",
                101: stream(data, b"/Type /EmbeddedFile"),
            },
            catalog=names,
        )
        assert said in read(content)[0]


def test_pictures_may_show_what_nobody_reads():
    picture = stream(
        b"\0",
        b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray",
    )
    content = pdf_file(
        [shown(f"for {NAME}") + b" q 9 0 0 9 0 0 cm /P Do Q"],
        {100: picture},
        resources=b"/XObject << /P 100 0 R >>",
    )
    texts, opaque = read(content)
    assert NAME in texts
    assert opaque == {BYTES_ONLY}


def test_a_file_with_something_before_its_head_is_read():
    content = pdf_file([shown(f"for {NAME}")])
    assert NAME in read(b"\x00\x01 from a gateway\n" + content)[0]


@pytest.mark.parametrize("cut", [9, 60, 200])
def test_a_damaged_file_is_searched_as_bytes_and_the_next_one_read(cut):
    whole = pdf_file([shown(f"for {NAME}")])
    damaged = whole[:cut].replace(b"1 0 obj", b"for " + MAIL.encode())
    _, opaque = read(damaged)
    assert opaque == {BYTES_ONLY}
    assert NAME in read(whole)[0]


def test_a_locked_file_is_searched_as_bytes():
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]"
    content = pdf_file([shown(NAME)], trailer=lock % (b"00" * 32, b"11" * 32))
    texts, opaque = read(content)
    assert NAME not in texts
    assert opaque == {BYTES_ONLY}


def harmful(levels: int) -> bytes:
    """Return a file that shows a text ten times as often with each level."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 3 0 R >> /XObject << /X %d 0 R >> >>"
    objects = {100 + level: stream(b"/X Do " * 10, form % (101 + level)) for level in range(levels)}
    objects[100 + levels] = stream(shown("word " * 200), form % 3)
    return pdf_file([b"/X Do"], objects, resources=b"/XObject << /X 100 0 R >>")


@pytest.mark.thorough
def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_read(monkeypatch):
    monkeypatch.setattr(pdf_subprocess, "_SECONDS", 2)
    began = time.monotonic()
    _, opaque = read(harmful(8))
    assert opaque == {BYTES_ONLY}
    assert time.monotonic() - began < 20
    assert NAME in read(pdf_file([shown(NAME)]))[0]


def test_more_text_than_is_searched_is_not_read(monkeypatch):
    monkeypatch.setattr(pdf_subprocess, "_MOST_BYTES", 1000)
    assert read(pdf_file([shown("word " * 300)]))[1] == {BYTES_ONLY}


def test_a_fork_has_a_program_of_its_own():
    content = pdf_file([shown(NAME)])
    assert NAME in read(content)[0]
    child = os.fork()
    if child == 0:
        os._exit(0 if NAME in read(content)[0] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert NAME in read(content)[0]


def test_files_within_files_end():
    content = b"end"
    for _ in range(6):
        content = pdf_file(
            [shown("nothing")],
            {
                100: b"<< /Type /Filespec /F (x) /UF (x) /EF << /F 101 0 R >> >>",
                101: stream(content, b"/Type /EmbeddedFile"),
            },
            catalog=b"/Names << /EmbeddedFiles << /Names [(a) 100 0 R] >> >>",
        )
    assert NOT_SEARCHABLE in read(content)[1]


def raw_mail() -> str:
    """Return a mail with a PDF file, as a platform keeps it in a column of texts."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "desk@example.org", "somebody@example.org"
    mail.set_content("The invoice is attached.")
    content = pdf_file([shown(f"Dear {NAME},")])
    mail.add_attachment(content, maintype="application", subtype="pdf", filename="invoice.pdf")
    return mail.as_string()


@pytest.mark.parametrize(
    "text",
    [
        raw_mail(),
        raw_mail().replace("\n", "\r\n"),
        json.dumps({"raw": raw_mail()}),
        json.dumps({"file": base64.b64encode(pdf_file([shown(NAME)])).decode()}).replace(
            "/", "\\/"
        ),
        "data:application/pdf;base64," + base64.b64encode(pdf_file([shown(NAME)])).decode(),
    ],
    ids=["mail", "crlf", "mail in JSON", "JSON", "address"],
)
def test_a_pdf_in_base64_in_a_text_is_read(text):
    (found,) = pdf_files_in(text)
    assert NAME in "\n".join(one.text for one in found.texts())
    assert found.opaque == set()


def test_a_pdf_in_base64_that_cannot_be_read_is_noted():
    text = "JVBERi0 and JVBERi0" + "A" * 400
    assert {frozenset(found.opaque) for found in pdf_files_in(text) if [*found.texts()]} == {
        frozenset({BYTES_ONLY})
    }
    assert [*pdf_files_in("a text without one")] == []
