"""Takes files that name a person out of columns of bytes in other people's rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from lacuna.apply.texts import WITHOUT_LOOKING, PreparedTexts, rows_by_table
from lacuna.apply.work import Work
from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey
from lacuna.model.table import Table
from lacuna.model.treatment import RowErasure
from lacuna.ports import FileMentions, PlatformReading, TextChange

EMPTY: Final = ""
"""What a column of bytes becomes, as text."""


def with_emptied_files(
    texts: PreparedTexts,
    works: Sequence[Work],
    datamap: DataMap,
    reading: PlatformReading,
    files: FileMentions,
) -> PreparedTexts:
    """Return prepared texts with every file emptied that names somebody in a row of somebody else.

    Each file is read and searched again: what is written is valid only while the row has the
    version that was read now.
    """
    changes, columns, versions = dict(texts.changes), dict(texts.columns), dict(texts.versions)
    own, mentioned = rows_by_table(works, datamap)
    for table in datamap.tables.values():
        mentions = mentioned.get(table.name, {})
        if not mentions or not table.file_columns:
            continue
        ours = own.get(table.name, {}) if table.rows is RowErasure.ANONYMIZE else {}
        new = {one.key: one for one in changes.get(table.name, ())}
        for rows in reading.files_of(table.name, mentions.keys()):
            for row, name, ref in files.named_in(table.name, rows, reading):
                is_replaced = row.key in ours and _is_replaced(table, name)
                if ref in mentions[row.key] and not is_replaced:
                    change = new.get(row.key, TextChange(row.key, row.version, {}))
                    new[row.key] = replace(change, texts={**change.texts, name: EMPTY})
        changes[table.name] = list(new.values())
        columns[table.name] = (*columns.get(table.name, ()), *table.file_columns)
        versions.setdefault(table.name, {})
    return PreparedTexts(changes, columns, versions, texts.unchanged)


def rows_with_files(
    texts: PreparedTexts, table: Table
) -> tuple[frozenset[RowKey], frozenset[RowKey]]:
    """Return the rows of a table of which a file is emptied, and those of them with nothing else."""
    files = {*table.file_columns}
    changes = [one for one in texts.changes.get(table.name, ()) if one.texts.keys() & files]
    alone = frozenset(one.key for one in changes if one.texts.keys() <= files)
    return frozenset(one.key for one in changes), alone


def _is_replaced(table: Table, name: str) -> bool:
    return table.column(name).erasure.treatment in WITHOUT_LOOKING
