"""The prefilter lets every text through in which a pattern matches."""

import re
from functools import partial
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna.redaction.fast import kept_rewritings as rewriting
from lacuna.redaction.fast import prefilter as prefilters
from lacuna.redaction.fast.prefilter import (
    Prefilter,
    ScannerOf,
    hyperscan_scanner,
    no_scanner,
    re2_scanner,
)
from lacuna.redaction.fast.prefilter_syntax import NotRewritable, in_bytes, rewritten
from lacuna.redaction.options import EngineOptions
from lacuna.redaction.recognizers import all_for
from lacuna.redaction.recognizers.rule_recognizer import RuleRecognizer

SCANNERS = {"hyperscan": hyperscan_scanner, "re2": re2_scanner, "none": no_scanner}
CASELESS = re.IGNORECASE | re.MULTILINE | re.DOTALL
CASED = re.MULTILINE | re.DOTALL

# Pattern, flags, texts in which it matches, texts that the prefilter keeps out.
CASES = (
    (r"\bkiss\b", CASELESS, ["a KISS", "\u212ai\u017fs", "k\u0130ss"], ["kis", "ki"]),
    (r"stra(?:ß|ss)e\s\d+", CASELESS, ["Straße 5", "STRASSE 12", "straẞe 5"], ["strand 5"]),
    (r"[^a-z]{3}", CASED, ["123", "ØØØ", "ABC", "\u00a0\u00a0\u00a0"], ["abc", "a1b"]),
    (r"(?<!\d)\d{4}(?!\d)", CASED, ["x1234", "٣٤٥٦", "\uff11\uff12\uff13\uff14"], ["123", "abc"]),
    (r"(?i)ring(?-i:Way)", CASED, ["RINGWay", "ringWay"], ["rin way"]),
    (r"(a)\1b", CASED, ["aab"], ["ccc"]),
    (r"(?P<x>a)?(?(x)b|c)", CASED, ["ab", "c"], ["ddd", "xyz"]),
    (r"(?>a+)b|x{2,}+y", CASED, ["aaab", "xxxy"], ["aaa", "xy"]),
    (r"^\w+$", CASED, ["Ærø", "abc", "x\nfoo bar"], ["!?", "- -"]),
    (r"a.c", re.MULTILINE, ["abc", "aøc"], ["a\nc"]),
    (r"\s{2}x", CASED, ["\u2003\u00a0x", " \tx", "\t\x0bx"], ["ax", " x"]),
    (r"\W\D\S", CASED, ["!a!", "–øé"], ["abc"]),
    (r"x\S", CASED, ["x\x1c", "xø", "xA"], ["x "]),
    (r"[à-ÿ]{2}", CASELESS, ["éé", "ÀÀ"], ["ee"]),
)


@pytest.mark.parametrize("name", SCANNERS)
@pytest.mark.parametrize(("pattern", "flags", "matching", "other"), CASES)
def test_a_gate_is_open_where_the_pattern_matches(
    name: str, pattern: str, flags: int, matching: list[str], other: list[str]
) -> None:
    prefilter = Prefilter([("never-there", 0), (pattern, flags)], scanner_of=SCANNERS[name])
    for text in matching:
        assert regex.search(pattern, text, flags) is not None
        assert 1 in prefilter.open_for(text)
    if name != "none":
        assert [prefilter.open_for(text) for text in other] == [[]] * len(other)
    else:
        assert prefilter.open_for("x") == [0, 1]


@pytest.mark.parametrize(
    "pattern", [r"\p{L}+x", r"x*", r"", r"a|", r"[[:alpha:]]x", r"(?R)", r"\mfoo", r"[a--b]"]
)
def test_a_pattern_that_cannot_be_rewritten_is_always_open(pattern: str) -> None:
    with pytest.raises(NotRewritable):
        rewritten(pattern, CASED, wide=False)
    assert Prefilter([(pattern, CASED)]).open_for("nothing") == [0]
    assert Prefilter([(pattern, CASED)]).open_for("nøthing") == [0]


def _stock() -> list[tuple[str, int]]:
    return [
        (pattern.regex, one.global_regex_flags)
        for one in all_for("en", EngineOptions())
        if hasattr(one, "patterns")
        for pattern in one.patterns
    ]


STOCK = _stock()
COMPILED = [regex.compile(pattern, flags) for pattern, flags in STOCK]
_PARTS = st.one_of(
    st.sampled_from(
        [
            "4111",
            "1111",
            "1111",
            "1111",
            "078-05-1120",
            "078051120",
            "12/03/1984",
            "2024-05-17",
            "1.2.2020",
            "192.168.12.45",
            "2001:db8:85a3::8a2e:370:7334",
            "ada@example.org",
            "https://www.example.org/a?b=c",
            "example.com",
            "DE89370400440532013000",
            "GB29",
            "NWBK",
            "6016",
            "1331",
            "9268",
            "19",
            "H12234567",
            "912803456",
            "911-70-1234",
            "AB1234563",
            "00:1A:2B:3C:4D:5E",
            "123e4567-e89b-12d3-a456-426614174000",
            "401-023-2137",
            "010203-1234",
            "Storgade",
            "5,",
            "2.",
            "tv,",
            "8000",
            "Århus",
            "Hauptstraße",
            "12a",
            "rue",
            "de",
            "la",
            "Paix",
            "75002",
            "131052-308T",
            "44051401359",
            "RSSMRA85T10A562S",
            "54362315K",
            "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ",
            "\uff21\uff22\uff11\uff12\uff13\uff14\uff15\uff16\uff13",
            '"www.example.\u017fk"',
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=4),
    st.text("0123456789 -./:ABKSIabksi\u212a\u017f\u0131", max_size=12),
)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["hyperscan", "re2"])
def test_no_stock_pattern_is_hidden(name: str) -> None:
    prefilter = Prefilter(STOCK, scanner_of=SCANNERS[name])

    @settings(max_examples=120)
    @given(st.lists(_PARTS, max_size=6), st.sampled_from(["", " ", "\u00a0", ", "]))
    def never_hides(parts: list[str], blank: str) -> None:
        text = blank.join(parts)
        opened = set(prefilter.open_for(text))
        hidden = [
            STOCK[number]
            for number, pattern in enumerate(COMPILED)
            if number not in opened and pattern.search(text) is not None
        ]
        assert hidden == []

    never_hides()


def test_every_character_is_one_byte() -> None:
    text = "aÆ٣\u00a0–\u212a🎉\x1c"
    assert list(in_bytes(text)) == [0x61, 0x80, 0x81, 0x82, 0x83, 0x84, 0x83, 0x1C]


def test_compiled_expressions_are_kept_and_broken_ones_are_made_anew(tmp_path: Path) -> None:
    from lacuna.redaction.fast import prefilter as module

    expressions = [(7, "kept-abc[0-9]{3}")]
    for content in (None, b"broken"):
        module._database.cache_clear()
        if content is not None:
            for file in tmp_path.iterdir():
                file.write_bytes(content)
        scan, refused = hyperscan_scanner(expressions, tmp_path)
        assert (scan(b"a kept-abc123"), scan(b"abc"), refused) == ([7], [], [])
        assert len(list(tmp_path.iterdir())) == 1
    module._database.cache_clear()
    scan, _ = hyperscan_scanner(expressions, tmp_path)
    assert scan(b"a kept-abc123") == [7]


def test_what_a_scanner_refused_is_kept_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lacuna.redaction.fast import prefilter as module

    huge = "".join(f"(?:{letter}|[0-9a-z]{{1,40}})" for letter in "abcdefgh" * 400)
    expressions = [(3, "kept-xyz"), (5, huge)]
    assert hyperscan_scanner(expressions, tmp_path)[1] == [5]
    module._database.cache_clear()
    monkeypatch.setattr(module, "_compile", lambda _: pytest.fail("compiled again"))
    scan, refused = hyperscan_scanner(expressions, tmp_path)
    assert (scan(b"a kept-xyz"), refused) == ([3], [5])


@pytest.mark.thorough
def test_the_recognizers_of_every_language_have_gates_that_no_scanner_refuses() -> None:
    for language in ("en", "da"):
        patterns = [
            (pattern, re.IGNORECASE | re.MULTILINE | re.DOTALL)
            for one in all_for(language, EngineOptions())
            if isinstance(one, RuleRecognizer)
            for pattern in one.prefilter_patterns
        ]
        assert patterns
        for wide in (False, True):
            expressions = [
                (number, rewritten(pattern, flags, wide=wide))
                for number, (pattern, flags) in enumerate(patterns)
            ]
            assert hyperscan_scanner(expressions)[1] == []


def test_compiled_expressions_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(30):
        hyperscan_scanner([(1, f"piling-{number}-x")], tmp_path)
    assert len(list(tmp_path.iterdir())) == 24


def test_what_is_in_use_is_kept_when_others_go(tmp_path: Path) -> None:
    hyperscan_scanner([(1, "always-used")], tmp_path)
    (used,) = tmp_path.iterdir()
    file = used.stat().st_ino
    for number in range(30):
        hyperscan_scanner([(1, f"passing-{number}-x")], tmp_path)
        prefilters._database.cache_clear()
        hyperscan_scanner([(1, "always-used")], tmp_path)
    # Not one that was compiled again.
    assert used.stat().st_ino == file


def test_expressions_that_are_added_leave_the_common_ones_as_they_are_compiled(
    tmp_path: Path,
) -> None:
    common = [("one", 0), ("two", 0)]
    scanner: ScannerOf = partial(hyperscan_scanner, directory=tmp_path)
    Prefilter(common, scanner_of=scanner)
    (compiled,) = tmp_path.iterdir()
    both = Prefilter([*common, ("three", 0)], common=2, scanner_of=scanner)
    assert len(list(tmp_path.iterdir())) == 2
    assert compiled.exists()
    assert both.open_for("three two one") == [0, 1, 2]
    assert both.open_for("three") == [2]


def test_a_directory_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    scan, _ = hyperscan_scanner([(1, "unwritable")], tmp_path / "file" / "below")
    assert scan(b"unwritable") == [1]


def test_an_expression_that_a_scanner_refuses_is_always_open() -> None:
    # Far too many states for it.
    huge = "".join(f"(?:{letter}|[0-9a-z]{{1,40}})" for letter in "abcdefgh" * 400)
    scanner: ScannerOf = hyperscan_scanner
    prefilter = Prefilter([("plain", 0), (huge, 0)], scanner_of=scanner)
    assert prefilter.open_for("nothing") == [1]
    assert prefilter.open_for("plain") == [0, 1]


def test_rewritten_patterns_are_kept_and_broken_ones_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns = [("kept[0-9]+", re.IGNORECASE), (r"\p{Lu}x", 0)]
    made = [rewriting.rewritings(patterns, wide=wide, directory=None) for wide in (False, True)]
    assert [one is None for one in made[0]] == [False, True]
    calls: list[str] = []
    original = rewriting.rewritten
    monkeypatch.setattr(
        rewriting,
        "rewritten",
        lambda pattern, *rest, **more: calls.append(pattern) or original(pattern, *rest, **more),
    )
    for content, expected in ((None, 4), (None, 4), ("broken", 8), ("[]", 12), ("null", 16)):
        for file in tmp_path.iterdir() if content else ():
            file.write_text(content)
        assert [
            rewriting.rewritings(patterns, wide=wide, directory=tmp_path) for wide in (False, True)
        ] == made
        assert len(calls) == expected
    rewriting.rewritings([*patterns, ("more", 0)], wide=False, directory=tmp_path)
    rewriting.rewritings([(patterns[0][0], 0), patterns[1]], wide=False, directory=tmp_path)
    assert len(calls) == 21
    monkeypatch.setattr(rewriting.sys, "version", "another")
    assert rewriting.rewritings(patterns, wide=True, directory=tmp_path) == made[1]
    assert len(calls) == 23


def test_rewritten_patterns_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(30):
        rewriting.rewritings([(f"piling{number}", 0)], wide=False, directory=tmp_path)
    assert len(list(tmp_path.iterdir())) == 24


def test_rewritten_patterns_need_no_directory_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    below = tmp_path / "file" / "below"
    assert rewriting.rewritings([("a+b", 0)], wide=False, directory=below) == ["(?:a){1,}b"]
