"""The live schema of a platform, as its catalog describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lacuna.model.location import TableName
from lacuna.model.run import Role


class TableKind(StrEnum):
    """What a relation is."""

    TABLE = "table"
    PARTITIONED = "partitioned table"
    PARTITION = "partition"  # attached: its rows are reached through its parent
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    FOREIGN = "foreign table"


@dataclass(frozen=True)
class LiveColumn:
    """A column as PostgreSQL has it.

    Attributes:
        type: as PostgreSQL writes it, without length; of a domain its base type, of an array
            its elements' type.
        is_generated: the database fills it by itself (generated column, or identity column
            that takes no other value).
        has_default: it gets a value where a new row names none.
        max_length: longest text in characters; None where there is no limit.
        labels: the values of an enumerated type; empty for any other.
        allowed: the values that a CHECK constraint lists; empty for none.
        is_numbered: an identity column that takes no value but its own next one.
        comment: what the schema itself says about it; empty for nothing.
        domain: the domain that the column was declared with, as SQL writes it; empty for none.
    """

    name: str
    type: str
    is_nullable: bool = True
    is_array: bool = False
    is_generated: bool = False
    max_length: int | None = None
    has_default: bool = False
    labels: tuple[str, ...] = ()
    is_numbered: bool = False
    comment: str = ""
    domain: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class LiveForeignKey:
    """A foreign key of a table.

    Attributes:
        columns: of the table itself, in the order of `referenced`.
        on_delete: what happens to this row when the other is deleted, e.g. `set null`.
        on_update: what happens to `columns` when the other's key changes, e.g. `cascade`.
        is_indexed: whether an index begins with one of `columns`, so that the rows that hold a key
            are found without reading the table.
    """

    columns: tuple[str, ...]
    table: TableName
    referenced: tuple[str, ...]
    on_delete: str = "no action"
    on_update: str = "no action"
    is_indexed: bool = True


@dataclass(frozen=True)
class LiveTrigger:
    """A trigger or rule: code that runs when a row changes.

    Attributes:
        function: the function it calls; of a rule, the rule.
        language: the language of `source`.
    """

    name: str
    function: TableName
    language: str
    source: str


@dataclass(frozen=True)
class LiveExpression:
    """An index over an expression: it holds copies of what it is computed from.

    Attributes:
        columns: those that it is computed from.
        is_unique: whether no two rows may come to the same value.
    """

    name: str
    columns: tuple[str, ...]
    is_unique: bool = False


@dataclass(frozen=True)
class LiveCheck:
    """A CHECK constraint of a table.

    Attributes:
        columns: those that it looks at.
        expression: in SQL, over the table's own columns.
    """

    name: str
    columns: tuple[str, ...]
    expression: str


@dataclass(frozen=True)
class RefusedValues:
    """A constraint, or an invariant, that forbids what an erasure would leave in a table.

    Attributes:
        columns: those among the constraint's that an erasure sets.
        constraint: its name, or that of the domain; empty for an invariant.
        tried: of how many rows it was tried with.
        refused: how many of them it forbids.
    """

    table: TableName
    columns: tuple[str, ...]
    constraint: str
    tried: int
    refused: int


@dataclass(frozen=True, order=True)
class TableRight:
    """A right of a role at a table; `privilege` is a word of SQL: select, insert, update, delete."""

    table: TableName
    role: Role
    privilege: str


@dataclass(frozen=True)
class LiveTable:
    """A table, view or the like.

    Attributes:
        key: columns of its primary key; empty without one.
        unique_keys: the columns of each unique index over whole rows, the primary key's first.
        parent: of a partition, the table that it is a part of.
        comment: what the schema itself says about it; empty for nothing.
        expressions: of each index over more than plain columns, its name and the columns it
            is computed from. Such an index holds copies of values.
        inherits: tables that its rows are rows of, too; of a partition, none.
        once_null: those of `unique_keys` that allow one NULL alone (NULLS NOT DISTINCT).
        hides_rows: whether row-level security keeps rows of it from Lacuna.
        checks: its CHECK constraints.
        indexed: columns with which a valid index over all rows begins.
        is_large: whether it has 100,000 rows or more, as far as the planner's statistics know.
    """

    name: TableName
    kind: TableKind
    columns: tuple[LiveColumn, ...]
    key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[LiveForeignKey, ...] = ()
    triggers: tuple[LiveTrigger, ...] = ()
    parent: TableName | None = None
    comment: str = ""
    expressions: tuple[LiveExpression, ...] = ()
    inherits: tuple[TableName, ...] = ()
    once_null: tuple[tuple[str, ...], ...] = ()
    hides_rows: bool = False
    checks: tuple[LiveCheck, ...] = ()
    indexed: frozenset[str] = frozenset()
    is_large: bool = False

    @property
    def row_key(self) -> tuple[str, ...]:
        """The primary key, or without one the first unique key; empty for none."""
        return self.key or next(iter(self.unique_keys), ())

    def column(self, name: str) -> LiveColumn | None:
        """Return a column by its name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class LiveSchema:
    """Everything found in the schemas asked for, and what refers to it from other schemas.

    Attributes:
        schemas: those of the schemas asked for that exist.
    """

    schemas: frozenset[str]
    tables: Mapping[TableName, LiveTable]
