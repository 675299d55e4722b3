"""Routes that assign requests and mails to officers."""

import uuid
from collections.abc import Mapping

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse

from lacuna.dpo_page.forms import only
from lacuna.dpo_page.responses import to_page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.user_rights import Right, Visit
from lacuna.model.assignment import AssignedItem
from lacuna.model.officer import EVERY_TENANT
from lacuna.ports import Transaction
from lacuna.request import assign


def assigning_routes(guard: Guard) -> APIRouter:
    """Return the routes that assign."""
    router = APIRouter()
    sent_by_decider = guard.sent(Right.DECIDE)

    @router.post("/{org_id}/requests/{request_id}/assign")
    def assign_request(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        with sent.visit.deciding() as transaction:
            transaction.register.filed(str(request_id))
            _assign(AssignedItem(str(request_id), sent.visit.org_id), sent, transaction)
        return to_page(request, sent.visit, f"/requests/{request_id}")

    @router.post("/{org_id}/mails/{mail_id}/assign")
    def assign_mail(
        request: Request, mail_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        with sent.visit.deciding() as transaction:
            record = transaction.mails.get(str(mail_id))
            item = AssignedItem(record.mail_id, record.org_id or EVERY_TENANT, is_mail=True)
            _assign(item, sent, transaction)
        return to_page(request, sent.visit, f"/mails/{mail_id}")

    return router


def officer_names(visited: Visit, transaction: Transaction) -> Mapping[str, str]:
    """Return the names of the tenant's officers by role and key id; to officers alone."""
    if not visited.may(Right.DECIDE):
        return {}
    return transaction.assignments.officers(visited.org_id)


def _assign(item: AssignedItem, sent: Sent, transaction: Transaction) -> None:
    officer, before = only(sent.fields, "officer", "before")
    if officer and officer not in transaction.assignments.officers(item.org_id):
        raise HTTPException(422, "Choose an officer of this tenant. Nothing changed.")
    desk = sent.visit.desk(transaction)
    assign(item, officer or None, before or None, transaction.assignments, desk)
