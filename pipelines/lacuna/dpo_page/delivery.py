"""Routes by which an officer hands a bundle over by a link, gives the code for it, and takes it back."""

import uuid
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from lacuna.dpo_page.forms import only
from lacuna.dpo_page.responses import page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.user_rights import Right, Visit
from lacuna.model.delivery import DeliveryTerms
from lacuna.ports import Desk, Transaction
from lacuna.request import CODE_MINUTES, has_address, is_usable, make_code, make_link, revoke_link

_NO_BUNDLE: Final = "There is no bundle for this request, or it has expired."
_WAYS: Final = frozenset({"mail", "show"})


def delivery_routes(guard: Guard) -> APIRouter:
    """Return the routes of links to bundles."""
    router = APIRouter()
    discloser = guard.visit(Right.DISCLOSE)
    sent_by_discloser = guard.sent(Right.DISCLOSE)

    @router.get("/{org_id}/requests/{request_id}/delivery")
    def ask(
        request: Request, request_id: uuid.UUID, visited: Visit = Depends(discloser)
    ) -> HTMLResponse:
        _terms(visited)
        with visited.stores.transaction(visited.role, org_id=visited.org_id) as transaction:
            return _shown(request, visited, str(request_id), transaction)

    @router.post("/{org_id}/requests/{request_id}/delivery")
    def link(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_discloser)
    ) -> HTMLResponse:
        visited = sent.visit
        (way,) = only(sent.fields, "way")
        if way not in _WAYS:
            raise HTTPException(422, "Say how to hand the link over. Nothing changed.")
        terms = _terms(visited)
        with visited.stores.transaction(visited.role, org_id=visited.org_id) as transaction:
            transaction.queue.requests.lock(str(request_id))
            found = transaction.register.filed(str(request_id)).request
            mails = transaction.mails if way == "mail" else None
            made = make_link(found, terms, visited.desk(transaction), visited.stores.home, mails)
            # Sent after the block: once the entry is there for good.
            return _shown(
                request, visited, str(request_id), transaction, made="made", link=made.address
            )

    @router.post("/{org_id}/requests/{request_id}/delivery/code")
    def code(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_discloser)
    ) -> HTMLResponse:
        only(sent.fields)
        visited = sent.visit
        terms = _terms(visited)
        with visited.stores.transaction(visited.role, org_id=visited.org_id) as transaction:
            transaction.register.filed(str(request_id))
            made = make_code(str(request_id), terms, visited.desk(transaction))
            return _shown(request, visited, str(request_id), transaction, made="code", code=made)

    @router.post("/{org_id}/requests/{request_id}/delivery/revoke")
    def revoke(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_discloser)
    ) -> HTMLResponse:
        only(sent.fields)
        visited = sent.visit
        _terms(visited)
        with visited.stores.transaction(visited.role, org_id=visited.org_id) as transaction:
            transaction.queue.requests.lock(str(request_id))
            transaction.register.filed(str(request_id))
            revoke_link(str(request_id), visited.desk(transaction))
            return _shown(request, visited, str(request_id), transaction, made="revoked")

    return router


def _terms(visited: Visit) -> DeliveryTerms:
    terms = visited.stores.delivery_terms
    if terms is None:
        raise HTTPException(404, "This installation delivers no bundles by a link.")
    return terms


def _shown(
    request: Request,
    visited: Visit,
    request_id: str,
    transaction: Transaction,
    **content: str | None,
) -> HTMLResponse:
    filed = transaction.register.filed(request_id)
    desk: Desk = visited.desk(transaction)
    bundle = desk.queue.bundles.get(request_id)
    if bundle is None or bundle.expires_at <= desk.now:
        raise HTTPException(410, _NO_BUNDLE)
    link = desk.queue.deliveries.get(request_id)
    return page(
        request,
        "delivery.html",
        visited,
        filed=filed,
        current=link,
        is_usable=link is not None and is_usable(link, desk.now),
        has_address=has_address(filed.request, desk),
        minutes=CODE_MINUTES,
        **{"made": "", "link": None, "code": ""} | content,
    )
