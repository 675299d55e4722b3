"""Corrects the copies of a value: rows in one transaction, exports by file effects (Art. 16)."""

import io
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from lacuna.errors import ApplyFailed
from lacuna.model.correction import CopiesFound, CorrectedCell, FileCopies, may_copy
from lacuna.model.datamap import FilePattern
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.queue import EffectAction
from lacuna.model.table import Table
from lacuna.ports import Corrector, Desk, PlatformReading, PlatformWriting
from lacuna.treatment import filled, texts_in

_NOBODY = frozenset[str]()


def correct_rows(
    copies: Sequence[CopiesFound],
    own: Mapping[TableName, frozenset[RowKey]],
    corrector: Corrector,
    reading: PlatformReading,
    writing: PlatformWriting,
) -> Mapping[TableName, int]:
    """Correct the copies in rows; return by table how many rows that were.

    A row that would repeat another one of a table of copies (`rows: delete`) is deleted, and so is
    what triggers noted of the change: the old value.

    Args:
        own: the person's rows.

    Raises:
        ApplyFailed: other rows hold a copy than were planned.
        StatementRefused: the database refuses a new value.
        Any of them leaves everything as it was.
    """
    planned: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    for found in copies:
        planned[found.column.table][found.column.name] = found.keys
    changed: dict[TableName, int] = {}
    for table, columns in planned.items():
        keys = frozenset[RowKey]().union(*columns.values())
        writing.lock_rows(table, keys)
        whose = corrector.whose(table, keys & own.get(table, frozenset()), reading)
        changes = [
            change
            for batch in reading.texts_of(table, [*columns], keys)
            for change in corrector.correct_rows(table, batch, whose)
        ]
        for name, wanted in columns.items():
            rows = {change.key for change in changes if name in change.texts}
            if rows != wanted:
                raise ApplyFailed(
                    f"{table}.{name}: {len(rows)} rows to correct instead of {len(wanted)} "
                    "planned; rolled back. Run again to make a new plan"
                )
        changed[table] = writing.correct(table, [*columns], changes)
    for mapped in corrector.rules.datamap.tables.values():
        if mapped.is_history:
            writing.delete_echoes(mapped.name)
    return changed


def put_file_effects(request_id: str, files: Sequence[FileCopies], desk: Desk) -> None:
    """Add the exports that hold copies to the file effects."""
    desk.queue.effects.put(
        request_id,
        [
            (EffectAction.CORRECT_OBJECT, one.path.store, one.pattern, one.path.path)
            for one in files
        ],
    )


def correct_file(
    content: bytes, pattern: FilePattern, corrector: Corrector
) -> tuple[bytes, Mapping[str, int]]:
    """Return a Parquet file with its copies corrected, and by column how many rows had one.

    Every column is rebuilt from its values, so that no dictionary keeps an old one. A file
    without a copy is returned as it is.

    Raises:
        ApplyFailed: it is no Parquet file, or a column has no place for the new value.
    """
    export = _Export(pattern, corrector)
    target = io.BytesIO()
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        schema = pa.schema([(field.name, field.type) for field in file.schema_arrow])
        # One row group after another, as many as before: the file may be large.
        with pq.ParquetWriter(target, schema) as writer:
            for number in range(file.num_row_groups):
                writer.write_table(export.corrected(file.read_row_group(number)))
    except (pa.ArrowException, OSError):
        raise ApplyFailed(
            f"an object of {pattern.pattern} is not a Parquet file or cannot take a new value; "
            "repair or delete it, then run again"
        ) from None
    return (target.getvalue() if export.counts else content), export.counts


class _Export:
    """A Parquet file while it is corrected.

    Attributes:
        counts: column → rows that had a copy.
    """

    def __init__(self, pattern: FilePattern, corrector: Corrector) -> None:
        self.counts: Counter[str] = Counter()
        self._corrector = corrector
        self._rules = corrector.rules
        self._table: Table | None = None
        if pattern.table is not None:
            self._table = self._rules.datamap.tables[pattern.table]
        columns = self._table.columns if self._table else ()
        self._known = {column.name for column in columns}
        self._copied = {one.name for one in columns if self._table and may_copy(one, self._table)}

    def corrected(self, rows: pa.Table) -> pa.Table:
        owners = self._owners(rows)
        columns: dict[str, pa.Array] = {}
        for name in rows.column_names:
            values = rows.column(name).to_pylist()
            if name in self._copied or name not in self._known:
                right = self._values(values, owners, name)
                if changed := sum(
                    repr(one) != repr(other) for one, other in zip(values, right, strict=True)
                ):
                    self.counts[name] += changed
                values = right
            columns[name] = pa.array(values, type=rows.schema.field(name).type)
        return pa.table(columns)

    def _owners(self, rows: pa.Table) -> list[frozenset[str] | None]:
        """Return to whom each row leads; None for one of another tenant."""
        owners = [_NOBODY] * rows.num_rows
        table, subject = self._table, self._rules.datamap.subject.table
        if table is None:
            return [*owners]
        names = {link.column for link in table.links_to(subject) if link.is_plain}
        names |= set(table.key) if table.name == subject else set()
        for name in names & set(rows.column_names):
            for place, key in enumerate(rows.column(name).to_pylist()):
                owners[place] |= _NOBODY if key is None else {str(key)}
        if table.tenant not in rows.column_names:
            return [*owners]
        tenants = rows.column(table.tenant).to_pylist()
        return [
            of if str(tenant) == self._rules.org_id else None
            for of, tenant in zip(owners, tenants, strict=True)
        ]

    def _values(
        self, values: Sequence[object], owners: Sequence[frozenset[str] | None], name: str
    ) -> list[object]:
        """Return the values of a column, in lists and structures too, as they are right."""
        column = ColumnName(self._table.name, name) if self._table and name in self._known else None
        cells: list[CorrectedCell] = [
            self._rules.cell(text, column, of, is_document=_is_document(text))
            for value, of in zip(values, owners, strict=True)
            if of is not None
            for text in texts_in(value)
        ]
        right = iter(self._corrector.correct(cells))
        return [
            value if of is None else filled(value, right)
            for value, of in zip(values, owners, strict=True)
        ]


def _is_document(text: str) -> bool:
    """Whether a text of a file is a JSON object or array."""
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
