"""How the verifier finds the rows of people: links as joins, and a stream of rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.pq import TransactionStatus

from lacuna.errors import DataMapDrift, StatementRefused
from lacuna.model.datamap import DataMap
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.person_kinds import other_kinds, qualified_keys, treats
from lacuna.model.table import ROW_ADDRESS, Link, Table
from lacuna.model.tombstone import KeyKind, tombstone_key
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.searched_columns import Kind, SearchedColumn, live_columns, quoted
from lacuna.stores.postgres.verifier_queries import (
    QueryRow,
    RowQuery,
    SeveralKeys,
    as_literal,
    from_own_rows,
    held_by,
    is_person,
    key_held_by,
    key_of_value,
    only_where,
    said_by,
    text_of,
)

_FETCHED: Final = 500
_SET: Final = "select set_config(%s, %s, true)"
KEPT_BY_LACUNA: Final = ("lacuna", "lacuna_evidence", "reporting")


def _is_shared(table: Table, chain: Sequence[Link], view: DataMap) -> bool:
    """Whether a chain passes through a row that several others name: then it leads to many people."""
    sources = [table, *(view.tables[link.table] for link in chain)]
    return any(link in view.sharing_links(one) for one, link in zip(sources, chain, strict=False))


def _several(table: Table, found: Sequence[sql.Composable], name: str) -> sql.Composed:
    """Compose a join that gives each row all the keys it leads to at once, and not a row for each."""
    keys = sql.SQL(", ").join(map(quoted, table.key))
    same = sql.SQL(" and ").join(
        sql.SQL("{}.{} = start.{}").format(sql.Identifier(name), quoted(one), quoted(one))
        for one in table.key
    )
    return sql.SQL(
        " left join (select {keys}, array_agg(distinct led) as keys from ({found}) as each "
        "where led is not null group by {keys}) as {name} on {same}"
    ).format(
        keys=keys, found=sql.SQL(" union all ").join(found), name=sql.Identifier(name), same=same
    )


def _prefixed(prefix: str, key: sql.Composable) -> sql.Composable:
    if isinstance(key, SeveralKeys):
        each = sql.SQL("array(select {} || one from unnest({}) as one)").format(
            as_literal(prefix), key
        )
        return SeveralKeys([each])
    return sql.SQL("{} || {}").format(as_literal(prefix), key)


class VerifierJoins:
    """The ways from rows to people, as joins, and how their rows are read."""

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

    def _where(
        self, table: TableName, org_id: str | None
    ) -> tuple[sql.Composable, dict[str, object]]:
        """Compose which rows of a table are a tenant's."""
        if org_id is None:
            return sql.SQL(" where true"), {}
        # A row without a tenant is anybody's.
        return sql.SQL(" where coalesce({}, %(org_id)s) = %(org_id)s").format(
            self._tenant(self._datamap.tables[table])
        ), {"org_id": org_id}

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

    def _is_of_tenant(self, table: Table) -> sql.Composable:
        """Compose whether a row is the tenant's that `org_id` names, or of none."""
        if table.tenant:
            return sql.SQL("{} = %(org_id)s").format(text_of("start", table.tenant))
        return sql.SQL("coalesce({}, %(org_id)s) = %(org_id)s").format(self._tenant(table))

    def _tenant(self, table: Table, alias: str = "start") -> sql.Composable:
        """Compose the tenant of a row, as text; NULL where it belongs to none."""
        if table.tenant:
            return text_of(alias, table.tenant)
        if table.tenant_through:
            found = [self._tenant_at(alias, link) for link in table.tenant_through]
            return sql.SQL("coalesce({})").format(sql.SQL(", ").join(found))
        if table.is_shared:
            return sql.SQL("null::text")
        return sql.SQL("{}::text").format(
            as_literal(table.tenant_name or self._datamap.only_tenant)
        )

    def _tenant_at(self, alias: str, link: Link) -> sql.Composed:
        """Compose the tenant of the row that a link leads to."""
        mapped, there = self._datamap.tables[link.table], f"{alias}_tenant"
        column = sql.Identifier(there) + sql.SQL(".") + quoted(link.to or mapped.key[0])
        if link.is_written:
            column = column + sql.SQL("::text")
        return sql.SQL("(select {} from {} as {} where {} = {}{}{})").format(
            self._tenant(mapped, there),
            quoted(link.table.schema, link.table.name),
            quoted(there),
            column,
            held_by(alias, link),
            said_by(link, column),
            only_where(alias, link),
        )

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
            own = (table.key[0], subject.merged_into)
            links |= {name: text_of("start", name) for name in own if name is not None}
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
                (prefix,) = qualified_keys(view.kind, [""])
                joins += sql.Composed([more])
                keys = [_prefixed(prefix, key) for key in theirs]
                if table.name == view.subject.table:
                    keys = [
                        sql.SQL("case when {} then {} end").format(is_person(view), key)
                        for key in keys
                    ]
                ways += keys
        return joins, ways

    def _ways(
        self, table: Table, target: TableName | None = None, *, of: DataMap | None = None
    ) -> tuple[sql.Composable, list[sql.Composable]]:
        """Compose the joins along every chain of links, and the key that each leads to.

        Args:
            target: where the chains end; None: at the person.
            of: the view of the map whose links they are; None: the one that is verified.
        """
        view = of or self._datamap
        prefix = "way" if of is None else view.kind
        joins: list[sql.Composable] = []
        ways: list[sql.Composable] = []
        shared: list[sql.Composable] = []
        for way, chain in enumerate(view.path_to(table.name, target or view.subject.table)):
            along, key = self._along(table, chain, f"{prefix}_{way}", view)
            if _is_shared(table, chain, view):
                shared.append(self._keys_by_row(table, along, key))
            else:
                joins += along
                ways.append(key)
        if shared:
            joins.append(_several(table, shared, f"{prefix}_shared"))
            ways.append(
                SeveralKeys([sql.SQL("{}.keys").format(sql.Identifier(f"{prefix}_shared"))])
            )
        return sql.Composed(joins), ways

    def _along(
        self, table: Table, chain: Sequence[Link], name: str, view: DataMap
    ) -> tuple[list[sql.Composable], sql.Composable]:
        """Compose the joins along one chain of links, and the key that it leads to."""
        joins: list[sql.Composable] = []
        here = "start"
        key: sql.Composable = text_of(here, table.key[0])
        for position, link in enumerate(chain):
            if position + 1 == len(chain) and link.to is None:
                return joins, key_held_by(here, link)
            there = f"{name}_{position}"
            joins.append(self._join(here, there, link, view))
            key = text_of(there, self._datamap.tables[link.table].key[0])
            kind = view.kind_by_value(link) if position + 1 == len(chain) else None
            if kind is not None:
                joins.append(self._of_one_tenant(table, there))
                value = key_held_by(here, link)
                key = sql.SQL("coalesce({}, {})").format(key, key_of_value(kind, value))
            here = there
        return joins, key

    def _keys_by_row(
        self, table: Table, joins: Sequence[sql.Composable], key: sql.Composable
    ) -> sql.Composed:
        """Compose the rows of a table with the key that a chain leads to from each."""
        parts = sql.SQL(", ").join(sql.SQL("start.{}").format(quoted(name)) for name in table.key)
        source = quoted(table.name.schema, table.name.name)
        return sql.SQL("select {}, {} as led from {} as start").format(
            parts, key, source
        ) + sql.Composed(joins)

    def _of_one_tenant(self, table: Table, person: str) -> sql.Composable:
        """Compose the rest of a join: another tenant's person has the same address."""
        if self._datamap.only_tenant:
            return sql.SQL("")
        subject = self._datamap.tables[self._datamap.subject.table]
        one, other = self._tenant(table), self._tenant(subject, person)
        return sql.SQL(" and ({one} = {other} or {one} is null or {other} is null)").format(
            one=one, other=other
        )

    def _join(self, here: str, there: str, link: Link, view: DataMap) -> sql.Composed:
        column = link.to or self._datamap.tables[link.table].key[0]
        # Of the same type, the two are compared as they are, so that an index serves it.
        arrived, held = sql.Identifier(there) + sql.SQL(".") + quoted(column), held_by(here, link)
        if link.is_written:
            arrived = arrived + sql.SQL("::text")
        addresses = [
            (one.column.table, one.column.name)
            for one in view.subject.identifiers
            if one.kind is IdentifierKind.EMAIL and not one.path
        ]
        # What people write as an address is one in whatever letters.
        is_folded = link.to is not None and (link.table, link.to) in addresses
        template = " left join {} as {} on lower({}) = lower({})" if is_folded else (
            " left join {} as {} on {} = {}"
        )  # fmt: skip
        return (
            sql.SQL(template).format(
                quoted(link.table.schema, link.table.name), quoted(there), arrived, held
            )
            + said_by(link, arrived)
            + only_where(here, link)
        )

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
        if name in mapped.references:
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
            schemas = [*self._datamap.schemas, *KEPT_BY_LACUNA]
            self._columns = live_columns(self._connection, schemas)
        return self._columns

    def _set(self, setting: str, value: str) -> None:
        """Change a setting until the end of the transaction."""
        self._driver(self._connection).execute(_SET, [setting, value])

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
    ) -> Iterator[Sequence[QueryRow]]:
        """Run a composed statement through the driver; rows come as they are fetched.

        Args:
            is_platform: where a policy would hide rows of the platform, PostgreSQL refuses
                the query instead.
        """
        driver = self._driver(self._connection)
        cursor = sql.Identifier(f"lacuna_verifier_{next(self._cursors)}")
        fetch = sql.SQL("fetch forward {} from {}").format(sql.Literal(_FETCHED), cursor)
        # One way there and back for all of it: most tables are small.
        with driver.pipeline():
            if is_platform:
                self._set("row_security", "off")
            driver.execute(
                sql.SQL("declare {} cursor for {}").format(cursor, query), values, prepare=False
            )
            if is_platform:
                self._set("row_security", "on")
            fetched = driver.execute(fetch, prepare=False)
        try:
            while rows := fetched.fetchall():
                yield rows
                # Fewer than asked for are the last ones.
                if len(rows) < _FETCHED:
                    return
                fetched = driver.execute(fetch, prepare=False)
        finally:
            if driver.info.transaction_status is TransactionStatus.INTRANS:
                driver.execute(sql.SQL("close {}").format(cursor), prepare=False)
