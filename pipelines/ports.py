"""What the stages need from the outside, as small protocols; `stores/` and `redaction/` fill them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from pipelines.model.agreement import Acceptance, Agreement, Dpa, InstructionSource
from pipelines.model.alert import Alert
from pipelines.model.answer import Answer, AnswerKind, Letter
from pipelines.model.bundle import ConsentRecord, PastRequest
from pipelines.model.consent import ConsentEntry, Found, Lock, Recording, RecordingTable, Week
from pipelines.model.datamap import DataMap, SweepRule
from pipelines.model.evidence import Action, Entry, Leaf, Phase
from pipelines.model.finding import Verification
from pipelines.model.identity import Identifier, SubjectRef
from pipelines.model.location import ColumnName, RowKey, TableName
from pipelines.model.mail import MailOutcome, MailRecord, WaitingMail
from pipelines.model.mart import DayTotal, Facts, Mart, Period, Release, SharedTotal
from pipelines.model.notice import Notice
from pipelines.model.queue import (
    Effect,
    EffectAction,
    EffectTotal,
    InboxAnswer,
    InboxRow,
    Obstacle,
    Purpose,
    SealedBundle,
    StoredPlan,
    Submission,
)
from pipelines.model.reappearance import ErasedPerson
from pipelines.model.register import (
    Approval,
    Filed,
    Gates,
    History,
    Order,
    Seal,
    Shelf,
    Standing,
    Upload,
)
from pipelines.model.request import Request, RequestKind, RequestState
from pipelines.model.run import Role, StepLine
from pipelines.model.schema import LiveSchema
from pipelines.model.scrub import ScrubRefusal, TableFiles


class Clock(Protocol):
    """The time, in UTC."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class Keys(Protocol):
    """One secret key per request, kept outside the database.

    Destroying the key makes everything encrypted with it unreadable, in backups too.
    """

    def encrypt(self, request_id: str, clear: bytes) -> bytes:
        """Return `clear` encrypted with the request's key; the key is made at the first call."""
        ...

    def decrypt(self, request_id: str, secret: bytes) -> bytes:
        """Return the clear bytes.

        Raises:
            EvidenceBroken: the key does not fit the bytes.
            UnknownRequest: the key is gone.
        """
        ...

    def derive(self, request_id: str, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose, which does not tell the request's own key.

        Raises:
            UnknownRequest: the key is gone.
        """
        ...

    def destroy(self, request_id: str) -> bool:
        """Destroy the key; return whether there was one."""
        ...


class Erased(Protocol):
    """Who was erased, by vendor ids, encrypted outside the database: to recognize who comes back."""

    def keep(self, person: ErasedPerson) -> None:
        """Keep a record durably; one of the same request stays as it was."""
        ...

    def request_ids(self) -> frozenset[str]:
        """Return the requests that erased somebody of whom a record is kept."""
        ...

    def people(self) -> Iterator[ErasedPerson]:
        """Yield every record, in order of request ids.

        Raises:
            EvidenceBroken: a record was altered.
            UnknownRequest: its key is gone; whoever it is about would not be recognized.
        """
        ...

    def destroy(self, request_id: str) -> bool:
        """Destroy a record, then its key; return whether there was one."""
        ...


class Objects(Protocol):
    """One object store (a folder or a bucket prefix), by paths relative to its root.

    A path that leaves the root, or passes through a symbolic link, is refused.
    """

    @property
    def name(self) -> str:
        """The store's name in the data map."""
        ...

    def size(self, path: str) -> int | None:
        """Return the object's size in bytes, or None if there is no such object."""
        ...

    def read(self, path: str) -> bytes:
        """Return the whole object."""
        ...

    def stream(self, path: str) -> Iterator[bytes]:
        """Yield the object in pieces that fit into memory."""
        ...

    def version(self, path: str) -> str:
        """Return a text that changes whenever the object does."""
        ...

    def paths(self) -> Iterator[str]:
        """Yield the path of every object in the store, sorted."""
        ...

    def delete(self, path: str) -> bool:
        """Delete the object durably; return False if it was already absent.

        The object is read back absent before this returns.
        """
        ...

    def replace(self, path: str, content: bytes) -> None:
        """Write the object anew, durably and in one step: old or new, never half."""
        ...


class Ledger(Protocol):
    """The append-only record of what was done. Entries hold no personal data."""

    def append(self, entry: Entry) -> Leaf:
        """Add an entry and return it with its position and leaf hash."""
        ...

    def leaves(self, *, request_id: str | None = None) -> Iterator[Leaf]:
        """Yield entries in order; of one request only if `request_id` is given."""
        ...

    def locations(self, action: Action) -> frozenset[str]:
        """Return where an action was done: locations of its outcomes."""
        ...

    def digests(self, action: Action) -> frozenset[str]:
        """Return the digests that outcomes of an action name."""
        ...

    def outcomes(self, action: Action, after: int) -> list[Leaf]:
        """Return the outcomes of an action whose position is larger than one, in order."""
        ...

    def add_checkpoint(self, note: str, *, size: int, root: str, at: datetime) -> None:
        """Store a signed checkpoint; one that is not larger than the last is refused."""
        ...

    def checkpoints(self) -> tuple[str, ...]:
        """Return the stored notes, smallest ledger first; they are to be verified."""
        ...


@dataclass(frozen=True)
class Passage:
    """A text to be treated.

    Attributes:
        media_type: `text/plain` or `text/html`.
        language: ISO 639-1 code; None if unknown.
        own: the persons whose own row this is: their short names count here too.
        kept_names: names of other people (agents) that stay in the text.
        allowed: persons' identifiers that stay here, because the row belongs to someone who
            holds the same value (a household phone).
        is_document: whether `text` is JSON, whose strings are of the media type. It is JSON
            still when it was treated.
    """

    text: str = field(repr=False)
    media_type: str = "text/plain"
    language: str | None = None
    own: frozenset[SubjectRef] = frozenset()
    kept_names: tuple[str, ...] = field(repr=False, default=())
    allowed: frozenset[Identifier] = field(repr=False, default=frozenset())
    is_document: bool = False


@dataclass(frozen=True)
class Span:
    """A part of a text, by code points of the original, half open.

    Attributes:
        label: what was found, e.g. `EMAIL_ADDRESS`, `PERSON`.
        score: 0 to 1; 1.0 for a known value.
        subjects: the people who hold a known value; empty for a detection.
    """

    start: int
    end: int
    label: str
    score: float
    subjects: frozenset[SubjectRef] = frozenset()


@dataclass(frozen=True)
class Redacted:
    """A treated text and the spans that were covered in the original.

    Attributes:
        unmodelled: the language that the text was read as, where no model of it finds names:
            those without context may have stayed. None if a model did, or none was asked.
    """

    text: str = field(repr=False)
    spans: tuple[Span, ...] = ()
    unmodelled: str | None = None


@dataclass(frozen=True)
class TextRow:
    """One row of the platform with its texts.

    Attributes:
        version: changes whenever the row does.
        texts: column → text; arrays and documents as JSON. NULLs are left out.
        documents: the columns whose text is JSON.
    """

    key: RowKey = field(repr=False)
    org_id: str
    language: str | None
    version: str
    texts: Mapping[str, str] = field(repr=False)
    documents: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ObjectRows:
    """The rows that name an object.

    Attributes:
        owners: keys of the people whom the rows lead to; empty where they lead to nobody.
        org_ids: tenants of the rows.
    """

    owners: frozenset[str] = field(repr=False)
    org_ids: frozenset[str]
    rows: frozenset[tuple[ColumnName, RowKey]] = field(repr=False)


@dataclass(frozen=True)
class TextChange:
    """New texts for one row, valid only while the row has the version that was read."""

    key: RowKey = field(repr=False)
    version: str
    texts: Mapping[str, str] = field(repr=False)


class Matcher(Protocol):
    """Finds known values of many people in one pass over a text."""

    def find(self, passage: Passage) -> tuple[Span, ...]:
        """Return every span that holds a known value, in order, not overlapping.

        Outside `passage.own` only values strong enough to stand alone count (full names,
        addresses, e-mail, phone and order numbers); a short name only beside such a value.
        """
        ...

    def find_all(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """Return what `find` does for each passage; many at once cost far less."""
        ...


class Redactor(Protocol):
    """Covers personal data in text. Fails closed: a text that cannot be analyzed raises."""

    def redact(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Cover known values first, then everything that the detectors find.

        Raises:
            RedactionFailed: a time-out or an exception in any detector; says how many texts.
        """
        ...

    def cover(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Cover known values only: for texts that belong to somebody else."""
        ...


class LabelDetector(Protocol):
    """Says what kinds of personal data are in texts, and neither where nor which."""

    def labels(self, texts: Sequence[str]) -> list[frozenset[str]]:
        """Return for each text the labels of what was found, e.g. `EMAIL_ADDRESS`.

        Raises:
            RedactionFailed: a text could not be analyzed.
        """
        ...


class PlatformReading(Protocol):
    """Reads the platform's tables as the data map describes them, for the planner."""

    def holders(
        self, org_id: str, identifiers: Collection[Identifier]
    ) -> Mapping[Identifier, frozenset[str]]:
        """Return, for each identifier, the subject keys of the people who hold it.

        E-mail addresses compare without case, phone numbers by their digits, everything
        else exactly. Conversation and message ids lead to the person they belong to. The
        tombstone contact is nobody, here and in whatever else asks for people.
        """
        ...

    def merged_with(self, org_id: str, keys: Collection[str]) -> frozenset[str]:
        """Return `keys` and every subject key merged into them, or that they merged into."""
        ...

    def identifiers_of(
        self, org_id: str, keys: Collection[str]
    ) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        """Return every identifier of each subject key, with whether it is a short name."""
        ...

    def everybody(self, org_id: str) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        """Return every identifier of every person of a tenant."""
        ...

    def other_addresses(self, org_id: str) -> frozenset[str]:
        """Return the e-mail addresses of other people (agents) of a tenant, in lower case."""
        ...

    def other_people(self, org_id: str) -> tuple[tuple[str, ...], ...]:
        """Return the known values of each other person (agent) of a tenant."""
        ...

    def own_rows(
        self, org_id: str, target: TableName, roots: Collection[str]
    ) -> Mapping[str, Mapping[TableName, frozenset[RowKey]]]:
        """Return, for each root key of `target`, the tenant's rows that lead to it, by table."""
        ...

    def due_rows(
        self, rule: SweepRule, digest: str, before: datetime
    ) -> Mapping[str, frozenset[RowKey]]:
        """Return, by tenant, rows that a sweep rule has not treated as they are now.

        Rows of restricted people are left out.
        """
        ...

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants that have people, sorted."""
        ...

    def restricted(self, org_id: str) -> frozenset[str]:
        """Return the subject keys of the people whom sweeps and reporting leave out."""
        ...

    def owners_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        """Return the subject keys that each row of `keys` belongs to."""
        ...

    def texts(self, org_ids: Collection[str]) -> Iterator[tuple[TableName, list[TextRow]]]:
        """Yield every row of the tenants that has text to search, in batches, table by table."""
        ...

    def texts_of(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[list[TextRow]]:
        """Yield the texts of given rows, in batches."""
        ...

    def object_paths(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[ColumnName, tuple[str, ...]]:
        """Return the object paths that given rows hold, by column."""
        ...

    def object_rows(self, store: str) -> Mapping[str, ObjectRows]:
        """Return, for each path that rows name in a store, those rows and their people."""
        ...

    def open_conversations(self, keys: Collection[RowKey]) -> int:
        """Return how many of the given conversations are open."""
        ...

    def other_names(self, org_id: str) -> tuple[str, ...]:
        """Return the names of other people (agents) of a tenant: they stay in texts."""
        ...

    def rows(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        """Yield the given columns of given rows, ordered by key within each batch."""
        ...


class PlatformWriting(Protocol):
    """Changes the platform's rows, for the executor; what is changed are the working rows."""

    def lock_own_rows(self, table: TableName, request_ids: Sequence[str]) -> Mapping[RowKey, str]:
        """Lock the own rows of the requests and return those that are there, with versions."""
        ...

    def lock_rows(self, table: TableName, keys: Collection[RowKey]) -> Mapping[RowKey, str]:
        """Lock given rows and return those that are there, with versions."""
        ...

    def delete_echoes(self, table: TableName) -> int:
        """Delete rows that this transaction itself made triggers write; return rows."""
        ...

    def refresh_views(self, tables: Collection[TableName]) -> None:
        """Make materialized views anew, one that reads another after that one."""
        ...

    def measure(self, table: TableName, request_id: str) -> Mapping[str, str]:
        """Return the count and the sums of measures of a request's own rows, as text."""
        ...

    def anonymize(
        self, table: TableName, request_ids: Sequence[str], at: datetime
    ) -> Mapping[str, int]:
        """Treat the own rows of the requests; return rows changed by request.

        A key treated by `new_key` is derived from the request's nonce, so that a rerun
        arrives at the same one; the working rows follow it. `erased_at` takes the year alone.
        """
        ...

    def treat(self, table: TableName, keys: Collection[RowKey]) -> int:
        """Treat given rows as an erasure treats a person's own; return rows changed or deleted.

        For rows that no request names; columns whose text is rewritten are left alone.
        """
        ...

    def make_tombstone(self, org_id: str, at: datetime) -> bool:
        """Make a tenant's tombstone contact; return False if it was there.

        Raises:
            ApplyFailed: another row stands in its place.
        """
        ...

    def delete(self, table: TableName, request_ids: Sequence[str]) -> Mapping[str, int]:
        """Delete the own rows of the requests; return rows deleted by request."""
        ...

    def write_texts(
        self, table: TableName, columns: Sequence[str], changes: Collection[TextChange]
    ) -> int:
        """Write treated texts; return the number of rows.

        Raises:
            ApplyFailed: a row changed since its text was read; nothing may be kept.
        """
        ...

    def forget_path(self, column: ColumnName, keys: Collection[RowKey]) -> int:
        """Set a path column of given rows to NULL; return rows."""
        ...

    def rectify(self, request_id: str, values: Mapping[str, str]) -> int:
        """Correct columns of the person's row in the subject table; return rows."""
        ...

    def mark_swept(self, rule: SweepRule, digest: str, keys: Collection[RowKey]) -> int:
        """Note that rows were treated as they are now; return rows."""
        ...

    def transaction_id(self) -> str:
        """Return this transaction's id: every row it writes carries it."""
        ...


class Queue(Protocol):
    """Requests, their secrets, plans, approvals, working rows and effects.

    Every change of a request names the state and the attempt that it expects, so that a
    task that was taken over changes nothing.
    """

    def insert(self, request: Request, *, created_at: datetime, nonce: str) -> None:
        """Add a request in state RECEIVED."""
        ...

    def get(self, request_id: str) -> Request:
        """Return a request.

        Raises:
            UnknownRequest: there is none with this id.
        """
        ...

    def requests(self, states: Collection[RequestState] = ()) -> list[Request]:
        """Return requests in order of receipt; in the given states only, if any are given."""
        ...

    def open_of(self, org_id: str) -> list[Request]:
        """Return a tenant's requests that are not closed."""
        ...

    def of_batch(self, batch_id: str) -> list[Request]:
        """Return the requests that a batch has claimed, in order of receipt."""
        ...

    def closed_before(self, moment: datetime) -> list[Request]:
        """Return requests that were closed before a moment."""
        ...

    def unstated_refusals(self) -> list[tuple[str, str]]:
        """Return refused requests, with their ground, that the ledger says nothing more about."""
        ...

    def run_of(self, batch_id: str) -> tuple[str, str]:
        """Return the flow and the run id of a batch.

        Raises:
            EvidenceBroken: there is no such batch.
        """
        ...

    def runs_since(self, moment: datetime | None) -> list[tuple[str, str, datetime]]:
        """Return flow, run id and start of the runs since a moment, or of all, in order."""
        ...

    def unforgotten(self) -> list[Request]:
        """Return closed requests of which `forget` has not deleted anything yet."""
        ...

    def overdue(self, now: datetime) -> list[Request]:
        """Return open requests whose deadline has passed and whose clock runs."""
        ...

    def set_clock(self, request: Request) -> None:
        """Store the clock of a request as this value has it.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        ...

    def open_batch(self, batch_id: str, flow: str, run_id: str, at: datetime) -> None:
        """Record a batch; a second call with the same id changes nothing."""
        ...

    def claim(
        self,
        batch_id: str,
        states: Collection[RequestState],
        limit: int,
        only: Collection[str] | None = None,
    ) -> list[Request]:
        """Take open requests for a batch, oldest first, and raise their attempt.

        Requests that another transaction is claiming at this moment are left to it.

        Args:
            only: the requests to take from; None for all.
        """
        ...

    def move(
        self, request: Request, to: RequestState, *, at: datetime, ground: str | None = None
    ) -> Request:
        """Move a request to another state, clear its obstacle, and return it anew.

        Raises:
            IllegalTransition: the move is not allowed, or another attempt has taken over.
        """
        ...

    def narrow(self, request: Request, kinds: Sequence[RequestKind]) -> None:
        """Leave a request these rights alone; a correction that is none of them is forgotten.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        ...

    def obstruct(self, request: Request, obstacle: Obstacle) -> None:
        """Record why a request waits or what failed; its state stays."""
        ...

    def obstacle(self, request_id: str) -> Obstacle | None:
        """Return why a request waits, or None."""
        ...

    def verify_identity(self, request: Request, how: str) -> None:
        """Record how the requester's identity was verified."""
        ...

    def hold_until(self, request_id: str, until: datetime) -> None:
        """Record when a hold lapses."""
        ...

    def lapsed_holds(self, now: datetime) -> list[Request]:
        """Return held requests whose hold has lapsed."""
        ...

    def nonce(self, request_id: str) -> str:
        """Return the salt of a request's plan."""
        ...

    def bundle_key(self, request_id: str) -> str | None:
        """Return the age recipient that a bundle is encrypted for, or None."""
        ...

    def set_bundle_key(self, request_id: str, key: str) -> None:
        """Record the age recipient of a request's bundle."""
        ...

    def forget(self, request_id: str) -> int:
        """Delete what a closed request needed: secrets, working rows, nonce; return rows."""
        ...

    def put_secret(self, request_id: str, purpose: Purpose, content: bytes) -> None:
        """Store an encrypted working copy, in place of an older one."""
        ...

    def secret(self, request_id: str, purpose: Purpose) -> bytes | None:
        """Return an encrypted working copy, or None."""
        ...

    def put_plan(self, plan: StoredPlan, attempt: int) -> None:
        """Store a request's newest plan in place of an older one."""
        ...

    def plan(self, request_id: str) -> StoredPlan | None:
        """Return a request's newest plan, or None."""
        ...

    def approve(self, request_id: str, digest: str, actor: str, at: datetime) -> None:
        """Record who approved which plan."""
        ...

    def is_approved(self, request_id: str, digest: str) -> bool:
        """Whether this very plan was approved."""
        ...

    def rule_limit(self, rule: str, digest: str) -> int | None:
        """Return the most rows an approved rule may change a night; None: not approved."""
        ...

    def approve_rule(
        self, rule: str, digest: str, max_rows: int | None, actor: str, at: datetime
    ) -> None:
        """Record the approval of a sweep rule or of the drop of a legacy table."""
        ...

    def put_rows(
        self, request_id: str, role: str, rows: Mapping[TableName, Iterable[RowKey]]
    ) -> None:
        """Replace a request's working rows of a role (`own` or `mention`)."""
        ...

    def put_baseline(self, request_id: str, table: TableName, totals: Mapping[str, str]) -> None:
        """Record what a request's own rows of a table amount to before the change."""
        ...

    def record_transaction(self, request_ids: Sequence[str], transaction_id: str) -> None:
        """Record which transaction changed the platform's rows for these requests."""
        ...

    def has_unseen_siblings(self, request_id: str) -> bool:
        """Whether a request whose rows the same transaction changed was never verified."""
        ...

    def put_effects(
        self, request_id: str, effects: Collection[tuple[EffectAction, str, str, str]]
    ) -> None:
        """Add effects (action, store, pattern, path) to the outbox."""
        ...

    def pending_effects(self, request_id: str) -> list[Effect]:
        """Return a request's effects that are still to be carried out, in order."""
        ...

    def put_rule_effects(
        self, rule: str, effects: Collection[tuple[EffectAction, str, str, str]]
    ) -> None:
        """Add effects (action, store, pattern, path) of a sweep rule to the outbox."""
        ...

    def pending_rule_effects(self, rule: str, limit: int) -> list[Effect]:
        """Return up to `limit` effects of a sweep rule that are still to be carried out."""
        ...

    def finish_effect(self, effect: Effect, *, was_there: bool, at: datetime) -> None:
        """Record an effect as carried out, or as found already done, and wipe its path."""
        ...

    def finished_effects(self, request_id: str) -> list[EffectTotal]:
        """Return a request's finished effects, counted by action, store and pattern."""
        ...

    def put_verification(self, request: Request, result: Verification, at: datetime) -> None:
        """Record what the gates said: counts and locations only."""
        ...

    def verification(self, request_id: str) -> Verification | None:
        """Return what the gates said last, or None."""
        ...

    def put_bundle(self, bundle: SealedBundle) -> None:
        """Record a sealed bundle, in place of an older one of the same request."""
        ...

    def bundle(self, request_id: str) -> SealedBundle | None:
        """Return a request's bundle that has not been deleted, or None."""
        ...

    def expired_bundles(self, now: datetime) -> list[SealedBundle]:
        """Return bundles past their expiry that are still there."""
        ...

    def release_bundle(self, request_id: str, at: datetime) -> None:
        """Record that a bundle was handed over, and wipe its passphrase."""
        ...

    def delete_bundle(self, request_id: str, at: datetime) -> None:
        """Record that a bundle's file is gone."""
        ...

    def restrict(
        self, request: Request, keys: Collection[str], kind: RequestKind, at: datetime
    ) -> int:
        """Mark people so that sweeps and reporting leave them out; return new marks."""
        ...

    def unrestrict(self, request_id: str) -> int:
        """Delete the marks of a request that ends without being fulfilled; return marks."""
        ...

    def belongs_to(self, request: Request, keys: Collection[str]) -> None:
        """Record whose request it is, so that the person can be told of it later."""
        ...

    def requests_about(self, org_id: str, keys: Collection[str]) -> list[PastRequest]:
        """Return the requests of a person, oldest first."""
        ...

    def forget_requests(self, org_id: str, keys: Collection[str]) -> int:
        """Delete whose requests were those of people who were erased; return how many."""
        ...

    def lift_restrictions(self, org_id: str, keys: Collection[str]) -> int:
        """Delete the marks of people who were erased; return marks."""
        ...

    def new_inbox_rows(self, limit: int) -> list[InboxRow]:
        """Return rows that other systems inserted, locked, oldest first."""
        ...

    def answer_inbox(
        self, inbox_id: int, status: str, *, request_id: str | None, reason: str | None
    ) -> None:
        """Answer an inbox row and wipe the identifiers from it."""
        ...

    def mark(self, name: str) -> str | None:
        """Return a fact that Lacuna wrote about this database, or None."""
        ...


@dataclass(frozen=True)
class SearchedRows:
    """Rows as verification reads them, column by column.

    Attributes:
        columns: column → its value in each row as text, as bytes, or None for NULL. Columns
            that cannot hold an identifier (times, flags) are left out.
        links: column that holds the key of a person itself → that key in each row.
        ways: for each way to the person, the key that it leads to from each row.
    """

    columns: Mapping[str, Sequence[str | bytes | None]] = field(repr=False)
    links: Mapping[str, Sequence[str | None]] = field(repr=False, default_factory=dict)
    ways: Sequence[Sequence[str | None]] = field(repr=False, default=())

    def owners(self, row: int) -> frozenset[str]:
        """Return the keys of the people whom a row leads to."""
        return frozenset(key for way in self.ways if (key := way[row]) is not None)


@dataclass(frozen=True)
class NamedObject:
    """Whose rows name an object.

    Attributes:
        owners: keys of the people whom the rows lead to; empty where they lead to nobody.
        org_ids: tenants of the rows.
    """

    owners: frozenset[str] = field(repr=False)
    org_ids: frozenset[str]


@dataclass(frozen=True)
class Canaries:
    """Values that the search must see wherever it looks.

    Attributes:
        texts: for columns that hold text.
        number: for columns that hold numbers.
        uuid: for columns that hold UUIDs.
    """

    texts: Sequence[str]
    number: int
    uuid: str


class Verifying(Protocol):
    """The verifier's own reading: other queries and another role than what applied."""

    def own_tables(self) -> tuple[TableName, ...]:
        """Return the tables of Lacuna's own schemas."""
        ...

    def rows(
        self, table: TableName, org_id: str | None, only: Collection[str] | None = None
    ) -> Iterator[SearchedRows]:
        """Yield every row of a tenant, and of no tenant, in batches.

        Args:
            org_id: None for every row of one of Lacuna's own tables.
            only: the columns to read; None for all that can hold an identifier.

        Raises:
            DataMapDrift: the table, or a column that the query needs, is not there.
        """
        ...

    def rows_leading_to(
        self, target: TableName, roots: Collection[str], org_id: str
    ) -> Mapping[TableName, int]:
        """Return how many of a tenant's rows lead to one of the roots, for every mapped table.

        Args:
            target: the table whose keys the roots are: where a level starts.
        """
        ...

    def statistics(self) -> Iterator[tuple[ColumnName, str]]:
        """Yield what the planner's statistics hold of the platform's values, by column."""
        ...

    def canary_rows(self, table: TableName, canaries: Canaries) -> SearchedRows:
        """Return rows of the table's own shape that hold the canaries in every searched column.

        They go through the same query and the same types, and are written nowhere.
        """
        ...

    def opaque_columns(self, table: TableName) -> Mapping[str, str]:
        """Return the columns of a table that cannot be searched, with their types."""
        ...

    def other_people(self, org_id: str) -> tuple[tuple[str, ...], ...]:
        """Return the names of each other person (agent) of a tenant."""
        ...

    def named_objects(self, store: str) -> Mapping[str, NamedObject]:
        """Return each path of a store that a row names, and whose rows do."""
        ...

    def own_paths(
        self, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[ColumnName, tuple[str, ...]]]:
        """Return by request and column the objects that its own rows still name.

        Only columns whose objects an erasure deletes.
        """
        ...

    def own_rows(
        self, table: TableName, request_ids: Collection[str]
    ) -> Mapping[str, Sequence[str | None]]:
        """Return the requests' own rows as they are now, column by column, as text in UTC.

        The column `""` holds the request of each row.
        """
        ...

    def totals(
        self, table: TableName, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[str, str]]:
        """Return by request the count and the sums of measures of its own rows as they are now."""
        ...

    def baseline(
        self, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[TableName, Mapping[str, str]]]:
        """Return by request what its own rows amounted to before the change."""
        ...

    def working_rows(self, request_ids: Collection[str]) -> Mapping[str, Mapping[TableName, int]]:
        """Return by request and table how many own rows its plan named."""
        ...

    def transactions(self, request_ids: Collection[str]) -> Mapping[str, str]:
        """Return by request the transaction that changed its rows; without one, left out."""
        ...

    def strangers_changed(
        self, table: TableName, request_ids: Collection[str]
    ) -> Mapping[str, int]:
        """Return by request the rows that its transaction wrote and that no plan of it names."""
        ...

    def effects(self, request_ids: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        """Return by request how many of its effects are in each state."""
        ...


class OutsideTables(Protocol):
    """A database beside the platform's that is searched too: Airflow's own."""

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield the rows of every table, in batches, with whatever can hold text.

        Raises:
            DependencyUnreachable: it does not answer, or a table may not be read.
        """
        ...

    def canary_rows(self, canaries: Canaries) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield for every table rows of its own columns that hold the canaries."""
        ...


class Scrubber(Protocol):
    """Takes what was erased out of the database's own files; every command stands for itself."""

    def tables(self, schemas: Collection[str]) -> tuple[TableFiles, ...]:
        """Return the tables of the platform's schemas and of Lacuna's own, smallest first."""
        ...

    def rewrite(self, table: TableName) -> tuple[float, ScrubRefusal | None]:
        """Write a table's files anew; return for how long it was locked, and what stopped it."""
        ...

    def renew_statistics(self, tables: Collection[TableName]) -> tuple[TableName, ...]:
        """Make the statistics of tables anew, without an exclusive lock; return those refused."""
        ...

    def rewrite_statistics(self) -> ScrubRefusal | None:
        """Write the catalogs that hold statistics anew."""
        ...

    def clear_log(self) -> ScrubRefusal | None:
        """Have the segments of the write-ahead log until now removed."""
        ...

    def exposed(self) -> tuple[str, ...]:
        """Return the settings of the server by which values get into its logs, or elsewhere."""
        ...


class Scrubs(Protocol):
    """Records which tables were written anew, and when."""

    def put(self, files: TableFiles, lock_seconds: float, at: datetime) -> None:
        """Record that the files of a table were written anew, as it was when that began."""
        ...


class Transaction(Protocol):
    """One database transaction under one role: all of it is kept, or nothing."""

    @property
    def queue(self) -> Queue:
        """The queue in this transaction."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger in this transaction: rows and record commit together."""
        ...

    @property
    def mails(self) -> "Mails":
        """The mails and answers in this transaction."""
        ...

    @property
    def agreements(self) -> "Agreements":
        """The agreements in this transaction, and the instructions of controllers."""
        ...

    @property
    def notices(self) -> "Notices":
        """The notices to recipients in this transaction."""
        ...

    def consents(self, datamap: DataMap) -> "Consents":
        """The ledger of consents, and the recordings that it covers."""
        ...

    def reading(self, datamap: DataMap) -> PlatformReading:
        """The platform, to read."""
        ...

    def writing(self, datamap: DataMap) -> PlatformWriting:
        """The platform, to change."""
        ...

    def verifying(self, datamap: DataMap) -> Verifying:
        """The verifier's own reading."""
        ...

    def live_schema(self, schemas: Sequence[str]) -> LiveSchema:
        """The catalog as it is now."""
        ...

    @property
    def scrubs(self) -> Scrubs:
        """What was written anew, and when."""
        ...

    @property
    def marts(self) -> "Marts":
        """The anonymized aggregates."""
        ...

    @property
    def register(self) -> "Register":
        """The register of one tenant's requests."""
        ...

    @property
    def alerts(self) -> "Alerts":
        """What officers were told."""
        ...

    @property
    def inbox(self) -> "Inbox":
        """The inbox, for those who hand requests in."""
        ...


@dataclass(frozen=True)
class Desk:
    """Where a stage acts: one transaction's queue and ledger, at one time, as one actor.

    Attributes:
        actor: role and key id of a person (`dpo:ab12cd34`), or the flow (`flow:fulfilment`).
        batch_id: the batch that it acts for; None outside a flow.
    """

    queue: Queue
    ledger: Ledger
    keys: Keys
    now: datetime
    actor: str
    batch_id: str | None = None

    def intend(
        self,
        action: Action,
        location: str,
        *,
        request_id: str | None = None,
        rows: int | None = None,
        digest: str | None = None,
    ) -> None:
        """Record what is about to be done."""
        self._append(Phase.INTENT, (action, location, request_id), (rows, None), digest)

    def record(
        self,
        action: Action,
        location: str,
        *,
        request_id: str | None = None,
        counts: tuple[int | None, int | None] = (None, None),
        digest: str | None = None,
    ) -> None:
        """Record what was done; `counts` are rows, and how many were found already done."""
        self._append(Phase.OUTCOME, (action, location, request_id), counts, digest)

    def _append(
        self,
        phase: Phase,
        what: tuple[Action, str, str | None],
        counts: tuple[int | None, int | None],
        digest: str | None,
    ) -> None:
        action, location, request_id = what
        self.ledger.append(
            Entry(
                at=self.now,
                action=action,
                location=location,
                actor=self.actor,
                phase=phase,
                request_id=request_id,
                batch_id=self.batch_id,
                rows=counts[0],
                already=counts[1],
                digest=digest,
            )
        )


class Mailbox(Protocol):
    """Mails that wait to be taken in: a folder of files, or a mailbox on a server."""

    def waiting(self, limit: int) -> list[WaitingMail]:
        """Return up to `limit` mails, in a fixed order; nothing of them is read."""
        ...

    def read(self, mail: WaitingMail) -> bytes:
        """Return the mail's bytes; the caller has judged its size."""
        ...

    def remove(self, mail: WaitingMail) -> None:
        """Delete the mail; it was taken in."""
        ...

    def set_aside(self, mail: WaitingMail) -> None:
        """Move the mail to where it is kept for a person and not read again."""
        ...


class Notices(Protocol):
    """Notices to recipients of an erasure (Art. 19)."""

    def add(self, notice: Notice) -> None:
        """Queue a notice, once for each request and recipient."""
        ...

    def get(self, notice_id: str) -> Notice:
        """Return a notice.

        Raises:
            UnknownRequest: there is none with this id.
        """
        ...

    def notices(self) -> list[Notice]:
        """Return every notice, in order of the erasures."""
        ...

    def overdue(self, now: datetime) -> list[Notice]:
        """Return notices that were given up, or not told in time."""
        ...

    def due(self, now: datetime) -> Notice | None:
        """Return a notice that is to be delivered now, locked, or None."""
        ...

    def count_due(self, now: datetime) -> int:
        """Return how many are to be delivered now."""
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
    """Mails that were taken in, and answers that wait to be delivered."""

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

    def forget_settled(self, before: datetime) -> list[str]:
        """Delete what is kept of mails without a request, settled before a moment; return ids."""
        ...

    def queue_answer(self, answer: Answer) -> None:
        """Add an answer to those that wait."""
        ...

    def due_answers(self, now: datetime, limit: int) -> list[Answer]:
        """Return answers to be delivered now, locked, oldest first."""
        ...

    def answers_of(self, request_id: str) -> list[AnswerKind]:
        """Return what sorts of answers a request got, or is to get, in order."""
        ...

    def end_answer(self, answer: Answer, at: datetime, *, is_delivered: bool) -> None:
        """Record that an answer was delivered, or given up, and wipe whom it was to."""
        ...

    def put_off_answer(self, answer: Answer, until: datetime) -> None:
        """Record that an answer could not be delivered, and when it is tried again."""
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
        """Return what a person said about being recorded, oldest first."""
        ...

    def forget(self, org_id: str, keys: Collection[str]) -> int:
        """Delete whom entries are about; the entries stay and point at nobody. Return rows."""
        ...

    def new_answers(self) -> Iterator[list[ConsentEntry]]:
        """Yield what callers answered and the ledger does not hold yet, in batches."""
        ...

    def has_call(self, org_id: str, call: str) -> bool:
        """Whether a tenant has a call with this key."""
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

    def derived_rows(self, table: TableName, calls: Collection[str]) -> list[RowKey]:
        """Return the rows of a derived table that lead to calls."""
        ...

    def weeks(self) -> tuple[Week, ...]:
        """Return the calls of each tenant and week by what was answered, without recordings."""
        ...

    def locks(self) -> Mapping[tuple[str, RowKey], Lock]:
        """Return what is locked, by table and key: since when and why."""
        ...

    def lock(self, found: Sequence[Found], at: datetime) -> int:
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

    def dpa(self, org_id: str, now: datetime) -> Dpa:
        """Return the data processing agreement that counts for a tenant now, accepted or not."""
        ...

    def instruct(
        self,
        request: Request,
        source: InstructionSource,
        at: datetime,
        actor: str,
        *,
        agreement_id: str | None = None,
    ) -> None:
        """Add on whose word a request is acted on."""
        ...

    def instruction(self, request_id: str) -> InstructionSource | None:
        """Return on whose word a request is acted on; None: on nobody's yet."""
        ...

    def history(self, org_id: str, keys: Collection[str]) -> list[ConsentRecord]:
        """Return what a contact accepted, oldest first."""
        ...


class Outbox(Protocol):
    """Delivers letters; the same one again arrives once, as far as the other side can tell."""

    def deliver(self, letter: Letter) -> None:
        """Deliver a letter.

        Raises:
            DependencyUnreachable: it could not be delivered now; try again later.
            RequestError: it cannot be delivered at all.
        """
        ...


class MailKeys(Protocol):
    """Finds the public keys with which mail domains sign (DKIM)."""

    def text(self, name: bytes) -> bytes | None:
        """Return the TXT record of a DNS name, or None."""
        ...


class RunLog(Protocol):
    """Keeps the step lines of runs as evidence."""

    def path(self, run_id: str) -> Path:
        """Return the file of a run."""
        ...

    def add(self, run_id: str, line: StepLine) -> None:
        """Append a line durably."""
        ...

    def read(self, run_id: str) -> tuple[StepLine, ...]:
        """Return the lines of a run, in order; none where there is no file.

        A line that cannot be read, because it was cut in a crash or edited, is a failure.
        """
        ...

    def lines_of(self, run_id: str) -> bytes:
        """Return what the file of a run holds now; nothing where there is none."""
        ...


class Webhooks(Protocol):
    """Tells recipients of erasures."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """Post a body; return the receipt.

        Raises:
            DependencyUnreachable: it could not be delivered now; try again later.
        """
        ...


class Stores(Protocol):
    """Everything outside that a flow needs."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def keys(self) -> Keys:
        """One key a request."""
        ...

    @property
    def erased(self) -> Erased:
        """Who was erased, to recognize who comes back."""
        ...

    @property
    def objects(self) -> Mapping[str, Objects]:
        """The object stores by their name in the data map."""
        ...

    @property
    def run_log(self) -> RunLog:
        """The step lines of runs."""
        ...

    @property
    def airflow(self) -> OutsideTables | None:
        """Airflow's metadata database, to read; None where it is not known."""
        ...

    @property
    def scrubber(self) -> Scrubber:
        """Takes what was erased out of the database's files."""
        ...

    @property
    def mail_keys(self) -> MailKeys:
        """The keys that mails are signed with."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Where answers go."""
        ...

    @property
    def webhooks(self) -> Webhooks:
        """Where recipients are told."""
        ...

    @property
    def notifier(self) -> Outbox:
        """Where notices to officers go."""
        ...

    @property
    def tenants_path(self) -> Path:
        """The file of the tenants."""
        ...

    def mailbox(self, address: str | None = None) -> AbstractContextManager[Mailbox]:
        """Open a mailbox: the one of the settings, or a path or `imap[s]://` address."""
        ...

    def exclusive(self, flow: str) -> AbstractContextManager[None]:
        """Keep a second run of a flow out until the block ends, or this process dies."""
        ...

    def folder_of(self, store: str) -> Path:
        """Return the folder of an object store, for the verifier's own walk."""
        ...

    def actor(self, role: str, user: str) -> str:
        """Return `role:key-id` for a person: random, and says nothing of them."""
        ...

    @property
    def home(self) -> Path:
        """The folder under which everything that a run creates lies."""
        ...

    @property
    def datamap_path(self) -> Path:
        """The data map's file."""
        ...

    def transaction(
        self, role: Role, *, org_id: str | None = None, is_read_only: bool = False
    ) -> AbstractContextManager[Transaction]:
        """Begin a transaction under a role; it commits at the end of the block."""
        ...


class Register(Protocol):
    """One tenant's requests, as the page of the data protection officer shows them."""

    def standing(self, now: datetime) -> Standing:
        """Return how many requests are on each shelf."""
        ...

    def listed(
        self, shelf: Shelf, order: Order, now: datetime, window: tuple[int, int]
    ) -> list[Filed]:
        """Return one page of a shelf.

        Args:
            window: how many to pass over, and how many to return at most.
        """
        ...

    def filed(self, request_id: str) -> Filed:
        """Return one request of the tenant.

        Raises:
            UnknownRequest: the tenant has none with this id.
        """
        ...

    def approvals(self, request_id: str) -> list[Approval]:
        """Return who approved which plan of a request, in order."""
        ...

    def gates(self, request_id: str) -> list[Gates]:
        """Return what the gates said of a request each time they ran, the newest first."""
        ...

    def seal(self) -> Seal | None:
        """Return the last signed checkpoint, or None before the first."""
        ...

    def history(self, since: datetime) -> History:
        """Return what was fulfilled, how fast, and what the gates said, since a moment."""
        ...

    def run_of(self, batch_id: str) -> tuple[str, str] | None:
        """Return flow and run id of a batch, or None."""
        ...

    def bundle_expiry(self, request_id: str) -> tuple[datetime, bool] | None:
        """Return when a request's bundle expires and whether its file is gone; None without one."""
        ...


class Alerts(Protocol):
    """What officers were told by mail."""

    def untold(self, notices: Iterable[Alert], at: datetime) -> list[Alert]:
        """Record notices as told, and return those that were not before."""
        ...


class Inbox(Protocol):
    """Where requests are handed in, and uploads wait to be confirmed."""

    def add(
        self, submissions: Sequence[Submission], once: tuple[str, str] | None = None
    ) -> list[int]:
        """Hand submissions in; return the ids of their rows, in order.

        Args:
            once: key and mark of a single submission that may be sent again.
        """
        ...

    def sent(self, key: str) -> tuple[int, str] | None:
        """Return row and mark of the tenant's submission with this key, or None."""
        ...

    def answer(self, inbox_id: int) -> InboxAnswer | None:
        """Return what became of one of the tenant's rows, or None if there is no such row."""
        ...

    def put_upload(self, org_id: str, upload: Upload, content: bytes) -> None:
        """Keep an upload, encrypted, until somebody confirms it."""
        ...

    def take_upload(self, upload_id: str) -> bytes | None:
        """Take one of the tenant's uploads away, and return its content; None if it is not there."""
        ...

    def forget_unconfirmed(self, before: datetime) -> list[str]:
        """Delete uploads that nobody confirmed, and keys of old submissions; return uploads' ids."""
        ...


class RowSource(Protocol):
    """Reads given rows of the platform, as the database holds them."""

    def rows(
        self, table: TableName, columns: Sequence[str], keys: frozenset[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        """Yield `columns` of the rows with these primary keys, one tuple a row, in any order.

        A row that is gone by now is left out. Values are those of the driver: text, numbers,
        aware datetimes, lists, JSON documents as Python values.

        Raises:
            PipelineError: the table cannot be read.
        """
        ...


class OthersCover(Protocol):
    """Covers the identifiers of everybody but one person, in texts of that person's rows.

    `Redactor.cover` is one, where its matcher knows the other people.
    """

    def __call__(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Return the passages with other people's identifiers covered, in the same order.

        Raises:
            RedactionFailed: a text could not be searched.
        """
        ...


class Marts(Protocol):
    """Reads the rows that are counted, and writes the cells of closed periods, once."""

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants, sorted."""
        ...

    def span(self, mart: Mart, org_id: str, since: date, until: date) -> tuple[date | None, int]:
        """Return the first day that has rows, and how many rows, from `since` to `until`."""
        ...

    def facts(self, mart: Mart, org_id: str, period: Period) -> Facts:
        """Return the rows of a period, one an interaction."""
        ...

    def keeps_rows(self, mart: Mart) -> bool:
        """Whether a mart decides by itself on which day a row is counted."""
        ...

    def day_totals(self, mart: Mart, org_id: str, since: date, until: date) -> Sequence[DayTotal]:
        """Return what the platform holds of each day that has rows."""
        ...

    def seen_totals(self, mart: Mart, org_id: str, since: date, until: date) -> Sequence[DayTotal]:
        """Return what it held when a run last looked."""
        ...

    def note_totals(
        self, mart: Mart, org_id: str, totals: Collection[DayTotal], at: datetime
    ) -> None:
        """Keep what the platform holds of days, to be compared with later."""
        ...

    def late_rows(self, mart: Mart, org_id: str, since: date, until: date) -> Sequence[str]:
        """Return the rows of sealed days that are counted nowhere yet."""
        ...

    def count_rows(self, mart: Mart, org_id: str, rows: Sequence[str], day: date | None) -> None:
        """Note on which day rows are counted; None: on none, now or later."""
        ...

    def columns(self) -> Sequence[tuple[str, str, str]]:
        """Return relation, column and type of everything in the schema of the marts."""
        ...

    def texts(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """Return the distinct values of every text column of its tables, by table and column."""
        ...

    def refresh_statistics(self) -> None:
        """Let the planner know of many rows counted just now; needs the owner's role."""
        ...

    def has_counted(self, mart: Mart, org_id: str) -> bool:
        """Whether it is known of any row on which day it is counted."""
        ...

    def fix_links(self, org_id: str, contact_ids: Sequence[str]) -> int:
        """Fix what depends on the link to one person, before it is cut; return rows."""
        ...

    def drop_links(self, org_id: str, rows: Sequence[str]) -> None:
        """Forget what was fixed for rows, once it is published."""
        ...

    def sealed_until(self, mart: Mart, org_id: str) -> date | None:
        """Return the last sealed day, or None before the first."""
        ...

    def sealed_since(self, mart: Mart, org_id: str) -> date | None:
        """Return the first sealed day, or None before there is one."""
        ...

    def seal(self, mart: Mart, release: Release) -> bool:
        """Write a period once; return False if the same cells are sealed already.

        Raises:
            EvidenceBroken: the period is sealed with other cells.
        """
        ...

    def releases(
        self, mart: Mart, org_id: str, since: date | None = None, until: date | None = None
    ) -> Iterator[Release]:
        """Yield sealed periods with their cells, oldest first; those that touch the days given."""
        ...

    def shared_totals(self, table: TableName) -> tuple[SharedTotal, ...] | None:
        """Return the totals that a legacy table shares with the marts; None if nothing says."""
        ...

    def has_table(self, table: TableName) -> bool:
        """Whether a table is there."""
        ...

    def drop(self, table: TableName, max_rows: int) -> int:
        """Drop a table and return how many rows it had.

        Raises:
            BlastRadiusExceeded: it has more rows than `max_rows`; it is still there.
        """
        ...


__all__ = [
    "Agreements",
    "Alerts",
    "Canaries",
    "Clock",
    "Consents",
    "Desk",
    "Erased",
    "Inbox",
    "Keys",
    "Ledger",
    "MailKeys",
    "Mailbox",
    "Mails",
    "Marts",
    "Matcher",
    "NamedObject",
    "ObjectRows",
    "Objects",
    "OthersCover",
    "Outbox",
    "OutsideTables",
    "Passage",
    "PlatformReading",
    "PlatformWriting",
    "Queue",
    "Redacted",
    "Redactor",
    "Register",
    "RowSource",
    "RunLog",
    "Scrubber",
    "Scrubs",
    "SearchedRows",
    "Span",
    "Stores",
    "TextChange",
    "TextRow",
    "Transaction",
    "Verifying",
]
