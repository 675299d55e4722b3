"""Names of people and places in any language, by the model that goes with the engine."""

from collections.abc import Sequence

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from lacuna.redaction.name_model.finder import FoundName, shared_finder
from lacuna.redaction.time_limits import check

_ENTITIES = {"PER": "PERSON", "LOC": "LOCATION"}
_SURE = 0.7


class ModelNameRecognizer(EntityRecognizer):
    """Asks the finder of names; how sure it is of a name is the name's score."""

    def __init__(self, language: str, *, beside_another: bool) -> None:
        """`beside_another`: a model of this very language reads the text too.

        People of whom the finder is sure are then added to what that model finds, and nothing else.
        """
        name = type(self).__name__
        entities = ["PERSON"] if beside_another else list(_ENTITIES.values())
        super().__init__(supported_entities=entities, supported_language=language, name=name)
        self._least = _SURE if beside_another else 0.0
        self._metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    def load(self) -> None:
        """Do nothing: the model is loaded when it is first asked."""

    def read(self, texts: Sequence[str]) -> list[list[RecognizerResult]]:
        """Return the names of each text in Presidio's form."""
        check()
        finder = shared_finder()
        asked = [at for at, text in enumerate(texts) if not self._least or finder.may_name(text)]
        results: list[list[RecognizerResult]] = [[] for _ in texts]
        for at, found in zip(asked, finder.find([texts[at] for at in asked]), strict=True):
            results[at] = [self._result(one) for one in found if self._wants(one)]
        return results

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return the names of one text."""
        return [one for one in self.read([text])[0] if one.entity_type in entities]

    def _wants(self, one: FoundName) -> bool:
        return _ENTITIES.get(one.kind) in self.supported_entities and one.sure >= self._least

    def _result(self, one: FoundName) -> RecognizerResult:
        return RecognizerResult(
            _ENTITIES[one.kind],
            one.start,
            one.end,
            one.sure,
            recognition_metadata=dict(self._metadata),
        )
