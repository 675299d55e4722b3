"""Routes that decide: each action of an officer has a page that says what it will do, and a form.

What is decided is bound to what was read.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lacuna.datamap import load, load_tenants
from lacuna.dpo_page.access import Right, Visit
from lacuna.dpo_page.actions import ACTIONS, Act, RequestAction
from lacuna.dpo_page.dossier import Dossier, read_dossier, reading
from lacuna.dpo_page.forms import InvalidFields, only
from lacuna.dpo_page.guard import Guard, Sent
from lacuna.dpo_page.plan_summary import summary_for
from lacuna.dpo_page.responses import page, refuse_fields, to_request
from lacuna.dpo_page.schedule import Schedule
from lacuna.dpo_page.seen_plans import compared, note_seen
from lacuna.request import resolve


def deciding_routes(guard: Guard, schedule: Schedule) -> APIRouter:
    """Return the routes that decide."""
    router = APIRouter()
    for action in ACTIONS.values():
        address = f"/{{org_id}}/requests/{{request_id}}/{action.name}"
        for method, route in (
            ("GET", _asking(guard, schedule, action)),
            ("POST", _acting(guard, schedule, action)),
        ):
            router.add_api_route(address, route, methods=[method], response_model=None)
    sent_by_decider = guard.sent(Right.DECIDE)

    @router.post("/{org_id}/requests/{request_id}/resolve")
    def resolve_request(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        (key,) = only(sent.fields, "contact_id")
        visited = sent.visit
        with visited.deciding() as transaction:
            transaction.queue.requests.lock(str(request_id))
            found = transaction.register.filed(str(request_id)).request
            resolve(found, key, visited.desk(transaction))
        return to_request(request, visited, str(request_id), "resolve")

    return router


def _asking(guard: Guard, schedule: Schedule, action: RequestAction) -> Callable[..., Any]:
    visitor = guard.visit(action.right)

    def ask(
        request: Request, request_id: uuid.UUID, visited: Visit = Depends(visitor)
    ) -> HTMLResponse:
        with reading(visited) as transaction:
            dossier = read_dossier(visited, str(request_id), transaction)
        _require_offered(action, dossier, visited.stores.clock.now())
        if action.name == "approve":
            note_seen(request, dossier, visited)
        return _form(request, visited, dossier, (action, schedule))

    return ask


def _acting(guard: Guard, schedule: Schedule, action: RequestAction) -> Callable[..., Any]:
    sender = guard.sent(action.right)

    def decide(request: Request, request_id: uuid.UUID, sent: Sent = Depends(sender)) -> Response:
        visited, given = sent.visit, sent.fields
        stores, org_id = visited.stores, visited.org_id
        now = visited.stores.clock.now()
        with visited.deciding() as transaction:
            transaction.queue.requests.lock(str(request_id))
            dossier = read_dossier(visited, str(request_id), transaction)
            _require_offered(action, dossier, now)
            names = [each.name for each in action.fields(dossier)]
            if set(given) - set(names):
                only(given, *names)
            try:
                inputs = action.read(given, dossier, now)
            except InvalidFields as invalid:
                form = _form(request, visited, dossier, (action, schedule), invalid)
                return refuse_fields(request, invalid, form)
            act = Act(
                dossier.request,
                inputs,
                country=load_tenants(stores.tenants_path).by_org[org_id].country,
                authority=lambda: load(stores.datamap_path).tenant(org_id).authority,
                transaction=transaction,
                desk=visited.desk(transaction),
                controller=lambda: visited.desk(
                    transaction, actor=stores.officer(visited.name, org_id, role="controller")
                ),
            )
            outcome = action.carry_out(act)
        said = f"{action.name}.{outcome}" if outcome else action.name
        return to_request(request, visited, str(request_id), said)

    return decide


def _require_offered(action: RequestAction, dossier: Dossier, now: datetime) -> None:
    if not action.is_offered(dossier, now):
        state = dossier.request.state.replace("_", " ")
        raise HTTPException(
            409, f"{action.label}: not possible now. The request is {state}. Nothing changed."
        )


def _form(
    request: Request,
    visited: Visit,
    dossier: Dossier,
    what: tuple[RequestAction, Schedule],
    invalid: InvalidFields | None = None,
) -> HTMLResponse:
    """Return the page that confirms an action; where fields were invalid, as they were written."""
    action, schedule = what
    return page(
        request,
        "action.html",
        visited,
        now=visited.stores.clock.now(),
        one=dossier,
        filed=dossier.filed,
        action=action,
        fields=action.fields(dossier),
        summary=summary_for(dossier, visited) if action.name == "approve" else None,
        compared=compared(dossier, visited) if action.name == "approve" else None,
        effects=action.effects(dossier, schedule.in_zone(visited.zone)),
        warning=schedule.warning(action.flow),
        given={} if invalid is None else invalid.given,
        errors={} if invalid is None else invalid.errors,
    )
