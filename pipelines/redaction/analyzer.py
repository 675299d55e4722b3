"""Presidio's analyzer over many texts: in batches, within time limits, failing closed.

Same weights, recognizers, context rules and scores as `BatchAnalyzerEngine`. Where the fast way and
Presidio's own could come to different results, and where the fast way is switched off, its own is
taken.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerResult
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from spacy.language import Language

from pipelines.errors import RedactionFailed
from pipelines.ports import Span
from pipelines.redaction.compiling import can_compile, keep_compiled_in
from pipelines.redaction.deadlines import OutOfTime, check, deadline
from pipelines.redaction.found import NameFinder
from pipelines.redaction.gate import best_scanner
from pipelines.redaction.language_reader import LanguageReader, Sources
from pipelines.redaction.ner import SpacyNames, StockNlpEngine, complete, loaded, model_path
from pipelines.redaction.options import EngineOptions
from pipelines.redaction.recognizers import all_for, limited
from pipelines.redaction.word_forms import WordForms

logger = logging.getLogger(__name__)

_OVERLAP = 300
_SKIPPED: ContextVar[list[str] | None] = ContextVar("skipped", default=None)


class _NoText(logging.Filter):
    """Drops what Presidio logs, which quotes texts; notes a pattern that it skipped."""

    def filter(self, record: logging.LogRecord) -> bool:
        skipped = _SKIPPED.get()
        if skipped is not None and "timed out" in str(record.msg):
            skipped.append(record.module)
        return False


class Analyzer:
    """Finds personal data in texts: names by spaCy, the rest by patterns and check digits.

    Thread-safe: one batch at a time.
    """

    def __init__(self, options: EngineOptions, extra: Sequence[EntityRecognizer] = ()) -> None:
        """Load the models of `options`; `extra` recognizers are asked too."""
        _silence()
        self._options = options
        self._lock = threading.Lock()
        self._languages = [code for code, _ in options.models]
        self._nlp = StockNlpEngine(dict(options.models))
        recognizers = [one for code in self._languages for one in all_for(code, options)]
        recognizers += limited(extra, options)
        registry = RecognizerRegistry(recognizers, supported_languages=self._languages)
        registry.add_nlp_recognizer(self._nlp)
        self._engine = AnalyzerEngine(
            registry=registry, nlp_engine=self._nlp, supported_languages=self._languages
        )
        self._readers: dict[str, LanguageReader] = {}
        if options.fast:
            for code, model in options.models:
                nlp = loaded(model)
                sources = Sources(
                    nlp,
                    _names(nlp, options),
                    WordForms(model_path(model)),
                    best_scanner(options.cache_directory),
                )
                self._readers[code] = LanguageReader(self._engine, code, sources=sources)

    def load(self) -> None:
        """Load and compile now what is otherwise loaded when a text first needs it."""
        for code, model in self._options.models:
            complete(model)
            self.detect([("Call 212-555-5555, or write to Ada in Oslo.\n\n\u00e6", code)])

    def analyze(self, texts: Sequence[str], language: str) -> list[list[RecognizerResult]]:
        """Return what `AnalyzerEngine.analyze` returns for each text, of any length.

        The results are Presidio's own; unlike those of `detect` they are neither restricted to
        the entity types of the options nor moved together.

        Raises:
            RedactionFailed: as `detect`.
        """
        return self._batch(list(texts), language, total=len(texts))

    def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
        """Return what each text (with its language) holds, in order; spans may overlap.

        Raises:
            RedactionFailed: a time-out or an exception in any detector; says how many texts.
        """
        parts: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for number, (text, language) in enumerate(texts):
            code = language if language in self._languages else self._languages[0]
            for start, part in chunks(text, self._options.chunk_characters):
                parts[code].append((number, start, part))
        found: list[list[Span]] = [[] for _ in texts]
        size = self._options.batch_size
        ignored = self._options.ignored
        size = self._options.batch_size
        for code, all_parts in parts.items():
            for at in range(0, len(all_parts), size):
                batch = all_parts[at : at + size]
                results = self._batch([part for _, _, part in batch], code, total=len(texts))
                for (number, start, _), some in zip(batch, results, strict=True):
                    found[number] += [
                        Span(
                            one.start + start, one.end + start, one.entity_type, round(one.score, 4)
                        )
                        for one in some
                        if one.entity_type not in ignored
                    ]
        return [
            tuple(sorted(set(some), key=_order)) if len(some) > 1 else tuple(some) for some in found
        ]

    def _batch(
        self, texts: list[str], language: str, *, total: int
    ) -> list[list[RecognizerResult]]:
        failure = ""
        try:
            with self._lock, _no_skipping(), deadline(self._options.batch_seconds):
                return self._analyzed(texts, language)
        except OutOfTime:
            failure = "a detector ran out of time"
        except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the text
            failure = f"a detector failed with {type(error).__name__}"
        # Raised here, so that no exception that quotes a text hangs on it as its context.
        raise RedactionFailed(
            f"redaction: {failure} in a batch of {len(texts)} texts; all {total} texts were left "
            "as they were. Raise the engine's time limits or report the detector, then run again."
        )

    def _analyzed(self, texts: list[str], language: str) -> list[list[RecognizerResult]]:
        threshold = self._options.score_threshold
        reader = self._readers.get(language)
        with self._nlp.forgetting():
            if reader is not None:
                results = list(reader.read(texts, threshold))
            else:
                results = [
                    self._engine.analyze(text=text, language=language, score_threshold=threshold)
                    for text in texts
                ]
            check()
        return results


def _names(nlp: Language, options: EngineOptions) -> NameFinder:
    """Return the fastest name finder that finds what the pipeline itself does."""
    if can_compile():
        if options.cache_directory is not None:
            keep_compiled_in(options.cache_directory)
        # Only here: it imports numba.
        from pipelines.redaction.fast_names import FastNames
        from pipelines.redaction.network import OtherArchitecture

        try:
            return FastNames(nlp)
        except OtherArchitecture:
            logger.info("name finder is read by spaCy itself: its network is not the known one")
    return SpacyNames(nlp)


@lru_cache(maxsize=4)
def shared_analyzer(options: EngineOptions) -> Analyzer:
    """Return the analyzer for these options, loaded once per process."""
    return Analyzer(options)


def chunks(text: str, size: int) -> Iterator[tuple[int, str]]:
    """Yield parts of at most `size` characters, cut at blanks, each reaching into the next.

    >>> [(start, part) for start, part in chunks("short", 1000)]
    [(0, 'short')]
    """
    start = 0
    while len(text) - start > size:
        end = _blank_before(text, start + size, start + size // 2)
        yield start, text[start:end]
        start = _blank_before(text, end - _OVERLAP, end - 2 * _OVERLAP)
    yield start, text[start:]


def _blank_before(text: str, end: int, lowest: int) -> int:
    """Return the place after the last blank before `end`; `end` itself if there is none."""
    at = end
    while at > lowest:
        if text[at - 1].isspace():
            return at
        at -= 1
    return end


def _order(span: Span) -> tuple[int, int, str, float]:
    return span.start, -span.end, span.label, -span.score


@contextmanager
def _no_skipping() -> Iterator[None]:
    """Fail if Presidio only logged a time-out and went on without the pattern."""
    skipped: list[str] = []
    token = _SKIPPED.set(skipped)
    try:
        yield
    finally:
        _SKIPPED.reset(token)
    if skipped:
        raise OutOfTime


def _silence() -> None:
    """Keep Presidio's log lines, which quote words of the texts, out of every log."""
    logger = logging.getLogger("presidio-analyzer")
    if not any(isinstance(one, _NoText) for one in logger.filters):
        logger.addFilter(_NoText())
    # Time-outs are logged as warnings; below that nothing is even formatted.
    logger.setLevel(logging.WARNING)
