"""The queue of requests in one transaction: secrets, plans, effects, results, bundles, people, and rows of large erasures."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lacuna.model.approvable_rule import ApprovableRule
from lacuna.model.bundle import PastRequest
from lacuna.model.delivery import DeliveryLink
from lacuna.model.finding import Verification
from lacuna.model.kept_right import Restriction
from lacuna.model.location import RowKey, TableName
from lacuna.model.proof import Proof
from lacuna.model.queue import (
    Effect,
    EffectAction,
    EffectTotal,
    InboxRow,
    Portion,
    Purpose,
    SealedBundle,
    StoredPlan,
)
from lacuna.model.request import Request, RequestKind
from lacuna.ports.requests import RequestRecords


class Portions(Protocol):
    """The rows of large erasures, divided; each portion is changed by a transaction of its own."""

    def clear(self, request_id: str) -> None:
        """Forget how a request's rows were divided, and the rows: nothing of it has begun."""
        ...

    def put(self, request_id: str, portion: Portion) -> None:
        """Add the rows of a portion that has not begun."""
        ...

    def renew_statistics(self) -> None:
        """Refresh the statistics of the rows: the database chooses its ways by how many there are."""
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

    def own_rows(
        self, request_id: str, tables: Collection[TableName]
    ) -> Mapping[TableName, frozenset[RowKey]]:
        """Return a request's own working rows in some tables, those that others may need too."""
        ...

    def free(self, request_id: str, portion: Portion) -> None:
        """Make shared rows own ones of a portion: nobody else needs them any more."""
        ...

    def note_last(self, request_id: str, table: TableName, keys: Collection[RowKey]) -> None:
        """Note rows that go although others may have named them, for the gate to ask about."""
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

    def forget_all(self, request_ids: Collection[str]) -> Mapping[str, int]:
        """Delete what closed requests needed: secrets, working rows, nonces; return rows by request."""
        ...

    def put(self, request_id: str, purpose: Purpose, content: bytes) -> None:
        """Store an encrypted working copy, in place of an older one."""
        ...

    def put_all(self, purpose: Purpose, contents: Mapping[str, bytes]) -> None:
        """Store encrypted working copies, by request, in place of older ones."""
        ...

    def get(self, request_id: str, purpose: Purpose) -> bytes | None:
        """Return an encrypted working copy, or None."""
        ...


class PlanRecords(Protocol):
    """Plans, their approvals, and the rows that they are about."""

    def put_all(self, plans: Sequence[tuple[StoredPlan, int]]) -> None:
        """Store the newest plans of requests, each of an attempt, in place of older ones."""
        ...

    def get(self, request_id: str) -> StoredPlan | None:
        """Return a request's newest plan, or None."""
        ...

    def each(self, request_ids: Sequence[str]) -> Iterator[StoredPlan]:
        """Yield the newest plans of requests, in any order; memory does not grow with them."""
        ...

    def approve(self, request_id: str, digest: str, actor: str, at: datetime) -> bool:
        """Record which officer approved which plan; return whether it is new."""
        ...

    def revoke(self, request_id: str, digest: str) -> int:
        """Delete officers' approvals of a plan that was not carried out; return how many."""
        ...

    def approve_by_rule(
        self, requests: Sequence[Request], rule: str, at: datetime, batch_id: str | None
    ) -> list[Request]:
        """Let a rule approve the plans of requests, with the ledger's entries; return them as approved."""
        ...

    def revoked(self, requests: Collection[Request]) -> frozenset[str]:
        """Return the requests of whose very plan an officer revoked an approval, as the ledger has it."""
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

    def put_proof(self, proof: Proof, at: datetime) -> None:
        """Record what a search by a data map found; an earlier record of the same map is replaced."""
        ...

    def is_proved(self, datamap_digest: str) -> bool:
        """Whether a search by a data map looked for people, and found nothing that would be left."""
        ...

    def rule_limit(self, rule: str, digest: str) -> int | None:
        """Return the most rows an approved rule may change a night; None: not approved."""
        ...

    def approve_rule(
        self, rule: str, digest: str, max_rows: int | None, actor: str, at: datetime
    ) -> None:
        """Record the approval of a sweep rule or of the drop of a legacy table."""
        ...

    def list_rules(self, rules: Iterable[tuple[str, str, str]], at: datetime) -> None:
        """Replace the list of rules that an officer may approve: name, meaning and digest of each."""
        ...

    def note_due(self, rule: str, digest: str, rows: int, at: datetime) -> None:
        """Record how many rows are due by a rule, approved or not."""

    def listed_rules(self) -> list[ApprovableRule]:
        """Return the list, in its order; whether each is approved as it is."""
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
    """The outbox: what must be done to objects after the rows."""

    def put(self, request_id: str, effects: Collection[tuple[EffectAction, str, str, str]]) -> None:
        """Add effects (action, store, pattern, path) to the outbox."""
        ...

    def pending(self, request_id: str) -> list[Effect]:
        """Return a request's effects that are still to be carried out, in order."""
        ...

    def pending_rewrites(self, request_ids: Collection[str]) -> list[Effect]:
        """Return the pending effects that rewrite objects, of applied requests.

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

    def put_all(self, results: Sequence[tuple[Request, Verification]], at: datetime) -> None:
        """Record the results of the gates: counts and places only."""
        ...

    def seen(self, request_ids: Collection[str]) -> frozenset[str]:
        """Return the requests that the gates said something of before."""
        ...

    def get(self, request_id: str) -> Verification | None:
        """Return the last result of the gates, or None."""
        ...

    def get_all(self, request_ids: Collection[str]) -> Mapping[str, Verification]:
        """Return the last results of the gates, by request; those without one are left out."""
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
        """Return bundles that are still there, and past their expiry or downloaded through a link."""
        ...

    def kept(self, org_id: str) -> list[SealedBundle]:
        """Return a tenant's bundles that have not been deleted, handed over or not."""
        ...

    def release(self, request_id: str, at: datetime, *, by_link: bool = False) -> None:
        """Record that a bundle was handed over, and wipe its passphrase.

        Args:
            by_link: the passphrase stays: a later link may be needed, until the bundle is deleted.
        """
        ...

    def take_back(self, request_id: str) -> None:
        """Record that a bundle must be handed over again: its link was taken back."""
        ...

    def delete(self, request_id: str, at: datetime) -> None:
        """Record that a bundle's file is gone; delete its link, and where that could be sent."""
        ...


class DeliveryRecords(Protocol):
    """Links to bundles, one for each bundle, and what bounds their use."""

    def put(self, link: DeliveryLink) -> None:
        """Record a link, in place of an older one to the same bundle."""
        ...

    def get(self, request_id: str) -> DeliveryLink | None:
        """Return the link to a request's bundle, locked until the transaction ends, or None."""
        ...

    def end(self, request_id: str) -> None:
        """Delete the link to a request's bundle, if there is one: it leads nowhere from then on."""
        ...

    def ended(self, now: datetime) -> list[DeliveryLink]:
        """Return the links that wrong codes locked, and those that expired before a download."""
        ...

    def is_valid(self, request_id: str, made_at: datetime, now: datetime) -> bool:
        """Whether the link that was made then is the newest of a request, neither expired nor locked."""
        ...

    def enter(self, token_hash: str) -> DeliveryLink | None:
        """Return the link with a token, locked until the transaction ends, or None.

        The delivery's role sees no other one in this transaction.
        """
        ...

    def save(self, link: DeliveryLink) -> None:
        """Record what happened to a link; what it leads to stays as it is."""
        ...

    def count_visit(self, bucket: int, now: datetime, since: datetime) -> int:
        """Count a visit of a client; return how many it made in the current period.

        Args:
            bucket: from 0 to 4095; several clients may share one.
            since: a period that began before this is over.
        """
        ...

    def take_slot(self, download_id: str, now: datetime, until: datetime) -> bool:
        """Take a place for a download, or keep the one that it has; return False if all are taken."""
        ...

    def free_slot(self, download_id: str, now: datetime) -> None:
        """Give the place of a download back."""
        ...


class PeopleRecords(Protocol):
    """Which requests are about whom, and whose data is restricted."""

    def restrict(
        self, request: Request, keys: Collection[str], kind: RequestKind, at: datetime
    ) -> int:
        """Restrict people, so that sweeps and reporting leave them out; return how many are new."""
        ...

    def restrictions(self) -> list[Restriction]:
        """Return the restrictions that are in effect, in order of requests."""
        ...

    def unrestrict(self, request_id: str) -> int:
        """Delete the restrictions of a request that ends without being fulfilled; return how many."""
        ...

    def belong_to(self, people: Sequence[tuple[Request, Collection[str]]]) -> None:
        """Record whose requests these are, so that the people can be told of them later."""
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
        """Delete whose requests were those of people who were erased; return how many.

        By what they are known as recipients of bundles goes too.
        """
        ...

    def lift_restrictions(self, org_id: str, keys: Collection[str]) -> int:
        """Delete the restrictions of people who were erased; return how many."""
        ...


class InboxRecords(Protocol):
    """Requests that other programs wrote into the inbox."""

    def new_rows(self, limit: int) -> list[InboxRow]:
        """Return rows that other systems inserted, locked, oldest first."""
        ...

    def record_result(
        self, inbox_id: int, status: str, *, request_id: str | None, reason: str | None
    ) -> None:
        """Record what became of an inbox row, and wipe the identifiers from it."""
        ...

    def fact(self, name: str) -> str | None:
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
        """The outbox: what must be done to objects after the rows."""

    @property
    def results(self) -> ResultRecords:
        """What verification saw."""

    @property
    def bundles(self) -> BundleRecords:
        """Sealed bundles."""

    @property
    def deliveries(self) -> DeliveryRecords:
        """Links to sealed bundles."""

    @property
    def people(self) -> PeopleRecords:
        """Which requests are about whom, and whose data is restricted."""

    @property
    def inbox(self) -> InboxRecords:
        """Requests that other programs wrote into the inbox."""
