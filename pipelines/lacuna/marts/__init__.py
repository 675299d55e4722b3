"""The marts' declarations: one folder each, read strictly, before any table or row is."""

from lacuna.marts.metadata import COMMON_COLUMNS, FOLDER, added_marts, load_mart, marts
from lacuna.marts.queries import definitions_digest, query_text
from lacuna.marts.skeleton import write_skeleton

__all__ = [
    "COMMON_COLUMNS",
    "FOLDER",
    "added_marts",
    "definitions_digest",
    "load_mart",
    "marts",
    "query_text",
    "write_skeleton",
]
