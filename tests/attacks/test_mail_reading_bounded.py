"""No mail costs more than in proportion to its size, and nothing past a limit is overlooked."""

from __future__ import annotations

from pipelines.model.mail import Flaw
from pipelines.request import read_mail
from tests.request.mail.bad_inputs import mail


def test_seventy_thousand_headers_hide_no_second_sender():
    read = read_mail(b"From: spoof@example.org\r\n" + b"X:\r\n" * 70_000 + mail())
    assert read.flaws == (Flaw.HEADER_TOO_LONG,)
    assert read.sender is None


def test_a_sender_in_a_line_that_is_no_field_for_everybody_is_in_doubt():
    for hidden in ("From : a@example.org", "X: y\rFrom: a@example.org", "\x00From: a@example.org"):
        read = read_mail(f"{hidden}\r\n".encode() + mail())
        assert Flaw.MALFORMED_HEADER in read.flaws, hidden
