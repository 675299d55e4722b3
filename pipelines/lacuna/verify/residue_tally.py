"""What the residual search found, by person and place, while it runs."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.finding import Finding, Gate
from lacuna.model.identity import (
    CLASS_OF_KIND,
    TAKES_NO_FILE,
    Identifier,
    IdentifierKind,
    Person,
    SubjectRef,
    ValueClass,
)
from lacuna.model.location import KEYS_OF_COLUMN, ColumnName, TableName
from lacuna.model.searched_places import (
    TOO_SHORT,
    OwnRowsSearched,
    SearchedPlaces,
    ValuesSought,
)
from lacuna.model.treatment import Mention
from lacuna.ports import SearchedRows
from lacuna.verify.canary import blind_columns
from lacuna.verify.copies import CopyRules
from lacuna.verify.file_search import FileMatch
from lacuna.verify.file_texts import ENCRYPTED
from lacuna.verify.number_search import KnownValue
from lacuna.verify.own_values import TELLING
from lacuna.verify.raw_bytes import UnsearchableError
from lacuna.verify.search import KnownValues, is_searchable

# They stay in the data; no person is known by them once the links are gone.
_LEFT: Final = frozenset({IdentifierKind.CONVERSATION_ID, IdentifierKind.MESSAGE_ID})

_NAMESAKE: Final = "a name that an agent bears too"
_PHRASE: Final = "a name of everyday words in small letters"

NO_REASON: Final = "a company or a file's name in a file of somebody else's"

NamedContent = tuple[str, str | bytes]
"""A column and a value."""


@dataclass(frozen=True)
class Residue:
    """What the residual search found, by person.

    Attributes:
        matches: person → location → rows, files or names.
        blind: locations in which a canary was not seen.
        opaque: what could not be searched, with the reason and a count.
        places: columns and groups of files searched, for everybody.
        doubtful: person → what could not be decided about them, with the reason and a count.
        values: person → their known values by class.
        own_rows: person → what was searched for only in their own rows, by class.
        written: value that was corrected → place → which rows or files of what people wrote hold it.
    """

    matches: Mapping[SubjectRef, Mapping[str, int]]
    blind: tuple[str, ...]
    opaque: tuple[str, ...]
    places: SearchedPlaces
    doubtful: Mapping[SubjectRef, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[SubjectRef, tuple[ValuesSought, ...]] = field(default_factory=dict)
    own_rows: Mapping[SubjectRef, tuple[OwnRowsSearched, ...]] = field(default_factory=dict)
    written: Mapping[SubjectRef, Mapping[str, Collection[object]]] = field(default_factory=dict)

    def places_for(self, ref: SubjectRef) -> SearchedPlaces:
        """Return the places that were searched for one person."""
        return replace(self.places, own_rows=self.own_rows.get(ref, ()))

    def findings(self, ref: SubjectRef) -> tuple[Finding, ...]:
        """Return the findings for one person."""
        found = [
            Finding(Gate.RESIDUE, location, count)
            for location, count in sorted(self.matches.get(ref, {}).items())
        ]
        found += [Finding(Gate.CANARY, location, 1) for location in self.blind]
        return tuple(found)

    def of(self, refs: Sequence[SubjectRef]) -> Counter[str]:
        """Return by place what was found under some names."""
        found: Counter[str] = Counter()
        for ref in refs:
            found.update(self.matches.get(ref, {}))
        return found

    def written_of(self, refs: Sequence[SubjectRef]) -> tuple[tuple[str, int], ...]:
        """Return in how many rows or files of each place people wrote one of some values."""
        found: dict[str, set[object]] = defaultdict(set)
        for ref in refs:
            for place, which in self.written.get(ref, {}).items():
                found[place].update(which)
        return tuple((place, len(which)) for place, which in sorted(found.items()))

    def opaque_for(self, *refs: SubjectRef) -> tuple[str, ...]:
        """Return the places that the search could not read, for one person."""
        return (*self.opaque, *(one for ref in refs for one in self.doubtful.get(ref, ())))


def file_columns_of(datamap: DataMap) -> frozenset[ColumnName]:
    """Return the columns of bytes of which an erasure takes files that name the person."""
    return frozenset(
        ColumnName(table.name, column.name)
        for table in datamap.tables.values()
        for column in table.columns
        if column.mention is Mention.EMPTY
    )


class ResidueTally:
    """What is found and what is not, for all people of a batch."""

    def __init__(
        self,
        people: Sequence[Person],
        namesakes: Mapping[SubjectRef, frozenset[Identifier]],
        corrected: CopyRules | None = None,
    ) -> None:
        self._corrected = corrected
        self.people: Mapping[SubjectRef, Person] = {person.ref: person for person in people}
        self.opaque: Counter[str] = Counter()
        self.blind: list[str] = []
        self.file_groups = 0
        self._searched: set[ColumnName] = set()
        self._own_columns: dict[SubjectRef, list[tuple[int, int]]] = defaultdict(list)
        self.batch = 0
        self.own_tables: frozenset[TableName] = frozenset()
        self.held_tables = {items.table for person in people for items in person.held}
        self.held_objects = {
            person.ref: frozenset(path for items in person.held for path in items.objects)
            for person in people
        }
        self._held_rows = {
            (person.ref, items.table): items.keys for person in people for items in person.held
        }
        self._namesakes = namesakes
        self.file_columns = frozenset[ColumnName]()
        self._matches: dict[SubjectRef, Counter[str]] = defaultdict(Counter)
        self._doubtful: dict[SubjectRef, Counter[str]] = defaultdict(Counter)
        for person in people:
            for one in person.known:
                if not is_searchable(one) and one.kind not in _LEFT:
                    self._doubtful[person.ref][f"{one.kind.words}, {TOO_SHORT}"] += 1

    def see_canaries(
        self, planted: Collection[tuple[TableName, SearchedRows]], known_values: KnownValues
    ) -> None:
        """Prove that the search sees what every searched column of some tables holds."""
        self._searched |= {
            ColumnName(table, name.removesuffix(KEYS_OF_COLUMN))
            for table, rows in planted
            for name in rows.columns
        }
        self.blind += map(str, blind_columns(planted, known_values))

    def search_own_rows(self, ref: SubjectRef, rewritten: int, others: int) -> None:
        """Note of a table how many rewritten and other columns of the person's rows are searched.

        In the others, only values that tell of a person count.
        """
        self._own_columns[ref].append((rewritten, others))

    def may_stay(self, known_value: KnownValue, owners: Callable[[], frozenset[str]]) -> bool:
        """Whether somebody who stays holds the value too, and it stands with them."""
        holders = self.people[known_value.ref].shared.get(known_value.held_as)
        return holders is not None and bool(holders & owners())

    def is_corrected(self, ref: SubjectRef) -> bool:
        """Whether it is a corrected value that is sought under a name, and not a person."""
        return self._corrected is not None and ref in self._corrected.values

    def will_be_right(
        self,
        known_value: KnownValue,
        table: TableName,
        cell: NamedContent,
        rows: SearchedRows,
        row: int,
    ) -> bool:
        """Whether a value must be corrected in a row of the person's own, or stays there."""
        if self._corrected is None or not self.is_corrected(known_value.ref):
            return False
        keys = self._corrected.values[known_value.ref].person.keys
        if rows.owners(row) & {*keys} and self._corrected.may_copy(table, cell[0]):
            return True
        return self.is_kept(known_value, table, cell, rows, row)

    def is_kept(
        self,
        known_value: KnownValue,
        table: TableName,
        cell: NamedContent,
        rows: SearchedRows,
        row: int,
    ) -> bool:
        """Whether a corrected value stays in a row, which is noted where people wrote it."""
        rules = self._corrected
        value = rules.values.get(known_value.ref) if rules is not None else None
        if rules is None or value is None or table not in rules.datamap.tables:
            return False
        name, content = cell
        if rules.is_written(table, name):
            rules.keep(known_value.ref, f"{table}.{name}", (self.batch, row))
            return True
        if not isinstance(content, str):
            return value.may_stay(rows.owners(row))
        return not value.is_left(content, rows.owners(row))

    def is_kept_in_file(
        self, known_value: KnownValue, match: FileMatch, *, is_of_row: bool
    ) -> bool:
        """Whether a corrected value stays in a file, which is noted where people wrote it."""
        rules = self._corrected
        if rules is None or known_value.ref not in rules.values:
            return False
        if not match.is_of_store:
            return False
        is_said = is_of_row or rules.is_sent(match.pattern, is_name=match.is_name)
        is_left = False
        if not is_said:
            try:
                content, _ = match.entry.read()
                is_left, is_said = rules.left_in_export(content, match.pattern, known_value.ref)
            except (OSError, UnsearchableError):
                return False
        if is_said:
            rules.keep(known_value.ref, match.location, match.entry.path)
        return not is_left

    def is_held(self, ref: SubjectRef, table: TableName, rows: SearchedRows, row: int) -> bool:
        """Whether a hold keeps a row of this person's."""
        held = self._held_rows.get((ref, table))
        return held is not None and rows.keys[row] in held

    def wait_in(self, place: str, ref: SubjectRef) -> None:
        """Note a file about a person that others are to come for."""
        self._doubtful[ref][f"{place}, files that wait to be taken away"] += 1

    def keep_in(self, place: str, owner: SubjectRef) -> None:
        """Note an encrypted file that a step keeps for its own person: others may be in it."""
        for ref in self.people.keys() - {owner}:
            self._doubtful[ref][f"{place}, {ENCRYPTED}, kept by the plan of another request"] += 1

    def doubt(self, known_value: KnownValue) -> str | None:
        """Return why it cannot be told whether a name is the person's; None: it can."""
        if known_value.is_phrase:
            return _PHRASE
        return _NAMESAKE if known_value.identifier in self._namesakes[known_value.ref] else None

    def doubt_in_row(
        self,
        known_value: KnownValue,
        column: ColumnName,
        owners: Callable[[], frozenset[str]],
    ) -> str | None:
        """Return why a value may stay in a row: as `doubt` does, or since it takes no file of others."""
        if (
            column in self.file_columns
            and known_value.identifier.kind in TAKES_NO_FILE
            and owners()
        ):
            return NO_REASON
        return self.doubt(known_value)

    def add(self, found: Mapping[tuple[SubjectRef, str], "FoundPlaces"]) -> None:
        """Note a row or file, and the reason to doubt that it is theirs; None for none."""
        """Add the rows, files or names in which something of a person was found."""
        for (ref, location), places in found.items():
            if places.certain:
                self._matches[ref][location] += len(places.certain)
            for doubt, doubtful in places.doubtful.items():
                if count := len(doubtful - places.certain):
                    self._doubtful[ref][f"{location}, {doubt}"] += count

    def _own_rows_searched(self, ref: SubjectRef) -> Iterator[OwnRowsSearched]:
        """Yield by class what was searched for only in a person's own rows, by column and table."""
        tables = self._own_columns[ref]
        kinds = [one.kind for one in self.people[ref].own_values if is_searchable(one)]
        for value_class in ValueClass:
            of_class = [kind for kind in kinds if CLASS_OF_KIND.get(kind) is value_class]
            if of_class:
                is_telling = TELLING.issuperset(of_class)
                counts = [one + others if is_telling else one for one, others in tables]
                yield OwnRowsSearched(
                    *(value_class, len(of_class), sum(counts)),
                    sum(count > 0 for count in counts),
                )

    def result(self) -> Residue:
        """Return the residue of the search."""
        return Residue(
            matches=self._matches,
            blind=tuple(dict.fromkeys(self.blind)),
            opaque=_listed(self.opaque),
            places=SearchedPlaces(
                len(self._searched), len({one.table for one in self._searched}), self.file_groups
            ),
            doubtful={ref: _listed(reasons) for ref, reasons in self._doubtful.items()},
            values={ref: _values_sought(person) for ref, person in self.people.items()},
            written={} if self._corrected is None else self._corrected.written,
            own_rows={ref: tuple(self._own_rows_searched(ref)) for ref in self._own_columns},
        )


@dataclass
class FoundPlaces:
    """Rows by number, or files by path: each counts once a person and location."""

    certain: set[int | str] = field(default_factory=set)
    doubtful: dict[str, set[int | str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, place: int | str, *, doubt: str | None) -> None:
        """Note a row or file, and the reason to doubt that it is theirs; None for none."""
        (self.certain if doubt is None else self.doubtful[doubt]).add(place)


def _values_sought(person: Person) -> tuple[ValuesSought, ...]:
    """Count a person's known values by class, those searched for and those that cannot be."""
    everywhere: Counter[ValueClass] = Counter()
    own_rows: Counter[ValueClass] = Counter()
    for one in person.known:
        if one.kind not in _LEFT:
            (everywhere if is_searchable(one) else own_rows)[CLASS_OF_KIND[one.kind]] += 1
    own_rows.update(CLASS_OF_KIND[one.kind] for one in person.own_values)
    own_rows[ValueClass.NAME_PART] += len(person.short_names)
    return tuple(
        ValuesSought(one, everywhere[one], own_rows[one], person.left.get(one, 0))
        for one in ValueClass
        if everywhere[one] or own_rows[one] or person.left.get(one)
    )


def _listed(reasons: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{reason}: {count}" for reason, count in sorted(reasons.items()))
