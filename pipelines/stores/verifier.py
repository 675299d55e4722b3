"""The verifier's own reading of the platform, of Lacuna's schemas and of files.

It shares no query with what plans and applies: identifiers are composed by the driver,
values are parameters, and everything runs under the verifier's role.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, LiteralString

import sqlalchemy as sa
from psycopg import sql

from pipelines.model.datamap import DataMap, Table
from pipelines.model.location import TableName
from pipelines.ports import SearchedRow

_BATCH: Final = 2000
_KEPT_BY_LACUNA: Final = ("lacuna", "lacuna_evidence", "reporting")
# Column types that can hold a text that somebody wrote.
_TEXTUAL: Final = ("text", "character varying", "character", "json", "jsonb", "citext", "ARRAY")


class VerifierReader:
    """Reads for verification through one connection of the verifier."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        """Read through `connection`."""
        self._connection = connection
        self._datamap = datamap

    def rows(self, table: TableName, org_id: str) -> Iterator[list[SearchedRow]]:
        """Yield every row of a tenant with every mapped column as text, in batches."""
        mapped = self._datamap.tables[table]
        query = self._select(mapped, _name(table)) + sql.SQL(" where start.{} = {}").format(
            sql.Identifier(mapped.tenant), sql.Placeholder("org_id")
        )
        yield from self._searched(query, mapped, {"org_id": org_id})

    def canary_rows(self, table: TableName, canary: str) -> list[SearchedRow]:
        """Return a row of the table's own shape with the canary in each textual column.

        The row lies in a temporary table that is gone with the transaction; it passes
        through the same query and the same types as the platform's rows.
        """
        mapped = self._datamap.tables[table]
        shape = sql.Identifier("lacuna_canary")
        self._run(sql.SQL("drop table if exists pg_temp.{}").format(shape))
        self._run(
            sql.SQL("create temporary table {} (like {}) on commit drop").format(
                shape, _name(table)
            )
        )
        values: dict[str, object] = {}
        filled: list[sql.Composable] = []
        for name, kind, is_array in self._types(table):
            self._run(
                sql.SQL("alter table pg_temp.{} alter column {} drop not null").format(
                    shape, sql.Identifier(name)
                )
            )
            if is_array or kind in ("json", "jsonb"):
                values[name] = [canary] if is_array else f'{{"canary": "{canary}"}}'
                filled.append(sql.Identifier(name))
            elif kind in _TEXTUAL:
                values[name] = canary
                filled.append(sql.Identifier(name))
        if not filled:
            return []
        self._run(
            sql.SQL("insert into pg_temp.{} ({}) values ({})").format(
                shape,
                sql.SQL(", ").join(filled),
                sql.SQL(", ").join(sql.Placeholder(name) for name in values),
            ),
            values,
        )
        query = self._select(mapped, sql.SQL("pg_temp.{}").format(shape))
        return [row for batch in self._searched(query, mapped, {}) for row in batch]

    def textual_columns(self, table: TableName) -> frozenset[str]:
        """Return the columns of a table that can hold a text."""
        return frozenset(
            name for name, kind, is_array in self._types(table) if is_array or kind in _TEXTUAL
        )

    def own_schema_rows(self) -> Iterator[tuple[str, str]]:
        """Yield `(schema.table.column, text)` for every text in Lacuna's own schemas."""
        columns = self._connection.execute(
            sa.text(
                "select c.table_schema, c.table_name, c.column_name "
                "from information_schema.columns c join information_schema.tables t "
                "using (table_schema, table_name) "
                "where c.table_schema = any(:schemas) and t.table_type = 'BASE TABLE' "
                "and c.data_type = any(:kinds) order by 1, 2, 3"
            ),
            {"schemas": list(_KEPT_BY_LACUNA), "kinds": list(_TEXTUAL)},
        ).all()
        for schema, table, column in columns:
            query = sql.SQL("select {}::text from {} where {} is not null").format(
                sql.Identifier(column), sql.Identifier(schema, table), sql.Identifier(column)
            )
            for (text,) in self._run(query):
                yield f"{schema}.{table}.{column}", str(text)

    def totals(self, table: TableName, request_id: str) -> Mapping[str, str]:
        """Return the count and the sums of measures of a request's own rows as they are now."""
        mapped = self._datamap.tables[table]
        sums = [
            sql.SQL("coalesce(sum(start.{}), 0)::text").format(sql.Identifier(name))
            for name in mapped.measures
        ]
        query = (
            sql.SQL("select ")
            + sql.SQL(", ").join([sql.SQL("count(*)::text"), *sums])
            + sql.SQL(" from {} as start join lacuna.working_row as working on {} ").format(
                _name(table), _key_matches(mapped)
            )
            + sql.SQL(
                "where working.table_name = {} and working.role = 'own' "
                "and working.request_id::text = {}"
            ).format(sql.Placeholder("table"), sql.Placeholder("request_id"))
        )
        (row,) = self._run(query, {"table": str(table), "request_id": request_id})
        return dict(zip(("rows", *mapped.measures), (str(value) for value in row), strict=True))

    def baseline(self, request_id: str) -> Mapping[TableName, Mapping[str, str]]:
        """Return what a request's own rows amounted to before the change."""
        found: dict[TableName, dict[str, str]] = {}
        for table, measure, total in self._connection.execute(
            sa.text(
                "select table_name, measure, total::text from lacuna.baseline "
                "where request_id::text = :id"
            ),
            {"id": request_id},
        ):
            found.setdefault(TableName.parse(table), {})[measure] = total
        return found

    def strangers_changed(self, table: TableName, request_id: str) -> int:
        """Return rows that the request's transaction wrote and that no plan of it names.

        Every row carries the id of the transaction that wrote it, so other writers at the
        same moment do not count.
        """
        mapped = self._datamap.tables[table]
        query = sql.SQL(
            "select count(*) from {table} as start "
            "join lacuna.request as request on request.request_id::text = {request_id} "
            "where start.xmin::text::bigint = (request.rows_transaction::text::numeric "
            "  %% 4294967296)::bigint "
            "and not exists (select from lacuna.working_row as working "
            "  join lacuna.request as other on other.request_id = working.request_id "
            "  where working.table_name = {name} "
            "  and other.rows_transaction = request.rows_transaction and {key})"
        ).format(
            table=_name(table),
            request_id=sql.Placeholder("request_id"),
            name=sql.Placeholder("table"),
            key=_key_matches(mapped),
        )
        ((count,),) = self._run(query, {"table": str(table), "request_id": request_id})
        return int(str(count))

    def rows_left(self, table: TableName, request_id: str) -> int:
        """Return how many of a request's working rows of a table are still there."""
        return int(self.totals(table, request_id)["rows"])

    def effects(self, request_id: str) -> Mapping[str, int]:
        """Return how many effects of a request are in each state."""
        rows = self._connection.execute(
            sa.text(
                "select state, count(*) from lacuna.outbox where request_id::text = :id "
                "group by state"
            ),
            {"id": request_id},
        )
        return {str(state): int(count) for state, count in rows}

    def _select(self, table: Table, source: sql.Composable) -> sql.Composed:
        """Compose the query over one table: key, every way to the person, every column."""
        parts: list[sql.Composable] = [
            sql.SQL("start.{}::text").format(sql.Identifier(name)) for name in table.key
        ]
        joins: list[sql.Composable] = []
        chains = self._datamap.path_to(table.name, self._datamap.subject.table)
        for way, chain in enumerate(chains):
            here = sql.Identifier("start")
            column = table.key[0]
            for position, link in enumerate(chain):
                column = link.column
                if position + 1 < len(chain):
                    there = sql.Identifier(f"way_{way}_{position}")
                    (key,) = self._datamap.tables[link.table].key
                    joins.append(
                        sql.SQL(" left join {} as {} on {}.{} = {}.{}").format(
                            _name(link.table),
                            there,
                            there,
                            sql.Identifier(key),
                            here,
                            sql.Identifier(link.column),
                        )
                    )
                    here = there
            parts.append(sql.SQL("{}.{}::text").format(here, sql.Identifier(column)))
        parts += [
            sql.SQL("start.{}::text").format(sql.Identifier(column.name))
            for column in table.columns
        ]
        return (
            sql.SQL("select ")
            + sql.SQL(", ").join(parts)
            + sql.SQL(" from {} as start").format(source)
            + sql.Composed(joins)
        )

    def _searched(
        self, query: sql.Composed, table: Table, values: Mapping[str, object]
    ) -> Iterator[list[SearchedRow]]:
        width = len(table.key)
        ways = sum(1 for _ in self._datamap.path_to(table.name, self._datamap.subject.table))
        batch: list[SearchedRow] = []
        for row in self._run(query, values):
            texts = {
                column.name: str(text)
                for column, text in zip(table.columns, row[width + ways :], strict=True)
                if text is not None
            }
            owners = frozenset(str(owner) for owner in row[width : width + ways] if owner)
            batch.append(SearchedRow(owners, texts))
            if len(batch) == _BATCH:
                yield batch
                batch = []
        yield batch

    def _types(self, table: TableName) -> Sequence[tuple[str, str, bool]]:
        rows = self._connection.execute(
            sa.text(
                "select column_name, data_type, data_type = 'ARRAY' and udt_name = '_text' "
                "from information_schema.columns "
                "where table_schema = :schema and table_name = :name "
                "and is_generated = 'NEVER' order by ordinal_position"
            ),
            {"schema": table.schema, "name": table.name},
        )
        return [(str(name), str(kind), bool(is_array)) for name, kind, is_array in rows]

    def _run(
        self, query: sql.Composed, values: Mapping[str, object] | None = None
    ) -> Iterator[tuple[object, ...]]:
        """Run a composed statement through the driver, streaming what it returns."""
        driver = self._connection.connection.driver_connection
        if driver is None:
            return iter(())
        cursor = driver.cursor()
        cursor.execute(query, dict(values or {}))
        return iter(cursor) if cursor.description is not None else iter(())


class VerifierFiles:
    """Reads every file below a folder, with a walk of its own."""

    def __init__(self, folder: Path) -> None:
        """Read below `folder`."""
        self._folder = folder

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the relative and the full path of every regular file, links not followed."""
        for folder, folders, names in os.walk(self._folder):
            folders.sort()
            for name in sorted(names):
                path = Path(folder) / name
                if path.is_file() and not path.is_symlink():
                    yield str(path.relative_to(self._folder)), path


def _name(table: TableName) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def _key_matches(table: Table) -> sql.Composable:
    conditions: list[sql.Composable] = []
    for position, name in enumerate(table.key, start=1):
        template: LiteralString = "start.{}::text = working.row_key[{}]"
        conditions.append(sql.SQL(template).format(sql.Identifier(name), sql.Literal(position)))
    return sql.SQL(" and ").join(conditions)
