"""The gate tells by rules of its own what the values in a person's rows are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.model.identity import IdentifierKind, Person, SubjectRef, ValueClass
from lacuna.model.location import ColumnName, TableName
from lacuna.subject.value_forms import values_of
from lacuna.verify import derivation
from lacuna.verify.derivation import class_of
from tests.subject.test_value_forms import column

CLASSES = (
    ("solveig@example.org", "user.unique_id", ValueClass.IDENTIFIER),
    ("solveig@example.org", "user", ValueClass.CONTACT),
    ("+45 31 97 09 99", "user", ValueClass.CONTACT),
    ("SF-100042", "user", ValueClass.IDENTIFIER),
    ("10004217", "user", ValueClass.IDENTIFIER),
    ("1984-05-07", "user.demographic.date_of_birth", ValueClass.DATE_OF_BIRTH),
    ("1984-05-07", "user", None),
    ("2026-03-01 12:00:00", "user", None),
    ("Solveig Sommerfugl", "user.name", ValueClass.FULL_NAME),
    ("Solveig", "user.name.first", ValueClass.NAME_PART),
    ("Nabo og Fjordgaard", "user", ValueClass.OTHER),
    ("Nabo og Fjordgaard", "user.content", None),
    ("tier gold", "user", None),
    ("gold", "user", None),
    ("New York City Area", "user.contact.address.city", None),
    ("Skovvej 4, 8000", "user.contact.address.street", ValueClass.ADDRESS),
)


@pytest.mark.parametrize(("text", "category", "expected"), CLASSES)
def test_a_value_is_what_its_category_or_an_unmistakable_form_says(text, category, expected):
    assert class_of(text, category) is expected


# --- what a stranger writes stops nobody's erasure ------------------------------------------------

PIECES = st.sampled_from(
    [
        "Ada",
        "Holm",
        "ada@example.org",
        "<ada@example.org>",
        "+45 31 97 09 99",
        "0",
        "12",
        "1984-05-07",
        "SF-100",
        "-",
        "/",
        "@",
        ".",
        " ",
        "  ",
        ",",
        "Nabo",
        "gold",
        "ß",
        ":",
        "(",
        "\u200b",
        "\n",
        "_",
        "#",
        "mailto:",
        "tel:",
        "'",
        "203.0.113.7/24",
        "phone",
        "email",
        "date_of_birth",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, min_size=1, max_size=7).map("".join), st.text(max_size=30))
NAMES = st.one_of(
    TEXTS,
    st.sampled_from(
        [
            "email",
            "phone",
            "city",
            "note",
            "order_no",
            "name",
            "username",
            "zip",
            "company",
            "street",
            "born",
            "type",
            "kind",
            "value",
        ]
    ),
)
CONTENTS = st.recursive(
    TEXTS,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=2)),
    max_leaves=4,
)
CATEGORIES = st.sampled_from(
    [
        "user",
        "user.account",
        "user.contact",
        "user.contact.email",
        "user.contact.phone_number",
        "user.contact.fax_number",
        "user.contact.address",
        "user.contact.address.street",
        "user.contact.address.city",
        "user.contact.social_url",
        "user.name",
        "user.name.first",
        "user.unique_id",
        "user.account.username",
        "user.financial",
        "user.government_id",
        "user.device.ip_address",
        "user.device.device_id",
        "user.demographic.date_of_birth",
        "user.demographic.gender",
        "user.content",
        "user.behavior",
        "user.professional_information.job_title",
    ]
)


@given(CONTENTS, CATEGORIES)
def test_whatever_stands_in_a_column_the_plan_knows_what_the_gate_derives(content, category):
    of_category = replace(column(), category=category)
    read = [one for _, one, _ in values_of(content, of_category)]
    words = [one for one in read if one.kind is IdentifierKind.NAME and len(one.value.split()) == 1]
    person = Person(
        SubjectRef("r"),
        "o",
        ("k",),
        tuple(one for one in read if one not in words),
        tuple(one.value for one in words),
    )
    known = derivation.Known(person)
    place = ColumnName(TableName("a", "b"), "c")
    for text, value_class in derivation.values_in(content, of_category):
        assert known.covers(derivation.Value(person.ref, place, value_class, text))


def test_a_member_without_a_name_is_no_key():
    of_mail = replace(column(), category="user.contact.email")
    assert list(derivation.values_in({"": "Ada+45 31 97 09 99"}, of_mail)) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"type": "phone", "value": "+45 31 97 09 99"}, {("+45 31 97 09 99", ValueClass.CONTACT)}),
        (
            {"kind": "date_of_birth", "value": "1984-05-07"},
            {("1984-05-07", ValueClass.DATE_OF_BIRTH)},
        ),
        ({"name": "order_no", "value": ["KD"]}, {("KD", ValueClass.IDENTIFIER)}),
    ],
)
def test_a_member_says_what_the_value_beside_it_is(content, expected):
    assert expected <= set(derivation.values_in(content, replace(column(), category="user")))
