"""Reads the platform for the planner: people, their rows, and text in which they are mentioned."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB, JSONPATH
from sqlalchemy.dialects.postgresql import array as pg_array
from sqlalchemy.dialects.postgresql.ranges import AbstractRange
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from lacuna.model.datamap import DataMap, IdentifierColumn, SweepRule
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.kinds import marked, other_kinds, treats
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.object_source import PathSource, path_sources
from lacuna.model.request import Level
from lacuna.model.table import Column, Table
from lacuna.model.tombstone import tombstone_key
from lacuna.model.treatment import Mention
from lacuna.ports import ObjectRows, TextRow
from lacuna.stores.postgres.platform_tables import (
    PlatformTables,
    as_text,
    has_parts,
    inside,
    is_document,
    named_paths,
)
from lacuna.stores.postgres.queue_tables import RESTRICTION, SWEEP_DONE
from lacuna.stores.postgres.untreated_rows import is_untreated

_BATCH: Final = 2000
_MOST_ARGUMENTS: Final = 100  # of a function of PostgreSQL
_ADDRESS: Final = "user.contact.email"
_IDENTIFYING: Final = ("user.name", "user.contact", "user.account.username", "user.government_id")
# What str.strip takes off, as far as it is found around values; btrim alone takes off spaces.
_SPACE: Final = " \t\n\r\f\v\u00a0"
# Separators that one value is written with and without, and what parts several in one text.
_SEPARATORS: Final = _SPACE + "-._/,;:()'\""
_PARTED: Final = r"[\n\r,;<>\"{}\[\]|/?&=]|\s\S+@|@\S+\s|mailto:|tel:"
_INTO_LINES: Final = r"[\n\r,;<>\"{}\[\]|]|\s/\s|mailto:|tel:"
_INTO_WORDS: Final = r"[\s,;<>\"'(){}\[\]/?&=|]|mailto:|tel:"
_LONGEST: Final = 1000
"""Characters of a text that holds several values; a longer one is a text."""
_LEVEL_OF: Final = {
    IdentifierKind.CONTACT_ID: Level.CONTACT,
    IdentifierKind.CONVERSATION_ID: Level.CONVERSATION,
    IdentifierKind.MESSAGE_ID: Level.MESSAGE,
}


class PlatformReader:
    """Reads the tables of one platform as its data map describes them."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        """Read through `connection`, which belongs to one transaction."""
        self._connection = connection
        self._datamap = datamap
        self._tables = PlatformTables(connection, datamap)
        self._has_tombstone = datamap.has_tombstone

    def holders(
        self, org_id: str, identifiers: Collection[Identifier]
    ) -> Mapping[Identifier, frozenset[str]]:
        wanted: dict[tuple[IdentifierKind, str], list[Identifier]] = defaultdict(list)
        for identifier in identifiers:
            wanted[identifier.kind, folded(identifier)].append(identifier)
        found: dict[Identifier, set[str]] = {identifier: set() for identifier in identifiers}
        nobody = self._nobody(org_id)
        for kind in {kind for kind, _ in wanted}:
            values = [_asked(one) for one in found if one.kind is kind]
            for value, owner in self._owners_by_value(org_id, kind, values):
                if owner in nobody:
                    continue
                for identifier in wanted.get((kind, value), ()):
                    found[identifier].add(owner)
        unheld = [
            one
            for one, owners in found.items()
            if one.kind is IdentifierKind.CONTACT_ID and not owners and one.value not in nobody
        ]
        for key in self._still_linked(org_id, [one.value for one in unheld]):
            for identifier in unheld:
                if identifier.value == key:
                    found[identifier].add(key)
        return {identifier: frozenset(owners) for identifier, owners in found.items()}

    def _still_linked(self, org_id: str, keys: Collection[str]) -> Iterator[str]:
        """Yield the keys of people without a row of their own whom other rows still lead to."""
        subject = self._datamap.tables[self._datamap.subject.table]
        column = self._tables.table(subject.name).c[subject.key[0]]
        wanted = [key for key in keys if not isinstance(column.type, sa.UUID) or _is_uuid(key)]
        if wanted:
            rows = self.own_rows(org_id, self._datamap.subject.table, wanted)
            yield from (key for key, tables in rows.items() if tables)

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

    def merged_groups(self, org_id: str, keys: Collection[str]) -> Mapping[str, frozenset[str]]:
        column = self._datamap.subject.merged_into
        groups = {key: frozenset({key}) for key in keys}
        if column is None or not groups:
            return groups
        subject = self._datamap.tables[self._datamap.subject.table]
        table = self._tables.table(subject.name)
        own, other = sa.cast(table.c[subject.key[0]], sa.Text), sa.cast(table.c[column], sa.Text)
        # A merge that crosses tenants is somebody else's mistake: it is not followed.
        into = table.alias("into")
        closed = set(groups)
        while True:
            wanted = sa.any_(sa.cast(sorted(closed), ARRAY(sa.Text)))
            pairs = self._connection.execute(
                sa.select(own, other).where(
                    self._tables.is_of(subject, org_id, table),
                    self._tables.is_of(subject, org_id, into),
                    table.c[column] == into.c[subject.key[0]],
                    sa.or_(own == wanted, other == wanted),
                )
            ).all()
            larger = closed.union(*((str(one), str(two)) for one, two in pairs))
            if larger == closed:
                return _connected(groups, [(str(one), str(two)) for one, two in pairs])
            closed = larger

    def identifiers_of(
        self, org_id: str, keys: Collection[str]
    ) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        return self._all_identifiers(org_id, keys)

    def everybody(self, org_id: str) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        nobody = self._nobody(org_id)
        everybody = self._all_identifiers(org_id, None)
        return {key: values for key, values in everybody.items() if key not in nobody}

    def profiles(self, keys: Collection[str]) -> Mapping[str, Sequence[tuple[Column, object]]]:
        subject = self._datamap.tables[self._datamap.subject.table]
        columns = [
            one
            for one in subject.columns
            if one.is_personal and not one.is_text and one.name not in subject.key
        ]
        rows = self.keyed_rows(
            subject.name, [one.name for one in columns], [(key,) for key in keys]
        )
        return {key[0]: list(zip(columns, row, strict=True)) for key, row in rows}

    def _nobody(self, org_id: str) -> frozenset[str]:
        """Return the key of a tenant's tombstone contact, where there may be one."""
        if not self._has_tombstone:
            return frozenset()
        key = tombstone_key(self._datamap.subject.table, org_id, self._tables.key_kind)
        return frozenset({key})

    def _all_identifiers(
        self, org_id: str, keys: Collection[str] | None
    ) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        found: dict[str, list[tuple[Identifier, bool]]] = {key: [] for key in keys or ()}
        for column in sorted(self._datamap.subject.identifiers, key=self._place_in_name):
            query, _, reached = self._identifiers(org_id, column)
            if keys is not None:
                query = query.where(reached.in_(_typed(reached, keys)))
            for text, key in self._connection.execute(query):
                if text.strip():
                    identifier = Identifier(column.kind, text.strip())
                    found.setdefault(key, []).append((identifier, column.is_short))
        # A key that stays is nothing to search for: it is known by links.
        for key, values in () if self._datamap.keeps_keys else found.items():
            values.append((Identifier(IdentifierKind.CONTACT_ID, key), False))
        return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}

    def _place_in_name(self, column: IdentifierColumn) -> int:
        """Return where a part of a name stands in the whole: given names, others, family names."""
        category = self._datamap.tables[column.column.table].column(column.column.name).category
        places = {"user.name.first": 1, "user.name.last": 3}
        return places.get(category, 2) if column.is_short else 0

    def own_rows(
        self, org_id: str, target: TableName, roots: Collection[str]
    ) -> Mapping[str, Mapping[TableName, frozenset[RowKey]]]:
        found: dict[str, dict[TableName, set[RowKey]]] = {root: defaultdict(set) for root in roots}
        for table in self._datamap.tables.values():
            for path in self._tables.paths(table, target):
                rows = self._connection.execute(
                    sa.select(*path.key, path.owner)
                    .select_from(path.joined)
                    .where(
                        self._tables.is_of(table, org_id, path.start),
                        path.reached.in_(_typed(path.reached, roots)),
                    )
                )
                for *key, root in rows:
                    found[root][table.name].add(tuple(key))
        return {
            root: {name: frozenset(keys) for name, keys in tables.items()}
            for root, tables in found.items()
        }

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
        tenant = sa.cast(self._tables.table(subject.name).c[subject.tenant], sa.Text)
        return tuple(
            self._connection.execute(sa.select(tenant).distinct().order_by(tenant)).scalars()
        )

    def restricted(self, org_id: str) -> frozenset[str]:
        return frozenset(
            self._connection.execute(
                sa.select(RESTRICTION.c.contact_id).where(RESTRICTION.c.org_id == org_id)
            ).scalars()
        )

    def _restricted(
        self, org_id: str, table: TableName, keys: Collection[RowKey]
    ) -> frozenset[RowKey]:
        marked = self.restricted(org_id)
        if not marked:
            return frozenset()
        return frozenset(
            key for key, owners in self.owners_of(table, keys).items() if owners & marked
        )

    def owners_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        found = {
            key: set(roots)
            for key, roots in self.roots_of(table, keys, self._datamap.subject.table).items()
        }
        for view in self._other_kinds:
            if treats(view, table):
                theirs = PlatformReader(self._connection, view)
                for key, roots in theirs.roots_of(table, keys, view.subject.table).items():
                    found[key].update(marked(view.kind, roots))
        return {key: frozenset(roots) for key, roots in found.items()}

    @cached_property
    def _other_kinds(self) -> tuple[DataMap, ...]:
        return other_kinds(self._datamap)

    def roots_of(
        self, table: TableName, keys: Collection[RowKey], target: TableName
    ) -> Mapping[RowKey, frozenset[str]]:
        return self._roots_of(table, keys, target)

    def people_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        return self._roots_of(table, keys, self._datamap.subject.table, self._tables.person)

    def _roots_of(
        self,
        table: TableName,
        keys: Collection[RowKey],
        target: TableName,
        only: Callable[[sa.ColumnElement[Any]], tuple[sa.ColumnElement[bool], ...]] = lambda _: (),
    ) -> Mapping[RowKey, frozenset[str]]:
        mapped = self._datamap.tables[table]
        is_person = target == self._datamap.subject.table
        found: dict[RowKey, set[str]] = {key: set() for key in keys}
        for path in self._tables.paths(mapped, target):
            rows = self._connection.execute(
                sa.select(self._tables.tenant(mapped, path.start), *path.key, path.owner)
                .select_from(path.joined)
                .where(
                    path.reached.is_not(None),
                    *only(path.reached),
                    self._tables.key_is_one_of(mapped, found, path.start),
                )
            )
            for org_id, *key, root in rows:
                if not (is_person and root in self._nobody(org_id)):
                    found[tuple(key)].add(root)
        return {key: frozenset(roots) for key, roots in found.items()}

    def texts(self, org_ids: Collection[str]) -> Iterator[tuple[TableName, list[TextRow]]]:
        for table in self._datamap.tables.values():
            columns = [column.name for column in table.columns if column.mention is Mention.REDACT]
            if columns:
                held = self._tables.table(table.name).c
                condition = sa.and_(
                    self._tables.tenant(table).in_(org_ids),
                    sa.or_(*(held[name].is_not(None) for name in columns)),
                )
                for batch in self._read_texts(table, columns, condition):
                    yield table.name, batch

    def texts_of(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[list[TextRow]]:
        mapped = self._datamap.tables[table]
        for chunk in _chunks(keys):
            condition = self._tables.key_is_one_of(mapped, chunk)
            yield from self._read_texts(mapped, columns, condition)

    def existing(self, table: TableName, keys: Collection[RowKey]) -> frozenset[RowKey]:
        mapped, columns = self._datamap.tables[table], self._tables.table(table).c
        return frozenset(
            tuple(row)
            for chunk in _chunks(keys)
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
                    for chunk in _chunks(keys)
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
                            .where(path.reached.is_not(None))
                        ):
                            if object_path is not None:
                                owners[object_path].update({owner} - self._nobody(of_tenant))
        return {
            object_path: ObjectRows(
                frozenset(owners[object_path]), frozenset(tenants[object_path]), frozenset(named)
            )
            for object_path, named in rows.items()
        }

    def value_holders(
        self, org_id: str, columns: Collection[ColumnName], values: Collection[str]
    ) -> Mapping[str, frozenset[str]]:
        """Return the subject keys of those in whose rows' columns a value stands, alone or with others."""
        found: dict[str, set[str]] = defaultdict(set)
        nobody = self._nobody(org_id)
        wanted = sa.select(
            sa.func.unnest(sa.cast(sorted(values), ARRAY(sa.Text))).column_valued("wanted")
        )
        for name, asked in _by_table(columns) if values else ():
            mapped = self._datamap.tables[name]
            for path in self._tables.paths(mapped, self._datamap.subject.table):
                start = [path.start.c[column] for column in asked]
                source, text = _parts(*_scalars(path.joined, start))
                value = _comparable(sa.func.btrim(text, _SPACE))
                query = (
                    sa.select(value, path.owner)
                    .select_from(source)
                    .where(
                        self._tables.is_of(mapped, org_id, path.start),
                        path.reached.is_not(None),
                        *self._tables.person(path.reached),
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
                if column.category.startswith((*_IDENTIFYING, "user.unique_id"))
                and column.name not in self._datamap.tables[name].key
            ],
            values,
        )

    def _standing(
        self, org_id: str, columns: Iterable[ColumnName], values: Collection[str]
    ) -> frozenset[str]:
        """Return those of some values, as they compare, that stand in columns of a tenant's rows."""
        wanted = sa.select(
            sa.func.unnest(sa.cast(sorted(values), ARRAY(sa.Text))).column_valued("wanted")
        )
        found: set[str] = set()
        for name, asked in _by_table(columns) if values else ():
            mapped = self._datamap.tables[name]
            table = self._tables.table(mapped.name).alias("start")
            source, text = _scalars(table, [table.c[column] for column in asked])
            value = _comparable(sa.func.btrim(text, _SPACE))
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
            for chunk in _chunks(keys)
            for key in self._connection.execute(
                sa.select(*self._tables.key(table)).where(
                    self._tables.key_is_one_of(table, chunk), state.in_(values)
                )
            )
        )

    def other_names(self, org_id: str) -> tuple[str, ...]:
        """Return the full names of other people (agents) of a tenant: they stay in texts."""
        # A given name alone would keep the same name of the person in the text.
        found: set[str] = set()
        for column in self._datamap.subject.others:
            reflected = self._tables.table(column.table)
            is_own = self._tables.is_of(self._datamap.tables[column.table], org_id)
            rows = self._connection.execute(
                sa.select(reflected.c[column.name])
                .where(is_own, *self._not_people(column.table))
                .distinct()
            )
            found.update(str(value) for (value,) in rows if value and " " in str(value).strip())
        return tuple(sorted(found))

    def other_addresses(self, org_id: str) -> frozenset[str]:
        found: set[str] = set()
        for name in dict.fromkeys(column.table for column in self._datamap.subject.others):
            mapped, reflected = self._datamap.tables[name], self._tables.table(name)
            for column in mapped.columns:
                if column.category == _ADDRESS:
                    rows = self._connection.execute(
                        sa.select(reflected.c[column.name]).where(
                            self._tables.is_of(mapped, org_id), *self._not_people(name)
                        )
                    )
                    found.update(
                        folded(Identifier(IdentifierKind.EMAIL, str(value)))
                        for (value,) in rows
                        if value
                    )
        return frozenset(found)

    def other_people(self, org_id: str) -> tuple[tuple[str, ...], ...]:
        found: list[tuple[str, ...]] = []
        for name in dict.fromkeys(column.table for column in self._datamap.subject.others):
            mapped, reflected = self._datamap.tables[name], self._tables.table(name)
            named = {column.name for column in self._datamap.subject.others if column.table == name}
            columns = [
                reflected.c[column.name]
                for column in mapped.columns
                if column.name in named or column.category.startswith(_IDENTIFYING)
            ]
            query = sa.select(*columns).where(
                self._tables.is_of(mapped, org_id), *self._not_people(name)
            )
            for row in self._connection.execute(query):
                found.append(tuple(str(each) for value in row for each in _each(value) if each))
        return tuple(sorted(found))

    def _not_people(
        self, name: TableName, table: sa.FromClause | None = None
    ) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that a row of a table is somebody of another kind."""
        subject = self._datamap.subject
        if name != subject.table or subject.where is None:
            return ()
        column, value = subject.where
        rows = self._tables.table(name) if table is None else table
        return (sa.cast(rows.c[column], sa.Text).is_distinct_from(value),)

    def rows(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        for _, row in self.keyed_rows(table, columns, keys):
            yield tuple(row)

    def keyed_rows(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[tuple[RowKey, Sequence[object]]]:
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        width = len(mapped.key)
        for chunk in _chunks(keys):
            for row in self._connection.execute(
                sa.select(
                    *self._tables.key(mapped), *(_written(reflected.c[name]) for name in columns)
                )
                .where(self._tables.key_is_one_of(mapped, chunk))
                .order_by(*(reflected.c[name] for name in mapped.key))
            ):
                yield tuple(map(str, row[:width])), row[width:]

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
        result = self._connection.execute(query, execution_options={"yield_per": _BATCH})
        for part in result.partitions():
            yield [
                TextRow(
                    key=tuple(row[:width]),
                    org_id=row[width],
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

    def _owners_by_value(
        self, org_id: str, kind: IdentifierKind, values: Sequence[str]
    ) -> Iterator[tuple[str, str]]:
        """Yield (folded value, subject key) for every match of a kind of identifier.

        Args:
            values: as `_asked` returns them.
        """
        if level := _LEVEL_OF.get(kind):
            table = self._datamap.tables[self._datamap.subject.levels[level]]
            for path in self._tables.paths(table, self._datamap.subject.table):
                rows = self._connection.execute(
                    sa.select(path.key[0], path.owner)
                    .select_from(path.joined)
                    .where(
                        self._tables.is_of(table, org_id, path.start),
                        path.reached.is_not(None),
                        path.key[0] == sa.any_(sa.cast(values, ARRAY(sa.Text))),
                        *self._tables.person(path.reached),
                    )
                )
                yield from ((value, owner) for value, owner in rows)
        for column in self._datamap.subject.identifiers:
            if column.kind is kind:
                query, value, _ = self._identifiers(org_id, column)
                comparable = _folded_in_sql(kind, value)
                rows = self._connection.execute(query.where(comparable == _any_of(kind, values)))
                for text, owner in rows:
                    yield folded(Identifier(kind, text)), owner

    def _identifiers(
        self, org_id: str, column: IdentifierColumn
    ) -> tuple[sa.Select[str, str], ColumnElement[str], ColumnElement[Any]]:
        """Return the query of an identifier column (value, subject key) and what it selects."""
        mapped = self._datamap.tables[column.column.table]
        path = next(iter(self._tables.paths(mapped, self._datamap.subject.table)))
        raw: ColumnElement[Any] = inside(path.start.c[column.column.name], column.path)
        source: FromClause = path.joined
        value: ColumnElement[str]
        if isinstance(raw.type, ARRAY):
            elements = sa.func.unnest(raw).table_valued("value").render_derived().lateral()
            source = source.join(elements, sa.true())
            value = sa.cast(elements.c.value, sa.Text)
        else:
            value = sa.cast(raw, sa.Text)
        query = (
            sa.select(value, path.owner)
            .select_from(source)
            .where(
                self._tables.is_of(mapped, org_id, path.start),
                value.is_not(None),
                path.reached.is_not(None),
                *self._tables.person(path.reached),
            )
        )
        if column.only_where is not None:
            name, wanted = column.only_where
            query = query.where(sa.cast(path.start.c[name], sa.Text) == wanted)
        return query, value, path.reached


def _each(value: object) -> Collection[object]:
    return value if isinstance(value, list) else (value,)


def _connected(
    groups: dict[str, frozenset[str]], pairs: Sequence[tuple[str, str]]
) -> Mapping[str, frozenset[str]]:
    """Return, for each key of `groups`, all that pairs connect it with, itself too."""
    wanted = tuple(groups)
    for one, two in pairs:
        together = groups.get(one, frozenset({one})) | groups.get(two, frozenset({two}))
        groups |= dict.fromkeys(together, together)
    return {key: groups[key] for key in wanted}


def folded(identifier: Identifier) -> str:
    """Return the value as identifiers compare: e-mail without case, phone as its digits."""
    match identifier.kind:
        case IdentifierKind.EMAIL:
            # Each character by itself, as PostgreSQL does it: the last sigma of a word is one like others.
            return "".join(map(str.lower, identifier.value.strip()))
        case IdentifierKind.PHONE:
            digits = "".join(
                character for character in identifier.value if character in "0123456789"
            )
            return digits.removeprefix("00")
        case _:
            return identifier.value.strip()


def _asked(identifier: Identifier) -> str:
    """Return a value as PostgreSQL is asked for it: the case of an address is left to PostgreSQL."""
    is_address = identifier.kind is IdentifierKind.EMAIL
    return identifier.value.strip() if is_address else folded(identifier)


def _any_of(kind: IdentifierKind, values: Sequence[str]) -> ColumnElement[Any]:
    asked = sa.cast(values, ARRAY(sa.Text))
    if kind is IdentifierKind.EMAIL:
        each = sa.func.unnest(asked).column_valued("asked")
        # Once for the statement, and an array: an index on what is compared serves it.
        return sa.any_(sa.func.array(sa.select(sa.func.lower(each)).scalar_subquery()))
    return sa.any_(asked)


def _folded_in_sql(kind: IdentifierKind, value: ColumnElement[str]) -> ColumnElement[str]:
    match kind:
        case IdentifierKind.EMAIL:
            return sa.func.lower(sa.func.btrim(value, _SPACE))
        case IdentifierKind.PHONE:
            digits = sa.func.regexp_replace(value, "[^0-9]", "", "g")
            return sa.func.regexp_replace(digits, "^00", "")
        case _:
            return sa.func.btrim(value, _SPACE)


def _comparable(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return texts without case and separators, and numbers by the digits that every spelling ends with.

    Of an e-mail address the separators count.
    """
    digits = sa.func.regexp_replace(text, "[^0-9]", "", "g")
    return sa.case(
        (text.regexp_match("^[+0-9() ./-]{8,24}$"), sa.func.right(digits, 8)),
        (sa.func.strpos(text, "@") > 1, sa.func.lower(text)),
        else_=sa.func.translate(sa.func.lower(sa.func.ltrim(text, "@")), _SEPARATORS, ""),
    )


def _parts(source: FromClause, text: ColumnElement[Any]) -> tuple[FromClause, ColumnElement[Any]]:
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


def _typed(column: ColumnElement[Any], values: Collection[str]) -> sa.Select[Any]:
    """Return `values` as a set of the column's own type, so that an index serves it."""
    texts = sa.func.unnest(sa.cast(list(values), ARRAY(sa.Text))).column_valued("wanted")
    return sa.select(sa.cast(texts, column.type))


def _is_uuid(key: str) -> bool:
    try:
        uuid.UUID(key)
    except ValueError:
        return False
    return True


def _written(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as it is handed on: of a range, what PostgreSQL writes for it.

    What the driver does not take apart is handed on as JSON.
    """
    if isinstance(column.type, AbstractRange):
        return sa.cast(column, sa.Text)
    if has_parts(column) and not isinstance(column.type, sa.JSON):
        return sa.func.to_jsonb(column, type_=JSONB)
    return column


def _chunks(keys: Collection[RowKey]) -> Iterator[list[RowKey]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
