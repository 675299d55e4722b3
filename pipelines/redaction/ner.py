"""spaCy behind Presidio, reduced to the one component that finds names."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from importlib import resources
from pathlib import Path

import spacy
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from spacy.language import Language
from spacy.tokens import Doc

from pipelines.errors import ConfigurationError
from pipelines.redaction.options import DEFAULT_MODEL


class NamesOnlyNlpEngine(SpacyNlpEngine):
    """Presidio's spaCy engine without parser, tagger and lemmatizer.

    They cost most of the time and feed nothing but the lemmas of context words: the
    lower-cased word stands in for the lemma. Differences to the stock engine: a context word
    in another form than its lemma ("calling", "cards") may lift a score differently, and
    without the parser's sentence starts a name may rarely end elsewhere.
    """

    def __init__(self, pipelines: dict[str, Language]) -> None:
        super().__init__(
            models=[
                {"lang_code": code, "model_name": str(nlp.lang)} for code, nlp in pipelines.items()
            ]
        )
        self._pipelines = pipelines
        # Where the stock engine keeps them and its other methods look.
        self.nlp = pipelines  # type: ignore[assignment]

    def load(self) -> None:
        """Do nothing: the models are loaded, none is ever downloaded."""

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Forget the words of the texts at the end of the block, so that memory stays bounded."""
        with ExitStack() as stack:
            for nlp in {id(each): each for each in self._pipelines.values()}.values():
                stack.enter_context(nlp.memory_zone())
            yield

    def artifacts(
        self, texts: Sequence[str], language: str, batch_size: int
    ) -> Iterator[NlpArtifacts]:
        """Yield what the model makes of each text, in order."""
        for doc in self._pipelines[language].pipe(texts, batch_size=batch_size):
            yield self._doc_to_nlp_artifact(doc, language)

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        entities, scores = self._get_updated_entities(
            self._get_entities(doc), self._get_scores_for_entities(doc)
        )
        return NlpArtifacts(
            entities=entities,
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lower_ for token in doc],
            nlp_engine=self,
            language=language,
            scores=scores,
        )


@lru_cache(maxsize=4)
def loaded(name: str) -> Language:
    """Return an installed spaCy model, loaded once per process, with its NER component alone.

    Raises:
        ConfigurationError: no such model is installed.
    """
    path = _path_of(name)
    config = spacy.util.load_config(path / "config.cfg")
    components = config["components"]
    keep = {"ner"}
    tok2vec = components.get("ner", {}).get("model", {}).get("tok2vec", {})
    if "Listener" in str(tok2vec.get("@architectures", "")):
        keep |= {each for each in config["nlp"]["pipeline"] if each in ("tok2vec", "transformer")}
    return spacy.load(
        path, exclude=[each for each in config["nlp"]["pipeline"] if each not in keep]
    )


def _path_of(name: str) -> Path:
    try:
        package = Path(str(resources.files(name)))
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"redaction: the spaCy model {name} is not installed; install its wheel or change "
            f"the engine's models (the default is {DEFAULT_MODEL})"
        ) from None
    for config in sorted(package.glob("**/config.cfg"), key=lambda path: len(path.parts)):
        return config.parent
    raise ConfigurationError(f"redaction: the package {name} holds no spaCy model")
