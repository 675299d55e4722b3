"""Whatever a request waits for, the page and the mails say what happens next."""

from __future__ import annotations

import pytest

from lacuna.model.next_step import next_step
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState

ERASURE = (RequestKind.ERASURE,)


def step(state: RequestState, obstacle: Obstacle | None = None, **changes) -> str:
    return next_step(state, ERASURE, obstacle, **changes)


@pytest.mark.parametrize("state", RequestState)
def test_every_state_has_a_next_step(state):
    for is_certified in (True, False):
        for may_decide in (True, False):
            said = step(state, may_decide=may_decide, is_certified=is_certified)
            assert said.endswith(".")


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_says_what_to_do_and_none_outlives_the_request(obstacle):
    said = step(RequestState.PLANNED, obstacle)
    assert len({step(RequestState.PLANNED, each) for each in Obstacle}) == len(Obstacle)
    assert step(RequestState.REFUSED, obstacle) != said


def test_an_erasure_waits_for_an_approval_and_access_does_not():
    planned = RequestState.PLANNED
    assert step(planned).startswith("Read the plan, then approve or refuse it.")
    assert "An officer must approve" in step(planned, may_decide=False)
    assert "carries out the plan" in next_step(planned, (RequestKind.ACCESS,), None)


def test_a_closed_request_waits_for_its_certificate_and_then_for_nothing():
    closed = RequestState.COMPLETED
    assert "gdpr_seal" in step(closed)
    assert "below" in step(closed, is_certified=True)
