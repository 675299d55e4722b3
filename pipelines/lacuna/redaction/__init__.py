"""HOW text changes: known values of people first, then what the detectors find.

Importing this package loads neither spaCy nor Presidio; the first call of `redact` does.
"""

from collections.abc import Sequence

from lacuna.model.identity import Person
from lacuna.ports import Matcher
from lacuna.redaction.bench.comparison import (
    BenchOptions,
    Comparison,
    Timing,
    compare,
    machine,
    measure_together,
    stock_engine,
)
from lacuna.redaction.bench.scores import (
    CorpusRow,
    KindScore,
    Marked,
    Score,
    drawn,
    read_corpus,
    same_rows,
    score,
)
from lacuna.redaction.correction import ValueCorrector
from lacuna.redaction.documents import DocumentMatcher, DocumentRedactor
from lacuna.redaction.engine import Detector, PresidioRedactor
from lacuna.redaction.files import FileJob, FileReport, redact_file
from lacuna.redaction.known_values import KnownValueMatcher
from lacuna.redaction.languages.choice import OTHER
from lacuna.redaction.operators.obfuscation import Obfuscator, obfuscated
from lacuna.redaction.options import EngineOptions, Profile, engine_parts, installed_models


def build_redactor(
    persons: Sequence[Person], options: EngineOptions | None = None
) -> DocumentRedactor:
    """Return a redactor that knows the values of `persons`.

    Cheap: the models and recognizers are loaded once per process, at the first text that is
    redacted, and shared by all redactors with equal options.
    """
    return DocumentRedactor(PresidioRedactor(KnownValueMatcher(persons), options=options))


def build_matcher(persons: Sequence[Person]) -> Matcher:
    """Return a matcher that knows the values of `persons`, in texts and in JSON documents."""
    return DocumentMatcher(KnownValueMatcher(persons))


__all__ = [
    "OTHER",
    "BenchOptions",
    "Comparison",
    "CorpusRow",
    "Detector",
    "DocumentRedactor",
    "EngineOptions",
    "FileJob",
    "FileReport",
    "KindScore",
    "KnownValueMatcher",
    "Marked",
    "Obfuscator",
    "PresidioRedactor",
    "Profile",
    "Score",
    "Timing",
    "ValueCorrector",
    "build_matcher",
    "build_redactor",
    "compare",
    "drawn",
    "engine_parts",
    "installed_models",
    "machine",
    "measure_together",
    "obfuscated",
    "read_corpus",
    "redact_file",
    "same_rows",
    "score",
    "stock_engine",
]
