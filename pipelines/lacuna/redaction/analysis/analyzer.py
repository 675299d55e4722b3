"""Presidio's analyzer over many texts: in batches, within time limits, failing closed.

Same weights, recognizers, context rules and scores as `BatchAnalyzerEngine`. Where the fast way and
Presidio's own could come to different results, and where the fast way is switched off, its own is
taken.

Each language has recognizers of its own. Names in one without a spaCy model are found by context
and by the finder of names; beside a spaCy model it adds those that it is sure of.
"""

import copy
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import SpacyRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from spacy.language import Language

from lacuna.errors import ConfigurationError, RedactionFailed
from lacuna.ports import Span
from lacuna.redaction.analysis.language_reader import LanguageReader, Sources
from lacuna.redaction.analysis.models import (
    SpacyNames,
    StockNlpEngine,
    complete,
    loaded,
    model_path,
)
from lacuna.redaction.analysis.word_forms import WordForms
from lacuna.redaction.fast.compiled_loops import can_compile, keep_compiled_in
from lacuna.redaction.fast.named_spans import NameFinder
from lacuna.redaction.fast.prefilter import BESIDE, best_scanner
from lacuna.redaction.languages.text_language import languages_of
from lacuna.redaction.model_packages import content_digest, model_package
from lacuna.redaction.options import DEFAULT_MODEL, EngineOptions, Profile
from lacuna.redaction.recognizers import (
    SURE,
    ForeignDateRecognizer,
    ModelNameRecognizer,
    RecognizerFailed,
    all_for,
    extensions,
    limited,
)
from lacuna.redaction.time_limits import OutOfTime, check, deadline

logger = logging.getLogger(__name__)

_TextPart = tuple[int, int, str]
# The time limit is one for a batch, whatever its texts are.
_CHARACTERS_AT_ONCE = 400_000

_OVERLAP = 300
_SKIPPED: ContextVar[list[str] | None] = ContextVar("skipped", default=None)


class _NoText(logging.Filter):
    """Drops what Presidio logs, which quotes texts; notes a pattern that it skipped."""

    def filter(self, record: logging.LogRecord) -> bool:
        skipped = _SKIPPED.get()
        if skipped is not None and "timed out" in str(record.msg):
            skipped.append(record.module)
        return False


@dataclass(frozen=True)
class _LanguageEngine:
    """What reads the texts of one language; without a reader, Presidio's own engine does."""

    engine: AnalyzerEngine
    reader: LanguageReader | None


class Analyzer:
    """Finds personal data in texts: names by spaCy, the rest by patterns and check digits.

    Thread-safe: one batch at a time.
    """

    def __init__(self, options: EngineOptions, extra: Sequence[EntityRecognizer] = ()) -> None:
        """Use the models of `options`, each loaded at its first text; ask `extra` recognizers too.

        An extra recognizer is asked about the texts of its own language, and about those of
        every language that has no model.
        """
        _silence()
        self._options = options
        self._lock = threading.Lock()
        self._languages = languages_of(options)
        self._models = dict(options.models)
        self._first = options.models[0][0]
        self._nlp = StockNlpEngine(self._models, first=self._first)
        for name in self._models.values():
            # Whether it is there is asked now, and not at the first text in its language.
            model_package(name)
        self._extra = limited(extra, options)
        self._names: dict[str, tuple[Language, NameFinder]] = {}
        self._desks: dict[str, _LanguageEngine] = {}

    def load(self) -> None:
        """Load and compile now what is otherwise loaded when a text first needs it."""
        for code, model in self._options.models:
            complete(model)
            self.detect([("Call 212-555-5555, or write to Ada in Oslo.\n\n\u00e6", code)])

    def analyze(self, texts: Sequence[str], language: str) -> list[list[RecognizerResult]]:
        """Return the results of `AnalyzerEngine.analyze` for each text, of any length.

        The results are Presidio's own; unlike those of `detect` they are neither restricted to
        the entity types of the options nor moved together.

        Raises:
            RedactionFailed: as `detect`.
        """
        return self._batch(list(texts), self._code("", language), total=len(texts))

    def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
        """Return the spans in each text (with its language), in order; they may overlap.

        A language that is None is told from the words of the text.

        Raises:
            RedactionFailed: a time-out or an exception in any detector; says how many texts.
        """
        parts: dict[str, list[_TextPart]] = defaultdict(list)
        for number, (text, language) in enumerate(texts):
            code = self._code(text, language)
            for start, part in chunks(text, self._options.chunk_characters):
                parts[code].append((number, start, part))
        found: list[list[Span]] = [[] for _ in texts]
        ignored = self._options.ignored
        for code, all_parts in parts.items():
            for batch in self._batches(all_parts):
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

    def _batches(self, parts: Sequence[_TextPart]) -> Iterator[Sequence[_TextPart]]:
        """Yield parts of texts in batches: not too many, and not too many characters."""
        start = characters = 0
        for number, (_, _, text) in enumerate(parts):
            is_full = number - start == self._options.batch_size
            if is_full or (characters and characters + len(text) > _CHARACTERS_AT_ONCE):
                yield parts[start:number]
                start, characters = number, 0
            characters += len(text)
        if start < len(parts):
            yield parts[start:]

    def _batch(
        self, texts: list[str], language: str, *, total: int
    ) -> list[list[RecognizerResult]]:
        failure = ""
        try:
            with self._lock:
                # What a language needs is loaded when a text is in it, and is no detector's time.
                desk = self._desk(language)
                with _no_skipping(), deadline(self._options.batch_seconds):
                    return self._analyzed(texts, language, desk)
        except OutOfTime as error:
            failure = f"{str(error) or 'a detector'} timed out"
        except RecognizerFailed as error:
            failure = str(error)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the text
            failure = f"a detector failed with {type(error).__name__}"
        # Raised here, so that no exception that quotes a text hangs on it as its context.
        raise RedactionFailed(
            f"redaction: {failure} in a batch of {len(texts)} texts; all {total} texts were left "
            "unchanged. Raise the engine's time limits or report the detector, then run again."
        )

    def _analyzed(
        self, texts: list[str], language: str, desk: _LanguageEngine
    ) -> list[list[RecognizerResult]]:
        threshold = self._options.score_threshold
        with self._nlp.forgetting():
            if desk.reader is not None:
                results = list(desk.reader.read(texts, threshold))
            else:
                results = [
                    desk.engine.analyze(text=text, language=language, score_threshold=threshold)
                    for text in texts
                ]
            check()
        return results

    # --- languages --------------------------------------------------------------------------------

    def _code(self, text: str, language: str | None) -> str:
        if self._options.profile is Profile.EXACT:
            # As stock Presidio would have to be asked: it knows the languages of its models alone.
            return language if language in self._models else self._first
        return self._languages.code(language) or self._languages.of(text, None)

    def _desk(self, code: str) -> _LanguageEngine:
        """Return the engine for a language, creating it on first use."""
        known = self._desks.get(code)
        if known is None:
            added = self._added(code)
            engine = self._engine(code, added)
            reader = self._reader(engine, code, added) if self._options.fast else None
            known = self._desks[code] = _LanguageEngine(engine, reader)
        return known

    def _added(self, code: str) -> list[EntityRecognizer]:
        """Return the recognizers that the installation adds for a language."""
        added: list[EntityRecognizer] = []
        if self._options.profile is Profile.DEFAULT:
            found = extensions(self._options.plug_ins, self._options.definitions, code)
            added += limited(found, self._options)
        for one in self._extra:
            if one.supported_language == code:
                added.append(one)
            elif not self._languages.has_model(code):
                added.append(own := copy.copy(one))
                own.supported_language = code
        return added

    def _engine(self, code: str, added: Sequence[EntityRecognizer]) -> AnalyzerEngine:
        recognizers = [*all_for(code, self._options), *added]
        finding = self._options.profile is Profile.DEFAULT
        entities = self._nlp.get_supported_entities()
        model = self._models.get(code)
        if finding and model == DEFAULT_MODEL:
            # The finder knows people better, and what both find together is less precise.
            entities = [one for one in entities if one != "PERSON"]
        recognizers.append(
            ForeignDateRecognizer(code) if model is None else SpacyRecognizer(code, entities)
        )
        if finding:
            recognizers.append(
                ModelNameRecognizer(
                    code,
                    places=model is None,
                    least=0.0 if model in (None, DEFAULT_MODEL) else SURE,
                    asks_encoder=self._options.encoder,
                )
            )
        registry = RecognizerRegistry(recognizers, supported_languages=[code])
        return AnalyzerEngine(registry=registry, nlp_engine=self._nlp, supported_languages=[code])

    def _reader(
        self, engine: AnalyzerEngine, code: str, added: Sequence[EntityRecognizer]
    ) -> LanguageReader:
        model = self._models.get(code, self._models[self._first])
        if model not in self._names:
            self._names[model] = _names(model, self._options)
        nlp, names = self._names[model]
        sources = Sources(
            nlp,
            names,
            WordForms(model_path(model)),
            best_scanner(self._options.cache_directory),
            self._options.cache_directory or BESIDE,
        )
        return LanguageReader(engine, code, sources=sources, added=added)


def _names(model: str, options: EngineOptions) -> tuple[Language, NameFinder]:
    """Return the fastest name finder that finds what a model itself does, and the words it knows."""
    if can_compile():
        if options.cache_directory is not None:
            keep_compiled_in(options.cache_directory)
        # Only here: it imports numba.
        from lacuna.redaction.fast.name_finder import FastNames
        from lacuna.redaction.fast.network import Embedding, OtherArchitecture
        from lacuna.redaction.fast.word_rows import WordRows, kept_rows, rows_of

        def words(embedding: Embedding) -> WordRows:
            return kept_rows(
                options.cache_directory or BESIDE,
                content_digest(model_package(model)),
                lambda: rows_of(loaded(model).vocab.vectors, embedding),
            )

        nlp = loaded(model, vectors=False)
        try:
            return nlp, FastNames(nlp, words=words)
        except OtherArchitecture:
            logger.info("name finder is read by spaCy itself: its network is not the known one")
    nlp = loaded(model)
    return nlp, SpacyNames(nlp)


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
