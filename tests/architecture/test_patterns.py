"""Patterns of modules take a time that grows with the text, whatever somebody writes."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as codes
from re import _parser as parser

import pytest

import lacuna

# A repetition of at most so many is bounded.
_BOUNDED = 20
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)


def _parts(pattern):
    """Yield the rows of items of a parsed pattern: itself, groups, branches, what is repeated."""
    yield list(pattern)
    for code, given in pattern:
        if code in (*_REPEATS, codes.POSSESSIVE_REPEAT):
            yield from _parts(given[2])
        elif code is codes.SUBPATTERN:
            yield from _parts(given[3])
        elif code is codes.ATOMIC_GROUP:
            yield from _parts(given)
        elif code is codes.BRANCH:
            for one in given[1]:
                yield from _parts(one)
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _parts(given[1])


def _may_be_empty(items) -> bool:
    return parser.SubPattern(parser.State(), items).getwidth()[0] == 0


def _ambiguous(pattern: str, flags: int = 0) -> Iterator[str]:
    """Yield what is repeated inside a repetition with nothing between: `(?:a+b?)*`."""
    for part in _parts(parser.parse(pattern, flags)):
        for code, given in part:
            if code not in _REPEATS or given[1] <= _BOUNDED:
                continue
            body = list(given[2])
            while len(body) == 1 and body[0][0] is codes.SUBPATTERN:
                body = list(body[0][1][3])
            is_choice = len(body) == 1 and body[0][0] is codes.BRANCH
            for row in map(list, body[0][1][1]) if is_choice else [body]:
                for at, (inner, what) in enumerate(row):
                    others = row[:at] + row[at + 1 :]
                    if inner in _REPEATS and what[0] != what[1] and _may_be_empty(others):
                        yield str(what)[:80]


@pytest.mark.parametrize(
    ("pattern", "is_ambiguous"),
    [
        (r"[^\W\d_]+(?:['-]?[^\W\d_]+)*", True),
        (r"(?:a+)+b", True),
        (r"(?:x|\.{3,})+", True),
        (r"[^\W\d_]+(?:['-][^\W\d_]+)*", False),
        (r"(?:x|\.{3,}+)+", False),
        (r"(?:a{1,9})*", True),
        (r"(?:a{3})*", False),
        (r"(?:[a-z]+ )*", False),
    ],
)
def test_ambiguous_repetitions_are_told(pattern: str, is_ambiguous: bool) -> None:
    assert bool([*_ambiguous(pattern)]) is is_ambiguous


def test_no_pattern_repeats_what_repeats_with_nothing_between() -> None:
    found, count = [], 0
    for module in pkgutil.walk_packages(lacuna.__path__, "lacuna."):
        for name, one in vars(importlib.import_module(module.name)).items():
            if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                count += 1
                found += [
                    f"{module.name}.{name}: {what}" for what in _ambiguous(one.pattern, one.flags)
                ]
    assert count > 300
    assert found == [], (
        "a text can make them take twice the time with each character; name what separates"
    )
