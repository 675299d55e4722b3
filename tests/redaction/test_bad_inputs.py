"""Inputs that break redactors, each under its id: nothing personal gets through, or the call fails."""

import gzip
import json
import logging
import re
import threading
import time
from collections.abc import Sequence

import pytest
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from lacuna.errors import RedactionFailed
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage, Redactor
from lacuna.redaction import EngineOptions, KnownValueMatcher, PresidioRedactor, build_redactor
from lacuna.redaction.analysis.analyzer import Analyzer

pytestmark = pytest.mark.starts

WILL = Person(
    SubjectRef("r-will"),
    "org-1",
    (),
    (
        Identifier(IdentifierKind.NAME, "Will May"),
        Identifier(IdentifierKind.EMAIL, "will.may@example.org"),
        Identifier(IdentifierKind.PHONE, "+33612345678"),
    ),
    ("Will", "May"),
)
OWN = frozenset({WILL.ref})


@pytest.fixture(scope="module")
def redactor(analyzer: Analyzer) -> Redactor:
    return build_redactor([WILL])


# --- stored data ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["you will get it in may", "It will be 3 May, if you may", "An order will come"],
    ids=["stored_data-25 a", "stored_data-25 b", "stored_data-25 c"],
)
def test_a_name_that_is_a_common_word_is_not_covered_by_itself(
    redactor: Redactor, text: str
) -> None:
    assert redactor.cover([Passage(text)])[0].text == text


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("Dear Will\nMay, hello", "text/plain"),
        ("Dear Will=20May, hello", "text/plain"),
        ("Dear W=\nill May, hello", "text/plain"),
        ("Dear <b>W</b>ill&nbsp;<i>May</i>, hello", "text/html"),
    ],
    ids=[f"stored_data-27 {how}" for how in ("newline", "quoted", "soft break", "tags")],
)
def test_a_name_that_is_split_is_covered_and_the_rest_stays(
    redactor: Redactor, text: str, media_type: str
) -> None:
    result = redactor.cover([Passage(text, media_type)])[0]
    shown = re.sub(r"<[^>]*>", "", result.text)
    assert shown == "Dear [NAME], hello"
    (first, *_), last = result.spans, result.spans[-1]
    assert text[first.start :].startswith(("W", "<b>W"))
    assert text[: last.end].endswith("May")


@pytest.mark.parametrize(
    "number",
    ["+33 (0)6-12.34.56.78", "0033 6 12 34 56 78", "06.12.34.56.78", "(+33)612345678"],
    ids=[f"stored_data-28 {number}" for number in range(4)],
)
def test_a_known_number_is_covered_with_any_separator(redactor: Redactor, number: str) -> None:
    result = redactor.cover([Passage(f"call {number} now")])[0].text
    assert re.search(r"\d", result) is None
    assert result.endswith(" now")


@pytest.mark.long
def test_a_message_of_ten_megabytes_with_many_matches_is_redacted_whole(redactor: Redactor) -> None:
    """stored_data-30: bounded time, nothing left behind the limits of a model or a batch."""
    line = "Will May wrote to will.may@example.org and to john.smith@example.com.\n"
    text = line * (10_000_000 // len(line))
    began = time.process_time()
    result = redactor.redact([Passage(text, own=OWN)])[0].text
    assert time.process_time() - began < 600
    assert "@" not in result
    assert "Will" not in result
    assert result.count("\n") == text.count("\n")


@pytest.mark.long
def test_a_message_of_many_known_values_costs_no_more_than_its_length(redactor: Redactor) -> None:
    """stored_data-30: tens of thousands of matches in one text."""
    text = "Will May, " * 30_000
    began = time.process_time()
    result = redactor.cover([Passage(text)])[0]
    assert time.process_time() - began < 60
    assert "Will" not in result.text
    assert len(result.spans) == 30_000


@pytest.mark.parametrize(
    "text",
    ["\ud800 Will May \udfff", "Will May \x00\x01\ufffe", "\ufeffWill\ufeff May", "Wi\u200bll May"],
    ids=[f"stored_data-32 {what}" for what in ("surrogate", "control", "mark", "zero width")],
)
def test_broken_characters_hide_no_name_and_stay_as_they_are(redactor: Redactor, text: str) -> None:
    result = redactor.redact([Passage(text, own=OWN)])[0].text
    assert "Will" not in result
    assert "May" not in result
    assert "[NAME]" in result
    # What is not within the name is not touched.
    assert result[:1] in (text[:1], "[")


def test_the_keys_of_a_document_are_searched_too(redactor: Redactor) -> None:
    """stored_data-33."""
    document = {"will.may@example.org": {"Will May": [33612345678, "x"]}}
    passage = Passage(json.dumps(document), is_document=True)
    result = json.loads(redactor.cover([passage])[0].text)
    assert result == {"[EMAIL]": {"[NAME]": ["[PHONE]", "x"]}}


def test_bytes_of_a_packed_mail_are_no_text_and_make_no_redactor_fail(redactor: Redactor) -> None:
    """stored_data-35: redaction treats texts; what is packed is for verification to unpack."""
    packed = gzip.compress(b"Will May").decode("latin-1")
    assert redactor.cover([Passage(packed)])[0].text == packed


def test_an_agent_of_the_same_name_stays_where_the_name_is_the_agents(redactor: Redactor) -> None:
    """stored_data-37."""
    passage = Passage("Kind regards, Will Mayfield, support", kept_names=("Will Mayfield",))
    assert redactor.cover([passage])[0].text == passage.text


def test_the_message_of_another_that_quotes_the_person_stays_but_for_the_person(
    redactor: Redactor,
) -> None:
    """stored_data-38."""
    text = "Lise Holm here.\n> From: Will May <will.may@example.org>\n> hello Lise\n"
    assert redactor.cover([Passage(text)])[0].text == (
        "Lise Holm here.\n> From: [NAME] <[EMAIL]>\n> hello Lise\n"
    )


# --- recognizers that fail ------------------------------------------------------------------------


class Custom(EntityRecognizer):
    """A recognizer that somebody wrote: hangs until it is let go, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(supported_entities=["X"], supported_language="en", name="Custom")
        self.gate = threading.Event()
        self.error = error

    def load(self) -> None:
        pass

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts
    ) -> list[RecognizerResult]:
        if "poison" not in text:
            return []
        if self.error is not None:
            raise self.error
        self.gate.wait()
        return []


def redactor_with(recognizer: EntityRecognizer, **limits: float) -> Redactor:
    options = EngineOptions(**limits)
    return PresidioRedactor(
        KnownValueMatcher([]), options=options, detector=Analyzer(options, [recognizer])
    )


def test_a_recognizer_that_hangs_fails_the_call_in_bounded_time() -> None:
    recognizer = Custom()
    redactor = redactor_with(recognizer, hang_seconds=3.0)
    began = time.monotonic()
    with pytest.raises(RedactionFailed, match="did not finish") as failure:
        redactor.redact([Passage("secret-canary poison")])
    assert time.monotonic() - began < 30
    assert "canary" not in str(failure.value)
    with pytest.raises(RedactionFailed, match="is still running"):
        redactor.redact([Passage("Ask John Smith")])
    recognizer.gate.set()


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+$", r"(?:a|a)*b", r"(.*,){20}x", r"(\w+\s?)*!"],
    ids=[f"data_map-27 {number}" for number in range(4)],
)
def test_a_pattern_that_backtracks_for_ever_fails_the_call_or_ends(pattern: str) -> None:
    recognizer = PatternRecognizer(
        supported_entity="X", patterns=[Pattern("slow", pattern, 0.5)], name="Slow"
    )
    redactor = redactor_with(recognizer, batch_seconds=5.0, pattern_seconds=0.5)
    text = "Ask John Smith: " + "a" * 3_000 + "," * 30 + " " + "word " * 300
    began = time.monotonic()
    outcome = ""
    try:
        outcome = redactor.redact([Passage(text)])[0].text
    except RedactionFailed as failure:
        outcome = str(failure)
    assert "Smith" not in outcome
    assert "[NAME]" in outcome or "timed out" in outcome
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "error",
    [ValueError("secret-canary"), MemoryError("secret-canary"), StopIteration("secret-canary")],
    ids=lambda error: type(error).__name__,
)
def test_one_text_that_makes_a_recognizer_fail_lets_none_of_the_call_through(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    redactor = redactor_with(Custom(error))
    texts: Sequence[str] = ["Ask John Smith"] * 3 + ["secret-canary poison"]
    with pytest.raises(RedactionFailed, match=r"failed with \w+ in .* 2 texts") as failure:
        redactor.redact([Passage(text) for text in texts])
    assert "canary" not in str(failure.value) + caplog.text
    assert failure.value.__context__ is None
    assert redactor.redact([Passage("Ask John Smith")])[0].text == "Ask [NAME]"


def test_a_name_anywhere_in_a_text_of_many_parts_is_found(redactor: Redactor) -> None:
    options = EngineOptions(chunk_characters=1_000)
    long = PresidioRedactor(KnownValueMatcher([]), options=options, detector=Analyzer(options))
    for before in range(900, 1_100, 15):
        filler = "the parcel is late again " * 60
        text = f"{filler[:before]}. I am john.smith@example.com, ok? {filler}"
        assert "example.com" not in long.redact([Passage(text)])[0].text
