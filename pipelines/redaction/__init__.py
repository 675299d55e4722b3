"""HOW text changes: known values of people first, then what the detectors find.

Importing this package loads neither spaCy nor Presidio; the first call of `redact` does.
"""

from collections.abc import Sequence

from pipelines.model.identity import Person
from pipelines.ports import Redactor
from pipelines.redaction.engine import Detector, PresidioRedactor
from pipelines.redaction.known_values import KnownValueMatcher
from pipelines.redaction.options import EngineOptions, Profile


def build_redactor(persons: Sequence[Person], options: EngineOptions | None = None) -> Redactor:
    """Return a redactor that knows the values of `persons`.

    Cheap: the models and recognizers are loaded once per process, at the first text that is
    redacted, and shared by all redactors with equal options.
    """
    return PresidioRedactor(KnownValueMatcher(persons), options=options)


__all__ = [
    "Detector",
    "EngineOptions",
    "KnownValueMatcher",
    "PresidioRedactor",
    "Profile",
    "build_redactor",
]
