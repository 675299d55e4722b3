"""The recognizers of the engine: Presidio's stock ones, made to fail closed, and our own."""

from lacuna.redaction.recognizers.extensions import (
    RecognizerFailed,
    check_extensions,
    extensions,
)
from lacuna.redaction.recognizers.foreign_dates import ForeignDateRecognizer
from lacuna.redaction.recognizers.model_names import SURE, ModelNameRecognizer
from lacuna.redaction.recognizers.profiles import all_for, limited
from lacuna.redaction.recognizers.steady_patterns import Spanned
from lacuna.redaction.recognizers.stock import StockEmailRecognizer

__all__ = [
    "SURE",
    "ForeignDateRecognizer",
    "ModelNameRecognizer",
    "RecognizerFailed",
    "Spanned",
    "StockEmailRecognizer",
    "all_for",
    "check_extensions",
    "extensions",
    "limited",
]
