"""HOW text changes: known values of people first, then what the detectors find.

Importing this package loads neither spaCy nor Presidio; building a redactor does.
"""

from pipelines.redaction.known_values import KnownValueMatcher

__all__ = ["KnownValueMatcher"]
