"""Somebody puts a forged approval in the place of the given one while a plan is being carried out.

The database's own rules are passed by, as if another guard had failed: what remains is that each
transaction that changes something asks the ledger anew.
"""

from __future__ import annotations

import pytest

from lacuna.apply import PortionWorkshop
from lacuna.flows.fulfilment import bundles, completion
from lacuna.model.request import RequestKind, RequestState
from tests.flows.observation import connect, files_of, quiet_people, rows_of
from tests.flows.test_portions import SIZES, Desk

FORGED = (
    "set session_replication_role = replica",
    "delete from lacuna.approval",
    "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
    "select request_id, plan_digest, 'dpo:0badcafe', now() from lacuna.request "
    "where plan_digest is not null",
)
ENDED = "select count(*) from lacuna.portion where transaction is not null"


def forge(url: str) -> None:
    with connect(url) as connection:
        for statement in FORGED:
            connection.execute(statement)


@pytest.fixture
def before_asking(monkeypatch):
    """Do something in the moment before the ledger is asked in a module for an approval."""

    def arrange(module, act) -> None:
        asked = module.require_approved

        def late(plans, queue) -> None:
            act()
            asked(plans, queue)

        monkeypatch.setattr(module, "require_approved", late)

    return arrange


@pytest.mark.thorough
def test_between_two_portions_it_changes_no_further_row(database, lacuna_home, monkeypatch):
    desk = Desk(database("lacuna"), lacuna_home / "desk")
    apply, seen = PortionWorkshop.apply, []

    def applied(workshop, *given):
        seen.append(rows_of(desk.url, "desk"))
        if len(seen) == 2:
            forge(desk.url)
        return apply(workshop, *given)

    monkeypatch.setattr(PortionWorkshop, "apply", applied)
    for _ in range(2):
        desk.go("claim", "resolve_and_plan", "apply", **SIZES)
        assert desk.query(ENDED) == [(1,)]
        # The first portion is there for good; whatever came after it is as it was.
        assert rows_of(desk.url, "desk") == seen[1] != seen[0]
    assert desk.state(desk.request_id) is RequestState.APPLIED


@pytest.mark.thorough
def test_before_the_objects_it_deletes_and_rewrites_none(attacked, before_asking):
    contact = quiet_people(attacked.platform)[0]
    request_id = attacked.submit_contact(contact)
    assert attacked.run() is None
    attacked.approve(request_id)
    before = files_of(attacked.stores.home, "media", "mail")
    before_asking(completion, lambda: forge(attacked.url))
    for _ in range(2):
        assert attacked.run() is not None
        assert attacked.request(request_id).state is RequestState.APPLIED
        assert files_of(attacked.stores.home, "media", "mail") == before


def test_before_a_bundle_it_writes_none(attacked, before_asking):
    contact = quiet_people(attacked.platform)[0]
    request_id = attacked.submit_contact(contact, kinds=(RequestKind.ACCESS,))
    before_asking(bundles, lambda: forge(attacked.url))
    assert attacked.run() is not None
    assert attacked.request(request_id).state is not RequestState.COMPLETED
    assert files_of(attacked.stores.home, "bundles") == {}
