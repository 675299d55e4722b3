"""Names of people and places in any language, by the model that goes with the engine."""

from collections.abc import Sequence

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from lacuna.redaction.name_model.finder import FoundName, shared_finder
from lacuna.redaction.time_limits import check

_ENTITIES = {"PER": "PERSON", "LOC": "LOCATION"}
SURE = 0.7
"""How sure of somebody the finder must be beside a model of somebody else's."""


class ModelNameRecognizer(EntityRecognizer):
    """Asks the finder of names; how sure it is of a name is the name's score."""

    def __init__(self, language: str, *, places: bool, least: float, asks_encoder: bool) -> None:
        """Say what the finder is asked for.

        Args:
            places: it is asked for places, too, not only for people.
            least: of whom it is less sure, from 0 to 1, is left.
            asks_encoder: what the finder is unsure of is read again by its encoder.
        """
        name = type(self).__name__
        entities = list(_ENTITIES.values()) if places else ["PERSON"]
        super().__init__(supported_entities=entities, supported_language=language, name=name)
        self._least = least
        self._asks_encoder = asks_encoder
        self._metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    def load(self) -> None:
        """Do nothing: the model is loaded when it is first asked."""

    def read(self, texts: Sequence[str]) -> list[list[RecognizerResult]]:
        """Return the names of each text in Presidio's form."""
        check()
        finder = shared_finder(asks_encoder=self._asks_encoder)
        return [
            [self._result(one) for one in found if self._wants(one)] for found in finder.find(texts)
        ]

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
            # As finely as sums in any order agree.
            round(one.sure, 3),
            recognition_metadata=dict(self._metadata),
        )
