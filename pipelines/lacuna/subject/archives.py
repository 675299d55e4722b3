"""People's rows in Parquet files that repeat rows of a table: interactions in an archive.

A file is looked through by its keys alone. Where the statistics of a row group say that no key
sought can be in it, its rows are not read.
"""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from lacuna.model.datamap import DataMap
from lacuna.model.table import Table
from lacuna.subject.object_text import UnreadableObject

ArchiveKey: TypeAlias = tuple[str, str]
"""A tenant, and a key of the subject table, both as text."""


def key_columns(datamap: DataMap, table: Table) -> tuple[str, ...]:
    """Return the columns of a table that hold keys of people."""
    subject = datamap.subject.table
    links = tuple(link.column for link in table.links_to(subject) if link.is_plain)
    return tuple(dict.fromkeys((*table.key, *links) if table.name == subject else links))


def rows_of(
    content: bytes, columns: Sequence[str], tenant: str, sought: Mapping[ArchiveKey, str]
) -> Counter[str]:
    """Return how many rows of a Parquet file are whose.

    Args:
        columns: those that hold keys of people; what the file has not is left out.
        tenant: the column with the tenant; where the file has none, a key alone counts.
        sought: whose each key is.

    Raises:
        UnreadableObject: it is no Parquet file.
    """
    found: Counter[str] = Counter()
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        names = file.schema_arrow.names
        held = [name for name in columns if name in names]
        wanted = [*held, *([tenant] if tenant in names else [])]
        for number in range(file.num_row_groups if held else 0):
            if _may_hold(file.metadata.row_group(number), held, sought):
                rows = file.read_row_group(number, columns=wanted)
                found.update(_whose(rows, held, tenant, sought))
    except (pa.ArrowException, OSError):
        raise UnreadableObject from None
    return found


def _whose(
    rows: pa.Table, held: Sequence[str], tenant: str, sought: Mapping[ArchiveKey, str]
) -> Iterator[str]:
    anywhere = {key: ref for (_, key), ref in sought.items()}
    is_told = tenant in rows.column_names
    tenants = rows.column(tenant).to_pylist() if is_told else [None] * rows.num_rows
    values = [rows.column(name).to_pylist() for name in held]
    for org_id, *keys in zip(tenants, *values, strict=True):
        whose = {
            sought.get((str(org_id), str(key))) if is_told else anywhere.get(str(key))
            for key in keys
            if key is not None
        }
        yield from (ref for ref in whose if ref is not None)


def _may_hold(
    group: pq.RowGroupMetaData, held: Sequence[str], sought: Mapping[ArchiveKey, str]
) -> bool:
    """Whether a key sought lies between the smallest and the largest of a row group."""
    for number in range(group.num_columns):
        column = group.column(number)
        if column.path_in_schema not in held:
            continue
        statistics = column.statistics
        if statistics is None or not statistics.has_min_max:
            return True
        least, most = statistics.min, statistics.max
        for _, key in sought:
            if isinstance(least, int):
                if key.lstrip("-").isdecimal() and least <= int(key) <= most:
                    return True
            elif not isinstance(least, str) or least <= key <= most:
                return True
    return False
