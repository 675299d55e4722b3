"""The platform's old reporting with rows of people: replaced by the marts, then dropped.

A table is dropped when its drop was approved, every closed period is sealed, and the marts hold
at least what the table holds of the totals that both have, rows of restricted people aside. Where
the marts can serve its columns, a view takes its name.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import rfc8785

from lacuna.errors import BlastRadiusExceeded, NotApproved
from lacuna.marts import marts
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action, Entry
from lacuna.model.mart import (
    LegacyTable,
    Mart,
    Outcome,
    Period,
    Policy,
    PublishLine,
    PublishReport,
    SharedTotal,
)
from lacuna.model.run import ApprovalMode, Role
from lacuna.ports import Marts, Stores
from lacuna.reporting.period_closure import ACTOR

_ANY_NUMBER: Final = 2**63 - 1


def legacy_rules(datamap: DataMap) -> tuple[LegacyTable, ...]:
    """Return the drop of each legacy table of the data map as a rule that can be approved.

    The digest changes when the table's columns change, or the marts that replace it, so that an
    approval is about this very table.
    """
    rules = []
    for name, table in sorted(datamap.tables.items()):
        if not table.is_legacy_report:
            continue
        rule = f"drop_{name.name}"
        document = {
            "rule": rule,
            "table": str(name),
            "columns": sorted(column.name for column in table.columns),
            "replaced_by": [mart.name for mart in marts() if name in mart.replaces],
        }
        digest = hashlib.sha256(rfc8785.dumps(document)).hexdigest()
        rules.append(LegacyTable(rule, digest, name))
    return tuple(rules)


def replace_legacy(
    stores: Stores,
    datamap: DataMap,
    published: PublishReport,
    *,
    approval: ApprovalMode = ApprovalMode.MANUAL,
    canary_org: str | None = None,
) -> tuple[PublishLine, ...]:
    """Drop each legacy table that may go; return a line for each that is still there.

    Each drop is one transaction with its entry in the ledger.

    Args:
        published: what this run published: says which periods wait for company.
        approval: AUTO drops without an approval.
        canary_org: organization of made-up contacts, of which no mart says anything.
    """
    lines = []
    for rule in legacy_rules(datamap):
        with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
            if transaction.marts.serves(rule.table) or not transaction.marts.has_table(rule.table):
                continue
            limit = transaction.queue.plans.rule_limit(rule.rule, rule.digest)
            is_auto = approval is ApprovalMode.AUTO and transaction.queue.plans.is_standing(
                BY_SETTING
            )
            if is_auto and limit is None:
                limit = _ANY_NUMBER
            outcome = Outcome.NOT_APPROVED
            findings: tuple[tuple[str, int], ...] = ()
            if limit is not None:
                today = stores.clock.now().date()
                outcome, findings = _examine(
                    transaction.marts, rule, published, (today, canary_org)
                )
        rows = 0
        if outcome is Outcome.DROPPED and limit is not None:
            try:
                rows = _drop(stores, rule, limit)
            except BlastRadiusExceeded:
                outcome = Outcome.TOO_MANY_ROWS
        lines.append(
            PublishLine(str(rule.table), outcome, rows=rows, digest=rule.digest, findings=findings)
        )
    return tuple(lines)


def _drop(stores: Stores, rule: LegacyTable, limit: int) -> int:
    with stores.transaction(Role.OWNER) as transaction:
        queue = transaction.queue
        if queue.plans.rule_limit(rule.rule, rule.digest) is None and not queue.plans.is_standing(
            BY_SETTING
        ):
            raise NotApproved(
                f"rule {rule.rule}: the ledger has no approval of it; nothing was dropped. An "
                "officer must read it (lacuna rule list) and approve it"
            )
        rows = transaction.marts.drop(rule.table, limit)
        transaction.ledger.append(
            Entry(
                at=stores.clock.now(),
                action=Action.DROP_LEGACY,
                location=rule.table.location,
                actor=ACTOR,
                rows=rows,
                digest=rule.digest,
            )
        )
    return rows


def _examine(
    source: Marts,
    rule: LegacyTable,
    published: PublishReport,
    asked: tuple[date, str | None],
) -> tuple[Outcome, tuple[tuple[str, int], ...]]:
    """Return whether a table may be dropped, or why not; `asked`: today, and whom to leave out."""
    today, canary_org = asked
    replacing = [mart for mart in marts() if rule.table in mart.replaces]
    shared = source.shared_totals(rule.table)
    if not replacing or shared is None:
        # Nothing says what would be lost.
        return Outcome.NOT_RECONCILED, ()
    for mart in replacing:
        for org_id in source.tenants():
            if org_id != canary_org and not _is_sealed(source, mart, org_id, published, today):
                return Outcome.NOT_SEALED, ()
    real = tuple(each for each in shared if each.org_id != canary_org)
    missing = tuple(_missing(source, real, today))
    return (Outcome.NOT_RECONCILED, missing) if missing else (Outcome.DROPPED, ())


def _is_sealed(
    source: Marts,
    mart: Mart,
    org_id: str,
    published: PublishReport,
    today: date,
) -> bool:
    """Whether every closed period is sealed, or waits because it is too small alone."""
    closed = Policy().last_closed(today, mart)
    first_day, _ = source.span(mart, org_id, date.min, closed)
    if first_day is None or mart.period.end(first_day) > closed:
        return True
    until = source.sealed_until(mart, org_id)
    if until is not None and next(source.releases(mart, org_id, until=first_day), None) is None:
        return False  # the first days were left out
    outcomes = {
        line.outcome
        for line in published.lines
        if line.org_id == org_id and line.subject.startswith(f"{mart.name} ")
    }
    if Outcome.BLOCKED in outcomes:
        return False
    if Outcome.WAITING in outcomes:
        return True
    return until is not None and mart.period.end(until + timedelta(days=1)) > closed


def _missing(
    source: Marts, shared: tuple[SharedTotal, ...], today: date
) -> Iterator[tuple[str, int]]:
    """Yield the totals of which the legacy table has more than the marts and the open days."""
    by_name = {mart.name: mart for mart in marts()}
    lacking: dict[str, int] = {}
    for each in shared:
        mart = by_name[each.mart]
        held = _held(source, mart, each, today)
        if held is not None and held < each.total:
            name = f"{each.mart}.{each.measure}"
            lacking[name] = lacking.get(name, 0) + each.total - held
    yield from sorted(lacking.items())


def _held(source: Marts, mart: Mart, total: SharedTotal, today: date) -> int | None:
    """Return the part of a total that the marts publish now or later; None if some is withheld.

    What rows of restricted people add up to is in no mart, now or later, and counts as held: the
    rows themselves stay in the platform, unprocessed.
    """
    position = mart.index(total.measure)
    held = 0
    until = date.min
    for release in source.releases(mart, total.org_id):
        until = release.period.last
        for cell in release.cells:
            amount = cell.values[position]
            if amount is None:
                return None
            held += amount
        if release.audit.is_withheld:
            return None
    open_days = Period(mart.period, until + timedelta(days=1), today)
    facts = source.facts(mart, total.org_id, open_days)
    held += sum(amounts[position] for amounts in facts.values)
    restricted = source.left_out(mart, total.org_id, facts.left_out) or {}
    return held + restricted.get(total.measure, 0)
