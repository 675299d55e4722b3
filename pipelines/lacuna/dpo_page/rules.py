"""Routes for rules that change data: an officer of every tenant reads and approves them."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from lacuna.dpo_page.access import Right, Visit, done_query, is_done
from lacuna.dpo_page.forms import only
from lacuna.dpo_page.guard import Guard, Sent
from lacuna.dpo_page.responses import page, to_page
from lacuna.model.approvable_rule import ApprovableRule
from lacuna.model.run import Role
from lacuna.request import approve_listed

_MOST_DIGITS: Final = 18


def rule_routes(guard: Guard) -> APIRouter:
    """Return the routes that list and approve rules; for others than these officers there is no such page."""
    router = APIRouter()
    reader, sent_by_decider = guard.visit(Right.DECIDE), guard.sent(Right.DECIDE)

    @router.get("/{org_id}/rules")
    def listing(request: Request, visited: Visit = Depends(reader)) -> HTMLResponse:
        now = visited.stores.clock.now()
        is_told = is_done(visited, request.query_params, now, "approved")
        return page(
            request,
            "rules.html",
            visited,
            rules=_listed(visited),
            approved=request.query_params["approved"] if is_told else "",
        )

    @router.get("/{org_id}/rules/{digest}")
    def one_rule(request: Request, digest: str, visited: Visit = Depends(reader)) -> HTMLResponse:
        found = next((one for one in _listed(visited) if one.digest == digest), None)
        if found is None:
            raise HTTPException(404, "There is no rule with this digest; see the list of rules.")
        return page(request, "rule.html", visited, rule=found)

    @router.post("/{org_id}/rules/{digest}")
    def approve(
        request: Request, digest: str, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        visited, most = sent.visit, _most(sent.fields)
        _require_every_tenant(visited)
        with visited.stores.transaction(Role.DPO) as transaction:
            rule = approve_listed(digest, most, visited.desk(transaction))
        query = done_query(visited, visited.stores.clock.now(), approved=rule.name)
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


def _most(fields: Mapping[str, str]) -> int | None:
    (given,) = only(fields, "max_rows")
    if not given.strip():
        return None
    if not given.isascii() or not given.isdigit() or len(given) > _MOST_DIGITS or int(given) < 1:
        raise HTTPException(422, "max_rows: a number of rows, 1 or more. Nothing changed.")
    return int(given)
