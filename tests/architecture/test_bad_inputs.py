"""Hostile and unlucky inputs by id: each has tests that are there, or a reason not to apply."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

TESTS = Path(__file__).parents[1]
INPUTS = yaml.safe_load((Path(__file__).parent / "bad_inputs.yaml").read_text("utf-8"))
# kind of input: how many were given, and how many were found here, from number 51 on
COUNTS = {
    "email": (27, 12),
    "dpo_api": (26, 18),
    "data_map": (25, 14),
    "stored_data": (27, 13),
    "run_control": (26, 10),
}


@lru_cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize("name", INPUTS)
def test_a_bad_input_has_its_tests_or_a_reason(name):
    entry = INPUTS[name]
    assert entry.keys() in ({"input", "tests"}, {"input", "not_applicable"})
    assert all(entry.values())
    for test in entry.get("tests", ()):
        file, _, function = test.partition("::")
        path = TESTS / file
        assert function in functions_of(path), test
        # Where a test takes many inputs, its file names each by its id.
        mark = name.replace("-", "_")
        text = path.read_text("utf-8")
        assert name in text or mark in text or not is_shared(test), test


def is_shared(test: str) -> bool:
    """Whether three inputs or more are shown by one test."""
    return sum(test in entry.get("tests", ()) for entry in INPUTS.values()) > 2


def test_every_bad_input_is_in_the_table_once():
    # A mapping keeps the last of two equal keys; the file says how many there are.
    lines = (Path(__file__).parent / "bad_inputs.yaml").read_text("utf-8").splitlines()
    assert [line.rstrip(":") for line in lines if line[:1].isalpha()] == list(INPUTS)
    for kind, (given, found) in COUNTS.items():
        numbers = [
            int(name.rpartition("-")[2]) for name in INPUTS if name.rpartition("-")[0] == kind
        ]
        assert numbers == sorted(numbers)
        assert (sum(number < 51 for number in numbers), len(numbers)) == (given, given + found)
    assert {name.rpartition("-")[0] for name in INPUTS} == set(COUNTS)
