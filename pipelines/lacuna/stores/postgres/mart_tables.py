"""The tables of the marts: a release for each sealed period, and its cells."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from lacuna.model.mart import OTHER, Cell, Mart, Release

RELEASE: Final = sa.table(
    "release",
    sa.column("mart", sa.Text),
    sa.column("org_id", sa.Text),
    sa.column("period", sa.Text),
    sa.column("first_day", sa.Date),
    sa.column("last_day", sa.Date),
    sa.column("policy_version", sa.Text),
    sa.column("sealed_at", sa.DateTime(timezone=True)),
    sa.column("rows", sa.Integer),
    sa.column("digest", sa.Text),
    sa.column("audit", sa.JSON),
    sa.column("version", sa.Integer),
    schema="reporting",
)


def value_columns(mart: Mart) -> list[str]:
    """Return the columns of dimensions and measures, in the order of a cell."""
    return [
        *(dimension.name for dimension in mart.dimensions),
        *(measure.name for measure in mart.measures),
    ]


def table_of(mart: Mart) -> sa.TableClause:
    """Return the table of a mart's cells."""
    dates = ("first_day", "last_day")
    names = ("org_id", "period", *dates, *value_columns(mart), "is_merged", "policy_version")
    return sa.table(
        mart.name,
        *(sa.column(name, sa.Date) if name in dates else sa.column(name) for name in names),
        schema="reporting",
    )


def to_cell(mart: Mart, values: Sequence[Any]) -> Cell:
    """Return the cell that `value_columns` hold."""
    dimensions = len(mart.dimensions)
    key = tuple(values[:dimensions])
    is_range = bool(mart.bands) and key[-1] not in (*mart.bands, OTHER)
    return Cell(key, tuple(values[dimensions:]), is_range)


def insert_release(connection: sa.Connection, mart: Mart, release: Release) -> None:
    """Write a period with its cells; the triggers refuse what is sealed already."""
    place = {
        "org_id": release.org_id,
        "period": release.period.label,
        "first_day": release.period.first,
        "last_day": release.period.last,
        "policy_version": release.policy_version,
    }
    audit = release.audit
    connection.execute(
        sa.insert(RELEASE),
        {
            **place,
            "mart": mart.name,
            "sealed_at": release.sealed_at,
            "rows": len(release.cells),
            "digest": release.digest,
            "version": release.version,
            "audit": {
                "rows": audit.rows,
                "own_rows": audit.own_rows,
                "withheld": audit.withheld,
                "bounds": audit.bounds,
                "is_withheld": audit.is_withheld,
            },
        },
    )
    names = value_columns(mart)
    rows = [
        {
            **place,
            **dict(zip(names, (*cell.key, *cell.values), strict=True)),
            "is_merged": cell.is_merged,
        }
        for cell in release.cells
    ]
    if rows:
        connection.execute(sa.insert(table_of(mart)), rows)
