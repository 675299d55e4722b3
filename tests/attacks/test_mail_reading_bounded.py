"""No mail costs more than in proportion to its size, and nothing past a limit is overlooked."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from lacuna.intake import read_mail, what_is_asked
from lacuna.model.mail import Flaw
from tests.intake.mail.bad_inputs import mail


def test_seventy_thousand_headers_hide_no_second_sender():
    read = read_mail(b"From: spoof@example.org\r\n" + b"X:\r\n" * 70_000 + mail())
    assert read.flaws == (Flaw.HEADER_TOO_LONG,)
    assert read.sender is None


def test_fields_that_are_too_many_or_too_much_hide_no_second_sender():
    for many in (b"X:\r\n" * 2_001, (b"X: " + b"y" * 20_000 + b"\r\n") * 14):
        read = read_mail(b"From: spoof@example.org\r\n" + many + mail())
        assert read.flaws == (Flaw.HEADER_TOO_LONG,)


def test_a_sender_in_a_line_that_is_no_field_for_everybody_is_in_doubt():
    for hidden in (
        "From : a@example.org",
        "X: y\rFrom: a@example.org",
        "\x00From: a@example.org",
        "X: a\x00b",
    ):
        read = read_mail(f"{hidden}\r\n".encode() + mail())
        assert Flaw.MALFORMED_HEADER in read.flaws, hidden


def test_the_end_of_a_long_line_is_read():
    read = read_mail(mail("I like your shop. " * 150 + "Never delete my data."))
    assert read.text.endswith("Never delete my data.")
    read = read_mail(mail("> " + "a" * 3_000 + " Never"))
    assert read.quoted.endswith("Never")


PLAIN = "text/plain; charset=utf-8"
MIXED = "multipart/mixed; boundary=x"


def repeated(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def body(text: str, kind: str = PLAIN, **headers: str) -> bytes:
    return mail(text, Content_Type=kind, **headers)


def part(head: str) -> bytes:
    return body(f"--x\r\n{head}\r\n\r\nDelete my data.\r\n--x--", MIXED)


def nested(parameter: str, size: int) -> bytes:
    levels = "".join(
        f'Content-Type: multipart/mixed; {parameter}="b{level}"\r\n\r\n--b{level}\r\n'
        for level in range(size // 60)
    )
    return f"From: ada@example.org\r\n{levels}\r\nDelete my data.".encode()


REFUSED = {
    "many parts": (lambda n: body(repeated("--x\r\n\r\na\r\n", n), MIXED), Flaw.TOO_MANY_PARTS),
    "many attached mails": (
        lambda n: body(
            repeated("--x\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\n", n), MIXED
        ),
        Flaw.TOO_MANY_PARTS,
    ),
    "mails in mails": (
        lambda n: (repeated("Content-Type: message/rfc822\r\n\r\n", n) + "\r\n").encode(),
        Flaw.TOO_MANY_PARTS,
    ),
    "reports of delivery": (
        lambda n: body(repeated("a: b\r\n\r\n", n), "message/delivery-status"),
        Flaw.TOO_MANY_PARTS,
    ),
    "many fields of a part": (lambda n: part(repeated("X: y\r\n", n)), Flaw.TOO_MANY_PARTS),
    "levels": (lambda n: nested("boundary", n), Flaw.NESTED_TOO_DEEPLY),
    "levels with a blank": (lambda n: nested("boundary ", n), Flaw.NESTED_TOO_DEEPLY),
    "levels with a charset": (lambda n: nested("boundary*", n), Flaw.NESTED_TOO_DEEPLY),
    "levels in pieces": (lambda n: nested("boundary*0", n), Flaw.NESTED_TOO_DEEPLY),
    "parameters": (lambda n: body("a", f"text/plain; {repeated('a=b;', n)}"), Flaw.HEADER_TOO_LONG),
    "a quoted parameter": (
        lambda n: body("a", f'text/plain; x="{repeated(";", n)}'),
        Flaw.HEADER_TOO_LONG,
    ),
    "a quoted parameter of a part": (
        lambda n: part(f'Content-Type: text/plain; x="{repeated(";", n)}'),
        Flaw.HEADER_TOO_LONG,
    ),
    "parameters in pieces": (
        lambda n: part("Content-Type: text/plain; " + repeated("x*1=a;", n)),
        Flaw.HEADER_TOO_LONG,
    ),
    "senders": (lambda n: mail(From=repeated("a@example.org,", n)), Flaw.HEADER_TOO_LONG),
    "senders in many fields": (
        lambda n: mail(From=["a@example.org"] * (n // 13)),
        Flaw.HEADER_TOO_LONG,
    ),
    "encoded words": (lambda n: mail(Subject=repeated("=?a?q?", n)), Flaw.HEADER_TOO_LONG),
    "lines": (lambda n: body("\n" * 10 * n), Flaw.TOO_MANY_PARTS),
    "returns": (lambda n: body("\r" * 10 * n), Flaw.TOO_MANY_PARTS),
    "a long text": (lambda n: body(repeated("delete my data ", n)), Flaw.TEXT_TOO_LONG),
    "a long line": (lambda n: body("a" * n), Flaw.TEXT_TOO_LONG),
    "short sentences": (lambda n: body(repeated("I. ", n)), Flaw.TEXT_TOO_LONG),
    "lines that seem to quote": (lambda n: body(repeated("On 1 x\r\n", n)), Flaw.TEXT_TOO_LONG),
    "lines with a number": (lambda n: body(repeated("1\r\n", n)), Flaw.TEXT_TOO_LONG),
    "a long text in a mail handed on": (
        lambda n: body(f"---- Forwarded message ----\r\nFrom: a@b.org\r\n\r\n{'a ' * n}"),
        Flaw.TEXT_TOO_LONG,
    ),
    "a long attached mail": (
        lambda n: part(f"Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\n{'a ' * n}"),
        Flaw.TEXT_TOO_LONG,
    ),
    "markup before the words": (
        lambda n: body(f"<p title='{'x' * 3 * n}'>a</p>Never delete my data.", "text/html"),
        Flaw.TEXT_TOO_LONG,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_over_a_limit_is_left_for_review_with_its_reason(name):
    build, flaw = REFUSED[name]
    assert flaw in read_mail(build(80_000)).flaws


def test_text_in_a_codec_that_no_mail_program_reads_is_not_decoded_by_it():
    for name in ("unicode_escape", "utf-7", "punycode", "idna", "raw_unicode_escape", "rot13"):
        read = read_mail(body("\\u0064elete +AGQ-elete", f"text/plain; charset={name}"))
        assert read.text == "\\u0064elete +AGQ-elete", name


def steps(act: Callable[[], object]) -> int:
    """Return how many lines of Python an act takes: no clock is asked."""
    count = 0

    def trace(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


GROWING = {
    "text": lambda n: body(repeated("Please delete my data and send me a copy.\r\n", n)),
    "quotes": lambda n: body(repeated("> > On 1 x wrote:\r\n", n)),
    "angles": lambda n: body(">" * n),
    "rules": lambda n: body(repeated("-- forward:\r\n", n)),
    "headers in the text": lambda n: body(repeated("From: a@b.org\r\n", n)),
    "addresses": lambda n: mail(Cc=[repeated("a@example.org,", 1_000)] * (n // 1_000)),
    "commas": lambda n: mail(Cc=[repeated(",", 1_000)] * (n // 1_000)),
    "comments": lambda n: mail(Cc=[repeated("(", 1_000)] * (n // 1_000)),
    "hops": lambda n: mail(Received=["from a by b; x"] * (n // 25)),
    "results": lambda n: mail(Authentication_Results=[repeated("a(", 1_000)] * (n // 1_000)),
    "base64": lambda n: body(repeated("=A", n), Content_Transfer_Encoding="base64"),
    "quoted-printable": lambda n: body(
        repeated("=3D", n), Content_Transfer_Encoding="quoted-printable"
    ),
    "parts": lambda n: body(repeated("--x\r\n\r\nDelete my data.\r\n", n // 10), MIXED),
}


@pytest.mark.parametrize("name", GROWING)
def test_four_times_the_mail_is_at_most_four_times_the_work(name):
    small, large = (GROWING[name](size) for size in (5_000, 20_000))
    assert steps(lambda: read_mail(large)) <= 5 * steps(lambda: read_mail(small)) + 2_000


PAGE = "--x\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n\r\n{}\r\n"


def test_what_is_attached_shares_one_limit_with_the_mail():
    page = repeated(f"<p title='{'x' * 200}'>a</p>", 60_000)
    few, many = (body(PAGE.format(page) * count, MIXED) for count in (4, 16))
    assert Flaw.TEXT_TOO_LONG in read_mail(many).flaws
    assert steps(lambda: read_mail(many)) <= 3 * steps(lambda: read_mail(few))


SENTENCES = (
    "Please delete my data or ",  # one right or another
    "delete ",
    "delete it, ",
    "send me a copy and ",
    "if you do not refund me, ",
)


@pytest.mark.parametrize("piece", SENTENCES)
def test_a_sentence_of_four_times_the_words_takes_at_most_four_times_the_work(piece):
    small, large = (read_mail(body(repeated(piece, size))) for size in (500, 2_000))
    what_is_asked(small)  # wordbooks are read once
    assert steps(lambda: what_is_asked(large)) <= 5 * steps(lambda: what_is_asked(small)) + 2_000
