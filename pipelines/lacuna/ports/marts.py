"""The anonymized aggregates."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from lacuna.model.location import TableName
from lacuna.model.mart import DayTotal, Facts, Mart, Period, Release, SharedTotal


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
        """Return the platform's totals of each day that has rows."""
        ...

    def seen_totals(self, mart: Mart, org_id: str, since: date, until: date) -> Sequence[DayTotal]:
        """Return the totals of the platform when a run last looked."""
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
        """Yield sealed periods with their cells, oldest first.

        Args:
            since: leaves out periods that end before this day.
            until: leaves out periods that begin after this day.
        """
        ...

    def shared_totals(self, table: TableName) -> tuple[SharedTotal, ...] | None:
        """Return the totals that a legacy table shares with the marts; None if nothing says."""
        ...

    def left_out(self, mart: Mart, org_id: str, rows: Sequence[str]) -> Mapping[str, int] | None:
        """Return the sums over rows of restricted people, by measure; None if nothing defines them.

        These are the rows that no period counts, and the ones given, of open days.
        """
        ...

    def serves(self, table: TableName) -> bool:
        """Whether a view stands in a table's place that reads the marts and nothing else."""
        ...

    def has_table(self, table: TableName) -> bool:
        """Whether a table is there."""
        ...

    def drop(self, table: TableName, max_rows: int) -> int:
        """Drop a table, put a view of the marts in its place if one can be; return its rows.

        Raises:
            BlastRadiusExceeded: it has more rows than `max_rows`; it is still there.
        """
        ...
