"""A plan: the steps that an approved request will take, as plain values.

The dry run, the approval, the apply, the golden tests and the certificate read this one
value. What is not touched is a step too (`Retain`).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from lacuna.model.correction import CopiesFound, FileCopies
from lacuna.model.hold import HeldItems, ItemHold
from lacuna.model.identity import IdentityBasis
from lacuna.model.location import ColumnName, ObjectPath, RowKey, TableName, pattern_location
from lacuna.model.request import Level, Request, RequestKind

BUNDLES: Final = "bundles"
"""Where sealed bundles lie, as a `Retain` step and findings write it."""


@dataclass(frozen=True)
class AnonymizeRows:
    """Treat columns of the person's own rows, by statements over the whole set.

    Attributes:
        treatments: `(column, treatment as written in the data map)`.
    """

    table: TableName
    treatments: tuple[tuple[str, str], ...]
    rows: int


@dataclass(frozen=True)
class RedactText:
    """Redact free text of the person's own rows: known values first, then detection.

    Attributes:
        is_whole: nothing says what the person is called, so that each text becomes as many
            characters without meaning.
    """

    table: TableName
    columns: tuple[str, ...]
    rows: int
    is_whole: bool = False


@dataclass(frozen=True)
class RedactMentions:
    """Cover the person's identifiers in a row that belongs to somebody else."""

    table: TableName
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class EmptyFiles:
    """Take the content of files that name the person out of columns of bytes in other people's rows.

    A row of which a text is redacted too counts in both steps.
    """

    table: TableName
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class LinkTombstone:
    """Point links that may not be NULL at the tenant's tombstone contact, made if need be.

    Attributes:
        table: the subject table, which holds the tombstone contact.
        links: the columns with those links, each as `schema.table.column`.
        rows: the most rows that point at it afterwards; they are changed by other steps. A link to
            somebody else stays.
    """

    table: TableName
    links: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class RefreshView:
    """Refresh a materialized view, after the rows that it was made from are treated.

    Attributes:
        rows: rows of the person in it, as far as links in the data map lead there.
    """

    table: TableName
    rows: int


@dataclass(frozen=True)
class DeleteRows:
    """Delete derived or duplicate rows of the person."""

    table: TableName
    rows: int


@dataclass(frozen=True)
class DeleteObjects:
    """Delete objects (recordings, voicemails, attachments, raw mail) with read-back.

    Attributes:
        rows: number of objects.
        missing: objects that a row names but that are not there: never counted as erased.
        others: `(table, rows of others that name one of them)`: these rows lose it.
    """

    store: str
    rows: int
    byte_count: int
    missing: int
    others: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class RewriteObjects:
    """Rewrite objects without the person's values (Parquet exports)."""

    store: str
    pattern: str
    rows: int


@dataclass(frozen=True)
class Rectify:
    """Correct columns of the person's row in the subject table (Art. 16).

    Attributes:
        values: SHA-256 hex over the new values, salted with the request's nonce: what was approved is
            what is written.
    """

    table: TableName
    columns: tuple[str, ...]
    rows: int
    values: str


@dataclass(frozen=True)
class RectifyCopies:
    """Correct copies of these values in a table (Art. 16).

    Attributes:
        columns: `(column, rows in which it holds a copy)`.
        rows: rows that hold one in any of them.
        copies: SHA-256 hex over the rows and the old values, salted as above.
    """

    table: TableName
    columns: tuple[tuple[str, int], ...]
    rows: int
    copies: str


@dataclass(frozen=True)
class RectifyObjects:
    """Rewrite exports with these values corrected.

    Attributes:
        columns: `(column, rows of the exports in which it holds a copy)`.
        rows: number of objects.
        copies: SHA-256 hex over the objects and the old values, salted as above.
    """

    store: str
    pattern: str
    columns: tuple[tuple[str, int], ...]
    rows: int
    copies: str


@dataclass(frozen=True)
class Restrict:
    """Mark the person so that sweeps and reporting leave them out (Art. 18, 21)."""

    # Not `kind`: as JSON, that is the kind of a step.
    right: RequestKind


@dataclass(frozen=True)
class WriteBundle:
    """Write the access or portability bundle, check it, and seal it.

    Attributes:
        rows: rows that go into the bundle, over all tables.
    """

    kinds: tuple[RequestKind, ...]
    rows: int
    objects: int


@dataclass(frozen=True)
class Retain:
    """Leave data as it is, and say why.

    Attributes:
        location: table, column, store or part of Lacuna.
        ground: the article or the reason, e.g. `statistics of the controller, no link left`.
    """

    location: str
    ground: str
    rows: int


@dataclass(frozen=True)
class JoinRows:
    """Take further rows of the subject table for the same person.

    Attributes:
        rule: what the data map says of them: `merged_into`, `the same email`.
    """

    table: TableName
    rule: str
    rows: int


Step = (
    JoinRows
    | AnonymizeRows
    | RedactText
    | RedactMentions
    | EmptyFiles
    | LinkTombstone
    | DeleteRows
    | RefreshView
    | DeleteObjects
    | RewriteObjects
    | Rectify
    | RectifyCopies
    | RectifyObjects
    | Restrict
    | WriteBundle
    | Retain
)


def location_of(step: Step) -> str:
    """Return where a step works: a table, a store, or Lacuna's own queue."""
    match step:
        case AnonymizeRows() | RedactText() | RedactMentions() | DeleteRows() | Rectify():
            return step.table.location
        case JoinRows() | LinkTombstone() | RefreshView() | RectifyCopies() | EmptyFiles():
            return step.table.location
        case DeleteObjects():
            return step.store
        case RewriteObjects() | RectifyObjects():
            return pattern_location(step.store, step.pattern)
        case Retain():
            return step.location
        case Restrict() | WriteBundle():
            return "lacuna"
        case _:
            assert_never(step)


@dataclass(frozen=True)
class RowsFound:
    """Rows of one table that concern the person, as the inventory found them.

    Attributes:
        keys: their primary keys. Personal data where a key is one.
    """

    table: TableName
    keys: frozenset[RowKey] = field(repr=False)


@dataclass(frozen=True)
class MentionsFound:
    """Rows of somebody else in whose text column the person is mentioned."""

    column: ColumnName
    keys: frozenset[RowKey] = field(repr=False)


@dataclass(frozen=True)
class ObjectFound:
    """An object that concerns the person.

    Attributes:
        byte_count: its size; None if a row names it and it is not there.
        is_rewritten: whether it is rewritten (True) or deleted (False).
    """

    path: ObjectPath
    pattern: str
    byte_count: int | None
    rows: int
    is_rewritten: bool


@dataclass(frozen=True)
class Inventory:
    """Everything found for one person: the input of a plan.

    Attributes:
        open_conversations: conversations of theirs that are not closed.
        kept_identifiers: identifiers shared with a person who stays (see `Person.shared`).
        subject_rows: rows of the subject table that are the person, merged ones too.
        held: rows of theirs, in none of the rest, that stay, with why.
        joined: rules of the data map by which several of those rows are one person, each with how
            many it joins.
        copies: columns that hold copies of a value that is corrected.
        copied: exports that do.
        unreached: rows that lead to nobody, though a column contains one of the person's
            identifiers and nothing else.
        shared_objects: store, table and number of its rows of others that name an object which is
            deleted.
        shared: rows of theirs that stay until the last row of others that names them goes.
        shared_files: the objects that only those name.
        is_nameless: nothing says what the person is called (see `Person.is_nameless`).
    """

    rows: tuple[RowsFound, ...]
    mentions: tuple[MentionsFound, ...]
    objects: tuple[ObjectFound, ...]
    open_conversations: int
    kept_identifiers: int
    subject_rows: int = 1
    held: tuple[tuple[ItemHold, HeldItems], ...] = ()
    joined: tuple[tuple[str, int], ...] = ()
    copies: tuple[CopiesFound, ...] = ()
    copied: tuple[FileCopies, ...] = ()
    unreached: tuple[MentionsFound, ...] = ()
    shared_objects: tuple[tuple[str, TableName, int], ...] = ()
    shared: tuple[RowsFound, ...] = ()
    shared_files: tuple[ObjectFound, ...] = ()
    is_nameless: bool = False

    @property
    def every_row(self) -> tuple[RowsFound, ...]:
        """The rows of the person, those that an erasure leaves to others too."""
        return (*self.rows, *self.shared)

    @property
    def every_file(self) -> tuple[ObjectFound, ...]:
        """The objects that concern the person, those that an erasure leaves to others too."""
        return (*self.objects, *self.shared_files)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.rows or self.mentions or self.objects)


@dataclass(frozen=True)
class Plan:
    """What an approved request will do.

    Attributes:
        digest: SHA-256 hex over the request, the data map, the steps and the exact rows and
            objects, salted with the request's nonce; what an approval is bound to.
        inventory_digest: of all that is neither in the steps nor in the text that people read; empty
            for a plan from before it was kept.
    """

    request_id: str
    level: Level
    kinds: tuple[RequestKind, ...]
    datamap_digest: str
    steps: tuple[Step, ...]
    digest: str
    inventory_digest: str = ""

    @property
    def total_rows(self) -> int:
        """Rows of the platform that the plan changes or deletes, each once."""
        # Text and columns of the same own rows are two steps.
        own: dict[TableName, int] = {}
        corrected = {step.table: step.rows for step in self.steps if isinstance(step, Rectify)}
        others = 0
        for step in self.steps:
            if isinstance(step, AnonymizeRows | RedactText | DeleteRows):
                own[step.table] = max(own.get(step.table, 0), step.rows)
            elif isinstance(step, RedactMentions | EmptyFiles | Rectify):
                others += step.rows
            elif isinstance(step, RectifyCopies):
                # A document in a row that is corrected anyway may hold one too.
                others += max(0, step.rows - corrected.get(step.table, 0))
        return sum(own.values()) + others

    def count_by_kind(self) -> Mapping[str, int]:
        """Return rows (or objects) a kind of step, and bytes to be deleted, for the summary."""
        counts: dict[str, int] = {}
        for step in self.steps:
            if not isinstance(step, Restrict):
                name = type(step).__name__
                counts[name] = counts.get(name, 0) + step.rows
            if isinstance(step, DeleteObjects):
                counts["bytes"] = counts.get("bytes", 0) + step.byte_count
        return counts


def bound_digest(inventory_digest: str, steps: str, readable: str) -> str:
    """Return the digest (SHA-256 hex) of a plan.

    Args:
        inventory_digest: over the request, the data map, the exact rows and objects, and the nonce.
        steps: JSON, in whatever form.
        readable: what people read.
    """
    parts = {"inventory": inventory_digest, "readable": readable, "steps": json.loads(steps)}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def lacks_profile(request: Request, steps: Sequence[Step], subject: TableName) -> bool:
    """Whether somebody erased before is there again, and not the row that says who they are.

    What they were called, and which numbers were theirs, is known no more: a text of their own may be
    all that says it, so nothing of it can be told from the rest.

    Args:
        subject: the table of the people.
    """
    return request.identity_basis is IdentityBasis.ERASED and not any(
        isinstance(step, (AnonymizeRows, DeleteRows)) and step.table == subject for step in steps
    )
