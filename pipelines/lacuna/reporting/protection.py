"""Protection of one period: rows of people in, cells that give nobody away out.

Every row ends in exactly one cell. Groups that are too small are merged into `(other)`, never
left out, so that sums over cells stay exact. The result depends only on the rows.

    1. Within each channel (every value of all dimensions but the last), unsafe groups are pooled
       into `(other)`; while the pool is unsafe, the smallest safe group joins it.
    2. Pools that are still unsafe go to one cell `(other)` of the whole period; while that is
       unsafe, the smallest cell joins it, merged ones first.
    3. A period that is unsafe as a whole has no cells: the caller joins it to the next one.
    4. Bands of an ordered last dimension are merged with their neighbors instead, so that a cell
       covers a range and the cells of a channel cover everything.
    5. A measure whose own denominator is too small is withheld from its cell.
    6. A share of nearly nobody or nearly everybody is merged on, and a period that cannot publish it
       as a whole is unsafe as a whole: it is joined to the next one. A cell is never left out for
       its own share, nor is a period: the rest would be the share of those in which it is higher.
       Where joining comes to an end, no cell of the period publishes the share.

Where a mart counts agents too, a cell needs enough of them, and none behind more than half of it
(the (1,50) rule of the ABS). A mart of people publishes how many there are, rounded.

Source: merge-first partition; primary sensitivity by a frequency rule and the p% rule as in the
SDC Handbook (European Commission and CoE), chapter 4.2, with people instead of rows as the unit.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable

from lacuna.model.mart import OTHER, Cell, CellKey, Facts, Mart, Mean, Policy, Ratios, Share

GroupRule = Callable[["_CellGroup"], bool]


Groups = dict[CellKey, "_CellGroup"]
"""The rows of a period by group: made once, where several partitions are tried."""


def protect(
    facts: Facts | Groups,
    mart: Mart,
    policy: Policy,
    *,
    pooled: Collection[CellKey] = frozenset(),
    ratios: Ratios = Ratios.MERGE,
) -> tuple[Cell, ...] | None:
    """Return the cells of a period, sorted, or None if it is unsafe as a whole.

    Args:
        facts: the rows of one tenant and period, or the same rows by group.
        pooled: groups that are merged even where they are safe on their own, because an audit
            found that they would give somebody away.
        ratios: what is done where a cell cannot publish a share.

    Returns:
        Cells whose values of the first measure add up to the number of rows. The values of
        the others are empty (None) where a cell withholds them.

    Source: rules 1 to 6 of this module.
    """
    groups = grouped(facts) if isinstance(facts, Facts) else facts
    rules = _Rules(mart, policy, ratios)
    whole = _merged(groups.values())
    if not rules.is_safe(whole) or not all(rule(whole) for rule in rules.merged()):
        return None
    cells: dict[CellKey, _CellGroup] = {}
    left: list[_CellGroup] = []
    for outer in sorted({key[:-1] for key in groups}):
        inner = {key: group for key, group in groups.items() if key[:-1] == outer}
        if mart.bands:
            own, pool = _pool_neighbors(inner, rules, pooled)
        else:
            own, pool = _pool_within(inner, rules, pooled)
        cells.update(own)
        if pool is not None and rules.is_safe(pool):
            cells[(*outer, OTHER)] = pool
        elif pool is not None:
            left.append(pool)
    if left:
        _pool_across(_merged(left), cells, rules, rules.attainable(whole))
    return tuple(
        Cell(key, tuple(amounts), is_range=bool(mart.bands) and key[-1] not in (*mart.bands, OTHER))
        for key, amounts in sorted(_amounts(cells, rules).items())
    )


def _pool_within(
    inner: dict[CellKey, _CellGroup], rules: _Rules, pooled: Collection[CellKey]
) -> tuple[dict[CellKey, _CellGroup], _CellGroup | None]:
    """Rule 1: return the groups that keep a cell of their own, and the pool of all others.

    The pool is unsafe only if it is the whole channel; None if nothing had to be pooled.
    """
    # What no merging inside the channel can reach is answered by withholding, not by merging.
    attainable = rules.attainable(_merged(inner.values()))

    def is_good(group: _CellGroup) -> bool:
        return rules.is_safe(group) and all(rule(group) for rule in attainable)

    own = dict(inner)
    pool: list[_CellGroup] = []
    for key, group in inner.items():
        # A queue that the platform itself calls (other) cannot be told from a merged cell.
        if OTHER in key or key in pooled or not is_good(group):
            pool.append(own.pop(key))
    while pool and own and not is_good(_merged(pool)):
        pool.append(own.pop(min(own, key=lambda key: (own[key].rows, key))))
    return own, _merged(pool) if pool else None


def _pool_neighbors(
    inner: dict[CellKey, _CellGroup], rules: _Rules, pooled: Collection[CellKey]
) -> tuple[dict[CellKey, _CellGroup], _CellGroup | None]:
    """Rule 4: return ranges of bands that are safe each, or the whole channel as a pool.

    Bands are taken in ascending order until they are safe together; what is left at the end joins
    the last range. A range reaches up to where the next one begins, so that bands without a row
    show no gap.
    """
    outer = next(iter(inner))[:-1]
    everything = f"{_begins(rules.bands[0])}-"
    if (*outer, everything) in pooled:
        return {}, _merged(inner.values())
    ranges: list[tuple[str, _CellGroup]] = []
    start: str | None = None
    waiting: list[_CellGroup] = []
    is_joined = False
    for key, group in inner.items():
        start = key[-1] if start is None else start
        waiting.append(group)
        # A range that must not end here, because an audit found that it gives somebody away.
        is_joined = any(each[:-1] == outer and _ends(each[-1]) == _ends(key[-1]) for each in pooled)
        if rules.is_safe(_merged(waiting)) and not is_joined:
            ranges.append((start, _merged(waiting)))
            start, waiting = None, []
    if waiting and ranges:
        begun, last = ranges.pop()
        ranges.append((begun, _merged([last, *waiting])))
    elif waiting:
        whole = _merged(waiting)
        if not rules.is_safe(whole):
            return {}, whole
        ranges.append((str(start), whole))
    starts = [_begins(rules.bands[0]), *(_begins(name) for name, _ in ranges[1:])]
    ends = [*starts[1:], ""]
    return {
        (*outer, f"{first}-{last}"): group
        for first, last, (_, group) in zip(starts, ends, ranges, strict=True)
    }, None


def _begins(band: str) -> str:
    return band.split("-")[0]


def _ends(band: str) -> str:
    return band.split("-")[1]


def _pool_across(
    pool: _CellGroup, cells: dict[CellKey, _CellGroup], rules: _Rules, attainable: list[GroupRule]
) -> None:
    """Rule 2. The whole period is safe, so that this ends with a safe cell."""
    while cells and not (rules.is_safe(pool) and all(rule(pool) for rule in attainable)):
        smallest = min(cells, key=lambda key: (OTHER not in key, cells[key].rows, key))
        pool = _merged([pool, cells.pop(smallest)])
    across = (OTHER,) * pool.width
    # Taken in if the platform has a channel of this very name.
    cells[across] = _merged([pool, cells.pop(across)]) if across in cells else pool


def _amounts(cells: dict[CellKey, _CellGroup], rules: _Rules) -> dict[CellKey, list[int | None]]:
    """Rules 5 and 6: return what each cell publishes."""
    withheld = {name for group in cells.values() for name in rules.withheld(group)}
    return {key: rules.publishable(group, withheld) for key, group in cells.items()}


class _CellGroup:
    """Rows that would be published together: what each person contributes, and the sums.

    Attributes:
        people: contributions per measure, by person. All rows without a link are under None:
            they could be one person.
        agents: rows by agent.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows = 0
        self.people: dict[int | None, list[int]] = {}
        self.agents: Counter[int | None] = Counter()
        # Rules ask for the same figures many times, of a group that is complete by then.
        self._columns: dict[int, list[int]] = {}
        self._totals: dict[int, int] = {}
        self._sides: dict[tuple[int, int], tuple[int, int]] = {}

    def add(self, person: int | None, values: Iterable[int], rows: int) -> None:
        """Add contributions of a person."""
        self.rows += rows
        if self._columns or self._totals or self._sides:
            self._columns, self._totals, self._sides = {}, {}, {}
        known = self.people.get(person)
        if known is None:
            self.people[person] = list(values)
        else:
            for position, value in enumerate(values):
                known[position] += value

    @property
    def known(self) -> int:
        """How many people are in the group; a cut link is nobody."""
        return len(self.people) - (None in self.people)

    def total(self, position: int) -> int:
        """Return the sum of a measure."""
        if position not in self._totals:
            self._totals[position] = sum(self._sorted(position))
        return self._totals[position]

    def people_with(self, position: int) -> int:
        """Return how many people contribute to a measure; a cut link is nobody."""
        amounts = self._sorted(position)
        unknown = self.people.get(None)
        return len(amounts) - amounts.count(0) - (unknown is not None and unknown[position] != 0)

    def two_largest(self, position: int) -> tuple[int, int]:
        """Return the largest two contributions to a measure; all cut links are one person."""
        second, first = [0, 0, *self._sorted(position)[-2:]][-2:]
        return first, second

    def sides(self, part: int, whole: int) -> tuple[int, int]:
        """Return how many people have an attribute at least once, and lack it at least once."""
        if (part, whole) not in self._sides:
            linked = [values for person, values in self.people.items() if person is not None]
            self._sides[part, whole] = (
                sum(1 for values in linked if values[part]),
                sum(1 for values in linked if values[whole] > values[part]),
            )
        return self._sides[part, whole]

    def _sorted(self, position: int) -> list[int]:
        """Return each person's contribution to a measure, smallest first; all cut links as one."""
        if position not in self._columns:
            self._columns[position] = sorted(values[position] for values in self.people.values())
        return self._columns[position]


def grouped(facts: Facts) -> Groups:
    """Return the rows of a period by group."""
    groups: dict[CellKey, _CellGroup] = {}
    agents = facts.agents or itertools.repeat(None, len(facts))
    for person, agent, key, values in zip(
        facts.people, agents, facts.keys, facts.values, strict=True
    ):
        group = groups.get(key)
        if group is None:
            group = groups[key] = _CellGroup(len(key))
        group.add(person, values, 1)
        group.agents[agent] += 1
    return dict(sorted(groups.items()))


def _merged(groups: Iterable[_CellGroup]) -> _CellGroup:
    whole: _CellGroup | None = None
    for group in groups:
        if whole is None:
            whole = _CellGroup(group.width)
        for person, values in group.people.items():
            whole.add(person, values, 0)
        whole.rows += group.rows
        whole.agents.update(group.agents)
    return whole if whole is not None else _CellGroup(0)


class _Rules:
    """The rules of one mart under one policy."""

    def __init__(self, mart: Mart, policy: Policy, ratios: Ratios) -> None:
        self._mart = mart
        self._policy = policy
        self._ratios = ratios

    def is_safe(self, group: _CellGroup) -> bool:
        """Whether enough people are in the group, and none dominates its rows."""
        return (
            group.known >= self._mart.people
            and not self._is_dominated(group, 0)
            and self._has_agents(group)
        )

    def _has_agents(self, group: _CellGroup) -> bool:
        """Whether enough agents stand behind the rows; those of nobody are one agent's."""
        if not self._mart.agents:
            return True
        agents = len(group.agents) - (None in group.agents)
        largest = max(group.agents.values(), default=0)
        return agents >= self._mart.agents and largest * 2 <= group.rows

    def attainable(self, scope: _CellGroup) -> list[GroupRule]:
        """Return the rules about single measures that the whole of a scope satisfies."""
        rules: list[GroupRule] = [self._mean_rule(mean) for mean in self._mart.means]
        rules += self.merged()
        return [rule for rule in rules if rule(scope)]

    def merged(self) -> list[GroupRule]:
        """Return the rules of shares for which cells are merged, and periods joined."""
        if self._ratios is Ratios.WITHHOLD:
            return []
        return [self._share_rule(share) for share in self._mart.shares if not share.published_in]

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands of the last dimension."""
        return self._mart.bands

    def withheld(self, group: _CellGroup) -> set[str]:
        """Return the measures that no cell publishes, because this one cannot."""
        return {
            name
            for share in self._mart.shares
            if not (share.published_in or self._share_rule(share)(group))
            for name in share.hides
        }

    def publishable(self, group: _CellGroup, withheld: Collection[str]) -> list[int | None]:
        """Return the sums of the group, without those that a rule withholds."""
        if base := self._mart.round_to:
            return [(2 * group.known + base) // (2 * base) * base]
        hidden = set(withheld)
        for mean in self._mart.means:
            if not self._mean_rule(mean)(group):
                hidden.update(mean.hides)
        for share in self._mart.shares:
            # Where there is nothing to be a share of, zero says nothing of anybody.
            if share.published_in and group.total(self._mart.index(share.whole)):
                hidden.update(share.hides)
        return [
            None if measure.name in hidden else group.total(position)
            for position, measure in enumerate(self._mart.measures)
        ]

    def _mean_rule(self, mean: Mean) -> GroupRule:
        total, count = self._mart.index(mean.total), self._mart.index(mean.count)

        def holds(group: _CellGroup) -> bool:
            if group.total(count) == 0 and group.total(total) == 0:
                return True  # the measure does not apply here, e.g. no reply to outbound mail
            return group.people_with(count) >= self._mart.people and not self._is_dominated(
                group, total
            )

        return holds

    def _share_rule(self, share: Share) -> GroupRule:
        part, whole = self._mart.index(share.part), self._mart.index(share.whole)

        def holds(group: _CellGroup) -> bool:
            if group.total(whole) == 0:
                return True
            inside, outside = group.sides(part, whole)
            return (
                group.people_with(whole) >= self._mart.people
                and inside >= self._policy.smallest_side
                and outside >= self._policy.smallest_side
            )

        return holds

    def _is_dominated(self, group: _CellGroup, position: int) -> bool:
        """Whether the second largest contributor could estimate the largest within p%.

        Source: p% rule, SDC Handbook, chapter 4.2.
        """
        first, second = group.two_largest(position)
        rest = group.total(position) - first - second
        return rest * 100 < first * self._policy.dominance_percent
