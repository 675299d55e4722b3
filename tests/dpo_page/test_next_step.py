"""Whatever a request waits for, the page says what happens next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lacuna.dpo_page.next_step import next_step
from lacuna.model.queue import Obstacle
from lacuna.model.register import Filed
from lacuna.model.request import Level, Request, RequestKind, RequestState
from tests.dpo_page.conftest import NOW, ORG

REQUEST = Request(
    request_id="0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10",
    org_id=ORG,
    kinds=(RequestKind.ERASURE,),
    state=RequestState.PLANNED,
    level=Level.CONTACT,
    is_forced=False,
    received_at=NOW,
    due_at=NOW + timedelta(days=30),
    is_verified=False,
    plan_digest=None,
    attempt=1,
)


def filed(state: RequestState, obstacle: Obstacle | None = None, **changes) -> Filed:
    request = replace(REQUEST, state=state, **changes)
    return Filed(request, obstacle, None, None, None, None)


def step(one: Filed) -> str:
    return next_step(one, may_decide=True, is_certified=False)


@pytest.mark.parametrize("state", RequestState)
def test_every_state_has_a_next_step(state):
    for is_certified in (True, False):
        for may_decide in (True, False):
            said = next_step(filed(state), may_decide=may_decide, is_certified=is_certified)
            assert said.endswith(".")


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_says_what_to_do_and_none_outlives_the_request(obstacle):
    said = step(filed(RequestState.PLANNED, obstacle))
    assert len({step(filed(RequestState.PLANNED, each)) for each in Obstacle}) == len(Obstacle)
    assert step(filed(RequestState.REFUSED, obstacle)) != said


def test_an_erasure_waits_for_an_approval_and_access_does_not():
    planned = filed(RequestState.PLANNED)
    assert step(planned).startswith("Read the plan, then approve or refuse it.")
    assert "An officer must approve" in next_step(planned, may_decide=False, is_certified=False)
    access = filed(RequestState.PLANNED, kinds=(RequestKind.ACCESS,))
    assert "carries out the plan" in step(access)


def test_a_closed_request_waits_for_its_certificate_and_then_for_nothing():
    closed = filed(RequestState.COMPLETED)
    assert "gdpr_seal" in step(closed)
    assert "below" in next_step(closed, may_decide=True, is_certified=True)
