"""The platform's tables as SQLAlchemy objects, and the joins that lead from a row to a person.

Identifiers come from reflection, checked against the data map; no SQL text is built from
names, and values are always parameters.
"""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DOMAIN, HSTORE, JSONB, JSONPATH
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import NoSuchTableError, SAWarning
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause
from sqlalchemy.types import NullType, TypeEngine, UserDefinedType

from lacuna.errors import DataMapDrift
from lacuna.model.datamap import DataMap, Subject
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.membership import Membership
from lacuna.model.object_source import PathSource, RulePart
from lacuna.model.table import ROW_ADDRESS, Link, Table
from lacuna.model.tombstone import KeyKind
from lacuna.stores.postgres.identifier_forms import SPACE, value_key_in_sql

# By name and columns, as long as a statement about it is remembered: to SQLAlchemy, a statement about
# a table that was created again is another one, and is composed again in each transaction.
_MADE: Final[WeakValueDictionary[tuple[str, ...], sa.Table]] = WeakValueDictionary()


@dataclass(frozen=True)
class Path:
    """The joins from a table to the person (or to another table that a level starts from).

    Attributes:
        start: the table itself.
        joined: what to select from.
        reached: the column that holds the key of the row arrived at.
        key: the start row's primary key, each part as text.
        by_value: the key of somebody whom a value leads to, and who has no row; None where the last
            link holds the key of a row.
    """

    start: FromClause
    joined: FromClause
    reached: ColumnElement[Any]
    key: tuple[ColumnElement[str], ...]
    by_value: ColumnElement[str] | None = None

    @property
    def owner(self) -> ColumnElement[str]:
        """The key of the row arrived at, as text, or of whoever has none; NULL for nobody."""
        key = sa.cast(self.reached, sa.Text)
        if self.by_value is None:
            return key
        return sa.case((self.reached.is_not(None), key), else_=self.by_value)


class PlatformTables:
    """Reflected tables of one platform, read once a connection and data map."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        """Reflect lazily through `connection`; a table missing there is drift."""
        self._connection = connection
        self._datamap = datamap
        # As long as the connection lives: a stage keeps it, and has checked the schema before.
        self._tables: dict[TableName, sa.Table] = connection.info.setdefault(
            f"{__name__}.{datamap.digest}", {}
        )

    def table(self, name: TableName) -> sa.Table:
        """Return the reflected table.

        Raises:
            DataMapDrift: the database has no such table.
        """
        known = self._tables.get(name)
        if known is not None:
            return known
        try:
            with warnings.catch_warnings():
                # A type of an extension or of the platform's own is read as text or as JSON.
                warnings.simplefilter("ignore", SAWarning)
                columns = sa.inspect(self._connection).get_columns(name.name, schema=name.schema)
        except NoSuchTableError:
            raise DataMapDrift(
                f"the database has no table {name}; correct the data map or add a migration"
            ) from None
        mapped = self._datamap.tables.get(name)
        has_address = mapped is not None and mapped.has_row_address
        made_of = (name.schema, name.name, repr(columns), str(has_address))
        if (table := _MADE.get(made_of)) is None:
            table = _MADE[made_of] = _made(name, columns, has_address=has_address)
        self._tables[name] = table
        return table

    @property
    def key_kind(self) -> KeyKind:
        """What the keys of the subject table are."""
        subject = self._datamap.tables[self._datamap.subject.table]
        return key_kind(self.table(subject.name).c[subject.key[0]])

    def person(self, key: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that a key is that of a person meant, not of another kind."""
        return (
            *self._of_kind(self._datamap.subject, key),
            *(sa.not_(sa.and_(*self._of_kind(one, key))) for one in self._datamap.told_from),
        )

    def stranger(self, rows: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that a row of the subject table is somebody of another kind, or of none.

        Nothing where every row is a person meant.
        """
        subject = self._datamap.subject
        if subject.where is not None and subject.member is None and not subject.unless:
            name, value = subject.where
            return (sa.cast(rows.c[name], sa.Text).is_distinct_from(value),)
        is_meant = self.person(rows.c[self._single_key(subject.table)])
        return (sa.not_(sa.and_(*is_meant)),) if is_meant else ()

    def _of_kind(self, subject: Subject, key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Return the conditions that one kind of people states, whatever other kinds state."""
        found: list[ColumnElement[bool]] = []
        if subject.where is not None:
            name, value = subject.where
            people = self.table(subject.table).alias()
            is_it = same(people.c[self._single_key(subject.table)], key)
            is_so = sa.cast(people.c[name], sa.Text) == value
            found.append(sa.exists().where(is_it, is_so).correlate_except(people))
        if subject.member is not None:
            found.append(self._is_member(subject.member, key))
        return found

    def _is_member(self, member: Membership, key: ColumnElement[Any]) -> ColumnElement[bool]:
        """Compose that another table has a row for a key that meets the conditions of a membership."""
        held = self.table(member.column.table).alias()
        sources, conditions = [held], [same(held.c[member.column.name], key)]
        if member.through is not None:
            column, table = member.through
            sources.append(self.table(table).alias())
            conditions.append(same(held.c[column], sources[-1].c[self._single_key(table)]))
        conditions += _met(sources[-1], member)
        return sa.exists().where(*conditions).correlate_except(*sources)

    def told(self, member: Membership) -> ColumnElement[bool]:
        """Compose that a row meets the conditions of a membership, whoever is a member."""
        rows = self.table(member.told_in).alias()
        return sa.exists(sa.select(sa.literal(1)).select_from(rows).where(*_met(rows, member)))

    def somebody(self, path: Path) -> ColumnElement[bool]:
        """Return the condition that a path leads to a person meant, with a row or without one."""
        has_row = sa.and_(path.reached.is_not(None), *self.person(path.reached))
        if path.by_value is None:
            return has_row
        return has_row | (path.reached.is_(None) & path.by_value.is_not(None))

    def key(self, table: Table, source: FromClause | None = None) -> list[ColumnElement[str]]:
        """Return the primary key columns of `table`, each cast to text."""
        columns = (self.table(table.name) if source is None else source).c
        return [sa.cast(columns[name], sa.Text) for name in table.key]

    def key_is_one_of(
        self, table: Table, keys: Iterable[RowKey], source: FromClause | None = None
    ) -> ColumnElement[bool]:
        """Return the condition that a row's key is one of `keys`, so that an index serves it."""
        columns = (self.table(table.name) if source is None else source).c
        parts = list(zip(*keys, strict=True))
        if not parts:
            return sa.false()
        texts = sa.func.unnest(*(sa.cast(list(values), ARRAY(sa.Text)) for values in parts))
        wanted = texts.table_valued(*table.key).render_derived()
        return sa.tuple_(*(columns[name] for name in table.key)).in_(
            sa.select(*(sa.cast(wanted.c[name], columns[name].type) for name in table.key))
        )

    def tenant(self, table: Table, source: FromClause | None = None) -> ColumnElement[str]:
        """Return the tenant of a row, as text; NULL where it belongs to none."""
        here = self.table(table.name) if source is None else source
        if table.tenant:
            return sa.cast(here.c[table.tenant], sa.Text)
        if table.tenant_through:
            return sa.func.coalesce(*(self._tenant_at(here, one) for one in table.tenant_through))
        if table.is_shared:
            return sa.cast(sa.null(), sa.Text)
        return sa.literal(table.tenant_name or self._datamap.only_tenant, sa.Text)

    def _tenant_at(self, here: FromClause, link: Link) -> ColumnElement[str]:
        """Return the tenant of the row that a link leads to, NULL where it leads to none."""
        mapped = self._datamap.tables[link.table]
        there = self.table(link.table).alias()
        is_it = linked(here, link) == self.linked_to(link, there)
        if link.to is not None:
            is_it &= _is_said(there.c[link.to])
        only = only_where(here, link)
        found = sa.select(self.tenant(mapped, there)).where(
            is_it, *([] if only is None else [only])
        )
        return found.correlate(here).scalar_subquery()

    def linked_to(self, link: Link, there: FromClause) -> ColumnElement[Any]:
        """Return the column of the table a link leads to that it is compared with."""
        column: ColumnElement[Any] = there.c[link.to or self._single_key(link.table)]
        return sa.cast(column, sa.Text) if link.is_written else column

    def is_of(
        self, table: Table, org_id: str, source: FromClause | None = None
    ) -> ColumnElement[bool]:
        """Return the condition that a row is a tenant's, so that an index serves it.

        A row that belongs to none, or whose way to its tenant leads nowhere, is anybody's.
        """
        if not table.tenant:
            wanted = sa.literal(org_id, sa.Text)
            return sa.func.coalesce(self.tenant(table, source), wanted) == wanted
        column = (self.table(table.name) if source is None else source).c[table.tenant]
        if isinstance(column.type, sa.Integer) and not org_id.isdecimal():
            return sa.false()
        return column == sa.cast(sa.literal(org_id, sa.Text), column.type)

    def paths(self, table: Table, target: TableName) -> Iterator[Path]:
        """Yield the joins of every path of the data map from `table` to `target`."""
        for chain in self._datamap.path_to(table.name, target):
            yield self._along(table, chain, target)

    def column_at(
        self, path: Path, table: Table, column: ColumnName
    ) -> tuple[FromClause, ColumnElement[Any]]:
        """Return a source that goes on to the row a path arrives at, and a column of that row."""
        if column.table == table.name:
            return path.joined, path.start.c[column.name]
        arrived = self.table(column.table).alias("arrived")
        key = arrived.c[self._single_key(column.table)]
        return path.joined.join(arrived, same(key, path.reached)), arrived.c[column.name]

    def _along(self, table: Table, chain: tuple[Link, ...], target: TableName) -> Path:
        start = self.table(table.name).alias("start")
        here: FromClause = start
        joined: FromClause = start
        reached: ColumnElement[Any] | None = None if chain else here.c[self._first_key(target)]
        by_value: ColumnElement[str] | None = None
        for position, link in enumerate(chain):
            value = linked(here, link)
            only = only_where(here, link)
            # A link that holds the target's own key needs no join, and finds rows of people who
            # are gone too.
            if position + 1 == len(chain) and link.to in (None, self._key_of(target)):
                reached = value
                if only is not None:
                    always = sa.select(sa.literal(1).label("one")).subquery(f"only_{position}")
                    joined = joined.join(always, only)
                break
            following = self.table(link.table).alias(f"step_{position}")
            condition = self._leads(value, link, following)
            if link.to is not None:
                condition &= _is_said(following.c[link.to])
            if position + 1 == len(chain):
                reached = following.c[self._first_key(target)]
                source = chain[position - 1].table if position else table.name
                by_value = self._by_value(value, only, link, source)
                if by_value is not None:
                    condition &= self._is_of_one_tenant(table, start, following)
            joined = joined.join(
                following,
                condition if only is None else condition & only,
                isouter=by_value is not None,
            )
            here = following
        if reached is None:
            raise DataMapDrift(f"{table.name}: no path to {target} in the data map")
        return Path(start, joined, reached, tuple(self.key(table, start)), by_value)

    def _leads(
        self, value: ColumnElement[Any], link: Link, there: FromClause
    ) -> ColumnElement[bool]:
        """Compose that a value leads to a row: addresses of people compare without letter case."""
        arrived = self.linked_to(link, there)
        if _is_address_of_people(self._datamap, link):
            return sa.func.lower(value) == sa.func.lower(arrived)
        return value == arrived

    def _is_of_one_tenant(
        self, table: Table, start: FromClause, person: FromClause
    ) -> ColumnElement[bool]:
        """Compose that a row and a person may be of one tenant: others have the same addresses."""
        if self._datamap.only_tenant:
            return sa.true()
        subject = self._datamap.tables[self._datamap.subject.table]
        one, other = self.tenant(table, start), self.tenant(subject, person)
        return sa.func.coalesce(one, other, "") == sa.func.coalesce(other, one, "")

    def _by_value(
        self,
        value: ColumnElement[Any],
        only: ColumnElement[bool] | None,
        link: Link,
        source: TableName,
    ) -> ColumnElement[str] | None:
        """Return the key of whoever a link by value leads to where nobody's row holds the value."""
        kind = self._datamap.kind_by_value(link)
        if kind is None:
            return None
        column = self._datamap.tables[source].column(link.column)
        key = value_key_in_sql(kind, value, column)
        return key if only is None else sa.case((only, key))

    def _first_key(self, name: TableName) -> str:
        # Of a partitioned table, the rest of the key only tells where the row lies.
        return self._datamap.tables[name].key[0]

    def _key_of(self, name: TableName) -> str | None:
        key = self._datamap.tables[name].key
        return key[0] if len(key) == 1 else None

    def _single_key(self, name: TableName) -> str:
        key = self._datamap.tables[name].key
        if len(key) != 1:
            raise DataMapDrift(
                f"{name} has a key of {len(key)} columns; a link needs a table with a key of one "
                "column"
            )
        return key[0]


def _made(name: TableName, columns: Iterable[ReflectedColumn], *, has_address: bool) -> sa.Table:
    """Return a table. Its columns are all that is needed: keys and links come from the data map."""
    table = sa.Table(
        name.name,
        sa.MetaData(),
        *(
            sa.Column(column["name"], _base(column["type"]), info=dict(column))
            for column in columns
        ),
        schema=name.schema,
    )
    if has_address:
        table.append_column(sa.Column(ROW_ADDRESS, _RowAddress()))
    return table


class _RowAddress(UserDefinedType[str]):
    """PostgreSQL's `tid`: where a row lies."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name."""
        return "tid"


def _base(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return a type, of a domain what it is based on: PostgreSQL checks the rest on writing."""
    while isinstance(kind, DOMAIN):
        kind = kind.data_type
    return kind


def key_kind(column: ColumnElement[Any]) -> KeyKind:
    """Return the kind of the keys in a column."""
    if not isinstance(column.type, sa.Integer):
        return KeyKind.UUID
    return KeyKind.BIGINT if isinstance(column.type, sa.BigInteger) else KeyKind.INTEGER


def _is_address_of_people(datamap: DataMap, link: Link) -> bool:
    """Whether a link leads to people by their e-mail address."""
    return link.to is not None and any(
        one.kind is IdentifierKind.EMAIL
        and not one.path
        and one.column == ColumnName(link.table, link.to)
        for one in datamap.subject.identifiers
    )


def alike(one: ColumnElement[Any], other: ColumnElement[Any]) -> bool:
    """Whether two columns compare as they are, so that an index serves it."""
    return isinstance(one.type, type(other.type)) or isinstance(other.type, type(one.type))


def same(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    """Compare as they are, or as texts where the types differ."""
    if alike(one, other):
        return one == other
    return sa.cast(one, sa.Text) == sa.cast(other, sa.Text)


def inside(document: ColumnElement[Any], path: tuple[str, ...]) -> ColumnElement[Any]:
    """Return the text at a path of keys in a JSON document; of no path, the column itself."""
    if not path:
        return document
    return sa.func.jsonb_extract_path_text(sa.cast(document, JSONB), *path, type_=sa.Text)


def linked(here: FromClause, link: Link) -> ColumnElement[Any]:
    """Return the value that a link holds: its column, or the text at its path in a document."""
    return inside(here.c[link.column], link.path)


def _is_said(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Compose that a text is not blank: rows without an address are not of people without one."""
    if not isinstance(column.type, sa.String):
        return sa.true()
    return sa.func.btrim(column, SPACE) != ""


def _met(rows: FromClause, member: Membership) -> list[ColumnElement[bool]]:
    return [sa.cast(rows.c[name], sa.Text).in_(values) for name, values in member.where]


def only_where(here: FromClause, link: Link) -> ColumnElement[bool] | None:
    """Return in which rows a link leads there; None for all."""
    if link.where is None:
        return None
    name, value = link.where
    return sa.cast(here.c[name], sa.Text) == value


def named_paths(rows: FromClause, source: PathSource) -> Iterator[ColumnElement[str | None]]:
    """Yield the paths that rows name, each as something to select: a row may have several."""
    if source.rule:
        parts: list[ColumnElement[str | None]] = []
        for part in source.rule:
            parts.append(sa.literal(part.text, sa.Text))
            if part.column:
                parts.append(_part_of(sa.cast(rows.c[part.column], sa.Text), part))
        yield reduce(lambda path, part: path + part, parts)
        return
    for place in source.json_paths:
        found = sa.func.jsonb_path_query(
            sa.func.to_jsonb(rows.c[source.column.name]), sa.cast(place, JSONPATH)
        )
        yield found.op("#>>")(sa.literal_column("'{}'::text[]"))


def _part_of(value: ColumnElement[str | None], part: RulePart) -> ColumnElement[str | None]:
    if part.characters is None:
        return value
    first, end = part.characters
    return sa.func.substr(value, first + 1, end - first, type_=sa.Text)


def is_document(column: ColumnElement[Any]) -> bool:
    """Whether `as_text` gives JSON."""
    return isinstance(column.type, ARRAY | sa.JSON)


def has_parts(column: ColumnElement[Any]) -> bool:
    """Whether a value may hold several: arrays, documents, pairs and types of the platform's own."""
    return is_document(column) or isinstance(column.type, HSTORE | NullType)


def as_text(column: ColumnElement[Any]) -> ColumnElement[str | None]:
    """Return a column as text to search in: arrays and documents as JSON, the rest as cast."""
    if isinstance(column.type, ARRAY):
        return sa.cast(sa.func.to_jsonb(column), sa.Text)
    return sa.cast(column, sa.Text)


def from_text(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """Return the parameter `name`, written by `as_text` and covered since, as a column value."""
    value = sa.bindparam(name, type_=sa.Text)
    if isinstance(column.type, ARRAY):
        elements = sa.func.jsonb_array_elements_text(sa.cast(value, JSONB)).column_valued("element")
        return sa.func.array(sa.select(elements).scalar_subquery(), type_=column.type)
    return sa.cast(value, column.type)
