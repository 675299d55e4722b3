"""Changes the platform for the executor: whole sets of rows at a time, in one transaction.

What is changed comes from `lacuna.working_row`, filled by the same transaction, so each
statement serves every request of the batch.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.dialects.postgresql import array as pg_array
from sqlalchemy.sql.elements import ColumnElement

from lacuna.errors import ApplyFailed, ConfigurationError
from lacuna.model.datamap import SweepRule
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.table import Table
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.ports import TextChange
from lacuna.stores.postgres.distinct_texts import distinct_changes, unique_columns
from lacuna.stores.postgres.erased_flag import erased_flag
from lacuna.stores.postgres.platform_tables import from_text, is_document
from lacuna.stores.postgres.queue_tables import REQUEST, SWEEP_DONE, WORKING_ROW
from lacuna.stores.postgres.reference_columns import holds_one, without
from lacuna.stores.postgres.tombstone_changes import TombstoneChanges, own_of
from lacuna.stores.postgres.treated_values import no_path, treated

_UNIQUE_VIOLATION: Final = "23505"
_OF_THIS_TRANSACTION: Final = sa.text("xmin = pg_current_xact_id()::xid")
# What the server counts of this transaction, and of those before it that it has not told yet: too
# much rather than too little. Partitions, and tables that inherit, are written to themselves.
_MAY_HAVE_WRITTEN: Final = sa.text(
    "with recursive tree as (select class.oid from pg_class as class "
    "  join pg_namespace as schema on schema.oid = class.relnamespace "
    "  where schema.nspname = :schema and class.relname = :table "
    "  union select inhrelid from pg_inherits join tree on inhparent = tree.oid) "
    "select current_setting('track_counts') = 'off' or coalesce(sum("
    "  pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)), 1) > 0 "
    "from tree"
)
# A view can only read what was there before it.
_VIEWS_BY_AGE: Final = sa.text(
    "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind = 'm' order by c.oid"
)


class PlatformChanges(TombstoneChanges):
    """Changes rows of one platform as its data map says."""

    def lock_own_rows(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> Mapping[RowKey, str]:
        mapped = self._datamap.tables[table]
        return self._lock(mapped, self._is_own(mapped, request_ids, portion))

    def lock_rows(self, table: TableName, keys: Collection[RowKey]) -> Mapping[RowKey, str]:
        mapped = self._datamap.tables[table]
        return self._lock(mapped, self._tables.key_is_one_of(mapped, keys))

    def _lock(self, mapped: Table, wanted: ColumnElement[bool]) -> Mapping[RowKey, str]:
        reflected = self._tables.table(mapped.name)
        rows = self._connection.execute(
            sa.select(
                *self._tables.key(mapped),
                sa.cast(sa.literal_column("xmin"), sa.Text),
                *self._told.recent_days(mapped),
            )
            .select_from(reflected)
            .where(wanted)
            .order_by(*(reflected.c[name] for name in mapped.key))
            .with_for_update()
        )
        locked: dict[RowKey, str] = {}
        parts = len(mapped.key)
        for row in rows:
            key = tuple(row[:parts])
            locked[key] = row[parts]
            self._told.see(mapped, key, row[parts + 1 :])
        return locked

    def delete_echoes(self, table: TableName) -> int:
        """The table is read through, unless this transaction wrote nothing to it.

        Not seen: what a trigger writes in a subtransaction.
        """
        may_have = self._connection.execute(
            _MAY_HAVE_WRITTEN, {"schema": table.schema, "table": table.name}
        ).scalar_one()
        if not may_have:
            return 0
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        known = sa.exists(
            sa.select(WORKING_ROW.c.row_key).where(
                WORKING_ROW.c.table_name == str(table),
                WORKING_ROW.c.row_key
                == sa.cast(pg_array(self._tables.key(mapped)), ARRAY(sa.Text)),
            )
        )
        return self._connection.execute(
            sa.delete(reflected).where(_OF_THIS_TRANSACTION, ~known)
        ).rowcount

    def refresh_views(self, tables: Collection[TableName]) -> None:
        made = self._connection.execute(_VIEWS_BY_AGE).all()
        for schema, name in made:
            if TableName(schema, name) in tables:
                self._connection.execute(
                    sa.select(sa.func.lacuna.refresh_view(sa.literal(schema), sa.literal(name)))
                )

    def measure(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> Mapping[str, Mapping[str, str]]:
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        request_id = sa.cast(WORKING_ROW.c.request_id, sa.Text)
        totals = [sa.func.count().label("rows")] + [
            sa.func.coalesce(sa.func.sum(reflected.c[name]), 0).label(name)
            for name in mapped.measures
        ]
        rows = self._connection.execute(
            sa.select(request_id, *totals)
            .where(*self._row_of_request(mapped, request_ids, portion))
            .group_by(request_id)
        )
        return {
            request: {
                name: str(value)
                for name, value in zip(("rows", *mapped.measures), found, strict=True)
            }
            for request, *found in rows
        }

    def anonymize(
        self,
        table: TableName,
        request_ids: Sequence[str],
        at: datetime,
        portion: int | None = None,
    ) -> Mapping[str, int]:
        """The working rows follow a new key."""
        mapped = self._datamap.without_references(self._datamap.tables[table])
        reflected = self._tables.table(table)
        values: dict[str, ColumnElement[Any]] = {}
        for column in mapped.columns:
            here = reflected.c[column.name]
            value: ColumnElement[Any]
            if column.erasure.treatment is Treatment.TOMBSTONE:
                value = self._tombstone_or_null(here, request_ids)
            elif column.is_set:
                value = treated(here, column.erasure, mapped, self._tables)
            else:
                continue
            values[column.name] = self._only_linking(mapped, column, value, request_ids)
        values |= self._without_links(mapped, request_ids)
        values |= erased_flag(mapped, at)
        if not values:
            return {}
        link = self._row_of_request(mapped, request_ids, portion)
        changed = self._connection.execute(
            sa.update(reflected)
            .values(values)
            .where(*link)
            .returning(
                sa.cast(WORKING_ROW.c.request_id, sa.Text),
                WORKING_ROW.c.row_key,
                *self._tables.key(mapped),
            )
        ).all()
        counts: dict[str, int] = {}
        for request_id, *_ in changed:
            counts[request_id] = counts.get(request_id, 0) + 1
        if any(mapped.column(name).erasure.treatment is Treatment.NEW_KEY for name in mapped.key):
            # A row of two people of the batch is changed once, and is known by its key to both.
            self._follow_new_keys(table, [(tuple(old), tuple(new)) for _, old, *new in changed])
        return counts

    def keep_told_times(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> None:
        mapped = self._datamap.tables[table]
        self._told.keep(mapped, self._row_of_request(mapped, request_ids, portion))

    def keep_told_times_of(self, table: TableName, keys: Collection[RowKey]) -> None:
        if keys:
            mapped = self._datamap.tables[table]
            self._told.keep(mapped, [self._tables.key_is_one_of(mapped, keys)])

    def treat(self, table: TableName, keys: Collection[RowKey]) -> int:
        """A treatment may need a request.

        Raises:
            ConfigurationError: a treatment makes something of the request, and there is none.
        """
        mapped = self._datamap.without_references(self._datamap.tables[table])
        made = [one.name for one in mapped.columns if one.erasure.treatment.follows_request]
        if mapped.rows is not RowErasure.DELETE and made:
            raise ConfigurationError(
                f"datamap: {table}.{made[0]} gets a new value for each request, but these rows "
                "are treated without one; write erase: suppress, or rows: delete"
            )
        reflected = self._tables.table(table)
        is_it = self._tables.key_is_one_of(mapped, keys)
        if mapped.rows is RowErasure.DELETE:
            return self._connection.execute(sa.delete(reflected).where(is_it)).rowcount
        values = {
            column.name: treated(reflected.c[column.name], column.erasure, mapped, self._tables)
            for column in mapped.columns
            if column.is_set
        }
        return self._connection.execute(sa.update(reflected).values(values).where(is_it)).rowcount

    def delete(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> Mapping[str, int]:
        mapped = self._datamap.tables[table]
        deleted = self._connection.execute(
            sa.delete(self._tables.table(table))
            .where(*self._row_of_request(mapped, request_ids, portion))
            .returning(sa.cast(WORKING_ROW.c.request_id, sa.Text))
        )
        counts: dict[str, int] = {}
        for (request_id,) in deleted:
            counts[request_id] = counts.get(request_id, 0) + 1
        # The keys of rows that are gone may be identifiers themselves, with whomever they mention.
        own = own_of(table, request_ids, portion)
        self._connection.execute(
            sa.delete(WORKING_ROW).where(
                WORKING_ROW.c.table_name == str(table),
                WORKING_ROW.c.role == "mention",
                WORKING_ROW.c.row_key.in_(sa.select(WORKING_ROW.c.row_key).where(*own)),
            )
        )
        self._connection.execute(sa.delete(WORKING_ROW).where(*own))
        return counts

    def forget_gone_mentions(self) -> int:
        is_mention = WORKING_ROW.c.role == "mention"
        named = self._connection.execute(
            sa.select(WORKING_ROW.c.table_name).where(is_mention).distinct()
        )
        gone = 0
        # A request that waits since the map was changed may name a table that is no longer in it.
        for table in self._datamap.tables.keys() & set(map(TableName.parse, named.scalars())):
            is_row = self._is_row_of(self._datamap.tables[table])
            is_there = sa.exists().select_from(self._tables.table(table)).where(*is_row)
            gone += self._connection.execute(
                sa.delete(WORKING_ROW).where(
                    WORKING_ROW.c.table_name == str(table), is_mention, ~is_there
                )
            ).rowcount
        return gone

    def write_texts(
        self, table: TableName, columns: Sequence[str], changes: Collection[TextChange]
    ) -> int:
        unique = unique_columns(self._connection, table) if changes else frozenset()
        if names := unique & {*columns}:
            covered = [self._tables.table(table).c[name] for name in sorted(names)]
            changes = distinct_changes(self._connection, covered, [*changes])
        return self._write_texts(table, columns, changes)

    def _write_texts(
        self, table: TableName, columns: Sequence[str], changes: Collection[TextChange]
    ) -> int:
        if not changes:
            return 0
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        written = 0
        by_columns: dict[tuple[str, ...], list[TextChange]] = defaultdict(list)
        for change in changes:
            by_columns[tuple(name for name in columns if name in change.texts)].append(change)
        # A parameter of the name of a column would be taken for the column's new value.
        for names, alike in by_columns.items():
            statement = (
                sa.update(reflected)
                .values(
                    {name: from_text(reflected.c[name], f"lacuna_new_{name}") for name in names}
                )
                .where(
                    *(
                        reflected.c[name]
                        == sa.cast(
                            sa.bindparam(f"lacuna_key_{name}", type_=sa.Text),
                            reflected.c[name].type,
                        )
                        for name in mapped.key
                    ),
                    sa.or_(
                        sa.cast(sa.literal_column("xmin"), sa.Text)
                        == sa.bindparam("lacuna_version", type_=sa.Text),
                        # The row is locked since it was read; a trigger may have written to it.
                        _OF_THIS_TRANSACTION,
                    ),
                )
            )
            written += self._connection.execute(
                statement,
                [
                    {f"lacuna_new_{name}": change.texts[name] for name in names}
                    | {
                        f"lacuna_key_{name}": part
                        for name, part in zip(mapped.key, change.key, strict=True)
                    }
                    | {"lacuna_version": change.version}
                    for change in alike
                ],
            ).rowcount
        if written != len(changes):
            raise ApplyFailed(
                f"{table}: {len(changes) - written} of {len(changes)} rows changed while their "
                "text was processed; rolled back. Run again"
            )
        return written

    def cut_references(self, request_ids: Sequence[str]) -> Mapping[TableName, frozenset[RowKey]]:
        return {
            table.name: rows
            for table in self._datamap.referring
            if (rows := self._cut_references(table, request_ids))
        }

    def cut_references_of(
        self, table: TableName, request_ids: Sequence[str], portion: int
    ) -> frozenset[RowKey]:
        mapped = self._datamap.tables[table]
        if not mapped.references or table == self._datamap.subject.table:
            return frozenset()
        in_portion = self._is_own(mapped, request_ids, portion, is_mentioned=True)
        return self._cut_references(mapped, request_ids, in_portion)

    def _cut_references(
        self, table: Table, request_ids: Sequence[str], *only: ColumnElement[bool]
    ) -> frozenset[RowKey]:
        instead = self._nobody_instead(request_ids)
        reflected = self._tables.table(table.name)
        columns = [reflected.c[name] for name in table.references]
        conditions = [sa.or_(*(holds_one(column, instead) for column in columns)), *only]
        if table.name == self._datamap.subject.table or table.rows is RowErasure.DELETE:
            # Treated or deleted with the person's other rows.
            conditions.append(~self._is_own(table, request_ids))
        if not instead or not self._lock(table, sa.and_(*conditions)):
            return frozenset()
        values = {
            column.name: without(
                column,
                instead,
                instead if column.name in table.tombstone_links else None,
            )
            for column in columns
        }
        rows = self._connection.execute(
            sa.update(reflected)
            .values(values)
            .where(*conditions)
            .returning(*self._tables.key(table))
        )
        cut = frozenset(tuple(row) for row in rows)
        self.keep_told_times_of(table.name, cut)
        return cut

    def _nobody_instead(self, request_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the keys of the requests' people, each with that of its tenant's tombstone contact."""
        people = self._datamap.subject.table
        found = self._connection.execute(
            sa.select(WORKING_ROW.c.row_key[1], REQUEST.c.org_id).where(
                *own_of(people, request_ids, None),
                WORKING_ROW.c.request_id == REQUEST.c.request_id,
            )
        )
        return {key: self._tombstones.key(org_id) for key, org_id in found}

    def forget_paths(
        self, column: ColumnName, keys: Collection[RowKey], paths: Collection[str]
    ) -> int:
        """A list loses them, in a document they become null, any other column does, or says so."""
        mapped = self._datamap.tables[column.table]
        held = self._tables.table(column.table).c[column.name]
        value: ColumnElement[Any] = no_path(held)
        if isinstance(held.type, ARRAY):
            value = reduce(lambda left, path: sa.func.array_remove(left, path), sorted(paths), held)
        elif is_document(held):
            text: ColumnElement[str] = sa.cast(sa.cast(held, JSONB), sa.Text)
            for path in sorted(paths):
                said = sa.cast(sa.func.to_jsonb(sa.cast(path, sa.Text)), sa.Text)
                text = sa.func.replace(text, said, "null")
            value = sa.cast(text, held.type)
        return self._connection.execute(
            sa.update(self._tables.table(column.table))
            .values({column.name: value})
            .where(self._tables.key_is_one_of(mapped, keys))
        ).rowcount

    def rectify(self, request_id: str, values: Mapping[str, str]) -> int:
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

    def correct(
        self, table: TableName, columns: Sequence[str], changes: Sequence[TextChange]
    ) -> int:
        mapped = self._datamap.tables[table]
        if mapped.rows is not RowErasure.DELETE:
            # Not in a subtransaction: what triggers write in one is not seen.
            return self._write_texts(table, columns, changes)
        try:
            with self._connection.begin_nested():
                return self._write_texts(table, columns, changes)
        except sa.exc.IntegrityError as error:
            if getattr(error.orig, "sqlstate", None) != _UNIQUE_VIOLATION:
                raise
            if len(changes) > 1:
                return sum(self.correct(table, columns, [change]) for change in changes)
        is_it = self._tables.key_is_one_of(mapped, [change.key for change in changes])
        return self._connection.execute(sa.delete(self._tables.table(table)).where(is_it)).rowcount

    def record_swept(self, rule: SweepRule, digest: str, keys: Collection[RowKey]) -> int:
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

    def check_constraints(self) -> None:
        self._connection.execute(sa.text("set constraints all immediate"))

    def transaction_id(self) -> str:
        return str(
            self._connection.execute(
                sa.select(sa.cast(sa.func.pg_current_xact_id(), sa.Text))
            ).scalar_one()
        )
