"""The recognizers of the engine: Presidio's stock ones, made to fail closed, and our own."""

from pipelines.redaction.recognizers.catalog import all_for, limited

__all__ = ["all_for", "limited"]
