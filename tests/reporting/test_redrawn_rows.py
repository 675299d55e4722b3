"""Which rows of a sealed period a new version corrects: plain values, no database."""

import itertools
from dataclasses import replace
from datetime import date

import pytest

from lacuna.model.mart import Facts, Period, PeriodKind, Policy
from lacuna.model.restatement import SealedRows
from lacuna.reporting import marts, protect
from lacuna.reporting.redrawn_rows import Destination, redraw

MARTS = {mart.name: mart for mart in marts()}
VOLUME, TEAM = MARTS["volume_daily"], MARTS["team_weekly"]
MONDAY = date(2026, 10, 5)
DAY = Period(PeriodKind.DAY, MONDAY, MONDAY)
POLICY = Policy()


def facts(*parts, people=None):
    """Return rows: (queue, how many people, seconds of handling) each part."""
    keys, values = [], []
    for queue, count, seconds in parts:
        keys += [("email", queue)] * count
        values += [(1, seconds, 1, 30, 1, 0, 0)] * count
    rows = [str(number) for number in range(len(keys))]
    people = list(range(len(keys))) if people is None else people
    return Facts(people, [MONDAY] * len(keys), keys, values, rows, (), rows)


def sealed(rows):
    return SealedRows(
        rows.rows, rows.interactions, rows.days, rows.keys, rows.values,
        [person is not None for person in rows.people],
    )  # fmt: skip


def redrawn(before, now, mart=VOLUME):
    cells = protect(before, mart, POLICY)
    where = Destination(mart, POLICY, itertools.count(1 << 40))
    return redraw(sealed(before), now, DAY, cells, where)


@pytest.mark.parametrize(("people", "is_corrected"), [(9, False), (10, True)])
def test_a_correction_needs_ten_people(people, is_corrected):
    before = facts(("billing", 30, 60))
    values = [(1, 600, *each[2:]) for each in before.values[:people]]
    found = redrawn(before, replace(before, values=[*values, *before.values[people:]]))
    assert (found.corrected, found.kept) == ((people, 0) if is_corrected else (0, people))
    assert sum(each[1] for each in found.facts.values) == 1800 + is_corrected * people * 540


def test_ten_rows_of_one_person_are_one_person():
    before = facts(("billing", 30, 60), people=[*([0] * 12), *range(1, 19)])
    values = [(1, 600, *each[2:]) for each in before.values[:12]]
    found = redrawn(before, replace(before, values=[*values, *before.values[12:]]))
    assert (found.corrected, found.kept) == (0, 12)


def test_people_without_a_link_are_nobody_behind_a_correction():
    before = facts(("billing", 40, 60))
    now = facts(("billing", 40, 600), people=[*([None] * 31), *range(9)])
    assert redrawn(before, now).corrected == 0


def test_one_person_who_makes_up_the_difference_stays_as_sealed():
    before = facts(("billing", 30, 60))
    changed = [(1, 61, *each[2:]) for each in before.values[:11]]
    changed.append((1, 9000, *before.values[11][2:]))
    found = redrawn(before, replace(before, values=[*changed, *before.values[12:]]))
    assert (found.corrected, found.kept) == (0, 12)


def test_rows_of_hidden_queues_move_as_one_published_cell():
    """Five people of each of three small queues: what is seen is that fifteen left (other)."""
    before = facts(("a", 5, 60), ("b", 5, 60), ("c", 5, 60), ("billing", 30, 60))
    now = facts(("billing", 15, 60), ("billing", 30, 60))
    found = redrawn(before, now)
    assert (found.corrected, found.kept) == (15, 0)
    few = replace(before, keys=[("email", "billing")] * 5 + list(before.keys[5:]))
    assert redrawn(before, few).kept == 5


def test_what_is_gone_or_new_leaves_the_rows_as_sealed():
    before = facts(("billing", 30, 60))
    gone = Facts(*([part[:12] for part in (before.people, before.days, before.keys, before.values)]),
                 interactions=before.interactions[:12], rows=before.rows[:12])  # fmt: skip
    found = redrawn(before, gone)
    assert found.facts.values == list(before.values)
    assert found.facts.rows == before.rows
    assert (found.corrected, found.kept) == (0, 0)
    more = facts(("billing", 60, 60))
    assert redrawn(before, more).facts.rows == before.rows


def test_what_depends_on_a_link_is_not_worked_out_again():
    def week(repeats):
        count = 30
        rows = [str(number) for number in range(count)]
        values = [(1, 60, 1, int(number < repeats), 1, number % 2) for number in range(count)]
        return Facts(
            list(range(count)), [MONDAY] * count, [("one",)] * count, values, rows,
            [number % 6 for number in range(count)], rows,
        )  # fmt: skip

    before, now = week(15), week(0)
    assert redrawn(before, now, TEAM).facts.values == list(before.values)
    undeclared = replace(TEAM, at_close=())
    assert redrawn(before, now, undeclared).corrected == 15


def test_a_cell_that_nobody_leaves_keeps_its_people_after_an_erasure():
    before = facts(("a", 5, 60), ("b", 6, 60), ("billing", 10, 60), ("orders", 20, 60))
    erased = [None, *range(1, 11), None, *range(12, 41)]
    now = facts(("a", 5, 60), ("b", 6, 60), ("billing", 10, 60), ("orders", 20, 600), people=erased)
    found = redrawn(before, now)
    assert found.corrected == 20
    assert found.merged == {("email", "a"), ("email", "b")}
    old = protect(before, VOLUME, POLICY)
    new = protect(found.facts, VOLUME, POLICY, pooled=found.merged)
    assert [cell.key for cell in new] == [cell.key for cell in old]
    # The same people as they are now would not do.
    assert len(protect(now, VOLUME, POLICY)) < len(new)


def test_erased_people_who_make_up_most_of_a_corrected_sum_are_not_taken_for_many():
    plain = facts(("billing", 14, 60), ("orders", 20, 60))
    large = [(1, 50_000, *each[2:]) for each in plain.values[:4]]
    before = replace(plain, values=[*large, *plain.values[4:]])
    others = [(1, 70, *each[2:]) for each in plain.values[4:14]]
    people = [*([None] * 4), *range(4, 34)]
    now = replace(before, values=[*large, *others, *plain.values[14:]], people=people)
    found = redrawn(before, now)
    assert found.corrected == 10
    # The four rows could be one person's, whose seconds the new sum would tell of.
    assert found.facts.people[:4] == [None] * 4
    # Where nothing changed, they keep the cell as it is.
    assert None not in redrawn(before, replace(before, people=people)).facts.people
