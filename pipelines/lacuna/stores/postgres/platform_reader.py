"""Reads the platform for the planner: people, their rows, and text in which they are mentioned."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONPATH
from sqlalchemy.dialects.postgresql import array as pg_array
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from lacuna.model.datamap import SweepRule
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.object_source import PathSource, path_sources
from lacuna.model.request import Level
from lacuna.model.table import Table
from lacuna.model.treatment import Mention
from lacuna.ports import ObjectRows, TextRow
from lacuna.stores.postgres.identifier_forms import SPACE
from lacuna.stores.postgres.kept_files import KeptFilesReader
from lacuna.stores.postgres.people_reader import BATCH, IDENTIFYING, chunks
from lacuna.stores.postgres.platform_tables import (
    as_text,
    has_parts,
    is_document,
    named_paths,
)
from lacuna.stores.postgres.queue_tables import RESTRICTION, SWEEP_DONE
from lacuna.stores.postgres.reference_columns import referring_rows
from lacuna.stores.postgres.untreated_rows import is_untreated

_MOST_ARGUMENTS: Final = 100  # of a function of PostgreSQL
# Separators that one value is written with and without, and what parts several in one text.
_SEPARATORS: Final = SPACE + "-._/,;:()'\""
_PARTED: Final = r"[\n\r,;<>\"{}\[\]|/?&=]|\s\S+@|@\S+\s|mailto:|tel:"
_INTO_LINES: Final = r"[\n\r,;<>\"{}\[\]|]|\s/\s|mailto:|tel:"
_INTO_WORDS: Final = r"[\s,;<>\"'(){}\[\]/?&=|]|mailto:|tel:"
_LONGEST: Final = 1000
"""Characters of a text that holds several values; a longer one is a text."""


class PlatformReader(KeptFilesReader):
    """Reads the tables of one platform as its data map describes them."""

    def untreated(self, org_id: str, keys: Collection[str]) -> frozenset[str]:
        subject = self._datamap.tables[self._datamap.subject.table]
        table = self._tables.table(subject.name)
        key = sa.cast(table.c[subject.key[0]], sa.Text)
        found = self._connection.execute(
            sa.select(key).where(
                self._tables.is_of(subject, org_id),
                key == sa.any_(sa.cast(sorted(keys), ARRAY(sa.Text))),
                is_untreated(subject, self._tables),
            )
        ).scalars()
        return frozenset(map(str, found))

    @property
    def joined_by(self) -> tuple[IdentifierKind, ...]:
        return self._datamap.subject.joined_by

    def merged_with(self, org_id: str, keys: Collection[str]) -> frozenset[str]:
        return frozenset(keys).union(*self.merged_groups(org_id, keys).values())

    def due_rows(
        self, rule: SweepRule, digest: str, before: datetime
    ) -> Mapping[str, frozenset[RowKey]]:
        table = self._datamap.tables[rule.table]
        due: dict[str, set[RowKey]] = defaultdict(set)
        for path in self._tables.paths(table, rule.closed.table):
            source, closed = self._tables.column_at(path, table, rule.closed)
            tenant = self._tables.tenant(table, path.start)
            query = (
                sa.select(tenant, *path.key)
                .select_from(source)
                .where(
                    closed < before,
                    ~sa.exists(
                        sa.select(SWEEP_DONE.c.rule).where(
                            SWEEP_DONE.c.rule == rule.name,
                            SWEEP_DONE.c.digest == digest,
                            SWEEP_DONE.c.table_name == str(table.name),
                            SWEEP_DONE.c.row_key == sa.cast(pg_array(path.key), ARRAY(sa.Text)),
                            SWEEP_DONE.c.row_version
                            == sa.cast(sa.literal_column("start.xmin"), sa.Text),
                        )
                    ),
                )
            )
            for org_id, *key in self._connection.execute(query):
                due[org_id].add(tuple(key))
        return {
            org_id: frozenset(keys) - self._restricted(org_id, table.name, keys)
            for org_id, keys in due.items()
        }

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants that have people, sorted; the one of a map that names no others."""
        if self._datamap.only_tenant:
            return (self._datamap.only_tenant,)
        subject = self._datamap.tables[self._datamap.subject.table]
        tenant = self._tables.tenant(subject)
        people = self._tables.table(subject.name)
        query = sa.select(tenant).select_from(people).where(tenant.is_not(None)).distinct()
        return tuple(sorted(self._connection.execute(query).scalars()))

    def restricted(self, org_id: str) -> frozenset[str]:
        return frozenset(
            self._connection.execute(
                sa.select(RESTRICTION.c.contact_id).where(RESTRICTION.c.org_id == org_id)
            ).scalars()
        )

    def _restricted(
        self, org_id: str, table: TableName, keys: Collection[RowKey]
    ) -> frozenset[RowKey]:
        restricted = self.restricted(org_id)
        if not restricted:
            return frozenset()
        return frozenset(
            key for key, owners in self.owners_of(table, keys).items() if owners & restricted
        )

    def texts(self, org_ids: Collection[str]) -> Iterator[tuple[TableName, list[TextRow]]]:
        for table in self._datamap.tables.values():
            columns = [column.name for column in table.columns if column.mention is Mention.REDACT]
            if columns:
                held = self._tables.table(table.name).c
                tenant = self._tables.tenant(table)
                condition = sa.and_(
                    sa.or_(tenant.in_(org_ids), tenant.is_(None)),
                    sa.or_(*(held[name].is_not(None) for name in columns)),
                )
                for batch in self._read_texts(table, columns, condition):
                    yield table.name, [each for row in batch for each in _of_each(row, org_ids)]

    def texts_of(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[list[TextRow]]:
        mapped = self._datamap.tables[table]
        for chunk in chunks(keys):
            condition = self._tables.key_is_one_of(mapped, chunk)
            yield from self._read_texts(mapped, columns, condition)

    def keys_by_name(self, column: ColumnName) -> Mapping[str, tuple[str, ...]]:
        mapped, held = self._datamap.tables[column.table], self._tables.table(column.table).c
        (key,) = self._tables.key(mapped)
        rows = self._connection.execute(
            sa.select(sa.cast(held[column.name], sa.Text), key).order_by(key)
        )
        found: dict[str, tuple[str, ...]] = {}
        for name, each in rows:
            if name is not None:
                found[name] = (*found.get(name, ()), each)
        return found

    def references(
        self, keys: Collection[str]
    ) -> Mapping[str, Mapping[ColumnName, frozenset[RowKey]]]:
        found: dict[str, dict[ColumnName, set[RowKey]]] = defaultdict(lambda: defaultdict(set))
        for table in self._datamap.referring:
            for chunk in chunks([(key,) for key in keys]):
                wanted = [key for (key,) in chunk]
                for place, root, row in referring_rows(
                    self._connection, self._tables, table, wanted
                ):
                    found[root][place].add(row)
        return {
            root: {place: frozenset(rows) for place, rows in places.items()}
            for root, places in found.items()
        }

    def existing(self, table: TableName, keys: Collection[RowKey]) -> frozenset[RowKey]:
        mapped, columns = self._datamap.tables[table], self._tables.table(table).c
        return frozenset(
            tuple(row)
            for chunk in chunks(keys)
            for row in self._connection.execute(
                sa.select(*(sa.cast(columns[name], sa.Text) for name in mapped.key)).where(
                    self._tables.key_is_one_of(mapped, chunk)
                )
            )
        )

    def object_paths(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[PathSource, tuple[str, ...]]:
        mapped = self._datamap.tables[table]
        found: dict[PathSource, tuple[str, ...]] = {}
        for source in path_sources(self._datamap, mapped):
            if source.is_taken:
                paths = {
                    str(value)
                    for chunk in chunks(keys)
                    for path in named_paths(self._tables.table(table), source)
                    for (value,) in self._connection.execute(
                        sa.select(path).where(self._tables.key_is_one_of(mapped, chunk))
                    )
                    if value is not None
                }
                found[source] = tuple(sorted(paths))
        return found

    def object_names(self, store: str) -> Mapping[str, Mapping[ColumnName, int]]:
        found: dict[str, dict[ColumnName, int]] = defaultdict(dict)
        for table in self._datamap.tables.values():
            sources = [one for one in path_sources(self._datamap, table) if one.store == store]
            for source in sources:
                for path in named_paths(self._tables.table(table.name), source):
                    named = sa.select(path.label("path")).subquery()
                    query = sa.select(named.c.path, sa.func.count()).group_by(named.c.path)
                    for name, rows in self._connection.execute(query):
                        if name is not None:
                            counts = found[name]
                            counts[source.column] = counts.get(source.column, 0) + rows
        return found

    def object_rows(self, store: str) -> Mapping[str, ObjectRows]:
        rows: dict[str, set[tuple[PathSource, RowKey]]] = defaultdict(set)
        owners: dict[str, set[str]] = defaultdict(set)
        tenants: dict[str, set[str]] = defaultdict(set)
        for table in self._datamap.tables.values():
            sources = [one for one in path_sources(self._datamap, table) if one.store == store]
            for source in sources:
                for named in named_paths(self._tables.table(table.name), source):
                    for object_path, tenant, *key in self._connection.execute(
                        sa.select(named, self._tables.tenant(table), *self._tables.key(table))
                    ):
                        if object_path is not None:
                            tenants[object_path].add(tenant)
                            rows[object_path].add((source, tuple(key)))
            for path in self._tables.paths(table, self._datamap.subject.table) if sources else ():
                whose = self._tables.tenant(table, path.start)
                for source in sources:
                    for named in named_paths(path.start, source):
                        for object_path, owner, of_tenant in self._connection.execute(
                            sa.select(named, path.owner, whose)
                            .select_from(path.joined)
                            .where(path.owner.is_not(None))
                        ):
                            if object_path is not None:
                                owners[object_path].update({owner} - self._nobody(of_tenant))
        return {
            object_path: ObjectRows(
                frozenset(owners[object_path]),
                frozenset() if None in tenants[object_path] else frozenset(tenants[object_path]),
                frozenset(named),
            )
            for object_path, named in rows.items()
        }

    def value_holders(
        self, org_id: str, columns: Collection[ColumnName], values: Collection[str]
    ) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        nobody = self._nobody(org_id)
        wanted = sa.select(
            sa.func.unnest(sa.cast(sorted(values), ARRAY(sa.Text))).column_valued("wanted")
        )
        for name, asked in _by_table(columns) if values else ():
            mapped = self._datamap.tables[name]
            for path in self._tables.paths(mapped, self._datamap.subject.table):
                start = [path.start.c[column] for column in asked]
                source, text = _parts_of_names(*_scalars(path.joined, start))
                value = _comparable_in_sql(sa.func.btrim(text, SPACE))
                query = (
                    sa.select(value, path.owner)
                    .select_from(source)
                    .where(
                        self._tables.is_of(mapped, org_id, path.start),
                        self._tables.somebody(path),
                        value.in_(wanted),
                    )
                    .distinct()
                )
                for said, owner in self._connection.execute(query):
                    if owner not in nobody:
                        found[said].add(owner)
        return {value: frozenset(owners) for value, owners in found.items()}

    def values_of_nobody(self, org_id: str, values: Collection[str]) -> frozenset[str]:
        return self._standing(
            org_id,
            [
                ColumnName(table.name, column.name)
                for table in self._datamap.tables.values()
                for column in table.columns
                if table.is_nobodys and not column.is_personal
            ],
            values,
        )

    def documents_of(self, table: TableName) -> frozenset[str]:
        return frozenset(one.name for one in self._tables.table(table).c if is_document(one))

    def values_of_tenant(self, org_id: str, values: Collection[str]) -> frozenset[str]:
        return self._standing(
            org_id,
            [
                ColumnName(table.name, column.name)
                for table in self._datamap.tables.values()
                for column in table.columns
                if table.is_nobodys and table.key == (table.tenant,) and not column.is_personal
            ],
            values,
        )

    def values_of_staff(self, org_id: str, values: Collection[str]) -> frozenset[str]:
        staff = dict.fromkeys(column.table for column in self._datamap.subject.others)
        return self._standing(
            org_id,
            [
                ColumnName(name, column.name)
                for name in staff
                for column in self._datamap.tables[name].columns
                if column.category.startswith((*IDENTIFYING, "user.unique_id"))
                and column.name not in self._datamap.tables[name].key
            ],
            values,
        )

    def _standing(
        self, org_id: str, columns: Iterable[ColumnName], values: Collection[str]
    ) -> frozenset[str]:
        """Return those of some values, as they compare, that are in columns of a tenant's rows."""
        wanted = sa.select(
            sa.func.unnest(sa.cast(sorted(values), ARRAY(sa.Text))).column_valued("wanted")
        )
        found: set[str] = set()
        for name, asked in _by_table(columns) if values else ():
            mapped = self._datamap.tables[name]
            table = self._tables.table(mapped.name).alias("start")
            source, text = _scalars(table, [table.c[column] for column in asked])
            value = _comparable_in_sql(sa.func.btrim(text, SPACE))
            query = (
                sa.select(value)
                .select_from(source)
                .where(
                    self._tables.is_of(mapped, org_id, table),
                    *self._not_people(mapped.name, table),
                    value.in_(wanted),
                )
                .distinct()
            )
            found.update(self._connection.execute(query).scalars())
        return frozenset(found)

    def open_conversations(self, keys: Collection[RowKey]) -> frozenset[RowKey]:
        column, values = self._datamap.subject.open_when
        table = self._datamap.tables[self._datamap.subject.levels[Level.CONVERSATION]]
        state = sa.cast(self._tables.table(table.name).c[column], sa.Text)
        return frozenset(
            tuple(key)
            for chunk in chunks(keys)
            for key in self._connection.execute(
                sa.select(*self._tables.key(table)).where(
                    self._tables.key_is_one_of(table, chunk), state.in_(values)
                )
            )
        )

    def rows(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        for _, row in self.keyed_rows(table, columns, keys):
            yield tuple(row)

    def _language(self, table: Table, reflected: FromClause) -> ColumnElement[Any]:
        """Return the language of a row of a table, which may be that of a row it links to."""
        link = table.language_link
        if link is not None:
            target = self._datamap.tables[link.table]
            if target.language_column is None:
                return sa.null()
            linked = self._tables.table(link.table).alias("language_of")
            (key,) = target.key
            return (
                sa.select(sa.cast(linked.c[target.language_column], sa.Text))
                .where(linked.c[key] == reflected.c[link.column])
                .scalar_subquery()
            )
        if table.language is None:
            return sa.null()
        return sa.cast(reflected.c[table.language], sa.Text)

    def _read_texts(
        self, table: Table, columns: Sequence[str], condition: ColumnElement[bool]
    ) -> Iterator[list[TextRow]]:
        reflected = self._tables.table(table.name)
        query = (
            sa.select(
                *self._tables.key(table),
                self._tables.tenant(table),
                self._language(table, reflected),
                sa.cast(sa.literal_column("xmin"), sa.Text),
                *(as_text(reflected.c[name]) for name in columns),
            )
            .select_from(reflected)
            .where(condition)
        )
        width = len(table.key)
        documents = frozenset(name for name in columns if is_document(reflected.c[name]))
        result = self._connection.execute(query, execution_options={"yield_per": BATCH})
        for part in result.partitions():
            yield [
                TextRow(
                    key=tuple(row[:width]),
                    org_id=row[width] or "",
                    language=row[width + 1],
                    version=row[width + 2],
                    texts={
                        name: text
                        for name, text in zip(columns, row[width + 3 :], strict=True)
                        if text is not None
                    },
                    documents=documents,
                )
                for row in part
            ]


def _of_each(row: TextRow, org_ids: Collection[str]) -> list[TextRow]:
    """Return a row, or one for each tenant where it belongs to none and may be anybody's."""
    return [row] if row.org_id else [replace(row, org_id=one) for one in org_ids]


def _comparable_in_sql(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return texts without case and separators, and numbers by the digits that every spelling ends with.

    Of an e-mail address the separators count.
    """
    digits = sa.func.regexp_replace(text, "[^0-9]", "", "g")
    return sa.case(
        (text.regexp_match("^[+0-9() ./-]{8,24}$"), sa.func.right(digits, 8)),
        (sa.func.strpos(text, "@") > 1, sa.func.lower(text)),
        else_=sa.func.translate(sa.func.lower(sa.func.ltrim(text, "@")), _SEPARATORS, ""),
    )


def _parts_of_names(
    source: FromClause, text: ColumnElement[Any]
) -> tuple[FromClause, ColumnElement[Any]]:
    """Return a source with a row for each text and for what it may hold beside other values.

    Lines of an address, addresses in a list, a name before an address, the parts of an URL.
    """
    whole = pg_array([text])
    parts = sa.func.array_cat(
        sa.func.regexp_split_to_array(text, _INTO_LINES),
        sa.func.regexp_split_to_array(sa.func.replace(text, "%40", "@"), _INTO_WORDS),
    )
    is_parted = sa.and_(text.regexp_match(_PARTED), sa.func.length(text) <= _LONGEST)
    each = sa.func.unnest(
        sa.case((is_parted, sa.func.array_cat(whole, parts)), else_=whole), type_=sa.Text
    )
    one = each.table_valued("part").render_derived().lateral()
    return source.join(one, sa.true()), one.c.part


def _by_table(columns: Iterable[ColumnName]) -> Iterator[tuple[TableName, list[str]]]:
    """Yield columns by their table, as many at once as a function of PostgreSQL takes arguments."""
    names: dict[TableName, list[str]] = defaultdict(list)
    for column in columns:
        names[column.table].append(column.name)
    for table, found in names.items():
        for start in range(0, len(found), _MOST_ARGUMENTS):
            yield table, found[start : start + _MOST_ARGUMENTS]


def _scalars(
    source: FromClause, columns: Sequence[ColumnElement[Any]]
) -> tuple[FromClause, ColumnElement[Any]]:
    """Return a source with a row for each text or number in columns, and that as text.

    Of all columns of a table in one statement: it is read once.
    """
    if len(columns) == 1 and not has_parts(columns[0]):
        return source, _as_text(columns[0])
    whole = sa.func.jsonb_build_array(
        *(sa.func.to_jsonb(one if has_parts(one) else _as_text(one)) for one in columns)
    )
    inner = (
        sa.func.jsonb_path_query(whole, sa.cast("strict $.**", JSONPATH))
        .table_valued("inner")
        .render_derived()
        .lateral()
    )
    text = inner.c.inner.op("#>>")(sa.literal_column("'{}'::text[]"))
    return source.join(inner, sa.func.jsonb_typeof(inner.c.inner).in_(("string", "number"))), text


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    is_address = isinstance(column.type, INET)
    return sa.func.host(column) if is_address else sa.cast(column, sa.Text)
