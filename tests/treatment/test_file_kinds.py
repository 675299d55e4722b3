"""What a file is by its own bytes: cut, disguised and empty ones too."""

import pytest

from lacuna.model.datamap import ObjectFormat
from lacuna.treatment import JSON, format_of, text_file

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("Søren".encode(), "Søren"),
        (b"\xef\xbb\xbf" + "Søren".encode(), "Søren"),
        ("Søren".encode("utf-16"), "Søren"),
        (b"\xfe\xff" + "Søren".encode("utf-16-be"), "Søren"),
        ("Søren".encode("utf-32"), "Søren"),
        ("Søren".encode("cp1252"), "Søren"),
        (b"BMW, RIFF, GIF89a and ID3", "BMW, RIFF, GIF89a and ID3"),
        (b"GIF89a of Anna", "GIF89a of Anna"),
    ],
)
def test_a_text_is_decoded_and_encoded_as_it_was(content, text):
    found = text_file(content)
    assert found is not None
    assert (found.text, found.encoded(found.text)) == (text, content)
    assert found.encoded("[x]") == content[: len(found.prefix)] + "[x]".encode(found.encoding)


@pytest.mark.parametrize(
    "content",
    [
        PNG + b"Anna",
        b"%PDF-1.4\nAnna",
        b"Anna\n%PDF-1.4\n",
        "Anna".encode("utf-16")[:-1],
        "Anna".encode("utf-16-le"),
        b"Anna\0",
        b"\xef\xbb\xbf\xff",
        "Søren".encode("cp1252") + b"\x81",
    ],
)
def test_what_does_not_decode_from_one_end_to_the_other_is_no_text(content):
    assert text_file(content) is None
    assert format_of(content) is ObjectFormat.BINARY


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("Anna", "text/plain"),
        ("<!DOCTYPE html><title>x</title>", "text/html"),
        (" <div class=x>Anna</div>", "text/html"),
        ("<Anna>", "text/plain"),
        ('{"a": ["Anna"]}', JSON),
        ('{"a": NaN}', "text/plain"),
        ('{"a": 1', "text/plain"),
        ("[" * 100_000, "text/plain"),
        ("[Anna]", "text/plain"),
    ],
)
def test_a_text_says_how_it_is_read(text, media_type):
    found = text_file(text.encode())
    assert found is not None
    assert found.media_type == media_type


@pytest.mark.parametrize(
    ("content", "is_mail"),
    [
        (b"From: a@example.org\r\nTo: b@example.org\r\n\r\nHello", True),
        (b"From a@example.org Mon\nReceived: x\n by y\nDate: today\n\n\xff\0", True),
        (b"Subject: it\nDate: today", True),
        (b"Hello,\nFrom: a@example.org\nTo: b@example.org\n\nHello", False),
        (b"From: a@example.org\n\nTo: b@example.org\n", False),
        (b"From: a@example.org\nfrom: b@example.org\n\n", False),
        (b" To: a\nFrom: b\n", False),
    ],
)
def test_a_mail_begins_with_its_header_and_nothing_else(content, is_mail):
    assert (format_of(content) is ObjectFormat.MAIL) == is_mail
