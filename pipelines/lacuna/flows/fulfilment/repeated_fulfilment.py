"""A fulfilment of requests that a rule approved: what was done to these people is done again."""

from collections.abc import Collection, Sequence
from typing import Final

from lacuna.errors import StatementRefused
from lacuna.flows.fulfilment.application import apply_all
from lacuna.flows.fulfilment.planning import plan_all
from lacuna.flows.fulfilment.request_closure import close_all
from lacuna.flows.fulfilment.resolution import resolve_all
from lacuna.flows.fulfilment.verification import verify_all
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.model.approval_rules import BY_REAPPEARANCE
from lacuna.model.request import Request, RequestState
from lacuna.model.run import Role
from lacuna.request import approve_by_rule

_S = RequestState
_MOVABLE: Final = (_S.RECEIVED, _S.RESOLVED, _S.PLANNED, _S.APPROVED, _S.APPLIED, _S.VERIFIED)


def fulfil_again(
    batch: Batch, ids: Sequence[str], steps: Steps, asked: Collection[str] = ()
) -> None:
    """Take the requests through every stage of a fulfilment, approved by the rule.

    Args:
        asked: those that wait for an officer instead.
    """
    stores, batch_id = batch.stores, batch.id or ""
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.claim(batch_id, _MOVABLE, len(ids), only=ids)

    def claimed() -> list[Request]:
        with stores.transaction(Role.PLANNER) as transaction:
            return [
                one
                for one in transaction.queue.requests.of_batch(batch_id)
                if one.request_id in ids
            ]

    resolve_all(batch, claimed(), steps)
    plan_all(batch, claimed(), steps)
    for request in claimed():
        if request.state is not RequestState.PLANNED:
            continue
        if request.request_id in asked:
            steps.add("waits_for_officer", request_id=request.request_id)
        else:
            _approve(request, batch, steps)
    apply_all(batch, claimed(), steps)
    verify_all(batch, claimed(), steps)
    close_all(batch, claimed(), steps)


def _approve(request: Request, batch: Batch, steps: Steps) -> None:
    """Approve by the rule; a request that the person made themselves waits for its officer."""
    try:
        with batch.stores.transaction(Role.EXECUTOR) as transaction:
            approve_by_rule([request], BY_REAPPEARANCE, batch.desk(transaction))
    except StatementRefused:
        steps.add("waits_for_officer", request_id=request.request_id)
