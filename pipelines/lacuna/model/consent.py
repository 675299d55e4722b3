"""Consent to recording: where the platform says it, what the ledger holds, what reconciliation finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lacuna.model.location import ColumnName, RowKey, TableName

RULE = "unconsented_recordings"
"""Name of the rule that locks and deletes recordings without consent, as it is approved."""

CONSENT_BASIS = "6(1)(a)"


@dataclass(frozen=True)
class RecordingTable:
    """A table with one row a recording or voicemail.

    Attributes:
        began: column with the moment from which it was recorded.
        status: `(column, value)` that locks a recording in the platform; None: it has none.
    """

    table: TableName
    began: str
    status: tuple[str, str] | None = None


@dataclass(frozen=True)
class OtherBasis:
    """Recordings of a tenant, or of one of its queues, that rest on another processing.

    Attributes:
        queue: None for every queue.
        processing: says the basis, the purpose and the period.
    """

    org_id: str
    queue: str | None
    processing: str


@dataclass(frozen=True)
class CallColumns:
    """Columns of the calls' table that say what the caller was asked, and what they did.

    Attributes:
        override: column that names who recorded against the answer; None for none.
    """

    began: str
    answer: str
    key: str
    version: str
    language: str
    prompted: str
    answered: str
    override: str | None


@dataclass(frozen=True)
class ConsentRule:
    """How consent to recording is read from a platform, and what follows where there is none.

    Attributes:
        calls: one row a call.
        granted: values of the answer that are an opt-in; any other one is none.
        declined: values that are a refusal.
        queue: column with the queue of a call, reached by links; None for none.
        derived: tables made from recordings (transcripts, summaries), whose rows lead to a call.
        bases: what does not rest on the processing of the recordings' own column.
        grace_days: days between locking and deleting.
    """

    calls: TableName
    columns: CallColumns
    granted: tuple[str, ...]
    declined: tuple[str, ...]
    queue: ColumnName | None
    recordings: tuple[RecordingTable, ...]
    derived: tuple[TableName, ...]
    bases: tuple[OtherBasis, ...]
    grace_days: int

    @property
    def grace(self) -> timedelta:
        """How long a recording is locked before it is deleted."""
        return timedelta(days=self.grace_days)

    def other_basis(self, org_id: str, queue: str | None) -> str | None:
        """Return the processing that a tenant's queue rests on instead; a queue's own comes first."""
        of_tenant: str | None = None
        for basis in self.bases:
            if basis.org_id == org_id and basis.queue is None:
                of_tenant = basis.processing
            elif basis.org_id == org_id and basis.queue == queue:
                return basis.processing
        return of_tenant


class ConsentStatus(StrEnum):
    """What somebody said about being recorded."""

    GRANTED = "granted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"  # asked, and no key was pressed
    WITHDRAWN = "withdrawn"


class ConsentPurpose(StrEnum):
    """What somebody agreed to, or did not."""

    RECORDING = "call_recording"
    FEEDBACK = "feedback"
    MARKETING = "marketing"


class ConsentMethod(StrEnum):
    """How it was said."""

    IVR = "ivr"
    VERBAL = "verbal"
    WEB = "web"
    MAIL = "mail"
    LETTER = "letter"


@dataclass(frozen=True)
class Prompt:
    """What the caller heard, and the key that they pressed.

    Attributes:
        at: when it was played.
    """

    key: str | None = None
    version: str | None = None
    language: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class ConsentEntry:
    """One entry of the ledger of consents.

    Attributes:
        call: key of the call that it is about; None: whatever was recorded of the person before.
        occurred_at: when it was said.
        purpose: what it was said of; consent to one thing is none to another.
    """

    org_id: str
    call: str | None = field(repr=False)
    status: ConsentStatus
    method: ConsentMethod
    occurred_at: datetime
    prompt: Prompt = Prompt()
    purpose: ConsentPurpose = ConsentPurpose.RECORDING


@dataclass(frozen=True)
class Recording:
    """A recording, a voicemail, or what was derived from one that is gone.

    Attributes:
        key: of its row; of something derived, the key of its call.
        call: key of its call; None: it leads to none.
        began_at: None where the platform does not say, and for what is derived.
        has_file: whether the platform still names a file.
        overridden_by: who recorded against the answer.
    """

    table: TableName
    key: RowKey = field(repr=False)
    org_id: str
    call: str | None = field(repr=False)
    call_began_at: datetime | None
    queue: str | None
    began_at: datetime | None
    has_file: bool
    overridden_by: str | None = field(repr=False)
    is_derived: bool = False


class Breach(StrEnum):
    """Why no consent covers a recording."""

    NOT_ASKED = "not_asked"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    OVERRIDDEN = "overridden"  # an agent recorded against the answer, or without one
    LATE = "late"  # the opt-in came after the recording had begun
    WITHDRAWN = "withdrawn"
    UNDATED = "undated"  # nothing says when it began, so nothing shows that consent came first


@dataclass(frozen=True)
class Lock:
    """Since when a recording is locked, and why."""

    breach: Breach
    since: datetime


@dataclass(frozen=True)
class UnconsentedRecording:
    """A recording without consent.

    Attributes:
        lock: None while it is not locked yet.
        is_restricted: it belongs to a restricted person, and stays as it is until that is lifted.
    """

    recording: Recording
    breach: Breach
    lock: Lock | None
    is_restricted: bool

    def is_due(self, rule: ConsentRule, now: datetime) -> bool:
        """Whether it must be deleted."""
        return (
            not self.is_restricted and self.lock is not None and self.lock.since + rule.grace <= now
        )


@dataclass(frozen=True)
class ConsentWeek:
    """One week of a tenant's calls, by the caller's answer, and of what was recorded in them.

    Calls are those asked and those not asked; asked are the three answers; recordings are those
    with consent, on another basis, without consent, and those whose file is gone.

    Attributes:
        label: week as in ISO 8601, of the beginning of the call, UTC.
    """

    org_id: str
    label: str
    opted_in: int = 0
    opted_out: int = 0
    unanswered: int = 0
    not_asked: int = 0
    consented: int = 0
    on_other_basis: int = 0
    without_consent: int = 0
    gone: int = 0

    @property
    def asked(self) -> int:
        """Calls in which the question was played."""
        return self.opted_in + self.opted_out + self.unanswered

    @property
    def calls(self) -> int:
        """All calls."""
        return self.asked + self.not_asked

    @property
    def recordings(self) -> int:
        """All recordings and voicemails, also those that are gone."""
        return self.consented + self.on_other_basis + self.without_consent + self.gone


@dataclass(frozen=True)
class Reconciliation:
    """What became of comparing every recording with the ledger of consents.

    Attributes:
        consented: recordings that an opt-in covers.
        other_basis: by table, processing and lawful basis, recordings that need no consent.
        found: the others.
        overrides: recordings that an agent made against the answer, lawful or not.
        unnamed: files of recordings that no row names, so that nothing can show consent.
    """

    consented: int
    other_basis: Mapping[tuple[TableName, str, str], int]
    found: tuple[UnconsentedRecording, ...]
    overrides: int
    unnamed: int
    weeks: tuple[ConsentWeek, ...]

    def breaches(self) -> Mapping[tuple[TableName, Breach], int]:
        """Return recordings without consent, counted by table and reason."""
        counts: dict[tuple[TableName, Breach], int] = {}
        for one in self.found:
            place = (one.recording.table, one.breach)
            counts[place] = counts.get(place, 0) + 1
        return dict(sorted(counts.items()))
