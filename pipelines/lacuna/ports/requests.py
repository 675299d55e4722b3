"""The requests of the queue: their states, clocks, batches and holds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lacuna.model.hold import ItemHold
from lacuna.model.identity import IdentityBasis
from lacuna.model.queue import (
    Obstacle,
)
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.request_reference import RequestFilter


class RequestRecords(Protocol):
    """Requests: their states, deadlines, holds, and the batches that they are worked on in."""

    def insert(
        self, request: Request, *, created_at: datetime, nonce: str, split_of: str | None = None
    ) -> Request:
        """Add a request in state RECEIVED; return it with its number.

        Args:
            split_of: the one that it was part of.

        Raises:
            ConfigurationError: another tenant's numbers begin with the tenant's `number_prefix`.
        """
        ...

    def lock(self, request_id: str) -> None:
        """Let nobody else decide on a request, or claim it, until the transaction ends."""
        ...

    def get(self, request_id: str) -> Request:
        """Return a request.

        Raises:
            UnknownRequest: there is none with this id.
        """
        ...

    def id_of(self, named: str) -> str:
        """Return the id of the request that its number, or at least 8 characters of its id, name.

        Raises:
            UnknownRequest: they name none or several, or are neither.
        """
        ...

    def numbers(self, request_ids: Collection[str]) -> Mapping[str, str]:
        """Return the numbers of requests by their ids."""
        ...

    def listed(self, asked: RequestFilter) -> list[tuple[Request, Obstacle | None]]:
        """Return the requests asked for, in order of receipt, each with why it waits."""
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
        """Return requests whose last day is over in UTC, before their clock was paused if it is.

        It runs until a request is closed, or its bundle handed over or deleted.
        """
        ...

    def due_soon(self, now: datetime) -> list[Request]:
        """Return requests whose last day is within a week, and whose clock runs."""
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
        """Move a request to another state, clear its obstacle, and return it as it is then.

        Raises:
            IllegalTransition: the move is not allowed, or another attempt has taken over.
        """
        ...

    def move_all(
        self, requests: Sequence[Request], to: RequestState, *, at: datetime
    ) -> list[Request]:
        """Move requests to another state, clear their obstacles, and return them as they are then.

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

    def obstruct_all(self, requests: Collection[Request], obstacle: Obstacle) -> None:
        """Record why requests wait; their states stay."""
        ...

    def obstacle(self, request_id: str) -> Obstacle | None:
        """Return why a request waits, or None."""
        ...

    def verify_identity(self, request: Request, basis: IdentityBasis) -> None:
        """Record that the requester's identity was verified, and on what it rests if nothing did.

        Raises:
            IllegalTransition: another attempt has taken over.
        """
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
