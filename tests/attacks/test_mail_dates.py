"""No date that somebody writes into a mail makes a request overdue, or moves its month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lacuna.intake import read_mail, time_of_receipt
from lacuna.model.mail import Flaw, WaitingMail
from tests.intake.mail.bad_inputs import mail

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STORED = NOW - timedelta(hours=2)
DAY = timedelta(days=1)


def receipt(
    *times: datetime | str, is_dated: bool = True, trusted: tuple[str, ...] = ("b",)
) -> tuple[datetime, Flaw | None]:
    hops = [
        f"from a by b; {one:%a, %d %b %Y %H:%M:%S} +0000" if isinstance(one, datetime) else one
        for one in times
    ]
    return time_of_receipt(
        read_mail(mail(Received=hops)),
        WaitingMail("x", 1, STORED, is_dated),
        NOW,
        trusted_servers=trusted,
    )


SOUND = {
    "just now": (STORED,),
    "some days in the mailbox": (STORED - 6 * DAY,),
    "some days on its way": (STORED, STORED - 9 * DAY),
    "a clock that runs ahead": (STORED + timedelta(hours=20),),
    "a sender's clock that runs ahead": (STORED, STORED + timedelta(hours=20)),
    "a hop without a date": (STORED, "from x by y"),
}


@pytest.mark.parametrize("name", SOUND)
def test_the_outermost_server_says_when(name):
    times = SOUND[name]
    assert receipt(*times) == (min(times[0], NOW), None)


FORGED = {
    "1970": (datetime(1970, 1, 1, tzinfo=UTC),),
    "weeks before the mailbox took it": (STORED - 8 * DAY,),
    "the future": (STORED + 2 * DAY,),
    "the far future": (datetime(9999, 12, 31, tzinfo=UTC),),
    "a hop of 1970": (STORED, datetime(1970, 1, 1, tzinfo=UTC)),
    "a hop of the future": (STORED, STORED + 2 * DAY),
    "a hop of the future, deep": (STORED, STORED, STORED - DAY, STORED + 2 * DAY),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_time_that_cannot_be_is_replaced_by_that_of_the_mailbox(name):
    assert receipt(*FORGED[name]) == (STORED, Flaw.IMPLAUSIBLE_DATE)


def test_no_header_or_none_that_can_be_read_counts_from_the_mailbox():
    assert receipt() == (STORED, None)
    assert receipt("from a by b; Thu, 99 Foo 99999999 99:99:99 +9999", STORED - DAY) == (
        STORED,
        None,
    )


def test_a_file_may_have_been_copied_and_yet_is_not_of_1970():
    old = STORED - 400 * DAY
    assert receipt(old, is_dated=False) == (old, None)
    assert receipt(FORGED["1970"][0], is_dated=False) == (STORED, Flaw.IMPLAUSIBLE_DATE)
    assert receipt(STORED + 2 * DAY, is_dated=False) == (STORED, Flaw.IMPLAUSIBLE_DATE)


def test_a_file_whose_own_time_cannot_be_counts_from_now():
    old = WaitingMail("x", 1, datetime(1970, 1, 1, tzinfo=UTC))
    assert time_of_receipt(read_mail(mail()), old, NOW, trusted_servers=()) == (
        NOW,
        Flaw.IMPLAUSIBLE_DATE,
    )


OLD = STORED - 3 * DAY
NOT_OURS = {
    "a stranger's server": f"from a by evil.example; {OLD:%a, %d %b %Y %H:%M:%S} +0000",
    "ours in what the sender said": f"from b by evil.example (by b); {OLD:%a, %d %b %Y %H:%M:%S} +0000",
    "ours twice": f"from b by b by evil.example; {OLD:%a, %d %b %Y %H:%M:%S} +0000",
}


@pytest.mark.parametrize("name", NOT_OURS)
@pytest.mark.parametrize("is_dated", [True, False])
def test_the_date_of_a_server_that_is_not_ours_moves_nothing(name, is_dated):
    assert receipt(NOT_OURS[name], is_dated=is_dated) == (STORED, Flaw.IMPLAUSIBLE_DATE)
    # A mail that went on at once is in no doubt.
    near = NOT_OURS[name].rpartition(";")[0] + f"; {STORED - DAY:%a, %d %b %Y %H:%M:%S} +0000"
    assert receipt(near, is_dated=is_dated) == (STORED, None)


def test_without_names_of_our_servers_the_outermost_counts():
    assert receipt(NOT_OURS["a stranger's server"], trusted=()) == (OLD, None)
