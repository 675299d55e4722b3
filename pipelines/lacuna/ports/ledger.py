"""The ledger: what was intended and done, in order."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lacuna.model.evidence import Action, BegunSeal, Entry, Leaf


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

    def leaves_of(self, request_ids: Collection[str]) -> Mapping[str, list[Leaf]]:
        """Return the entries of some requests, each in order."""
        ...

    def locations(self, action: Action) -> frozenset[str]:
        """Return where an action was done: the places of its outcomes."""
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
        """Store a signed checkpoint; one that is not larger than the last is refused.

        Args:
            note: the signed note; its second and third line say size and root once more.
            size: entries that it is about.
            root: Merkle root over them, hex.
            at: when it was signed.
        """
        ...

    def sealed_at(self) -> datetime | None:
        """Return when the newest checkpoint was stored, or None before the first."""
        ...

    def checkpoints(self) -> tuple[str, ...]:
        """Return the stored notes, smallest ledger first; the caller verifies them."""
        ...
