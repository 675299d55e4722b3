"""Each text is read in its language; where no model finds its names, the result says so."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import Pattern, PatternRecognizer

from lacuna.ports import Passage, Redactor, Span
from lacuna.redaction import (
    OTHER,
    EngineOptions,
    KnownValueMatcher,
    PresidioRedactor,
    Profile,
    build_redactor,
    installed_models,
)
from lacuna.redaction.analysis.analyzer import Analyzer
from tests.redaction.model_wheels import LISTENER, TEXT, install, trained

pytestmark = pytest.mark.starts

DANISH = "Hej, jeg har ikke fået min pakke endnu. Kan I hjælpe mig med ordren?"
GERMAN = "Guten Tag, ich habe das Paket noch nicht erhalten und möchte die Rechnung sehen."
ENGLISH = "Hello, I have not received my parcel yet. Could you please help me with the order?"


@pytest.fixture(scope="module")
def redactor(analyzer: Analyzer) -> Redactor:
    return build_redactor([])


# --- a language without a spaCy model -------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", None])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Hej, jeg hedder Katrine Petersen, og min pakke er ikke kommet.",
            "Hej, jeg hedder [NAME], og min pakke er ikke kommet.",
        ),
        ("Vil du ringe til mig på 20 30 40 50?", "Vil du ringe til mig på [PHONE]?"),
        ("Jeg bor på Storgade 5, 8000 Aarhus C.", "Jeg bor på [ADDRESS]."),
        (
            "Hurtigt og venligt. Fejlen er rettet nu, og Kundeservice har svaret mig i dag.",
            "Hurtigt og venligt. Fejlen er rettet nu, og Kundeservice har svaret mig i dag.",
        ),
    ],
)
def test_danish_is_redacted_without_a_spacy_model(
    redactor: Redactor, text: str, expected: str, language: str | None
) -> None:
    result = redactor.redact([Passage(text, language=language)])[0]
    assert result.text == expected
    assert result.unmodelled is None


@pytest.mark.thorough
def test_a_language_that_no_model_knows_is_read_and_the_result_says_so(redactor: Redactor) -> None:
    passage = Passage("Tegnap Fatoumata Diallo volt itt.", language="hu")
    result = redactor.redact([passage])[0]
    assert result.text == "Tegnap [NAME] volt itt."
    assert result.unmodelled == OTHER


def test_german_nouns_are_no_names(redactor: Redactor) -> None:
    text = "Die Rechnung liegt im Paket. Der Fahrer hat die Lieferung beim Nachbarn abgegeben."
    result = redactor.redact([Passage(f"{text} Fragen Sie Jürgen Kowalski.", language="de")])[0]
    assert result.text == f"{text} Fragen Sie [NAME]."


def test_english_is_read_by_its_model_whatever_the_row_says(redactor: Redactor) -> None:
    text = "Hello, I would like you to ask Mary Throckmorton about my refund, please."
    for language in ("da", "en", None):
        result = redactor.redact([Passage(text, language=language)])[0]
        assert (result.text.count("[NAME]"), result.unmodelled) == (1, None)


def _languages_asked(text: str, media_type: str = "text/plain") -> set[str | None]:
    asked = set[str | None]()

    class Asked:
        def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
            asked.update(language for _, language in texts)
            return [() for _ in texts]

    PresidioRedactor(KnownValueMatcher([]), detector=Asked()).redact([Passage(text, media_type)])
    return asked


def test_the_language_of_a_page_is_that_of_its_words_not_of_its_tags() -> None:
    head = '<div class="the-one-and-only" style="color: red; display: inline-block">' * 12
    html = f"{head}<p>{DANISH}</p>{'</div>' * 12}"
    assert _languages_asked(html, "text/html") == {"da"}


@pytest.mark.parametrize(
    ("text", "again", "language"),
    [
        ("Hej, jeg bor Storgade 5, 8000 Aarhus", "Hej, jeg bor [ADDRESS], [ADDRESS]", "da"),
        ("Hej Anna, mvh Anna. zbyszko ringer", "Hej [NAME], mvh [NAME]. zbyszko ringer", "da"),
    ],
)
def test_a_covered_text_is_read_in_the_language_of_its_own_words(
    text: str, again: str, language: str
) -> None:
    assert _languages_asked(text) == _languages_asked(again) == {language}


@pytest.mark.thorough
def test_what_was_read_without_a_model_is_counted() -> None:
    redactor = build_redactor([])
    passages = [Passage(DANISH), Passage(ENGLISH), Passage("Segítsen!", language="hu")]
    redactor.redact([*passages, Passage('["Segítsen"]', is_document=True, language="hu")])
    assert redactor.unmodelled == {OTHER: 2}


def test_the_slow_way_reads_a_language_without_a_model_alike(analyzer: Analyzer) -> None:
    texts = [
        "Jeg talte med Fatoumata Diallo og Bo Lind, og Pakken er væk.",
        "Fejlen blev rettet af Mette i Aarhus den 12. marts 2024.",
    ]
    slow = Analyzer(EngineOptions(fast=False))
    asked = [(text, "da") for text in texts]
    found = analyzer.detect(asked)
    assert slow.detect(asked) == found
    assert all(found)


def test_the_profile_exact_reads_every_language_as_stock_presidio_would() -> None:
    options = EngineOptions(profile=Profile.EXACT)
    redactor = PresidioRedactor(KnownValueMatcher([]), options=options)
    results = redactor.redact([Passage("Ask John Smith.", language=one) for one in ("da", None)])
    assert [(one.text, one.unmodelled) for one in results] == [("Ask [NAME].", None)] * 2


@pytest.mark.long
def test_a_recognizer_of_somebodys_own_reads_every_language_without_a_model() -> None:
    meter = PatternRecognizer(
        supported_entity="METER", patterns=[Pattern("meter", r"\bMTR-\d{6}\b", 0.6)]
    )
    analyzer = Analyzer(EngineOptions(), [meter])
    for language in ("en", "da", "hu", None):
        spans = analyzer.detect([("Min MTR-204816 viser 5", language)])[0]
        assert "METER" in {span.label for span in spans}
    assert meter.supported_language == "en"


# --- any installed model --------------------------------------------------------------------------


@pytest.fixture(params=["alone", "listening"])
def installed(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Install a small Danish model, as a wheel would."""
    name = f"tiny_{request.param}"
    pipes: list[tuple[str, dict[str, Any]]] = [("ner", {})]
    if request.param == "listening":
        pipes = [("tok2vec", {}), ("ner", {"config": {"model": {"tok2vec": LISTENER}}})]
    trained("da", *pipes).to_disk(install(tmp_path, name))
    monkeypatch.syspath_prepend(tmp_path)
    installed_models.cache_clear()
    yield name
    installed_models.cache_clear()


@pytest.mark.thorough
def test_an_installed_model_reads_its_language(installed: str) -> None:
    options = EngineOptions()
    assert dict(options.models)["da"] == installed
    assert options.models[0][0] == "en"
    redactor = PresidioRedactor(KnownValueMatcher([]), options=options)
    result = redactor.redact([Passage(TEXT, language="da")])[0]
    assert result.text == "Jeg mødte [NAME] ved broen"
    assert result.unmodelled is None
