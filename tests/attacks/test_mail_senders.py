"""A sender that two programs read differently, or that nobody sees as it is, is no sender."""

from __future__ import annotations

import pytest

from lacuna.intake import read_mail
from lacuna.intake.mail import addresses_in
from lacuna.model.mail import Flaw
from lacuna.treatment import compared
from tests.intake.mail.bad_inputs import mail


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
        '"x" ada@example.org',
        '""ada@example.org',
        '"evil@y.org":ada@example.org',
        '<"x"ada@example.org>',
        "<ada\\@example.org>",
        "evil@y.org : <ada@example.org>",
        "Friends: ada@example.org;",
        "ada@example.org;",
        ":ada@example.org",
        "a(x)da@example.org",
        "ada@example.org (x",
        "evil@y.org\\, Ada <ada@example.org>",
        "\u212aim@example.org",
        "\u017fam@example.org",
        "\u0130da@example.org",
        "\uff41da@example.org",
        "ada@\u212aite.example.org",
        "ada@\ufb01rma.example.org",
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
        ("zoë@Straße.example", "zoë@xn--strae-oqa.example"),
        ('"Ada \\" (B)" C <ada@x.org>', "ada@x.org"),
    ],
)
def test_a_plain_sender_is_read(header, sender):
    assert read_mail(mail(From=header)).sender == sender


@pytest.mark.parametrize(
    "kind", ["message/partial; id=a; number=1", "message/external-body; access-type=url"]
)
def test_a_piece_of_a_mail_is_not_read_as_the_whole(kind):
    assert Flaw.INCOMPLETE in read_mail(mail("Please delete my data.", Content_Type=kind)).flaws


def test_a_group_of_recipients_names_whom_it_was_written_to():
    read = read_mail(mail(To="Friends: ada@x.org, Box <privacy@y.org>;, undisclosed-recipients:;"))
    assert read.written_to == ("ada@x.org", "privacy@y.org")


@pytest.mark.parametrize("text", ["m\u00fcller@x.org", "\u017fam@x.org", "a\u212aim@x.org"])
def test_the_end_of_a_word_in_other_letters_is_nobodys_address(text):
    assert addresses_in(f"I am {text}, thanks") in ((text,), ())


@pytest.mark.parametrize("address", ["\u212aim@x.org", "kim@\uff58.org"])
def test_an_address_on_file_that_looks_like_another_is_another(address):
    assert compared(address) != compared("kim@x.org")


SERVERS = (
    'Authentication-Results: "mx.\u212aite.example"; dmarc=pass header.from=example.org\r\n',
    "Received: from a by mx.\u212aite.example; Mon, 02 Nov 2026 10:00:00 +0000\r\n",
)


@pytest.mark.parametrize("line", SERVERS)
def test_a_letter_that_folds_to_ours_names_no_server_of_ours(line):
    read = read_mail(line.encode() + mail())
    assert "mx.kite.example" not in (read.received_by, *(one.server for one in read.results))
