"""The formats of other products: letters, address cards, subtitles, made of plain rows."""

import email
import email.policy
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.bundle import formats
from lacuna.bundle.formats import made_files
from lacuna.model.bundle import Article, BundleContent, ColumnType, TableContent
from lacuna.model.location import TableName
from lacuna.model.request import RequestKind
from lacuna.model.table import Form
from tests.bundle import example

CUSTOMERS, TICKETS, COMMENTS, RECORDINGS = (
    TableName("shop", name) for name in ("customers", "tickets", "comments", "recordings")
)


def table(name: TableName, columns: dict[str, list], portable: set[str]) -> TableContent:
    rows = list(zip(*columns.values(), strict=True))
    return TableContent(
        table=name,
        columns=tuple(columns),
        portable=frozenset(portable),
        count=len(rows),
        present=dict.fromkeys(columns, len(rows)),
        types=dict.fromkeys(columns, ColumnType.DOCUMENT),
        redactions={},
        read=lambda: iter([rows]),
    )


FORMS = {
    (COMMENTS, "parties"): Form.MAIL_FROM,
    (COMMENTS, "note"): Form.MAIL_TO,
    (COMMENTS, "body"): Form.MAIL_TEXT,
    (COMMENTS, "written_at"): Form.MAIL_DATE,
    (COMMENTS, "side_file"): Form.MAIL_ID,
    (TICKETS, "assignee"): Form.MAIL_SUBJECT,
    (RECORDINGS, "path"): Form.SPEECH_TEXT,
    (RECORDINGS, "seconds"): Form.SPEECH_START_MS,
}


@pytest.fixture
def content(shop_map):
    def made(*tables: TableContent, kinds=example.EVERYTHING) -> BundleContent:
        mapped = {
            name: replace(
                one,
                columns=tuple(
                    replace(
                        column,
                        form=FORMS.get((name, column.name)),
                        object_store=None if (name, column.name) in FORMS else column.object_store,
                    )
                    for column in one.columns
                ),
            )
            for name, one in shop_map.tables.items()
        }
        datamap = replace(shop_map, tables=mapped)
        return BundleContent(
            order=example.order(kinds),
            datamap=datamap,
            tenant=datamap.tenant("org-1"),
            language="en",
            parts=Path("unused"),
            tables=tables,
            objects=(),
            sources_checked=(),
            incomplete_sources=(),
            excluded=(),
            redactions=(),
        )

    return made


def letters(rows: dict[str, list], portable: set[str], *others: TableContent) -> list[TableContent]:
    filled = {"comment_id": [7], "ticket_id": [1], **rows}
    return [table(COMMENTS, filled, portable or set(filled)), *others]


TICKET = table(TICKETS, {"ticket_id": [1], "assignee": ["The parcel"]}, {"ticket_id", "assignee"})


def only(content: BundleContent):
    (made,) = made_files(content)
    return made, email.message_from_bytes(made.data, policy=email.policy.default)


def test_a_message_becomes_a_letter_with_its_metadata(content):
    rows = {
        "parties": [{"name": "Åsa Lind", "email": "asa@example.org"}],
        "note": [[{"name": "Shop", "email": "shop@example.org"}, "more@example.org"]],
        "body": ["Hej\n\u2603"],
        "written_at": ["2026-02-01T08:00:00Z"],
        "side_file": ["1097.ab@shop.example.org"],
    }
    made, message = only(content(*letters(rows, set(), TICKET)))
    assert (made.path, made.article) == ("portability/mail/1/7.eml", Article.BOTH)
    assert message["From"] == "Åsa Lind <asa@example.org>"
    assert [each.addr_spec for each in message["To"].addresses] == [
        "shop@example.org",
        "more@example.org",
    ]
    assert message["Subject"] == "The parcel"
    assert message["Date"].datetime.isoformat() == "2026-02-01T08:00:00+00:00"
    assert message["Message-ID"] == "<1097.ab@shop.example.org>"
    assert message.get_content().splitlines() == ["Hej", "\u2603"]
    assert not message.defects


def test_a_letter_in_the_subset_holds_portable_values_alone(content):
    rows = {"parties": ["asa@example.org"], "note": ["shop@example.org"], "body": ["Hej"]}
    hidden = replace(TICKET, portable=frozenset({"ticket_id"}))
    portable = {"comment_id", "ticket_id", "parties", "body"}
    _, message = only(content(*letters(rows, portable, hidden)))
    assert message["To"] is None
    assert message["Subject"] == ""
    access = content(*letters(rows, portable, hidden), kinds=(RequestKind.ACCESS,))
    made, message = only(access)
    assert (made.path, made.article) == ("access/mail/1/7.eml", Article.ACCESS)
    assert message["To"] == "shop@example.org"
    assert message["Subject"] == "The parcel"


def test_headers_as_they_were_written_keep_names_and_addresses(content):
    rows = {
        "parties": ['"Ashgrove, Aveline" <aveline@example.org>'],
        "note": ["Desk <help@desk.example.org>, neighbor@example.net"],
        "body": ["Hej"],
    }
    _, message = only(content(*letters(rows, set())))
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Ashgrove, Aveline", "aveline@example.org")
    assert [(each.display_name, each.addr_spec) for each in message["To"].addresses] == [
        ("Desk", "help@desk.example.org"),
        ("", "neighbor@example.net"),
    ]


@pytest.mark.parametrize("value", ["[NAME] <[EMAIL]>", "(" * 5_000, "a@b.example, " * 1_000, "Åsa"])
def test_headers_that_hold_no_list_of_addresses_lead_nowhere(content, value):
    _, message = only(content(*letters({"parties": [value], "body": ["Hej"]}, set())))
    assert {each.addr_spec for each in message["From"].addresses} == {"covered@covered.invalid"}


@pytest.mark.parametrize("sender", [None, "+4520304050", {"name": "x", "phone": "+4520304050"}])
def test_a_message_without_an_address_is_no_letter(content, sender):
    rows = {"parties": [sender], "body": ["Hej"]}
    if sender == "+4520304050":
        assert (
            only(content(*letters(rows, set())))[1]["From"].addresses[0].domain.endswith(".invalid")
        )
    else:
        assert list(made_files(content(*letters(rows, set())))) == []


@pytest.mark.parametrize(
    "value",
    [
        "[COVERED]",
        "a@b@c",
        "a b@example.org",
        "x@example.org\r\nBcc: y@example.org",
        '"quoted\\"@example.org',
        "å" * 10_000,
    ],
)
def test_an_address_that_is_none_leads_nowhere(content, value):
    rows = {"parties": [{"name": value, "email": value}], "body": ["Hej"]}
    _, message = only(content(*letters(rows, set())))
    assert [each.addr_spec for each in message["From"].addresses] == ["covered@covered.invalid"]
    assert message["Bcc"] is None


def test_no_value_becomes_a_header_of_its_own(content):
    hostile = "The parcel\r\nBcc: everybody@example.org\r\n\r\nbody\u2028\x00"
    rows = {
        "parties": [{"name": hostile, "email": "asa@example.org"}],
        "body": ["Hej"],
        "side_file": [hostile],
        "written_at": [hostile],
    }
    ticket = table(TICKETS, {"ticket_id": [1], "assignee": [hostile]}, {"ticket_id", "assignee"})
    _, message = only(content(*letters(rows, set(), ticket)))
    assert set(message.keys()) == {
        "From",
        "Subject",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert message["Subject"] == "The parcel Bcc: everybody@example.org body"
    assert message["From"].addresses[0].addr_spec == "asa@example.org"


def test_a_message_whose_raw_letter_is_in_the_bundle_is_not_made_again(content):
    rows = {"parties": ["asa@example.org"], "body": ["Hej"], "raw": ["portability/mail/1/7.eml"]}
    assert list(made_files(content(*letters(rows, set())))) == []


def test_an_odd_key_is_no_file_name_and_two_letters_never_meet(content):
    rows = {
        "comment_id": ["../x", "../x", 7, 7],
        "ticket_id": ["CON", "CON", 1, 1],
        "parties": ["asa@example.org"] * 4,
    }
    assert [made.path for made in made_files(content(*letters(rows, set())))] == [
        "portability/mail/file-0001.eml",
        "portability/mail/file-0002.eml",
        "portability/mail/1/7.eml",
        "portability/mail/1/7-0002.eml",
    ]


def test_the_persons_rows_become_address_cards(content):
    columns = {
        "name": ["Lind; Anna, \\ Æ\nx"],
        "email": ["anna@example.org"],
        "phone": ["+4520304050"],
        "more_emails": [["a@example.org", "anna@example.org"]],
        "country": ["DK"],
    }
    made, _ = only(content(table(CUSTOMERS, columns, set(columns))))
    assert made.path == "portability/contact.vcf"
    assert made.data.decode() == (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Lind\\; Anna\\, \\\\ Æ\\nx\r\nN:;;;;\r\n"
        "EMAIL:anna@example.org\r\nEMAIL:a@example.org\r\nTEL:+4520304050\r\n"
        "ADR:;;;;;;DK\r\nEND:VCARD\r\n"
    )


@pytest.mark.parametrize("length", [0, 72, 73, 146, 147, 500])
def test_lines_of_letters_fold_as_any_others(length):
    plain = formats._folded("FN:" + "x" * length)
    assert formats._folded("FN:" + "x" * length + "Æ").startswith(plain[:70])
    assert all(len(line) <= 75 for line in plain.split("\r\n"))
    assert plain.replace("\r\n ", "") == "FN:" + "x" * length


def test_a_long_line_of_a_card_is_folded_between_characters(content):
    made, _ = only(content(table(CUSTOMERS, {"name": ["Æ" * 200]}, {"name"})))
    lines = made.data.split(b"\r\n")
    assert max(map(len, lines)) == 75
    assert all(line.decode() for line in lines if line)
    assert "Æ" * 200 in made.data.replace(b"\r\n ", b"").decode()


def test_what_was_spoken_becomes_subtitles_in_order(content):
    columns = {
        "recording_id": [1, 2, 3, 4],
        "ticket_id": [9, 9, 9, 10],
        "path": ["second -->\n\n<b>", "first", " ", "other call"],
        "seconds": [61_500, 0, 5, None],
    }
    portable = set(columns)
    one, other = made_files(content(table(RECORDINGS, columns, portable)))
    assert one.path == "portability/transcripts/9.vtt"
    assert one.data.decode() == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.001\nfirst\n"
        "\n00:01:01.500 --> 00:01:01.501\nsecond --&gt; &lt;b&gt;\n"
    )
    assert other.path == "portability/transcripts/10.vtt"
