"""The deadline: one calendar month from receipt, the last day of a shorter one."""

import calendar
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.request import one_month_after

MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)


@pytest.mark.parametrize(
    ("received", "months", "due"),
    [
        ("2026-01-15", 1, "2026-02-15"),
        ("2026-01-28", 1, "2026-02-28"),
        ("2026-01-29", 1, "2026-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last(received, months, due):
    moment = datetime.fromisoformat(f"{received}T09:30:00+00:00")
    assert one_month_after(moment, months=months).isoformat() == f"{due}T09:30:00+00:00"


@given(MOMENTS, st.integers(1, 3))
def test_the_deadline_lies_in_the_month_it_should_at_the_same_time(moment, months):
    due = one_month_after(moment, months=months)
    assert (due.year * 12 + due.month) - (moment.year * 12 + moment.month) == months
    assert due.timetz() == moment.timetz()
    last = calendar.monthrange(due.year, due.month)[1]
    assert due.day == min(moment.day, last)


@given(MOMENTS, MOMENTS)
def test_who_comes_later_is_never_due_earlier(one, other):
    first, second = sorted((one.astimezone(UTC), other.astimezone(UTC)))
    assert one_month_after(first) <= one_month_after(second)


@given(MOMENTS)
def test_nobody_gets_less_than_28_days_or_more_than_31(moment):
    assert timedelta(days=28) <= one_month_after(moment) - moment <= timedelta(days=31)


def test_a_time_without_zone_is_no_time_of_receipt():
    with pytest.raises(ValueError, match="needs a time zone"):
        one_month_after(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("months", [0, -1, 4])
def test_an_extension_is_two_further_months_at_most(months):
    with pytest.raises(ValueError, match="at most three"):
        one_month_after(datetime(2026, 1, 1, tzinfo=UTC), months=months)
