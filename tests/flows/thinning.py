"""A sample platform cut down to what a test needs: a night takes as long as there is to read."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from itertools import repeat
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

# Rows of these tables are of several sorts, of each of which something is kept.
_SORT_IN = {CONVERSATIONS: "state", "contact_center.messages": "author_type"}


def thinned(
    platform: SamplePlatform,
    people: Collection[str],
    others: int,
    *,
    sampled: Collection[str] = (),
) -> SamplePlatform:
    """Return a platform with all conversations of some people, and the first few of all others.

    Rows that belong to the rest are left out, with their files and their rows of the export.

    Args:
        sampled: people of whom as many conversations stay as it takes to keep something in each
            table, in each state, and by each sort of author.
    """
    of = _requesters(platform)
    stay = {key for key, one in of.items() if one in people}
    for one in sampled:
        stay |= _one_of_each(platform, {key for key, requester in of.items() if requester == one})
    rest = sorted(of.keys() - stay - {key for key, one in of.items() if one in sampled})
    left_out = of.keys() - stay - set(rest[:others])
    tables = dict(platform.tables)
    for column, parent in _BELOW:
        gone = set(_keys(platform.tables[parent])) - set(_keys(tables[parent]))
        gone |= left_out if parent == CONVERSATIONS else set()
        tables = {name: _without(one, column, gone) for name, one in tables.items()}
    tables[CONVERSATIONS] = _orphaned(tables[CONVERSATIONS], left_out)
    files = _files(platform, tables, left_out)
    there = {one.path for one in files.plans}
    return replace(
        platform,
        tables=tables,
        files=files,
        late_export=_without(platform.late_export, "conversation_id", left_out),
        people={
            key: replace(one, files=one.files & there) if key in sampled else one
            for key, one in platform.people.items()
        },
    )


def _requesters(platform: SamplePlatform) -> dict[Any, str]:
    table = platform.tables[CONVERSATIONS]
    return dict(zip(_keys(table), map(str, table.values("requester_id")), strict=True))


def _one_of_each(platform: SamplePlatform, conversations: Collection[Any]) -> set[Any]:
    """Return the smallest of these that have, together, what all of them have."""
    kinds: dict[Any, set[tuple[str, str]]] = defaultdict(set)
    sizes: dict[Any, int] = defaultdict(int)
    conversation_of: dict[tuple[str, Any], Any] = {}
    for column, parent in _BELOW:
        table = platform.tables[parent]
        conversation_of |= {
            (column, key): key if parent == CONVERSATIONS else whose
            for key, whose in zip(_keys(table), table.values("conversation_id"), strict=True)
        }
    for name, table in platform.tables.items():
        column = next((one for one, _ in _BELOW if one in table.columns), None)
        if column is None:
            continue
        sorts = table.values(_SORT_IN[name]) if name in _SORT_IN else repeat("")
        for key, sort in zip(table.values(column), sorts, strict=False):
            one = conversation_of.get((column, key))
            if one in conversations:
                kinds[one].add((name, sort))
                sizes[one] += 1
    missing = set().union(*kinds.values())
    found = set()
    while missing:
        best = max(sorted(kinds), key=lambda one: (len(kinds[one] & missing), -sizes[one]))
        found.add(best)
        missing -= kinds[best]
    return found


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
