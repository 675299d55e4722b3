"""Presidio's analysis of texts in one language, done once for all recognizers."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    Pattern,
    PatternRecognizer,
    RecognizerResult,
)
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration
from presidio_analyzer.predefined_recognizers import (
    IbanRecognizer,
    PhoneRecognizer,
    SpacyRecognizer,
)
from spacy.attrs import IS_PUNCT, IS_STOP
from spacy.language import Language

from lacuna.redaction.analysis.context import ContextWords, Row
from lacuna.redaction.analysis.models import LazyArtifacts, StockNlpEngine
from lacuna.redaction.analysis.one_pass_phones import PhoneFinder
from lacuna.redaction.analysis.patterns import results_of
from lacuna.redaction.analysis.preconditions import Prefiltered
from lacuna.redaction.analysis.word_forms import WordForms
from lacuna.redaction.fast.named_spans import Found, NameFinder
from lacuna.redaction.fast.prefilter import Prefilter, ScannerOf
from lacuna.redaction.recognizers import (
    ForeignDateRecognizer,
    ModelNameRecognizer,
    StockEmailRecognizer,
)
from lacuna.redaction.time_limits import check

_PREFILTER_FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL
_ID = RecognizerResult.RECOGNIZER_IDENTIFIER_KEY
_NAME = RecognizerResult.RECOGNIZER_NAME_KEY
_LIFTED = RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY
_PRESIDIO = "presidio_analyzer."
_BY_SPACY = (SpacyRecognizer, ForeignDateRecognizer)
_BY_MODEL = (*_BY_SPACY, ModelNameRecognizer)
_STANDING_FOR_STOCK = (StockEmailRecognizer,)
_CHARACTERS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class Sources:
    """What a reader is made of, all of it for one model.

    Attributes:
        nlp: the model; the words of its language.
        names: finds tokens and names as the model does.
        forms: the lemmas that a word may have.
        scanner_of: makes the prefilter's scanner.
        directory: where the prefilter's patterns are kept between processes.
    """

    nlp: Language
    names: NameFinder
    forms: WordForms
    scanner_of: ScannerOf
    directory: Path


@dataclass(frozen=True)
class _AskedRecognizer:
    """A recognizer and how it is asked.

    Attributes:
        patterns: each is its own prefilter and is run here; the recognizer itself is not asked.
        phones: finds what the recognizer would, in one pass for all its countries.
        context: its context words in small letters.
        by_lemma: Presidio's own: its context words count if the lemma of a word holds them. For
            all others it is enough that the word as it is written may have such a lemma.
    """

    recognizer: EntityRecognizer
    patterns: Sequence[Pattern] | None
    phones: PhoneFinder | None
    context: tuple[str, ...]
    by_lemma: bool
    metadata: dict[str, str] = field(repr=False)


class LanguageReader:
    """Finds what `AnalyzerEngine` finds in texts of one language.

    Names come from one pass of the name finder over many texts. A prefilter says which recognizers can
    find something in a text; context words are looked up only round what they found. Where a
    result hangs on something that only the whole model knows, the text goes to `stock`.
    """

    def __init__(
        self,
        stock: AnalyzerEngine,
        language: str,
        *,
        sources: Sources,
        added: Sequence[EntityRecognizer] = (),
    ) -> None:
        """Compile what the recognizers of `stock` look for.

        Args:
            added: those among them that the installation adds to the product's own.
        """
        self._stock = stock
        self._language = language
        self._names = sources.names
        self._nlp_engine = cast(StockNlpEngine, stock.nlp_engine)
        recognizers: list[EntityRecognizer] = stock.registry.get_recognizers(
            language=language, all_fields=True
        )
        self._recognizers = recognizers
        self._model_names = next(
            (one for one in recognizers if isinstance(one, ModelNameRecognizer)), None
        )
        self._entities: list[str] = stock.get_supported_entities(language=language)
        self._keeps: Callable[[str, int, int], bool] | None = None
        self._labels, self._name_metadata = self._named(self._nlp_engine.ner_model_configuration)
        self._least_name_score = min(
            (named[1] for named in self._labels if named is not None), default=0.0
        )
        # Stable: otherwise they are asked in their own order.
        recognizers = sorted(recognizers, key=lambda one: any(one is each for each in added))
        self._asked = [_asked(one) for one in recognizers if type(one) not in _BY_MODEL]
        self._with_context = {one.metadata[_ID]: one for one in self._asked if one.context}
        self._always: list[int] = []
        self._owners: list[tuple[int, int]] = []
        patterns = list(self._prefilter_patterns())
        common = sum(
            all(self._asked[number].recognizer is not one for one in added)
            for number, _ in self._owners
        )
        self._prefilter = Prefilter(
            patterns,
            common=common,
            scanner_of=sources.scanner_of,
            directory=sources.directory,
        )
        getters = sources.nlp.vocab.lex_attr_getters  # type: ignore[attr-defined]
        self._context = ContextWords(
            sources.forms,
            cast(LemmaContextAwareEnhancer, stock.context_aware_enhancer),
            is_stop=getters[IS_STOP],
            is_punctuation=getters[IS_PUNCT],
        )
        self._enhancing = any(
            type(one).enhance_using_context is not EntityRecognizer.enhance_using_context
            for one in recognizers
        )

    def read(self, texts: Sequence[str], threshold: float) -> Iterator[list[RecognizerResult]]:
        """Yield what each text holds, scored `threshold` or more, as Presidio orders it.

        Raises:
            OutOfTime: a detector was too slow.
            ValueError: or anything else that a recognizer raises.
        """
        for batch in _batches(texts):
            found = self._names.find(batch)
            check()
            by_text: list[list[RecognizerResult]] = [[] for _ in batch]
            for number, start, end, label in found.entities.tolist():
                if (named := self._labels[label]) is not None:
                    entity, score = named
                    if self._keeps is not None and not self._keeps(batch[number], start, end):
                        continue
                    by_text[number].append(
                        RecognizerResult(
                            entity, start, end, score, recognition_metadata=self._name_metadata
                        )
                    )
            if self._model_names is not None:
                for results, some in zip(by_text, self._model_names.read(batch), strict=True):
                    results += some
            for number, text in enumerate(batch):
                yield self._one(text, number, found, by_text[number], threshold)

    def _one(
        self,
        text: str,
        number: int,
        found: Found,
        results: list[RecognizerResult],
        threshold: float,
    ) -> list[RecognizerResult]:
        """Return the results for one text, given the names in it."""
        matches = self._matches(text)
        if matches:
            check()
            if self._enhancing or not self._lift(text, number, found, matches):
                return self._by_stock(text, threshold)
        elif self._model_names is None and self._least_name_score >= threshold:
            # Names of one model alone: they neither overlap nor have scores apart.
            return results
        results = [one for one in (*results, *matches) if one.score >= threshold]
        return EntityRecognizer.remove_duplicates(results) if results else results

    def _by_stock(self, text: str, threshold: float) -> list[RecognizerResult]:
        found: list[RecognizerResult] = self._stock.analyze(
            text=text, language=self._language, score_threshold=threshold
        )
        return found

    # --- recognizers ------------------------------------------------------------------------------

    def _prefilter_patterns(self) -> Iterator[tuple[str, int]]:
        """Yield the patterns of the prefilter; note whose they are, and who is always asked."""
        patterns: list[tuple[str, int]]
        for number, asked in enumerate(self._asked):
            recognizer = asked.recognizer
            if asked.phones is not None:
                patterns = [(one, _PREFILTER_FLAGS) for one in asked.phones.prefilter_patterns]
            elif isinstance(recognizer, Prefiltered):
                patterns = [(one, _PREFILTER_FLAGS) for one in recognizer.prefilter_patterns]
            elif asked.patterns is not None or isinstance(recognizer, IbanRecognizer):
                flags = cast(PatternRecognizer, recognizer).global_regex_flags or 0
                patterns = [(one.regex, flags) for one in _patterns(recognizer)]
            else:
                self._always.append(number)
                continue
            for place, pattern in enumerate(patterns):
                self._owners.append((number, place))
                yield pattern

    def _matches(self, text: str) -> list[RecognizerResult]:
        """Return the matches of the recognizers, before context words count."""
        matches: list[RecognizerResult] = []
        wanted: dict[int, list[int]] = {}
        for opened in self._prefilter.open_for(text):
            number, place = self._owners[opened]
            wanted.setdefault(number, []).append(place)
        for number in self._always:
            wanted[number] = []
        for number, places in wanted.items():
            matches += self._ask(self._asked[number], places, text)
        return matches

    def _ask(self, asked: _AskedRecognizer, places: list[int], text: str) -> list[RecognizerResult]:
        recognizer = asked.recognizer
        if asked.phones is not None:
            entity = recognizer.supported_entities[0]
            score = cast(PhoneRecognizer, recognizer).SCORE
            return [
                RecognizerResult(
                    entity, start, end, score, recognition_metadata=dict(asked.metadata)
                )
                for start, end in asked.phones.find(text)
            ]
        if asked.patterns is not None:
            return results_of(
                cast(PatternRecognizer, recognizer),
                [asked.patterns[place] for place in places],
                text,
                asked.metadata,
            )
        artifacts = LazyArtifacts(self._nlp_engine, text, self._language)
        results = recognizer.analyze(text, self._entities, artifacts) or []
        for one in results:
            one.recognition_metadata = {**asked.metadata, **(one.recognition_metadata or {})}
        return results

    def _lift(self, text: str, number: int, found: Found, matches: list[RecognizerResult]) -> bool:
        """Lift the scores that context words support; return whether all could be known."""
        row: Row | None = None
        for match in matches:
            metadata = match.recognition_metadata
            asked = self._with_context.get(metadata[_ID])
            if asked is None or metadata.get(_LIFTED):
                continue
            if row is None:
                first, last = found.first_token[number : number + 2].tolist()
                row = Row(text, found.starts[first:last].tolist(), found.ends[first:last].tolist())
            supported = self._context.supports(row, match.start, asked.context)
            if supported is None and asked.by_lemma:
                return False
            if supported is not False:
                match.score = self._context.score(match.score)
        return True

    # --- names ------------------------------------------------------------------------------------

    def _named(
        self, configuration: NerModelConfiguration
    ) -> tuple[list[tuple[str, float] | None], dict[str, str]]:
        """Return entity type and score for each label of the name finder; None: it is left."""
        own = [one for one in self._recognizers if type(one) in _BY_SPACY]
        if not own:
            return [None] * len(self._names.labels), {}
        if isinstance(own[0], ForeignDateRecognizer):
            self._keeps = own[0].keeps
        mapping = configuration.model_to_presidio_entity_mapping or {}
        ignored = configuration.labels_to_ignore or ()
        low = configuration.low_score_entity_names or ()
        result: list[tuple[str, float] | None] = []
        for label in self._names.labels:
            entity = mapping.get(label, label)
            wanted = entity in self._entities and entity in own[0].supported_entities
            if label in ignored or entity in ignored or not wanted:
                result.append(None)
                continue
            score = configuration.default_score or 0.0
            if entity in low:
                score *= configuration.low_confidence_score_multiplier or 0.0
            result.append((entity, score))
        return result, _metadata(own[0])


def _asked(recognizer: EntityRecognizer) -> _AskedRecognizer:
    kind = type(recognizer)
    phones = patterns = None
    if isinstance(recognizer, PhoneRecognizer) and kind.analyze is PhoneRecognizer.analyze:
        phones = PhoneFinder(recognizer.supported_regions, recognizer.leniency or 0)
    elif (
        isinstance(recognizer, PatternRecognizer)
        and kind.analyze is PatternRecognizer.analyze
        and not isinstance(recognizer, Prefiltered)
    ):
        patterns = _patterns(recognizer)
    return _AskedRecognizer(
        recognizer,
        patterns=patterns,
        phones=phones,
        context=tuple([word.lower() for word in recognizer.context or ()]),
        by_lemma=kind.__module__.startswith(_PRESIDIO) or kind in _STANDING_FOR_STOCK,
        metadata=_metadata(recognizer),
    )


def _patterns(recognizer: EntityRecognizer) -> list[Pattern]:
    patterns: list[Pattern] = vars(recognizer)["patterns"]
    return patterns


def _metadata(recognizer: EntityRecognizer) -> dict[str, str]:
    return {_NAME: str(vars(recognizer)["name"]), _ID: recognizer.id}


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in batches whose length the name finder's arrays are made for."""
    start = characters = 0
    for number, text in enumerate(texts):
        if characters and characters + len(text) > _CHARACTERS_AT_ONCE:
            yield texts[start:number]
            start, characters = number, 0
        characters += len(text) + 1
    if start < len(texts):
        yield texts[start:]
