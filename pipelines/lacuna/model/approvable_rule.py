"""Rules that change data once an officer approved them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ApprovableRule:
    """A rule as an officer approves it: a sweep, the drop of a legacy table, a restatement, a list of files.

    Attributes:
        meaning: what it does, in a sentence.
        digest: SHA-256 hex of everything that it does: a change of engine, age or scope
            makes another rule of it.
        max_rows: the most rows a night that the approval allows; None: no limit.
        approved_by: role and key id of the officer who approved it last; None: nobody did.
        due_rows: how many rows or recordings were due when a sweep counted last; None: none counted.
        counted_at: when that was.
        limit_before: the limit of the last approval under this name, of an earlier digest too; None:
            there was none.
    """

    name: str
    meaning: str
    digest: str
    is_approved: bool
    max_rows: int | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    due_rows: int | None = None
    counted_at: datetime | None = None
    limit_before: int | None = None
