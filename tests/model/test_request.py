"""The life of a request: which state may follow which."""

import itertools

import pytest

from lacuna.errors import IllegalTransition
from lacuna.model.request import NEXT, RequestState, advance

# "States and ends" of the product, word by word.
EXPECTED = {
    "received": "identity_pending ambiguous resolved held refused withdrawn",
    "identity_pending": "resolved held refused withdrawn",
    "ambiguous": "resolved held refused withdrawn",
    "resolved": "planned nothing_found held refused withdrawn",
    "planned": "approved held refused withdrawn",
    "approved": "applied planned held refused withdrawn",
    "applied": "verified",
    "verified": "completed",
    "held": "resolved refused withdrawn",
    "completed": "",
    "nothing_found": "",
    "refused": "",
    "withdrawn": "",
}


@pytest.mark.parametrize(("state", "to"), list(itertools.product(RequestState, RequestState)))
def test_a_request_moves_exactly_as_the_product_says(state, to):
    if str(to) in EXPECTED[state].split():
        assert advance("r-1", state, to) is to
    else:
        with pytest.raises(IllegalTransition):
            advance("r-1", state, to)


def test_every_state_is_in_the_table():
    assert set(NEXT) == set(RequestState) == {RequestState(name) for name in EXPECTED}


def test_a_refused_move_says_what_would_be_allowed():
    with pytest.raises(IllegalTransition) as caught:
        advance("r-1042", RequestState.APPLIED, RequestState.REFUSED)
    assert str(caught.value) == "r-1042: cannot go from applied to refused; allowed: verified"


def test_a_final_state_says_that_it_is_final():
    with pytest.raises(IllegalTransition, match="allowed: none, because the state is final"):
        advance("r-1042", RequestState.COMPLETED, RequestState.APPLIED)


def test_only_the_four_ends_are_final():
    assert {state for state in RequestState if state.is_final} == {
        RequestState.COMPLETED,
        RequestState.NOTHING_FOUND,
        RequestState.REFUSED,
        RequestState.WITHDRAWN,
    }


def test_every_request_that_was_not_changed_yet_can_reach_an_end():
    def reachable(state):
        found, waiting = set(), [state]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting.extend(NEXT[here])
        return found

    for state in RequestState:
        assert any(each.is_final for each in reachable(state)), state
