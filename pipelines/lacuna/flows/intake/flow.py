"""The intake flow: mails and rows of other systems become queued requests, and are answered."""

import uuid
from datetime import timedelta
from typing import Final

from lacuna.errors import DependencyUnreachable, PipelineError
from lacuna.flows.fulfilment import deliver_notices
from lacuna.flows.intake.letter_delivery import deliver_letters
from lacuna.flows.intake.mails import open_intake
from lacuna.flows.intake.submission_check import submission_check_of
from lacuna.flows.run.alerts import telling
from lacuna.flows.run.steps import Steps
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Desk, Stores
from lacuna.request import take_inbox

_UNCONFIRMED_FOR: Final = timedelta(days=1)


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Take in the inbox's rows and the mailbox, then deliver letters; return requests queued.

    Raises:
        PipelineError: a part failed; the others went on.
    """
    return take_in(stores, options, batch_id)


def take_in(stores: Stores, options: RunOptions, batch_id: str, mailbox: str | None = None) -> int:
    """Do as `run` does, with another mailbox than that of the settings if one is given."""
    with telling(stores, options, batch_id, "intake"):
        return _take_in(stores, options, batch_id, mailbox)


def _take_in(stores: Stores, options: RunOptions, batch_id: str, mailbox: str | None = None) -> int:
    steps = Steps(stores, options, "intake")
    with stores.exclusive("intake"):
        queued = _take_inbox(stores, options, batch_id, steps)
        failure: PipelineError | None = None
        try:
            # Opened first: where mailbox, map or tenants cannot be read, no mail is touched.
            intake = open_intake(stores, options, batch_id)
            with stores.mailbox(mailbox) as opened:
                queued += intake.take_all(opened, steps)
        except PipelineError as error:
            steps.add(type(error).__name__, error=error)
            failure = error
        deliver_letters(stores, options, batch_id, steps)
        deliver_notices(stores, options, batch_id, steps)
    if failure is not None:
        raise failure
    if steps.failures:
        raise DependencyUnreachable(steps.messages[0])
    return queued


def _take_inbox(stores: Stores, options: RunOptions, batch_id: str, steps: Steps) -> int:
    now = stores.clock.now()
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(batch_id, "intake", options.run_id, now)
        desk = Desk(
            transaction.queue,
            transaction.ledger,
            stores.keys,
            now,
            "flow:intake",
            batch_id=batch_id,
        )
        taken = take_inbox(
            desk,
            lambda: str(uuid.uuid4()),
            options.limit,
            submission_check_of(stores),
        )
        forgotten = transaction.inbox.forget_unconfirmed(now - _UNCONFIRMED_FOR)
    for upload_id in forgotten:
        stores.keys.destroy(upload_id)
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
