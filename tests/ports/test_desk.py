"""What a desk writes into the ledger: an intent before, an outcome after, with counts alone."""

import uuid

import pytest

from lacuna.model.evidence import Action, Entry, Phase
from lacuna.model.run import Role
from lacuna.ports import Desk
from lacuna.stores.keys import FileKeys
from tests.shop import NOW, Shop, shop, shop_datamap, still_shop

__all__ = ["shop", "shop_datamap", "still_shop"]

BATCH = str(uuid.uuid4())


@pytest.fixture
def entries(shop: Shop, tmp_path):
    """Return a function that acts at a desk and reads what its transaction left in the ledger."""

    def act(*acts) -> list[Entry]:
        with shop.open(Role.DPO, org_id="nord") as transaction:
            keys = FileKeys(tmp_path / "keys")
            desk = Desk(transaction.queue, transaction.ledger, keys, NOW, "dpo:0000test", BATCH)
            for each in acts:
                each(desk)
        with shop.open(Role.PLANNER) as transaction:
            return [leaf.entry for leaf in transaction.ledger.leaves()]

    return act


def test_an_intent_and_its_outcome_tell_who_when_for_whom_and_how_many(entries):
    request_id = str(uuid.uuid4())
    intent, outcome = entries(
        lambda desk: desk.intend(
            Action.HELD, "public.contact", request_id=request_id, rows=3, digest="ab" * 32
        ),
        lambda desk: desk.record(
            Action.HELD, "public.contact", request_id=request_id, counts=(2, 1)
        ),
    )
    assert (intent.phase, intent.rows, intent.already, intent.digest) == (
        Phase.INTENT,
        3,
        None,
        "ab" * 32,
    )
    assert (outcome.phase, outcome.rows, outcome.already, outcome.digest) == (
        Phase.OUTCOME,
        2,
        1,
        None,
    )
    for entry in (intent, outcome):
        assert (entry.at, entry.actor, entry.batch_id) == (NOW, "dpo:0000test", BATCH)
        assert (entry.action, entry.location) == (Action.HELD, "public.contact")
        assert entry.request_id == request_id


def test_what_a_desk_recorded_goes_with_its_transaction(entries):
    def fail(_desk: Desk) -> None:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        entries(lambda desk: desk.record(Action.HELD, "public.contact"), fail)
    assert entries() == []


def test_entries_of_a_block_within_a_block_are_added_at_the_end_of_the_outer_one(entries):
    def act(desk: Desk) -> None:
        with desk.together() as outer:
            outer.record(Action.HELD, "public.first")
            with outer.together() as inner:
                inner.record(Action.HELD, "public.second")
            desk.record(Action.HELD, "public.meanwhile")
            outer.record(Action.HELD, "public.third")

    places = [entry.location for entry in entries(act)]
    assert places == ["public.meanwhile", "public.first", "public.second", "public.third"]
