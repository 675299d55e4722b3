"""What makes an erasure slow on a large database: said, and no reason to stop."""

from collections.abc import Iterator

from lacuna.datamap import names
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName
from lacuna.model.schema import LiveSchema
from lacuna.model.treatment import RowErasure, Treatment


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
