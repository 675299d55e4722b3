"""Reads one person's rows and files for a bundle, as the data map says."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pipelines.bundle.covering import Pseudonyms, TextCover
from pipelines.bundle.files import FileChoice, FileContext, Reference, choose
from pipelines.bundle.selection import left_out, portable_columns, shown_columns
from pipelines.bundle.values import Unwritable, texts_in, to_json_value
from pipelines.errors import PipelineError, VerificationFailed
from pipelines.model.bundle import (
    BundleContent,
    BundleOrder,
    Exclusion,
    IncompleteSource,
    JsonValue,
    Redaction,
    SourceChecked,
    SourceKind,
    TableContent,
)
from pipelines.model.datamap import Column, DataMap, Table
from pipelines.model.identity import Person
from pipelines.model.location import ObjectPath, RowKey, TableName
from pipelines.model.plan import Inventory
from pipelines.model.request import Level
from pipelines.ports import Objects, OthersCover, RowSource


@dataclass(frozen=True)
class BundleSources:
    """Where the data of a bundle is read, and what keeps other people's out of it.

    Attributes:
        objects: object stores by their name in the data map.
        cover_others: covers identifiers of other contacts in texts.
        agents: the values (name, address, number) of each member of staff of the tenant. A
            value, or a part of a document, that is one of them as a whole is replaced; inside
            free text they stay, as in the letters that the person was sent.
    """

    rows: RowSource
    objects: Mapping[str, Objects]
    cover_others: OthersCover
    agents: tuple[tuple[str, ...], ...] = field(repr=False, default=())


def collect(
    person: Person,
    inventory: Inventory,
    datamap: DataMap,
    order: BundleOrder,
    sources: BundleSources,
) -> BundleContent:
    """Read what the data map has in a bundle of this kind for one person.

    Rows are those of the inventory; columns are those marked `in_access`, or for a request of
    portability alone those marked `in_portability` and processed on consent or contract. Files
    are those that these columns name. A source that cannot be given in full is recorded as
    incomplete. Files are read later, while the bundle is written.

    Raises:
        ValueError: the order asks for neither access nor portability.
        VerificationFailed: the source gave rows that the inventory does not name. They may be
            somebody else's, so there is no bundle at all.
    """
    if not (order.has_access or order.has_portability):
        raise ValueError(f"{order.request_id}: neither access nor portability was asked for")
    reader = _Reader(datamap, order, sources, person)
    keys: dict[TableName, frozenset[RowKey]] = {}
    for found in inventory.rows:
        keys[found.table] = keys.get(found.table, frozenset()) | found.keys
    for name in sorted(keys.keys() - datamap.tables.keys()):
        reader.lack(str(name), "the data map does not know this table")
    read = [
        rows
        for name, table in sorted(datamap.tables.items())
        if keys.get(name) and (rows := reader.read(table, keys[name])) is not None
    ]
    files = choose(
        [reference for rows in read for reference in reader.references(rows)],
        inventory.objects,
        FileContext(
            stores=datamap.stores,
            objects=sources.objects,
            cover=reader.cover,
            root="access" if order.has_access else "portability",
        ),
    )
    tables = [content for rows in read if (content := reader.show(rows, files)) is not None]
    return BundleContent(
        order=order,
        datamap=datamap,
        tables=tuple(tables),
        objects=files.contents,
        sources_checked=(
            *(
                SourceChecked(str(name), SourceKind.TABLE, len(keys.get(name, ())))
                for name in sorted(datamap.tables)
            ),
            *files.checked,
        ),
        incomplete_sources=(*reader.incomplete, *files.incomplete),
        excluded=(*reader.excluded, *files.excluded),
        redactions=tuple(reader.redactions),
    )


@dataclass(frozen=True)
class _Rows:
    """The rows of one table as the database gave them, in the order of their keys."""

    table: Table
    names: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...] = field(repr=False)

    def column(self, name: str | None) -> list[object]:
        """Return the values of a column; of no column, nothing in every row."""
        if name is None:
            return [None] * len(self.rows)
        place = self.names.index(name)
        return [row[place] for row in self.rows]


class _Reader:
    """Reads tables for one bundle; keeps account of what is left out, covered or missing."""

    def __init__(
        self, datamap: DataMap, order: BundleOrder, sources: BundleSources, person: Person
    ) -> None:
        self._datamap = datamap
        self._order = order
        self._source = sources.rows
        self._conversations = datamap.subject.levels.get(Level.CONVERSATION)
        pseudonyms = Pseudonyms(
            sources.agents,
            (*person.short_names, *(identifier.value for identifier in person.known)),
        )
        self.cover = TextCover(sources.cover_others, pseudonyms, frozenset(person.known))
        self.incomplete: list[IncompleteSource] = []
        self.excluded: list[Exclusion] = []
        self.redactions: list[Redaction] = []

    def lack(self, source: str, reason: str) -> None:
        """Record that a source, or a part of one, cannot be given."""
        self.incomplete.append(IncompleteSource(source, reason))

    def read(self, table: Table, keys: frozenset[RowKey]) -> _Rows | None:
        """Return the person's rows of a table; None if nothing of it is wanted or readable.

        Raises:
            VerificationFailed: the source gave other rows than those asked for.
        """
        self.excluded.extend(left_out(self._datamap, table, self._order))
        shown = shown_columns(self._datamap, table, self._order)
        paths = [column.name for column in table.columns if column.object_store is not None]
        if not (shown or paths):
            return None
        # Beside what is shown: what orders, places and reads it.
        beside = (self._conversation_of(table), table.language)
        wanted = (*table.key, *shown, *paths, *(name for name in beside if name is not None))
        names = tuple(dict.fromkeys(wanted))
        try:
            rows = list(self._source.rows(table.name, names, keys))
        except PipelineError as error:
            self.lack(str(table.name), f"it could not be read ({type(error).__name__})")
            return None
        self._require_own(table, [row[: len(table.key)] for row in rows], keys)
        if len(rows) < len(keys):
            self.lack(str(table.name), f"rows that were gone: {len(keys) - len(rows)}")
        rows.sort(key=lambda row: _in_order(row[: len(table.key)]))
        return _Rows(table, names, tuple(rows))

    def _conversation_of(self, table: Table) -> str | None:
        """Return the column that holds the key of a row's conversation."""
        for link in table.links:
            if link.table == self._conversations:
                return link.column
        return None

    def _require_own(
        self, table: Table, given: Sequence[tuple[object, ...]], keys: frozenset[RowKey]
    ) -> None:
        """Refuse rows that were not asked for.

        Keys compare as text. Where a part is neither text, a whole number nor a UUID, its text
        depends on the driver: then only the number of rows tells.
        """
        strange = 0
        if all(type(part) in (str, int, UUID) for key in given for part in key):
            strange = sum(tuple(map(str, key)) not in keys for key in given)
        if strange or len(given) > len(keys):
            raise VerificationFailed(
                f"{self._order.request_id}: {table.name} gave {len(given)} rows for {len(keys)} "
                f"keys, {strange} of them with other keys; no bundle was made. "
                "Check the row source"
            )

    def references(self, rows: _Rows) -> Iterator[Reference]:
        """Yield every path of a file that the rows hold."""
        table = rows.table
        shown = shown_columns(self._datamap, table, self._order)
        portable = portable_columns(self._datamap, table)
        keys = rows.column(table.key[-1])
        conversations = rows.column(self._conversation_of(table))
        for column in table.columns:
            if column.object_store is None:
                continue
            values = rows.column(column.name)
            for key, conversation, value in zip(keys, conversations, values, strict=True):
                for path in texts_in(value):
                    yield Reference(
                        path=ObjectPath(column.object_store, path),
                        key=str(key),
                        conversation=None if conversation is None else str(conversation),
                        is_shown=column.name in shown,
                        is_portable=column.name in portable,
                    )

    def show(self, rows: _Rows, files: FileChoice) -> TableContent | None:
        """Return the rows as the bundle shows them; None if there are none, or it failed."""
        table = rows.table
        shown = shown_columns(self._datamap, table, self._order)
        if not (shown and rows.rows):
            return None
        places: dict[str, int] = {}
        reasons: Counter[str] = Counter()
        columns: list[list[JsonValue]] = []
        try:
            for name in shown:
                values, counts = self._show_column(rows, table.column(name), files)
                columns.append([to_json_value(value) for value in values])
                places[name] = counts.total()
                reasons += counts
        except Unwritable as error:
            self.lack(str(table.name), f"a value of type {error} has no agreed form")
            return None
        except PipelineError as error:
            reason = "it could not be searched for other people's data"
            self.lack(str(table.name), f"{reason} ({type(error).__name__})")
            return None
        for reason, count in sorted(reasons.items()):
            self.redactions.append(Redaction(str(table.name), reason, "15(4)", count))
        return TableContent(
            table=table.name,
            columns=shown,
            portable=portable_columns(self._datamap, table),
            rows=tuple(zip(*columns, strict=True)),
            redactions=places,
        )

    def _show_column(
        self, rows: _Rows, column: Column, files: FileChoice
    ) -> tuple[Sequence[object], Counter[str]]:
        values = rows.column(column.name)
        if column.object_store is not None:
            # A path may carry a name and leads nowhere outside the platform.
            return [_placed(value, column.object_store, files) for value in values], Counter()
        languages = [
            value if isinstance(value, str) else None for value in rows.column(rows.table.language)
        ]
        return self.cover.values(values, languages, column.media_type)


def _placed(value: object, store: str, files: FileChoice) -> object:
    """Return where in the bundle the files are that a value names; None for none."""
    places = [
        files.places[path]
        for text in texts_in(value)
        if (path := ObjectPath(store, text)) in files.places
    ]
    if isinstance(value, list):
        return places
    return places[0] if places else None


def _in_order(key: tuple[object, ...]) -> tuple[tuple[int, int, str], ...]:
    """Return what rows are sorted by: numbers by size, everything else as text."""
    return tuple((0, part, "") if isinstance(part, int) else (1, 0, str(part)) for part in key)
