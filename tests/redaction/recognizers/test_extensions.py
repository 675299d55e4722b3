"""Recognizers that an installation adds, by a package or by its own file."""

from __future__ import annotations

import pytest

from lacuna.errors import ConfigurationError, RedactionFailed
from lacuna.redaction import EngineOptions, Profile, engine_options, engine_parts
from lacuna.redaction.analysis.analyzer import Analyzer
from lacuna.redaction.options import installed_recognizers

# Each engine loads a model.
pytestmark = pytest.mark.starts

METER = """
[[recognizer]]
name = "meter number"
entity = "METER_NUMBER"
patterns = [{ regex = '\\bMTR-\\d{6}\\b' }]
"""
PACKAGE = """
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult


def tickets(supported_language):
    if supported_language == "da":
        return None
    patterns = [Pattern("ticket", r"\\bTCK\\d{5}\\b", 0.6)]
    return [PatternRecognizer("TICKET", patterns=patterns, supported_language=supported_language)]


class Raising(EntityRecognizer):
    def __init__(self, supported_language):
        super().__init__(["RAISED"], supported_language=supported_language)

    def load(self):
        pass

    def analyze(self, text, entities, nlp_artifacts=None):
        raise LookupError(text)


class Unsure(PatternRecognizer):
    def __init__(self, supported_language):
        pattern = Pattern("number", r"\\bTCK\\d{5}\\b", 0.6)
        super().__init__("UNSURE", patterns=[pattern], supported_language=supported_language)

    def validate_result(self, pattern_text):
        raise LookupError(pattern_text)


def unmade(supported_language):
    raise OSError("a secret place")


def of_one_language(supported_language):
    if supported_language == "da":
        raise OSError("a secret place")
    return None


def wrong(supported_language):
    return ["no recognizer"]
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a package that adds recognizers, as metadata beside its module."""

    def install(**recognizers: str) -> None:
        (tmp_path / "added_recognizers.py").write_text(PACKAGE, "utf-8")
        info = tmp_path / "added_recognizers-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: added-recognizers\nVersion: 1.2\n", "utf-8"
        )
        lines = [f"{name} = {value}" for name, value in recognizers.items()]
        text = "\n".join(["[lacuna.recognizers]", *lines, ""])
        (info / "entry_points.txt").write_text(text, "utf-8")
        installed_recognizers.cache_clear()

    monkeypatch.syspath_prepend(tmp_path)
    yield install
    installed_recognizers.cache_clear()


def entities(options: EngineOptions, text: str, language: str = "en") -> set[str]:
    (spans,) = Analyzer(options).detect([(text, language)])
    return {span.label for span in spans}


def languages(options: EngineOptions, text: str, entity: str) -> set[str]:
    """Return the languages in whose texts an entity is found."""
    codes = ("en", "de", "da")
    found = Analyzer(options).detect([(text, code) for code in codes])
    return {
        code
        for code, spans in zip(codes, found, strict=True)
        if entity in {span.label for span in spans}
    }


@pytest.mark.thorough
def test_a_recognizer_of_the_file_reads_texts_of_the_languages_that_it_names_or_of_all():
    named = METER.replace("meter", "other").replace("METER", "OTHER") + 'languages = ["de"]\n'
    options = EngineOptions(definitions=METER + named)
    assert languages(options, "mtr-204816 is mine.", "METER_NUMBER") == {"en", "de", "da"}
    assert languages(options, "mtr-204816 is mine.", "OTHER_NUMBER") == {"de"}


@pytest.mark.long
def test_words_and_context_count():
    options = EngineOptions(
        definitions="""
[[recognizer]]
name = "tariff"
entity = "TARIFF"
words = ["Nordlys Blue"]
[[recognizer]]
name = "seat"
entity = "SEAT"
patterns = [{ regex = '\\b[A-F]\\d{2}\\b', score = 0.1 }]
context = ["seat"]
"""
    )
    assert "TARIFF" in entities(options, "My tariff is nordlys blue.")
    assert "SEAT" in entities(options, "I sat on seat B12.")
    assert "SEAT" not in entities(options, "Take vitamin B12.")


def test_an_installation_without_any_finds_none():
    assert "METER_NUMBER" not in entities(EngineOptions(), "MTR-204816")


@pytest.mark.thorough
def test_the_profile_exact_has_none_of_them(installed):
    installed(tickets="added_recognizers:tickets")
    options = EngineOptions(profile=Profile.EXACT, definitions=METER)
    assert entities(options, "MTR-204816 TCK12345") & {"METER_NUMBER", "TICKET"} == set()


def test_a_recognizer_of_a_package_is_made_for_each_language(installed):
    installed(tickets="added_recognizers:tickets")
    assert languages(EngineOptions(), "TCK12345", "TICKET") == {"en", "de"}


def test_a_recognizer_of_presidio_plugs_in_as_it_is(installed):
    installed(aba="presidio_analyzer.predefined_recognizers:AbaRoutingRecognizer")
    assert "ABA_ROUTING_NUMBER" in entities(EngineOptions(), "Our aba routing number is 121000358.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[recognizer]\n", "line 1"),
        ("", "recognizer: Field required"),
        ('[[recognizer]]\nname = "m"\nentity = "M"\n', "m: give it patterns or words"),
        ('[[recognizer]]\nname = "m"\nentity = "m"\nwords = ["x"]\n', "recognizer.0.entity"),
        ('[[recognizer]]\nname = "m"\nentity = "M"\nword = ["x"]\n', "recognizer.0.word: Extra"),
        (METER.replace("MTR-", "(MTR-"), "meter number: pattern 1 is no regular expression"),
        (METER.replace("\\bMTR-\\d{6}\\b", "x*"), "meter number: pattern 1 matches the empty text"),
        (METER + METER, "meter number: the name is given twice"),
        (METER + 'languages = ["english"]\n', "recognizer.0.languages.0"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(tmp_path, text, said):
    file = tmp_path / "recognizers.toml"
    file.write_text(text or "\n", "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        engine_options(file)
    assert said in str(refused.value)


def test_a_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"recognizers\.toml cannot be read: FileNotFound"):
        engine_options(tmp_path / "recognizers.toml")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("added_recognizers:unmade", "raised OSError when it was created"),
        ("added_recognizers:of_one_language", "raised OSError when it was created"),
        ("added_recognizers:missing", "raised AttributeError"),
        ("no_such_module:x", "raised ModuleNotFoundError"),
        ("added_recognizers:wrong", "no EntityRecognizer"),
    ],
)
def test_a_package_whose_recognizer_cannot_be_made_is_named(installed, value, said):
    installed(broken=value)
    with pytest.raises(ConfigurationError) as refused:
        engine_options(None)
    assert said in str(refused.value)
    assert f"recognizer broken ({value}, added-recognizers 1.2)" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("kind", ["Raising", "Unsure"])
@pytest.mark.parametrize("fast", [True, False])
def test_a_recognizer_that_raises_is_named_and_no_text_comes_through(installed, kind, fast):
    installed(odd=f"added_recognizers:{kind}")
    with pytest.raises(RedactionFailed) as failed:
        entities(EngineOptions(fast=fast), "Ada has TCK12345.")
    assert "recognizer odd failed with LookupError" in str(failed.value)
    assert "TCK" not in str(failed.value)
    assert failed.value.__context__ is None


@pytest.mark.long
def test_a_pattern_that_takes_too_long_is_named():
    slow = METER.replace("\\bMTR-\\d{6}\\b", "(?:a|a)*(?:a|aa)+$(?<!a)b")
    options = EngineOptions(definitions=slow, pattern_seconds=0.2)
    with pytest.raises(RedactionFailed, match="recognizer meter number timed out"):
        entities(options, "a" * 40 + "b")


def test_what_an_installation_adds_belongs_to_the_engine(installed):
    before = engine_parts(EngineOptions())
    with_file = engine_parts(EngineOptions(definitions=METER))
    other_file = engine_parts(EngineOptions(definitions=METER.replace("6", "7")))
    installed(tickets="added_recognizers:tickets")
    with_package = engine_parts(EngineOptions())
    assert len({before, with_file, other_file, with_package}) == 4
    assert "recognizer:tickets:added_recognizers:tickets:1.2" in with_package
