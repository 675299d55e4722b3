"""What verification reads with its own code, and how storage is rewritten."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.object_source import PathSource
from lacuna.model.scrub import ErasedTraces, Rewriting, RowTraces, ScrubRefusal, TableFiles
from lacuna.model.table import Link


@dataclass(frozen=True)
class SearchedRows:
    """Rows as verification reads them, column by column.

    Attributes:
        columns: column → its value in each row as text, as bytes, or None for NULL. Columns
            that cannot hold an identifier (times, flags) are left out.
        links: column that holds the key of a person itself → that key in each row.
        ways: for each way to the person, the key that it leads to from each row, or several.
        keys: primary key of each row, where that was asked for.
    """

    columns: Mapping[str, Sequence[str | bytes | None]] = field(repr=False)
    links: Mapping[str, Sequence[str | None]] = field(repr=False, default_factory=dict)
    ways: Sequence[Sequence[str | Sequence[str] | None]] = field(repr=False, default=())
    keys: Sequence[RowKey] = field(repr=False, default=())

    def owners(self, row: int) -> frozenset[str]:
        """Return the keys of the people whom a row leads to."""
        return frozenset(key for way in self.ways for key in keys_in(way[row]))


def keys_in(cell: object) -> Sequence[str]:
    """Return the keys that a way leads to from one row: none, one or several."""
    if isinstance(cell, list | tuple):
        return [str(key) for key in cell]
    return [] if cell is None else [str(cell)]


@dataclass(frozen=True)
class WantedRows:
    """Which rows have to be looked at, once the values that repeat were.

    A row is wanted for a value in any other column, for one of `values`, or for one of `keys`.

    Attributes:
        values: columns whose values were looked at by themselves → those that have to be found in
            rows; a column without any is not read again.
        keys: of people: rows are wanted whose links hold one.
    """

    values: Mapping[str, Collection[str]] = field(repr=False)
    keys: Collection[str] = field(repr=False)


@dataclass(frozen=True)
class NamedObject:
    """Whose rows name an object.

    Attributes:
        owners: keys of the people whom the rows lead to; empty where they lead to nobody.
        org_ids: tenants of the rows; empty where a row belongs to none: it may be anybody's.
    """

    owners: frozenset[str] = field(repr=False)
    org_ids: frozenset[str]


@dataclass(frozen=True)
class Canaries:
    """Values that the search must see wherever it looks.

    Attributes:
        texts: for columns that hold text.
        number: for columns that hold numbers.
        uuid: for columns that hold UUIDs.
    """

    texts: Sequence[str]
    number: int
    uuid: str


class Verifying(Protocol):
    """The verifier's own reading: other queries and another role than what applied."""

    def transaction_number(self) -> str:
        """Return the number that the server's next transaction has; all before it have smaller ones."""
        ...

    def traces(self, table: TableName, since: str) -> RowTraces:
        """Return the traces in a table's rows of when they were written, without those of others since."""
        ...

    def tombstones(self, request_ids: Collection[str]) -> frozenset[str]:
        """Return the keys of the tombstone contacts of the requests' tenants, there or not."""
        ...

    def erased_traces(self, table: TableName) -> ErasedTraces:
        """Return the traces in the rows of erased people, in a table.

        They are those with a time in `erased_at`; without that column, those that point at a tombstone contact.
        """
        ...

    def sample_people(self, number: int) -> Mapping[str, tuple[str, ...]]:
        """Return by tenant keys of about so many people: those with most rows of each table, and others.

        Whom chance takes differs from call to call. Nobody who was erased is among them, and no
        more than the five largest tenants are.
        """
        ...

    def platform_tables(self) -> tuple[TableName, ...]:
        """Return every table of the platform's schemas, and every view that holds rows of its own."""
        ...

    def outside_tables(self) -> Mapping[TableName, bool]:
        """Return the tables of other schemas than the map's and Lacuna's, with whether they may be read."""
        ...

    def own_tables(self) -> tuple[TableName, ...]:
        """Return the tables of Lacuna's own schemas."""
        ...

    def rows(
        self,
        table: TableName,
        org_id: str | None,
        only: Collection[str] | None = None,
        *,
        with_keys: bool = False,
        wanted: WantedRows | None = None,
    ) -> Iterator[SearchedRows]:
        """Yield the rows of a tenant, and of no tenant, in batches.

        Args:
            org_id: None for the rows of one of Lacuna's own tables.
            only: the columns to read; None for all that can hold an identifier.
            with_keys: whether to read the primary keys too, of a table of the data map.
            wanted: which rows; None for every row.

        Raises:
            DataMapDrift: the table, or a column that the query needs, is not there.
        """
        ...

    def repeated(self, table: TableName, only: Collection[str] | None = None) -> frozenset[str]:
        """Return the columns, of those read, whose values stand in many rows each."""
        ...

    def values(self, table: TableName, column: str, org_id: str | None) -> Iterator[Sequence[str]]:
        """Yield the values of a column, each once, in batches; of the rows that `rows` reads."""
        ...

    def rows_leading_to(
        self, target: TableName, roots: Collection[str], org_id: str
    ) -> Mapping[TableName, int]:
        """Return how many of a tenant's rows lead to one of the roots, for every mapped table.

        Args:
            target: the table whose keys the roots are: where a level starts.
        """
        ...

    def rows_provided(
        self, target: TableName, roots: Collection[str], people: Collection[str], org_id: str
    ) -> Mapping[TableName, frozenset[RowKey]]:
        """Return the keys of the rows that the person provided (Art. 20), as text.

        Of each table of which the data map leaves out rows; of any other, every row counts.

        Args:
            target, roots: as of `rows_leading_to`.
            people: the person's keys in the subject table.
        """
        ...

    def rows_of_people(
        self, table: TableName, keys: Collection[str], org_id: str, columns: Sequence[str]
    ) -> Iterator[tuple[frozenset[str], RowKey, Mapping[str, object]]]:
        """Yield a tenant's rows that lead to one of the people: to whom, key, and some columns.

        Args:
            keys: of people, as text.

        Values are as JSON has them; numbers are texts, as written.
        """
        ...

    def rows_of_other_kinds(self, org_id: str) -> Iterator[Sequence[object]]:
        """Yield what the personal columns of each person of another kind hold, as JSON has it."""
        ...

    def statistics(self) -> Iterator[tuple[ColumnName, str]]:
        """Yield what the planner's statistics hold of the platform's values, by column."""
        ...

    def canary_rows(
        self, tables: Collection[TableName], canaries: Canaries
    ) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield, by table, rows of its own shape that hold the canaries in every searched column.

        They stand in a table made like it, in a transaction that is rolled back, and come
        through the same query.
        """
        ...

    def opaque_columns(self, table: TableName) -> Mapping[str, str]:
        """Return the columns of a table that cannot be searched, with their types."""
        ...

    def other_people(self, org_id: str) -> tuple[tuple[str, ...], ...]:
        """Return the names of each other person (agent) of a tenant."""
        ...

    def named_paths(self, store: str) -> frozenset[str]:
        """Return each path of a store that a row names."""
        ...

    def named_objects(self, store: str) -> Mapping[str, NamedObject]:
        """Return each path of a store that a row names, and whose rows do."""
        ...

    def own_paths(
        self, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[PathSource, tuple[str, ...]]]:
        """Return by request the objects that its own rows still name, by how they name them.

        Only such as an erasure deletes.
        """
        ...

    def own_rows(
        self, table: TableName, request_ids: Collection[str], columns: Sequence[str]
    ) -> Iterator[Mapping[str, Sequence[str | None]]]:
        """Yield the requests' own rows as they are now, in parts, column by column, as text in UTC.

        Without columns each row has the column `""`.
        """
        ...

    def references(self, keys: Collection[str]) -> Iterator[tuple[ColumnName, str, int]]:
        """Yield where the map names references: column, key, and how many rows of any tenant hold it."""
        ...

    def linked_to_others(
        self, table: TableName, request_ids: Collection[str], link: Link
    ) -> frozenset[str]:
        """Return the values, as text, of a link's column in own rows that lead to rows that stay.

        Such a row is there, and is neither one of the requests nor the person of one.
        """
        ...

    def totals(
        self, table: TableName, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[str, str]]:
        """Return by request the count and the sums of measures of its own rows as they are now."""
        ...

    def baseline(
        self, request_ids: Collection[str]
    ) -> Mapping[str, Mapping[TableName, Mapping[str, str]]]:
        """Return by request what its own rows amounted to before the change."""
        ...

    def working_rows(self, request_ids: Collection[str]) -> Mapping[str, Mapping[TableName, int]]:
        """Return by request and table how many own rows its plan named."""
        ...

    def misplaced_rows(self, request_ids: Collection[str]) -> Mapping[str, Mapping[TableName, int]]:
        """Return how many rows that others share are there though nothing needs them, or gone though needed."""
        ...

    def transactions(self, request_ids: Collection[str]) -> Mapping[str, str]:
        """Return by request the transaction that changed its rows; without one, left out."""
        ...

    def unplanned_rows(self, table: TableName, request_ids: Collection[str]) -> Mapping[str, int]:
        """Return by request the rows that its transaction wrote and that no plan of it names."""
        ...

    def pending_portions(self, request_ids: Collection[str]) -> Mapping[str, int]:
        """Return by request how many portions of its rows were never changed."""
        ...

    def effects(self, request_ids: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        """Return by request how many of its effects are in each state."""
        ...


@dataclass(frozen=True)
class StoredVersion:
    """A version of an object, a delete marker, or an upload that was never finished.

    Attributes:
        path: relative to the store's root; a name may be a person's.
        version: None for what has no bytes that can be read.
    """

    path: str = field(repr=False)
    version: str | None
    byte_count: int
    is_unfinished: bool = False


class SearchedBucket(Protocol):
    """The verifier's own reading of a bucket: whatever lies in it, hidden or not."""

    def versions(self) -> Iterator[StoredVersion]:
        """Yield everything below the prefix, version by version.

        Raises:
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        ...

    def content(self, found: StoredVersion) -> tuple[bytes, str]:
        """Return the bytes of a version, and what was noted with it.

        Raises:
            FileNotFoundError: it is gone by now.
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        ...


class OutsideTables(Protocol):
    """A database of which nothing is known and that is searched: Airflow's own, one of others, a dump."""

    @property
    def unread(self) -> Mapping[str, str]:
        """Tables that could not be read → why, once `rows` has come to them."""
        ...

    @property
    def opaque(self) -> Mapping[str, str]:
        """Columns that are searched as the database writes them, without a canary → their type."""
        ...

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield the rows of every table, in batches, with whatever can hold text.

        Raises:
            DependencyUnreachable: it does not answer, or a table may not be read.
        """
        ...

    def canary_rows(self, canaries: Canaries) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield for every table rows of its own columns that hold the canaries."""
        ...

    def indexed(self, values: Sequence[str]) -> Iterator[tuple[ColumnName, Mapping[int, int]]]:
        """Yield full-text indexes: the number of a value → rows in which its words stand in a row."""
        ...


class Scrubber(Protocol):
    """Takes what was erased out of the database's own files; every command stands for itself."""

    def tables(self, schemas: Collection[str]) -> tuple[TableFiles, ...]:
        """Return the tables of the platform's schemas, smallest first, then Lacuna's own."""
        ...

    def due(self, schemas: Collection[str]) -> tuple[TableFiles, ...]:
        """Return those of them to be rewritten: that changed, or with rows that were locked."""
        ...

    def rewrite(self, files: TableFiles, key: Sequence[str] = ()) -> Rewriting:
        """Rewrite a table's rows and files; `key`: columns by which Lacuna knows its rows."""
        ...

    def renew_statistics(self, tables: Collection[TableName]) -> tuple[TableName, ...]:
        """Refresh the statistics of tables, without an exclusive lock; return those refused."""
        ...

    def rewrite_statistics(self) -> ScrubRefusal | None:
        """Rewrite the catalogs that hold statistics."""
        ...

    def clear_log(self) -> ScrubRefusal | None:
        """Have the segments of the write-ahead log until now removed."""
        ...

    def exposed(self) -> tuple[str, ...]:
        """Return the settings of the server by which values get into its logs, or elsewhere."""
        ...


class Scrubs(Protocol):
    """Records which tables were rewritten, and when."""

    def put(self, files: TableFiles, lock_seconds: float, at: datetime) -> None:
        """Record that the files of a table were rewritten, as it was when that began."""
        ...


class CanaryContacts(Protocol):
    """Makes made-up contacts, and sees whether anybody else is in their organization."""

    def strangers(self, org_id: str) -> int:
        """Return how many people of the organization are neither erased nor a canary."""
        ...

    def waiting(self, org_id: str) -> str | None:
        """Return the key of a canary that is not erased yet, or None."""
        ...

    def last_day(self, org_id: str) -> date | None:
        """Return the UTC day on which a request of the organization was last received."""
        ...

    def make(self, org_id: str, at: datetime) -> str:
        """Insert a canary with a value in every column that identifies people; return its key."""
        ...
