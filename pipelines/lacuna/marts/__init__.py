"""The marts' declarations: one folder each, read strictly, before any table or row is."""

from lacuna.marts.metadata import COMMON_COLUMNS, FOLDER, load_mart, marts

__all__ = ["COMMON_COLUMNS", "FOLDER", "load_mart", "marts"]
