"""A model is loaded with what finds names, and with whatever that listens to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.pipeline.tok2vec import DEFAULT_TOK2VEC_MODEL, Tok2Vec
from thinc.api import Model, Relu, chain, with_array

from lacuna.errors import ConfigurationError
from lacuna.redaction.analysis.models import SpacyNames, complete, loaded
from lacuna.redaction.fast.network import OtherArchitecture
from tests.redaction.model_wheels import LISTENER, TEXT, install, trained
from tests.redaction.name_finders import read

fast_names = pytest.importorskip("lacuna.redaction.fast.name_finder")

pytestmark = pytest.mark.starts

TEXTS = (TEXT, f"{TEXT}. Broen var lukket, og Qvorthe gik hjem til Zrindle i Aarhus.", "")


@spacy.registry.architectures("tests.Above.v1")
def above(inner: Model[Any, Any]) -> Model[Any, Any]:
    """Return a layer above another one."""
    return chain(inner, with_array(Relu(96, 96)))


@Language.factory("own_tok2vec", default_config={"model": DEFAULT_TOK2VEC_MODEL})
def own_tok2vec(nlp: Language, name: str, model: Model[Any, Any]) -> Tok2Vec:
    """Return a component that others can listen to, of a kind that nobody knows."""
    return Tok2Vec(nlp.vocab, model, name)


def ner(listens: dict[str, Any], **options: Any) -> tuple[str, dict[str, Any]]:
    return "ner", {"config": {"model": {"tok2vec": listens}}, **options}


NESTED = {"@architectures": "tests.Above.v1", "inner": LISTENER}
WRAPPED = {**NESTED, "inner": DEFAULT_TOK2VEC_MODEL}
FIRST = [("token_splitter", {}), ("tok2vec", {})]
PIPELINES: dict[str, tuple[list[tuple[str, dict[str, Any]]], list[str], bool]] = {
    "alone": ([*FIRST, ("ner", {})], ["ner"], True),
    "any": ([*FIRST, ner(LISTENER)], ["tok2vec", "ner"], True),
    "named": (
        [*FIRST, ("tok2vec", {"name": "shared"}), ner({**LISTENER, "upstream": "shared"})],
        ["shared", "ner"],
        True,
    ),
    "nested": ([*FIRST, ner(NESTED)], ["tok2vec", "ner"], False),
    "wrapped": ([*FIRST, ner(WRAPPED)], ["ner"], False),
    "renamed": ([*FIRST, ner(LISTENER, name="people")], ["tok2vec", "people"], True),
    "unknown": (
        [("token_splitter", {}), ("own_tok2vec", {}), ner(LISTENER)],
        ["token_splitter", "own_tok2vec", "ner"],
        False,
    ),
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Install one of the pipelines; the package has a name of its own."""

    def install_one(kind: str, name: str) -> str:
        trained("da", *PIPELINES[kind][0]).to_disk(install(tmp_path, name))
        monkeypatch.syspath_prepend(tmp_path)
        return name

    return install_one


@pytest.mark.thorough
@pytest.mark.parametrize("kind", PIPELINES)
def test_what_finds_names_is_loaded_with_what_it_listens_to(installed, kind: str) -> None:
    _, kept, is_known = PIPELINES[kind]
    name = installed(kind, f"kept_{kind}")
    nlp = loaded(name)
    assert nlp.pipe_names == kept
    names = [[one.text for one in complete(name)(text).ents] for text in TEXTS]
    assert names[0] == ["Qvorthe Zrindle"]
    found = read(SpacyNames(nlp), TEXTS)
    assert [
        [text[a:b] for a, b, _ in some] for text, (_, some) in zip(TEXTS, found, strict=True)
    ] == names
    if is_known:
        assert read(fast_names.FastNames(nlp), TEXTS) == found
    else:
        with pytest.raises(OtherArchitecture):
            fast_names.FastNames(nlp)


def test_a_model_that_listens_to_nobody_is_refused(installed, tmp_path: Path) -> None:
    """SpaCy itself would find names in zeros, and say nothing."""
    name = installed("any", "listens_to_nobody")
    config = tmp_path / name / f"{name}-1.0" / "config.cfg"
    config.write_text(re.sub("upstream = .*", 'upstream = "elsewhere"', config.read_text()))
    with pytest.raises(
        ConfigurationError, match="listens to a component that its pipeline has not"
    ):
        loaded(name)


def test_a_model_that_cannot_be_loaded_is_named_without_what_it_said(installed, tmp_path) -> None:
    name = installed("alone", "needs_something")
    (tmp_path / name / "__init__.py").write_text("raise LookupError('secret-canary')\n")
    with pytest.raises(ConfigurationError) as refused:
        loaded(name)
    said = str(refused.value)
    assert f"the spaCy model {name} 0.0.0 cannot be loaded (LookupError)" in said
    assert "LACUNA_REDACTION_MODELS" in said
    assert "canary" not in said


def test_a_module_that_a_model_requires_is_named(installed, tmp_path) -> None:
    name = installed("alone", "needs_a_module")
    (tmp_path / name / "__init__.py").write_text("import no_such_module_of_ours\n")
    with pytest.raises(ConfigurationError, match="there is no module no_such_module_of_ours"):
        loaded(name)


def test_a_model_that_finds_no_names_is_not_loaded_for_them(tmp_path, monkeypatch) -> None:
    spacy.blank("da").to_disk(install(tmp_path, "nothing_in_it"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match="has no component that finds names"):
        loaded("nothing_in_it")
