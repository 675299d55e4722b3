"""The marts in PostgreSQL: rows of people are read, cells are written once, as `ports.Marts`."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import insert

from lacuna.errors import BlastRadiusExceeded, ConfigurationError, EvidenceBroken
from lacuna.marts import FOLDER, query_text
from lacuna.model.location import TableName
from lacuna.model.mart import (
    Audit,
    Cell,
    DayTotal,
    Facts,
    Mart,
    Period,
    Release,
    SharedTotal,
)
from lacuna.stores.postgres.mart_tables import (
    RELEASE,
    insert_release,
    table_of,
    to_cell,
    value_columns,
)
from lacuna.stores.postgres.migrations import run_script

_DAY_TOTAL: Final = sa.table(
    "day_total",
    sa.column("org_id", sa.Text),
    sa.column("mart", sa.Text),
    sa.column("day", sa.Date),
    sa.column("rows", sa.BigInteger),
    sa.column("amount", sa.BigInteger),
    sa.column("seen_at", sa.DateTime(timezone=True)),
    schema="lacuna",
)
# What each query.sql returns before dimensions and measures.
_ROW_COLUMNS: Final = ("person", "agent", "interaction", "row_id", "is_left_out", "day")
_LEFT_OUT: Final = _ROW_COLUMNS.index("row_id")
_IS_LEFT_OUT: Final = _ROW_COLUMNS.index("is_left_out")
_FIRST_DAY: Final = date(1900, 1, 1)
# The queries are written against the sample, so that each is SQL as it stands; for another
# platform, the schema that its data map names stands in for the sample's.
_SAMPLE: Final = "contact_center"
_OF_SAMPLE: Final = re.compile(rf"\b{_SAMPLE}(?=\.)")


class PostgresMarts:
    """The marts as one transaction sees them, as `ports.Marts`.

    Args:
        connection: under the executor's role; under the owner's to drop a table.
        source: the schema that is counted in; None where the platform named none.
    """

    def __init__(self, connection: sa.Connection, source: str | None = _SAMPLE) -> None:
        self._connection = connection
        self._source = source

    def tenants(self) -> tuple[str, ...]:
        found = self._connection.execute(self._statement(FOLDER / "tenants.sql"))
        return tuple(sorted(str(org_id) for org_id in found.scalars()))

    def span(self, mart: Mart, org_id: str, since: date, until: date) -> tuple[date | None, int]:
        days = {"org_id": org_id, "from_day": since, "to_day": until}
        first_day, rows = self._asked(mart, "span.sql", days).one()
        return first_day, int(rows)

    def facts(self, mart: Mart, org_id: str, period: Period) -> Facts:
        until = self.sealed_until(mart, org_id)
        found = self._asked(
            mart,
            "query.sql",
            {
                "org_id": org_id,
                "from_day": period.first,
                "to_day": period.last,
                **({"open_from": _open_from(until)} if self.keeps_rows(mart) else {}),
            },
        )
        wanted = [
            *_ROW_COLUMNS,
            *(dimension.name for dimension in mart.dimensions),
            *(measure.name for measure in mart.measures),
        ]
        if list(found.keys()) != wanted:
            raise ConfigurationError(f"{mart.folder}: query.sql must return {', '.join(wanted)}")
        # By column: a week of a large tenant has tens of thousands of rows.
        rows = found.all()
        left_out = [row[_LEFT_OUT] for row in rows if row[_IS_LEFT_OUT]]
        kept = [row for row in rows if not row[_IS_LEFT_OUT]] if left_out else rows
        columns = list(map(list, zip(*kept, strict=True))) or [[]] * len(wanted)
        people, agents, interactions, row_ids, _, days, *counted = columns
        dimensions = len(mart.dimensions)
        return Facts(
            people=people,
            days=days,
            keys=list(zip(*counted[:dimensions], strict=True)),
            values=list(zip(*counted[dimensions:], strict=True)),
            interactions=interactions,
            agents=agents if mart.agents else (),
            rows=row_ids,
            left_out=left_out,
        )

    def keeps_rows(self, mart: Mart) -> bool:
        return (mart.folder / "late.sql").is_file()

    def day_totals(self, mart: Mart, org_id: str, since: date, until: date) -> Sequence[DayTotal]:
        days = {"org_id": org_id, "from_day": since, "to_day": until}
        found = self._asked(mart, "days.sql", days)
        return [DayTotal(row.day, int(row.n), int(row.amount)) for row in found]

    def seen_totals(self, mart: Mart, org_id: str, since: date, until: date) -> Sequence[DayTotal]:
        found = self._connection.execute(
            sa.select(_DAY_TOTAL.c.day, _DAY_TOTAL.c.rows, _DAY_TOTAL.c.amount).where(
                _DAY_TOTAL.c.mart == mart.name,
                _DAY_TOTAL.c.org_id == org_id,
                _DAY_TOTAL.c.day.between(since, until),
            )
        )
        return [DayTotal(*row) for row in found]

    def note_totals(
        self, mart: Mart, org_id: str, totals: Collection[DayTotal], at: datetime
    ) -> None:
        if not totals:
            return
        statement = insert(_DAY_TOTAL)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["org_id", "mart", "day"],
                set_={name: statement.excluded[name] for name in ("rows", "amount", "seen_at")},
            ),
            [
                {
                    "org_id": org_id,
                    "mart": mart.name,
                    "day": total.day,
                    "rows": total.rows,
                    "amount": total.amount,
                    "seen_at": at,
                }
                for total in totals
            ],
        )

    def late_rows(self, mart: Mart, org_id: str, since: date, until: date) -> Sequence[str]:
        days = {"org_id": org_id, "from_day": since, "to_day": until}
        found = self._asked(mart, "late.sql", days)
        return [str(row_id) for row_id in found.scalars()]

    def count_rows(self, mart: Mart, org_id: str, rows: Sequence[str], day: date | None) -> None:
        """A row keeps the day that it has; that it is left out holds from then on."""
        if not rows:
            return
        on_conflict = (
            "do nothing" if day else "(org_id, mart, row_id) do update set posted_day = null"
        )
        self._connection.execute(
            sa.text(
                "insert into lacuna.counted_row (org_id, mart, row_id, posted_day) "
                "select :org_id, :mart, unnest(cast(:rows as text[])), cast(:day as date) "
                f"on conflict {on_conflict}"
            ),
            {"org_id": org_id, "mart": mart.name, "rows": list(rows), "day": day},
        )

    def columns(self) -> Sequence[tuple[str, str, str]]:
        found = self._connection.execute(
            sa.text(
                "select class.relname, attribute.attname, format_type(attribute.atttypid, null) "
                "from pg_class as class "
                "join pg_namespace as space on space.oid = class.relnamespace "
                "join pg_attribute as attribute on attribute.attrelid = class.oid "
                "where space.nspname = 'reporting' and class.relkind in ('r', 'p', 'v', 'm', 'f') "
                "and attribute.attnum > 0 and not attribute.attisdropped"
            )
        )
        return [(str(row[0]), str(row[1]), str(row[2])) for row in found]

    def texts(self) -> Mapping[tuple[str, str], Sequence[str]]:
        texts = {}
        tables = self._connection.execute(
            sa.text("select tablename from pg_tables where schemaname = 'reporting'")
        ).scalars()
        own = set(tables)
        for table, column, kind in self.columns():
            if kind == "text" and table in own:
                named = sa.table(table, sa.column(column, sa.Text), schema="reporting")
                found = self._connection.execute(sa.select(named.c[column]).distinct())
                texts[table, column] = [str(value) for value in found.scalars() if value]
        return texts

    def refresh_statistics(self) -> None:
        self._connection.execute(sa.text("analyze lacuna.counted_row"))

    def has_counted(self, mart: Mart, org_id: str) -> bool:
        return bool(
            self._connection.execute(
                sa.text(
                    "select exists (select from lacuna.counted_row "
                    "where org_id = :org_id and mart = :mart)"
                ),
                {"org_id": org_id, "mart": mart.name},
            ).scalar_one()
        )

    def fix_links(self, org_id: str, contact_ids: Sequence[str]) -> int:
        """Nothing is fixed where the platform has no marts."""
        if self._source is None:
            return 0
        return self._connection.execute(
            self._statement(
                FOLDER / "team_weekly" / "fix.sql", key_type=self._key_type(self._source)
            ),
            {"org_id": org_id, "contact_ids": list(contact_ids)},
        ).rowcount

    def drop_links(self, org_id: str, rows: Sequence[str]) -> None:
        self._connection.execute(
            sa.text(
                "delete from lacuna.fixed_link "
                "where org_id = :org_id and row_id = any(cast(:rows as text[]))"
            ),
            {"org_id": org_id, "rows": list(rows)},
        )

    def sealed_until(self, mart: Mart, org_id: str) -> date | None:
        newest: date | None = self._connection.execute(
            sa.select(sa.func.max(RELEASE.c.last_day)).where(
                RELEASE.c.mart == mart.name, RELEASE.c.org_id == org_id
            )
        ).scalar_one()
        return newest

    def sealed_since(self, mart: Mart, org_id: str) -> date | None:
        oldest: date | None = self._connection.execute(
            sa.select(sa.func.min(RELEASE.c.first_day)).where(
                RELEASE.c.mart == mart.name, RELEASE.c.org_id == org_id
            )
        ).scalar_one()
        return oldest

    def seal(self, mart: Mart, release: Release) -> bool:
        """A day is sealed as part of one period alone.

        Raises:
            EvidenceBroken: the period is sealed with other cells.
            StatementRefused: one of its days is sealed as part of another period.
        """
        sealed = self._connection.execute(
            sa.select(RELEASE.c.digest).where(
                RELEASE.c.mart == mart.name,
                RELEASE.c.org_id == release.org_id,
                RELEASE.c.period == release.period.label,
            )
        ).scalar_one_or_none()
        if sealed == release.digest:
            return False
        if sealed is not None:
            raise EvidenceBroken(
                f"reporting.{mart.name} {release.period.label}: it is already sealed with other "
                "cells; the sealed ones stay"
            )
        insert_release(self._connection, mart, release)
        return True

    def releases(
        self, mart: Mart, org_id: str, since: date | None = None, until: date | None = None
    ) -> Iterator[Release]:
        cells: dict[date, list[Cell]] = defaultdict(list)
        table = table_of(mart)
        columns = [table.c[name] for name in value_columns(mart)]
        chosen = sa.select(table.c.first_day, *columns).where(table.c.org_id == org_id)
        for row in self._connection.execute(_within(chosen, table, since, until)):
            cells[row[0]].append(to_cell(mart, row[1:]))
        sealed = sa.select(*RELEASE.c).where(
            RELEASE.c.mart == mart.name, RELEASE.c.org_id == org_id
        )
        ordered = _within(sealed, RELEASE, since, until).order_by(RELEASE.c.first_day)
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
                version=row.version,
            )

    def shared_totals(self, table: TableName) -> tuple[SharedTotal, ...] | None:
        """`legacy/<table>.sql` says it, where it exists."""
        if not (FOLDER / "legacy" / f"{table.name}.sql").is_file():
            return None
        found = self._connection.execute(self._statement(FOLDER / "legacy" / f"{table.name}.sql"))
        return tuple(
            SharedTotal(str(row.mart), str(row.measure), str(row.org_id), int(row.total or 0))
            for row in found
        )

    def left_out(self, mart: Mart, org_id: str, rows: Sequence[str]) -> Mapping[str, int] | None:
        """`<mart>/left_out.sql` says it, where it exists."""
        if not (mart.folder / "left_out.sql").is_file():
            return None
        found = self._asked(mart, "left_out.sql", {"org_id": org_id, "rows": list(rows)}).one()
        return {str(name): int(amount) for name, amount in found._mapping.items()}

    def has_table(self, table: TableName) -> bool:
        return bool(
            self._connection.execute(
                sa.text(
                    "select to_regclass(quote_ident(:schema) || '.' || quote_ident(:name)) is not null"
                ),
                {"schema": table.schema, "name": table.name},
            ).scalar_one()
        )

    def serves(self, table: TableName) -> bool:
        return bool(
            self._connection.execute(
                sa.text(
                    "select exists ("
                    "  select from pg_class as view"
                    "  join pg_namespace as space on space.oid = view.relnamespace"
                    "  where space.nspname = :schema and view.relname = :name"
                    "    and view.relkind = 'v' and not exists ("
                    "      select from pg_rewrite as rule"
                    "      join pg_depend as used on used.objid = rule.oid"
                    "        and used.classid = 'pg_rewrite'::regclass"
                    "        and used.refclassid = 'pg_class'::regclass"
                    "      join pg_class as read on read.oid = used.refobjid"
                    "      where rule.ev_class = view.oid and read.oid <> view.oid"
                    "        and read.relnamespace <> 'reporting'::regnamespace))"
                ),
                {"schema": table.schema, "name": table.name},
            ).scalar_one()
        )

    def drop(self, table: TableName, max_rows: int) -> int:
        """Drop a table and return how many rows it had.

        Where `legacy/<table>.view.sql` says how the marts serve it, a view takes its name, and
        who could read the table can read the view.

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
                f"{table} has {rows} rows, but its approval allows {max_rows}; approve the larger "
                "number"
            )
        readers = self._readers(table)
        run_script(self._connection, sql.SQL("drop table {}").format(named).as_string(None))
        view = FOLDER / "legacy" / f"{table.name}.view.sql"
        if view.is_file():
            run_script(
                self._connection,
                sql.SQL("create view {} with (security_barrier) as\n").format(named).as_string(None)
                + view.read_text(encoding="utf-8"),
            )
            for reader in readers:
                grant = sql.SQL("grant select on {} to {}").format(named, sql.Identifier(reader))
                run_script(self._connection, grant.as_string(None))
        return rows

    def _readers(self, table: TableName) -> Sequence[str]:
        """Return the roles that may read a table, its owner and everybody aside."""
        found = self._connection.execute(
            sa.text(
                "select distinct role.rolname from pg_class as class "
                "join pg_namespace as space on space.oid = class.relnamespace "
                "cross join lateral aclexplode(class.relacl) as granted "
                "join pg_roles as role on role.oid = granted.grantee "
                "where space.nspname = :schema and class.relname = :name "
                "and granted.privilege_type = 'SELECT' and role.oid <> class.relowner order by 1"
            ),
            {"schema": table.schema, "name": table.name},
        )
        return [str(name) for name in found.scalars()]

    def _key_type(self, source: str) -> str:
        """Return the type of the keys of people, as the platform has them."""
        return str(
            self._connection.execute(
                sa.text(
                    "select format_type(atttypid, null) from pg_attribute "
                    "where attrelid = to_regclass(quote_ident(:schema) || '.conversations') "
                    "and attname = 'requester_id'"
                ),
                {"schema": source},
            ).scalar_one()
        )

    def _asked(
        self, mart: Mart, name: str, values: Mapping[str, object]
    ) -> sa.CursorResult[*tuple[Any, ...]]:
        """Run one of a mart's queries; as a part of another query it can change no row.

        Raises:
            ConfigurationError: it is no query that PostgreSQL can run here.
        """
        query = self._statement(mart.folder / name).text
        # With a parameter of ours the server takes one statement and no more.
        asked = f"select * from (\n{query}\n) as asked where cast(:is_asked as boolean)"  # noqa: S608
        try:
            return self._connection.execute(sa.text(asked), {**values, "is_asked": True})
        except (sa.exc.ProgrammingError, sa.exc.DataError, sa.exc.NotSupportedError) as error:
            # The message can quote a row's value.
            kind = type(error.orig).__name__
            raise ConfigurationError(
                f"{mart.folder}: {name} cannot be run ({kind}); correct it, then try it with "
                f"lacuna mart check {mart.name}"
            ) from None

    def _statement(self, file: Path, *, key_type: str = "uuid") -> sa.TextClause:
        if self._source is None:
            raise ConfigurationError(
                "datamap: the marts need an entry reporting: {schema: …}, which names where "
                "they count"
            )
        quoted = '"' + self._source.replace('"', '""').replace(":", "\\:") + '"'
        text = _OF_SAMPLE.sub(lambda _: quoted, query_text(file))
        return sa.text(text.replace("as uuid[])", f"as {key_type}[])"))


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


def _open_from(sealed_until: date | None) -> date:
    return _FIRST_DAY if sealed_until is None else sealed_until + timedelta(days=1)
