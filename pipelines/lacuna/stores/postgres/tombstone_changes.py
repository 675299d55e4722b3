"""Tombstone contacts, and the links of rows that an erasure points at them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql.elements import ColumnElement

from lacuna.errors import ApplyFailed, ConfigurationError
from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey, TableName
from lacuna.model.table import Column, Table
from lacuna.model.tombstone import tombstone_key
from lacuna.model.treatment import Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables, key_kind
from lacuna.stores.postgres.queue_tables import REQUEST, WORKING_ROW
from lacuna.stores.postgres.told_times import Days, ToldTimes
from lacuna.treatment import surrogate_form


class TombstoneChanges:
    """Tombstone contacts, and rows of requests that point at them."""

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
        self._days = Days() if days is None else days
        self._told = ToldTimes(connection, datamap.schemas, self._tables, self._days)

    def make_tombstone(self, org_id: str, at: datetime) -> bool:
        """It looks like a contact that was erased.

        Every column is treated as there, the year of erasure is that of the first one, and the rest
        is the database's default.

        Raises:
            ApplyFailed: another row stands in its place.
        """
        subject = self._datamap.tables[self._datamap.subject.table]
        values = dict(self._datamap.subject.tombstone) | {
            subject.key[0]: self._tombstone_key(org_id),
            **({subject.tenant: org_id} if subject.tenant else {}),
            _erased_at(subject): start_of_year(at).isoformat(),
        }
        if self._datamap.subject.where is not None:
            name, kind = self._datamap.subject.where
            values[name] = kind
        for column in subject.columns:
            if column.erasure.treatment in (Treatment.EMPTY, Treatment.JSON_KEYS):
                values.setdefault(column.name, "{}")
            elif column.erasure.treatment is Treatment.REPLACE:
                values.setdefault(column.name, column.erasure.argument or "")
            elif column.erasure.treatment is Treatment.SURROGATE:
                values.setdefault(column.name, self._tombstone_surrogate(org_id, column))
        reflected = self._tables.table(subject.name)
        made = self._connection.execute(
            insert(reflected)
            .values(
                {
                    name: sa.cast(sa.literal(value), reflected.c[name].type)
                    for name, value in values.items()
                }
            )
            .on_conflict_do_nothing()
        ).rowcount
        there = self._connection.execute(
            sa.select(sa.func.count()).where(
                self._tables.key_is_one_of(subject, [(self._tombstone_key(org_id),)]),
                self._tables.is_of(subject, org_id),
                reflected.c[_erased_at(subject)].is_not(None),
            )
        ).scalar_one()
        if there != 1:
            raise ApplyFailed(
                f"{subject.name}: another row has the place of the tombstone contact, or a "
                "trigger or unique index blocks it; rolled back"
            )
        return made == 1

    def _tombstone_surrogate(self, org_id: str, column: Column) -> str:
        """Return a value of the form that erased people have, another one for each tenant."""
        subject = self._datamap.subject.table
        here = self._tables.table(subject).c[column.name]
        form = surrogate_form(column.erasure.argument or "")
        if form is None or isinstance(here.type, sa.Integer | sa.Uuid):
            return tombstone_key(subject, f"{org_id}:{column.name}", key_kind(here))
        return form.filled(self._tombstone_key(org_id))

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
            (REQUEST.c.org_id == one, sa.literal(self._tombstone_key(one), sa.Text))
            for one in org_ids
        ]
        return sa.case((link.is_not(None), sa.cast(sa.case(*keys), link.type)))

    def _tombstone_key(self, org_id: str) -> str:
        return tombstone_key(self._datamap.subject.table, org_id, self._tables.key_kind)

    def _only_linking(
        self, table: Table, column: Column, value: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Return a link's new value where the row links to what goes; other links stay.

        A polymorphic column holds the key of a person in some rows, of a message in others.
        """
        if column.erasure.treatment not in (Treatment.UNLINK, Treatment.TOMBSTONE):
            return value
        wheres = self._datamap.cut_where(table, column.name)
        if wheres is None:
            return value
        reflected = self._tables.table(table.name)
        cut = sa.or_(*(sa.cast(reflected.c[name], sa.Text) == one for name, one in wheres))
        return sa.case((cut, value), else_=reflected.c[column.name])

    def _is_own(
        self, table: Table, request_ids: Sequence[str], portion: int | None = None
    ) -> ColumnElement[bool]:
        reflected = self._tables.table(table.name)
        wanted = sa.select(
            *(
                sa.cast(WORKING_ROW.c.row_key[position], reflected.c[name].type)
                for position, name in enumerate(table.key, start=1)
            )
        ).where(*own_of(table.name, request_ids, portion))
        return sa.tuple_(*(reflected.c[name] for name in table.key)).in_(wanted)

    def _row_of_request(
        self, table: Table, request_ids: Sequence[str], portion: int | None
    ) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that join a row to its working row and its request."""
        reflected = self._tables.table(table.name)
        return (
            *own_of(table.name, request_ids, portion),
            WORKING_ROW.c.request_id == REQUEST.c.request_id,
            *(
                reflected.c[name]
                == sa.cast(WORKING_ROW.c.row_key[position], reflected.c[name].type)
                for position, name in enumerate(table.key, start=1)
            ),
        )

    def _follow_new_keys(self, table: TableName, changed: Sequence[tuple[RowKey, RowKey]]) -> None:
        """Write the new keys of rows where their old ones stood."""
        self._days.follow(table, changed)
        for old, new in changed:
            self._connection.execute(
                sa.update(WORKING_ROW)
                .values(row_key=list(new))
                .where(
                    WORKING_ROW.c.table_name == str(table),
                    WORKING_ROW.c.row_key == sa.cast(list(old), ARRAY(sa.Text)),
                )
            )


def own_of(
    table: TableName, request_ids: Sequence[str], portion: int | None
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a working row is an own one of the requests, in their portion."""
    wanted = (
        WORKING_ROW.c.table_name == str(table),
        WORKING_ROW.c.role == "own",
        WORKING_ROW.c.request_id.in_(request_ids),
    )
    return wanted if portion is None else (*wanted, WORKING_ROW.c.portion == portion)


def _erased_at(subject: Table) -> str:
    if subject.erased_at is None:
        raise ConfigurationError(f"datamap: {subject.name} needs erased_at for erase: tombstone")
    return subject.erased_at


def start_of_year(moment: datetime) -> datetime:
    """Return the start of the year of a moment, in UTC."""
    return datetime(moment.astimezone(UTC).year, 1, 1, tzinfo=UTC)
