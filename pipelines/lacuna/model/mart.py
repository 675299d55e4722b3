"""Anonymized aggregates: what a mart is, the rows it counts, and the cells that are published."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from lacuna.model.location import TableName

OTHER: Final = "(other)"
"""The value of a dimension in a cell that merges several groups."""


class PeriodKind(StrEnum):
    """What a period is made of; a period spans several where one alone was too small."""

    DAY = "day"
    WEEK = "week"  # ISO 8601: Monday to Sunday
    MONTH = "month"

    def begin(self, day: date) -> date:
        """Return the first day of the unit that contains `day`.

        >>> PeriodKind.WEEK.begin(date(2026, 11, 1)).isoformat()
        '2026-10-26'
        """
        if self is PeriodKind.MONTH:
            return day.replace(day=1)
        return day if self is PeriodKind.DAY else day - timedelta(days=day.weekday())

    def end(self, day: date) -> date:
        """Return the last day of the unit that contains `day`.

        >>> PeriodKind.MONTH.end(date(2028, 2, 3)).isoformat()
        '2028-02-29'
        """
        if self is PeriodKind.MONTH:
            following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
            return following - timedelta(days=1)
        return day if self is PeriodKind.DAY else self.begin(day) + timedelta(days=6)


@dataclass(frozen=True)
class Period:
    """Calendar days in UTC that are counted and published together.

    Attributes:
        first: the first day.
        last: the last day, included.
    """

    kind: PeriodKind
    first: date
    last: date

    @property
    def label(self) -> str:
        """The period as it is published: ISO 8601, joined by `--` where it spans several units.

        >>> Period(PeriodKind.DAY, date(2026, 11, 1), date(2026, 11, 2)).label
        '2026-11-01--2026-11-02'
        >>> Period(PeriodKind.WEEK, date(2026, 11, 2), date(2026, 11, 8)).label
        '2026-W45'
        """
        first, last = self._name(self.first), self._name(self.last)
        return first if first == last else f"{first}--{last}"

    def _name(self, day: date) -> str:
        if self.kind is PeriodKind.DAY:
            return day.isoformat()
        if self.kind is PeriodKind.MONTH:
            return f"{day:%Y-%m}"
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"


class Unit(StrEnum):
    """What a measure counts."""

    CONVERSATIONS = "conversations"
    RESPONSES = "responses"
    CALLS = "calls"
    CONTACTS = "contacts"
    SECONDS = "seconds"
    POINTS = "points"


@dataclass(frozen=True)
class Dimension:
    """A column that cells are grouped by.

    Attributes:
        bands: of an ordered dimension all its values, `FROM-TO` with an open last one, ascending:
            neighbors are merged instead of `(other)`, and a cell covers a range. Empty otherwise.
    """

    name: str
    definition: str
    bands: tuple[str, ...] = ()

    def covers(self, cell: str, value: str) -> bool:
        """Whether a cell's value of this dimension takes in a row's value, merged bands included.

        >>> Dimension("band", "", ("00-10", "10-20", "20-")).covers("00-20", "10-20")
        True
        """
        if not self.bands or cell == OTHER:
            return cell == value
        (first, last), (low, high) = cell.split("-"), value.split("-")
        return first <= low and (last == "" or ("" < high <= last))


@dataclass(frozen=True)
class Measure:
    """An additive column: a cell's value is the sum over its rows."""

    name: str
    unit: Unit
    definition: str


@dataclass(frozen=True)
class Mean:
    """A mean that views compute: the sum `total` over the count `count`.

    Attributes:
        hides: measures withheld from a cell whose mean would give somebody away.
    """

    name: str
    total: str
    count: str
    hides: tuple[str, ...]
    definition: str

    @property
    def reads(self) -> tuple[str, str]:
        """The measures that it divides."""
        return self.total, self.count


class Unsafe(StrEnum):
    """What happens to a cell in which nearly everybody, or nearly nobody, has an attribute.

    Never is such a cell alone left out: what is published would be the share of the others.
    """

    MERGE = "merge"  # cells of the period are merged; where that is not enough, periods are joined
    # Up to policy 2: its `hides` were counted in the `(other)` cell beside it, its own stayed empty.
    # Such cells are still read; none is made.
    CARRY = "carry"


class Ratios(StrEnum):
    """How far a period is from its shares: what is done with a cell that cannot publish one."""

    MERGE = (
        "merge"  # it is merged with others; a period that cannot as a whole is joined to the next
    )
    WITHHOLD = "withhold"  # no cell of the period publishes the share


@dataclass(frozen=True)
class Share:
    """A share that views compute: the rows counted by `part` out of those counted by `whole`.

    Attributes:
        published_in: the mart that publishes it. Here its `hides` are withheld from every cell
            alike; empty where this mart publishes it.
    """

    name: str
    part: str
    whole: str
    unsafe: Unsafe
    hides: tuple[str, ...]
    definition: str
    published_in: str = ""

    @property
    def reads(self) -> tuple[str, str]:
        """The measures that it divides."""
        return self.part, self.whole


@dataclass(frozen=True)
class Mart:
    """One table of aggregates, as its `metadata.yaml` declares it.

    Attributes:
        name: table in schema `reporting`.
        precedence: 1 is kept as it is when marts together give somebody away; higher gives in.
        unit: who counts toward the threshold.
        people: fewest distinct people in a published cell (k).
        sources: tables that are read.
        replaces: legacy tables whose totals it takes over.
        measures: the first one counts the rows themselves.
        agents: fewest distinct agents behind a cell, none of them behind more than half of its
            rows; 0 where a cell says nothing of agents.
        round_to: above 0 the mart counts people instead of rows, rounded to a multiple of this.
        lag_days: full days that a period stays open, where the policy's own are too few.
        at_close: measures that are computed once, never again: they depend on the link to a
            person, or say what was known by then.
        views: that its `views.sql` makes, beside `<mart>_rates` of its ratios.
        folder: where its declaration and its queries lie.
    """

    name: str
    precedence: int
    owner: str
    purpose: str
    unit: str
    calendar: str
    period: PeriodKind
    people: int
    sources: tuple[TableName, ...]
    replaces: tuple[TableName, ...]
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    means: tuple[Mean, ...]
    shares: tuple[Share, ...]
    agents: int = 0
    round_to: int = 0
    lag_days: int | None = None
    at_close: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    folder: Path = Path()

    @property
    def relations(self) -> tuple[str, ...]:
        """Its table and its views, which stand in schema `reporting`."""
        has_rates = self.means or any(not share.published_in for share in self.shares)
        return (self.name, *((f"{self.name}_rates",) if has_rates else ()), *self.views)

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands of the last dimension; empty where it has none."""
        return self.dimensions[-1].bands

    @property
    def base(self) -> str:
        """The measure that counts rows."""
        return self.measures[0].name

    def index(self, measure: str) -> int:
        """Return a measure's position in `Facts.values` and `Cell.values`.

        Raises:
            ValueError: the mart has no such measure.
        """
        return [each.name for each in self.measures].index(measure)


@dataclass(frozen=True)
class Policy:
    """How cells are protected; a change of any value is a new version.

    Attributes:
        version: published with every cell.
        dominance_percent: what remains of a magnitude without its two largest contributors
            must be at least this part of the largest one, or the second could estimate the
            first too closely (the p% rule of the SDC Handbook, 4.2). Not published.
        smallest_side: fewest people with, and without, an attribute whose share is published.
        lag_days: full days that a period stays open after its last one.
        watch_days: closed days that each run counts again, for rows that came late or are gone.
    """

    version: str = "3"
    dominance_percent: int = 10
    smallest_side: int = 3
    lag_days: int = 3
    watch_days: int = 92

    def last_closed(self, today: date, mart: Mart | None = None) -> date:
        """Return the last day that is closed: `lag_days` full days have passed after it.

        >>> Policy().last_closed(date(2026, 11, 10)).isoformat()
        '2026-11-06'
        """
        lag = self.lag_days if mart is None or mart.lag_days is None else mart.lag_days
        return today - timedelta(days=lag + 1)


@dataclass(frozen=True)
class Facts:
    """The rows of one tenant and period, one an interaction, in columns of equal length.

    Personal data: held in memory while one period is protected, never stored or logged.

    Attributes:
        people: an opaque number per person, valid within these facts alone; None where the
            link to the person was cut.
        days: the day on which the interaction is counted: the one on which it began, or an
            open one where it came late.
        keys: values of the mart's dimensions.
        values: contributions to the mart's measures, each 0 or more.
        interactions: the conversation that each row belongs to; empty where none is named.
        agents: an opaque number per agent, as `people`; empty where the mart counts none.
        rows: key of each row, by which it is known again; empty where none is named.
        left_out: keys of rows of restricted people: counted in no period, now or later.
    """

    people: Sequence[int | None] = field(repr=False)
    days: Sequence[date] = field(repr=False)
    keys: Sequence[tuple[str, ...]] = field(repr=False)
    values: Sequence[tuple[int, ...]] = field(repr=False)
    interactions: Sequence[str] = field(repr=False, default=())
    agents: Sequence[int | None] = field(repr=False, default=())
    rows: Sequence[str] = field(repr=False, default=())
    left_out: Sequence[str] = field(repr=False, default=())

    def __len__(self) -> int:
        return len(self.people)


CellKey = tuple[str, ...]
"""The values of a mart's dimensions in one row."""


@dataclass(frozen=True)
class Cell:
    """One published row.

    Attributes:
        key: values of the mart's dimensions; OTHER where groups were merged.
        values: the mart's measures; None where a measure is withheld.
        is_range: whether the cell merges neighboring bands.
    """

    key: CellKey
    values: tuple[int | None, ...]
    is_range: bool = False

    @property
    def is_merged(self) -> bool:
        """Whether the cell merges groups that were too small."""
        return OTHER in self.key or self.is_range


@dataclass(frozen=True)
class Audit:
    """What the audit of a period says: figures about the release, none about people.

    Attributes:
        rows: interactions counted.
        own_rows: of these, in a cell of their own rather than in `(other)`.
        withheld: values left empty.
        bounds: hidden values that were bounded by linear programming.
        is_withheld: whether no cell could be published without giving somebody away.
    """

    rows: int
    own_rows: int
    withheld: int
    bounds: int
    is_withheld: bool = False


@dataclass(frozen=True)
class Release:
    """One sealed period of one mart and tenant.

    Attributes:
        digest: SHA-256 hex of the canonical form of the cells.
        version: 1 as it was sealed, 2 where it was restated.
    """

    mart: str
    org_id: str
    period: Period
    policy_version: str
    sealed_at: datetime
    digest: str
    audit: Audit
    cells: tuple[Cell, ...] = field(repr=False)
    version: int = 1


@dataclass(frozen=True)
class DayTotal:
    """What the platform holds of one day: rows, and the sum of one magnitude."""

    day: date
    rows: int
    amount: int


@dataclass(frozen=True)
class LegacyTable:
    """The drop of a legacy table as a rule: what its approval names.

    Attributes:
        rule: name for `lacuna rule approve`.
        digest: SHA-256 hex over the table, its columns and the marts that replace it.
    """

    rule: str
    digest: str
    table: TableName


@dataclass(frozen=True)
class SharedTotal:
    """A total that a legacy table and a mart both have, for one tenant."""

    mart: str
    measure: str
    org_id: str
    total: int


class Outcome(StrEnum):
    """What became of a period, or of a legacy table."""

    SEALED = "sealed"
    WITHHELD = "withheld"  # sealed without a cell
    WAITING = "waiting"  # closed, but too small: joined to the next period that closes
    BLOCKED = "blocked"  # the audit found a leak that no merging removed
    RESTATED = "restated"  # a new version took its place
    NOT_CONSERVED = "not_conserved"  # closed days have fewer rows, or a smaller sum, than before
    DROPPED = "dropped"
    NOT_APPROVED = "not_approved"
    NOT_SEALED = "not_sealed"  # history is not published in full yet
    NOT_RECONCILED = "not_reconciled"  # it holds more than the marts
    TOO_MANY_ROWS = "too_many_rows"  # more than its approval allows

    @property
    def is_failure(self) -> bool:
        """Whether the run must end red."""
        return self in (
            Outcome.BLOCKED,
            Outcome.NOT_CONSERVED,
            Outcome.NOT_RECONCILED,
            Outcome.TOO_MANY_ROWS,
        )


@dataclass(frozen=True)
class PublishLine:
    """What a run did with one period, or one legacy table.

    Attributes:
        subject: mart and period, or the legacy table.
        org_id: None for a legacy table.
        rows: interactions counted, or rows of the legacy table.
        cells: cells published.
        findings: leaks that the audit found, by kind.
    """

    subject: str
    outcome: Outcome
    org_id: str | None = None
    rows: int = 0
    cells: int = 0
    own_rows: int = 0
    digest: str | None = None
    findings: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class PublishReport:
    """What one run of reporting did.

    Attributes:
        lines: newly sealed periods, those that wait, and legacy tables.
        late_rows: interactions found in this run that reached the platform after their period
            was sealed, by mart and tenant; they count in the first open period.
        files_written: Parquet files rewritten.
        files_kept: files of sealed periods that were found identical to the byte.
        files_removed: files that belonged to no sealed period.
    """

    lines: tuple[PublishLine, ...]
    late_rows: tuple[tuple[str, str, int], ...]
    files_written: int
    files_kept: int
    files_removed: int
