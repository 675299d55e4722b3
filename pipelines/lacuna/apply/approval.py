"""Refuses what the ledger has no approval of: asked in each transaction that changes something."""

from collections.abc import Sequence
from typing import Final

from lacuna.errors import NotApproved
from lacuna.model.approval_rules import (
    BY_CANARY,
    BY_IDENTITY,
    BY_REAPPEARANCE,
    BY_SETTING,
    IDENTITY_ALONE,
)
from lacuna.model.request import Request
from lacuna.ports import Queue

_OFFICER: Final = "dpo:"
_OF_ANY_RIGHT: Final = frozenset({BY_CANARY, BY_REAPPEARANCE})


def require_approved(plans: Sequence[tuple[Request, str]], queue: Queue) -> None:
    """Refuse requests whose plan nobody approved who may, by the ledger's own entries.

    Args:
        plans: each request with the digest of its plan.
        queue: of the transaction that is about to change something.

    Raises:
        NotApproved: says of how many requests, two officers counted where two are needed; everything stays as it is.
    """
    approvers = queue.plans.approvers({request.request_id: digest for request, digest in plans})
    needed = queue.plans.officers_needed([request.org_id for request, _ in plans])
    missing = [
        request.request_id
        for request, _ in plans
        if not _may_go_on(
            request, approvers.get(request.request_id, frozenset()), needed[request.org_id]
        )
    ]
    if missing:
        raise NotApproved(
            f"{missing[0]}: the ledger has no approval of this plan"
            + (f", nor of {len(missing) - 1} others" if len(missing) > 1 else "")
            + "; nothing changed. Find out who moved the request on, then let an officer approve "
            "or refuse the plan"
        )


def require_rule_approved(name: str, digest: str, queue: Queue) -> None:
    """Refuse a rule that no officer approved as it is, by the ledger's own entry.

    Args:
        queue: of the transaction that is about to change something.

    Raises:
        NotApproved: everything stays as it is.
    """
    if queue.plans.rule_limit(name, digest) is None:
        raise NotApproved(
            f"rule {name}: the ledger has no approval of its current text; nothing more changed. "
            "An officer must read it (lacuna rule list) and approve it"
        )


def _may_go_on(request: Request, approvers: frozenset[str], needed: int) -> bool:
    if sum(one.startswith(_OFFICER) for one in approvers) >= needed:
        return True
    if approvers & _OF_ANY_RIGHT or (BY_SETTING in approvers and needed == 1):
        return True
    # The rule stood for other rights, if these have come to the request since.
    return BY_IDENTITY in approvers and set(request.kinds) <= IDENTITY_ALONE
