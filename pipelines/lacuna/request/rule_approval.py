"""An officer of every tenant approves a rule that changes data."""

from lacuna.errors import PlanChanged
from lacuna.model.approvable_rule import ApprovableRule
from lacuna.model.evidence import Action
from lacuna.ports import Desk


def approve_listed(digest: str, most: int | None, desk: Desk) -> ApprovableRule:
    """Approve a rule of the list exactly as its digest says, and return it.

    Args:
        most: rows a night; None: no limit.

    Raises:
        PlanChanged: no rule of the list has this digest.
    """
    for rule in desk.queue.plans.listed_rules():
        if rule.digest == digest:
            desk.queue.plans.approve_rule(rule.name, digest, most, desk.actor, desk.now)
            desk.record(
                Action.RULE_APPROVED, "lacuna.rule_approval", counts=(most, None), digest=digest
            )
            return rule
    raise PlanChanged(
        "no rule has this digest any more; nothing was approved. Read the list of rules again"
    )
