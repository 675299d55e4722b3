"""The clock of a request: one month from receipt (Art. 12(3)), as Regulation 1182/71 counts."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from lacuna.errors import ConfigurationError


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
        raise ValueError("a deadline is one month, or at most three with an extension")
    index = moment.month - 1 + months
    year, month = moment.year + index // 12, index % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


@dataclass(frozen=True)
class Due:
    """When a request is due.

    Attributes:
        alarm_at: the end of the month or months, whatever day that is: alarms run against it.
        due_at: the same, or the next working day where it is none.
    """

    alarm_at: datetime
    due_at: datetime


def due(
    received_at: datetime, *, months: int = 1, paused_days: int = 0, country: str | None = None
) -> Due:
    """Return when a request is due; an extension counts from receipt too.

    Both keep the time of day of receipt, so they never lie after the day's end.

    Args:
        months: 1, or 3 with an extension.
        paused_days: days for which the clock was paused.
        country: of the controller, ISO 3166-1 alpha-2, for its public holidays; None: weekends
            alone.

    Raises:
        ConfigurationError: the country's holidays are not known.

    Source: Art. 12(3); Regulation 1182/71, Art. 3(2)(c) and 3(4).

    >>> from datetime import UTC
    >>> found = due(datetime(2026, 11, 25, 9, tzinfo=UTC), country="DK")
    >>> found.alarm_at.date().isoformat(), found.due_at.date().isoformat()
    ('2026-12-25', '2026-12-28')
    """
    alarm_at = one_month_after(received_at, months=months) + timedelta(days=paused_days)
    due_at = alarm_at
    while not is_working_day(due_at.date(), country):
        due_at += timedelta(days=1)
    return Due(alarm_at, due_at)


def is_working_day(day: date, country: str | None) -> bool:
    """Whether a day is neither a Saturday nor a Sunday nor a public holiday."""
    if day.weekday() >= 5:
        return False
    return country is None or day not in _holidays(country, day.year)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    # Here, because it takes half a second that most runs need not wait for.
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        raise ConfigurationError(
            f"tenants: the public holidays of {country} are not known; write the country code of "
            "ISO 3166, such as DK"
        ) from None
