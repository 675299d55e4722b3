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
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array

from pipelines.model.mart import OTHER, Cell, Facts, Mart, Period, Policy
from pipelines.reporting.audit import Leak

Key = tuple[str, ...]
Floats = npt.NDArray[np.float64]

_NOBODY: Final = -1
_ABSENT: Final = -1
_TOLERANCE: Final = 1e-6
_ONE_NUMBER: Final = 0.5  # published numbers are whole: what is narrower is one number
_SOLVED: Final = 0  # scipy's name for a linear program that has an optimum


@dataclass(frozen=True)
class Cut:
    """One mart over the days of an audit: its rows, and the cells that say how many there are.

    Attributes:
        facts: rows with `interactions`; `days` are those on which they are counted.
        released: each period with its cells.
    """

    mart: Mart
    facts: Facts
    released: Sequence[tuple[Period, tuple[Cell, ...]]]


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
    result = JointResult()
    rows = _Rows([*sealed, candidate], policy)
    rows.find_residuals(result)
    if not result.leaks:
        rows.find_bounds(result)
    result.leaks = +result.leaks
    return result


class _Rows:
    """Every conversation once, with the cell it stands in for each published count.

    `frame` has one row a conversation: `person`, and for each count `i` its cell `c{i}`, what the
    attacker tells apart `s{i}` (a hidden group, or a cell with its likes of other days) and how
    many rows `w{i}`; _ABSENT where the count does not take it.
    """

    def __init__(self, cuts: Sequence[Cut], policy: Policy) -> None:
        self.policy = policy
        self.people = cuts[-1].mart.people
        self.counts: list[_Count] = []
        frames = []
        for number, cut in enumerate(cuts):
            taken = _frame(cut)
            for measure in _counting(cut.mart, is_volume=number == 0):
                position = cut.mart.index(measure)
                count = _Count(cut, measure, is_candidate=number == len(cuts) - 1)
                part = taken.assign(weight=[row[position] for row in cut.facts.values])
                is_named = part["cell"].map(count.is_published).astype(bool)
                part = part[part["weight"].gt(0) & is_named]
                frames.append((len(self.counts), part))
                self.counts.append(count)
        names = pd.unique(pd.concat([part["interaction"] for _, part in frames]))
        self.frame = pd.DataFrame(index=names)
        person = pd.Series(_NOBODY, index=names, dtype="int64")
        for number, part in reversed(frames):
            # Numbers of people hold within one reading; the volume's are set last, and stay.
            known = part.dropna(subset="person").drop_duplicates("interaction")
            person[known["interaction"].to_numpy()] = (
                known["person"].astype("int64").to_numpy() * len(frames) + number
            )
        self.frame["person"] = person
        self.cells: list[list[tuple[str, Key]]] = []
        for number, part in frames:
            self._add(number, part)

    def _add(self, number: int, part: pd.DataFrame) -> None:
        cells, codes = _coded(part["cell"])
        self.cells.append(cells)
        hidden = self._hidden(part)
        told_apart = [
            (cell, group) if group in hidden else self.counts[number].told_apart(cell)
            for cell, group in zip(part["cell"], part["group"], strict=True)
        ]
        _, marks = _coded(pd.Series(told_apart, dtype=object))
        marked = part.assign(code=codes, mark=marks, is_hidden=part["group"].isin(hidden))
        first = marked.drop_duplicates("interaction").set_index("interaction")
        weights = marked.groupby("interaction")["weight"].sum()
        for name, content in (("c", first["code"]), ("s", first["mark"]), ("w", weights)):
            default = 0 if name == "w" else _ABSENT
            self.frame[f"{name}{number}"] = (
                content.reindex(self.frame.index).fillna(default).astype("int64")
            )
        self.frame[f"h{number}"] = (
            first["is_hidden"].astype("int64").reindex(self.frame.index).fillna(0).astype("int64")
        )

    def _hidden(self, part: pd.DataFrame) -> set[object]:
        """Return the groups of too few people that have no cell of their own."""
        merged = part[~part["own"]]
        people = self.frame["person"].reindex(merged["interaction"]).to_numpy()
        linked = merged.assign(who=people)
        linked = linked[linked["who"] != _NOBODY]
        known = linked.groupby("group")["who"].nunique()
        return {
            group for group in merged["group"].unique() if int(known.get(group, 0)) < self.people
        }

    def find_residuals(self, result: JointResult) -> None:
        """Question 1, between the candidate's counts and every other one."""
        for ours, count in enumerate(self.counts):
            if not count.is_candidate:
                continue
            for other, theirs in enumerate(self.counts):
                if not theirs.is_candidate:
                    self._subtract(ours, other, result)
                    self._subtract(other, ours, result)

    def _subtract(self, whole: int, part: int, result: JointResult) -> None:
        """Take from each cell of one count the cells of another that lie inside it."""
        frame = self.frame
        outer, inner = self._blocks(whole), self._blocks(part)
        both = pd.DataFrame({"outer": outer, "inner": inner, "person": frame["person"]})
        inside = both[both["inner"] != _ABSENT].groupby("inner")["outer"].agg(["min", "max"])
        contained = inside[(inside["min"] == inside["max"]) & (inside["min"] != _ABSENT)].index
        touched = both[both["inner"].isin(contained)]["outer"].unique()
        rest = both[both["outer"].isin(touched) & ~both["inner"].isin(contained)]
        linked = rest[rest["person"] != _NOBODY]
        people = linked.groupby("outer")["person"].nunique().reindex(rest["outer"].unique())
        for block in people[people.fillna(0) < self.people].index:
            result.leaks[Leak.RESIDUAL] += 1
            ours = whole if self.counts[whole].is_candidate else part
            self._involve(ours, (outer == block).to_numpy(), result)

    def _blocks(self, number: int) -> pd.Series:
        """Return the cells of a count; bands, which follow from no structure, add up to one."""
        codes = self.frame[f"c{number}"]
        if not self.counts[number].cut.mart.bands:
            return codes
        _, joined = _coded(
            pd.Series([(label, key[:-1]) for label, key in self.cells[number]], dtype=object)
        )
        return codes.map(lambda code: _ABSENT if code == _ABSENT else int(joined[code]))

    def _involve(self, number: int, mask: npt.NDArray[np.bool_], result: JointResult) -> None:
        for code in self.frame.loc[mask, f"c{number}"].unique():
            if code != _ABSENT:
                result.involved.add(self.cells[number][code][1])

    def find_bounds(self, result: JointResult) -> None:
        """Question 2: the rows themselves, and each further sum that two marts publish."""
        columns = [f"{name}{number}" for number in range(len(self.counts)) for name in "swh"]
        numbers = self.frame.groupby(columns, sort=False).ngroup().to_numpy()
        first = self.frame.assign(number=numbers).drop_duplicates("number").sort_values("number")
        targets = self._targets(first)
        if targets.shape[0] == 0:
            return
        candidate, volume = self.counts[-1].cut, self.counts[0].cut
        shared = {mean.total for mean in candidate.mart.means} & {
            mean.total for mean in volume.mart.means
        }
        for measure in (None, *sorted(shared)):
            if measure is None:
                amount: Floats = np.bincount(numbers).astype(np.float64)
                needed = np.full(targets.shape[0], float(self.people), dtype=np.float64)
            else:
                position = volume.mart.index(measure)
                spent = dict(
                    zip(
                        volume.facts.interactions,
                        (row[position] for row in volume.facts.values),
                        strict=True,
                    )
                )
                weights = [float(spent.get(each, 0)) for each in self.frame.index]
                amount = np.asarray(np.bincount(numbers, weights=weights), dtype=np.float64)
                needed = np.asarray(targets @ amount) * (self.policy.dominance_percent / 100)
            for target, width in self._narrow(first, amount, (targets, needed), measure).items():
                result.leaks[Leak.EXACT if width < _ONE_NUMBER else Leak.NARROW] += 1
                members = np.isin(numbers, targets[[target]].indices)
                for number, count in enumerate(self.counts):
                    if count.is_candidate:
                        self._involve(number, members, result)
            result.bounds += targets.shape[0]

    def _narrow(
        self,
        first: pd.DataFrame,
        amount: Floats,
        asked: tuple[csr_array, Floats],
        measure: str | None,
    ) -> dict[int, float]:
        """Return the targets that the candidate makes too narrow, with how wide they are."""
        targets, needed = asked
        counts = [
            number
            for number, count in enumerate(self.counts)
            if measure is None or (count.is_base and count.has(measure))
        ]
        found = _widths(self._equations(first, counts, measure), amount, targets, needed)
        failed = np.flatnonzero(found < needed - _TOLERANCE)
        if len(failed) == 0:
            return {}
        # What was public before is not the candidate's to answer for.
        without = [number for number in counts if not self.counts[number].is_candidate]
        before = _widths(
            self._equations(first, without, measure), amount, targets[failed], needed[failed]
        )
        return {
            int(target): float(found[target])
            for target, width in zip(failed, before, strict=True)
            if width >= needed[target] - _TOLERANCE
        }

    def _targets(self, first: pd.DataFrame) -> csr_array:
        """Return one line a hidden group: the classes that it consists of."""
        lines: dict[tuple[int, ...], None] = {}
        for number in range(len(self.counts)):
            marked = first[first[f"h{number}"] == 1]
            for _, members in marked.groupby(f"s{number}"):
                lines[tuple(int(each) for each in members["number"])] = None
        return _sparse([[(each, 1.0) for each in line] for line in lines], len(first))

    def _equations(
        self, first: pd.DataFrame, counts: Sequence[int], measure: str | None
    ) -> csr_array:
        """Return one line a published sum: which classes it takes, and how often each."""
        lines: list[list[tuple[int, float]]] = []
        for number in counts:
            count = self.counts[number]
            taken = first[first[f"c{number}"] != _ABSENT]
            grouped: dict[object, list[tuple[int, float]]] = {}
            for code, place, weight in zip(
                taken[f"c{number}"], taken["number"], taken[f"w{number}"], strict=True
            ):
                cell = self.cells[number][code]
                if measure is not None and count.is_withheld(cell, measure):
                    continue
                factor = 1.0 if measure is not None else float(weight)
                grouped.setdefault(count.told_apart(cell), []).append((int(place), factor))
            lines += grouped.values()
        return _sparse(lines, len(first))


class _Count:
    """One column of counts that a mart publishes, of rows that can be named."""

    def __init__(self, cut: Cut, measure: str, *, is_candidate: bool) -> None:
        self.cut, self.measure, self.is_candidate = cut, measure, is_candidate
        self._values = {
            (period.label, cell.key): cell.values
            for period, cells in cut.released
            for cell in cells
        }

    @property
    def is_base(self) -> bool:
        """Whether the rows are counted, rather than those with an attribute."""
        return self.measure == self.cut.mart.base

    def has(self, measure: str) -> bool:
        return any(each.name == measure for each in self.cut.mart.measures)

    def is_withheld(self, cell: tuple[str, Key], measure: str) -> bool:
        return self._values[cell][self.cut.mart.index(measure)] is None

    def is_published(self, cell: object) -> bool:
        return cell in self._values and not self.is_withheld(cell, self.measure)

    def told_apart(self, cell: tuple[str, Key]) -> object:
        """Return what stands for a cell: its likes of other days add nothing to what is known.

        A group of its own on several days is one sum. Whatever its split among the days, a
        solution for the sum is one for each day, in proportion.
        """
        if OTHER in cell[1] or self.cut.mart.bands:
            return cell
        return cell[1], tuple(value is None for value in self._values[cell])


def _counting(mart: Mart, *, is_volume: bool) -> list[str]:
    """Return the measures of a mart that count rows of their own.

    Beside the rows themselves these are, of the volume, those that another mart counts as its
    own: answered conversations.
    """
    return [mart.base, "n_frt"] if is_volume else [mart.base]


def _frame(cut: Cut) -> pd.DataFrame:
    """Return a row a fact: interaction, person, group, cell (period and key), whether its own."""
    places: dict[object, tuple[tuple[str, Key] | None, bool]] = {}
    released = [(period, {cell.key for cell in cells}) for period, cells in cut.released]
    by_day: dict[object, tuple[Period, set[Key]]] = {}
    cells: list[tuple[str, Key] | None] = []
    groups: list[object] = []
    own: list[bool] = []
    for day, key in zip(cut.facts.days, cut.facts.keys, strict=True):
        if day not in by_day:
            found = next((each for each in released if each[0].first <= day <= each[0].last), None)
            by_day[day] = found or (Period(cut.mart.period, day, day), set())
        period, keys = by_day[day]
        group = (period.label, key)
        if group not in places:
            places[group] = _place(cut.mart, period.label, keys, key)
        cells.append(places[group][0])
        groups.append(group)
        own.append(places[group][1])
    return pd.DataFrame(
        {
            "interaction": list(cut.facts.interactions),
            "person": pd.array(list(cut.facts.people), dtype="Int64"),
            "group": pd.Series(groups, dtype=object),
            "cell": pd.Series(cells, dtype=object),
            "own": own,
        }
    )


def _place(mart: Mart, label: str, keys: set[Key], key: Key) -> tuple[tuple[str, Key] | None, bool]:
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


def _coded(values: pd.Series) -> tuple[list[tuple[str, Key]], npt.NDArray[np.int64]]:
    """Return the distinct values and, for each row, which one it has."""
    numbers: dict[object, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return list(numbers), np.array(codes, dtype=np.int64)  # type: ignore[arg-type]


def _sparse(lines: Sequence[Sequence[tuple[int, float]]], width: int) -> csr_array:
    data = [factor for line in lines for _, factor in line]
    columns = [place for line in lines for place, _ in line]
    ends = np.cumsum([0, *(len(line) for line in lines)])
    return csr_array((data, columns, ends), shape=(len(lines), width))


def _widths(equations: csr_array, truth: Floats, targets: csr_array, needed: Floats) -> Floats:
    """Return for each target how wide the interval is that it can be bounded to.

    Wide enough is enough: a target whose width reaches what is needed is not looked at further.
    Every solution of the equations is one more world that an outsider must reckon with, so each
    one widens every target; only what stays narrow gets two linear programs of its own.
    """
    value = equations @ truth
    low = high = targets @ truth

    def solve(goal: Floats) -> None:
        nonlocal low, high
        solved = linprog(goal, A_eq=equations, b_eq=value, bounds=(0, None), method="highs")
        if solved.status == _SOLVED:
            reached = targets @ solved.x
            low, high = np.minimum(low, reached), np.maximum(high, reached)

    free = np.asarray(equations.sum(axis=0)).ravel() == 0
    unbounded = np.asarray(targets[:, free].sum(axis=1)).ravel() > 0
    high = np.where(unbounded, np.inf, high)
    # Targets under different narrow sums hardly compete: one of each is asked for at a time.
    waiting = _apart(equations, value, targets)
    while waiting:
        chosen = []
        for queue in waiting:
            while queue:
                target = queue.pop()
                if high[target] - low[target] < needed[target] - _TOLERANCE:
                    chosen.append(target)
                    break
        waiting = [queue for queue in waiting if queue]
        if chosen:
            goal = np.asarray(targets[chosen].sum(axis=0)).ravel()
            solve(goal)
            solve(-goal)
    for target in map(int, np.flatnonzero(high - low < needed - _TOLERANCE)):
        goal = np.asarray(targets[[target]].sum(axis=0)).ravel()
        for sign in (1.0, -1.0):
            if high[target] - low[target] < needed[target] - _TOLERANCE:
                solve(sign * goal)
    return np.asarray(high - low)


def _apart(equations: csr_array, value: Floats, targets: csr_array) -> list[list[int]]:
    """Return the targets by the smallest published sum that takes them in."""
    touched = csr_array(targets @ equations.T)
    queues: dict[int, list[int]] = {}
    for target in range(targets.shape[0]):
        lines = touched.indices[touched.indptr[target] : touched.indptr[target + 1]]
        if len(lines):
            queues.setdefault(int(lines[np.argmin(value[lines])]), []).append(target)
    return list(queues.values())
