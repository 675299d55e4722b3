"""The audit of a period before it is sealed: what could somebody work out from what is published?

It shares no code with the protection. It takes the cells as an attacker would, knows from the
rows which groups must stay hidden, and asks three questions:

    1. Is each cell what it says: the sum of its rows, of enough people, dominated by none, with
       no share near 0 or 100 %?
    2. Can a hidden group be bounded from all published sums together (linear programming)?
    3. Does the difference of two published sums leave a group of too few people?

Source: attacker's linear programs and feasibility intervals, SDC Handbook (European Commission
and CoE), chapters 4.3 and 5; solved by HiGHS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lacuna.model.mart import OTHER, Cell, CellKey, Facts, Mart, Policy, Release, Share, Unsafe
from lacuna.reporting.bounds import System
from lacuna.reporting.joint_counts import Numbers

_NOBODY = -1
# Published numbers are whole: an interval narrower than this is one number.
_ONE_NUMBER = 0.5


class Leak(StrEnum):
    """How a release gives somebody away."""

    TOTAL = "total"  # a cell is not the sum of its rows, or rows are in no cell
    SMALL = "small"  # too few people in a cell
    DOMINATED = "dominated"  # one person makes up most of a sum
    DENOMINATOR = "denominator"  # a mean over too few people
    AGENT = "agent"  # too few agents in a cell, or one behind most of it
    UNANIMOUS = "unanimous"  # a share of nearly nobody or nearly everybody
    EXACT = "exact"  # a hidden number can be worked out
    NARROW = "narrow"  # a hidden number can be worked out nearly
    RESIDUAL = "residual"  # two published sums differ by too few people
    IMPOSSIBLE = "impossible"  # the published sums contradict one another


@dataclass(frozen=True)
class Margin:
    """A further published sum over groups of the same rows, e.g. a total of another table."""

    groups: frozenset[CellKey]
    value: int


@dataclass
class AuditResult:
    """Leaks by kind, and how many hidden numbers were bounded to look for them."""

    leaks: Counter[Leak] = field(default_factory=Counter)
    bounds: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.leaks

    @property
    def findings(self) -> tuple[tuple[str, int], ...]:
        """The leaks by kind, sorted."""
        return tuple(sorted((str(leak), count) for leak, count in self.leaks.items()))


def audit_period(
    facts: Facts,
    cells: Sequence[Cell],
    mart: Mart,
    policy: Policy,
    margins: Collection[Margin] = (),
) -> AuditResult:
    """Return the disclosures of the cells of one period.

    Args:
        margins: other published sums of the first measure over the same rows.
    """
    result = AuditResult()
    released = _Released(facts, cells, mart, policy)
    released.check_cells(result)
    if not result.leaks[Leak.TOTAL]:
        released.check_bounds(margins, result)
        released.check_residuals(margins, result)
    result.leaks = +result.leaks
    return result


def audit_together(
    facts: Facts, cells: Sequence[Cell], mart: Mart, volume: Sequence[Release]
) -> AuditResult:
    """Return the disclosures of a mart of responses together with the volume already sealed.

    A response belongs to a conversation of the same channel. So the volume bounds the responses
    of a channel that is hidden in `(other)`, the responses bound the volume of a channel that
    is hidden there, and the difference of both is the people who did not respond.

    Args:
        facts: the responses of the period; `days` are those of their conversations.
        cells: those to publish.
        volume: sealed releases of the volume mart whose first dimension is the same one, over
            the days on which those conversations began.
    """
    result = AuditResult()
    system = System()
    responses = Counter(key[0] for key in facts.keys)
    counts = {cell.key[0]: cell.values[0] or 0 for cell in cells}
    for channel, count in counts.items():
        if channel == OTHER:
            system.equals(count, [("r", each) for each in responses if each not in counts])
        else:
            system.equals(count, [("r", channel)])
    known: Counter[str] = Counter()
    for release in volume:
        for cell in release.cells:
            if cell.key[0] != OTHER:
                known[cell.key[0]] += cell.values[0] or 0
    hidden: dict[str, list[object]] = {channel: [] for channel in responses}
    largest: Counter[str] = Counter()
    for release in volume:
        merged = {cell.key[0] for cell in release.cells if cell.key[1:] == (OTHER,)}
        # A channel whose pool was published has nothing in the cell of the whole period.
        inside = sorted({*responses, *known} - merged)
        if len(inside) == 1:
            inside.append(OTHER)  # that cell never holds one channel alone
        for cell in release.cells:
            if cell.key[0] != OTHER:
                continue
            count = cell.values[0] or 0
            system.equals(count, [("v", release.period.first, each) for each in inside])
            for channel in inside:
                hidden.setdefault(channel, []).append(("v", release.period.first, channel))
                largest[channel] += count
    for channel, count in responses.items():
        # An outsider who takes for granted what is not true learns nothing that is true.
        if count <= known[channel] + largest[channel]:
            system.equals(known[channel], [("r", channel), ("s", channel)], hidden[channel])
    people = _people(facts)
    for channel in responses:
        if channel not in counts and people[channel] < mart.people:
            _judge(system, ("r", channel), float(mart.people), result)
        silent = system.interval(("s", channel))
        if silent is not None and silent[1] < mart.people:
            result.leaks[Leak.RESIDUAL] += 1
    for unknowns in hidden.values():
        for unknown in unknowns:
            _judge(system, unknown, float(mart.people), result)
    result.leaks = +result.leaks
    return result


def audit_people(
    cells: Sequence[Cell], mart: Mart, volume: Sequence[Sequence[Sequence[Cell]]]
) -> tuple[AuditResult, set[CellKey]]:
    """Return the disclosures of rounded numbers of people together with the volume already sealed.

    Whoever counts as a person of a channel has a conversation there. So the number of people,
    less what the volume shows of the channel, are conversations hidden in `(other)`. Of a period
    that was restated an outsider knows each version, and may take whichever says more.

    Args:
        volume: the periods of the volume, each with the cells of every version of it.

    Returns:
        The leaks, and the cells that take part in them.
    """
    result, involved = AuditResult(), set[CellKey]()
    # By period and version: how many conversations each channel shows, `(other)` among them.
    shown = [[_by_channel(version) for version in versions] for versions in volume]
    for cell in cells:
        channel = cell.key[0]
        fewest = (cell.values[0] or 0) - mart.round_to // 2
        known = sum(min(each[channel] for each in versions) for versions in shown)
        most = sum(min(each[channel] + each[OTHER] for each in versions) for versions in shown)
        result.bounds += 1
        # Of `hidden`, `fewest - known` at least are of this channel; the rest are of others.
        if channel != OTHER and known < fewest and most - fewest < mart.people:
            result.leaks[Leak.NARROW] += 1
            involved.add(cell.key)
    return result, involved


def _by_channel(cells: Sequence[Cell]) -> Counter[str]:
    """Return how many rows cells show of each value of the first dimension."""
    shown: Counter[str] = Counter()
    for cell in cells:
        shown[cell.key[0]] += cell.values[0] or 0
    return shown


def _people(facts: Facts) -> Counter[str]:
    """Return how many people stand behind each value of the first dimension."""
    pairs = zip(facts.keys, facts.people, strict=True)
    return Counter(
        channel for channel, _ in {(key[0], who) for key, who in pairs if who is not None}
    )


class _Released:
    """The rows of a period beside their cells to publish.

    Of each row: `people` (_NOBODY where the link was cut), `agents`, `group` (position in
    `groups`), `cell` (position in `cells` as an outsider would conclude it; -1 where no cell takes
    the row), and a column of `values` a measure.
    """

    def __init__(self, facts: Facts, cells: Sequence[Cell], mart: Mart, policy: Policy) -> None:
        self.mart, self.policy, self.cells = mart, policy, cells
        self.groups = sorted(set(facts.keys))
        place = {cell.key: number for number, cell in enumerate(cells)}
        numbers = {group: number for number, group in enumerate(self.groups)}
        taken_by = []
        for group in self.groups:
            taken_by.append(next((place[way] for way in self._ways(group, place)), -1))
        self.people = _numbered(facts.people)
        self.agents = _numbered(facts.agents)
        self.group = np.array([numbers[key] for key in facts.keys], dtype=np.int64)
        self.cell = np.array(taken_by, dtype=np.int64)[self.group] if len(facts) else self.group
        shape = (len(facts), len(mart.measures))
        self.values = np.array(list(facts.values), dtype=np.int64).reshape(shape)
        self.members = [
            {group for group, cell in enumerate(taken_by) if cell == number}
            for number in range(len(cells))
        ]

    def _ways(self, group: CellKey, place: Mapping[CellKey, int]) -> Iterator[CellKey]:
        """Yield the cells that can take a group, the first one does."""
        if group in place:
            yield group
        last = self.mart.dimensions[-1]
        if last.bands:
            yield from (
                key for key in place if key[:-1] == group[:-1] and last.covers(key[-1], group[-1])
            )
        yield from (key for key in ((*group[:-1], OTHER), (OTHER,) * len(group)) if key in place)

    def check_cells(self, result: AuditResult) -> None:
        """Question 1."""
        if (self.cell < 0).any() or not all(self.members):
            result.leaks[Leak.TOTAL] += 1
            return
        names = [each.name for each in self.mart.measures]
        by_cell = [
            _Contributions.of(self.people[rows], self.values[rows])
            for rows in _rows_by(self.cell, len(self.cells))
        ]
        for number, cell in enumerate(self.cells):
            values = dict(zip(names, cell.values, strict=True))
            by_measure = dict.fromkeys(names, by_cell[number])
            for share in self.mart.shares:
                counted = self._counted_in(number, share)
                if len(counted) > 1:
                    together = _Contributions.of(
                        np.concatenate([by_cell[each].people for each in counted]),
                        np.concatenate([by_cell[each].sums for each in counted]),
                    )
                    by_measure |= dict.fromkeys(share.hides, together)
            if self.mart.agents:
                self._check_agents(number, result)
            if base := self.mart.round_to:
                people = int(by_measure[self.mart.base].is_known.sum())
                away = abs((values[self.mart.base] or 0) - people)
                is_round = (values[self.mart.base] or 0) % base == 0
                result.leaks[Leak.TOTAL] += not (is_round and 2 * away <= base)
                self._check_people(by_measure, values, result)
                continue
            for position, (name, value) in enumerate(values.items()):
                is_missing = value is None and name == self.mart.base
                total = int(by_measure[name].sums[:, position].sum())
                if is_missing or (value is not None and value != total):
                    result.leaks[Leak.TOTAL] += 1
            self._check_people(by_measure, values, result)

    def _check_agents(self, number: int, result: AuditResult) -> None:
        """Agents are protected too: those behind a cell, all rows of nobody as one agent's."""
        agents, rows = np.unique(self.agents[self.cell == number], return_counts=True)
        known = int((agents != _NOBODY).sum())
        if known < self.mart.agents or int(rows.max()) * 2 > int(rows.sum()):
            result.leaks[Leak.AGENT] += 1

    def _counted_in(self, number: int, share: Share) -> list[int]:
        """Return the cells whose rows a cell counts for a share, as an outsider would conclude.

        The merged cell of a channel counts those beside it that do not publish the share.
        """
        key, position = self.cells[number].key, self.mart.index(share.whole)
        if share.unsafe is not Unsafe.CARRY or key[-1] != OTHER:
            return [number]
        return [
            other
            for other, cell in enumerate(self.cells)
            if other == number or (cell.key[:-1] == key[:-1] and cell.values[position] is None)
        ]

    def _check_people(
        self,
        by_measure: Mapping[str, _Contributions],
        values: Mapping[str, int | None],
        result: AuditResult,
    ) -> None:
        """Look at one cell: how many people, who dominates, which shares are near an end.

        `by_measure` has, for each measure, what each person adds to it, of those it counts.
        """
        fewest, index = self.mart.people, self.mart.index
        if by_measure[self.mart.base].is_known.sum() < fewest:
            result.leaks[Leak.SMALL] += 1
        for name in self._sums:
            if values[name] is not None and self._is_dominated(
                by_measure[name].sums[:, index(name)]
            ):
                result.leaks[Leak.DOMINATED] += 1
        for mean in self.mart.means:
            added = by_measure[mean.count].sums[:, index(mean.count)]
            is_published = values[mean.total] is not None and values[mean.count] is not None
            if is_published and added.any():
                people = int((added[by_measure[mean.count].is_known] > 0).sum())
                result.leaks[Leak.DENOMINATOR] += people < fewest
        for share in self.mart.shares:
            counted = by_measure[share.whole]
            part, whole = counted.sums[:, index(share.part)], counted.sums[:, index(share.whole)]
            is_published = values[share.part] is not None and values[share.whole] is not None
            if is_published and whole.any():
                inside = int((part[counted.is_known] > 0).sum())
                outside = int((whole > part)[counted.is_known].sum())
                result.leaks[Leak.UNANIMOUS] += min(inside, outside) < self.policy.smallest_side
                people = int((whole[counted.is_known] > 0).sum())
                result.leaks[Leak.DENOMINATOR] += people < fewest

    @property
    def _sums(self) -> list[str]:
        """The rows themselves, and every sum that a mean is made of."""
        return [self.mart.base, *dict.fromkeys(mean.total for mean in self.mart.means)]

    def _is_dominated(self, amounts: Numbers) -> bool:
        smallest_first = np.sort(amounts)
        largest, rest = int(smallest_first[-1]), int(smallest_first[:-2].sum())
        return rest * 100 < largest * self.policy.dominance_percent

    def check_bounds(self, margins: Collection[Margin], result: AuditResult) -> None:
        """Question 2, for the rows and for each sum that a mean is made of."""
        if self.mart.round_to:
            return  # rounded numbers of people do not add up, so that nothing can be subtracted
        people = [
            len(set(self.people[rows].tolist()) - {_NOBODY})
            for rows in _rows_by(self.group, len(self.groups))
        ]
        own = {min(members) for members in self.members if len(members) == 1}
        hidden = [
            group
            for group in range(len(self.groups))
            if group not in own and people[group] < self.mart.people
        ]
        for name in self._sums:
            position = self.mart.index(name)
            system = System()
            for cell, members in zip(self.cells, self.members, strict=True):
                value = cell.values[position]
                if value is not None:
                    system.equals(value, members)
            if name == self.mart.base:
                for margin in margins:
                    system.equals(margin.value, self._numbers(margin))
            amounts = np.bincount(self.group, weights=self.values[:, position])
            for group in hidden:
                needed = (
                    float(self.mart.people)
                    if name == self.mart.base
                    else int(amounts[group]) * self.policy.dominance_percent / 100
                )
                _judge(system, group, needed, result)

    def check_residuals(self, margins: Collection[Margin], result: AuditResult) -> None:
        """Question 3: take from each further sum the cells that lie inside it."""
        for margin in margins:
            rest = self._numbers(margin)
            for members in self.members:
                if members <= rest:
                    rest -= members
            left = np.isin(self.group, list(rest))
            people = set(self.people[left].tolist()) - {_NOBODY}
            if left.any() and len(people) < self.mart.people:
                result.leaks[Leak.RESIDUAL] += 1

    def _numbers(self, margin: Margin) -> set[int]:
        return {number for number, group in enumerate(self.groups) if group in margin.groups}


@dataclass(frozen=True)
class _Contributions:
    """What each person adds to each measure; all rows without a link are one person, _NOBODY."""

    people: Numbers = field(repr=False)
    sums: Numbers = field(repr=False)

    @classmethod
    def of(cls, people: Numbers, values: Numbers) -> _Contributions:
        """Add up the rows of each person."""
        who, place = np.unique(people, return_inverse=True)
        sums = np.zeros((len(who), values.shape[1]), dtype=np.int64)
        np.add.at(sums, place, values)
        return cls(who, sums)

    @property
    def is_known(self) -> npt.NDArray[np.bool_]:
        """Whether somebody in particular stands behind an entry."""
        known: npt.NDArray[np.bool_] = self.people != _NOBODY
        return known


def _numbered(people: Sequence[int | None]) -> Numbers:
    return np.array([_NOBODY if one is None else one for one in people], dtype=np.int64)


def _rows_by(numbers: Numbers, size: int) -> list[Numbers]:
    """Return the rows that have each number."""
    ordered = np.argsort(numbers, kind="stable")
    return np.split(ordered, np.cumsum(np.bincount(numbers, minlength=size))[:-1])


def _judge(system: System, target: object, needed: float, result: AuditResult) -> None:
    interval = system.interval(target)
    result.bounds += 1
    if interval is None:
        result.leaks[Leak.IMPOSSIBLE] += 1
    elif interval[1] - interval[0] < _ONE_NUMBER and needed > 0:
        result.leaks[Leak.EXACT] += 1
    elif interval[1] - interval[0] < needed:
        result.leaks[Leak.NARROW] += 1
