"""Protection of one period: who may be seen in a cell, what is merged, what stays exact."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna.model.mart import OTHER, Cell, Facts, Policy, Ratios
from lacuna.reporting import audit_period, marts, protect

VOLUME, CSAT, *_ = marts()
DAY = date(2026, 10, 5)
POLICY = Policy()
ORDINARY = (1, 100, 1, 30, 1, 0, 0)
"""One conversation of 100 s, answered after 30 s; no call."""


def facts_of(*groups):
    """Build facts from (channel, queue, people, values) groups; people may hold None."""
    people, keys, values = [], [], []
    for *key, who, row in groups:
        for person in who:
            people.append(person)
            keys.append(tuple(key))
            values.append(row)
    return Facts(people, [DAY] * len(people), keys, values)


def cells_of(facts, mart=VOLUME, **options):
    cells = protect(facts, mart, POLICY, **options)
    return None if cells is None else {cell.key: cell.values for cell in cells}


def test_a_queue_of_ten_people_has_a_cell_of_its_own():
    facts = facts_of(("email", "billing", range(10), ORDINARY))
    assert cells_of(facts) == {("email", "billing"): (10, 1000, 10, 300, 10, 0, 0)}


def test_nine_people_are_too_few_however_often_they_write():
    facts = facts_of(("email", "billing", list(range(9)) * 20, ORDINARY))
    assert protect(facts, VOLUME, POLICY) is None


def test_a_small_queue_takes_the_smallest_safe_one_with_it():
    facts = facts_of(
        ("email", "billing", range(30), ORDINARY),
        ("email", "orders", range(12), ORDINARY),
        ("email", "returns", range(3), ORDINARY),
    )
    assert set(cells_of(facts)) == {("email", "billing"), ("email", OTHER)}
    assert cells_of(facts)[("email", OTHER)][0] == 15


def test_two_small_queues_that_are_safe_together_leave_the_others_alone():
    facts = facts_of(
        ("email", "billing", range(30), ORDINARY),
        ("email", "orders", range(6), ORDINARY),
        ("email", "returns", range(6, 12), ORDINARY),
    )
    assert set(cells_of(facts)) == {("email", "billing"), ("email", OTHER)}


def test_of_equally_small_queues_the_first_by_name_is_taken():
    facts = facts_of(
        ("email", "b", range(12), ORDINARY),
        ("email", "c", range(12), ORDINARY),
        ("email", "z", [1], ORDINARY),
    )
    assert set(cells_of(facts)) == {("email", "c"), ("email", OTHER)}


def test_a_channel_that_is_too_small_joins_the_merged_cells_before_the_own_ones():
    facts = facts_of(
        ("email", "billing", range(30), ORDINARY),
        ("email", "orders", range(5), ORDINARY),
        ("email", "returns", range(5, 12), ORDINARY),
        ("chat", "billing", range(40, 52), ORDINARY),
        ("sms", "billing", [99], ORDINARY),
    )
    assert set(cells_of(facts)) == {
        ("email", "billing"),
        ("chat", "billing"),
        (OTHER, OTHER),
    }
    assert cells_of(facts)[(OTHER, OTHER)][0] == 13


def test_a_queue_that_the_platform_itself_calls_other_is_merged_with_the_others():
    facts = facts_of(
        ("email", OTHER, range(20), ORDINARY),
        ("email", "billing", range(30), ORDINARY),
        ("email", "orders", range(40, 46), ORDINARY),
        ("email", "returns", range(50, 56), ORDINARY),
    )
    cells = cells_of(facts)
    assert {key: values[0] for key, values in cells.items()} == {
        ("email", "billing"): 30,
        ("email", OTHER): 32,
    }


def test_a_channel_that_the_platform_itself_calls_other_loses_no_row():
    facts = facts_of(
        (OTHER, "billing", range(20), ORDINARY),
        ("sms", "billing", range(6), ORDINARY),
        ("voicemail", "billing", range(6, 12), ORDINARY),
        ("email", "billing", range(20), ORDINARY),
    )
    cells = cells_of(facts)
    assert {key: values[0] for key, values in cells.items()} == {
        ("email", "billing"): 20,
        (OTHER, OTHER): 32,
    }


def test_a_cut_link_counts_as_a_row_and_as_nobody():
    nine_and_many = facts_of(("email", "billing", [*range(9), *[None] * 50], ORDINARY))
    assert protect(nine_and_many, VOLUME, POLICY) is None
    ten = facts_of(("email", "billing", [*range(10), None, None], ORDINARY))
    assert cells_of(ten)[("email", "billing")][0] == 12


def test_all_cut_links_of_a_cell_could_be_one_person_that_dominates_it():
    # 12 people with one row each: without the two largest 11 rows are left, 10 % of 120 are 12.
    rows = [*range(12), *[None] * 120]
    assert protect(facts_of(("email", "billing", rows, ORDINARY)), VOLUME, POLICY) is None
    rows = [*range(13), *[None] * 120]
    assert cells_of(facts_of(("email", "billing", rows, ORDINARY))) is not None


def test_one_person_with_nearly_all_handling_time_takes_it_off_the_cell():
    long_call = (1, 100_000, 1, 30, 1, 0, 0)
    facts = facts_of(
        ("email", "billing", range(11), ORDINARY), ("email", "billing", [77], long_call)
    )
    cells = cells_of(facts)
    assert cells[("email", "billing")] == (12, None, None, 360, 12, 0, 0)


def test_a_dominated_queue_is_merged_where_that_is_enough():
    long_call = (1, 5_000, 1, 30, 1, 0, 0)
    facts = facts_of(
        ("email", "billing", range(60), ORDINARY),
        ("email", "orders", range(11), (1, 10, 1, 30, 1, 0, 0)),
        ("email", "orders", [77], long_call),
    )
    cells = cells_of(facts)
    assert cells == {("email", OTHER): (72, 6000 + 110 + 5000, 72, 72 * 30, 72, 0, 0)}


def test_a_mean_over_fewer_than_ten_people_is_merged_or_withheld():
    unanswered = (1, 100, 1, 0, 0, 0, 0)
    facts = facts_of(
        ("email", "billing", range(20), unanswered), ("email", "billing", range(4), ORDINARY)
    )
    assert cells_of(facts)[("email", "billing")][3:5] == (None, None)
    assert cells_of(facts)[("email", "billing")][1:3] == (2400, 24)


def test_a_measure_that_does_not_apply_is_zero_and_hides_nothing():
    outbound = (1, 100, 1, 0, 0, 0, 0)
    facts = facts_of(("email", "billing", range(20), outbound))
    assert cells_of(facts)[("email", "billing")] == (20, 2000, 20, 0, 0, 0, 0)


ANSWERED_CALL = (1, 100, 1, 30, 1, 1, 0)
ABANDONED_CALL = (1, 0, 0, 0, 0, 1, 1)


@pytest.mark.parametrize("few", [0, 1, 5, 40])
def test_no_day_says_how_many_hung_up_however_many_they_are(few):
    facts = facts_of(
        ("phone", "billing", range(40), ANSWERED_CALL),
        ("phone", "billing", range(40, 40 + few), ABANDONED_CALL),
        ("email", "billing", range(40), ORDINARY),
    )
    cells = cells_of(facts)
    assert cells[("phone", "billing")][0] == 40 + few
    assert cells[("phone", "billing")][5:] == (None, None)
    assert cells[("email", "billing")][5:] == (0, 0), "there is nothing to be a share of"


GOOD, BAD = (1, 1, 5), (1, 0, 2)


def test_satisfaction_of_a_channel_is_merged_while_nearly_all_agree():
    facts = facts_of(
        ("chat", range(30), GOOD),
        ("chat", range(40, 42), BAD),
        ("email", range(20), GOOD),
        ("email", range(50, 55), BAD),
        ("phone", range(20), GOOD),
        ("phone", range(60, 64), BAD),
    )
    assert cells_of(facts, CSAT) == {
        ("email",): (25, 20, 110),
        (OTHER,): (56, 50, 50 * 5 + 6 * 2),
    }


def test_a_week_in_which_nearly_all_agree_is_joined_to_the_next_one():
    """Left out, it would make those that are published look worse than they are."""
    for bad in range(3):
        facts = facts_of(
            ("chat", range(30), GOOD),
            ("email", range(20), GOOD),
            ("email", range(50, 50 + bad), BAD),
        )
        assert protect(facts, CSAT, POLICY) is None
    both = facts_of(("chat", range(30), GOOD), ("email", range(50, 53), BAD))
    assert cells_of(both, CSAT) == {(OTHER,): (33, 30, 156)}


def test_where_joining_comes_to_an_end_no_cell_publishes_the_share():
    facts = facts_of(
        ("chat", range(30), GOOD),
        ("chat", range(60, 65), BAD),
        ("email", range(20), GOOD),
        ("email", [50], BAD),
    )
    assert cells_of(facts, CSAT, ratios=Ratios.WITHHOLD) == {
        ("chat",): (35, None, None),
        ("email",): (21, None, None),
    }


def test_a_group_can_be_merged_though_it_is_safe():
    facts = facts_of(
        ("email", "billing", range(30), ORDINARY), ("email", "orders", range(20), ORDINARY)
    )
    pooled = cells_of(facts, pooled={("email", "orders")})
    assert set(pooled) == {("email", "billing"), ("email", OTHER)}


def random_facts(draw: random.Random, rows: int, contacts: int) -> Facts:
    people, keys, values = [], [], []
    for _ in range(rows):
        people.append(None if draw.random() < 0.05 else draw.randrange(contacts))
        channel = draw.choices(("phone", "email", "chat", "sms"), (6, 5, 3, 1))[0]
        keys.append((channel, draw.choices("abcdef", (12, 6, 4, 3, 2, 1))[0]))
        handled, answered = draw.random() < 0.9, draw.random() < 0.8
        offered = channel == "phone" and draw.random() < 0.8
        values.append(
            (
                1,
                int(draw.lognormvariate(5, 1.5)) + 1 if handled else 0,
                int(handled),
                draw.randrange(4000) if answered else 0,
                int(answered),
                int(offered),
                int(offered and draw.random() < 0.1),
            )
        )
    return Facts(people, [DAY] * rows, keys, values)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 600), st.sampled_from((8, 30, 400)))
def test_every_row_is_in_exactly_one_cell_and_no_cell_leaks(seed, rows, contacts):
    facts = random_facts(random.Random(seed), rows, contacts)
    cells = protect(facts, VOLUME, POLICY)
    if cells is None:
        # Only a whole period that is unsafe has no cells: too few people, or one who dominates.
        whole = replace(facts, keys=[("email", "billing")] * len(facts))
        assert protect(whole, VOLUME, POLICY) is None
        return
    assert sum(cell.values[0] for cell in cells) == rows
    assert len({cell.key for cell in cells}) == len(cells)
    assert audit_period(facts, cells, VOLUME, POLICY).findings == ()


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_cells_do_not_depend_on_the_order_of_rows_or_the_numbers_of_people(seed):
    draw = random.Random(seed)
    facts = random_facts(draw, 400, 150)
    order = list(range(400))
    draw.shuffle(order)
    numbers = list(range(1000, 1150))
    draw.shuffle(numbers)
    other = Facts(
        [None if facts.people[i] is None else numbers[facts.people[i]] for i in order],
        [facts.days[i] for i in order],
        [facts.keys[i] for i in order],
        [facts.values[i] for i in order],
    )
    assert protect(facts, VOLUME, POLICY) == protect(other, VOLUME, POLICY)


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_sums_that_are_published_are_exact_in_every_channel_with_ten_people(seed):
    facts = random_facts(random.Random(seed), 800, 600)
    cells = protect(facts, VOLUME, POLICY)
    shown: Counter[str] = Counter()
    for cell in cells:
        shown[cell.key[0]] += cell.values[0]
    for channel, rows in Counter(key[0] for key in facts.keys).items():
        if OTHER not in shown:
            assert shown[channel] == rows


def test_a_cell_knows_that_it_is_merged():
    assert Cell(("email", OTHER), ()).is_merged
    assert not Cell(("email", "billing"), ()).is_merged
