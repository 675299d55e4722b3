"""What is recorded of requests: the queue, the ledger, and what people see and hand in."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lacuna.model.alert import Alert
from lacuna.model.bundle import PastRequest
from lacuna.model.evidence import Action, BegunSeal, Entry, Leaf
from lacuna.model.finding import Verification
from lacuna.model.hold import ItemHold
from lacuna.model.identity import IdentityBasis
from lacuna.model.kept_right import Mark
from lacuna.model.location import RowKey, TableName
from lacuna.model.queue import (
    Effect,
    EffectAction,
    EffectTotal,
    InboxAnswer,
    InboxRow,
    Obstacle,
    Portion,
    Purpose,
    SealedBundle,
    StoredPlan,
    Submission,
)
from lacuna.model.register import (
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
from lacuna.model.request import Request, RequestKind, RequestState


class Ledger(Protocol):
    """The append-only record of what was done. Entries hold no personal data."""

    def append(self, entry: Entry) -> Leaf:
        """Add an entry and return it with its position and leaf hash."""
        ...

    def append_all(self, entries: Sequence[Entry]) -> None:
        """Add entries in their order."""
        ...

    def keep(self, entries: Sequence[Entry]) -> None:
        """Keep outcomes about requests until `record_kept`, in another transaction, adds them."""
        ...

    def record_kept(self, request_ids: Collection[str]) -> None:
        """Add what was kept about requests, in its order."""
        ...

    def leaves(self, *, request_id: str | None = None) -> Iterator[Leaf]:
        """Yield entries in order; of one request only if `request_id` is given."""
        ...

    def locations(self, action: Action) -> frozenset[str]:
        """Return where an action was done: locations of its outcomes."""
        ...

    def digests(self, action: Action, *, location: str | None = None) -> frozenset[str]:
        """Return the digests that outcomes of an action name, at one location if it is given."""
        ...

    def outcomes(self, *actions: Action, after: int) -> list[Leaf]:
        """Return the outcomes of actions whose position is larger than one, in order."""
        ...

    def first_rows(self, action: Action, request_ids: Collection[str]) -> Mapping[str, int | None]:
        """Return, by request, the rows that its first outcome of an action names, if there is one."""
        ...

    def unrecorded(self, batch_ids: Collection[str]) -> list[str]:
        """Return which of these batches there are whose step lines no seal has recorded."""
        ...

    def recent_batches(self) -> list[str]:
        """Return the batches that may have written lines since the last checkpoint but one."""
        ...

    def last_of_batch(
        self, action: Action, batch_id: str, *, below: int | None = None
    ) -> Leaf | None:
        """Return the newest outcome of an action in a batch, below a position if one is given."""
        ...

    def begin_seal(self, *, size: int, root: str, at: datetime) -> None:
        """Remember a seal before it signs; refused unless the one before has its checkpoint."""
        ...

    def seals(self) -> tuple[BegunSeal, ...]:
        """Return every seal that was begun, smallest first."""
        ...

    def add_checkpoint(self, note: str, *, size: int, root: str, at: datetime) -> None:
        """Store a signed checkpoint; one that is not larger than the last is refused."""
        ...

    def sealed_at(self) -> datetime | None:
        """Return when the newest checkpoint was stored, or None before the first."""
        ...

    def checkpoints(self) -> tuple[str, ...]:
        """Return the stored notes, smallest ledger first; they are to be verified."""
        ...


class Portions(Protocol):
    """The rows of large erasures, divided; each portion is changed by a transaction of its own."""

    def clear(self, request_id: str) -> None:
        """Forget how a request's rows were divided, and the rows: nothing of it has begun."""
        ...

    def put(self, request_id: str, portion: Portion) -> None:
        """Add the rows of a portion that has not begun."""
        ...

    def renew_statistics(self) -> None:
        """Make the statistics of the rows anew: the database chooses its ways by how many there are."""
        ...

    def begin(self, request_id: str, tables: Sequence[TableName | None]) -> None:
        """Make portions pending, numbered from 1: whose tables they are, None for the last."""
        ...

    def pending(self, request_id: str) -> int:
        """Return how many portions are still to be changed."""
        ...

    def first_pending(self, request_id: str) -> Portion | None:
        """Return the portion to go on with, or None after the last."""
        ...

    def hold(self, request: Request) -> None:
        """Keep every other attempt at a request out until this transaction ends.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        ...

    def unknown(
        self, request_id: str, rows: Mapping[TableName, Collection[RowKey]]
    ) -> Mapping[TableName, frozenset[RowKey]]:
        """Return the rows that are none of a request's own working rows."""
        ...

    def drop(self, request_id: str, table: TableName, keys: Collection[RowKey]) -> None:
        """Forget own working rows that are not the person's any more."""
        ...

    def add_to_baseline(self, request_id: str, table: TableName, totals: Mapping[str, str]) -> None:
        """Add what rows amount to that are about to be changed."""
        ...

    def finish(self, request_id: str, number: int, transaction_id: str) -> None:
        """Record the transaction that changed a portion, in that transaction.

        Raises:
            IllegalTransition: the portion was changed before.
        """
        ...


class RequestRecords(Protocol):
    """Requests: their states, deadlines, holds, and the batches that they are worked on in."""

    def insert(
        self, request: Request, *, created_at: datetime, nonce: str, split_of: str | None = None
    ) -> None:
        """Add a request in state RECEIVED; `split_of` is the one that it was part of."""
        ...

    def get(self, request_id: str) -> Request:
        """Return a request.

        Raises:
            UnknownRequest: there is none with this id.
        """
        ...

    def in_states(self, states: Collection[RequestState] = ()) -> list[Request]:
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

    def divide_batch(self, batch_id: str, chunks: int) -> int:
        """Say in how many chunks a batch is worked on; return what was said first."""
        ...

    def chunks_of(self, batch_id: str) -> int:
        """Return in how many chunks a batch is worked on; 0 for one that was not divided."""
        ...

    def claim(
        self,
        batch_id: str,
        states: Collection[RequestState],
        limit: int,
        only: Collection[str] | None = None,
        *,
        but: Collection[str] = (),
    ) -> list[Request]:
        """Take open requests for a batch, oldest first, and raise their attempt.

        Requests that another transaction is claiming at this moment are left to it.

        Args:
            only: the requests to take from; None for all.
            but: requests to leave.
        """
        ...

    def planned_by_another_map(self, datamap_digest: str) -> list[str]:
        """Return the requests whose plan waits for its approval and is of another data map."""
        ...

    def move(
        self, request: Request, to: RequestState, *, at: datetime, ground: str | None = None
    ) -> Request:
        """Move a request to another state, clear its obstacle, and return it anew.

        Raises:
            IllegalTransition: the move is not allowed, or another attempt has taken over.
        """
        ...

    def move_all(self, requests: Sequence[Request], to: RequestState, *, at: datetime) -> None:
        """Move requests to another state, and clear their obstacles.

        Raises:
            IllegalTransition: a move is not allowed, or another attempt has taken one over.
        """
        ...

    def narrow(self, request: Request, kinds: Sequence[RequestKind]) -> None:
        """Leave a request these rights alone; a correction that is none of them is forgotten.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
        ...

    def name_withdrawal(self, request_id: str, mail_id: str) -> None:
        """Say which mail takes a request back, before it is moved."""
        ...

    def obstruct(self, request: Request, obstacle: Obstacle) -> None:
        """Record why a request waits or what failed; its state stays."""
        ...

    def obstacle(self, request_id: str) -> Obstacle | None:
        """Return why a request waits, or None."""
        ...

    def verify_identity(self, request: Request, how: str, basis: IdentityBasis) -> None:
        """Record how the requester's identity was verified."""
        ...

    def doubt_identity(self, request: Request) -> None:
        """Take back that the requester's identity was verified."""
        ...

    def hold_until(self, request_id: str, until: datetime) -> None:
        """Record when a hold lapses."""
        ...

    def hold_item(self, request: Request, hold: ItemHold, at: datetime, actor: str) -> None:
        """Record a hold on one table of a request, in place of an earlier one on it."""
        ...

    def hold_again(self, request: Request, hold: ItemHold, at: datetime) -> None:
        """Record that a hold on one table goes on, of somebody who is erased again.

        Raises:
            StatementRefused: the request erases nobody again, or has changed data already.
        """
        ...

    def item_holds(self, request_id: str) -> tuple[ItemHold, ...]:
        """Return the holds on single tables of a request, lapsed ones too."""
        ...

    def lapsed_holds(self, now: datetime) -> list[Request]:
        """Return held requests whose hold has lapsed."""
        ...

    def nonce(self, request_id: str) -> str:
        """Return the salt of a request's plan."""
        ...

    def force(self, request_id: str) -> None:
        """Record that open conversations do not block a request any more."""
        ...

    def record_transaction(self, request_ids: Sequence[str], transaction_id: str) -> None:
        """Record which transaction changed the platform's rows for these requests."""
        ...

    def with_unseen_siblings(self, request_ids: Collection[str]) -> frozenset[str]:
        """Return the requests of whose transaction another one was never verified."""
        ...

    def erased_since(self, org_id: str, person_kind: str, at: datetime) -> Mapping[str, int]:
        """Return by table how many people of a kind and tenant were erased in it since a time.

        Those that are verified count too.
        """
        ...


class SecretRecords(Protocol):
    """What is kept encrypted of a request while it is open."""

    def bundle_key(self, request_id: str) -> str | None:
        """Return the age recipient that a bundle is encrypted for, or None."""
        ...

    def set_bundle_key(self, request_id: str, key: str) -> None:
        """Record the age recipient of a request's bundle."""
        ...

    def read_ahead(self, request_ids: Collection[str]) -> None:
        """Read what will be asked of many requests: secrets, salts, holds, approvals."""
        ...

    def forget(self, request_id: str) -> int:
        """Delete what a closed request needed: secrets, working rows, nonce; return rows."""
        ...

    def put(self, request_id: str, purpose: Purpose, content: bytes) -> None:
        """Store an encrypted working copy, in place of an older one."""
        ...

    def get(self, request_id: str, purpose: Purpose) -> bytes | None:
        """Return an encrypted working copy, or None."""
        ...


class PlanRecords(Protocol):
    """Plans, their approvals, and the rows that they are about."""

    def put(self, plan: StoredPlan, attempt: int) -> None:
        """Store a request's newest plan in place of an older one."""
        ...

    def get(self, request_id: str) -> StoredPlan | None:
        """Return a request's newest plan, or None."""
        ...

    def approve(self, request_id: str, digest: str, actor: str, at: datetime) -> bool:
        """Record which officer approved which plan; return whether it is new."""
        ...

    def approve_by_rule(
        self, request: Request, rule: str, at: datetime, batch_id: str | None
    ) -> Request:
        """Let a rule approve a request's plan, with the ledger's entry; return it as approved."""
        ...

    def is_approved(self, request_id: str, digest: str) -> bool:
        """Whether this very plan was approved, as far as the queue knows."""
        ...

    def officers_needed(self, org_ids: Collection[str]) -> Mapping[str, int]:
        """Return how many officers (1 or 2) approve each plan of tenants."""
        ...

    def officers_missing(self, request: Request, digest: str) -> int:
        """Return how many more officers have to approve a plan of a request; 0: none."""
        ...

    def approvers(self, digests: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
        """Return who approved plans (digests by request), as the ledger has it."""
        ...

    def is_standing(self, rule: str) -> bool:
        """Whether the owner of the installation lets a rule approve."""
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
        self, request_id: str, role: str, rows: Mapping[TableName, Collection[RowKey]]
    ) -> None:
        """Replace a request's working rows of a role (`own` or `mention`)."""
        ...

    def put_rows_of_all(
        self,
        request_ids: Collection[str],
        role: str,
        rows: Mapping[TableName, Mapping[str, Collection[RowKey]]],
    ) -> None:
        """Replace the working rows of several requests in a role.

        Args:
            rows: by table, the keys of the rows of each request.
        """
        ...

    def put_baselines(self, table: TableName, totals: Mapping[str, Mapping[str, str]]) -> None:
        """Record by request what its own rows of a table amount to before the change."""
        ...


class EffectRecords(Protocol):
    """The outbox: what is to be done to objects after the rows."""

    def put(self, request_id: str, effects: Collection[tuple[EffectAction, str, str, str]]) -> None:
        """Add effects (action, store, pattern, path) to the outbox."""
        ...

    def pending(self, request_id: str) -> list[Effect]:
        """Return a request's effects that are still to be carried out, in order."""
        ...

    def pending_rewrites(self, request_ids: Collection[str]) -> list[Effect]:
        """Return the pending effects that write objects anew, of applied requests.

        Those are left out whose rows are still being changed in portions.
        """
        ...

    def requests(self, request_ids: Collection[str]) -> list[str]:
        """Return those of applied requests that have effects, or rows to be changed in portions."""
        ...

    def put_rule_effects(
        self, rule: str, effects: Collection[tuple[EffectAction, str, str, str]]
    ) -> None:
        """Add effects (action, store, pattern, path) of a sweep rule to the outbox."""
        ...

    def pending_rule_effects(self, rule: str, limit: int) -> list[Effect]:
        """Return up to `limit` effects of a sweep rule that are still to be carried out."""
        ...

    def pending_paths(self, store: str) -> frozenset[str]:
        """Return the paths in a store that effects are still to be carried out on, of whomever."""
        ...

    def finish(self, effect: Effect, *, was_there: bool) -> None:
        """Record an effect as carried out, or as found already done, and wipe its path."""
        ...

    def finished(self, request_id: str) -> list[EffectTotal]:
        """Return a request's finished effects, counted by action, store and pattern."""
        ...

    def forget(self, request_id: str) -> None:
        """Delete a request's finished effects, once the ledger says what they did."""
        ...


class ResultRecords(Protocol):
    """What verification saw."""

    def put(self, request: Request, result: Verification, at: datetime) -> None:
        """Record what the gates said: counts and locations only."""
        ...

    def seen(self, request_ids: Collection[str]) -> frozenset[str]:
        """Return the requests that the gates said something of before."""
        ...

    def get(self, request_id: str) -> Verification | None:
        """Return what the gates said last, or None."""
        ...


class BundleRecords(Protocol):
    """Sealed bundles."""

    def put(self, bundle: SealedBundle) -> None:
        """Record a sealed bundle, in place of an older one of the same request."""
        ...

    def get(self, request_id: str) -> SealedBundle | None:
        """Return a request's bundle that has not been deleted, or None."""
        ...

    def expired(self, now: datetime) -> list[SealedBundle]:
        """Return bundles past their expiry that are still there."""
        ...

    def release(self, request_id: str, at: datetime) -> None:
        """Record that a bundle was handed over, and wipe its passphrase."""
        ...

    def delete(self, request_id: str, at: datetime) -> None:
        """Record that a bundle's file is gone."""
        ...


class PeopleRecords(Protocol):
    """Which requests are about whom, and whose data is restricted."""

    def restrict(
        self, request: Request, keys: Collection[str], kind: RequestKind, at: datetime
    ) -> int:
        """Mark people so that sweeps and reporting leave them out; return new marks."""
        ...

    def marks(self) -> list[Mark]:
        """Return the marks that stand, in order of requests."""
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

    def keep(self, org_id: str) -> None:
        """Let no erasure of the tenant forget anybody until this transaction ends."""
        ...

    def await_recorders(self, org_id: str) -> None:
        """Wait until nobody keeps the tenant's people, and let nobody until this transaction ends."""
        ...

    def forget_requests(self, org_id: str, keys: Collection[str]) -> int:
        """Delete whose requests were those of people who were erased; return how many."""
        ...

    def lift_restrictions(self, org_id: str, keys: Collection[str]) -> int:
        """Delete the marks of people who were erased; return marks."""
        ...


class InboxRecords(Protocol):
    """Requests that other programs wrote into the inbox."""

    def new_rows(self, limit: int) -> list[InboxRow]:
        """Return rows that other systems inserted, locked, oldest first."""
        ...

    def answer(
        self, inbox_id: int, status: str, *, request_id: str | None, reason: str | None
    ) -> None:
        """Answer an inbox row and wipe the identifiers from it."""
        ...

    def mark(self, name: str) -> str | None:
        """Return a fact that Lacuna wrote about this database, or None."""
        ...


class Queue(Protocol):
    """Requests, their secrets, plans, approvals, working rows and effects.

    Every change of a request names the state and the attempt that it expects, so that a
    task that was taken over changes nothing.
    """

    @property
    def requests(self) -> RequestRecords:
        """Requests: their states, deadlines, holds, and the batches that they are worked on in."""

    @property
    def secrets(self) -> SecretRecords:
        """What is kept encrypted of a request while it is open."""

    @property
    def plans(self) -> PlanRecords:
        """Plans, their approvals, and the rows that they are about."""

    @property
    def effects(self) -> EffectRecords:
        """The outbox: what is to be done to objects after the rows."""

    @property
    def results(self) -> ResultRecords:
        """What verification saw."""

    @property
    def bundles(self) -> BundleRecords:
        """Sealed bundles."""

    @property
    def people(self) -> PeopleRecords:
        """Which requests are about whom, and whose data is restricted."""

    @property
    def inbox(self) -> InboxRecords:
        """Requests that other programs wrote into the inbox."""


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
