"""What the entries of one request add up to: times, approver, and rows by action and place."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence.canonical_bytes import instant
from lacuna.model.evidence import Action, Leaf, Phase

CHANGING: Final = frozenset(
    {
        Action.ANONYMIZE_ROWS,
        Action.REDACT_TEXT,
        Action.REDACT_MENTIONS,
        Action.EMPTY_FILES,
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


def deadline(
    leaves: Sequence[Leaf], closing: Leaf, *, is_handed_over: bool = True
) -> dict[str, str | int | bool | None] | None:
    """Return when a request was due and when it was closed; None where no entry names the day.

    A period ends with its last day (Regulation 1182/71, Art. 3(2)), so days are compared, in UTC.
    What was refused, or about nobody, was closed by that decision and not by its certificate. Access
    is given when the person can have the bundle (Art. 15(3)): until then nothing was met.

    Args:
        is_handed_over: whether it is looked at when the bundle was handed over, as certificates of
            earlier versions did not.
    """
    days = [leaf.entry.location for leaf in leaves if leaf.entry.action is Action.DEADLINE]
    if not days:
        return None
    try:
        due = date.fromisoformat(days[-1].rpartition(" ")[2])
    except ValueError:
        raise EvidenceBroken("an entry about the deadline contains no day") from None
    ends = {Action.REFUSED, Action.NOTHING_FOUND}
    decided = [leaf for leaf in leaves if leaf.entry.action in ends]
    closed_at = (decided[-1] if decided else closing).entry.at
    late = max(0, (closed_at.date() - due).days)
    found: dict[str, str | int | bool | None] = {
        "due_on": due.isoformat(),
        "closed_at": instant(closed_at),
        "is_met": late == 0,
        "days_late": late,
    }
    if not is_handed_over or not any(leaf.entry.action is Action.SEAL_BUNDLE for leaf in leaves):
        return found
    handed = [leaf.entry.at for leaf in leaves if leaf.entry.action is Action.RELEASE_BUNDLE]
    late = max(late, (handed[0].date() - due).days) if handed else late
    return found | {
        "handed_over_at": instant(handed[0]) if handed else None,
        "is_met": late == 0 if handed or late else None,
        "days_late": late,
    }


def approver(leaves: Sequence[Leaf]) -> str | None:
    """Return who approved the plan last, as role and key id."""
    actors = [leaf.entry.actor for leaf in leaves if leaf.entry.action is Action.APPROVED]
    return actors[-1] if actors else None


def unrevoked_from(leaves: Sequence[Leaf]) -> int:
    """Return the index of the first leaf after the last revocation of an approval; 0 for none."""
    revoked = [
        index for index, leaf in enumerate(leaves) if leaf.entry.action is Action.APPROVAL_REVOKED
    ]
    return revoked[-1] + 1 if revoked else 0


def repeats(leaves: Sequence[Leaf]) -> list[str]:
    """Return the ids of earlier requests that this one repeats, each once, in order."""
    found = (
        leaf.entry.location.partition("/")[2]
        for leaf in leaves
        if leaf.entry.action is Action.REPEATED
    )
    return list(dict.fromkeys(found))


def done(leaves: Sequence[Leaf]) -> list[dict[str, str | int]]:
    """Return the sums of all outcomes, by action and place, in order of first mention.

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
