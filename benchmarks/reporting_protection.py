"""What the protection of reports costs: volume shown in its own cell, merged cells, time.

Draws the conversations of a synthetic contact center from a seed, protects and audits each day
on its own, and compares sums over cells with sums over rows. Run:

    python -m benchmarks.reporting_protection [--days 30] [--a-day 2000] [--seed 7]
"""

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lacuna.marts import marts
from lacuna.model.mart import Cell, Facts, Mart, Policy
from lacuna.reporting.period_audit import audit_period
from lacuna.reporting.protection import protect

# Share of conversations, and number of queues, of each channel.
CHANNELS = {
    "phone": (0.30, 14),
    "email": (0.26, 14),
    "chat": (0.18, 12),
    "contact_form": (0.10, 10),
    "whatsapp": (0.08, 8),
    "sms": (0.05, 7),
    "voicemail": (0.03, 6),
}
FIRST_DAY = date(2026, 9, 1)


@dataclass(frozen=True)
class Result:
    """One level of k over all days."""

    people: int
    rows: int
    published: int
    own: int
    cells: int
    leaks: int
    channels_off: int
    offered: int
    offered_shown: int
    days_joined: int
    protect_seconds: float
    audit_seconds: float


def draw_day(draw: random.Random, day: date, conversations: int, contacts: int) -> Facts:
    """Draw the rows of the volume mart for one day.

    Queues are of unequal size, a tenth of the contacts make a third of the conversations, and
    handling times are heavy-tailed.
    """
    people: list[int | None] = []
    keys: list[tuple[str, ...]] = []
    values: list[tuple[int, ...]] = []
    names = list(CHANNELS)
    shares = [CHANNELS[name][0] for name in names]
    for channel in draw.choices(names, shares, k=conversations):
        queues = CHANNELS[channel][1]
        queue = draw.choices(range(queues), [1 / (rank + 1) for rank in range(queues)])[0]
        frequent = draw.random() < 1 / 3
        people.append(draw.randrange(contacts // 10 if frequent else contacts))
        keys.append((channel, f"queue {queue:02d}"))
        is_offered = channel == "phone" and draw.random() < 0.85
        is_abandoned = is_offered and draw.random() < 0.07
        is_handled = not is_abandoned and draw.random() < 0.96
        is_answered = is_handled and draw.random() < 0.9
        handle = int(draw.lognormvariate(5.7, 0.9)) + 1 if is_handled else 0
        wait = int(draw.lognormvariate(6.5, 1.2)) if is_answered else 0
        values.append(
            (1, handle, int(is_handled), wait, int(is_answered), int(is_offered), int(is_abandoned))
        )
    return Facts(people, [day] * conversations, keys, values)


def draw_days(days: int, a_day: int, seed: int) -> Iterator[Facts]:
    """Draw one day after the other; Sundays have a quarter of the conversations."""
    draw = random.Random(seed)
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        share = 0.25 if day.isoweekday() == 7 else 1.0
        spread = draw.uniform(0.9, 1.1)
        yield draw_day(draw, day, int(a_day * share * spread), contacts=a_day * 8)


def measure(facts_by_day: list[Facts], mart: Mart, policy: Policy) -> Result:
    """Protect and audit every day."""
    totals: Counter[str] = Counter()
    seconds: dict[str, float] = defaultdict(float)
    for facts in facts_by_day:
        began = time.perf_counter()
        cells = protect(facts, mart, policy)
        seconds["protect"] += time.perf_counter() - began
        totals["rows"] += len(facts)
        if cells is None:
            totals["joined"] += 1
            continue
        began = time.perf_counter()
        result = audit_period(facts, cells, mart, policy)
        seconds["audit"] += time.perf_counter() - began
        totals["leaks"] += sum(result.leaks.values())
        totals["published"] += sum(cell.values[0] or 0 for cell in cells)
        totals["own"] += sum(cell.values[0] or 0 for cell in cells if not cell.is_merged)
        totals["cells"] += len(cells)
        totals["offered"] += sum(values[5] for values in facts.values)
        totals["offered_shown"] += sum(cell.values[5] or 0 for cell in cells)
        totals["off"] += channels_off(facts, cells)
    return Result(
        people=mart.people,
        rows=totals["rows"],
        published=totals["published"],
        own=totals["own"],
        cells=totals["cells"],
        leaks=totals["leaks"],
        channels_off=totals["off"],
        offered=totals["offered"],
        offered_shown=totals["offered_shown"],
        days_joined=totals["joined"],
        protect_seconds=seconds["protect"],
        audit_seconds=seconds["audit"],
    )


def channels_off(facts: Facts, cells: tuple[Cell, ...]) -> int:
    """Count the channels whose published n, handling time or handled count is not the exact sum."""
    truth: dict[str, list[int]] = {}
    for key, values in zip(facts.keys, facts.values, strict=True):
        row = truth.setdefault(key[0], [0, 0, 0])
        for position in range(3):
            row[position] += values[position]
    shown: dict[str, list[int]] = {}
    for cell in cells:
        row = shown.setdefault(cell.key[0], [0, 0, 0])
        for position in range(3):
            row[position] += cell.values[position] or 0
    return sum(shown.get(channel) != row for channel, row in truth.items())


def main() -> None:
    """Print a line for each k."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--a-day", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    facts_by_day = list(draw_days(options.days, options.a_day, options.seed))
    volume = marts()[0]
    print(
        "  k    rows  published  own cell  cells  leaks  channels off  offered shown  protect  audit"
    )
    for people in (5, 10, 20):
        result = measure(facts_by_day, replace(volume, people=people), Policy())
        print(
            f"{people:3d} {result.rows:7d}   {result.published / result.rows:7.2%}"
            f"   {result.own / result.rows:7.2%} {result.cells:6d} {result.leaks:6d}"
            f" {result.channels_off:13d} {result.offered_shown / result.offered:14.2%}"
            f" {result.protect_seconds:7.2f}s {result.audit_seconds:5.2f}s"
        )


if __name__ == "__main__":
    main()
