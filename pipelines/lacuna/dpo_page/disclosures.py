"""Routes that show personal data or hand it over: each time the ledger gets an entry first."""

import uuid
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse

from lacuna.dpo_page.assignments import officer_names
from lacuna.dpo_page.dossier import read_dossier, reading
from lacuna.dpo_page.forms import only
from lacuna.dpo_page.responses import page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.user_rights import Right, Visit
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier
from lacuna.model.request import NEXT, RequestState
from lacuna.request import disclose, release_bundle, sealed_bundle

_NO_BUNDLE: Final = "There is no bundle for this request, or it has expired."


def disclosing_routes(guard: Guard) -> APIRouter:
    """Return the routes that disclose."""
    router = APIRouter()
    discloser = guard.visit(Right.DISCLOSE)
    sent_by_reader = guard.sent(Right.DISCLOSE)

    @router.post("/{org_id}/requests/{request_id}/disclose")
    def personal_data(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_reader)
    ) -> HTMLResponse:
        only(sent.fields)
        visited = sent.visit
        with visited.deciding() as transaction:
            found = transaction.register.filed(str(request_id)).request
            shown = disclose(found, visited.desk(transaction))
            officers = officer_names(visited, transaction)
        known = [frozenset(one.known) for one in shown.candidates]
        # Shown only after the entry is there for good.
        return page(
            request,
            "disclosed.html",
            visited,
            found=found,
            identifiers=shown.identifiers,
            on_file=shown.on_file,
            candidates=shown.candidates,
            common=frozenset[Identifier]().union(*known).intersection(*known),
            requester=shown.requester,
            may_refuse=RequestState.REFUSED in NEXT[found.state],
            corrections=shown.corrections,
            comments=shown.comments,
            officers=officers,
        )

    @router.get("/{org_id}/requests/{request_id}/release")
    def ask_to_release(
        request: Request, request_id: uuid.UUID, visited: Visit = Depends(discloser)
    ) -> HTMLResponse:
        with reading(visited) as transaction:
            dossier = read_dossier(visited, str(request_id), transaction)
        if dossier.bundle is None:
            raise HTTPException(410, _NO_BUNDLE)
        return page(
            request,
            "release.html",
            visited,
            filed=dossier.filed,
            is_released=False,
            has_passphrase=dossier.bundle.passphrase is not None,
            expires_at=dossier.bundle.expires_at,
        )

    @router.post("/{org_id}/requests/{request_id}/release")
    def release(
        request: Request, request_id: uuid.UUID, sent: Sent = Depends(sent_by_reader)
    ) -> HTMLResponse:
        only(sent.fields)
        visited = sent.visit
        with visited.deciding() as transaction:
            transaction.queue.requests.lock(str(request_id))
            dossier = read_dossier(visited, str(request_id), transaction)
            if dossier.bundle is None:
                raise HTTPException(410, _NO_BUNDLE)
            desk = visited.desk(transaction)
            released = release_bundle(str(request_id), visited.stores.home, desk)
        # Shown only after the entry is there for good.
        return page(
            request,
            "release.html",
            visited,
            filed=dossier.filed,
            is_released=True,
            passphrase=released.passphrase,
        )

    @router.post("/{org_id}/requests/{request_id}/bundle")
    def bundle(request_id: uuid.UUID, sent: Sent = Depends(sent_by_reader)) -> FileResponse:
        only(sent.fields)
        visited = sent.visit
        with visited.deciding() as transaction:
            transaction.register.filed(str(request_id))
            expiry = transaction.register.bundle_expiry(str(request_id))
            if expiry is None:
                raise HTTPException(404, "There is no bundle for this request.")
            sealed = transaction.queue.bundles.get(str(request_id))
            if expiry[1] or expiry[0] <= visited.stores.clock.now() or sealed is None:
                raise HTTPException(410, "The bundle has expired. Its file is deleted.")
            # Before the entry: what was exchanged is handed to nobody.
            path = sealed_bundle(visited.stores.home, str(request_id), sealed.digest)
            desk = visited.desk(transaction)
            desk.record(Action.DISCLOSED, "lacuna.bundle", request_id=str(request_id))
        # Streamed: a bundle may be larger than the memory.
        return FileResponse(path, media_type="application/octet-stream", filename=path.name)

    return router
