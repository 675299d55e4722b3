"""Makes the tombstone contacts, and knows which rows they are.

The platform need not name them: `lacuna.tombstone` has their keys.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, TSVECTOR, insert
from sqlalchemy.sql.elements import ColumnElement

from lacuna.errors import ApplyFailed
from lacuna.model.datamap import DataMap
from lacuna.model.table import Column, Table
from lacuna.model.tombstone import tombstone_key
from lacuna.model.treatment import Treatment
from lacuna.stores.postgres.erased_flag import erased_flag
from lacuna.stores.postgres.platform_tables import PlatformTables, key_kind
from lacuna.stores.postgres.queue_tables import TOMBSTONE
from lacuna.treatment import surrogate_form


class TombstoneContacts:
    """The tombstone contacts of a platform's tenants."""

    def __init__(self, connection: sa.Connection, datamap: DataMap, tables: PlatformTables) -> None:
        """Write through `connection`, which belongs to one transaction of the executor."""
        self._connection = connection
        self._datamap = datamap
        self._tables = tables

    def key(self, org_id: str) -> str:
        """Return the key of a tenant's tombstone contact, whether it is there or not."""
        return tombstone_key(self._datamap.subject.table, org_id, self._tables.key_kind)

    def make(self, org_id: str, at: datetime) -> bool:
        """Make a tenant's tombstone contact; return False if it was there.

        It looks like a contact that was erased: every column is treated as there, the year of
        erasure is that of the first one, and the rest is the database's default.

        Raises:
            ApplyFailed: another row stands in its place.
        """
        said, shared = self._said(org_id), self._shared(org_id)
        flag = erased_flag(self._people, at)
        statement = insert(self._table).values({**said, **shared, **flag})
        made = self._connection.execute(
            statement.on_conflict_do_nothing().returning(sa.literal(1))
        ).all()
        if not made and not self._is_there(org_id, said):
            raise ApplyFailed(
                f"{self._people.name}: another row has the place of the tombstone contact, or a "
                "trigger or unique index blocks it; rolled back"
            )
        self._connection.execute(
            insert(TOMBSTONE)
            .values(org_id=org_id, table_name=str(self._people.name), row_key=self.key(org_id))
            .on_conflict_do_nothing()
        )
        return bool(made)

    @property
    def _people(self) -> Table:
        return self._datamap.tables[self._datamap.subject.table]

    @property
    def _table(self) -> sa.Table:
        return self._tables.table(self._people.name)

    def _said(self, org_id: str) -> Mapping[str, ColumnElement[Any]]:
        """Return the values that follow from the map and the tenant alone."""
        people = self._people
        values = {
            column.name: value
            for column in people.columns
            if (value := self._treated(org_id, column)) is not None
        }
        values |= self._datamap.subject.tombstone
        values |= dict([self._datamap.subject.where] if self._datamap.subject.where else [])
        values |= {people.tenant: org_id} if people.tenant else {}
        values[people.key[0]] = self.key(org_id)
        return {
            name: sa.cast(sa.literal(value, sa.Text), self._table.c[name].type)
            for name, value in values.items()
        }

    def _treated(self, org_id: str, column: Column) -> str | None:
        """Return the value that an erasure leaves in a column; None where the database's default stands."""
        match column.erasure.treatment:
            case Treatment.EMPTY if isinstance(self._table.c[column.name].type, TSVECTOR | BYTEA):
                return ""
            case Treatment.EMPTY | Treatment.JSON_KEYS:
                return "{}"
            case Treatment.REPLACE:
                return column.erasure.argument or ""
            case Treatment.SURROGATE:
                return self._surrogate(org_id, column)
            case Treatment.TOMBSTONE:
                return self.key(org_id)  # nobody entered it but itself
            case _:
                return None

    def _surrogate(self, org_id: str, column: Column) -> str:
        """Return a value of the form that erased people have, another one for each tenant."""
        here = self._table.c[column.name]
        form = surrogate_form(column.erasure.argument or "")
        if form is None or isinstance(here.type, sa.Integer | sa.Uuid):
            return tombstone_key(self._people.name, f"{org_id}:{column.name}", key_kind(here))
        return form.filled(self.key(org_id))

    def _shared(self, org_id: str) -> Mapping[str, ColumnElement[Any]]:
        """Return the values that most of the tenant's people have, in the columns that share them."""
        theirs = self._table.alias("theirs")
        is_person = self._tables.person(theirs.c[self._people.key[0]])
        return {
            name: sa.select(sa.func.mode().within_group(theirs.c[name]))
            .where(self._tables.is_of(self._people, org_id, theirs), *is_person)
            .scalar_subquery()
            for name in sorted({*self._datamap.subject.tombstone_shares, *self._through})
        }

    @property
    def _through(self) -> frozenset[str]:
        """The columns from which its tenant follows, where none of its own names it."""
        return self._people.tenant_columns - {self._people.tenant}

    def _is_there(self, org_id: str, said: Mapping[str, ColumnElement[Any]]) -> bool:
        """Whether the row is the tombstone contact: Lacuna made it, or it looks exactly like it."""
        people, columns = self._people, self._table.c
        known = sa.exists().where(
            TOMBSTONE.c.org_id == org_id,
            TOMBSTONE.c.table_name == str(people.name),
            TOMBSTONE.c.row_key == self.key(org_id),
        )
        empty = [
            columns[one.name].is_(None)
            for one in people.columns
            if one.erasure.treatment is Treatment.SUPPRESS and one.name not in said
        ]
        # As text: documents have no equality of their own.
        alike = [
            sa.cast(columns[name], sa.Text).is_not_distinct_from(sa.cast(value, sa.Text))
            for name, value in said.items()
        ]
        dated = [] if people.erased_at is None else [columns[people.erased_at].is_not(None)]
        found = self._connection.execute(
            sa.select(sa.func.count()).where(
                self._tables.key_is_one_of(people, [(self.key(org_id),)]),
                self._tables.is_of(people, org_id),
                sa.or_(known, sa.and_(*alike, *empty, *dated)),
            )
        ).scalar_one()
        return bool(found)
