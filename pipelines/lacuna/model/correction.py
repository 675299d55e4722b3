"""A value that was wrong, what takes its place, and which cells hold a copy of it (Art. 16)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier
from lacuna.model.location import ColumnName, ObjectPath, RowKey, TableName
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment

_WRITTEN: Final = "user.content"


@dataclass(frozen=True)
class Correction:
    """One value of a person that was wrong.

    Attributes:
        column: that it was corrected in, of the subject table.
        category: of that column.
        old: what it is; `old.value` as it stood there.
        new: what is right.
        is_everywhere: whether it means the person wherever it stands. If not, only cells of their own
            rows that say the same, and nothing else, are copies.
        holders: keys of the other people who hold it too, and keep it. Then it is corrected only in
            the person's own rows.
    """

    column: str
    category: str
    old: Identifier = field(repr=False)
    new: str = field(repr=False)
    is_everywhere: bool
    holders: frozenset[str] = field(repr=False, default=frozenset())

    @property
    def names(self) -> frozenset[str]:
        """How a member of a document is called that says the same: as the column, or its category."""
        return frozenset({self.column, self.category.rpartition(".")[2]})


@dataclass(frozen=True)
class CorrectedCell:
    """The text of one column of a row, in a table or in a file that repeats one.

    Attributes:
        text: of an array or a document, JSON.
        category: of the column; empty for one that the map does not name.
        is_own: whether the row leads to the person.
        is_told: whether the column says of the person what is theirs: a copy of the same category is.
        owners: keys of everybody whom the row leads to.
    """

    text: str = field(repr=False)
    category: str
    is_own: bool
    is_told: bool = False
    is_document: bool = False
    owners: frozenset[str] = field(repr=False, default=frozenset())


@dataclass(frozen=True)
class CellRules:
    """Which cells may hold copies of one person's values.

    Attributes:
        keys: the person's, in the subject table.
        rectified: columns of that table which are corrected by themselves.
    """

    datamap: DataMap = field(repr=False)
    org_id: str
    keys: frozenset[str] = field(repr=False)
    rectified: frozenset[str] = frozenset()

    def columns(self, table: TableName) -> tuple[str, ...]:
        """Return the columns of a table that may hold copies."""
        mapped = self.datamap.tables[table]
        fixed = self.rectified if table == self.datamap.subject.table else frozenset[str]()
        return tuple(
            one.name for one in mapped.columns if may_copy(one, mapped) and one.name not in fixed
        )

    def cell(
        self,
        text: str,
        column: ColumnName | None,
        owners: frozenset[str],
        *,
        is_document: bool = False,
    ) -> CorrectedCell:
        """Return the cell of a row that leads to `owners`; without a column the map names none."""
        if column is None:
            return CorrectedCell(text, "", is_own=bool(owners & self.keys), owners=owners)
        table = self.datamap.tables[column.table]
        mapped = table.column(column.name)
        return CorrectedCell(
            text,
            mapped.category,
            is_own=bool(owners & self.keys),
            is_told=is_told(mapped, table, self.datamap),
            is_document=is_document,
            owners=owners,
        )


@dataclass(frozen=True)
class CopiesFound:
    """The rows in which a column holds a copy of a value that is corrected."""

    column: ColumnName
    keys: frozenset[RowKey] = field(repr=False)


@dataclass(frozen=True)
class FileCopies:
    """An export that holds copies.

    Attributes:
        rows: column of the file → rows in which it holds one.
    """

    path: ObjectPath = field(repr=False)
    pattern: str
    rows: Mapping[str, int]


def is_written(column: Column) -> bool:
    """Whether a column holds what people wrote or sent: it keeps what they wrote."""
    is_said = column.is_text or column.category.startswith(_WRITTEN)
    return is_said or column.mention is Mention.EMPTY


def may_copy(column: Column, table: Table) -> bool:
    """Whether a column may hold a copy: no key or link, nothing written, nothing computed."""
    return not (
        is_written(column)
        or column.object_store is not None
        or column.erasure.treatment is Treatment.DERIVED
        or table.rows is RowErasure.REFRESH
        or column.name in (*table.key, *table.tenant_columns)
        or any(link.column == column.name for link in table.links)
        or not (column.is_personal or column.mention is Mention.REDACT)
    )


def is_told(column: Column, table: Table, datamap: DataMap) -> bool:
    """Whether a column of a person's own row says what is theirs, and of nobody else.

    Not what stays as no personal data (the language of a conversation), nor where anybody may be
    named, unless there is one row a person or the rows are copies that an erasure deletes.
    """
    subject = datamap.subject.table
    is_profile = (
        table.name == subject
        or table.rows is RowErasure.DELETE
        or any(link.table == subject and (link.column,) == table.key for link in table.links)
    )
    return not table.is_kept(column.name) and (is_profile or column.mention is not Mention.REDACT)


def says_alike(category: str, other: str) -> bool:
    """Whether two categories are the same, or one is a kind of the other.

    >>> says_alike("user.contact", "user.contact.email"), says_alike("user.name", "user.name.first")
    (True, False)
    """
    if category.startswith("user.name") or other.startswith("user.name"):
        return category == other
    return bool(category and other) and (
        f"{category}.".startswith(f"{other}.") or f"{other}.".startswith(f"{category}.")
    )
