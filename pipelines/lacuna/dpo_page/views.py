"""Routes that read: tenants, overview, requests, one request, charts, what is ambiguous."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from lacuna.dpo_page.actions import ACTIONS, FULFILMENT, INTAKE, told
from lacuna.dpo_page.assignments import officer_names
from lacuna.dpo_page.charts import charts
from lacuna.dpo_page.dossier import (
    CERTIFICATE_FORMS,
    Dossier,
    certificate_path,
    missing_extension,
    read_dossier,
    reading,
)
from lacuna.dpo_page.forms import only
from lacuna.dpo_page.request_export import exported_requests
from lacuna.dpo_page.responses import attachment, page, to_page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.rules import waiting_rules
from lacuna.dpo_page.schedule import Schedule
from lacuna.dpo_page.seen_plans import compared, note_seen, summary_for
from lacuna.dpo_page.tasks import TASK_NAMES, review_reasons, task_lines
from lacuna.dpo_page.user_rights import Right, Visit, is_done, tenants
from lacuna.errors import UnknownRequest
from lacuna.evidence import read_whole
from lacuna.model.evidence import Action
from lacuna.model.finding import Gate
from lacuna.model.mail import MailOutcome
from lacuna.model.next_step import HAND_OVER, NEVER_HANDED_OVER, identity_step, next_step
from lacuna.model.register import (
    Assigned,
    Order,
    Selection,
    Shelf,
    TaskKind,
    TaskOrder,
    TaskSelection,
)
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.request_reference import normal_reference
from lacuna.model.run import Role
from lacuna.request import find_person, submission_location

_MOST_ON_A_PAGE: Final = 200
_ON_A_PAGE: Final = 50
_MOST_EXPORTED: Final = 100_000
_ASSIGNED: Final = rf"^({Assigned.MINE}|{Assigned.NOBODY}|dpo:[a-z0-9_-]{{1,40}})$"
_LONGEST_SEARCH: Final = 320
_YEAR: Final = timedelta(days=365)


class Wanted(BaseModel):
    """Which page of which list. A size above the largest is the largest."""

    model_config = ConfigDict(extra="forbid")

    shelf: Shelf = Shelf.OPEN
    right: RequestKind | None = None
    state: RequestState | None = None
    due_before: date | None = None
    assigned: Annotated[str, Field(pattern=_ASSIGNED)] | None = None
    order: Order = Order.DUE
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    size: Annotated[int, Field(ge=1)] = _ON_A_PAGE

    @field_validator("right", "state", "due_before", "assigned", mode="before")
    @classmethod
    def _or_nothing(cls, value: object) -> object:
        return value or None  # a form sends an empty field

    def selected_by(self, officer: str) -> Selection:
        """Return the selection for an officer; an empty one means anybody else, who has nothing."""
        is_unassigned = self.assigned == Assigned.NOBODY
        has_it = officer if self.assigned == Assigned.MINE else self.assigned
        return Selection(
            *(self.shelf, self.right, self.state, self.due_before),
            assigned_to=None if is_unassigned else has_it,
            is_unassigned=is_unassigned,
        )

    @property
    def is_start_of_all(self) -> bool:
        """Whether this is the first page of all open requests, in whatever order."""
        return self.page == 1 and self.selected_by("") == Selection()

    def query(self, **changes: object) -> str:
        """Return the query of an address that lists the same but for some changes."""
        kept = self.model_dump(exclude_defaults=True, mode="json") | changes
        return urlencode(kept)


class WantedTasks(BaseModel):
    """Which page of which tasks; how many plans were approved just now."""

    model_config = ConfigDict(extra="forbid")

    kind: TaskKind | None = None
    assigned: Assigned | None = None
    right: RequestKind | None = None
    order: TaskOrder = TaskOrder.DUE
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    done: Annotated[int, Field(ge=0, le=1_000)] = 0
    first: Annotated[int, Field(ge=0, le=1_000)] = 0
    until: str = ""
    proof: str = ""

    @field_validator("kind", "assigned", "right", mode="before")
    @classmethod
    def _or_nothing(cls, value: object) -> object:
        return value or None  # a form sends an empty field

    def query(self, **changes: object) -> str:
        """Return the query of an address that lists the same but for some changes."""
        told = {"done", "first", "until", "proof"}
        kept = self.model_dump(exclude_defaults=True, exclude=told, mode="json") | changes
        return urlencode({name: each for name, each in kept.items() if each})


def reading_routes(guard: Guard, schedule: Schedule) -> APIRouter:
    """Return the routes that read."""
    router = APIRouter()
    reader = guard.visit()
    sent_by_reader = guard.sent(Right.READ)

    @router.get("/")
    def choose_tenant(request: Request, user: object = Depends(guard.auth.user)) -> Response:
        stores = guard.stores()
        mine = _readable(user, guard)
        if len(mine) == 1:
            return RedirectResponse(f"{request.scope.get('root_path', '')}/{mine[0]}", 303)
        now = stores.clock.now()
        shelves = {}
        for org_id in mine:
            with stores.transaction(Role.DPO, org_id=org_id, is_read_only=True) as transaction:
                register = transaction.register
                # As the tasks count it: mails too.
                late = register.task_counts(TaskSelection(), now)[TaskKind.OVERDUE]
                shelves[org_id] = {**register.standing(now).shelves, Shelf.OVERDUE: late}
        return page(request, "tenants.html", mine=shelves)

    @router.get("/{org_id}")
    def to_do(
        request: Request,
        wanted: Annotated[WantedTasks, Query()],
        visited: Visit = Depends(reader),
        user: object = Depends(guard.auth.user),
    ) -> HTMLResponse:
        now = visited.stores.clock.now()
        selected = TaskSelection(
            visited.officer, wanted.kind, wanted.right, wanted.assigned, wanted.order
        )
        with reading(visited) as transaction:
            register = transaction.register
            counts = register.task_counts(selected, now)
            total = register.task_count(selected, now)
            window = ((wanted.page - 1) * _ON_A_PAGE, _ON_A_PAGE)
            is_told = is_done(visited, request.query_params, now, "done", "first")
            tasks = register.tasks(selected, now, window)
            return page(
                request,
                "tasks.html",
                visited,
                now=now,
                standing=register.standing(now),
                counts=counts,
                due=register.task_counts(TaskSelection(visited.officer), now),
                names=TASK_NAMES,
                wanted=wanted,
                tenants=_readable(user, guard),
                rights=RequestKind,
                assigned=Assigned,
                orders=TaskOrder,
                officers=officer_names(visited, transaction),
                done=wanted.done if is_told else 0,
                first=wanted.first if is_told else 0,
                is_bulk=wanted.kind is TaskKind.APPROVAL and visited.may(Right.DECIDE),
                tasks=task_lines(tasks, visited, transaction),
                pages=max(1, -(-total // _ON_A_PAGE)),
                total=total,
                seal=register.seal(),
                warnings=schedule.warnings(),
                waiting_rules=waiting_rules(visited),
            )

    @router.get("/{org_id}/requests")
    def listing(
        request: Request,
        wanted: Annotated[Wanted, Query()],
        visited: Visit = Depends(reader),
    ) -> HTMLResponse:
        now = visited.stores.clock.now()
        size = min(wanted.size, _MOST_ON_A_PAGE)
        window = ((wanted.page - 1) * size, size)
        selected = wanted.selected_by(visited.officer)
        with reading(visited) as transaction:
            total = transaction.register.count(selected, now)
            filed = transaction.register.listed(selected, wanted.order, now, window)
            assigned = transaction.assignments.of([one.request.request_id for one in filed])
            officers = officer_names(visited, transaction)
            submissions = (
                transaction.inbox.waiting(_MOST_ON_A_PAGE) if wanted.is_start_of_all else []
            )
        return page(
            request,
            "requests.html",
            visited,
            now=now,
            filed=filed,
            assigned=assigned,
            officers=officers,
            assignees=_assignees(visited, officers, wanted.assigned),
            submissions=submissions,
            most_submissions=_MOST_ON_A_PAGE,
            intake_run=schedule.in_zone(visited.zone).of(INTAKE),
            wanted=wanted,
            rights=RequestKind,
            states=RequestState,
            orders=Order,
            pages=max(1, -(-total // size)),
            total=total,
        )

    @router.get("/{org_id}/requests.csv")
    def exported(wanted: Annotated[Wanted, Query()], visited: Visit = Depends(reader)) -> Response:
        now = visited.stores.clock.now()
        selected = wanted.selected_by(visited.officer)
        with reading(visited) as transaction:
            total = transaction.register.count(selected, now)
            if total > _MOST_EXPORTED:
                raise HTTPException(
                    422, f"The list has {total} requests, at most {_MOST_EXPORTED}; filter it."
                )
            filed = transaction.register.listed(selected, wanted.order, now, (0, total))
            assigned = transaction.assignments.of([one.request.request_id for one in filed])
            names = officer_names(visited, transaction)
        officers = {about: names.get(actor, actor) for about, actor in assigned.items()}
        content = exported_requests(filed, officers, now, visited.zone)
        return attachment(content, "text/csv; charset=utf-8", "requests.csv")

    @router.post("/{org_id}/find")
    def find(request: Request, sent: Sent = Depends(sent_by_reader)) -> Response:
        (given,) = only(sent.fields, "wanted")
        visited = sent.visit
        if normal_reference(given) is None:
            if visited.may(Right.DISCLOSE):
                return _found(request, visited, given)
            raise HTTPException(
                422,
                "Search for the number of a request, such as FJ-0142, or for its id or the first 8 "
                "characters of it. To search for a person needs the right to see personal data.",
            )
        try:
            with reading(visited) as transaction:
                request_id = transaction.queue.requests.id_of(given)
        except UnknownRequest:
            # A customer's number may look like a request's.
            if visited.may(Right.DISCLOSE):
                return _found(request, visited, given)
            raise HTTPException(404, "This tenant has no request of this number or id.") from None
        return to_page(request, visited, f"/requests/{request_id}")

    @router.get("/{org_id}/requests/{request_id}")
    def one_request(
        request: Request,
        request_id: uuid.UUID,
        visited: Visit = Depends(reader),
    ) -> HTMLResponse:
        with reading(visited) as transaction:
            dossier = read_dossier(visited, str(request_id), transaction)
        note_seen(request, dossier, visited)
        now, query = visited.stores.clock.now(), request.query_params
        is_told = is_done(visited, query, now, "done", "of") and query["of"] == str(request_id)
        return page(
            request,
            "request.html",
            visited,
            now=now,
            one=dossier,
            summary=summary_for(dossier, visited),
            compared=compared(dossier, visited),
            told=told(query["done"]) if is_told else "",
            actions=[
                each
                for each in ACTIONS.values()
                if visited.may(each.right) and each.is_offered(dossier, now)
            ],
            next_run=schedule.in_zone(visited.zone).of(FULFILMENT),
            missing_extension=missing_extension(dossier, now) if visited.may(Right.DECIDE) else "",
            warning=schedule.warning(FULFILMENT) if dossier.waits_for_a_run else "",
            filed=dossier.filed,
            gates_show={gate: gate.shows for gate in Gate},
            next_step=_next_step(dossier, visited),
        )

    @router.get("/{org_id}/requests/{request_id}/certificate.{form}")
    def certificate(request_id: uuid.UUID, form: str, visited: Visit = Depends(reader)) -> Response:
        with reading(visited) as transaction:
            transaction.register.filed(str(request_id))
        media_type = CERTIFICATE_FORMS.get(form)
        path = certificate_path(visited, str(request_id), form) if media_type else None
        if path is None or media_type is None or not path.is_file():
            raise HTTPException(404, "There is no certificate for this request.")
        return attachment(read_whole(path), media_type, path.name)

    @router.get("/{org_id}/charts")
    def drawn(request: Request, visited: Visit = Depends(reader)) -> HTMLResponse:
        now = visited.stores.clock.now()
        with reading(visited) as transaction:
            history = transaction.register.history(now - _YEAR, now)
        return page(request, "charts.html", visited, charts=charts(history), late=history.late)

    @router.get("/{org_id}/ambiguous")
    def ambiguous(request: Request, visited: Visit = Depends(reader)) -> HTMLResponse:
        now = visited.stores.clock.now()
        with reading(visited) as transaction:
            filed = transaction.register.listed(
                Selection(Shelf.AMBIGUOUS), Order.DUE, now, (0, _MOST_ON_A_PAGE)
            )
            reasons = transaction.mails.reasons()
            mails = [
                (one, review_reasons(one, reasons))
                for one in transaction.mails.mails(MailOutcome.WAITING)
            ]
        return page(request, "ambiguous.html", visited, now=now, filed=filed, mails=mails)

    return router


def _readable(user: object, guard: Guard) -> list[str]:
    """Return the tenants whose register a person may read."""
    return [each for each in tenants(guard.stores()) if guard.auth.may(user, Right.READ, each)]


def _next_step(one: Dossier, visited: Visit) -> str:
    if one.filed.waits_for_handover:
        return NEVER_HANDED_OVER if one.bundle is None else HAND_OVER
    if one.filed.waits_for_identity:
        return identity_step(one.is_asked)
    return next_step(
        one.request.state,
        one.request.kinds,
        one.filed.obstacle,
        may_decide=visited.may(Right.DECIDE),
        is_certified=bool(one.certificates) or one.is_expired,
    )


def _assignees(
    visited: Visit, officers: Mapping[str, str], assigned: str | None
) -> list[tuple[str, str]]:
    """Return the choices of the filter: the value and the name of each."""
    mine = [(str(Assigned.MINE), "me")] if visited.officer else []
    named = sorted(officers.items(), key=lambda one: one[1])
    others = [one for one in named if one[0] != visited.officer]
    found = [*mine, (str(Assigned.NOBODY), "nobody"), *others]
    # Who may not know the names filters by the key id that stands in the address.
    is_missing = assigned is not None and assigned not in dict(found)
    return [*found, (assigned, assigned)] if is_missing and assigned else found


def _found(request: Request, visited: Visit, text: str) -> HTMLResponse:
    """Show what waits for a person by one of their identifiers; each is an entry first."""
    with visited.deciding() as transaction:
        desk = visited.desk(transaction)
        found = find_person(visited.org_id, text[:_LONGEST_SEARCH], transaction, desk)
        for one in found.requests:
            desk.record(Action.DISCLOSED, "lacuna.request_secret", request_id=one.request_id)
        for mail in found.mails:
            desk.record(Action.DISCLOSED, "lacuna.mail", request_id=mail.request_id)
        for inbox_id in found.submissions:
            desk.record(Action.DISCLOSED, submission_location(inbox_id))
        filed = transaction.register.filed_all([one.request_id for one in found.requests])
    return page(
        request,
        "found.html",
        visited,
        unread=found.unread,
        now=visited.stores.clock.now(),
        filed=sorted(filed.values(), key=lambda one: one.act_by),
        mails=found.mails,
        submissions=found.submissions,
    )
