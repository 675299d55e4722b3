"""An officer of every tenant approves a rule that changes data."""

from lacuna.errors import MalformedRequest, PlanChanged
from lacuna.model.approvable_rule import ApprovableRule
from lacuna.model.evidence import Action
from lacuna.ports import Desk


def approve_listed(
    digest: str, most: int | None, desk: Desk, *, is_unlimited: bool = False
) -> ApprovableRule:
    """Approve a rule of the list exactly as its digest says, and return it.

    Args:
        most: rows a night; None: no limit.
        is_unlimited: whether no limit was chosen; else that of the last approval under the rule's
            name is not taken away.

    Raises:
        PlanChanged: no rule of the list has this digest.
        MalformedRequest: it would lose its limit without anybody having said so.
    """
    rule = _listed(digest, desk)
    # A change of engine, age or scope makes another rule of it, which keeps the name.
    if most is None and rule.limit_before is not None and not is_unlimited:
        raise MalformedRequest(
            f"max_rows: rule {rule.name} was last approved with a limit of {rule.limit_before:,} "
            "rows a night; write a limit, or choose no limit (--unlimited). Nothing changed"
        )
    desk.queue.plans.approve_rule(rule.name, digest, most, desk.actor, desk.now)
    desk.record(Action.RULE_APPROVED, "lacuna.rule_approval", counts=(most, None), digest=digest)
    return rule


def revoke_listed(digest: str, desk: Desk) -> ApprovableRule:
    """Take the approval of a rule of the list back, and return it: no flow carries it out from then on.

    Raises:
        PlanChanged: no rule of the list has this digest, or it is not approved.
    """
    rule = _listed(digest, desk)
    if not rule.is_approved:
        raise PlanChanged(f"rule {rule.name} is not approved; there is nothing to take back")
    desk.record(Action.RULE_REVOKED, "lacuna.rule_approval", digest=digest)
    return rule


def _listed(digest: str, desk: Desk) -> ApprovableRule:
    for rule in desk.queue.plans.listed_rules():
        if rule.digest == digest:
            return rule
    raise PlanChanged(
        "no rule has this digest any more; nothing changed. Read the list of rules again"
    )
