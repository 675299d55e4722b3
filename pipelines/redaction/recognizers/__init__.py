"""The recognizers of the engine: Presidio's stock ones, made to fail closed, and our own."""

from pipelines.redaction.recognizers.catalog import all_for, limited
from pipelines.redaction.recognizers.foreign_names import ForeignNameRecognizer
from pipelines.redaction.recognizers.stock import StockEmailRecognizer

__all__ = ["ForeignNameRecognizer", "StockEmailRecognizer", "all_for", "limited"]
