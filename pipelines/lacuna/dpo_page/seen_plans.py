"""A plan in sums, and what differs between it and the one that its reader saw last."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request

from lacuna.datamap import load
from lacuna.dpo_page.dossier import Dossier
from lacuna.dpo_page.responses import wants_page
from lacuna.dpo_page.user_rights import Visit
from lacuna.errors import ConfigurationError
from lacuna.model.plan_summary import PlanSummary, summary_of
from lacuna.model.register import SeenPlan

_VISIT: Final = timedelta(minutes=30)
"""What was seen less than that ago was seen in this visit."""


@dataclass(frozen=True)
class LineDifference:
    """A line of a summary that differs between two plans.

    Attributes:
        unit: what is counted, as in the summary.
        before: how many in the earlier plan; None: it had no such line.
        now: the same of the later plan.
    """

    what: str
    how: str
    unit: str
    before: int | None
    now: int | None

    @property
    def words(self) -> str:
        """What became of it, such as `3 more`."""
        if self.before is None:
            return "new"
        if self.now is None:
            return "gone"
        return f"{abs(self.now - self.before)} {'more' if self.now > self.before else 'fewer'}"


@dataclass(frozen=True)
class PlanComparison:
    """A plan beside the ones that its reader saw.

    Attributes:
        seen_at: when they saw this very plan last; None: never before this visit.
        other_at: when they saw another plan of the request last; None: never.
        lines: what differs from the other one, by category of data; None where no summary tells.
    """

    seen_at: datetime | None
    other_at: datetime | None
    lines: tuple[LineDifference, ...] | None


def _line_differences(before: PlanSummary, now: PlanSummary) -> tuple[LineDifference, ...]:
    """Return the lines that differ between two summaries: changed or new ones, then those gone."""
    counts = [
        {(one.what, one.how, one.unit): one.count for one in (*each.changes, *each.stays)}
        for each in (before, now)
    ]
    return tuple(
        LineDifference(*line, *found)
        for line in dict.fromkeys([*counts[1], *counts[0]])
        if len(set(found := [each.get(line) for each in counts])) > 1
    )


def compared(dossier: Dossier, visited: Visit) -> PlanComparison | None:
    """Return a request's plan beside those that its reader saw; None if they saw none."""
    plan = dossier.plan
    if plan is None or not dossier.seen_plans:
        return None
    seen_at = {one.digest: one.seen_at for one in dossier.seen_plans}.get(plan.digest)
    if seen_at is not None and visited.stores.clock.now() - seen_at < _VISIT:
        seen_at = None
    others = [one for one in dossier.seen_plans if one.digest != plan.digest]
    if not others:
        return PlanComparison(seen_at, None, None)
    pair = [_known_summary(one.steps, visited) for one in (others[0], plan)]
    lines = None if pair[0] is None or pair[1] is None else _line_differences(pair[0], pair[1])
    return PlanComparison(seen_at, others[0].seen_at, lines)


def note_seen(request: Request, dossier: Dossier, visited: Visit) -> None:
    """Note that an officer sees the plan of an open request on a page."""
    plan, filed = dossier.plan, dossier.filed
    if plan is None or not dossier.reader or filed.closed_at or not wants_page(request):
        return
    seen = SeenPlan(plan.digest, plan.steps, visited.stores.clock.now())
    with visited.deciding() as transaction:
        transaction.plan_views.note(plan.request_id, dossier.reader, seen)


def summary_for(dossier: Dossier, visited: Visit) -> PlanSummary | None:
    """Return the summary of a request's plan; None without steps, or without a map to be read."""
    return None if dossier.plan is None else _known_summary(dossier.plan.steps, visited)


def _known_summary(steps: str, visited: Visit) -> PlanSummary | None:
    """Return the summary of steps; None without steps, or without a map to be read."""
    if not json.loads(steps):
        return None
    try:
        return summary_of(steps, load(visited.stores.datamap_path))
    except ConfigurationError:
        return None  # the steps themselves are on the page
