"""The gate knows by itself what a surrogate looks like."""

import ast
import re
from pathlib import Path

import pytest

import lacuna.verify
from lacuna.treatment import surrogate_form
from lacuna.verify.surrogate_shape import surrogate_regex


@pytest.mark.parametrize(
    ("written", "value", "other"),
    [
        ("erased-{}@example.invalid", f"erased-{'0a' * 16}@example.invalid", "anna@example.org"),
        (
            "erased-{12}@example.invalid",
            "erased-0a0a0a0a0a0a@example.invalid",
            "erased-@example.invalid",
        ),
        ("+999{d9}", "+999123456789", "+99912345678a"),
        ("x.{d}", f"x.{'1' * 18}", f"xx{'1' * 18}"),
    ],
)
def test_a_surrogate_is_told_from_what_is_none(written, value, other):
    assert surrogate_form(written) is not None
    regex = surrogate_regex(written)
    assert re.search(regex, value)
    assert not re.search(regex, other)


def test_a_unique_part_alone_has_no_pattern():
    assert surrogate_regex("{16}") is None


def test_the_gate_takes_nothing_that_makes_surrogates():
    for path in Path(lacuna.verify.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert "surrogate_form" not in [one.name for one in node.names], path.name
