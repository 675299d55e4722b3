"""Where a stage acts, and how it records what it does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from lacuna.errors import ConfigurationError
from lacuna.model.evidence import Action, Entry, Phase
from lacuna.model.kept_right import KeptRight
from lacuna.ports.ledger import Ledger
from lacuna.ports.queue import Queue
from lacuna.ports.services import KeptRights, Keys


@dataclass(frozen=True)
class Desk:
    """Where a stage acts: one transaction's queue and ledger, at one time, as one actor.

    Attributes:
        actor: role and key id of a person (`dpo:ab12cd34`), or the flow (`flow:fulfilment`).
        batch_id: the batch that it acts for; None outside a flow.
        kept_rights: where decisions are kept that no restore may take back; None where none is made.
    """

    queue: Queue
    ledger: Ledger
    keys: Keys
    now: datetime
    actor: str
    batch_id: str | None = None
    kept_rights: KeptRights | None = field(default=None, repr=False, compare=False)
    _waiting: list[Entry] | None = field(default=None, repr=False, compare=False)

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

    def keep_right(self, right: KeptRight) -> None:
        """Keep a decision outside the database too, before it counts.

        Raises:
            ConfigurationError: nothing says where; nothing may be decided then.
        """
        if self.kept_rights is None:
            raise ConfigurationError(
                f"{right.request_id}: decisions cannot be stored outside the database, because no "
                "place is set"
            )
        self.kept_rights.keep(right)

    def _append(
        self,
        phase: Phase,
        what: tuple[Action, str, str | None],
        counts: tuple[int | None, int | None],
        digest: str | None,
    ) -> None:
        action, location, request_id = what
        entry = Entry(
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
        if self._waiting is None:
            self.ledger.append(entry)
        else:
            self._waiting.append(entry)

    @contextmanager
    def together(self) -> Iterator["Desk"]:
        """Yield a desk whose entries are added at the end of the block, all at once.

        The ledger is locked from then on alone, until the transaction ends. A block within such a
        block adds nothing by itself.
        """
        if self._waiting is not None:
            yield self
            return
        waiting: list[Entry] = []
        yield replace(self, _waiting=waiting)
        self.ledger.append_all(waiting)

    @contextmanager
    def afterwards(self) -> Iterator["Desk"]:
        """Yield a desk whose outcomes the next transaction is to record: `Ledger.record_kept`.

        For changes of the platform's rows: each row carries the number of the transaction that wrote
        it, and so would an entry that names the request.
        """
        waiting: list[Entry] = []
        yield replace(self, _waiting=waiting)
        self.ledger.keep(waiting)
