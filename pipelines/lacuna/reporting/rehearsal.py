"""What a mart would publish: closed, protected and audited as in a run, and written nowhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from lacuna.model.mart import Audit, Cell, Facts, Mart, Period, Policy, PublishLine
from lacuna.model.run import Role
from lacuna.ports import Marts, Stores
from lacuna.reporting.period_closure import Closing, DisclosureCheck, PeriodReading

DAYS: Final = 90
"""How far back a rehearsal looks."""


@dataclass(frozen=True)
class _Rehearsal(Closing):
    """Closes periods again, whether they are sealed or not, and keeps nothing."""

    def _start(self, source: Marts, since: date | None) -> date | None:
        day, _ = source.span(self.mart, self.org_id, since or date.min, self.now.date())
        return None if day is None else self.mart.period.begin(day)

    def store(
        self, period: Period, cells: tuple[Cell, ...], facts: Facts, audit: Audit
    ) -> PublishLine:
        """Return the line about the period; store nothing."""
        return self.line_of(self.release_of(period, cells, audit))


def rehearse(
    stores: Stores, mart: Mart, attack: DisclosureCheck | None = None
) -> list[PublishLine]:
    """Return the lines that a mart would publish from the last days, of each tenant; nothing is written.

    It is audited together with what is sealed of the same days. Days whose volume is not sealed yet
    wait, as in a run.

    Raises:
        ConfigurationError: a query of the mart cannot be run, or returns other columns.
    """
    policy, now = Policy(), stores.clock.now()
    since = now.date() - timedelta(days=DAYS)
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        tenants = transaction.marts.tenants()
    lines: list[PublishLine] = []
    with stores.keeping_connections():
        for org_id in tenants:
            closing = _Rehearsal(stores, mart, org_id, policy, now, None, PeriodReading(), attack)
            lines += closing.seal_until(now.date(), since)[0]
    return lines
