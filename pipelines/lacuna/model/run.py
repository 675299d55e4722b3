"""How a flow is run, and what it reports: options, roles, step lines."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from lacuna.model.scrub import NEVER, ScrubWindow


class Role(StrEnum):
    """The database role that a transaction takes on; OWNER is the login itself."""

    OWNER = "owner"
    PLANNER = "lacuna_planner"
    EXECUTOR = "lacuna_executor"
    VERIFIER = "lacuna_verifier"
    SEALER = "lacuna_sealer"
    AUDITOR = "lacuna_auditor"
    ANALYST = "lacuna_analyst"
    DPO = "lacuna_dpo"
    SUBMITTER = "lacuna_submitter"
    DELIVERY = "lacuna_delivery"


class Mode(StrEnum):
    """Whether a flow may change the platform."""

    OBSERVE = "observe"  # everything up to the plan and the gates
    ACT = "act"


class ApprovalMode(StrEnum):
    """Who approves a plan."""

    MANUAL = "manual"  # a person, by the plan's digest
    AUTO = "auto"  # the data team decided that plans need nobody


@dataclass(frozen=True)
class TaskTry:
    """One try of one task of an orchestrator's run.

    Attributes:
        map_index: which of the mapped tasks; -1 for one that is not mapped.
        number: of the try, from 1.
    """

    task_id: str
    map_index: int
    number: int


@dataclass(frozen=True)
class RunScope:
    """What somebody limits one run to; by default to nothing.

    Attributes:
        is_dry: nothing of the platform is changed, whatever the installation's mode is.
        org_id: of fulfilment: requests of this tenant only.
        request: of fulfilment: the number or id of the only request.
        since: of reporting: all past periods from the one of this day.
    """

    is_dry: bool = False
    # What somebody wrote may be anything.
    org_id: str | None = field(repr=False, default=None)
    request: str | None = field(repr=False, default=None)
    since: date | None = None

    @property
    def is_part(self) -> bool:
        """Whether some of the requests are left out."""
        return self.org_id is not None or self.request is not None


EVERYTHING: Final = RunScope()
"""No limit."""


@dataclass(frozen=True)
class RunOptions:
    """How one run of a flow goes about it.

    Attributes:
        run_id: names the run in batches and step lines; holds no personal data.
        limit: most requests taken in one batch.
        max_rows: most rows a single plan may change.
        whole_rows: most rows of one table that one transaction changes for a request; beyond
            that, the request's rows are changed in portions.
        portion_rows: rows of a portion.
        forget_after_days: days that a closed request's key lives on.
        bundle_days: days until a sealed bundle expires.
        unnamed_days: files that no row names are left alone for as long after they came.
        quarantine_days: that such files can be put back before they are deleted.
        as_of: the moment that retention periods count back from; None: now. The sample
            platform ends at its reference date.
        scrub_window: when tables may be locked to rewrite their files.
        chunks: into which a batch is divided at most, each for a worker of an orchestrator.
        canary_org: the organization whose made-up contact is erased each day; None: none is.
        task: the task that works; None outside an orchestrator.
        page_url: address of the officers' page, for links in their mails; empty: no links.
        scope: what somebody limited the run to.
    """

    run_id: str
    mode: Mode
    approval: ApprovalMode = ApprovalMode.MANUAL
    limit: int = 1000
    max_rows: int = 200_000
    whole_rows: int = 50_000
    portion_rows: int = 1_000
    forget_after_days: int = 30
    bundle_days: int = 30
    unnamed_days: int = 30
    quarantine_days: int = 30
    as_of: datetime | None = None
    scrub_window: ScrubWindow = NEVER
    chunks: int = 1
    canary_org: str | None = None
    task: TaskTry | None = None
    page_url: str = ""
    scope: RunScope = EVERYTHING


@dataclass(frozen=True)
class StepLine:
    """One line of a run: what was done, counts and digests only.

    Attributes:
        step: verb of the stage, e.g. `plan`, `apply`, `verify`.
        outcome: a state, `done`, or the class name of an error.
        counts: named counts, e.g. `(("rows", 12),)`.
        at: when it was written; None in lines of earlier versions.
        task: the task that wrote it, or that it is about; None outside an orchestrator.
        reason: of a failure, the error's own message; it holds no value of a row.
    """

    step: str
    outcome: str
    request_id: str | None = None
    counts: tuple[tuple[str, int], ...] = ()
    digest: str | None = None
    seconds: float = 0.0
    is_failure: bool = False
    at: datetime | None = None
    task: TaskTry | None = None
    reason: str = ""


OF_ANOTHER_RUN: Final = StepLine("lines", "of_another_run", is_failure=True)
"""What is read for a line that lies in the file of a run and is not its own: a copied file is no run."""
AFTER_THE_END: Final = StepLine("lines", "after_the_end", is_failure=True)
"""What is read for lines that somebody added to the file of a run that has ended."""
