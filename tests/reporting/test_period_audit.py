"""The audit fires on releases that leak, each in its own way."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from benchmarks.reporting_protection import draw_days
from lacuna.model.mart import OTHER, Audit, Cell, Period, PeriodKind, Release
from lacuna.reporting import Leak, Margin, audit_period, audit_together, protect
from lacuna.reporting.bounds import System
from tests.reporting.test_protection import (
    ABANDONED_CALL,
    ANSWERED_CALL,
    BAD,
    CSAT,
    DAY,
    GOOD,
    ORDINARY,
    POLICY,
    VOLUME,
    facts_of,
)


def leaks_of(facts, cells, mart=VOLUME, margins=()):
    return audit_period(facts, cells, mart, POLICY, margins).leaks


def group_by(facts):
    """What a plain GROUP BY publishes."""
    sums = defaultdict(lambda: [0] * len(VOLUME.measures))
    for key, values in zip(facts.keys, facts.values, strict=True):
        for position, value in enumerate(values):
            sums[key][position] += value
    return [Cell(key, tuple(values)) for key, values in sorted(sums.items())]


@pytest.fixture(scope="module")
def day_of_2000():
    return next(draw_days(1, 2000, seed=7))


def test_a_plain_group_by_leaks_small_cells(day_of_2000):
    leaks = leaks_of(day_of_2000, group_by(day_of_2000))
    assert leaks[Leak.SMALL] > 10
    assert leaks[Leak.DENOMINATOR] > 10


def test_what_protection_publishes_of_the_same_day_leaks_nothing(day_of_2000):
    result = audit_period(day_of_2000, protect(day_of_2000, VOLUME, POLICY), VOLUME, POLICY)
    assert result.findings == ()
    assert result.bounds > 0


def test_hiding_small_cells_is_undone_by_exact_margins(day_of_2000):
    shown = [
        cell
        for cell in group_by(day_of_2000)
        if len({p for p, k in zip(day_of_2000.people, day_of_2000.keys, strict=True)
                if k == cell.key}) >= 10
    ]  # fmt: skip
    hidden = set(day_of_2000.keys) - {cell.key for cell in shown}
    margins = margins_by(day_of_2000, 0) + margins_by(day_of_2000, 1)
    facts = day_of_2000
    # The audit wants a whole partition: what HAVING drops is asked about as one more cell.
    rest = Cell((OTHER, OTHER), totals(facts, hidden))
    leaks = leaks_of(facts, [*shown, rest], margins=margins)
    assert leaks[Leak.EXACT] + leaks[Leak.NARROW] >= 5
    assert leaks[Leak.RESIDUAL] > 0


def test_one_more_exact_margin_breaks_a_protected_day(day_of_2000):
    cells = protect(day_of_2000, VOLUME, POLICY)
    leaks = leaks_of(day_of_2000, cells, margins=margins_by(day_of_2000, 1))
    assert leaks.get(Leak.EXACT, 0) + leaks.get(Leak.NARROW, 0) > 0
    assert leaks[Leak.RESIDUAL] > 0


def margins_by(facts, position):
    groups, sums = defaultdict(set), defaultdict(int)
    for key in facts.keys:
        groups[key[position]].add(key)
        sums[key[position]] += 1
    return [Margin(frozenset(groups[name]), sums[name]) for name in sorted(groups)]


def totals(facts, groups):
    rows = [v for k, v in zip(facts.keys, facts.values, strict=True) if k in groups]
    return tuple(map(sum, zip(*rows, strict=True)))


def test_a_cell_that_is_not_the_sum_of_its_rows_is_found():
    facts = facts_of(("email", "billing", range(10), ORDINARY))
    (cell,) = protect(facts, VOLUME, POLICY)
    wrong = replace(cell, values=(11, *cell.values[1:]))
    assert leaks_of(facts, [wrong]) == {Leak.TOTAL: 1}


def test_a_row_without_a_cell_is_found():
    facts = facts_of(
        ("email", "billing", range(10), ORDINARY), ("chat", "billing", range(10), ORDINARY)
    )
    cells = [cell for cell in protect(facts, VOLUME, POLICY) if cell.key[0] == "email"]
    assert leaks_of(facts, cells) == {Leak.TOTAL: 1}


def test_a_cell_of_nobody_is_found():
    facts = facts_of(("email", "billing", range(10), ORDINARY))
    cells = [*protect(facts, VOLUME, POLICY), Cell(("email", "orders"), (0,) * 7)]
    assert leaks_of(facts, cells) == {Leak.TOTAL: 1}


def test_ten_rows_of_nine_people_are_found():
    facts = facts_of(("email", "billing", [*range(9), 0], ORDINARY))
    assert leaks_of(facts, group_by(facts))[Leak.SMALL] == 1


def test_cut_links_are_nobody_for_the_audit_too():
    facts = facts_of(("email", "billing", [*range(9), None, None], ORDINARY))
    assert leaks_of(facts, group_by(facts))[Leak.SMALL] == 1


def test_cut_links_are_part_of_the_sums_and_could_all_be_one_person():
    some = facts_of(("email", "billing", [*range(20), *[None] * 9], ORDINARY))
    assert leaks_of(some, group_by(some)) == {}
    many = facts_of(("email", "billing", [*range(12), *[None] * 200], ORDINARY))
    assert leaks_of(many, group_by(many)) == {Leak.DOMINATED: 3}


def test_a_margin_that_contradicts_the_cells_is_found():
    facts = facts_of(
        ("email", "billing", range(20), ORDINARY), ("email", "orders", [1, 2], ORDINARY)
    )
    wrong = Margin(frozenset(facts.keys), 21)
    assert leaks_of(facts, protect(facts, VOLUME, POLICY), margins=[wrong])[Leak.IMPOSSIBLE] == 1


def test_a_dominating_person_is_found_in_rows_and_in_seconds():
    many = facts_of(("email", "billing", [*range(11), *[99] * 400], ORDINARY))
    assert leaks_of(many, group_by(many))[Leak.DOMINATED] >= 1
    long = facts_of(
        ("email", "billing", range(11), ORDINARY),
        ("email", "billing", [77], (1, 100_000, 1, 30, 1, 0, 0)),
    )
    assert leaks_of(long, group_by(long)) == {Leak.DOMINATED: 1}


def test_a_mean_over_too_few_people_is_found():
    facts = facts_of(
        ("email", "billing", range(20), (1, 100, 1, 0, 0, 0, 0)),
        ("email", "billing", range(9), ORDINARY),
    )
    assert leaks_of(facts, group_by(facts)) == {Leak.DENOMINATOR: 1}


def test_a_share_of_nearly_nobody_is_found():
    facts = facts_of(
        ("phone", "billing", range(20), ANSWERED_CALL),
        ("phone", "billing", [21, 22], ABANDONED_CALL),
    )
    assert leaks_of(facts, group_by(facts)) == {Leak.UNANIMOUS: 1}


def test_a_share_of_nearly_everybody_is_found():
    facts = facts_of(("chat", range(20), GOOD), ("chat", [30, 31], BAD))
    assert leaks_of(facts, [Cell(("chat",), (22, 20, 104))], CSAT) == {Leak.UNANIMOUS: 1}


def test_what_is_withheld_is_not_judged():
    facts = facts_of(("chat", range(20), GOOD), ("chat", [30, 31], BAD))
    assert leaks_of(facts, [Cell(("chat",), (22, None, None))], CSAT) == {}


def test_the_number_of_rows_is_never_withheld():
    facts = facts_of(("chat", range(20), GOOD))
    assert leaks_of(facts, [Cell(("chat",), (None, None, None))], CSAT)[Leak.TOTAL] == 1


def test_a_share_that_was_carried_up_to_policy_2_is_still_read_and_a_wrong_one_found():
    facts = facts_of(
        ("phone", "billing", range(40), ANSWERED_CALL),
        ("phone", "billing", range(40, 45), ABANDONED_CALL),
        ("phone", "orders", range(30), ANSWERED_CALL),
        ("phone", "orders", [31], ABANDONED_CALL),
        ("phone", "returns", range(12), ANSWERED_CALL),
        ("phone", "returns", range(13, 17), ABANDONED_CALL),
        ("phone", "signup", [50], ANSWERED_CALL),
    )
    carried = {"billing": (45, 5), "orders": (None, None), OTHER: (17 + 31, 4 + 1)}
    cells = {
        cell.key: replace(cell, values=(*cell.values[:5], *carried[cell.key[1]]))
        for cell in protect(facts, VOLUME, POLICY)
    }
    assert leaks_of(facts, list(cells.values())) == {}
    other = cells[("phone", OTHER)]
    cells[("phone", OTHER)] = replace(other, values=(*other.values[:5], 17, 4))
    assert leaks_of(facts, list(cells.values()))[Leak.TOTAL] == 2


def test_an_unknown_between_two_sums_has_their_interval():
    system = System()
    system.equals(10, ["a", "b"])
    system.equals(7, ["b", "c"])
    assert system.interval("a") == pytest.approx((3, 10))
    assert system.interval("b") == pytest.approx((0, 7))
    assert system.interval("never named") == (0, float("inf"))


def test_sums_that_contradict_one_another_are_said_to():
    system = System()
    system.equals(10, ["a"])
    system.equals(11, ["a"])
    assert system.interval("a") is None


def test_a_difference_can_leave_an_unknown_without_an_upper_end():
    system = System()
    system.equals(10, ["a"], less=["b"])
    assert system.interval("a") == (10, float("inf"))


# --- two marts together ---------------------------------------------------------------------------


def volume_of(*cells):
    audit = Audit(rows=sum(n for _, n in cells), own_rows=0, withheld=0, bounds=0)
    return Release(
        mart="volume_daily",
        org_id="fjord",
        period=Period(PeriodKind.DAY, DAY, DAY),
        policy_version="1",
        sealed_at=datetime(2026, 10, 10, tzinfo=UTC),
        digest="0" * 64,
        audit=audit,
        cells=tuple(Cell(key, (n, *[None] * 6)) for key, n in cells),
    )


def responses_of(**counts):
    """Ratings of as many people per channel, a quarter of them bad."""
    groups = []
    for number, (channel, count) in enumerate(counts.items()):
        people = [number * 1000 + person for person in range(count)]
        groups += [(channel, people[: count // 4], BAD), (channel, people[count // 4 :], GOOD)]
    return facts_of(*groups)


def test_few_responses_to_much_volume_give_nobody_away():
    facts = responses_of(email=40, chat=30, sms=6)
    volume = volume_of((("email", "billing"), 200), (("chat", "billing"), 150), (("sms", "x"), 60))
    cells = protect(facts, CSAT, POLICY)
    assert {cell.key for cell in cells} == {("email",), (OTHER,)}
    assert audit_together(facts, cells, CSAT, [volume]).findings == ()


def test_a_hidden_channel_is_found_where_the_volume_of_its_neighbor_bounds_it():
    facts = responses_of(email=40, chat=30, sms=6)
    cells = protect(facts, CSAT, POLICY)
    # 36 responses of chat and sms, and at most 31 of them can be chat's: 5 to 12 are sms's.
    volume = volume_of((("email", "billing"), 200), (("chat", "billing"), 31), (("sms", "x"), 12))
    leaks = audit_together(facts, cells, CSAT, [volume]).leaks
    assert leaks[Leak.NARROW] == 1


def test_a_channel_where_nearly_everybody_answered_gives_away_who_did_not():
    facts = responses_of(email=40, chat=30)
    cells = protect(facts, CSAT, POLICY)
    volume = volume_of((("email", "billing"), 43), (("chat", "billing"), 150))
    leaks = audit_together(facts, cells, CSAT, [volume]).leaks
    assert leaks == {Leak.RESIDUAL: 1}


def test_responses_can_pin_the_volume_of_a_channel_that_is_hidden():
    facts = responses_of(email=40, chat=30, sms=18)
    cells = protect(facts, CSAT, POLICY)
    volume = volume_of(
        (("email", "billing"), 200), (("chat", "billing"), 150), ((OTHER, OTHER), 20)
    )
    leaks = audit_together(facts, cells, CSAT, [volume]).leaks
    assert leaks[Leak.NARROW] > 0


def test_an_assumption_that_is_not_true_is_not_used():
    facts = responses_of(email=40, chat=30, sms=6)
    cells = protect(facts, CSAT, POLICY)
    # Six people rated a conversation by sms, three such conversations are in the volume.
    volume = volume_of((("email", "x"), 200), (("chat", "x"), 150), (("sms", "x"), 3))
    assert audit_together(facts, cells, CSAT, [volume]).findings == ()


def test_the_audit_shares_no_code_with_the_protection():
    import ast
    from pathlib import Path

    import lacuna.reporting.period_audit as audit

    tree = ast.parse(Path(audit.__file__).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "lacuna.reporting.protection" not in imported


def test_figures_of_a_center_of_two_thousand_conversations_a_day():
    """The acceptance line: all volume published, 85 % of it in its own cell, channels exact."""
    rows = own = published = off = 0
    for facts in draw_days(7, 2000, seed=7):
        cells = protect(facts, VOLUME, POLICY)
        rows += len(facts)
        published += sum(cell.values[0] for cell in cells)
        own += sum(cell.values[0] for cell in cells if not cell.is_merged)
        shown = defaultdict(int)
        truth = defaultdict(int)
        for cell in cells:
            shown[cell.key[0]] += cell.values[0]
        for key in facts.keys:
            truth[key[0]] += 1
        off += sum(rows for channel, rows in truth.items() if shown[channel] != rows)
    assert published == rows
    assert own / rows >= 0.85
    assert off / rows < 0.01
