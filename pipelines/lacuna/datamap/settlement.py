"""Writes the entry that settles a finding of a proof: how the map takes values of people out of a column."""

import re
from typing import Final

from lacuna.datamap import names, types
from lacuna.datamap.suggestion import MapTree, erasure_tree, fitting, fragment, label_of
from lacuna.model.schema import LiveColumn, LiveSchema, LiveTable
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Erasure, RowErasure, Treatment

__all__ = ["own_rows_entry", "rows_of_others_entry"]

_SEARCHES: Final = re.compile(r"search|quer(?:y|ies)")


def own_rows_entry(table: Table, column: Column, live: LiveSchema) -> str | None:
    """Return the fragment that takes values of a person out of a column of their own rows.

    None if that is no matter of the column alone: it is a key or a link, or nothing fits its type.
    """
    place = live.tables[table.name]
    there = place.column(column.name)
    if there is None or column.name in table.key or there.labels or there.allowed:
        return None
    if any(link.column == column.name for link in table.links):
        return None
    if table.rows is not RowErasure.ANONYMIZE:
        return rows_of_others_entry(table, column, live)
    erasure = _taking(there, place)
    if erasure is None:
        return None
    settings = _personal(column, table, is_own=True)
    settings["erase"] = erasure_tree(erasure)
    if erasure.treatment is Treatment.REDACT and types.is_text(there):
        settings["text"] = "plain"
    said: dict[str, MapTree] = {"columns": {column.name: settings}}
    if settings.get("access") == "true" and not table.label:
        said["label"] = label_of(table.name.name)
    return fragment("tables", names.written(table.name), value=said)


def rows_of_others_entry(table: Table, column: Column, live: LiveSchema) -> str | None:
    """Return the fragment that covers a person in a column of somebody else's rows, or of nobody's.

    None if the column takes no covered text, or no row of the table can be changed alone.
    """
    place = live.tables[table.name]
    there = place.column(column.name)
    if there is None or there.is_generated or not (place.key or place.unique_keys):
        return None
    if types.is_bytes(there):
        covering = "empty"
    elif types.label_misfit(there) is None and column.name not in table.key:
        covering = "redact"
    else:
        return None
    settings = {**_personal(column, table, is_own=False), "mention": covering}
    return fragment("tables", names.written(table.name), value={"columns": {column.name: settings}})


def _taking(column: LiveColumn, table: LiveTable) -> Erasure | None:
    redaction = Erasure(Treatment.REDACT)
    is_unique = any(column.name in unique for unique in table.unique_keys)
    if not is_unique and types.misfit(redaction, column) is None:
        return redaction
    erasure = fitting(column)
    if erasure is not None:
        is_alike = is_unique and erasure.treatment is not Treatment.SUPPRESS
        is_left = erasure.treatment in (Treatment.KEEP, Treatment.DERIVED)
        return None if is_alike or is_left else erasure
    constant = None if is_unique else types.fitting_constant(column)
    return None if constant is None else Erasure(Treatment.REPLACE, constant)


def _personal(column: Column, table: Table, *, is_own: bool) -> dict[str, MapTree]:
    """Return the settings that say that a column holds personal data; none where the map says it."""
    if column.is_personal:
        return {}
    is_search = _SEARCHES.search(f"{table.name.name}.{column.name}".lower())
    settings: dict[str, MapTree] = {
        "category": "user.behavior.search_history" if is_search else "user.content.private",
        "access": "true" if is_own else "false",
        "portability": "false",
    }
    if is_own:
        settings["meaning"] = f"{label_of(column.name)}."
    return settings
