"""Reads the files that rows keep in columns of bytes."""

from collections.abc import Collection, Iterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from lacuna.model.location import RowKey, TableName
from lacuna.model.table import Table
from lacuna.ports import FileRow
from lacuna.stores.postgres.people_reader import PeopleReader, chunks

_AT_ONCE: Final = 4
"""Rows of which the files are held at once; one may have a gigabyte."""


class KeptFilesReader(PeopleReader):
    """Reads files, of which a row may keep several."""

    def files(self, org_ids: Collection[str]) -> Iterator[tuple[TableName, list[FileRow]]]:
        for table in self._datamap.tables.values():
            if table.file_columns:
                tenant = self._tables.tenant(table)
                condition = sa.or_(tenant.in_(org_ids), tenant.is_(None))
                for rows in self._read_files(table, condition):
                    yield table.name, rows

    def files_of(self, table: TableName, keys: Collection[RowKey]) -> Iterator[list[FileRow]]:
        mapped = self._datamap.tables[table]
        for chunk in chunks(keys):
            yield from self._read_files(mapped, self._tables.key_is_one_of(mapped, chunk))

    def _read_files(self, table: Table, condition: ColumnElement[bool]) -> Iterator[list[FileRow]]:
        columns, width = table.file_columns, len(table.key)
        here = self._tables.table(table.name)
        query = (
            sa.select(
                *self._tables.key(table),
                self._tables.tenant(table),
                sa.cast(sa.literal_column("xmin"), sa.Text),
                *(here.c[name] for name in columns),
            )
            .select_from(here)
            .where(condition, sa.or_(*(sa.func.length(here.c[name]) > 0 for name in columns)))
        )
        result = self._connection.execute(query, execution_options={"yield_per": _AT_ONCE})
        for part in result.partitions():
            yield [
                FileRow(
                    key=tuple(row[:width]),
                    org_id=row[width] or "",
                    version=row[width + 1],
                    files={
                        name: content
                        for name, content in zip(columns, row[width + 2 :], strict=True)
                        if isinstance(content, bytes) and content
                    },
                )
                for row in part
            ]
