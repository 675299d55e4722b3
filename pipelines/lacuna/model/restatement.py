"""The correction of sealed periods: what is asked, the rows as they were sealed, what is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from lacuna.model.mart import Release


class Reason(StrEnum):
    """Why sealed periods are replaced. A closed list: the ledger has no free text."""

    SOURCE_CORRECTED = "source_corrected"  # the platform's rows were wrong
    QUERY_CORRECTED = "query_corrected"  # our reading of them was wrong


@dataclass(frozen=True)
class RestatementScope:
    """What a restatement is about.

    Attributes:
        period: an ISO day, week or month, or a range of them.
    """

    org_id: str
    period: str
    reason: Reason


@dataclass(frozen=True)
class SealedRows:
    """What each row of a sealed period added to it, in columns of equal length.

    Nothing in it says whose row it is.

    Attributes:
        rows: the platform's key of each row.
        interactions: key of the conversation that it belongs to.
        is_known: whether somebody in particular stood behind it.
    """

    rows: Sequence[str] = field(repr=False)
    interactions: Sequence[str] = field(repr=False)
    days: Sequence[date] = field(repr=False)
    keys: Sequence[tuple[str, ...]] = field(repr=False)
    values: Sequence[tuple[int, ...]] = field(repr=False)
    is_known: Sequence[bool] = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Replacement:
    """One sealed period of one mart, and what takes its place.

    Attributes:
        replaced_digest: of the cells that are no longer served.
        changed_cells: cells that came, went, or have another number than before.
        rows: what each row adds to the new version; None for numbers of people.
    """

    replaced_digest: str
    release: Release
    changed_cells: int
    rows: SealedRows | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Restatement:
    """New versions of all marts of some weeks, ready to take the place of the sealed ones.

    Attributes:
        name: of its rule, for an approval.
        document: canonical JSON: which digest replaces which, and why.
        digest: SHA-256 hex of the document: what an approval names.
        corrected: rows that were corrected, over all marts.
        kept: rows that stay as they were sealed, since too few people would stand behind the
            difference.
    """

    asked: RestatementScope
    name: str
    document: bytes = field(repr=False)
    digest: str
    replacements: tuple[Replacement, ...]
    corrected: int
    kept: int


@dataclass(frozen=True)
class Proposal:
    """A restatement that was worked out and waits for an approval."""

    name: str
    reason: Reason
    digest: str
    proposed_at: datetime
