"""Routes that decide: each action of an officer has a page that says what it will do, and a form.

What is decided is bound to what was read.
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from lacuna.datamap import load, load_tenants
from lacuna.dpo_page.actions import ACTIONS, Act, RequestAction
from lacuna.dpo_page.asked_fields import read_fields
from lacuna.dpo_page.dossier import Dossier, read_dossier, reading
from lacuna.dpo_page.forms import InvalidFields, only
from lacuna.dpo_page.responses import page, refuse_fields, to_request
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.schedule import Schedule
from lacuna.dpo_page.seen_plans import compared, note_seen, summary_for
from lacuna.dpo_page.user_rights import Right, Visit
from lacuna.model.letter import LetterSender
from lacuna.model.mail_text import MailText
from lacuna.ports import Transaction
from lacuna.request import resolve

_SEEN: Final = "letter"
"""The field that says which letter was read: its digest."""
_PREVIEW: Final = "preview"
"""The button that shows the letter and changes nothing."""


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
        now = visited.stores.clock.now()
        written = _FilledForm({}, {})
        with reading(visited) as transaction:
            dossier = read_dossier(visited, str(request_id), transaction)
            _require_offered(action, dossier, now)
            if dossier.is_by_mail and action.letter is not None:
                # Shown at once where nothing has to be filled in.
                with suppress(InvalidFields):
                    act = _act(
                        read_fields(action.fields(dossier), {}, now), dossier, visited, transaction
                    )
                    written = _FilledForm({}, {}, _letter(action, act))
        if action.name == "approve":
            note_seen(request, dossier, visited)
        return _form(request, visited, dossier, (action, schedule), written)

    return ask


def _acting(guard: Guard, schedule: Schedule, action: RequestAction) -> Callable[..., Any]:
    sender = guard.sent(action.right)

    def decide(request: Request, request_id: uuid.UUID, sent: Sent = Depends(sender)) -> Response:
        visited, given = sent.visit, sent.fields
        now = visited.stores.clock.now()
        with visited.deciding() as transaction:
            transaction.queue.requests.lock(str(request_id))
            dossier = read_dossier(visited, str(request_id), transaction)
            _require_offered(action, dossier, now)
            fields, what = action.fields(dossier), (action, schedule)
            names = [each.name for each in fields]
            own = {_SEEN, _PREVIEW} if action.letter is not None else set()
            if set(given) - set(names) - own:
                only(given, *names)
            try:
                inputs = read_fields(fields, given, now)
            except InvalidFields as invalid:
                written = _FilledForm(invalid.given, invalid.errors)
                form = _form(request, visited, dossier, what, written)
                return refuse_fields(request, invalid, form)
            act = _act(inputs, dossier, visited, transaction)
            letter = _letter(action, act) if own & set(given) else None
            if letter is not None and (_PREVIEW in given or given[_SEEN] != _digest(letter)):
                # What is sent is what was read.
                written = _FilledForm(inputs, {}, letter, is_changed=_PREVIEW not in given)
                form = _form(request, visited, dossier, what, written)
                form.status_code = 409 if written.is_changed else 200
                return form
            outcome = action.carry_out(act)
        said = f"{action.name}.{outcome}" if outcome else action.name
        return to_request(request, visited, str(request_id), said)

    return decide


@dataclass(frozen=True)
class _FilledForm:
    """A form as somebody filled it in.

    Attributes:
        given: what was written, by field.
        errors: what is wrong with it, by field.
        letter: the letter that it makes; None where it makes none, or none yet.
        is_changed: whether it is another letter than the one that was read.
    """

    given: Mapping[str, str]
    errors: Mapping[str, str]
    letter: MailText | None = None
    is_changed: bool = False


def _act(
    inputs: Mapping[str, str], dossier: Dossier, visited: Visit, transaction: Transaction
) -> Act:
    stores, org_id = visited.stores, visited.org_id
    tenant = load_tenants(stores.tenants_path).by_org[org_id]
    return Act(
        dossier.request,
        inputs,
        country=tenant.country,
        sender=lambda: LetterSender.of(tenant, load(stores.datamap_path).tenant(org_id)),
        transaction=transaction,
        desk=visited.desk(transaction),
        controller=lambda: visited.desk(
            transaction, actor=stores.officer(visited.name, org_id, role="controller")
        ),
    )


def _letter(action: RequestAction, act: Act) -> MailText | None:
    return None if action.letter is None else act.preview(action.letter(act))


def _digest(letter: MailText) -> str:
    return hashlib.sha256(f"{letter.subject}\n{letter.plain}".encode()).hexdigest()


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
    written: _FilledForm,
) -> HTMLResponse:
    """Return the page that confirms an action, with what was written, and the letter if there is one."""
    action, schedule = what
    letter = written.letter
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
        warning=schedule.warning(action.flow) if action.waits_for_its_flow(dossier) else "",
        given=written.given,
        errors=written.errors,
        letter=letter,
        letter_html="" if letter is None else Markup(letter.fragment),  # noqa: S704 - escaped there
        letter_digest="" if letter is None else _digest(letter),
        is_letter_changed=written.is_changed,
    )
