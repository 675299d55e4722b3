"""The data map: where personal data lies in a platform, why, and what an erasure does to it.

These are the values; `pipelines/lacuna/datamap/` loads them from YAML and checks them against the
live schema. The map is the technical annex of the record of processing (Art. 30).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from lacuna.model.consent import ConsentRule
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName, TableName
from lacuna.model.request import CONTACT, Level


class Treatment(StrEnum):
    """What an erasure does to one column of the person's own rows."""

    KEEP = "keep"
    DERIVED = "derived"  # the database computes it from other columns, and so follows them
    SUPPRESS = "suppress"  # NULL
    EMPTY = "empty"  # '{}' of an array or a JSON document
    REPLACE = "replace"  # a constant given in the map
    GENERALIZE = "generalize"  # a timestamp or date to the start of its day, month or year
    UNLINK = "unlink"  # the link to the person becomes NULL
    TOMBSTONE = "tombstone"  # the link to the person points at the tenant's tombstone contact
    NEW_KEY = "new_key"  # a key that nothing else holds
    SURROGATE = "surrogate"  # a value of a given form that nothing else holds, new for each row
    REDACT = "redact"  # spans of free text covered, the rest kept
    OBFUSCATE = "obfuscate"  # the whole text replaced by one of the same length without content
    DELETE_OBJECT = "delete_object"  # the object behind the path is deleted, the path becomes NULL
    JSON_KEYS = "json_keys"  # a JSON object: declared keys kept, every other key removed


class RowErasure(StrEnum):
    """What an erasure does to the person's own rows of a table."""

    ANONYMIZE = "anonymize"  # the row stays, its columns are treated
    DELETE = "delete"  # derived or duplicate rows without statistical value
    KEEP = "keep"  # no personal data of a contact in it
    REFRESH = "refresh"  # a materialized view: made anew from rows that were treated


class Mention(StrEnum):
    """What an erasure does where the person is mentioned outside their own rows."""

    REDACT = "redact"  # cover the matching spans, keep the rest
    DELETE_OBJECT = "delete_object"  # delete the object, e.g. a raw copy of a message that stays
    REFUSE = "refuse"  # a person is never mentioned here; a hit is a finding


@dataclass(frozen=True)
class Processing:
    """Why data is processed: one entry of the record of processing, shared by columns.

    Attributes:
        lawful_basis: letter of Art. 6(1), e.g. `"6(1)(b)"`.
        keep_for_days: retention period; None while the relationship lasts.
        retention: the period or its criteria in words, for the notice (Art. 15(1)(d)).
        recipients: to whom the data is disclosed (Art. 15(1)(c)).
        source: where the data comes from if not from the person (Art. 15(1)(g)).
        transfers: third countries and their safeguards (Art. 15(2)); empty for none.
        automated_decisions: the logic involved (Art. 15(1)(h)); None for none.
    """

    name: str
    purpose: str
    lawful_basis: str
    keep_for_days: int | None
    retention: str
    recipients: tuple[str, ...]
    source: str
    transfers: str
    automated_decisions: str | None


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
class TenantContacts:
    """A controller, whom to ask there, and whom to complain to.

    Attributes:
        controller: name and address (Art. 4(7)).
        dpo: contact of the data protection officer.
        authority: the supervisory authority (Art. 15(1)(f)).
        representative: in the Union (Art. 27); empty for none.
        joint_controllers: name and address of each (Art. 26).
        processings: those that differ from the map's for this tenant, whole.
    """

    controller: str
    dpo: str
    authority: str
    representative: str = ""
    joint_controllers: tuple[str, ...] = ()
    processings: Mapping[str, Processing] = field(default_factory=dict)


@dataclass(frozen=True)
class Processor:
    """Who runs the platform for the controllers (Art. 4(8), 30(2)(a)).

    Attributes:
        name: name and address.
        dpo: contact of its data protection officer; empty for none.
        representative: in the Union (Art. 27); empty for none.
    """

    name: str
    dpo: str = ""
    representative: str = ""


@dataclass(frozen=True)
class Recipient:
    """Somebody to whom data was disclosed, and who is told what becomes of it (Art. 19).

    Attributes:
        title: as a letter names it.
        webhook: where it is told, or None.
        email: where it is told instead, or None.
        reference: by what sort of value it knows a person: all that it is told of them.
        tenants: whose contacts it got; empty: every tenant's.
        within_days: in which time after the erasure, correction or restriction it is to be told.
        fields: columns of the subject table that it got: it is told their corrections, value and
            all; empty: it is told of any correction, and of no value.
    """

    name: str
    title: str
    webhook: str | None
    email: str | None
    reference: IdentifierKind
    tenants: tuple[str, ...]
    within_days: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Erasure:
    """A treatment with its parameter.

    Attributes:
        argument: REPLACE: the constant; GENERALIZE: `day`, `month` or `year`; DELETE_OBJECT:
            the object store's name; JSON_KEYS: keys kept, joined by commas, a path of keys as
            `/a/b` (`[]` for every element of a list); SURROGATE: the form, with `{}` for the
            part that is unique; else None.
    """

    treatment: Treatment
    argument: str | None = None


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
        """Whether an erasure reads each own text and writes it anew, instead of one statement.

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
    """

    column: str
    table: TableName
    to: str | None = None
    where: tuple[str, str] | None = None
    path: tuple[str, ...] = ()

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


ROW_ADDRESS: Final = "ctid"
"""Stands for the key of a table that has none: where PostgreSQL keeps a row. It lasts until the
row changes, which is enough to delete it."""


@dataclass(frozen=True)
class Table:
    """One table of the platform.

    Attributes:
        key: primary key columns.
        tenant: column that holds the tenant's id; empty where every row belongs to the one
            tenant that the map names.
        links: ways to the person; a row is theirs if any of them leads to them. Empty for
            tables that hold no rows of a person.
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

    @property
    def is_nobodys(self) -> bool:
        """Whether rows stay and lead to no person: settings, teams, mailboxes."""
        return self.rows is RowErasure.KEEP and not self.links

    @property
    def tombstone_links(self) -> tuple[str, ...]:
        """The columns that an erasure points at the tombstone contact."""
        return tuple(
            column.name
            for column in self.columns
            if column.erasure.treatment is Treatment.TOMBSTONE
        )

    def links_to(self, table: TableName) -> tuple[Link, ...]:
        """The ways that lead straight to rows of another table."""
        return tuple(link for link in self.links if link.table == table)

    @property
    def has_row_address(self) -> bool:
        """Whether rows have no key of their own, and are known by where they lie."""
        return self.key == (ROW_ADDRESS,)


@dataclass(frozen=True)
class IdentifierColumn:
    """A column that identifies people.

    Attributes:
        kind: what its values are.
        column: text or text[].
        only_where: `(column, value)`: only rows with this value count, e.g. aliases of kind
            `email`; None for all rows.
        is_short: a given or family name alone: searched only in the person's own rows.
        path: keys that lead to the value where the column is a JSON document.
    """

    kind: IdentifierKind
    column: ColumnName
    only_where: tuple[str, str] | None
    is_short: bool
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """The table whose rows are people, and how a person is recognized.

    Attributes:
        table: one row a person.
        merged_into: column that names the person a duplicate was merged into; None for none.
        identifiers: every column that identifies a person, in any table.
        levels: the table that each level of erasure starts from; of a further kind, whose
            interactions stay, the contact's alone.
        open_when: `(column of the conversation table, values)`: conversations that block an
            erasure unless forced; empty where there is no such level.
        others: name columns of other people (agents) whose names are left in texts. In the
            subject table itself, those rows are meant that `where` leaves out.
        tombstone: values of the tombstone contact's columns that may not be NULL and get one
            neither by default nor by an erasure.
        where: `(column, value)`: only rows with this value are the people meant, where a table
            holds several kinds, e.g. contacts and agents; None for every row.
        joined_by: kinds of identifiers: rows that hold the same value of one are one person.
    """

    table: TableName
    merged_into: str | None
    identifiers: tuple[IdentifierColumn, ...]
    levels: Mapping[Level, TableName]
    open_when: tuple[str, tuple[str, ...]]
    others: tuple[ColumnName, ...]
    tombstone: Mapping[str, str] = field(default_factory=dict)
    where: tuple[str, str] | None = None
    joined_by: tuple[IdentifierKind, ...] = ()


class ObjectFormat(StrEnum):
    """How an object is read, searched and treated."""

    BINARY = "binary"  # audio, images: nothing inside is searched but raw bytes
    TEXT = "text"
    MAIL = "mail"  # RFC 5322
    PARQUET = "parquet"


@dataclass(frozen=True)
class FilePattern:
    """Objects of a store that have one treatment.

    Attributes:
        pattern: glob relative to the store's root, e.g. `exports/*.parquet`.
        table: the table whose columns hold the paths, or whose rows a Parquet file repeats
            (its columns are then treated as that table's columns); None for objects that
            no row names.
        named: how a row of the table names its object without a column for the path, e.g.
            `recordings/{id}.wav`; empty for no such rule.
    """

    pattern: str
    format: ObjectFormat
    table: TableName | None
    mention: Mention
    named: str = ""


@dataclass(frozen=True)
class Store:
    """An object store: a folder or a bucket prefix.

    Attributes:
        name: e.g. `media`.
        address: `s3://bucket/prefix`; empty for the folder of the store's name under LACUNA_HOME.
    """

    name: str
    files: tuple[FilePattern, ...]
    address: str = ""


@dataclass(frozen=True)
class SweepRule:
    """A retention rule over the text of closed interactions.

    Attributes:
        table: the table whose text columns are redacted.
        closed: `(table, column)`: the timestamp that says when the interaction closed,
            reached by the table's links.
        after_days: age at which text is redacted.
    """

    name: str
    table: TableName
    closed: ColumnName
    after_days: int


@dataclass(frozen=True)
class PersonKind:
    """A further kind of people, such as agents, with the rules that hold for them.

    Attributes:
        subject: the table whose rows they are, and how they are recognized.
        tables: what becomes of tables in an erasure of one of them, with the links that lead to
            them. Any table that is not among them stays, but for mentions.
        controller: who decides on their data; None for the tenant, as for contacts.
    """

    subject: Subject
    tables: Mapping[TableName, Table]
    controller: TenantContacts | None = None


@dataclass(frozen=True)
class DataMap:
    """Where personal data lies in one platform, as seen for one kind of people.

    `kinds.of_kind` gives the view for another kind. Everything that works with a map works with
    the view, and need not know that there are several.

    Attributes:
        schemas: schemas of the platform; every table in them must be mapped.
        digest: SHA-256 hex of the canonical form of the map.
        ignored: views, trigger functions, and tables of other tools in these schemas, with the
            reason why nothing of a person lies there.
        tenants: the controllers by tenant id; of any other, the map's own labels say it.
        representative, joint_controllers: of the map's own controller, as `Tenant` has them.
        processor: who runs the platform for the controllers; None where they run it themselves.
            These three change no decision, and are no part of the digest.
        only_tenant: the tenant of tables without a column for it; empty where all have one.
        security: the measures of Art. 32 in general words, for the record (Art. 30(1)(g)).
        questions: what a drafted map still asks; no flow runs while there is one.
        translations: by language (ISO 639-1), what the map says to people. They change no
            decision, so they are not part of the digest.
        consent: how consent to recording is read; None where nothing is recorded.
        notified: who is told of an erasure. It changes no plan, and is no part of the digest.
        reporting: the schema that the marts count in; None: there are no marts of this platform. No
            part of the digest either.
        kinds: the further kinds of people, by name.
        kind: whose view this is.
        whole: the map that this is a view of; None for the map itself.
    """

    name: str
    version: str
    schemas: tuple[str, ...]
    controller: str
    dpo: str
    authority: str
    processings: Mapping[str, Processing]
    subject: Subject
    tables: Mapping[TableName, Table]
    stores: Mapping[str, Store]
    sweeps: tuple[SweepRule, ...]
    longest_backup_days: int
    digest: str
    ignored: Mapping[TableName, str] = field(default_factory=dict)
    tenants: Mapping[str, TenantContacts] = field(default_factory=dict)
    representative: str = ""
    joint_controllers: tuple[str, ...] = ()
    processor: Processor | None = None
    only_tenant: str = ""
    security: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    consent: ConsentRule | None = None
    notified: tuple[Recipient, ...] = ()
    reporting: str | None = None
    kinds: Mapping[str, PersonKind] = field(default_factory=dict)
    kind: str = CONTACT
    whole: "DataMap | None" = field(repr=False, default=None)

    @property
    def is_own_controller(self) -> bool:
        """Whether another than the tenant decides on these people's data."""
        return self.kind != CONTACT and self.kinds[self.kind].controller is not None

    @property
    def keeps_keys(self) -> bool:
        """Whether an erased person's row keeps its key, and what points at it goes on doing so.

        So it is for agents whose interactions stay with their team: the row says nothing of
        anybody any more. A contact's interactions are always cut off.
        """
        table = self.tables[self.subject.table]
        return self.kind != CONTACT and all(
            table.column(name).erasure.treatment is Treatment.KEEP for name in table.key
        )

    @property
    def correctable(self) -> tuple[str, ...]:
        """The columns of a person's row that a rectification can name, sorted.

        Keys, links, marks, and what tells rows apart hold the platform together: they stay.
        """
        table = self.tables[self.subject.table]
        fixed = {*table.key, table.tenant, table.erased_at, self.subject.merged_into}
        fixed |= {each.name for each in self.telling_apart() if each.table == table.name}
        return tuple(sorted({column.name for column in table.columns} - fixed))

    def tenant(self, org_id: str) -> TenantContacts:
        """Return the controller of a tenant's contacts."""
        return self.tenants.get(org_id, self.own)

    @property
    def own(self) -> TenantContacts:
        """The controller of every tenant that the map does not name."""
        return TenantContacts(
            self.controller,
            self.dpo,
            self.authority,
            self.representative,
            self.joint_controllers,
        )

    def for_tenant(self, org_id: str) -> "DataMap":
        """Return the map with the processings as they are for one tenant: its bases and periods."""
        own = self.tenant(org_id).processings
        return replace(self, processings={**self.processings, **own}) if own else self

    def swept_columns(self, rule: SweepRule) -> tuple[str, ...]:
        """Return the text columns that a sweep rule redacts."""
        return tuple(
            column.name
            for column in self.tables[rule.table].columns
            if column.is_text and column.erasure.treatment is Treatment.REDACT
        )

    def told_of(self, org_id: str) -> tuple[Recipient, ...]:
        """Return who is told what becomes of the data of a tenant's contact."""
        return tuple(one for one in self.notified if not one.tenants or org_id in one.tenants)

    def telling_apart(self) -> Iterator[ColumnName]:
        """Yield the columns by whose values rows are told apart: which link, whose, how far."""
        subject = self.subject
        if subject.where is not None:
            yield ColumnName(subject.table, subject.where[0])
        for identifier in subject.identifiers:
            if identifier.only_where is not None:
                yield ColumnName(identifier.column.table, identifier.only_where[0])
        if Level.CONVERSATION in subject.levels:
            yield ColumnName(subject.levels[Level.CONVERSATION], subject.open_when[0])
        for table in self.tables.values():
            for link in table.links:
                if link.where is not None:
                    yield ColumnName(table.name, link.where[0])
            for column, _ in () if table.portable is None else table.portable.where:
                yield ColumnName(table.name, column)

    def followed(self, table: Table) -> tuple[Link, ...]:
        """Return the links to rows without which a row is in no portability subset.

        An attachment goes with its message: where a table says nothing itself, a row is left out
        with any row that it leads to. Ways to the person's own row do not count.
        """
        rule = table.portable
        return tuple(
            link
            for link in table.links
            if (rule is None or link.column in rule.goes_with)
            and link.table != self.subject.table
            and self.leaves_out_rows(self.tables[link.table])
        )

    def leaves_out_rows(self, table: Table) -> bool:
        """Whether rows of a person can be missing in the portability subset of a table."""
        rule = table.portable or PortableRows()
        return bool(rule.where or rule.author or self.followed(table))

    def cut_where(self, table: Table, column: str) -> tuple[tuple[str, str], ...] | None:
        """Return in which rows a link column leads to what an erasure takes away.

        None for every row. Only a polymorphic column can lead elsewhere in other rows.
        """
        wheres = [
            link.where
            for link in table.links
            if link.column == column
            and (
                link.table == self.subject.table
                or self.tables[link.table].rows is RowErasure.DELETE
            )
        ]
        if not wheres or None in wheres:
            return None
        return tuple(where for where in wheres if where is not None)

    def path_to(self, table: TableName, target: TableName) -> Iterator[tuple[Link, ...]]:
        """Yield every chain of links from `table` to `target`, shortest first.

        The chain is empty where `table` is the target itself. A chain does not visit a
        table twice, and does not pass through the subject table.
        """
        waiting: list[tuple[TableName, tuple[Link, ...]]] = [(table, ())]
        while waiting:
            here, chain = waiting.pop(0)
            if here == target:
                yield chain
                continue
            if here == self.subject.table:
                continue
            seen = {table, *(link.table for link in chain)}
            for link in self.tables[here].links:
                if link.table not in seen:
                    waiting.append((link.table, (*chain, link)))

    @property
    def has_tombstone(self) -> bool:
        """Whether an erasure points a link at a tombstone contact."""
        return any(table.tombstone_links for table in self.tables.values())

    @property
    def inserted_into(self) -> tuple[TableName, ...]:
        """The tables that an erasure adds rows to: tombstone contacts, and what triggers note."""
        return tuple(
            table.name
            for table in self.tables.values()
            if table.is_history or (self.has_tombstone and table.name == self.subject.table)
        )

    def in_erasure_order(self) -> tuple[Table, ...]:
        """Return the tables so that a row is treated before the row it points to."""
        done: list[Table] = []

        def visit(name: TableName, trail: tuple[TableName, ...]) -> None:
            table = self.tables[name]
            if table in done or name in trail:
                return
            for other in self.tables.values():
                if any(link.table == name for link in other.links):
                    visit(other.name, (*trail, name))
            done.append(table)

        for name in self.tables:
            visit(name, ())
        return tuple(done)
