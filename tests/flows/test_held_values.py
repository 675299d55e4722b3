"""The search for held values sees each class in each way of writing that it is there for."""

from __future__ import annotations

import pytest

from tests.flows.held_values import Finder, Rows, Values, values_of

ZOE = {
    "contact_id": "z",
    "merged_into": None,
    "display_name": None,
    "first_name": "Zoë",
    "middle_names": ["Ada"],
    "last_name": "Ødegård",
    "email": "zoe.berg@example.org",
    "phone_e164": "+4531970999",
    "additional_emails": ["zb@example.org"],
    "custom_attributes": {
        "order_no": "ORD-7X2K9-PQ",
        "username": "berg_zoe",
        "former_name": "Zoë Solbakke",
        "address": {"street": "Rosenvej 12", "city": "Aarhus"},
        "bounces": {"zoe.old@example.org": 1},
    },
}
BO = {
    "contact_id": "b",
    "merged_into": None,
    "first_name": "Bo",
    "middle_names": [],
    "last_name": "Ødegård",
    "email": "bo@example.org",
    "custom_attributes": {},
}
ROWS = Rows(
    {
        ("contacts", "z"): ZOE,
        ("contacts", "b"): BO,
        ("conversations", "1"): {"conversation_id": 1, "requester_id": "z", "from_email": None},
        ("messages", "9"): {"conversation_id": 1, "author_contact_id": None, "body_text": "Hi Zoë"},
        ("conversations", "2"): {"conversation_id": 2, "requester_id": "b", "from_email": None},
        ("messages", "8"): {"conversation_id": 2, "author_contact_id": None, "body_text": "Hi Zoë"},
    }
)
OWN = {("contacts", "z"), ("conversations", "1"), ("messages", "9")}


@pytest.fixture(scope="module")
def values() -> Values:
    return values_of(ROWS, OWN).without(values_of(ROWS, [("contacts", "b")]))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("write to ZOE.BERG@example.org", "contact"),
        ("<a href='mailto:zb@example.org'>", "contact"),
        ("call 31 97 09 99 now", "contact"),
        ("https://example.com/help?phone=%2B4531970999&x=1", "contact"),
        ("signs in as berg_zoe", "contact"),
        ("bounced: zoe.old@example.org", "contact"),
        ("order ord-7x2k9-pq.", "identifier"),
        ("recordings/2026/ORD_7X2K9_PQ.wav", "identifier"),
        ("<b>Zoë</b> &Oslash;deg&aring;rd", "full name"),
        ("Ødegård, Zoë", "full name"),
        ("Zoë Ada Ødegård", "full name"),
        ("once Zoë Solbakke", "full name"),
        ("Kind regards\nRosenvej 12, 8000 Aarhus", "address"),
    ],
)
def test_a_value_is_seen_however_it_is_written(values: Values, text: str, label: str) -> None:
    assert Finder(values).in_text(text) == {label}
    assert Finder(values).in_row({"author": [{text: True}]}) == {"author": {label}}


@pytest.mark.parametrize(
    "text",
    ["Bo Ødegård", "bo@example.org", "Rosenvej 120", "+45 31 97 09 98", "Zoë alone", "Aarhus"],
)
def test_what_others_hold_and_what_is_another_value_is_not(values: Values, text: str) -> None:
    assert Finder(values).in_text(text) == set()


def test_a_value_is_kept_as_it_was_written(values: Values) -> None:
    contacts = {text for one in values.by_class["contact"] for text in values.written[one]}
    assert {"zoe.berg@example.org", "+4531970999", "berg_zoe"} <= contacts


def test_rows_lead_to_people_and_parts_of_names_count_in_their_own(values: Values) -> None:
    assert ROWS.of_people({"z"}) == OWN
    left = Finder(values).left(ROWS, OWN)
    assert left["name part", "messages"] == 1
    # The family name is Bo's too.
    assert values.parts == {"zoë", "ada"}


def test_every_row_that_changed_or_went_is_told_with_its_columns() -> None:
    later = Rows(
        {**ROWS.found, ("messages", "8"): {**ROWS.found["messages", "8"], "body_text": ""}}
    )
    del later.found["messages", "9"]
    changed = ROWS.changed(later)
    assert set(changed) == {("messages", "8"), ("messages", "9")}
    assert changed["messages", "8"] == {"body_text"}
