"""The marts in PostgreSQL: rows of people are read, cells are written once, as `ports.Marts`."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from psycopg import sql

from pipelines.errors import BlastRadiusExceeded, ConfigurationError, EvidenceBroken
from pipelines.model.location import TableName
from pipelines.model.mart import (
    Audit,
    Cell,
    Facts,
    Mart,
    Period,
    Release,
    SharedTotal,
)
from pipelines.stores.migrations import SQL_FOLDER, run_script

_REPORTING: Final = SQL_FOLDER / "reporting"
_RELEASE: Final = sa.table(
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
    schema="reporting",
)


class PostgresMarts:
    """The marts as one transaction sees them, as `ports.Marts`.

    Args:
        connection: under the executor's role; under the owner's to drop a table.
        folder: where `<mart>/query.sql` and its companions lie.
    """

    def __init__(self, connection: sa.Connection, folder: Path = _REPORTING) -> None:
        self._connection = connection
        self._folder = folder

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants, sorted."""
        found = self._connection.execute(self._statement("tenants.sql"))
        return tuple(sorted(str(org_id) for org_id in found.scalars()))

    def span(self, mart: Mart, org_id: str, since: date, until: date) -> tuple[date | None, int]:
        """Return the first day that has rows, and how many rows, from `since` to `until`."""
        first_day, rows = self._connection.execute(
            self._statement(f"{mart.name}/span.sql"),
            {"org_id": org_id, "from_day": since, "to_day": until},
        ).one()
        return first_day, int(rows)

    def facts(self, mart: Mart, org_id: str, period: Period) -> Facts:
        """Return the rows of a period, one an interaction."""
        found = self._connection.execute(
            self._statement(f"{mart.name}/query.sql"),
            {"org_id": org_id, "from_day": period.first, "to_day": period.last},
        )
        wanted = [
            "person",
            "day",
            *(dimension.name for dimension in mart.dimensions),
            *(measure.name for measure in mart.measures),
        ]
        if list(found.keys()) != wanted:
            raise ConfigurationError(
                f"sql/reporting/{mart.name}: query.sql must return {', '.join(wanted)}"
            )
        first_measure = 2 + len(mart.dimensions)
        people: list[int | None] = []
        days: list[date] = []
        keys: list[tuple[str, ...]] = []
        values: list[tuple[int, ...]] = []
        for row in found:
            people.append(row[0])
            days.append(row[1])
            keys.append(tuple(row[2:first_measure]))
            values.append(tuple(row[first_measure:]))
        return Facts(people, days, keys, values)

    def sealed_until(self, mart: Mart, org_id: str) -> date | None:
        """Return the last sealed day, or None before the first."""
        newest: date | None = self._connection.execute(
            sa.select(sa.func.max(_RELEASE.c.last_day)).where(
                _RELEASE.c.mart == mart.name, _RELEASE.c.org_id == org_id
            )
        ).scalar_one()
        return newest

    def seal(self, mart: Mart, release: Release) -> bool:
        """Write a period once; return False if the same cells are sealed already.

        Raises:
            EvidenceBroken: the period is sealed with other cells.
            StatementRefused: one of its days is sealed as part of another period.
        """
        sealed = self._connection.execute(
            sa.select(_RELEASE.c.digest).where(
                _RELEASE.c.mart == mart.name,
                _RELEASE.c.org_id == release.org_id,
                _RELEASE.c.period == release.period.label,
            )
        ).scalar_one_or_none()
        if sealed == release.digest:
            return False
        if sealed is not None:
            raise EvidenceBroken(
                f"reporting.{mart.name} {release.period.label}: sealed with other cells; "
                "what is sealed stays"
            )
        place = {
            "org_id": release.org_id,
            "period": release.period.label,
            "first_day": release.period.first,
            "last_day": release.period.last,
            "policy_version": release.policy_version,
        }
        audit = release.audit
        self._connection.execute(
            sa.insert(_RELEASE),
            {
                **place,
                "mart": mart.name,
                "sealed_at": release.sealed_at,
                "rows": len(release.cells),
                "digest": release.digest,
                "audit": {
                    "rows": audit.rows,
                    "own_rows": audit.own_rows,
                    "withheld": audit.withheld,
                    "bounds": audit.bounds,
                    "is_withheld": audit.is_withheld,
                },
            },
        )
        names = _value_columns(mart)
        rows = [
            {
                **place,
                **dict(zip(names, (*cell.key, *cell.values), strict=True)),
                "is_merged": cell.is_merged,
            }
            for cell in release.cells
        ]
        if rows:
            self._connection.execute(sa.insert(_table_of(mart)), rows)
        return True

    def releases(
        self, mart: Mart, org_id: str, since: date | None = None, until: date | None = None
    ) -> Iterator[Release]:
        """Yield sealed periods with their cells, oldest first.

        Args:
            since: leaves out periods that end before this day.
            until: leaves out periods that begin after this day.
        """
        cells: dict[date, list[Cell]] = defaultdict(list)
        table, dimensions = _table_of(mart), len(mart.dimensions)
        columns = [table.c[name] for name in _value_columns(mart)]
        chosen = sa.select(table.c.first_day, *columns).where(table.c.org_id == org_id)
        for row in self._connection.execute(_within(chosen, table, since, until)):
            cell = Cell(tuple(row[1 : 1 + dimensions]), tuple(row[1 + dimensions :]))
            cells[row[0]].append(cell)
        sealed = sa.select(*_RELEASE.c).where(
            _RELEASE.c.mart == mart.name, _RELEASE.c.org_id == org_id
        )
        ordered = _within(sealed, _RELEASE, since, until).order_by(_RELEASE.c.first_day)
        for row in self._connection.execute(ordered).all():
            audit = row.audit if isinstance(row.audit, dict) else json.loads(row.audit)
            yield Release(
                mart=mart.name,
                org_id=org_id,
                period=Period(mart.period, row.first_day, row.last_day),
                policy_version=row.policy_version,
                sealed_at=row.sealed_at.astimezone(UTC),
                digest=row.digest,
                audit=Audit(**audit),
                cells=tuple(sorted(cells[row.first_day], key=lambda cell: cell.key)),
            )

    def shared_totals(self, table: TableName) -> tuple[SharedTotal, ...] | None:
        """Return the totals that a legacy table shares with the marts.

        None where `legacy/<table>.sql` does not exist, so that nothing says what they are.
        """
        if not (self._folder / "legacy" / f"{table.name}.sql").is_file():
            return None
        found = self._connection.execute(self._statement(f"legacy/{table.name}.sql"))
        return tuple(
            SharedTotal(str(row.mart), str(row.measure), str(row.org_id), int(row.total or 0))
            for row in found
        )

    def has_table(self, table: TableName) -> bool:
        """Whether a table is there."""
        return bool(
            self._connection.execute(
                sa.text(
                    "select to_regclass(quote_ident(:schema) || '.' || quote_ident(:name)) is not null"
                ),
                {"schema": table.schema, "name": table.name},
            ).scalar_one()
        )

    def drop(self, table: TableName, max_rows: int) -> int:
        """Drop a table and return how many rows it had.

        Raises:
            BlastRadiusExceeded: it has more rows than its approval allows; it is still there.
        """
        named = sql.Identifier(table.schema, table.name)
        # Locked first: no row is added between the count and the drop.
        run_script(
            self._connection,
            sql.SQL("lock table {} in access exclusive mode").format(named).as_string(None),
        )
        counted = sa.select(sa.func.count()).select_from(sa.table(table.name, schema=table.schema))
        rows = int(self._connection.execute(counted).scalar_one())
        if rows > max_rows:
            raise BlastRadiusExceeded(
                f"{table} has {rows} rows, its approval allows {max_rows}; approve the larger number"
            )
        run_script(self._connection, sql.SQL("drop table {}").format(named).as_string(None))
        return rows

    def _statement(self, name: str) -> sa.TextClause:
        return sa.text((self._folder / name).read_text(encoding="utf-8"))


def _value_columns(mart: Mart) -> list[str]:
    return [
        *(dimension.name for dimension in mart.dimensions),
        *(measure.name for measure in mart.measures),
    ]


def _table_of(mart: Mart) -> sa.TableClause:
    dates = ("first_day", "last_day")
    names = ("org_id", "period", *dates, *_value_columns(mart), "is_merged", "policy_version")
    return sa.table(
        mart.name,
        *(sa.column(name, sa.Date) if name in dates else sa.column(name) for name in names),
        schema="reporting",
    )


def _within(
    chosen: sa.Select[*tuple[Any, ...]],
    table: sa.TableClause,
    since: date | None,
    until: date | None,
) -> sa.Select[*tuple[Any, ...]]:
    if since is not None:
        chosen = chosen.where(table.c.last_day >= since)
    if until is not None:
        chosen = chosen.where(table.c.first_day <= until)
    return chosen
