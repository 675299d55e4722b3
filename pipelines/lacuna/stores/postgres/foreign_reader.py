"""Reads a PostgreSQL database of which nothing is known, to search it for people.

A login that may read is enough. No table of it is known by name: every column of every table that
can hold a known value is read, and so are large objects, and what ANALYZE keeps of values. Nothing
is written: canaries pass through the server and its types in queries alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import DependencyUnreachable, StatementRefused
from lacuna.model.location import KEYS_OF_COLUMN, ColumnName, TableName
from lacuna.model.run import Role
from lacuna.ports import Canaries, SearchedRows
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.searched_columns import Kind, SearchedColumn, live_columns, quoted
from lacuna.stores.postgres.verifier_queries import QueryRow, RowQuery

_FETCHED: Final = 500
_BATCH_CHARACTERS: Final = 500_000
_LONGEST_STATEMENT: Final = "3600s"
_FULL_TEXT: Final = "tsvector"
_MOMENTS_AND_FLAGS: Final = frozenset(
    {"bool", "date", "time", "timetz", "timestamp", "timestamptz", "interval"}
)
_LARGE_OBJECTS: Final = TableName("pg_catalog", "pg_largeobject")
_STATISTICS: Final = TableName("pg_catalog", "pg_stats")
_LARGEST_OBJECT: Final = 256 * 1024 * 1024
_PAGES: Final = (
    "select coalesce(string_agg(data, ''::bytea order by pageno), ''::bytea) from pg_largeobject "
    "where loid = :oid and pageno * 2048 < :most"
)


class ForeignReader:
    """One database, to read.

    Attributes:
        unread: tables that could not be read → why, once `rows` has come to them.
        opaque: columns that are searched as PostgreSQL writes them, without a canary: their type.
    """

    def __init__(self, url: str) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigurationError: it is no URL of a PostgreSQL database.
        """
        self._database = Database(url)
        self._shapes: Mapping[TableName, tuple[SearchedColumn, ...]] = {}
        self._keys: frozenset[tuple[TableName, str]] = frozenset()
        self.unread: dict[str, str] = {}
        self.opaque: dict[str, str] = {}

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield the rows of every table; one that cannot be read is noted as unread.

        Raises:
            DependencyUnreachable: the server does not answer.
        """
        with self._reading() as connection:
            schemas = list(connection.execute(sa.text(_SCHEMAS)).scalars())
            self._shapes = live_columns(connection, schemas)
            self._keys = frozenset(
                (TableName(schema, table), column)
                for schema, table, column in connection.execute(sa.text(_KEYS))
            )
        for table in self._shapes:
            yield from self._noting(table, self._rows_of(table))
        yield from self._noting(_LARGE_OBJECTS, self._large_objects())
        yield from self._noting(_STATISTICS, self._statistics(schemas))

    def canary_rows(self, canaries: Canaries) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield for every table that was read rows of its own types, which are written nowhere."""
        for table in self._shapes:
            searched = self._searched(table)
            if str(table) in self.unread or not searched:
                continue
            values = {
                "texts": list(canaries.texts),
                "number": canaries.number,
                "uuid": canaries.uuid,
            }
            documents = [column for column in searched if column.kind is Kind.JSON]
            try:
                columns = dict(self._read_back(searched, _IN_VALUES, values))
                in_keys = self._read_back(documents, _IN_KEYS, values) if documents else {}
            except StatementRefused as error:
                # A server of another encoding than UTF-8 has not every character, say.
                self.unread[f"canaries of {table}"] = _why(error)
                continue
            columns |= {f"{name}{KEYS_OF_COLUMN}": texts for name, texts in in_keys.items()}
            yield table, SearchedRows(columns)

    def _read_back(
        self, searched: Sequence[SearchedColumn], document: str, values: Mapping[str, object]
    ) -> Mapping[str, Sequence[str | bytes | None]]:
        query = _selection(_typed(searched, document), searched)
        with self._reading() as connection:
            return query.read(_driver(connection).execute(query.select, values).fetchall()).columns

    def indexed(self, values: Sequence[str]) -> Iterator[tuple[ColumnName, Mapping[int, int]]]:
        """Ask each full-text index for the words of every value, as any of the server's languages has them."""
        for table, shape in self._shapes.items():
            for column in shape:
                if column.type_name[1] != _FULL_TEXT or str(table) in self.unread:
                    continue
                query = sql.SQL(_INDEXED).format(
                    table=quoted(table.schema, table.name), column=quoted(column.name)
                )
                try:
                    with self._reading() as connection:
                        found = _driver(connection).execute(query, {"values": list(values)})
                        rows = {int(str(place)) - 1: int(str(count)) for place, count in found}
                except StatementRefused as error:
                    self.unread[f"{table}.{column.name}"] = _why(error)
                    continue
                yield ColumnName(table, column.name), rows

    def _noting(
        self, table: TableName, rows: Iterator[tuple[TableName, SearchedRows]]
    ) -> Iterator[tuple[TableName, SearchedRows]]:
        try:
            yield from rows
        except StatementRefused as error:
            self.unread[str(table)] = _why(error)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with _naming(), self._database.transaction(Role.OWNER, is_read_only=True) as connection:
            # Where a policy would hide rows, PostgreSQL refuses the query instead.
            connection.execute(
                sa.text(
                    "select set_config('row_security', 'off', true), "
                    "set_config('statement_timeout', :time, true)"
                ),
                {"time": _LONGEST_STATEMENT},
            )
            yield connection

    # --- tables -----------------------------------------------------------------------------------

    def _searched(self, table: TableName) -> tuple[SearchedColumn, ...]:
        return tuple(
            column
            for column in self._shapes[table]
            if column.kind not in (Kind.NOTHING, Kind.OPAQUE)
            and not (column.kind is Kind.NUMBER and (table, column.name) in self._keys)
        )

    def _rows_of(self, table: TableName) -> Iterator[tuple[TableName, SearchedRows]]:
        opaque = [
            column
            for column in self._shapes[table]
            if column.kind in (Kind.NOTHING, Kind.OPAQUE)
            and column.type_name[1].lstrip("_") not in _MOMENTS_AND_FLAGS
        ]
        columns = (*self._searched(table), *opaque)
        for column in opaque:
            self.opaque[f"{table}.{column.name}"] = f"of type {column.type_name[1]}"
        if columns:
            query = _selection(quoted(table.schema, table.name), columns)
            for batch in self._batches(query.select):
                yield table, query.read(batch)

    def _batches(self, statement: sql.Composed) -> Iterator[Sequence[QueryRow]]:
        with self._reading() as connection:
            batch: list[QueryRow] = []
            size = 0
            with _driver(connection).cursor(name="lacuna_foreign") as cursor:
                # With parameters, since names double their percent signs.
                cursor.execute(statement, {})
                while rows := cursor.fetchmany(_FETCHED):
                    batch += rows
                    size += sum(
                        len(one) for row in rows for one in row if isinstance(one, str | bytes)
                    )
                    if size >= _BATCH_CHARACTERS:
                        yield batch
                        batch, size = [], 0
            if batch:
                yield batch

    # --- what is in no table ----------------------------------------------------------------------

    def _large_objects(self) -> Iterator[tuple[TableName, SearchedRows]]:
        with self._reading() as connection:
            found = list(
                connection.execute(sa.text("select oid from pg_largeobject_metadata")).scalars()
            )
            # Whoever may read the table needs no right on each object.
            is_readable = connection.execute(
                sa.text("select has_table_privilege('pg_catalog.pg_largeobject', 'select')")
            ).scalar_one()
        for oid in found:
            with self._reading() as connection:
                content = connection.execute(
                    sa.text(_PAGES if is_readable else "select lo_get(:oid, 0, :most)"),
                    {"oid": oid, "most": _LARGEST_OBJECT + 1},
                ).scalar_one()
            if len(content) > _LARGEST_OBJECT:
                self.unread[f"{_LARGE_OBJECTS} {oid}"] = "larger than is searched"
            yield _LARGE_OBJECTS, SearchedRows({"data": [bytes(content[:_LARGEST_OBJECT])]})

    def _statistics(self, schemas: Sequence[str]) -> Iterator[tuple[TableName, SearchedRows]]:
        with self._reading() as connection:
            values = list(
                connection.execute(sa.text(_KEPT_VALUES), {"schemas": list(schemas)}).scalars()
            )
        yield _STATISTICS, SearchedRows({"most_common_vals": values} if values else {})


@contextmanager
def _naming() -> Iterator[None]:
    try:
        yield
    except DependencyUnreachable as error:
        raise DependencyUnreachable(
            f"{str(error).partition(';')[0]}; check its address, that the login may connect, and "
            "its password (PGPASSFILE)"
        ) from None


def _typed(searched: Sequence[SearchedColumn], document: str) -> sql.Composed:
    """Compose a source of rows with canaries in columns of the same names and types as these."""
    parts = []
    for column in searched:
        text = document if column.kind is Kind.JSON else _AS_WRITTEN.get(column.kind, "canary.text")
        template = f"array[{text}]::{{}} as {{}}" if column.is_array else f"({text})::{{}} as {{}}"
        parts.append(sql.SQL(template).format(quoted(*column.type_name), quoted(column.name)))
    return sql.SQL("(select {} from unnest(%(texts)s::text[]) as canary (text))").format(
        sql.SQL(", ").join(parts)
    )


def _selection(source: sql.Composable, columns: Sequence[SearchedColumn]) -> RowQuery:
    """Compose the query for all rows of a table: bytes as they are, all else as text."""
    parts = [
        sql.SQL("start.{}" if column.kind is Kind.BYTES else "start.{}::text").format(
            quoted(column.name)
        )
        for column in columns
    ]
    select = sql.SQL("select {} from {} as start").format(sql.SQL(", ").join(parts), source)
    return RowQuery(select, (), 0, tuple(column.name for column in columns))


def _why(error: StatementRefused) -> str:
    """Return the answer of the database, without the advice about Lacuna's own schemas."""
    return str(error).partition(";")[0]


def _driver(connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise DependencyUnreachable("a database is read through psycopg; install it")
    return driver


_IN_VALUES: Final = "json_build_object('canary', json_build_array(canary.text))::text"
_IN_KEYS: Final = "json_build_object(canary.text, 1)::text"
_AS_WRITTEN: Final = {
    Kind.NUMBER: "%(number)s::text",
    Kind.UUID: "%(uuid)s::text",
    Kind.BYTES: "convert_to(canary.text, 'UTF8')",
}
_SCHEMAS: Final = """
select nspname from pg_namespace
where nspname <> 'information_schema' and nspname !~ '^pg_' order by nspname
"""
# A number that is a key, or leads to one, is no telephone number.
_KEYS: Final = """
select schema.nspname, class.relname, attribute.attname
from pg_constraint as held
join pg_class as class on class.oid = held.conrelid
join pg_namespace as schema on schema.oid = class.relnamespace
join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum = any(held.conkey)
where held.contype in ('p', 'f')
"""
# Words of one language after the other give the same query again and again. A single word of several
# is what stop words left of a name.
_INDEXED: Final = """
with asked as (
    select distinct given.place, given.value, phraseto_tsquery(config.oid::regconfig, given.value) as query
    from unnest(%(values)s::text[]) with ordinality as given (value, place)
    cross join pg_ts_config as config
)
, telling as (
    select place, query, regexp_replace(query::text, '<(-|[0-9]+)>', '&', 'g')::tsquery as words from asked
    where numnode(query) > 1 or value !~ '\\s'
),
-- Without places, words stand anywhere.
stripped as materialized (
    select ctid as here, {column} as words from {table} where {column} = strip({column})
),
found as (
    select place, start.ctid as here from telling join {table} as start on start.{column} @@ query
    union
    select place, here from telling join stripped on stripped.words @@ telling.words
)
select place, count(*) from found group by place
"""
_KEPT_VALUES: Final = """
select value from pg_stats cross join lateral unnest(
    most_common_vals::text::text[] || histogram_bounds::text::text[] || most_common_elems::text::text[]
) as value
where schemaname = any(:schemas) and value is not null
union all
select value from pg_stats_ext cross join lateral unnest(most_common_vals) as value
where schemaname = any(:schemas) and value is not null
"""
