"""Odd mails that nobody listed before, by their id: read as they are, flagged, or nobody's."""

from __future__ import annotations

import pytest

from lacuna.intake.mail import read_mail
from lacuna.model.mail import Flaw
from tests.intake.mail.bad_inputs import mail

MIXED = 'multipart/mixed; boundary="x"'
TEXT = "Please delete my data."


def sender_is(address):
    return lambda read: read.sender == address


def says(text):
    return lambda read: read.text == text


def flawed(flaw):
    return lambda read: flaw in read.flaws


def received(year):
    return lambda read: (read.received_at and read.received_at.year) == year


CASES = {
    "email-51 a zone of a hundred hours": (
        mail(Received="from x by y; Mon, 02 Nov 2026 10:00:00 +9999"),
        received(None),
    ),
    "email-51 five thousand digits": (
        mail(Received=f"from x by y; Mon, 02 Nov {'1' * 5000} 10:00:00 +0000"),
        received(None),
    ),
    "email-51 a leap second": (
        mail(Received="from x by y; Sat, 31 Dec 2016 23:59:60 +0000"),
        received(None),
    ),
    "email-52 a group of nobody": (mail(From="undisclosed:;"), flawed(Flaw.NO_SENDER)),
    "email-52 a group of two": (
        mail(From="Friends: a@example.org, b@example.org;"),
        flawed(Flaw.NO_SENDER),
    ),
    "email-52 a route": (mail(From="<@relay.org:ada@example.org>"), flawed(Flaw.NO_SENDER)),
    "email-53 an address in a comment": (
        mail(From="ada@example.org (evil@example.net)"),
        sender_is("ada@example.org"),
    ),
    "email-53 an address for a name": (
        mail(From="evil@example.net <ada@example.org>"),
        lambda read: read.sender == "ada@example.org" and read.shows_other_address,
    ),
    "email-53 five thousand comments in one another": (
        mail(From=f"{'(' * 5000}{')' * 5000} ada@example.org"),
        flawed(Flaw.HEADER_TOO_LONG),
    ),
    "email-53 a second address on a folded line": (
        mail(From="ada@example.org,\r\n\tevil@example.net"),
        flawed(Flaw.SEVERAL_SENDERS),
    ),
    "email-54 an address in quotes": (mail(From='"a b"@example.org'), flawed(Flaw.NO_SENDER)),
    "email-54 a host's number": (mail(From="ada@[127.0.0.1]"), flawed(Flaw.NO_SENDER)),
    "email-54 no dot": (mail(From="root@localhost"), flawed(Flaw.NO_SENDER)),
    "email-54 a wide at sign": (mail(From="ada\uff20example.org"), flawed(Flaw.NO_SENDER)),
    "email-54 an address in an encoded word": (
        mail(From="=?utf-8?q?ada=40example=2Eorg?="),
        flawed(Flaw.NO_SENDER),
    ),
    "email-55 a sharp s is a letter of its own": (
        mail(From="a@stra\u00dfe.example"),
        sender_is("a@xn--strae-oqa.example"),
    ),
    "email-55 a prefix that decodes to nothing": (
        mail(From="ada@xn--a.org"),
        sender_is("ada@xn--a.org"),
    ),
    "email-56 base64 over lines with blanks": (
        mail("UGxl\r\n YXNl\tIGRlbGV0 ZSBteSBkYXRhLg==", Content_Transfer_Encoding="base64"),
        says(TEXT),
    ),
    "email-56 base64 without its end": (
        mail("UGxlYXNlIGRlbGV0ZSBteSBkYXRhLg", Content_Transfer_Encoding="base64"),
        says(TEXT),
    ),
    "email-56 a break at the end of the mail": (
        mail("Please=20delete=ZZ my data.=", Content_Transfer_Encoding="quoted-printable"),
        says("Please delete=ZZ my data."),
    ),
    "email-56 an encoding of nobody": (
        mail(TEXT, Content_Transfer_Encoding="x-gzip"),
        says(TEXT),
    ),
    "email-57 UTF-7 brings no markup": (
        mail("+ADw-b+AD4- Please", Content_Type="text/plain; charset=utf-7"),
        says("+ADw-b+AD4- Please"),
    ),
    "email-57 escapes of a program": (
        mail("Please\\u202e\\x00 delete", Content_Type="text/plain; charset=unicode_escape"),
        says("Please\\u202e\\x00 delete"),
    ),
    "email-57 a path for a character set": (
        mail(TEXT, Content_Type='text/plain; charset="../../etc/passwd"'),
        says(TEXT),
    ),
    "email-57 a name in two thousand pieces": (
        mail(TEXT, Content_Type="text/plain; " + "; ".join(f"charset*{n}=a" for n in range(2000))),
        flawed(Flaw.HEADER_TOO_LONG),
    ),
    "email-58 words around the parts are nobody's": (
        mail(f"{TEXT}\r\n--x\r\n\r\nHello\r\n--x--\r\n{TEXT}", Content_Type=MIXED),
        says("Hello"),
    ),
    "email-58 no boundary": (
        mail("--x\r\n\r\nHello", Content_Type="multipart/mixed"),
        flawed(Flaw.NO_TEXT),
    ),
    "email-58 a boundary within a longer one": (
        mail("--x\r\n\r\nHello\r\n--xy\r\n\r\nmore\r\n--x--", Content_Type=MIXED),
        says("Hello\n--xy\n\nmore"),
    ),
    "email-59 an attached text": (
        mail(TEXT, Content_Disposition='attachment; filename="x.txt"'),
        flawed(Flaw.NO_TEXT),
    ),
    "email-59 a text that lies elsewhere": (
        mail(
            "Content-Type: text/plain\r\n\r\n",
            Content_Type='message/external-body; access-type=URL; URL="http://example.org"',
        ),
        flawed(Flaw.NO_TEXT),
    ),
    "email-59 an invitation": (
        mail(f"BEGIN:VCALENDAR\r\nSUMMARY:{TEXT}", Content_Type="text/calendar"),
        flawed(Flaw.NO_TEXT),
    ),
    "email-60 markup without text": (
        mail(f"<p {'a ' * 100_000}>", Content_Type="text/html"),
        flawed(Flaw.NO_TEXT),
    ),
    "email-60 fifty thousand open tags": (
        mail(f"{'<div>' * 50_000}{TEXT}", Content_Type="text/html"),
        lambda read: read.text in (TEXT, ""),
    ),
    "email-60 a comment for one program": (
        mail(f"<!--[if mso]>{TEXT}<![endif]-->Hello", Content_Type="text/html"),
        says("Hello"),
    ),
    "email-61 a mark before the headers": (b"\xef\xbb\xbf" + mail(), flawed(Flaw.NO_SENDER)),
    "email-61 a line of an mbox before them": (
        b"From ada@example.org Mon Nov 2 10:00:00 2026\r\n" + mail(From="bo@example.org"),
        sender_is("bo@example.org"),
    ),
    "email-61 a blank before the colon": (
        mail().replace(b"To:", b"From : evil@example.net\r\nTo:", 1),
        flawed(Flaw.MALFORMED_HEADER),
    ),
}


@pytest.mark.parametrize(("content", "is_as_expected"), CASES.values(), ids=CASES)
def test_an_odd_mail_is_nobodys_or_read_as_it_is(content, is_as_expected):
    read = read_mail(content)
    assert is_as_expected(read), (read.flaws, read.received_at)
