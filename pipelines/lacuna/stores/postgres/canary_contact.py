"""The canary contact: a made-up person of an organization that is set aside for nobody else."""

import uuid
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSON, insert

from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap, IdentifierColumn
from lacuna.model.identity import IdentifierKind
from lacuna.model.table import Table
from lacuna.model.tombstone import KeyKind, tombstone_key
from lacuna.model.treatment import Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables
from lacuna.stores.postgres.queue_tables import REQUEST

_EMAIL: Final = "night-canary-7f3a@example.org"
# A country code that nobody has.
_PHONE: Final = "+99919997032"
_NAME: Final = "Kanaria Natterskov"
_SHORT_NAME: Final = "Kanaria"


class PlatformCanaryContacts:
    """Makes canary contacts, and sees whether anybody else is in their organization."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        """Work through `connection`, which belongs to one transaction of the executor."""
        self._connection = connection
        self._datamap = datamap
        self._tables = PlatformTables(connection, datamap)

    def strangers(self, org_id: str) -> int:
        return self._count(org_id, sa.not_(self._is_canary()))

    def waiting(self, org_id: str) -> str | None:
        subject = self._subject
        key = self._tables.key(subject)[0]
        found = self._connection.execute(
            sa.select(key).where(*self._is_alive(org_id), self._is_canary()).order_by(key).limit(1)
        ).scalar_one_or_none()
        return None if found is None else str(found)

    def last_day(self, org_id: str) -> date | None:
        found = self._connection.execute(
            sa.select(sa.func.max(sa.func.timezone("UTC", REQUEST.c.received_at))).where(
                REQUEST.c.org_id == org_id
            )
        ).scalar_one()
        return None if found is None else found.date()

    def make(self, org_id: str, at: datetime) -> str:
        subject = self._subject
        table = self._tables.table(subject.name)
        number = uuid.uuid4().hex
        kind = self._tables.key_kind
        key = (
            str(uuid.uuid4())
            if kind is KeyKind.UUID
            else tombstone_key(subject.name, f"{org_id}:{number}", kind)
        )
        values: dict[str, object] = {
            column.name: _filling(table.c[column.name], at)
            for column in subject.columns
            if _must_be_given(table.c[column.name])
        }
        values |= dict(self._datamap.subject.tombstone)
        for one in self._identifying():
            value = _value(one, number)
            if value is not None:
                column = table.c[one.column.name]
                values[column.name] = [value] if isinstance(column.type, ARRAY) else value
        values |= {subject.key[0]: key, subject.tenant: org_id}
        if self._datamap.subject.where is not None:
            name, meant = self._datamap.subject.where
            values[name] = meant
        self._connection.execute(
            insert(table).values(
                {
                    name: sa.cast(sa.literal(value), table.c[name].type)
                    if isinstance(value, str)
                    else value
                    for name, value in values.items()
                }
            )
        )
        return key

    @property
    def _subject(self) -> Table:
        subject = self._datamap.tables[self._datamap.subject.table]
        if not subject.tenant or subject.erased_at is None:
            raise ConfigurationError(
                f"LACUNA_CANARY_ORG: in the data map, {subject.name} needs a tenant column and an "
                "erased_at column; add them or unset the setting"
            )
        if self._datamap.subject.member is not None:
            raise ConfigurationError(
                f"LACUNA_CANARY_ORG: a row of {subject.name} alone is no person by the data map's "
                "member; unset the setting"
            )
        return subject

    def _identifying(self) -> list[IdentifierColumn]:
        """Return the columns of the subject table that identify people as they stand there."""
        subject = self._subject
        return [
            one
            for one in self._datamap.subject.identifiers
            if one.column.table == subject.name
            and one.only_where is None
            and not one.path
            and subject.column(one.column.name).erasure.treatment is not Treatment.DERIVED
        ]

    def _is_canary(self) -> sa.ColumnElement[bool]:
        table = self._tables.table(self._subject.name)
        emails = [
            table.c[one.column.name]
            for one in self._identifying()
            if one.kind is IdentifierKind.EMAIL
            and not isinstance(table.c[one.column.name].type, ARRAY)
        ]
        if not emails:
            raise ConfigurationError(
                "LACUNA_CANARY_ORG: the subject table has no column for an e-mail address, by "
                "which a canary is recognized; unset the setting"
            )
        return sa.func.coalesce(sa.cast(emails[0], sa.Text) == _EMAIL, sa.false())

    def _is_alive(self, org_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        subject = self._subject
        erased_at = self._tables.table(subject.name).c[subject.erased_at or ""]
        return self._tables.is_of(subject, org_id), erased_at.is_(None)

    def _count(self, org_id: str, *conditions: sa.ColumnElement[bool]) -> int:
        table = self._tables.table(self._subject.name)
        return self._connection.execute(
            sa.select(sa.func.count())
            .select_from(table)
            .where(*self._is_alive(org_id), *conditions)
        ).scalar_one()


def _value(one: IdentifierColumn, number: str) -> str | None:
    match one.kind:
        case IdentifierKind.EMAIL:
            return _EMAIL
        case IdentifierKind.PHONE:
            return _PHONE
        case IdentifierKind.NAME:
            return _SHORT_NAME if one.is_short else _NAME
        case IdentifierKind.EXTERNAL_ID:
            # Another one each night: who was erased and comes back is recognized by it.
            return f"CANARY-{number[:12].upper()}"
        case _:
            return None


def _must_be_given(column: sa.Column[Any]) -> bool:
    """Whether the database refuses a row without a value."""
    live = column.info
    return (
        not live.get("nullable", True)
        and live.get("default") is None
        and not live.get("identity")
        and not live.get("computed")
    )


def _filling(column: sa.Column[Any], at: datetime) -> object:
    """Return a value that means nothing, of the column's type."""
    if isinstance(column.type, ARRAY):
        return []
    if isinstance(column.type, JSON):
        return {}
    try:
        python_type = column.type.python_type
    except NotImplementedError:
        return "canary"
    if issubclass(python_type, datetime):
        return at
    if issubclass(python_type, date):
        return at.date()
    return {bool: False, int: 0}.get(python_type, "canary" if python_type is str else 0)
