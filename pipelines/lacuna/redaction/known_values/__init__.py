"""The known values of people, found in texts however they are written."""

from lacuna.redaction.known_values.matcher import KnownValueMatcher

__all__ = ["KnownValueMatcher"]
