"""The deadlines flow: once a day it says what is due soon, and is red while anything is overdue."""

from datetime import timedelta

from lacuna.errors import DeadlinePassed
from lacuna.flows.run.alerts import telling
from lacuna.flows.run.steps import Steps
from lacuna.model.mail import MailOutcome
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Stores

_SOON = timedelta(days=7)


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
        requests = transaction.queue.requests.overdue(now + _SOON)
        mails = transaction.mails.mails(MailOutcome.WAITING)
        untold = transaction.notices.overdue(now)
    late = [one for one in requests if (one.alarm_at or one.due_at) < now]
    for request in requests:
        steps.add("overdue" if request in late else "due_soon", request_id=request.request_id)
    late_mails = [one for one in mails if one.due_at < now]
    soon = len(requests) - len(late) + sum(now <= one.due_at < now + _SOON for one in mails)
    error = None
    if late or late_mails or untold:
        error = DeadlinePassed(
            f"{len(late)} requests and {len(late_mails)} mails are overdue (Art. 12(3)), and "
            f"{len(untold)} recipients were not informed of an erasure (Art. 19); see lacuna "
            "request, mail and notice list --overdue"
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
