"""One table of a bundle as JSON, as Parquet and as JSON Schema, and both read back."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from lacuna.bundle.values import to_json_text
from lacuna.model.bundle import BundleRow, ColumnType, JsonValue, TableContent

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

TableRecord = dict[str, JsonValue]


def portable(content: TableContent) -> TableContent:
    """Return the portability subset of a table: its portable columns, of the rows provided."""
    places = [place for place, name in enumerate(content.columns) if name in content.portable]
    columns = tuple(content.columns[place] for place in places)

    def read() -> Iterator[Sequence[BundleRow]]:
        for batch in _chosen(content, is_left=False):
            yield [tuple(row[place] for place in places) for row in batch]

    return replace(
        content,
        columns=columns,
        count=content.count - len(content.left_out),
        redactions={
            name: content.redactions.get(name, 0) - content.redactions_left.get(name, 0)
            for name in columns
        },
        read=read,
        left_out=frozenset(),
        redactions_left={},
    )


def not_portable(content: TableContent) -> TableContent:
    """Return the rows of a table that its portability subset lacks, with every column."""
    return replace(
        content,
        count=len(content.left_out),
        redactions=content.redactions_left,
        read=partial(_chosen, content, is_left=True),
        left_out=frozenset(range(len(content.left_out))),
    )


def _chosen(content: TableContent, *, is_left: bool) -> Iterator[Sequence[BundleRow]]:
    """Yield the rows that the portability subset lacks, or the others."""
    number = 0
    for batch in content.read():
        yield [row for at, row in enumerate(batch, number) if (at in content.left_out) is is_left]
        number += len(batch)


def records(content: TableContent) -> Iterator[TableRecord]:
    """Yield the rows of a table, columns by name."""
    for row in content.rows():
        yield dict(zip(content.columns, row, strict=True))


def write_json(content: TableContent, file: IO[bytes]) -> None:
    """Write an array of objects, one row a line, keys sorted."""
    file.write(b"[")
    lead = "\n"
    for record in records(content):
        file.write(f"{lead}{to_json_text(record)}".encode())
        lead = ",\n"
    file.write(b"\n]\n" if content.count else b"]\n")


def read_json(path: Path) -> Iterator[TableRecord]:
    """Yield the rows that `write_json` wrote."""
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b"{"):
                yield json.loads(line.rstrip().removesuffix(b","))


def write_parquet(content: TableContent, file: IO[bytes]) -> None:
    """Write the same rows as Parquet: columns sorted by name, a row group a batch.

    A column whose values are documents, or of several types, holds their JSON text; its field
    metadata says `encoding: json`.
    """
    names = sorted(content.columns)
    fields = [
        pa.field(
            name,
            _ARROW[content.types[name]],
            metadata={_ENCODING: b"json"} if _is_encoded(content, name) else None,
        )
        for name in names
    ]
    schema = pa.schema(fields)
    with pq.ParquetWriter(file, schema) as writer:
        for batch in content.read():
            columns = []
            for name, field in zip(names, fields, strict=True):
                place = content.columns.index(name)
                values: list[JsonValue] = [row[place] for row in batch]
                if _is_encoded(content, name):
                    values = [None if value is None else to_json_text(value) for value in values]
                columns.append(pa.array(values, type=field.type))
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _is_encoded(content: TableContent, name: str) -> bool:
    return content.types[name] is ColumnType.DOCUMENT


def read_parquet(path: Path) -> Iterator[TableRecord]:
    """Yield the rows that `write_parquet` wrote."""
    with pq.ParquetFile(path) as file:
        encoded = {
            field.name
            for field in file.schema_arrow
            if (field.metadata or {}).get(_ENCODING) == b"json"
        }
        for group in range(file.num_row_groups):
            for row in file.read_row_group(group).to_pylist():
                yield {
                    name: json.loads(value) if name in encoded and value is not None else value
                    for name, value in row.items()
                }


def digest_of(rows: Iterable[TableRecord]) -> tuple[int, str]:
    """Return how many rows there are, and a digest of them as JSON text, in order.

    As text, because 1, 1.0 and true are equal as values and are not the same.
    """
    count, digest = 0, hashlib.sha256()
    for row in rows:
        count += 1
        digest.update(f"{to_json_text(row)}\n".encode())
    return count, digest.hexdigest()


def to_schema(content: TableContent, meanings: Mapping[str, str]) -> bytes:
    """Return the JSON Schema (2020-12) that the table's JSON file follows."""
    properties: dict[str, JsonValue] = {
        name: {**_SCHEMA[content.types[name]], "description": meanings[name]}
        for name in content.columns
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
