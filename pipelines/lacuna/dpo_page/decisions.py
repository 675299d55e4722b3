"""Routes that decide: approve, refuse, choose between candidates. Each is bound to what was read."""

import re
import uuid
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse

from lacuna.datamap import load
from lacuna.dpo_page.access import Right, Visit
from lacuna.dpo_page.forms import only
from lacuna.dpo_page.guard import Guard, Sent
from lacuna.errors import IllegalTransition
from lacuna.model.letter import LetterKind
from lacuna.model.request import RequestState
from lacuna.request import approve, refuse, resolve, tell

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def deciding_routes(guard: Guard) -> APIRouter:
    """Return the routes that decide."""
    router = APIRouter()
    sent_by_decider = guard.sent(Right.DECIDE)

    @router.post("/{org_id}/requests/{request_id}/approve")
    def approve_plan(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        (digest,) = only(sent.fields, "digest")
        if not _DIGEST.fullmatch(digest):
            raise HTTPException(422, "digest: give the SHA-256 of the plan that you read.")
        visited = sent.visit
        with visited.stores.transaction(visited.role, org_id=visited.org_id) as transaction:
            found = transaction.register.filed(str(request_id)).request
            if found.state is RequestState.APPROVED:
                raise IllegalTransition(f"{request_id} is already approved. Nothing changed.")
            approve(found, digest, visited.desk(transaction))
        return _back(request, visited, request_id)

    @router.post("/{org_id}/requests/{request_id}/refuse")
    def refuse_request(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        (ground,) = only(sent.fields, "ground")
        visited = sent.visit
        authority = load(visited.stores.datamap_path).tenant(visited.org_id).authority
        with visited.stores.transaction(visited.role, org_id=visited.org_id) as transaction:
            found = transaction.register.filed(str(request_id)).request
            desk = visited.desk(transaction)
            facts = {"ground": ground, "authority": authority}
            # Told first: with the refusal goes whatever says whom.
            tell(found, LetterKind.REFUSAL, facts, transaction.mails, desk)
            refuse(found, ground, desk)
        return _back(request, visited, request_id)

    @router.post("/{org_id}/requests/{request_id}/resolve")
    def resolve_request(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        (key,) = only(sent.fields, "contact_id")
        visited = sent.visit
        with visited.stores.transaction(visited.role, org_id=visited.org_id) as transaction:
            found = transaction.register.filed(str(request_id)).request
            resolve(found, key, visited.desk(transaction))
        return _back(request, visited, request_id)

    return router


def _back(request: Request, visited: Visit, request_id: uuid.UUID) -> RedirectResponse:
    base = request.scope.get("root_path", "")
    return RedirectResponse(f"{base}/{visited.org_id}/requests/{request_id}", 303)
