"""HOW text changes: known values of people first, then what the detectors find.

Importing this package loads neither spaCy nor Presidio; the first call of `redact` does.
"""

from collections.abc import Sequence
from pathlib import Path

from lacuna.model.identity import Person
from lacuna.ports import Matcher
from lacuna.redaction.bench.comparison import (
    BenchOptions,
    Comparison,
    Timing,
    compare,
    machine,
)
from lacuna.redaction.bench.scores import (
    AnnotatedSpan,
    CorpusRow,
    KindScore,
    Score,
    drawn,
    read_corpus,
    same_rows,
    score,
)
from lacuna.redaction.correction import ValueCorrector
from lacuna.redaction.documents import DocumentMatcher, DocumentRedactor
from lacuna.redaction.encoded_text import is_encoded_file
from lacuna.redaction.engine import Detector, PresidioRedactor
from lacuna.redaction.file_redaction import FileJob, FileReport, redact_file
from lacuna.redaction.known_values import KnownValueMatcher
from lacuna.redaction.operators.obfuscation import Obfuscator, obfuscated
from lacuna.redaction.options import (
    OTHER,
    EngineOptions,
    Profile,
    chosen_models,
    engine_parts,
    installed_models,
    models_by_language,
    read_definitions,
)


def build_redactor(
    persons: Sequence[Person], options: EngineOptions | None = None
) -> DocumentRedactor:
    """Return a redactor that knows the values of `persons`.

    Cheap: the models and recognizers are loaded once per process, at the first text that is
    redacted, and shared by all redactors with equal options.
    """
    return DocumentRedactor(PresidioRedactor(KnownValueMatcher(persons), options=options))


def engine_options(
    recognizers: Path | None,
    profile: Profile = Profile.DEFAULT,
    *,
    models: str | None = None,
    encoder: bool = True,
) -> EngineOptions:
    """Return the engine's options for an installation, its own recognizers checked.

    Args:
        recognizers: the file of the installation's recognizers, if it has one.
        models: the spaCy models that the installation names; see `chosen_models`.
        encoder: whether names of which the finder is unsure are read again.

    Raises:
        ConfigurationError: a recognizer of the file or of a package is broken, or a model cannot
            read what it is named for; names it.
    """
    options = EngineOptions(
        models=chosen_models(models),
        profile=profile,
        definitions=read_definitions(recognizers),
        encoder=encoder,
    )
    if profile is Profile.DEFAULT and (options.plug_ins or options.definitions):
        # Only here: it imports Presidio.
        from lacuna.redaction.recognizers import check_extensions

        languages = models_by_language(options).keys() - {OTHER}
        check_extensions(options.plug_ins, options.definitions, sorted(languages))
    return options


def build_matcher(persons: Sequence[Person]) -> Matcher:
    """Return a matcher that knows the values of `persons`, in texts and in JSON documents."""
    return DocumentMatcher(KnownValueMatcher(persons))


__all__ = [
    "OTHER",
    "AnnotatedSpan",
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
    "engine_options",
    "engine_parts",
    "installed_models",
    "is_encoded_file",
    "machine",
    "models_by_language",
    "obfuscated",
    "read_corpus",
    "redact_file",
    "same_rows",
    "score",
]
