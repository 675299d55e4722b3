"""One pass for all countries finds what one pass for each of them finds."""

import time

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberMatcher

from lacuna.redaction import time_limits
from lacuna.redaction.analysis.one_pass_phones import PhoneFinder

STOCK = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
# With rules that put digits in front of a number, and with the shortest numbers.
_EUROPEAN = "DK SE NO FI NL DE FR GB IE ES IT PL BE AT CH PT US CA IL IN BR"
EUROPEAN = tuple(_EUROPEAN.split())
ODD = ("AR", "MX", "SM", "SH", "AU", "NZ", "IT")
REGIONS = {"stock": STOCK, "european": EUROPEAN, "odd": ODD}


def one_by_one(text: str, regions: tuple[str, ...]) -> list[tuple[int, int]]:
    places = {
        (match.start, match.end)
        for region in regions
        for match in PhoneNumberMatcher(text, region, leniency=1)
    }
    return sorted(
        (start, end)
        for start, end in places
        if not any((a, b) != (start, end) and a <= start and end <= b for a, b in places)
    )


_PARTS = st.one_of(
    st.text("0123456789", min_size=1, max_size=5),
    st.sampled_from(
        [
            " ",
            "-",
            "/",
            "(",
            ")",
            ".",
            "+",
            "x",
            " ext. 5",
            "+45 ",
            "0044 ",
            "011 ",
            "+1",
            "a",
            "kr ",
            "20304050",
            "212-555-5555",
            "415) 555-2671",
            "020 7946 0958",
            "2021-05-04 10",
            ":30",
            "٣٤٥٦٧٨٩٠",
            "\uff11\uff12\uff13\uff14",
            "$",
            "\u2013",
            "0549 8869",
            "06 12 34 56 78",
            "+290 2345",
        ]
    ),
)


@pytest.mark.parametrize("name", REGIONS)
def test_one_pass_finds_what_the_countries_find_one_by_one(name: str) -> None:
    regions = REGIONS[name]
    finder = PhoneFinder(regions)
    prefilter = regex.compile(finder.prefilter_patterns[0])

    @settings(max_examples=120)
    @given(st.lists(_PARTS, max_size=14).map("".join))
    @example("212-555-5555 / 20304050 / 06 12 34 56 78 12 34")
    @example("01234567890123456789012345678901234567890")
    def agrees(text: str) -> None:
        expected = one_by_one(text, regions)
        assert finder.find(text) == expected
        # The prefilter hides no number.
        assert not expected or prefilter.search(text) is not None

    agrees()


def test_a_verdict_that_is_remembered_minds_the_neighbors() -> None:
    finder = PhoneFinder(STOCK)
    assert finder.find("call 212-555-5555 now") == [(5, 17)]
    assert finder.find("call a212-555-5555 now") == []
    assert finder.find("call 212-555-5555 now") == [(5, 17)]


def test_verdicts_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lacuna.redaction.analysis.one_pass_phones._KEPT_VERDICTS", 50)
    finder = PhoneFinder(("US",))
    for number in range(300):
        finder.find(f"212-555-{number:04}")
    assert len(finder._verdicts) <= 60


def test_no_country_has_shorter_numbers_than_the_gate_lets_through() -> None:
    assert PhoneFinder(tuple(SUPPORTED_REGIONS)).fewest_digits == 3
    assert PhoneFinder(("US",)).fewest_digits == 8


def test_a_long_search_stops_at_the_deadline() -> None:
    text = " ".join(f"{number:010}" for number in range(2_000_000_000, 2_000_020_000))
    with pytest.raises(time_limits.OutOfTime), time_limits.deadline(0.2):
        PhoneFinder(EUROPEAN).find(text)
    began = time.process_time()
    with pytest.raises(time_limits.OutOfTime), time_limits.deadline(0.2):
        PhoneFinder(EUROPEAN).find(text)
    assert time.process_time() - began < 10
