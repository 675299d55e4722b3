"""The platform's rows and objects, to read and to change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lacuna.model.datamap import ObjectFormat, SweepRule
from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.membership import Membership
from lacuna.model.object_source import PathSource
from lacuna.model.shared_rows import KeysByTable, SharedRows
from lacuna.model.table import Column
from lacuna.ports.texts import FileRow, TextRow


@dataclass(frozen=True)
class Listed:
    """An object as a store lists it.

    Attributes:
        byte_count: of all that the store has of it.
        arrived_at: when the store last took something of it in, whatever the file says of itself.
        state: changes whenever the object does; says which file, its size, its times or versions.
    """

    path: str = field(repr=False)
    byte_count: int
    arrived_at: datetime
    state: str = field(repr=False)


class Objects(Protocol):
    """One object store (a folder or a bucket prefix), by paths relative to its root.

    A path that leaves the root, or passes through a symbolic link, is refused. Where a store
    keeps versions of what was overwritten or deleted, all of them are the object.
    """

    @property
    def name(self) -> str:
        """The store's name in the data map."""
        ...

    def size(self, path: str) -> int | None:
        """Return the object's size in bytes, or None if there is no such object."""
        ...

    def read(self, path: str) -> bytes:
        """Return the whole object."""
        ...

    def stream(self, path: str) -> Iterator[bytes]:
        """Yield the object in pieces that fit into memory."""
        ...

    def contents(self, path: str) -> Iterator[bytes]:
        """Yield the whole content of each version that the store has, the newest first."""
        ...

    def version(self, path: str) -> str:
        """Return a text that changes whenever the object does."""
        ...

    def paths(self) -> Iterator[str]:
        """Yield the path of every object, sorted; a store that is gone raises, and is not empty."""
        ...

    def arrivals(self) -> Iterator[tuple[str, datetime]]:
        """Yield every object with when the store last took something of it in.

        What a file says of its own last change does not count: a copy keeps it.
        """
        ...

    def listing(self, under: str = "") -> Iterator[Listed]:
        """Yield every object below a folder, sorted by path; without one, of the store."""
        ...

    def move(self, path: str, to: str, state: str | None = None) -> bool:
        """Move the object with all that the store keeps of it; never onto another one.

        Args:
            state: what it was listed with; None: whatever it is now.

        Returns:
            Whether it was moved: not if it is not there, or not in that state. What a crash left of
            the same move is taken over.

        Raises:
            PlanRefused: something holds it, or another object lies there. Nothing was changed.
            ApplyFailed: it could not be moved; it lies where it was.
        """
        ...

    def tidy(self, path: str) -> None:
        """Take away the folders that an object which went from `path` left empty.

        Args:
            path: one that ends with a slash: every empty folder below it.
        """
        ...

    def require_erasable(self, path: str) -> None:
        """Refuse an object that could be neither deleted nor rewritten; absent is fine.

        Raises:
            PlanRefused: something holds it, and waiting does not help: a lock, another name.
        """
        ...

    def delete(self, path: str) -> bool:
        """Delete the object durably, all versions; return False if it was already absent.

        The object is read back absent before this returns.
        """
        ...

    def replace(self, path: str, content: bytes) -> None:
        """Rewrite the object, durably and in one step: old or new, never half.

        No older version is left when this returns.
        """
        ...

    def level(self) -> int:
        """Take away what the store says of when each of its folders changed.

        Returns:
            How many folders say it still.
        """
        ...

    @property
    def locks_new(self) -> bool:
        """Whether what is written here cannot be deleted for a while, whatever it is."""
        ...

    def traits(self) -> tuple[str, ...]:
        """Return how the store treats deleted objects, in a few words each.

        Raises:
            DependencyUnreachable: the store does not answer, or refuses to.
        """
        ...


class FileSearch(Protocol):
    """What the residual search will find in a file, asked before an erasure."""

    def in_content(
        self, content: bytes, kind: ObjectFormat
    ) -> Mapping[SubjectRef, frozenset[Identifier]]:
        """Return the known values in a file, by person, however it is packed or encoded."""
        ...

    def in_bytes(self, content: bytes) -> Mapping[SubjectRef, frozenset[Identifier]]:
        """Return the known values in a file that a row keeps in a column of bytes, by person."""
        ...

    def in_name(self, path: str) -> Mapping[SubjectRef, frozenset[Identifier]]:
        """Return the known values in the name of a file, by person."""
        ...


@dataclass(frozen=True)
class ObjectRows:
    """The rows that name an object.

    Attributes:
        owners: keys of the people whom the rows lead to; empty where they lead to nobody.
        org_ids: tenants of the rows; empty where a row belongs to none: it may be anybody's.
    """

    owners: frozenset[str] = field(repr=False)
    org_ids: frozenset[str]
    rows: frozenset[tuple[PathSource, RowKey]] = field(repr=False)


class PeopleReading(Protocol):
    """Reads who people are and by what they are known."""

    @property
    def joined_by(self) -> tuple[IdentifierKind, ...]:
        """The kinds of identifiers by which the data map says that rows are one person."""
        ...

    def holders(
        self, org_id: str, identifiers: Collection[Identifier]
    ) -> Mapping[Identifier, frozenset[str]]:
        """Return, for each identifier, the subject keys of the people who hold it.

        E-mail addresses compare without case, phone numbers by their digits, everything
        else exactly. Conversation and message ids lead to the person they belong to. The
        tombstone contact is nobody, here and in whatever else asks for people.
        """
        ...

    def merged_with(self, org_id: str, keys: Collection[str]) -> frozenset[str]:
        """Return `keys` and every subject key merged into them, or that they merged into."""
        ...

    def identifiers_of(
        self, org_id: str, keys: Collection[str]
    ) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        """Return every identifier of each subject key, with whether it is a short name."""
        ...

    def profiles(self, keys: Collection[str]) -> Mapping[str, Sequence[tuple[Column, object]]]:
        """Return the values of the row of each subject key, by column."""
        ...


class PlatformReading(PeopleReading, Protocol):
    """Reads the platform's tables as the data map describes them, for the planner."""

    def untreated(self, org_id: str, keys: Collection[str]) -> frozenset[str]:
        """Return those of the subject keys whose rows are not as an erasure leaves them."""
        ...

    def merged_groups(self, org_id: str, keys: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Return, for each subject key, what `merged_with` returns for it alone."""
        ...

    def everybody(self, org_id: str) -> Mapping[str, tuple[tuple[Identifier, bool], ...]]:
        """Return every identifier of every person of a tenant."""
        ...

    def other_addresses(self, org_id: str) -> frozenset[str]:
        """Return the e-mail addresses of other people (agents) of a tenant, in lower case."""
        ...

    def other_people(self, org_id: str) -> tuple[tuple[str, ...], ...]:
        """Return the values that identify each other person (agent) of a tenant, by the columns' categories."""
        ...

    def own_rows(
        self, org_id: str, target: TableName, roots: Collection[str]
    ) -> Mapping[str, Mapping[TableName, frozenset[RowKey]]]:
        """Return, for each root key of `target`, the tenant's rows that lead to it, by table.

        Args:
            roots: for the subject table, keys of people without a row too (`value_key`).
        """
        ...

    def shared_rows(self, own: KeysByTable) -> SharedRows:
        """Return which rows name those of `own` as theirs, where the data map lets several do so."""
        ...

    def keys_by_name(self, column: ColumnName) -> Mapping[str, tuple[str, ...]]:
        """Return by each value of a column, as text, the keys of the rows with it, sorted."""
        ...

    def references(
        self, keys: Collection[str]
    ) -> Mapping[str, Mapping[ColumnName, frozenset[RowKey]]]:
        """Return, by subject key, the rows that refer to it, of all tables with references."""
        ...

    def due_rows(
        self, rule: SweepRule, digest: str, before: datetime
    ) -> Mapping[str, frozenset[RowKey]]:
        """Return, by tenant, rows that a sweep rule has not treated as they are now.

        Rows of restricted people are left out.
        """
        ...

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants that have people, sorted."""
        ...

    def restricted(self, org_id: str) -> frozenset[str]:
        """Return the subject keys of the people whom sweeps and reporting leave out."""
        ...

    def owners_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        """Return the subject keys that each row of `keys` belongs to.

        Those of people of other kinds have their kind before them, and count in the rows that are treated as theirs.
        """
        ...

    def roots_of(
        self, table: TableName, keys: Collection[RowKey], target: TableName
    ) -> Mapping[RowKey, frozenset[str]]:
        """Return the keys of `target` that each row of `keys` leads to."""
        ...

    def people_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        """Return the keys of the people that each row leads to, of the data map's kind alone."""
        ...

    def has_told(self, member: Membership) -> bool:
        """Whether a row meets the conditions of a membership: without one, nobody is of the kind."""
        ...

    def strangers(self, keys: Collection[str]) -> frozenset[str]:
        """Return those of some keys whose rows are of another kind of people, or of none.

        A key without a row of the subject table is none of them.
        """
        ...

    def keys_by_value(
        self, org_id: str, identifiers: Collection[Identifier]
    ) -> Mapping[Identifier, str]:
        """Return the keys of people without a row to whom rows lead by these values.

        Identifiers compare as for `holders`. Whoever has a row of their own is known by that.
        """
        ...

    def unlike_in_case(self, column: ColumnName, keys: Collection[RowKey]) -> int:
        """Return from how many rows a link of a column (`to`) leads nowhere for its spelling alone.

        That is letter case, and spaces before and after the value.
        """
        ...

    def texts(self, org_ids: Collection[str]) -> Iterator[tuple[TableName, list[TextRow]]]:
        """Yield every row of the tenants that has text to search, in batches, table by table."""
        ...

    def texts_of(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[list[TextRow]]:
        """Yield the texts of given rows, in batches."""
        ...

    def files(self, org_ids: Collection[str]) -> Iterator[tuple[TableName, list[FileRow]]]:
        """Yield every row of the tenants with a file in a column of bytes that may be emptied.

        Few rows at once, table by table: a file may be large.
        """
        ...

    def files_of(self, table: TableName, keys: Collection[RowKey]) -> Iterator[list[FileRow]]:
        """Yield the files of given rows, few rows at once."""
        ...

    def existing(self, table: TableName, keys: Collection[RowKey]) -> frozenset[RowKey]:
        """Return which of these rows are (still) there."""
        ...

    def object_paths(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[PathSource, tuple[str, ...]]:
        """Return the paths of the objects that given rows name and an erasure of them deletes."""
        ...

    def object_rows(self, store: str) -> Mapping[str, ObjectRows]:
        """Return, for each path that rows name in a store, those rows and their people."""
        ...

    def object_names(self, store: str) -> Mapping[str, Mapping[ColumnName, int]]:
        """Return, for each path that rows name in a store, how many rows of a column do."""
        ...

    def value_holders(
        self, org_id: str, columns: Collection[ColumnName], values: Collection[str]
    ) -> Mapping[str, frozenset[str]]:
        """Return the subject keys of those in whose rows' columns a value stands.

        Args:
            columns: in documents and arrays, every text and number inside counts.
            values: without blanks around and in lower case; of a number in 8 to 24 digits and
                separators, the last 8 digits. Values that nobody holds are left out.
        """
        ...

    def values_of_nobody(self, org_id: str, values: Collection[str]) -> frozenset[str]:
        """Return those of some values that tables of nobody's hold: a mailbox, a company's name.

        Args:
            values: as they compare.
        """
        ...

    def documents_of(self, table: TableName) -> frozenset[str]:
        """Return the columns of a table that hold JSON documents or arrays."""
        ...

    def values_of_tenant(self, org_id: str, values: Collection[str]) -> frozenset[str]:
        """Return those of some values that are in the row of the tenant: a company's name.

        Args:
            values: as they compare.
        """
        ...

    def values_of_staff(self, org_id: str, values: Collection[str]) -> frozenset[str]:
        """Return those of some values that identify an agent: a login or a badge too.

        Args:
            values: as they compare.
        """
        ...

    def open_conversations(self, keys: Collection[RowKey]) -> frozenset[RowKey]:
        """Return those of the given conversations that are open."""
        ...

    def other_names(self, org_id: str) -> tuple[str, ...]:
        """Return the full names of other people (agents) of a tenant: they stay in texts."""
        ...

    def rows(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        """Yield the given columns of given rows, ordered by key within each batch."""
        ...

    def keyed_rows(
        self, table: TableName, columns: Sequence[str], keys: Collection[RowKey]
    ) -> Iterator[tuple[RowKey, Sequence[object]]]:
        """Yield the same with the key of each row, as `keys` writes it."""
        ...


class RowSource(Protocol):
    """Reads given rows of the platform, as the database holds them."""

    def rows(
        self, table: TableName, columns: Sequence[str], keys: frozenset[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        """Yield `columns` of the rows with these primary keys, one tuple a row, in any order.

        A row that is gone by now is left out. Values are those of the driver: text, numbers,
        aware datetimes, lists, JSON documents as Python values.

        Raises:
            PipelineError: the table cannot be read.
        """
        ...
