"""The data map: where personal data lies in a platform, why, and what an erasure does to it.

These are the values; `pipelines/lacuna/datamap/` loads them from YAML and checks them against the
live schema. The map is the technical annex of the record of processing (Art. 30).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from lacuna.model.consent import ConsentRule
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName, TableName
from lacuna.model.membership import Membership
from lacuna.model.processing import Processing, Processor, Recipient, TenantContacts
from lacuna.model.request import CONTACT, Level
from lacuna.model.table import Link, PortableRows, Table, reaching
from lacuna.model.treatment import Erasure, Mention, RowErasure, Treatment

_SINGLING: Final = frozenset(
    {IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.EXTERNAL_ID}
)


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
        open_lookup: the column in which the values of `open_when` stand, of the row whose key the
            conversation holds, e.g. `ticket_states.name`; None where the conversation holds the
            value itself. Of an opened map, `open_when` has the keys.
        others: name columns of other people (agents) whose names are left in texts. In the
            subject table itself, those rows are meant that `where` leaves out.
        tombstone: values of the tombstone contact's columns that may not be NULL and get one
            neither by default nor by an erasure.
        tombstone_shares: columns in which it has the value that most rows of its tenant have, such
            as a group that must exist.
        where: `(column, value)`: only rows with this value are the people meant, where a table
            holds several kinds, e.g. contacts and agents; None for every row.
        member: only rows that have such a row in another table are the people meant; None for all.
        unless: kinds of the same table that come first: who is one of them is none of these.
        joined_by: kinds of identifiers: rows that hold the same value of one are one person.
    """

    table: TableName
    merged_into: str | None
    identifiers: tuple[IdentifierColumn, ...]
    levels: Mapping[Level, TableName]
    open_when: tuple[str, tuple[str, ...]]
    others: tuple[ColumnName, ...]
    tombstone: Mapping[str, str] = field(default_factory=dict)
    tombstone_shares: tuple[str, ...] = ()
    where: tuple[str, str] | None = None
    joined_by: tuple[IdentifierKind, ...] = ()
    open_lookup: ColumnName | None = None
    member: Membership | None = None
    unless: tuple[str, ...] = ()

    @property
    def has_every_row(self) -> bool:
        """Whether every row of the table is one of these people: nothing tells others apart."""
        return self.where is None and self.member is None and not self.unless


class ObjectFormat(StrEnum):
    """How an object is read, searched and treated."""

    BINARY = "binary"  # audio, images: nothing inside is searched but raw bytes
    TEXT = "text"
    MAIL = "mail"  # RFC 5322
    PARQUET = "parquet"
    DETECT = "detect"  # each file by its own bytes: a text, a mail, or anything else


@dataclass(frozen=True)
class FilePattern:
    """Objects of a store that have one treatment.

    Attributes:
        pattern: glob relative to the store's root, e.g. `exports/*.parquet`.
        table: the table whose columns hold the paths, or whose rows a Parquet file repeats, and
            whose columns are then treated as its own; None for objects that no row names.
        named: how a row names its object without a path, `recordings/{id}.wav`; empty for no rule.
        otherwise: DELETE_OBJECT or REFUSE, of what names a person and cannot be redacted.
    """

    pattern: str
    format: ObjectFormat
    table: TableName | None
    mention: Mention
    named: str = ""
    otherwise: Mention = Mention.REFUSE


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


_VISITS: Final = 2  # of a table by a chain of links


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
        language: in which the map says what people read (ISO 639-1).
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
    language: str = "en"
    consent: ConsentRule | None = None
    notified: tuple[Recipient, ...] = ()
    reporting: str | None = None
    kinds: Mapping[str, PersonKind] = field(default_factory=dict)
    kind: str = CONTACT
    whole: "DataMap | None" = field(repr=False, default=None)

    @property
    def told_from(self) -> tuple[Subject, ...]:
        """The people of other kinds in the same table who are none of these."""
        whole = self.whole or self
        return tuple(
            whole.subject if name == CONTACT else whole.kinds[name].subject
            for name in self.subject.unless
        )

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

        Keys, links, the time of erasure, and what tells rows apart hold the platform together: they stay.
        """
        table = self.tables[self.subject.table]
        fixed = {*table.key, *table.tenant_columns, table.erased_at, self.subject.merged_into}
        fixed |= {*table.references}
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
        if subject.member is not None and subject.member.lookup is None:
            for name, _ in subject.member.where:
                yield ColumnName(subject.member.told_in, name)
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
        with any row that it leads to. Ways to the person's own row do not count, and neither do those
        that close a circle.
        """
        rule = table.portable
        return tuple(
            link
            for link in self._forward_links(table)
            if (rule is None or link.column in rule.goes_with)
            and link.table != self.subject.table
            and self.leaves_out_rows(self.tables[link.table])
        )

    def leaves_out_rows(self, table: Table) -> bool:
        """Whether rows of a person can be missing in the portability subset of a table."""
        rule = table.portable or PortableRows()
        return bool(rule.where or rule.author or self.followed(table))

    @property
    def referring(self) -> tuple[Table, ...]:
        """The tables with columns that hold keys of people and are no way to them."""
        return tuple(table for table in self.tables.values() if table.references)

    def without_references(self, table: Table) -> Table:
        """Return a table as an erasure treats the person's own rows there: its references stay.

        These are cut by themselves, wherever they lead to the person. Those of the subject table are
        treated in the person's own row as well, whomever they lead to.
        """
        if table.name == self.subject.table or not table.references:
            return table
        keep = Erasure(Treatment.KEEP)
        return replace(
            table,
            columns=tuple(
                replace(one, erasure=keep) if one.name in table.references else one
                for one in table.columns
            ),
        )

    def cut_links(self, table: Table, column: str) -> tuple[Link, ...]:
        """Return the links by which a column can lead to what an erasure takes away.

        None of them: the column is cut in every row.
        """
        return tuple(
            link
            for link in table.links
            if link.column == column
            and (
                link.table == self.subject.table
                or self.tables[link.table].rows is RowErasure.DELETE
            )
        )

    def sharing_links(self, table: Table) -> tuple[Link, ...]:
        """Return the links by which rows of other tables name a row here as theirs.

        It is deleted with the last of them; without such a link, with any row that it leads to.
        """
        if table.rows is not RowErasure.DELETE:
            return ()
        return tuple(
            link
            for link in table.links
            if table.is_pointed_at_by(link) and self.tables[link.table].key != (link.to,)
        )

    @property
    def shared_tables(self) -> frozenset[TableName]:
        """The tables of whose own rows an erasure may leave some: others share them, or what they lead to."""
        return frozenset(
            name
            for table in self.tables.values()
            if self.sharing_links(table)
            for name in reaching(self.tables.values(), table.name)
            if self.tables[name].rows is RowErasure.DELETE
        )

    def path_to(self, table: TableName, target: TableName) -> Iterator[tuple[Link, ...]]:
        """Yield every chain of links from `table` to `target`, shortest first.

        The chain is empty where `table` is the target itself. A chain does not pass through the
        subject table. It visits a table twice only where links form a circle, and never more often:
        a file that was made from another leads to the row of that one, in the same tables.
        """
        waiting: list[tuple[TableName, tuple[Link, ...]]] = [(table, ())]
        while waiting:
            here, chain = waiting.pop(0)
            if here == target:
                yield chain
                continue
            if here == self.subject.table:
                continue
            visited = [table, *(link.table for link in chain)]
            for link in self.tables[here].links:
                if visited.count(link.table) < _VISITS:
                    waiting.append((link.table, (*chain, link)))

    def kind_by_value(self, link: Link) -> IdentifierKind | None:
        """Return the kind of identifier of contacts that a link holds; None where it holds none.

        Such a value is somebody's though no row of the subject table has it.
        """
        if self.kind != CONTACT or link.table != self.subject.table or link.to is None:
            return None
        place = ColumnName(link.table, link.to)
        kinds = (
            one.kind
            for one in self.subject.identifiers
            if one.column == place and not one.path and one.kind in _SINGLING
        )
        return next(kinds, None)

    @property
    def leads_by_value(self) -> bool:
        """Whether rows lead to people by what their rows contain, and not by the key alone."""
        links = (link for table in self.tables.values() for link in table.links)
        return any(self.kind_by_value(link) is not None for link in links)

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
        pointing: dict[TableName, list[TableName]] = {name: [] for name in self.tables}
        for table in self.tables.values():
            for link in table.links:
                if table.is_pointed_at_by(link):
                    pointing[table.name].append(link.table)
                else:
                    pointing[link.table].append(table.name)
        return self._behind(pointing)

    def in_link_order(self) -> tuple[Table, ...]:
        """Return the tables so that one comes after those that its links lead to."""
        leading = {
            table.name: [link.table for link in self._forward_links(table)]
            for table in self.tables.values()
        }
        return self._behind(leading)

    def _forward_links(self, table: Table) -> tuple[Link, ...]:
        """Return the links that do not close a circle."""
        behind = reaching(self.tables.values(), table.name)
        return tuple(link for link in table.links if link.where is None or link.table not in behind)

    def _behind(self, before: Mapping[TableName, Sequence[TableName]]) -> tuple[Table, ...]:
        """Return the tables, each behind those that go before it; a circle is cut somewhere."""
        done: list[Table] = []

        def visit(name: TableName, trail: tuple[TableName, ...]) -> None:
            table = self.tables[name]
            if table in done or name in trail:
                return
            for other in before[name]:
                visit(other, (*trail, name))
            done.append(table)

        for name in self.tables:
            visit(name, ())
        return tuple(done)
