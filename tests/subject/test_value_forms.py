"""What a value of a column is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import ip_address, ip_interface
from uuid import UUID

import pytest

from lacuna.model.identity import IdentifierKind
from lacuna.model.table import Column
from lacuna.model.treatment import Erasure, Mention, Treatment
from lacuna.subject.value_forms import classified, comparable, joined_parts, values_of

EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME
ID, ADDRESS, BIRTH = (
    IdentifierKind.EXTERNAL_ID,
    IdentifierKind.ADDRESS,
    IdentifierKind.DATE_OF_BIRTH,
)
FILE, OTHER = IdentifierKind.FILE, IdentifierKind.OTHER


@pytest.mark.parametrize(
    ("text", "category", "kinds"),
    [
        ("bo@example.org", "user.contact.email", [EMAIL]),
        ("mailto:bo@example.org", "user.contact", [EMAIL]),
        ("Bo Holm <bo@example.org>", "user.contact", [EMAIL, NAME]),
        ("bo@example.org", "user.name", [EMAIL]),
        ("Bo Holm", "user.name", [NAME]),
        ("+45 31 97 01 89", "user.contact", [PHONE]),
        ("(0) 31 97 01 89", "user.content.private", [PHONE]),
        ("12", "user.contact.phone_number", []),
        ("22 12 34", "user.contact.phone_number", [PHONE]),
        ("ORD-JHFGX-ZS", "user.account", [ID]),
        ("DK5000400440116243", "user.account", [ID]),
        ("77", "user.unique_id", [ID]),
        ("(+44)1632960084", "user.unique_id", [ID, PHONE]),
        ("+44 1632 960084", "user.unique_id", [ID, PHONE]),
        ("0044123456", "user.unique_id", [ID]),
        ("solsort", "user.account.username", [ID]),
        ("bo@example.org", "user.account.username", [EMAIL]),
        ("@bo.holm", "user.contact.social_url", [ID]),
        ("https://social.example.org/people/@solsort/", "user.contact.social_url", [ID]),
        ("https://social.example.org/", "user.contact.social_url", []),
        ("203.0.113.8", "user.device.ip_address", [ID]),
        ("143.0", "user.device", []),
        ("2026-11-28", "user.account", []),
        ("2026", "user.account", []),
        ("Havnegade 12, 1000 Example City", "user.account", [ADDRESS]),
        ("49 quai aux Fleurs", "user.contact.address.street", [ADDRESS]),
        ("Aarhus", "user.contact.address.city", []),
        ("1984-05-07", "user.demographic.date_of_birth", [BIRTH]),
        ("19840507", "user.demographic.date_of_birth", [BIRTH]),
        ("12 March 1962", "user.demographic.date_of_birth", [BIRTH]),
        ("unknown", "user.demographic.date_of_birth", []),
        ("bo@example.org; bo.elm@example.org", "user.contact.email", [EMAIL, EMAIL]),
        ("20 30 40 50", "user.account", [PHONE]),
        ("lease of Bo Holm.pdf", "user.content.private", [FILE]),
        ("Nabo og Fjordgaard ApS", "user.account", [OTHER]),
        ("gold", "user.account", []),
        ("https://shop.example.org/help?topic=26", "user.behavior", []),
        ("https://example.org/o/ORD-77121?mail=bo%40example.org", "user.behavior", [EMAIL, ID]),
        ("https://[", "user.behavior", []),
        ("x" * 300, "user.account", []),
    ],
)
def test_a_text_is_what_its_category_or_its_form_says(text, category, kinds) -> None:
    assert [one.kind for one in classified(text, category)] == kinds


TWO = ["33 77 55 62", "22 39 44 58"]


@pytest.mark.parametrize(
    ("text", "category", "values"),
    [
        ("33 77 55 62 / 22 39 44 58", "user.contact.phone_number", TWO),
        ("33 77 55 62, 22 39 44 58", "user.contact.phone_number", TWO),
        ("33 77 55 62 eller 22 39 44 58", "user.contact.phone_number", TWO),
        ("33775562 22394458", "user.contact.phone_number", ["33775562", "22394458"]),
        ("33 77 55 62 / 22 39 44 58", "user.account", TWO),
        ("0301234567/8", "user.contact.phone_number", ["0301234567/8"]),
        ("030 / 12345678", "user.contact.phone_number", ["030 / 12345678"]),
        ("+49 30 12345678", "user.contact.phone_number", ["+49 30 12345678"]),
        ("0301234/5678901", "user.contact.phone_number", ["0301234", "5678901", "0301234/5678901"]),
        ("CARD-88123-76,CARD-88123-77", "user.account", ["CARD-88123-76", "CARD-88123-77"]),
        ("KD-2291, KD-2292", "user.unique_id", ["KD-2291", "KD-2292"]),
        ("CARD-88123-76, CARD-88123-77", "user.location", []),
        ("CARD-88123-76; bo@example.org", "user.account", ["CARD-88123-76", "bo@example.org"]),
    ],
)  # fmt: skip
def test_each_value_of_a_list_is_one(text, category, values) -> None:
    found = [one.value for one in classified(text, category)]
    assert found == values


def test_a_sentence_with_a_number_in_it_is_no_list() -> None:
    assert [one.kind for one in classified("see CARD-88123-76, please", "user.account")] == [OTHER]


def column(treatment: Treatment = Treatment.SUPPRESS, argument: str | None = None) -> Column:
    return Column(
        name="attributes",
        category="user.account",
        processing="support",
        erasure=Erasure(treatment, argument),
        mention=Mention.REDACT,
        is_text=False,
        media_type="text/plain",
        in_access=True,
        in_portability=False,
        meaning="",
        legend={},
        object_store=None,
    )


def test_a_document_is_read_to_its_leaves_and_by_its_keys_but_for_what_stays() -> None:
    document = {
        "tier": "ORD-00001",
        "order_no": 7,
        "birth_date": "1984-05-07",
        "former_name": "Bo Elm",
        "address": {"country": "Denmark 12", "street": "Havnegade 12"},
        "bo@example.org": [True, None, 1.5, ["SN-1234"]],
    }
    kept = column(Treatment.JSON_KEYS, "tier,/address/country")
    found = {(one.kind, one.value) for _, one, _ in values_of(document, kept)}
    assert found == {
        (ID, "7"),
        (BIRTH, "1984-05-07"),
        (NAME, "Bo Elm"),
        (ADDRESS, "Havnegade 12"),
        (EMAIL, "bo@example.org"),
        (ID, "SN-1234"),
    }


def test_a_document_without_end_is_read_to_a_depth() -> None:
    deep: object = "SN-1234"
    for _ in range(1000):
        deep = [deep]
    assert list(values_of(deep, column())) == []


def test_a_date_is_one_and_a_moment_is_none() -> None:
    assert [text for text, _, _ in values_of([date(1984, 5, 7)], column())] == []
    assert list(values_of(datetime(1984, 5, 7, tzinfo=UTC), column())) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Bo@Example.org ", "bo@example.org", True),
        ("085 008 0141", "+31850080141", True),
        ("085 008 0141", "085 008 0142", False),
        ("ORD-1", "ORD-2", False),
        ("DK50 0040 0440 1162 43", "dk5000400440116243", True),
        ("@solsort92", "solsort92", True),
        ("Zorkvej 5\n1000 By", "Zorkvej 5, 1000 By", True),
        ("a.bc@example.org", "ab.c@example.org", False),
    ],
)
def test_two_spellings_of_one_value_compare_as_one(one, other, same) -> None:
    assert (comparable(one) == comparable(other)) is same


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (Decimal(10004217), "10004217"),
        (UUID("5d1f0000-0000-4000-8000-000000000001"), "5d1f0000-0000-4000-8000-000000000001"),
        (ip_address("203.0.113.7"), "203.0.113.7"),
        (ip_interface("203.0.113.7/24"), "203.0.113.7"),
    ],
)
def test_values_of_other_types_than_text_are_values_too(content, text):
    of_device = replace(column(), category="user.device.ip_address")
    assert [(said, one.value) for said, one, _ in values_of(content, of_device)] == [(text, text)]


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("email_address", "bo@example.org", (EMAIL, "bo@example.org")),
        ("telefon", "20 30 40 50", (PHONE, "20 30 40 50")),
        ("mobil", "40 12 98 76", (PHONE, "40 12 98 76")),
        ("fødselsdato", "1984-05-07", (BIRTH, "1984-05-07")),
        ("loyalty", 1234567890.0, (ID, "1234567890")),
        ("raw", '{"member_no": "MET-88-210"}', (ID, "MET-88-210")),
        ("raw", '["DK5000400440116243"]', (ID, "DK5000400440116243")),
    ],
)
def test_keys_in_other_languages_and_documents_in_texts_are_read(key, value, found) -> None:
    said = {(one.kind, one.value) for _, one, _ in values_of({key: value}, column())}
    assert found in said


def test_a_birth_date_in_a_column_of_times_is_one() -> None:
    born = replace(column(), category="user.demographic.date_of_birth")
    said = [one.value for _, one, _ in values_of(datetime(1984, 5, 7, tzinfo=UTC), born)]
    assert said == ["1984-05-07"]
    assert not list(values_of(datetime(1984, 5, 7, tzinfo=UTC), column()))


def test_the_name_of_a_thing_is_not_said_to_be_a_persons() -> None:
    document = {"subscription": {"name": "Green Energy"}, "former_name": "Bo Elm"}
    named = {one.value: is_named for _, one, is_named in values_of(document, column())}
    assert (named["Green Energy"], named["Bo Elm"]) == (False, True)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"guardian": {"first_name": "Torvald", "last_name": "Egeskov"}}, "Torvald Egeskov"),
        ({"spouse": {"given": "Torvald", "family": "Egeskov"}}, "Torvald Egeskov"),
        ({"efternavn": "Egeskov", "fornavn": "Torvald"}, "Torvald Egeskov"),
        ({"delivery": {"street": "Birkelunden", "number": "29", "zip": "2900"}}, "Birkelunden 29"),
        ({"gade": "Birkelunden", "husnr": 29}, "Birkelunden 29"),
        ({"address": "c/o Jensen\nStrandvejen 200B\n2900 Hellerup"}, "Strandvejen 200B"),
        ({"address": "c/o Jensen\nStrandvejen200B\n2900 Hellerup"}, "Strandvejen200B"),
    ],
)
def test_parts_beside_one_another_are_joined_and_lines_are_read_apart(document, said) -> None:
    assert said in {one.value for _, one, _ in values_of(document, column())}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("first", ".first", "Benedetta"), ("infix", "", "al"), ("last", ".last", "Rashidun")],
         "Benedetta al Rashidun"),
        ([("first", ".first", "Ada"), ("x", "", "de la"), ("last", ".last", "Tour-Maubourg")],
         "Ada de la Tour-Maubourg"),
        ([("last", ".last", "Veld"), ("x", "", "in 't"), ("first", ".first", "Jan")],
         "Jan in 't Veld"),
        ([("first", ".first", "Jan"), ("last", ".last", "Veld"), ("x", "", "van den")],
         "Jan van den Veld"),
        ([("first", ".first", "Jan"), ("last", ".last", "Veld"), ("middle_name", "", "Piet")],
         "Jan Piet Veld"),
        ([("given", ".first", "Jan"), ("surname_prefix", ".last", "op de"), ("s", ".last", "Veld")],
         "Jan op de Veld"),
    ],
)  # fmt: skip
def test_a_name_is_joined_with_what_stands_between_its_parts(parts, said) -> None:
    of_names = [(name, f"user.name{rest}", content) for name, rest, content in parts]
    joined = [text for text, _ in joined_parts(of_names)]
    assert said in joined
    assert len(joined) == 2


def test_a_key_in_a_document_may_hold_what_stands_between_a_name() -> None:
    document = {"firstName": "Jan", "tussenvoegsel": "van den", "lastName": "Veld"}
    assert "Jan van den Veld" in {one.value for _, one, _ in values_of(document, column())}


@pytest.mark.parametrize("other", ["Jan Veld", "Veld", "JV", "", None, "one of the four others"])
def test_another_name_beside_the_parts_of_one_is_not_joined_with_them(other) -> None:
    parts = [("first", "user.name.first", "Jan"), ("last", "user.name.last", "Veld")]
    joined = [text for text, _ in joined_parts([*parts, ("nick", "user.name", other)])]
    assert joined == ["Jan Veld"]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("Kastanienallee 135\n10623 Berlin", {"Kastanienallee 135"}),
        ("Apartment 12\nKiefernweg 8\nDublin 2", {"Kiefernweg 8"}),
        ("1600 Pennsylvania Avenue\nWashington, DC 20500", {"1600 Pennsylvania Avenue"}),
        ("c/o Holm\n2900 Hellerup", set()),
        ("Postfach 1000", set()),
        ("P.O. Box 55", set()),
        ("8000 Aarhus C", set()),
        ("Zorkweg 5", {"Zorkweg 5"}),
    ],
)
def test_a_town_a_floor_and_a_box_are_nobodys_house(address, named) -> None:
    said = {one.value for _, one, is_named in values_of({"address": address}, column()) if is_named}
    assert said - ({address} if "\n" in address else set()) == named


def test_parts_of_what_stays_are_not_joined() -> None:
    kept = column(Treatment.JSON_KEYS, "guardian")
    document = {"guardian": {"first_name": "Torvald", "last_name": "Egeskov"}}
    assert not list(values_of(document, kept))


def test_what_a_column_is_says_nothing_of_the_keys_in_it() -> None:
    numbers = replace(column(), category="user.unique_id")
    document = {"frequent_flyer": "FF-4471-009", "bo@example.org": "77-1204-A"}
    found = {(one.kind, one.value) for _, one, _ in values_of(document, numbers)}
    assert found == {(ID, "FF-4471-009"), (EMAIL, "bo@example.org"), (ID, "77-1204-A")}


@pytest.mark.parametrize(
    ("document", "kind", "value"),
    [
        ({"type": "tel", "value": "2030405"}, PHONE, "2030405"),
        ({"kind": "email", "value": "bo@example.org"}, EMAIL, "bo@example.org"),
        ([{"label": "Customer number", "content": 4711}], ID, "4711"),
        ({"name": "date_of_birth", "value": "1984-05-07"}, BIRTH, "1984-05-07"),
        ('<c><phone kind="home">2030405</phone></c>', PHONE, "2030405"),
        (
            "<?xml version='1.0'?><a:c xmlns:a='x'><a:email>bo@example.org</a:email></a:c>",
            EMAIL,
            "bo@example.org",
        ),
        ('<c customer_number="4711"/>', ID, "4711"),
        ("<c><first_name>Bo</first_name><last_name>Elm</last_name></c>", NAME, "Bo Elm"),
        ("<f><field><name>date_of_birth</name><value>x</value></field></f>", None, ""),
        ({"type": "gold", "value": "tier one"}, None, ""),
        ('<!DOCTYPE c [<!ENTITY a "2030405">]><c><phone>&a;</phone></c>', None, ""),
        ("<p>2030405<br></p>", None, ""),
    ],
)
def test_a_label_beside_a_value_and_an_xml_element_say_what_it_is(document, kind, value) -> None:
    found = {
        (one.kind, one.value) for _, one, is_named in values_of(document, column()) if is_named
    }
    assert found >= {(kind, value)} if kind else not found


def test_an_xml_text_that_is_deep_or_long_is_read_as_a_text() -> None:
    for text in ("<a>" * 5000 + "</a>" * 5000, "<a>" + "<b/>" * 60_000 + "</a>"):
        assert list(values_of(text, column())) == []


def test_a_row_says_nothing_of_its_values_by_the_channel_it_came_by() -> None:
    row = {"id": 1, "kind": "email", "value": "HD-50123"} | dict.fromkeys("abcd", None)
    small = {"channel": "email", "number": "HD-50123"}
    for content in (row, small):
        assert (ID, "HD-50123") in {
            (one.kind, one.value) for _, one, _ in values_of(content, column())
        }
