"""Restatement of sealed weeks: a new version of all marts is drawn, audited and attacked, in memory.

The sealed version is public and stays known, so that every new one is audited together with all
that was published of the same conversations, in both versions. Nothing is written here: what is
drawn is a document with a digest, which somebody approves and which is carried out as it stands.

    1. Whole weeks, all marts, once: what a third version would be compared with is kept no more.
    2. Rows are corrected where many people stand behind the difference (`redrawn_rows`).
    3. Each mart is protected, audited and coarsened as at closing, in order of precedence. Where that
       does not suffice, the restatement is refused, and what is sealed stays.
    4. Numbers of people cannot be computed again. Where people changed channels, those of the month
       are withdrawn.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

import rfc8785

from lacuna.errors import NotApproved, PlanRefused, RequestError
from lacuna.marts import marts
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.evidence import Action, Entry
from lacuna.model.mart import (
    Audit,
    Cell,
    Facts,
    Mart,
    Outcome,
    Period,
    PeriodKind,
    Policy,
    PublishLine,
    Release,
)
from lacuna.model.restatement import Replacement, Restatement, RestatementScope
from lacuna.model.run import Role
from lacuna.ports import Marts, Stores, Transaction
from lacuna.reporting.joint_audit import JointAudit, counted_in
from lacuna.reporting.joint_counts import Cut
from lacuna.reporting.period_audit import AuditResult, audit_people
from lacuna.reporting.period_closure import ACTOR, Closing, DisclosureCheck, PeriodReading
from lacuna.reporting.periods import days_of
from lacuna.reporting.redrawn_rows import Destination, Redrawn, redraw
from lacuna.reporting.release import cells_digest

WeekVersion = tuple[Facts, tuple[Cell, ...]]
Differ = Callable[[Mart, WeekVersion, WeekVersion, Policy], tuple[tuple[str, int], ...]]
"""Attacks the difference of two versions of a period; returns what succeeded, by name."""

_SECOND: Final = 2
_STRANGERS: Final = 1 << 40  # numbers that no query gives to a person


@dataclass(frozen=True)
class Attackers:
    """The attacks that a new version must withstand, by other code than draws it."""

    alone: DisclosureCheck
    difference: Differ


@dataclass
class _Draft:
    """The new versions drawn so far, and what both versions count.

    Attributes:
        old: sealed periods with cells, by mart, oldest first.
        redrawn: by mart and first day.
        new: by mart and first day.
    """

    old: dict[str, list[Release]]
    redrawn: dict[tuple[str, date], Redrawn]
    new: dict[tuple[str, date], Release] = field(default_factory=dict)

    def cut(self, mart: Mart, *, is_new: bool) -> Cut | None:
        """Return one version of a mart over all weeks; None where it has no cell, or not yet."""
        counted: list[Facts] = []
        released = []
        for old in self.old[mart.name]:
            release = self.new.get((mart.name, old.period.first)) if is_new else old
            if release is None or not release.cells:
                continue
            redrawn = self.redrawn[mart.name, old.period.first]
            rows = redrawn.facts if is_new else redrawn.before
            counted.append(counted_in(rows, release.period))
            released.append((release.period, release.cells))
        return Cut(mart, _joined(counted), released) if released else None


@dataclass(frozen=True)
class _Redrawing(Closing):
    """Draws the new version of one period; what closing writes, it keeps in the draft."""

    draft: _Draft = field(kw_only=True, repr=False)
    redrawn: Redrawn = field(kw_only=True, repr=False)

    @property
    def gives_in(self) -> bool:
        """Every mart, the first one too: the difference to the sealed version must say nothing."""
        return True

    @property
    def merged(self) -> frozenset[tuple[str, ...]]:
        """Groups of cells that stay as they are."""
        return self.redrawn.merged

    def volume(self, source: Marts, since: date, until: date) -> tuple[Release, ...]:
        """Return the volume of some days, the new version where one was drawn."""
        found = super().volume(source, since, until)
        return tuple(self.draft.new.get((each.mart, each.period.first), each) for each in found)

    def cuts(self, source: Marts, period: Period) -> list[Cut]:
        """Return the public cells of the weeks: new versions drawn before, and all sealed ones."""
        known = _of_rows(self.stores)
        drawn = [mart for mart in known if mart.precedence < self.mart.precedence]
        found = [
            *(self.draft.cut(mart, is_new=True) for mart in drawn),
            *(self.draft.cut(mart, is_new=False) for mart in known),
        ]
        return [cut for cut in found if cut is not None]

    def store(
        self, period: Period, cells: tuple[Cell, ...], facts: Facts, audit: Audit
    ) -> PublishLine:
        """Keep the new version in the draft."""
        digest = cells_digest(self.mart, self.org_id, period.label, cells, _SECOND)
        release = Release(
            self.mart.name, self.org_id, period, self.policy.version, self.now, digest, audit, cells,
            _SECOND,
        )  # fmt: skip
        self.draft.new[self.mart.name, period.first] = release
        return self.line_of(release)

    def carry(self, old: Release) -> bool:
        """Keep the cells as they are, if they give nothing away beside the new versions."""
        facts, result = self.redrawn.facts, AuditResult()
        with self.stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
            self.audit_beside(transaction, facts, old.period, old.cells, result)
        if not result.is_clean:
            return False
        self.store(old.period, old.cells, facts, old.audit)
        return True


def redraw_weeks(stores: Stores, asked: RestatementScope, attackers: Attackers) -> Restatement:
    """Return new versions of all marts of the weeks that touch a period.

    Raises:
        RequestError: the period is none, is not sealed, is too old, or was restated before.
        PlanRefused: nothing can be corrected without telling of few people.
    """
    policy, now, of_rows = Policy(), stores.clock.now(), _of_rows(stores)
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        first, last = _weeks(transaction.marts, asked, of_rows)
        draft = _read(transaction, asked, (first, last), policy, of_rows)
    corrected = sum(each.corrected for each in draft.redrawn.values())
    kept = sum(each.kept for each in draft.redrawn.values())
    if not corrected:
        raise PlanRefused(
            f"{asked.period}: {kept} rows differ from the sealed ones, but too few people are "
            "behind each difference; the sealed ones stay. No action is needed"
        )
    for mart in of_rows:
        for old in draft.old[mart.name]:
            _draw(stores, old, draft, (mart, policy, now), attackers)
    _check_whole(draft, policy, asked, of_rows)
    people = tuple(_people(stores, draft, (first, last), asked, now))
    drawn = [_replacement(old, draft) for mart in of_rows for old in draft.old[mart.name]]
    return _restatement(asked, (first, last), (*drawn, *people), (corrected, kept))


def carry_out(stores: Stores, restatement: Restatement) -> None:
    """Let the new versions take the place of the sealed ones, all in one transaction.

    Each is two entries of the ledger: the digest that is served no longer, and the one that is.

    Raises:
        NotApproved: the ledger has no approval of this very restatement.
        StatementRefused: something was restated meanwhile; nothing was changed.
    """
    now, by_name = stores.clock.now(), {mart.name: mart for mart in marts(stores.marts_path)}
    with stores.transaction(Role.EXECUTOR) as transaction:
        queue, name, digest = transaction.queue, restatement.name, restatement.digest
        if queue.plans.rule_limit(name, digest) is None and not queue.plans.is_standing(BY_SETTING):
            raise NotApproved(
                f"rule {name}: the ledger has no approval of it; nothing changed. An officer must "
                "read it (lacuna rule list) and approve it"
            )
        for each in restatement.replacements:
            release, mart = each.release, by_name[each.release.mart]
            if each.rows is not None:
                transaction.restatements.keep_rows(mart, release.org_id, release.period, each.rows)
            transaction.restatements.replace(mart, each, restatement.asked, restatement.digest, now)
            newest = Period(mart.period, release.period.last, release.period.last)
            for action, cells in (
                (Action.WITHDRAW_PERIOD, each.replaced_digest),
                (Action.RESTATE_PERIOD, release.digest),
            ):
                transaction.ledger.append(
                    Entry(
                        at=now,
                        action=action,
                        location=f"reporting.{mart.name} {newest.label}",
                        actor=ACTOR,
                        rows=len(release.cells) if action is Action.RESTATE_PERIOD else None,
                        digest=cells,
                    )
                )
        transaction.restatements.withdraw_proposal(restatement.asked.org_id, restatement.name)


def _of_rows(stores: Stores) -> list[Mart]:
    return [mart for mart in marts(stores.marts_path) if not mart.round_to]


def _weeks(source: Marts, asked: RestatementScope, of_rows: Sequence[Mart]) -> tuple[date, date]:
    """Return the first and last day of the weeks to restate: those of no sealed period are cut."""
    begun, ended = days_of(asked.period)
    first, last = PeriodKind.WEEK.begin(begun), PeriodKind.WEEK.end(ended)
    while True:
        touched = [
            release.period
            for mart in of_rows
            for release in source.releases(mart, asked.org_id, first, last)
            if release.cells
        ]
        wider = (
            min((PeriodKind.WEEK.begin(each.first) for each in touched), default=first),
            max((PeriodKind.WEEK.end(each.last) for each in touched), default=last),
        )
        wider = (min(wider[0], first), max(wider[1], last))
        if wider == (first, last):
            return wider
        first, last = wider


def _read(
    transaction: Transaction,
    asked: RestatementScope,
    days: tuple[date, date],
    policy: Policy,
    of_rows: Sequence[Mart],
) -> _Draft:
    """Read both what was sealed of the weeks and what is there now.

    Raises:
        RequestError: a mart has not sealed all of them, did so too long ago, or restated them.
    """
    (first, last), source = days, transaction.marts
    old: dict[str, list[Release]] = {}
    redrawn: dict[tuple[str, date], Redrawn] = {}
    for mart in of_rows:
        sealed = list(source.releases(mart, asked.org_id, first, last))
        ends = [each.period.last for each in sealed]
        if not sealed or min(each.period.first for each in sealed) > first or max(ends) < last:
            raise RequestError(
                f"{asked.period}: {mart.name} has not sealed all days from {first} to {last}; "
                "restate them after they are sealed"
            )
        if any(each.version > 1 for each in sealed):
            raise RequestError(
                f"{asked.period}: {mart.name} was already restated; a period can be restated only "
                "once"
            )
        old[mart.name] = [each for each in sealed if each.cells]
        now = source.facts(mart, asked.org_id, Period(mart.period, first, last))
        where = Destination(mart, policy, itertools.count(_STRANGERS))
        for each in old[mart.name]:
            rows = transaction.restatements.sealed_rows(mart, asked.org_id, each.period)
            if rows is None:
                raise RequestError(
                    f"{asked.period}: the additions of the rows of {mart.name} "
                    f"{each.period.label} were stored for {policy.watch_days} days and are gone; "
                    "the sealed figures stay"
                )
            redrawn[mart.name, each.period.first] = redraw(
                rows, now, each.period, each.cells, where
            )
    return _Draft(old, redrawn)


def _draw(
    stores: Stores,
    old: Release,
    draft: _Draft,
    how: tuple[Mart, Policy, datetime],
    attackers: Attackers,
) -> None:
    """Draw the new version of one period.

    Raises:
        PlanRefused: it would give somebody away.
    """
    (mart, policy, now), redrawn = how, draft.redrawn[old.mart, old.period.first]
    drawing = _Redrawing(
        stores, mart, old.org_id, policy, now, None, PeriodReading(), attackers.alone,
        draft=draft, redrawn=redrawn,
    )  # fmt: skip
    if not redrawn.corrected and drawing.carry(old):
        return
    line = drawing.seal(old.period, redrawn.facts)
    if line is None or line.outcome is Outcome.BLOCKED:
        findings = () if line is None else line.findings
        raise _refused(f"{mart.name} {old.period.label}", findings)
    new = draft.new[mart.name, old.period.first]
    found = attackers.difference(
        mart, (redrawn.before, old.cells), (redrawn.facts, new.cells), policy
    )
    if found:
        raise _refused(f"{mart.name} {old.period.label}", found)


def _check_whole(
    draft: _Draft, policy: Policy, asked: RestatementScope, of_rows: Sequence[Mart]
) -> None:
    """Audit the new volume of all weeks with every sealed mart of them, as one system.

    Raises:
        PlanRefused: it would give somebody away.
    """
    volume = draft.cut(marts()[0], is_new=True)
    sealed = [cut for mart in of_rows if (cut := draft.cut(mart, is_new=False)) is not None]
    if volume is None or not sealed:
        return
    result = JointAudit(volume.mart, volume.facts, sealed, policy).of(volume.released)
    if result.leaks:
        found = tuple(sorted((str(leak), count) for leak, count in result.leaks.items()))
        raise _refused(asked.period, found)


def _people(
    stores: Stores, draft: _Draft, days: tuple[date, date], asked: RestatementScope, now: datetime
) -> Iterator[Replacement]:
    """Yield the withdrawal of numbers of people that no longer fit the volume."""
    volume, (first, last) = marts()[0], days
    moved = any(
        _changes_channel(each) for key, each in draft.redrawn.items() if key[0] == volume.name
    )
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        for mart in (each for each in marts(stores.marts_path) if each.round_to):
            for old in transaction.marts.releases(mart, asked.org_id, first, last):
                if not old.cells or old.version > 1:
                    continue
                within = (asked.org_id, old.period.first, old.period.last)
                replaced = transaction.restatements.replaced_cells(volume, *within)
                versions = [
                    [
                        draft.new.get((volume.name, each.period.first), each).cells,
                        replaced.get(each.period.label, each.cells),
                    ]
                    for each in transaction.marts.releases(volume, *within)
                ]
                if moved or not audit_people(old.cells, mart, versions)[0].is_clean:
                    digest = cells_digest(mart, asked.org_id, old.period.label, (), _SECOND)
                    audit = replace(old.audit, own_rows=0, withheld=0, is_withheld=True)
                    release = replace(
                        old, sealed_at=now, digest=digest, audit=audit, cells=(), version=_SECOND
                    )
                    yield Replacement(old.digest, release, _changed(old, release))


def _changes_channel(redrawn: Redrawn) -> bool:
    return any(
        was[0] != will[0] for was, will in zip(redrawn.before.keys, redrawn.facts.keys, strict=True)
    )


def _replacement(old: Release, draft: _Draft) -> Replacement:
    key = (old.mart, old.period.first)
    new = draft.new[key]
    return Replacement(old.digest, new, _changed(old, new), draft.redrawn[key].sealed_rows)


def _changed(old: Release, new: Release) -> int:
    """Return how many cells came, went, or have another number."""
    was, is_now = (
        {(one.key, one.is_range): one.values for one in each.cells} for each in (old, new)
    )
    return sum(was.get(key) != is_now.get(key) for key in was.keys() | is_now.keys())


def _restatement(
    asked: RestatementScope,
    days: tuple[date, date],
    replacements: tuple[Replacement, ...],
    rows: tuple[int, int],
) -> Restatement:
    weeks = Period(PeriodKind.WEEK, *days).label
    document = rfc8785.dumps(
        {
            "kind": "restatement",
            "org_id": asked.org_id,
            "period": weeks,
            "reason": str(asked.reason),
            "releases": [
                {
                    "mart": each.release.mart,
                    "period": each.release.period.label,
                    "policy_version": each.release.policy_version,
                    "version": each.release.version,
                    "replaces": each.replaced_digest,
                    "digest": each.release.digest,
                    "changed_cells": each.changed_cells,
                }
                for each in replacements
            ],
        }
    )
    return Restatement(
        asked=asked,
        name=f"restate_{asked.org_id}_{weeks}",
        document=document,
        digest=hashlib.sha256(document).hexdigest(),
        replacements=replacements,
        corrected=rows[0],
        kept=rows[1],
    )


def _refused(where: str, findings: tuple[tuple[str, int], ...]) -> PlanRefused:
    said = ", ".join(f"{name} {count}" for name, count in findings) or "too few people"
    return PlanRefused(
        f"{where}: beside the sealed version, the new one would reveal data of few people "
        f"({said}); the sealed one stays"
    )


def _joined(parts: Sequence[Facts]) -> Facts:
    """Return the rows of several periods of one mart."""
    return Facts(
        people=[each for part in parts for each in part.people],
        days=[each for part in parts for each in part.days],
        keys=[each for part in parts for each in part.keys],
        values=[each for part in parts for each in part.values],
        interactions=[each for part in parts for each in part.interactions],
    )
