"""Tells the officers by mail what waits for them or went wrong: ids and counts, each thing once."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

from lacuna.datamap import load_tenants
from lacuna.errors import DependencyUnreachable, PipelineError, RequestError, RowsContended
from lacuna.flows.run.failure_causes import cause_of, last_failures
from lacuna.flows.run.opening import read_datamap
from lacuna.flows.run.steps import Steps
from lacuna.model.alert import Alert, AlertKind
from lacuna.model.letter import OutgoingMail
from lacuna.model.mail import MailOutcome
from lacuna.model.mail_text import Heading, Item, Items, MailBlock, MailText, Paragraph
from lacuna.model.next_step import next_step
from lacuna.model.queue import FAILURES, Obstacle
from lacuna.model.request import Request, RequestState
from lacuna.model.run import Role, RunOptions, StepLine
from lacuna.ports import Stores, Transaction
from lacuna.translations import Wording

_LETTERS: Final = uuid.UUID("8d0f6f0a-2b52-4b6c-9c39-6a2f0f7f3d11")
_TEXTS: Final = Wording("alerts", "en")
# It runs every quarter of an hour: what it fails at is told once a day.
_FREQUENT: Final = frozenset({"intake"})


TRIES: Final = 7
"""How often the DAGs try what an outage ended."""


@contextmanager
def telling(stores: Stores, options: RunOptions, batch_id: str, flow: str) -> Iterator[None]:
    """Tell the officers what is new when the flow in the block ends, red or not.

    Connections to the database are kept until then. A flow that ends green is red after all where
    an officer could not be told.
    """
    with stores.keeping_connections():
        try:
            yield
        except BaseException as error:
            # An outage is tried again. What went wrong is worth more than why nobody could be told.
            if not _is_tried_again(error, options):
                with suppress(PipelineError):
                    notify(stores, options, batch_id, red=flow)
            raise
        if (untold := notify(stores, options, batch_id)) is not None:
            raise untold


def _is_tried_again(error: BaseException, options: RunOptions) -> bool:
    is_outage = isinstance(error, (DependencyUnreachable, RowsContended))
    return is_outage and options.task is not None and options.task.number < TRIES


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
        found += _failed(transaction, batch_id, stores, options)
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
    waiting = transaction.mails.mails(MailOutcome.WAITING)
    reasons = transaction.mails.reasons() if waiting else {}
    for mail in waiting:
        if mail.org_id is not None:
            subject, due = _TEXTS.said("mail", mail_id=mail.mail_id), mail.due_at.date()
            why = " ".join(reasons.get(one, one) for one in mail.reasons)
            path = f"mails/{mail.mail_id}"
            kind = AlertKind.AMBIGUOUS
            yield Alert(mail.org_id, kind, mail.mail_id, subject, why, due=due, path=path)
    for request in queue.requests.in_states((RequestState.PLANNED, RequestState.AMBIGUOUS)):
        if request.state is RequestState.AMBIGUOUS:
            yield _alert(request, AlertKind.AMBIGUOUS, Obstacle.AMBIGUOUS)
        else:
            about = request.plan_digest or ""
            yield _alert(request, AlertKind.APPROVAL, Obstacle.NOT_APPROVED, about=about)
    for request in queue.requests.overdue(stores.clock.now()):
        about = request.due_at.date().isoformat()
        obstacle = queue.requests.obstacle(request.request_id)
        yield _alert(request, AlertKind.OVERDUE, obstacle, about=about)
    now = stores.clock.now()
    for link in queue.deliveries.ended(now):
        bundle = queue.bundles.get(link.request_id)
        if bundle is None or bundle.expires_at <= now:
            continue  # there is nothing to hand over any more
        # Once for each link: a new one may be locked too.
        request = queue.requests.get(link.request_id)
        yield _alert(request, AlertKind.LINK_LOCKED, None, about=link.made_at.isoformat())


def _failed(
    transaction: Transaction, batch_id: str, stores: Stores, options: RunOptions
) -> Iterator[Alert]:
    requests = transaction.queue.requests
    failed = [
        (request, obstacle)
        for request in requests.of_batch(batch_id)
        if (obstacle := requests.obstacle(request.request_id)) in FAILURES and obstacle
    ]
    last: Mapping[str, StepLine] = {}
    if failed:
        # An officer is told that it failed, also where the lines say no more.
        with suppress(PipelineError, OSError):
            last = last_failures(stores.run_log.read(options.run_id))
    for request, obstacle in failed:
        alert = _alert(request, AlertKind.FAILED, obstacle, about=f"{obstacle}:{batch_id}")
        cause = cause_of(obstacle, last.get(request.request_id))
        why = _TEXTS.said("why", cause=f"{cause[0].upper()}{cause[1:]}", now=alert.why)
        yield replace(alert, why=why)


def _alert(
    request: Request, kind: AlertKind, obstacle: Obstacle | None, *, about: str = ""
) -> Alert:
    reference = f"{request.request_id}:{about}" if about else request.request_id
    path = f"requests/{request.request_id}"
    if kind is AlertKind.APPROVAL:
        path = f"{path}/approve"
    # Of a link the heading says all; its request is closed.
    is_link = kind is AlertKind.LINK_LOCKED
    why = "" if is_link else next_step(request.state, request.kinds, obstacle)
    due = request.act_by.date()
    return Alert(request.org_id, kind, reference, request.number, why, due, path)


def _letter(alerts: Sequence[Alert], sender: str, recipient: str, *, page_url: str) -> OutgoingMail:
    by_kind = {
        AlertKind(kind): [one for one in alerts if one.kind == kind] for kind in _TEXTS.tables
    }
    by_kind = {kind: found for kind, found in by_kind.items() if found}
    counts = [_TEXTS.said(kind, "count", count=len(found)) for kind, found in by_kind.items()]
    blocks: list[MailBlock] = []
    for kind, found in by_kind.items():
        blocks += [
            Heading(_TEXTS.said(kind, "list", count=len(found))),
            Items(tuple(_item(one, page_url) for one in found)),
        ]
    subject = _TEXTS.said("subject", counts=", ".join(counts))
    mail = MailText(subject, "en", (Paragraph(_TEXTS.said("intro")), *blocks))
    told = "\n".join(sorted(f"{one.kind} {one.reference}" for one in alerts))
    return OutgoingMail(
        # The same things told again, after a crash, are the same letter.
        message_id=f"{uuid.uuid5(_LETTERS, f'{alerts[0].org_id} {told}')}@"
        f"{sender.rpartition('@')[2]}",
        sender=sender,
        sender_name="Lacuna",
        recipient=recipient,
        subject=subject,
        text=mail.plain,
        html=mail.html,
    )


def _item(alert: Alert, page_url: str) -> Item:
    name = alert.subject
    if alert.due is not None:
        name = _TEXTS.said("due", subject=name, due=alert.due.isoformat())
    path = f"{alert.org_id}/{alert.path}".rstrip("/")
    return Item(name, alert.why, f"{page_url.rstrip('/')}/{path}" if page_url else "")
