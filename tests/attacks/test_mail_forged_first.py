"""Somebody asks in another person's name, by a mail that nobody vouches for, before they do themselves."""

from __future__ import annotations

from pipelines.flows import fulfilment, intake
from pipelines.model.request import RequestState
from pipelines.model.run import Role
from pipelines.request import verify_identity
from tests.flows.correspondence import requests
from tests.flows.observation import execute
from tests.flows.test_intake import insert

OBJECT = "I object to the processing of my data."
ERASE = "Please delete all my data."


def states(attacked) -> list[tuple[str, str | None]]:
    return sorted((each.state.value, each.verified_by) for each in requests(attacked))


def verified(attacked, request) -> None:
    with attacked.stores.transaction(Role.DPO, org_id=request.org_id) as transaction:
        found = transaction.queue.get(request.request_id)
        verify_identity(found, "passport", attacked.desk(transaction))


def test_the_persons_own_mail_is_served(attacked, letters, ada):
    letters.write(ada.emails[0], OBJECT)
    letters.take()
    letters.write(ada.emails[0], f"Hello,\n\n{OBJECT}", vouched=True)
    letters.take()
    assert [outcome for outcome, _ in letters.outcomes()] == ["opened", "opened"]
    assert attacked.run(fulfilment) is None
    assert states(attacked) == [("completed", "recorded"), ("identity_pending", None)]
    # The person's own mail once more is theirs, not the forged one.
    letters.write(ada.emails[0], f"Hello again,\n\n{OBJECT}")
    letters.take()
    assert len(requests(attacked)) == 2


def test_an_officer_who_saw_a_passport_and_the_portal_are_served(attacked, letters, ada):
    letters.write(ada.emails[0], ERASE)
    letters.take()
    insert(attacked, emails=[ada.emails[0]], verified_by="portal")
    assert attacked.run(intake) is None
    assert execute(attacked.url, "select status from lacuna.request_inbox") == [("queued",)]
    assert attacked.run(fulfilment) is None
    assert states(attacked) == [("identity_pending", None), ("planned", "recorded")]


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
