"""What is attached to a mail: its name and size, and nothing opened."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from lacuna.intake.mail import attachments_of


def written(*, text: str = "Please delete my data.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "ada@example.org"
    message["Subject"] = "My data"
    message.set_content(text)
    return message


def test_files_are_named_with_their_type_and_size_in_order():
    message = written()
    message.add_alternative("<p>Please delete my data.</p>", subtype="html")
    message.add_attachment(b"x" * 1_000, maintype="image", subtype="png", filename="passport.png")
    message.add_attachment("a;b\n", subtype="csv", filename="Rechnung für Ädé.csv")
    forwarded = written(text="Another mail.")
    message.add_attachment(forwarded)
    found = [(one.name, one.media_type) for one in attachments_of(bytes(message))]
    assert found == [
        ("passport.png", "image/png"),
        ("Rechnung für Ädé.csv", "text/csv"),
        ("(no name)", "message/rfc822"),
    ]
    first, second, third = attachments_of(bytes(message))
    assert (first.byte_count, second.byte_count) == (1_000, 4)
    assert third.byte_count > 50


def test_a_mail_without_files_has_none():
    message = written()
    message.add_alternative("<p>Please delete my data.</p>", subtype="html")
    assert attachments_of(bytes(message)) == ()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'attachment; filename="a\r\n b.exe"', "a b.exe"),
        (b"attachment; filename*=utf-8''fdp.%E2%80%AEexe", "fdp.exe"),
        (b'attachment; filename="' + b"n" * 1_500 + b'"', "n" * 200),
        (b"attachment; filename*=utf-8''%C3%A9.txt", "\u00e9.txt"),
        (b"attachment; filename*=nosuch''%C3%A9.txt", None),
        (b"attachment", "(no name)"),
        (b"attachment; filename*=idna'en'" + b"a" * 100, None),
    ],
    ids=["folded", "turned round", "long", "encoded", "no such charset", "none", "no encoding"],
)
def test_a_name_is_one_short_line_and_hides_nothing(header, name):
    content = (
        b"From: a@example.org\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Disposition: " + header + b"\r\n\r\nxx"
    )
    found = attachments_of(content)
    assert len(found) == 1
    assert "\n" not in found[0].name
    if name is not None:
        assert found[0].name == name
    assert repr(name or "x") not in repr(found[0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 1_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 300,
        b"Content-Type: multipart/mixed\r\n\r\n--",
        b"Content-Transfer-Encoding: base64\r\nContent-Type: image/png\r\n\r\n\xff\xff=",
        b"x" * (12 * 1024 * 1024),
    ],
    ids=["empty", "no mail", "too many parts", "no boundary", "no base64", "too large"],
)
def test_whatever_the_bytes_are_nothing_is_raised(content):
    assert len(attachments_of(content)) <= 1
