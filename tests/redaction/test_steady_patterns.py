"""Presidio's patterns for web and e-mail addresses match the same in bounded time."""

import time

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from presidio_analyzer import Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import EmailRecognizer, UrlRecognizer

from lacuna.redaction.recognizers.steady_patterns import SpanFinder, steady
from lacuna.redaction.recognizers.stock import failing_closed

FLAGS = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE
(EMAIL,) = [pattern.regex for pattern in EmailRecognizer.PATTERNS]
(URL,) = [one.regex for one in UrlRecognizer.PATTERNS if one.name == "Non schema URL"]
AS_STOCK = {pattern: regex.compile(pattern, FLAGS) for pattern in (EMAIL, URL)}

# Kelvin and long s are letters where case is ignored; a digit of another script is one after www.
_URL_PARTS = (
    *("www", "www1.", "www\u0663.", "www\u06631.", "WWW1234.", "w.", ".", "..", "-", "a", "b-c"),
    *(".com", ".CO", ".company", ".uk", ".\u212aim", ".in\u017furance", ".\u0130n", "com", "co"),
    *("/", "/x?y", "'", '"', "<", " ", "\n", "\u00a0", "1", "\u0663", "é", "_", "@", "https://"),
    *("x" * 246, "x" * 250, "y" * 3, "\ud800"),
)
_EMAIL_PARTS = (
    *(
        "a",
        "b.c",
        ".",
        "..",
        "-",
        "--",
        "!",
        "#",
        "'",
        "é",
        "_",
        "1",
        "\u0663",
        " ",
        "\n",
        "\ud800",
    ),
    *(
        "@",
        "@@",
        "@b.c",
        "@b",
        "@b-c.d-e",
        "@b-.c",
        "@\u212a.\u017f",
        "x" * 40,
        "<a@b.org>",
        ",",
        "/",
    ),
)


def finding(pattern: str) -> SpanFinder:
    find = steady(pattern, FLAGS)
    assert find is not None
    return find


def places(pattern: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in finding(pattern)(text, 60.0)]


def as_stock(pattern: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in AS_STOCK[pattern].finditer(text)]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(_URL_PARTS), max_size=10).map("".join))
@example("www\u06631.com.de www\u0663.com.uk www..com www.com")
@example("x" * 253 + ".com " + "x" * 254 + ".com www." + "x" * 253 + ".com")
@example("www1." + "x" * 249 + ".com" + "y" * 3 + ".co www2.-.co/a.b/c.com")
def test_web_addresses_are_those_of_the_stock_pattern(text: str) -> None:
    assert places(URL, text) == as_stock(URL, text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(_EMAIL_PARTS), max_size=14).map("".join))
@example("a@b.c@d.e !!a@b.c a!!@b.c !!@b.c .a@b.c a.@b.c a..b@c-d.e-")
def test_mail_addresses_are_those_of_the_stock_pattern(text: str) -> None:
    assert places(EMAIL, text) == as_stock(EMAIL, text)


@pytest.mark.long
@pytest.mark.parametrize(
    ("pattern", "unit"),
    [
        *[(URL, unit) for unit in ("1.", "www.", ".co", "www\u0663.co", "a.zw.x ")],
        *[(EMAIL, unit) for unit in ("1-", "a", "a@", "x@a-a-", "a@b.c", "!.")],
    ],
)
def test_a_megabyte_that_keeps_the_stock_pattern_busy_takes_seconds(
    pattern: str, unit: str
) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    began = time.process_time()
    for _ in finding(pattern)(text, 30.0):
        pass
    # The stock patterns take minutes to hours for it.
    assert time.process_time() - began < 30


@pytest.mark.parametrize(
    "pattern",
    [
        URL.replace("253", "254"),
        URL.replace("(?:com)|", "(?:com)|(?:c.m)|"),
        EMAIL.replace("{0,}", "+"),
        *[one.regex for one in UrlRecognizer.PATTERNS if one.regex != URL],
    ],
)
def test_another_pattern_is_left_as_it_is(pattern: str) -> None:
    assert steady(pattern, FLAGS) is None


class _Asking(PatternRecognizer):
    """Looks into the matches themselves."""

    def analyze(self, *_: object, **__: object) -> list[object]:  # type: ignore[override]
        (pattern,) = self.patterns
        return [match.group() for match in pattern.compiled_regex.finditer("see a.com")]


def test_a_recognizer_that_asks_more_of_a_match_gets_matches() -> None:
    recognizer = _Asking("URL", patterns=[Pattern("url", URL, 0.5)], name="Asking")
    limited = failing_closed(recognizer, 5.0)
    assert isinstance(limited, _Asking)
    assert limited.analyze() == ["a.com"]
