"""Somebody asks in another person's name, by a mail that nobody vouches for, before they do themselves."""

from __future__ import annotations

import pytest

from lacuna.flows import fulfilment, intake
from lacuna.model.identity import IdentityBasis
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.request import verify_identity, withdraw
from tests.flows.correspondence import requests
from tests.flows.observation import execute
from tests.flows.test_intake import insert

OBJECT = "I object to the processing of my data."
ERASE = "Please delete all my data."


def states(attacked) -> list[tuple[str, bool]]:
    return sorted((each.state.value, each.is_verified) for each in requests(attacked))


def verified(attacked, request) -> None:
    with attacked.stores.transaction(Role.DPO, org_id=request.org_id) as transaction:
        found = transaction.queue.requests.get(request.request_id)
        verify_identity(found, "passport", attacked.desk(transaction))


@pytest.mark.thorough
def test_the_persons_own_mail_is_served(attacked, letters, ada):
    letters.write(ada.emails[0], OBJECT)
    letters.take()
    letters.write(ada.emails[0], f"Hello,\n\n{OBJECT}", vouched=True)
    letters.take()
    assert [outcome for outcome, _ in letters.outcomes()] == ["opened", "opened"]
    assert attacked.run(fulfilment) is None
    assert states(attacked) == [("completed", True), ("identity_pending", False)]
    # The person's own mail once more is theirs, not the forged one.
    letters.write(ada.emails[0], f"Hello again,\n\n{OBJECT}")
    letters.take()
    assert len(requests(attacked)) == 2


@pytest.mark.thorough
def test_an_officer_who_saw_a_passport_and_the_portal_are_served(attacked, letters, ada):
    letters.write(ada.emails[0], ERASE)
    letters.take()
    insert(attacked, emails=[ada.emails[0]], verified_by="portal")
    assert attacked.run(intake) is None
    assert execute(attacked.url, "select status from lacuna.request_inbox") == [("queued",)]
    assert attacked.run(fulfilment) is None
    assert states(attacked) == [("identity_pending", False), ("planned", True)]


@pytest.mark.thorough
def test_what_both_ask_is_erased_once(attacked, letters, ada):
    letters.write(ada.emails[0], ERASE)
    letters.take()
    (forged,) = requests(attacked)
    letters.write(ada.emails[0], f"Hello,\n\n{ERASE}", vouched=True)
    letters.take()
    assert attacked.run(fulfilment) is None
    (own,) = (one for one in requests(attacked) if one.request_id != forged.request_id)
    attacked.approve(own.request_id)
    assert attacked.run(fulfilment) is None
    assert attacked.request(own.request_id).state is RequestState.COMPLETED
    # Whoever is verified for the other one later finds nobody: what it says leads to no row any more.
    verified(attacked, forged)
    assert attacked.run(fulfilment) is None
    assert attacked.request(forged.request_id).state is RequestState.NOTHING_FOUND


@pytest.mark.thorough
def test_a_mail_that_verifies_itself_keeps_no_stronger_proof_out(attacked, letters, ada):
    letters.write(ada.emails[0], ERASE, vouched=True)
    letters.take()
    (by_mail,) = requests(attacked)
    insert(attacked, emails=[ada.emails[0]], verified_by="passport")
    assert attacked.run(intake) is None
    (stated,) = (one for one in requests(attacked) if one.request_id != by_mail.request_id)
    assert by_mail.identity_basis is IdentityBasis.MAIL
    assert stated.identity_basis is IdentityBasis.STATED
    # For one person one of them is planned at a time; the other waits, with what was stated.
    assert attacked.run(fulfilment) is None
    assert attacked.obstacle(stated.request_id) is Obstacle.DUPLICATE
    with attacked.stores.transaction(Role.DPO, org_id=by_mail.org_id) as transaction:
        withdraw(transaction.queue.requests.get(by_mail.request_id), attacked.desk(transaction))
    assert attacked.run(fulfilment) is None
    assert attacked.request(stated.request_id).state is RequestState.PLANNED


def test_what_says_no_more_of_who_asks_is_a_repetition(attacked, letters, ada):
    insert(attacked, emails=[ada.emails[0]], verified_by="passport")
    assert attacked.run(intake) is None
    letters.write(ada.emails[0], ERASE, vouched=True)
    letters.take()
    assert letters.outcomes() == [("duplicate", [])]
    insert(attacked, emails=[ada.emails[0]], verified_by="passport again")
    assert attacked.run(intake) is None
    assert len(requests(attacked)) == 1
