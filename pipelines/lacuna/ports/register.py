"""What an installation shows and hears: the register of one tenant, the alerts of officers, the inbox."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lacuna.model.alert import Alert
from lacuna.model.assignment import AssignedItem
from lacuna.model.identity import Identifier
from lacuna.model.queue import (
    InboxResult,
    Submission,
)
from lacuna.model.register import (
    Approval,
    Filed,
    Gates,
    History,
    Order,
    Seal,
    SeenPlan,
    Selection,
    Standing,
    Task,
    TaskKind,
    TaskSelection,
    Upload,
)


class Register(Protocol):
    """One tenant's requests, as the page of the data protection officer shows them."""

    def standing(self, now: datetime) -> Standing:
        """Return how many requests are on each shelf."""
        ...

    def listed(
        self, selected: Selection, order: Order, now: datetime, window: tuple[int, int]
    ) -> list[Filed]:
        """Return one page of a list.

        Args:
            window: how many to pass over, and how many to return at most.
        """
        ...

    def count(self, selected: Selection, now: datetime) -> int:
        """Return how many requests a list has."""
        ...

    def tasks(self, selected: TaskSelection, now: datetime, window: tuple[int, int]) -> list[Task]:
        """Return one page of what people have to do.

        Args:
            window: how many to pass over, and how many to return at most.
        """
        ...

    def task_counts(self, selected: TaskSelection, now: datetime) -> Mapping[TaskKind, int]:
        """Return how many tasks of each kind there are; the selected kind limits nothing here.

        What is overdue or due in seven days is counted by its day, and under its own kind besides.
        """
        ...

    def task_count(self, selected: TaskSelection, now: datetime) -> int:
        """Return how many tasks are selected, each once."""
        ...

    def filed_all(self, request_ids: Collection[str]) -> Mapping[str, Filed]:
        """Return requests of the tenant by their ids; those that it does not have are left out."""
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
        """Return the results of the gates for a request, each time they ran, the newest first."""
        ...

    def seal(self) -> Seal | None:
        """Return the last signed checkpoint, or None before the first."""
        ...

    def history(self, since: datetime, now: datetime) -> History:
        """Return the requests closed, the speed of the fulfilled ones, and the results of the gates, since a moment."""
        ...

    def run_of(self, batch_id: str) -> tuple[str, str] | None:
        """Return flow and run id of a batch, or None."""
        ...

    def bundle_expiry(self, request_id: str) -> tuple[datetime, bool] | None:
        """Return when a request's bundle expires and whether its file is gone; None without one."""
        ...


class Assignments(Protocol):
    """Which officers requests and mails are assigned to."""

    def officers(self, org_id: str) -> Mapping[str, str]:
        """Return the names of a tenant's officers by their role and key id."""
        ...

    def of(self, ids: Collection[str]) -> Mapping[str, str]:
        """Return by id of a request or mail who has it; what nobody has is left out."""
        ...

    def give(self, item: AssignedItem, officer: str, before: str | None, at: datetime) -> bool:
        """Assign a request or mail; return False if somebody else had it than `before`."""
        ...

    def take_back(self, item: AssignedItem, before: str | None) -> bool:
        """Assign it to nobody; return False if somebody else had it than `before`."""
        ...


class PlanViews(Protocol):
    """Which plans officers saw."""

    def of(self, request_id: str, officer: str) -> Sequence[SeenPlan]:
        """Return the plans of a request that an officer saw, at most two, the last one first."""
        ...

    def note(self, request_id: str, officer: str, plan: SeenPlan) -> None:
        """Note that an officer sees a plan, and forget all but the one that they saw before it."""
        ...


class Alerts(Protocol):
    """What officers were told by mail."""

    def untold(self, alerts: Iterable[Alert], at: datetime) -> list[Alert]:
        """Record alerts as told, and return those that were not before."""
        ...


class Inbox(Protocol):
    """Where requests are handed in, and uploads wait to be confirmed."""

    def add(
        self,
        submissions: Sequence[Submission],
        once: tuple[str, str] | None = None,
        *,
        submitted_by: str | None = None,
    ) -> list[int]:
        """Hand submissions in; return the ids of their rows, in order.

        Args:
            once: key and digest of a single submission that may be sent again.
            submitted_by: role and key id of the officer who does; None for anybody else.
        """
        ...

    def sent(self, key: str) -> tuple[int, str] | None:
        """Return row and digest of the tenant's submission with this key, or None."""
        ...

    def result(self, inbox_id: int) -> InboxResult | None:
        """Return one of the tenant's inbox rows, or None if there is no such row."""
        ...

    def waiting(self, limit: int) -> list[InboxResult]:
        """Return the tenant's inbox rows that the intake has not read yet, oldest first."""
        ...

    def waiting_identifiers(self) -> Mapping[int, tuple[Identifier, ...]]:
        """Return by which identifiers of a person each row that waits came, by its id."""
        ...

    def withdraw(self, inbox_id: int) -> bool:
        """Withdraw and wipe one of the tenant's inbox rows; False if it does not wait any more."""
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
