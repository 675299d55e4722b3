"""Inserts many rows with one statement whose parameters are arrays, one for each column."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY


def insert_rows(
    table: sa.TableClause, columns: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> sa.Insert:
    """Return the insert of rows in their order; what they say of other columns is left out.

    Triggers for each row see those before it.
    """
    arrays = [sa.cast([row[name] for row in rows], ARRAY(table.c[name].type)) for name in columns]
    given = sa.func.unnest(*arrays).table_valued(*columns, with_ordinality="row_number")
    given = given.render_derived()
    values = sa.select(*(given.c[name] for name in columns)).order_by(given.c.row_number)
    return sa.insert(table).from_select(list(columns), values)
