"""Rows that others hold: an erasure waits a little, tries again, and then fails alone."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from lacuna.flows.fulfilment import application
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.stores.postgres import database as opened_database
from tests.flows.observation import connect, platform_of, quiet_people


@pytest.fixture
def installation(little, monkeypatch):
    monkeypatch.setitem(opened_database._LOCK_TIMEOUTS, Role.EXECUTOR, "100ms")
    return little


@pytest.fixture
def holder(installation):
    """A transaction that can hold a contact's row."""
    with connect(installation.url) as connection:
        yield connection
        connection.rollback()


def hold(holder, contact: str) -> None:
    holder.execute(
        "select from contact_center.contacts where contact_id = %s for update", [contact]
    )


@pytest.mark.thorough
def test_rows_that_stay_locked_make_the_request_fail_alone(installation, holder):
    locked, free = quiet_people(installation.platform)[:2]
    ids = [installation.submit_contact(one) for one in (locked, free)]
    assert installation.run() is None
    for request_id in ids:
        installation.approve(request_id)
    hold(holder, locked)
    assert installation.run() is not None
    assert installation.request(ids[0]).state is RequestState.APPROVED
    assert installation.obstacle(ids[0]) is Obstacle.APPLY_FAILED
    assert installation.request(ids[1]).state is RequestState.COMPLETED
    holder.rollback()
    assert installation.run() is None
    assert installation.request(ids[0]).state is RequestState.COMPLETED


def test_rows_that_are_let_go_in_time_are_changed(installation, holder, monkeypatch):
    (contact,) = quiet_people(installation.platform)[:1]
    request_id = installation.submit_contact(contact)
    assert installation.run() is None
    installation.approve(request_id)
    before = platform_of(installation)
    seen = []

    def applied(*given):
        try:
            return apply_rows(*given)
        except DBAPIError:
            seen.append(platform_of(installation) == before)
            holder.rollback()
            raise

    apply_rows = application.apply_rows
    monkeypatch.setattr(application, "apply_rows", applied)
    hold(holder, contact)
    assert installation.run() is None
    assert seen == [True]
    assert installation.request(request_id).state is RequestState.COMPLETED
