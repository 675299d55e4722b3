"""One table of a platform, as a data map describes it: its columns, its links, and the rows that go into a bundle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lacuna.model.location import ColumnName, TableName
from lacuna.model.treatment import Erasure, Mention, RowErasure, Treatment


class Form(StrEnum):
    """What a value is in a format that other products read: a letter or a line that was spoken."""

    MAIL_FROM = "mail.from"
    MAIL_TO = "mail.to"
    MAIL_CC = "mail.cc"
    MAIL_BCC = "mail.bcc"
    MAIL_DATE = "mail.date"
    MAIL_ID = "mail.id"
    MAIL_SUBJECT = "mail.subject"
    MAIL_TEXT = "mail.text"
    MAIL_HTML = "mail.html"
    SPEECH_TEXT = "speech.text"
    SPEECH_SPEAKER = "speech.speaker"
    SPEECH_START_MS = "speech.start_ms"
    SPEECH_END_MS = "speech.end_ms"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        category: fideslang name, e.g. `user.contact.email`; `system.operations` where no
            personal data is held.
        processing: name of a `Processing`.
        mention: what happens when an erased person is mentioned in a row of someone else.
        is_text: free text in which people can be mentioned (searched for mentions).
        media_type: `text/plain` or `text/html` for text.
        in_access: part of an access bundle (Art. 15).
        in_portability: part of the portability subset (Art. 20).
        meaning: what the column says, for the data dictionary.
        label: what people read in front of a value; empty where the meaning is short enough for it.
            It decides nothing, and is no part of the map's digest.
        legend: explains codes, e.g. `{"pstn": "telephone"}`.
        object_store: name of the store whose paths the column holds; None for no paths.
        object_paths: where in a JSON document they stand, as `/a/[]/b`; empty for a text or a
            list of texts.
        form: what the value is in a format that other products read; None for nothing.
        values: the codes that were known when the map was written, where rows are told apart by
            them; a new one is drift. The legend's codes count too.
        kind: the column holds keys of the subject table, but of rows of this other kind (a
            value of the column that `Subject.where` names); empty for any other column.
        may_stand_alone: the column may contain nothing but an identifier of a person in a row that
            leads to nobody; elsewhere that is a link that the map lacks.
        stays: why values of a person may stay in this column, as `lacuna datamap prove` finds them;
            empty where they may not. It changes no plan and no gate.
    """

    name: str
    category: str
    processing: str
    erasure: Erasure
    mention: Mention
    is_text: bool
    media_type: str
    in_access: bool
    in_portability: bool
    meaning: str
    legend: Mapping[str, str]
    object_store: str | None
    form: Form | None = None
    kind: str = ""
    values: tuple[str, ...] = ()
    object_paths: tuple[str, ...] = ()
    may_stand_alone: bool = False
    stays: str = ""
    label: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether the column holds personal data of a contact or another person."""
        return self.category.startswith("user.")

    @property
    def is_set(self) -> bool:
        """Whether an erasure's statement gives the column another value."""
        return (
            self.erasure.treatment not in (Treatment.KEEP, Treatment.DERIVED)
            and not self.is_rewritten
        )

    @property
    def is_rewritten(self) -> bool:
        """Whether an erasure reads each own text and rewrites it, instead of one statement.

        HTML is obfuscated so, because its structure stays.
        """
        treatment = self.erasure.treatment
        return treatment is Treatment.REDACT or (
            treatment is Treatment.OBFUSCATE and self.media_type == "text/html"
        )


@dataclass(frozen=True)
class Link:
    """A way from a row towards the person: `column` holds the key of a row of `table`.

    A link to the subject table ends the path; any other goes on through that table's links.

    Attributes:
        to: the column of `table` whose value `column` holds; None for the table's single key.
        where: `(column, value)`: only rows of this table with that value link there, e.g. a
            polymorphic link where `record_type` is `User`; None for all rows.
        path: keys that lead to the value where `column` is a JSON document; empty for a plain
            column.
        lookup: the column in which the value of `where` stands, of the row whose key this table
            holds, e.g. `object_lookups.name`; None where this table holds the value itself. Of an
            opened map, `where` has the key.
        is_text: `column` holds the key as text, whatever the key is.
    """

    column: str
    table: TableName
    to: str | None = None
    where: tuple[str, str] | None = None
    path: tuple[str, ...] = ()
    lookup: ColumnName | None = None
    is_text: bool = False

    @property
    def is_written(self) -> bool:
        """Whether what it holds is text, and is compared with the text of the key."""
        return self.is_text or bool(self.path)

    @property
    def is_plain(self) -> bool:
        """Whether the column holds nothing but keys of the table."""
        return self.to is None and self.where is None and not self.path


@dataclass(frozen=True)
class PortableRows:
    """Which rows of a table are part of the portability subset: what the person provided (Art. 20).

    A row with another value, or with none, is left out. Without conditions every row is part of
    it, whatever it leads to.

    Attributes:
        where: `(column, values)`: the column holds one of the values; of several, each has to.
        author: link column that names the person themselves; None for none.
        goes_with: link columns: what they lead to is not left out either.
    """

    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    author: str | None = None
    goes_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Invariant:
    """What an application needs of a column: an erasure that would break it is refused.

    NULL meets every condition but `never_null`, as with a CHECK constraint.

    Attributes:
        never_null: a value is there.
        exists_in: the value is the key of a row of this table.
        one_of: the value, as text, is one of these; empty for any.
        pattern: a regular expression of PostgreSQL that the value, as text, matches.
    """

    column: str
    never_null: bool = False
    exists_in: TableName | None = None
    one_of: tuple[str, ...] = ()
    pattern: str | None = None


ROW_ADDRESS: Final = "ctid"
"""Stands for the key of a table that has none: where PostgreSQL keeps a row. It lasts until the
row changes, which is enough to delete it."""


@dataclass(frozen=True)
class Table:
    """One table of the platform.

    Attributes:
        key: primary key columns.
        tenant: column that holds the tenant's id; empty where there is none.
        tenant_through: links to the row whose tenant is this row's, the first that leads to one.
        tenant_name: the tenant of every row, by its id; empty for none.
        is_shared: the rows belong to no tenant: each of them may be anybody's. Where a table has none
            of the four, every row belongs to the one tenant that the map names.
        links: ways to the person; a row is theirs if any of them leads to them. Empty for
            tables that hold no rows of a person.
        references: columns that hold keys of the subject table, one or a list, and are no way to a
            person: who entered the row. An erasure takes the person's key out of every row.
        rows: what an erasure does to the person's own rows.
        erased_at: column that takes the year of erasure (its start, UTC); None if there is none.
        language: column with the row's language, or a link to the row that has it; None if
            unknown.
        measures: numeric columns whose sums an erasure must not move.
        is_legacy_report: reporting with personal rows that the marts replace.
        indexes: indexes over expressions: they hold copies of what they are computed from.
        is_history: triggers write here what a row was before it changed. Rows that an erasure
            itself makes them write are deleted in the same transaction.
        portable: which rows are part of the portability subset; None: those that lead to no row
            that is left out (`DataMap.followed`).
        invariants: what the application needs of its columns.
        label, meaning: what people read about it; empty where nothing of it is shown. They decide
            nothing, and are no part of the map's digest.
    """

    name: TableName
    key: tuple[str, ...]
    tenant: str
    links: tuple[Link, ...]
    rows: RowErasure
    erased_at: str | None
    language: str | None
    measures: tuple[str, ...]
    is_legacy_report: bool
    columns: tuple[Column, ...]
    is_history: bool = False
    indexes: tuple[str, ...] = ()
    portable: PortableRows | None = None
    invariants: tuple[Invariant, ...] = ()
    tenant_through: tuple[Link, ...] = ()
    tenant_name: str = ""
    is_shared: bool = False
    references: tuple[str, ...] = ()
    label: str = ""
    meaning: str = ""

    @property
    def redacted_columns(self) -> tuple[Column, ...]:
        """The columns whose texts an erasure redacts in the person's own rows."""
        return tuple(one for one in self.columns if one.erasure.treatment is Treatment.REDACT)

    @property
    def treated_columns(self) -> tuple[Column, ...]:
        """The columns that an erasure changes in the person's own rows, but for redacted texts."""
        left = (Treatment.KEEP, Treatment.DERIVED, Treatment.REDACT)
        return tuple(one for one in self.columns if one.erasure.treatment not in left)

    @property
    def is_anonymized(self) -> bool:
        """Whether an erasure changes more of the person's own rows than their texts."""
        return bool(self.treated_columns) or self.erased_at is not None

    @property
    def tenant_columns(self) -> frozenset[str]:
        """The columns that say whose tenant's a row is; they stay as they are."""
        links = self.tenant_through
        wheres = {link.where[0] for link in links if link.where is not None}
        return frozenset({self.tenant, *(link.column for link in links), *wheres} - {""})

    def column(self, name: str) -> Column:
        """Return a column by its name.

        Raises:
            KeyError: the table has no such column in the map.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name} in the data map")

    @property
    def file_columns(self) -> tuple[str, ...]:
        """The columns of bytes of which an erasure takes files that name the person in others' rows."""
        return tuple(one.name for one in self.columns if one.mention is Mention.EMPTY)

    @property
    def language_link(self) -> Link | None:
        """The link to the row whose language this one has; None if it has its own, or none."""
        return next((link for link in self.links if link.column == self.language), None)

    @property
    def language_column(self) -> str | None:
        """The column of this table that holds a row's language; None if there is none."""
        return self.language if self.language_link is None else None

    def is_kept(self, name: str) -> bool:
        """Whether an erasure leaves a column as it is in the person's own rows."""
        return self.rows in (RowErasure.KEEP, RowErasure.REFRESH) or (
            self.rows is RowErasure.ANONYMIZE
            and self.column(name).erasure.treatment is Treatment.KEEP
        )

    def mapped_as(self, column: Column) -> str:
        """Return category and treatment of a column, as people read them: `user.name, null`."""
        erased = (
            str(column.erasure.treatment)
            if self.rows is RowErasure.ANONYMIZE
            else f"rows: {self.rows}"
        )
        return f"{column.category}, {erased}"

    @property
    def follows(self) -> Link | None:
        """The link to the row from which a trigger makes a row here, as a full-text index; None for none.

        Everything but keys is derived in such a table.
        """
        link = self.links[0] if len(self.links) == 1 else None
        if link is None or link.to is not None or link.where is not None or link.path:
            return None
        keys = {*self.key, *self.tenant_columns, link.column}
        others = [column for column in self.columns if column.name not in keys]
        is_derived = all(one.erasure.treatment is Treatment.DERIVED for one in others)
        return link if others and is_derived else None

    @property
    def is_nobodys(self) -> bool:
        """Whether rows stay and lead to no person: settings, teams, mailboxes."""
        return self.rows is RowErasure.KEEP and not self.links

    @property
    def tombstone_links(self) -> tuple[str, ...]:
        """The columns that an erasure points at the tombstone contact, references too."""
        return tuple(
            column.name
            for column in self.columns
            if column.erasure.treatment is Treatment.TOMBSTONE
        )

    def is_pointed_at_by(self, link: Link) -> bool:
        """Whether one of the links here follows a key of another table back: that row points here."""
        return link.to is not None and not link.path and link.column in self.key

    def is_named_by(self, link: Link, tables: Mapping[TableName, "Table"]) -> bool:
        """Whether several rows of another table can name a row here by one of the links.

        The first column of a longer key may be a number of the row itself, as in a table in
        partitions: what leads to it extends that row.
        """
        other = tables.get(link.table)
        if other is None or not self.is_pointed_at_by(link) or other.key == (link.to,):
            return False
        return link.to != other.key[0] or other.rows is RowErasure.DELETE

    def links_to(self, table: TableName) -> tuple[Link, ...]:
        """The ways that lead straight to rows of another table."""
        return tuple(link for link in self.links if link.table == table)

    def hidden_links(self, table: TableName) -> tuple[Link, ...]:
        """The ways straight to another table that a redaction of a document alone would leave."""
        rewritten = {column.name for column in self.columns if column.is_rewritten}
        return tuple(one for one in self.links_to(table) if one.path and one.column in rewritten)

    @property
    def has_row_address(self) -> bool:
        """Whether rows have no key of their own, and are known by where they lie."""
        return self.key == (ROW_ADDRESS,)


def reaching(tables: Iterable[Table], target: TableName) -> frozenset[TableName]:
    """Return the tables from which links lead to `target`, itself included."""
    return reaching_by({table.name: table.links for table in tables}, target)


def reaching_by(
    links: Mapping[TableName, Iterable[Link]], target: TableName
) -> frozenset[TableName]:
    """Return the tables from which some links, by the table that has them, lead to `target`."""
    pointing: dict[TableName, set[TableName]] = {}
    for name, of_table in links.items():
        for link in of_table:
            pointing.setdefault(link.table, set()).add(name)
    reached = {target}
    waiting = [target]
    while waiting:
        for name in pointing.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return frozenset(reached)
