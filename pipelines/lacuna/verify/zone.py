"""The reporting zone as it lies there: what is in the schema and the files that must not be.

    1. columns: nothing but dimensions, whole numbers, days and provenance; no clock time, no
       smallest, largest or percentile of single rows, no document, no list;
    2. texts: values of dimensions are names from a closed list, not free text: no address, no
       long number, no id, no clock time, nothing long;
    3. files: one a sealed period, its content the cells that the ledger says were sealed.

It reads with its own code, and trusts neither the writer nor the declarations.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785

from lacuna.model.finding import Finding, Gate
from lacuna.ports import Objects

_KINDS: Final = frozenset({"bigint", "integer", "double precision", "boolean", "text", "date"})
_RELEASE_KINDS: Final = _KINDS | {"timestamp with time zone", "jsonb", "xid8"}
_PROVENANCE: Final = frozenset({"release", "restatement"})
_EXTREME: Final = re.compile(
    r"(^|_)(min|max|longest|shortest|largest|smallest|first_at|last_at)(_|$)"
)
_DIRECT: Final = re.compile(
    r"(^|_)(contact_id|requester|agent_id|person|name|email|phone|comment|message|subject)(_|$)"
)
_IDENTIFIERS: Final = (
    re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE),
    re.compile(r"\+?\d[\d ()/.]{7,}\d"),
)
_CLOCK: Final = re.compile(r"(^|[^\d])([01]?\d|2[0-3]):[0-5]\d([^\d]|$)")
_BAND: Final = re.compile(r"^\d{6}-(\d{6})?$")
_PERIOD: Final = re.compile(r"^\d{4}-(W?\d{2}|\d{2}-\d{2})(--\d{4}-(W?\d{2}|\d{2}-\d{2}))?$")
_DIGEST: Final = re.compile(r"^[0-9a-f]{64}$")
_LONGEST_NAME: Final = 60
_FREE: Final = frozenset({"org_id", "policy_version"})  # the tenant's own id, and ours

Columns = Iterable[tuple[str, str, str]]
"""Table, column and type of everything in the schema, as PostgreSQL names them."""


def check_columns(columns: Columns, known: Collection[str]) -> tuple[Finding, ...]:
    """Question 1: find tables that nobody declared, and columns that a mart must not have.

    Args:
        known: the tables and views that are meant to be there.
    """
    found: dict[str, int] = {}

    def add(where: str) -> None:
        found[where] = found.get(where, 0) + 1

    for table, column, kind in columns:
        if table not in known:
            add(f"reporting.{table}")
            continue
        allowed = _RELEASE_KINDS if table in _PROVENANCE else _KINDS
        if kind not in allowed or _EXTREME.search(column) or _DIRECT.search(column):
            add(f"reporting.{table}.{column}")
    return tuple(Finding(Gate.DISCLOSURE, where, count) for where, count in sorted(found.items()))


def check_texts(texts: Mapping[tuple[str, str], Iterable[str]]) -> tuple[Finding, ...]:
    """Question 2: find values of text columns that are no plain name.

    Args:
        texts: the distinct values by table and column.
    """
    findings = []
    for (table, column), values in sorted(texts.items()):
        if column in _FREE:
            continue
        count = sum(_is_suspicious(value) for value in values)
        if count:
            findings.append(Finding(Gate.DISCLOSURE, f"reporting.{table}.{column}", count))
    return tuple(findings)


def _is_suspicious(value: str) -> bool:
    """Whether a text looks like an identifier, a clock time or free text, not like a name.

    >>> _is_suspicious("billing"), _is_suspicious("call me at 10:45")
    (False, True)
    """
    if _BAND.match(value) or _PERIOD.match(value) or _DIGEST.match(value):
        return False
    if len(value) > _LONGEST_NAME or "\n" in value:
        return True
    return bool(_CLOCK.search(value)) or any(each.search(value) for each in _IDENTIFIERS)


def check_files(
    objects: Objects, folders: Collection[str], sealed: Collection[str]
) -> tuple[Finding, ...]:
    """Question 3: find files that hold something else than what was sealed.

    Args:
        folders: the folders of the marts; other files of the store are not looked at.
        sealed: the digests that the ledger has of sealed periods.
    """
    found: dict[str, int] = {}
    for path in objects.paths():
        folder = path.split("/")[0]
        if folder not in folders:
            continue
        if not path.endswith(".parquet") or _problem(objects.read(path), sealed):
            found[folder] = found.get(folder, 0) + 1
    return tuple(
        Finding(Gate.DISCLOSURE, f"file:reporting/{folder}", count)
        for folder, count in sorted(found.items())
    )


def _problem(content: bytes, sealed: Collection[str]) -> bool:
    """Whether a file is none of ours: its cells, its types, its texts, or what its footer says."""
    try:
        table = pq.read_table(io.BytesIO(content))
    except pa.ArrowInvalid:
        return True
    if any(_kind(field.type) is None for field in table.schema):
        return True
    footer = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    digest = _digest(table, footer)
    if digest not in sealed or footer.get("digest") != digest:
        return True
    return any(
        _is_suspicious(str(value))
        for field in table.schema
        if _kind(field.type) == "text" and field.name not in _FREE
        for value in table.column(field.name).unique().to_pylist()
        if value is not None
    )


def _kind(kind: pa.DataType) -> str | None:
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return "text"
    if pa.types.is_int64(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        return "plain"
    return None


def _digest(table: pa.Table, footer: Mapping[str, str]) -> str:
    """Return the digest of the cells of a file, worked out from the file alone."""
    around = {"org_id", "period", "first_day", "last_day", "is_merged", "policy_version"}
    names = [name for name in table.column_names if name not in around]
    texts = {name for name in names if _kind(table.schema.field(name).type) == "text"}
    rows = [[row[name] for name in names] for row in table.select(names).to_pylist()]
    rows.sort(key=lambda row: [row[place] for place, name in enumerate(names) if name in texts])
    document: dict[str, object] = {
        "mart": footer.get("mart", ""),
        "org_id": footer.get("org_id", ""),
        "period": footer.get("period", ""),
        "columns": names,
        "cells": rows,
    }
    if footer.get("version", "1") != "1":
        document["version"] = int(footer["version"]) if footer["version"].isdigit() else ""
    return hashlib.sha256(rfc8785.dumps(json.loads(json.dumps(document)))).hexdigest()
