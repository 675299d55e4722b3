"""Reads Airflow's metadata database for verification: XCom, rendered fields, conf, logs, notes.

Read-only: a PostgreSQL or MySQL role of one's own that may read, or the SQLite file. No table of it
is known by name: every column of every table that can hold text or a document is read, so that a
new version of Airflow hides nothing. What it stores compressed is unpacked by the search.
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
_SCHEMA: Final = "airflow"
# Nothing of a person fits into these.
_NOTHING: Final = (sa.DateTime, sa.Date, sa.Time, sa.Boolean, sa.Interval, sa.Float)


class AirflowReader:
    """The metadata database of one Airflow, to read.

    Attributes:
        unread: nothing: where a table cannot be read, nothing is.
        opaque: nothing either.
    """

    unread: Final[Mapping[str, str]] = {}
    opaque: Final[Mapping[str, str]] = {}

    def __init__(self, url: str) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigurationError: it is no database URL.
        """
        try:
            self._engine = sa.create_engine(
                url, poolclass=sa.pool.NullPool, hide_parameters=True, logging_name="lacuna"
            )
        except (SQLAlchemyError, ValueError, ImportError):
            raise ConfigurationError(
                "LACUNA_AIRFLOW_DATABASE_URL is not a database URL of an installed driver"
            ) from None

    @classmethod
    def of_file(cls, path: Path) -> "AirflowReader":
        """Return the reader of a SQLite file, which is opened read-only."""
        return cls(f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true")

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        with self._connection() as connection:
            for table in self._tables(connection):
                columns = _searched(table)
                if not columns:
                    continue
                found = connection.execute(
                    sa.select(*(_as_text(column) for column in columns)),
                    execution_options={"yield_per": _FETCHED},
                )
                for part in found.partitions():
                    yield _name(table), _read(columns, part)

    def canary_rows(self, canaries: Canaries) -> Iterator[tuple[TableName, SearchedRows]]:
        """The rows go through the database and the same types, and are written nowhere."""
        with self._connection() as connection:
            for table in self._tables(connection):
                columns = _searched(table)
                if not columns:
                    continue
                rows = [
                    connection.execute(
                        sa.select(*(_as_text(_canary(column, text)) for column in columns))
                    ).one()
                    for text in canaries.texts
                ]
                yield _name(table), _read(columns, rows)

    def indexed(self, values: Sequence[str]) -> Iterator[tuple[ColumnName, Mapping[int, int]]]:
        """Yield nothing: Airflow has none."""
        yield from ()

    def _tables(self, connection: sa.Connection) -> Sequence[sa.Table]:
        metadata = sa.MetaData()
        metadata.reflect(bind=connection, resolve_fks=False)
        return list(metadata.tables.values())

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        problem = ""
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            problem = type(error).__name__
        if problem:
            raise DependencyUnreachable(
                f"Airflow's metadata database cannot be read ({problem}); check "
                "LACUNA_AIRFLOW_DATABASE_URL and the permissions of its role, then verify again"
            )


def _searched(table: sa.Table) -> list[sa.Column[object]]:
    return [
        column
        for column in table.columns
        if not isinstance(column.type, (*_NOTHING, sa.Integer, sa.Numeric, sa.Uuid))
    ]


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


def _name(table: sa.Table) -> TableName:
    return TableName(_SCHEMA, table.name)
