"""Every hostile mail is read in bounded memory, and judged as it should be."""

from __future__ import annotations

import tracemalloc

import pytest

from lacuna.intake.mail import LARGEST_BYTES, is_oversized, read_mail, visible
from lacuna.model.mail import Flaw
from tests.intake.mail.bad_inputs import attached, mail, nested, zipped

MEGABYTE = 1024 * 1024


def flawed(*flaws):
    return lambda read: set(flaws) <= set(read.flaws)


CASES = {
    "email-01": (mail(From=[]), flawed(Flaw.NO_SENDER)),
    "email-02": (
        mail(From=["spoof@example.org", "real@example.org"]),
        lambda read: Flaw.SEVERAL_SENDERS in read.flaws and read.sender is None,
    ),
    "email-02, in one header": (
        mail(From="spoof@example.org, real@example.org"),
        lambda read: Flaw.SEVERAL_SENDERS in read.flaws and read.sender is None,
    ),
    "email-04": (
        mail(From='"dpo@corp.org" <evil@x.org>'),
        lambda read: read.sender == "evil@x.org" and read.shows_other_address,
    ),
    "email-04, encoded": (
        mail(From="=?utf-8?q?dpo=40corp=2Eorg?= <evil@x.org>"),
        lambda read: read.sender == "evil@x.org" and read.shows_other_address,
    ),
    "email-06": (
        mail(From="u+label@x.org"),
        lambda read: read.sender == "u+label@x.org",
    ),
    "email-07": (mail(From="ZOE@X.ORG"), lambda read: read.sender == "zoe@x.org"),
    "email-09": (
        mail(From="zoe@bücher.example"),
        lambda read: read.sender == read_mail(mail(From="zoe@xn--bcher-kva.example")).sender,
    ),
    "email-16": (
        mail(ARC_Seal="i=1; cv=none; d=x.org", ARC_Authentication_Results="i=1; mx; dkim=pass"),
        lambda read: read.results == (),
    ),
    "email-19": (
        mail(Auto_Submitted="auto-replied"),
        lambda read: read.is_automatic,
    ),
    "email-19, a bounce": (mail(Return_Path="<>"), lambda read: read.is_automatic),
    "email-24": (
        mail(
            "<p>Delete my data</p><script>alert('x')</script><img src=x onerror=alert(1)>"
            "<a href='data:text/html,x'>here</a>",
            Content_Type="text/html",
        ),
        lambda read: read.text.split() == ["Delete", "my", "data", "here"],
    ),
    "email-26": (
        mail(Subject="=?utf-8?b?YQ0KQmNjOiBleHRyYUBleGFtcGxlLm9yZw==?="),
        lambda read: (
            read.subject == "a Bcc: extra@example.org"
            and read.recipients == ("privacy@nord.example.com",)
        ),
    ),
    "email-27": (mail(Subject="x" * MEGABYTE), flawed(Flaw.HEADER_TOO_LONG)),
    "email-27, folded": (mail(Subject="x\r\n " * (MEGABYTE // 4)), flawed(Flaw.HEADER_TOO_LONG)),
    "email-31": (
        attached("bomb.zip", zipped("bomb", bytes(20 * MEGABYTE)), "application/zip"),
        lambda read: read.text == "Please delete my data." and read.flaws == (),
    ),
    "email-32": (
        attached("slip.zip", zipped("../../x", b"x"), "application/zip"),
        lambda read: read.text == "Please delete my data." and read.flaws == (),
    ),
    "email-34": (
        mail("Please\x00 delete\u202e my \udcff data\u200b."),
        lambda read: (
            read.has_hidden_characters
            and not {"\x00", "\u202e", "\u200b"} & set(read.text)
            and not any("\ud800" <= character <= "\udfff" for character in read.text)
        ),
    ),
    "email-36": (mail(From=f"{'a' * 300}@{'b' * 60}.org"), flawed(Flaw.ADDRESS_TOO_LONG)),
    "email-37": (
        mail("a" * 50_000 + "@" + "\n" + "a@" * 50_000),
        flawed(Flaw.TEXT_TOO_LONG),
    ),
    "email-37, as the sender": (mail(From="a" * 3_000 + "@"), flawed(Flaw.ADDRESS_TOO_LONG)),
    "email-39": (
        attached("winmail.dat", b"\x78\x9f\x3e\x22", "application/ms-tnef"),
        flawed(Flaw.ENCRYPTED),
    ),
    "email-39, S/MIME": (
        mail("MIAGCSqGSIb3DQEHA6CA", Content_Type="application/pkcs7-mime; smime-type=enveloped"),
        flawed(Flaw.ENCRYPTED),
    ),
    "email-39, PGP": (
        mail(
            "--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x--",
            Content_Type='multipart/encrypted; boundary="x"',
        ),
        flawed(Flaw.ENCRYPTED),
    ),
    "parts within parts": (nested(2_000), flawed(Flaw.NESTED_TOO_DEEPLY)),
    "an unknown charset": (
        mail(b"Slet mine oplysninger p\xe5 stedet", Content_Type="text/plain; charset=klingon"),
        lambda read: read.text == "Slet mine oplysninger på stedet",
    ),
    "an encoded word over two lines": (
        mail(Subject="=?utf-8?q?Sletning_af_?=\r\n =?utf-8?q?mine_data_p=C3=A5?="),
        lambda read: read.subject == "Sletning af mine data på",
    ),
    "an encoded word of an unknown charset": (
        mail(Subject="=?klingon?q?caf=E9?="),
        lambda read: read.subject == "café",
    ),
    "base64 that is none": (
        mail("%%%", Content_Transfer_Encoding="base64"),
        lambda read: not read.text.startswith("Please"),
    ),
    "no bytes at all": (b"", flawed(Flaw.NO_SENDER, Flaw.NO_TEXT)),
    "no headers": (b"\x00" * 1000, flawed(Flaw.NO_SENDER)),
    "markup that never ends": (
        mail("<div <!-- <script " * 10_000, Content_Type="text/html"),
        lambda read: read.flaws in ((), (Flaw.NO_TEXT,)),
    ),
    "a thousand attached mails": (
        mail(
            "".join("--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@x.org\r\n\r\nhi\r\n" * 1000)
            + "--x--",
            Content_Type='multipart/mixed; boundary="x"',
        ),
        lambda read: len(read.forwarded) <= 200,
    ),
    "a date that is none": (
        mail(Received="from x by y; Thu, 99 Foo 99999999 99:99:99 +9999"),
        lambda read: read.received_at is None,
    ),
    "a thousand recipients": (
        mail(To=", ".join(f"p{number}@example.org" for number in range(1000))),
        lambda read: len(read.recipients) == 1000,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_mail_is_judged_in_bounded_memory(name):
    content, is_as_expected = CASES[name]
    tracemalloc.start()
    read = read_mail(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert is_as_expected(read), read.flaws
    assert peak < 40 * MEGABYTE


def test_a_mail_larger_than_what_is_read_is_known_by_its_size_alone():  # email-29
    assert is_oversized(500 * MEGABYTE)
    assert not is_oversized(LARGEST_BYTES)
    assert read_mail(b"x" * (LARGEST_BYTES + 1)).flaws == (Flaw.OVERSIZED,)


def test_of_a_rejected_mail_nothing_is_kept_but_the_reason():
    read = read_mail(mail(Subject="x" * MEGABYTE))
    assert all(flaw.is_rejected for flaw in read.flaws)
    assert (read.subject, read.text, read.senders, read.message_id) == ("", "", (), "")


def test_what_is_hidden_shows_as_its_code():
    assert visible("delete\u202e m\x00y \ud800") == "delete\\u202e m\\u0000y \\ud800"
    assert visible("Ode\u034fnse\ufe0f\u3164\u2028\u2800") == (
        "Ode\\u034fnse\\ufe0f\\u3164\\u2028\\u2800"
    )


def test_a_mail_does_not_print_what_it_says():
    read = read_mail(mail())
    assert "ada@" not in repr(read)
    assert "delete" not in repr(read)
