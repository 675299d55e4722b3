"""The verifier's own reading of the platform and of Lacuna's schemas.

It shares no query with what plans and applies. Identifiers are composed by the driver, values
are parameters, rows are streamed by server-side cursors, and nothing is written that stays: canaries
stand in temporary tables of a transaction that is rolled back.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from lacuna.model.location import KEYS_OF_COLUMN, ColumnName, RowKey, TableName
from lacuna.model.run import Role
from lacuna.model.table import Link
from lacuna.ports import Canaries, SearchedRows, WantedRows, keys_in
from lacuna.stores.postgres.canary_tables import CANARY_TABLE, insertions, made_like
from lacuna.stores.postgres.erasure_reader import ErasureReader
from lacuna.stores.postgres.people_sample import PeopleSample
from lacuna.stores.postgres.repeated_values import (
    distinct,
    distinct_of_each,
    is_wanted,
    may_be_asked,
    repeating,
)
from lacuna.stores.postgres.searched_columns import Kind, SearchedColumn, quoted
from lacuna.stores.postgres.verifier_joins import KEPT_BY_LACUNA
from lacuna.stores.postgres.verifier_queries import (
    QueryRow,
    is_person,
    leads_to,
    provided,
    text_of,
)

_BATCH_ROWS: Final = 5000
# The search holds every view of a batch at once: of plans and digests hundreds of times their size.
_BATCH_CHARACTERS: Final = 500_000

# As a document has them: a number of sixteen digits may not lose one.
_DOCUMENT: Final = json.JSONDecoder(parse_int=str, parse_float=str)

# A table of canaries is made behind the first, and is gone, with its locks, by the second.
_KEPT: Final = sql.SQL("savepoint lacuna_canaries")
_AS_KEPT: Final = sql.SQL("rollback to savepoint lacuna_canaries")

_OUTSIDE: Final = sa.text("""
    select n.nspname::text, c.relname::text,
           pg_catalog.has_schema_privilege(n.oid, 'usage')
           and pg_catalog.has_table_privilege(c.oid, 'select')
           and not pg_catalog.row_security_active(c.oid)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and not c.relispartition
      and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and n.nspname <> all(cast(:schemas as text[]))
    order by 1, 2
""")


class VerifierReader(ErasureReader, PeopleSample):
    """Reads for verification through one connection of the verifier."""

    def platform_tables(self) -> tuple[TableName, ...]:
        return tuple(name for name in self._live() if name.schema in self._datamap.schemas)

    def outside_tables(self) -> Mapping[TableName, bool]:
        """A table whose rows a policy hides may not be read either."""
        known = {"schemas": [*self._datamap.schemas, *KEPT_BY_LACUNA]}
        return {
            TableName(schema, name): bool(is_readable)
            for schema, name, is_readable in self._connection.execute(_OUTSIDE, known)
        }

    def own_tables(self) -> tuple[TableName, ...]:
        return tuple(name for name in self._live() if name.schema in KEPT_BY_LACUNA)

    def rows(
        self,
        table: TableName,
        org_id: str | None,
        only: Collection[str] | None = None,
        *,
        with_keys: bool = False,
        wanted: WantedRows | None = None,
    ) -> Iterator[SearchedRows]:
        columns = self._read(table, only, wanted)
        query = self._query(table, quoted(table.schema, table.name), columns, with_keys=with_keys)
        where, values = self._where(table, org_id)
        if wanted is not None:
            links = self._links_of(table).values()
            is_one, of_wanted = is_wanted(wanted, columns, links)
            where += sql.SQL(" and ") + is_one
            values |= of_wanted
        is_platform = table.schema not in KEPT_BY_LACUNA
        batch: list[QueryRow] = []
        size = 0
        for rows in self._stream(query.select + where, values, is_platform=is_platform):
            batch += rows
            size += sum(
                len(value) for row in rows for value in row if isinstance(value, str | bytes)
            )
            if len(batch) >= _BATCH_ROWS or size >= _BATCH_CHARACTERS:
                yield query.read(batch)
                batch, size = [], 0
        if batch:
            yield query.read(batch)

    def repeated(self, table: TableName, only: Collection[str] | None = None) -> frozenset[str]:
        """They are what the statistics say repeats, and may be asked for apart from the rows."""
        if self._repeating is None:
            schemas = [*self._datamap.schemas, *KEPT_BY_LACUNA]
            self._repeating = repeating(self._connection, schemas)
        repeat = self._repeating.get(table, frozenset())
        return frozenset(
            column.name
            for column in self._read(table, only)
            if column.name in repeat and may_be_asked(column)
        )

    def values(self, table: TableName, column: str, org_id: str | None) -> Iterator[Sequence[str]]:
        (searched,) = self._read(table, [column])
        where, values = self._where(table, org_id)
        query = distinct(quoted(table.schema, table.name), searched, where)
        is_platform = table.schema not in KEPT_BY_LACUNA
        batch: list[str] = []
        size = 0
        for rows in self._stream(query, values, is_platform=is_platform):
            more = [str(value) for (value,) in rows if value is not None]
            batch += more
            size += sum(map(len, more))
            if len(batch) >= _BATCH_ROWS or size >= _BATCH_CHARACTERS:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _read(
        self,
        table: TableName,
        only: Collection[str] | None = None,
        wanted: WantedRows | None = None,
    ) -> tuple[SearchedColumn, ...]:
        """Return the columns of a table that are read."""
        return tuple(
            one
            for one in self._searched(table)
            if (only is None or one.name in only)
            and (wanted is None or one.name not in wanted.values or wanted.values[one.name])
        )

    def rows_leading_to(
        self, target: TableName, roots: Collection[str], org_id: str
    ) -> Mapping[TableName, int]:
        """A row that leads there in two ways is one row."""
        found: dict[TableName, int] = {}
        for table in self._datamap.tables.values():
            joins, ways = self._ways(table, target)
            leads: list[sql.Composable] = [leads_to(way, "roots") for way in ways]
            query = (
                sql.SQL("select count(distinct ({})) from {} as start").format(
                    sql.SQL(", ").join(text_of("start", name) for name in table.key),
                    quoted(table.name.schema, table.name.name),
                )
                + joins
                + sql.SQL(" where {} and ({})").format(
                    self._is_of_tenant(table), sql.SQL(" or ").join(leads or [sql.SQL("false")])
                )
            )
            values = {"org_id": org_id, "roots": list(roots)}
            for rows in self._stream(query, values, is_platform=True):
                found[table.name] = sum(int(str(count)) for (count,) in rows)
        return found

    def rows_provided(
        self, target: TableName, roots: Collection[str], people: Collection[str], org_id: str
    ) -> Mapping[TableName, frozenset[RowKey]]:
        found: dict[TableName, frozenset[RowKey]] = {}
        # What links of other tables hold of a row that counts, by the column they lead to.
        held: dict[tuple[TableName, str], list[str]] = {}
        values = {"org_id": org_id, "roots": list(roots), "people": list(people)}
        for table in self._datamap.in_link_order():
            if not self._datamap.leaves_out_rows(table):
                continue
            joins, ways = self._ways(table, target)
            follows = self._datamap.followed(table)
            conditions, of_conditions = provided(
                table, follows, [held[link.table, self._led_to(link)] for link in follows]
            )
            led_to = dict.fromkeys(
                self._led_to(link)
                for other in self._datamap.tables.values()
                for link in other.links_to(table.name)
            )
            leads: list[sql.Composable] = [leads_to(way, "roots") for way in ways]
            query = (
                sql.SQL("select ")
                + sql.SQL(", ").join(text_of("start", name) for name in (*table.key, *led_to))
                + sql.SQL(" from {} as start").format(quoted(table.name.schema, table.name.name))
                + joins
                + sql.SQL(" where {} and ({})").format(
                    self._is_of_tenant(table), sql.SQL(" or ").join(leads or [sql.SQL("false")])
                )
                + conditions
            )
            rows = [
                row
                for some in self._stream(query, {**values, **of_conditions}, is_platform=True)
                for row in some
            ]
            width = len(table.key)
            found[table.name] = frozenset(tuple(map(str, row[:width])) for row in rows)
            for place, name in enumerate(led_to, start=width):
                held[table.name, name] = sorted({str(row[place]) for row in rows})
        return found

    def _led_to(self, link: Link) -> str:
        """Return the column of the other table whose values a link holds."""
        return link.to or self._datamap.tables[link.table].key[0]

    def rows_of_people(
        self, table: TableName, keys: Collection[str], org_id: str, columns: Sequence[str]
    ) -> Iterator[tuple[frozenset[str], RowKey, Mapping[str, object]]]:
        mapped = self._datamap.tables[table]
        joins, ways = self._ways(mapped)
        if not ways or not keys:
            return
        parts = [sql.SQL("start.{}").format(quoted(name)) for name in columns]
        leads = [leads_to(way, "keys") for way in ways]
        query = (
            sql.SQL("select ")
            + sql.SQL(", ").join(
                [*ways, *(text_of("start", name) for name in mapped.key), _as_document(parts)]
            )
            + sql.SQL(" from {} as start").format(quoted(table.schema, table.name))
            + joins
            + sql.SQL(" where {} and ({})").format(
                self._is_of_tenant(mapped), sql.SQL(" or ").join(leads)
            )
        )
        wanted, first = frozenset(keys), len(ways) + len(mapped.key)
        for rows in self._stream(query, {"org_id": org_id, "keys": list(keys)}, is_platform=True):
            for row in rows:
                owners = wanted & {key for cell in row[: len(ways)] for key in keys_in(cell)}
                key = tuple(map(str, row[len(ways) : first]))
                yield owners, key, dict(zip(columns, _in_document(row[first]), strict=True))

    def rows_of_other_kinds(self, org_id: str) -> Iterator[Sequence[object]]:
        for view in self._other_kinds:
            table = view.tables[view.subject.table]
            parts = [
                sql.SQL("start.{}").format(quoted(column.name))
                for column in table.columns
                if column.is_personal and column.name not in table.key
            ]
            if not parts:
                continue
            query = (
                sql.SQL("select ")
                + _as_document(parts)
                + sql.SQL(" from {} as start where {} and {}").format(
                    quoted(table.name.schema, table.name.name),
                    self._is_of_tenant(table),
                    is_person(view),
                )
            )
            for rows in self._stream(query, {"org_id": org_id}, is_platform=True):
                yield from (_in_document(row[0]) for row in rows)

    def statistics(self) -> Iterator[tuple[ColumnName, str]]:
        """One by one: in a list as one text, the end of a value and the begin of the next may look like a name."""
        schemas = {"schemas": list(self._datamap.schemas)}
        searched = {
            name: {column.name for column in self._searched(name)} for name in self._datamap.tables
        }
        for schema, table, name, value in self._connection.execute(
            sa.text(_STATISTICS), schemas
        ).all():
            where = TableName(schema, table)
            if name in searched.get(where, ()):
                yield ColumnName(where, name), value

    def canary_rows(
        self, tables: Collection[TableName], canaries: Canaries
    ) -> Iterator[tuple[TableName, SearchedRows]]:
        """The rows are written into a temporary table made like the real one.

        The verifier may not write to the real one. They are read back through the same query. Names of
        JSON keys are a column of their own, `name (keys)`. The transaction is rolled back, and so is
        every table in it.
        """
        with self._planting() as connection:
            driver = self._driver(connection)
            driver.execute(_KEPT)
            for table in tables:
                yield table, self._planted(driver, table, canaries)
            driver.execute(_AS_KEPT)

    @contextmanager
    def _planting(self) -> Iterator[sa.Connection]:
        """Open a transaction of the verifier's own that ends by being rolled back."""
        if self._database is None:
            yield self._connection
            return
        with self._database.transaction(Role.VERIFIER) as connection:
            yield connection
            connection.rollback()

    def _planted(
        self, driver: psycopg.Connection[QueryRow], table: TableName, canaries: Canaries
    ) -> SearchedRows:
        """Return the canaries in a table like `table`; the one before it goes first."""
        searched = self._searched(table)
        made = made_like(table, self._shape(table), searched)
        in_values = self._read_canaries(
            driver,
            [_AS_KEPT, made],
            table,
            insertions(searched, canaries, lambda text: json.dumps({"canary": [text]})),
        )
        columns = dict(in_values.columns)
        documents = [column.name for column in searched if column.kind is Kind.JSON]
        if documents:
            in_keys = self._read_canaries(
                driver,
                [sql.SQL("truncate {}").format(CANARY_TABLE)],
                table,
                insertions(searched, canaries, lambda text: json.dumps({text: 1})),
            )
            columns |= {f"{name}{KEYS_OF_COLUMN}": in_keys.columns[name] for name in documents}
        return SearchedRows(columns)

    def _read_canaries(
        self,
        driver: psycopg.Connection[QueryRow],
        before: Sequence[sql.SQL | sql.Composed],
        table: TableName,
        written: tuple[Sequence[sql.Composed], Mapping[str, object]],
    ) -> SearchedRows:
        """Run statements, then those that write canaries with their values; read them."""
        searched = self._searched(table)
        asked = [column for column in searched if may_be_asked(column)]
        writing, canaries = written
        # The few rows need no cursor of the server's: one way there and back for all statements.
        with driver.pipeline():
            for statement in before:
                driver.execute(statement, prepare=False)
            for statement in writing:
                driver.execute(statement, canaries, prepare=False)
            # Whatever may be asked for by its values is, once: what repeats another night too.
            answers = [
                driver.execute(query, {}, prepare=False)
                for query in distinct_of_each(CANARY_TABLE, asked)
            ]
        apart: dict[str, set[str]] = {column.name: set() for column in asked}
        for name, value in (row for rows in answers for row in rows):
            apart[str(name)].add(str(value))
        is_one, parameters = is_wanted(WantedRows(apart, ()), searched, ())
        query = self._query(table, CANARY_TABLE, searched)
        found = query.read(
            driver.execute(
                query.select + sql.SQL(" where ") + is_one, parameters, prepare=False
            ).fetchall()
        )
        return SearchedRows(
            {
                name: tuple(
                    one if name not in apart or one in apart[name] else None for one in column
                )
                for name, column in found.columns.items()
            }
        )

    def opaque_columns(self, table: TableName) -> Mapping[str, str]:
        return {
            column.name: column.type_name[1]
            for column in self._shape(table)
            if column.kind is Kind.OPAQUE
        }

    def other_people(self, org_id: str) -> tuple[tuple[str, ...], ...]:
        by_table: dict[TableName, list[str]] = defaultdict(list)
        for column in self._datamap.subject.others:
            by_table[column.table].append(column.name)
        found: list[tuple[str, ...]] = []
        for table, names in by_table.items():
            query = sql.SQL("select {} from {} as start where {}").format(
                sql.SQL(", ").join(text_of("start", name) for name in names),
                quoted(table.schema, table.name),
                self._is_of_tenant(self._datamap.tables[table]),
            )
            if table == self._datamap.subject.table:
                query += sql.SQL(" and not ({})").format(is_person(self._datamap))
            for rows in self._stream(query, {"org_id": org_id}, is_platform=True):
                found += (tuple(str(name) for name in row if name) for row in rows)
        return tuple(found)


def _as_document(columns: Sequence[sql.Composable]) -> sql.Composable:
    """Return the expression of a row's values as one JSON text."""
    # Unlike `to_jsonb`, it takes documents with any escapes; unlike a function, any number of columns.
    return sql.SQL("row_to_json(row({}))::text").format(sql.SQL(", ").join(columns))


def _in_document(text: object) -> list[object]:
    return list(_DOCUMENT.decode(str(text)).values())


# What is kept of columns together can be read by the owner of a table alone.
_STATISTICS: Final = """
select schemaname, tablename, attname, value
from pg_stats cross join lateral unnest(
    most_common_vals::text::text[] || histogram_bounds::text::text[] || most_common_elems::text::text[]
) as value
where schemaname = any(:schemas) and value is not null
"""
