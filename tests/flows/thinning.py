"""A sample platform cut down to what a test needs: a night takes as long as there is to read."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lacuna_demo.sample import SampleFiles, SamplePlatform, TableRows
from lacuna_demo.sample.draft import FilePlan

CONVERSATIONS = "contact_center.conversations"
# Below a conversation in this order: the column that leads to it, and whose keys it has.
_BELOW = (
    ("conversation_id", CONVERSATIONS),
    ("message_id", "contact_center.messages"),
    ("call_id", "contact_center.calls"),
)


def thinned(platform: SamplePlatform, people: Collection[str], others: int) -> SamplePlatform:
    """Return a platform with all conversations of some people, and the first few of all others.

    Rows that belong to the rest are left out, with their files and their rows of the export.
    """
    table = platform.tables[CONVERSATIONS]
    of = [str(one) for one in table.values("requester_id")]
    rest = [key for key, one in zip(_keys(table), of, strict=True) if one not in people]
    left_out = set(sorted(rest)[others:])
    tables = dict(platform.tables)
    for column, parent in _BELOW:
        gone = set(_keys(platform.tables[parent])) - set(_keys(tables[parent]))
        gone |= left_out if parent == CONVERSATIONS else set()
        tables = {name: _without(one, column, gone) for name, one in tables.items()}
    tables[CONVERSATIONS] = _orphaned(tables[CONVERSATIONS], left_out)
    return replace(platform, tables=tables, files=_files(platform, tables, left_out))


def _keys(table: TableRows) -> list[Any]:
    return [row[0] for row in table.rows]


def _without(table: TableRows, column: str, gone: Collection[Any]) -> TableRows:
    if column not in table.columns:
        return table
    at = table.columns.index(column)
    return replace(table, rows=[row for row in table.rows if row[at] not in gone])


def _orphaned(table: TableRows, gone: Collection[Any]) -> TableRows:
    """Return conversations that have lost the one they came from."""
    at = table.columns.index("parent_id")
    return replace(
        table,
        rows=[(*row[:at], None, *row[at + 1 :]) if row[at] in gone else row for row in table.rows],
    )


def _files(
    platform: SamplePlatform, tables: dict[str, TableRows], gone: Collection[Any]
) -> SampleFiles:
    """Return the files that a row still names, and those that none ever named."""
    before, after = _said(platform.tables), _said(tables)
    return SampleFiles(
        tuple(
            replace(one, make=partial(_export_without, one, gone))
            if one.path.endswith(".parquet")
            else one
            for one in platform.files.plans
            if one.path in after or one.path not in before
        )
    )


def _said(tables: dict[str, TableRows]) -> str:
    return "\n".join(
        cell
        for table in tables.values()
        for row in table.rows
        for cell in row
        if isinstance(cell, str)
    )


def _export_without(plan: FilePlan, gone: Collection[Any]) -> bytes:
    table = pq.read_table(io.BytesIO(plan.make()))
    left_out = pc.is_in(table["conversation_id"], pa.array(sorted(gone)))
    content = io.BytesIO()
    pq.write_table(table.filter(pc.invert(left_out)), content)
    return content.getvalue()
