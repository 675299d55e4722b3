"""The joint audit: what do all marts together give away about the same conversations?

Each published count is a sum over conversations, so all of them are one system of equations over
one set of unknowns: conversations that stand in the same cells of every mart. The attacker knows
which combinations there are, which is more than an outsider can know, and asks

    1. whether the difference of two published sums is a group of too few people;
    2. between which bounds each hidden group lies (linear programming, over all marts at once),
       for the rows and for each sum that two marts both publish.

A finding names the cells of the candidate that take part in it: the candidate is the mart of the
lowest precedence, which gives in.

Source: linked tables must be protected together; attacker's linear programs and feasibility
intervals, SDC Handbook (European Commission and CoE), chapters 4.3 and 5; HiGHS in scipy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded when they are first used

from lacuna.model.mart import OTHER, Cell, Facts, Mart, Period, Policy
from lacuna.reporting.audit import Leak
from lacuna.reporting.bounds import widths

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Key = tuple[str, ...]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Released = Sequence[tuple[Period, tuple[Cell, ...]]]
"""Periods of one mart, each with its cells."""

_NOBODY: Final = -1
_ABSENT: Final = -1
_TOLERANCE: Final = 1e-6
_ONE_NUMBER: Final = 0.5  # published numbers are whole: what is narrower is one number


@dataclass(frozen=True)
class Cut:
    """One mart over the days of an audit: its rows, and the cells that say how many there are.

    Attributes:
        facts: rows with `interactions`; `days` are those on which they are counted.
    """

    mart: Mart
    facts: Facts
    released: Released


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
    involved: set[Key] = field(default_factory=set)


def audit_jointly(candidate: Cut, sealed: Sequence[Cut], policy: Policy) -> JointResult:
    """Return what a candidate gives away together with what is sealed of the same conversations.

    Args:
        sealed: the marts sealed before; the first one is the volume, which names the people.
            Sealed sums are taken as their rows add up to now: late rows and moved conversations
            make what an outsider sees less exact, never more.
    """
    return JointAudit(candidate.mart, candidate.facts, sealed, policy).of(candidate.released)


class JointAudit:
    """The audit of one mart's rows beside what is sealed: read once, asked for each partition."""

    def __init__(self, mart: Mart, facts: Facts, sealed: Sequence[Cut], policy: Policy) -> None:
        """Number the conversations of all marts, and place them in the cells that are sealed."""
        self._mart, self._facts, self._policy = mart, facts, policy
        self._conversations = _Conversations([*(cut.facts for cut in sealed), facts])
        self._volume = sealed[0] if sealed else Cut(mart, facts, ())
        self._sealed = [
            _Count(cut, measure, self._conversations, mart.people)
            for cut in sealed
            for measure in _counting(cut.mart, is_volume=cut.mart == self._volume.mart)
        ]
        # Groups by measure and members that need not be asked about again: those that what is
        # sealed gives away anyway, and those that the partition asked about last left wide.
        self._public: set[tuple[str | None, bytes]] = set()
        self._wide: set[tuple[str | None, bytes]] = set()
        self._asked: list[_Count] = []

    def of(self, released: Released) -> JointResult:
        """Return what the rows give away if they are published as these cells."""
        cut = Cut(self._mart, self._facts, released)
        ours = [
            _Count(cut, measure, self._conversations, self._mart.people)
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

    def _subtract(self, whole: _Count, part: _Count, ours: _Count, result: JointResult) -> None:
        """Question 1: take from each cell of one count those of another that lie inside it."""
        outer, inner = whole.blocks, part.blocks
        named = inner != _ABSENT
        around = np.full(int(inner.max(initial=_ABSENT)) + 1, _ABSENT)
        around[inner[named]] = outer[named]
        astray = np.bincount(
            inner[named], weights=outer[named] != around[inner[named]], minlength=len(around)
        )
        is_inside = (astray == 0) & (around != _ABSENT)
        is_touched = np.zeros(int(outer.max(initial=_ABSENT)) + 1, dtype=np.bool_)
        is_touched[around[is_inside]] = True
        rest = np.flatnonzero(outer != _ABSENT)
        rest = rest[is_touched[outer[rest]]]
        rest = rest[~(named[rest] & is_inside[inner[rest]])]
        people = _distinct(outer[rest], self._conversations.people[rest], len(is_touched))
        for block in np.unique(outer[rest]):
            if people[block] < self._mart.people:
                result.leaks[Leak.RESIDUAL] += 1
                result.involved |= ours.keys(outer == block)

    def _find_bounds(self, ours: list[_Count], result: JointResult) -> None:
        """Question 2: the rows themselves, and each further sum that two marts publish."""
        classes = _Classes([*self._sealed, *ours])
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
        classes: _Classes,
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


class _Conversations:
    """Every conversation of some marts, numbered, with the number of its person.

    Attributes:
        people: by conversation; _NOBODY where no mart knows one. Numbers of people hold within
            one reading: the first mart that knows a conversation says who it is, and that its
            person is the same in the readings that follow.
    """

    def __init__(self, readings: Sequence[Facts]) -> None:
        numbers: dict[str, int] = {}
        self._places: dict[int, tuple[Facts, Numbers]] = {}
        known: list[int] = []
        for number, facts in enumerate(readings):
            places = [numbers.setdefault(name, len(numbers)) for name in facts.interactions]
            known += [_NOBODY] * (len(numbers) - len(known))
            # Whom an earlier reading names by another number.
            same: dict[int, int] = {}
            for place, person in zip(places, facts.people, strict=True):
                if person is not None and known[place] != _NOBODY:
                    same.setdefault(person, known[place])
            for place, person in zip(places, facts.people, strict=True):
                if person is not None and known[place] == _NOBODY:
                    known[place] = same.get(person, person * len(readings) + number)
            # Kept with the facts, whose identity stands for them.
            self._places[id(facts)] = facts, np.array(places, dtype=np.int64)
        # Small numbers, so that pairs with them are.
        people = np.array(known, dtype=np.int64)
        self.people: Numbers = np.where(
            people == _NOBODY, _NOBODY, np.unique(people, return_inverse=True)[1]
        )

    def __len__(self) -> int:
        return len(self.people)

    def places(self, facts: Facts) -> Numbers:
        """Return the number of the conversation of each row of one of the readings."""
        return self._places[id(facts)][1]

    def amounts(self, facts: Facts, position: int) -> Numbers:
        """Return what one mart's rows add up to for each conversation."""
        weights = np.array([values[position] for values in facts.values], dtype=np.int64)
        return np.bincount(self.places(facts), weights=weights, minlength=len(self)).astype(
            np.int64
        )


class _Count:
    """One column of counts that a mart publishes, over all conversations.

    Attributes:
        cells: position of the cell that a conversation stands in; _ABSENT where none counts it.
        marks: what an outsider tells apart: a hidden group, or a cell with its likes.
        lines: the published sum, a cell with its likes.
        weights: how often a conversation counts.
        is_hidden: whether its group is one of too few people without a cell of its own.
    """

    def __init__(self, cut: Cut, measure: str, conversations: _Conversations, people: int) -> None:
        self._mart, self._measure = cut.mart, measure
        self._values = {
            (period.label, cell.key): cell.values
            for period, cells in cut.released
            for cell in cells
        }
        placed = _Placed(cut)
        position = cut.mart.index(measure)
        weight = np.array([values[position] for values in cut.facts.values], dtype=np.int64)
        published = [self._is_published(cell) for cell in placed.cells]
        taken = np.flatnonzero((weight > 0) & np.array(published, dtype=np.bool_)[placed.rows])
        groups, rows = placed.rows[taken], conversations.places(cut.facts)[taken]
        known = _distinct(groups, conversations.people[rows], len(placed.cells))
        hidden = ~np.array(placed.own, dtype=np.bool_) & (known < people)
        self.named: list[tuple[str, Key]] = []
        places: dict[object, int] = {}
        sums: dict[object, int] = {}
        apart: dict[object, int] = {}
        by_group = np.full((3, len(placed.cells)), _ABSENT)
        for group, cell in enumerate(placed.cells):
            if cell is None or not published[group]:
                continue
            if cell not in places:
                self.named.append(cell)
            line = self._told_apart(cell)
            mark = (cell, placed.groups[group]) if hidden[group] else line
            by_group[:, group] = (
                places.setdefault(cell, len(places)),
                sums.setdefault(line, len(sums)),
                apart.setdefault(mark, len(apart)),
            )
        conversation, once = np.unique(rows, return_index=True)
        columns = np.full((3, len(conversations)), _ABSENT)
        columns[:, conversation] = by_group[:, groups[once]]
        self.cells, self.lines, self.marks = columns
        self.is_hidden = np.zeros(len(conversations), dtype=np.bool_)
        self.is_hidden[conversation] = hidden[groups[once]]
        self.weights: Numbers = np.bincount(
            rows, weights=weight[taken], minlength=len(conversations)
        ).astype(np.int64)
        self.blocks = self._blocks()

    def keys(self, members: Flags) -> set[Key]:
        """Return the cells in which some conversations stand."""
        return {self.named[cell][1] for cell in np.unique(self.cells[members]) if cell != _ABSENT}

    def sums(self, measure: str) -> bool:
        """Whether the rows are counted, rather than those with an attribute, and so is a sum."""
        has_it = any(each.name == measure for each in self._mart.measures)
        return has_it and self._measure == self._mart.base

    def is_part_of(self, other: _Count) -> bool:
        """Whether one counts what another version of its mart counts some of, cell by cell.

        How many of a cell have an attribute is for the rules of that mart to allow.
        """
        return self._mart == other._mart and self._measure != other._measure

    def withheld(self, measure: str) -> list[bool]:
        """Return for each cell whether it does not publish a measure."""
        position = self._mart.index(measure)
        return [self._values[cell][position] is None for cell in self.named]

    def values(self, cell: tuple[str, Key]) -> tuple[int | None, ...]:
        """Return what a cell publishes."""
        return self._values[cell]

    def _blocks(self) -> Numbers:
        """Return the cells; bands, which follow from no structure, add up to one."""
        if not self._mart.bands:
            return self.cells
        numbers: dict[object, int] = {}
        joined = [numbers.setdefault((label, key[:-1]), len(numbers)) for label, key in self.named]
        blocks: Numbers = np.array([*joined, _ABSENT], dtype=np.int64)[self.cells]
        return blocks

    def _is_published(self, cell: tuple[str, Key] | None) -> bool:
        values = None if cell is None else self._values.get(cell)
        return values is not None and values[self._mart.index(self._measure)] is not None

    def _told_apart(self, cell: tuple[str, Key]) -> object:
        """Return what stands for a cell: its likes of other days add nothing to what is known.

        A group of its own on several days is one sum. Whatever its split among the days, a
        solution for the sum is one for each day, in proportion.
        """
        if OTHER in cell[1] or self._mart.bands:
            return cell
        return cell[1], tuple(value is None for value in self._values[cell])


def _is_coarser(new: _Count, old: _Count) -> bool:
    """Whether every sum of a candidate is one of sums that were asked about before.

    Whatever an outsider cannot bound from those, nobody bounds from fewer.
    """
    named = old.cells != _ABSENT
    around = np.full(len(old.named), _ABSENT)
    around[old.cells[named]] = new.cells[named]
    expected = np.full(len(named), _ABSENT)
    expected[named] = around[old.cells[named]]
    if (expected != new.cells).any():
        return False
    return all(
        old_value is not None or new_value is None
        for cell, within in zip(old.named, around, strict=True)
        if within != _ABSENT
        for old_value, new_value in zip(
            old.values(cell), new.values(new.named[within]), strict=True
        )
    )


class _Placed:
    """The groups of a mart's rows, and the cell that an outsider concludes for each.

    Attributes:
        rows: the position of each row's group.
        cells: the cell of each group, by period and key; None where it has none.
        own: whether that cell is the group's own.
    """

    def __init__(self, cut: Cut) -> None:
        self.groups: list[tuple[str, Key]] = []
        self.cells: list[tuple[str, Key] | None] = []
        self.own: list[bool] = []
        released = [(period, {cell.key for cell in cells}) for period, cells in cut.released]
        by_day: dict[object, tuple[str, set[Key]]] = {}
        numbers: dict[tuple[str, Key], int] = {}
        rows = []
        for day, key in zip(cut.facts.days, cut.facts.keys, strict=True):
            if day not in by_day:
                found = (
                    (each.label, keys) for each, keys in released if each.first <= day <= each.last
                )
                by_day[day] = next(found, (Period(cut.mart.period, day, day).label, set()))
            label, keys = by_day[day]
            group = (label, key)
            if group not in numbers:
                numbers[group] = len(self.groups)
                cell, is_own = cell_of(cut.mart, label, keys, key)
                self.groups.append(group)
                self.cells.append(cell)
                self.own.append(is_own)
            rows.append(numbers[group])
        self.rows: Numbers = np.array(rows, dtype=np.int64)


def _counting(mart: Mart, *, is_volume: bool) -> list[str]:
    """Return the measures of a mart that count rows of their own.

    Beside the rows themselves these are, of the volume, those that another mart counts as its
    own: answered conversations.
    """
    return [mart.base, "n_frt"] if is_volume else [mart.base]


def cell_of(
    mart: Mart, label: str, keys: set[Key], key: Key
) -> tuple[tuple[str, Key] | None, bool]:
    """Return the cell that an outsider concludes for a group, and whether it is its own."""
    if key in keys:
        return (label, key), OTHER not in key
    if mart.bands:
        for cell in sorted(keys):
            if cell[:-1] == key[:-1] and mart.dimensions[-1].covers(cell[-1], key[-1]):
                return (label, cell), False
    for cell in ((*key[:-1], OTHER), (OTHER,) * len(key)):
        if cell in keys:
            return (label, cell), False
    return None, False


def _distinct(groups: Numbers, people: Numbers, size: int) -> Numbers:
    """Return how many people stand behind each group; nobody is none."""
    known = people != _NOBODY
    if not known.any():
        return np.zeros(size, dtype=np.int64)
    factor = int(people.max()) + 1
    pairs = np.unique(groups[known] * factor + people[known])
    return np.bincount(pairs // factor, minlength=size)


class _Classes:
    """Conversations that are alike in every count, as one unknown.

    Attributes:
        numbers: the class of each conversation.
    """

    def __init__(self, counts: Sequence[_Count]) -> None:
        self.counts = counts
        numbers = np.zeros(len(counts[0].cells), dtype=np.int64)
        for count in counts:
            for column in (count.marks, count.weights):
                # Renumbered each time, so that no product is ever large.
                numbers = numbers * (int(column.max(initial=0)) + 2) + column + 1
                numbers = np.unique(numbers, return_inverse=True)[1]
        self.numbers: Numbers = numbers
        self._first: Numbers = np.unique(numbers, return_index=True)[1]

    def members(self, targets: csr_array, target: int) -> Flags:
        """Return which conversations belong to a target."""
        is_taken = np.zeros(len(self._first), dtype=np.bool_)
        is_taken[targets.indices[targets.indptr[target] : targets.indptr[target + 1]]] = True
        return is_taken[self.numbers]

    def targets(self) -> csr_array:
        """Return one line a hidden group: the classes that it consists of."""
        lines: dict[tuple[int, ...], None] = {}
        for count in self.counts:
            hidden = np.flatnonzero(count.is_hidden[self._first])
            marks = count.marks[self._first][hidden]
            ordered = np.argsort(marks, kind="stable")
            ends = np.flatnonzero(np.diff(marks[ordered])) + 1
            for members in np.split(hidden[ordered], ends):
                if len(members):
                    lines[tuple(map(int, members))] = None
        places = [place for line in lines for place in line]
        bounds = np.cumsum([0, *map(len, lines)])
        shape = (len(lines), len(self._first))
        return scipy.sparse.csr_array((np.ones(len(places)), places, bounds), shape=shape)

    def equations(self, counts: Sequence[_Count], measure: str | None) -> csr_array:
        """Return one line a published sum: which classes it takes, and how often each."""
        lines: list[Numbers] = [np.zeros(0, dtype=np.int64)]
        places: list[Numbers] = [np.zeros(0, dtype=np.int64)]
        factors: list[Floats] = [np.zeros(0)]
        begun = 0
        for count in counts:
            cells = count.cells[self._first]
            taken = cells != _ABSENT
            if measure is not None:
                # The last one stands for _ABSENT.
                taken &= ~np.array([*count.withheld(measure), True])[cells]
            weights = count.weights[self._first][taken].astype(np.float64)
            lines.append(count.lines[self._first][taken] + begun)
            places.append(np.flatnonzero(taken))
            factors.append(weights if measure is None else np.ones(len(weights)))
            begun += int(count.lines.max(initial=_ABSENT)) + 1
        where = (np.concatenate(lines), np.concatenate(places))
        equations = scipy.sparse.csr_array(
            (np.concatenate(factors), where), shape=(begun, len(self._first))
        )
        return equations[np.flatnonzero(np.diff(equations.indptr))]
