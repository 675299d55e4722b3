"""What a data protection officer is told by mail: ids and counts, never a person."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AlertKind(StrEnum):
    """What happened."""

    APPROVAL = "approval"  # a plan waits for its approval
    AMBIGUOUS = "ambiguous"  # somebody has to say who is meant
    OVERDUE = "overdue"
    FAILED = "failed"  # a step or a gate failed for a request
    RED_RUN = "red_run"
    LINK_LOCKED = "link_locked"  # or it expired: nobody downloads by it


@dataclass(frozen=True)
class Alert:
    """One thing that is told once.

    Attributes:
        reference: what it is told once for: a request with its plan or obstacle, or a run.
        subject: the request's number or the run's id, as the mail names it.
        why: what it waits for or what to do, in the words of the page; empty for none.
        due: when the request is due; None for a run.
        path: of its page, below the tenant's; empty for a run.
    """

    org_id: str
    kind: AlertKind
    reference: str
    subject: str
    why: str = ""
    due: date | None = None
    path: str = ""
