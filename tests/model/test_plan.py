"""What a plan and its parts say of themselves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.model.location import ColumnName, TableName, pattern_location, spelled
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    Inventory,
    Plan,
    Rectify,
    RedactMentions,
    RedactText,
    Restrict,
    Retain,
    RewriteObjects,
    RowsFound,
    WriteBundle,
    location_of,
)
from lacuna.model.request import Level, RequestKind
from lacuna.model.treatment import Treatment

PEOPLE = TableName("crm", "people")
STEPS = {
    AnonymizeRows(PEOPLE, (("email", str(Treatment.SUPPRESS)),), 2): "crm.people",
    RedactText(PEOPLE, ("note",), 3): "crm.people",
    RedactMentions(PEOPLE, ("note",), 5): "crm.people",
    EmptyFiles(PEOPLE, ("scan",), 6): "crm.people",
    DeleteRows(PEOPLE, 7): "crm.people",
    Rectify(PEOPLE, ("city",), 1, "0" * 64): "crm.people",
    DeleteObjects("media", 11, 1000, 1): "media",
    RewriteObjects("media", "exports/*.parquet", 13): "media/exports/*.parquet",
    Retain("crm.people", "17(3)(b): invoices", 17): "crm.people",
    Restrict(RequestKind.OBJECTION): "lacuna",
    WriteBundle((RequestKind.ACCESS,), 19, 1): "lacuna",
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_each_step_says_where_it_works(step):
    assert location_of(step) == STEPS[step]


def test_a_plan_counts_only_rows_of_the_platform_that_it_changes():
    plan = Plan("r", Level.CONTACT, (RequestKind.ERASURE,), "d" * 64, tuple(STEPS), "p" * 64)
    mentions, corrected = 5 + 6, 1
    assert plan.total_rows == 7 + mentions + corrected


def test_a_row_whose_text_and_columns_are_treated_counts_once():
    steps = (RedactText(PEOPLE, ("note",), 3), AnonymizeRows(PEOPLE, (), 3))
    plan = Plan("r", Level.CONTACT, (RequestKind.ERASURE,), "d" * 64, steps, "p" * 64)
    assert plan.total_rows == 3


def test_a_plan_sums_up_by_kind_what_can_be_counted():
    twice = (*STEPS, DeleteRows(PEOPLE, 100))
    plan = Plan("r", Level.CONTACT, (RequestKind.ERASURE,), "d" * 64, twice, "p" * 64)
    counts = plan.count_by_kind()
    assert counts["DeleteRows"] == 107
    assert counts["Retain"] == 17
    assert counts["bytes"] == 1000
    assert "Restrict" not in counts


def test_an_inventory_is_empty_only_if_nothing_at_all_was_found():
    assert Inventory((), (), (), open_conversations=0, kept_identifiers=3).is_empty
    found = RowsFound(PEOPLE, frozenset({("1",)}))
    assert not Inventory((found,), (), (), open_conversations=0, kept_identifiers=0).is_empty


def test_a_table_is_read_back_as_it_is_written():
    for name in (PEOPLE, TableName("Odd Shop", "order.lines"), TableName("a", '"b"')):
        assert TableName.parse(str(name)) == name
    assert str(ColumnName(PEOPLE, "email")) == "crm.people.email"


@pytest.mark.parametrize("text", ["", "people", ".people", "crm."])
def test_half_a_table_name_is_none_and_is_not_quoted(text):
    with pytest.raises(ValueError, match=r"^write a table as schema\.table$"):
        TableName.parse(text)


@given(st.text(), st.booleans())
def test_a_name_is_spelled_in_characters_that_the_ledger_takes(name, is_pattern):
    allowed = r"[A-Za-z0-9_$-]*" if not is_pattern else r"[][A-Za-z0-9_$.*?!{},/-]*"
    written = spelled(name, is_pattern=is_pattern)
    assert re.fullmatch(allowed, written)
    assert not re.search("[0-9]{7}", written)
    assert is_pattern or not re.match("[0-9-]", written)


@given(st.text(), st.text())
def test_two_names_are_never_spelled_alike(one, other):
    assert (spelled(one) == spelled(other)) == (one == other)


@pytest.mark.parametrize("name", ["contacts", "Contact_360", "order-lines", "_x", "t123456"])
def test_an_ordinary_name_is_spelled_as_it_is(name):
    assert spelled(name) == name
    assert TableName("crm", name).location == f"crm.{name}"


def test_a_pattern_keeps_its_characters():
    assert pattern_location("media", "calls/**/[a-f]?.{wav,mp3}") == (
        "media/calls/**/[a-f]?.{wav,mp3}"
    )
    assert pattern_location("media", "Anrufe 2026/*.wav") == "media/Anrufe$ca2026/*.wav"
