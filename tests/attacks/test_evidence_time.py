"""Somebody dates what is done back, by an entry or by the clock, so that it was in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.flows import seal
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.stores.postgres.officers import OfficerRegister
from tests.brought import Brought
from tests.post import open_post

MAIL = "anna.berg@example.org"
DATED = (
    "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
    "values (:at, 'outcome', 'letter_delivered', 'lacuna.letter', 'flow:letters')"
)


@dataclass
class Still:
    """A clock that is set by hand."""

    moment: datetime

    def now(self) -> datetime:
        """The moment that it was set to."""
        return self.moment


@pytest.fixture
def post(database, tmp_path) -> Brought:
    return open_post(database("lacuna"), tmp_path)


def date(post: Brought, at: datetime) -> None:
    with post.stores.database.transaction(Role.PLANNER) as connection:
        connection.execute(sa.text(DATED), {"at": at})


def test_an_entry_is_not_dated_before_the_one_before(post):
    now = datetime.now(UTC)
    post.submit(IdentifierKind.EMAIL, MAIL)
    date(post, now - timedelta(hours=11))  # of a transaction that took long
    with pytest.raises(StatementRefused, match="clock"):
        date(post, datetime(2020, 1, 1, tzinfo=UTC))


def test_a_change_that_a_later_run_records_keeps_its_time(post):
    """Its transaction died before the one that was to record it."""
    post.submit(IdentifierKind.EMAIL, MAIL)
    post.run(seal)
    changed = DATED.replace("letter_delivered", "anonymize_rows")
    with post.stores.database.transaction(Role.EXECUTOR) as connection:
        connection.execute(sa.text(changed), {"at": datetime.now(UTC) - timedelta(days=3)})
    with pytest.raises(StatementRefused, match="clock"):
        date(post, datetime.now(UTC) - timedelta(days=3))


def test_time_is_not_walked_back_in_small_steps(post):
    now = datetime.now(UTC)
    post.submit(IdentifierKind.EMAIL, MAIL)
    post.run(seal)

    def walk() -> None:
        for hours in range(11, 60, 11):
            date(post, now - timedelta(hours=hours))

    with pytest.raises(StatementRefused, match="clock"):
        walk()
    ((earliest,),) = post.query(
        "select min(at) from lacuna_evidence.entry where action = 'letter_delivered'"
    )
    assert earliest > now - timedelta(hours=13)


@pytest.mark.parametrize("days", [1, 40])
def test_with_a_clock_that_was_set_back_nothing_is_closed(post, days):
    clock = Still(datetime.now(UTC))
    post.stores = replace(post.stores, clock=clock)
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    clock.moment += timedelta(days=60)  # by now it is late
    post.run()
    post.run(seal)
    clock.moment -= timedelta(days=days)
    with pytest.raises(StatementRefused, match="clock"):
        post.approve(request_id)
    with pytest.raises(StatementRefused, match="clock"):
        post.run(seal)
    assert post.state(request_id) is RequestState.PLANNED


def test_after_an_entry_of_the_owner_time_begins_anew(post):
    """A clock that was ahead stops nobody for as long as it was ahead."""
    now = datetime.now(UTC)
    post.submit(IdentifierKind.EMAIL, MAIL)
    date(post, now + timedelta(days=400))
    with pytest.raises(StatementRefused, match="clock"):
        date(post, now)
    OfficerRegister(post.stores.database).add("nora", ["*"], now, None)
    date(post, now)
    date(post, now)
