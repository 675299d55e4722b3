"""What makes an erasure slow on a large database: said, and no reason to stop."""

from collections.abc import Iterator

from lacuna.datamap import names
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName
from lacuna.model.person_kinds import other_kinds
from lacuna.model.schema import LiveSchema, LiveTable
from lacuna.model.treatment import RowErasure, Treatment


def slow_references(datamap: DataMap, live: LiveSchema) -> Iterator[str]:
    """Yield references for which each night reads a large table, once for all of its erasures.

    Of a column that is a foreign key, `slow_foreign_keys` says it already.
    """
    views = (datamap, *other_kinds(datamap))
    for table in (one for view in views for one in view.referring):
        found = live.tables.get(table.name)
        if found is None or not found.is_large:
            continue
        for column in (one for one in found.columns if one.name in table.references):
            if column.name in found.indexed or _is_foreign(found, column.name):
                continue
            method = " using gin" if column.is_array else ""
            yield (
                f"{names.written(ColumnName(table.name, column.name))} has no index. It refers to "
                "people, and each night with erasures reads the whole table for it; add an index"
                f"{method}"
            )


def _is_foreign(table: LiveTable, column: str) -> bool:
    return any(column in key.columns for key in table.foreign_keys)


def slow_foreign_keys(datamap: DataMap, live: LiveSchema) -> Iterator[str]:
    """Yield foreign keys for which PostgreSQL reads a whole table for each row of a person.

    Whenever a row is deleted, or its key changes, it looks for rows that still point there; without
    an index on the foreign key that is the whole table, once a row.
    """
    for table in live.tables.values():
        for foreign_key in table.foreign_keys:
            target = datamap.tables.get(foreign_key.table)
            if foreign_key.is_indexed or target is None:
                continue
            changed = {
                column.name
                for column in target.columns
                if column.erasure.treatment is Treatment.NEW_KEY
            }
            if target.rows is RowErasure.DELETE or (
                target.rows is RowErasure.ANONYMIZE and changed & set(foreign_key.referenced)
            ):
                column = ColumnName(table.name, foreign_key.columns[0])
                yield (
                    f"{names.written(column)} has no index. An erasure removes rows of "
                    f"{names.written(target.name)}, and reads the whole table for each of them; "
                    "add an index"
                )
