"""Presidio's stock recognizers, made to fail closed and to ask no network."""

from collections.abc import Iterator
from functools import cache, lru_cache

import regex  # type: ignore[import-untyped]  # as Presidio does: `re` knows no time-out
import tldextract
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import EmailRecognizer, SpacyRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from lacuna.redaction.recognizers.steady_patterns import SpanFinder, Spanned, steady
from lacuna.redaction.time_limits import OutOfTime, remaining


def stock(language: str) -> list[EntityRecognizer]:
    """Return the recognizers that Presidio itself uses for English, without the NER one."""
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    recognizers = [one for one in registry.recognizers if not isinstance(one, SpacyRecognizer)]
    for one in recognizers:
        one.supported_language = language
    return recognizers


def failing_closed(recognizer: EntityRecognizer, seconds: float) -> EntityRecognizer:
    """Give each pattern a time limit that raises; Presidio would go on without the pattern."""
    if isinstance(recognizer, PatternRecognizer):
        flags = recognizer.global_regex_flags or 0
        stock_patterns: list[Pattern] = vars(recognizer)["patterns"]
        # One with an `analyze` of its own may ask a match for more than its place.
        is_asked_for_places = type(recognizer).analyze is PatternRecognizer.analyze
        patterns = []
        for shared in stock_patterns:
            # A copy: Presidio keeps its patterns on the class, for all engines of a process.
            pattern = Pattern(shared.name, shared.regex, shared.score)
            find = steady(pattern.regex, flags) if is_asked_for_places else None
            # Set, so that Presidio does not compile its own.
            vars(pattern).update(
                compiled_with_flags=flags,
                compiled_regex=_LimitedRegex(
                    find or _plain(pattern.regex, flags), seconds, vars(recognizer)["name"]
                ),
            )
            patterns.append(pattern)
        vars(recognizer)["patterns"] = patterns
    return recognizer


class _LimitedRegex:
    """A compiled pattern whose time-out is not a `TimeoutError`."""

    def __init__(self, find: SpanFinder, seconds: float, name: str) -> None:
        self._find = find
        self._seconds = seconds
        self._name = name

    def finditer(self, text: str, timeout: float | None = None) -> Iterator[Spanned]:
        limit = remaining(min(self._seconds, timeout or self._seconds))
        try:
            yield from self._find(text, limit)
        except TimeoutError:
            raise OutOfTime(f"recognizer {self._name}") from None


def _plain(pattern: str, flags: int) -> SpanFinder:
    # At the first text that it may match in: most of a hundred patterns never meet one.
    compiled = cache(lambda: regex.compile(pattern, flags))

    def find(text: str, seconds: float) -> Iterator[Spanned]:
        yield from compiled().finditer(text, timeout=seconds)

    return find


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    """Return the public suffixes that the package brings: the network is never asked."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class StockEmailRecognizer(EmailRecognizer):
    """Presidio's, which would fetch the list of public suffixes at the first address."""

    def __init__(self, supported_language: str) -> None:
        super().__init__(supported_language=supported_language, name=EmailRecognizer.__name__)

    def validate_result(self, pattern_text: str) -> bool:
        """Return whether the address ends in a public suffix, as the package knows them."""
        return bool(_suffixes()(pattern_text).fqdn)


class OfflineEmailRecognizer(EmailRecognizer):
    """Presidio's, for addresses inside a company too, without its fetch of public suffixes.

    The stock one drops addresses that end in no public suffix; an address such as
    `ada@mail.internal` is personal all the same, so here it keeps the pattern's score.
    """

    def validate_result(self, pattern_text: str) -> bool | None:
        """Return True if the address ends in a public suffix, else None: not decided."""
        return True if _suffixes()(pattern_text).fqdn else None
