"""Periods as people write them."""

import re
from datetime import date
from typing import Final

from lacuna.errors import MalformedRequest
from lacuna.model.mart import PeriodKind

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


def days_of(period: str) -> tuple[date, date]:
    """Return the first and last day of a day, week or month, or of a range joined by `--`.

    Raises:
        MalformedRequest: it is none of these, or ends before it begins.

    >>> [day.isoformat() for day in days_of("2026-W41--2026-W42")]
    ['2026-10-05', '2026-10-18']
    """
    begins, _, ends = period.partition("--")
    try:
        first, last = _unit(begins)[0], _unit(ends or begins)[1]
    except ValueError:
        raise MalformedRequest(
            "a period must be a day, a week or a month such as 2026-01-31, 2026-W05 or 2026-01, "
            "or a range such as 2026-W05--2026-W08"
        ) from None
    if last < first:
        raise MalformedRequest("the period ends before it begins; name its earlier part first")
    return first, last


def _unit(text: str) -> tuple[date, date]:
    if week := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return monday, PeriodKind.WEEK.end(monday)
    if month := _MONTH.fullmatch(text):
        day = date(int(month[1]), int(month[2]), 1)
        return day, PeriodKind.MONTH.end(day)
    day = date.fromisoformat(text)
    return day, day
