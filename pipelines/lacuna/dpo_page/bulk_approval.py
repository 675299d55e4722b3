"""Routes that approve many plans at once: one digest over all of them is what is approved."""

import uuid
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from lacuna.dpo_page.actions import FULFILMENT
from lacuna.dpo_page.dossier import Dossier, read_dossier, reading
from lacuna.dpo_page.forms import only
from lacuna.dpo_page.responses import page, to_page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.schedule import Schedule
from lacuna.dpo_page.seen_plans import summary_for
from lacuna.dpo_page.user_rights import Right, Visit, done_query
from lacuna.errors import PlanChanged
from lacuna.model.chosen_plans import ChosenPlans
from lacuna.model.plan_summary import together
from lacuna.model.request import RequestState
from lacuna.ports import Transaction
from lacuna.request import approve

_PLAN: Final = "plan_"
"""Before the id of a request, in the name of the field that has the digest of its plan."""


def bulk_routes(guard: Guard, schedule: Schedule) -> APIRouter:
    """Return the routes that approve plans together."""
    router = APIRouter()
    sent_by_decider = guard.sent(Right.DECIDE)

    @router.post("/{org_id}/approvals")
    def choose(request: Request, sent: Sent = Depends(sent_by_decider)) -> HTMLResponse:
        visited = sent.visit
        chosen = _chosen(sent.fields)
        with reading(visited) as transaction:
            dossiers = _read(chosen, visited, transaction)
        summaries = [summary_for(one, visited) for one in dossiers]
        return page(
            request,
            "approvals.html",
            visited,
            now=visited.stores.clock.now(),
            chosen=chosen,
            filed=[one.filed for one in dossiers],
            plan_field=_PLAN,
            is_first=any(one.officers_missing > 1 for one in dossiers),
            summary=together([one for one in summaries if one is not None]),
            next_run=schedule.in_zone(visited.zone).of(FULFILMENT),
            warning=schedule.warning(FULFILMENT),
        )

    @router.post("/{org_id}/approvals/confirm")
    def confirm(request: Request, sent: Sent = Depends(sent_by_decider)) -> RedirectResponse:
        visited, fields = sent.visit, dict(sent.fields)
        (digest,) = only({"digest": fields.pop("digest", "")}, "digest")
        chosen = _chosen(fields)
        if digest != chosen.digest:
            raise HTTPException(422, "digest: it is not that of these plans. Nothing changed.")
        with visited.deciding() as transaction:
            desk = visited.desk(transaction)
            for request_id in sorted(chosen.digests):
                transaction.queue.requests.lock(request_id)
            moved = [
                approve(one.request, chosen.digests[one.request.request_id], desk)
                for one in _read(chosen, visited, transaction)
            ]
        first = sum(one.state is RequestState.PLANNED for one in moved)
        now = visited.stores.clock.now()
        query = done_query(visited, now, done=len(moved) - first, first=first)
        return to_page(request, visited, f"?kind=approval&{query}")

    return router


def _chosen(fields: Mapping[str, str]) -> ChosenPlans:
    digests = {}
    for name, digest in fields.items():
        try:
            digests[str(uuid.UUID(name.removeprefix(_PLAN)))] = digest
        except ValueError:
            raise HTTPException(422, "This form takes plans alone.") from None
    if not digests:
        raise HTTPException(422, "Choose at least one plan.")
    return ChosenPlans(digests)


def _read(chosen: ChosenPlans, visited: Visit, transaction: Transaction) -> list[Dossier]:
    """Return the requests whose plans were chosen, by their day.

    Raises:
        PlanChanged: a plan does not wait for approval any more, or is another one now.
        UnknownRequest: the tenant has no such request.
    """
    found = [read_dossier(visited, one, transaction) for one in chosen.digests]
    changed = [
        one
        for one in found
        if not one.is_approvable
        or one.plan is None
        or one.plan.digest != chosen.digests[one.request.request_id]
    ]
    if changed:
        raise PlanChanged(
            f"{len(changed)} of {len(found)} plans changed or do not wait for approval any more. "
            "Nothing was approved; go back to the tasks and choose again"
        )
    return sorted(found, key=lambda one: one.filed.act_by)
