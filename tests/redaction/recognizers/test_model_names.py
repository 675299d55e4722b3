"""The finder of names in the engine: who is found in which language, and what is left alone."""

import sys

import pytest

from lacuna.errors import ConfigurationError
from lacuna.redaction import EngineOptions, Profile, engine_parts
from lacuna.redaction.name_model.finder import shared_finder
from lacuna.redaction.name_model.installed_weights import weights_digest, weights_path
from lacuna.redaction.recognizers import ModelNameRecognizer

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
    (found,) = ModelNameRecognizer(language, beside_another=False).read([text])
    return [text[one.start : one.end] for one in found if one.entity_type == "PERSON"]


@pytest.mark.parametrize(("language", "text", "name"), NAMED)
def test_a_name_is_found_in_the_language_of_its_text(language, text, name):
    assert _people(language, text) == [name]


@pytest.mark.parametrize(("language", "text"), UNNAMED)
def test_where_nobody_is_named_nobody_is_found(language, text):
    assert _people(language, text) == []


def test_beside_another_model_it_adds_people_of_whom_it_is_sure():
    recognizer = ModelNameRecognizer("en", beside_another=True)
    assert recognizer.supported_entities == ["PERSON"]
    texts = ["The parcel went to Kimberly Okonkwo in Leeds.", "nothing to see here"]
    (found, nothing) = recognizer.read(texts)
    assert [texts[0][one.start : one.end] for one in found] == ["Kimberly Okonkwo"]
    assert nothing == []
    assert all(one.score >= 0.7 for one in found)


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("It went to Kimberly.", True),
        ("Kimberly called.", True),
        ("Thanks for the call.", False),
        ("no capitals here", False),
        ("Ok. Thanks. The end.", False),
        ("", False),
    ],
)
def test_a_capital_hints_at_somebody(text, hints):
    assert shared_finder().may_name(text) is hints


def test_the_weights_belong_to_the_engine_but_not_to_the_profile_exact():
    digest = f"names:{weights_digest()}"
    assert digest in engine_parts(EngineOptions())
    assert digest not in engine_parts(EngineOptions(profile=Profile.EXACT))


def test_without_the_package_the_engine_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "lacuna_names", None)
    with pytest.raises(ConfigurationError, match="lacuna-names"):
        weights_path()


def test_damaged_weights_are_refused_before_a_text_is_read(monkeypatch, tmp_path):
    cut = weights_path().read_bytes()[:100_000]
    (tmp_path / "finder.npz").write_bytes(cut)
    monkeypatch.setattr(
        "lacuna.redaction.name_model.installed_weights.weights_path",
        lambda: tmp_path / "finder.npz",
    )
    weights_digest.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match="damaged"):
            engine_parts(EngineOptions())
    finally:
        weights_digest.cache_clear()
