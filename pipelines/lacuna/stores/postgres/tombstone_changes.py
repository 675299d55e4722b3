"""The links of rows that an erasure points at tombstone contacts."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import array as pg_array
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey, TableName
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.table import Column, Link, Table
from lacuna.model.treatment import Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables, linked, only_where
from lacuna.stores.postgres.queue_tables import REQUEST, REQUEST_SUBJECT, WORKING_ROW
from lacuna.stores.postgres.told_times import Days, ToldTimes
from lacuna.stores.postgres.tombstone_contacts import TombstoneContacts


class TombstoneChanges:
    """Rows of requests that point at tombstone contacts."""

    def __init__(
        self, connection: sa.Connection, datamap: DataMap, days: Days | None = None
    ) -> None:
        """Write through `connection`, which belongs to one transaction of the executor.

        Args:
            days: what this transaction saw before.
        """
        self._connection = connection
        self._datamap = datamap
        self._tables = PlatformTables(connection, datamap)
        self._tombstones = TombstoneContacts(connection, datamap, self._tables)
        self._days = Days() if days is None else days
        self._told = ToldTimes(connection, datamap.schemas, self._tables, self._days)

    def make_tombstone(self, org_id: str, at: datetime) -> bool:
        return self._tombstones.make(org_id, at)

    def _tombstone_or_null(
        self, link: ColumnElement[Any], request_ids: Sequence[str]
    ) -> ColumnElement[Any]:
        """Return the key of the tombstone contact of the request's tenant; no link stays none."""
        org_ids = self._connection.execute(
            sa.select(REQUEST.c.org_id)
            .where(sa.cast(REQUEST.c.request_id, sa.Text).in_(request_ids))
            .distinct()
        ).scalars()
        keys = [
            (REQUEST.c.org_id == one, sa.literal(self._tombstones.key(one), sa.Text))
            for one in org_ids
        ]
        return sa.case((link.is_not(None), sa.cast(sa.case(*keys), link.type)))

    def _only_linking(
        self, table: Table, column: Column, value: ColumnElement[Any], ids: Sequence[str]
    ) -> ColumnElement[Any]:
        """Return a link's new value where the row links to what goes; other links stay.

        A row of the person may name an agent in the same column, and a polymorphic one a message.
        """
        if column.erasure.treatment not in (Treatment.UNLINK, Treatment.TOMBSTONE):
            return value
        links = self._datamap.cut_links(table, column.name)
        if not links:
            return value
        cut = sa.or_(*(self._is_cut(table, link, ids) for link in links))
        return sa.case((cut, value), else_=self._tables.table(table.name).c[column.name])

    def _is_cut(self, table: Table, link: Link, ids: Sequence[str]) -> ColumnElement[bool]:
        """Return whether a link leads to what goes with the requests, or to nothing that is there."""
        here = self._tables.table(table.name)
        there = self._tables.table(link.table).alias("there")
        held, found = linked(here, link), self._tables.linked_to(link, there)
        to_one = sa.select(found).where(found.is_not(None))
        if not link.is_written:
            # By an index; of keys as text there is none, and the table is read once.
            to_one = to_one.where(found == held).correlate(here)
        goes = sa.or_(*self._goes(link.table, there, ids))
        cut = sa.not_(held.in_(to_one)) | held.in_(to_one.where(goes))
        only = only_where(here, link)
        return cut if only is None else only & cut

    def _goes(
        self, name: TableName, there: FromClause, ids: Sequence[str]
    ) -> Iterator[ColumnElement[bool]]:
        """Yield how a row is known to be one of the requests, or the person of one."""
        mapped = self._datamap.tables[name]
        own = WORKING_ROW.alias("own")
        key = sa.cast(pg_array(self._tables.key(mapped, there)), ARRAY(sa.Text))
        yield sa.exists().where(
            own.c.table_name == str(name),
            own.c.role == "own",
            own.c.request_id.in_(ids),
            own.c.row_key == key,
        )
        if name == self._datamap.subject.table:
            # Of one conversation alone, the person's row is none of the request.
            (kind,) = qualified_keys(self._datamap.kind, [""])
            (of_person, *_) = self._tables.key(mapped, there)
            yield sa.exists().where(
                REQUEST_SUBJECT.c.request_id.in_(ids),
                REQUEST_SUBJECT.c.person_key == sa.literal(kind, sa.Text) + of_person,
            )

    def _without_links(self, table: Table, ids: Sequence[str]) -> dict[str, ColumnElement[Any]]:
        """Return documents that are redacted, with null where they would go on to name the person."""
        reflected = self._tables.table(table.name)
        null = sa.cast(sa.literal("null"), JSONB)
        found: dict[str, ColumnElement[Any]] = {}
        for link in table.hidden_links(self._datamap.subject.table):
            held = reflected.c[link.column]
            document = sa.cast(found.get(link.column, held), JSONB)
            is_there = sa.func.jsonb_extract_path(document, *link.path).is_not(None)
            cut = sa.func.jsonb_set(document, sa.cast(list(link.path), ARRAY(sa.Text)), null)
            found[link.column] = sa.case(
                (is_there & self._is_cut(table, link, ids), sa.cast(cut, held.type)),
                else_=sa.cast(document, held.type),
            )
        return found

    def _is_own(
        self,
        table: Table,
        request_ids: Sequence[str],
        portion: int | None = None,
        *,
        is_mentioned: bool = False,
    ) -> ColumnElement[bool]:
        """Return whether a row is an own one of the requests; or also one that mentions a person."""
        working = of_requests if is_mentioned else own_of
        reflected = self._tables.table(table.name)
        wanted = sa.select(
            *(
                sa.cast(WORKING_ROW.c.row_key[position], reflected.c[name].type)
                for position, name in enumerate(table.key, start=1)
            )
        ).where(*working(table.name, request_ids, portion))
        return sa.tuple_(*(reflected.c[name] for name in table.key)).in_(wanted)

    def _row_of_request(
        self, table: Table, request_ids: Sequence[str], portion: int | None
    ) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that join a row to its working row and its request."""
        return (
            *own_of(table.name, request_ids, portion),
            WORKING_ROW.c.request_id == REQUEST.c.request_id,
            *self._is_row_of(table),
        )

    def _is_row_of(self, table: Table) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that a row is the one of a working row of its table."""
        reflected = self._tables.table(table.name)
        return tuple(
            reflected.c[name] == sa.cast(WORKING_ROW.c.row_key[position], reflected.c[name].type)
            for position, name in enumerate(table.key, start=1)
        )

    def _follow_new_keys(self, table: TableName, changed: Sequence[tuple[RowKey, RowKey]]) -> None:
        """Write the new keys of rows where their old ones stood."""
        self._days.follow(table, changed)
        if changed:
            of_old_key = sa.bindparam("of_old_key", type_=ARRAY(sa.Text))
            self._connection.execute(
                sa.update(WORKING_ROW)
                .values(row_key=sa.bindparam("new_key", type_=ARRAY(sa.Text)))
                .where(WORKING_ROW.c.table_name == str(table), WORKING_ROW.c.row_key == of_old_key),
                [{"of_old_key": list(old), "new_key": list(new)} for old, new in changed],
            )


def own_of(
    table: TableName, request_ids: Sequence[str], portion: int | None
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a working row is an own one of the requests, in their portion."""
    return (*of_requests(table, request_ids, portion), WORKING_ROW.c.role == "own")


def of_requests(
    table: TableName, request_ids: Sequence[str], portion: int | None
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a working row is one of the requests, own or mention."""
    wanted = (
        WORKING_ROW.c.table_name == str(table),
        WORKING_ROW.c.request_id.in_(request_ids),
    )
    return wanted if portion is None else (*wanted, WORKING_ROW.c.portion == portion)
