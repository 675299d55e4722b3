"""Routes for rules that change data: an officer of every tenant reads and approves them."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from lacuna.dpo_page.assignments import officer_names
from lacuna.dpo_page.dossier import reading
from lacuna.dpo_page.forms import only
from lacuna.dpo_page.responses import page, to_page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.user_rights import Right, Visit, done_query, is_done
from lacuna.model.approvable_rule import ApprovableRule
from lacuna.model.run import Role
from lacuna.request import approve_listed, revoke_listed

_MOST_DIGITS: Final = 18


def rule_routes(guard: Guard) -> APIRouter:
    """Return the routes that list and approve rules; for others than these officers there is no such page."""
    router = APIRouter()
    reader, sent_by_decider = guard.visit(Right.DECIDE), guard.sent(Right.DECIDE)

    @router.get("/{org_id}/rules")
    def listing(request: Request, visited: Visit = Depends(reader)) -> HTMLResponse:
        now = visited.stores.clock.now()
        is_told = is_done(visited, request.query_params, now, "approved")
        is_revoked = is_done(visited, request.query_params, now, "revoked")
        return page(
            request,
            "rules.html",
            visited,
            rules=_listed(visited),
            approved=request.query_params["approved"] if is_told else "",
            revoked=request.query_params["revoked"] if is_revoked else "",
            officers=_names(visited),
        )

    @router.get("/{org_id}/rules/{digest}")
    def one_rule(request: Request, digest: str, visited: Visit = Depends(reader)) -> HTMLResponse:
        found = next((one for one in _listed(visited) if one.digest == digest), None)
        if found is None:
            raise HTTPException(404, "There is no rule with this digest; see the list of rules.")
        return page(request, "rule.html", visited, rule=found, officers=_names(visited))

    @router.post("/{org_id}/rules/{digest}")
    def approve(
        request: Request, digest: str, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        visited, (most, is_unlimited) = sent.visit, _most(sent.fields)
        _require_every_tenant(visited)
        with visited.stores.transaction(Role.DPO) as transaction:
            desk = visited.desk(transaction)
            rule = approve_listed(digest, most, desk, is_unlimited=is_unlimited)
        query = done_query(visited, visited.stores.clock.now(), approved=rule.name)
        return to_page(request, visited, f"/rules?{query}")

    @router.post("/{org_id}/rules/{digest}/revoke")
    def revoke(
        request: Request, digest: str, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        only(sent.fields)
        visited = sent.visit
        _require_every_tenant(visited)
        with visited.stores.transaction(Role.DPO) as transaction:
            rule = revoke_listed(digest, visited.desk(transaction))
        query = done_query(visited, visited.stores.clock.now(), revoked=rule.name)
        return to_page(request, visited, f"/rules?{query}")

    return router


def waiting_rules(visited: Visit) -> int:
    """Return how many rules wait for this person's approval."""
    if not visited.is_of_every_tenant:
        return 0
    return sum(not one.is_approved for one in _listed(visited))


def _listed(visited: Visit) -> Sequence[ApprovableRule]:
    _require_every_tenant(visited)
    with visited.stores.transaction(Role.DPO, is_read_only=True) as transaction:
        return transaction.queue.plans.listed_rules()


def _require_every_tenant(visited: Visit) -> None:
    # A rule holds for every tenant, and may name one.
    if not visited.is_of_every_tenant:
        raise HTTPException(404, "This page does not exist, or you are not allowed to see it.")


def _names(visited: Visit) -> Mapping[str, str]:
    with reading(visited) as transaction:
        return officer_names(visited, transaction)


def _most(fields: Mapping[str, str]) -> tuple[int | None, bool]:
    """Return the most rows a night, None for no limit, and whether no limit was chosen."""
    is_unlimited = "unlimited" in fields
    given = fields.get("max_rows", "")
    only({name: "" for name in fields if name != "unlimited"}, "max_rows")
    if is_unlimited and given.strip():
        raise HTTPException(
            422, "max_rows: write a limit or choose none, not both. Nothing changed."
        )
    if not given.strip():
        return None, is_unlimited
    if not given.isascii() or not given.isdigit() or len(given) > _MOST_DIGITS or int(given) < 1:
        raise HTTPException(422, "max_rows: a number of rows, 1 or more. Nothing changed.")
    return int(given), False
