"""Locks of flows: held by a session, with a name that can be read, and never lost unnoticed.

An advisory lock belongs to a connection. Where that is lost, a restart of the server or a cut of
the network, the lock is free for others, while its process goes on over other connections. So a
transaction that changes something first asks the lock's own connection, and whoever takes a lock
waits for the transactions that asked before.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from lacuna.errors import DatabaseUnreachable

# Application names are cut to 63 bytes by the server.
_HOLD: Final = sa.text(
    "select set_config('application_name', left(:holder, 38) || ' since ' || "
    "to_char(now() at time zone 'utc', 'YYYY-MM-DD HH24:MI') || 'Z', false), "
    # It is silent for hours. A machine that died without a word is noticed within three minutes.
    "set_config('lock_timeout', '30s', false), set_config('idle_session_timeout', '0', false), "
    "set_config('tcp_keepalives_idle', '60', false), "
    "set_config('tcp_keepalives_interval', '20', false), "
    "set_config('tcp_keepalives_count', '6', false), pg_backend_pid()"
)
_TAKE: Final = sa.text("select pg_try_advisory_lock(:key)")
_GIVE: Final = sa.text("select pg_advisory_unlock(:key)")
_TAKE_SHARED: Final = sa.text("select pg_try_advisory_lock_shared(:key)")
_GIVE_SHARED: Final = sa.text("select pg_advisory_unlock_shared(:key)")
_WAIT: Final = sa.text("select pg_advisory_lock(:key), pg_advisory_unlock(:key)")
_BEGIN: Final = "select pg_advisory_xact_lock_shared(%s)"
_BEGIN_SESSION: Final = "select pg_advisory_lock_shared(%s)"
_HOLDER: Final = sa.text(
    # A session may give itself any name.
    "select case when a.application_name ~ '^[A-Za-z0-9 ._:\\[\\]-]{1,63}$' "
    "then a.application_name else 'a session' end || ', server process ' || l.pid from pg_locks l "
    "join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.granted "
    "and l.database = (select oid from pg_database where datname = current_database()) "
    "and l.objsubid = 1 and (l.classid::bigint << 32 | l.objid::bigint) = :key "
    "order by l.pid limit 1"
)


@dataclass(frozen=True)
class HeldLock:
    """A lock that this process holds.

    Attributes:
        connection: whose session holds it.
        backend: number of the server's process that serves it.
        work_key: of the lock that each transaction under it shares until its end.
    """

    name: str
    connection: psycopg.Connection[Any]
    backend: int
    work_key: int

    def begin(self, connection: sa.Connection, *, is_session: bool = False) -> None:
        """Let a transaction work under the lock, if it is still held, or a session until it ends.

        Raises:
            DatabaseUnreachable: the lock's connection is lost; somebody else may have the lock.
        """
        connection.exec_driver_sql(_BEGIN_SESSION if is_session else _BEGIN, (self.work_key,))
        self.require()

    def require(self) -> None:
        """Check that the lock is still held.

        Raises:
            DatabaseUnreachable: as for `begin`.
        """
        backend = 0
        with suppress(psycopg.Error):
            (backend,) = self.connection.execute("select pg_backend_pid()").fetchone() or (0,)
        if backend != self.backend:
            # Another number: what lies between hands connections on, and locks with them.
            raise DatabaseUnreachable(
                f'the connection that held the lock "{self.name}" was lost, so another run may '
                "be at work; this transaction was rolled back. Run again. If a pooler lies "
                "between, let it keep sessions"
            )


@contextmanager
def hold(
    connection: sa.Connection, name: str, holder: str, *, is_shared: bool
) -> Iterator[HeldLock | str]:
    """Hold a lock while the block runs, on a connection that does nothing else.

    Yields:
        The lock; or who has it, where it is not free.
    """
    key = _key(name)
    backend = connection.execute(_HOLD, {"holder": holder}).one()[-1]
    take, give = (_TAKE_SHARED, _GIVE_SHARED) if is_shared else (_TAKE, _GIVE)
    if not connection.execute(take, {"key": key}).scalar_one():
        found = connection.execute(_HOLDER, {"key": key}).scalar_one_or_none()
        yield found or "a session that has just ended"
        return
    alone, shared = _key(f"{name} work"), _key(f"{name} shared work")
    # Transactions of a holder whose connection was lost: of those that share it none is in our way.
    try:
        for work in (alone,) if is_shared else (alone, shared):
            connection.execute(_WAIT, {"key": work})
    except OperationalError:
        yield "a transaction of a run that lost it, which has not ended"
        return
    own = connection.connection.driver_connection
    if not isinstance(own, psycopg.Connection):
        raise TypeError("the lock needs a connection of psycopg")
    try:
        yield HeldLock(name, own, backend, shared if is_shared else alone)
    finally:
        # By itself the server notices the end of a connection a moment after us. One that is
        # lost holds nothing any more.
        with suppress(DBAPIError):
            connection.execute(give, {"key": key})


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
