"""Tables made like real ones, into which canaries are written: statements, and nothing else."""

from collections.abc import Callable, Mapping, Sequence
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


# A parameter's type is stated wherever it stands, since it stands in columns of many types.
_SAID: Final = {
    Kind.JSON: sql.SQL("said.document"),
    Kind.NUMBER: sql.SQL("%(number)s::numeric"),
    Kind.UUID: sql.SQL("%(uuid)s::text"),
    Kind.BYTES: sql.SQL("said.bytes"),
    Kind.TEXT: sql.SQL("said.text"),
}


def insertions(
    searched: Sequence[SearchedColumn], canaries: Canaries, document: Callable[[str], str]
) -> tuple[Sequence[sql.Composed], Mapping[str, object]]:
    """Return the statements that write canaries, and the values of their parameters.

    Each canary stands in every searched column once. A row fills some of them: all at once could
    be more than a page holds, and PostgreSQL allows 1,600.

    Args:
        document: makes JSON that holds a text.
    """
    statements = [
        _insertion(searched[start : start + _FILLED_AT_ONCE])
        for start in range(0, len(searched) or 1, _FILLED_AT_ONCE)
    ]
    return statements, {
        "texts": list(canaries.texts),
        "documents": [document(text) for text in canaries.texts],
        "bytes": [text.encode() for text in canaries.texts],
        "number": canaries.number,
        "uuid": canaries.uuid,
    }


def _insertion(filled: Sequence[SearchedColumn]) -> sql.Composed:
    """Return the statement for a row a canary with some columns filled; with none the row is empty."""
    names = sql.SQL(", ").join(quoted(column.name) for column in filled)
    values = [
        sql.SQL("array[{}]::{}" if column.is_array else "{}::{}").format(
            _SAID[column.kind], quoted(*column.type_name)
        )
        for column in filled
    ]
    return sql.SQL(
        "insert into {} {} select {} from unnest("
        "%(texts)s::text[], %(documents)s::text[], %(bytes)s::bytea[]"
        ") as said (text, document, bytes)"
    ).format(
        CANARY_TABLE,
        sql.SQL("({})").format(names) if filled else sql.SQL(""),
        sql.SQL(", ").join(values),
    )
