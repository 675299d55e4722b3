"""What is read of a long text grows with the text alone; nothing in it is found less for that."""

import re
from collections.abc import Sequence

import pytest

from lacuna.ports import Passage, Span
from lacuna.redaction import KnownValueMatcher, PresidioRedactor

SENTENCES = (
    "The parcel of last week is still at the depot.",
    "Nobody there could say when it leaves.",
    "The invoice has two lines too many!",
    "Could the amount be paid back before the end of the month?",
)
# Each is found only when the one before it is covered, so each needs another look.
CHAIN = " ".join(f"Link{number}" for number in range(4))
HIDDEN = "Na\u00adme"


class Reader:
    """Finds `Name`, `Link0` and a link behind a placeholder; counts what it reads."""

    def __init__(self) -> None:
        self.characters = 0

    def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
        self.characters += sum(len(text) for text, _ in texts)
        pattern = re.compile(r"\bName\b|Link0|(?<=\[NAME\] )Link\d")
        return [
            tuple(Span(*found.span(), "PERSON", 0.8) for found in pattern.finditer(text))
            for text, _ in texts
        ]


def long_text(length: int, *said: str, apart: str = "\n\n") -> str:
    """Return paragraphs of about `length` characters, with what is said evenly among them."""
    paragraphs = [
        " ".join(SENTENCES[(number + one) % len(SENTENCES)] for one in range(5))
        for number in range(length // 220)
    ]
    for place, one in enumerate(said, start=1):
        at = place * len(paragraphs) // (len(said) + 1)
        paragraphs[at] += f" {one} {paragraphs[at]}"
    return apart.join(paragraphs)


def redacted(text: str) -> tuple[str, Reader]:
    """Return a text without what the reader finds, and the reader."""
    reader = Reader()
    redactor = PresidioRedactor(KnownValueMatcher([]), detector=reader)
    return redactor.redact([Passage(text, language="en")])[0].text, reader


@pytest.mark.parametrize("said", [(), (HIDDEN,), ("Name", CHAIN), (CHAIN, HIDDEN, CHAIN)], ids=repr)
def test_a_text_of_many_paragraphs_is_read_a_number_of_times_that_does_not_grow(said) -> None:
    for length in (40_000, 160_000, 640_000):
        text = long_text(length, *said)
        assert redacted(text)[1].characters < (2.2 + 150_000 / length) * len(text)


def test_a_text_that_holds_more_the_longer_it_is_is_read_as_often() -> None:
    """With a name in each thousand characters, some of them hidden, and a few in a chain."""
    for length in (40_000, 160_000, 640_000):
        said = [*["Name", HIDDEN, "Name", "Link0 Link1"] * (length // 4_000), CHAIN]
        text = long_text(length, *said)
        assert redacted(text)[1].characters < 7 * len(text)


@pytest.mark.parametrize("apart", ["\n\n", "\n", " ", "-"], ids=repr)
@pytest.mark.parametrize("length", [9_000, 11_000, 50_000])
def test_all_is_found_in_a_long_text(length: int, apart: str) -> None:
    text = long_text(length, "Name", CHAIN, HIDDEN, f"{HIDDEN} Link1", CHAIN, apart=apart)
    covered = re.sub(
        rf"{CHAIN}|{HIDDEN}|Name|Link1", lambda one: "[NAME]" + " [NAME]" * one[0].count(" "), text
    )
    found, _ = redacted(text)
    assert found == covered
    assert redacted(found)[0] == found


def test_a_name_is_found_wherever_a_part_of_the_text_ends() -> None:
    text = long_text(12_000, apart=" ")
    for at in range(3_700, 4_300, 7):
        hidden = f"{text[:at]} {HIDDEN} {text[at:]}"
        assert redacted(hidden)[0] == f"{text[:at]} [NAME] {text[at:]}"


def test_a_short_text_is_read_whole_each_time() -> None:
    text = long_text(9_000, CHAIN)
    found, reader = redacted(text)
    assert "Link" not in found
    assert reader.characters > 5 * len(text)
