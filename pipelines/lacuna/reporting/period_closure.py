"""Closing of periods: each one is protected, audited with all that is sealed, and sealed once.

Each period is a transaction of its own with its entry in the ledger, so that a run that is
stopped goes on where it was. Memory holds the rows of a few periods at a time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from lacuna.marts import marts
from lacuna.model.evidence import Action, Entry
from lacuna.model.mart import (
    OTHER,
    Audit,
    Cell,
    Facts,
    Mart,
    Outcome,
    Period,
    PeriodKind,
    Policy,
    PublishLine,
    Ratios,
    Release,
)
from lacuna.model.restatement import SealedRows
from lacuna.model.run import Role
from lacuna.ports import Marts, Stores, Transaction
from lacuna.reporting.joint_audit import JointAudit, counted_in
from lacuna.reporting.joint_counts import Cut
from lacuna.reporting.period_audit import (
    AuditResult,
    Leak,
    audit_people,
    audit_period,
    audit_together,
)
from lacuna.reporting.protection import grouped, protect
from lacuna.reporting.release import cells_digest

ACTOR: Final = "flow:reporting"
_ONE_DAY: Final = timedelta(days=1)
# A week whose audit no merging cleans is joined to the next ones, up to about a month.
_LONGEST: Final = timedelta(days=28)
# One whose shares are too near an end is joined for longer: with this many people behind it, fewer
# than three on a side are a share that is known anyhow.
_LONGEST_FOR_SHARES: Final = timedelta(days=84)
_PERIODS_KEPT: Final = 8
# The mart for which an erasure fixes what depends on a link: sql/reporting/team_weekly/fix.sql.
_FIXES_LINKS: Final = "team_weekly"


DisclosureCheck = Callable[[Mart, Facts, tuple[Cell, ...], Policy], tuple[tuple[str, int], ...]]
"""Attacks one period before it is sealed; returns what succeeded, by name."""


@dataclass
class PeriodReading:
    """Rows of the periods read last, so that marts of one week read each other's once."""

    _kept: dict[tuple[str, str, Period], Facts] = field(default_factory=dict, repr=False)

    def facts(self, source: Marts, mart: Mart, org_id: str, period: Period) -> Facts:
        """Read the rows of a period, unless they were read before."""
        key = (mart.name, org_id, period)
        if key not in self._kept:
            while len(self._kept) >= _PERIODS_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = source.facts(mart, org_id, period)
        return self._kept[key]


@dataclass(frozen=True)
class Closing:
    """Seals the periods of one mart and tenant, in order.

    Attributes:
        reading: shared by the marts of a run.
        attack: attacks each period before it is sealed, by other code than protects it.
    """

    stores: Stores
    mart: Mart
    org_id: str
    policy: Policy
    now: datetime
    batch_id: str | None
    reading: PeriodReading
    attack: DisclosureCheck | None = None

    @property
    def gives_in(self) -> bool:
        """Whether cells are merged on where marts together give somebody away."""
        return self.mart.precedence > 1

    @property
    def merged(self) -> frozenset[tuple[str, ...]]:
        """Groups that are merged before anything is looked at."""
        return frozenset()

    def ratios(self, period: Period) -> Ratios:
        """Return the treatment of cells of a period that cannot publish a share."""
        is_last = period.last - period.first >= _LONGEST_FOR_SHARES - _ONE_DAY
        return Ratios.WITHHOLD if is_last else Ratios.MERGE

    def span(self, since: date | None) -> tuple[date, date] | None:
        """Return where to begin and the last day old enough; None if there is nothing to do."""
        with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
            start = self._start(transaction.marts, since)
        by_age = self.policy.last_closed(self.now.date(), self.mart)
        return None if start is None or start > by_age else (start, by_age)

    def seal_until(
        self, horizon: date, since: date | None
    ) -> tuple[list[PublishLine], date | None]:
        """Seal the periods that end by `horizon` and are old enough; say what waits or is blocked.

        Nothing more is done once a period is blocked: the next run tries it again.

        Returns:
            A line a period, and the first day that is not sealed; None where there is no row yet.
        """
        lines: list[PublishLine] = []
        by_age = self.policy.last_closed(self.now.date(), self.mart)
        with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
            start = self._start(transaction.marts, since)
            closed = by_age
            volume = marts()[0]
            if self.mart.precedence > volume.precedence:
                # Which conversations a day has is decided when its volume is sealed.
                until = transaction.marts.sealed_until(volume, self.org_id)
                closed = min(closed, until or date.min)
        if start is None:
            return lines, None
        while self.mart.period.end(start) <= min(closed, horizon):
            line, last = self._seal_next(start, min(closed, horizon), closed)
            lines.append(line)
            if line.outcome not in (Outcome.SEALED, Outcome.WITHHELD):
                return lines, start
            start = last + _ONE_DAY
        if self.mart.period.end(start) <= min(by_age, horizon):
            # Old enough, but the volume of its days is not sealed yet.
            period = Period(self.mart.period, start, self.mart.period.end(start))
            lines.append(self._line(period, Outcome.WAITING))
        return lines, start

    def _start(self, source: Marts, since: date | None) -> date | None:
        until = source.sealed_until(self.mart, self.org_id)
        if until is not None:
            return until + _ONE_DAY
        by_age = self.policy.last_closed(self.now.date(), self.mart)
        day = since or source.span(self.mart, self.org_id, date.min, by_age)[0]
        return None if day is None else self.mart.period.begin(day)

    def _seal_next(self, start: date, horizon: date, closed: date) -> tuple[PublishLine, date]:
        """Seal the period that begins at `start`, as long as it has to be; return its last day.

        Silence is one period, however far it reaches; rows are joined up to the horizon.
        """
        kind = self.mart.period
        last = kind.end(start)
        while last <= horizon:
            period = Period(kind, start, last)
            with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
                facts = self.reading.facts(transaction.marts, self.mart, self.org_id, period)
                if len(facts) == 0:
                    # Nothing at all: one period up to where rows go on, or to the last closed unit.
                    day, _ = transaction.marts.span(self.mart, self.org_id, last + _ONE_DAY, closed)
                    last = kind.begin(day or closed + _ONE_DAY) - _ONE_DAY
                    silent = Period(kind, start, last)
            if len(facts) == 0:
                return self.store(silent, (), facts, Audit(0, 0, 0, 0)), last
            line = self.seal(period, facts)
            if line is not None:
                return line, last
            following = kind.end(last + _ONE_DAY)
            if following > horizon:
                break
            last = following
        return self._line(Period(kind, start, last), Outcome.WAITING), last

    def seal(self, period: Period, facts: Facts) -> PublishLine | None:
        """Protect, audit and seal one period; None if it has to be joined to the next one."""
        if self._was_restated(period):
            # What was replaced stays known, and too little is kept of it to audit another mart with.
            return self.store(period, (), facts, Audit(len(facts), 0, 0, 0, is_withheld=True))
        is_long = period.last - period.first >= _LONGEST - _ONE_DAY
        found = self._coarsened(facts, period)
        if found is None and (
            self.mart.precedence == 1 or not is_long or self._waits_for_shares(facts, period)
        ):
            return None
        cells, result = found or ((), AuditResult(Counter({Leak.SMALL: 1})))
        if not result.is_clean and self.mart.precedence == 1:
            return self._blocked(period, facts, result.findings)
        if not result.is_clean and not is_long:
            return None
        if not result.is_clean:
            cells = ()
        if self.attack is not None and (
            succeeded := self.attack(self.mart, facts, cells, self.policy)
        ):
            return self._blocked(period, facts, succeeded)
        own = {cell.key for cell in cells if not cell.is_merged}
        audit = Audit(
            rows=len(facts),
            own_rows=sum(key in own for key in facts.keys),
            withheld=sum(amount is None for cell in cells for amount in cell.values),
            bounds=result.bounds,
            is_withheld=not result.is_clean,
        )
        return replace(self.store(period, cells, facts, audit), findings=result.findings)

    def _was_restated(self, period: Period) -> bool:
        """Whether days of a period were restated before this mart sealed it.

        So it is only where a mart was added later. Numbers of people are audited with both versions.
        """
        if self.mart.precedence == 1 or self.mart.round_to:
            return False
        with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
            sealed = transaction.marts.releases(marts()[0], self.org_id, period.first, period.last)
            return any(release.version > 1 for release in sealed)

    def _waits_for_shares(self, facts: Facts, period: Period) -> bool:
        """Whether nothing but a share keeps the period from being published, and time may help."""
        if self.ratios(period) is Ratios.WITHHOLD:
            return False
        return protect(facts, self.mart, self.policy, ratios=Ratios.WITHHOLD) is not None

    def _coarsened(
        self, facts: Facts, period: Period
    ) -> tuple[tuple[Cell, ...], AuditResult] | None:
        """Return cells and what their audit says, merged on until it is clean, if that can be.

        The mart of first precedence is never coarsened: its protection must hold by itself.
        """
        pooled = set(self.merged)
        beside: _Beside | None = None
        groups = grouped(facts)
        while True:
            cells = protect(
                groups, self.mart, self.policy, pooled=pooled, ratios=self.ratios(period)
            )
            if cells is None:
                return None
            result = audit_period(facts, cells, self.mart, self.policy)
            involved: set[tuple[str, ...]] = set()
            if self.gives_in:
                if beside is None:
                    with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
                        beside = self._beside(transaction, facts, period)
                involved = self._audit_beside(facts, period, cells, beside, result)
            if result.is_clean or not self.gives_in:
                return cells, result
            own = [cell for cell in cells if OTHER not in cell.key and cell.key not in pooled]
            if not own:
                return cells, result
            told = [cell for cell in own if cell.key in involved] or own
            told.sort(key=lambda cell: (cell.values[0] or 0, cell.key))
            # The smaller half of those that take part, so that few audits are needed.
            pooled.update(cell.key for cell in told[: (len(told) + 1) // 2])

    def _beside(self, transaction: Transaction, facts: Facts, period: Period) -> _Beside:
        """Read what is sealed of the same days."""
        source = transaction.marts
        began = min(min(facts.days), period.first)
        releases = self.volume(source, began, period.last)
        if self.mart.round_to:
            replaced = transaction.restatements.replaced_cells(
                marts()[0], self.org_id, period.first, period.last
            )
            return _Beside(releases, None, replaced)
        # Somebody may rate a conversation of long ago; what is sealed of then tells hardly anything.
        began = max(began, period.first - _LONGEST)
        cuts = self.cuts(source, Period(self.mart.period, began, period.last))
        counted = counted_in(facts, period)
        return _Beside(
            releases, JointAudit(self.mart, counted, cuts, self.policy) if cuts else None
        )

    def volume(self, source: Marts, since: date, until: date) -> tuple[Release, ...]:
        """Return the sealed periods of the volume in some days."""
        return tuple(source.releases(marts()[0], self.org_id, since, until))

    def cuts(self, source: Marts, period: Period) -> list[Cut]:
        """Return the sealed cells of the days of a period, volume first."""
        cuts = []
        for mart in marts(self.stores.marts_path):
            if mart.round_to or mart.name == self.mart.name:
                continue
            sealed = [
                each
                for each in source.releases(mart, self.org_id, period.first, period.last)
                if each.cells
            ]
            if sealed and mart.precedence == 1:
                # Read at once: who a person is holds within one reading.
                window = Period(mart.period, sealed[0].period.first, sealed[-1].period.last)
                rows = self.reading.facts(source, mart, self.org_id, window)
                cuts.append(Cut(mart, rows, [(each.period, each.cells) for each in sealed]))
                continue
            for each in sealed:
                rows = self.reading.facts(source, mart, self.org_id, each.period)
                counted = counted_in(rows, each.period)
                cuts.append(Cut(mart, counted, [(each.period, each.cells)]))
        return cuts

    def audit_beside(
        self,
        transaction: Transaction,
        facts: Facts,
        period: Period,
        cells: tuple[Cell, ...],
        result: AuditResult,
    ) -> None:
        """Add what some cells give away with what is sealed."""
        self._audit_beside(facts, period, cells, self._beside(transaction, facts, period), result)

    def _audit_beside(
        self,
        facts: Facts,
        period: Period,
        cells: tuple[Cell, ...],
        beside: _Beside,
        result: AuditResult,
    ) -> set[tuple[str, ...]]:
        """Add what a mart gives away with others; return the cells that take part."""
        if self.mart.round_to:
            versions = [
                [each.cells, beside.replaced.get(each.period.label, each.cells)]
                for each in beside.volume
                if each.period.first <= period.last and each.period.last >= period.first
            ]
            people, involved = audit_people(cells, self.mart, versions)
            result.leaks.update(people.leaks)
            result.bounds += people.bounds
            return involved
        if len(self.mart.dimensions) == 1 and self._is_by_channel:
            together = audit_together(facts, cells, self.mart, beside.volume)
            result.leaks.update(together.leaks)
            result.bounds += together.bounds
        if beside.joint is None:
            return set()
        joint = beside.joint.of([(period, cells)])
        result.leaks.update(joint.leaks)
        result.bounds += joint.bounds
        return joint.involved

    @property
    def _is_by_channel(self) -> bool:
        return self.mart.dimensions[0].name == marts()[0].dimensions[0].name

    def store(
        self, period: Period, cells: tuple[Cell, ...], facts: Facts, audit: Audit
    ) -> PublishLine:
        """Seal a period, in one transaction with its entry and what it counts."""
        release = self.release_of(period, cells, audit)
        newest = Period(self.mart.period, period.last, period.last)
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            if transaction.marts.seal(self.mart, release):
                self._count(transaction.marts, period, facts)
                if self._can_be_restated(period) and len(facts):
                    rows = _as_sealed(facts)
                    transaction.restatements.keep_rows(self.mart, self.org_id, period, rows)
                transaction.ledger.append(
                    Entry(
                        at=self.now,
                        batch_id=self.batch_id,
                        action=Action.PUBLISH_PERIOD,
                        location=f"reporting.{self.mart.name} {newest.label}",
                        actor=ACTOR,
                        rows=len(cells),
                        digest=release.digest,
                    )
                )
        return self.line_of(release)

    def release_of(self, period: Period, cells: tuple[Cell, ...], audit: Audit) -> Release:
        """Return a period as it is sealed now."""
        return Release(
            mart=self.mart.name,
            org_id=self.org_id,
            period=period,
            policy_version=self.policy.version,
            sealed_at=self.now,
            digest=cells_digest(self.mart, self.org_id, period.label, cells),
            audit=audit,
            cells=cells,
        )

    def line_of(self, release: Release) -> PublishLine:
        """Return the line about a period that is sealed now."""
        audit = release.audit
        return PublishLine(
            subject=f"{self.mart.name} {release.period.label}",
            outcome=Outcome.WITHHELD if audit.is_withheld else Outcome.SEALED,
            org_id=self.org_id,
            rows=audit.rows,
            cells=len(release.cells),
            own_rows=audit.own_rows,
            digest=release.digest,
        )

    def _can_be_restated(self, period: Period) -> bool:
        """Whether what the rows of a period added is kept. Numbers of people have no rows."""
        oldest = self.now.date() - timedelta(days=self.policy.watch_days)
        return not self.mart.round_to and period.last >= oldest

    def _count(self, source: Marts, period: Period, facts: Facts) -> None:
        """Note what the period counts, in the transaction that seals it."""
        if source.keeps_rows(self.mart):
            by_day: dict[date, list[str]] = defaultdict(list)
            for row, day in zip(facts.rows, facts.days, strict=True):
                by_day[day if period.first <= day <= period.last else period.last].append(row)
            for day, rows in sorted(by_day.items()):
                source.count_rows(self.mart, self.org_id, rows, day)
            source.count_rows(self.mart, self.org_id, facts.left_out, None)
        if self.mart.name == _FIXES_LINKS:
            source.drop_links(self.org_id, facts.rows)

    def _blocked(
        self, period: Period, facts: Facts, findings: tuple[tuple[str, int], ...]
    ) -> PublishLine:
        blocked = self._line(period, Outcome.BLOCKED)
        return replace(blocked, rows=len(facts), findings=findings)

    def _line(self, period: Period, outcome: Outcome) -> PublishLine:
        return PublishLine(f"{self.mart.name} {period.label}", outcome, self.org_id)


@dataclass(frozen=True)
class _Beside:
    """What is public of the days of a period.

    Attributes:
        volume: as it is sealed now.
        joint: all marts as one audit.
        replaced: cells of the volume before a restatement, by period.
    """

    volume: tuple[Release, ...]
    joint: JointAudit | None
    replaced: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)


def _as_sealed(facts: Facts) -> SealedRows:
    """Return the amounts of each row, without whose it is."""
    return SealedRows(
        rows=facts.rows,
        interactions=facts.interactions,
        days=facts.days,
        keys=facts.keys,
        values=facts.values,
        is_known=[person is not None for person in facts.people],
    )


def horizons(spans: Iterable[tuple[date, date]]) -> Sequence[date]:
    """Return the Sundays up to which all marts are sealed in turn, and the last day of all."""
    known = list(spans)
    if not known:
        return ()
    first, last = min(start for start, _ in known), max(end for _, end in known)
    days = []
    day = PeriodKind.WEEK.end(first)
    while day < last:
        days.append(day)
        day += timedelta(days=7)
    return (*days, last)
