"""Publication: newly closed periods are protected, audited and sealed; then all files are rewritten.

Each period is a transaction of its own with its entry in the ledger, so that a run that is
stopped goes on where it was. Memory holds the rows of one period at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote

from lacuna.marts import marts
from lacuna.model.location import REPORTS
from lacuna.model.mart import Mart, Outcome, Policy, PublishLine, PublishReport, Release
from lacuna.model.run import Role
from lacuna.ports import Objects, Stores
from lacuna.reporting.charts import DRAWN, charts
from lacuna.reporting.day_totals import Watched, watch
from lacuna.reporting.dictionary import dictionary
from lacuna.reporting.period_closure import Closing, DisclosureCheck, PeriodReading, horizons
from lacuna.reporting.release import check_digest, path_of, to_parquet

logger = logging.getLogger(__name__)


def publish(
    stores: Stores,
    *,
    since: date | None = None,
    batch_id: str | None = None,
    left_out: frozenset[str] = frozenset(),
    attack: DisclosureCheck | None = None,
) -> PublishReport:
    """Seal every closed period that is not sealed yet, and rewrite the files of all sealed ones.

    The first run seals the whole history, period by period; later runs what closed since.

    Args:
        since: where nothing of a tenant is sealed yet, begin with the period of this day;
            None: with the first day that has rows.
        batch_id: names the run in the ledger.
        left_out: tenants of which nothing new is sealed.
        attack: attacks each period before it is sealed; what succeeds blocks it.

    Returns:
        What was sealed, what waits and what was blocked. A blocked period stops its mart for
        that tenant: the next run tries it again.

    Raises:
        EvidenceBroken: cells in the database are not those that were sealed.
    """
    with stores.keeping_connections():
        return _publish(stores, since, batch_id, left_out, attack)


def _publish(
    stores: Stores,
    since: date | None,
    batch_id: str | None,
    left_out: frozenset[str],
    attack: DisclosureCheck | None,
) -> PublishReport:
    policy, now, declared = Policy(), stores.clock.now(), marts(stores.marts_path)
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        tenants = transaction.marts.tenants()
    lines: list[PublishLine] = []
    late: list[tuple[str, str, int]] = []
    for org_id in (one for one in tenants if one not in left_out):
        for mart in declared:
            seen = _watch(stores, mart, org_id, policy, now)
            lines += [seen.line] if seen.line else []
            late += [(mart.name, org_id, seen.late)] if seen.late else []
        reading = PeriodReading()
        lines += _close(
            [
                Closing(stores, mart, org_id, policy, now, batch_id, reading, attack)
                for mart in declared
            ],
            since,
        )
        # What is too old to be restated is not kept.
        oldest = now.date() - timedelta(days=policy.watch_days)
        with stores.transaction(Role.EXECUTOR) as transaction:
            transaction.restatements.forget_rows(org_id, oldest)
    output = _rewrite(stores, tenants)
    logger.info(
        "publish finished tenants=%d periods=%d written=%d kept=%d removed=%d late=%d",
        len(tenants),
        sum(line.outcome is Outcome.SEALED for line in lines),
        output.written,
        output.kept,
        output.removed,
        sum(rows for _, _, rows in late),
    )
    return PublishReport(tuple(lines), tuple(late), output.written, output.kept, output.removed)


def _watch(stores: Stores, mart: Mart, org_id: str, policy: Policy, now: datetime) -> Watched:
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        if not transaction.marts.keeps_rows(mart):
            return Watched()
    return watch(stores, mart, org_id, policy, now)


def _close(closings: list[Closing], since: date | None) -> list[PublishLine]:
    """Seal week by week, in each the marts in order of precedence."""
    lines: dict[str, list[PublishLine]] = {closing.mart.name: [] for closing in closings}
    blocked: set[str] = set()
    begins: dict[str, date | None] = {}
    spans = [span for closing in closings if (span := closing.span(since))]
    for horizon in horizons(spans):
        is_counted = False  # whether there are new rows for the marts of conversations
        for closing in closings:
            name = closing.mart.name
            begin = begins.get(name)
            is_ahead = begin is not None and closing.mart.period.end(begin) > horizon
            is_empty = name in begins and begin is None and not is_counted
            if name in blocked or is_ahead or is_empty:
                continue
            # What waited up to an earlier horizon has been examined again.
            kept = [line for line in lines[name] if line.outcome is not Outcome.WAITING]
            done, begins[name] = closing.seal_until(horizon, since)
            lines[name] = kept + done
            if closing.mart.precedence == 1 and any(line.cells for line in done):
                is_counted = True
                # The other marts read what this one counts: many rows at once in a first run.
                with closing.stores.transaction(Role.OWNER) as transaction:
                    transaction.marts.refresh_statistics()
            if any(line.outcome is Outcome.BLOCKED for line in lines[name]):
                blocked.add(name)
    return [line for each in lines.values() for line in each]


@dataclass
class _Output:
    """What rewriting the files did."""

    written: int = 0
    kept: int = 0
    removed: int = 0


def rewrite(stores: Stores) -> int:
    """Write the files of all sealed periods as they are now; return how many changed."""
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        tenants = transaction.marts.tenants()
    return _rewrite(stores, tenants).written


def _rewrite(stores: Stores, tenants: Sequence[str]) -> _Output:
    """Make the folder hold the file of each sealed period, and nothing else in the marts' folders."""
    objects = stores.objects[REPORTS]
    output = _Output()
    expected: set[str] = set()
    drawn: dict[str, list[Release]] = {org_id: [] for org_id in tenants}
    declared = marts(stores.marts_path)
    for mart in declared:
        for org_id in tenants:
            with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
                releases = list(transaction.marts.releases(mart, org_id))
            if mart.name in DRAWN:
                drawn[org_id] += releases
            for release in releases:
                check_digest(mart, release)
                path = path_of(release)
                expected.add(path)
                if _is_same(objects, path, content := to_parquet(mart, release)):
                    output.kept += 1
                else:
                    objects.replace(path, content)
                    output.written += 1
    _replace(objects, "dictionary.md", dictionary(declared).encode())
    for org_id, releases in drawn.items():
        for name, image in charts(releases).items():
            _replace(objects, f"charts/{quote(org_id, safe='')}/{name}.svg", image.encode())
    for path in list(_strangers(objects, expected, declared)):
        output.removed += objects.delete(path)
    return output


def _replace(objects: Objects, path: str, content: bytes) -> None:
    if not _is_same(objects, path, content):
        objects.replace(path, content)


def _is_same(objects: Objects, path: str, content: bytes) -> bool:
    return objects.size(path) == len(content) and objects.read(path) == content


def _strangers(objects: Objects, expected: set[str], declared: Sequence[Mart]) -> Iterator[str]:
    folders = tuple(f"{mart.name}/" for mart in declared)
    for path in objects.paths():
        if path.startswith(folders) and path not in expected:
            yield path
