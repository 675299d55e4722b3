"""Closes verified requests: the statement first, then what was kept for them is forgotten."""

from collections.abc import Sequence
from datetime import timedelta

from pipelines.errors import PipelineError
from pipelines.evidence import MARKS_PURPOSE, certify, subject_marks, write_statement
from pipelines.flows.issuing import statements_folder
from pipelines.flows.notifying import queue_notices
from pipelines.flows.planning import Planner
from pipelines.flows.steps import Steps
from pipelines.flows.vendor_ids import LOCATION, keep_vendor_ids
from pipelines.model.answer import AnswerKind
from pipelines.model.evidence import Action, Phase
from pipelines.model.finding import Verification
from pipelines.model.identity import Person
from pipelines.model.plan import Plan
from pipelines.model.queue import Obstacle
from pipelines.model.request import Request, RequestState
from pipelines.model.run import Role
from pipelines.plan import restore
from pipelines.ports import Transaction
from pipelines.request import forget, identifiers_of, tell


def close_all(planner: Planner, requests: Sequence[Request], steps: Steps) -> None:
    """Certify and close every verified request, and certify those about nobody.

    Of the latter also those of other batches that a crash left uncertified.
    """
    with planner.stores.transaction(Role.PLANNER) as transaction:
        about_nobody = [
            one
            for one in transaction.queue.unforgotten()
            if one.state is RequestState.NOTHING_FOUND
        ]
        # What closing forgets is needed to see that those of the same transaction spared
        # everybody else.
        verified = [one for one in requests if one.state is RequestState.VERIFIED]
        waiting = transaction.queue.with_unseen_siblings([one.request_id for one in verified])
        verified = [one for one in verified if one.request_id not in waiting]
    for request in (*verified, *about_nobody):
        try:
            digest = _close(planner, request)
        except PipelineError as error:
            planner.fail(request, Obstacle.INTERNAL_ERROR, error, steps)
            continue
        closed = RequestState.NOTHING_FOUND
        if request.state is RequestState.VERIFIED:
            closed = RequestState.COMPLETED
        steps.add(closed, request_id=request.request_id, digest=digest)


def _close(planner: Planner, request: Request) -> str:
    """Write the statement before anything that it rests on is forgotten."""
    plan: Plan | None = None
    verification: Verification | None = None
    people: Sequence[Person] = ()
    with planner.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        leaves = list(transaction.ledger.leaves(request_id=request.request_id))
        subject = _subject(planner, request, transaction)
        if request.state is RequestState.VERIFIED:
            verification = transaction.queue.verification(request.request_id)
            plan = _plan_of(request, transaction)
            people = planner.people_of(request, transaction)
    # Before anything says that the person is forgotten: whoever comes back is recognized.
    kept = keep_vendor_ids(planner, request, people)
    statement = certify(leaves, plan=plan, verification=verification, subject=subject)
    write_statement(statement, statements_folder(planner.stores))
    with planner.stores.transaction(Role.PLANNER) as transaction:
        desk = planner.desk(transaction)
        if request.state is RequestState.VERIFIED:
            desk.queue.move(request, RequestState.COMPLETED, at=desk.now)
            queue_notices(planner, request, transaction)
        # The letter first: with the rest goes whatever says whom to write to.
        tell(request, AnswerKind.COMPLETION, {}, transaction.mails, desk)
        forget(request, desk)
        if kept:
            desk.record(
                Action.KEEP_VENDOR_IDS, LOCATION, request_id=request.request_id, counts=(kept, None)
            )
        # The seal makes the certificate of the statement that this entry names.
        desk.record(
            Action.COMPLETED,
            "lacuna.request",
            request_id=request.request_id,
            digest=statement.digest,
        )
    return statement.digest


def _subject(planner: Planner, request: Request, transaction: Transaction) -> frozenset[str]:
    """Return the marks of the person's identifiers: those given, and those found."""
    known = list(identifiers_of(request, planner.desk(transaction)))
    for person in planner.people_of(request, transaction):
        known += person.known
    return subject_marks(known, planner.stores.keys.derive(request.request_id, MARKS_PURPOSE))


def _plan_of(request: Request, transaction: Transaction) -> Plan | None:
    stored = transaction.queue.plan(request.request_id)
    return None if stored is None else restore(request, stored)


def destroy_old_keys(planner: Planner, steps: Steps) -> None:
    """Destroy the keys of requests that were closed long enough ago, and record it."""
    now = planner.stores.clock.now()
    limit = now - timedelta(days=planner.options.forget_after_days)
    with planner.stores.transaction(Role.PLANNER) as transaction:
        closed = transaction.queue.closed_before(limit)
        recorded = {
            leaf.entry.request_id
            for request in closed
            for leaf in transaction.ledger.leaves(request_id=request.request_id)
            if leaf.entry.action is Action.DESTROY_KEY and leaf.entry.phase is Phase.OUTCOME
        }
    for request in closed:
        if request.request_id in recorded:
            continue
        was_there = planner.stores.keys.destroy(request.request_id)
        with planner.stores.transaction(Role.PLANNER) as transaction:
            planner.desk(transaction).record(
                Action.DESTROY_KEY,
                "keys",
                request_id=request.request_id,
                counts=(int(was_there), int(not was_there)),
            )
        steps.add("key_destroyed", request_id=request.request_id)


def forget_old_mails(planner: Planner, steps: Steps) -> None:
    """Delete what is kept of mails that opened no request, long enough after they were settled."""
    stores = planner.stores
    limit = stores.clock.now() - timedelta(days=planner.options.forget_after_days)
    with stores.transaction(Role.PLANNER) as transaction:
        forgotten = transaction.mails.forget_settled(limit)
        if forgotten:
            planner.desk(transaction).record(
                Action.MAIL_FORGOTTEN, "lacuna.mail", counts=(len(forgotten), None)
            )
    for mail_id in forgotten:
        stores.keys.destroy(mail_id)
    if forgotten:
        steps.add("mails_forgotten", counts={"mails": len(forgotten)})
