"""What the joint audit counts: classes of cells, and the people in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded when they are first used

from lacuna.model.mart import OTHER, Cell, CellKey, Facts, Mart, Period
from lacuna.reporting.bounds import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ReleasedCells = Sequence[tuple[Period, tuple[Cell, ...]]]
"""Periods of one mart, each with its cells."""

_NOBODY: Final = -1
ABSENT: Final = -1


@dataclass(frozen=True)
class Cut:
    """One mart over the days of an audit: its rows, and the cells that say how many there are.

    Attributes:
        facts: rows with `interactions`; `days` are those on which they are counted.
    """

    mart: Mart
    facts: Facts
    released: ReleasedCells


class Conversations:
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
        """Return the sum of one mart's rows for each conversation."""
        weights = np.array([values[position] for values in facts.values], dtype=np.int64)
        return np.bincount(self.places(facts), weights=weights, minlength=len(self)).astype(
            np.int64
        )


class Count:
    """One column of counts that a mart publishes, over all conversations.

    Attributes:
        cells: position of the cell that a conversation stands in; ABSENT where none counts it.
        apart: by number, what an outsider tells apart: a hidden group, or a cell with its likes.
        lines: the published sum, a cell with its likes.
        weights: how often a conversation counts.
        is_hidden: whether its group is one of too few people without a cell of its own.
    """

    def __init__(self, cut: Cut, measure: str, conversations: Conversations, people: int) -> None:
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
        known = distinct(groups, conversations.people[rows], len(placed.cells))
        hidden = ~np.array(placed.own, dtype=np.bool_) & (known < people)
        self.named: list[tuple[str, CellKey]] = []
        places: dict[object, int] = {}
        sums: dict[object, int] = {}
        apart: dict[object, int] = {}
        by_group = np.full((3, len(placed.cells)), ABSENT)
        for group, cell in enumerate(placed.cells):
            if cell is None or not published[group]:
                continue
            if cell not in places:
                self.named.append(cell)
            line = self._told_apart(cell)
            told = (cell, placed.groups[group]) if hidden[group] else line
            by_group[:, group] = (
                places.setdefault(cell, len(places)),
                sums.setdefault(line, len(sums)),
                apart.setdefault(told, len(apart)),
            )
        conversation, once = np.unique(rows, return_index=True)
        columns = np.full((3, len(conversations)), ABSENT)
        columns[:, conversation] = by_group[:, groups[once]]
        self.cells, self.lines, self.apart = columns
        self.is_hidden = np.zeros(len(conversations), dtype=np.bool_)
        self.is_hidden[conversation] = hidden[groups[once]]
        self.weights: Numbers = np.bincount(
            rows, weights=weight[taken], minlength=len(conversations)
        ).astype(np.int64)
        self.blocks = self._blocks()

    def keys(self, members: Flags) -> set[CellKey]:
        """Return the cells in which some conversations stand."""
        return {self.named[cell][1] for cell in np.unique(self.cells[members]) if cell != ABSENT}

    def sums(self, measure: str) -> bool:
        """Whether the rows are counted, rather than those with an attribute, and so is a sum."""
        has_it = any(each.name == measure for each in self._mart.measures)
        return has_it and self._measure == self._mart.base

    def is_part_of(self, other: Count) -> bool:
        """Whether one counts what another version of its mart counts some of, cell by cell.

        How many of a cell have an attribute is for the rules of that mart to allow.
        """
        return self._mart == other._mart and self._measure != other._measure

    def withheld(self, measure: str) -> list[bool]:
        """Return for each cell whether it does not publish a measure."""
        position = self._mart.index(measure)
        return [self._values[cell][position] is None for cell in self.named]

    def values(self, cell: tuple[str, CellKey]) -> tuple[int | None, ...]:
        """Return the published values of a cell."""
        return self._values[cell]

    def _blocks(self) -> Numbers:
        """Return the cells; bands, which follow from no structure, add up to one."""
        if not self._mart.bands:
            return self.cells
        numbers: dict[object, int] = {}
        joined = [numbers.setdefault((label, key[:-1]), len(numbers)) for label, key in self.named]
        blocks: Numbers = np.array([*joined, ABSENT], dtype=np.int64)[self.cells]
        return blocks

    def _is_published(self, cell: tuple[str, CellKey] | None) -> bool:
        values = None if cell is None else self._values.get(cell)
        return values is not None and values[self._mart.index(self._measure)] is not None

    def _told_apart(self, cell: tuple[str, CellKey]) -> object:
        """Return the representative of a cell: its likes of other days add nothing to what is known.

        A group of its own on several days is one sum. Whatever its split among the days, a
        solution for the sum is one for each day, in proportion.
        """
        if OTHER in cell[1] or self._mart.bands:
            return cell
        return cell[1], tuple(value is None for value in self._values[cell])


class _Placed:
    """The groups of a mart's rows, and the cell that an outsider concludes for each.

    Attributes:
        rows: the position of each row's group.
        cells: the cell of each group, by period and key; None where it has none.
        own: whether that cell is the group's own.
    """

    def __init__(self, cut: Cut) -> None:
        self.groups: list[tuple[str, CellKey]] = []
        self.cells: list[tuple[str, CellKey] | None] = []
        self.own: list[bool] = []
        released = [(period, {cell.key for cell in cells}) for period, cells in cut.released]
        by_day: dict[object, tuple[str, set[CellKey]]] = {}
        numbers: dict[tuple[str, CellKey], int] = {}
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


def cell_of(
    mart: Mart, label: str, keys: set[CellKey], key: CellKey
) -> tuple[tuple[str, CellKey] | None, bool]:
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


def distinct(groups: Numbers, people: Numbers, size: int) -> Numbers:
    """Return how many people stand behind each group; nobody is none."""
    known = people != _NOBODY
    if not known.any():
        return np.zeros(size, dtype=np.int64)
    factor = int(people.max()) + 1
    pairs = np.unique(groups[known] * factor + people[known])
    return np.bincount(pairs // factor, minlength=size)


class Classes:
    """Conversations that are alike in every count, as one unknown.

    Attributes:
        numbers: the class of each conversation.
    """

    def __init__(self, counts: Sequence[Count]) -> None:
        self.counts = counts
        numbers = np.zeros(len(counts[0].cells), dtype=np.int64)
        for count in counts:
            for column in (count.apart, count.weights):
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
            apart = count.apart[self._first][hidden]
            ordered = np.argsort(apart, kind="stable")
            ends = np.flatnonzero(np.diff(apart[ordered])) + 1
            for members in np.split(hidden[ordered], ends):
                if len(members):
                    lines[tuple(map(int, members))] = None
        places = [place for line in lines for place in line]
        bounds = np.cumsum([0, *map(len, lines)])
        shape = (len(lines), len(self._first))
        return scipy.sparse.csr_array((np.ones(len(places)), places, bounds), shape=shape)

    def equations(self, counts: Sequence[Count], measure: str | None) -> csr_array:
        """Return one line a published sum: which classes it takes, and how often each."""
        lines: list[Numbers] = [np.zeros(0, dtype=np.int64)]
        places: list[Numbers] = [np.zeros(0, dtype=np.int64)]
        factors: list[Floats] = [np.zeros(0)]
        begun = 0
        for count in counts:
            cells = count.cells[self._first]
            taken = cells != ABSENT
            if measure is not None:
                # The last one stands for ABSENT.
                taken &= ~np.array([*count.withheld(measure), True])[cells]
            weights = count.weights[self._first][taken].astype(np.float64)
            lines.append(count.lines[self._first][taken] + begun)
            places.append(np.flatnonzero(taken))
            factors.append(weights if measure is None else np.ones(len(weights)))
            begun += int(count.lines.max(initial=ABSENT)) + 1
        where = (np.concatenate(lines), np.concatenate(places))
        equations = scipy.sparse.csr_array(
            (np.concatenate(factors), where), shape=(begun, len(self._first))
        )
        return equations[np.flatnonzero(np.diff(equations.indptr))]
