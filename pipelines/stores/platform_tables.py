"""The platform's tables as SQLAlchemy objects, and the joins that lead from a row to a person.

Identifiers come from reflection, checked against the data map; no SQL text is built from
names, and values are always parameters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from pipelines.errors import DataMapDrift
from pipelines.model.datamap import DataMap, Link, Table
from pipelines.model.location import ColumnName, RowKey, TableName


@dataclass(frozen=True)
class Path:
    """The joins from a table to the person (or to another table that a level starts from).

    Attributes:
        start: the table itself.
        joined: what to select from.
        reached: the column that holds the key of the row arrived at.
        key: the start row's primary key, each part as text.
    """

    start: FromClause
    joined: FromClause
    reached: ColumnElement[Any]
    key: tuple[ColumnElement[str], ...]

    @property
    def owner(self) -> ColumnElement[str]:
        """The key of the row arrived at, as text."""
        return sa.cast(self.reached, sa.Text)


class PlatformTables:
    """Reflected tables of one platform, made once a connection and data map."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        """Reflect lazily through `connection`; a table missing there is drift."""
        self._connection = connection
        self._datamap = datamap
        self._metadata = sa.MetaData()

    def table(self, name: TableName) -> sa.Table:
        """Return the reflected table.

        Raises:
            DataMapDrift: the database has no such table.
        """
        known = self._metadata.tables.get(str(name))
        if known is not None:
            return known
        try:
            columns = sa.inspect(self._connection).get_columns(name.name, schema=name.schema)
        except NoSuchTableError:
            raise DataMapDrift(
                f"the database has no table {name}; fix the data map or add a migration"
            ) from None
        # The columns are all that is needed: keys and links come from the data map.
        return sa.Table(
            name.name,
            self._metadata,
            *(sa.Column(column["name"], column["type"]) for column in columns),
            schema=name.schema,
        )

    def key(self, table: Table, source: FromClause | None = None) -> list[ColumnElement[str]]:
        """Return the primary key columns of `table`, each cast to text."""
        columns = (self.table(table.name) if source is None else source).c
        return [sa.cast(columns[name], sa.Text) for name in table.key]

    def key_is_one_of(
        self, table: Table, keys: Iterable[RowKey], source: FromClause | None = None
    ) -> ColumnElement[bool]:
        """Return the condition that a row's key is one of `keys`, so that an index serves it."""
        columns = (self.table(table.name) if source is None else source).c
        parts = list(zip(*keys, strict=True))
        if not parts:
            return sa.false()
        texts = sa.func.unnest(*(sa.cast(list(values), ARRAY(sa.Text)) for values in parts))
        wanted = texts.table_valued(*table.key).render_derived()
        return sa.tuple_(*(columns[name] for name in table.key)).in_(
            sa.select(*(sa.cast(wanted.c[name], columns[name].type) for name in table.key))
        )

    def paths(self, table: Table, target: TableName) -> Iterator[Path]:
        """Yield the joins of every path of the data map from `table` to `target`."""
        for chain in self._datamap.path_to(table.name, target):
            yield self._along(table, chain, target)

    def column_at(
        self, path: Path, table: Table, column: ColumnName
    ) -> tuple[FromClause, ColumnElement[Any]]:
        """Return a source that goes on to the row a path arrives at, and a column of that row."""
        if column.table == table.name:
            return path.joined, path.start.c[column.name]
        arrived = self.table(column.table).alias("arrived")
        key = arrived.c[self._single_key(column.table)]
        return path.joined.join(arrived, path.reached == key), arrived.c[column.name]

    def _along(self, table: Table, chain: tuple[Link, ...], target: TableName) -> Path:
        start = self.table(table.name).alias("start")
        here: FromClause = start
        joined: FromClause = start
        reached = None if chain else here.c[self._single_key(target)]
        for position, link in enumerate(chain):
            reached = here.c[link.column]
            if position + 1 < len(chain):
                # The last link holds the target's key itself: no join is needed for it.
                following = self.table(link.table).alias(f"step_{position}")
                joined = joined.join(
                    following, reached == following.c[self._single_key(link.table)]
                )
                here = following
        if reached is None:
            raise DataMapDrift(f"{table.name}: no path to {target} in the data map")
        return Path(start, joined, reached, tuple(self.key(table, start)))

    def _single_key(self, name: TableName) -> str:
        key = self._datamap.tables[name].key
        if len(key) != 1:
            raise DataMapDrift(
                f"{name} has a key of {len(key)} columns; a link needs a table with a single one"
            )
        return key[0]


def is_document(column: ColumnElement[Any]) -> bool:
    """Whether `as_text` gives JSON."""
    return isinstance(column.type, ARRAY | sa.JSON)


def as_text(column: ColumnElement[Any]) -> ColumnElement[str | None]:
    """Return a column as text to search in: arrays and documents as JSON, the rest as cast."""
    if isinstance(column.type, ARRAY):
        return sa.cast(sa.func.to_jsonb(column), sa.Text)
    return sa.cast(column, sa.Text)


def from_text(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """Return the parameter `name`, written by `as_text` and covered since, as a column value."""
    value = sa.bindparam(name, type_=sa.Text)
    if isinstance(column.type, ARRAY):
        elements = sa.func.jsonb_array_elements_text(sa.cast(value, JSONB)).column_valued("element")
        return sa.func.array(sa.select(elements).scalar_subquery(), type_=column.type)
    return sa.cast(value, column.type)
