"""The redactor covers known values and what the detectors find, or it raises."""

import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from lacuna.errors import ConfigurationError, RedactionFailed
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage, Redacted, Redactor, Span
from lacuna.redaction import (
    EngineOptions,
    KnownValueMatcher,
    PresidioRedactor,
    build_redactor,
)
from lacuna.redaction.analysis.analyzer import Analyzer, chunks, shared_analyzer

ANNA = Person(
    SubjectRef("r-anna"),
    "org-1",
    (),
    (
        Identifier(IdentifierKind.NAME, "Anna Berg"),
        Identifier(IdentifierKind.EMAIL, "anna.berg@example.org"),
        Identifier(IdentifierKind.PHONE, "+4512345678"),
        Identifier(IdentifierKind.EXTERNAL_ID, "CUST-0000123"),
    ),
    ("Anna", "Berg"),
)
OWN = frozenset({ANNA.ref})


@pytest.fixture(scope="module")
def redactor(analyzer: Analyzer) -> Redactor:
    return build_redactor([ANNA])


def redacted(redactor: Redactor, text: str, media_type: str = "text/plain") -> str:
    return redactor.redact([Passage(text, media_type, own=OWN)])[0].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Where is my parcel?", "Where is my parcel?"),
        ("Hi, I am Anna Berg.", "Hi, I am [NAME]."),
        ("Please ask John Smith about it.", "Please ask [NAME] about it."),
        ("Mail lise@example.com or lise@mail.internal!", "Mail [EMAIL] or [EMAIL]!"),
        ("My phone is +44 20 7946 0958.", "My phone is [PHONE]."),
        ("My number: 20 30 40 50", "My number: [PHONE]"),
        ("My card is 4111 1111 1111 1111.", "My card is [ID]."),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [ID]"),
        ("cpr 010203-1234", "cpr [ID]"),
        ("She was born on 12 March 1985.", "She was born on [DATE]."),
        ("See you tomorrow at 10.", "See you tomorrow at 10."),
        ("We live in London now.", "We live in [LOCATION] now."),
        ("Order CUST-0000123 is late", "Order [ID] is late"),
        ("read https://www.example.com/a?user=1 first", "read [URL] first"),
    ],
)
def test_a_text_is_redacted(redactor: Redactor, text: str, expected: str) -> None:
    assert redacted(redactor, text) == expected


@pytest.mark.parametrize(
    "address",
    [
        "221B Baker Street, London NW1 6XE",
        "1600 Pennsylvania Ave, Washington",
        "350 Fifth Avenue, Apt 12, New York, NY 10118",
        "Storgade 5, 2. tv, 8000 Aarhus C",
        "Nørre Allé 12, st. th, 2200 København N",
        "Hauptstraße 12a, 10115 Berlin",
        "Sveavägen 44, 111 34 Stockholm",
        "Kalverstraat 92, 1012 PH Amsterdam",
        "Karl Johans gate 22, 0162 Oslo",
        "Mannerheimintie 5",
        "12 rue de la Paix, 75002 Paris",
        "24 bis, avenue de l'Opéra, 75001 Paris",
        "Calle Mayor 5, 28013 Madrid",
        "via Roma 12, 00184 Roma",
        "Rua Augusta 100, 1100-053 Lisboa",
        "ul. Długa 7, 00-238 Warszawa",
        "P.O. Box 1234",
    ],
)
def test_a_street_address_is_covered_whole(redactor: Redactor, address: str) -> None:
    assert redacted(redactor, f"x {address}\n") == "x [ADDRESS]\n"


@pytest.mark.parametrize(
    "text",
    [
        "3 ways to pay",
        "I have 2 questions",
        "it costs 100 in the shop",
        "navigate 5 pages",
        "in the last decade 10 parcels got lost",
        "during 20 days",
    ],
)
def test_what_is_no_address_stays(redactor: Redactor, text: str) -> None:
    assert redacted(redactor, text) == text


def test_spans_lie_in_the_original_and_the_rest_is_unchanged(redactor: Redactor) -> None:
    text = "Anna Berg, ask John Smith: john.smith@example.com, 12345678. Thanks!"
    result = redactor.redact([Passage(text, own=OWN)])[0]
    assert [(text[s.start : s.end], s.label, s.subjects) for s in result.spans] == [
        ("Anna Berg", "PERSON", OWN),
        ("John Smith", "PERSON", frozenset()),
        ("john.smith@example.com", "EMAIL_ADDRESS", frozenset()),
        ("12345678", "PHONE_NUMBER", OWN),
    ]
    assert result.text == "[NAME], ask [NAME]: [EMAIL], [PHONE]. Thanks!"


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("<p>at the desk</p>\n<p>+91 11 4565 0000</p>\n<p>Kind</p>", "text/html"),
        ("> at the desk\n>\n> +91 11 4565 0000\n>\n> Kind", "text/plain"),
    ],
)
def test_a_number_is_covered_although_it_is_also_taken_for_a_time(
    text: str, media_type: str
) -> None:
    class TimeAndNumber:
        def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
            return [tuple(self.found(text)) for text, _ in texts]

        def found(self, text: str) -> list[Span]:
            at = text.find("+91")
            if at < 0:
                return []
            return [
                Span(at, at + 16, "DATE_TIME", 0.85),
                Span(at, at + 16, "PHONE_NUMBER", 0.6),
            ]

    redactor = PresidioRedactor(KnownValueMatcher([]), detector=TimeAndNumber())
    covered = redactor.redact([Passage(text, media_type)])[0].text
    assert covered == text.replace("+91 11 4565 0000", "[PHONE]")


def test_known_values_are_covered_and_detectors_not_asked_for_texts_of_others() -> None:
    class NeverAsked:
        def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
            raise AssertionError(f"asked for {len(texts)} texts")

    redactor = PresidioRedactor(KnownValueMatcher([ANNA]), detector=NeverAsked())
    text = "Anna said: ask John Smith or Anna Berg <anna.berg@example.org>"
    html = "Anna <b>Berg</b> &amp; Lise<br>Anna Berg"
    assert [r.text for r in redactor.cover([Passage(text), Passage(html, "text/html")])] == [
        "Anna said: ask John Smith or [NAME] <[EMAIL]>",
        "[NAME]<b></b> &amp; Lise<br>[NAME]",
    ]


def test_an_allowed_identifier_survives_cover_and_redact(redactor: Redactor) -> None:
    phone = frozenset({Identifier(IdentifierKind.PHONE, "+4512345678")})
    passage = Passage("Ring +45 12 34 56 78 or 20 30 40 50", allowed=phone)
    assert redactor.cover([passage])[0].text == passage.text
    assert redactor.redact([passage])[0].text == "Ring +45 12 34 56 78 or [PHONE]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kind regards, Anna Holm", "Kind regards, Anna Holm"),
        ("Anna Holm asked John Smith.", "Anna Holm asked [NAME]."),
        ("Hi Anna, Anna Holm has sent it.", "Hi [NAME], Anna Holm has sent it."),
        ("I spoke with Mr Holm yesterday.", "I spoke with Mr Holm yesterday."),
    ],
)
def test_the_names_of_agents_stay(redactor: Redactor, text: str, expected: str) -> None:
    passage = Passage(text, own=OWN, kept_names=("Anna Holm", "Bo Lind"))
    assert redactor.redact([passage])[0].text == expected


def test_the_names_that_stay_are_those_of_each_passage(redactor: Redactor) -> None:
    text = "Anna Holm and Bo Lind asked John Smith."
    kept = [("Anna Holm",), (), ("Bo Lind",), ("Anna Holm",)]
    found = redactor.redact([Passage(text, kept_names=names) for names in kept])
    assert [one.text for one in found] == [
        "Anna Holm and [NAME] asked [NAME].",
        "[NAME] and [NAME] asked [NAME].",
        "[NAME] and Bo Lind asked [NAME].",
        "Anna Holm and [NAME] asked [NAME].",
    ]


# --- HTML -----------------------------------------------------------------------------------------


def test_html_keeps_its_tags_and_loses_the_values_in_text_and_attributes(
    redactor: Redactor,
) -> None:
    html = (
        '<p class="a">Hi <b>Anna</b> Berg &amp; co,<br/>call John&nbsp;Smith: '
        '<a href="mailto:john.smith@example.com?subject=Hi" title="Write to John Smith">'
        "john.smith@example.com</a></p>"
        '<img src="https://track.example.com/open?u=anna" alt="photo of Anna Berg">'
        "<style>.smith { color: red }</style>"
        "<!-- from anna.berg@example.org -->"
    )
    assert redacted(redactor, html, "text/html") == (
        '<p class="a">Hi <b>[NAME]</b> &amp; co,<br/>call [NAME]: '
        '<a href="mailto:[EMAIL]" title="Write to [NAME]">'
        "[EMAIL]</a></p>"
        '<img src="[URL]" alt="photo of [NAME]">'
        "<style>.smith { color: red }</style>"
        "<!-- from [EMAIL] -->"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Hi, I am Anna Berg.",
        "Mail lise@example.com, or call +44 20 7946 0958.",
        "I live at 221B Baker Street, London NW1 6XE",
        "Please ask John Smith in Copenhagen.",
    ],
)
def test_html_and_plain_text_are_redacted_in_step(redactor: Redactor, text: str) -> None:
    words = re.split(r"( )", text)
    html = "<div><p>" + "".join(f"<i>{w}</i>" if w != " " else w for w in words) + "</p></div>"
    plain = redacted(redactor, text)
    result = redacted(redactor, html, "text/html")
    shown = re.sub(r"<[^>]*>", "", result)
    assert " ".join(shown.split()) == " ".join(plain.split())
    assert re.findall(r"<[^>]*>", result) == re.findall(r"<[^>]*>", html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<style>a { b: c }</style>John Smith called", "<style>a { b: c }</style>[NAME] called"),
        (
            '<script type="application/ld+json">{"name": "John Smith"}</script>',
            '<script type="application/ld+json">{"name": "[NAME]"}</script>',
        ),
        ("<style>x <b>Please ask John Smith</b>", "<style>x <b>Please ask [NAME]</b>"),
        ("<!-- Please ask John Smith. -->x", "<!-- Please ask [NAME]. -->x"),
        ("<img data-who='John Smith'>", "<img data-who='[NAME]'>"),
        ("<a href=tel:+4420794609>x</a>", "<a href=tel:[PHONE]>x</a>"),
        ("<a href=''>x</a>", "<a href=''>x</a>"),
        ("Ask &quot;John Smith&quot; &amp; co", "Ask &quot;[NAME]&quot; &amp; co"),
    ],
)
def test_every_place_of_html_that_holds_text_is_read(
    redactor: Redactor, html: str, expected: str
) -> None:
    assert redacted(redactor, html, "text/html") == expected


@pytest.mark.parametrize(
    "html",
    [
        "<style>" * 10_000,
        "<b>anna</b>" * 5_000,
        "<a href='//x.example'>" * 5_000,
        "<p title='" * 9_000,
    ],
    ids=["styles", "names", "links", "quotes"],
)
def test_a_hostile_html_costs_no_more_than_its_length(html: str) -> None:
    class Nothing:
        def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
            return [() for _ in texts]

    redactor = PresidioRedactor(KnownValueMatcher([ANNA]), detector=Nothing())
    began = time.process_time()
    redactor.redact([Passage(html, "text/html", own=OWN)])
    assert time.process_time() - began < 10


def test_an_email_address_in_html_is_covered_as_in_plain_text(redactor: Redactor) -> None:
    plain = "Write to <lise.holm@example.com> today"
    html = 'Write to &lt;<a href="mailto:lise.holm%40example.com">lise.<wbr>holm@example.com</a>&gt; today'
    assert redacted(redactor, plain) == "Write to <[EMAIL]> today"
    assert redacted(redactor, html, "text/html") == (
        'Write to &lt;<a href="mailto:[EMAIL]">[EMAIL]<wbr></a>&gt; today'
    )


# --- the same again -------------------------------------------------------------------------------

_PARTS = st.sampled_from(
    [
        "Anna Berg",
        "anna",
        "Bergs",
        "John Smith",
        "Mr",
        "[NAME]",
        "[PHONE]",
        "lise@example.com",
        "+44 20 7946 0958",
        "12 March 1985",
        "Storgade 5",
        "Copenhagen",
        "\n",
        ", ",
        ". ",
        "<b>",
        "</b>",
        "<br>",
        '<a href="mailto:a@example.com">',
        "&nbsp;",
        "&amp;",
        "hello and thanks",
        "\ud800",
        "4111 1111 1111 1111",
    ]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PARTS, max_size=12), st.sampled_from(["text/plain", "text/html"]))
def test_redacting_twice_changes_nothing(
    redactor: Redactor, parts: list[str], media_type: str
) -> None:
    once = redactor.redact([Passage(" ".join(parts), media_type, own=OWN, language="en")])[0].text
    again = redactor.redact([Passage(once, media_type, own=OWN, language="en")])[0]
    assert again == Redacted(once, ())


@pytest.mark.parametrize(
    "text",
    [
        "Anna Berg Copenhagen",
        ",  lise@example.com Copenhagen </b>",
        "Anna Berg &amp; lise@example.com Copenhagen",
        "Copenhagen </b> +44 20 7946 0958 lise@example.com Storgade 5",
    ],
)
def test_what_is_covered_told_no_language(redactor: Redactor, text: str) -> None:
    once = redacted(redactor, text)
    assert redacted(redactor, once) == once


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PARTS, max_size=12), st.sampled_from(["text/plain", "text/html"]))
def test_outside_the_spans_the_text_is_unchanged(
    redactor: Redactor, parts: list[str], media_type: str
) -> None:
    text = " ".join(parts)
    result = redactor.redact([Passage(text, media_type, own=OWN)])[0]
    kept, done = [], 0
    for span in result.spans:
        kept.append(text[done : span.start])
        done = span.end
    kept.append(text[done:])
    pattern = r"(?:\[[A-Z]+\])?".join(map(re.escape, kept))
    assert re.fullmatch(pattern, result.text) is not None


def test_equal_texts_of_one_call_are_analyzed_once() -> None:
    class Counting:
        texts: list[str]

        def __init__(self) -> None:
            self.texts = []

        def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
            self.texts += [text for text, _ in texts]
            return [() for _ in texts]

    counting = Counting()
    redactor = PresidioRedactor(KnownValueMatcher([ANNA]), detector=counting)
    passages = [Passage("hello"), Passage("hello"), Passage("hello", own=OWN), Passage("bye")]
    assert [r.text for r in redactor.redact(passages)] == ["hello", "hello", "hello", "bye"]
    assert counting.texts == ["hello", "bye"]


def test_a_result_does_not_depend_on_the_batch(redactor: Redactor) -> None:
    texts = [
        f"Please ask John Smith about parcel {number} in London, or mail a{number}@example.com"
        for number in range(300)
    ]
    together = redactor.redact([Passage(text) for text in texts])
    assert {re.sub(r"\d+", "", r.text) for r in together} == {
        "Please ask [NAME] about parcel  in [LOCATION], or mail [EMAIL]"
    }
    alone = [redactor.redact([Passage(text)])[0] for text in texts[:5]]
    assert together[:5] == alone


# --- long texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [" ", "\n", ""])
def test_chunks_cover_the_text_and_overlap(blank: str) -> None:
    text = blank.join(["word" * 5] * 1000)
    parts = list(chunks(text, 1500))
    assert parts[0][0] == 0
    assert all(text[start : start + len(part)] == part for start, part in parts)
    assert all(len(part) <= 1500 for _, part in parts)
    ends = [start + len(part) for start, part in parts]
    assert ends[-1] == len(text)
    assert all(after - 100 > 0 for after in ends)
    assert all(start <= end - 300 for (start, _), end in zip(parts[1:], ends, strict=False))


def test_a_text_longer_than_the_models_limit_is_redacted(analyzer: Analyzer) -> None:
    options = EngineOptions(chunk_characters=2_000)
    redactor = PresidioRedactor(
        KnownValueMatcher([ANNA]), options=options, detector=Analyzer(options)
    )
    sentence = "Then we asked John Smith about the parcel again. "
    text = sentence * 200
    result = redactor.redact([Passage(text)])[0]
    assert result.text == text.replace("John Smith", "[NAME]")


# --- failing closed -------------------------------------------------------------------------------


class Failing(EntityRecognizer):
    def __init__(self, error: Exception | None = None, seconds: float = 0.0) -> None:
        super().__init__(supported_entities=["X"], supported_language="en", name="Failing")
        self.error, self.seconds = error, seconds

    def load(self) -> None:
        pass

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts
    ) -> list[RecognizerResult]:
        time.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return []


def slow_pattern() -> PatternRecognizer:
    return PatternRecognizer(
        supported_entity="X",
        patterns=[Pattern("catastrophic", r"(?:a|a)*(?:a|aa)+$(?<!a)b", 0.5)],
        supported_language="en",
        name="Slow",
    )


class Swallowing(Failing):
    """As Presidio's IBAN recognizer: logs a time-out and goes on."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts
    ) -> list[RecognizerResult]:
        logging.getLogger("presidio-analyzer").warning("Regex '%s' timed out, skipping.", text)
        return []


@pytest.mark.parametrize(
    ("recognizer", "message"),
    [
        (Failing(ValueError("secret-canary")), "failed with ValueError"),
        (Failing(TimeoutError("secret-canary")), "failed with TimeoutError"),
        (Failing(RecursionError("secret-canary")), "failed with RecursionError"),
        (Failing(seconds=1.2), "timed out"),
        (slow_pattern(), "timed out"),
        (Swallowing(), "timed out"),
    ],
    ids=["raises", "times out", "recursion", "sleeps", "slow pattern", "swallowed"],
)
def test_a_detector_that_fails_or_is_slow_fails_the_call(
    recognizer: EntityRecognizer,
    message: str,
    analyzer: Analyzer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # What a process does once, as compiling patterns, takes none of the second below.
    analyzer.detect([("Good morning, the parcel is here.", "en")])
    caplog.set_level(logging.DEBUG)
    options = EngineOptions(batch_seconds=1.0, pattern_seconds=0.3)
    redactor = PresidioRedactor(
        KnownValueMatcher([ANNA]), options=options, detector=Analyzer(options, [recognizer])
    )
    passages = [Passage("secret-canary ab " + "a" * 5_000), Passage("secret-canary")]
    with pytest.raises(RedactionFailed, match=f"{message}.* 2 texts") as failure:
        redactor.redact(passages)
    assert "canary" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None
    assert "canary" not in caplog.text


def test_a_matcher_that_fails_fails_the_call() -> None:
    class Broken:
        def find(self, passage: Passage) -> tuple[Span, ...]:
            raise KeyError(passage.text)

        def find_all(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
            return [self.find(passage) for passage in passages]

    redactor = PresidioRedactor(Broken())
    with pytest.raises(RedactionFailed, match="KeyError; 1 texts") as failure:
        redactor.cover([Passage("secret-canary")])
    assert "canary" not in str(failure.value)
    assert failure.value.__context__ is None


def test_a_failed_call_does_not_spoil_the_next(redactor: Redactor) -> None:
    options = EngineOptions(batch_seconds=0.001)
    failing = PresidioRedactor(KnownValueMatcher([]), options=options)
    with pytest.raises(RedactionFailed):
        failing.redact([Passage(f"Ask John Smith {number}") for number in range(50)])
    assert redacted(redactor, "Please ask John Smith about it.") == "Please ask [NAME] about it."


@pytest.mark.parametrize("text", ["\ud800", "a \udfff John Smith", "\x00", "\u200b", "🎉" * 50])
def test_broken_text_is_redacted_too(redactor: Redactor, text: str) -> None:
    for media_type in ("text/plain", "text/html"):
        result = redacted(redactor, f"{text} Please ask John Smith about it. {text}", media_type)
        assert "John" not in result
        assert result.startswith(text[:1])


# --- logs, network, memory, start -----------------------------------------------------------------


def test_nothing_is_logged_printed_or_fetched(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    caplog.set_level(logging.DEBUG)
    text = (
        "canary@example.com, call Canary Smith, IBAN DE89 3704 0044 0532 0130 00, +44 20 7946 0958"
    )
    options = EngineOptions(pattern_seconds=9.0)
    redactor = PresidioRedactor(
        KnownValueMatcher([ANNA]), options=options, detector=Analyzer(options)
    )
    result = redactor.redact([Passage(text)])[0]
    assert result.text.startswith("[EMAIL]")
    assert "anary" not in caplog.text
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_importing_the_package_and_building_a_redactor_load_no_engine() -> None:
    code = (
        "import sys; from lacuna.redaction import build_redactor; build_redactor([]); "
        "print([m for m in ('spacy', 'presidio_analyzer', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_engines_with_equal_options_share_one_loaded_analyzer(analyzer: Analyzer) -> None:
    assert shared_analyzer(EngineOptions()) is analyzer
    began = time.monotonic()
    for _ in range(50):
        build_redactor([ANNA]).redact([Passage("")])
    assert time.monotonic() - began < 10


@pytest.mark.thorough
def test_the_vocabulary_does_not_grow_with_the_texts(analyzer: Analyzer) -> None:
    from lacuna.redaction.analysis.models import loaded
    from lacuna.redaction.options import DEFAULT_MODEL

    strings = loaded(DEFAULT_MODEL).vocab.strings
    analyzer.detect([("warm up", None)])
    before = len(strings)
    words = " ".join(f"zq{number}xv" for number in range(2_000))
    analyzer.detect([(words, None)])
    assert len(strings) - before < 50


def test_names_that_make_the_next_word_look_like_one_come_to_an_end() -> None:
    asked = []

    class NextWord:
        def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
            asked.append(len(texts))
            return [
                tuple(
                    Span(match.start(), match.end(), label, 0.9)
                    for label, pattern in (("PERSON", r"\bw\d+"), ("PHONE_NUMBER", r"\b77\d+"))
                    for match in [re.search(pattern, text)]
                    if match is not None
                )
                for text, _ in texts
            ]

    text = " ".join(f"w{number} 77{number}" for number in range(30))
    redactor = PresidioRedactor(KnownValueMatcher([]), detector=NextWord())
    result = redactor.redact([Passage(text, language="en")])[0].text
    assert result.count("[NAME]") == 6
    # What is found by its form is covered as long as there is any.
    assert "77" not in result
    assert len(asked) == 31


def test_a_model_that_is_not_installed_is_named() -> None:
    options = EngineOptions(models=(("da", "no_such_model_installed"),))
    with pytest.raises(ConfigurationError, match="no_such_model_installed"):
        Analyzer(options)


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": ()},
        {"score_threshold": 1.5},
        {"batch_size": 0},
        {"chunk_characters": 10},
        {"batch_seconds": 0},
        {"pattern_seconds": -1},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="redaction:"):
        EngineOptions(**wrong)
