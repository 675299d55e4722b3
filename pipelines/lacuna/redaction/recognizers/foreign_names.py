"""Names in a language without a model, found by the model of another one."""

import re

from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from lacuna.redaction.folding import fold
from lacuna.redaction.languages.text_language import everyday_words
from lacuna.redaction.recognizers.given_names import GIVEN_NAMES
from lacuna.redaction.recognizers.name_words import NOT_NAMES, PARTICLES

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SENTENCE_BEFORE = re.compile(r"(?:\A|[.!?:;\n\"“”„»«>*•(-])[\s>]*\Z")
_LOOK_BACK = 8
_NOUNS_IN_CAPITALS = frozenset({"de", "lb"})


class ForeignNameRecognizer(SpacyRecognizer):
    """Of what a model of another language takes for a name, that which looks like one here.

    Such a model finds most names, and takes every second unknown word for one. Those that stay
    are written in capitals, hold no everyday word, and are not a single word whose capital its
    place explains: the beginning of a sentence, or, where nouns have capitals, any.
    """

    def __init__(self, language: str, entities: list[str]) -> None:
        super().__init__(language, entities, name=SpacyRecognizer.__name__)
        words = everyday_words(language) | everyday_words("en")
        self._no_names = frozenset(fold(word) for word in words) | NOT_NAMES
        self._nouns_in_capitals = language in _NOUNS_IN_CAPITALS

    def keeps(self, text: str, start: int, end: int, entity: str) -> bool:
        """Whether what the model found is likely to be what it says."""
        piece = text[start:end]
        if entity == "DATE_TIME":
            return any(map(str.isdigit, piece))
        words = _WORD.findall(piece)
        names = [word for word in words if fold(word) not in PARTICLES]
        if not names or "\n" in piece:
            return False
        folded = [fold(word) for word in names]
        if not all(word[0].isupper() for word in names) or not self._no_names.isdisjoint(folded):
            return False
        if self._nouns_in_capitals:
            return any(word in GIVEN_NAMES for word in folded)
        return (
            len(names) > 1
            or _SENTENCE_BEFORE.search(text, max(0, start - _LOOK_BACK), start) is None
        )

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return the likely ones of the model's results."""
        results: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)
        return [one for one in results if self.keeps(text, one.start, one.end, one.entity_type)]
