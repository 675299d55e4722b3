"""Reads one person's rows and files for a bundle, as the data map says."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from lacuna.bundle.files import FileChoice, FileContext, Reference, choose
from lacuna.bundle.object_paths import paths_in, place_of
from lacuna.bundle.other_people import OTHERS, STAFF, Pseudonyms, TextCover
from lacuna.bundle.portable_rows import Provided
from lacuna.bundle.row_files import Part, Parts
from lacuna.bundle.selection import left_out, portable_columns, shown_columns
from lacuna.bundle.table_tally import TableTally
from lacuna.bundle.values import (
    Unwritable,
    map_texts,
    texts_in,
    to_json_value,
    type_of,
    without_surrogates,
)
from lacuna.errors import PipelineError, RedactionFailed, VerificationFailed
from lacuna.model.bundle import (
    BundleContent,
    BundleOrder,
    Exclusion,
    IncompleteSource,
    JsonValue,
    LeftOut,
    Redaction,
    SourceChecked,
    SourceKind,
    TableContent,
)
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Person
from lacuna.model.location import ObjectPath, RowKey, TableName
from lacuna.model.object_source import PathSource, path_sources
from lacuna.model.plan import Inventory
from lacuna.model.request import Level
from lacuna.model.table import Column, Table
from lacuna.ports import Objects, OthersCover, RowSource

_ROWS_READ: Final = 250
_ROWS_OF_PART: Final = 2000
_CHARACTERS_OF_PART: Final = 4_000_000  # a part is closed earlier where its rows are long

UNWRITABLE: Final = "unwritable_replaced"
_ARTICLE: Final = {UNWRITABLE: "15(3)"}


@dataclass(frozen=True)
class BundleSources:
    """Where the data of a bundle is read, and what keeps other people's out of it.

    Attributes:
        objects: object stores by their name in the data map.
        cover_others: covers identifiers of other contacts in texts.
        agents: the values (name, address, number) of each member of staff of the tenant. A
            value, or a part of a document, that is one of them as a whole is replaced; inside
            free text they stay, as in the letters that the person was sent.
        covers_of_columns: cover what is no free text, each with its reason: staff, and the known
            values of others.
        cover_version: changes whenever one of the covers does; no secret is in it.
        parts: where rows that are ready are kept; a folder of this request alone.
    """

    rows: RowSource
    objects: Mapping[str, Objects]
    cover_others: OthersCover
    cover_version: str
    parts: Path = field(repr=False)
    agents: tuple[tuple[str, ...], ...] = field(repr=False, default=())
    covers_of_columns: tuple[tuple[str, OthersCover], ...] = ()


def collect(
    person: Person,
    inventory: Inventory,
    datamap: DataMap,
    order: BundleOrder,
    sources: BundleSources,
) -> BundleContent:
    """Read what the data map has in a bundle of this kind for one person.

    Rows are those of the inventory, or for a request of portability alone those of them that the
    person provided; columns are those marked `in_access`, or then those marked `in_portability` and
    processed on consent or contract. Files are those that these name. A source that cannot be given in full is recorded as
    incomplete. Files are read later, while the bundle is written.

    Raises:
        ValueError: the order asks for neither access nor portability.
        VerificationFailed: the source gave rows that the inventory does not name. They may be
            somebody else's, so there is no bundle at all.
    """
    if not (order.has_access or order.has_portability):
        raise ValueError(f"{order.request_id}: the request asks for neither access nor portability")
    datamap = datamap.for_tenant(person.org_id)
    keys: dict[TableName, frozenset[RowKey]] = {}
    for found in inventory.every_row:
        keys[found.table] = keys.get(found.table, frozenset()) | found.keys
    reader = _Reader(datamap, order, sources, person, keys)
    for name in sorted(keys.keys() - datamap.tables.keys()):
        reader.lack(str(name), "the data map does not contain this table")
    present = [
        (table, keys[name]) for name, table in sorted(datamap.tables.items()) if keys.get(name)
    ]
    files = choose(
        [one for table, wanted in present for one in reader.references(table, wanted)],
        inventory.every_file,
        FileContext(
            stores=datamap.stores,
            objects=sources.objects,
            cover=reader.cover,
            cover_version=sources.cover_version,
            has_access=order.has_access,
            has_portability=order.has_portability,
        ),
    )
    shown = [reader.show(table, wanted, files) for table, wanted in present]
    return BundleContent(
        order=order,
        datamap=datamap,
        tenant=datamap.tenant(person.org_id),
        language=reader.language(keys.get(datamap.subject.table, frozenset())),
        parts=sources.parts,
        tables=tuple(table for table in shown if table is not None),
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
        left_out=tuple(reader.left_out),
    )


@dataclass(frozen=True)
class _KeyedRows:
    """Some rows of a table as the database gave them, in the order of their keys."""

    table: Table
    names: tuple[str, ...]
    rows: Sequence[tuple[object, ...]] = field(repr=False)

    def column(self, name: str | None) -> list[object]:
        """Return the values of a column; of no column, nothing in every row."""
        if name is None:
            return [None] * len(self.rows)
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def keys(self) -> list[RowKey]:
        """Return the key of each row as text."""
        width = len(self.table.key)
        return [tuple(map(str, row[:width])) for row in self.rows]

    def at(self, places: Sequence[int]) -> "_KeyedRows":
        """Return some of the rows, by their number."""
        return _KeyedRows(self.table, self.names, [self.rows[place] for place in places])


class _Reader:
    """Reads tables for one bundle; keeps account of what is left out, covered or missing."""

    def __init__(
        self,
        datamap: DataMap,
        order: BundleOrder,
        sources: BundleSources,
        person: Person,
        keys: Mapping[TableName, frozenset[RowKey]],
    ) -> None:
        self._datamap = datamap
        self._order = order
        self._sources = sources
        self._conversations = datamap.subject.levels.get(Level.CONVERSATION)
        own = (*person.short_names, *(identifier.value for identifier in person.known))
        pseudonyms = Pseudonyms(sources.agents, own, order.request_id)
        self.cover = TextCover(
            sources.cover_others, pseudonyms, frozenset(person.known), sources.covers_of_columns
        )
        self._unread: set[TableName] = set()
        self._provided = Provided(
            datamap,
            keys,
            frozenset(person.keys),
            lambda *wanted: (rows.rows for rows in self._read(*wanted)),
        )
        self.incomplete: list[IncompleteSource] = []
        self.excluded: list[Exclusion] = []
        self.redactions: list[Redaction] = []
        self.left_out: list[LeftOut] = []

    def lack(self, source: str, reason: str) -> None:
        """Record that a source, or a part of one, cannot be given."""
        self.incomplete.append(IncompleteSource(source, reason))

    def language(self, keys: frozenset[RowKey]) -> str:
        """Return the person's language as their own row says it; empty if it does not."""
        table = self._datamap.tables[self._datamap.subject.table]
        if table.language_column is None or not keys or table.name in self._unread:
            return ""
        rows = self._sources.rows.rows(table.name, (table.language_column,), keys)
        return next((value for (value,) in rows if isinstance(value, str)), "")

    def references(self, table: Table, keys: frozenset[RowKey]) -> Iterator[Reference]:
        """Yield every path of a file that the person's rows of a table hold.

        Raises:
            VerificationFailed: the source gave other rows than those asked for.
        """
        columns = [column for column in table.columns if column.object_store is not None]
        rules = [source for source in path_sources(self._datamap, table) if source.rule]
        if not columns and not rules:
            return
        shown = shown_columns(self._datamap, table, self._order)
        portable = portable_columns(self._datamap, table)
        conversation = self._conversation_of(table)
        names = [column.name for column in columns]
        names += [part.column for source in rules for part in source.rule if part.column]
        wanted = (*table.key, *names, *([] if conversation is None else [conversation]))
        try:
            for rows in self._read(table, tuple(dict.fromkeys(wanted)), keys):
                left = self._left_of(rows)
                for column in columns:
                    for number, (key, of, value) in enumerate(
                        zip(
                            rows.column(table.key[-1]),
                            rows.column(conversation),
                            rows.column(column.name),
                            strict=True,
                        )
                    ):
                        is_row_shown = self._order.has_access or number not in left
                        for path in paths_in(value, column):
                            yield Reference(
                                path=ObjectPath(column.object_store or "", path),
                                key=str(key),
                                conversation=None if of is None else str(of),
                                is_shown=is_row_shown and column.name in shown,
                                is_portable=number not in left and column.name in portable,
                            )
                for source in rules:
                    yield from self._by_rule(source, rows, left, is_shown=bool(shown))
        except PipelineError as error:
            self._could_not_read(table, error)

    def _left_of(self, rows: _KeyedRows) -> frozenset[int]:
        """Return the numbers of the rows that the portability subset lacks.

        Raises:
            PipelineError: what they are told by could not be read.
        """
        kept = self._provided.keys_of(rows.table) if self._order.has_portability else None
        if kept is None:
            return frozenset()
        return frozenset(number for number, key in enumerate(rows.keys()) if key not in kept)

    def _by_rule(
        self, source: PathSource, rows: _KeyedRows, left: frozenset[int], *, is_shown: bool
    ) -> Iterator[Reference]:
        """Yield the files that rows name by a rule; not every row has one."""
        held = {part.column: rows.column(part.column) for part in source.rule if part.column}
        for number, key in enumerate(rows.column(rows.table.key[-1])):
            path = source.path_of({name: values[number] for name, values in held.items()})
            if path is not None and self._sources.objects[source.store].size(path) is not None:
                yield Reference(
                    path=ObjectPath(source.store, path),
                    key=str(key),
                    conversation=None,
                    is_shown=is_shown and (self._order.has_access or number not in left),
                    is_portable=number not in left
                    and bool(portable_columns(self._datamap, rows.table)),
                )

    def show(self, table: Table, keys: frozenset[RowKey], files: FileChoice) -> TableContent | None:
        """Return the person's rows of a table as the bundle shows them; None if there are none.

        Raises:
            VerificationFailed: the source gave other rows than those asked for.
        """
        self.excluded.extend(left_out(self._datamap, table, self._order))
        shown = shown_columns(self._datamap, table, self._order)
        if table.name in self._unread:
            return None
        if self._order.has_portability:
            try:
                self.left_out.extend(self._provided.left_out(table))
            except PipelineError as error:
                self._could_not_read(table, error)
                return None
        if not shown:
            return None
        # Beside what is shown: what orders and reads it.
        language = [] if table.language_column is None else [table.language_column]
        wanted = (*table.key, *shown, *language)
        kept = Parts(self._sources.parts, str(table.name))
        tally = TableTally(shown)
        try:
            for rows in self._parts_of(table, tuple(dict.fromkeys(wanted)), keys):
                left = self._left_of(rows)
                if not self._order.has_access:
                    tally.unshown += len(left)
                    rows = rows.at([place for place in range(len(rows.rows)) if place not in left])
                    left = frozenset()
                placed = self._placed(rows, files)
                version = repr(
                    (
                        self._sources.cover_version,
                        (OTHERS, STAFF, UNWRITABLE),
                        shown,
                        rows.names,
                        rows.rows,
                        placed,
                        sorted(left),
                    )
                )
                part = kept.add(version, partial(self._part, rows, files, left))
                tally.add(part, left)
        except Unwritable as error:
            self.lack(str(table.name), f"a value of type {error} has no agreed form")
            return None
        except PipelineError as error:
            self._could_not_read(table, error)
            return None
        if gone := len(keys) - tally.count - tally.unshown:
            self.lack(str(table.name), f"rows that no longer exist: {gone}")
        if not tally.count:
            return None
        for reason, count in sorted(tally.reasons.items()):
            article = _ARTICLE.get(reason, "15(4)")
            self.redactions.append(Redaction(str(table.name), reason, article, count))
        return TableContent(
            table=table.name,
            columns=shown,
            portable=portable_columns(self._datamap, table),
            count=tally.count,
            present={name: tally.present[name] for name in shown},
            types={name: type_of(tally.types[name]) for name in shown},
            redactions={name: tally.places[name] for name in shown},
            read=kept.read,
            left_out=frozenset(tally.left),
            redactions_left={name: tally.places_left[name] for name in shown},
        )

    def _could_not_read(self, table: Table, error: PipelineError) -> None:
        """Record a table that cannot be given.

        Raises:
            VerificationFailed: somebody else's rows may be among those that were read.
        """
        if isinstance(error, VerificationFailed):
            raise error
        self._unread.add(table.name)
        what = "it could not be read"
        if isinstance(error, RedactionFailed):
            what = "it could not be searched for other people's data"
        self.lack(str(table.name), f"{what} ({type(error).__name__})")

    def _conversation_of(self, table: Table) -> str | None:
        """Return the column that holds the key of a row's conversation."""
        for link in table.links:
            if link.table == self._conversations:
                return link.column
        return None

    def _read(
        self, table: Table, names: tuple[str, ...], keys: frozenset[RowKey]
    ) -> Iterator[_KeyedRows]:
        """Yield the rows with these keys, in the order of their keys, a few at a time."""
        ordered = sorted(keys, key=_in_order)
        for start in range(0, len(ordered), _ROWS_READ):
            some = frozenset(ordered[start : start + _ROWS_READ])
            rows = list(self._sources.rows.rows(table.name, names, some))
            width = len(table.key)
            self._require_own(table, [row[:width] for row in rows], some)
            rows.sort(key=lambda row: _in_order(tuple(map(str, row[:width]))))
            yield _KeyedRows(table, names, rows)

    def _parts_of(
        self, table: Table, names: tuple[str, ...], keys: frozenset[RowKey]
    ) -> Iterator[_KeyedRows]:
        """Yield the same rows in parts that are as large as memory allows."""
        rows: list[tuple[object, ...]] = []
        characters = 0
        for some in self._read(table, names, keys):
            rows += some.rows
            characters += sum(
                len(text) for row in some.rows for one in row for text in texts_in(one)
            )
            if len(rows) >= _ROWS_OF_PART or characters >= _CHARACTERS_OF_PART:
                yield _KeyedRows(table, names, rows)
                rows, characters = [], 0
        if rows:
            yield _KeyedRows(table, names, rows)

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
                f"keys, {strange} of them with other keys; the bundle was not created. Check the "
                "row source"
            )

    def _placed(self, rows: _KeyedRows, files: FileChoice) -> dict[str, list[object]]:
        """Return the columns that name files, with the places of these in the bundle."""
        # A path may carry a name and leads nowhere outside the platform.
        return {
            column.name: [place_of(value, column, files) for value in rows.column(column.name)]
            for column in rows.table.columns
            if column.object_store is not None and column.name in rows.names
        }

    def _part(self, rows: _KeyedRows, files: FileChoice, left: frozenset[int]) -> Part:
        """Return rows as the bundle shows them, with what is covered in those left out apart."""
        if not left:
            return self._shown(rows, files)
        of_left = [place for place in range(len(rows.rows)) if place in left]
        others = [place for place in range(len(rows.rows)) if place not in left]
        one, other = self._shown(rows.at(of_left), files), self._shown(rows.at(others), files)
        found = dict(zip((*of_left, *others), (*one.rows, *other.rows), strict=True))
        places = Counter(one.places) + Counter(other.places)
        reasons = Counter(one.reasons) + Counter(other.reasons)
        return Part([found[place] for place in sorted(found)], places, reasons, one.places)

    def _shown(self, rows: _KeyedRows, files: FileChoice) -> Part:
        placed = self._placed(rows, files)
        places: dict[str, int] = {}
        reasons: Counter[str] = Counter()
        columns: list[list[JsonValue]] = []
        for name in shown_columns(self._datamap, rows.table, self._order):
            values: Sequence[object] = placed.get(name, ())
            if name not in placed:
                values, counts = self._covered(rows, rows.table.column(name))
                places[name] = counts.total()
                reasons += counts
            columns.append([to_json_value(value) for value in values])
        return Part(list(zip(*columns, strict=True)), places, reasons)

    def has_read(self, column: Column) -> bool:
        """Whether the person has read a column's content: not what agents noted.

        That they did not provide, so that it is in no portability (Art. 20). An agent has read all.
        """
        return column.is_text and (column.in_portability or self._datamap.whole is not None)

    def _covered(self, rows: _KeyedRows, column: Column) -> tuple[Sequence[object], Counter[str]]:
        values = rows.column(column.name)
        halves = 0

        def mend(text: str) -> str:
            nonlocal halves
            whole = without_surrogates(text)
            halves += whole != text
            return whole

        values = [map_texts(value, mend) for value in values]
        languages = [
            value if isinstance(value, str) else None
            for value in rows.column(rows.table.language_column)
        ]
        covered, counts = self.cover.values(
            values, languages, column.media_type, is_free=self.has_read(column)
        )
        if halves:
            counts[UNWRITABLE] += halves
        return covered, counts


def _in_order(key: RowKey) -> tuple[tuple[int, int, str], ...]:
    """Return a key to sort rows by: numbers by size, everything else as text."""
    return tuple(
        (0, int(part), "") if part.isdecimal() and len(part) < 40 else (1, 0, part) for part in key
    )
