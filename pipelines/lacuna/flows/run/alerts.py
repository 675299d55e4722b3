"""Tells the officers by mail what waits for them or went wrong: ids and counts, each thing once."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from lacuna.datamap import load_tenants
from lacuna.errors import DependencyUnreachable, PipelineError, RequestError
from lacuna.flows.run.opening import read_datamap
from lacuna.flows.run.steps import Steps
from lacuna.model.alert import Alert, AlertKind
from lacuna.model.letter import OutgoingMail
from lacuna.model.mail import MailOutcome
from lacuna.model.queue import FAILURES
from lacuna.model.request import Request, RequestState
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Stores, Transaction
from lacuna.translations import Wording

_LETTERS: Final = uuid.UUID("8d0f6f0a-2b52-4b6c-9c39-6a2f0f7f3d11")
_TEXTS: Final = Wording("alerts", "en")
# It runs every quarter of an hour: what it fails at is told once a day.
_FREQUENT: Final = frozenset({"intake"})


@contextmanager
def telling(stores: Stores, options: RunOptions, batch_id: str, flow: str) -> Iterator[None]:
    """Tell the officers what is new when the flow in the block ends, red or not.

    Connections to the database are kept until then. A flow that ends green is red after all where
    an officer could not be told.
    """
    with stores.keeping_connections():
        try:
            yield
        except BaseException:
            # What went wrong is worth more than why nobody could be told of it.
            with suppress(PipelineError):
                notify(stores, options, batch_id, red=flow)
            raise
        if (untold := notify(stores, options, batch_id)) is not None:
            raise untold


def notify(
    stores: Stores, options: RunOptions, batch_id: str, *, red: str | None = None
) -> DependencyUnreachable | RequestError | None:
    """Tell each tenant's officer what is new; return why somebody could not be told, or None.

    What could not be told now is told by the next run.

    Args:
        red: name of the flow, if its run ends red.
    """
    steps = Steps(stores, options, "notify")
    datamap = read_datamap(stores)
    tenants = load_tenants(stores.tenants_path)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = list(_waiting(transaction, stores, batch_id))
    known = sorted({*tenants.by_org, *(one.org_id for one in found)})
    if red is not None:
        day = stores.clock.now().date().isoformat()
        occasion = day if red in _FREQUENT else str(uuid.uuid5(_LETTERS, options.run_id))
        reference = f"{red}:{occasion}"
        found += [Alert(org_id, AlertKind.RED_RUN, reference, red) for org_id in known]
    failure: DependencyUnreachable | RequestError | None = None
    told = 0
    for org_id in known:
        recipient = datamap.tenant(org_id).dpo
        tenant = tenants.by_org.get(org_id)
        try:
            with stores.transaction(Role.PLANNER) as transaction:
                now = stores.clock.now()
                own = [one for one in found if one.org_id == org_id]
                fresh = transaction.alerts.untold(own, now)
                if not fresh:
                    continue
                sender = recipient if tenant is None else tenant.addresses[0]
                stores.notifier.deliver(
                    _letter(fresh, sender, recipient, page_url=options.page_url)
                )
                told += len(fresh)
        except (DependencyUnreachable, RequestError) as error:
            # Rolled back: the next run finds it untold.
            failure = error
    if told or failure is not None:
        steps.add("done" if failure is None else "untold", counts={"told": told}, error=failure)
    return failure


def _waiting(transaction: Transaction, stores: Stores, batch_id: str) -> Iterator[Alert]:
    queue = transaction.queue
    for mail in transaction.mails.mails(MailOutcome.WAITING):
        if mail.org_id is not None:
            subject, due = _TEXTS.said("mail", mail_id=mail.mail_id), mail.due_at.date()
            path = f"mails/{mail.mail_id}"
            yield Alert(mail.org_id, AlertKind.AMBIGUOUS, mail.mail_id, subject, due=due, path=path)
    for request in queue.requests.in_states((RequestState.PLANNED, RequestState.AMBIGUOUS)):
        if request.state is RequestState.AMBIGUOUS:
            yield _alert(request, AlertKind.AMBIGUOUS)
        else:
            yield _alert(request, AlertKind.APPROVAL, about=request.plan_digest or "")
    for request in queue.requests.overdue(stores.clock.now()):
        yield _alert(request, AlertKind.OVERDUE, about=request.due_at.date().isoformat())
    for link in queue.deliveries.locked():
        # Once for each link: a new one may be locked too.
        request = queue.requests.get(link.request_id)
        yield _alert(request, AlertKind.LINK_LOCKED, about=link.made_at.isoformat())
    for request in queue.requests.of_batch(batch_id):
        obstacle = queue.requests.obstacle(request.request_id)
        if obstacle in FAILURES:
            yield _alert(
                request, AlertKind.FAILED, about=f"{obstacle}:{batch_id}", detail=f"{obstacle}"
            )


def _alert(request: Request, kind: AlertKind, *, about: str = "", detail: str = "") -> Alert:
    reference = f"{request.request_id}:{about}" if about else request.request_id
    due = request.due_at.date()
    path = f"requests/{request.request_id}"
    return Alert(request.org_id, kind, reference, request.number, detail, due, path)


def _letter(alerts: Sequence[Alert], sender: str, recipient: str, *, page_url: str) -> OutgoingMail:
    by_kind = {
        AlertKind(kind): [one for one in alerts if one.kind == kind] for kind in _TEXTS.tables
    }
    by_kind = {kind: found for kind, found in by_kind.items() if found}
    counts = [_TEXTS.said(kind, "count", count=len(found)) for kind, found in by_kind.items()]
    parts = [_TEXTS.said("intro")]
    for kind, found in by_kind.items():
        heading = _TEXTS.said(kind, "list", count=len(found))
        parts.append("\n".join([heading, *(_line(one, page_url) for one in found)]))
    told = "\n".join(sorted(f"{one.kind} {one.reference}" for one in alerts))
    return OutgoingMail(
        # The same things told again, after a crash, are the same letter.
        message_id=f"{uuid.uuid5(_LETTERS, f'{alerts[0].org_id} {told}')}@"
        f"{sender.rpartition('@')[2]}",
        sender=sender,
        sender_name="Lacuna",
        recipient=recipient,
        subject=_TEXTS.said("subject", counts=", ".join(counts)),
        text="\n\n".join(parts) + "\n",
    )


def _line(alert: Alert, page_url: str) -> str:
    detail = alert.detail.replace("_", " ")
    detail = _TEXTS.said("detail", detail=detail) if detail else ""
    due = "" if alert.due is None else _TEXTS.said("due", due=alert.due.isoformat())
    link = f"\n    {page_url.rstrip('/')}/{alert.org_id}/{alert.path}" if page_url else ""
    return f"  {alert.subject}{detail}{due}{link.rstrip('/')}"
