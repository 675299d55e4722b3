"""Presidio's patterns, one by one: only those that can match, each with its time limit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult

from lacuna.redaction.recognizers.steady_patterns import Spanned


class _Limited(Protocol):
    """A compiled pattern with a time limit of its own."""

    def finditer(self, text: str) -> Iterator[Spanned]: ...


def results_of(
    recognizer: PatternRecognizer,
    patterns: Sequence[Pattern],
    text: str,
    metadata: Mapping[str, str],
) -> list[RecognizerResult]:
    """Return the results of `recognizer.analyze`, if no other of its patterns can match.

    Raises:
        OutOfTime: a pattern took too long.
    """
    results = [one for pattern in patterns for one in _results(recognizer, pattern, text, metadata)]
    if len(results) > 1:
        results = EntityRecognizer.remove_duplicates(results)
    return results


def _results(
    recognizer: PatternRecognizer, pattern: Pattern, text: str, metadata: Mapping[str, str]
) -> Iterator[RecognizerResult]:
    for match in cast(_Limited, pattern.compiled_regex).finditer(text):
        start, end = match.span()
        if start == end:
            continue
        found = text[start:end]
        score = pattern.score
        valid = recognizer.validate_result(found)
        if valid is not None:
            score = EntityRecognizer.MAX_SCORE if valid else EntityRecognizer.MIN_SCORE
        if recognizer.invalidate_result(found):
            score = EntityRecognizer.MIN_SCORE
        if score > EntityRecognizer.MIN_SCORE:
            yield RecognizerResult(
                recognizer.supported_entities[0],
                start,
                end,
                score,
                recognition_metadata=dict(metadata),
            )
