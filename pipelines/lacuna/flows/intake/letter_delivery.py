"""Delivers the letters that wait: each in its language, tried again, given up at last."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from lacuna.datamap import load, load_tenants
from lacuna.errors import DependencyUnreachable, EvidenceBroken, RequestError, UnknownRequest
from lacuna.flows.run.steps import Steps
from lacuna.intake import with_purposes, write_letter
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.letter import Letter, LetterKind, LetterSender, OutgoingMail
from lacuna.model.run import Role, RunOptions
from lacuna.model.tenant import Tenants
from lacuna.ports import Desk, Stores, Transaction
from lacuna.translations import nearest_language

_MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(days=1)


def deliver_letters(stores: Stores, options: RunOptions, batch_id: str, steps: Steps) -> int:
    """Deliver what waits; return how many letters went out.

    Each has a transaction of its own: a crash repeats one letter at most, with the same id.
    """
    with stores.transaction(Role.PLANNER) as transaction:
        waiting = len(transaction.mails.due_letters(stores.clock.now(), options.limit))
    if not waiting:
        return 0
    senders = _Senders(load_tenants(stores.tenants_path), load(stores.datamap_path))
    counts = Counter({"delivered": 0, "put_off": 0, "abandoned": 0})
    for _ in range(waiting):
        with stores.transaction(Role.PLANNER) as transaction:
            due = transaction.mails.due_letters(stores.clock.now(), 1)
            if not due:
                break
            counts[_deliver(due[0], stores, senders, transaction, batch_id)] += 1
    error = None
    if counts["abandoned"]:
        error = RequestError(
            f"{counts['abandoned']} letters could not be delivered, after {_MOST_ATTEMPTS} "
            "attempts or for good; reach these requesters by other means"
        )
    steps.add("letters", counts=counts, error=error)
    return counts["delivered"]


@dataclass(frozen=True)
class _Senders:
    """Who writes letters, and in which words they say why data is kept."""

    tenants: Tenants
    datamap: DataMap


def _deliver(
    letter: Letter, stores: Stores, senders: _Senders, transaction: Transaction, batch_id: str
) -> str:
    now = stores.clock.now()
    desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, "flow:intake", batch_id)
    links = transaction.queue.deliveries
    if letter.kind is LetterKind.DELIVERY and not links.is_valid(
        str(letter.request_id), letter.created_at, now
    ):
        # Its link leads nowhere: it expired, was locked, revoked or replaced, or the bundle was
        # handed over.
        transaction.mails.end_letter(letter, now, is_delivered=False)
        return "replaced"
    try:
        stores.outbox.deliver(_written(letter, stores, senders, transaction))
    except DependencyUnreachable:
        if letter.attempts + 1 < _MOST_ATTEMPTS:
            wait = min(_FIRST_WAIT * 2**letter.attempts, _LONGEST_WAIT)
            transaction.mails.put_off_letter(letter, now + wait)
            return "put_off"
        transaction.mails.end_letter(letter, now, is_delivered=False)
        return "abandoned"
    except (EvidenceBroken, RequestError):
        # Refused for good, or its key was destroyed: nobody can be written to any more.
        transaction.mails.end_letter(letter, now, is_delivered=False)
        return "abandoned"
    transaction.mails.end_letter(letter, now, is_delivered=True)
    place = f"lacuna.letter/{letter.kind}"
    desk.record(Action.LETTER_DELIVERED, place, request_id=letter.request_id)
    return "delivered"


def _written(
    letter: Letter, stores: Stores, senders: _Senders, transaction: Transaction
) -> OutgoingMail:
    tenant = senders.tenants.by_org.get(letter.org_id or "")
    if tenant is None:
        raise UnknownRequest("letter: its tenant is no longer in the file of tenants")
    envelope = json.loads(stores.keys.decrypt(letter.owner_id, letter.envelope))
    # A stranger's mail is named by its own id, so that no letter says whether there is a request.
    reference = letter.mail_id or transaction.queue.requests.get(str(letter.request_id)).number
    is_late = letter.facts.get("due", "9") < stores.clock.now().date().isoformat()
    facts = {
        **letter.facts,
        "late": "yes" if is_late else "",
        "reference": reference,
        "code": envelope["code"],
        "link": envelope.get("link", ""),
        "note": envelope.get("note", ""),
    }
    translations = senders.datamap.translations
    translated = translations.get(nearest_language(letter.language, translations), {})
    contacts = senders.datamap.tenant(tenant.org_id)
    written = write_letter(
        letter.kind,
        letter.language,
        with_purposes(facts, translated),
        LetterSender.of(tenant, contacts),
    )
    sender = tenant.addresses[0]
    return OutgoingMail(
        message_id=f"{letter.letter_id}@{sender.rpartition('@')[2]}",
        sender=sender,
        sender_name=tenant.name,
        recipient=envelope["address"],
        subject=written.subject,
        text=written.plain,
        html=written.html,
        in_reply_to=envelope["in_reply_to"],
    )
