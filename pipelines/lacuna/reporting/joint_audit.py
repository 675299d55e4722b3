"""The joint audit: what do all marts together give away about the same conversations?

Each published count is a sum over conversations, so all of them are one system of equations over
one set of unknowns: conversations in the same cells of every mart. The attacker knows
which combinations there are, which is more than an outsider can know, and asks

    1. whether the difference of two published sums is a group of too few people;
    2. between which bounds each hidden group lies (linear programming, over all marts at once),
       for the rows and for each sum that two marts both publish.

A finding names the cells of the candidate that take part in it: the candidate is the mart of the
lowest precedence, which gives in.

Source: linked tables must be protected together; attacker's linear programs and feasibility
intervals, SDC Handbook (European Commission and CoE), chapters 4.3 and 5; HiGHS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lacuna.model.mart import CellKey, Facts, Mart, Period, Policy
from lacuna.reporting.bounds import Floats, widths
from lacuna.reporting.joint_counts import (
    ABSENT,
    Classes,
    Conversations,
    Count,
    Cut,
    Flags,
    ReleasedCells,
    distinct,
)
from lacuna.reporting.period_audit import Leak

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_TOLERANCE: Final = 1e-6
_ONE_NUMBER: Final = 0.5  # published numbers are whole: what is narrower is one number


def counted_in(facts: Facts, period: Period) -> Facts:
    """Return the rows of a period, each on a day of it.

    A row that joined it later than its conversation began is counted on the last day, as sealing
    counts it: a rating, of the week before.
    """
    days = [day if period.first <= day <= period.last else period.last for day in facts.days]
    return facts if days == list(facts.days) else replace(facts, days=days)


@dataclass
class JointResult:
    """Leaks by kind, how many hidden groups were bounded, and the candidate's cells in findings."""

    leaks: Counter[Leak] = field(default_factory=Counter)
    bounds: int = 0
    involved: set[CellKey] = field(default_factory=set)


class JointAudit:
    """The audit of one mart's rows beside what is sealed: read once, asked for each partition."""

    def __init__(self, mart: Mart, facts: Facts, sealed: Sequence[Cut], policy: Policy) -> None:
        """Number the conversations of all marts, and place them in the cells that are sealed.

        Args:
            sealed: the marts sealed before; the first one is the volume, which names the people.
                Sealed sums are taken as their rows add up to now: late rows and moved conversations
                make what an outsider sees less exact, never more.
        """
        self._mart, self._facts, self._policy = mart, facts, policy
        self._conversations = Conversations([*(cut.facts for cut in sealed), facts])
        self._volume = sealed[0] if sealed else Cut(mart, facts, ())
        self._sealed = [
            Count(cut, measure, self._conversations, mart.people)
            for cut in sealed
            for measure in _counting(cut.mart, is_volume=cut.mart == self._volume.mart)
        ]
        # Groups by measure and members that need not be asked about again: those that what is
        # sealed gives away anyway, and those that the partition asked about last left wide.
        self._public: set[tuple[str | None, bytes]] = set()
        self._wide: set[tuple[str | None, bytes]] = set()
        self._asked: list[Count] = []

    def of(self, released: ReleasedCells) -> JointResult:
        """Return the disclosures of the rows if they are published as these cells."""
        cut = Cut(self._mart, self._facts, released)
        ours = [
            Count(cut, measure, self._conversations, self._mart.people)
            for measure in _counting(self._mart, is_volume=self._mart == self._volume.mart)
        ]
        if not all(map(_is_coarser, ours, self._asked)):
            self._wide.clear()
        self._asked = ours
        result = JointResult()
        for count in ours:
            for other in self._sealed:
                if count.is_part_of(other):
                    continue
                self._subtract(count, other, count, result)
                self._subtract(other, count, count, result)
        if not result.leaks:
            self._find_bounds(ours, result)
        result.leaks = +result.leaks
        return result

    def _subtract(self, whole: Count, part: Count, ours: Count, result: JointResult) -> None:
        """Question 1: take from each cell of one count those of another that lie inside it."""
        outer, inner = whole.blocks, part.blocks
        named = inner != ABSENT
        around = np.full(int(inner.max(initial=ABSENT)) + 1, ABSENT)
        around[inner[named]] = outer[named]
        astray = np.bincount(
            inner[named], weights=outer[named] != around[inner[named]], minlength=len(around)
        )
        is_inside = (astray == 0) & (around != ABSENT)
        is_touched = np.zeros(int(outer.max(initial=ABSENT)) + 1, dtype=np.bool_)
        is_touched[around[is_inside]] = True
        rest = np.flatnonzero(outer != ABSENT)
        rest = rest[is_touched[outer[rest]]]
        rest = rest[~(named[rest] & is_inside[inner[rest]])]
        people = distinct(outer[rest], self._conversations.people[rest], len(is_touched))
        for block in np.unique(outer[rest]):
            if people[block] < self._mart.people:
                result.leaks[Leak.RESIDUAL] += 1
                result.involved |= ours.keys(outer == block)

    def _find_bounds(self, ours: list[Count], result: JointResult) -> None:
        """Question 2: the rows themselves, and each further sum that two marts publish."""
        classes = Classes([*self._sealed, *ours])
        targets = classes.targets()
        if targets.shape[0] == 0:
            return
        volume = self._volume.mart
        shared = {mean.total for mean in self._mart.means} & {mean.total for mean in volume.means}
        for measure in (None, *sorted(shared)):
            if measure is None:
                amount: Floats = np.bincount(classes.numbers).astype(np.float64)
                needed = np.full(targets.shape[0], float(self._mart.people))
            else:
                spent = self._conversations.amounts(self._volume.facts, volume.index(measure))
                amount = np.bincount(classes.numbers, weights=spent).astype(np.float64)
                needed = np.asarray(targets @ amount) * (self._policy.dominance_percent / 100)
            for members, width in self._narrow(classes, amount, (targets, needed), measure):
                result.leaks[Leak.EXACT if width < _ONE_NUMBER else Leak.NARROW] += 1
                for count in ours:
                    result.involved |= count.keys(members)
            result.bounds += targets.shape[0]

    def _narrow(
        self,
        classes: Classes,
        amount: Floats,
        asked: tuple[csr_array, Floats],
        measure: str | None,
    ) -> Iterator[tuple[Flags, float]]:
        """Yield the conversations of each group that the candidate makes too narrow, and its width.

        What was public before is not the candidate's to answer for. It does not depend on the
        candidate either, and is asked once.
        """
        targets, needed = asked
        counts = [each for each in classes.counts if measure is None or each.sums(measure)]
        sealed = [each for each in counts if each in self._sealed]
        members = [classes.members(targets, target) for target in range(targets.shape[0])]
        names = [(measure, each.tobytes()) for each in members]
        settled = self._public | self._wide
        left = np.array([n for n, name in enumerate(names) if name not in settled], dtype=np.int64)
        if not len(left):
            return
        found = widths(classes.equations(counts, measure), amount, targets[left], needed[left])
        is_narrow = found < needed[left] - _TOLERANCE
        failed, narrow = left[is_narrow], found[is_narrow]
        self._wide.update(names[target] for target in left[~is_narrow])
        if not len(failed):
            return
        public = classes.equations(sealed, measure)
        before = widths(public, amount, targets[failed], needed[failed])
        for target, width, old in zip(failed, narrow, before, strict=True):
            if old >= needed[target] - _TOLERANCE:
                yield members[target], float(width)
            else:
                self._public.add(names[target])


def _is_coarser(new: Count, old: Count) -> bool:
    """Whether every sum of a candidate is one of sums that were asked about before.

    Whatever an outsider cannot bound from those, nobody bounds from fewer.
    """
    named = old.cells != ABSENT
    around = np.full(len(old.named), ABSENT)
    around[old.cells[named]] = new.cells[named]
    expected = np.full(len(named), ABSENT)
    expected[named] = around[old.cells[named]]
    if (expected != new.cells).any():
        return False
    return all(
        old_value is not None or new_value is None
        for cell, within in zip(old.named, around, strict=True)
        if within != ABSENT
        for old_value, new_value in zip(
            old.values(cell), new.values(new.named[within]), strict=True
        )
    )


def _counting(mart: Mart, *, is_volume: bool) -> list[str]:
    """Return the measures of a mart that count rows of their own.

    Beside the rows themselves these are, of the volume, those that another mart counts as its
    own: answered conversations.
    """
    return [mart.base, "n_frt"] if is_volume else [mart.base]
