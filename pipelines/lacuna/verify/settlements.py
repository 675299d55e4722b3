"""What settles a finding of the proof: how the data map treats a place at which values of people would stay."""

import re
from typing import Final

from lacuna.documentation import doc_page
from lacuna.model.location import ColumnName

__all__ = ["OF_FILES", "OF_SCHEMAS", "OF_TABLES", "in_own_rows", "in_rows_of_others"]

OF_TABLES: Final = "take its table out of ignored; lacuna datamap check then prints an entry for it"
OF_SCHEMAS: Final = "add its schema to the map, or revoke lacuna_verifier's right to read it"
OF_FILES: Final = (
    "write a pattern under files of the store, with format: detect, mention: redact and otherwise: "
    "delete_object"
)
_RIGHTS: Final = (
    "; write access and portability, too: true if the person receives a copy of it, else false"
)
_SEARCHES: Final = re.compile(r"search|quer(?:y|ies)")


def in_own_rows(place: ColumnName) -> str:
    """Return the treatments that take values of a person out of a column of their own rows."""
    return (
        f"category: {_category(place)} with erase: redact and text: plain (a text), suppress (it may be "
        f"NULL), empty (a document, a list or bytes) or {{replace: CONSTANT}} takes them away{_RIGHTS}"
    )


def in_rows_of_others(place: ColumnName) -> str:
    """Return the entry that takes values of a person out of a column of somebody else's rows, or of nobody's."""
    return (
        f"category: {_category(place)} with mention: redact covers them (a text, also one in base64, a "
        f"list or a document); mention: empty takes bytes away{_RIGHTS}"
    )


def _category(place: ColumnName) -> str:
    is_search = _SEARCHES.search(f"{place.table.name}.{place.name}".lower())
    name = "user.behavior.search_history" if is_search else "user.content.private"
    return f"{name}, or another of {doc_page('datamap', 'Categories')},"
