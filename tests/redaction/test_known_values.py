"""Known values are found however a text writes them, and nothing else is."""

import json
import re
import time
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage, Span
from lacuna.redaction import KnownValueMatcher
from lacuna.redaction.folding import fold

ANNA = Person(
    SubjectRef("r-anna"),
    "org-1",
    ("11111111-2222-4333-8444-555555555555",),
    (
        Identifier(IdentifierKind.NAME, "Anna Berg"),
        Identifier(IdentifierKind.EMAIL, "anna.berg@example.org"),
        Identifier(IdentifierKind.PHONE, "+4512345678"),
        Identifier(IdentifierKind.EXTERNAL_ID, "CUST-0000123"),
        Identifier(IdentifierKind.CONTACT_ID, "11111111-2222-4333-8444-555555555555"),
        Identifier(IdentifierKind.CONVERSATION_ID, "99999999-2222-4333-8444-555555555555"),
        Identifier(IdentifierKind.ADDRESS, "Storgade 5, 2. tv, 8000 Aarhus C"),
    ),
    ("Anna", "Berg"),
)
SOREN = Person(
    SubjectRef("r-soren"),
    "org-1",
    (),
    (
        Identifier(IdentifierKind.NAME, "Søren Åkjær-Weiß"),
        Identifier(IdentifierKind.EMAIL, "soren+shop@example.org"),
        Identifier(IdentifierKind.PHONE, "+33612345678"),
        Identifier(IdentifierKind.EXTERNAL_ID, "7700112233"),
    ),
    ("Søren", "Åkjær-Weiß"),
)
WILL = Person(
    SubjectRef("r-will"),
    "org-1",
    (),
    (
        Identifier(IdentifierKind.NAME, "Will May"),
        Identifier(IdentifierKind.NAME, "An"),
        Identifier(IdentifierKind.EXTERNAL_ID, "4711"),
        Identifier(IdentifierKind.CONTACT_ID, "42"),
    ),
    ("Will", "May", "An"),
)
MATCHER = KnownValueMatcher([ANNA, SOREN, WILL])


def found(text: str, **passage: object) -> list[str]:
    return [text[s.start : s.end] for s in MATCHER.find(Passage(text, **passage))]


def wide(text: str) -> str:
    """The full-width forms of a text."""
    return "".join(
        chr(ord(character) + 0xFEE0) if character != " " else character for character in text
    )


def own(person: Person) -> dict[str, object]:
    return {"own": frozenset({person.ref})}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("address", "Atatürk Cad. No:15 D:3, Kad\u0131köy"),
        ("address", "Postboks: 4471, 0301 Oslo"),
        ("address", '"Rosebank", 17 Elm Road, Leeds'),
        ("address", "Lindenhofweg 17; 4. OG; 10115 Berlin"),
        ("name", 'Wilhelmus "Billiam" Umfreville'),
        ("external_id", "77341@SAP9"),
        ("external_id", "ZZ?8812?9917"),
        ("external_id", "wobbler99@corpnet"),
        ("email", "zork/wobble88@example.org"),
        ("email", "zork=wobble@example.org"),
        ("email", "zork#wobble@example.org"),
        ("email", "zork*wob~bly!x@example.org"),
        ("email", '"zork wobbly"@example.org'),
        ("email", "zorkwobbly@[192.0.2.77]"),
    ],
)
def test_a_value_is_found_as_it_was_given_whatever_separators_it_has(kind, value):
    """The search for what is left finds it so: an erasure would change everything and be red."""
    person = Person(SubjectRef("r"), "org-1", (), (Identifier(IdentifierKind(kind), value),), ())
    matcher = KnownValueMatcher([person])
    for text in (value, f"As I wrote: {value} is mine.", f'{{"a": "of {value}."}}'):
        for whose in ({}, own(person)):
            (span,) = matcher.find(Passage(text, **whose))
            assert re.sub(r"[^\w]", "", text[span.start : span.end]) == re.sub(r"[^\w]", "", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Anna Berg", "Anna Berg"),
        ("this is ANNA BERG.", "ANNA BERG"),
        ("Anna\u00a0Berg", "Anna\u00a0Berg"),
        ("Anna\r\n\r\nBerg", "Anna\r\n\r\nBerg"),
        ("> wrote Anna\n> Berg", "Anna\n> Berg"),
        (">> Anna\n>> Berg", "Anna\n>> Berg"),
        ("A\u200bnna Be\u00adrg", "A\u200bnna Be\u00adrg"),
        ("\u0410nna is not, Anna\u2009Berg is", "Anna\u2009Berg"),
        (wide("Anna Berg"), wide("Anna Berg")),
        ("Änna Bérg", "Änna Bérg"),
        ("Anna Bergs hus", "Anna Berg"),
        ("Anna Berg's house", "Anna Berg"),
        ("Anna Berg’s house", "Anna Berg"),
        ("Berg, Anna", "Berg, Anna"),
        ("BERG ANNA", "BERG ANNA"),
        ("/calls/2024/anna_berg-01.wav", "anna_berg"),
        ("anna.berg@other.example", "anna.berg"),
        ("?name=Anna+Berg&x=1", "Anna+Berg"),
        ("?name=Anna%20Berg", "Anna%20Berg"),
        ("?name=Anna%2520Berg", "Anna%2520Berg"),
        ("Anna=20Berg", "Anna=20Berg"),
        ("Anna Be=\r\nrg", "Anna Be=\r\nrg"),
        ('{"note":"\\nAnna\\u0020Berg"}', "Anna\\u0020Berg"),
        ("&#65;nna&nbsp;Berg", "&#65;nna&nbsp;Berg"),
    ],
)
def test_a_full_name_is_found_however_it_is_written(text: str, value: str) -> None:
    assert found(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Søren Åkjær-Weiß",
        "soren akjaer weiss",
        "SOEREN AAKJAER-WEISS",
        "So\u0308ren A\u030akjær-Weiß",
        "S=C3=B8ren =C3=85kj=C3=A6r-Wei=C3=9F",
        "S=F8ren =C5kj=E6r-Wei=DF",
        "S%C3%B8ren+%C3%85kj%C3%A6r-Wei%C3%9F",
        "S=C3=\r\n=B8ren =C3=85kj=C3=A6r-Wei=C3=9F",
        "S&oslash;ren &Aring;kj&aelig;r-Wei&szlig;",
        "S\\u00f8ren \\u00c5kj\\u00e6r-Wei\\u00df",
        "Åkjær-Weiß, Søren",
    ],
)
def test_letters_outside_ascii_are_found_in_every_spelling_and_encoding(text: str) -> None:
    assert found(f"fra {text} i dag") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Anna Bergström",
        "Joanna Berg",
        "Anna Bergen",
        "Anna! Berg",
        "Anna of Berg",
        "they will may be late",
    ],
)
def test_what_only_looks_like_the_name_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mail anna.berg@example.org.", "anna.berg@example.org"),
        ("<ANNA.BERG@EXAMPLE.ORG>", "ANNA.BERG@EXAMPLE.ORG"),
        ("mailto:anna.berg@example.org?subject=x", "anna.berg@example.org"),
        ("to=anna.berg%40example.org&a=b", "anna.berg%40example.org"),
        ("anna.berg=40example.org", "anna.berg=40example.org"),
        ("anna.berg=40exam=\nple.org", "anna.berg=40exam=\nple.org"),
        ("anna.berg+news@example.org", "anna.berg+news@example.org"),
        ("anna.berg&#64;example.org", "anna.berg&#64;example.org"),
        ("anna.berg at example dot org", "anna.berg at example dot org"),
        ("anna dot berg (at) example [dot] org", "anna dot berg (at) example [dot] org"),
        ("soren@example.org", "soren@example.org"),
        ("soren+shop@example.org", "soren+shop@example.org"),
        ("soren+other@example.org", "soren+other@example.org"),
        ("'anna.berg@example.org'", "anna.berg@example.org"),
    ],
)
def test_an_email_address_is_found_however_it_is_written(text: str, value: str) -> None:
    assert found(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "xsoren@example.org",
        "x.soren@example.org",
        "x-soren@example.org",
        "soren@example.org.uk",
        "soren@example.orgs",
        "soren@example.org-site.example",
        "soren@other.example",
        "lise+soren@example.org",
    ],
)
def test_another_email_address_that_holds_the_known_one_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ring 12345678", "12345678"),
        ("12 34 56 78 hjemme", "12 34 56 78"),
        ("+45 12 34 56 78", "+45 12 34 56 78"),
        ("(+45) 1234 5678", "(+45) 1234 5678"),
        ("004512345678", "004512345678"),
        ("0045 12 34 56 78", "0045 12 34 56 78"),
        ("tel:+4512345678", "+4512345678"),
        ("tel:+45-12-34-56-78;ext=1", "+45-12-34-56-78"),
        ("?phone=%2B4512345678", "%2B4512345678"),
        ("12\u00a034\u00a056\u00a078", "12\u00a034\u00a056\u00a078"),
        ("1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8"),
        (wide("12345678"), wide("12345678")),
        ("١٢٣٤٥٦٧٨", "١٢٣٤٥٦٧٨"),
        ("+33 (0)6-12.34.56.78", "+33 (0)6-12.34.56.78"),
        ("0033 612 345 678", "0033 612 345 678"),
        ("06 12 34 56 78", "06 12 34 56 78"),
        ("06/12/34/56/78", "06/12/34/56/78"),
        ("+33 6 12\n34 56 78", "+33 6 12\n34 56 78"),
        ("call 12345678, 87654321", "12345678"),
    ],
)
def test_a_phone_number_is_found_with_any_separator_and_prefix(text: str, value: str) -> None:
    assert found(text) == [value]


@pytest.mark.parametrize(
    "text", ["99912345678", "123456789", "1234567", "12a345678", "12345 and 678", "+9912345678"]
)
def test_digits_of_another_number_are_not_a_phone_number(text: str) -> None:
    assert found(text) == []


def test_a_number_given_without_country_is_found_behind_a_calling_code() -> None:
    person = Person(SubjectRef("r"), "o", (), (Identifier(IdentifierKind.PHONE, "20 12 34 56"),))
    matcher = KnownValueMatcher([person])
    text = "+4520123456 or 004520123456 or +9920123456"
    spans = matcher.find(Passage(text))
    assert [text[s.start : s.end] for s in spans] == ["+4520123456", "004520123456"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("CUST-0000123", "CUST-0000123"),
        ("(cust 0000123)", "cust 0000123"),
        ("id=CUST0000123&x", "CUST0000123"),
        ("/customers/CUST-0000123/orders", "CUST-0000123"),
        ("2024-CUST-0000123.pdf", "CUST-0000123"),
        ("order 7700112233", "7700112233"),
        ("7700-112-233", "7700-112-233"),
        ("rec_11111111-2222-4333-8444-555555555555.wav", "11111111-2222-4333-8444-555555555555"),
        ("11111111222243338444555555555555", "11111111222243338444555555555555"),
        ("Storgade 5, 2. tv\r\n8000 Aarhus C", "Storgade 5, 2. tv\r\n8000 Aarhus C"),
        ("STORGADE 5 2.tv., 8000 ÅRHUS C", "STORGADE 5 2.tv., 8000 ÅRHUS C"),
        ("STORGADE 5 2.tv., 8000 AARHUS C", "STORGADE 5 2.tv., 8000 AARHUS C"),
    ],
)
def test_ids_and_addresses_are_found(text: str, value: str) -> None:
    assert found(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "XCUST-0000123",
        "CUST-0000123-4",
        "CUST-00001234",
        "77001122330",
        "7700112233-1",
        "99999999-2222-4333-8444-555555555555",
        "row 42, order 4711",
        "Storgade 5",
        "Storgade 5, 2. th, 8000 Aarhus C",
    ],
)
def test_an_id_stands_alone_and_weak_values_do_not_count_elsewhere(text: str) -> None:
    assert found(text) == []


def test_weak_values_count_in_the_persons_own_rows() -> None:
    assert found("order 4711, row 42", **own(WILL)) == ["4711"]
    assert found("send it to Storgade 5!", **own(ANNA)) == ["Storgade 5"]
    assert found("user annaberg", **own(ANNA)) == ["annaberg"]


@pytest.mark.parametrize(
    ("html", "covered"),
    [
        ("Anna <b>Berg</b>", ["Anna", "Berg"]),
        ("An<wbr>na&nbsp;<i>B&#101;rg</i>", ["An", "na&nbsp;", "B&#101;rg"]),
        ("<td>Berg</td>\n<td>Anna</td>", ["Berg", "Anna"]),
        ("<p>Anna<br/>Berg</p>", ["Anna", "Berg"]),
        ('<a href="mailto:anna.berg@example.org">x</a>', ["anna.berg@example.org"]),
        ("<a href=mailto:anna.berg%40example.org>x</a>", ["anna.berg%40example.org"]),
        ('<img alt="Anna Berg">', ["Anna Berg"]),
        ("<!-- Anna Berg -->", ["Anna Berg"]),
        ("Anna Berg <anna.berg@example.org>", ["Anna Berg", "anna.berg@example.org"]),
        ("<span>+45</span> <span>12</span>345678", ["+45", "12", "345678"]),
        ('<a href="tel:+4512345678">12 34 56 78</a>', ["+4512345678", "12 34 56 78"]),
        ('<a title="a > b">Anna</a> Berg', ["Anna", "Berg"]),
        ("<b class='x'>anna.berg</b>@example.org", ["anna.berg", "@example.org"]),
        ("1 < 2, Anna Berg", ["Anna Berg"]),
        ("<b Anna Berg", ["Anna Berg"]),
        ("<p>S=C3=B8ren <b>=C3=85kj=C3=A6r</b>-Weiß", ["S=C3=B8ren", "=C3=85kj=C3=A6r", "-Weiß"]),
    ],
)
def test_values_are_found_through_html_and_inside_attributes(html: str, covered: list[str]) -> None:
    assert found(html, media_type="text/html") == covered


def test_a_json_text_stays_valid_when_its_values_are_covered() -> None:
    values = [
        "Anna",
        "Berg",
        "Anna Berg",
        "1234",
        "5678",
        "12 34 56 78",
        'an "anna.berg@example.org"',
    ]
    text = json.dumps({"who": values, "note": "x\nAnna Berg\tS\u00f8ren Åkjær-Weiß \\ Berg, Anna"})
    covered, done = "", 0
    for span in MATCHER.find(Passage(text)):
        covered += text[done : span.start] + "[X]"
        done = span.end
    assert json.loads(covered + text[done:]) == {
        "who": ["[X]", "[X]", "[X]", "1234", "5678", "[X]", 'an "[X]"'],
        "note": "x\n[X]\t[X] \\ [X]",
    }


def test_a_plain_text_may_hold_html_and_keeps_what_stands_in_brackets() -> None:
    assert found("Anna <b>Berg</b>, An<b>na</b> Berg") == ["Anna", "Berg", "An", "na", "Berg"]
    assert found("Anna <bo@example.org> Berg") == ["Anna", "Berg"]


def test_a_short_name_in_html_never_breaks_a_tag() -> None:
    person = Person(SubjectRef("r"), "o", (), (), ("Font", "Color", "Anna"))
    matcher = KnownValueMatcher([person])
    html = '<font color="red" title="Anna">Font</font>'
    spans = matcher.find(Passage(html, "text/html", own=frozenset({person.ref})))
    assert [html[s.start : s.end] for s in spans] == ["Anna", "Font"]


def test_short_names_count_in_the_persons_own_rows_only() -> None:
    text = "Hej Anna, Sørens pakke er hos Bergs"
    assert found(text) == []
    assert found(text, **own(ANNA)) == ["Anna", "Berg"]
    assert found(text, **own(SOREN)) == ["Søren"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Will you send it in May, or may I? An order is an order.", []),
        ("I told Will about it", []),
        ("you will, hi will", []),
        ("Dear Will, thank you", ["Will"]),
        ("Kind regards,\nWill", ["Will"]),
        ("Hi,\n\nsend it.\n\nWill\n", ["Will"]),
        ("Mr. May called", ["May"]),
        ("Kære An\n", ["An"]),
        ("Will May", ["Will May"]),
        ("Will An May", ["Will", "An", "May"]),
    ],
)
def test_stored_data_25_a_name_that_is_a_word_needs_its_place(text: str, values: list[str]) -> None:
    assert found(text, **own(WILL)) == values


@pytest.mark.parametrize(
    ("text", "media_type", "covered"),
    [
        ("Anna\nBerg", "text/plain", ["Anna\nBerg"]),
        ("An=\r\nna=20Berg", "text/plain", ["An=\r\nna=20Berg"]),
        ("<p>An<b>na</b>\n<i>Berg</i></p>", "text/html", ["An", "na", "Berg"]),
    ],
)
def test_stored_data_27_a_split_name_maps_back_to_its_offsets(
    text: str, media_type: str, covered: list[str]
) -> None:
    assert found(text, media_type=media_type) == covered


def test_stored_data_28_a_french_number_is_found_with_any_separator() -> None:
    assert found("tél. +33 (0)6-12.34.56.78 merci") == ["+33 (0)6-12.34.56.78"]
    assert found("tél. +33 (0)6-12.34.56.79 merci") == []


def test_stored_data_37_an_agent_with_the_same_name_stays_in_the_texts_of_others() -> None:
    text = "Best wishes, Anna Berg (support)"
    assert found(text, kept_names=("Anna Berg",)) == []
    assert found(text, kept_names=("Anna Holm",)) == ["Anna Berg"]
    # Of her own texts the name is hers.
    assert found(text, kept_names=("Anna Berg",), **own(ANNA)) == ["Anna Berg"]


def test_stored_data_38_a_quote_in_another_persons_message_is_found_by_strong_values_only() -> None:
    text = "Lise wrote:\n> From: Anna Berg <anna.berg@example.org>\n> Hi, Anna here"
    assert found(text) == ["Anna Berg", "anna.berg@example.org"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Hi Anna, I am Anna Holm from support", ["Anna"]),
        ("Hi Anna, I am ANNA  HOLM. Anna Holm's desk", ["Anna"]),
        ("anna.holm@support.example wrote to Anna Berg", ["Anna Berg"]),
        ("Holm, Anna", []),
        ("Anna-Holm Anna", ["Anna"]),
    ],
)
def test_an_agent_with_the_same_given_name_survives(text: str, values: list[str]) -> None:
    assert found(text, kept_names=("Anna Holm",), **own(ANNA)) == values


def test_a_full_name_wins_over_a_longer_name_that_stays() -> None:
    assert found("Anna Berg Holm", kept_names=("Anna Berg Holm",)) == ["Anna Berg"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Berg A/S delivered, thanks, Berg", ["Berg"]),
        ("the invoice of Berg Logistik ApS", []),
        ("Berg & Søn GmbH", []),
        ("write to support@berg.example or https://www.berg.example/x", []),
        ("Berg called", ["Berg"]),
        ("Anna Berg ApS", ["Anna Berg"]),
    ],
)
def test_a_company_named_as_the_person_stays(text: str, values: list[str]) -> None:
    assert found(text, **own(ANNA)) == values


def test_an_allowed_identifier_never_matches_in_any_form() -> None:
    allowed = frozenset(
        {
            Identifier(IdentifierKind.PHONE, "+4512345678"),
            Identifier(IdentifierKind.EMAIL, "anna.berg@example.org"),
        }
    )
    text = "+45 12 34 56 78, 12345678, anna.berg@example.org, Anna Berg"
    assert found(text, allowed=allowed) == ["Anna Berg"]


def test_a_value_of_two_people_names_both() -> None:
    phone = Identifier(IdentifierKind.PHONE, "+4520304050")
    first = Person(SubjectRef("r-1"), "o", (), (phone,), ("Nina",))
    second = Person(SubjectRef("r-2"), "o", (), (phone,), ("Nina",))
    matcher = KnownValueMatcher([first, second])
    spans = matcher.find(Passage("Nina 20 30 40 50", own=frozenset({second.ref})))
    assert spans == (
        Span(0, 4, "PERSON", 1.0, frozenset({second.ref})),
        Span(5, 16, "PHONE_NUMBER", 1.0, frozenset({first.ref, second.ref})),
    )


def test_spans_say_what_was_found_and_whose_it_is() -> None:
    text = "Anna Berg, anna.berg@example.org, 12345678, CUST-0000123, søren åkjær-weiß"
    assert [(s.label, s.score, *s.subjects) for s in MATCHER.find(Passage(text))] == [
        ("PERSON", 1.0, ANNA.ref),
        ("EMAIL_ADDRESS", 1.0, ANNA.ref),
        ("PHONE_NUMBER", 1.0, ANNA.ref),
        ("ID", 1.0, ANNA.ref),
        ("PERSON", 1.0, SOREN.ref),
    ]


@pytest.mark.parametrize("text", ["", "\ud800", "Anna \ud83d Berg", "\x00Anna", "İ" * 9, "ﷺ" * 9])
@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
def test_broken_text_does_not_stop_the_search(text: str, media_type: str) -> None:
    text += "! Anna Berg \udfff"
    assert "Anna Berg" in found(text, media_type=media_type)


def test_values_without_a_letter_or_digit_find_nothing() -> None:
    kinds = list(IdentifierKind)
    person = Person(
        SubjectRef("r"),
        "o",
        (),
        tuple(
            Identifier(kind, value) for kind in kinds for value in ("", " ", "-", "@", "+", "x@")
        ),
        ("", " ", "?"),
    )
    matcher = KnownValueMatcher([person])
    text = "a - b @ c + d ? x@ 1"
    assert matcher.find(Passage(text, own=frozenset({person.ref}))) == ()


def test_no_person_means_no_match() -> None:
    assert KnownValueMatcher([]).find(Passage("Anna Berg")) == ()


def test_a_text_is_not_searched_for_values_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnownValueMatcher, "_found", lambda *_: pytest.fail("it was searched"))
    texts = [Passage("Anna Berg"), Passage("<p>Anna&nbsp;Berg", "text/html")]
    assert KnownValueMatcher([]).find_all(texts) == [(), ()]


def test_nothing_is_found_inside_a_placeholder() -> None:
    person = Person(SubjectRef("r"), "o", (), (), ("Name", "Phone"))
    matcher = KnownValueMatcher([person])
    text = "[NAME] [PHONE] Name"
    spans = matcher.find(Passage(text, own=frozenset({person.ref})))
    assert [(s.start, s.end) for s in spans] == [(15, 19)]


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        "<a'" * 30_000,
        "<!--" * 30_000,
        '<a href="' * 10_000,
        "Anna " * 20_000,
        "Anna" + ">" * 50_000 + "! Berg",
        "+a" * 30_000 + "@example.org",
        "1 " * 50_000,
        "=C3" * 30_000,
        "&" * 50_000,
    ],
    ids=["quotes", "comments", "attributes", "names", "gap", "plus", "digits", "bytes", "amps"],
)
def test_a_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    began = time.process_time()
    for media_type in ("text/plain", "text/html"):
        MATCHER.find(Passage(text, media_type, own=frozenset({ANNA.ref})))
    assert time.process_time() - began < 5


@pytest.mark.long
def test_a_thousand_people_are_found_in_one_pass() -> None:
    persons = [
        Person(
            SubjectRef(f"r-{number}"),
            "o",
            (),
            (
                Identifier(IdentifierKind.NAME, f"Nom{number:04} Prenom{number:04}"),
                Identifier(IdentifierKind.EMAIL, f"p{number:04}@example.org"),
                Identifier(IdentifierKind.PHONE, f"+45{20_000_000 + number}"),
            ),
        )
        for number in range(1000)
    ]
    matcher = KnownValueMatcher(persons)
    text = "; ".join(p.known[number % 3].value for number, p in enumerate(persons))
    spans = matcher.find(Passage(text))
    assert [s.subjects for s in spans] == [{p.ref} for p in persons]


# --- properties -----------------------------------------------------------------------------------

_VALUES = st.sampled_from(
    ["Anna Berg", "anna.berg@example.org", "+45 12 34 56 78", "CUST-0000123", "Søren Åkjær-Weiß"]
)
_NOISE = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \n\t.,;<>&=%+()[]-_/\\'\"øæßİ\u00a0\u200b\u0301🎉annbergs0123"),
        st.characters(),
    ),
    max_size=25,
)


@given(st.lists(st.one_of(_NOISE, _VALUES), max_size=8), st.sampled_from(["plain", "html"]))
def test_spans_are_ordered_apart_and_inside_the_text(parts: list[str], subtype: str) -> None:
    text = "".join(parts)
    spans = MATCHER.find(Passage(text, f"text/{subtype}", own=frozenset({ANNA.ref, SOREN.ref})))
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))


@given(_NOISE, _VALUES, _NOISE)
def test_a_planted_value_is_found_and_its_span_folds_to_it(
    before: str, value: str, after: str
) -> None:
    # A line of its own, so that the noise cannot be a part of the value.
    text = f"{before} !\n{value}\n! {after}"
    start = len(before) + 3
    spans = [
        s for s in MATCHER.find(Passage(text)) if s.start <= start and s.end >= start + len(value)
    ]
    assert len(spans) == 1
    found_text = text[spans[0].start : spans[0].end]
    assert _bare(value) in _bare(found_text)
    assert len(found_text) <= len(value) + 40


@given(st.sampled_from(["Anna Berg", "Søren Åkjær-Weiß"]), st.data())
def test_a_name_cut_by_tags_is_covered_whole(name: str, data: st.DataObject) -> None:
    pieces = list(name)
    cuts = data.draw(st.lists(st.integers(0, len(name)), max_size=4, unique=True))
    for cut in sorted(cuts, reverse=True):
        tag = data.draw(st.sampled_from(["<b>", "</i>", "<wbr>", "<span style='x'>", "<!-- a -->"]))
        pieces.insert(cut, tag)
    html = "<p>" + "".join(pieces) + "</p>"
    covered = [html[s.start : s.end] for s in MATCHER.find(Passage(html, "text/html"))]
    assert _bare("".join(covered)) == _bare(name)
    assert not any("<" in part or ">" in part for part in covered)


LOOK_ALIKES = {"a": "4@", "e": "3", "o": "0", "s": "5$", "t": "7"}
THEODORE = KnownValueMatcher(
    [
        Person(
            SubjectRef("r-theodore"),
            "org-1",
            (),
            (Identifier(IdentifierKind.NAME, "Theodore Matsson"),),
            ("Theodore", "Matsson"),
        )
    ]
)
FILLERS = st.lists(
    st.sampled_from(
        [
            "see",
            "info@example.org",
            "m@p",
            "(c@se)",
            "50!",
            "a|b",
            "$12",
            "w" * 70 + "@x",
            "_" * 40 + "@t",
            "<b>",
            "2026-11-02",
        ]
    ),
    max_size=12,
)


@given(FILLERS, st.sets(st.integers(0, 15), min_size=1, max_size=8), st.randoms(), FILLERS)
def test_a_name_written_with_other_characters_is_found_whatever_stands_round_it(
    before, places, any_of, after
):
    name = "".join(
        any_of.choice(LOOK_ALIKES.get(letter.lower(), letter)) if place in places else letter
        for place, letter in enumerate("Theodore Matsson")
    )
    # A character at the edge of a word may mean itself: that of a mail address, of a table.
    assume(all(word[0].isalnum() and word[-1].isalnum() for word in name.split()))
    text = " ".join([*before, name, *after])
    (span,) = THEODORE.find(Passage(text))
    assert text[span.start : span.end] == name


@pytest.mark.parametrize("name", ["Theodore Ma7$5on", "Theodore Ma7$$0n", "Theodore Ma75$0n"])
def test_another_character_between_two_digits_stands_for_a_letter_too(name):
    (span,) = THEODORE.find(Passage(name))
    assert (span.start, span.end) == (0, 16)


@pytest.mark.parametrize(
    "text",
    [
        "Jørn Ågård".encode().decode("latin-1"),
        "Jørn Ågård".encode().decode("cp1252"),
        "Jørn Ågård".encode().decode("cp1252").encode().decode("cp1252"),
        "J%u00F8rn %u00C5g%u00E5rd",
        "J%u00f8rn+%u00c5g%u00e5rd",
    ],
)
def test_a_name_that_a_program_misread_or_escaped_is_found_whole(text: str) -> None:
    person = Person(SubjectRef("r"), "o", (), (Identifier(IdentifierKind.NAME, "Jørn Ågård"),))
    (span,) = KnownValueMatcher([person]).find(Passage(f"by {text}, today"))
    assert (span.start, span.end) == (3, 3 + len(text))


@pytest.mark.parametrize("text", ["Â°C", "à»", "Ã", "Ã ", "é© 2026", "ÃÃÃ"])
def test_what_only_looks_misread_is_left(text: str) -> None:
    person = Person(SubjectRef("r"), "o", (), (Identifier(IdentifierKind.NAME, "Jørn Ågård"),))
    assert KnownValueMatcher([person]).find(Passage(f"at 20 {text} or so")) == ()


SHORT = Person(
    SubjectRef("r-short"),
    "org-1",
    (),
    tuple(Identifier(IdentifierKind.EXTERNAL_ID, one) for one in ("bo", "K7", "42", "x")),
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ask @bo please", ["bo"]),
        ("username: bo", ["bo"]),
        ("mit brugernavn er BO.", ["BO"]),
        ("Users log in as bo", ["bo"]),
        ("she is K7, or k7", ["K7", "k7"]),
        ("Jeg vil bo i Aarhus", []),
        ("login: bo.lind", []),
        ("mail info@bo.example", []),
        ("gate K7-2, K71, 1K7", []),
        ("42 of x", []),
        ("login 42", []),
    ],
)
def test_a_short_id_goes_from_own_texts_where_it_can_be_nothing_else(
    text: str, values: list[str]
) -> None:
    matcher = KnownValueMatcher([SHORT])
    spans = matcher.find(Passage(text, **own(SHORT)))
    assert [text[one.start : one.end] for one in spans] == values
    assert matcher.find(Passage(text)) == ()


NUMBERED = Person(
    SubjectRef("r-numbered"),
    "org-1",
    (),
    (
        Identifier(IdentifierKind.EXTERNAL_ID, "20261128"),
        Identifier(IdentifierKind.PHONE, "28112026"),
        Identifier(IdentifierKind.EXTERNAL_ID, "129900000"),
        Identifier(IdentifierKind.EXTERNAL_ID, "12990000"),
        Identifier(IdentifierKind.PHONE, "612345678"),
        Identifier(IdentifierKind.PHONE, "20261128103000"),
        Identifier(IdentifierKind.PHONE, "11281030"),
    ),
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("on 2026-11-28", []),
        ("on 2026/11/28 and 2026.11.28.", []),
        ("den 28.11.2026, kl. 10", []),
        ("at 2026-11-28 10:30:00", []),
        ("at 2026-11-28T10:30Z", []),
        ("for 1,299,000.00 in all", []),
        ("for 129.900,00 kr", []),
        ("for 129,900,000", []),
        ("for 612.345.678 kr. and EUR 612.345.678", []),
        ("order 20261128", ["20261128"]),
        ("order 2026 1128", ["2026 1128"]),
        ("ring 28 11 20 26", ["28 11 20 26"]),
        ("ring 28-11-20-26", ["28-11-20-26"]),
        ("ring 612.345.678", ["612.345.678"]),
    ],
)
def test_a_number_takes_no_date_and_no_amount_out_of_the_texts_of_others(
    text: str, values: list[str]
) -> None:
    matcher = KnownValueMatcher([NUMBERED])
    spans = matcher.find(Passage(text))
    assert [text[one.start : one.end] for one in spans] == values
    assert matcher.find(Passage(text, **own(NUMBERED))) != ()


HYPHENATED = Person(
    SubjectRef("r-hyphenated"),
    "org-1",
    (),
    (
        Identifier(IdentifierKind.NAME, "Bo Thorsager"),
        Identifier(IdentifierKind.EMAIL, "bo.elm@example.org"),
    ),
    ("Bo", "Thorsager"),
)


@pytest.mark.parametrize(
    ("text", "in_own", "elsewhere"),
    [
        ("from Bo Thors-\nager today", "Bo Thors-\nager", True),
        ("> from Bo Thors-\r\n> ager", "Bo Thors-\r\n> ager", True),
        ("from Thorsa\u2010\n  ger, Bo.", "Thorsa\u2010\n  ger, Bo", True),
        ("from Bo Thors\u00ad\nager", "Bo Thors\u00ad\nager", True),
        ("to bo.e-\nlm@example.org", "bo.e-\nlm@example.org", True),
        ("Herr Thors-\nager", "Thors-\nager", False),
    ],
)
def test_a_value_that_a_hyphen_breaks_at_the_end_of_a_line_is_found(
    text: str, in_own: str, elsewhere: bool
) -> None:
    matcher = KnownValueMatcher([HYPHENATED])
    (span,) = matcher.find(Passage(text, **own(HYPHENATED)))
    assert text[span.start : span.end] == in_own
    assert matcher.find(Passage(text)) == ((span,) if elsewhere else ())


WITH_COLONS = Person(
    SubjectRef("r-colons"),
    "org-1",
    (),
    tuple(
        Identifier(IdentifierKind.EXTERNAL_ID, one)
        for one in ("2001:db8::42:7a", "00:1A:2B:3C:4D:5E", "ORD:48812")
    ),
    own_values=(Identifier(IdentifierKind.EXTERNAL_ID, "fe80:0:0:0::9:9"),),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("from 2001:db8::42:7a.", "2001:db8::42:7a"),
        ("from 2001:0DB8:0000:0000:0000:0000:0042:007A", "2001:0DB8:0000:0000:0000:0000:0042:007A"),
        ("2001:db8:0:0:0:0:42:7a seen", "2001:db8:0:0:0:0:42:7a"),
        ("[2001:db8::42:7a]:443", "2001:db8::42:7a"),
        ("ip:2001:db8::42:7a", "2001:db8::42:7a"),
        ("<td>2001:db8::42:7a</td>", "2001:db8::42:7a"),
        ("/ip/2001%3Adb8%3A%3A42%3A7a", "2001%3Adb8%3A%3A42%3A7a"),
        ("mac 00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5e"),
        ("see ord:48812, please", "ord:48812"),
    ],
)
def test_an_id_with_colons_is_found_in_every_form(text: str, value: str) -> None:
    (span,) = KnownValueMatcher([WITH_COLONS]).find(Passage(text))
    assert text[span.start : span.end] == value


@pytest.mark.parametrize(
    "text", ["at 10:30:42", "2001:db8::42:7b", "00:1a:2b:3c:4d:5f", "ORD:488", "fe80::9:9"]
)
def test_another_id_with_colons_is_not_taken_for_it(text: str) -> None:
    matcher = KnownValueMatcher([WITH_COLONS])
    assert matcher.find(Passage(text)) == ()
    assert len(matcher.find(Passage("on fe80::9:9", **own(WITH_COLONS)))) == 1


# --- values that are left easily ------------------------------------------------------------------


def covered(text: str, *values: tuple[IdentifierKind, str], is_own: bool = False) -> list[str]:
    """Return what is covered of a text for somebody who has some values."""
    known = tuple(Identifier(kind, value) for kind, value in values)
    person = Person(SubjectRef("r"), "o", (), known)
    spans = KnownValueMatcher([person]).find(Passage(text, **(own(person) if is_own else {})))
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize("value", ["Lindenhofweg17", "Lindenhofweg17\n12059 Berlin"])
@pytest.mark.parametrize("text", ["Lindenhofweg17", "LINDENHOFWEG 17", "Lindenhofweg 17"])
def test_a_street_and_its_number_in_one_word_are_found(value: str, text: str) -> None:
    address = (IdentifierKind.ADDRESS, value)
    assert covered(f"to {text}!", address, is_own=True) == [text]
    assert covered(f"to {text}1!", address, is_own=True) == []
    if "\n" not in value:
        assert covered(f"to {text}!", address) == [text]


def test_a_short_street_and_its_number_in_one_word_count_in_own_rows_alone() -> None:
    address = (IdentifierKind.ADDRESS, "Weg5")
    assert covered("to Weg5!", address) == []


@pytest.mark.parametrize("value", ["+298221234", "22 12 34", "00298 22 12 34"])
@pytest.mark.parametrize("text", ["22 12 34", "221234", "22-12-34"])
def test_a_number_of_six_digits_goes_from_own_texts_alone(value: str, text: str) -> None:
    number = (IdentifierKind.PHONE, value)
    assert covered(f"call {text}, please", number, is_own=True) == [text]
    assert covered(f"call {text}, please", number) == []
    for other in (f"45 {text}", f"{text} 56", f"1{text}", f"{text}.50", f"{text},50"):
        assert covered(f"call {other}", number, is_own=True) == []


@pytest.mark.parametrize("text", ["19710203", "03021971", "02031971", "1971-02-03"])
def test_a_date_of_birth_goes_from_own_texts_in_one_word_too(text: str) -> None:
    birth = (IdentifierKind.DATE_OF_BIRTH, "1971-02-03")
    assert covered(f"born {text}.", birth, is_own=True) == [text]
    assert covered(f"born {text}.", birth) == []
    assert covered(f"number {text}77", birth, is_own=True) == []


MAIL = (IdentifierKind.EMAIL, "qx147.wibble@example.org")


@pytest.mark.parametrize("break_", ["\n", "\n> ", "\r\n>> ", "\n>\n> ", "\n| "])
@pytest.mark.parametrize("at", ["qx147.wibble{}@example.org", "qx147.wibble@{}example.org",
                                "qx147.{}wibble@example.org", "qx147.wibble@example.{}org"])  # fmt: skip
def test_an_address_that_a_quote_breaks_is_found(at: str, break_: str) -> None:
    text = at.format(break_)
    assert covered(f"> to {text} today", MAIL) == [text]


@pytest.mark.parametrize("text", ["qx147.wibble> @example.org", "qx147.wibble@\n> example.com"])
def test_another_address_that_a_quote_breaks_is_not_taken_for_it(text: str) -> None:
    assert covered(f"> to {text} today", MAIL) == []


@pytest.mark.parametrize(
    "text",
    [
        "return-[qx147.wibble=example.org]@lists.example.net",
        '{"Return-Path": "<return-[qx147.wibble=example.org]@lists.example.net>"}',
        "bounces+1234-ab-[QX147.Wibble=example.org]@em.example.net",
        "return-[qx147.wibble=3Dexample.org]@lists.example.net",
        "[qx147.wibble%example.org]@relay.example.net",
        "[QX147.wibble_example.org]#ext#@tenant.example.net",
        "prvs=1234ab=[qx147.wibble@example.org]",
        "[SRS0=4bG+=XY=example.org=qx147.wibble]@relay.example.net",
        "<[SRS0+4bG/=XY=example.org=qx147.wibble]@relay.example.net>",
        "[SRS1=a1b2=one.example.net==4bG+=XY=example.org=qx147.wibble]@two.example.net",
    ],
)
def test_an_address_is_found_in_one_to_which_mail_comes_back(text: str) -> None:
    before, said, after = re.split(r"[\[\]]", text)
    assert covered(before + said + after, MAIL) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "qx147.wibble_example.org@tenant.example.net",
        "x.qx147.wibble_example.org#EXT#@tenant.example.net",
        "x.qx147.wibble=example.org@lists.example.net",
        "return-xqx147.wibble=example.org@lists.example.net",
        "return-qx147.wibble=example.org.uk@lists.example.net",
        "qx147.wibble=example.org",
        "SRS0=4bG+=XY=example.org=x.qx147.wibble@relay.example.net",
        "a=example.org=qx147.wibble@relay.example.net",
    ],
)
def test_the_return_path_of_another_address_is_not_taken_for_it(text: str) -> None:
    assert covered(text, MAIL) == []


NAME, ADDRESS = IdentifierKind.NAME, IdentifierKind.ADDRESS


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (NAME, "王小明", "我是[王小明]。请回电。"),
        (NAME, "王 小明", "我是[王小明]。请回电。"),
        (NAME, "小明 王", "我是[王小明]。请回电。"),
        (NAME, "山田太郎", "[山田 太郎]様"),
        (NAME, "山田 太郎", "[山田太郎]様、お世話になります"),
        (NAME, "ヤマダ タロウ", "お名前は[ヤマダ・タロウ]です"),
        (NAME, "ヤマダ タロウ", "お名前は[ﾔﾏﾀﾞﾀﾛｳ]です"),
        (NAME, "สมชาย ใจดี", "เรียนคุณ[สมชายใจดี]ค่ะ"),
        (NAME, "ສົມຊາຍ ໃຈດີ", "ທ່ານ[ສົມຊາຍ ໃຈດີ]ສະບາຍດີ"),
        (NAME, "សុខ ចាន់ដារា", "លោក[សុខចាន់ដារា]បាន"),
        (NAME, "အောင်ဆန်း ဝင်းမြင့်", "ဦး[အောင်ဆန်းဝင်းမြင့်]သည်"),
        (ADDRESS, "北京市朝阳区建国路88号", "寄到[北京市朝阳区建国路 88 号]二楼"),
        (ADDRESS, "東京都港区六本木1-2-3", "住所は[東京都港区六本木1-2-3]です"),
        (NAME, "王小明", "%3Cb%3E[%E7%8E%8B%E5%B0%8F%E6%98%8E]"),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_a_value_without_blanks_round_it_is_found(kind, value, text, is_own) -> None:
    before, said, after = re.split(r"[\[\]]", text)
    assert covered(before + said + after, (kind, value), is_own=is_own) == [said]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (NAME, "小明", "我是王小明。"),
        (NAME, "สมชาย", "เรียนคุณสมชายใจดีค่ะ"),
        (NAME, "さくら", "公園のさくらが咲いた"),
        (ADDRESS, "東京都港区六本木", "店は東京都港区六本木にあります"),
    ],
)
def test_a_part_of_a_value_without_blanks_counts_in_own_texts_alone(kind, value, text) -> None:
    assert covered(text, (kind, value)) == []
    assert covered(text, (kind, value), is_own=True) == [value]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (NAME, "王小明", "王小。明天"),
        (NAME, "王", "国王来了"),
        (ADDRESS, "北京市朝阳区建国路8", "北京市朝阳区建国路88号"),
        (NAME, "สมชาย ใจด", "คุณสมชายใจดี"),
        (NAME, "山田太郎", "山田さんと太郎さん"),
    ],
)
def test_another_value_without_blanks_is_not_taken_for_it(kind, value, text) -> None:
    assert covered(text, (kind, value), is_own=True) == []


def test_a_name_without_blanks_that_an_agent_bears_stays_in_the_texts_of_others() -> None:
    person = Person(SubjectRef("r"), "o", (), (Identifier(NAME, "王小明"),), ("小明",))
    matcher = KnownValueMatcher([person])
    passage = {"kept_names": ("王小明",)}
    assert matcher.find(Passage("我是王小明。", **passage)) == ()
    assert len(matcher.find(Passage("我是王小明。", **passage, **own(person)))) == 1
    assert matcher.find(Passage("我是李小明。")) == ()
    assert len(matcher.find(Passage("我是李小明。", **own(person)))) == 1


def test_in_own_texts_a_full_name_goes_that_others_hold_and_an_agent_bears_too() -> None:
    name = Identifier(IdentifierKind.NAME, "Ragnhild Maria Quill")
    person = Person(SubjectRef("r"), "o", (), (), own_values=(name,))
    said = "Ragnhild Maria Quill, or Quill, Ragnhild Maria; Ragnhild Quill"
    kept = ("Ragnhild Maria Quill", "Ragnhild Quill")
    own = Passage(said, own=frozenset({person.ref}), kept_names=kept)
    matcher = KnownValueMatcher([person])

    assert [said[one.start : one.end] for one in matcher.find(own)] == [
        "Ragnhild Maria Quill",
        "Quill, Ragnhild Maria",
    ]
    assert matcher.find(replace(own, own=frozenset())) == ()


SAILOR = Person(
    SubjectRef("r-sailor"),
    "org-1",
    (),
    (Identifier(IdentifierKind.EMAIL, "harbour47@example.org"),),
    said_names=(Identifier(IdentifierKind.NAME, "Siobhan Quillfeather"),),
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Siobhan Quillfeather wrote: harbour47@example.org", ["Siobhan Quillfeather"]),
        ("QUILLFEATHER, Siobhan asks\nfor harbour47@example.org", ["QUILLFEATHER, Siobhan"]),
        ("Siobhan asks for harbour47@example.org", []),
        ("Siobhan Quillfeather Jones and harbour47@example.org", []),
        ("Siobhan Quillfeather asks", []),
        ("Siobhan Quillfeather and bo47@example.org", []),
    ],
)
def test_a_name_that_only_their_texts_say_counts_where_another_value_of_theirs_is(text, values):
    matcher = KnownValueMatcher([SAILOR])
    spans = [text[one.start : one.end] for one in matcher.find(Passage(text))]
    assert [one for one in spans if "@" not in one] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("From: Sio Quill <harbour47@example.org>", ["Sio Quill"]),
        ('To: "Quill, Sio (home)" <harbour47@example.org>', ["Quill, Sio (home)"]),
        ("Quill, Sio <harbour47@example.org>; Bo Lund", ["Quill, Sio"]),
        ("Please ask Sio van der Quill <harbour47@example.org>", ["Sio van der Quill"]),
        ("On 3 May at 10:12 S. Quill <mailto:harbour47@example.org> wrote", ["S. Quill"]),
        ("On 3 May Sio Quill <harbour47@example.org> wrote", ["Sio Quill"]),
        ("May Quill <harbour47@example.org> wrote", ["May Quill"]),
        ("harbour47@example.org (Sio Quill) called", ["Sio Quill"]),
        ("from harbour47@example.org (the new address), Bo", []),
        ("Bo Lund, harbour47@example.org", []),
        ("bo@example.org, Sio Quill <harbour47@example.org>", ["Sio Quill"]),
        ("Bo Lund <bo@example.org>, <harbour47@example.org>", []),
        ("it is <harbour47@example.org>", []),
    ],
)
def test_the_name_before_an_address_in_brackets_is_that_of_its_mailbox(text, values):
    matcher = KnownValueMatcher([replace(SAILOR, said_names=())])
    spans = matcher.find(Passage(text))
    assert [text[one.start : one.end] for one in spans if one.label == "PERSON"] == values
    assert {ref for one in spans for ref in one.subjects} == {SAILOR.ref}


def test_a_correction_leaves_the_name_before_an_address():
    matcher = KnownValueMatcher([replace(SAILOR, said_names=())], strict=True)
    (span,) = matcher.find(Passage("Sio Quill <harbour47@example.org>"))
    assert (span.start, span.end) == (11, 32)


def test_the_name_before_an_address_stays_where_it_may_be_anothers():
    text = "Sio Quill <harbour47@example.org>"
    (mailbox,) = SAILOR.known
    shared = replace(SAILOR, said_names=(), shared={mailbox: frozenset({"7"})})
    for person, kept in ((shared, ()), (SAILOR, ("Sio Quill",))):
        (span,) = KnownValueMatcher([person]).find(Passage(text, kept_names=kept))
        assert text[span.start : span.end] == "harbour47@example.org"
