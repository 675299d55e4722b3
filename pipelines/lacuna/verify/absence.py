"""Searches databases, dumps and folders of others for people whom something else was to delete."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lacuna.errors import DependencyUnreachable
from lacuna.model.absence import AbsencePlace, FoundValue
from lacuna.model.identity import CLASS_OF_KIND, Identifier, SubjectRef, ValueClass
from lacuna.model.location import ColumnName, TableName
from lacuna.ports import OutsideTables, SearchedRows
from lacuna.verify.canary import CANARIES, KNOWN_CANARIES, blind_columns, unseen_apart
from lacuna.verify.file_search import search_folder
from lacuna.verify.file_texts import FileReading
from lacuna.verify.number_search import KnownValue
from lacuna.verify.places import Place
from lacuna.verify.search import KnownValues, is_searchable


@dataclass
class _FoundRows:
    rows: int = 0
    paths: set[str] = field(default_factory=set)
    refs: set[SubjectRef] = field(default_factory=set)
    classes: set[ValueClass] = field(default_factory=set)

    def note(self, known_value: KnownValue) -> None:
        self.refs.add(known_value.ref)
        self.classes.add(_class_of(known_value.identifier))


class AbsenceSearch:
    """Searches for a list of people, a place at a time.

    Attributes:
        values: how many values are searched for, by class.
        weak: how many are not, since they say too little alone, by class.
    """

    def __init__(self, people: Sequence[Sequence[Identifier]]) -> None:
        """Prepare the search.

        Args:
            people: the identifiers of each; a person's number in findings is their place here.
        """
        self._numbers = {
            SubjectRef(f"person {place}"): place for place in range(1, len(people) + 1)
        }
        self._known_values = KnownValues([*zip(self._numbers, people, strict=True), KNOWN_CANARIES])
        self._words = [
            (ref, one)
            for ref, values in zip(self._numbers, people, strict=True)
            for one in dict.fromkeys(values)
            if is_searchable(one)
        ]
        every = [one for values in people for one in dict.fromkeys(values)]
        self.values = Counter(_class_of(one) for one in every if is_searchable(one))
        self.weak = Counter(_class_of(one) for one in every if not is_searchable(one))

    # --- tables -----------------------------------------------------------------------------------

    def search_tables(self, name: str, tables: OutsideTables) -> AbsencePlace:
        """Search every table that can be read, and see whether the search would have seen a value.

        Args:
            name: of the database or dump, as the report says it.
        """
        held: dict[tuple[str, bool], _FoundRows] = defaultdict(_FoundRows)
        opaque: Counter[str] = Counter()
        searched: set[TableName] = set()
        rows, unread, blind = 0, dict[str, str](), list[str]()
        try:
            for table, batch in tables.rows():
                searched.add(table)
                rows += len(next(iter(batch.columns.values()), ()))
                self._search_rows(table, batch, held, opaque)
            for table, batch in tables.canary_rows(CANARIES):
                searched.add(table)
                blind += [f"{table}.{one}" for one in blind_columns(batch, self._known_values)]
            searched |= self._search_indexes(tables, held)
        except DependencyUnreachable as error:
            unread[name] = str(error)
        unread |= tables.unread
        opaque.update(f"{column}, {what}" for column, what in tables.opaque.items())
        return AbsencePlace(
            name,
            len({str(table) for table in searched} - unread.keys()),
            rows,
            self._found(held),
            unread,
            tuple(blind),
            dict(opaque),
        )

    def _search_rows(
        self,
        table: TableName,
        batch: SearchedRows,
        held: dict[tuple[str, bool], _FoundRows],
        opaque: Counter[str],
    ) -> None:
        for name, values in batch.columns.items():
            where = str(ColumnName(table, name))
            # Most columns hold few values: each is searched once.
            how_often = Counter(value for value in values if value is not None)
            matches = self._matches(where, list(how_often), opaque)
            for value, known_values in matches.items():
                for is_doubtful in {one.is_phrase for one in known_values}:
                    held[where, is_doubtful].rows += how_often[value]
                for known_value in known_values:
                    held[where, known_value.is_phrase].note(known_value)

    def _search_indexes(
        self, tables: OutsideTables, held: dict[tuple[str, bool], _FoundRows]
    ) -> set[TableName]:
        """Return the tables with a full-text index, which were searched by its words."""
        searched = set()
        for column, rows in tables.indexed([one.value for _, one in self._words]):
            for number, count in rows.items():
                one = held[str(column), False]
                one.note(KnownValue(*self._words[number]))
                one.rows = max(one.rows, count)
            searched.add(column.table)
        return searched

    def _matches(
        self, where: str, values: Sequence[str | bytes], opaque: Counter[str]
    ) -> Mapping[str | bytes, frozenset[KnownValue]]:
        texts, of = [], []
        for value in values:
            for text in _texts_of(value, where, opaque):
                texts.append(text)
                of.append(value)
        found: dict[str | bytes, frozenset[KnownValue]] = {}
        for number, known_values in self._known_values.find_all(texts).items():
            theirs = frozenset(one for one in known_values if one.ref in self._numbers)
            if theirs:
                found[of[number]] = found.get(of[number], frozenset()) | theirs
        return found

    # --- files ------------------------------------------------------------------------------------

    def search_folder(self, place: Place) -> AbsencePlace:
        """Search every file of a folder, its name and its content; nothing is written there."""
        held: dict[tuple[str, bool], _FoundRows] = defaultdict(_FoundRows)
        opaque: Counter[str] = Counter()
        unread: dict[str, str] = {}
        searched = 0
        if not place.is_there:
            unread[place.name] = "it does not exist, or is no folder"
        try:
            searched = sum(1 for entry in place.entries() if entry.is_file)
            for match in search_folder(
                place, self._known_values, lambda what: opaque.update([what])
            ):
                for known_value in match.known_values:
                    if known_value.ref in self._numbers:
                        one = held[match.location, known_value.is_phrase]
                        one.note(known_value)
                        one.paths.add(match.entry.path)
        except (OSError, DependencyUnreachable) as error:
            unread[place.name] = f"it cannot be read to its end ({type(error).__name__})"
        for one in held.values():
            one.rows = len(one.paths)
        blind = tuple(unseen_apart(place, self._known_values))
        return AbsencePlace(place.name, searched, 0, self._found(held), unread, blind, dict(opaque))

    def _found(self, held: Mapping[tuple[str, bool], _FoundRows]) -> tuple[FoundValue, ...]:
        return tuple(
            FoundValue(
                where,
                one.rows,
                tuple(sorted(self._numbers[ref] for ref in one.refs)),
                tuple(said for said in ValueClass if said in one.classes),
                is_doubtful,
            )
            for (where, is_doubtful), one in sorted(held.items())
        )


def _class_of(identifier: Identifier) -> ValueClass:
    return CLASS_OF_KIND.get(identifier.kind, ValueClass.IDENTIFIER)


def _texts_of(value: str | bytes, where: str, opaque: Counter[str]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    reading = FileReading(value)
    yield from (text for text, _ in reading.texts())
    opaque.update(f"{where}, {reason}" for reason in reading.opaque)
