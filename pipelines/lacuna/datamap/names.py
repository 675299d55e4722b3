"""Names of tables and columns as the data map writes them, exactly as PostgreSQL spells them."""

import re
from typing import Final

from lacuna.model.location import ColumnName, TableName

LONGEST: Final = 63
"""Bytes of the longest identifier that PostgreSQL does not cut off (NAMEDATALEN - 1)."""

_PART: Final = re.compile(r'"((?:[^"]|"")+)"|([^".\s]+)')
_NEEDS_QUOTES: Final = re.compile(r'[".\s]')


def split(name: str) -> tuple[str, ...]:
    """Return the parts of a name written with dots; a part with dots stands in double quotes.

    Raises:
        ValueError: the parts and dots do not alternate, or a quote does not close.

    >>> split('crm."Order.Lines".id')
    ('crm', 'Order.Lines', 'id')
    """
    parts: list[str] = []
    position = 0
    while match := _PART.match(name, position):
        quoted, plain = match.groups()
        parts.append(plain if quoted is None else quoted.replace('""', '"'))
        position = match.end()
        if position == len(name):
            return tuple(parts)
        if name[position] != ".":
            break
        position += 1
    raise ValueError(
        f"{name!r} is not a name; separate parts with dots, and put a part that contains a dot, a "
        "quote or a space in double quotes"
    )


def table_name(name: str) -> TableName:
    """Return the table for `schema.table`.

    Raises:
        ValueError: not two parts, or one that PostgreSQL would cut off.
    """
    parts = split(name)
    if len(parts) != 2:
        raise ValueError(f"{name!r} is not a table; write schema.table")
    for part in parts:
        check(part)
    return TableName(*parts)


def column_name(name: str) -> ColumnName:
    """Return the column for `schema.table.column`.

    Raises:
        ValueError: not three parts, or one that PostgreSQL would cut off.
    """
    parts = split(name)
    if len(parts) != 3:
        raise ValueError(f"{name!r} is not a column; write schema.table.column")
    for part in parts:
        check(part)
    return ColumnName(TableName(parts[0], parts[1]), parts[2])


def check(name: str) -> None:
    """Accept a single identifier as PostgreSQL stores it.

    Raises:
        ValueError: it is empty, holds control characters, or is longer than PostgreSQL keeps.
    """
    size = len(name.encode())
    if size > LONGEST:
        raise ValueError(
            f"{name[:20]!r}… has {size} bytes, but PostgreSQL cuts names at {LONGEST}; write the "
            "name as the database shows it"
        )
    if not name or not name.isprintable():
        raise ValueError(f"{name!r} is not a name; it is empty or contains control characters")


def written(name: TableName | ColumnName) -> str:
    """Return a name so that `table_name` or `column_name` reads the same one back."""
    if isinstance(name, ColumnName):
        return f"{written(name.table)}.{quoted(name.name)}"
    return f"{quoted(name.schema)}.{quoted(name.name)}"


def quoted(part: str) -> str:
    """Return one part of a name, in double quotes if it needs them."""
    if _NEEDS_QUOTES.search(part):
        return '"' + part.replace('"', '""') + '"'
    return part
