"""When flows run next, as the caller of the page knows it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Final

_FLOWS: Final = ("gdpr_intake", "gdpr_fulfilment", "gdpr_deadlines", "gdpr_seal")
"""Flows that an officer waits for."""
_PROMISE: Final = re.compile(r"\b[Tt]he next run of (gdpr_[a-z]+)\b(?! \()")


@dataclass(frozen=True)
class NextRun:
    """When a flow runs next.

    Attributes:
        at: None where nothing is scheduled.
    """

    at: datetime | None
    is_paused: bool


@dataclass(frozen=True)
class Schedule:
    """Says in words when flows run.

    Attributes:
        next_run: returns when a flow runs next by its name; None where nobody knows.
        zone: in which it names times.
    """

    next_run: Callable[[str], NextRun | None] = lambda _: None
    zone: tzinfo = UTC

    def in_zone(self, zone: tzinfo) -> "Schedule":
        """Return the same, with times in a zone."""
        return replace(self, zone=zone)

    def of(self, flow: str) -> str:
        """Return the next run of a flow as the subject of a sentence.

        >>> Schedule().of("gdpr_fulfilment")
        'the next run of gdpr_fulfilment'
        """
        return f"the next run of {flow}{self._when(flow)}"

    def dated(self, text: str) -> str:
        """Return a text that says when each run that it promises is, or why there is none.

        >>> run = NextRun(datetime(2026, 12, 2, 1, tzinfo=UTC), is_paused=False)
        >>> Schedule(lambda _: run).dated("The next run of gdpr_seal issues it.")
        'The next run of gdpr_seal (2026-12-02 01:00 UTC) issues it.'
        """
        return _PROMISE.sub(lambda found: f"{found[0]}{self._when(found[1])}", text)

    def _when(self, flow: str) -> str:
        found = self.next_run(flow)
        if found is None:
            return ""
        if found.is_paused:
            return " (paused in Airflow: nothing happens until somebody unpauses it)"
        if found.at is None:
            return " (no schedule in Airflow: nothing happens until somebody starts it)"
        return f" ({found.at.astimezone(self.zone):%Y-%m-%d %H:%M %Z})"

    def warnings(self) -> list[str]:
        """Return a sentence for each flow that an officer waits for and that does not run."""
        return [said for flow in _FLOWS if (said := self.warning(flow))]

    def warning(self, flow: str) -> str:
        """Return a sentence if a flow is paused, or not scheduled; else nothing."""
        found = self.next_run(flow)
        if found is None:
            return ""
        if found.is_paused:
            return f"{flow} is paused in Airflow. Nothing happens until somebody unpauses it."
        if found.at is None:
            return f"{flow} has no schedule in Airflow. Nothing happens until somebody starts it."
        return ""
