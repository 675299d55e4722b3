"""Items that fail alone: what is tried again, and what is left of an error."""

from __future__ import annotations

import pytest

from lacuna.errors import DatabaseUnreachable, FlowHeld, LedgerHeld, PipelineError, PlanRefused
from lacuna.flows.run.isolation import Attempts


def carried_out(items, poisoned, most=None, error=ValueError):
    """Do parts as a flow does; return what was done, and the parts."""
    parts, done, tried = Attempts(items, most), [], []
    for part in parts:
        tried.append(list(part))
        with parts.attempt():
            if poisoned & set(part):
                raise error("a row's value")
            done.extend(part)
    return done, tried, parts


def test_all_are_done_at_once_where_nothing_fails():
    done, tried, parts = carried_out([1, 2, 3], set())
    assert (done, tried, parts.failed) == ([1, 2, 3], [[1, 2, 3]], [])


def test_nothing_is_tried_where_there_is_nothing():
    assert carried_out([], set())[1] == []


def test_a_poisoned_item_fails_alone_and_the_others_are_done_once_in_order():
    done, _, parts = carried_out(list(range(9)), {4, 7})
    assert done == [0, 1, 2, 3, 5, 6, 8]
    assert [item for item, _ in parts.failed] == [4, 7]


def test_the_first_parts_have_the_size_that_is_asked_for():
    assert carried_out(list(range(5)), set(), most=2)[1] == [[0, 1], [2, 3], [4]]


def test_a_foreign_error_quotes_nothing():
    ((_, error),) = carried_out([1], {1})[2].failed
    assert isinstance(error, PipelineError)
    assert "ValueError" in str(error)
    assert "value" not in str(error).replace("ValueError", "")
    assert error.__cause__ is None
    assert error.__context__ is None


def test_an_error_of_ours_keeps_its_class_and_its_words():
    ((_, error),) = carried_out([1], {1}, error=PlanRefused)[2].failed
    assert (type(error), str(error)) == (PlanRefused, "a row's value")


@pytest.mark.parametrize("error", [DatabaseUnreachable, FlowHeld, LedgerHeld])
def test_what_is_nobodys_own_ends_all_at_once(error):
    with pytest.raises(error):
        carried_out([1, 2], {1, 2}, error=error)


def test_who_stops_the_process_is_not_held_up():
    with pytest.raises(KeyboardInterrupt):
        carried_out([1, 2], {1}, error=KeyboardInterrupt)
