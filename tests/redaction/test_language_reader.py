"""Every recognizer that Presidio takes plugs in, and every way to a result comes to the same one."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from lacuna.errors import RedactionFailed
from lacuna.ports import Span
from lacuna.redaction import EngineOptions, Profile
from lacuna.redaction.analysis.analyzer import Analyzer, shared_analyzer
from lacuna.redaction.analysis.preconditions import Prefiltered

pytestmark = pytest.mark.starts

TEXTS = (
    "Hello, my name is Margaret Thornton, call me on 212-555-5555.",
    "Ordre nr. 4711-22 til Søren Ågård, tlf. 20 30 40 50",
    "My card 4111 1111 1111 1111 was charged twice in London.",
    "IBAN GB29 NWBK 6016 1331 9268 19, mail orders@example.com or www.example.org/a?b=1",
    "My numbers are calling 945456787654, the account.",
    "Nothing at all.",
    "",
)


class Asked(EntityRecognizer):
    """Finds a word and says how often it was asked."""

    def __init__(self, word: str) -> None:
        super().__init__(
            supported_entities=["WORD"], supported_language="en", name="Asked", context=["Ordre"]
        )
        self.word = word
        self.asked = 0

    def load(self) -> None:
        pass

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts
    ) -> list[RecognizerResult]:
        self.asked += 1
        at = text.find(self.word)
        return [RecognizerResult("WORD", at, at + len(self.word), 0.5)] if at >= 0 else []


class PrefilteredAsked(Asked):
    prefilter_patterns: Sequence[str] = (r"nr\.",)


class Reading(Asked):
    """Looks at everything that the model says of a text."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts
    ) -> list[RecognizerResult]:
        words = [token.lemma_ for token in nlp_artifacts.tokens]
        assert words == nlp_artifacts.lemmas
        named = [one.label_ for one in nlp_artifacts.entities]
        return [RecognizerResult("WORD", 0, len(text), 0.9)] if "PERSON" in named else []


class Lifting(Asked):
    def enhance_using_context(
        self,
        text: str,
        raw_recognizer_results: list[RecognizerResult],
        other_raw_recognizer_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        for one in raw_recognizer_results:
            one.score = 0.95
            one.recognition_metadata[RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY] = True
        return raw_recognizer_results


def found(analyzer: Analyzer, label: str | None = None) -> list[set[Span]]:
    results = analyzer.detect([(text, "en") for text in TEXTS])
    return [{span for span in row if label in (None, span.label)} for row in results]


def test_a_recognizer_without_a_gate_is_asked_about_every_text() -> None:
    recognizer = Asked("4711")
    assert not isinstance(recognizer, Prefiltered)
    spans = found(Analyzer(EngineOptions(), [recognizer]), "WORD")
    # Its context word is in the text: Presidio lifts 0.5 by 0.35.
    assert spans == [set(), {Span(10, 14, "WORD", 0.85)}, set(), set(), set(), set(), set()]
    assert recognizer.asked == len(TEXTS)


def test_a_recognizer_with_a_gate_is_asked_where_its_pattern_matches() -> None:
    recognizer = PrefilteredAsked("4711")
    assert isinstance(recognizer, Prefiltered)
    spans = found(Analyzer(EngineOptions(), [recognizer]), "WORD")
    assert [len(row) for row in spans] == [0, 1, 0, 0, 0, 0, 0]
    assert recognizer.asked == 1


def test_a_users_patterns_and_words_are_found() -> None:
    orders = PatternRecognizer(
        "ORDER", name="Orders", patterns=[Pattern("order", r"\b\d{4}-\d{2}\b", 0.2)], context=["nr"]
    )
    words = PatternRecognizer("PLACE", name="Places", deny_list=["Ågård", "London"])
    analyzer = Analyzer(EngineOptions(), [orders, words])
    assert found(analyzer, "ORDER")[1] == {Span(10, 17, "ORDER", 0.55)}
    assert [len(row) for row in found(analyzer, "PLACE")] == [0, 1, 1, 0, 0, 0, 0]


def test_a_recognizer_may_read_what_the_whole_model_says() -> None:
    spans = found(Analyzer(EngineOptions(), [Reading("")]), "WORD")
    assert [len(row) for row in spans] == [1, 1, 0, 0, 0, 0, 0]


def test_a_recognizer_that_lifts_its_own_scores_is_heard() -> None:
    spans = found(Analyzer(EngineOptions(), [Lifting("4711")]), "WORD")
    assert spans[1] == {Span(10, 14, "WORD", 0.95)}


@pytest.mark.parametrize("error", [ValueError("canary"), MemoryError(), KeyError("canary")])
def test_a_recognizer_behind_a_gate_that_fails_fails_the_call(error: Exception) -> None:
    class Broken(PrefilteredAsked):
        def analyze(
            self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts
        ) -> list[RecognizerResult]:
            raise error

    analyzer = Analyzer(EngineOptions(), [Broken("4711")])
    with pytest.raises(RedactionFailed, match=type(error).__name__) as failure:
        analyzer.detect([(text, "en") for text in TEXTS])
    assert "canary" not in str(failure.value)
    assert failure.value.__context__ is None


def test_a_validator_that_fails_fails_the_call() -> None:
    class Broken(PatternRecognizer):
        def validate_result(self, pattern_text: str) -> bool | None:
            raise ZeroDivisionError

    broken = Broken("ORDER", name="Broken", patterns=[Pattern("order", r"\b\d{4}-\d{2}\b", 0.2)])
    with pytest.raises(RedactionFailed, match="ZeroDivisionError"):
        Analyzer(EngineOptions(), [broken]).detect([(text, "en") for text in TEXTS])


# --- every way to a result ------------------------------------------------------------------------


@pytest.fixture(scope="module", params=list(Profile))
def options(request: pytest.FixtureRequest) -> EngineOptions:
    return EngineOptions(profile=request.param, score_threshold=0.0)


@pytest.fixture(scope="module")
def expected(options: EngineOptions) -> list[set[Span]]:
    return found(Analyzer(options))


def test_the_switch_turns_the_fast_way_off(
    options: EngineOptions, expected: list[set[Span]]
) -> None:
    slow = Analyzer(EngineOptions(profile=options.profile, score_threshold=0.0, fast=False))
    assert found(slow) == expected
    assert {desk.reader for desk in slow._desks.values()} == {None}
    assert sum(map(len, expected)) > 8


def test_without_numba_spacy_reads_the_texts_and_the_result_is_the_same(
    options: EngineOptions, expected: list[set[Span]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lacuna.redaction.analysis.analyzer.can_compile", lambda: False)
    analyzer = Analyzer(options)
    assert found(analyzer) == expected
    assert {type(one).__name__ for _, one in analyzer._names.values()} == {"SpacyNames"}


def test_a_network_of_another_shape_is_left_to_spacy(
    options: EngineOptions, expected: list[set[Span]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lacuna.redaction.fast import name_finder
    from lacuna.redaction.fast.network import OtherArchitecture

    def other(*_: object) -> None:
        raise OtherArchitecture("the model has another width")

    monkeypatch.setattr(name_finder, "network_of", other)
    assert found(Analyzer(options)) == expected


@pytest.mark.parametrize("missing", [("hyperscan",), ("hyperscan", "re2")])
def test_without_a_scanner_the_result_is_the_same(
    options: EngineOptions,
    expected: list[set[Span]],
    monkeypatch: pytest.MonkeyPatch,
    missing: tuple[str, ...],
) -> None:
    from lacuna.redaction.fast import prefilter

    find_spec = prefilter.importlib.util.find_spec
    monkeypatch.setattr(
        prefilter.importlib.util,
        "find_spec",
        lambda name: None if name in missing else find_spec(name),
    )
    assert found(Analyzer(options)) == expected


def test_a_text_whose_context_hangs_on_a_lemma_goes_to_stock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    analyzer = Analyzer(EngineOptions(profile=Profile.EXACT, score_threshold=0.0))
    reader = analyzer._desk("en").reader
    assert reader is not None
    asked: list[str] = []
    by_stock = reader._by_stock

    def noted(text: str, threshold: float) -> list[RecognizerResult]:
        asked.append(text)
        return by_stock(text, threshold)

    monkeypatch.setattr(reader, "_by_stock", noted)
    # "calling" is "call" as a verb, which is a stop word and no context, else it is itself.
    texts = ["She was calling 212-555-5555 all day.", "My phone is 212-555-5555."]
    rows = analyzer.detect([(text, "en") for text in texts])
    assert asked == texts[:1]
    assert [{s.score for s in row if s.label == "PHONE_NUMBER"} for row in rows] == [{0.4}, {0.75}]


def test_analyze_returns_what_presidio_returns() -> None:
    analyzer = Analyzer(EngineOptions(profile=Profile.EXACT))
    rows = analyzer.analyze(TEXTS, "en")
    assert all(type(one) is RecognizerResult for row in rows for one in row)
    assert [one.entity_type for one in rows[0]] == ["PERSON", "PHONE_NUMBER"]
    assert "Phone" in rows[0][1].recognition_metadata["recognizer_name"]
    assert rows[-2:] == [[], []]


@pytest.mark.long
def test_compiled_loops_are_kept_where_the_options_say(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lacuna.redaction import EngineOptions\n"
        "from lacuna.redaction.analysis.analyzer import Analyzer\n"
        "a = Analyzer(EngineOptions(cache_directory=Path(sys.argv[1])))\n"
        "found = a.detect([('Ask John Smith, 212-555-5555.', 'en')])[0]\n"
        "print(len({(one.start, one.end) for one in found}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert done.stdout.split() == ["2"]
    kept = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {".nbi", ".nbc", ".hs", ".npy", ".json"}


# --- hostile texts --------------------------------------------------------------------------------

MEGABYTE = 1_000_000
HOSTILE = {
    "digits": "1234567890" * 100,
    "digits apart": "1 2-3 4.5 ",
    "numbers": "212-555-0123 4012888888881881 ",
    "slashes": "12/03/1984/",
    "mails": "a@b.c.d.e@",
    "dots": "a.b.c.d.com.",
    "links": "https://www.example.org/a?b=c&",
    "open links": "http://a",
    "ibans": "GB29 NWBK 6016 1331 ",
    "capitals": "ABCDEFGH12345678",
    "colons": "00:1A:2b::3C:",
    "quotes": "\"'www.a.b",
    "streets": "12 Old Mill Storgade Road 5, ",
    "brackets": "((1)(2",
    "words": "Anna Berg and Bo of Paris ",
    "one word": "anna",
    "blanks": " \n\t",
    "marks": "e\u0301\u200b\u00e6",
}


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_hostile_text_is_read_in_bounded_time(name: str) -> None:
    piece = HOSTILE[name]
    text = (piece * (MEGABYTE // len(piece) + 1))[:MEGABYTE]
    # Found or out of time, which leaves the text as it was: the call comes back.
    analyzer = shared_analyzer(EngineOptions(batch_seconds=60.0))
    began = time.process_time()
    with contextlib.suppress(RedactionFailed):
        analyzer.detect([(text, "en")])
    assert time.process_time() - began < 300
