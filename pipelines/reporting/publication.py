"""Publication: newly closed periods are protected, audited and sealed; then all files are rewritten.

Each period is a transaction of its own with its entry in the ledger, so that a run that is
stopped goes on where it was. Memory holds the rows of one period at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from pipelines.model.evidence import Action, Entry
from pipelines.model.mart import (
    Audit,
    Cell,
    Facts,
    Mart,
    Outcome,
    Period,
    Policy,
    PublishLine,
    PublishReport,
    Release,
)
from pipelines.model.run import Role
from pipelines.ports import Marts, Objects, Stores
from pipelines.reporting.audit import AuditResult, audit_period, audit_together
from pipelines.reporting.metadata import marts
from pipelines.reporting.protect import protect
from pipelines.reporting.release import cells_digest, check_digest, path_of, to_parquet

logger = logging.getLogger(__name__)

ACTOR: Final = "flow:reporting"
STORE: Final = "reporting"
_ONE_DAY: Final = timedelta(days=1)


def publish(
    stores: Stores,
    *,
    since: date | None = None,
    policy: Policy | None = None,
    batch_id: str | None = None,
    left_out: frozenset[str] = frozenset(),
) -> PublishReport:
    """Seal every closed period that is not sealed yet, and rewrite the files of all sealed ones.

    The first run seals the whole history, period by period; later runs what closed since.

    Args:
        since: where nothing of a tenant is sealed yet, begin with the period of this day;
            None: with the first day that has rows.
        policy: how cells are protected; by default the current version.
        batch_id: names the run in the ledger.
        left_out: tenants of which nothing new is sealed.

    Returns:
        What was sealed, what waits and what was blocked. A blocked period stops its mart for
        that tenant: the next run tries it again.

    Raises:
        EvidenceBroken: cells in the database are not those that were sealed.
    """
    policy = policy or Policy()
    now = stores.clock.now()
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        tenants = transaction.marts.tenants()
    lines: list[PublishLine] = []
    for org_id in (one for one in tenants if one not in left_out):
        for mart in marts():
            lines += _Closing(stores, mart, org_id, policy, now, batch_id).seal_all(since)
    output = _rewrite(stores, tenants)
    logger.info(
        "publish finished tenants=%d periods=%d written=%d kept=%d removed=%d late=%d",
        len(tenants),
        sum(line.outcome is Outcome.SEALED for line in lines),
        output.written,
        output.kept,
        output.removed,
        sum(rows for _, _, rows in output.late),
    )
    return PublishReport(tuple(lines), output.late, output.written, output.kept, output.removed)


@dataclass(frozen=True)
class _Closing:
    """Seals the periods of one mart and tenant, in order."""

    stores: Stores
    mart: Mart
    org_id: str
    policy: Policy
    now: datetime
    batch_id: str | None

    def seal_all(self, since: date | None) -> list[PublishLine]:
        lines: list[PublishLine] = []
        start, by_age, closed = self._bounds(since)
        if start is None:
            return lines
        unit = timedelta(days=self.mart.period.days) - _ONE_DAY
        while start + unit <= closed:
            line, last = self._seal_next(start, closed)
            lines.append(line)
            if line.outcome not in (Outcome.SEALED, Outcome.WITHHELD):
                return lines
            start = last + _ONE_DAY
        last = start + unit
        if last <= by_age:
            # Old enough, but the volume of its days is not sealed yet.
            lines.append(self._line(Period(self.mart.period, start, last), Outcome.WAITING))
        return lines

    def _bounds(self, since: date | None) -> tuple[date | None, date, date]:
        """Return where to begin, the last day old enough, and the last day that may be sealed."""
        by_age = self.policy.last_closed(self.now.date())
        closed = by_age
        with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
            start = _following(transaction.marts, self.mart, self.org_id)
            if start is None:
                first_day, _ = transaction.marts.span(self.mart, self.org_id, date.min, by_age)
                day = first_day if since is None else since
                start = None if day is None else self.mart.period.begin(day)
            # Marts are published in order of precedence: the joint audit reads what came before.
            for earlier in marts():
                if earlier.precedence < self.mart.precedence:
                    until = transaction.marts.sealed_until(earlier, self.org_id)
                    closed = min(closed, until or date.min)
        return start, by_age, closed

    def _seal_next(self, start: date, closed: date) -> tuple[PublishLine, date]:
        """Seal the period that begins at `start`, as long as it has to be; return its last day."""
        unit = timedelta(days=self.mart.period.days)
        last = start + unit - _ONE_DAY
        while last <= closed:
            period = Period(self.mart.period, start, last)
            with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
                facts = transaction.marts.facts(self.mart, self.org_id, period)
                if len(facts) == 0:
                    # Nothing at all: one period up to where rows go on, or to the last closed unit.
                    day, _ = transaction.marts.span(self.mart, self.org_id, start, closed)
                    last = self.mart.period.begin(day or closed + _ONE_DAY) - _ONE_DAY
                    silent = Period(self.mart.period, start, last)
                volume = self._volume(transaction.marts, facts, period)
            if len(facts) == 0:
                return self._store(silent, (), Audit(0, 0, 0, 0)), last
            line = self._seal(period, facts, volume)
            if line is not None:
                return line, last
            last += unit
        last -= unit
        return self._line(Period(self.mart.period, start, last), Outcome.WAITING), last

    def _seal(self, period: Period, facts: Facts, volume: Sequence[Release]) -> PublishLine | None:
        """Protect, audit and seal one period; None if it is unsafe as a whole."""
        found = self._coarsened(facts, volume)
        if found is None:
            return None
        cells, result = found
        if not result.is_clean and self.mart.precedence == 1:
            return PublishLine(
                subject=f"{self.mart.name} {period.label}",
                outcome=Outcome.BLOCKED,
                org_id=self.org_id,
                rows=len(facts),
                findings=result.findings,
            )
        if not result.is_clean:
            cells = ()
        audit = Audit(
            rows=len(facts),
            own_rows=sum(cell.values[0] or 0 for cell in cells if not cell.is_merged),
            withheld=sum(amount is None for cell in cells for amount in cell.values),
            bounds=result.bounds,
            is_withheld=not result.is_clean,
        )
        return replace(self._store(period, cells, audit), findings=result.findings)

    def _coarsened(
        self, facts: Facts, volume: Sequence[Release]
    ) -> tuple[tuple[Cell, ...], AuditResult] | None:
        """Return cells and what their audit says, merged on until it is clean, if that can be.

        The mart of first precedence is never coarsened: its protection must hold by itself.
        """
        pooled: set[tuple[str, ...]] = set()
        while True:
            cells = protect(facts, self.mart, self.policy, pooled=pooled)
            if cells is None:
                return None
            result = audit_period(facts, cells, self.mart, self.policy)
            if self.mart.precedence > 1:
                together = audit_together(facts, cells, self.mart, volume)
                result.leaks.update(together.leaks)
                result.bounds += together.bounds
            own = [cell for cell in cells if not cell.is_merged]
            if result.is_clean or self.mart.precedence == 1 or not own:
                return cells, result
            smallest = min(own, key=lambda cell: (cell.values[0] or 0, cell.key))
            pooled.add(smallest.key)

    def _volume(self, source: Marts, facts: Facts, period: Period) -> list[Release]:
        """Return the sealed volume of the days on which the interactions began."""
        first = marts()[0]
        if self.mart.precedence == first.precedence or len(facts) == 0:
            return []
        began = min(min(facts.days), period.last)
        return list(source.releases(first, self.org_id, began, period.last))

    def _store(self, period: Period, cells: tuple[Cell, ...], audit: Audit) -> PublishLine:
        release = Release(
            mart=self.mart.name,
            org_id=self.org_id,
            period=period,
            policy_version=self.policy.version,
            sealed_at=self.now,
            digest=cells_digest(self.mart, self.org_id, period.label, cells),
            audit=audit,
            cells=cells,
        )
        newest = Period(self.mart.period, period.last, period.last)
        with self.stores.transaction(Role.EXECUTOR) as transaction:
            if transaction.marts.seal(self.mart, release):
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
        return PublishLine(
            subject=f"{self.mart.name} {period.label}",
            outcome=Outcome.WITHHELD if audit.is_withheld else Outcome.SEALED,
            org_id=self.org_id,
            rows=audit.rows,
            cells=len(cells),
            own_rows=audit.own_rows,
            digest=release.digest,
        )

    def _line(self, period: Period, outcome: Outcome) -> PublishLine:
        return PublishLine(f"{self.mart.name} {period.label}", outcome, self.org_id)


def _following(source: Marts, mart: Mart, org_id: str) -> date | None:
    """Return the day after the last sealed one, or None before the first."""
    until = source.sealed_until(mart, org_id)
    return None if until is None else until + _ONE_DAY


@dataclass
class _Output:
    """What rewriting the files did."""

    late: tuple[tuple[str, str, int], ...] = ()
    written: int = 0
    kept: int = 0
    removed: int = 0


def _rewrite(stores: Stores, tenants: Sequence[str]) -> _Output:
    """Make the folder hold the file of each sealed period, and nothing else in the marts' folders."""
    objects = stores.objects[STORE]
    output = _Output()
    expected: set[str] = set()
    for mart in marts():
        for org_id in tenants:
            with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
                releases = list(transaction.marts.releases(mart, org_id))
                late = _late_rows(transaction.marts, mart, org_id, releases)
            if late > 0:
                output.late = (*output.late, (mart.name, org_id, late))
            for release in releases:
                check_digest(mart, release)
                path = path_of(release)
                expected.add(path)
                if _is_same(objects, path, content := to_parquet(mart, release)):
                    output.kept += 1
                else:
                    objects.replace(path, content)
                    output.written += 1
    for path in list(_strangers(objects, expected)):
        output.removed += objects.delete(path)
    return output


def _late_rows(source: Marts, mart: Mart, org_id: str, releases: Sequence[Release]) -> int:
    """Return how many rows came after their period was sealed; they are in no cell."""
    if not releases:
        return 0
    first, last = releases[0].period.first, releases[-1].period.last
    _, rows = source.span(mart, org_id, first, last)
    return rows - sum(release.audit.rows for release in releases)


def _is_same(objects: Objects, path: str, content: bytes) -> bool:
    return objects.size(path) == len(content) and objects.read(path) == content


def _strangers(objects: Objects, expected: set[str]) -> Iterator[str]:
    folders = tuple(f"{mart.name}/" for mart in marts())
    for path in objects.paths():
        if path.startswith(folders) and path not in expected:
            yield path
