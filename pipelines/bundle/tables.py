"""One table of a bundle as JSON, as Parquet and as JSON Schema, and both read back."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.bundle.values import ColumnType, to_json_text, type_of
from pipelines.model.bundle import JsonValue, TableContent

_ENCODING: Final = b"encoding"  # Parquet field metadata; `json`: the text is a JSON document

_ARROW: Final = {
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.TEXT: pa.string(),
    ColumnType.TEXTS: pa.list_(pa.string()),
    ColumnType.DOCUMENT: pa.string(),
}

_SCHEMA: Final[Mapping[ColumnType, Mapping[str, JsonValue]]] = {
    ColumnType.BOOLEAN: {"type": ["boolean", "null"]},
    ColumnType.INTEGER: {"type": ["integer", "null"]},
    ColumnType.NUMBER: {"type": ["number", "null"]},
    ColumnType.TEXT: {"type": ["string", "null"]},
    ColumnType.TEXTS: {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
    ColumnType.DOCUMENT: {},
}

Rows = list[dict[str, JsonValue]]


def portable(content: TableContent) -> TableContent:
    """Return the portability subset of a table: its portable columns, every row."""
    places = [place for place, name in enumerate(content.columns) if name in content.portable]
    return TableContent(
        table=content.table,
        columns=tuple(content.columns[place] for place in places),
        portable=content.portable,
        rows=tuple(tuple(row[place] for place in places) for row in content.rows),
        redactions={name: content.redactions.get(name, 0) for name in content.portable},
    )


def types_of(content: TableContent) -> dict[str, ColumnType]:
    """Return the type of every column, as its values say it."""
    return {
        name: type_of(row[place] for row in content.rows)
        for place, name in enumerate(content.columns)
    }


def to_json(content: TableContent) -> bytes:
    """Return an array of objects, one row a line, keys sorted."""
    lines = ",\n".join(
        to_json_text(dict(zip(content.columns, row, strict=True))) for row in content.rows
    )
    return f"[\n{lines}\n]\n".encode() if lines else b"[]\n"


def from_json(octets: bytes) -> Rows:
    """Return the rows that `to_json` wrote."""
    rows: Rows = json.loads(octets)
    return rows


def to_parquet(content: TableContent) -> bytes:
    """Return the same rows as one Parquet file, columns sorted by name.

    A column whose values are documents, or of several types, holds their JSON text; its field
    metadata says `encoding: json`.
    """
    types = types_of(content)
    fields, columns = [], []
    for name in sorted(content.columns):
        place = content.columns.index(name)
        values: Sequence[JsonValue] = [row[place] for row in content.rows]
        metadata = None
        if types[name] is ColumnType.DOCUMENT:
            values = [None if value is None else to_json_text(value) for value in values]
            metadata = {_ENCODING: b"json"}
        arrow = _ARROW[types[name]]
        fields.append(pa.field(name, arrow, metadata=metadata))
        columns.append(pa.array(values, type=arrow))
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), file)
    return file.getvalue()


def from_parquet(octets: bytes) -> Rows:
    """Return the rows that `to_parquet` wrote."""
    table = pq.read_table(io.BytesIO(octets))
    encoded = {
        field.name for field in table.schema if (field.metadata or {}).get(_ENCODING) == b"json"
    }
    rows: Rows = []
    for row in table.to_pylist():
        rows.append(
            {
                name: json.loads(value) if name in encoded and value is not None else value
                for name, value in row.items()
            }
        )
    return rows


def to_schema(content: TableContent, meanings: Mapping[str, str]) -> bytes:
    """Return the JSON Schema (2020-12) that the table's JSON file follows."""
    types = types_of(content)
    properties: dict[str, JsonValue] = {
        name: {**_SCHEMA[types[name]], "description": meanings[name]} for name in content.columns
    }
    document: JsonValue = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": str(content.table),
        "type": "array",
        "items": {
            "type": "object",
            "properties": properties,
            "required": sorted(content.columns),
            "additionalProperties": False,
        },
    }
    return to_document(document)


def to_document(value: JsonValue) -> bytes:
    """Return a JSON document for people to read as well: indented, keys sorted."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, indent=2)
    return f"{text}\n".encode()
