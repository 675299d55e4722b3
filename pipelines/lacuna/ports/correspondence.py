"""Mails, notices, consents and agreements."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from lacuna.model.agreement import Acceptance, Agreement, Dpa, InstructionSource
from lacuna.model.bundle import ConsentRecord
from lacuna.model.consent import (
    ConsentEntry,
    ConsentWeek,
    Lock,
    Recording,
    RecordingTable,
    UnconsentedRecording,
)
from lacuna.model.letter import Letter, LetterKind, SentLetter
from lacuna.model.location import RowKey, TableName
from lacuna.model.mail import MailOutcome, MailRecord
from lacuna.model.notice import Notice
from lacuna.model.request import Request


class Notices(Protocol):
    """Notices to recipients of an erasure, a correction or a restriction (Art. 19)."""

    def add(self, notice: Notice) -> None:
        """Queue a notice, once for each request, recipient and right."""
        ...

    def get(self, notice_id: str) -> Notice:
        """Return a notice.

        Raises:
            UnknownRequest: there is none with this id.
        """
        ...

    def notices(self) -> list[Notice]:
        """Return every notice, the oldest first."""
        ...

    def overdue(self, now: datetime) -> list[Notice]:
        """Return notices that were given up, or not told in time."""
        ...

    def due(self, now: datetime) -> Notice | None:
        """Return a notice to deliver now, locked, or None."""
        ...

    def count_due(self, now: datetime) -> int:
        """Return how many are due for delivery."""
        ...

    def put_off(self, notice: Notice, until: datetime) -> None:
        """Record that it could not be delivered, and when it is tried again."""
        ...

    def told(self, notice: Notice, receipt: str, at: datetime) -> None:
        """Record the receipt, and wipe whom the notice was about.

        Raises:
            UnknownRequest: it was told before.
        """
        ...

    def abandon(self, notice: Notice, at: datetime) -> None:
        """Give a notice up; a person tells the recipient by other means."""
        ...


class Mails(Protocol):
    """Mails that were taken in, and letters that wait to be delivered."""

    def add(self, record: MailRecord) -> None:
        """Record a mail; settled unless it waits for a person."""
        ...

    def get(self, mail_id: str) -> MailRecord:
        """Return a mail.

        Raises:
            UnknownRequest: there is none with this id.
        """
        ...

    def mails(self, outcome: MailOutcome | None = None) -> list[MailRecord]:
        """Return mails in order of receipt; of one outcome only if it is given."""
        ...

    def reasons(self) -> Mapping[str, str]:
        """Return the sentence of each reason for a review."""
        ...

    def kept(self) -> list[MailRecord]:
        """Return mails of which something is still kept."""
        ...

    def settle(
        self, record: MailRecord, outcome: MailOutcome, at: datetime, request_id: str | None = None
    ) -> None:
        """Record what a person made of a mail that waited, with its secrets as they are now.

        Raises:
            UnknownRequest: it does not wait any more.
        """
        ...

    def keep_facts(self, record: MailRecord) -> None:
        """Store the facts of a mail that waits as they are now.

        Raises:
            UnknownRequest: it does not wait any more.
        """
        ...

    def forget_settled(self, before: datetime) -> list[str]:
        """Delete what is kept of mails without a request, settled before a moment; return ids."""
        ...

    def remember(self, org_id: str, digests: Collection[bytes], week: date) -> None:
        """Keep digests of a mail, with the Monday of the week; one that is kept stays as it is."""
        ...

    def remembered(self, org_id: str, digests: Collection[bytes]) -> frozenset[bytes]:
        """Return those of some digests that are kept."""
        ...

    def count_remembered(self, org_id: str) -> int:
        """Return how many digests are kept of mails to a tenant."""
        ...

    def forget_remembered(self, before: date) -> int:
        """Delete the digests of weeks before a day, and rewrite the others, in their order.

        Returns:
            How many were deleted.
        """
        ...

    def queue_letter(self, letter: Letter) -> None:
        """Add a letter to those that wait."""
        ...

    def due_letters(self, now: datetime, limit: int) -> list[Letter]:
        """Return letters to be delivered now, locked, oldest first."""
        ...

    def letters_of(self, request_id: str) -> list[LetterKind]:
        """Return which kinds of letters a request got, or is to get, in order."""
        ...

    def letters_about(self, mail_id: str) -> list[SentLetter]:
        """Return the letters about a mail itself, in order."""
        ...

    def request_asked_by(self, letter_id: str) -> tuple[str, bool] | None:
        """Return the request whose requester a letter asked to specify (recital 63).

        And whether it is the letter of the pause that the request is in.
        """
        ...

    def asked_back(self) -> frozenset[str]:
        """Return the ids of mails whose writers were asked which rights they mean, or will be."""
        ...

    def end_letter(self, letter: Letter, at: datetime, *, is_delivered: bool) -> None:
        """Record that a letter was delivered, or given up, and wipe whom it was to."""
        ...

    def put_off_letter(self, letter: Letter, until: datetime) -> None:
        """Record that a letter could not be delivered, and when it is tried again."""
        ...


class Consents(Protocol):
    """The ledger of consents to recording, the platform's recordings, and their locks."""

    def add(
        self, entries: Collection[tuple[ConsentEntry, str | None]], at: datetime, actor: str
    ) -> int:
        """Append entries, each with the key of the person or None; return how many were new."""
        ...

    def entries(
        self, calls: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], list[ConsentEntry]]:
        """Return the entries about calls, by tenant and call, in the order in which they were said."""
        ...

    def general_entries(
        self, people: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], list[ConsentEntry]]:
        """Return the entries about no call alone, by tenant and key of the person."""
        ...

    def history(self, org_id: str, keys: Collection[str]) -> list[ConsentRecord]:
        """Return a person's answers about being recorded, oldest first."""
        ...

    def forget(self, org_id: str, keys: Collection[str]) -> int:
        """Delete whom entries are about; the entries stay and point at nobody. Return rows."""
        ...

    def new_consents(self) -> Iterator[list[ConsentEntry]]:
        """Yield what callers answered and the ledger does not hold yet, in batches."""
        ...

    def call_began(self, org_id: str, call: str) -> tuple[datetime | None] | None:
        """Return when a tenant's call began, if the platform says so; None for no such call."""
        ...

    def recordings(
        self, table: RecordingTable, keys: Collection[RowKey] | None = None
    ) -> Iterator[list[Recording]]:
        """Yield the rows of a table of recordings, all or those given, in batches."""
        ...

    def derived(
        self, table: TableName, keys: Collection[RowKey] | None = None
    ) -> Iterator[list[Recording]]:
        """Yield, for each call of which something derived is left and no recording, one entry."""
        ...

    def derived_rows(
        self,
        table: TableName,
        calls: Collection[str],
        parts: Mapping[TableName, Collection[RowKey]],
    ) -> list[RowKey]:
        """Return the rows of a derived table that lead to calls, or to some of their recordings."""
        ...

    def recordings_of(self, calls: Collection[str]) -> Mapping[TableName, list[RowKey]]:
        """Return the keys of all recordings of calls."""
        ...

    def weeks(self) -> tuple[ConsentWeek, ...]:
        """Return the calls of each tenant and week by what was answered, without recordings."""
        ...

    def locks(self) -> Mapping[tuple[str, RowKey], Lock]:
        """Return the locks, by table and key: since when and why."""
        ...

    def lock(self, found: Sequence[UnconsentedRecording], at: datetime) -> int:
        """Lock recordings, in the platform too where it has a status for it; return new locks."""
        ...

    def unlock(self, table: TableName, key: RowKey, *, is_deleted: bool) -> None:
        """Take a lock off; what was not deleted gets the status back that it had."""
        ...


class Agreements(Protocol):
    """Versions of texts, who accepted them, and the instructions of controllers."""

    def add(self, agreement: Agreement, at: datetime, actor: str) -> bool:
        """Add a version; return False if the tenant has one of this name already."""
        ...

    def accept(self, acceptance: Acceptance, at: datetime, actor: str) -> None:
        """Add that a version was accepted."""
        ...

    def versions(self) -> list[tuple[Agreement, int, datetime | None]]:
        """Return every version: how often contacts accepted it, and when the tenant first did."""
        ...

    def acceptances(self) -> Mapping[str, list[Acceptance]]:
        """Return who accepted each version, by its id, oldest first.

        A contact who was erased has no key any more: neither contact nor `accepted_by` is there.
        """
        ...

    def dpa(self, org_id: str, now: datetime) -> Dpa:
        """Return the data processing agreement that counts for a tenant now, accepted or not."""
        ...

    def instruct(
        self,
        requests: Sequence[Request],
        source: InstructionSource,
        at: datetime,
        actor: str,
        *,
        agreement_id: str | None = None,
    ) -> None:
        """Add on whose word requests are acted on; one or more."""
        ...

    def inherit(self, request: Request, parent: Request) -> int:
        """Add to a request on whose word its parent is acted on, as recorded there; return rows."""
        ...

    def instructed(self, request_ids: Collection[str]) -> frozenset[str]:
        """Return those of some requests that are acted on somebody's word."""
        ...

    def history(self, org_id: str, keys: Collection[str]) -> list[ConsentRecord]:
        """Return the versions that a contact accepted, oldest first."""
        ...
