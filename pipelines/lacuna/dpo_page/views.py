"""Routes that read: tenants, overview, requests, one request, charts, what is ambiguous."""

import re
import uuid
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from lacuna.dpo_page.access import Right, Visit, tenants
from lacuna.dpo_page.charts import charts
from lacuna.dpo_page.forms import only
from lacuna.dpo_page.guard import Guard, Sent
from lacuna.dpo_page.next_step import next_step
from lacuna.dpo_page.responses import attachment, page
from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.evidence import read_whole
from lacuna.model.evidence import Action, Leaf
from lacuna.model.finding import Gate
from lacuna.model.ground import MEANINGS, shared_grounds
from lacuna.model.mail import MailOutcome
from lacuna.model.queue import Purpose, StoredPlan
from lacuna.model.register import Approval, Filed, Gates, Order, Shelf
from lacuna.model.request import NEXT, RequestKind, RequestState
from lacuna.model.request import Request as Request_
from lacuna.model.run import Role, StepLine
from lacuna.ports import Transaction
from lacuna.request import identifiers_of

_MOST_ON_A_PAGE: Final = 200
_ON_A_PAGE: Final = 50
_YEAR: Final = timedelta(days=365)
# Art. 15 to 21 are the rights; before and after them stand grounds against any of them.
_FIRST_OF_RIGHTS, _FIRST_OF_LAWS = 15, 23
_STEP: Final = re.compile(r"([0-9]+)\. (.*)")
_FILES: Final = {"json": "application/json", "html": "text/html"}


class Wanted(BaseModel):
    """Which page of which list. A size above the largest is the largest."""

    model_config = ConfigDict(extra="forbid")

    shelf: Shelf = Shelf.OPEN
    order: Order = Order.DUE
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    size: Annotated[int, Field(ge=1)] = _ON_A_PAGE


@dataclass(frozen=True)
class Run:
    """A run that worked on a request.

    Attributes:
        dag_id, dag_run_id: None for a run without Airflow.
        lines: what it did for this request.
    """

    flow: str
    run_id: str
    dag_id: str | None
    dag_run_id: str | None
    lines: tuple[StepLine, ...]


@dataclass(frozen=True)
class Dossier:
    """Everything about one request that names nobody."""

    filed: Filed
    plan: StoredPlan | None
    approvals: list[Approval]
    gates: list[Gates]
    leaves: list[Leaf]
    runs: list[Run]
    given: dict[str, int]
    certificates: list[str]
    is_bundle_kept: bool
    is_ambiguous: bool

    @property
    def is_expired(self) -> bool:
        """Whether its certificate was deleted after its retention."""
        return any(leaf.entry.action is Action.CERTIFICATE_EXPIRED for leaf in self.leaves)

    @property
    def steps(self) -> list[tuple[int, str]]:
        """The plan's steps by their number, each in a sentence."""
        lines = [] if self.plan is None else self.plan.readable.splitlines()
        return [(int(found[1]), found[2]) for line in lines if (found := _STEP.fullmatch(line))]

    @property
    def changes(self) -> list[tuple[int, str]]:
        """The steps that change something or hand it over."""
        return [(number, step) for number, step in self.steps if not _stays(step)]

    @property
    def stays(self) -> list[tuple[int, str]]:
        """The steps that say what stays, and on which ground."""
        return [(number, step) for number, step in self.steps if _stays(step)]

    @property
    def milestones(self) -> list[tuple[str, datetime | None]]:
        """The way of a request, and when each point of it was last reached."""
        reached = {leaf.entry.action: leaf.entry.at for leaf in self.leaves}
        # The clock began when it was received, and not when it was written down.
        if Action.RECEIVED in reached:
            reached[Action.RECEIVED] = self.filed.request.received_at
        ends = {Action.REFUSED: "refused", Action.NOTHING_FOUND: "nobody found"}
        for action, name in ends.items():
            if action in reached:
                return [("received", reached.get(Action.RECEIVED)), (name, reached[action])]
        way = {
            "received": Action.RECEIVED,
            "planned": Action.PLANNED,
            "approved": Action.APPROVED,
            "verified": Action.VERIFIED,
            "completed": Action.COMPLETED,
        }
        if RequestKind.ERASURE not in self.filed.request.kinds:
            del way["approved"]
        return [(name, reached.get(action)) for name, action in way.items()]

    @property
    def is_approvable(self) -> bool:
        """Whether a plan waits for its approval."""
        return self.filed.request.state is RequestState.PLANNED and self.plan is not None

    @property
    def is_refusable(self) -> bool:
        """Whether nothing was changed yet, so that the request may be refused."""
        return RequestState.REFUSED in NEXT[self.filed.request.state]

    @property
    def grounds(self) -> list[tuple[str, str]]:
        """The articles on which all of the rights may be refused, each with what it says.

        Those of the rights themselves come first, then those of any right.
        """
        found = shared_grounds(self.filed.request.kinds)
        own = [
            one for one in found if _FIRST_OF_RIGHTS <= int(one.partition("(")[0]) < _FIRST_OF_LAWS
        ]
        ordered = [*own, *(one for one in found if one not in own)]
        return [(one, MEANINGS[one]) for one in ordered]


def _stays(step: str) -> bool:
    return step.startswith("retain ")


def reading_routes(guard: Guard) -> APIRouter:
    """Return the routes that read."""
    router = APIRouter()
    reader = guard.visit()
    sent_by_reader = guard.sent(Right.READ)

    @router.get("/")
    def choose_tenant(request: Request, user: object = Depends(guard.auth.user)) -> Response:
        stores = guard.stores()
        mine = [each for each in tenants(stores) if guard.auth.may(user, Right.READ, each)]
        if len(mine) == 1:
            return RedirectResponse(f"{request.scope.get('root_path', '')}/{mine[0]}", 303)
        now = stores.clock.now()
        shelves = {}
        for org_id in mine:
            with stores.transaction(Role.DPO, org_id=org_id, is_read_only=True) as transaction:
                shelves[org_id] = transaction.register.standing(now).shelves
        return page(request, "tenants.html", mine=shelves)

    @router.get("/{org_id}")
    def overview(request: Request, visited: Visit = Depends(reader)) -> HTMLResponse:
        now = visited.stores.clock.now()
        with reading(visited) as transaction:
            register = transaction.register
            return page(
                request,
                "overview.html",
                visited,
                now=now,
                standing=register.standing(now),
                waiting=register.listed(Shelf.APPROVAL, Order.DUE, now, (0, 10)),
                due=register.listed(Shelf.OPEN, Order.DUE, now, (0, 10)),
                failed=register.listed(Shelf.FAILED, Order.DUE, now, (0, 10)),
                seal=register.seal(),
            )

    @router.get("/{org_id}/requests")
    def listing(
        request: Request,
        wanted: Annotated[Wanted, Query()],
        visited: Visit = Depends(reader),
    ) -> HTMLResponse:
        now = visited.stores.clock.now()
        shelf, order, number = wanted.shelf, wanted.order, wanted.page
        size = min(wanted.size, _MOST_ON_A_PAGE)
        with reading(visited) as transaction:
            total = transaction.register.standing(now).shelves[shelf]
            filed = transaction.register.listed(shelf, order, now, ((number - 1) * size, size))
        return page(
            request,
            "requests.html",
            visited,
            now=now,
            filed=filed,
            shelf=shelf,
            order=order,
            orders=Order,
            number=number,
            pages=max(1, -(-total // size)),
            size=size,
            total=total,
        )

    @router.post("/{org_id}/find")
    def find(request: Request, sent: Sent = Depends(sent_by_reader)) -> RedirectResponse:
        (given,) = only(sent.fields, "request_id")
        try:
            request_id = uuid.UUID(given.strip())
        except ValueError:
            raise HTTPException(
                422, "Search for the id of a request. Nothing else is searched."
            ) from None
        base = request.scope.get("root_path", "")
        return RedirectResponse(f"{base}/{sent.visit.org_id}/requests/{request_id}", 303)

    @router.get("/{org_id}/requests/{request_id}")
    def one_request(
        request: Request, request_id: uuid.UUID, visited: Visit = Depends(reader)
    ) -> HTMLResponse:
        with reading(visited) as transaction:
            dossier = _read_dossier(visited, str(request_id), transaction)
        return page(
            request,
            "request.html",
            visited,
            now=visited.stores.clock.now(),
            one=dossier,
            filed=dossier.filed,
            gates_show={gate: gate.shows for gate in Gate},
            next_step=next_step(
                dossier.filed,
                may_decide=visited.may(Right.DECIDE),
                is_certified=bool(dossier.certificates) or dossier.is_expired,
            ),
        )

    @router.get("/{org_id}/requests/{request_id}/certificate.{form}")
    def certificate(request_id: uuid.UUID, form: str, visited: Visit = Depends(reader)) -> Response:
        with reading(visited) as transaction:
            transaction.register.filed(str(request_id))
        path = _certificate(visited, str(request_id), form) if form in _FILES else None
        if path is None or not path.is_file():
            raise HTTPException(404, "There is no certificate for this request.")
        return attachment(read_whole(path), _FILES[form], path.name)

    @router.get("/{org_id}/charts")
    def drawn(request: Request, visited: Visit = Depends(reader)) -> HTMLResponse:
        now = visited.stores.clock.now()
        with reading(visited) as transaction:
            history = transaction.register.history(now - _YEAR)
        return page(request, "charts.html", visited, charts=charts(history), late=history.late)

    @router.get("/{org_id}/ambiguous")
    def ambiguous(request: Request, visited: Visit = Depends(reader)) -> HTMLResponse:
        now = visited.stores.clock.now()
        with reading(visited) as transaction:
            filed = transaction.register.listed(
                Shelf.AMBIGUOUS, Order.DUE, now, (0, _MOST_ON_A_PAGE)
            )
            mails = transaction.mails.mails(MailOutcome.WAITING)
        return page(request, "ambiguous.html", visited, now=now, filed=filed, mails=mails)

    return router


def _read_dossier(visited: Visit, request_id: str, transaction: Transaction) -> Dossier:
    """Return everything about a request of the tenant.

    Raises:
        UnknownRequest: the tenant has no such request.
    """
    register = transaction.register
    filed = register.filed(request_id)
    leaves = list(transaction.ledger.leaves(request_id=request_id))
    batches = [leaf.entry.batch_id for leaf in leaves if leaf.entry.batch_id is not None]
    if filed.batch_id is not None:
        batches.append(filed.batch_id)
    found = [register.run_of(each) for each in dict.fromkeys(batches)]
    runs = [_run(visited, request_id, *each) for each in found if each is not None]
    expiry = register.bundle_expiry(request_id)
    candidates = transaction.queue.secrets.get(request_id, Purpose.CANDIDATES)
    return Dossier(
        filed=filed,
        plan=transaction.queue.plans.get(request_id),
        approvals=register.approvals(request_id),
        gates=register.gates(request_id),
        leaves=leaves,
        runs=runs,
        given=_given(filed.request, visited, transaction),
        certificates=[form for form in _FILES if _certificate(visited, request_id, form).is_file()],
        is_bundle_kept=expiry is not None
        and not expiry[1]
        and expiry[0] > visited.stores.clock.now(),
        is_ambiguous=filed.request.state is RequestState.AMBIGUOUS and candidates is not None,
    )


def reading(visited: Visit) -> AbstractContextManager[Transaction]:
    """Begin a transaction that reads the tenant's register, and nothing of another tenant."""
    return visited.stores.transaction(visited.role, org_id=visited.org_id, is_read_only=True)


def _run(visited: Visit, request_id: str, flow: str, run_id: str) -> Run:
    dag_id, is_airflows, dag_run_id = run_id.partition(".")
    if not is_airflows or dag_id != f"gdpr_{flow}":
        dag_id = dag_run_id = ""
    try:
        lines = visited.stores.run_log.read(run_id)
    except EvidenceBroken:
        # The seal says so, to everybody; here the rest of the page is worth more.
        lines = ()
    own = tuple(line for line in lines if line.request_id == request_id)
    return Run(flow, run_id, dag_id or None, dag_run_id or None, own)


def _given(request: Request_, visited: Visit, transaction: Transaction) -> dict[str, int]:
    """Return how many identifiers of each kind came with a request; none once forgotten."""
    desk = visited.desk(transaction, actor="system:dpo-page")
    try:
        return dict(Counter(str(one.kind) for one in identifiers_of(request, desk)))
    except (EvidenceBroken, UnknownRequest):
        return {}


def _certificate(visited: Visit, request_id: str, form: str) -> Path:
    evidence = visited.stores.home / "evidence"
    present = evidence / "certificates" / f"{request_id}.{form}"
    if present.is_file():
        return present
    # One that a restore superseded stays true of its time.
    superseded = sorted(evidence.glob(f"superseded/*/certificates/{request_id}.{form}"))
    return superseded[-1] if superseded else present
