"""A wrong value is replaced where it stands, in the form in which it stands, and nothing else is."""

import json

import pytest

from lacuna.model.correction import CellRules, CorrectedCell, Correction
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.redaction import ValueCorrector
from tests.plan.inventories import DATAMAP

EMAIL, PHONE, NAME, OTHER = (
    IdentifierKind.EMAIL,
    IdentifierKind.PHONE,
    IdentifierKind.NAME,
    IdentifierKind.OTHER,
)
NEW_NAME = 'Anna "Ann" Berg-Holm'
RULES = CellRules(DATAMAP, "shop", frozenset({"7"}))
CORRECTIONS = (
    Correction(
        "email",
        "user.contact.email",
        Identifier(EMAIL, "anna.berg@example.org"),
        "ann@example.org",
        True,
    ),
    Correction(
        "phone", "user.contact.phone_number", Identifier(PHONE, "+4530998877"), "+4530998811", True
    ),
    Correction("name", "user.name", Identifier(NAME, "Anna Berg"), NEW_NAME, True),
    Correction("city", "user.contact.address.city", Identifier(OTHER, "Odense"), "Aarhus", False),
)


def corrected(text, *, category="user.contact", is_own=True, is_document=False, owners=("7",)):
    cell = CorrectedCell(text, category, is_own, True, is_document, frozenset(owners))
    corrector = ValueCorrector(CORRECTIONS, RULES)
    (once,) = corrector.correct([cell])
    (twice,) = corrector.correct(
        [CorrectedCell(once, category, is_own, True, is_document, frozenset(owners))]
    )
    assert twice == once, "a correction that is done again changes nothing"
    return once


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Anna.Berg@Example.org", "ann@example.org"),
        ("Anna Berg <anna.berg@example.org>", 'Anna "Ann" Berg-Holm <ann@example.org>'),
        (
            "https://shop.example/?m=anna.berg%40example.org&n=1",
            "https://shop.example/?m=ann%40example.org&n=1",
        ),
        ("30 99 88 77", "+4530998811"),
        ("Berg, Anna", 'Anna "Ann" Berg-Holm'),
        # Another's, maybe.
        ("annaberg@example.org", "annaberg@example.org"),
        ("anna.brg@example.org", "anna.brg@example.org"),
        ("joanna.berg@example.org", "joanna.berg@example.org"),
        ("anna.berg@example.org.example", "anna.berg@example.org.example"),
        # A mailbox and a login are values of their own.
        ("anna.berg@other.example", "anna.berg@other.example"),
        ("anna_berg", "anna_berg"),
    ],
)
def test_a_value_is_corrected_as_it_is_written_and_what_is_like_it_stays(text, right):
    assert corrected(text) == right


@pytest.mark.parametrize(
    ("text", "is_own", "right"),
    [
        ("Anna Berg Olsen", False, "Anna Berg Olsen"),
        ("Jo Anna Berg <jo@example.org>", False, "Jo Anna Berg <jo@example.org>"),
        ("Anna Berg", False, NEW_NAME),
        (" Berg, Anna <anna@example.org>", False, f" {NEW_NAME} <anna@example.org>"),
        ("Anna Berg Olsen", True, f"{NEW_NAME} Olsen"),
    ],
)
def test_a_longer_name_in_a_row_of_somebody_else_is_another_ones(text, is_own, right):
    assert corrected(text, is_own=is_own) == right
    document = json.dumps({"by": [text]})
    assert json.loads(corrected(document, is_own=is_own, is_document=True)) == {"by": [right]}


def test_a_member_of_a_document_says_by_its_key_what_it_is():
    document = {"company": "Odense", "address": {"city": "Odense"}, "tags": ["Odense"], "odense": 1}
    right = json.loads(corrected(json.dumps(document), category="user.account", is_document=True))
    assert right == document | {"address": {"city": "Aarhus"}}


def test_a_document_is_a_document_still():
    document = {
        "anna.berg@example.org": ["x Anna Berg y", 4530998877, "Odense"],
        "m": "anna.berg@example.org",
        "n": 77,
    }
    text = json.dumps(document).replace("@", "\\u0040")
    right = json.loads(corrected(text, category="user.contact.address.city", is_document=True))
    assert right == {
        "ann@example.org": ['x Anna "Ann" Berg-Holm y', "+4530998811", "Aarhus"],
        "m": "ann@example.org",
        "n": 77,
    }


@pytest.mark.parametrize(
    ("text", "category", "is_own", "right"),
    [
        ("odense", "user.contact.address.city", True, "Aarhus"),
        ("Odense", "user.contact.address", True, "Aarhus"),
        ("Odense", "user.contact.address.city", False, "Odense"),
        ("Odense", "user.location", True, "Odense"),
        ("Odense Kommune", "user.contact.address.city", True, "Odense Kommune"),
    ],
)
def test_a_value_that_says_nothing_by_itself_is_corrected_where_it_says_the_same(
    text, category, is_own, right
):
    assert corrected(text, category=category, is_own=is_own) == right
