"""Delivers the answers that wait: each in its language, tried again, given up at last."""

import json
from datetime import timedelta

from lacuna.datamap import load_tenants
from lacuna.errors import DependencyUnreachable, EvidenceBroken, RequestError, UnknownRequest
from lacuna.flows.run.steps import Steps
from lacuna.intake import write_letter
from lacuna.model.answer import Answer, Letter
from lacuna.model.evidence import Action
from lacuna.model.run import Role, RunOptions
from lacuna.model.tenant import Tenants
from lacuna.ports import Desk, Stores, Transaction

_MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(days=1)


def deliver_answers(stores: Stores, options: RunOptions, batch_id: str, steps: Steps) -> int:
    """Deliver what waits; return how many answers went out.

    Each has a transaction of its own: a crash repeats one letter at most, with the same id.
    """
    tenants = load_tenants(stores.tenants_path)
    with stores.transaction(Role.PLANNER) as transaction:
        waiting = len(transaction.mails.due_answers(stores.clock.now(), options.limit))
    counts = {"delivered": 0, "put_off": 0, "abandoned": 0}
    for _ in range(waiting):
        with stores.transaction(Role.PLANNER) as transaction:
            due = transaction.mails.due_answers(stores.clock.now(), 1)
            if not due:
                break
            counts[_deliver(due[0], stores, tenants, transaction, batch_id)] += 1
    if waiting:
        error = None
        if counts["abandoned"]:
            error = RequestError(
                f"{counts['abandoned']} answers could not be delivered, after {_MOST_ATTEMPTS} "
                "attempts or for good; reach these requesters by other means"
            )
        steps.add("answers", counts=counts, error=error)
    return counts["delivered"]


def _deliver(
    answer: Answer, stores: Stores, tenants: Tenants, transaction: Transaction, batch_id: str
) -> str:
    now = stores.clock.now()
    desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, "flow:intake", batch_id)
    try:
        stores.outbox.deliver(_letter(answer, stores, tenants, transaction))
    except DependencyUnreachable:
        if answer.attempts + 1 < _MOST_ATTEMPTS:
            wait = min(_FIRST_WAIT * 2**answer.attempts, _LONGEST_WAIT)
            transaction.mails.put_off_answer(answer, now + wait)
            return "put_off"
        transaction.mails.end_answer(answer, now, is_delivered=False)
        return "abandoned"
    except (EvidenceBroken, RequestError):
        # Refused for good, or its key was destroyed: nobody can be written to any more.
        transaction.mails.end_answer(answer, now, is_delivered=False)
        return "abandoned"
    transaction.mails.end_answer(answer, now, is_delivered=True)
    desk.record(Action.ANSWERED, "lacuna.answer", request_id=answer.request_id)
    return "delivered"


def _letter(answer: Answer, stores: Stores, tenants: Tenants, transaction: Transaction) -> Letter:
    tenant = tenants.by_org.get(answer.org_id or "")
    if tenant is None:
        raise UnknownRequest("answer: its tenant is no longer in the file of tenants")
    envelope = json.loads(stores.keys.decrypt(answer.owner_id, answer.envelope))
    reference = answer.mail_id or answer.owner_id
    facts = {**answer.facts, "reference": reference, "code": envelope["code"]}
    subject, text = write_letter(answer.kind, answer.language, facts, tenant.name)
    sender = tenant.addresses[0]
    return Letter(
        message_id=f"{answer.answer_id}@{sender.rpartition('@')[2]}",
        sender=sender,
        sender_name=tenant.name,
        recipient=envelope["address"],
        subject=subject,
        text=text,
        in_reply_to=envelope["in_reply_to"],
    )
