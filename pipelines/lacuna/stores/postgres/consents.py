"""Consent in PostgreSQL: the ledger of who said what, the platform's recordings, and their locks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from lacuna.errors import DataMapDrift
from lacuna.model.consent import (
    Breach,
    ConsentEntry,
    ConsentMethod,
    ConsentPurpose,
    ConsentRule,
    ConsentStatus,
    ConsentWeek,
    Lock,
    Prompt,
    Recording,
    RecordingTable,
    UnconsentedRecording,
)
from lacuna.model.location import RowKey, TableName
from lacuna.model.object_source import NO_PATH
from lacuna.model.table import Table
from lacuna.model.treatment import Treatment
from lacuna.stores.postgres.consent_ledger import ConsentEntries
from lacuna.stores.postgres.platform_tables import Path

_BATCH: Final = 2000


class PostgresConsents(ConsentEntries):
    """The ledger of consents, and the recordings of one platform, as one transaction sees them."""

    def new_consents(self) -> Iterator[list[ConsentEntry]]:
        rule = self._rule
        mapped, calls = self._calls
        columns = rule.columns
        key = self._tables.key(mapped, calls)[0]
        status = self._status(calls)
        said = sa.case(
            (
                status == str(ConsentStatus.UNANSWERED),
                sa.func.coalesce(calls.c[columns.prompted], calls.c[columns.began]),
            ),
            else_=calls.c[columns.answered],
        )
        ledger = sa.table(
            "consent_entry",
            *(
                sa.column(name)
                for name in ("org_id", "call_key", "purpose", "status", "method", "occurred_at")
            ),
            schema="lacuna",
        )
        tenant = self._tables.tenant(mapped, calls)
        known = sa.exists(
            sa.select(sa.literal(1))
            .select_from(ledger)
            .where(
                ledger.c.org_id == tenant,
                ledger.c.call_key == key,
                ledger.c.purpose == str(ConsentPurpose.RECORDING),
                ledger.c.status == status,
                ledger.c.method == str(ConsentMethod.IVR),
                ledger.c.occurred_at == said,
            )
        )
        query = sa.select(
            tenant,
            key,
            status,
            said,
            *(
                sa.cast(calls.c[name], sa.Text)
                for name in (columns.key, columns.version, columns.language)
            ),
            calls.c[columns.prompted],
        ).where(status.is_not(None), said.is_not(None), ~known)
        for batch in self._in_order(query, calls, mapped):
            yield [
                ConsentEntry(
                    row[0],
                    row[1],
                    ConsentStatus(row[2]),
                    ConsentMethod.IVR,
                    row[3],
                    Prompt(row[4], row[5], row[6], row[7]),
                )
                for row in batch
            ]

    def recordings(
        self, table: RecordingTable, keys: Collection[RowKey] | None = None
    ) -> Iterator[list[Recording]]:
        mapped = self._datamap.tables[table.table]
        column = _path_column(mapped)
        for path in self._tables.paths(mapped, self._rule.calls):
            source, call = self._with_call(path)
            start = path.start
            query = sa.select(
                self._tables.tenant(mapped, start),
                sa.cast(path.reached, sa.Text),
                call[0],
                start.c[table.began],
                _has_path(start.c[column]),
                call[1],
                *path.key,
            ).select_from(source)
            if keys is not None:
                query = query.where(self._tables.key_is_one_of(mapped, keys, start))
            for batch in self._in_order(query, start, mapped):
                queues = self._queues({row[1] for row in batch if row[1] is not None})
                yield [
                    Recording(
                        table=table.table,
                        key=tuple(row[6:]),
                        org_id=row[0],
                        call=row[1],
                        call_began_at=row[2],
                        queue=queues.get(row[1]),
                        began_at=row[3],
                        has_file=row[4],
                        overridden_by=row[5],
                    )
                    for row in batch
                ]

    def derived(
        self, table: TableName, keys: Collection[RowKey] | None = None
    ) -> Iterator[list[Recording]]:
        mapped = self._datamap.tables[table]
        for path in self._tables.paths(mapped, self._rule.calls):
            source, call = self._with_call(path)
            query = (
                sa.select(
                    self._tables.tenant(mapped, path.start),
                    path.owner,
                    call[0],
                    call[1],
                )
                .select_from(source)
                .where(path.reached.is_not(None), *self._no_recording(path.reached))
                .distinct()
                .order_by(path.owner)
            )
            if keys is not None:
                wanted = sa.cast([key for (key,) in keys], ARRAY(sa.Text))
                query = query.where(path.owner == sa.any_(wanted))
            for rows in self._connection.execute(query).partitions(_BATCH):
                queues = self._queues({row[1] for row in rows})
                yield [
                    Recording(
                        table=table,
                        key=(row[1],),
                        org_id=row[0],
                        call=row[1],
                        call_began_at=row[2],
                        queue=queues.get(row[1]),
                        began_at=None,
                        has_file=True,
                        overridden_by=row[3],
                        is_derived=True,
                    )
                    for row in rows
                ]

    def call_began(self, org_id: str, call: str) -> tuple[datetime | None] | None:
        mapped, calls = self._calls
        tenant = self._tables.tenant(mapped, calls)
        found = self._connection.execute(
            sa.select(calls.c[self._rule.columns.began]).where(
                self._tables.key(mapped, calls)[0] == call, tenant == org_id
            )
        ).first()
        return None if found is None else (found[0],)

    def weeks(self) -> tuple[ConsentWeek, ...]:
        mapped, calls = self._calls
        began = sa.func.timezone("UTC", calls.c[self._rule.columns.began])
        tenant = self._tables.tenant(mapped, calls)
        label = sa.func.to_char(began, 'IYYY-"W"IW')
        counted = {
            name: sa.func.count().filter(condition)
            for name, condition in (
                ("opted_in", self._status(calls) == str(ConsentStatus.GRANTED)),
                ("opted_out", self._status(calls) == str(ConsentStatus.DECLINED)),
                ("unanswered", self._status(calls) == str(ConsentStatus.UNANSWERED)),
                ("not_asked", self._status(calls).is_(None)),
            )
        }
        rows = self._connection.execute(
            sa.select(tenant, label, *counted.values())
            .group_by(tenant, label)
            .order_by(tenant, label)
        )
        return tuple(
            ConsentWeek(row[0], row[1] or "", **dict(zip(counted, row[2:], strict=True)))
            for row in rows
        )

    def derived_rows(
        self,
        table: TableName,
        calls: Collection[str],
        parts: Mapping[TableName, Collection[RowKey]],
    ) -> list[RowKey]:
        wanted = {self._rule.calls: calls}
        for name, keys in parts.items():
            wanted[name] = [key for (key,) in keys]
        found = {key for name, keys in wanted.items() for key in self._leading(table, name, keys)}
        return sorted(found)

    def recordings_of(self, calls: Collection[str]) -> Mapping[TableName, list[RowKey]]:
        return {
            each.table: sorted(self._leading(each.table, self._rule.calls, calls))
            for each in self._rule.recordings
        }

    def _leading(
        self, table: TableName, target: TableName, keys: Collection[str]
    ) -> Iterator[RowKey]:
        """Yield the rows of a table that lead to rows of another, by its key of one column."""
        wanted = sa.cast(sorted(keys), ARRAY(sa.Text))
        for path in self._tables.paths(self._datamap.tables[table], target):
            yield from (
                tuple(row)
                for row in self._connection.execute(
                    sa.select(*path.key)
                    .select_from(path.joined)
                    .where(path.owner == sa.any_(wanted))
                )
            )

    def locks(self) -> Mapping[tuple[str, RowKey], Lock]:
        rows = self._connection.execute(
            sa.text("select table_name, row_key, breach, since from lacuna.recording_lock")
        )
        return {(row[0], tuple(row[1])): Lock(Breach(row[2]), row[3]) for row in rows}

    def lock(self, found: Sequence[UnconsentedRecording], at: datetime) -> int:
        locked = 0
        for one in found:
            recording = one.recording
            locked += self._connection.execute(
                sa.text(
                    "insert into lacuna.recording_lock (org_id, table_name, row_key, breach, "
                    "since, status_before) values (:org_id, :table, :key, :breach, :at, :before) "
                    "on conflict (table_name, row_key) do nothing"
                ),
                {
                    "org_id": recording.org_id,
                    "table": str(recording.table),
                    "key": list(recording.key),
                    "breach": str(one.breach),
                    "at": at,
                    "before": self._change_status(recording.table, recording.key, None),
                },
            ).rowcount
        return locked

    def unlock(self, table: TableName, key: RowKey, *, is_deleted: bool) -> None:
        before = self._connection.execute(
            sa.text(
                "delete from lacuna.recording_lock where table_name = :table and row_key = :key "
                "returning status_before"
            ),
            {"table": str(table), "key": list(key)},
        ).scalar_one_or_none()
        if before is not None and not is_deleted:
            self._change_status(table, key, before)

    def _change_status(self, table: TableName, key: RowKey, to: str | None) -> str | None:
        """Set the platform's status (None: locked) and return what it was; None where it has none."""
        status = next((each.status for each in self._rule.recordings if each.table == table), None)
        if status is None:
            return None
        mapped = self._datamap.tables[table]
        reflected = self._tables.table(table)
        column = reflected.c[status[0]]
        is_it = self._tables.key_is_one_of(mapped, [key])
        before = self._connection.execute(
            sa.select(sa.cast(column, sa.Text)).where(is_it).with_for_update()
        ).scalar_one_or_none()
        wanted = status[1] if to is None else to
        # Put back only where it is still ours: an erasure says something of its own.
        is_ours = to is None or before == status[1]
        if before is not None and before != wanted and is_ours:
            self._connection.execute(
                sa.update(reflected)
                .values({status[0]: sa.cast(sa.literal(wanted), column.type)})
                .where(is_it)
            )
        return before

    @property
    def _rule(self) -> ConsentRule:
        if self._datamap.consent is None:
            raise DataMapDrift("the data map has no entry for consent; add it")
        return self._datamap.consent

    @property
    def _calls(self) -> tuple[Table, sa.Table]:
        return self._datamap.tables[self._rule.calls], self._tables.table(self._rule.calls)

    def _status(self, calls: sa.FromClause) -> ColumnElement[str | None]:
        """Return the status of a call's answer; NULL where nothing was asked."""
        rule = self._rule
        answer = sa.cast(calls.c[rule.columns.answer], sa.Text)
        is_dated = calls.c[rule.columns.answered].is_not(None)
        was_asked = sa.or_(calls.c[rule.columns.prompted].is_not(None), answer.is_not(None))
        # An answer that nobody can date comes before nothing.
        return sa.case(
            (sa.and_(answer.in_(rule.granted), is_dated), str(ConsentStatus.GRANTED)),
            (sa.and_(answer.in_(rule.declined), is_dated), str(ConsentStatus.DECLINED)),
            (was_asked, str(ConsentStatus.UNANSWERED)),
        )

    def _with_call(
        self, path: Path
    ) -> tuple[sa.FromClause, tuple[ColumnElement[Any], ColumnElement[Any]]]:
        """Return a source that reaches the call, and its beginning and who overrode the answer."""
        columns = self._rule.columns
        calls_mapped, table = self._calls
        calls = table.alias("consent_call")
        source = path.joined.outerjoin(calls, path.reached == calls.c[calls_mapped.key[0]])
        override: ColumnElement[Any] = sa.null()
        if columns.override is not None:
            override = sa.cast(calls.c[columns.override], sa.Text)
        return source, (calls.c[columns.began], override)

    def _no_recording(self, call: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Return the conditions that no recording of a call has its file any more."""
        conditions: list[ColumnElement[bool]] = []
        for each in self._rule.recordings:
            mapped = self._datamap.tables[each.table]
            for path in self._tables.paths(mapped, self._rule.calls):
                # A name of its own: both paths begin at an alias of the same name.
                recorded = (
                    sa.select(path.reached.label("call"))
                    .select_from(path.joined)
                    .where(_has_path(path.start.c[_path_column(mapped)]))
                    .subquery(f"recorded_{len(conditions)}")
                )
                conditions.append(
                    ~sa.exists(sa.select(sa.literal(1)).where(recorded.c.call == call))
                )
        return conditions

    def _queues(self, calls: Collection[str]) -> Mapping[str | None, str | None]:
        queue = self._rule.queue
        if queue is None or not calls:
            return {}
        mapped, _ = self._calls
        found: dict[str | None, str | None] = {}
        for path in self._tables.paths(mapped, queue.table):
            source, column = self._tables.column_at(path, mapped, queue)
            rows = self._connection.execute(
                sa.select(path.key[0], sa.cast(column, sa.Text))
                .select_from(source)
                .where(self._tables.key_is_one_of(mapped, [(call,) for call in calls], path.start))
            )
            found.update((row[0], row[1]) for row in rows)
        return found

    def _in_order(
        self, query: sa.Select[Any], source: sa.FromClause, mapped: Table
    ) -> Iterator[list[Any]]:
        """Yield the rows of a query in batches, each a statement that goes on after the last."""
        names = [source.c[name] for name in mapped.key]
        typed = query.add_columns(*names).order_by(*names).limit(_BATCH)
        last: tuple[Any, ...] | None = None
        while True:
            batch = typed
            if last is not None:
                batch = typed.where(
                    sa.tuple_(*names)
                    > sa.tuple_(
                        *(
                            sa.cast(sa.literal(part), name.type)
                            for part, name in zip(last, names, strict=True)
                        )
                    )
                )
            rows = self._connection.execute(batch).all()
            if rows:
                last = tuple(rows[-1][-len(names) :])
                yield [row[: -len(names)] for row in rows]
            if len(rows) < _BATCH:
                return


def _path_column(table: Table) -> str:
    """Return the column of a table of recordings that names the file."""
    (column,) = (
        one.name for one in table.columns if one.erasure.treatment is Treatment.DELETE_OBJECT
    )
    return column


def _has_path(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row names a file: a column that may not be NULL says so where it does not."""
    return column.is_not(None) & sa.cast(column, sa.Text).not_in(["", NO_PATH])
