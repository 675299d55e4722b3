"""Physical erasure: when table files may be rewritten, and how deep an erasure has reached.

The levels: L0, no query returns the data; L1, the engine's files do not hold it (tables, indexes,
long values, statistics, the write-ahead log of this node); L2, the medium does not; L3, nor do
replicas, archives and backups. Lacuna reaches L1 at most, and says what holds the data beyond it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from lacuna.model.location import TableName

_WINDOW: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAY: Final = 24 * 60

STATISTICS: Final = "pg_catalog.pg_statistic"
"""Where the planner's statistics lie, as the ledger writes it."""

STATISTICS_OF: Final = "statistics of "
"""How the place of a finding in the statistics of a column begins."""

LOG: Final = "pg_wal"
"""The write-ahead log, as the ledger writes it."""

DATABASE: Final = "database"
"""The whole of it: recorded when nothing that was due is left."""


@dataclass(frozen=True)
class ScrubWindow:
    """When, in UTC, tables may be locked to rewrite their files.

    Attributes:
        opens: minute of the day, 0 to 1439.
        minutes: how long it stays open: 0 never, 1440 always.
    """

    opens: int
    minutes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the window of `always`, `never`, or `HH:MM-HH:MM` in UTC, over midnight too.

        Raises:
            ValueError: it is none of these, or as long as nothing.

        >>> ScrubWindow.parse("23:30-04:00")
        ScrubWindow(opens=1410, minutes=270)
        """
        if text in ("always", "never"):
            return cls(0, _DAY if text == "always" else 0)
        found = _WINDOW.fullmatch(text)
        if found is None:
            raise ValueError("a scrub window must be always, never, or HH:MM-HH:MM in UTC")
        opens, closes = (int(found[hour]) * 60 + int(found[hour + 1]) for hour in (1, 3))
        if opens == closes:
            raise ValueError("a scrub window must be always, never, or HH:MM-HH:MM in UTC")
        return cls(opens, (closes - opens) % _DAY)

    def is_open(self, now: datetime) -> bool:
        """Whether it is open at a moment (aware, UTC)."""
        return (now.hour * 60 + now.minute - self.opens) % _DAY < self.minutes

    def next_night(self, now: datetime) -> date | None:
        """Return the day on which it opens next, today if it is open; None: it never does."""
        if self.minutes == 0:
            return None
        if self.is_open(now) or now.hour * 60 + now.minute < self.opens:
            return now.date()
        return now.date() + timedelta(days=1)


ALWAYS: Final = ScrubWindow.parse("always")
NEVER: Final = ScrubWindow.parse("never")


class ScrubRefusal(StrEnum):
    """Why files still hold what was erased."""

    LOCKED = "locked"  # others work in the table; it is tried again the next time
    OLDER_TRANSACTION = "older_transaction"  # one is open to which the old rows are visible
    NOT_PERMITTED = "not_permitted"  # the login neither owns the table nor is a superuser
    LOG_KEPT = "log_kept"  # segments are kept for reuse, for a replica or for an archive
    ROWS_REFUSED = "rows_refused"  # a constraint or a publication does not take rows as they stand
    TOLD_APART = "told_apart"  # the gate still tells rows apart by when they were written


@dataclass(frozen=True)
class TableFiles:
    """The files of one table: with its indexes and long values.

    Attributes:
        is_due: rows were changed or deleted since they were last rewritten.
        changes: says what was changed until now; another text when anything was.
        position: of the newest ledger entry about a change of the table; -1 for none.
        lock_seconds: for how long the table was locked the last time; None before that.
        is_view: it is a materialized view.
    """

    table: TableName
    byte_count: int
    is_due: bool
    changes: str
    position: int
    lock_seconds: float | None
    is_view: bool = False


@dataclass(frozen=True)
class RowTraces:
    """What the rows of one table say of when they were written.

    Attributes:
        older: rows with the number of a transaction from before they were rewritten.
        disorder: rows, and long values, that lie after one that they belong before.
    """

    older: int
    disorder: int


@dataclass(frozen=True)
class ErasedTraces:
    """What the rows of erased people say of when they were written, in a table that marks them.

    Attributes:
        numbers: how many numbers of transactions they carry, that of the last lock as one with that of
            the last change: into so many groups they fall.
        joined: how many carry that of a row of Lacuna's that names a request.
    """

    rows: int
    numbers: int
    joined: int


@dataclass(frozen=True)
class Rewriting:
    """What became of a table whose rows and files were to be rewritten.

    Attributes:
        files: the table, with the changes that this made itself.
        lock_seconds: for how long at most others could not read or write it.
        rows: how many were written; None where rows are not, since they say nothing of anybody's.
        kept: why its files still hold what was erased; None: they do not.
        linked: why it can still be told which of its rows were written together; None: it cannot.
    """

    files: TableFiles
    lock_seconds: float
    rows: int | None
    kept: ScrubRefusal | None = None
    linked: ScrubRefusal | None = None

    @property
    def refusals(self) -> frozenset[ScrubRefusal]:
        """Everything that is in the way; nothing: the table is done."""
        return frozenset(one for one in (self.kept, self.linked) if one is not None)


@dataclass(frozen=True)
class ReachedLevel:
    """How deep the erasure of one store has reached, as far as a certificate can say.

    Attributes:
        store: `database`, or a store's name in the data map.
        level: `L0` or `L1`.
        night: the day whose scrub is to reach L1; None where it is reached, or no window is set.
        copies_until: the day by which the longest-lived backup of the data is gone; None in
            certificates from before it was said.
    """

    store: str
    level: str
    night: str | None = None
    copies_until: str | None = None

    @property
    def beyond(self) -> tuple["Unreached", ...]:
        """The levels that were not reached, up to L3, with what still holds the data there."""
        files = (Unreached(self.store, "L1", _FILES, self.night),) if self.level == "L0" else ()
        return (
            *files,
            Unreached(self.store, "L2", _MEDIUM, None),
            Unreached(self.store, "L3", _COPIES, self.copies_until),
        )


@dataclass(frozen=True)
class Unreached:
    """A level that an erasure has not reached in a store.

    Attributes:
        why: what may hold the data there still.
        until: the day by which that ends; None where nothing that Lacuna knows of ends it.
    """

    store: str
    level: str
    why: str
    until: str | None


_FILES: Final = "the database's own files, until the next scrub"
_MEDIUM: Final = (
    "freed blocks of the medium that are not overwritten yet; the controller must encrypt the "
    "disk or let it discard them"
)
_COPIES: Final = "backups, archives and replicas, until the longest-lived of them expires"
