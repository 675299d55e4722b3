"""Attacks on published aggregates, as an outsider would try them; shares nothing with protection.

    1. differencing: subtract two nights of the same table;
    2. residual: subtract published sums that lie inside one another;
    3. recovered: solve the published sums for a hidden group, exactly (rank of a matrix);
    4. bounded: tighten bounds of every hidden group by every published sum until nothing moves,
       knowing the rule by which cells were hidden;
    5. alone: a cell of fewer than k people; dominated: one of them makes up most of a sum;
    6. unanimous: an attribute that nearly everybody in a cell has, or nearly nobody;
    7. extreme: a value that is one row's own, a smallest or largest.

The truth is needed to know when an attack succeeded; the attacker does not have it. Nothing found
means that these attacks failed, not that none succeeds.

Source: attacks on tabular data, SDC Handbook (European Commission and CoE), chapters 4 and 5;
bounds by propagation are the "shuttle algorithm" of Buzzigoli and Giusti (1999).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np

from lacuna.model.mart import Cell, CellKey, Facts, Mart, Policy, Release, Unsafe

_ELSEWHERE: Final = "(other)"
_ROUNDS: Final = 60
_SOLVABLE: Final = 400  # hidden groups of one system whose matrix is still decomposed


class DisclosureAttack(StrEnum):
    """An attack that succeeded."""

    DIFFERENCING = "differencing"
    RESIDUAL = "residual"
    RECOVERED = "recovered"
    BOUNDED = "bounded"
    ALONE = "alone"
    DOMINATED = "dominated"
    UNANIMOUS = "unanimous"
    EXTREME = "extreme"
    WRONG = "wrong"  # a published number is not the sum of its rows


@dataclass(frozen=True)
class Rows:
    """The truth behind some numbers: one entry a row.

    Attributes:
        people: an opaque number; None where the link was cut.
        groups: the finest group that a row belongs to.
        amounts: what each row adds to each measure.
    """

    people: Sequence[int | None] = field(repr=False)
    groups: Sequence[CellKey] = field(repr=False)
    amounts: Mapping[str, Sequence[int]] = field(repr=False)


@dataclass(frozen=True)
class Number:
    """One published number: the sum of a measure over the rows of some groups.

    Attributes:
        groups: the groups that an outsider takes it to be about.
    """

    measure: str
    groups: frozenset[CellKey]
    value: int = field(repr=False)


@dataclass(frozen=True)
class Limits:
    """What counts as a success.

    Attributes:
        people: fewer than these are too few.
        percent: what remains of a sum without its two largest contributors must be at least this
            part of the largest.
        side: fewest people with, and without, an attribute.
        hidden_below: the publisher is known to hide cells of fewer rows; 0: nothing is known.
    """

    people: int = 10
    percent: int = 10
    side: int = 3
    hidden_below: int = 0


AttackCounts = Counter[DisclosureAttack]


def difference(before: Iterable[Release], after: Iterable[Release]) -> AttackCounts:
    """Attack 1: count the cells of closed periods that differ between two nights.

    A period of the same mart that both nights cut differently is a difference too.
    """
    found: AttackCounts = Counter()
    nights: list[dict[tuple[str, str], dict[tuple[date, date], Release]]] = []
    for night in (before, after):
        released: dict[tuple[str, str], dict[tuple[date, date], Release]] = defaultdict(dict)
        for release in night:
            days = (release.period.first, release.period.last)
            released[release.mart, release.org_id][days] = release
        nights.append(released)
    for table, old in nights[0].items():
        new = nights[1].get(table, {})
        for days, release in old.items():
            if days not in new:
                found[DisclosureAttack.DIFFERENCING] += max(len(release.cells), 1)
                continue
            cells = {cell.key: cell.values for cell in release.cells}
            others = {cell.key: cell.values for cell in new[days].cells}
            found[DisclosureAttack.DIFFERENCING] += sum(
                cells.get(key) != others.get(key) for key in cells.keys() | others.keys()
            )
    return +found


def attack_numbers(
    rows: Rows, numbers: Sequence[Number], limits: Limits | None = None
) -> AttackCounts:
    """Attacks 2 to 5 and 7 on any set of published sums over the same rows."""
    limits = limits or Limits()
    truth = _Truth(rows)
    found: AttackCounts = Counter()
    by_measure: dict[str, list[Number]] = defaultdict(list)
    for number in numbers:
        by_measure[number.measure].append(number)
    for measure, published in by_measure.items():
        for number in published:
            _attack_cell(truth, measure, number, limits, found)
        sums = {number.groups: number.value for number in published}
        shown = {min(groups) for groups in sums if len(groups) == 1}
        hidden = sorted(
            group
            for group in truth.groups
            if group not in shown and 0 < truth.people_in([group]) < limits.people
        )
        _subtract(truth, sums, limits, found)
        _solve(sums, hidden, found)
        _tighten(truth, measure, sums, hidden, limits, found)
    return +found


def attack_period(
    mart: Mart, facts: Facts, cells: Sequence[Cell], policy: Policy
) -> tuple[tuple[str, int], ...]:
    """Return the attacks that succeed against a period of a mart before it is sealed, by name, sorted."""
    limits = Limits(mart.people, policy.dominance_percent, policy.smallest_side)
    names = [measure.name for measure in mart.measures]
    columns = zip(*facts.values, strict=True) if len(facts) else iter([()] * len(names))
    rows = Rows(facts.people, facts.keys, dict(zip(names, columns, strict=True)))
    inside = {cell.key: groups_in(mart, cells, cell, set(facts.keys)) for cell in cells}
    if mart.round_to:
        truth, found = _Truth(rows), Counter[DisclosureAttack]()
        for cell in cells:
            people = truth.people_in(inside[cell.key])
            found[DisclosureAttack.ALONE] += people < limits.people
            found[DisclosureAttack.EXTREME] += (cell.values[0] or 0) % mart.round_to != 0
        return tuple(sorted((str(name), count) for name, count in (+found).items()))
    carried = {
        name for share in mart.shares if share.unsafe is Unsafe.CARRY for name in share.hides
    }
    summed = {mart.base, *(mean.total for mean in mart.means)}
    numbers = [
        Number(name, inside[cell.key], value)
        for cell in cells
        for name, value in zip(names, cell.values, strict=True)
        if value is not None and name in summed - carried
    ]
    found = attack_numbers(rows, numbers, limits)
    found += _attack_shares(mart, rows, cells, inside, limits)
    return tuple(sorted((str(name), count) for name, count in found.items()))


def _attack_shares(
    mart: Mart,
    rows: Rows,
    cells: Sequence[Cell],
    inside: Mapping[CellKey, frozenset[CellKey]],
    limits: Limits,
) -> AttackCounts:
    """Attack 6: who has an attribute, where nearly everybody or nearly nobody in a cell has it."""
    found: AttackCounts = Counter()
    places = {measure.name: place for place, measure in enumerate(mart.measures)}
    truth = _Truth(rows)
    for share in mart.shares:
        for cell in cells:
            part, whole = cell.values[places[share.part]], cell.values[places[share.whole]]
            if part is None or whole is None or whole == 0:
                continue
            groups = inside[cell.key]
            if share.unsafe is Unsafe.CARRY and cell.key[-1] == _ELSEWHERE:
                # Counted here for the cells beside it that show nothing of it.
                silent = [
                    other.key
                    for other in cells
                    if other.key[:-1] == cell.key[:-1] and other.values[places[share.whole]] is None
                ]
                groups = groups.union(*(inside[key] for key in silent))
            having, lacking = truth.sides(share.part, share.whole, groups)
            found[DisclosureAttack.UNANIMOUS] += min(having, lacking) < limits.side
    return +found


def groups_in(
    mart: Mart, cells: Sequence[Cell], cell: Cell, groups: set[CellKey]
) -> frozenset[CellKey]:
    """Return the groups that an outsider takes a cell to be about."""
    return frozenset(_inside(mart, cells, cell, groups))


def _inside(
    mart: Mart, cells: Sequence[Cell], cell: Cell, groups: set[CellKey]
) -> Iterator[CellKey]:
    """Yield the groups that an outsider takes a cell to be about."""
    keys = {each.key for each in cells}
    last = mart.dimensions[-1]

    def is_in_range(group: CellKey, key: CellKey) -> bool:
        return (
            bool(last.bands)
            and group[:-1] == key[:-1]
            and key[-1] != _ELSEWHERE
            and last.covers(key[-1], group[-1])
        )

    for group in groups:
        if group == cell.key:
            yield group
        elif group in keys:
            continue
        elif is_in_range(group, cell.key) or cell.key == (*group[:-1], _ELSEWHERE):
            yield group
        elif all(part == _ELSEWHERE for part in cell.key):
            beside = (*group[:-1], _ELSEWHERE) in keys and len(group) > 1
            if not beside and not any(is_in_range(group, key) for key in keys):
                yield group


class _Truth:
    """The rows by group."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._places: dict[CellKey, list[int]] = defaultdict(list)
        for place, group in enumerate(rows.groups):
            self._places[group].append(place)

    @property
    def groups(self) -> set[CellKey]:
        return set(self._places)

    def places(self, groups: Iterable[CellKey]) -> list[int]:
        return [place for group in groups for place in self._places.get(group, ())]

    def people_in(self, groups: Iterable[CellKey]) -> int:
        return len({self._rows.people[place] for place in self.places(groups)} - {None})

    def values(self, measure: str, groups: Iterable[CellKey]) -> list[int]:
        amounts = self._rows.amounts[measure]
        return [amounts[place] for place in self.places(groups)]

    def by_person(self, measure: str, groups: Iterable[CellKey]) -> list[int]:
        """Return the amount of each person, largest first; cut links are one person."""
        totals: Counter[int | None] = Counter()
        amounts = self._rows.amounts[measure]
        for place in self.places(groups):
            totals[self._rows.people[place]] += amounts[place]
        return sorted(totals.values(), reverse=True)

    def sides(self, part: str, whole: str, groups: Iterable[CellKey]) -> tuple[int, int]:
        """Return how many people have an attribute at least once, and lack it at least once."""
        having, lacking = set[int](), set[int]()
        parts, wholes = self._rows.amounts[part], self._rows.amounts[whole]
        for place in self.places(groups):
            person = self._rows.people[place]
            if person is not None and parts[place]:
                having.add(person)
            if person is not None and wholes[place] > parts[place]:
                lacking.add(person)
        return len(having), len(lacking)


def _attack_cell(
    truth: _Truth, measure: str, number: Number, limits: Limits, found: AttackCounts
) -> None:
    values = truth.values(measure, number.groups)
    if number.value != sum(values):
        one_row = len(values) > 1 and number.value in (min(values), max(values))
        found[DisclosureAttack.EXTREME if one_row else DisclosureAttack.WRONG] += 1
        return
    if number.value == 0:
        return
    found[DisclosureAttack.ALONE] += truth.people_in(number.groups) < limits.people
    largest = truth.by_person(measure, number.groups)
    found[DisclosureAttack.DOMINATED] += sum(largest[2:]) * 100 < largest[0] * limits.percent


def _subtract(
    truth: _Truth, sums: Mapping[frozenset[CellKey], int], limits: Limits, found: AttackCounts
) -> None:
    """Attack 2: from each sum take disjoint sums that lie inside it, larger ones first."""
    by_group: dict[CellKey, list[frozenset[CellKey]]] = defaultdict(list)
    for groups in sums:
        for group in groups:
            by_group[group].append(groups)
    for whole in sums:
        inside = {part for group in whole for part in by_group[group] if part < whole}
        rest, is_taken = set(whole), False
        for part in sorted(inside, key=lambda each: (-len(each), sorted(each))):
            if part <= rest:
                rest -= part
                is_taken = True
        if is_taken and truth.places(rest) and truth.people_in(rest) < limits.people:
            found[DisclosureAttack.RESIDUAL] += 1


def _solve(
    sums: Mapping[frozenset[CellKey], int], hidden: Sequence[CellKey], found: AttackCounts
) -> None:
    """Attack 3: a hidden group is known exactly if it is a combination of published sums."""
    for system in _systems(set(sums)):
        place = {group: number for number, group in enumerate(sorted(set().union(*system)))}
        unknown = [group for group in hidden if group in place]
        if not unknown or len(place) > _SOLVABLE:
            continue
        matrix = np.zeros((len(system), len(place)))
        for line, groups in enumerate(sorted(system, key=sorted)):
            matrix[line, [place[group] for group in groups]] = 1.0
        # A unit vector lies in the row space if projecting on it leaves it as it is.
        _, strengths, directions = np.linalg.svd(matrix, full_matrices=False)
        space = directions[strengths > 1e-9 * strengths[0]]
        for group in unknown:
            projected = space[:, place[group]]
            found[DisclosureAttack.RECOVERED] += bool(projected @ projected > 1 - 1e-6)


def _systems(sums: set[frozenset[CellKey]]) -> Iterator[list[frozenset[CellKey]]]:
    """Yield sums that hang together."""
    leader: dict[CellKey, CellKey] = {}

    def find(group: CellKey) -> CellKey:
        while leader.setdefault(group, group) != group:
            leader[group] = leader[leader[group]]
            group = leader[group]
        return group

    for groups in sums:
        first, *others = groups
        for other in others:
            leader[find(other)] = find(first)
    together: dict[CellKey, list[frozenset[CellKey]]] = defaultdict(list)
    for groups in sums:
        together[find(next(iter(groups)))].append(groups)
    yield from together.values()


def _tighten(  # noqa: PLR0913 - one attack, what it knows and what it is after
    truth: _Truth,
    measure: str,
    sums: Mapping[frozenset[CellKey], int],
    hidden: Sequence[CellKey],
    limits: Limits,
    found: AttackCounts,
) -> None:
    """Attack 4: bounds by propagation; too narrow for whom it is about is a success."""
    groups = sorted(set().union(*sums)) if sums else []
    low = dict.fromkeys(groups, 0.0)
    high = dict.fromkeys(groups, float("inf"))
    if limits.hidden_below:
        for group in hidden:
            if group in high:
                low[group], high[group] = 1.0, float(limits.hidden_below - 1)
    for _ in range(_ROUNDS):
        moved = False
        for members, value in sums.items():
            floor, ceiling = sum(low[each] for each in members), sum(high[each] for each in members)
            for each in members:
                least = max(low[each], value - (ceiling - high[each]))
                most = min(high[each], value - (floor - low[each]))
                if high[each] == float("inf"):
                    others = sum(high[other] for other in members if other != each)
                    least = max(low[each], value - others)
                if least > low[each] or most < high[each]:
                    floor += least - low[each]
                    ceiling = sum(most if other == each else high[other] for other in members)
                    low[each], high[each] = least, most
                    moved = True
        if not moved:
            break
    for group in hidden:
        amount = sum(truth.values(measure, [group]))
        if group not in low or amount == 0:
            continue
        is_rows = set(truth.values(measure, [group])) == {1}
        needed = limits.people if is_rows else amount * limits.percent / 100
        if limits.hidden_below:
            needed = min(needed, limits.hidden_below - 2)
        found[DisclosureAttack.BOUNDED] += high[group] - low[group] < needed
