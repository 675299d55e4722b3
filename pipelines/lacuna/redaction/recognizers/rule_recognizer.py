"""What the engine's own recognizers have in common: a rule that yields places of a text."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from lacuna.redaction.time_limits import check


class RuleMatch(NamedTuple):
    """A span that a rule found, half open, with a score from 0 to 1.

    Attributes:
        entity: what it is, where the recognizer looks for more than one entity.
    """

    start: int
    end: int
    score: float
    entity: str | None = None


class RuleRecognizer(EntityRecognizer):
    """A recognizer whose rule is code of ours instead of one pattern.

    Every rule takes time in proportion to the text: its patterns repeat nothing without a
    bound or give nothing back. Context words are part of the rule, not of Presidio's
    enhancer.

    Attributes:
        prefilter_patterns: where none of them matches, this recognizer finds nothing; see
            `lacuna.redaction.analysis.preconditions`.
    """

    prefilter_patterns: Sequence[str] = ()

    def __init__(self, entities: Sequence[str], language: str) -> None:
        name = type(self).__name__
        super().__init__(supported_entities=list(entities), supported_language=language, name=name)
        self._metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    @abstractmethod
    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield what the rule finds; matches may overlap."""

    def load(self) -> None:
        """Do nothing: there is no model."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return the rule's matches in Presidio's form."""
        check()
        only = self.supported_entities[0]
        return [
            RecognizerResult(
                match.entity or only,
                match.start,
                match.end,
                match.score,
                recognition_metadata=dict(self._metadata),
            )
            for match in self.find(text)
        ]
