"""Which tables an erasure's plan changes, and what rewriting their files means for others."""

from collections.abc import Sequence
from typing import Final

from lacuna.model.location import TableName
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteRows,
    EmptyFiles,
    LinkTombstone,
    Plan,
    Rectify,
    RectifyCopies,
    RedactMentions,
    RedactText,
)
from lacuna.model.scrub import ALWAYS, NEVER, ScrubWindow, TableFiles

_MEGABYTE = 1_000_000
_NO_SCRUB: Final = "no scrub: LACUNA_SCRUB_WINDOW opens no window"
_OF_TABLES = (
    AnonymizeRows,
    RedactText,
    RedactMentions,
    EmptyFiles,
    DeleteRows,
    LinkTombstone,
    Rectify,
    RectifyCopies,
)


def changed_tables(plan: Plan) -> frozenset[TableName]:
    """Return the tables that a plan changes."""
    return frozenset(step.table for step in plan.steps if isinstance(step, _OF_TABLES))


def say_locks(plan: Plan, files: Sequence[TableFiles], window: ScrubWindow) -> str:
    """Return, for a person who reads a plan, which tables will be locked afterwards, and how long."""
    changed = changed_tables(plan)
    if not changed:
        return ""
    if window == NEVER:
        return f"Afterwards, {_NO_SCRUB}.\n"
    lines = [
        "Afterwards a scrub rewrites these tables one at a time and locks each of them meanwhile. "
        f"Time of the scrub: {_say_window(window)}"
    ]
    for one in files:
        if one.table in changed:
            measured = (
                "not measured yet"
                if one.lock_seconds is None
                else f"{one.lock_seconds:.2f} s last time"
            )
            lines.append(f"- {one.table}, {one.byte_count / _MEGABYTE:.1f} MB, {measured}")
    return "\n".join(lines) + "\n"


def sum_locks(plans: Sequence[Plan], files: Sequence[TableFiles], window: ScrubWindow) -> str:
    """Return in one line what a scrub locks after plans: how many tables, and the largest of them."""
    changed = {table for plan in plans for table in changed_tables(plan)}
    found = [one for one in files if one.table in changed]
    if not found:
        return ""
    if window == NEVER:
        return _NO_SCRUB
    largest = max(found, key=lambda one: one.byte_count)
    longest = max((one.lock_seconds for one in found if one.lock_seconds is not None), default=None)
    measured = "" if longest is None else f", the longest {longest:.2f} s last time"
    return (
        f"{_say_window(window)}, a scrub locks {len(found)} tables in turn, the largest "
        f"{largest.table} ({largest.byte_count / _MEGABYTE:.1f} MB){measured}"
    )


def _say_window(window: ScrubWindow) -> str:
    if window == ALWAYS:
        return "at the end of the run"
    return f"from {window.opens // 60:02}:{window.opens % 60:02} UTC for {window.minutes} minutes"
