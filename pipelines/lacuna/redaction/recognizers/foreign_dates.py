"""Days in a language without a model of its own, found by the model of another one."""

from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import SpacyRecognizer


class ForeignDateRecognizer(SpacyRecognizer):
    """Of what a model of another language takes for a date, that which has a digit.

    What it takes for names are guesses: every second unknown word is one to it.
    """

    def __init__(self, language: str) -> None:
        super().__init__(language, ["DATE_TIME"], name=SpacyRecognizer.__name__)

    def keeps(self, text: str, start: int, end: int) -> bool:
        """Whether what the model found is likely to be a date."""
        return any(map(str.isdigit, text[start:end]))

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return the likely ones of the model's results."""
        results: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)
        return [one for one in results if self.keeps(text, one.start, one.end)]
