"""An access or portability bundle: what goes into it, and what its manifest says of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, TypeAlias

from lacuna.model.datamap import DataMap
from lacuna.model.location import TableName
from lacuna.model.processing import TenantContacts
from lacuna.model.request import RequestKind, RequestState

JsonValue: TypeAlias = (
    "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
"""What a JSON text can hold, exactly: floats are finite, keys are text."""

BundleRow: TypeAlias = "tuple[JsonValue, ...]"
"""One row of a table, one value a column."""


class ColumnType(StrEnum):
    """What the values of one column of a bundle are, as far as they say it themselves."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    TEXTS = "list of text"
    DOCUMENT = "document"


class Article(StrEnum):
    """The right under which a file is in a bundle."""

    ACCESS = "15"
    BOTH = "15+20"  # also provided by the person, and processed on consent or contract


class SourceKind(StrEnum):
    """What a source of a bundle is."""

    TABLE = "table"
    FILES = "files"


@dataclass(frozen=True)
class PastRequest:
    """A request of the same person, this one included, with its outcome.

    Attributes:
        closed_at: None while it is open.
        ground: article of a refusal or a hold; None for none.
    """

    request_id: str
    kinds: tuple[RequestKind, ...]
    received_at: datetime
    state: RequestState
    closed_at: datetime | None
    ground: str | None


@dataclass(frozen=True)
class ConsentRecord:
    """A consent given, declined or withdrawn, or an agreement accepted.

    Attributes:
        version: version of the text or prompt that was shown; None if unknown.
    """

    at: datetime
    purpose: str
    status: str
    method: str
    version: str | None


@dataclass(frozen=True)
class BundleOrder:
    """What to write, and when.

    Attributes:
        kinds: the rights exercised. ACCESS asks for everything; PORTABILITY for the subset
            that can be passed on; only these two count.
        snapshot_at: when the data was read.
        generated_at: when the files are written.
        number: of the request, by which letters and people name it; empty: its id names it.
    """

    request_id: str
    kinds: tuple[RequestKind, ...]
    snapshot_at: datetime
    generated_at: datetime
    history: tuple[PastRequest, ...] = ()
    consents: tuple[ConsentRecord, ...] = ()
    number: str = ""

    @property
    def named(self) -> str:
        """How pages name the request."""
        return self.number or self.request_id

    @property
    def has_access(self) -> bool:
        """Whether the whole copy goes in (Art. 15)."""
        return RequestKind.ACCESS in self.kinds

    @property
    def has_portability(self) -> bool:
        """Whether the subset to pass on goes in (Art. 20)."""
        return RequestKind.PORTABILITY in self.kinds


@dataclass(frozen=True)
class Redaction:
    """What was covered or replaced: data of other people (Art. 15(4)), or what no file can hold.

    Attributes:
        reason: name of the phrase in `translations/bundles`.
        count: places, not people.
    """

    source: str
    reason: str
    article: str
    count: int


@dataclass(frozen=True)
class TableContent:
    """The person's rows of one table, as the bundle shows them.

    Attributes:
        columns: every column of the rows, in the order of the data map.
        portable: those out of `columns` that belong to the portability subset.
        count: how many rows there are.
        present: in how many rows each column says something.
        types: what the values of each column are.
        redactions: places covered or replaced, by column.
        read: reads the rows again, in order, in batches that fit into memory.
        left_out: which rows, by their number from 0, the portability subset lacks.
        redactions_left: those of `redactions` that are in these rows.
    """

    table: TableName
    columns: tuple[str, ...]
    portable: frozenset[str]
    count: int
    present: Mapping[str, int]
    types: Mapping[str, ColumnType]
    redactions: Mapping[str, int]
    read: Callable[[], Iterator[Sequence[BundleRow]]] = field(repr=False, compare=False)
    left_out: frozenset[int] = frozenset()
    redactions_left: Mapping[str, int] = field(default_factory=dict)

    def rows(self) -> Iterator[BundleRow]:
        """Yield the rows in order, one value a column."""
        for batch in self.read():
            yield from batch


@dataclass(frozen=True)
class ObjectContent:
    """One object to be copied.

    Attributes:
        source: store and pattern, e.g. `media/recordings/*.wav`.
        path: the neutral path inside the bundle.
        version: says which object it is and how it is covered; another text, another copy.
        copy: writes the object as the bundle shows it, and returns the places covered in it;
            raises a `PipelineError` where it cannot be given.
    """

    source: str
    path: str
    article: Article
    version: str = field(repr=False)
    copy: Callable[[IO[bytes]], int] = field(repr=False, compare=False)


@dataclass(frozen=True)
class SourceChecked:
    """A table, or a pattern of files, that was looked into; also where nothing was found.

    Attributes:
        rows: rows or files of the person.
    """

    source: str
    kind: SourceKind
    rows: int


@dataclass(frozen=True)
class IncompleteSource:
    """A source, or a part of one, that could not be given."""

    source: str
    reason: str


@dataclass(frozen=True)
class Exclusion:
    """What was found and is not in the bundle, with its ground."""

    source: str
    reason: str
    article: str


@dataclass(frozen=True)
class LeftOut:
    """What is in no portability subset, and why.

    Attributes:
        rows: how many rows it is about.
        reason: name of the phrase in `translations/bundles`.
        columns: what these rows lack; empty where whole rows are left out.
        column: the column that says it of whole rows; empty where none does.
        value: its code in these rows; empty for none, `?` for one that the data map does not name.
    """

    table: TableName
    rows: int
    reason: str
    columns: tuple[str, ...] = ()
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class BundleContent:
    """Everything that goes into one bundle.

    Attributes:
        tenant: the controller whose contact the person is.
        language: of the person, as far as a text for people exists in it (ISO 639-1).
        parts: folder of what is kept between two tries, until the bundle is sealed.
        left_out: what the portability subset lacks; empty where none was asked for.
    """

    order: BundleOrder
    datamap: DataMap
    tenant: TenantContacts
    language: str
    parts: Path = field(repr=False)
    tables: tuple[TableContent, ...]
    objects: tuple[ObjectContent, ...]
    sources_checked: tuple[SourceChecked, ...]
    incomplete_sources: tuple[IncompleteSource, ...]
    excluded: tuple[Exclusion, ...]
    redactions: tuple[Redaction, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no data of the person was found at all."""
        return not any(source.rows for source in self.sources_checked)


@dataclass(frozen=True)
class BundleFile:
    """One file of a bundle.

    Attributes:
        path: relative to the bundle's folder.
        source: the table, the store and pattern, or `lacuna` for what describes the bundle.
        rows: rows or records in it; None for a document or an object.
        byte_count: its size.
        sha256: SHA-256 hex of its content.
        schema_ref: path of the JSON Schema that it follows; None for none.
        redactions: places in which other people's data was covered or replaced.
    """

    path: str
    article: Article
    source: str
    rows: int | None
    byte_count: int
    sha256: str
    schema_ref: str | None
    redactions: int


@dataclass(frozen=True)
class Manifest:
    """What a bundle holds, what was looked into, and what is not in it."""

    content: BundleContent = field(repr=False)
    files: tuple[BundleFile, ...]
    incomplete_sources: tuple[IncompleteSource, ...]
    redactions: tuple[Redaction, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every source could be given in full."""
        return not self.incomplete_sources


@dataclass(frozen=True)
class Passphrase:
    """The words that open a bundle. It does not print itself."""

    value: str = field(repr=False)


@dataclass(frozen=True)
class PrivateKey:
    """An age identity (`AGE-SECRET-KEY-1…`) that opens a bundle. It does not print itself."""

    value: str = field(repr=False)


@dataclass(frozen=True)
class Sealed:
    """A bundle encrypted for whoever it is for.

    Attributes:
        digest: SHA-256 hex of the sealed file.
        byte_count: its size.
        passphrase: made for a bundle without a recipient's key; nothing else keeps it.
    """

    path: Path
    digest: str
    byte_count: int
    passphrase: Passphrase | None
