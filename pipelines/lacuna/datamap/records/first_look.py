"""Writes what of a data map deserves a look first: what goes, what stays, and where no link leads to a person."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from lacuna.datamap import names
from lacuna.datamap.records.listing import head
from lacuna.model.datamap import DataMap, PersonKind
from lacuna.model.location import ColumnName
from lacuna.model.table import Column, Table, reaching
from lacuna.model.treatment import Mention, RowErasure, Treatment

__all__ = ["first_look"]

_ColumnChoice: TypeAlias = Callable[[Table, Column], bool]


def first_look(datamap: DataMap) -> str:
    """Return the parts of a map that somebody has to decide about, in some lines of plain text."""
    found = reaching(datamap.tables.values(), datamap.subject.table)
    theirs = [table for table in datamap.tables.values() if table.name in found]
    others = [table for table in datamap.tables.values() if table.name not in found]
    treated = [table for table in theirs if table.rows is RowErasure.ANONYMIZE]
    deleted = [table for table in theirs if table.rows is RowErasure.DELETE]
    by_kind = {kind: _ways_of(view) for kind, view in sorted(datamap.kinds.items())}
    ways = {way for leading in by_kind.values() for way in leading}
    parts = [
        head(datamap),
        [f"rows that go with their person: {', '.join(map(_name, deleted)) or 'none'}"],
        _columns(
            "taken from the person's rows (*: where it names the person)",
            treated,
            _is_taken,
            _is_cut,
        ),
        _columns("covered in the person's texts", treated, _is_covered),
        _columns("personal data that stays in the person's rows", theirs, _stays),
        _columns(
            "personal data where no link leads to the person (*: covered where it names one)",
            others,
            lambda table, column: (
                _is_of_nobody(table, column) and ColumnName(table.name, column.name) not in ways
            ),
            lambda _, column: column.mention is not Mention.REFUSE,
        ),
        [
            f"files in {store.name}: {files.pattern}, {files.format}, mention: {files.mention}"
            for store in datamap.stores.values()
            for files in store.files
        ],
        [
            f"further kind of people: {kind}"
            + (
                f"; rows lead to them by {', '.join(map(names.written, leading))}"
                if leading
                else ""
            )
            for kind, leading in by_kind.items()
        ],
        ["every column and kind: lacuna datamap show --all"],
    ]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _columns(
    what: str,
    tables: Iterable[Table],
    is_meant: _ColumnChoice,
    is_starred: _ColumnChoice = lambda *_: False,
) -> Iterator[str]:
    """Yield a heading with the number of columns that are meant, and a line for each of their tables."""
    meant = [
        (
            table,
            [
                f"{column.name}{'*' if is_starred(table, column) else ''}"
                for column in table.columns
                if is_meant(table, column)
            ],
        )
        for table in tables
    ]
    if count := sum(len(columns) for _, columns in meant):
        yield f"{what}: {count}"
    for table, columns in meant:
        if columns:
            yield f"  {_name(table)}: {', '.join(columns)}"


def _ways_of(kind: PersonKind) -> tuple[ColumnName, ...]:
    """Return the columns that lead to people of a further kind."""
    return tuple(
        ColumnName(table.name, link.column)
        for table in kind.tables.values()
        for link in table.links
        if table.name != kind.subject.table
    )


def _name(table: Table) -> str:
    return names.written(table.name)


def _is_cut(table: Table, column: Column) -> bool:
    """Whether what a column says of somebody else stays."""
    ways = (*table.references, *(link.column for link in table.links))
    return column.name in ways and column.erasure.treatment in (
        Treatment.UNLINK,
        Treatment.TOMBSTONE,
    )


def _is_taken(_: Table, column: Column) -> bool:
    return column.is_personal and column.erasure.treatment not in (Treatment.KEEP, Treatment.REDACT)


def _is_covered(_: Table, column: Column) -> bool:
    return column.erasure.treatment is Treatment.REDACT


def _stays(table: Table, column: Column) -> bool:
    return (
        column.is_personal
        and table.rows is not RowErasure.DELETE
        and column.name not in table.key
        and table.is_kept(column.name)
    )


def _is_of_nobody(table: Table, column: Column) -> bool:
    return column.is_personal and table.rows is not RowErasure.DELETE
