"""The installed spaCy models: whole, as stock Presidio uses them, or their name finder alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from spacy.language import Language
from spacy.tokens import Doc

from lacuna.errors import ConfigurationError
from lacuna.redaction.fast.long_words import bounded
from lacuna.redaction.fast.named_spans import Found
from lacuna.redaction.model_packages import (
    ModelPackage,
    is_name_finder,
    model_package,
    name_finders,
)


class StockNlpEngine(SpacyNlpEngine):
    """Presidio's spaCy engine over installed models; each is loaded when it is first asked."""

    def __init__(self, models: dict[str, str], *, first: str) -> None:
        """Name the model of each language; all others are read by that of the `first`."""
        super().__init__(
            models=[{"lang_code": code, "model_name": name} for code, name in models.items()]
        )
        self._models = models
        self._first = first
        self._zones: ExitStack | None = None
        self._entered: set[str] = set()
        # Where Presidio's methods look.
        self.nlp = _Loading(models)  # type: ignore[assignment]

    def load(self) -> None:
        """Do nothing: no model is ever downloaded, and none loaded before it is needed."""

    def get_supported_languages(self) -> list[str]:
        """Return the languages that have a model."""
        return list(self._models)

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Forget the words of the texts at the end of the block, so that memory stays bounded."""
        with ExitStack() as zones:
            self._zones = zones
            self._entered.clear()
            try:
                yield
            finally:
                self._zones = None

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Read one text with all components of its model."""
        code = language if language in self._models else self._first
        if self._zones is not None and code not in self._entered:
            self._zones.enter_context(complete(self._models[code]).memory_zone())
            self._entered.add(code)
        return super().process_text(text, code)


class _Loading(dict[str, Language]):
    """The pipelines by language, each loaded at its first use."""

    def __init__(self, models: dict[str, str]) -> None:
        super().__init__()
        self._models = models

    def __bool__(self) -> bool:
        # Presidio takes an empty dictionary for an engine that is not ready.
        return True

    def __missing__(self, language: str) -> Language:
        self[language] = pipeline = complete(self._models[language])
        return pipeline


class LazyArtifacts(NlpArtifacts):
    """What the whole model makes of a text; it reads the text when a recognizer asks."""

    def __init__(self, engine: StockNlpEngine, text: str, language: str) -> None:
        self._read = lambda: engine.process_text(text, language)

    def __getattr__(self, name: str) -> Any:
        read = self.__dict__.pop("_read", None)
        if read is None:
            raise AttributeError(name)
        vars(self).update(vars(read()))
        return getattr(self, name)


class SpacyNames:
    """Finds names by spaCy's own name finder: where its network is not the one that is known."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self.labels: tuple[str, ...] = tuple(
            dict.fromkeys(
                label
                for name in name_finders(nlp)
                for label in nlp.get_pipe(name).labels  # type: ignore[attr-defined]
            )
        )

    def find(self, texts: Sequence[str]) -> Found:
        """Return the tokens and entities of the texts."""
        numbers = {label: number for number, label in enumerate(self.labels)}
        entities: list[tuple[int, int, int, int]] = []
        starts: list[int] = []
        ends: list[int] = []
        first_token = [0]
        with self._nlp.memory_zone():
            docs: Iterator[Doc] = self._nlp.pipe(texts)
            for number, doc in enumerate(docs):
                entities += [
                    (number, one.start_char, one.end_char, numbers[one.label_]) for one in doc.ents
                ]
                starts += [token.idx for token in doc]
                ends += [token.idx + len(token) for token in doc]
                first_token.append(len(starts))
        return Found(
            np.array(entities, np.int32).reshape(-1, 4),
            np.array(starts, np.int32),
            np.array(ends, np.int32),
            np.array(first_token, np.int32),
        )


@lru_cache(maxsize=16)
def complete(name: str) -> Language:
    """Return an installed spaCy model with all its components, loaded once per process.

    Raises:
        ConfigurationError: no such model is installed, or it cannot be loaded.
    """
    return _load(model_package(name), ())


@lru_cache(maxsize=16)
def loaded(name: str, *, vectors: bool = True) -> Language:
    """Return an installed spaCy model, loaded once per process, with what finds names alone.

    That are the components that find names, and those whose output they listen to.

    Args:
        vectors: with the word vectors, and the spelling of every word that has one. Without them
            it loads in a third of the time, and splits and describes words as ever, but
            its components find nothing.

    Raises:
        ConfigurationError: no such model is installed, it cannot be loaded, nothing in it finds
            names, or what does listens to a component that the model has not.
    """
    package = model_package(name)
    if not package.finds_names:
        raise ConfigurationError(
            f"redaction: the spaCy model {name} has no component that finds names (ner); name "
            "another one in LACUNA_REDACTION_MODELS"
        )
    config = spacy.util.load_config(package.path / "config.cfg")
    kept = _kept(config["nlp"]["pipeline"], config["components"])
    left_out = [one for one in config["nlp"]["pipeline"] if one not in kept]
    nlp = _load(package, left_out if vectors else [*left_out, "vectors", "strings"])
    if not _is_linked(nlp):
        # It listens to a component of an unknown kind.
        nlp = complete(name)
    if not _is_linked(nlp):
        # Read nevertheless, spaCy would find names in nothing but zeros.
        raise ConfigurationError(
            f"redaction: the spaCy model {name} listens to a component that its pipeline has not; "
            "install a whole model, or name another one in LACUNA_REDACTION_MODELS"
        )
    return nlp


def model_path(name: str) -> Path:
    """Return the folder of an installed spaCy model.

    Raises:
        ConfigurationError: as `model_package`.
    """
    return model_package(name).path


def _load(package: ModelPackage, left_out: Sequence[str]) -> Language:
    try:
        # A package may bring components and a tokenizer of its own; spaCy imports it too.
        import_module(package.name)
        return bounded(spacy.load(package.path, exclude=left_out))
    except ModuleNotFoundError as error:
        failure = f"there is no module {error.name}"
    except Exception as error:  # noqa: BLE001 - whatever a package of somebody else's raises
        failure = type(error).__name__
    raise ConfigurationError(
        f"redaction: the spaCy model {package.name} {package.version} cannot be loaded "
        f"({failure}); install what it requires and a version for spaCy {version('spacy')}, or "
        "name another one in LACUNA_REDACTION_MODELS"
    )


_LISTENED_TO = ("tok2vec", "transformer", "curated_transformer")


def _kept(pipeline: Sequence[str], components: Mapping[str, Any]) -> set[str]:
    """Return the components that find names, and those that they listen to, at any depth."""
    factories = {one: components[one].get("factory", one) for one in pipeline}
    wanted = [one for one in pipeline if is_name_finder(factories[one])]
    kept: set[str] = set()
    while wanted:
        name = wanted.pop()
        kept.add(name)
        before = pipeline[: pipeline.index(name)]
        for heard in _heard(components[name]):
            wanted += [
                one
                for one in before
                if one == heard or (heard == "*" and factories[one] in _LISTENED_TO)
            ]
    return kept


def _heard(part: object) -> Iterator[str]:
    """Yield what the layers of a configuration listen to: the names of components, `*` for any."""
    if isinstance(part, Mapping):
        if "Listener" in str(part.get("@architectures", "")):
            yield str(part.get("upstream", "*"))
        for each in part.values():
            yield from _heard(each)


def _is_linked(nlp: Language) -> bool:
    """Whether there is a component for each layer of the name finders that listens to one."""
    heard = {id(one) for _, pipe in nlp.pipeline for one in getattr(pipe, "listeners", ())}
    return all(
        id(layer) in heard
        for name in name_finders(nlp)
        for layer in nlp.get_pipe(name).model.walk()  # type: ignore[attr-defined]
        if hasattr(layer, "upstream_name")
    )
