"""Deletes sealed bundles that expired, and those that the database has forgotten."""

from lacuna.bundle import expire, sealed_bundles
from lacuna.errors import (
    RequestError,
    UnknownRequest,
)
from lacuna.flows.fulfilment import clear_unsealed
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.flows.run.vendor_ids import closed_outside
from lacuna.model.evidence import Action
from lacuna.model.plan import BUNDLES
from lacuna.model.run import Mode, Role


def expire_bundles(batch: Batch, steps: Steps) -> None:
    """Delete bundles past their expiry, and record it; also what a crash left unsealed."""
    stores = batch.stores
    if cleared := clear_unsealed(batch):
        steps.add("unsealed_cleared", counts={"bundles": cleared})
    with stores.transaction(Role.PLANNER) as transaction:
        expired = transaction.queue.bundles.expired(stores.clock.now())
    for bundle in expired:
        was_there = expire(stores.home / BUNDLES / f"{bundle.request_id}.zip.age")
        with stores.transaction(Role.PLANNER) as transaction:
            desk = batch.desk(transaction)
            desk.queue.bundles.delete(bundle.request_id, desk.now)
            desk.record(
                Action.DELETE_BUNDLE,
                "bundles",
                request_id=bundle.request_id,
                counts=(int(was_there), int(not was_there)),
            )
        steps.add("bundle_expired", request_id=bundle.request_id)
    _delete_lost_bundles(batch, steps)


def _delete_lost_bundles(batch: Batch, steps: Steps) -> None:
    """Delete sealed bundles that the database has forgotten: nobody can release them any more."""
    lost, closed = 0, closed_outside(batch)
    for request_id, path in sealed_bundles(batch.stores.home / BUNDLES):
        with batch.stores.transaction(Role.PLANNER) as transaction:
            try:
                state = transaction.queue.requests.get(request_id).state
            except UnknownRequest:
                state = None
            is_open = state is not None and not state.is_final and request_id not in closed
            if is_open or transaction.queue.bundles.get(request_id) is not None:
                continue
            lost += 1
            if batch.options.mode is Mode.OBSERVE:
                continue  # the database may have been put back by mistake
            expire(path)
            if state is not None:
                desk = batch.desk(transaction)
                desk.record(
                    Action.DELETE_BUNDLE, "bundles", request_id=request_id, counts=(1, None)
                )
    if lost:
        error = RequestError(
            f"the database does not record {lost} sealed bundles, as after a restore. They cannot "
            "be released, and a sweep in mode act deletes them. Submit these requests again if "
            "the person has no copy yet; their ids are in evidence/certificates, or in "
            "evidence/superseded after the restore was acknowledged"
        )
        steps.add("bundles_lost", counts={"bundles": lost}, error=error)
