"""Bounds of hidden groups: shortcuts give what two linear programs for each group give."""

import random

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from lacuna.errors import VerificationFailed
from lacuna.reporting import bounds
from lacuna.reporting.bounds import widths


def drawn(seed):
    """Return published sums of a few unknowns, some of which stand alike, and groups of them."""
    draw = random.Random(seed)
    unknowns = 14
    columns = [[draw.random() < 0.4 for _ in range(9)] for _ in range(6)]
    matrix = np.array([draw.choice(columns) for _ in range(unknowns)], dtype=float).T
    matrix *= draw.choice([1.0, 2.0])
    truth = np.array([float(draw.randrange(3)) for _ in range(unknowns)])
    groups = np.array([[float(draw.random() < 0.25) for _ in range(unknowns)] for _ in range(5)])
    return matrix, truth, groups


def by_programs(matrix, truth, group):
    ends = []
    for sign in (1.0, -1.0):
        solved = linprog(sign * group, A_eq=matrix, b_eq=matrix @ truth, bounds=(0, None))
        ends.append(-np.inf if solved.status == 3 else solved.fun)
    return -ends[1] - ends[0]


@pytest.mark.parametrize("seed", range(12))
def test_a_group_is_narrow_exactly_where_linear_programs_say_so(seed):
    matrix, truth, groups = drawn(seed)
    needed = np.full(len(groups), 4.0)
    found = widths(csr_array(matrix), truth, csr_array(groups), needed)
    for group, width in zip(groups, found, strict=True):
        real = by_programs(matrix, truth, group)
        assert (width < 4.0 - 1e-6) == (real < 4.0 - 1e-6)
        if width < 4.0 - 1e-6:
            assert width == pytest.approx(real, abs=1e-6)
        else:
            assert width <= real + 1e-6


def test_some_of_these_groups_are_narrow_and_some_are_wide():
    narrow = [
        by_programs(matrix, truth, group) < 4.0
        for matrix, truth, groups in map(drawn, range(12))
        for group in groups
    ]
    assert 5 < sum(narrow) < len(narrow) - 5


def test_an_audit_without_an_end_is_no_audit(monkeypatch):
    """Groups that nobody could bound would count as public, and be published."""
    matrix, truth, groups = drawn(0)
    monkeypatch.setattr(bounds, "_OPTIONS", bounds._OPTIONS | {"simplex_iteration_limit": 0})
    with pytest.raises(VerificationFailed, match="9 sums and 6 amounts ended with"):
        widths(csr_array(matrix), truth, csr_array(groups), np.full(len(groups), np.inf))


def test_sums_that_are_of_no_rows_are_refused():
    matrix = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    with pytest.raises(VerificationFailed, match="finds no amounts with 3 sums"):
        widths(csr_array(matrix), np.array([2.0, -5.0]), csr_array([[1.0, 0.0]]), np.array([9.0]))


def test_nothing_is_printed(capfd):
    """What a command prints may be read by a program."""
    matrix, truth, groups = drawn(0)
    widths(csr_array(matrix), truth, csr_array(groups), np.full(len(groups), np.inf))
    assert capfd.readouterr() == ("", "")
