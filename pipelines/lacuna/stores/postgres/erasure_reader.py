"""What an erasure planned, did and left, as the gates read it: rows, sums, files, transactions."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from psycopg import sql

from lacuna.model.location import ColumnName, TableName
from lacuna.model.object_source import PathSource, path_sources
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.scrub import ErasedTraces, RowTraces
from lacuna.model.table import Link, Table
from lacuna.ports import NamedObject, keys_in
from lacuna.stores.postgres.misplaced_rows import misplaced_rows
from lacuna.stores.postgres.row_traces import (
    numbers_of_requests,
    read_erased,
    read_traces,
    tombstones,
)
from lacuna.stores.postgres.searched_columns import quoted
from lacuna.stores.postgres.verifier_joins import KEPT_BY_LACUNA, VerifierJoins
from lacuna.stores.postgres.verifier_queries import (
    as_literal,
    held_by,
    key_matches,
    of_requests,
    only_where,
    paths_named,
    references_to,
    text_of,
)

_OWN_CHARACTERS: Final = 4_000_000
_OWN_ROWS: Final = 20_000


class ErasureReader(VerifierJoins):
    """What an erasure planned, did and left, as the gates read it."""

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
        org_ids: dict[str, set[str | None]] = defaultdict(set)
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
                            org_ids[str(path)].add(None if org_id is None else str(org_id))
                            owners[str(path)].update(key for cell in keys for key in keys_in(cell))
        return {
            path: NamedObject(
                frozenset(owners[path]),
                frozenset() if None in of_path else frozenset(one for one in of_path if one),
            )
            for path, of_path in org_ids.items()
        }

    def transaction_number(self) -> str:
        query = sql.SQL("select pg_snapshot_xmax(pg_current_snapshot())::text")
        ((number,),) = self._all(query, {})
        return str(number)

    def traces(self, table: TableName, since: str) -> RowTraces:
        if table.schema not in KEPT_BY_LACUNA:
            # Where a policy would hide rows, PostgreSQL refuses the query.
            self._set("row_security", "off")
        traces = read_traces(self._all, table, since)
        self._set("row_security", "on")
        return traces

    def tombstones(self, request_ids: Collection[str]) -> frozenset[str]:
        return frozenset(self._tombstones(self._datamap.subject.table, request_ids))

    def erased_traces(self, table: TableName) -> ErasedTraces:
        of_requests, nobody = numbers_of_requests(self._all), tombstones(self._all)
        # Where a policy would hide rows of the platform, PostgreSQL refuses the query.
        self._set("row_security", "off")
        traces = read_erased(self._all, self._datamap.tables[table], of_requests, nobody)
        self._set("row_security", "on")
        return traces

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

    def references(self, keys: Collection[str]) -> Iterator[tuple[ColumnName, str, int]]:
        for table in self._datamap.referring:
            held = {column.name: column for column in self._shape(table.name)}
            for name in table.references:
                query = references_to(table, held[name])
                for rows in self._stream(query, {"keys": list(keys)}, is_platform=True):
                    for key, count in rows:
                        yield ColumnName(table.name, name), str(key), int(str(count))

    def linked_to_others(
        self, table: TableName, request_ids: Collection[str], link: Link
    ) -> frozenset[str]:
        mapped, target = self._datamap.tables[table], self._datamap.tables[link.table]
        compared = sql.SQL("there.{}").format(quoted(link.to or target.key[0]))
        query = sql.SQL(
            "select distinct {}{}{} and exists (select from {} as there where {} = {} and not ({}))"
        ).format(
            text_of("start", link.column),
            self._from_own_rows(mapped),
            only_where("start", link),
            quoted(link.table.schema, link.table.name),
            compared + sql.SQL("::text" if link.is_written else ""),
            held_by("start", link),
            self._of_requests(target),
        )
        asked = {**of_requests(mapped, request_ids), "target": str(link.table)}
        return frozenset(str(value) for rows in self._stream(query, asked) for (value,) in rows)

    def _of_requests(self, table: Table) -> sql.Composable:
        """Compose that the row `there` is one of the requests, or the person of one."""
        parts = sql.SQL(", ").join(text_of("there", name) for name in table.key)
        found: sql.Composable = sql.SQL(
            "exists (select from lacuna.working_row as its where its.table_name = %(target)s "
            "and its.role = 'own' and its.request_id = any(%(ids)s::uuid[]) "
            "and its.row_key = array[{}])"
        ).format(parts)
        if table.name == self._datamap.subject.table:
            (kind,) = qualified_keys(self._datamap.kind, [""])
            found += sql.SQL(
                " or exists (select from lacuna.request_subject as its where its.request_id = "
                "any(%(ids)s::uuid[]) and its.person_key = {} || {})"
            ).format(as_literal(kind), text_of("there", table.key[0]))
        return found

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
            "select request_id::text, state, count(*)::text from lacuna.file_effect "
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
            "    where working.table_name = %(table)s and working.role in ('own', 'mention') "
            "    and working.request_id = any(written.requests) and {key}) {followed}"
            "  group by written.transaction, written.requests) as by_transaction "
            "cross join unnest(requests) as request_id "
            "where request_id = any(%(ids)s::uuid[]) group by 1"
        ).format(
            table=quoted(table.schema, table.name),
            first=quoted(mapped.key[0]),
            key=key_matches(mapped, self._key_types(mapped)),
            followed=self._is_not_followed(mapped),
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

    def misplaced_rows(self, request_ids: Collection[str]) -> Mapping[str, Mapping[TableName, int]]:
        found: dict[str, dict[TableName, int]] = defaultdict(dict)
        for table in self._datamap.tables.values():
            query = misplaced_rows(table, self._datamap, self._key_types(table))
            for rows in (
                () if query is None else self._stream(query, of_requests(table, request_ids))
            ):
                for request_id, count in rows:
                    if int(str(count)):
                        found[str(request_id)][table.name] = int(str(count))
        return found

    def _is_not_followed(self, table: Table) -> sql.Composable:
        """Compose that a row is not made by a trigger from a row that a plan names."""
        link = table.follows
        if link is None:
            return sql.SQL("")
        (held,) = self._key_types(self._datamap.tables[link.table])
        return sql.SQL(
            " and not exists (select from lacuna.working_row as followed "
            "    where followed.table_name = {table} "
            "    and followed.request_id = any(written.requests) "
            "    and start.{column} = followed.row_key[1]::{held}) "
        ).format(table=sql.Literal(str(link.table)), column=quoted(link.column), held=quoted(*held))
