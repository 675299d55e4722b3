"""When a request is due: months, working days, extension and suspension, over ten years."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.errors import ConfigurationError, RequestError
from lacuna.model.evidence import Action
from lacuna.model.request import Pause, RequestKind
from lacuna.model.run import Role
from lacuna.request import due, extend, pause, resume
from lacuna.request.deadline import is_working_day
from tests.shop import ANNA_MAIL, NOW, email

TEN_YEARS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
COUNTRIES = st.sampled_from([None, "DK", "DE", "FR"])


@pytest.mark.parametrize(
    ("received", "country", "alarm", "day"),
    [
        ("2026-10-30", None, "2026-11-30", "2026-11-30"),
        ("2026-11-05", None, "2026-12-05", "2026-12-07"),  # a Saturday
        ("2026-11-25", "DK", "2026-12-25", "2026-12-28"),  # Christmas on a Friday
        ("2026-12-01", "DE", "2027-01-01", "2027-01-04"),
        ("2026-01-31", "DK", "2026-02-28", "2026-03-02"),
        ("2026-03-02", "DK", "2026-04-02", "2026-04-07"),  # Maundy Thursday to Easter Monday
        ("2026-03-02", "DE", "2026-04-02", "2026-04-02"),
    ],
)
def test_the_month_ends_on_a_working_day_and_the_alarm_before(received, country, alarm, day):
    found = due(datetime.fromisoformat(f"{received}T09:30:00+00:00"), country=country)
    assert found.alarm_at.isoformat() == f"{alarm}T09:30:00+00:00"
    assert found.due_at.isoformat() == f"{day}T09:30:00+00:00"


@given(TEN_YEARS, st.sampled_from([1, 3]), st.integers(0, 90), COUNTRIES)
def test_a_due_date_is_the_next_working_day_and_never_before_the_alarm(
    received, months, paused_days, country
):
    found = due(received, months=months, paused_days=paused_days, country=country)
    assert is_working_day(found.due_at.date(), country)
    day = found.alarm_at
    while day < found.due_at:
        assert not is_working_day(day.date(), country)
        day += timedelta(days=1)
    assert found.due_at - found.alarm_at <= timedelta(days=6)
    unpaused = found.alarm_at - timedelta(days=paused_days)
    assert (unpaused.year * 12 + unpaused.month) - (received.year * 12 + received.month) == months
    last = calendar.monthrange(unpaused.year, unpaused.month)[1]
    assert unpaused.day == min(received.day, last)


@given(TEN_YEARS, TEN_YEARS, COUNTRIES)
def test_who_comes_later_is_never_due_earlier(one, other, country):
    first, second = sorted((one, other))
    earlier, later = due(first, country=country), due(second, country=country)
    assert earlier.alarm_at <= later.alarm_at
    assert earlier.due_at.date() <= later.due_at.date()


def test_a_country_whose_holidays_nobody_knows_is_refused():
    with pytest.raises(ConfigurationError, match="ISO 3166"):
        due(datetime(2026, 1, 1, tzinfo=UTC), country="XX")


def test_an_extension_counts_from_receipt_and_is_possible_once_within_the_month(office):
    request = office.submit(email(ANNA_MAIL))
    with office.desk(role=Role.DPO, org_id="nord") as desk:
        moved = extend(office_request(desk, request), desk, country="DK")
    assert moved.alarm_at == due(moved.received_at, months=3).alarm_at
    assert moved.extended_at is not None
    with office.desk(role=Role.DPO, org_id="nord") as desk:
        stored = desk.queue.requests.get(moved.request_id)
        assert (stored.due_at, stored.alarm_at, stored.extended_at) == (
            moved.due_at,
            moved.alarm_at,
            moved.extended_at,
        )
        with pytest.raises(RequestError, match="possible only once"):
            extend(stored, desk)
    other = office.submit(email("late@example.org"))
    with office.desk(role=Role.DPO, org_id="nord") as desk:
        late = replace(desk, now=NOW + timedelta(days=40))
        with pytest.raises(RequestError, match="first month is over"):
            extend(office_request(desk, other), late)


def test_the_clock_stands_still_and_whole_days_are_added(office):
    request = office.submit(email(ANNA_MAIL))
    with office.desk(role=Role.DPO, org_id="nord") as desk:
        found = office_request(desk, request)
        stopped = pause(found, Pause.IDENTITY, desk)
        assert pause(stopped, Pause.IDENTITY, desk) == stopped
        # Nothing is overdue while its clock stands still.
        assert desk.queue.requests.overdue(NOW + timedelta(days=90)) == []
        later = replace(desk, now=desk.now + timedelta(days=9, hours=23))
        moved = resume(desk.queue.requests.get(found.request_id), later)
        assert (moved.paused_days, moved.pause, moved.paused_at) == (9, None, None)
        assert moved.alarm_at == found.alarm_at + timedelta(days=9)
        assert [
            one.request_id for one in desk.queue.requests.overdue(NOW + timedelta(days=90))
        ] == [found.request_id]
        actions = [leaf.entry.action for leaf in desk.ledger.leaves(request_id=found.request_id)]
    assert actions[-2:] == [Action.PAUSED, Action.RESUMED]


def test_an_alarm_goes_off_on_the_unshifted_day(office):
    request = office.submit(email(ANNA_MAIL))
    with office.desk(role=Role.DPO, org_id="nord") as desk:
        found = office_request(desk, request)
        assert found.alarm_at is not None
        moved = replace(found, due_at=found.alarm_at + timedelta(days=3))
        desk.queue.requests.set_clock(moved)
        # The period ends with its last day.
        assert desk.queue.requests.overdue(found.alarm_at + timedelta(minutes=1)) == []
        overdue = desk.queue.requests.overdue(found.alarm_at + timedelta(days=1))
    assert [one.request_id for one in overdue] == [found.request_id]


def test_only_an_access_requester_is_asked_to_specify(office):
    request = office.submit(email(ANNA_MAIL))
    access = office.submit(email(ANNA_MAIL), kinds=(RequestKind.ACCESS,))
    with office.desk(role=Role.DPO, org_id="nord") as desk:
        with pytest.raises(RequestError, match="for clarification"):
            pause(office_request(desk, request), Pause.CLARIFICATION, desk)
        assert pause(office_request(desk, access), Pause.CLARIFICATION, desk).paused_at == desk.now


def office_request(desk, accepted):
    return desk.queue.requests.get(accepted.request_id)
