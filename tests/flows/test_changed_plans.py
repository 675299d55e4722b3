"""A plan that changed between its approval and its run: a rule approves the new one at once, or nobody."""

from __future__ import annotations

import uuid

import pytest

from lacuna.errors import VerificationFailed
from lacuna.flows import fulfilment
from lacuna.flows.fulfilment.application import apply_all
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.model.evidence import Action
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode
from tests.flows.conftest import Installation
from tests.flows.observation import execute, leaves_of, quiet_people
from tests.flows.test_converging import share
from tests.flows.test_ends import ANOTHER_MESSAGE, lines_of

STAGES = ("claim", "resolve_and_plan", "apply", "verify", "close", "conclude")


def planned(installation: Installation) -> tuple[str, str]:
    """Return a person of whom a run with `LACUNA_APPROVAL=auto` begins to plan, and the request."""
    contact = quiet_people(installation.platform)[0]
    return contact, installation.submit_contact(contact)


def night(installation: Installation, *between: tuple[str, object]) -> None:
    """Run the stages of a night; before each of some, change something: an SQL statement and its value."""
    options = installation.options(approval=ApprovalMode.AUTO)
    batch_id = str(uuid.uuid4())
    for name in STAGES:
        if name == "apply":
            for statement, value in between:
                execute(installation.url, statement, *([] if value is None else [value]))
        getattr(fulfilment, name)(installation.stores, options, batch_id)


@pytest.mark.thorough
def test_a_rule_approves_the_new_plan_in_the_same_run(installation: Installation) -> None:
    contact, request_id = planned(installation)

    night(installation, (ANOTHER_MESSAGE, contact))

    assert installation.request(request_id).state is RequestState.COMPLETED
    entries = [leaf.entry for leaf in leaves_of(installation, request_id)]
    approved = [one for one in entries if one.action is Action.APPROVED]
    assert [one.actor for one in approved] == ["rule:approval-auto"] * 2
    assert len({one.digest for one in approved}) == 2
    assert "planned_again" in [line["outcome"] for line in lines_of(installation, request_id)]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into lacuna.two_officers (org_id, since) select org_id, now() from lacuna.request"
        " limit 1",
        "update lacuna.request set identity_basis = 'mail'",
        "delete from lacuna.standing_decision",
    ],
    ids=["two officers are needed", "identity rests on a mail", "the owner took the rule back"],
)
def test_where_no_rule_applies_any_more_the_new_plan_waits(
    installation: Installation, statement: str
) -> None:
    contact, request_id = planned(installation)

    with pytest.raises(VerificationFailed):
        night(installation, (ANOTHER_MESSAGE, contact), (statement, None))

    assert installation.request(request_id).state is RequestState.PLANNED
    assert installation.obstacle(request_id) is Obstacle.PLAN_CHANGED


@pytest.mark.thorough
def test_those_whose_plans_shrank_by_what_a_lost_worker_did_are_erased_in_the_same_run(
    installation: Installation,
) -> None:
    """The second try of a task finds one of two people erased, with whom the other had a text in common."""
    one, other, third = quiet_people(installation.platform)[:3]
    share(installation, one, other, third)
    first, second = (installation.submit_contact(person) for person in (one, other))
    options = installation.options(approval=ApprovalMode.AUTO)
    batch_id = str(uuid.uuid4())
    for name in ("claim", "resolve_and_plan"):
        getattr(fulfilment, name)(installation.stores, options, batch_id)
    before = installation.request(second).plan_digest
    batch = Batch.open(installation.stores, options, batch_id, flow="fulfilment")
    apply_all(batch, [installation.request(first)], Steps(installation.stores, options, "apply"))

    for name in STAGES[2:]:
        getattr(fulfilment, name)(installation.stores, options, batch_id)

    assert installation.request(second).state is RequestState.COMPLETED
    assert installation.request(second).plan_digest != before
