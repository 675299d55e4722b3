"""No date that somebody writes into a mail makes a request overdue, or moves its month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.model.mail import Flaw, WaitingMail
from pipelines.request import read_mail, time_of_receipt
from tests.request.mail.bad_inputs import mail

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STORED = NOW - timedelta(hours=2)
DAY = timedelta(days=1)


def receipt(*times: datetime | str, is_dated: bool = True) -> tuple[datetime, Flaw | None]:
    hops = [
        f"from a by b; {one:%a, %d %b %Y %H:%M:%S} +0000" if isinstance(one, datetime) else one
        for one in times
    ]
    return time_of_receipt(
        read_mail(mail(Received=hops)), WaitingMail("x", 1, STORED, is_dated), NOW
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
    assert time_of_receipt(read_mail(mail()), old, NOW) == (NOW, Flaw.IMPLAUSIBLE_DATE)
