"""Reads the people of the platform: their rows, identifiers, and who else holds a value."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.ranges import AbstractRange
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from lacuna.model.datamap import DataMap, IdentifierColumn
from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    identifier_of_key,
    keys_of_rows,
    value_key,
)
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.membership import Membership
from lacuna.model.person_kinds import other_kinds, qualified_keys, treats
from lacuna.model.request import Level
from lacuna.model.shared_rows import KeysByTable, SharedRows
from lacuna.model.table import Column
from lacuna.model.tombstone import tombstone_key
from lacuna.stores.postgres.identifier_forms import SPACE, any_of, asked, folded, folded_in_sql
from lacuna.stores.postgres.platform_tables import (
    Path,
    PlatformTables,
    has_parts,
    inside,
    linked,
)
from lacuna.stores.postgres.queue_tables import TOMBSTONE
from lacuna.stores.postgres.shared_rows import read_shared_rows

BATCH: Final = 2000
_ADDRESS: Final = "user.contact.email"
IDENTIFYING: Final = ("user.name", "user.contact", "user.account.username", "user.government_id")
_LEVEL_OF: Final = {
    IdentifierKind.CONTACT_ID: Level.CONTACT,
    IdentifierKind.CONVERSATION_ID: Level.CONVERSATION,
    IdentifierKind.MESSAGE_ID: Level.MESSAGE,
}


class PeopleReader:
    """The people of the platform: their rows, identifiers and holders."""

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
            values = [asked(one) for one in found if one.kind is kind]
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
        wanted = {key for key in keys if _is_key(key, column) or not keys_of_rows([key])}
        wanted -= self.strangers(wanted)
        if wanted:
            rows = self.own_rows(org_id, self._datamap.subject.table, wanted)
            yield from (key for key, tables in rows.items() if tables)

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
            subject.name, [one.name for one in columns], [(key,) for key in keys_of_rows(keys)]
        )
        return {key[0]: list(zip(columns, row, strict=True)) for key, row in rows}

    def _nobody(self, org_id: str | None) -> frozenset[str]:
        """Return the key of a tenant's tombstone contact, where there may be one; of None, all."""
        if not self._has_tombstone:
            return frozenset()
        if org_id is None:
            return frozenset(self._connection.execute(sa.select(TOMBSTONE.c.row_key)).scalars())
        key = tombstone_key(self._datamap.subject.table, org_id, self._tables.key_kind)
        return frozenset({key})

    def _all_identifiers(
        self, org_id: str, keys: Collection[str] | None
    ) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        found: dict[str, list[tuple[Identifier, bool]]] = {key: [] for key in keys or ()}
        for column in sorted(self._datamap.subject.identifiers, key=self._place_in_name):
            query, _, reached = self._identifiers(org_id, column)
            if keys is not None:
                query = query.where(reached.in_(_typed(reached, keys_of_rows(keys))))
            for text, key in self._connection.execute(query):
                if text.strip():
                    identifier = Identifier(column.kind, text.strip())
                    found.setdefault(key, []).append((identifier, column.is_short))
        for key, values in found.items():
            if (alone := identifier_of_key(key)) is not None:
                values.append((alone, False))
            # A key that stays is nothing to search for: it is known by links.
            elif not self._datamap.keeps_keys:
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
                for leads in _leading_to(path, roots):
                    rows = self._connection.execute(
                        sa.select(*path.key, path.owner)
                        .select_from(path.joined)
                        .where(self._tables.is_of(table, org_id, path.start), leads)
                    )
                    for *key, root in rows:
                        found[root][table.name].add(tuple(key))
        return {
            root: {name: frozenset(keys) for name, keys in tables.items()}
            for root, tables in found.items()
        }

    def shared_rows(self, own: KeysByTable) -> SharedRows:
        return read_shared_rows(self._connection, self._tables, self._datamap, own)

    def owners_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        found = {
            key: set(roots)
            for key, roots in self.roots_of(table, keys, self._datamap.subject.table).items()
        }
        for view in self._other_kinds:
            if treats(view, table):
                theirs = PeopleReader(self._connection, view)
                leads = theirs._tables.somebody
                led = theirs._roots_of(table, keys, view.subject.table, lambda way: (leads(way),))  # noqa: B023
                for key, roots in led.items():
                    found[key].update(qualified_keys(view.kind, roots))
        return {key: frozenset(roots) for key, roots in found.items()}

    @cached_property
    def _other_kinds(self) -> tuple[DataMap, ...]:
        return other_kinds(self._datamap)

    def roots_of(
        self, table: TableName, keys: Collection[RowKey], target: TableName
    ) -> Mapping[RowKey, frozenset[str]]:
        return self._roots_of(table, keys, target, lambda path: (path.owner.is_not(None),))

    def people_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        return self._roots_of(
            table,
            keys,
            self._datamap.subject.table,
            lambda path: (path.reached.is_not(None), *self._tables.person(path.reached)),
        )

    def keys_by_value(
        self, org_id: str, identifiers: Collection[Identifier]
    ) -> Mapping[Identifier, str]:
        folded_by = {
            one: self._connection.execute(
                sa.select(folded_in_sql(one.kind, sa.cast(one.value, sa.Text)))
            ).scalar_one()
            for one in identifiers
        }
        keys = {one: value_key(one.kind, value) for one, value in folded_by.items()}
        rows = self.own_rows(org_id, self._datamap.subject.table, sorted(set(keys.values())))
        return {one: key for one, key in keys.items() if rows[key]}

    def unlike_in_case(self, column: ColumnName, keys: Collection[RowKey]) -> int:
        mapped = self._datamap.tables[column.table]
        here = self._tables.table(column.table)
        ways: list[sa.ColumnElement[bool]] = []
        for link in mapped.links:
            if link.column == column.name and link.to is not None:
                there = self._tables.table(link.table).alias()
                held, to = linked(here, link), self._tables.linked_to(link, there)
                alike = _without_case(held) == _without_case(to)
                ways.append(sa.exists().where(alike).correlate(here))
        if not ways:
            return 0
        return self._connection.execute(
            sa.select(sa.func.count())
            .select_from(here)
            .where(self._tables.key_is_one_of(mapped, keys), sa.or_(*ways))
        ).scalar_one()

    def _roots_of(
        self,
        table: TableName,
        keys: Collection[RowKey],
        target: TableName,
        leads: Callable[[Path], tuple[ColumnElement[bool], ...]],
    ) -> Mapping[RowKey, frozenset[str]]:
        mapped = self._datamap.tables[table]
        is_person = target == self._datamap.subject.table
        found: dict[RowKey, set[str]] = {key: set() for key in keys}
        for path in self._tables.paths(mapped, target):
            rows = self._connection.execute(
                sa.select(self._tables.tenant(mapped, path.start), *path.key, path.owner)
                .select_from(path.joined)
                .where(*leads(path), self._tables.key_is_one_of(mapped, found, path.start))
            )
            for org_id, *key, root in rows:
                if not (is_person and root in self._nobody(org_id)):
                    found[tuple(key)].add(root)
        return {key: frozenset(roots) for key, roots in found.items()}

    def other_names(self, org_id: str) -> tuple[str, ...]:
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
                if column.name in named or column.category.startswith(IDENTIFYING)
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
        if name != self._datamap.subject.table:
            return ()
        return self._tables.stranger(self._tables.table(name) if table is None else table)

    def has_told(self, member: Membership) -> bool:
        return self._connection.execute(sa.select(self._tables.told(member))).scalar_one()

    def strangers(self, keys: Collection[str]) -> frozenset[str]:
        subject = self._datamap.tables[self._datamap.subject.table]
        is_stranger = self._not_people(subject.name)
        if not is_stranger:
            return frozenset()
        column = self._tables.table(subject.name).c[subject.key[0]]
        wanted = [one for one in keys_of_rows(keys) if _is_key(one, column)]
        query = sa.select(sa.cast(column, sa.Text)).where(
            column.in_(_typed(column, wanted)), *is_stranger
        )
        return frozenset(self._connection.execute(query).scalars())

    def keyed_rows(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[tuple[RowKey, Sequence[object]]]:
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        width = len(mapped.key)
        for chunk in chunks(keys):
            for row in self._connection.execute(
                sa.select(
                    *self._tables.key(mapped), *(_written(reflected.c[name]) for name in columns)
                )
                .where(self._tables.key_is_one_of(mapped, chunk))
                .order_by(*(reflected.c[name] for name in mapped.key))
            ):
                yield tuple(map(str, row[:width])), row[width:]

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
                comparable = folded_in_sql(kind, value)
                rows = self._connection.execute(query.where(comparable == any_of(kind, values)))
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


def _typed(column: ColumnElement[Any], values: Collection[str]) -> sa.Select[Any]:
    """Return `values` as a set of the column's own type, so that an index serves it."""
    texts = sa.func.unnest(sa.cast(list(values), ARRAY(sa.Text))).column_valued("wanted")
    return sa.select(sa.cast(texts, column.type))


def _leading_to(path: Path, roots: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a path leads to one of some keys: of rows, or of people without one."""
    if of_rows := keys_of_rows(roots):
        yield path.reached.in_(_typed(path.reached, of_rows))
    if path.by_value is not None and (others := {*roots} - {*of_rows}):
        wanted = sa.any_(sa.cast(sorted(others), ARRAY(sa.Text)))
        yield path.reached.is_(None) & (path.by_value == wanted)


def _is_key(key: str, column: ColumnElement[Any]) -> bool:
    """Whether a text can be a key of a column; else a statement with it would fail."""
    if not isinstance(column.type, sa.UUID):
        return True
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


def chunks(keys: Collection[RowKey]) -> Iterator[list[RowKey]]:
    """Yield the keys in parts that one statement can take, in order."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _without_case(value: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.func.lower(sa.func.btrim(sa.cast(value, sa.Text), SPACE))
