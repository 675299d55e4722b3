"""Which rows are not as an erasure leaves them: somebody put them back, or wrote them anew."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from pipelines.model.datamap import Column, Table, Treatment
from pipelines.stores.platform_tables import PlatformTables
from pipelines.stores.treated_values import treated
from pipelines.treatment import surrogate_form

# What they make follows from the row alone, and making it again changes nothing.
_REPEATABLE: Final = frozenset(
    {
        Treatment.SUPPRESS,
        Treatment.UNLINK,
        Treatment.DELETE_OBJECT,
        Treatment.EMPTY,
        Treatment.REPLACE,
        Treatment.GENERALIZE,
        Treatment.OBFUSCATE,
        Treatment.JSON_KEYS,
    }
)


def is_untreated(table: Table, tables: PlatformTables) -> ColumnElement[bool]:
    """Return the condition that a column holds what no erasure would have left there."""
    reflected = tables.table(table.name)
    return sa.or_(
        sa.false(),
        *(
            _differs(reflected.c[column.name], column, table, tables)
            for column in table.columns
            if _shows(column)
        ),
    )


def _shows(column: Column) -> bool:
    if column.erasure.treatment is Treatment.SURROGATE:
        form = surrogate_form(column.erasure.argument or "")
        return form is not None and not form.is_bare
    return column.is_set and column.erasure.treatment in _REPEATABLE


def _differs(
    here: sa.Column[Any], column: Column, table: Table, tables: PlatformTables
) -> ColumnElement[bool]:
    # Types without equality, such as json, have a text. What is empty says nothing of anybody.
    text = sa.cast(here, sa.Text)
    form = None
    if column.erasure.treatment is Treatment.SURROGATE:
        form = surrogate_form(column.erasure.argument or "")
    if form is not None:
        return sa.and_(here.is_not(None), text.op("!~")(form.pattern))
    left = sa.cast(treated(here, column.erasure, table, tables), sa.Text)
    return sa.and_(here.is_not(None), text.is_distinct_from(left))
