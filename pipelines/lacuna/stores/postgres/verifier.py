"""The verifier's own reading of the platform and of Lacuna's schemas.

It shares no query with what plans and applies. Identifiers are composed by the driver, values
are parameters, rows are streamed by server-side cursors, and nothing is written that stays: canaries
stand in temporary tables of a transaction that is rolled back.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import DataMapDrift, StatementRefused
from lacuna.model.datamap import DataMap
from lacuna.model.kinds import marked, other_kinds, treats
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.object_source import PathSource, path_sources
from lacuna.model.run import Role
from lacuna.model.scrub import ErasedTraces, RowTraces
from lacuna.model.table import ROW_ADDRESS, Link, Table
from lacuna.model.tombstone import KeyKind, tombstone_key
from lacuna.ports import Canaries, NamedObject, SearchedRows, WantedRows
from lacuna.stores.postgres.canary_tables import CANARY_TABLE, insertion, made_like
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.repeated_values import distinct, is_wanted, may_be_asked, repeating
from lacuna.stores.postgres.row_traces import numbers_of_requests, read_erased, read_traces
from lacuna.stores.postgres.searched_columns import Kind, SearchedColumn, live_columns, quoted
from lacuna.stores.postgres.verifier_queries import (
    Row,
    RowQuery,
    as_literal,
    from_own_rows,
    held_by,
    key_held_by,
    key_matches,
    of_requests,
    only_where,
    paths_named,
    provided,
    text_of,
)

_FETCHED: Final = 500
_BATCH_ROWS: Final = 5000
# The search holds every view of a batch at once: of plans and digests hundreds of times their size.
_BATCH_CHARACTERS: Final = 500_000
_OWN_CHARACTERS: Final = 4_000_000
_OWN_ROWS: Final = 20_000
_KEPT_BY_LACUNA: Final = ("lacuna", "lacuna_evidence", "reporting")


class VerifierReader:
    """Reads for verification through one connection of the verifier."""

    def __init__(
        self, connection: sa.Connection, datamap: DataMap, database: Database | None = None
    ) -> None:
        """Read through `connection`, which belongs to one transaction of the verifier.

        Args:
            database: where canaries get a transaction of their own, since that of `connection`
                may be read-only; None: in that of `connection`, which then has to be rolled back.
        """
        self._connection = connection
        self._database = database
        self._datamap = datamap
        self._columns: Mapping[TableName, tuple[SearchedColumn, ...]] | None = None
        self._repeating: Mapping[TableName, frozenset[str]] | None = None
        self._cursors = count(1)

    # --- what is searched -------------------------------------------------------------------------

    def own_tables(self) -> tuple[TableName, ...]:
        return tuple(name for name in self._live() if name.schema in _KEPT_BY_LACUNA)

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
        is_platform = table.schema not in _KEPT_BY_LACUNA
        batch: list[Row] = []
        size = 0
        for rows in self._stream(query.select + where, values, is_platform=is_platform):
            batch += rows
            size += sum(len(value) for row in rows for value in row if isinstance(value, str))
            if len(batch) >= _BATCH_ROWS or size >= _BATCH_CHARACTERS:
                yield query.read(batch)
                batch, size = [], 0
        if batch:
            yield query.read(batch)

    def repeated(self, table: TableName, only: Collection[str] | None = None) -> frozenset[str]:
        """They are what the statistics say repeats, and may be asked for apart from the rows."""
        if self._repeating is None:
            schemas = [*self._datamap.schemas, *_KEPT_BY_LACUNA]
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
        is_platform = table.schema not in _KEPT_BY_LACUNA
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

    def _where(
        self, table: TableName, org_id: str | None
    ) -> tuple[sql.Composable, dict[str, object]]:
        """Compose which rows of a table are a tenant's."""
        if org_id is None:
            return sql.SQL(" where true"), {}
        # A row without a tenant is anybody's.
        return sql.SQL(" where ({tenant} = %(org_id)s or {tenant} is null)").format(
            tenant=self._tenant(self._datamap.tables[table])
        ), {"org_id": org_id}

    def rows_leading_to(
        self, target: TableName, roots: Collection[str], org_id: str
    ) -> Mapping[TableName, int]:
        """A row that leads there in two ways is one row."""
        found: dict[TableName, int] = {}
        for table in self._datamap.tables.values():
            joins, ways = self._ways(table, target)
            leads: list[sql.Composable] = [
                sql.SQL("{} = any(%(roots)s)").format(way) for way in ways
            ]
            query = (
                sql.SQL("select count(*) from {} as start").format(
                    quoted(table.name.schema, table.name.name)
                )
                + joins
                + sql.SQL(" where {} = %(org_id)s and ({})").format(
                    self._tenant(table), sql.SQL(" or ").join(leads or [sql.SQL("false")])
                )
            )
            values = {"org_id": org_id, "roots": list(roots)}
            for rows in self._stream(query, values, is_platform=True):
                found[table.name] = sum(int(str(count)) for (count,) in rows)
        return found

    def rows_provided(
        self, target: TableName, roots: Collection[str], people: Collection[str], org_id: str
    ) -> Mapping[TableName, frozenset[RowKey]]:
        """Return the keys of the rows that the person provided, of tables that leave out rows."""
        found: dict[TableName, frozenset[RowKey]] = {}
        # What links of other tables hold of a row that counts, by the column they lead to.
        held: dict[tuple[TableName, str], list[str]] = {}
        values = {"org_id": org_id, "roots": list(roots), "people": list(people)}
        for table in reversed(self._datamap.in_erasure_order()):
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
            leads: list[sql.Composable] = [
                sql.SQL("{} = any(%(roots)s)").format(way) for way in ways
            ]
            query = (
                sql.SQL("select ")
                + sql.SQL(", ").join(text_of("start", name) for name in (*table.key, *led_to))
                + sql.SQL(" from {} as start").format(quoted(table.name.schema, table.name.name))
                + joins
                + sql.SQL(" where {} = %(org_id)s and ({})").format(
                    self._tenant(table), sql.SQL(" or ").join(leads or [sql.SQL("false")])
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
        # Unlike `to_jsonb`, it takes a document with any escapes.
        parts = [sql.SQL("to_json(start.{})::text").format(quoted(name)) for name in columns]
        leads = [sql.SQL("{} = any(%(keys)s)").format(way) for way in ways]
        query = (
            sql.SQL("select ")
            + sql.SQL(", ").join([*ways, *(text_of("start", name) for name in mapped.key), *parts])
            + sql.SQL(" from {} as start").format(quoted(table.schema, table.name))
            + joins
            + sql.SQL(" where {} = %(org_id)s and ({})").format(
                self._tenant(mapped), sql.SQL(" or ").join(leads)
            )
        )
        wanted, first = frozenset(keys), len(ways) + len(mapped.key)
        for rows in self._stream(query, {"org_id": org_id, "keys": list(keys)}, is_platform=True):
            for row in rows:
                owners = wanted & {str(key) for key in row[: len(ways)] if key is not None}
                values = (None if one is None else _as_json(str(one)) for one in row[first:])
                key = tuple(map(str, row[len(ways) : first]))
                yield owners, key, dict(zip(columns, values, strict=True))

    def rows_of_other_kinds(self, org_id: str) -> Iterator[Sequence[object]]:
        for view in self._other_kinds:
            table, where = view.tables[view.subject.table], view.subject.where
            parts = [
                sql.SQL("to_json(start.{})::text").format(quoted(column.name))
                for column in table.columns
                if column.is_personal and column.name not in table.key
            ]
            if not parts:
                continue
            query = (
                sql.SQL("select ")
                + sql.SQL(", ").join(parts)
                + sql.SQL(" from {} as start where {} = %(org_id)s").format(
                    quoted(table.name.schema, table.name.name), self._tenant(table)
                )
            )
            if where is not None:
                name, value = where
                query += sql.SQL(" and {} = {}").format(text_of("start", name), as_literal(value))
            for rows in self._stream(query, {"org_id": org_id}, is_platform=True):
                for row in rows:
                    yield [None if one is None else _as_json(str(one)) for one in row]

    def statistics(self) -> Iterator[tuple[ColumnName, str]]:
        """Yield what the planner's statistics hold of the platform's values, one by one, by column.

        Not a list as one text: the end of a value and the begin of the next may look like a name.
        """
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
            for table in tables:
                savepoint = connection.begin_nested()
                yield table, self._planted(connection, table, canaries)
                savepoint.rollback()

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
        self, connection: sa.Connection, table: TableName, canaries: Canaries
    ) -> SearchedRows:
        searched = self._searched(table)
        made = made_like(table, self._shape(table), searched)
        self._driver(connection).execute(made, prepare=False)
        in_values = self._read_canaries(
            connection, table, canaries, lambda text: json.dumps({"canary": [text]})
        )
        columns = dict(in_values.columns)
        documents = [column.name for column in searched if column.kind is Kind.JSON]
        if documents:
            self._driver(connection).execute(sql.SQL("truncate {}").format(CANARY_TABLE))
            in_keys = self._read_canaries(
                connection, table, canaries, lambda text: json.dumps({text: 1})
            )
            columns |= {f"{name} (keys)": in_keys.columns[name] for name in documents}
        return SearchedRows(columns)

    def _read_canaries(
        self,
        connection: sa.Connection,
        table: TableName,
        canaries: Canaries,
        document: Callable[[str], str],
    ) -> SearchedRows:
        searched = self._searched(table)
        asked = [column for column in searched if may_be_asked(column)]
        driver = self._driver(connection)
        # The few rows need no cursor of the server's: one way there and back for all statements.
        with driver.pipeline(), driver.cursor() as cursor:
            cursor.executemany(*insertion(searched, canaries, document))
            # Whatever may be asked for by its values is, once: what repeats another night too.
            answers = [
                driver.execute(distinct(CANARY_TABLE, column, sql.SQL("")), {}, prepare=False)
                for column in asked
            ]
        apart = {
            column.name: frozenset(str(value) for (value,) in answer)
            for column, answer in zip(asked, answers, strict=True)
        }
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
            query = sql.SQL("select {} from {} as start where {} = %(org_id)s").format(
                sql.SQL(", ").join(text_of("start", name) for name in names),
                quoted(table.schema, table.name),
                self._tenant(self._datamap.tables[table]),
            )
            subject = self._datamap.subject
            if table == subject.table and subject.where is not None:
                name, value = subject.where
                query += sql.SQL(" and {} is distinct from {}").format(
                    text_of("start", name), as_literal(value)
                )
            for rows in self._stream(query, {"org_id": org_id}, is_platform=True):
                found += (tuple(str(name) for name in row if name) for row in rows)
        return tuple(found)

    def named_paths(self, store: str) -> frozenset[str]:
        found: set[str] = set()
        for table in self._datamap.tables.values():
            sources = [one for one in path_sources(self._datamap, table) if one.store == store]
            for part in (part for source in sources for part in paths_named(source)):
                query = sql.SQL("select distinct {} from {} as start").format(
                    part, quoted(table.name.schema, table.name.name)
                )
                for rows in self._stream(query, {}, is_platform=True):
                    found.update(str(path) for (path,) in rows if path is not None)
        return frozenset(found)

    def named_objects(self, store: str) -> Mapping[str, NamedObject]:
        owners: dict[str, set[str]] = defaultdict(set)
        org_ids: dict[str, set[str]] = defaultdict(set)
        for table in self._datamap.tables.values():
            sources = [one for one in path_sources(self._datamap, table) if one.store == store]
            joins, ways = self._ways(table) if sources else (sql.SQL(""), [])
            for part in (part for source in sources for part in paths_named(source)):
                query = (
                    sql.SQL("select {}, ").format(self._tenant(table))
                    + sql.SQL(", ").join([part, *ways])
                    + sql.SQL(" from {} as start").format(
                        quoted(table.name.schema, table.name.name)
                    )
                    + joins
                )
                for rows in self._stream(query, {}, is_platform=True):
                    for org_id, path, *keys in rows:
                        if path is not None:
                            org_ids[str(path)].add(str(org_id))
                            owners[str(path)].update(str(key) for key in keys if key is not None)
        return {
            path: NamedObject(frozenset(owners[path]), frozenset(of_path))
            for path, of_path in org_ids.items()
        }

    # --- what rows say of when they were written ---

    def transaction_number(self) -> str:
        query = sql.SQL("select pg_snapshot_xmax(pg_current_snapshot())::text")
        ((number,),) = self._all(query, {})
        return str(number)

    def traces(self, table: TableName, since: str) -> RowTraces:
        if table.schema not in _KEPT_BY_LACUNA:
            # Where a policy would hide rows, PostgreSQL refuses the query.
            self._set("row_security", "off")
        traces = read_traces(self._all, table, since)
        self._set("row_security", "on")
        return traces

    def erased_traces(self, table: TableName, erased_at: str) -> ErasedTraces:
        of_requests = numbers_of_requests(self._all)
        # Where a policy would hide rows of the platform, PostgreSQL refuses the query.
        self._set("row_security", "off")
        traces = read_erased(self._all, table, erased_at, of_requests)
        self._set("row_security", "on")
        return traces

    # --- what a request's own rows are now --------------------------------------------------------

    def own_paths(
        self, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[PathSource, tuple[str, ...]]]:
        found: dict[str, dict[PathSource, tuple[str, ...]]] = defaultdict(dict)
        for table in self._datamap.tables.values():
            for source in path_sources(self._datamap, table):
                if not source.is_taken:
                    continue
                paths: dict[str, list[str]] = defaultdict(list)
                for part in paths_named(source):
                    query = sql.SQL("select working.request_id::text, {} {}").format(
                        part, self._from_own_rows(table)
                    )
                    for rows in self._stream(query, of_requests(table, request_ids)):
                        for request_id, path in rows:
                            if path is not None:
                                paths[str(request_id)].append(str(path))
                for request_id, of_request in paths.items():
                    found[request_id][source] = tuple(dict.fromkeys(of_request))
        return found

    def own_rows(
        self, table: TableName, request_ids: Collection[str], columns: Sequence[str]
    ) -> Iterator[Mapping[str, Sequence[str | None]]]:
        mapped = self._datamap.tables[table]
        self._set("TimeZone", "UTC")
        self._set("DateStyle", "ISO, YMD")
        parts: list[sql.Composable] = [text_of("start", name) for name in columns]
        # Where nothing is looked at, the rows are counted.
        query = (
            sql.SQL("select ")
            + sql.SQL(", ").join(parts or [sql.SQL("null::text")])
            + self._from_own_rows(mapped)
        )
        names = columns or ("",)
        values: tuple[list[str | None], ...] = tuple([] for _ in names)
        size = 0
        for rows in self._stream(query, of_requests(mapped, request_ids)):
            for column_values, part in zip(values, zip(*rows, strict=True), strict=True):
                column_values += (None if value is None else str(value) for value in part)
                size += sum(len(value) for value in part if isinstance(value, str))
            if len(values[0]) >= _OWN_ROWS or size >= _OWN_CHARACTERS:
                yield dict(zip(names, values, strict=True))
                values, size = tuple([] for _ in names), 0
        if values[0]:
            yield dict(zip(names, values, strict=True))

    def totals(
        self, table: TableName, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[str, str]]:
        mapped = self._datamap.tables[table]
        sums = [
            sql.SQL("coalesce(sum(start.{}), 0)::text").format(quoted(name))
            for name in mapped.measures
        ]
        query = (
            sql.SQL("select working.request_id::text, ")
            + sql.SQL(", ").join([sql.SQL("count(*)::text"), *sums])
            + self._from_own_rows(mapped)
            + sql.SQL(" group by 1")
        )
        return {
            str(request_id): dict(
                zip(("rows", *mapped.measures), (str(total) for total in totals), strict=True)
            )
            for rows in self._stream(query, of_requests(mapped, request_ids))
            for request_id, *totals in rows
        }

    # --- what Lacuna recorded about requests ------------------------------------------------------

    def baseline(
        self, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[TableName, Mapping[str, str]]]:
        found: dict[str, dict[TableName, dict[str, str]]] = defaultdict(dict)
        for request_id, table, measure, total in self._run(
            "select request_id::text, table_name, measure, total::text from lacuna.baseline "
            "where request_id::text = any(:ids)",
            request_ids,
        ):
            found[request_id].setdefault(TableName.parse(table), {})[measure] = total
        return found

    def working_rows(self, request_ids: Collection[str]) -> Mapping[str, Mapping[TableName, int]]:
        found: dict[str, dict[TableName, int]] = defaultdict(dict)
        for request_id, table, rows in self._run(
            "select request_id::text, table_name, count(*)::text from lacuna.working_row "
            "where role = 'own' and request_id::text = any(:ids) group by 1, 2",
            request_ids,
        ):
            found[request_id][TableName.parse(table)] = int(rows)
        return found

    def transactions(self, request_ids: Collection[str]) -> Mapping[str, str]:
        rows = self._run(
            "select request_id::text, rows_transaction::text from lacuna.request "
            "where rows_transaction is not null and request_id::text = any(:ids)",
            request_ids,
        )
        return {str(request_id): str(transaction) for request_id, transaction in rows}

    def pending_portions(self, request_ids: Collection[str]) -> Mapping[str, int]:
        return {
            request_id: int(portions)
            for request_id, portions in self._run(
                "select request_id::text, count(*)::text from lacuna.portion "
                "where transaction is null and request_id::text = any(:ids) group by 1",
                request_ids,
            )
        }

    def effects(self, request_ids: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for request_id, state, effects in self._run(
            "select request_id::text, state, count(*)::text from lacuna.outbox "
            "where request_id::text = any(:ids) group by 1, 2",
            request_ids,
        ):
            found[request_id][state] = int(effects)
        return found

    def unplanned_rows(self, table: TableName, request_ids: Collection[str]) -> Mapping[str, int]:
        """Every row carries the id of the transaction that wrote it last.

        Other writers at the same moment do not count. Not seen: rows that the transaction deleted, rows
        that somebody wrote again since, and what a trigger wrote in a subtransaction.
        """
        mapped = self._datamap.tables[table]
        # By transaction, of which one person's million rows have a thousand: each working row is met
        # once, not once with each of them.
        query = sql.SQL(
            "with written as materialized (select transaction, "
            "  (transaction::text::numeric %% 4294967296)::bigint as in_rows, "
            "  array_agg(request_id) as requests from ("
            "    select request_id, rows_transaction as transaction from lacuna.request "
            "    where rows_transaction is not null "
            "    union select request_id, transaction from lacuna.portion "
            "    where transaction is not null) as written_by "
            "  group by transaction having bool_or(request_id = any(%(ids)s::uuid[]))) "
            "select request_id::text, sum(unplanned)::bigint from ("
            "  select written.requests, count(*) as unplanned from {table} as start "
            "  join written on start.xmin::text::bigint = written.in_rows "
            "  where not (start.{first}::text = any(%(nobody)s)) "
            "  and not exists (select from lacuna.working_row as working "
            "    where working.table_name = %(table)s "
            "    and working.request_id = any(written.requests) and {key}) "
            "  group by written.transaction, written.requests) as by_transaction "
            "cross join unnest(requests) as request_id "
            "where request_id = any(%(ids)s::uuid[]) group by 1"
        ).format(
            table=quoted(table.schema, table.name),
            first=quoted(mapped.key[0]),
            key=key_matches(mapped, self._key_types(mapped)),
        )
        values = {
            **of_requests(mapped, request_ids),
            "nobody": self._tombstones(table, request_ids),
        }
        return {
            str(request_id): int(str(unplanned))
            for rows in self._stream(query, values)
            for request_id, unplanned in rows
        }

    def _tombstones(self, table: TableName, request_ids: Collection[str]) -> list[str]:
        """Return the keys of the tombstone contacts that an erasure may have made in a table."""
        if table != self._datamap.subject.table or not self._datamap.has_tombstone:
            return []
        org_ids = self._run(
            "select distinct org_id from lacuna.request where request_id::text = any(:ids)",
            request_ids,
        )
        kind = self._key_kind(table)
        return [tombstone_key(table, org_id, kind) for (org_id,) in org_ids]

    def _from_own_rows(self, table: Table) -> sql.Composed:
        return from_own_rows(table, self._key_types(table))

    def _key_types(self, table: Table) -> list[tuple[str, str]]:
        # A table without a key is none of the columns: its rows are known by where they lie.
        held = {ROW_ADDRESS: ("pg_catalog", "tid")}
        held |= {column.name: column.type_name for column in self._shape(table.name)}
        return [held[name] for name in table.key]

    def _key_kind(self, table: TableName) -> KeyKind:
        (key,) = self._datamap.tables[table].key
        (held,) = (column.type_name[1] for column in self._shape(table) if column.name == key)
        return {"int4": KeyKind.INTEGER, "int8": KeyKind.BIGINT}.get(held, KeyKind.UUID)

    # --- queries ----------------------------------------------------------------------------------

    def _query(
        self,
        table: TableName,
        source: sql.Composable,
        searched: Sequence[SearchedColumn],
        *,
        with_keys: bool = False,
    ) -> RowQuery:
        """Compose the query over one table: links, every way to the person, the columns."""
        mapped = self._datamap.tables.get(table)
        links = self._links_of(table)
        joins: sql.Composable = sql.SQL("")
        ways: list[sql.Composable] = []
        if mapped is not None:
            joins, ways = self._ways(mapped)
            more, theirs = self._ways_to_other_kinds(mapped)
            joins, ways = joins + more, ways + theirs
        key = mapped.key if mapped is not None and with_keys else ()
        parts = [*links.values(), *ways, *(text_of("start", name) for name in key)]
        for column in searched:
            template = "start.{}" if column.kind is Kind.BYTES else "start.{}::text"
            parts.append(sql.SQL(template).format(quoted(column.name)))
        select = (
            sql.SQL("select ")
            + sql.SQL(", ").join(parts or [sql.SQL("1")])
            + sql.SQL(" from {} as start").format(source)
            + joins
        )
        names = tuple(column.name for column in searched)
        return RowQuery(select, tuple(links), len(ways), names, len(key))

    def _tenant(self, table: Table) -> sql.Composable:
        """Compose the tenant of a row, as text."""
        if table.tenant:
            return text_of("start", table.tenant)
        return sql.SQL("{}::text").format(as_literal(self._datamap.only_tenant))

    def _links_of(self, name: TableName) -> Mapping[str, sql.Composable]:
        mapped = self._datamap.tables.get(name)
        return {} if mapped is None else self._links(mapped)

    def _links(self, table: Table) -> Mapping[str, sql.Composable]:
        """Return the columns that hold the key of a person, with what that key is in a row.

        None where it stays: what it leads to says nothing of anybody any more.
        """
        subject = self._datamap.subject
        if self._datamap.keeps_keys:
            return {}
        links = {
            link.column: key_held_by("start", link)
            for link in table.links_to(subject.table)
            if link.to is None
        }
        if table.name == subject.table:
            own = (
                [table.key[0]]
                if subject.merged_into is None
                else [table.key[0], subject.merged_into]
            )
            links |= {name: text_of("start", name) for name in own}
        return links

    @cached_property
    def _other_kinds(self) -> tuple[DataMap, ...]:
        return other_kinds(self._datamap)

    def _ways_to_other_kinds(self, table: Table) -> tuple[sql.Composed, list[sql.Composable]]:
        """Compose the ways to people of other kinds, where rows of theirs are treated as such."""
        joins, ways = sql.Composed([]), list[sql.Composable]()
        for view in self._other_kinds:
            if treats(view, table.name):
                more, theirs = self._ways(view.tables[table.name], of=view)
                (mark,) = marked(view.kind, [""])
                joins += sql.Composed([more])
                ways += [sql.SQL("{} || {}").format(as_literal(mark), key) for key in theirs]
        return joins, ways

    def _ways(
        self, table: Table, target: TableName | None = None, *, of: DataMap | None = None
    ) -> tuple[sql.Composable, list[sql.Composable]]:
        """Compose the joins along every chain of links, and the key that each leads to.

        Args:
            target: where the chains end; None: at the person.
            of: the view of the map whose links they are; None: the one that is verified.
        """
        joins: list[sql.Composable] = []
        ways: list[sql.Composable] = []
        view = of or self._datamap
        chains = view.path_to(table.name, target or view.subject.table)
        for way, chain in enumerate(chains):
            here = "start"
            key: sql.Composable = text_of(here, table.key[0])
            for position, link in enumerate(chain):
                if position + 1 == len(chain) and link.to is None:
                    key = key_held_by(here, link)
                    break
                there = f"way_{way}_{position}" if of is None else f"{view.kind}_{way}_{position}"
                joins.append(self._join(here, there, link))
                key = text_of(there, self._datamap.tables[link.table].key[0])
                here = there
            ways.append(key)
        return sql.Composed(joins), ways

    def _join(self, here: str, there: str, link: Link) -> sql.Composed:
        column = link.to or self._datamap.tables[link.table].key[0]
        # Of the same type, the two are compared as they are, so that an index serves it.
        arrived, held = sql.Identifier(there) + sql.SQL(".") + quoted(column), held_by(here, link)
        if link.path:
            arrived = arrived + sql.SQL("::text")
        return sql.SQL(" left join {} as {} on {} = {}").format(
            quoted(link.table.schema, link.table.name), quoted(there), arrived, held
        ) + only_where(here, link)

    def _searched(self, table: TableName) -> tuple[SearchedColumn, ...]:
        return tuple(
            column
            for column in self._shape(table)
            if column.kind not in (Kind.NOTHING, Kind.OPAQUE)
            and (column.kind is not Kind.NUMBER or self._may_identify(table, column.name))
        )

    def _may_identify(self, table: TableName, name: str) -> bool:
        """Whether a column of numbers could hold telephone numbers, and not just keys or counts."""
        mapped = self._datamap.tables.get(table)
        if mapped is None:
            return False
        if name in mapped.key or name in {link.column for link in mapped.links}:
            return False
        is_personal = {column.name: column.is_personal for column in mapped.columns}
        return is_personal.get(name, True)

    def _shape(self, table: TableName) -> tuple[SearchedColumn, ...]:
        """Return the live columns of a table.

        Raises:
            DataMapDrift: the table or a column of the data map is missing.
        """
        live = self._live().get(table)
        if live is None:
            raise DataMapDrift(
                f"{table} does not exist, or the verifier's role may not read it; correct the "
                "data map or the permissions, then verify again"
            )
        mapped = self._datamap.tables.get(table)
        if mapped is not None:
            there = {column.name for column in live}
            missing = [column.name for column in mapped.columns if column.name not in there]
            if missing:
                raise DataMapDrift(
                    f"{table} lacks {len(missing)} columns of the data map "
                    f"({', '.join(missing)}); correct the data map, then verify again"
                )
        return live

    def _live(self) -> Mapping[TableName, tuple[SearchedColumn, ...]]:
        if self._columns is None:
            schemas = [*self._datamap.schemas, *_KEPT_BY_LACUNA]
            self._columns = live_columns(self._connection, schemas)
        return self._columns

    def _set(self, setting: str, value: str) -> None:
        """Change a setting until the end of the transaction."""
        self._connection.execute(
            sa.text("select set_config(:setting, :value, true)"),
            {"setting": setting, "value": value},
        )

    def _run(self, statement: str, request_ids: Collection[str]) -> Sequence[Sequence[str]]:
        rows = self._connection.execute(sa.text(statement), {"ids": list(request_ids)})
        return [tuple(row) for row in rows]

    def _driver(self, connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
        driver = connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise StatementRefused("verification reads through psycopg; check LACUNA_DATABASE_URL")
        return driver

    def _all(
        self, query: sql.SQL | sql.Composed, values: Mapping[str, object]
    ) -> Sequence[Sequence[object]]:
        cursor = self._driver(self._connection).execute(query, values or None)
        return cursor.fetchall() if cursor.description is not None else []

    def _stream(
        self,
        query: sql.Composed,
        values: Mapping[str, object],
        *,
        is_platform: bool = False,
    ) -> Iterator[Sequence[Row]]:
        """Run a composed statement through the driver; rows come as they are fetched.

        Args:
            is_platform: where a policy would hide rows of the platform, PostgreSQL refuses
                the query instead.
        """
        driver = self._driver(self._connection)
        with driver.cursor(name=f"lacuna_verifier_{next(self._cursors)}") as cursor:
            if is_platform:
                self._set("row_security", "off")
            cursor.execute(query, values)
            if is_platform:
                self._set("row_security", "on")
            # Fewer than asked for are the last ones.
            while rows := cursor.fetchmany(_FETCHED):
                yield rows
                if len(rows) < _FETCHED:
                    return


def _as_json(text: str) -> object:
    return json.loads(text, parse_int=str, parse_float=str)


# What is kept of columns together can be read by the owner of a table alone.
_STATISTICS: Final = """
select schemaname, tablename, attname, value
from pg_stats cross join lateral unnest(
    most_common_vals::text::text[] || histogram_bounds::text::text[] || most_common_elems::text::text[]
) as value
where schemaname = any(:schemas) and value is not null
"""
