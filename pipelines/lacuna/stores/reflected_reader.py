"""Reads a database by what it says of its own tables: Airflow's metadata, or one of another make.

Read-only: a role that may read, or a SQLite file. No table is known by name: every column of every
table that can hold text or a document is read, so that a new version of Airflow hides nothing. What
is stored compressed is unpacked by the search.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.model.location import ColumnName, TableName
from lacuna.ports import Canaries, SearchedRows

_FETCHED: Final = 2000
_LIMITS: Final = "set lock_timeout = '30s'; set statement_timeout = '1h'"
# Nothing of a person fits into these.
_NUMBERS: Final = (sa.Integer, sa.Numeric)
_NOTHING: Final = (sa.DateTime, sa.Date, sa.Time, sa.Boolean, sa.Interval, sa.Float)


class ReflectedReader:
    """One database, to read.

    Attributes:
        unread: tables that could not be read → why, once `rows` has come to them.
        opaque: nothing.
    """

    def __init__(self, url: str | sa.URL, name: str, what_now: str) -> None:
        """Connect to nothing yet.

        Args:
            name: of the database in places, as the schema of its tables.
            what_now: what to check where it does not answer.

        Raises:
            ConfigurationError: it is no database URL.
        """
        self._name = name
        self._what_now = what_now
        self.unread: dict[str, str] = {}
        self.opaque: dict[str, str] = {}
        try:
            self._engine = sa.create_engine(
                url, poolclass=sa.pool.NullPool, hide_parameters=True, logging_name="lacuna"
            )
        except (SQLAlchemyError, ValueError, ImportError):
            raise ConfigurationError(
                f"{name}: not a database URL of an installed driver; {what_now}"
            ) from None

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        with self._connection() as connection:
            tables = self._tables(connection)
        for table in tables:
            columns = self._searched(table)
            if not columns:
                continue
            try:
                yield from self._rows_of(table, columns)
            except DependencyUnreachable as error:
                self.unread[str(self._place(table))] = str(error)

    def _rows_of(
        self, table: sa.Table, columns: Sequence[sa.Column[object]]
    ) -> Iterator[tuple[TableName, SearchedRows]]:
        with self._connection() as connection:
            found = connection.execute(
                sa.select(*(_as_text(column) for column in columns)),
                execution_options={"yield_per": _FETCHED},
            )
            for part in found.partitions():
                yield self._place(table), _read(columns, part)

    def canary_rows(self, canaries: Canaries) -> Iterator[tuple[TableName, SearchedRows]]:
        """The rows go through the database and the same types, and are written nowhere."""
        with self._connection() as connection:
            for table in self._tables(connection):
                columns = self._searched(table)
                if not columns or str(self._place(table)) in self.unread:
                    continue
                rows = [
                    connection.execute(
                        sa.select(*(_as_text(_canary(column, text)) for column in columns))
                    ).one()
                    for text in canaries.texts
                ]
                yield self._place(table), _read(columns, rows)

    def indexed(self, values: Sequence[str]) -> Iterator[tuple[ColumnName, Mapping[int, int]]]:
        """Yield nothing: what such a database has of the kind it holds as text."""
        yield from ()

    def _place(self, table: sa.Table) -> TableName:
        return TableName(self._name, table.name)

    def _searched(self, table: sa.Table) -> list[sa.Column[object]]:
        return [
            column
            for column in table.columns
            # A number that is a key, or leads to one, is no telephone number.
            if not (
                isinstance(column.type, _NUMBERS) and (column.primary_key or column.foreign_keys)
            )
        ]

    def _tables(self, connection: sa.Connection) -> Sequence[sa.Table]:
        metadata = sa.MetaData()
        metadata.reflect(bind=connection, resolve_fks=False)
        return list(metadata.tables.values())

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        problem = ""
        try:
            with self._engine.connect() as connection:
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(_LIMITS)
                yield connection
        except SQLAlchemyError as error:
            problem = type(error).__name__
        if problem:
            raise DependencyUnreachable(
                f"{self._name} cannot be read ({problem}); {self._what_now}"
            )


class AirflowReader(ReflectedReader):
    """The metadata database of one Airflow: XCom, rendered fields, conf, logs, notes."""

    def __init__(self, url: str | sa.URL) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigurationError: it is no database URL.
        """
        super().__init__(
            url,
            "airflow",
            "check LACUNA_AIRFLOW_DATABASE_URL and the permissions of its role, then verify again",
        )

    @classmethod
    def of_file(cls, path: Path) -> "AirflowReader":
        """Return the reader of a SQLite file, which is opened read-only."""
        return cls(_read_only(path))

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield the rows of every table.

        Raises:
            DependencyUnreachable: it does not answer, or a table may not be read.
        """
        yield from super().rows()
        for why in self.unread.values():
            raise DependencyUnreachable(why)

    def flows(self) -> tuple[Mapping[str, bool], frozenset[str]]:
        """Return whether each of Lacuna's flows is paused, and the names of the pools with slots.

        Raises:
            DependencyUnreachable: it does not answer, or is no Airflow's.
        """
        dag, pool = (
            sa.table("dag", *map(sa.column, ("dag_id", "is_paused", "is_stale"))),
            sa.table("slot_pool", sa.column("pool"), sa.column("slots")),
        )
        with self._connection() as connection:
            # A stale one is known from a file that is gone, or that does not import any more.
            known = sa.select(dag.c.dag_id, dag.c.is_paused).where(~dag.c.is_stale)
            rows = connection.execute(known).all()
            pools = (
                connection.execute(sa.select(pool.c.pool).where(pool.c.slots != 0)).scalars().all()
            )
        return {name: bool(flag) for name, flag in rows if name.startswith("gdpr_")}, frozenset(
            pools
        )

    def _searched(self, table: sa.Table) -> list[sa.Column[object]]:
        nothing = (*_NOTHING, *_NUMBERS, sa.Uuid)
        return [one for one in super()._searched(table) if not isinstance(one.type, nothing)]


def parsed_address(url: str) -> sa.URL:
    """Return a database's address; a SQLite file is one that SQLite will not write to.

    Raises:
        ConfigurationError: it is none, or there is no such file.
    """
    try:
        address = sa.make_url(url)
    except (SQLAlchemyError, ValueError):
        raise ConfigurationError(
            "the address of a database must be as postgresql://USER@HOST/NAME or sqlite:///FILE"
        ) from None
    if not address.drivername.startswith("sqlite"):
        return address
    file = Path(address.database or "").absolute()
    if not file.is_file():
        raise ConfigurationError("the address of a database names a file that does not exist")
    # Whoever has a file with a write-ahead log open keeps that log beside it.
    is_closed = _keeps_log(file) and not file.with_name(f"{file.name}-wal").exists()
    return sa.make_url(_read_only(file, is_closed=is_closed))


def _read_only(path: Path, *, is_closed: bool = False) -> str:
    """Return the URL of a SQLite file that SQLite will not write to.

    Args:
        is_closed: nobody has it open: SQLite leaves nothing beside it then.
    """
    more = "&immutable=1" if is_closed else ""
    return f"sqlite:///file:{quote(str(path))}?mode=ro{more}&uri=true"


def _keeps_log(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(20)[18:20] == b"\2\2"


def _as_text(column: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    """Return a column as it is searched: bytes as they are, all else as text."""
    if isinstance(column.type, sa.LargeBinary):
        return column
    return sa.cast(column, sa.Text)


def _canary(column: sa.Column[object], text: str) -> sa.ColumnElement[object]:
    if isinstance(column.type, sa.LargeBinary):
        return sa.cast(sa.literal(text.encode()), sa.LargeBinary)
    if isinstance(column.type, sa.JSON):
        return sa.literal({text: [text]}, column.type)
    return sa.literal(text)


def _read(columns: Sequence[sa.Column[object]], rows: Sequence[Sequence[object]]) -> SearchedRows:
    parts = list(zip(*rows, strict=True))
    return SearchedRows(
        {
            column.name: [
                value if isinstance(value, str | bytes) or value is None else str(value)
                for value in part
            ]
            for column, part in zip(columns, parts, strict=True)
        }
    )
