"""The joint audit: what several marts give away together, which none gives away alone."""

import random
from dataclasses import replace
from datetime import date

import pytest

from lacuna.model.mart import Cell, Facts, Period, PeriodKind, Policy
from lacuna.reporting import Leak, marts, protect
from lacuna.reporting.joint_audit import JointAudit, JointResult, counted_in
from lacuna.reporting.joint_counts import Cut
from lacuna.reporting.period_audit import audit_people
from tests.verify.test_disclosure_attacks import release

MARTS = {mart.name: mart for mart in marts()}
VOLUME, TEAM = MARTS["volume_daily"], replace(MARTS["team_weekly"], agents=0)
LATENCY = MARTS["latency_weekly"]
POLICY = Policy()
MONDAY = date(2026, 10, 5)
DAY = Period(PeriodKind.DAY, MONDAY, MONDAY)
WEEK = Period(PeriodKind.WEEK, MONDAY, date(2026, 10, 11))


def audit_jointly(candidate, sealed, policy) -> JointResult:
    return JointAudit(candidate.mart, candidate.facts, sealed, policy).of(candidate.released)


def day_of(*parts):
    """Return the volume and the team mart of a day: (queue, team, people) each part."""
    queues, teams = [], []
    for queue, team, people in parts:
        queues += [("email", queue)] * people
        teams += [(team,)] * people
    rows = len(queues)
    names = [str(number) for number in range(rows)]
    people, days = list(range(rows)), [MONDAY] * rows
    volume = Facts(people, days, queues, [(1, 60, 1, 30, 1, 0, 0)] * rows, names)
    team = Facts(
        people, days, teams, [(1, 60, 1, row % 2, 1, row % 3 % 2) for row in people], names
    )
    return cut(VOLUME, volume, DAY), cut(TEAM, team, WEEK)


def cut(mart, facts, period, pooled=()):
    cells = protect(facts, mart, POLICY, pooled=set(pooled))
    return Cut(mart, facts, [(period, cells)])


def test_a_team_total_less_the_queue_it_contains_is_a_group_of_few():
    volume, team = day_of(
        ("billing", "one", 30), ("rare", "one", 4), ("odd", "two", 5), ("late", "two", 6),
        ("orders", "two", 20),
    )  # fmt: skip
    assert [cell.key[1] for cell in volume.released[0][1]] == ["(other)", "billing", "orders"]
    assert [cell.key for cell in team.released[0][1]] == [("one",), ("two",)]
    result = audit_jointly(team, [volume], POLICY)
    assert set(result.leaks) == {Leak.RESIDUAL}  # 34 - 30
    assert result.involved == {("one",)}
    merged = cut(TEAM, team.facts, WEEK, pooled=[("one",), ("two",)])
    assert audit_jointly(merged, [volume], POLICY).leaks == {}


def test_a_hidden_group_that_all_sums_together_bound_too_closely_is_found():
    """No sum lies inside another, but no world has fewer than 3 or more than 10 in `rare`."""
    volume, team = day_of(
        ("billing", "one", 29), ("billing", "two", 1), ("rare", "one", 4),
        ("odd", "two", 3), ("late", "two", 3), ("orders", "two", 10), ("orders", "three", 10),
        ("returns", "three", 25),
    )  # fmt: skip
    assert audit_jointly(cut(VOLUME, volume.facts, DAY), [volume], POLICY).leaks == {}
    result = audit_jointly(team, [volume], POLICY)
    assert Leak.NARROW in result.leaks
    assert result.bounds > 0
    assert ("one",) in result.involved
    merged = cut(TEAM, team.facts, WEEK, pooled=[("one",), ("two",)])
    assert audit_jointly(merged, [volume], POLICY).leaks == {}


def test_marts_that_share_no_narrow_sum_pass():
    volume, team = day_of(
        ("billing", "one", 30), ("billing", "two", 30), ("rare", "one", 6), ("odd", "one", 8),
        ("rare", "two", 5), ("orders", "two", 20), ("orders", "one", 25),
    )  # fmt: skip
    assert audit_jointly(team, [volume], POLICY).leaks == {}


def test_what_is_sealed_already_is_not_held_against_a_later_mart():
    volume, team = day_of(("billing", "one", 30), ("rare", "one", 4), ("odd", "two", 26))
    exposed = Cut(
        VOLUME,
        volume.facts,
        [(DAY, tuple(Cell(("email", name), (count, *[1] * 6))
                     for name, count in (("billing", 30), ("odd", 26), ("rare", 4))))],
    )  # fmt: skip
    merged = cut(TEAM, team.facts, WEEK, pooled=[("one",), ("two",)])
    assert audit_jointly(merged, [exposed], POLICY).leaks == {}


def test_the_same_audit_twice_says_the_same():
    parts = [("billing", "one", 30), ("rare", "one", 4), ("odd", "two", 6), ("orders", "two", 20)]
    first, second = (audit_jointly(day_of(*parts)[1], [day_of(*parts)[0]], POLICY) for _ in "ab")
    assert (first.leaks, first.involved) == (second.leaks, second.involved)


def test_bands_are_merged_with_their_neighbors_and_cover_everything():
    counts = {"000060-000300": 12, "000300-000900": 4, "000900-003600": 9, "014400-086400": 3}
    keys = [("chat", band) for band, count in counts.items() for _ in range(count)]
    facts = Facts(list(range(28)), [MONDAY] * 28, keys, [(1,)] * 28)
    cells = protect(facts, LATENCY, POLICY)
    assert [(cell.key[1], cell.values[0], cell.is_merged) for cell in cells] == [
        ("000000-000300", 12, True),
        ("000300-", 16, True),
    ]


@pytest.mark.parametrize(("agents", "merged"), [(5, False), (4, True)])
def test_a_team_of_few_agents_is_merged(agents, merged):
    rows = 60
    team = MARTS["team_weekly"]
    keys = [("small",)] * 30 + [("large",)] * 30
    who = [row % agents if row < 30 else 100 + row % 9 for row in range(rows)]
    values = [(1, 60, 1, row % 2, 1, row % 3 % 2) for row in range(rows)]
    facts = Facts(list(range(rows)), [MONDAY] * rows, keys, values, agents=who)
    keys = {cell.key for cell in protect(facts, team, POLICY)}
    assert (keys == {("(other)",)}) is merged


def test_an_agent_behind_more_than_half_of_a_team_is_merged_away():
    rows = 60
    team = MARTS["team_weekly"]
    keys = [("one",)] * 30 + [("two",)] * 30
    who = [0 if row < 16 else row % 7 for row in range(30)] + [100 + row % 9 for row in range(30)]
    values = [(1, 60, 1, row % 2, 1, row % 3 % 2) for row in range(rows)]
    facts = Facts(list(range(rows)), [MONDAY] * rows, keys, values, agents=who)
    assert {cell.key for cell in protect(facts, team, POLICY)} == {("(other)",)}


def test_people_of_a_channel_that_the_volume_hides_are_found():
    contacts = MARTS["contacts_monthly"]
    volume = release((Cell(("email", "billing"), (40,)), Cell(("(other)", "(other)"), (14,))))
    shown = (Cell(("email",), (30,)), Cell(("sms",), (10,)))
    result, involved = audit_people(shown, contacts, [[volume.cells]])
    assert result.leaks == {Leak.NARROW: 1}  # 8 to 14 of them in (other)
    assert involved == {("sms",)}
    assert audit_people(shown[:1], contacts, [[volume.cells]])[0].leaks == {}


def test_of_a_restated_period_each_version_counts():
    contacts = MARTS["contacts_monthly"]
    shown = (Cell(("email",), (30,)), Cell(("sms",), (10,)))
    first = (Cell(("email", "billing"), (40,)), Cell(("(other)", "(other)"), (14,)))
    second = (Cell(("email", "billing"), (40,)), Cell(("sms", "billing"), (14,)))
    assert audit_people(shown, contacts, [[second]])[0].leaks == {}
    for versions in ([second, first], [first, second]):
        result, involved = audit_people(shown, contacts, [versions])
        assert result.leaks == {Leak.NARROW: 1}
        assert involved == {("sms",)}


def test_a_row_of_an_earlier_conversation_stands_in_the_cell_that_counts_it():
    """14 replies, ten of them those of a queue: the other four began before the week."""
    csat = MARTS["csat_weekly"]
    names = [str(number) for number in range(60)]
    keys = [("email", "billing")] * 10 + [("email", "orders")] * 50
    volume = Cut(
        VOLUME,
        Facts(list(range(60)), [MONDAY] * 60, keys, [(1, 60, 1, 30, 1, 0, 0)] * 60, names),
        [(DAY, tuple(Cell(("email", name), (count, *[1] * 6))
                     for name, count in (("billing", 10), ("orders", 50))))],
    )  # fmt: skip
    rated = Facts(
        list(range(14)),
        [MONDAY] * 10 + [date(2026, 10, 2)] * 4,
        [("email",)] * 14,
        [(1, number % 2, 3) for number in range(14)],
        [*names[:10], "61", "62", "63", "64"],
    )
    released = [(WEEK, (Cell(("email",), (14, 7, 42)),))]
    asked = JointAudit(csat, counted_in(rated, WEEK), [volume], POLICY)
    assert set(asked.of(released).leaks) == {Leak.RESIDUAL}


def test_whoever_two_marts_number_otherwise_is_one_person():
    """Nobody rated more than ten conversations, five of them before the week: five people."""
    csat = MARTS["csat_weekly"]
    names = [str(number) for number in range(30)]
    keys = [("email", "billing")] * 20 + [("email", "orders")] * 10
    volume = Cut(
        VOLUME,
        Facts(
            [*range(20), *range(20, 25), *range(20, 25)],
            [MONDAY] * 30, keys, [(1, 60, 1, 30, 1, 0, 0)] * 30, names,
        ),
        [(DAY, tuple(Cell(("email", name), (count, *[1] * 6))
                     for name, count in (("billing", 20), ("orders", 10))))],
    )  # fmt: skip
    # The same five people as numbers of another reading, in the week and before it.
    rated = Facts(
        [*range(100, 120), *range(120, 125), *range(120, 125)],
        [MONDAY] * 25 + [date(2026, 10, 2)] * 5,
        [("email",)] * 30,
        [(1, number % 2, 3) for number in range(30)],
        [*names[:25], "61", "62", "63", "64", "65"],
    )
    released = [(WEEK, (Cell(("email",), (30, 15, 90)),))]
    asked = JointAudit(csat, counted_in(rated, WEEK), [volume], POLICY)
    assert set(asked.of(released).leaks) == {Leak.RESIDUAL}  # 30 - 20, of five people


def test_what_one_partition_left_wide_is_asked_again_of_a_finer_one():
    volume, team = day_of(
        ("billing", "one", 29), ("billing", "two", 1), ("rare", "one", 4),
        ("odd", "two", 3), ("late", "two", 3), ("orders", "two", 10), ("orders", "three", 10),
        ("returns", "three", 25),
    )  # fmt: skip
    asked = JointAudit(TEAM, team.facts, [volume], POLICY)
    merged = cut(TEAM, team.facts, WEEK, pooled=[("one",), ("two",)])
    assert asked.of(merged.released).leaks == {}
    assert Leak.NARROW in asked.of(team.released).leaks
    assert asked.of(merged.released).leaks == {}


@pytest.mark.parametrize("seed", range(6))
def test_asking_about_one_partition_after_another_says_what_asking_anew_says(seed):
    draw = random.Random(seed)
    queues = [f"queue {number}" for number in range(9)]
    parts = [
        (queue, draw.choice(("one", "two", "three", "four")), draw.randrange(2, 16))
        for queue in queues
        for _ in range(2)
    ]
    volume, team = day_of(*parts)
    asked = JointAudit(TEAM, team.facts, [volume], POLICY)
    found = []
    for pooled in ((), ("one",), ("one", "two"), ("three",), ("three", "four"), ()):
        candidate = cut(TEAM, team.facts, WEEK, pooled=[(name,) for name in pooled])
        now, anew = asked.of(candidate.released), audit_jointly(candidate, [volume], POLICY)
        assert (now.leaks, now.involved) == (anew.leaks, anew.involved)
        found.append(bool(now.leaks))
    assert found[0] == found[-1]
