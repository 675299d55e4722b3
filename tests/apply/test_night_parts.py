"""The erasures of a night in parts: small enough for a short transaction, and none torn apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.apply import Work, parts_of
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.location import ColumnName, TableName
from lacuna.model.plan import Inventory, MentionsFound, Plan, RowsFound
from lacuna.model.request import Level
from tests.shop import request_of

CASES, NOTES = TableName("desk", "cases"), TableName("desk", "notes")


def work_of(own: set[int], mentioned: set[int] = frozenset()) -> Work:
    request = request_of()
    inventory = Inventory(
        rows=(RowsFound(CASES, frozenset((str(key),) for key in own)),),
        mentions=(
            MentionsFound(ColumnName(NOTES, "a"), frozenset((str(key),) for key in mentioned)),
            MentionsFound(ColumnName(CASES, "b"), frozenset((str(key),) for key in mentioned)),
        ),
        objects=(),
        open_conversations=0,
        kept_identifiers=0,
    )
    plan = Plan(request.request_id, Level.CONTACT, request.kinds, "", (), "")
    person = Person(SubjectRef(request.request_id), "nord", (), (), (), {})
    return Work(request, plan, inventory, person, ())


def sizes(works: list[Work], most: int) -> list[int]:
    return [len(part) for part in parts_of(works, most)]


def test_a_part_is_filled_until_the_next_would_be_too_much():
    works = [work_of({number * 10 + one for one in range(4)}) for number in range(5)]
    assert sizes(works, 8) == [2, 2, 1]
    assert sizes(works, 100) == [5]
    assert sizes([], 8) == []


def test_one_that_is_larger_than_a_part_is_a_part_of_its_own():
    works = [work_of(set(range(3))), work_of(set(range(10, 60))), work_of({90})]
    assert sizes(works, 5) == [1, 1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (work_of({1, 2}), work_of({2, 3})),
        (work_of({1}, {7}), work_of({2}, {7})),
        # A row of one is a row in which the other is mentioned.
        (work_of({1}), work_of({2}, {1})),
    ],
)
def test_whoever_shares_a_row_stays_together(one, other):
    between = work_of({50, 51})
    parts = list(parts_of([one, between, other], 1))
    assert sorted(len(part) for part in parts) == [1, 2]
    assert next(part for part in parts if len(part) == 2) == [one, other]


@given(st.lists(st.sets(st.integers(0, 30), max_size=4), max_size=12), st.integers(1, 12))
def test_no_work_is_lost_and_no_row_is_in_two_parts(owned, most):
    works = [work_of(own) for own in owned]
    parts = list(parts_of(works, most))
    assert sorted(id(one) for part in parts for one in part) == sorted(map(id, works))
    rows = [{key for one in part for key in one.inventory.rows[0].keys} for part in parts]
    assert sum(map(len, rows)) == len(set().union(*rows))
