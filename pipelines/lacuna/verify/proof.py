"""Searches a platform for people before anybody is erased: what would be left of them, by the data map.

It looks wherever the residual gate will look afterwards, with the same search, and beside that at
all that stays of their own rows, and at tables of which the data map says only that it ignores them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from lacuna.datamap import own_rows_entry, rows_of_others_entry
from lacuna.documentation import doc_page
from lacuna.errors import DependencyUnreachable
from lacuna.model.datamap import DataMap, ObjectFormat
from lacuna.model.identity import (
    CLASS_OF_KIND,
    IdentifierKind,
    Person,
    SubjectRef,
    ValueClass,
    keys_of_rows,
)
from lacuna.model.location import ColumnName, TableName
from lacuna.model.object_source import path_sources
from lacuna.model.person_kinds import known_kinds
from lacuna.model.proof import Fate, ProvedPlace
from lacuna.model.request import CONTACT
from lacuna.model.schema import LiveSchema
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.ports import SearchedRows, Verifying
from lacuna.verify.file_search import FileMatch, FileNotes, search_folder
from lacuna.verify.file_texts import is_plain_text
from lacuna.verify.namesakes import namesakes_of
from lacuna.verify.number_search import KnownValue
from lacuna.verify.own_values import COVERING, OwnValues, stays_in_own_rows, texts_in_own_rows
from lacuna.verify.places import Place
from lacuna.verify.residue import NamedFiles, find_in_columns
from lacuna.verify.residue_tally import ResidueTally, file_columns_of
from lacuna.verify.search import KnownValues
from lacuna.verify.unseen_rows import ValuesByRow, Worth, treated_links

_EntryOf = Callable[[Table, Column, LiveSchema], str | None]
_NOT_MAPPED: Final = "not mapped, ignored"
_OUTSIDE: Final = "not mapped, schema outside"
_NO_PATTERN: Final = "no file pattern"
# What settles a finding that no entry of a column settles.
_OF_COLUMNS: Final = (
    "no treatment of this column takes values away: it is a key, a link, too short, or filled by the "
    "database; move them to another column, or let rows: delete take the person's rows"
)
_OF_KINDS: Final = "under kinds, {}, give the column an erase that takes values away"
_OF_TABLES: Final = (
    "take its table out of ignored; lacuna datamap check then prints an entry for it"
)
_OF_SCHEMAS: Final = "add its schema to the map, or revoke lacuna_verifier's right to read it"
_OF_FILES: Final = (
    "write a pattern under files of the store, with format: detect, mention: redact and otherwise: "
    "delete_object"
)
_SINGLING: Final = frozenset(
    {
        IdentifierKind.EMAIL,
        IdentifierKind.PHONE,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.CONTACT_ID,
    }
)
_FEWEST_CHARACTERS: Final = 7


@dataclass
class _Counted:
    rows: int = 0
    people: set[SubjectRef] = field(default_factory=set)
    classes: set[ValueClass] = field(default_factory=set)


@dataclass(frozen=True)
class _Spot:
    place: str
    mapped_as: str
    fate: Fate
    reason: str = ""
    settlement: str = ""
    entry: str = ""


class ProofSearch:
    """Searches for people of one kind, a table or store at a time."""

    def __init__(
        self, people: Sequence[Person], datamap: DataMap, live: LiveSchema, verifying: Verifying
    ) -> None:
        """Prepare the search.

        Args:
            datamap: as it is for the kind of these people.
            live: the schema, for the entries that settle what is found.
        """
        self._datamap, self._live = datamap, live
        self._tally = ResidueTally(people, namesakes_of(people, verifying))
        self._tally.file_columns = file_columns_of(datamap)
        self._known_values = KnownValues((one.ref, one.known) for one in people)
        self._own_values = OwnValues(people, verifying)
        self._found: dict[_Spot, _Counted] = defaultdict(_Counted)
        self.unread: Counter[str] = Counter()

    def places(self) -> tuple[ProvedPlace, ...]:
        """Return where values stand, findings first."""
        found = [
            ProvedPlace(
                self._datamap.kind,
                spot.place,
                spot.mapped_as,
                spot.fate,
                one.rows,
                len(one.people),
                tuple(said for said in ValueClass if said in one.classes),
                spot.reason if spot.fate is Fate.STAYS else "",
                spot.settlement if spot.fate is Fate.STAYS else "",
                spot.entry,
            )
            for spot, one in self._found.items()
        ]
        order = list(Fate)
        return tuple(
            sorted(
                found,
                key=lambda one: (
                    not one.is_finding,
                    one.fate.is_lost,
                    one.place,
                    order.index(one.fate),
                ),
            )
        )

    # --- tables -----------------------------------------------------------------------------------

    def search_table(self, name: TableName, verifying: Verifying) -> None:
        """Search every row of a table; a materialized view that is refreshed holds only copies."""
        table = self._datamap.tables.get(name)
        if table is None:
            self._search_unmapped(name, verifying)
            return
        if table.rows is RowErasure.REFRESH:
            return
        worth = Worth(
            self._known_values,
            verifying,
            self._tally.people,
            treated=treated_links(table, self._datamap),
        )
        for org_id in self._org_ids():
            for rows in worth.rows(name, org_id):
                self._search_rows(table, rows, org_id)
            self._search_own_rows(table, org_id, verifying)

    def _org_ids(self) -> list[str]:
        return sorted({person.org_id for person in self._tally.people.values()})

    def _search_unmapped(self, name: TableName, verifying: Verifying) -> None:
        worth = Worth(self._known_values, verifying, self._tally.people)
        is_inside = name.schema in self._datamap.schemas
        said = _NOT_MAPPED if is_inside else _OUTSIDE
        settlement = _OF_TABLES if is_inside else _OF_SCHEMAS
        for rows in worth.rows(name, None):
            places = ValuesByRow(rows)
            noted: dict[_Spot, set[int]] = defaultdict(set)
            cells = find_in_columns(name, rows, self._known_values, self._tally)
            for (column, value), matches in cells.items():
                place = str(ColumnName(name, column))
                spot = _Spot(place, said, Fate.STAYS, settlement=settlement)
                for known_value in matches:
                    if not self._tally.doubt(known_value):
                        noted[spot].update(places.of(column, value))
                        self._note(spot, known_value)
            self._count(noted)

    def _search_rows(self, table: Table, rows: SearchedRows, org_id: str) -> None:
        places = ValuesByRow(rows)
        columns = {column.name: column for column in table.columns}
        noted: dict[_Spot, set[int]] = defaultdict(set)
        cells = find_in_columns(table.name, rows, self._known_values, self._tally)
        for (name, value), matches in cells.items():
            for known_value in matches:
                if self._tally.people[known_value.ref].org_id != org_id:
                    continue
                for row in places.of(name, value):
                    spot = self._spot(table, columns[name], value, known_value, rows.owners(row))
                    if spot is not None:
                        noted[spot].add(row)
                        self._note(spot, known_value)
        self._count(noted)

    def _spot(
        self,
        table: Table,
        column: Column,
        value: str | bytes,
        known_value: KnownValue,
        owners: frozenset[str],
    ) -> _Spot | None:
        """Return where a value was found and what becomes of it; None where it may stay."""
        person = self._tally.people[known_value.ref]
        if owners & {*person.keys}:
            if stays_in_own_rows(column, table):
                return None  # looked at with the person's own rows
            return self._spot_of(table, column, _fate_in_own_row(column, table))
        place = ColumnName(table.name, column.name)
        if self._tally.may_stay(known_value, lambda: owners) or self._tally.doubt_in_row(
            known_value, place, lambda: owners
        ):
            return None
        if column.mention not in COVERING:
            return self._spot_of(table, column, _fate_in_row_of_others(column, table))
        is_unreached = self._is_alone(column, value, known_value) and not self._people(owners)
        return self._spot_of(table, column, Fate.UNREACHED if is_unreached else Fate.COVERED)

    def _spot_of(
        self, table: Table, column: Column, fate: Fate, entry_of: _EntryOf = rows_of_others_entry
    ) -> _Spot:
        """Return a place in a column; `entry_of` writes what settles it."""
        mention = f", mention: {column.mention}" if fate in (Fate.REFUSED, Fate.UNREACHED) else ""
        place = str(ColumnName(table.name, column.name))
        mapped_as = f"{table.mapped_as(column)}{mention}"
        if fate is not Fate.STAYS:
            return _Spot(place, mapped_as, fate)
        if entry_of is own_rows_entry and self._datamap.kind != CONTACT:
            return _Spot(place, mapped_as, fate, column.stays, _OF_KINDS.format(self._datamap.kind))
        entry = entry_of(table, column, self._live) or ""
        return _Spot(place, mapped_as, fate, column.stays, "" if entry else _OF_COLUMNS, entry)

    def _is_alone(self, column: Column, value: str | bytes, known_value: KnownValue) -> bool:
        """Whether a column is an identifier of a person and nothing else, and no link."""
        identifier = known_value.identifier
        return (
            identifier.kind in _SINGLING
            and identifier not in self._tally.people[known_value.ref].shared
            and not (column.may_stand_alone or column.category.startswith("user.content"))
            and isinstance(value, str)
            and len(value) >= _FEWEST_CHARACTERS
            and _bare(value) == _bare(identifier.value)
        )

    def _people(self, owners: frozenset[str]) -> frozenset[str]:
        """Return those of the keys that are of contacts: that an agent is behind a row says little."""
        owners = frozenset(keys_of_rows(owners))
        if self._datamap.kind != CONTACT:
            return owners
        prefixes = tuple(f"{kind}:" for kind in known_kinds(self._datamap) if kind != CONTACT)
        return frozenset(key for key in owners if not (prefixes and key.startswith(prefixes)))

    def _search_own_rows(self, table: Table, org_id: str, verifying: Verifying) -> None:
        columns = [one for one in table.columns if stays_in_own_rows(one, table)]
        people = [one for one in self._tally.people.values() if one.org_id == org_id]
        for batch in texts_in_own_rows(table, columns, people, verifying):
            noted: dict[_Spot, set[int]] = defaultdict(set)
            for number, said in self._own_values.classes_in([(one.ref, one.text) for one in batch]):
                spot = self._spot_of(table, batch[number].column, Fate.STAYS, own_rows_entry)
                noted[spot].update(batch[number].rows)
                self._found[spot].people.add(batch[number].ref)
                self._found[spot].classes.add(said)
            self._count(noted)

    # --- files ------------------------------------------------------------------------------------

    def search_store(self, place: Place, verifying: Verifying) -> None:
        """Search every file of a store, its name and its content, whether a pattern fits it or not."""
        if not place.is_there:
            self.unread[f"{place.name}, not mounted or not marked"] += 1
            return
        objects = NamedFiles(place, self._datamap, verifying)
        noted: dict[_Spot, set[str]] = defaultdict(set)

        unsearchable: list[str] = []
        try:
            for match in search_folder(
                place, self._known_values, FileNotes(unsearchable=unsearchable.append)
            ):
                for known_value in match.known_values:
                    spot = self._spot_of_file(match, known_value, objects)
                    if spot is not None:
                        noted[spot].add(match.entry.path)
                        self._note(spot, known_value)
        except (OSError, DependencyUnreachable):
            self.unread[f"{place.name}, not readable"] += 1
        for group, count in Counter(unsearchable).items():
            self.unread[
                f"{group}, files that cannot be searched as the format of the pattern says: {count}; "
                "put a pattern for these files before it, or change its own, with format: detect "
                f"({doc_page('datamap', 'Objects')})"
            ] += 1
        for spot, paths in noted.items():
            self._found[spot].rows += len(paths)

    def _spot_of_file(
        self, match: FileMatch, known_value: KnownValue, objects: NamedFiles
    ) -> _Spot | None:
        tally = self._tally
        if not objects.concern(match, known_value, tally):
            return None
        keys = tally.people[known_value.ref].keys
        if match.pattern is None:
            return _Spot(match.location, _NO_PATTERN, Fate.STAYS, settlement=_OF_FILES)
        mention = match.pattern.mention
        mapped_as = f"{match.pattern.format}, mention: {mention}"
        if objects.named_by(match, keys) and self._is_taken(match):
            return _Spot(match.location, mapped_as, Fate.DELETED)
        if objects.doubt(match, known_value) or tally.doubt(known_value):
            return None
        if mention is Mention.REDACT and not _is_redacted(match):
            mention = match.pattern.otherwise
            mapped_as += f", otherwise: {mention}"
        if mention in COVERING:
            is_covered = mention is Mention.REDACT
            return _Spot(match.location, mapped_as, Fate.COVERED if is_covered else Fate.DELETED)
        if tally.may_stay(
            known_value, lambda: objects.owners(match, known_value, self._known_values, tally)
        ):
            return None
        is_own = objects.named_by(match, keys)
        fate = Fate.STAYS if is_own else Fate.REFUSED
        return _Spot(match.location, mapped_as, fate, settlement=_OF_FILES)

    def _is_taken(self, match: FileMatch) -> bool:
        """Whether an erasure deletes the file that a row of the person names."""
        if match.pattern is None or match.pattern.table is None:
            return False
        table = self._datamap.tables[match.pattern.table]
        return table.rows is RowErasure.DELETE or any(
            source.is_taken for source in path_sources(self._datamap, table)
        )

    # --- counts -----------------------------------------------------------------------------------

    def _note(self, spot: _Spot, known_value: KnownValue) -> None:
        self._found[spot].people.add(known_value.ref)
        self._found[spot].classes.add(
            CLASS_OF_KIND.get(known_value.identifier.kind, ValueClass.IDENTIFIER)
        )

    def _count(self, noted: dict[_Spot, set[int]]) -> None:
        for spot, rows in noted.items():
            self._found[spot].rows += len(rows)


def _is_redacted(match: FileMatch) -> bool:
    """Whether spans of a file that names somebody can be covered."""
    if match.pattern is None or match.pattern.format is not ObjectFormat.DETECT:
        return True
    return not match.is_name and match.entry.is_file and is_plain_text(match.entry.read()[0])


def _fate_in_own_row(column: Column, table: Table) -> Fate:
    if table.rows is RowErasure.DELETE:
        return Fate.DELETED
    is_covered = table.is_kept(column.name) or column.erasure.treatment is Treatment.REDACT
    return Fate.COVERED if is_covered else Fate.ERASED


def _fate_in_row_of_others(column: Column, table: Table) -> Fate:
    """Return the fate of a value in a column where the data map expects nobody."""
    if column.erasure.treatment is Treatment.DERIVED:
        return Fate.ERASED
    return Fate.STAYS if table.is_kept(column.name) else Fate.REFUSED


def _bare(text: str) -> str:
    """Return an identifier as it is compared: its letters, digits, and the marks of an address."""
    return "".join(one for one in text.casefold() if one.isalnum() or one in "@._")
