"""How closely the amounts of hidden groups can be bounded, from published sums of them.

Source: attacker's linear programs and feasibility intervals, SDC Handbook (European Commission
and CoE), chapters 4.3 and 5; HiGHS.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded when they are first used: they take a second

from lacuna.errors import VerificationFailed

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

_TOLERANCE: Final = 1e-6
_PRIMAL_SIMPLEX: Final = 4
_OPTIONS: Final[Mapping[str, bool | int | str]] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "simplex_strategy": _PRIMAL_SIMPLEX,
}


class _Optimum(NamedTuple):
    """The end of a linear program.

    Attributes:
        least: smallest sum; minus infinity where nothing bounds it.
        at: the amounts at which it is reached; None where nothing bounds it.
    """

    least: float
    at: Floats | None


class _Program:
    """Linear programs over the same equations, of amounts that are not below zero.

    Each starts where the one before ended: with another goal, its solution is still one. To
    presolve, or the dual simplex, would begin again, and takes up to three times as long.
    """

    def __init__(self, equations: csr_array, values: Floats) -> None:
        """State the equations: a line each, a column an amount."""
        import highspy  # takes a moment, and few commands audit

        columns = scipy.sparse.csc_array(equations)
        lines, self._count = columns.shape
        program = highspy.HighsLp()
        program.num_row_, program.num_col_ = lines, self._count
        program.row_lower_ = program.row_upper_ = values
        program.col_cost_ = program.col_lower_ = np.zeros(self._count)
        program.col_upper_ = np.full(self._count, np.inf)
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_, matrix.index_, matrix.value_ = columns.indptr, columns.indices, columns.data
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in _OPTIONS.items():
            self._solver.setOptionValue(option, value)
        self._solver.passModel(program)
        self._status = highspy.HighsModelStatus

    def minimize(self, goal: Floats) -> _Optimum | None:
        """Return the smallest sum of the amounts, each times its factor in `goal`.

        None where the equations contradict one another.

        Raises:
            VerificationFailed: the solver came to no end, so that nobody knows what is bounded.
        """
        places = np.arange(self._count, dtype=np.int32)
        self._solver.changeColsCost(self._count, places, goal)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == self._status.kUnbounded:
            return _Optimum(float("-inf"), None)
        if status == self._status.kInfeasible:
            return None
        if status != self._status.kOptimal:
            raise VerificationFailed(
                f"the disclosure audit could not bound hidden groups: a linear program of "
                f"{self._solver.getNumRow()} sums and {self._count} amounts ended with {status.name}. "
                "Nothing of this period is published. Run the flow again; if it recurs, report it"
            )
        solution = np.array(self._solver.getSolution().col_value)
        return _Optimum(float(self._solver.getObjectiveValue()), solution)


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

    Raises:
        VerificationFailed: the solver came to no end, or does not find `truth`.
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

    program = cache(partial(_Program, sums, value))

    def solve(goal: Floats) -> None:
        nonlocal low, high
        if not goal.any():
            return
        found = program().minimize(goal)
        if found is None:
            raise VerificationFailed(
                f"the disclosure audit could not bound hidden groups: the solver finds no amounts "
                f"with {len(value)} sums of rows that are there. Nothing of this period is "
                "published. Run the flow again; if it recurs, report it"
            )
        if found.at is not None:
            low, high = np.minimum(low, least @ found.at), np.maximum(high, most @ found.at)

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
        matrix = scipy.sparse.lil_array((len(equations), len(place)))
        for line, (terms, _) in enumerate(equations):
            for each, factor in terms.items():
                matrix[line, place[each]] = factor
        program = _Program(matrix, np.array([value for _, value in equations], dtype=np.float64))
        goal = np.zeros(len(place))
        goal[place[unknown]] = 1.0
        smallest, largest = program.minimize(goal), program.minimize(-goal)
        if smallest is None or largest is None:
            return None
        return smallest.least, -largest.least

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
