"""The register of requests as a data protection officer reads it: one tenant, ids and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from lacuna.model.finding import Gate, Verification
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request, RequestKind, RequestState, is_past


class Shelf(StrEnum):
    """Which requests are listed."""

    OPEN = "open"
    APPROVAL = "approval"  # a plan waits for its approval
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    FAILED = "failed"  # a gate did not pass, or a step failed
    AMBIGUOUS = "ambiguous"
    CLOSED = "closed"
    ALL = "all"


class Order(StrEnum):
    """In which order they are listed."""

    DUE = "due"
    RECEIVED = "received"
    STATE = "state"


@dataclass(frozen=True)
class Selection:
    """Which requests are listed; what is left out limits nothing.

    Attributes:
        right: exercised, alone or with others.
        due_before: not closed, and to be acted on before this day in UTC.
        assigned_to: role and key id of the officer who has it.
        is_unassigned: whether only those are listed that no officer has.
    """

    shelf: Shelf = Shelf.OPEN
    right: RequestKind | None = None
    state: RequestState | None = None
    due_before: date | None = None
    assigned_to: str | None = None
    is_unassigned: bool = False


class TaskKind(StrEnum):
    """What a person has to do."""

    FAILURE = "failure"  # a gate did not pass, or a step failed
    DECIDED_BEFORE = "decided_before"  # held or refused before a restore: once more
    APPROVAL = "approval"
    IDENTITY = "identity"
    AMBIGUOUS = "ambiguous"
    INSTRUCTION = "instruction"  # of the controller
    CLARIFICATION = "clarification"  # the requester has not said for two weeks what they mean
    MAIL = "mail"  # to be read
    BUNDLE = "bundle"  # to be handed over
    HOLD_ENDS = "hold_ends"  # within a week
    OVERDUE = "overdue"  # by its day; of none of the kinds above, if nothing else is to do
    DUE_SOON = "due_soon"


class Assigned(StrEnum):
    """Whose tasks are listed."""

    MINE = "mine"
    NOBODY = "nobody"


class TaskOrder(StrEnum):
    """In which order tasks are listed."""

    DUE = "due"
    OLDEST = "oldest"  # received first
    NEWEST = "newest"


@dataclass(frozen=True)
class TaskSelection:
    """Which tasks are listed, and in which order; what is left out limits nothing.

    Attributes:
        officer: who reads, as role and key id: their own approval is not asked again. Empty for
            anybody else.
        right: of the request, or found in the mail.
    """

    officer: str = ""
    kind: TaskKind | None = None
    right: RequestKind | None = None
    assigned: Assigned | None = None
    order: TaskOrder = TaskOrder.DUE


@dataclass(frozen=True)
class Task:
    """Something that a person has to do.

    Attributes:
        about: id of the request or, for `MAIL`, of the mail.
        due_at: until when: the deadline, or the end of a hold or of a bundle.
        officer: who has it, as role and key id; None: nobody.
    """

    kind: TaskKind
    about: str
    due_at: datetime
    officer: str | None = None


@dataclass(frozen=True)
class Filed:
    """A request with what the register knows beside it.

    Attributes:
        passed: whether the gates passed when they last ran; None: they have not run.
        held_until: when a hold on all of it ends.
        has_bundle: whether there is a bundle for the person, or was.
        handed_over_at: when an officer handed it over; None: nobody has.
        bundle_until: when its file is deleted, or was; None where there is no bundle.
    """

    request: Request
    obstacle: Obstacle | None
    ground: str | None
    closed_at: datetime | None
    batch_id: str | None
    passed: bool | None
    held_until: datetime | None = None
    has_bundle: bool = False
    handed_over_at: datetime | None = None
    bundle_until: datetime | None = None

    @property
    def is_paused_in_time(self) -> bool:
        """Whether its clock is paused since its last day or before; one paused later stays overdue."""
        return self.request.is_paused_in_time

    @property
    def waits_for_identity(self) -> bool:
        """Whether it is open, and its requester must be verified."""
        return self.closed_at is None and (
            self.obstacle is Obstacle.IDENTITY
            or (self.obstacle is None and self.request.state is RequestState.IDENTITY_PENDING)
        )

    @property
    def waits_for_handover(self) -> bool:
        """Whether it is closed, and the person does not have the bundle yet."""
        return self.closed_at is not None and self.has_bundle and self.handed_over_at is None

    @property
    def act_by(self) -> datetime:
        """The deadline that counts: no weekend or holiday moves it."""
        return self.request.act_by

    def is_running(self, now: datetime) -> bool:
        """Whether its deadline is still to be met: it is open, or its bundle can be handed over."""
        if self.closed_at is None:
            return True
        return self.waits_for_handover and self.bundle_until is not None and now < self.bundle_until

    def is_overdue(self, now: datetime) -> bool:
        """Whether its last day is over, and the requester still waits."""
        if self.closed_at is None:
            return self.request.is_overdue(now)
        return self.is_running(now) and is_past(self.act_by, now)

    @property
    def days_late(self) -> int | None:
        """By how many days, in UTC, a closed request missed its deadline; None for no answer.

        A period ends with its last day (Regulation 1182/71, Art. 3(2)). Access is given when the
        person can have the bundle (Art. 15(3)), and not when Lacuna has written it.
        """
        if self.closed_at is None or self.request.state is RequestState.WITHDRAWN:
            return None
        if self.waits_for_handover:
            return None
        done_at = max(self.closed_at, self.handed_over_at or self.closed_at)
        due, done = (at.astimezone(UTC).date() for at in (self.request.due_at, done_at))
        return max(0, (done - due).days)


@dataclass(frozen=True)
class Standing:
    """What a tenant's register amounts to at a moment.

    Attributes:
        shelves: how many requests are on each shelf.
    """

    shelves: Mapping[Shelf, int]


@dataclass(frozen=True)
class Seal:
    """The last signed checkpoint: over how many entries, and when."""

    size: int
    at: datetime


@dataclass(frozen=True)
class Week:
    """What was closed in the week that begins on a Monday.

    Attributes:
        fulfilled: right → completed requests that exercised it.
        nothing_found: requests that were closed because nobody was found.
    """

    monday: date
    fulfilled: Mapping[RequestKind, int]
    nothing_found: int


@dataclass(frozen=True)
class GateDay:
    """What the gates said on a day.

    Attributes:
        residue: places in which a value was still found.
    """

    day: date
    passed: int
    failed: int
    residue: int


@dataclass(frozen=True)
class Weeks:
    """Whole weeks that were published together: one, or several where one alone was too small.

    Attributes:
        monday: their first day.
        sunday: their last day, included.
    """

    monday: date
    sunday: date

    @property
    def count(self) -> int:
        """How many weeks they are."""
        return ((self.sunday - self.monday).days + 1) // 7

    @classmethod
    def around(cls, first: date, last: date) -> "Weeks":
        """Return the weeks that some days lie in.

        >>> Weeks.around(date(2026, 11, 1), date(2026, 11, 2)).count
        2
        """
        monday = first - timedelta(days=first.weekday())
        return cls(monday, last + timedelta(days=6 - last.weekday()))


@dataclass(frozen=True)
class ConsentWeeks:
    """What callers chose when they were asked about a recording, as it was published.

    Attributes:
        chosen: callers who agreed, declined, and chose nothing; None where nothing is told.
        recorded: calls of which some time was recorded, and those served with nothing recorded;
            None where nothing is told.
        withheld: groups of which nothing is told, because it would tell what a caller chose.
    """

    weeks: Weeks
    chosen: tuple[int | None, int | None, int | None]
    recorded: tuple[int | None, int | None]
    withheld: int


@dataclass(frozen=True)
class Figure:
    """A number of the anonymized reports, rounded; None where nothing is told: that is not zero."""

    weeks: Weeks
    number: int | None


@dataclass(frozen=True)
class Figures:
    """What was published of whole weeks in the anonymized reports.

    Attributes:
        conversations: those that began in the weeks.
        handling_s: seconds that one took on average.
        satisfied_percent: ratings of 4 or 5 out of 100.
    """

    conversations: Sequence[Figure]
    handling_s: Sequence[Figure]
    satisfied_percent: Sequence[Figure]


@dataclass(frozen=True)
class History:
    """The past of a tenant's register, for charts.

    Attributes:
        days_to_fulfil: whole days from receipt until a request was closed, or its bundle handed over
            if that is later → fulfilled requests, without those whose bundle was not handed over.
        late: fulfilled requests, and those for which nobody was found, closed or handed over after
            they were due.
    """

    weeks: Sequence[Week]
    days_to_fulfil: Mapping[int, int]
    late: int
    gates: Sequence[GateDay]
    consent: Sequence[ConsentWeeks]
    figures: Figures


@dataclass(frozen=True)
class Approval:
    """Who approved which plan, as role and key id."""

    digest: str
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True)
class SeenPlan:
    """A plan that an officer saw on the page.

    Attributes:
        steps: as the queue had them, JSON.
        seen_at: when they saw it last.
    """

    digest: str
    steps: str = field(repr=False)
    seen_at: datetime


@dataclass(frozen=True)
class Gates:
    """What the gates said at one time.

    Attributes:
        passed: whether they had found nothing.
        said: all that they said.
    """

    verified_at: datetime
    passed: bool
    said: Verification

    @property
    def has_searched(self) -> bool:
        """Whether one of them searched for values; the others read what a request changed or gave."""
        return not {Gate.RESIDUE, Gate.COPIES}.isdisjoint(self.said.gates)

    @property
    def sought(self) -> Sequence[tuple[str, int, str]]:
        """Each kind of value with a count, and where so many were searched for; none of old results."""
        places = self.said.places
        return () if places is None else tuple(places.by_kind(self.said.values))


@dataclass(frozen=True)
class Upload:
    """Submissions that wait to be confirmed.

    Attributes:
        content: encrypted with a key of the upload's own.
    """

    upload_id: str
    good: int
    bad: int
    uploaded_at: datetime
