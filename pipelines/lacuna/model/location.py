"""Where data lies: tables, columns and object stores, and the sets of rows found there."""

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Self

_LETTERS: Final = string.ascii_letters + "_"
_PLAIN: Final = frozenset(_LETTERS + string.digits + "-")
_IN_PATTERNS: Final = frozenset("[]*?!{},/.")
_LONGEST_NUMBER: Final = 6  # digits; more could be a telephone number
_NIBBLES: Final = "abcdefghijklmnop"


def spelled(name: str, *, is_pattern: bool = False) -> str:
    """Return a name in the characters that the ledger takes: no text about a person fits into them.

    Any other character becomes `$` and two letters for each of its bytes, and so does a digit that
    begins a name or makes a number too long.

    >>> spelled("Odd Shop"), spelled("export_20261101")
    ('Odd$caShop', 'export_202611$da$db')
    """
    written: list[str] = []
    digits = 0
    for position, character in enumerate(name):
        digits = digits + 1 if character in string.digits else 0
        is_first = position == 0 and not is_pattern
        is_plain = character in (_LETTERS if is_first else _PLAIN) or (
            is_pattern and character in _IN_PATTERNS
        )
        written.append(character if is_plain and digits <= _LONGEST_NUMBER else _escaped(character))
    return "".join(written)


def pattern_location(store: str, pattern: str) -> str:
    """Return where objects of a pattern lie, as the ledger writes it: `store/pattern`."""
    return f"{store}/{spelled(pattern, is_pattern=True)}"


def _escaped(character: str) -> str:
    return "".join(f"${_NIBBLES[byte >> 4]}{_NIBBLES[byte & 15]}" for byte in character.encode())


@dataclass(frozen=True, order=True)
class TableName:
    """A table with its schema, exactly as PostgreSQL spells both."""

    schema: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the name for `schema.table`.

        Raises:
            ValueError: `text` has no dot, or an empty part.

        >>> str(TableName.parse("crm.customers"))
        'crm.customers'
        """
        schema, dot, name = text.partition(".")
        if not (schema and dot and name):
            raise ValueError("write a table as schema.table")
        return cls(schema, name)

    @property
    def location(self) -> str:
        """`schema.table` as plans and the ledger write it."""
        return f"{spelled(self.schema)}.{spelled(self.name)}"

    def __str__(self) -> str:
        """Return `schema.table`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, order=True)
class ColumnName:
    """A column of a table; `str()` gives `schema.table.column`."""

    table: TableName
    name: str

    def __str__(self) -> str:
        """Return `schema.table.column`."""
        return f"{self.table}.{self.name}"


RowKey = tuple[str, ...]
"""Primary key of one row, each part as text in the order of the data map."""


KEYS_OF_COLUMN: Final = " (keys)"
"""What follows the name of a column of JSON where the keys of its documents are searched."""

CANARY_PATH: Final = ".lacuna-canary"
"""Where the verifier's made-up object lies in a bucket while it is searched; never the platform's."""
STORE_MARK: Final = ".lacuna-store"
"""The file that identifies a store's folder; an empty folder may be a mount point without its mount."""
REPORTS: Final = "reporting"
"""Store of the files of the reports."""
QUARANTINE: Final = ".lacuna-quarantine"
"""The folder of a store in which files that no row names wait to be deleted."""
_QUARANTINED: Final = re.compile(
    rf"{re.escape(QUARANTINE)}/(\d{{4}}-\d{{2}}-\d{{2}})\.([0-9a-f]{{64}})/(.+)", re.DOTALL
)


@dataclass(frozen=True)
class Quarantined:
    """Where a file lies in quarantine, in the store that it was found in.

    Attributes:
        until: the day (UTC) from which on it is deleted; it can be put back until then.
        digest: of the list that was approved with it.
        path: where it was.
    """

    until: date
    digest: str
    path: str = field(repr=False)

    @classmethod
    def parse(cls, path: str) -> Self | None:
        """Parse a path; return None for one that is not in quarantine.

        >>> Quarantined.parse("calls/1.wav") is None
        True
        """
        if (found := _QUARANTINED.fullmatch(path)) is None:
            return None
        until, digest, original = found.groups()
        try:
            return cls(date.fromisoformat(until), digest, original)
        except ValueError:
            return None

    @property
    def where(self) -> str:
        """Its path in the store."""
        return f"{QUARANTINE}/{self.until.isoformat()}.{self.digest}/{self.path}"


def original_path(path: str) -> str:
    """Return where a file was before it was put into quarantine; of any other its own path.

    Rows, patterns and people go by it: a file in quarantine is whose it was.
    """
    found = Quarantined.parse(path)
    return path if found is None else found.path


@dataclass(frozen=True)
class ObjectPath:
    """One object (file) of a store: the path relative to the store's root.

    A path may carry a name, so it does not print itself.
    """

    store: str
    path: str = field(repr=False)


def written_rows(rows: Mapping[TableName, Iterable[RowKey]]) -> list[list[object]]:
    """Return rows by table as JSON has them: schema, name and keys of each table."""
    return [
        [table.schema, table.name, sorted(map(list, keys))] for table, keys in sorted(rows.items())
    ]


def read_rows(written: Iterable[Sequence[Any]]) -> Mapping[TableName, frozenset[RowKey]]:
    """Return the rows that `written_rows` wrote."""
    return {
        TableName(schema, name): frozenset(tuple(key) for key in keys)
        for schema, name, keys in written
    }
