"""Whoever forges mails in somebody's name, so that their own requests are answered no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.intake import codes_in, read_mail
from tests.flows.correspondence import requests

PARCEL = "Where is my parcel number {}? Whose data is on it?"
ERASE = "Please delete all my data."


class Later:
    """A clock that goes on by days."""

    def __init__(self) -> None:
        self.days = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)


@pytest.fixture
def clock(attacked):
    clock = Later()
    attacked.stores = replace(attacked.stores, clock=clock)
    return clock


@pytest.fixture
def forged(letters, ada):
    """Five forged mails of one day, as many as are answered."""
    for number in range(5):
        letters.write(ada.emails[0], PARCEL.format(number))
    letters.take()
    return len(letters.letters())


def test_a_mail_that_cannot_be_answered_today_waits_on_the_officers_list(
    attacked, letters, ada, forged
):
    letters.write(ada.emails[0], ERASE)
    letters.take()
    assert requests(attacked) == []  # none that stands still, with nobody asked
    assert letters.outcomes()[-1] == ("waiting", ["unanswered"])
    assert len(letters.letters()) == forged


def test_whether_a_request_is_there_already_shows_no_more_than_before(
    attacked, letters, ada, clock
):
    letters.write(ada.emails[0], ERASE)
    letters.take()
    for number in range(5):
        letters.write(ada.emails[0], PARCEL.format(number))
    letters.take()
    before = len(letters.letters())
    letters.write(ada.emails[0], ERASE + " Now.")
    letters.write(ada.emails[0], "Please restrict the use of my data.")
    letters.take()
    assert letters.outcomes()[-2:] == [("waiting", ["unanswered"])] * 2
    assert len(letters.letters()) == before


def test_who_is_vouched_for_is_answered_after_any_number_of_forged_mails(
    attacked, letters, ada, forged
):
    letters.write(ada.emails[0], "Please send me a copy of all my data.", vouched=True)
    letters.take()
    (letter,) = letters.letters()[forged:]
    assert codes_in(read_mail(letter.as_bytes()))
    (request,) = requests(attacked)
    assert request.pause is not None


def test_vouched_mails_count_for_the_vouched_in_a_later_run_too(attacked, letters, ada):
    for number in range(5):
        letters.write(ada.emails[0], PARCEL.format(number), vouched=True)
    letters.take()
    letters.write(ada.emails[0], "Please send me a copy of all my data.", vouched=True)
    letters.take()
    assert letters.outcomes()[-1] == ("waiting", ["unanswered"])


def test_what_was_done_is_said_a_day_later(attacked, letters, ada, clock):
    for number in range(5):
        letters.write(ada.emails[0], PARCEL.format(number), vouched=True)
    letters.write(ada.emails[0], ERASE, vouched=True)
    letters.take()
    (request,) = requests(attacked)
    assert request.is_verified
    before = len(letters.letters())
    assert before == 5
    clock.days = 1
    letters.take()
    assert [one["Subject"] for one in letters.letters()[before:]] == [
        "We have received your request"
    ]
