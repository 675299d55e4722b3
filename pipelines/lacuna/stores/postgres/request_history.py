"""What an officer's charts show, in PostgreSQL: a tenant's closed requests, gates and published weeks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from lacuna.model.register import ConsentWeeks, Figure, Figures, GateDay, History, Week, Weeks
from lacuna.model.request import RequestKind


def history_since(since: datetime, now: datetime, connection: sa.Connection) -> History:
    """Return the requests closed, verifications and published weeks since a moment.

    Args:
        connection: under the officer's role and one tenant.
    """
    moment: dict[str, datetime] = {"since": since}
    weeks: dict[date, Week] = {}
    for monday, kind, count in connection.execute(
        sa.text(
            "select date_trunc('week', closed_at at time zone 'UTC')::date, kind, count(*) "
            # Somebody of whom there is nothing exercised no right: one request each.
            "from lacuna.request, unnest(case when state = 'completed' then kinds "
            "  else array[null] end) as kind "
            "where state in ('completed', 'nothing_found') and closed_at >= :since "
            "group by 1, 2 order by 1, 2"
        ),
        moment,
    ):
        week = weeks.setdefault(monday, Week(monday, {}, 0))
        if kind is None:
            weeks[monday] = replace(week, nothing_found=count)
        else:
            fulfilled = {**week.fulfilled, RequestKind(kind): count}
            weeks[monday] = replace(week, fulfilled=fulfilled)
    days = connection.execute(
        sa.text(
            # The person has the copy when it is handed over (Art. 15(3)), not when it is made.
            "select greatest(0, extract(day from greatest(closed_at, released_at) - received_at))::int, "
            "count(*) filter (where state = 'completed' "
            "and (bundle.request_id is null or released_at is not null)), "
            # One that nobody handed over is as late as it can still become.
            "count(*) filter (where (greatest(closed_at, case when bundle.request_id is not null "
            "then coalesce(released_at, least(cast(:now as timestamptz), deleted_at, expires_at)) end) "
            "at time zone 'UTC')::date > (due_at at time zone 'UTC')::date) "
            "from lacuna.request left join lacuna.bundle using (request_id) "
            "where state in ('completed', 'nothing_found') and closed_at >= :since "
            "group by 1 order by 1"
        ),
        {**moment, "now": now},
    ).all()
    gates = connection.execute(
        sa.text(
            "select (verified_at at time zone 'UTC')::date, count(*) filter (where passed), "
            "count(*) filter (where not passed), coalesce(sum((select count(*) from "
            "jsonb_array_elements(result->'findings') as one "
            "where one->>'gate' = 'residue')), 0)::int "
            "from lacuna.verification where verified_at >= :since group by 1 order by 1"
        ),
        moment,
    )
    return History(
        weeks=list(weeks.values()),
        days_to_fulfil={row[0]: row[1] for row in days if row[1]},
        late=sum(row[2] for row in days),
        gates=[GateDay(*row) for row in gates],
        consent=_consent(since, connection),
        figures=_figures(since, connection),
    )


def _figures(since: datetime, connection: sa.Connection) -> Figures:
    """Return the published weeks of volume, handling time and satisfaction, whole ones only."""
    monday = _monday_of(since)
    days = connection.execute(
        sa.text(
            "select first_day, last_day, sum(n), "
            # A mean is of the rows that tell both of its parts.
            "sum(handle_s_sum) filter (where n_handled is not null), sum(n_handled) "
            "from reporting.volume_daily where last_day >= :monday "
            "group by 1, 2 order by 1"
        ),
        monday,
    )
    conversations, handling = [], []
    for weeks, n, seconds, handled in _by_whole_weeks(days):
        conversations.append(Figure(weeks, n))
        handling.append(
            Figure(weeks, round(seconds / handled) if seconds is not None and handled else None)
        )
    satisfied = connection.execute(
        sa.text(
            "select first_day, last_day, case when bool_and(n_pos is not null) "
            "then round(100 * sum(n_pos) / nullif(sum(n_resp), 0)) end "
            "from reporting.csat_weekly where last_day >= :monday "
            "group by 1, 2 order by 1"
        ),
        monday,
    )
    return Figures(
        conversations,
        handling,
        [
            Figure(Weeks.around(first, last), None if percent is None else int(percent))
            for first, last, percent in satisfied
        ],
    )


def _consent(since: datetime, connection: sa.Connection) -> list[ConsentWeeks]:
    """Return the published weeks of choices about recordings; small groups have no numbers."""
    monday = _monday_of(since)
    rows = connection.execute(
        sa.text(
            "select first_day, last_day, sum(n_accepted), sum(n_declined), sum(n_no_answer), "
            "sum(n_recorded), sum(n_served_unrecorded), "
            "count(*) filter (where n_accepted is null) "
            "from reporting.consent_weekly where last_day >= :monday "
            "group by 1, 2 order by 1"
        ),
        monday,
    )
    found = []
    for first, last, *sums, withheld in rows:
        agreed, declined, silent, recorded, unrecorded = (
            None if each is None else int(each) for each in sums
        )
        found.append(
            ConsentWeeks(
                Weeks.around(first, last),
                (agreed, declined, silent),
                (recorded, unrecorded),
                withheld,
            )
        )
    return found


def _monday_of(since: datetime) -> dict[str, date]:
    """Return the Monday of a moment: a week cut in two would look like a quiet one."""
    day = since.astimezone(UTC).date()
    return {"monday": Weeks.around(day, day).monday}


def _by_whole_weeks(
    days: Iterable[Sequence[Any]],
) -> Iterator[tuple[Weeks, int, int | None, int | None]]:
    """Yield sums of published days by week; weeks that share a period are one span.

    The week of the newest day is left out until its Sunday is published: it would look small.

    Args:
        days: first day, last day and sums of each period, in order.
    """
    spans: list[tuple[Weeks, list[int | None]]] = []
    newest = date.min
    for first, last, *sums in days:
        newest = max(newest, last)
        weeks, amounts = Weeks.around(first, last), [None if x is None else int(x) for x in sums]
        if spans and weeks.monday <= spans[-1][0].sunday:
            begun, before = spans.pop()
            weeks = Weeks(begun.monday, max(begun.sunday, weeks.sunday))
            amounts = [_added(*pair) for pair in zip(before, amounts, strict=True)]
        spans.append((weeks, amounts))
    for weeks, (n, seconds, handled) in spans:
        if weeks.sunday <= newest:
            yield weeks, n or 0, seconds, handled


def _added(one: int | None, other: int | None) -> int | None:
    """Return a sum of what is told."""
    return other if one is None else one if other is None else one + other
