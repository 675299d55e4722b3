"""Searches databases, dumps, folders and buckets of others for people whom something else was to delete."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from lacuna.errors import DependencyUnreachable, PipelineError
from lacuna.model.absence import AbsencePlace, FoundValue
from lacuna.model.datamap import DataMap
from lacuna.model.identity import (
    CLASS_OF_KIND,
    Identifier,
    IdentifierKind,
    SubjectRef,
    ValueClass,
)
from lacuna.model.location import ColumnName, TableName
from lacuna.ports import OutsideTables, SearchedRows
from lacuna.verify.canary import CANARIES, KNOWN_CANARIES, blind_columns, unseen_apart
from lacuna.verify.file_search import FileNotes, search_folder
from lacuna.verify.file_texts import BYTES_ONLY, PARQUET, FileReading, parquet_rows, pdf_files_in
from lacuna.verify.name_parts import NamePart, names_of
from lacuna.verify.number_search import KnownValue, number_forms
from lacuna.verify.places import Place, WalkedEntry
from lacuna.verify.raw_bytes import UnsearchableError
from lacuna.verify.search import KnownValues, is_searchable
from lacuna.verify.word_forms import word_forms

_CATALOG: Final = "pg_catalog"
_NOT_MAPPED: Final = "not mapped"


class AbsenceSearch:
    """Searches for a list of people, a place at a time.

    Attributes:
        values: how many values are searched for, by class.
        weak: how many are not, since they say too little alone, by class.
        unsearchable: the numbers of people of whom every value is weak.
    """

    def __init__(
        self, people: Sequence[Sequence[Identifier]], datamap: DataMap | None = None
    ) -> None:
        """Prepare the search.

        Args:
            people: the identifiers of each; a person's number in findings is their place here.
            datamap: says what becomes of a column in which something is found; None: nobody does.
        """
        self._datamap = datamap
        self._numbers = {
            SubjectRef(f"person {place}"): place for place in range(1, len(people) + 1)
        }
        of_each = [*zip(self._numbers, people, strict=True)]
        self._known_values = KnownValues([*of_each, KNOWN_CANARIES])
        sought = [(ref, one, is_searchable(one)) for ref, values in of_each for one in values]
        self.values = Counter(_class_of(one) for _, one, is_strong in sought if is_strong)
        self.weak = Counter(_class_of(one) for _, one, is_strong in sought if not is_strong)
        searched = {ref for ref, _, is_strong in sought if is_strong}
        self.unsearchable = tuple(
            self._numbers[ref] for ref in self._numbers if ref not in searched
        )
        # As words, for full-text indexes: in each spelling and order.
        self._words = [
            (KnownValue(ref, one), said)
            for ref, one, is_strong in sought
            if is_strong
            for said in _as_words(one)
        ]
        self._hidden: dict[str, str] = {}

    # --- tables -----------------------------------------------------------------------------------

    def search_tables(self, name: str, tables: OutsideTables) -> AbsencePlace:
        """Search every table that can be read, and see whether the search would have seen a value.

        Args:
            name: of the database or dump, as the report says it.
        """
        noted = _PlaceNotes(is_of_tables=True)
        searched: set[TableName] = set()
        rows, planted = 0, list[tuple[TableName, SearchedRows]]()
        try:
            for table, batch in tables.rows():
                searched.add(table)
                rows += len(next(iter(batch.columns.values()), ()))
                self._search_rows(table, batch, noted)
            for table, batch in tables.canary_rows(CANARIES):
                searched.add(table)
                planted.append((table, batch))
            searched |= self._search_indexes(tables, noted)
        except PipelineError as error:
            # What was found elsewhere is reported all the same.
            noted.unread[name] = str(error)
        noted.unread |= tables.unread
        noted.opaque.update(f"{column}, {what}" for column, what in tables.opaque.items())
        blind = list(map(str, blind_columns(planted, self._known_values)))
        there = {str(table) for table in searched if table.schema != _CATALOG}
        place = self._place(name, len(there - noted.unread.keys()), rows, noted, blind)
        if self._datamap is None:
            return place
        return replace(place, mapped=len(there & set(map(str, self._datamap.tables))))

    def _mapped_as(self, where: str) -> str:
        """Return category and treatment, by the data map, of the columns in which something was found."""
        if self._datamap is None:
            return ""
        first, *others = where.split(" + ")
        table, _, column = first.rpartition(".")
        said = (
            self._mapped_columns.get(f"{table}.{one}", _NOT_MAPPED) for one in (column, *others)
        )
        return " + ".join(dict.fromkeys(said))

    @cached_property
    def _mapped_columns(self) -> Mapping[str, str]:
        tables = () if self._datamap is None else self._datamap.tables.values()
        return {
            str(ColumnName(table.name, column.name)): table.mapped_as(column)
            for table in tables
            for column in table.columns
        }

    def _search_rows(self, table: TableName, batch: SearchedRows, noted: "_PlaceNotes") -> None:
        cells: dict[int, list[tuple[str, frozenset[NamePart]]]] = defaultdict(list)
        for name, values in batch.columns.items():
            where = str(ColumnName(table, name))
            # Most columns hold few values: each is searched once.
            how_often = Counter(value for value in values if value is not None)
            for value, found in self._matches(where, list(how_often), noted).items():
                noted.find(where, found, how_often[value])
            parts = {
                value: some
                for value in how_often
                if isinstance(value, str)
                and (some := self._known_values.name_parts.parts_in(value))
            }
            if parts:
                for row, cell in enumerate(values):
                    if isinstance(cell, str) and cell in parts:
                        cells[row].append((name, parts[cell]))
        for found_in in cells.values():
            if names := frozenset(self._names_of(part for _, part in found_in)):
                columns = " + ".join(dict.fromkeys(name for name, _ in found_in))
                noted.find(f"{table}.{columns}", names, 1)

    def _names_of(self, cells: Iterable[Collection[NamePart]]) -> Iterator[KnownValue]:
        return (one for one in names_of(cells) if one.ref in self._numbers)

    def _search_indexes(self, tables: OutsideTables, noted: "_PlaceNotes") -> set[TableName]:
        """Return the tables with a full-text index, which were searched by its words."""
        searched = set()
        for column, rows in tables.indexed([said for _, said in self._words]):
            for number, count in rows.items():
                noted.find(str(column), frozenset({self._words[number][0]}), count, is_most=True)
            searched.add(column.table)
        return searched

    def _matches(
        self, where: str, values: Sequence[str | bytes], noted: "_PlaceNotes"
    ) -> Mapping[str | bytes, frozenset[KnownValue]]:
        found = self._known_values.find_in(
            (value, text) for value in values for text in _texts_of(value, where, noted)
        )
        theirs = {
            value: frozenset(one for one in known_values if one.ref in self._numbers)
            for value, known_values in found.items()
        }
        return {value: known_values for value, known_values in theirs.items() if known_values}

    # --- files ------------------------------------------------------------------------------------

    def search_files(self, place: Place) -> AbsencePlace:
        """Search every file of a folder or bucket, its name and its content; nothing is written there."""
        noted = _PlaceNotes()
        paths: dict[tuple[str, KnownValue], set[str]] = defaultdict(set)
        searched: set[str] = set()

        def see(entry: WalkedEntry, content: bytes) -> None:
            searched.add(entry.path)
            for known_value in self._names_in(content):
                paths[place.name, known_value].add(entry.path)

        try:
            for match in search_folder(
                place, self._known_values, FileNotes(noted.say_opaque, content=see)
            ):
                for known_value in match.known_values:
                    if known_value.ref in self._numbers:
                        paths[match.location, known_value].add(match.entry.path)
            if not searched:
                noted.unread[place.name] = "no file was read; check that it is the right place"
        except OSError as error:
            noted.unread[place.name] = f"it cannot be read to its end ({type(error).__name__})"
        except DependencyUnreachable as error:
            noted.unread[place.name] = str(error)
        for (where, known_value), files in paths.items():
            noted.find(where, frozenset({known_value}), len(files), is_most=True)
        of_files: dict[str, set[int]] = defaultdict(set)
        for (_, known_value), files in paths.items():
            for path in files:
                of_files[path].add(self._numbers[known_value.ref])
        blind = list(unseen_apart(place, self._known_values))
        return replace(
            self._place(place.name, len(searched), 0, noted, blind),
            files=tuple((path, tuple(sorted(of_files[path]))) for path in sorted(of_files)),
        )

    def _names_in(self, content: bytes) -> Iterator[KnownValue]:
        """Yield names whose words stand apart in two columns of a file."""
        if content.startswith(PARQUET):
            with suppress(UnsearchableError):  # noted already
                for _, texts in parquet_rows(content, ()):
                    yield from self._names_of(map(self._known_values.name_parts.parts_in, texts))

    # --- what is said -----------------------------------------------------------------------------

    def _place(
        self, name: str, searched: int, rows: int, noted: "_PlaceNotes", blind: Sequence[str]
    ) -> AbsencePlace:
        found = tuple(
            FoundValue(
                self._shown(where),
                one.rows,
                tuple(sorted(self._numbers[ref] for ref in one.refs)),
                tuple(said for said in ValueClass if said in one.classes),
                is_doubtful,
                self._mapped_as(where) if noted.is_of_tables else "",
            )
            for (where, is_doubtful), one in sorted(noted.found.items())
        )
        return AbsencePlace(
            name,
            searched,
            rows,
            found,
            {
                self._shown(where): why if self._may_show(why) else "refused by the database"
                for where, why in noted.unread.items()
            },
            tuple(map(self._shown, blind)),
            {self._shown(what): count for what, count in noted.opaque.items()},
        )

    def _shown(self, where: str) -> str:
        """Return a place as it may be shown: a table's name may hold a value, or codes of a terminal."""
        if self._may_show(where):
            return where
        return self._hidden.setdefault(
            where, f"place {len(self._hidden) + 1}, its name is not shown"
        )

    def _may_show(self, text: str) -> bool:
        return text.isprintable() and not any(
            one.ref in self._numbers for one in self._known_values.find(text)
        )


@dataclass
class _FoundRows:
    rows: int = 0
    refs: set[SubjectRef] = field(default_factory=set)
    classes: set[ValueClass] = field(default_factory=set)


class _PlaceNotes:
    """What was found in one place, and what could not be searched."""

    def __init__(self, *, is_of_tables: bool = False) -> None:
        self.is_of_tables = is_of_tables
        self.found: dict[tuple[str, bool], _FoundRows] = defaultdict(_FoundRows)
        self.opaque: Counter[str] = Counter()
        self.unread: dict[str, str] = {}

    def find(
        self, where: str, known_values: frozenset[KnownValue], rows: int, *, is_most: bool = False
    ) -> None:
        """Note values in some rows.

        Args:
            is_most: the rows may be the same as those of other values: the largest number counts.
        """
        for is_doubtful in {one.is_phrase for one in known_values}:
            held = self.found[where, is_doubtful]
            held.rows = max(held.rows, rows) if is_most else held.rows + rows
        for known_value in known_values:
            held = self.found[where, known_value.is_phrase]
            held.refs.add(known_value.ref)
            held.classes.add(_class_of(known_value.identifier))

    def say_opaque(self, what: str) -> None:
        """Note what was not searched as text: its bytes were, or of it nothing is known."""
        where, _, reason = what.rpartition(", ")
        if reason == BYTES_ONLY:
            self.opaque[what] += 1
        else:
            self.unread[where] = reason


def _as_words(identifier: Identifier) -> frozenset[str]:
    """Return the texts of which an index may have words: each spelling and order, each form of a number."""
    said = {identifier.value, *word_forms(identifier)}
    if identifier.kind is IdentifierKind.PHONE:
        said |= {digits for digits, _ in number_forms(identifier.value)}
    return frozenset(said)


def _class_of(identifier: Identifier) -> ValueClass:
    return CLASS_OF_KIND.get(identifier.kind, ValueClass.IDENTIFIER)


def _texts_of(value: str | bytes, where: str, noted: _PlaceNotes) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for reading in pdf_files_in(value) if isinstance(value, str) else (FileReading(value),):
        yield from (text for text, _ in reading.texts())
        for reason in reading.opaque:
            noted.say_opaque(f"{where}, {reason}")
