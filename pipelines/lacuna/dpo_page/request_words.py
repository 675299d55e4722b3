"""What the page and its CSV say of a request: its state, and how its deadline stands."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.register import Filed, Shelf
from lacuna.model.request import Request

_NEXT_WORD: Final = re.compile(r"(?<=[a-z])[A-Z]")


def words_of(name: object) -> str:
    """Return the words of the page for a member of an enumeration, or a step.

    >>> words_of("identity_pending"), words_of("RedactText")
    ('identity pending', 'Redact text')
    """
    if name == Shelf.AMBIGUOUS:
        return "needs review"
    if isinstance(name, IdentifierKind):
        return name.words
    # Kinds of steps are named like classes in the lines of runs.
    return _NEXT_WORD.sub(lambda found: f" {found[0].lower()}", str(name)).replace("_", " ")


def state_tags(one: Filed) -> list[tuple[str, str]]:
    """Return where a request stands and what holds it up: style and words of each."""
    if one.obstacle is Obstacle.NOT_APPROVED:
        return [("warn", "waiting for approval")]
    state = str(one.request.state)
    tags = [(f"state-{state}", words_of(state))]
    # What the state or the gates say by themselves is not said twice.
    if one.obstacle not in (None, state, Obstacle.IDENTITY, Obstacle.VERIFICATION_FAILED):
        tags.append(("warn", words_of(one.obstacle)))
    if one.passed is False or one.obstacle is Obstacle.VERIFICATION_FAILED:
        tags.append(("bad", "gate failed"))
    return tags


def deadline_tag(one: Filed, now: datetime) -> tuple[str, str] | None:
    """Return the outcome of the deadline, or the stop of its clock: style and words; None: it runs."""
    if one.closed_at is not None:
        late = one.days_late
        if late:
            return "bad", f"{late} day{'' if late == 1 else 's'} late"
        if late == 0:
            return "good", "on time"
        if one.waits_for_handover:
            is_kept = one.is_running(now)
            return ("warn", "not handed over") if is_kept else ("bad", "never handed over")
        return None
    if one.is_paused_in_time:
        return "", f"Paused: {words_of(one.request.pause)}"
    if one.held_until is not None:
        return "", f"on hold until {deadline_day(one.held_until)}"
    return None


def resumption(before: Request, after: Request) -> str:
    """Return the sentences that say what the end of a pause does to the deadline."""
    days = after.paused_days - before.paused_days
    day = deadline_day(after.act_by)
    if not days:
        return (
            "The clock runs again. The pause was shorter than 24 hours, so it adds no day: the "
            f"request stays due on {day}."
        )
    added = "1 whole day (24 hours)" if days == 1 else f"{days} whole days (24 hours each)"
    return f"The clock runs again. The pause adds {added}: the request is due on {day}."


def is_due(one: Filed, now: datetime) -> bool:
    """Whether somebody must do something by the day of the request."""
    return one.is_running(now) and not (one.closed_at is None and one.is_paused_in_time)


def deadline_day(moment: datetime) -> str:
    """Return the day of a deadline or a hold that letters and the ledger name, in every zone."""
    return moment.astimezone(UTC).date().isoformat()


def local_day(moment: datetime, zone: tzinfo) -> str:
    """Return the day of a moment in a zone."""
    return moment.astimezone(zone).date().isoformat()
