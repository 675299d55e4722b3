"""The clock of a request: one month from receipt (Art. 12(3))."""

import calendar
from datetime import datetime


def one_month_after(moment: datetime, *, months: int = 1) -> datetime:
    """Return the same day and time `months` later, or the last day of a shorter month.

    Args:
        moment: aware time of receipt.
        months: 1, or up to 3 with an extension.

    Raises:
        ValueError: `moment` has no time zone, or `months` is outside 1..3.

    Source: Art. 12(3); periods in months end on the day of the same number, or on the last
    day of the month, as in Regulation 1182/71, Art. 3(2)(c).

    >>> from datetime import UTC
    >>> one_month_after(datetime(2026, 1, 31, 9, 0, tzinfo=UTC)).date().isoformat()
    '2026-02-28'
    """
    if moment.tzinfo is None:
        raise ValueError("the time of receipt needs a time zone")
    if not 1 <= months <= 3:
        raise ValueError("a deadline is one month, with extension at most three")
    index = moment.month - 1 + months
    year, month = moment.year + index // 12, index % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)
