"""What the entries of one request add up to: times, approver, and rows by action and place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pipelines.evidence.canonical import instant
from pipelines.model.evidence import Action, Leaf, Phase

CHANGING: Final = frozenset(
    {
        Action.ANONYMIZE_ROWS,
        Action.REDACT_TEXT,
        Action.REDACT_MENTIONS,
        Action.DELETE_ROWS,
        Action.LINK_TOMBSTONE,
        Action.REFRESH_VIEW,
        Action.DELETE_OBJECTS,
        Action.REWRITE_OBJECTS,
        Action.RECTIFY,
        Action.RESTRICT,
        Action.WRITE_BUNDLE,
        Action.SEAL_BUNDLE,
    }
)
"""Actions that change data or hand it over."""


def times(leaves: Sequence[Leaf], certified_at: datetime) -> dict[str, str | None]:
    """Return when each step towards the certificate was last taken."""

    def last(*actions: Action) -> str | None:
        found: list[datetime] = [
            leaf.entry.at
            for leaf in leaves
            if leaf.entry.action in actions and leaf.entry.phase is Phase.OUTCOME
        ]
        return instant(found[-1]) if found else None

    return {
        "received_at": last(Action.RECEIVED),
        "planned_at": last(Action.PLANNED),
        "approved_at": last(Action.APPROVED),
        "done_at": last(*CHANGING),
        "certified_at": instant(certified_at),
    }


def approver(leaves: Sequence[Leaf]) -> str | None:
    """Return who approved the plan last, as role and key id."""
    actors = [leaf.entry.actor for leaf in leaves if leaf.entry.action is Action.APPROVED]
    return actors[-1] if actors else None


def done(leaves: Sequence[Leaf]) -> list[dict[str, str | int]]:
    """Return the sums of all outcomes, by action and location, in order of first mention.

    `already` counts what was found done: it is not part of `rows`.
    """
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for leaf in leaves:
        entry = leaf.entry
        if entry.action in CHANGING and entry.phase is Phase.OUTCOME:
            key = (entry.action.value, entry.location)
            rows, already = sums.get(key, (0, 0))
            sums[key] = (rows + (entry.rows or 0), already + (entry.already or 0))
    return [
        {"action": action, "location": location, "rows": rows, "already": already}
        for (action, location), (rows, already) in sums.items()
    ]
