"""The known values of people, found in texts however they are written."""

from lacuna.redaction.known_values.encoded_runs import RUN
from lacuna.redaction.known_values.matcher import KnownValueMatcher

__all__ = ["RUN", "KnownValueMatcher"]
