"""Somebody who is on file, and vouched for, names what is another person's."""

from __future__ import annotations

import pytest

from lacuna.flows import fulfilment
from lacuna.flows.fulfilment.candidate_choice import choose_person
from lacuna.flows.run.batch import Batch
from lacuna.model.identity import IdentityBasis
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.request import resolve, verify_identity
from tests.flows.correspondence import requests
from tests.flows.observation import execute, quiet_people

ACCESS = "Please send me a copy of all my data. My telephone number is {phone}."


@pytest.fixture
def eve(attacked):
    """Somebody else on file of the same tenant."""
    return attacked.platform.people[quiet_people(attacked.platform)[1]]


def asked(attacked, letters, writer, text: str):
    letters.write(writer.emails[0], text, vouched=True)
    letters.take()
    (request,) = requests(attacked)
    return request


def verified(attacked, request) -> None:
    """Verify the writer by a mail, as before a mail of two people verified nobody."""
    with attacked.stores.transaction(Role.DPO, org_id=request.org_id) as transaction:
        found = transaction.queue.requests.get(request.request_id)
        assert found.state is RequestState.AMBIGUOUS
        desk = attacked.desk(transaction)
        verify_identity(found, "a mail", desk, basis=IdentityBasis.MAIL)


def choose(attacked, request, key: str) -> None:
    batch = Batch.open(attacked.stores, attacked.options(), flow="fulfilment")
    choose_person(batch, request.request_id, key, "dpo:0000test")


@pytest.mark.parametrize(
    "text",
    [
        ACCESS,
        "Please delete all my data. My customer number is {number}.",
        "I object to the processing of my data. My customer number is {number}.",
    ],
)
def test_a_value_of_another_person_is_no_second_factor(attacked, letters, ada, eve, text):
    words = text.format(phone=ada.phones[0], number=ada.external_ids[0])
    assert not asked(attacked, letters, eve, words).is_verified


@pytest.mark.thorough
@pytest.mark.parametrize("is_page", [False, True], ids=["command", "page"])
def test_who_chose_the_other_person_has_not_verified_the_writer(
    attacked, letters, ada, eve, is_page
):
    request = asked(attacked, letters, eve, ACCESS.format(phone=ada.phones[0]))
    ada_key, *_ = quiet_people(attacked.platform)
    assert attacked.run(fulfilment) is None
    verified(attacked, request)
    if is_page:
        with attacked.stores.transaction(Role.DPO, org_id=request.org_id) as transaction:
            found = transaction.queue.requests.get(request.request_id)
            resolve(found, ada_key, attacked.desk(transaction))
    else:
        choose(attacked, request, ada_key)
    assert attacked.run(fulfilment) is None
    (request,) = requests(attacked)
    assert (request.state, request.is_verified) == (RequestState.RESOLVED, False)
    assert attacked.obstacle(request.request_id) is Obstacle.IDENTITY
    assert execute(attacked.url, "select count(*) from lacuna.bundle") == [(0,)]


@pytest.mark.thorough
def test_whose_address_it_is_stays_verified_when_they_are_chosen(attacked, letters, ada, eve):
    request = asked(attacked, letters, eve, ACCESS.format(phone=ada.phones[0]))
    assert attacked.run(fulfilment) is None
    verified(attacked, request)
    choose(attacked, request, quiet_people(attacked.platform)[1])
    (request,) = requests(attacked)
    assert request.is_verified
