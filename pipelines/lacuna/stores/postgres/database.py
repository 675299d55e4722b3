"""PostgreSQL connections: one transaction, one role, and errors that quote no value."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lacuna.documentation import doc_page
from lacuna.errors import (
    ConfigurationError,
    DatabaseUnreachable,
    DependencyUnreachable,
    LedgerHeld,
    PipelineError,
    RefusedForGood,
    RowsContended,
    StatementRefused,
)
from lacuna.model.run import Role
from lacuna.stores.postgres.connections import ONCE, KeepingPool
from lacuna.stores.postgres.flow_locks import HeldLock, hold
from lacuna.stores.postgres.lock_holders import lock_holders
from lacuna.stores.postgres.session import CONNECT, begin, loads

_OLDEST_VERSION = 140000
# Connection failures and server shutdowns: class 08 and 57P of the SQLSTATE list.
# How a server that speaks English refuses a connection, and what that means.
_NOT_LET_IN: Final = MappingProxyType(
    {
        "password authentication failed": "the server refuses the login or its password",
        "no password supplied": "the server asks for a password, and none was given",
        "no pg_hba.conf entry": "the server lets this login not in from here (pg_hba.conf)",
        'FATAL:  database ".*" does not exist': "the server has no database of this name",
        'FATAL:  role ".*" does not exist': "the server has no such login",
    }
)
_UNREACHABLE = ("08", "57P")
_NOT_THE_ROLE: Final = "permission denied to set role"
# Serialization failure, deadlock, and a lock that was not had in time.
_NOT_IN_TIME = "55P03"
_CANCELED: Final = "57014"
_CONTENDED = frozenset({"40001", "40P01", _NOT_IN_TIME})
# Whoever keeps rows or the ledger locked may not hold up a night, nor be held up behind it.
_LOCK_TIMEOUTS = {Role.EXECUTOR: "5s"}
_LOCK_TIMEOUT = "30s"
_STATEMENT_MINUTES: Final = 120
# A shorter limit of the database or the login stays.
_LIMITS: Final = (
    "select set_config('lock_timeout', :lock, true), set_config('statement_timeout', "
    "(1000 * extract(epoch from least(cast(:longest as interval), "
    "nullif(current_setting('statement_timeout')::interval, '0'))))::bigint::text, true)"
)
_BEGIN: Final = sa.text(_LIMITS)
# SET takes no parameters.
_BEGIN_AS: Final = sa.text(f"{_LIMITS}, set_config('role', :role, true)")
# A schema, table, column or function that is not there, or a right: as where another version made the database.
_UNLIKE_OURS = frozenset({"3F000", "42P01", "42703", "42883", "42501"})
_OTHER_SCHEMAS = (
    ". If Lacuna's own schemas are missing or of another version, lacuna up creates "
    "them or reports it"
)
_LEDGERS_LOCK = "pg_advisory_xact_lock(7205982)"
_QUIET = "lacuna"
_NO_RIGHT: Final = "42501"
_NO_ROLE: Final = "42704"
_RAISED: Final = "exec_stmt_raise"
# What PostgreSQL says of a missing right or role, in English, and the table that a statement begins with.
_DENIED: Final = re.compile(
    r"^(?:permission denied for|must be owner of) (\w+(?: \w+)??) (\S+)$"
    r"|^new row violates row-level security policy (?:\"\S+\" )?for (table) \"(\S+)\"$"
    r"|^(role) \"(\w+)\" does not exist$"
)
_WRITES_TO: Final = re.compile(
    r"\s*(?:update(?:\s+only)?|insert\s+into|delete\s+from(?:\s+only)?)\s+"
    r"((?:\w+|\"[^\"]+\")(?:\.(?:\w+|\"[^\"]+\"))?)",
    re.IGNORECASE,
)
# What stands before a table where a statement reads; `extract(… from …)` and comparisons are none.
_READS_FROM: Final = re.compile(
    r"(?<!distinct )\b(?:from|join)\s+((?:\w+|\"[^\"]+\")\.(?:\w+|\"[^\"]+\"))", re.IGNORECASE
)
_NO_TABLES: Final = re.compile(
    r"'(?:[^']|'')*'|\b(?:extract|substring|trim|overlay)\s*\([^()]*?\bfrom\b", re.IGNORECASE
)
_TIME_GOES_ON = "entry_time_goes_on"
_TABLES: Final = re.compile(r"\btable (\S+?)(?:,|$)")


class _NoRows(logging.Filter):
    """Lets warnings through and nothing else: at DEBUG SQLAlchemy logs every row that is read.

    A filter, not a level: whoever reconfigures logging, as Airflow does, resets levels.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record may be logged."""
        return record.levelno >= logging.WARNING


_NO_ROWS = _NoRows()
logging.getLogger(f"sqlalchemy.engine.Engine.{_QUIET}").addFilter(_NO_ROWS)


class Database:
    """A PostgreSQL database, used through short transactions under a named role."""

    def __init__(
        self,
        url: str,
        of_roles: Mapping[Role, str] | None = None,
        *,
        statement_minutes: int = _STATEMENT_MINUTES,
    ) -> None:
        """Remember the URLs; nothing connects before the first transaction.

        Args:
            url: SQLAlchemy URL for the psycopg driver. Its password, if any, is not printed.
            statement_minutes: after which a statement of a transaction is canceled.
            of_roles: other logins to the same database, for single roles: whoever plans cannot
                take on the role that changes rows.

        Raises:
            ConfigurationError: a URL cannot be read or names another driver.
        """
        self._url = _parsed(url, "LACUNA_DATABASE_URL")
        self.is_current = False
        """Whether its schema was seen to be that of this version."""
        self.holder = "lacuna"
        """Who holds the locks that are taken: a flow and its task, for whoever finds them held."""
        self._locks: list[HeldLock] = []
        self._longest = f"{statement_minutes}min"
        self._engine = _engine(self._url)
        self._of_roles = {
            role: _engine(_parsed(given, f"the address for {role}"))
            for role, given in (of_roles or {}).items()
        }

    @property
    def engine(self) -> sa.Engine:
        """The engine, for code inside `stores/` that streams outside one transaction."""
        return self._engine

    def dispose(self) -> None:
        """Close every connection that is kept."""
        for engine in (self._engine, *self._of_roles.values()):
            engine.dispose()

    @property
    def url(self) -> str:
        """The URL with its password, if any, masked."""
        return self._url.render_as_string(hide_password=True)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep connections for the next transaction until the block ends, instead of closing them.

        What a transaction sets, its role and tenant too, ends with it; so nothing of one is left
        for the next.
        """
        with ExitStack() as kept:
            for engine in (self._engine, *self._of_roles.values()):
                pool = engine.pool
                if not isinstance(pool, KeepingPool):
                    raise ConfigurationError("the engine must use its own pool")
                kept.enter_context(pool.keeping())
            yield

    @contextmanager
    def transaction(
        self, role: Role, *, org_id: str | None = None, is_read_only: bool = False
    ) -> Iterator[sa.Connection]:
        """Run one transaction as `role`; commit at the end, roll back on any error.

        Args:
            org_id: the tenant that row-level security lets a tenant's role see; None for
                batch roles, which see every tenant.
            is_read_only: PostgreSQL then refuses every write.

        Raises:
            DependencyUnreachable: the server does not answer, or it is older than 14.
            StatementRefused: any other error of the database, by class and SQLSTATE.
        """
        engine = self._of_roles.get(role, self._engine)
        named = None if role is Role.OWNER else role
        with _boundary(named, self._lock_holders), engine.begin() as connection:
            if is_read_only:
                connection.execute(
                    sa.text("set transaction isolation level repeatable read, read only")
                )
            limits = {"lock": _LOCK_TIMEOUTS.get(role, _LOCK_TIMEOUT), "longest": self._longest}
            if role is Role.OWNER:
                connection.execute(_BEGIN, limits)
            else:
                connection.execute(_BEGIN_AS, limits | {"role": str(role)})
            if org_id is not None:
                connection.execute(
                    sa.text("select set_config('lacuna.org_id', :org_id, true)"),
                    {"org_id": org_id},
                )
            if not is_read_only:
                for lock in self._locks:
                    lock.begin(connection)
            yield connection

    @contextmanager
    def autocommit(self) -> Iterator[sa.Connection]:
        """Yield a connection of the login, on which each statement is a transaction of its own.

        For what PostgreSQL runs in no other, such as VACUUM.

        Raises:
            DependencyUnreachable: the server does not answer.
            StatementRefused: any other error of the database that the block lets through.
        """
        with _boundary(None, self._lock_holders), self._engine.connect() as connection:
            connection.info[ONCE] = True
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def require_locks(self) -> None:
        """Check that this process still has the locks that it took.

        Raises:
            DatabaseUnreachable: one was lost with its connection.
        """
        for lock in self._locks:
            lock.require()

    def share_locks(self, connection: sa.Connection) -> None:
        """Let a session that commits each statement by itself work under the locks, until it ends."""
        for lock in self._locks:
            lock.begin(connection, is_session=True)

    @contextmanager
    def session_lock(self, name: str, *, is_shared: bool = False) -> Iterator[str | None]:
        """Hold a flow's lock while the block runs; yield who holds it instead, or None.

        It belongs to a connection of its own: when the process dies, it is free again. While it
        is held, a transaction that may write fails if that connection was lost.

        Args:
            is_shared: others may share it; whoever wants it alone waits for all of them.
        """
        with (
            self.autocommit() as connection,
            hold(connection, name, self.holder, is_shared=is_shared) as held,
        ):
            if isinstance(held, str):
                yield held
                return
            self._locks.append(held)
            try:
                yield None
            finally:
                self._locks.remove(held)

    def _lock_holders(self, tables: Sequence[str]) -> str:
        with suppress(DBAPIError), self._engine.connect() as connection:
            return lock_holders(connection, tables)
        return ""

    def place(self, role: Role) -> tuple[int, str]:
        """Return the server's identifier and the database that a role's address leads to."""
        with self.transaction(role, is_read_only=True) as connection:
            identifier, name = connection.execute(
                sa.text("select system_identifier, current_database() from pg_control_system()")
            ).one()
        return int(identifier), str(name)

    def clock(self) -> tuple[datetime, bool]:
        """Return the server's time, aware, and whether it is a standby, which takes no changes."""
        with self.transaction(Role.OWNER, is_read_only=True) as connection:
            at, is_standby = connection.execute(
                sa.text("select clock_timestamp(), pg_is_in_recovery()")
            ).one()
        return at, is_standby

    def check(self) -> int:
        """Return the server's version number.

        Raises:
            DependencyUnreachable: no answer, or a server older than PostgreSQL 14.
        """
        with self.transaction(Role.OWNER) as connection:
            number = int(connection.execute(sa.text("show server_version_num")).scalar_one())
        if number < _OLDEST_VERSION:
            raise DependencyUnreachable(
                f"PostgreSQL {number // 10000} is too old; Lacuna needs 14 or newer"
            )
        return number


def _parsed(url: str, name: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (SQLAlchemyError, ValueError):
        raise ConfigurationError(f"{name} is not a database URL") from None
    if parsed.drivername not in ("postgresql", "postgresql+psycopg"):
        raise ConfigurationError(f"{name} uses {parsed.drivername}; write postgresql+psycopg://…")
    return parsed.set(drivername="postgresql+psycopg")


def _engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=KeepingPool,
        hide_parameters=True,
        logging_name=_QUIET,
        connect_args=CONNECT,
        json_deserializer=loads,
    )
    sa.event.listen(engine, "connect", lambda connection, _: begin(connection))
    return engine


def _drivers_own(error: DBAPIError | psycopg.Error) -> BaseException | None:
    """Return the driver's error: COPY goes to the driver directly, past SQLAlchemy's own wrapping."""
    return error.orig if isinstance(error, DBAPIError) else error


@contextmanager
def _boundary(role: Role | None, holders: Callable[[Sequence[str]], str]) -> Iterator[None]:
    """Turn driver errors into Lacuna's own: a driver's text quotes row values.

    Args:
        role: as whom the statements run; None for the login itself.
        holders: returns who locks some tables, or any table as a whole.
    """
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        drivers_own = _drivers_own(error)
        statement = error.statement if isinstance(error, DBAPIError) else None
        place = _place_of(drivers_own, statement, role)
        held = ""
        if getattr(drivers_own, "sqlstate", None) == _NOT_IN_TIME:
            held = holders(_TABLES.findall(place))
        raise _own(drivers_own, place, held) from None
    except SQLAlchemyError as error:
        raise StatementRefused(
            f"a statement could not be run: {type(error).__name__}; the transaction was rolled back"
        ) from None


def _place_of(error: BaseException | None, statement: str | None, role: Role | None) -> str:
    """Return where the database refused something: names of the schema, and the role.

    It names the place of a constraint itself. A missing right stands in its text, which names no
    row; of any other error the table is what the statement writes to. What a function raises can
    have any text, a row's value too.
    """
    diagnostics = getattr(error, "diag", None)
    is_raised = getattr(diagnostics, "source_function", None) == _RAISED
    places = [
        f"{place} {name}"
        for place in (("table", "constraint") if is_raised else ("table", "column", "constraint"))
        if (name := getattr(diagnostics, f"{place}_name", None))
    ]
    denied = None
    if getattr(error, "sqlstate", None) in (_NO_RIGHT, _NO_ROLE) and not is_raised:
        denied = _DENIED.search(getattr(diagnostics, "message_primary", None) or "")
    if denied is not None:
        places.append(" ".join(name for name in denied.groups() if name))
    elif not places and (written := _WRITES_TO.match(statement or "")) is not None:
        places.append(f"table {written[1]}")
    elif not places:
        read = _READS_FROM.findall(_NO_TABLES.sub("", statement or ""))
        places += [f"table {name}" for name in dict.fromkeys(read)]
    if role is not None:
        places.append(f"role {role}")
    return "".join(f", {place}" for place in places)


def _own(error: BaseException | None, where: str, held: str) -> PipelineError:
    """Return our own error for a driver's: its class, SQLSTATE and place, never its text.

    Args:
        held: who may have held what was not had in time.
    """
    kind = type(error).__name__
    sqlstate = getattr(error, "sqlstate", None)
    is_lost = (
        isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
        if sqlstate is None
        else sqlstate.startswith(_UNREACHABLE)
    )
    if is_lost:
        # No SQLSTATE comes with a connection that was refused, and its text names no row.
        for said, what in _NOT_LET_IN.items():
            if sqlstate is None and re.search(said, str(error)):
                return DatabaseUnreachable(
                    f"{what} ({kind}); check LACUNA_DATABASE_URL, then run again"
                )
        return DatabaseUnreachable(
            f"the database does not answer ({kind}); check LACUNA_DATABASE_URL, then run again"
        )
    diagnostics = getattr(error, "diag", None)
    context = getattr(diagnostics, "context", None) or ""
    if sqlstate == _NOT_IN_TIME and _LEDGERS_LOCK in context:
        return LedgerHeld(
            "another session holds the lock of the ledger; nothing was recorded or changed. Find "
            "it: select pid from pg_locks where locktype = 'advisory' and objid = 7205982 and "
            "granted. If it does not belong to Lacuna, end it, then run again"
        )
    if getattr(diagnostics, "constraint_name", None) == _TIME_GOES_ON:
        return StatementRefused(
            "the ledger has an entry or a seal that is more than twelve hours later; nothing was "
            "recorded or changed. Correct the clock of this machine. If an earlier clock was "
            f"ahead, see {doc_page('runbook', 'The clock went back')}"
        )
    refused: type[StatementRefused] = StatementRefused
    if sqlstate in _CONTENDED:
        refused = RowsContended
    elif sqlstate in _UNLIKE_OURS or sqlstate == _CANCELED:
        refused = RefusedForGood
    what_now = _OTHER_SCHEMAS if sqlstate in _UNLIKE_OURS else ""
    if sqlstate == _NOT_IN_TIME:
        # Who holds it comes first: a log is read at its left edge.
        who = held or "nobody holds it any more"
        return refused(
            f"a lock was not had in time: {who}; the transaction was rolled back. Run again when it "
            f"is free ({kind}, SQLSTATE {sqlstate}{where})"
        )
    if sqlstate == _CANCELED:
        what_now = (
            ". An administrator canceled it, or it took longer than LACUNA_STATEMENT_MINUTES: find "
            "out what slows it down (a missing index, old statistics), or allow more"
        )
    if (getattr(diagnostics, "message_primary", None) or "").startswith(_NOT_THE_ROLE):
        what_now = ". The login may not act as this role: check the login in LACUNA_DATABASE_URL"
    return refused(
        f"the database refused a statement: {kind}, SQLSTATE {sqlstate or 'none'}{where}; "
        f"the transaction was rolled back{what_now}"
    )
