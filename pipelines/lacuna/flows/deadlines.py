"""The deadlines flow: once a day it says what is due soon, and is red while anything is overdue."""

from lacuna.errors import DeadlinePassed
from lacuna.flows.run.alerts import telling
from lacuna.flows.run.steps import Steps
from lacuna.model.mail import MailOutcome
from lacuna.model.request import SOON, is_past
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Stores


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Check every deadline against its unshifted day; return how many end within a week.

    Requests whose clock is paused are left out; mails that wait for a person have the deadline
    of the request that they may hold.

    Raises:
        DeadlinePassed: something is overdue. Says how many of what, and where they are listed.
    """
    with telling(stores, options, batch_id, "deadlines"):
        return _check(stores, options, batch_id)


def _check(stores: Stores, options: RunOptions, batch_id: str) -> int:
    steps = Steps(stores, options, "deadlines")
    now = stores.clock.now()
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(batch_id, "deadlines", options.run_id, now)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        late = transaction.queue.requests.overdue(now)
        soon_due = transaction.queue.requests.due_soon(now)
        mails = transaction.mails.mails(MailOutcome.WAITING)
        untold = transaction.notices.overdue(now)
    for outcome, found in (("overdue", late), ("due_soon", soon_due)):
        for request in found:
            steps.add(outcome, request_id=request.request_id)
    late_mails = [one for one in mails if is_past(one.due_at, now)]
    due_mails = [one for one in mails if is_past(one.due_at, now + SOON)]
    soon = len(soon_due) + len(due_mails) - len(late_mails)
    error = None
    if late or late_mails or untold:
        error = DeadlinePassed(
            f"overdue (Art. 12(3)): requests {len(late)}, mails {len(late_mails)}; recipients not "
            f"informed of an erasure (Art. 19): {len(untold)}; see lacuna request, mail and notice list "
            "--overdue"
        )
    counts = {
        "overdue": len(late),
        "overdue_mails": len(late_mails),
        "untold": len(untold),
        "due_soon": soon,
    }
    steps.add("done" if error is None else "overdue", counts=counts, error=error)
    if error is not None:
        raise error
    return soon
