"""Tables made like real ones, into which canaries are written: statements, and nothing else."""

from collections.abc import Callable, Sequence
from typing import Final

from psycopg import sql

from lacuna.model.location import TableName
from lacuna.ports import Canaries
from lacuna.stores.postgres.searched_columns import Kind, SearchedColumn, quoted

_CANARY_NAME: Final = "lacuna_canary"
CANARY_TABLE: Final = sql.Identifier("pg_temp", _CANARY_NAME)


def made_like(
    table: TableName, shape: Sequence[SearchedColumn], searched: Sequence[SearchedColumn]
) -> sql.Composed:
    """Return the statement for an empty table like a real one that takes any text in searched columns."""
    # Cast, a column has no longest length and no check of a domain; copied, it may hold nothing.
    columns = [
        sql.SQL("{name}::{type} as {name}").format(
            name=sql.Identifier(column.name), type=sql.Identifier(*column.type_name)
        )
        if column in searched
        else sql.Identifier(column.name)
        for column in shape
    ]
    return sql.SQL("create temporary table {} as select {} from {} with no data").format(
        sql.Identifier(_CANARY_NAME),
        sql.SQL(", ").join(columns),
        sql.Identifier(table.schema, table.name),
    )


_FILLED_AT_ONCE: Final = 80
"""Columns that a row of canaries fills: at 64 bytes each, a page holds them without any toasting."""


def insertion(
    searched: Sequence[SearchedColumn], canaries: Canaries, document: Callable[[str], str]
) -> tuple[sql.Composed, list[list[object]]]:
    """Return the statement that writes canaries, and the values of the rows.

    Each canary stands in every searched column once. A row fills some of them: all at once could
    be more than a page holds, and PostgreSQL allows 1,600.

    Args:
        document: makes JSON that holds a text.
    """
    if not searched:
        statement = sql.SQL("insert into {} default values").format(CANARY_TABLE)
        return statement, [[] for _ in canaries.texts]
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        CANARY_TABLE,
        sql.SQL(", ").join(quoted(column.name) for column in searched),
        sql.SQL(", ").join(
            sql.SQL("%s::{}").format(quoted(*column.type_name)) for column in searched
        ),
    )
    rows: list[list[object]] = []
    for start in range(0, len(searched), _FILLED_AT_ONCE):
        filled = range(start, start + _FILLED_AT_ONCE)
        for text in canaries.texts:
            row: list[object] = []
            for number, column in enumerate(searched):
                value = _canary(column, text, canaries, document) if number in filled else None
                row.append([value] if column.is_array and value is not None else value)
            rows.append(row)
    return statement, rows


def _canary(
    column: SearchedColumn, text: str, canaries: Canaries, document: Callable[[str], str]
) -> object:
    match column.kind:
        case Kind.JSON:
            return document(text)
        case Kind.NUMBER:
            return canaries.number
        case Kind.UUID:
            return canaries.uuid
        case Kind.BYTES:
            return text.encode()
        case _:
            return text
