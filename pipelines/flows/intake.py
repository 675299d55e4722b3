"""The intake flow: rows that other systems inserted become queued requests."""

import uuid

from pipelines.flows.steps import Steps
from pipelines.model.run import Role, RunOptions
from pipelines.ports import Desk, Stores
from pipelines.request import take_inbox


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Queue every new row of the inbox, and answer in it; return how many were queued."""
    steps = Steps(stores, options, "intake")
    now = stores.clock.now()
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.open_batch(batch_id, "intake", options.run_id, now)
        desk = Desk(
            transaction.queue,
            transaction.ledger,
            stores.keys,
            now,
            "flow:intake",
            batch_id=batch_id,
        )
        taken = take_inbox(desk, lambda: str(uuid.uuid4()), options.limit)
    for request_id in taken.queued:
        steps.add("received", request_id=request_id)
    steps.add(
        "done",
        counts={
            "queued": len(taken.queued),
            "duplicates": taken.duplicates,
            "rejected": taken.rejected,
        },
    )
    return len(taken.queued)
