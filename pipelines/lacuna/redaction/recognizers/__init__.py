"""The recognizers of the engine: Presidio's stock ones, made to fail closed, and our own."""

from lacuna.redaction.recognizers.extensions import (
    RecognizerFailed,
    check_extensions,
    extensions,
)
from lacuna.redaction.recognizers.foreign_names import ForeignNameRecognizer
from lacuna.redaction.recognizers.profiles import all_for, limited
from lacuna.redaction.recognizers.stock import StockEmailRecognizer

__all__ = [
    "ForeignNameRecognizer",
    "RecognizerFailed",
    "StockEmailRecognizer",
    "all_for",
    "check_extensions",
    "extensions",
    "limited",
]
