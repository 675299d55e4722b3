"""Takes what was erased out of PostgreSQL's own files: dead rows, indexes, statistics, the log.

An UPDATE or DELETE leaves the old row in the table's file, its values in indexes and in
`pg_statistic`, and all of it in the write-ahead log; plain VACUUM frees the space and keeps the
bytes. What removes them, in this order:

1. every row of the table is written as it is, so that all have one transaction number
   (`renumbering`); a materialized view is rebuilt instead;
2. statistics of the table are deleted, CLUSTER by a unique index (`VACUUM FULL` where there is
   none) writes table, indexes and long values into new files, ANALYZE makes new statistics.
   ANALYZE alone leaves those of an empty table as they were;
3. `VACUUM FULL` of the catalogs that held the statistics (superuser);
4. `pg_switch_wal` and checkpoints: segments before the last checkpoint go, where they are not kept.

Everything runs under the login itself, each command in a transaction of its own: VACUUM takes no
other. Whether a command had an effect is looked at afterwards: without the right, VACUUM warns
and does nothing.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from lacuna.errors import StatementRefused
from lacuna.model.evidence import Action
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.model.scrub import Rewriting, ScrubRefusal, TableFiles
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.renumbering import in_transaction, order_of, renumber
from lacuna.stores.postgres.scrub_queries import (
    CHANGES_OF,
    CHANGING,
    CLEARING,
    CLUSTERED,
    COLUMNS,
    DELETING,
    EXPOSING,
    FILES,
    HAS_STATISTICS,
    LOCKED,
    OLDER,
    OWNED,
    OWNS,
    PARENTS,
    SEGMENTS_LEFT,
    WITH_STATISTICS,
)

_OWN_SCHEMA: Final = "lacuna"
# Whoever waits for a table is waited for by everybody who comes after.
_LOCK_TIMEOUT: Final = "2s"
_SECONDS_FOR_OLDER: Final = 5.0
_CHECKPOINTS: Final = 3
_NOT_AVAILABLE: Final = frozenset({"55P03", "40P01"})  # lock_not_available, deadlock_detected
_NOT_PERMITTED: Final = frozenset({"42501"})
# What a row, a table or the query of a view does not allow: a value or function that fails, a constraint,
# a limit, a state such as being published without an identity.
_REFUSED: Final = ("0A", "22", "23", "38", "42", "54", "55", "P0")
# Of Lacuna's own tables those in which an erasure, or what follows it, writes keys of the platform's rows.
_WITH_KEYS_OF_ROWS: Final = frozenset({"fixed_link", "sweep_done"})
_WITH_FLUSHING: Final = 150000
_SECONDS_TO_COUNT: Final = 1.0
_WITH_CLEARING: Final = 180000
_WITH_RINGS: Final = 160000


class PostgresScrubber:
    """Rewrites files of one database, as `ports.Scrubber`."""

    def __init__(
        self, database: Database, *, seconds_for_older: float = _SECONDS_FOR_OLDER
    ) -> None:
        """Connect to nothing yet.

        Args:
            seconds_for_older: how long older transactions are waited for, before each table.
        """
        self._database = database
        self._seconds_for_older = seconds_for_older

    def tables(self, schemas: Collection[str]) -> tuple[TableFiles, ...]:
        with self._database.transaction(Role.EXECUTOR, is_read_only=True) as connection:
            newest = _newest_entries(connection)
            rows = connection.execute(sa.text(FILES), {"schemas": [*schemas, _OWN_SCHEMA]}).all()
        found = []
        for schema, name, size, changes, dead, known, known_position, seconds, is_view in rows:
            table = TableName(schema, name)
            # Lacuna changes its own with whatever it records; counters come a moment late.
            position = max(
                (
                    at
                    for place, action, at in newest
                    if schema == _OWN_SCHEMA
                    or (action in CHANGING and _lies_in(place, table.location))
                ),
                default=-1,
            )
            found.append(
                TableFiles(
                    table=table,
                    byte_count=size,
                    is_due=changes != known or position > known_position or dead > 0,
                    changes=changes,
                    position=position,
                    lock_seconds=seconds,
                    is_view=is_view,
                )
            )
        return tuple(found)

    def due(self, schemas: Collection[str]) -> tuple[TableFiles, ...]:
        """A row keeps the number of the transaction that locked it last, until it is written again."""
        found = self.tables(schemas)
        with self._session() as session:
            return tuple(one for one in found if one.is_due or session.has_locked(one.table))

    def rewrite(self, files: TableFiles, key: Sequence[str] = ()) -> Rewriting:
        """Rewrite the rows and the files of a table.

        Args:
            key: columns by which Lacuna remembers its rows.
        """
        table = files.table
        with self._session() as session:
            changes, before = session.changes_of(table), session.file_of(table)
            began = time.monotonic()
            rows, linked = _renumbered(session, files, key)
            seconds = time.monotonic() - began
            files = replace(files, changes=_with_updates(changes, rows or 0))
            if not session.outwait_older(self._seconds_for_older):
                return Rewriting(files, seconds, rows, ScrubRefusal.OLDER_TRANSACTION, linked)
            try:
                session.clear_statistics(table)
                began = time.monotonic()
                if not (files.is_view and linked is None):
                    session.write_files(table, is_ordered=linked is None)
                seconds = max(seconds, time.monotonic() - began)
                is_left = session.analyze(table)
            except DBAPIError as error:
                seconds = max(seconds, time.monotonic() - began)
                return Rewriting(files, seconds, rows, _refusal(error, _REFUSED), linked)
            if is_left or session.file_of(table) == before:
                return Rewriting(files, seconds, rows, ScrubRefusal.NOT_PERMITTED, linked)
        return Rewriting(files, seconds, rows, None, linked)

    def renew_statistics(self, tables: Collection[TableName]) -> tuple[TableName, ...]:
        """Their most common values can be read by everybody who may read the table."""
        refused = []
        with self._session() as session:
            owned = session.among(tables, OWNED)
            filled = session.among(tables, WITH_STATISTICS)
            for table in tables:
                if table not in owned:
                    if not self._renewed_by_owner(table):
                        refused.append(table)
                    continue
                if table not in filled:
                    continue
                try:
                    session.clear_statistics(table)
                    is_left = session.analyze(table)
                except DBAPIError as error:
                    _refusal(error)
                    is_left = True
                if is_left:
                    refused.append(table)
        return tuple(refused)

    def _renewed_by_owner(self, table: TableName) -> bool:
        """Let the owner of Lacuna's schemas refresh statistics; return whether that was possible."""
        try:
            with self._database.transaction(Role.EXECUTOR) as connection:
                connection.execute(
                    sa.text("select lacuna.renew_statistics(:schema, :name)"),
                    {"schema": table.schema, "name": table.name},
                )
        except StatementRefused:
            return False
        return True

    def rewrite_statistics(self) -> ScrubRefusal | None:
        """Their dead rows hold values too."""
        catalogs = [
            TableName("pg_catalog", name) for name in ("pg_statistic", "pg_statistic_ext_data")
        ]
        with self._session() as session:
            if not session.outwait_older(self._seconds_for_older):
                return ScrubRefusal.OLDER_TRANSACTION
            for catalog in catalogs:
                before = session.file_of(catalog)
                try:
                    session.run(sql.SQL("vacuum (full) {}").format(_quoted(catalog)))
                except DBAPIError as error:
                    return _refusal(error)
                if session.file_of(catalog) == before:
                    return ScrubRefusal.NOT_PERMITTED
        return None

    def clear_log(self) -> ScrubRefusal | None:
        """Begin a new segment of the write-ahead log and have those before it removed."""
        with self._session() as session:
            try:
                for _ in range(_CHECKPOINTS):
                    session.run(sql.SQL("select pg_switch_wal()"))
                    session.run(sql.SQL("checkpoint"))
                    if session.one(SEGMENTS_LEFT) == 0:
                        return None
            except DBAPIError as error:
                return _refusal(error)
        return ScrubRefusal.LOG_KEPT

    def exposed(self) -> tuple[str, ...]:
        with self._database.transaction(Role.OWNER, is_read_only=True) as connection:
            rows = connection.execute(sa.text(EXPOSING)).all()
        return tuple(f"{name}={setting}" for name, setting in rows)

    @contextmanager
    def _session(self) -> "Iterator[_Session]":
        with self._database.autocommit() as connection:
            connection.exec_driver_sql(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
            self._database.share_locks(connection)
            yield _Session(connection, self._database.require_locks)


class _Session:
    """Commands on one connection, each in a transaction of its own."""

    def __init__(self, connection: sa.Connection, require_locks: Callable[[], None]) -> None:
        self._connection = connection
        self._require_locks = require_locks
        self._is_superuser = bool(self.one("select current_setting('is_superuser')::boolean"))
        self._version = int(str(self.one("select current_setting('server_version_num')")))

    def run(self, statement: sql.Composable) -> int:
        self._require_locks()
        return self._connection.exec_driver_sql(
            statement.as_string(None), execution_options={"no_parameters": True}
        ).rowcount

    def rows(self, statement: str, **values: object) -> Sequence[tuple[Any, ...]]:
        return [tuple(row) for row in self._connection.execute(sa.text(statement), values)]

    def one(self, statement: str, **values: object) -> object:
        return self._connection.execute(sa.text(statement), values).scalar_one_or_none()

    def file_of(self, table: TableName) -> object:
        return self.one(
            "select pg_relation_filenode(to_regclass(:name))", name=_quoted(table).as_string(None)
        )

    def changes_of(self, table: TableName) -> str:
        """Return a text that tells the changes until now, as `TableFiles` has it."""
        return str(self.one(CHANGES_OF, name=_quoted(table).as_string(None)))

    def has_locked(self, table: TableName) -> bool:
        """Whether a row has the number of a lock; whether it could be, if policies hide rows."""
        self.run(sql.SQL("set row_security = off"))
        try:
            return bool(
                self._connection.exec_driver_sql(
                    LOCKED.format(_quoted(table)).as_string(None),
                    execution_options={"no_parameters": True},
                ).scalar_one()
            )
        except DBAPIError as error:
            # What else it may be is said when its rows are written.
            return _refusal(error, _REFUSED) is ScrubRefusal.LOCKED or self.owns(table)

    def write_files(self, table: TableName, *, is_ordered: bool) -> None:
        """Rewrite a table's files, its rows in an order that is not that of their writing."""
        name = _quoted(table)
        index = order_of(self, table) if is_ordered else None
        if index is None:
            self.run(sql.SQL("vacuum (full) {}").format(name))
            return
        with in_transaction(self):
            clustered = self.one(CLUSTERED, name=name.as_string(None))
            self.run(sql.SQL("cluster {} using {}").format(name, sql.Identifier(index)))
            # By what the table is ordered is the platform's to say.
            was = (
                sql.SQL("set without cluster")
                if clustered is None
                else sql.SQL("cluster on {}").format(sql.Identifier(str(clustered)))
            )
            self.run(sql.SQL("alter table {} {}").format(name, was))

    def tell_counts(self) -> None:
        """Have the server count what this session changed, which it does from time to time."""
        if self._version >= _WITH_FLUSHING:
            self.one("select pg_stat_force_next_flush()")
        else:
            time.sleep(_SECONDS_TO_COUNT)
        # What is told before a session becomes idle again.
        self.one("select 1")

    def outwait_older(self, seconds: float) -> bool:
        """Wait for transactions to which rows that are dead by now may still be visible."""
        until = time.monotonic() + seconds
        # With an id of its own: every change that was committed has a smaller one.
        mine = str(self.one("select pg_current_xact_id()::text"))
        while self.one(OLDER, mine=mine):
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        return True

    def clear_statistics(self, table: TableName) -> None:
        """Delete the statistics of a table, its expressions and what is kept over columns."""
        name = _quoted(table).as_string(None)
        if self._is_superuser:
            for statement in DELETING:
                self._connection.execute(sa.text(statement), {"name": name})
        elif self._version >= _WITH_CLEARING:
            self._connection.execute(
                sa.text(CLEARING), {"schema": table.schema, "table": table.name}
            )

    def analyze(self, table: TableName) -> bool:
        """Refresh statistics, of the tables too that the table is a part of; whether old ones are left."""
        for schema, name in [(table.schema, table.name), *self._parents(table)]:
            # A page that ANALYZE was first to read after a change is written, and the log before it:
            # in rings of 2 MB, as it does by itself, once every 256 pages.
            how = sql.SQL("(buffer_usage_limit '16MB')" if self._version >= _WITH_RINGS else "")
            self.run(sql.SQL("analyze {} {}").format(how, sql.Identifier(schema, name)))
        if not self.has_old_statistics(table):
            return False
        self._retype(table)
        return self.has_old_statistics(table)

    def among(self, tables: Collection[TableName], statement: str) -> Collection[TableName]:
        """Return the tables that `OWNED` or `WITH_STATISTICS` returns."""
        asked = {"schemas": [one.schema for one in tables], "names": [one.name for one in tables]}
        return {TableName(schema, name) for schema, name in self.rows(statement, **asked)}

    def owns(self, table: TableName) -> bool:
        return bool(self.one(OWNS, schema=table.schema, table=table.name))

    def has_statistics(self, table: TableName) -> bool:
        return bool(self.one(HAS_STATISTICS, schema=table.schema, table=table.name))

    def has_old_statistics(self, table: TableName) -> bool:
        """Whether a table without rows has statistics: ANALYZE leaves them as they were."""
        if not self.has_statistics(table):
            return False
        statement = sql.SQL("select not exists (select from only {})").format(_quoted(table))
        self.run(sql.SQL("set row_security = off"))
        return bool(
            self._connection.exec_driver_sql(
                statement.as_string(None), execution_options={"no_parameters": True}
            ).scalar_one()
        )

    def _retype(self, table: TableName) -> None:
        """Give each column its own type again: that drops its statistics, and rewrites nothing."""
        columns = self._connection.execute(
            sa.text(COLUMNS), {"name": _quoted(table).as_string(None)}
        ).all()
        for column, kind in columns:
            self.run(
                sql.SQL("alter table {} alter column {} type ").format(
                    _quoted(table), sql.Identifier(column)
                )
                + sql.SQL(kind)
            )

    def _parents(self, table: TableName) -> Sequence[tuple[str, str]]:
        rows = self._connection.execute(sa.text(PARENTS), {"name": _quoted(table).as_string(None)})
        return [(str(schema), str(name)) for schema, name in rows]


def _renumbered(
    session: _Session, files: TableFiles, key: Sequence[str]
) -> tuple[int | None, ScrubRefusal | None]:
    """Give all rows of a table one transaction number; return how many were written, and a refusal.

    None where the rows say nothing of anybody's: a materialized view is rebuilt instead.
    """
    table = files.table
    if table.schema == _OWN_SCHEMA and table.name not in _WITH_KEYS_OF_ROWS:
        return None, None
    try:
        if files.is_view:
            session.run(sql.SQL("refresh materialized view {}").format(_quoted(table)))
            return None, None
        rows = renumber(session, table, key)
    except DBAPIError as error:
        return 0, _refusal(error, _REFUSED)
    session.tell_counts()
    return rows, None


def _with_updates(changes: str, rows: int) -> str:
    """Return the text of `FILES` for a table after so many more updates."""
    updates, *others = changes.split("/")
    return "/".join([str(int(updates) + rows), *others])


def _newest_entries(connection: sa.Connection) -> list[tuple[str, Action, int]]:
    """Return place, action, and position of the newest outcome, of all that change tables of Lacuna."""
    rows = connection.execute(
        sa.text(
            "select location, action, max(position) from lacuna_evidence.entry "
            "where phase = 'outcome' and not action = any(:actions) group by 1, 2"
        ),
        {"actions": [Action.RENUMBER.value, Action.SCRUB.value, Action.KEY_NAMED.value]},
    )
    return [(str(place), Action(action), int(position)) for place, action, position in rows]


def _lies_in(location: str, place: str) -> bool:
    return location == place or location.startswith(f"{place}.")


def _quoted(table: TableName) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def _refusal(error: DBAPIError, of_rows: tuple[str, ...] = ()) -> ScrubRefusal:
    """Return the kind of a refused command; raise any other error of the driver again.

    Args:
        of_rows: classes of errors by which rows are refused as they stand.

    Raises:
        DBAPIError: it is none of what a scrub expects.
    """
    sqlstate = (
        getattr(error.orig, "sqlstate", None) if isinstance(error.orig, psycopg.Error) else None
    )
    if sqlstate in _NOT_AVAILABLE:
        return ScrubRefusal.LOCKED
    if sqlstate in _NOT_PERMITTED:
        return ScrubRefusal.NOT_PERMITTED
    if sqlstate is not None and sqlstate.startswith(of_rows):
        return ScrubRefusal.ROWS_REFUSED
    raise error
