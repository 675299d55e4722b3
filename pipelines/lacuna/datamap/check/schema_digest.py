"""The digest of a platform's tables: which version of its software made them."""

import hashlib
from collections.abc import Collection

import rfc8785

from lacuna.datamap import names
from lacuna.model.location import TableName
from lacuna.model.schema import LiveColumn, LiveSchema

__all__ = ["schema_digest"]


def schema_digest(live: LiveSchema, tables: Collection[TableName]) -> str:
    """Return the SHA-256 hex of some tables, as canonical JSON (RFC 8785).

    It says of each table the names and types of its columns and which may be NULL. The order of
    columns, lengths, keys and indexes do not count, nor do other tables.

    Args:
        tables: those that count; one that is not there counts as such.
    """
    described = {
        names.written(name): (
            {column.name: _words(column) for column in live.tables[name].columns}
            if name in live.tables
            else None
        )
        for name in tables
    }
    return hashlib.sha256(rfc8785.dumps(described)).hexdigest()


def _words(column: LiveColumn) -> str:
    array = "[]" if column.is_array else ""
    null = "" if column.is_nullable else " not null"
    return f"{column.type}{array}{null}"
