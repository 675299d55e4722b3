"""A megabyte of text made to keep a recognizer busy takes it a bounded time, whichever it is."""

import time

import pytest
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from lacuna.redaction import EngineOptions, Profile
from lacuna.redaction.analysis.analyzer import Analyzer
from lacuna.redaction.analysis.one_pass_phones import PhoneFinder
from lacuna.redaction.recognizers import all_for

MEGABYTE = 1_000_000
PART = EngineOptions().chunk_characters
MOST_SECONDS = 60

# Each repeats what some pattern repeats, and never becomes what the pattern ends with.
UNITS = (
    *("1.", "1 ", "a-", "1-", "a@", "(1)", "12345678 ", "w.", '"1.1.1.', "Aa 1, "),
    *("1 x 1 ", "Tel 1", "Dear ", "::", "A1", "1/", "rue ", "order 1", "1\u00a0", "a"),
    *("+1 ", "1,", "12.12.", "1234 ", "1", "a.", "@a", "-@b.c", "www.", "http://", '"a', "1:"),
    *("a:", "AB ", "bc1", "_", " ", "\n", "A. ", "Aa ", "Aa, ", "Aa-", "Aa\n", "I am ", "Mr. "),
    *("12 Main ", "1 Aa ", "born 1", "no. 1", "cpr 1", "?a=b&", "//a", "é", "\u0661", "&amp;"),
    *(
        "Kundennr. 1234 ",
        "nr ",
        "n. 1-",
        "A1-",
        "AB 12 ",
        "order 1234 og ",
        "12 is my number ",
        "a-b-",
    ),
)
PARTS = [(unit * PART)[:PART] for unit in UNITS]


def named() -> dict[str, EntityRecognizer]:
    found: dict[str, EntityRecognizer] = {}
    for profile in Profile:
        for one in all_for("en", EngineOptions(profile=profile)):
            found.setdefault(type(one).__name__, one)
    return found


RECOGNIZERS = named()


def read(recognizer: EntityRecognizer, text: str) -> None:
    if type(recognizer) is PhoneRecognizer:
        # The engine reads a text for all its countries at once.
        PhoneFinder(recognizer.supported_regions, recognizer.leniency).find(text)
    else:
        recognizer.analyze(text, recognizer.supported_entities, None)


@pytest.mark.long
@pytest.mark.parametrize("name", RECOGNIZERS)
def test_a_megabyte_is_read_in_bounded_time(name: str) -> None:
    began = time.process_time()
    for part in PARTS[: MEGABYTE // PART]:
        # A pattern that took longer than the options' ten seconds would raise here.
        read(RECOGNIZERS[name], part)
    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.long
@pytest.mark.parametrize("name", RECOGNIZERS)
def test_whatever_is_repeated_is_read_in_bounded_time(name: str) -> None:
    for part in PARTS:
        began = time.process_time()
        read(RECOGNIZERS[name], part)
        assert time.process_time() - began < MOST_SECONDS * PART / MEGABYTE


@pytest.mark.long
def test_the_whole_engine_reads_it_all(analyzer: Analyzer) -> None:
    began = time.process_time()
    found = analyzer.detect([(part, "en") for part in PARTS])
    assert len(found) == len(PARTS)
    assert time.process_time() - began < 5 * MOST_SECONDS
