"""The installed spaCy models: whole, as stock Presidio uses them, or their name finder alone."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from importlib import resources
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
from lacuna.redaction.options import DEFAULT_MODEL


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
        self.labels: tuple[str, ...] = tuple(nlp.get_pipe("ner").labels)  # type: ignore[attr-defined]

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
        ConfigurationError: no such model is installed.
    """
    return bounded(spacy.load(model_path(name)))


@lru_cache(maxsize=16)
def loaded(name: str) -> Language:
    """Return an installed spaCy model, loaded once per process, with its NER component alone.

    Raises:
        ConfigurationError: no such model is installed.
    """
    path = model_path(name)
    config = spacy.util.load_config(path / "config.cfg")
    components = config["components"]
    keep = {"ner"}
    tok2vec = components.get("ner", {}).get("model", {}).get("tok2vec", {})
    if "Listener" in str(tok2vec.get("@architectures", "")):
        keep |= {each for each in config["nlp"]["pipeline"] if each in ("tok2vec", "transformer")}
    left_out = [each for each in config["nlp"]["pipeline"] if each not in keep]
    return bounded(spacy.load(path, exclude=left_out))


def model_path(name: str) -> Path:
    """Return the folder of an installed spaCy model.

    Raises:
        ConfigurationError: no such model is installed.
    """
    try:
        package = Path(str(resources.files(name)))
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"redaction: the spaCy model {name} is not installed; install its wheel or change the "
            f"engine's models (default: {DEFAULT_MODEL})"
        ) from None
    for config in sorted(package.glob("**/config.cfg"), key=lambda path: len(path.parts)):
        return config.parent
    raise ConfigurationError(f"redaction: the package {name} contains no spaCy model")
