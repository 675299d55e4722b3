"""The window in which tables may be locked: over midnight, always, never."""

from datetime import UTC, date, datetime

import pytest

from lacuna.model.scrub import ALWAYS, NEVER, ScrubWindow


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "open_at", "closed_at"),
    [
        ("01:00-04:30", [at(1), at(4, 29)], [at(0, 59), at(4, 30), at(23)]),
        ("23:30-02:00", [at(23, 30), at(0), at(1, 59)], [at(23, 29), at(2), at(12)]),
        ("always", [at(0), at(12), at(23, 59)], []),
        ("never", [], [at(0), at(12), at(23, 59)]),
    ],
)
def test_a_window_is_open_from_its_first_minute_to_before_its_last(window, open_at, closed_at):
    parsed = ScrubWindow.parse(window)
    assert all(parsed.is_open(now) for now in open_at)
    assert not any(parsed.is_open(now) for now in closed_at)


def test_the_next_night_is_today_until_the_window_has_closed():
    window = ScrubWindow.parse("01:00-04:30")
    assert window.next_night(at(0)) == window.next_night(at(2)) == date(2026, 11, 24)
    assert window.next_night(at(4, 30)) == date(2026, 11, 25)
    assert ALWAYS.next_night(at(23, 59)) == date(2026, 11, 24)
    assert NEVER.next_night(at(3)) is None


@pytest.mark.parametrize(
    "text", ["", "1:00-4:00", "01:00", "24:00-01:00", "02:00-02:00", "01:00-04:60", "Always"]
)
def test_what_is_no_window_is_refused(text):
    with pytest.raises(ValueError, match="scrub window"):
        ScrubWindow.parse(text)
