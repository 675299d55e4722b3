"""The flag of an erased row: the year of its erasure, in the column that the data map names."""

from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from lacuna.model.table import Table


def erased_flag(table: Table, at: datetime) -> Mapping[str, ColumnElement[datetime]]:
    """Return the flag of an erased row, by column; none if the map names no column for it.

    It is the start of the year, UTC: an exact time would group the rows of one person.
    """
    if table.erased_at is None:
        return {}
    return {table.erased_at: sa.literal(datetime(at.astimezone(UTC).year, 1, 1, tzinfo=UTC))}
