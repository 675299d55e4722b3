"""Tells recipients of an erasure (Art. 19): queued with the closing, delivered by intake.

A notice says which request, when, and by what the recipient itself knows the person: nothing else
of them. It is signed as Standard Webhooks describes, with the installation's own key, whose public
part lies with the evidence.
"""

import base64
import json
import uuid
from datetime import timedelta

from pipelines.datamap import load, load_tenants
from pipelines.errors import DependencyUnreachable, EvidenceBroken, RequestError, UnknownRequest
from pipelines.flows.planning import Planner
from pipelines.flows.signing import publish_keys, signing_key
from pipelines.flows.steps import Steps
from pipelines.model.answer import Letter
from pipelines.model.datamap import Recipient
from pipelines.model.evidence import Action
from pipelines.model.identity import Person
from pipelines.model.notice import Notice, NoticeState
from pipelines.model.request import Level, Request, RequestKind
from pipelines.model.run import Role, RunOptions
from pipelines.ports import Desk, Stores, Transaction

_MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(days=1)
_NOTICES = uuid.UUID("0d7f3c53-6a6e-4a58-9c0f-5b8f6a3f9d11")
"""Namespace of notice ids: drawn once, never to change."""


def queue_notices(planner: Planner, request: Request, transaction: Transaction) -> int:
    """Queue a notice to each recipient of an erased person's data; return how many.

    Has to happen before the working copy of the person is forgotten. The erasure of single
    conversations or messages tells nobody: what recipients know is the person.
    """
    recipients = planner.datamap.told_of(request.org_id)
    if (
        not recipients
        or RequestKind.ERASURE not in request.kinds
        or request.level is not Level.CONTACT
    ):
        return 0
    now = planner.stores.clock.now()
    person = planner.person_of(request, transaction)
    for recipient in recipients:
        content = json.dumps(_references(person, recipient)).encode()
        transaction.notices.add(
            Notice(
                notice_id=str(uuid.uuid5(_NOTICES, f"{request.request_id} {recipient.name}")),
                org_id=request.org_id,
                request_id=request.request_id,
                recipient=recipient.name,
                state=NoticeState.PENDING,
                created_at=now,
                due_at=now + timedelta(days=recipient.within_days),
                content=planner.stores.keys.encrypt(request.request_id, content),
            )
        )
    return len(recipients)


def references_of(notice: Notice, stores: Stores) -> list[str]:
    """Return by what a recipient knows the person; empty once it was told.

    Raises:
        EvidenceBroken, UnknownRequest: the request's key was destroyed.
    """
    if notice.content is None:
        return []
    clear = stores.keys.decrypt(notice.request_id, notice.content)
    found: list[str] = json.loads(clear)
    return found


def deliver_notices(stores: Stores, options: RunOptions, batch_id: str, steps: Steps) -> int:
    """Deliver the notices that wait; return how many recipients were told.

    Each has a transaction of its own: a crash repeats one notice at most, with the same id.
    """
    with stores.transaction(Role.PLANNER) as transaction:
        waiting = min(transaction.notices.count_due(stores.clock.now()), options.limit)
    if not waiting:
        return 0
    recipients = {one.name: one for one in load(stores.datamap_path).notified}
    counts = {"told": 0, "put_off": 0, "abandoned": 0}
    for _ in range(waiting):
        with stores.transaction(Role.PLANNER) as transaction:
            notice = transaction.notices.due(stores.clock.now())
            if notice is None:
                break
            outcome = _deliver(notice, recipients.get(notice.recipient), stores, transaction)
            counts[outcome] += 1
            if outcome != "put_off":
                told = outcome == "told"
                _desk(stores, transaction, batch_id).record(
                    Action.RECIPIENT_TOLD if told else Action.RECIPIENT_NOT_TOLD,
                    f"recipient/{notice.recipient}",
                    request_id=notice.request_id,
                )
    error = None
    if counts["abandoned"]:
        error = RequestError(
            f"{counts['abandoned']} notices of an erasure (Art. 19) were given up; tell these "
            "recipients by other means: lacuna notice list --overdue"
        )
    steps.add("notices", counts=counts, error=error)
    return counts["told"]


def _deliver(
    notice: Notice, recipient: Recipient | None, stores: Stores, transaction: Transaction
) -> str:
    now = stores.clock.now()
    try:
        receipt = _tell(notice, recipient, stores)
    except DependencyUnreachable:
        if notice.attempts + 1 < _MOST_ATTEMPTS:
            wait = min(_FIRST_WAIT * 2**notice.attempts, _LONGEST_WAIT)
            transaction.notices.put_off(notice, now + wait)
            return "put_off"
        transaction.notices.abandon(notice, now)
        return "abandoned"
    except (EvidenceBroken, RequestError):
        # Nobody is named by what the recipient knows, or it is not in the map any more, or its
        # mail server refuses it for good.
        transaction.notices.abandon(notice, now)
        return "abandoned"
    transaction.notices.told(notice, receipt, now)
    return "told"


def _tell(notice: Notice, recipient: Recipient | None, stores: Stores) -> str:
    """Tell a recipient; return the receipt."""
    references = references_of(notice, stores)
    if recipient is None or not references:
        raise UnknownRequest(f"{notice.notice_id}: there is nobody to tell, or nothing to tell")
    if recipient.webhook is not None:
        return _post(notice, recipient, references, stores)
    tenant = load_tenants(stores.tenants_path).by_org.get(notice.org_id)
    if tenant is None:
        raise UnknownRequest("notice: its tenant is not in the file of tenants")
    sender = tenant.addresses[0]
    stores.outbox.deliver(
        Letter(
            message_id=f"{notice.notice_id}@{sender.rpartition('@')[2]}",
            sender=sender,
            sender_name=tenant.name,
            recipient=recipient.email or "",
            subject=f"Erasure of personal data (Art. 19 GDPR), {notice.notice_id}",
            text=_LETTER.format(
                title=recipient.title,
                tenant=tenant.name,
                kind=str(recipient.reference).replace("_", " "),
                references="\n".join(f"    {one}" for one in references),
                erased=notice.created_at.date().isoformat(),
                notice_id=notice.notice_id,
            ),
        )
    )
    return "mail"


def _post(notice: Notice, recipient: Recipient, references: list[str], stores: Stores) -> str:
    body = json.dumps(
        {
            "type": "erasure",
            "notice_id": notice.notice_id,
            "request_id": notice.request_id,
            "tenant": notice.org_id,
            "erased_at": notice.created_at.isoformat(),
            "person": {"kind": str(recipient.reference), "references": references},
        },
        sort_keys=True,
    ).encode()
    stamp = str(int(stores.clock.now().timestamp()))
    key = signing_key(stores)
    publish_keys(stores, key)
    signed = key.sign(b".".join((notice.notice_id.encode(), stamp.encode(), body)))
    headers = {
        "content-type": "application/json",
        "webhook-id": notice.notice_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,{base64.b64encode(signed).decode()}",
    }
    return stores.webhooks.post(recipient.webhook or "", headers, body)


def _references(person: Person, recipient: Recipient) -> list[str]:
    """Return what a recipient is told of a person: no value that somebody else holds too."""
    return sorted(
        {
            one.value
            for one in person.known
            if one.kind is recipient.reference and one not in person.shared
        }
    )


def _desk(stores: Stores, transaction: Transaction, batch_id: str) -> Desk:
    return Desk(
        transaction.queue,
        transaction.ledger,
        stores.keys,
        stores.clock.now(),
        "flow:intake",
        batch_id=batch_id,
    )


_LETTER = """\
To {title},

on {erased} we erased the personal data of a person on their request. We had disclosed data of this
person to you, so we tell you, as Article 19 of Regulation (EU) 2016/679 has us do. You know the
person by this {kind}:

{references}

Please erase your links to, and your copies of, this data, as far as you are not obliged to keep
them, and answer this letter when that is done.

Notice {notice_id}

{tenant}
"""
