"""Which rows are not as an erasure leaves them: somebody put them back, or rewrote them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from lacuna.model.table import Column, Table
from lacuna.model.treatment import Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables
from lacuna.stores.postgres.treated_values import treated
from lacuna.treatment import surrogate_form


def is_untreated(table: Table, tables: PlatformTables) -> ColumnElement[bool]:
    """Return the condition that a column holds what no erasure would have left there."""
    reflected = tables.table(table.name)
    return sa.or_(
        sa.false(),
        *(
            # What is empty says nothing of anybody.
            sa.and_(here.is_not(None), _differs(here, column, table, tables))
            for column in table.columns
            if column.is_set
            for here in (reflected.c[column.name],)
        ),
    )


def _differs(
    here: sa.Column[Any], column: Column, table: Table, tables: PlatformTables
) -> ColumnElement[bool]:
    # Types without equality, such as json, have a text.
    text = sa.cast(here, sa.Text)
    if not column.erasure.treatment.follows_request:
        # It follows from the row alone, and making it again changes nothing.
        left = treated(here, column.erasure, table, tables)
        return text.is_distinct_from(sa.cast(left, sa.Text))
    form = None
    if column.erasure.treatment is Treatment.SURROGATE:
        form = surrogate_form(column.erasure.argument or "")
    # One without a form of its own, or a new key, looks like any other value.
    return sa.false() if form is None or form.is_bare else text.op("!~")(form.pattern)
