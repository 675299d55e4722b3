"""The finder of names in the engine: who is found in which language, and what is left alone."""

import sys

import pytest

from lacuna.errors import ConfigurationError
from lacuna.redaction import EngineOptions, Profile, engine_parts
from lacuna.redaction.analysis.analyzer import Analyzer
from lacuna.redaction.name_model.encoder import read_encoder
from lacuna.redaction.name_model.finder import Finder, shared_finder
from lacuna.redaction.name_model.installed_weights import (
    ENCODER,
    FINDER,
    weights_digest,
    weights_path,
)
from lacuna.redaction.name_model.weights import read_weights
from lacuna.redaction.recognizers import SURE, ModelNameRecognizer

pytestmark = pytest.mark.starts

NAMED = [
    ("de", "Wir haben mit Bodo telefoniert, er meldet sich.", "Bodo"),
    ("de", "aber Erdem Yıldırım hat sich nicht gemeldet", "Erdem Yıldırım"),
    ("nb", "Bertelsen sa at pakken hadde kommet.", "Bertelsen"),
    ("pl", "Paczka dla Wasilewskiej jeszcze nie dotarła.", "Wasilewskiej"),
    ("it", "Ho parlato con la vostra collega Ginevra ieri.", "Ginevra"),
    ("fr", "Le colis est pour Aminata Koné, merci.", "Aminata Koné"),
    ("en", "I want to share it with Kimberly.", "Kimberly"),
    ("sv", "Jag pratade med Östlund om fakturan.", "Östlund"),
    ("da", "Det var Fatoumata Diallo, der ringede.", "Fatoumata Diallo"),
    ("nl", "Kunt u het pakket naar mevrouw Hoekstra sturen?", "Hoekstra"),
    ("fi", "Puhuin Virtasen kanssa eilen.", "Virtasen"),
    ("pt", "O contrato está em nome de Gonçalo Bragança.", "Gonçalo Bragança"),
    ("es", "Hablé con Iker Echeverría sobre la factura.", "Iker Echeverría"),
]
UNNAMED = [
    ("de", "Die Rechnung liegt im Paket, der Fahrer hat die Lieferung beim Nachbarn abgegeben."),
    ("nb", "Pakken er fortsatt ikke kommet, og Posten svarer ikke."),
    ("pl", "Dzień dobry, kiedy dotrze moja paczka?"),
    ("fi", "Hei, milloin tilaukseni saapuu?"),
    ("it", "Buongiorno, la Fattura di Marzo non è ancora arrivata."),
]


def _people(language, text):
    (found,) = ModelNameRecognizer(language, places=True, least=0.0, asks_encoder=True).read([text])
    return [text[one.start : one.end] for one in found if one.entity_type == "PERSON"]


@pytest.mark.parametrize(("language", "text", "name"), NAMED)
def test_a_name_is_found_in_the_language_of_its_text(language, text, name):
    assert _people(language, text) == [name]


@pytest.mark.parametrize(("language", "text"), UNNAMED)
def test_where_nobody_is_named_nobody_is_found(language, text):
    assert _people(language, text) == []


def test_beside_another_model_it_adds_people_of_whom_it_is_sure():
    recognizer = ModelNameRecognizer("fr", places=False, least=SURE, asks_encoder=True)
    assert recognizer.supported_entities == ["PERSON"]
    texts = ["Le colis est pour Aminata Kon\u00e9, \u00e0 Lyon.", "rien \u00e0 signaler"]
    (found, nothing) = recognizer.read(texts)
    assert [texts[0][one.start : one.end] for one in found] == ["Aminata Kon\u00e9"]
    assert nothing == []
    assert all(one.score >= SURE for one in found)


def test_people_in_english_are_the_finders_alone_and_places_the_models():
    text = "My Zanussi oven in Leeds is broken, said Kimberly."
    found = Analyzer(EngineOptions()).detect([(text, "en")])[0]
    assert {text[one.start : one.end] for one in found if one.label == "PERSON"} == {"Kimberly"}
    assert "Leeds" in {text[one.start : one.end] for one in found if one.label == "LOCATION"}
    by_model = Analyzer(EngineOptions(profile=Profile.EXACT)).detect([(text, "en")])[0]
    assert "Zanussi" in {text[one.start : one.end] for one in by_model if one.label == "PERSON"}


def test_without_the_encoder_the_finder_is_alone():
    assert shared_finder(asks_encoder=False) is not shared_finder(asks_encoder=True)
    alone = ModelNameRecognizer("de", places=True, least=0.0, asks_encoder=False)
    (found,) = alone.read(["Wir haben mit Bodo telefoniert."])
    assert [one.entity_type for one in found] == ["PERSON"]


def test_the_encoder_reads_the_words_around_an_unsure_one_alone():
    weights = read_weights(weights_path(FINDER))
    encoder = read_encoder(weights_path(ENCODER), weights.pieces)
    read = []

    class Noting:
        def scores(self, rows):
            read.extend(words for words, _ in rows)
            return encoder.scores(rows)

    before = "wir haben die lieferung heute im lager gesucht und bisher nicht gefunden , " * 2
    behind = ", und das paket soll nun in den kommenden tagen noch einmal verschickt werden ." * 2
    people = ("dem Bolten", "der Bolten", "dem Vaillant", "dem Frank", "dem Hermes")
    Finder(weights, Noting).find([before + one + behind for one in people])
    # Of which words it is unsure is the weights' affair.
    assert read
    assert all(13 <= len(words) <= 29 for words in read)


def test_the_weights_belong_to_the_engine_but_not_to_the_profile_exact():
    digest = f"names:{weights_digest()}"
    assert digest in engine_parts(EngineOptions())
    assert digest not in engine_parts(EngineOptions(profile=Profile.EXACT))
    assert engine_parts(EngineOptions(encoder=False)) != engine_parts(EngineOptions())


def test_without_the_package_the_engine_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "lacuna_names", None)
    with pytest.raises(ConfigurationError, match="lacuna-names"):
        weights_path(FINDER)


def test_an_older_package_is_refused_as_such(monkeypatch):
    monkeypatch.setattr("lacuna_names.SHA256", "fb16942b7930e696")
    weights_digest.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match="older version"):
            weights_digest()
    finally:
        monkeypatch.undo()
        weights_digest.cache_clear()


@pytest.mark.parametrize("damaged", [FINDER, ENCODER])
def test_damaged_weights_are_refused_before_a_text_is_read(monkeypatch, tmp_path, damaged):
    paths = {name: weights_path(name) for name in (FINDER, ENCODER)}
    (tmp_path / damaged).write_bytes(paths[damaged].read_bytes()[:100_000])
    paths[damaged] = tmp_path / damaged
    monkeypatch.setattr(
        "lacuna.redaction.name_model.installed_weights.weights_path", paths.__getitem__
    )
    weights_digest.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match="damaged"):
            engine_parts(EngineOptions())
    finally:
        weights_digest.cache_clear()
