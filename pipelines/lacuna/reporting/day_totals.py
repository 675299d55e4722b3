"""What the platform holds of closed days, compared with what it held before.

Two things are seen here, before anything new is sealed. Rows that came after their day was sealed
count in the first open period. And a day that has fewer rows or a smaller sum than before is
reported: an erasure takes neither away, so something else did, or an erasure that went wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from lacuna.model.mart import DayTotal, Mart, Outcome, Period, Policy, PublishLine
from lacuna.model.run import Role
from lacuna.ports import Marts, Stores

logger = logging.getLogger(__name__)

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """What was seen of one mart and tenant.

    Attributes:
        late: rows that came late, now put off to the first open period.
        line: names what is gone; None where nothing is.
    """

    late: int = 0
    line: PublishLine | None = None


def watch(stores: Stores, mart: Mart, org_id: str, policy: Policy, now: datetime) -> Watched:
    """Look at the closed days of a mart again; note what is there now.

    Days further back than the policy watches are not looked at.
    """
    with stores.transaction(Role.EXECUTOR) as transaction:
        source = transaction.marts
        until = source.sealed_until(mart, org_id)
        if until is None:
            return Watched()
        if not source.has_counted(mart, org_id):
            _adopt(source, mart, org_id)
        first = source.sealed_since(mart, org_id) or until
        since = max(first, until - timedelta(days=policy.watch_days))
        held = {total.day: total for total in source.day_totals(mart, org_id, since, until)}
        seen = {total.day: total for total in source.seen_totals(mart, org_id, since, until)}
        late = _post_late(source, mart, org_id, _grown(held, seen), until + _ONE_DAY)
        line = _gone(mart, org_id, held, seen)
        changed = [total for day, total in held.items() if seen.get(day) != total]
        # A day of which nothing is left is noted too.
        changed += [DayTotal(day, 0, 0) for day in seen if day not in held and seen[day].rows]
        source.note_totals(mart, org_id, changed, now)
    if late or line is not None:
        logger.info("watch mart=%s days=%d late=%d", mart.name, len(changed), late)
    return Watched(late, line)


def _adopt(source: Marts, mart: Mart, org_id: str) -> None:
    """Note the rows of periods that were sealed before it was noted what each one counts."""
    for release in source.releases(mart, org_id):
        rows = source.late_rows(mart, org_id, release.period.first, release.period.last)
        source.count_rows(mart, org_id, rows, release.period.last)


def _grown(held: dict[date, DayTotal], seen: dict[date, DayTotal]) -> list[date]:
    """Return the days that may have rows that came late: they grew, or nobody looked yet."""
    return sorted(
        day for day, total in held.items() if day not in seen or total.rows > seen[day].rows
    )


def _post_late(source: Marts, mart: Mart, org_id: str, days: list[date], open_day: date) -> int:
    late = 0
    for period in _runs(mart, days):
        rows = source.late_rows(mart, org_id, period.first, period.last)
        source.count_rows(mart, org_id, rows, open_day)
        late += len(rows)
    return late


def _runs(mart: Mart, days: list[date]) -> Iterable[Period]:
    """Yield days that follow one another as one period each."""
    if not days:
        return
    start = days[0]
    for day, following in pairwise([*days, date.max]):
        if following - day > _ONE_DAY:
            yield Period(mart.period, start, day)
            start = following


def _gone(
    mart: Mart, org_id: str, held: dict[date, DayTotal], seen: dict[date, DayTotal]
) -> PublishLine | None:
    rows = amount = days = 0
    for day, before in seen.items():
        now = held.get(day, DayTotal(day, 0, 0))
        fewer, less = max(before.rows - now.rows, 0), max(before.amount - now.amount, 0)
        if fewer or less:
            days, rows, amount = days + 1, rows + fewer, amount + less
    if not days:
        return None
    return PublishLine(
        subject=f"{mart.name} closed days",
        outcome=Outcome.NOT_CONSERVED,
        org_id=org_id,
        rows=rows,
        findings=(("amount_gone", amount), ("days", days)),
    )
