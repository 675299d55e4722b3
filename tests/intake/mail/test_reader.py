"""What a sound mail says: who wrote it, what they wrote themselves, what they handed on."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.intake.mail import addresses_in, mailboxes, read_mail
from lacuna.treatment import compared
from tests.intake.mail.bad_inputs import mail


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ada@example.org", (("", "ada@example.org"),)),
        ("Ada <ada@example.org>", (("Ada", "ada@example.org"),)),
        ('"Last, First" <a@x.org>, b@y.org', (("Last, First", "a@x.org"), ("", "b@y.org"))),
        ("a@x.org (a comment, with a comma)", (("", "a@x.org"),)),
        ('"a <b@x.org>" <c@y.org>', (("a <b@x.org>", "c@y.org"),)),
        ("team: a@x.org, b@y.org;", (("", "team: a@x.org"), ("", "b@y.org;"))),
        ("", ()),
    ],
)
def test_mailboxes_of_a_header(header, expected):
    assert mailboxes(header) == expected


def test_mailboxes_of_groups():
    found = mailboxes("team: a@x.org, B <b@y.org>;, nobody:;", has_groups=True)
    assert [address for _, address in found if address] == ["team", "a@x.org", "b@y.org", "nobody"]


@given(st.text())
def test_no_header_breaks_the_reading_of_addresses(header):
    for _, address in mailboxes(header):
        compared(address)


@given(st.binary(max_size=600))
def test_no_bytes_break_the_reading_of_a_mail(content):
    read_mail(content)


def test_addresses_in_a_text_are_found_between_other_characters():
    text = "Write to <Ada@Example.org>, (bo@example.org). Not: @x, y@, a@b, ada@example.org"
    assert addresses_in(text) == ("ada@example.org", "bo@example.org")


def test_the_outermost_server_says_when_a_mail_was_received():
    read = read_mail(
        mail(
            Received=[
                "from a by mx.example.com with ESMTPS; Mon, 02 Nov 2026 23:30:00 -0100",
                "from b by a; Sun, 01 Nov 2026 01:00:00 +0000",
            ],
            Date="Sat, 31 Oct 2026 12:00:00 +0000",
        )
    )
    assert read.received_at == datetime(2026, 11, 3, 0, 30, tzinfo=UTC)


def test_what_a_reply_quotes_is_not_what_its_writer_says():
    read = read_mail(
        mail(
            "Thank you, that is all.\n\n"
            "On Mon, 2 Nov 2026 at 10:00, Nord <privacy@nord.example.com> wrote:\n"
            "> You asked us to delete your data.\n"
        )
    )
    assert read.text == "Thank you, that is all."
    assert "delete your data" in read.quoted


@pytest.mark.parametrize(
    ("attribution", "rest"),
    [
        ("Am 02.11.2026 um 10:00 schrieb Nord <p@nord.example.com>:", "> Löschung"),
        ("Den 2. nov. 2026 kl. 10.00 skrev Nord <p@nord.example.com>:", "> Sletning"),
        ("Le 2 nov. 2026 à 10:00, Nord <p@nord.example.com> a écrit :", "> Effacement"),
        ("El 2 nov 2026, a las 10:00, Nord <p@nord.example.com> escribió:", "> Borrado"),
        ("Op 2 nov. 2026 om 10:00 schreef Nord <p@nord.example.com>:", "> Wissen"),
        (
            "-----Ursprüngliche Nachricht-----\nVon: Nord\nGesendet: Montag\nAn: Ada\nBetreff: x",
            "Löschung",
        ),
        (
            "From: Nord <p@nord.example.com>\nSent: Monday\nTo: Ada\nSubject: Your request",
            "You asked for erasure",
        ),
        (
            "Fra: Nord <p@nord.example.com>\nSendt: mandag\nTil: Ada\nEmne: Din anmodning",
            "Sletning",
        ),
    ],
)
def test_quotes_are_known_in_several_languages(attribution, rest):
    read = read_mail(mail(f"Nothing more.\n\n{attribution}\n{rest}\n", Subject="Re: x"))
    assert read.text == "Nothing more."
    assert rest.lstrip("> ") in read.quoted


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Videresendt besked ----------",
        "---------- Message transféré ----------",
        "---------- Mensaje reenviado ----------",
        "-------- Doorgestuurd bericht --------",
        "Begin forwarded message:",
    ],
)
def test_a_mail_handed_on_is_told_from_what_is_said_about_it(marker):
    read = read_mail(
        mail(
            f"Please see below.\n\n{marker}\nFrom: Zoe <ZOE@example.net>\n"
            "Date: Mon, 2 Nov 2026\nSubject: Erase me\nTo: support@nord.example.com\n\n"
            "Please erase everything about me.\n",
            Subject="Fwd: Erase me",
        )
    )
    assert read.text == "Please see below."
    (handed_on,) = read.forwarded
    assert handed_on.senders == ("zoe@example.net",)
    assert handed_on.subject == "Erase me"
    assert handed_on.text == "Please erase everything about me."


def test_a_mail_handed_on_as_a_block_of_headers_is_known_by_its_subject():
    read = read_mail(
        mail(
            "Bitte bearbeiten.\n\nVon: Zoe <zoe@example.net>\nGesendet: Montag\n"
            "An: Support\nBetreff: Löschung\n\nBitte löschen Sie alles.\n",
            Subject="WG: Löschung",
        )
    )
    assert read.text == "Bitte bearbeiten."
    assert read.forwarded[0].senders == ("zoe@example.net",)


def test_a_mail_attached_to_a_mail_was_handed_on():
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Zoe <zoe@example.net>", "Auskunft"
    inner.set_content("Ich bitte um Auskunft.")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "agent@nord.example.com", "WG: Auskunft"
    outer.set_content("Siehe Anhang.")
    outer.add_attachment(inner)
    (handed_on,) = read_mail(outer.as_bytes()).forwarded
    assert handed_on.senders == ("zoe@example.net",)
    assert handed_on.text.strip() == "Ich bitte um Auskunft."


def test_of_two_forms_of_a_text_the_plain_one_is_read():
    message = EmailMessage()
    message["From"] = "ada@example.org"
    message.set_content("Plain words.")
    message.add_alternative("<p>Marked words.</p>", subtype="html")
    assert read_mail(message.as_bytes()).text == "Plain words."


def test_html_alone_is_read_without_its_quote():
    message = EmailMessage()
    message["From"] = "ada@example.org"
    message.set_content(
        "<html><head><title>t</title></head><body><p>Please&nbsp;erase<br>my data.</p>"
        "<blockquote><p>Earlier words</p></blockquote></body></html>",
        subtype="html",
    )
    read = read_mail(message.as_bytes())
    assert read.text == "Please erase\nmy data."
    assert "Earlier words" in read.quoted
