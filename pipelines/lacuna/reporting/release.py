"""A sealed period as bytes: its digest, and its Parquet file, which is the same every night."""

import hashlib
from datetime import date
from typing import Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785

from lacuna.errors import EvidenceBroken
from lacuna.model.mart import Cell, Mart, Release, Unit

_PERIOD_COLUMNS: Final = (
    ("org_id", pa.dictionary(pa.int32(), pa.string()), "Tenant."),
    ("period", pa.dictionary(pa.int32(), pa.string()), "ISO 8601 day or week, or a range of them."),
    ("first_day", pa.date32(), "First day of the period."),
    ("last_day", pa.date32(), "Last day of the period, included."),
)
_LAST_COLUMNS: Final = (
    ("is_merged", pa.bool_(), "Whether the row merges groups that were too small."),
    ("policy_version", pa.dictionary(pa.int32(), pa.string()), "Version of the protection rules."),
)


def cells_digest(
    mart: Mart, org_id: str, period: str, cells: tuple[Cell, ...], version: int = 1
) -> str:
    """Return the SHA-256 (hex) of the canonical form of a period's cells.

    The same cells have the same digest whatever library writes the file, and whenever they
    were sealed.
    """
    later = {"version": version} if version > 1 else {}
    document = rfc8785.dumps(
        {
            "mart": mart.name,
            "org_id": org_id,
            "period": period,
            "columns": [
                *(dimension.name for dimension in mart.dimensions),
                *(measure.name for measure in mart.measures),
            ],
            "cells": [
                [*cell.key, *cell.values] for cell in sorted(cells, key=lambda cell: cell.key)
            ],
            **later,
        }
    )
    return hashlib.sha256(document).hexdigest()


def check_digest(mart: Mart, release: Release) -> None:
    """Compare the stored cells with the digest that was sealed.

    Raises:
        EvidenceBroken: the cells are not those that were sealed.
    """
    found = cells_digest(mart, release.org_id, release.period.label, release.cells, release.version)
    if found != release.digest:
        raise EvidenceBroken(
            f"reporting.{mart.name} {release.period.label}: the {len(release.cells)} stored cells "
            "do not match the sealed digest; restore them from a backup"
        )


def path_of(release: Release) -> str:
    """Return the path of a period's file, relative to the reporting folder."""
    return f"{release.mart}/{quote(release.org_id, safe='')}/{release.period.label}.parquet"


def to_parquet(mart: Mart, release: Release) -> bytes:
    """Return the period as a Parquet file: rows sorted by dimensions, plain types.

    The bytes depend on the release and the version of the library alone.
    """
    label = release.period.label
    cells = sorted(release.cells, key=lambda cell: cell.key)
    columns: list[tuple[pa.Field, pa.Array]] = []

    def add(name: str, kind: pa.DataType, meaning: str, content: list[object]) -> None:
        described = pa.field(name, kind, metadata={"definition": meaning})
        columns.append((described, pa.array(content, type=kind)))

    constant: dict[str, str | date] = {
        "org_id": release.org_id,
        "period": label,
        "first_day": release.period.first,
        "last_day": release.period.last,
        "policy_version": release.policy_version,
    }
    for name, kind, meaning in _PERIOD_COLUMNS:
        add(name, kind, meaning, [constant[name]] * len(cells))
    for position, dimension in enumerate(mart.dimensions):
        kind = pa.dictionary(pa.int32(), pa.string())
        add(dimension.name, kind, dimension.definition, [cell.key[position] for cell in cells])
    for position, measure in enumerate(mart.measures):
        meaning = _with_unit(measure.definition, measure.unit)
        add(measure.name, pa.int64(), meaning, [cell.values[position] for cell in cells])
    for name, kind, meaning in _LAST_COLUMNS:
        same = name in constant
        add(name, kind, meaning, [constant[name] if same else cell.is_merged for cell in cells])
    schema = pa.schema(
        [described for described, _ in columns],
        metadata={
            "mart": mart.name,
            "org_id": release.org_id,
            "period": label,
            "version": str(release.version),
            "policy_version": release.policy_version,
            "unit": mart.unit,
            "k": str(mart.people),
            "calendar": mart.calendar,
            "sealed_at": release.sealed_at.isoformat(),
            "digest": release.digest,
        },
    )
    table = pa.Table.from_arrays([content for _, content in columns], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", version="2.6", store_schema=True)
    return bytes(sink.getvalue().to_pybytes())


def _with_unit(definition: str, unit: Unit) -> str:
    return f"{definition} Unit: {unit}."
