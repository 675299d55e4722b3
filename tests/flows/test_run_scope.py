"""A run that somebody limits: to one request, to one tenant, or to changing nothing."""

from __future__ import annotations

import pytest

from lacuna.errors import RequestError
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import Role, RunScope
from lacuna.request import withdraw
from tests.flows.observation import leaves_of


@pytest.fixture
def two_tenants(installation):
    """A request of each of two tenants about nobody, and a third of the first's."""
    asked = (("fjordlys", "anna"), ("hafenkontor", "bo"), ("fjordlys", "carl"))
    return [
        installation.submit((IdentifierKind.EMAIL, f"{name}.nobody@example.org"), org_id=org)
        for org, name in asked
    ]


def states(installation, ids):
    return [installation.request(one).state for one in ids]


@pytest.mark.thorough
def test_a_run_of_one_tenant_leaves_the_others(installation, two_tenants):
    assert installation.run(scope=RunScope(org_id="hafenkontor")) is None
    done, waits = RequestState.NOTHING_FOUND, RequestState.RECEIVED
    assert states(installation, two_tenants) == [waits, done, waits]


@pytest.mark.thorough
@pytest.mark.parametrize("named", [lambda one: one.number.lower(), lambda one: one.request_id])
def test_a_run_of_one_request_leaves_the_others(installation, two_tenants, named):
    scope = RunScope(request=named(installation.request(two_tenants[2])))
    assert installation.run(scope=scope) is None
    done, waits = RequestState.NOTHING_FOUND, RequestState.RECEIVED
    assert states(installation, two_tenants) == [waits, waits, done]


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (RunScope(org_id="nowhere"), "has no such open request"),
        (RunScope(org_id="anna.berg@example.org"), "has no such open request"),
        (RunScope(request="FJ-9999"), "no such request"),
        (RunScope(request="anna.berg@example.org"), "neither a number"),
        (RunScope(request="FJ-0001", org_id="hafenkontor"), "has no such open request"),
    ],
)
def test_a_limit_that_leaves_nothing_is_refused_before_anything_is_taken(
    installation, two_tenants, scope, said
):
    before = leaves_of(installation)
    error = installation.run(scope=scope)
    assert isinstance(error, RequestError)
    assert said in str(error)
    assert "anna" not in str(error)
    assert states(installation, two_tenants) == [RequestState.RECEIVED] * 3
    assert leaves_of(installation) == before


def test_a_closed_request_is_no_limit(installation, two_tenants):
    with installation.stores.transaction(Role.DPO, org_id="fjordlys") as transaction:
        request = transaction.queue.requests.get(two_tenants[0])
        withdraw(request, installation.desk(transaction))
    error = installation.run(scope=RunScope(request=request.number))
    assert f"{request.number}, to which the run is limited, is withdrawn" in str(error)


@pytest.mark.thorough
def test_the_days_canary_is_left_to_the_run_of_everything(installation, two_tenants):
    scope = RunScope(org_id="fjordlys")
    assert installation.run(scope=scope, canary_org="kanarie") is None
    with installation.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        assert transaction.queue.requests.open_of("kanarie") == []
