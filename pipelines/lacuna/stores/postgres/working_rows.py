"""Writes the working rows of requests: a statement for a table, however many rows it has."""

from collections.abc import Collection, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql import array as pg_array

from lacuna.model.location import RowKey, TableName
from lacuna.stores.postgres.queue_tables import WORKING_ROW

_AT_ONCE: Final = 10_000


def put_working_rows(
    connection: sa.Connection,
    role: str,
    table: TableName,
    rows: Mapping[str, Collection[RowKey]],
    portion: int | None = None,
) -> None:
    """Add working rows of one table, by request; one that is there in this role stays as it is."""
    ordered = [(request_id, *key) for request_id, keys in rows.items() for key in sorted(keys)]
    for start in range(0, len(ordered), _AT_ONCE):
        parts = list(zip(*ordered[start : start + _AT_ONCE], strict=True))
        names = ["request_id", *(f"part_{number}" for number, _ in enumerate(parts[1:]))]
        texts = sa.func.unnest(*(sa.cast(list(part), ARRAY(sa.Text)) for part in parts))
        given = texts.table_valued(*names).render_derived()
        values = sa.select(
            sa.cast(given.c.request_id, WORKING_ROW.c.request_id.type),
            sa.literal(str(table)),
            sa.literal(role),
            pg_array([given.c[name] for name in names[1:]]),
            sa.cast(sa.literal(portion), sa.Integer),
        )
        columns = ["request_id", "table_name", "role", "row_key", "portion"]
        connection.execute(
            insert(WORKING_ROW).from_select(columns, values).on_conflict_do_nothing()
        )
