"""Changes the platform for the executor: whole sets of rows at a time, in one transaction.

What is changed comes from `lacuna.working_row`, filled by the same transaction, so each
statement serves every request of the batch.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID, insert
from sqlalchemy.sql.elements import ColumnElement

from pipelines.errors import ApplyFailed, ConfigurationError
from pipelines.model.datamap import (
    DataMap,
    Erasure,
    RowErasure,
    SweepRule,
    Table,
    Treatment,
)
from pipelines.model.location import ColumnName, RowKey, TableName
from pipelines.model.tombstone import tombstone_key
from pipelines.ports import TextChange
from pipelines.stores.platform_tables import PlatformTables, from_text
from pipelines.stores.queue_tables import REQUEST, SWEEP_DONE, WORKING_ROW


class PlatformChanges:
    """Changes rows of one platform as its data map says."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        """Write through `connection`, which belongs to one transaction of the executor."""
        self._connection = connection
        self._datamap = datamap
        self._tables = PlatformTables(connection, datamap)

    def lock_own_rows(self, table: TableName, request_ids: Sequence[str]) -> Mapping[RowKey, str]:
        """Lock the own rows of the requests and return those that are there, with versions."""
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        locked = self._connection.execute(
            sa.select(*self._tables.key(mapped), sa.cast(sa.literal_column("xmin"), sa.Text))
            .where(self._is_own(mapped, request_ids))
            .order_by(*(reflected.c[name] for name in mapped.key))
            .with_for_update()
        )
        return {tuple(key): version for *key, version in locked}

    def measure(self, table: TableName, request_id: str) -> Mapping[str, str]:
        """Return the count and the sums of measures of a request's own rows, as text."""
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        totals = [sa.func.count().label("rows")] + [
            sa.func.coalesce(sa.func.sum(reflected.c[name]), 0).label(name)
            for name in mapped.measures
        ]
        row = self._connection.execute(
            sa.select(*totals).where(self._is_own(mapped, [request_id]))
        ).one()
        return {name: str(value) for name, value in row._mapping.items()}

    def anonymize(
        self, table: TableName, request_ids: Sequence[str], at: datetime
    ) -> Mapping[str, int]:
        """Treat the own rows of the requests; return rows changed by request.

        A key treated by `new_key` is derived from the request's nonce, so that a rerun
        arrives at the same one; the working rows follow it.
        """
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        values: dict[str, ColumnElement[Any]] = {}
        for column in mapped.columns:
            if column.erasure.treatment is Treatment.TOMBSTONE:
                here = reflected.c[column.name]
                values[column.name] = self._tombstone_or_null(here, request_ids)
            elif column.erasure.treatment is not Treatment.KEEP and not column.is_rewritten:
                values[column.name] = self._treated(reflected.c[column.name], column.erasure, table)
        if mapped.erased_at is not None:
            # Marks a row as erased; an exact time would group the rows of one person.
            values[mapped.erased_at] = sa.literal(_start_of_year(at))
        if not values:
            return {}
        link = self._row_of_request(mapped, request_ids)
        changed = self._connection.execute(
            sa.update(reflected)
            .values(values)
            .where(*link)
            .returning(sa.cast(WORKING_ROW.c.request_id, sa.Text))
        )
        counts: dict[str, int] = {}
        for (request_id,) in changed:
            counts[request_id] = counts.get(request_id, 0) + 1
        for name in mapped.key:
            if mapped.column(name).erasure.treatment is Treatment.NEW_KEY:
                self._follow_new_keys(table, request_ids)
        return counts

    def treat(self, table: TableName, keys: Collection[RowKey]) -> int:
        """Treat given rows as an erasure treats a person's own; return rows changed or deleted.

        For rows that no request names; columns whose text is rewritten are left alone.
        """
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        is_it = self._tables.key_is_one_of(mapped, keys)
        if mapped.rows is RowErasure.DELETE:
            return self._connection.execute(sa.delete(reflected).where(is_it)).rowcount
        values = {
            column.name: self._treated(reflected.c[column.name], column.erasure, table)
            for column in mapped.columns
            if column.erasure.treatment is not Treatment.KEEP and not column.is_rewritten
        }
        return self._connection.execute(sa.update(reflected).values(values).where(is_it)).rowcount

    def make_tombstone(self, org_id: str, at: datetime) -> bool:
        """Make a tenant's tombstone contact; return False if it was there.

        It looks like a contact that was erased: every column is treated as there, the year of
        erasure is that of the first one, and the rest is the database's default.

        Raises:
            ApplyFailed: another row stands in its place.
        """
        subject = self._datamap.tables[self._datamap.subject.table]
        values = dict(self._datamap.subject.tombstone) | {
            subject.key[0]: self._tombstone_key(org_id),
            subject.tenant: org_id,
            _erased_at(subject): _start_of_year(at).isoformat(),
        }
        for column in subject.columns:
            if column.erasure.treatment is Treatment.EMPTY:
                values.setdefault(column.name, "{}")
            elif column.erasure.treatment is Treatment.REPLACE:
                values.setdefault(column.name, column.erasure.argument or "")
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
                reflected.c[subject.tenant] == org_id,
                reflected.c[_erased_at(subject)].is_not(None),
            )
        ).scalar_one()
        if there != 1:
            raise ApplyFailed(
                f"{subject.name}: another row stands in the place of the tombstone contact, or a "
                "trigger or unique index keeps it out; rolled back"
            )
        return made == 1

    def _tombstone_or_null(
        self, link: ColumnElement[Any], request_ids: Sequence[str]
    ) -> ColumnElement[Any]:
        """Return the key of the tombstone contact of the request's tenant; no link stays none."""
        org_ids = self._connection.execute(
            sa.select(REQUEST.c.org_id)
            .where(sa.cast(REQUEST.c.request_id, sa.Text).in_(request_ids))
            .distinct()
        ).scalars()
        keys = [(REQUEST.c.org_id == one, sa.literal(self._tombstone_key(one))) for one in org_ids]
        return sa.case((link.is_not(None), sa.cast(sa.case(*keys), link.type)))

    def _tombstone_key(self, org_id: str) -> str:
        return tombstone_key(self._datamap.subject.table, org_id)

    def delete(self, table: TableName, request_ids: Sequence[str]) -> Mapping[str, int]:
        """Delete the own rows of the requests; return rows deleted by request."""
        mapped = self._datamap.tables[table]
        deleted = self._connection.execute(
            sa.delete(self._tables.table(table))
            .where(*self._row_of_request(mapped, request_ids))
            .returning(sa.cast(WORKING_ROW.c.request_id, sa.Text))
        )
        counts: dict[str, int] = {}
        for (request_id,) in deleted:
            counts[request_id] = counts.get(request_id, 0) + 1
        # The keys of rows that are gone may be identifiers themselves.
        self._connection.execute(
            sa.delete(WORKING_ROW).where(
                WORKING_ROW.c.table_name == str(table),
                WORKING_ROW.c.role == "own",
                sa.cast(WORKING_ROW.c.request_id, sa.Text).in_(request_ids),
            )
        )
        return counts

    def write_texts(
        self, table: TableName, columns: Sequence[str], changes: Collection[TextChange]
    ) -> int:
        """Write treated texts; return the number of rows.

        Raises:
            ApplyFailed: a row changed since its text was read; nothing may be kept.
        """
        if not changes:
            return 0
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        written = 0
        for change in changes:
            names = [name for name in columns if name in change.texts]
            statement = (
                sa.update(reflected)
                .values({name: from_text(reflected.c[name], f"new_{name}") for name in names})
                .where(
                    *(
                        reflected.c[name]
                        == sa.cast(
                            sa.bindparam(f"key_{name}", type_=sa.Text), reflected.c[name].type
                        )
                        for name in mapped.key
                    ),
                    sa.cast(sa.literal_column("xmin"), sa.Text)
                    == sa.bindparam("version", type_=sa.Text),
                )
            )
            written += self._connection.execute(
                statement,
                {f"new_{name}": change.texts[name] for name in names}
                | {f"key_{name}": part for name, part in zip(mapped.key, change.key, strict=True)}
                | {"version": change.version},
            ).rowcount
        if written != len(changes):
            raise ApplyFailed(
                f"{table}: {len(changes) - written} of {len(changes)} rows changed while "
                "their text was being treated; rolled back, run again"
            )
        return written

    def forget_path(self, column: ColumnName, keys: Collection[RowKey]) -> int:
        """Set a path column of given rows to NULL; return rows."""
        mapped = self._datamap.tables[column.table]
        return self._connection.execute(
            sa.update(self._tables.table(column.table))
            .values({column.name: sa.null()})
            .where(self._tables.key_is_one_of(mapped, keys))
        ).rowcount

    def rectify(self, request_id: str, values: Mapping[str, str]) -> int:
        """Correct columns of the person's row in the subject table; return rows."""
        mapped = self._datamap.tables[self._datamap.subject.table]
        reflected = self._tables.table(mapped.name)
        return self._connection.execute(
            sa.update(reflected)
            .values(
                {
                    name: sa.cast(sa.literal(value, sa.Text), reflected.c[name].type)
                    for name, value in values.items()
                }
            )
            .where(self._is_own(mapped, [request_id]))
        ).rowcount

    def mark_swept(self, rule: SweepRule, digest: str, keys: Collection[RowKey]) -> int:
        """Note that rows were treated as they are now; return rows."""
        mapped = self._datamap.tables[rule.table]
        reflected = self._tables.table(rule.table)
        rows = self._connection.execute(
            sa.select(*self._tables.key(mapped), sa.cast(sa.literal_column("xmin"), sa.Text))
            .select_from(reflected)
            .where(self._tables.key_is_one_of(mapped, keys))
        ).all()
        if rows:
            statement = insert(SWEEP_DONE)
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["rule", "table_name", "row_key"],
                    set_={
                        "row_version": statement.excluded.row_version,
                        "digest": statement.excluded.digest,
                    },
                ),
                [
                    {
                        "rule": rule.name,
                        "table_name": str(rule.table),
                        "row_key": list(row[:-1]),
                        "row_version": row[-1],
                        "digest": digest,
                    }
                    for row in rows
                ],
            )
        return len(rows)

    def transaction_id(self) -> str:
        """Return this transaction's id: every row it writes carries it."""
        return str(
            self._connection.execute(
                sa.select(sa.cast(sa.func.pg_current_xact_id(), sa.Text))
            ).scalar_one()
        )

    def _treated(
        self, column: ColumnElement[Any], erasure: Erasure, table: TableName
    ) -> ColumnElement[Any]:
        match erasure.treatment:
            case Treatment.SUPPRESS | Treatment.UNLINK | Treatment.DELETE_OBJECT:
                return sa.null()
            case Treatment.EMPTY:
                return sa.cast(sa.literal("{}"), column.type)
            case Treatment.REPLACE:
                return sa.cast(sa.literal(erasure.argument or ""), column.type)
            case Treatment.GENERALIZE:
                return self._generalized(column, erasure.argument or "day")
            case Treatment.NEW_KEY:
                return _new_key(sa.cast(column, sa.Text), table)
            case Treatment.OBFUSCATE:
                return sa.func.regexp_replace(sa.cast(column, sa.Text), r"\S", "x", "g")
            case Treatment.JSON_KEYS:
                return _kept_keys(column, erasure.argument or "")
            case Treatment.KEEP | Treatment.REDACT | Treatment.TOMBSTONE:
                return column

    @staticmethod
    def _generalized(column: ColumnElement[Any], unit: str) -> ColumnElement[Any]:
        if isinstance(column.type, sa.DateTime) and column.type.timezone:
            return sa.func.date_trunc(unit, column, "UTC")
        return sa.cast(sa.func.date_trunc(unit, column), column.type)

    def _is_own(self, table: Table, request_ids: Sequence[str]) -> ColumnElement[bool]:
        reflected = self._tables.table(table.name)
        wanted = sa.select(
            *(
                sa.cast(WORKING_ROW.c.row_key[position], reflected.c[name].type)
                for position, name in enumerate(table.key, start=1)
            )
        ).where(
            WORKING_ROW.c.table_name == str(table.name),
            WORKING_ROW.c.role == "own",
            sa.cast(WORKING_ROW.c.request_id, sa.Text).in_(request_ids),
        )
        return sa.tuple_(*(reflected.c[name] for name in table.key)).in_(wanted)

    def _row_of_request(
        self, table: Table, request_ids: Sequence[str]
    ) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that join a row to its working row and its request."""
        reflected = self._tables.table(table.name)
        return (
            WORKING_ROW.c.table_name == str(table.name),
            WORKING_ROW.c.role == "own",
            WORKING_ROW.c.request_id == REQUEST.c.request_id,
            sa.cast(WORKING_ROW.c.request_id, sa.Text).in_(request_ids),
            *(
                reflected.c[name]
                == sa.cast(WORKING_ROW.c.row_key[position], reflected.c[name].type)
                for position, name in enumerate(table.key, start=1)
            ),
        )

    def _follow_new_keys(self, table: TableName, request_ids: Sequence[str]) -> None:
        old = WORKING_ROW.c.row_key[1]
        self._connection.execute(
            sa.update(WORKING_ROW)
            .values(
                row_key=sa.func.array_append(
                    sa.cast([], WORKING_ROW.c.row_key.type), sa.cast(_new_key(old, table), sa.Text)
                )
            )
            .where(
                WORKING_ROW.c.table_name == str(table),
                WORKING_ROW.c.role == "own",
                WORKING_ROW.c.request_id == REQUEST.c.request_id,
                sa.cast(WORKING_ROW.c.request_id, sa.Text).in_(request_ids),
            )
        )


def _kept_keys(column: ColumnElement[Any], named: str) -> ColumnElement[Any]:
    """Return a JSON object with the named keys alone; NULL stays, anything else becomes `{}`."""
    kept = [key.strip() for key in named.split(",")]
    document = sa.cast(column, JSONB)
    is_object = sa.func.jsonb_typeof(document) == "object"
    # jsonb_each fails on an array.
    pairs = sa.func.jsonb_each(sa.case((is_object, document))).table_valued("key", "value")
    found = (
        sa.select(sa.func.jsonb_object_agg(pairs.c.key, pairs.c.value))
        .select_from(pairs)
        .where(pairs.c.key.in_(kept))
        .scalar_subquery()
    )
    empty = sa.cast(sa.literal("{}"), JSONB)
    return sa.case((column.is_not(None), sa.cast(sa.func.coalesce(found, empty), column.type)))


def _erased_at(subject: Table) -> str:
    if subject.erased_at is None:
        raise ConfigurationError(f"datamap: {subject.name} needs erased_at for erase: tombstone")
    return subject.erased_at


def _start_of_year(moment: datetime) -> datetime:
    return datetime(moment.astimezone(UTC).year, 1, 1, tzinfo=UTC)


def _new_key(old: ColumnElement[str], table: TableName) -> ColumnElement[Any]:
    """Return a key that nothing else holds: a digest with the request's nonce, as a UUID.

    The nonce is random and destroyed when the request closes, so nobody can lead the new
    key back to the old one.
    """
    seed = sa.func.concat(sa.cast(REQUEST.c.nonce, sa.Text), ":", sa.literal(str(table)), ":", old)
    digest = sa.func.encode(sa.func.sha256(sa.func.convert_to(seed, "UTF8")), "hex")
    return sa.cast(sa.func.left(digest, 32), UUID(as_uuid=False))
