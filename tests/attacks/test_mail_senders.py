"""A sender that two programs read differently, or that nobody sees as it is, is no sender."""

from __future__ import annotations

import pytest

from pipelines.model.mail import Flaw
from pipelines.request import read_mail
from tests.request.mail.bad_inputs import mail


@pytest.mark.parametrize(
    "sender",
    [
        "<ada@x.org><evil@y.org>",
        "ada@x.org <evil@y.org> ada@x.org",
        "Ada <ada@x.org",
        "<ada@x.org> (a) evil@y.org",
        "not an address, evil@y.org",
        "a\u202eb@example.org",
        "a\u200bb@example.org",
        "a\u00a0b@example.org",
    ],
)
def test_what_is_not_plainly_one_address_is_no_sender(sender):
    read = read_mail(mail(From=sender))
    assert read.sender is None
    assert Flaw.NO_SENDER in read.flaws


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("ada@x.org", "ada@x.org"),
        ("Ada <ada@x.org>", "ada@x.org"),
        ('"Ada <evil@y.org>" <ada@x.org>', "ada@x.org"),
        ("Ada <ada@x.org> (at work)", "ada@x.org"),
        ("zoë@x.org", "zoë@x.org"),
    ],
)
def test_a_plain_sender_is_read(header, sender):
    assert read_mail(mail(From=header)).sender == sender


@pytest.mark.parametrize(
    "kind", ["message/partial; id=a; number=1", "message/external-body; access-type=url"]
)
def test_a_piece_of_a_mail_is_not_read_as_the_whole(kind):
    assert Flaw.INCOMPLETE in read_mail(mail("Please delete my data.", Content_Type=kind)).flaws
