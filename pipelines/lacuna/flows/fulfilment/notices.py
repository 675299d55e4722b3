"""Tells recipients of erasures, corrections and restrictions (Art. 19): queued here, sent by intake.

A notice says which request, what was done, when, and by what the recipient itself knows the person:
nothing else of them, but for the corrected value of a field that the recipient got. It is signed as
Standard Webhooks describes, by the workers' key, whose public part lies in `evidence/work-keys`.
"""

import base64
import json
import textwrap
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from lacuna.datamap import load, load_tenants
from lacuna.errors import DependencyUnreachable, EvidenceBroken, RequestError, UnknownRequest
from lacuna.flows.run.installation_keys import work_key
from lacuna.flows.run.steps import Steps
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.identity import Person
from lacuna.model.letter import OutgoingMail
from lacuna.model.notice import Notice, NoticeState
from lacuna.model.processing import Recipient
from lacuna.model.request import Level, Request, RequestKind
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Desk, Stores, Transaction
from lacuna.translations import Wording

_MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(days=1)
_NOTICES = uuid.UUID("0d7f3c53-6a6e-4a58-9c0f-5b8f6a3f9d11")
"""Namespace of notice ids: drawn once, never to change."""


@dataclass(frozen=True)
class Change:
    """What was done to somebody's data, and recipients of it have to be told.

    Attributes:
        person: as they were known before it.
        corrected: of a correction, column of the subject table → new value.
    """

    request: Request
    right: RequestKind
    person: Person = field(repr=False)
    corrected: Mapping[str, str] = field(repr=False, default_factory=dict)


def queue_notices(
    change: Change, datamap: DataMap, stores: Stores, transaction: Transaction
) -> int:
    """Queue a notice to each recipient who got what was changed; return how many.

    Has to happen before the working copy of the person is forgotten. The erasure of single
    conversations or messages tells nobody: what recipients know is the person.
    """
    request, now = change.request, stores.clock.now()
    if change.right is RequestKind.ERASURE and request.level is not Level.CONTACT:
        return 0
    told = [one for one in datamap.told_of(request.org_id) if _concerns(change, one)]
    for recipient in told:
        content = {
            "references": _references(change.person, recipient),
            "fields": sorted(_fields(change, recipient)),
            "corrected": {
                name: value for name, value in change.corrected.items() if name in recipient.fields
            },
        }
        name = f"{request.request_id} {recipient.name} {change.right}"
        transaction.notices.add(
            Notice(
                notice_id=str(uuid.uuid5(_NOTICES, name)),
                org_id=request.org_id,
                request_id=request.request_id,
                recipient=recipient.name,
                right=change.right,
                state=NoticeState.PENDING,
                created_at=now,
                due_at=now + timedelta(days=recipient.within_days),
                content=stores.keys.encrypt(request.request_id, json.dumps(content).encode()),
            )
        )
    return len(told)


def references_of(notice: Notice, stores: Stores) -> list[str]:
    """Return by what a recipient knows the person; empty once it was told.

    Raises:
        EvidenceBroken, UnknownRequest: the request's key was destroyed.
    """
    return _told_of(notice, stores).references


@dataclass(frozen=True)
class _Told:
    """What a notice says of the person."""

    references: list[str] = field(repr=False)
    fields: list[str]
    corrected: Mapping[str, str] = field(repr=False)


def _told_of(notice: Notice, stores: Stores) -> _Told:
    if notice.content is None:
        return _Told([], [], {})
    found = json.loads(stores.keys.decrypt(notice.request_id, notice.content))
    if isinstance(found, list):  # of an erasure, queued before corrections were told
        return _Told(found, [], {})
    return _Told(found["references"], found["fields"], found["corrected"])


def _concerns(change: Change, recipient: Recipient) -> bool:
    """Whether a recipient got what was changed: of a correction, a field that it changes."""
    return change.right is not RequestKind.RECTIFICATION or bool(_fields(change, recipient))


def _fields(change: Change, recipient: Recipient) -> set[str]:
    return {name for name in change.corrected if not recipient.fields or name in recipient.fields}


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
            f"{counts['abandoned']} notices to recipients (Art. 19) could not be delivered; "
            "inform these recipients by other means: lacuna notice list --overdue"
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
    told = _told_of(notice, stores)
    if recipient is None or not told.references:
        raise UnknownRequest(f"{notice.notice_id}: the notice has no recipient or no content")
    if recipient.webhook is not None:
        return _post(notice, recipient, told, stores)
    tenant = load_tenants(stores.tenants_path).by_org.get(notice.org_id)
    if tenant is None:
        raise UnknownRequest("notice: its tenant is not in the file of tenants")
    sender = tenant.addresses[0]
    right = notice.right
    lines = [
        f"    {name}: {told.corrected.get(name, _TEXTS.said('unknown'))}" for name in told.fields
    ]
    done = _TEXTS.said(
        "done",
        date=notice.created_at.date().isoformat(),
        done=_TEXTS.said(right, "done"),
        reference=str(recipient.reference).replace("_", " "),
    )
    stores.outbox.deliver(
        OutgoingMail(
            message_id=f"{notice.notice_id}@{sender.rpartition('@')[2]}",
            sender=sender,
            sender_name=tenant.name,
            recipient=recipient.email or "",
            subject=_TEXTS.said(
                "subject", subject=_TEXTS.said(right, "subject"), notice_id=notice.notice_id
            ),
            text=_TEXTS.said(
                "letter",
                title=recipient.title,
                tenant=tenant.name,
                references="\n".join(f"    {one}" for one in told.references),
                corrected="\n".join(["", _TEXTS.said("corrected"), "", *lines, ""])
                if lines
                else "",
                done=textwrap.fill(done, _WIDTH),
                wanted=textwrap.fill(_TEXTS.said(right, "wanted"), _WIDTH),
                notice_id=notice.notice_id,
            ),
        )
    )
    return "mail"


def _post(notice: Notice, recipient: Recipient, told: _Told, stores: Stores) -> str:
    document: dict[str, object] = {
        "type": str(notice.right),
        "notice_id": notice.notice_id,
        "request_id": notice.request_id,
        "tenant": notice.org_id,
        f"{_DONE[notice.right]}_at": notice.created_at.isoformat(),
        "person": {"kind": str(recipient.reference), "references": told.references},
    }
    if notice.right is RequestKind.RECTIFICATION:
        document["corrected"] = {name: told.corrected.get(name) for name in told.fields}
    body = json.dumps(document, sort_keys=True).encode()
    stamp = str(int(stores.clock.now().timestamp()))
    key = work_key(stores)
    signed = key.sign(b".".join((notice.notice_id.encode(), stamp.encode(), body)))
    headers = {
        "content-type": "application/json",
        "webhook-id": notice.notice_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,{base64.b64encode(signed).decode()}",
    }
    return stores.webhooks.post(recipient.webhook or "", headers, body)


def _references(person: Person, recipient: Recipient) -> list[str]:
    """Return the values by which a recipient knows a person; none that somebody else holds too."""
    return sorted(
        {
            one.value
            for one in person.identifiers
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


_WIDTH: Final = 98
_TEXTS: Final = Wording("notices", "en")
_DONE: Final[Mapping[RequestKind, str]] = MappingProxyType(
    {
        RequestKind.ERASURE: "erased",
        RequestKind.RECTIFICATION: "corrected",
        RequestKind.RESTRICTION: "restricted",
    }
)
