"""What every connection is told first, so that no setting of elsewhere changes what is read."""

import json
from typing import Any, Final, cast

import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader

from lacuna.errors import ConfigurationError

CONNECT: Final = {
    "client_encoding": "utf8",
    "keepalives_idle": 60,
    "keepalives_interval": 20,
    "keepalives_count": 6,
    "tcp_user_timeout": 180_000,
}
"""Arguments of a connection: PGCLIENTENCODING, a role or a database may have set another encoding, and
a server or a network that is gone without a word is noticed within three minutes."""

# What PostgreSQL reports of a new connection, how it has to begin, and what makes it so.
_STYLES: Final = (
    (b"DateStyle", b"ISO", "set datestyle to iso"),
    (b"IntervalStyle", b"postgres", "set intervalstyle to postgres"),
)
_DATES: Final = ("date", "time", "timetz", "timestamp", "timestamptz")
_LONGEST_NUMBER: Final = 4300  # digits; Python reads no longer one (sys.int_info)


def loads(document: str | bytes) -> object:
    """Return a JSON document; a whole number that is too long for Python stays as it is written."""
    return json.loads(document, parse_int=_number)


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def begin(connection: psycopg.Connection[Any]) -> None:
    """Make a new connection read what is stored, whatever the defaults of database and role.

    A date that Python's calendar has not (`infinity`, before Christ, after the year 9999, 24:00) is
    read as the text that PostgreSQL writes: one such value would keep all others from being read.

    Raises:
        ConfigurationError: the database keeps bytes of no known encoding.
    """
    status = connection.pgconn.parameter_status
    if status(b"server_encoding") == b"SQL_ASCII":
        raise ConfigurationError(
            "the database has the encoding SQL_ASCII, which accepts any bytes as text, so nobody "
            "can be found reliably. Move it to a database with the encoding UTF8"
        )
    for setting, beginning, statement in _STYLES:
        if not (status(setting) or b"").startswith(beginning):
            connection.execute(statement)
            connection.commit()
    for name in _DATES:
        connection.adapters.register_loader(name, _or_text(name))


def _or_text(name: str) -> type[Loader]:
    oid = psycopg.adapters.types[name].oid
    own = cast(type[Loader], psycopg.adapters.get_loader(oid, psycopg.pq.Format.TEXT))

    class OrText(Loader):
        """Reads a date as psycopg does, or as text where Python has none such."""

        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._own = own(oid, context)

        def load(self, data: Buffer) -> object:
            try:
                return self._own.load(data)
            except psycopg.DataError:
                return bytes(data).decode()

    return OrText
