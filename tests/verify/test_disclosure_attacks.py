"""The attacks on published aggregates: each one fires on a release that leaks, and only there."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lacuna.model.mart import Cell, Facts, Period, PeriodKind, Policy, Ratios, Release
from lacuna.reporting import marts, protect
from lacuna.verify.disclosure_attacks import (
    DisclosureAttack,
    Limits,
    Number,
    Rows,
    attack_numbers,
    attack_period,
    difference,
)

MARTS = {mart.name: mart for mart in marts()}
VOLUME = MARTS["volume_daily"]
DAY = date(2026, 10, 5)
POLICY = Policy()


def draw_rows(rows=900, people=400, queues=25, seed=5):
    """A day of conversations: channel and queue, and how long each was handled."""
    draw = random.Random(seed)
    groups, seconds = [], []
    for _ in range(rows):
        queue = draw.choices(range(queues), [1 / (rank + 1) for rank in range(queues)])[0]
        groups.append((draw.choice(("chat", "email", "phone")), f"queue {queue:02d}"))
        seconds.append(draw.randrange(30, 900))
    persons = [draw.randrange(people) for _ in range(rows)]
    return Rows(persons, groups, {"n": [1] * rows, "handle_s": seconds})


def count_by(rows, position=None, measure="n"):
    """Return a sum for each value of one dimension, or of both."""
    totals, members = Counter(), defaultdict(set)
    for group, amount in zip(rows.groups, rows.amounts[measure], strict=True):
        key = group if position is None else group[position]
        totals[key] += amount
        members[key].add(group)
    return [Number(measure, frozenset(members[key]), totals[key]) for key in totals]


def test_a_plain_group_by_shows_groups_of_fewer_than_ten_people():
    found = attack_numbers(draw_rows(), count_by(draw_rows()))
    assert found[DisclosureAttack.ALONE] > 20


def test_a_threshold_of_five_rows_still_shows_groups_of_fewer_than_ten_people():
    rows = draw_rows()
    numbers = [number for number in count_by(rows) if number.value >= 5]
    found = attack_numbers(rows, numbers)
    assert found[DisclosureAttack.ALONE] > 3


def test_hidden_cells_are_worked_out_from_exact_margins():
    """A fine table with small cells hidden, and both margins exact: the usual design."""
    rows = draw_rows()
    fine = [number for number in count_by(rows) if number.value >= 10]
    hidden = len(set(rows.groups)) - len(fine)
    found = attack_numbers(
        rows, [*fine, *count_by(rows, 0), *count_by(rows, 1)], Limits(hidden_below=10)
    )
    assert found[DisclosureAttack.RESIDUAL] > 0
    assert hidden / 4 < found[DisclosureAttack.BOUNDED] <= hidden


def test_a_hidden_cell_beside_shown_ones_is_known_from_their_total():
    groups = [("a", "x")] * 3 + [("a", "y")] * 20 + [("a", "z")] * 30
    rows = Rows(list(range(53)), groups, {"n": [1] * 53})
    shown = [number for number in count_by(rows) if number.value > 9]
    found = attack_numbers(rows, [*shown, *count_by(rows, 0)])
    assert (
        found[DisclosureAttack.RECOVERED],
        found[DisclosureAttack.RESIDUAL],
        found[DisclosureAttack.BOUNDED],
    ) == (1, 1, 1)


def test_without_the_margins_nothing_hidden_is_worked_out():
    rows = draw_rows()
    fine = [number for number in count_by(rows) if number.value >= 30]
    total = Number("n", frozenset(rows.groups), len(rows.groups))
    found = attack_numbers(rows, [*fine, total])
    assert not {
        DisclosureAttack.RECOVERED,
        DisclosureAttack.RESIDUAL,
        DisclosureAttack.BOUNDED,
    } & set(found)


def test_one_more_exact_margin_beside_a_protected_table_leaves_small_residuals():
    rows = draw_rows()
    facts = facts_of(rows)
    cells = protect(facts, VOLUME, POLICY)
    keys = {cell.key for cell in cells}
    merged = defaultdict(set)
    for group in rows.groups:
        ways = (group, (group[0], "(other)"), ("(other)", "(other)"))
        merged[next(way for way in ways if way in keys)].add(group)
    protected = [Number("n", frozenset(merged[cell.key]), cell.values[0]) for cell in cells]
    assert attack_numbers(rows, protected) == {}
    found = attack_numbers(rows, [*protected, *count_by(rows, 1)])
    assert found[DisclosureAttack.RESIDUAL] > 0


@pytest.mark.parametrize("which", [min, max])
def test_a_smallest_or_largest_value_is_one_persons_own(which):
    rows = draw_rows()
    numbers = [
        replace(
            number,
            value=which(
                amount
                for group, amount in zip(rows.groups, rows.amounts["handle_s"], strict=True)
                if group in number.groups
            ),
        )
        for number in count_by(rows, 0, "handle_s")
    ]
    assert attack_numbers(rows, numbers)[DisclosureAttack.EXTREME] == len(numbers)


def test_a_sum_that_one_person_makes_up_gives_that_person_away():
    rows = Rows(list(range(12)), [("a", "b")] * 12, {"s": [900_000, *[10] * 11]})
    assert attack_numbers(rows, count_by(rows, 0, "s"))[DisclosureAttack.DOMINATED] == 1


def test_a_number_that_is_no_sum_of_its_rows_is_wrong():
    rows = draw_rows()
    (first, *rest) = count_by(rows, 0)
    assert attack_numbers(rows, [replace(first, value=first.value + 1), *rest]) == {
        DisclosureAttack.WRONG: 1
    }


def facts_of(rows):
    values = [
        (1, seconds, 1, 0, 0, 0, 0)
        for seconds in rows.amounts["handle_s"]
    ]  # fmt: skip
    return Facts(rows.people, [DAY] * len(rows.people), rows.groups, values)


def test_nothing_succeeds_against_a_protected_period_of_volume():
    facts = facts_of(draw_rows())
    cells = protect(facts, VOLUME, POLICY)
    assert attack_period(VOLUME, facts, cells, POLICY) == ()


def test_the_unprotected_period_is_found_out():
    facts = facts_of(draw_rows())
    totals = defaultdict(lambda: [0] * 7)
    for key, values in zip(facts.keys, facts.values, strict=True):
        totals[key] = [sum(pair) for pair in zip(totals[key], values, strict=True)]
    cells = [Cell(key, tuple(values)) for key, values in totals.items()]
    assert dict(attack_period(VOLUME, facts, cells, POLICY))["alone"] > 20


@pytest.mark.parametrize("agreed", [40, 1, 0, 41])
def test_an_answer_of_nearly_everybody_or_nobody_is_found(agreed):
    consent = MARTS["consent_weekly"]
    choices = [int(number < agreed) for number in range(41)]
    values = [(1, 1, yes, 1 - yes, 0, yes, 1 - yes) for yes in choices]
    facts = Facts(list(range(41)), [DAY] * 41, [("billing",)] * 41, values)
    sums = tuple(sum(column) for column in zip(*values, strict=True))
    found = dict(attack_period(consent, facts, [Cell(("billing",), sums)], POLICY))
    assert found["unanimous"] >= 1
    assert protect(facts, consent, POLICY) is None
    cells = protect(facts, consent, POLICY, ratios=Ratios.WITHHOLD)
    assert attack_period(consent, facts, cells, POLICY) == ()


def test_people_that_are_not_rounded_are_found():
    contacts = MARTS["contacts_monthly"]
    facts = Facts(list(range(23)), [DAY] * 23, [("email",)] * 23, [(1,)] * 23)
    assert attack_period(contacts, facts, [Cell(("email",), (23,))], POLICY)
    cells = protect(facts, contacts, POLICY)
    assert cells == (Cell(("email",), (25,)),)
    assert attack_period(contacts, facts, cells, POLICY) == ()


def test_a_band_that_no_range_of_its_channel_covers_is_elsewhere():
    latency = MARTS["latency_weekly"]
    counts = {("chat", "000060-000300"): 12, ("chat", "014400-086400"): 3, ("sms", "259200-"): 8}
    keys = [key for key, count in counts.items() for _ in range(count)]
    facts = Facts(list(range(23)), [DAY] * 23, keys, [(1,)] * 23)
    cells = [Cell(("chat", "000000-014400"), (12,)), Cell(("(other)", "(other)"), (11,))]
    assert attack_period(latency, facts, cells, POLICY) == ()
    moved = [replace(cells[0], values=(13,)), replace(cells[1], values=(10,))]
    assert dict(attack_period(latency, facts, moved, POLICY)) == {"wrong": 2}


def release(cells, first=DAY, last=DAY):
    return Release(
        mart="volume_daily",
        org_id="fjord",
        period=Period(PeriodKind.DAY, first, last),
        policy_version="1",
        sealed_at=datetime(2026, 11, 1, tzinfo=UTC),
        digest="",
        audit=None,
        cells=cells,
    )


CELLS = (Cell(("chat", "billing"), (12, 60)), Cell(("chat", "(other)"), (30, 900)))


def test_two_nights_that_are_alike_differ_in_nothing():
    later = release(CELLS, DAY.replace(day=6), DAY.replace(day=6))
    assert difference([release(CELLS)], [release(CELLS), later]) == {}


@pytest.mark.parametrize(
    "after",
    [
        [release((Cell(("chat", "billing"), (11, 55)), CELLS[1]))],  # one person fewer
        [release((CELLS[1],))],  # fell below a threshold
        [release((*CELLS, Cell(("sms", "billing"), (10, 10))))],
        [release(CELLS, last=DAY.replace(day=6))],  # cut differently
        [],
    ],
)
def test_a_cell_of_a_closed_period_that_moved_between_two_nights_is_found(after):
    assert difference([release(CELLS)], after)[DisclosureAttack.DIFFERENCING] >= 1
