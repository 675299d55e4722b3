"""What was approved is changed before it is carried out, by somebody with a worker's logins and keys."""

from __future__ import annotations

import json

import pytest

from lacuna.flows.fulfilment import application
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from tests.flows.observation import execute, quiet_people

CITY = "select city from contact_center.contacts where contact_id = %s"


def rectification(attacked) -> tuple[str, str]:
    """Return the contact and the request of a correction that an officer has approved."""
    contact = quiet_people(attacked.platform)[0]
    request_id = attacked.submit_contact(
        contact, kinds=(RequestKind.RECTIFICATION,), rectifications={"city": "Odense"}
    )
    assert attacked.run() is None
    attacked.approve(request_id)
    return contact, request_id


def exchange(attacked, request_id: str) -> None:
    """Put another value in the place of the one that was asked for."""
    keys = attacked.stores.keys
    with attacked.stores.transaction(Role.PLANNER) as transaction:
        forged = keys.encrypt(request_id, json.dumps({"city": "Evil"}).encode())
        transaction.queue.secrets.put(request_id, Purpose.RECTIFICATION, forged)


@pytest.mark.thorough
def test_another_value_than_the_approved_one_needs_another_approval(attacked):
    contact, request_id = rectification(attacked)
    before = execute(attacked.url, CITY, [contact])
    exchange(attacked, request_id)
    attacked.run()
    assert execute(attacked.url, CITY, [contact]) == before
    assert attacked.request(request_id).state is RequestState.PLANNED


def test_a_value_that_is_exchanged_while_it_is_carried_out_is_not_written(attacked, monkeypatch):
    contact, request_id = rectification(attacked)
    before = execute(attacked.url, CITY, [contact])
    require = application.require_approved

    def late(plans, queue):
        require(plans, queue)
        exchange(attacked, request_id)

    monkeypatch.setattr(application, "require_approved", late)
    assert attacked.run() is not None
    assert execute(attacked.url, CITY, [contact]) == before


@pytest.mark.thorough
@pytest.mark.parametrize("city", ["Odense"])
def test_the_approved_value_is_written(attacked, city):
    contact, _ = rectification(attacked)
    assert attacked.run() is None
    assert execute(attacked.url, CITY, [contact]) == [(city,)]
