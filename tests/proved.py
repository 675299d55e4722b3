"""A data map that counts as proved, for tests that are about something else than its proof."""

from __future__ import annotations

from lacuna.datamap import load
from lacuna.model.proof import Proof
from lacuna.model.run import Role
from lacuna.stores.installation import OpenedStores


def let_pass(stores: OpenedStores) -> None:
    """Record that a search by the installation's data map found nothing that would be left."""
    proof = Proof(load(stores.datamap_path).digest, {"contact": 1}, 1, 0, ())
    with stores.transaction(Role.VERIFIER) as transaction:
        transaction.queue.plans.put_proof(proof, stores.clock.now())
