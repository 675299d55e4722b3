"""How closely the amounts of hidden groups can be bounded, from published sums of them.

Source: attacker's linear programs and feasibility intervals, SDC Handbook (European Commission
and CoE), chapters 4.3 and 5; HiGHS in scipy.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded when they are first used: they take a second

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

_TOLERANCE: Final = 1e-6
_SOLVED, _UNBOUNDED = 0, 3  # scipy's names for how a linear program ends


def widths(equations: csr_array, truth: Floats, targets: csr_array, needed: Floats) -> Floats:
    """Return for each target how wide the interval is that it can be bounded to.

    Wide enough is enough: a target whose width reaches what is needed is not looked at further.
    Every solution of the equations is one more world that an outsider must reckon with, so each
    one widens every target; only what stays narrow gets two linear programs of its own.

    Args:
        equations: a line a published sum, a column an unknown, none of which is below zero.
        truth: a solution.
        targets: a line a group of unknowns, each once.
        needed: width at which a target is wide enough.
    """
    kinds = _kinds(equations)
    sums, size = scipy.sparse.csr_array(equations[:, kinds.first]), np.bincount(kinds.number)
    value, amount = equations @ truth, np.bincount(kinds.number, weights=truth)
    # All of an exchangeable kind can be inside a group that has a part of it, and none of it.
    reach = scipy.sparse.csr_array(targets @ kinds.matrix)
    most = scipy.sparse.csr_array(
        (np.ones(reach.nnz), reach.indices, reach.indptr), shape=reach.shape
    )
    is_whole = (reach.data >= size[reach.indices]).astype(np.float64)
    least = scipy.sparse.csr_array((is_whole, reach.indices, reach.indptr), shape=reach.shape)
    low, high = least @ amount, most @ amount

    def solve(goal: Floats) -> None:
        nonlocal low, high
        if not goal.any():
            return
        solved = scipy.optimize.linprog(
            goal, A_eq=sums, b_eq=value, bounds=(0, None), method="highs"
        )
        if solved.status == _SOLVED:
            low, high = np.minimum(low, least @ solved.x), np.maximum(high, most @ solved.x)

    def is_narrow(target: int) -> bool:
        return bool(high[target] - low[target] < needed[target] - _TOLERANCE)

    is_free = np.diff(sums.tocsc().indptr) == 0
    high = np.where(most @ is_free > 0, np.inf, high)
    narrow = np.flatnonzero(high - low < needed - _TOLERANCE)
    # Targets under different narrow sums hardly compete: one of each is asked for at a time.
    waiting = _apart(scipy.sparse.csr_array(most @ sums.T), value, narrow)
    while waiting:
        chosen = []
        for queue in waiting:
            while queue:
                target = queue.pop()
                if is_narrow(target):
                    chosen.append(target)
                    break
        waiting = [queue for queue in waiting if queue]
        if chosen:
            solve(-np.asarray(most[chosen].sum(axis=0)).ravel())
            solve(np.asarray(least[chosen].sum(axis=0)).ravel())
    for target in map(int, np.flatnonzero(high - low < needed - _TOLERANCE)):
        solve(-most[[target]].toarray().ravel())
        if is_narrow(target):
            solve(least[[target]].toarray().ravel())
    return np.asarray(high - low)


@dataclass(frozen=True)
class _Kinds:
    """Unknowns with the same factors in the same sums: they can be exchanged for one another.

    Attributes:
        number: the kind of each unknown.
        first: an unknown of each kind.
        matrix: a line an unknown, a column a kind.
    """

    number: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    matrix: csr_array


def _kinds(equations: csr_array) -> _Kinds:
    columns = scipy.sparse.csc_array(equations)
    columns.sort_indices()
    numbers: dict[tuple[bytes, bytes], int] = {}
    number, first = [], []
    for place, (begin, end) in enumerate(itertools.pairwise(columns.indptr)):
        factors = (columns.indices[begin:end].tobytes(), columns.data[begin:end].tobytes())
        if factors not in numbers:
            first.append(place)
        number.append(numbers.setdefault(factors, len(numbers)))
    kinds = np.array(number, dtype=np.int64)
    ones = (np.ones(len(kinds)), (np.arange(len(kinds)), kinds))
    matrix = scipy.sparse.csr_array(ones, shape=(len(kinds), len(first)))
    return _Kinds(kinds, np.array(first, dtype=np.int64), matrix)


def _apart(touched: csr_array, value: Floats, narrow: npt.NDArray[np.int64]) -> list[list[int]]:
    """Return the narrow targets by the smallest published sum that takes them in."""
    queues: dict[int, list[int]] = {}
    for target in map(int, narrow):
        lines = touched.indices[touched.indptr[target] : touched.indptr[target + 1]]
        if len(lines):
            queues.setdefault(int(lines[np.argmin(value[lines])]), []).append(target)
    return list(queues.values())


class System:
    """What an attacker knows: linear equations over unknown amounts, none of them below zero."""

    def __init__(self) -> None:
        self._equations: list[tuple[dict[object, float], float]] = []
        self._solved: dict[object, tuple[float, float] | None] = {}

    def equals(self, value: float, unknowns: Iterable[object], less: Iterable[object] = ()) -> None:
        """State that the sum of `unknowns`, less the sum of `less`, is a published value."""
        terms = dict.fromkeys(unknowns, 1.0) | dict.fromkeys(less, -1.0)
        self._equations.append((terms, value))
        self._solved.clear()

    def interval(self, unknown: object) -> tuple[float, float] | None:
        """Return the smallest and the largest amount that an unknown can be.

        Infinite where nothing bounds it; None where the published values contradict one another.
        """
        # Unknowns that stand alike in the same equations have the same bounds: solve once.
        alike = tuple(
            (number, terms[unknown])
            for number, (terms, _) in enumerate(self._equations)
            if unknown in terms
        )
        if not alike:
            return 0.0, float("inf")
        if alike not in self._solved:
            self._solved[alike] = self._solve(unknown)
        return self._solved[alike]

    def _solve(self, unknown: object) -> tuple[float, float] | None:
        equations = self._reached_from(unknown)
        place: dict[object, int] = {}
        for terms, _ in equations:
            for each in terms:
                place.setdefault(each, len(place))
        if len(equations) == 1 and min(equations[0][0].values()) > 0:
            value = equations[0][1]
            if value < 0:
                return None
            return (value if len(place) == 1 else 0.0), value
        matrix = [[0.0] * len(place) for _ in equations]
        for row, (terms, _) in zip(matrix, equations, strict=True):
            for each, factor in terms.items():
                row[place[each]] = factor
        ends = []
        for sign in (1.0, -1.0):
            goal = [0.0] * len(place)
            goal[place[unknown]] = sign
            solved = scipy.optimize.linprog(
                goal,
                A_eq=matrix,
                b_eq=[value for _, value in equations],
                bounds=(0, None),
                method="highs",
            )
            if solved.status == _UNBOUNDED:
                ends.append(sign * float("-inf"))
            elif solved.status == _SOLVED:
                ends.append(sign * float(solved.fun))
            else:
                return None
        return ends[0], ends[1]

    def _reached_from(self, unknown: object) -> list[tuple[dict[object, float], float]]:
        """Return the equations that hang together with an unknown."""
        reached = {unknown}
        found: list[tuple[dict[object, float], float]] = []
        waiting = list(self._equations)
        while True:
            joined = [each for each in waiting if not reached.isdisjoint(each[0])]
            if not joined:
                return found
            waiting = [each for each in waiting if reached.isdisjoint(each[0])]
            found += joined
            reached.update(*(terms for terms, _ in joined))
