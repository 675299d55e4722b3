"""The residual gate: no identifier of an erased person is left anywhere that can be searched.

1. every column of every table of the person's tenant, and every link to their old keys; and in
   the texts of the person's own rows the values that others hold too;
2. every text in Lacuna's own schemas;
3. the planner's statistics, which whoever may read a table may read;
4. every text in Airflow's metadata database, where it is known;
5. every file, and every name of a file or folder, of the places given;
6. for each of them, canaries that the search must see: a blind gate fails, and so does a file
   that the data map says can be searched and that cannot be.

Rows that a hold keeps (Art. 17(3)), and the objects that they name, are left out for their person;
the certificate names them. A value that a person who stays holds too may stay in that person's own rows and in the objects
that these name, and nowhere else. A name that an agent bears too cannot be told apart, nor one of
everyday words in small letters: where it
stands is counted as opaque, like everything else that cannot be searched.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Final

from lacuna.errors import DependencyUnreachable
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat
from lacuna.model.identity import (
    TAKES_NO_FILE,
    Identifier,
    Person,
    SubjectRef,
)
from lacuna.model.location import ColumnName, ObjectPath, TableName, original_path
from lacuna.model.scrub import STATISTICS_OF
from lacuna.model.searched_places import SearchedPlaces
from lacuna.model.table import Table
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.ports import NamedObject, OutsideTables, SearchedRows, Verifying
from lacuna.verify.canary import CANARIES, KNOWN_CANARIES, blind_groups
from lacuna.verify.copies import CopyRules, CorrectedValue
from lacuna.verify.derivation import NONE_STAYS, StayingRows
from lacuna.verify.file_search import FileMatch, FileNotes, search_folder
from lacuna.verify.file_texts import FileReading, parquet_rows, pdf_files_in
from lacuna.verify.namesakes import namesakes_of
from lacuna.verify.number_search import KnownValue
from lacuna.verify.own_values import TELLING, columns_that_stay
from lacuna.verify.places import Place
from lacuna.verify.raw_bytes import UnsearchableError
from lacuna.verify.residue_tally import (
    NO_REASON,
    FoundPlaces,
    NamedContent,
    Residue,
    ResidueTally,
    file_columns_of,
)
from lacuna.verify.search import KnownValues, is_searchable
from lacuna.verify.unseen_rows import ValuesByRow, Worth, treated_links

_NOBODY: Final[frozenset[str]] = frozenset()


AIRFLOW_UNKNOWN: Final = "Airflow's metadata database, LACUNA_AIRFLOW_DATABASE_URL is not set"

NOTHING_SEARCHED: Final = Residue({}, (), (), SearchedPlaces(0, 0, 0))
"""Where there is nobody to search for."""


def search_residue(
    sought: Sequence[Person | CorrectedValue],
    datamap: DataMap,
    verifying: Verifying,
    places: Sequence[Place],
    airflow: OutsideTables | None = None,
) -> Residue:
    """Search everywhere for every identifier of the people; one pass serves all of them.

    Args:
        sought: people as their working copies know them, from before the erasure; and values that
            were corrected, which stay where people wrote them.
        places: folders of files; the same for every tenant.
        airflow: Airflow's metadata database; None where it is not known, which is opaque.

    Raises:
        DataMapDrift: a table or column of the data map is missing.
    """
    corrected, people = _of_both(sought, datamap)
    tally = ResidueTally(people, namesakes_of(people, verifying), corrected)
    tally.file_columns = file_columns_of(datamap)
    known_values = KnownValues([*((one.ref, one.known) for one in people), KNOWN_CANARIES])
    worth = Worth(known_values, verifying, tally.people, tally.held_tables)
    for org_id in sorted({person.org_id for person in people}):
        refs = frozenset(person.ref for person in people if person.org_id == org_id)
        for table in datamap.tables:
            for rows in worth.rows(table, org_id):
                _search_rows(table, rows, known_values, tally, refs)
    for person in people:
        _search_own_rows(person, datamap, verifying, tally)
    _search_references(people, verifying, tally)
    everybody = frozenset(person.ref for person in people)
    own_tables = verifying.own_tables()
    tally.own_tables = frozenset(own_tables)
    for table in own_tables:
        for rows in worth.rows(table, None):
            _search_rows(table, rows, known_values, tally, everybody)
    planted = list(verifying.canary_rows((*datamap.tables, *own_tables), CANARIES))
    tally.see_canaries(planted, known_values)
    for table, _ in planted:
        for name, kind in verifying.opaque_columns(table).items():
            tally.opaque[f"{table}.{name}, of type {kind}"] = 1
    unproved = {*datamap.tables, *own_tables} - {table for table, _ in planted}
    tally.blind += sorted(map(str, unproved))
    _search_statistics(verifying, known_values, tally)
    if airflow is None:
        tally.opaque[AIRFLOW_UNKNOWN] = 1
    else:
        read: set[TableName] = set()
        for table, rows in airflow.rows():
            read.add(table)
            _search_rows(table, rows, known_values, tally, everybody)
        planted = list(airflow.canary_rows(CANARIES))
        tally.see_canaries(planted, known_values)
        tally.blind += sorted(map(str, read - {table for table, _ in planted}))
    for place in places:
        _search_place(place, known_values, tally, NamedFiles(place, datamap, verifying))
    return tally.result()


def search_refused(
    sought: Sequence[Person | CorrectedValue],
    datamap: DataMap,
    verifying: Verifying,
    places: Sequence[Place],
    staying: StayingRows = NONE_STAYS,
) -> Mapping[SubjectRef, Mapping[str, int]]:
    """Search, before an erasure, where the data map expects nobody, as the gate will after it.

    What is found there would survive: nothing covers it in a row of somebody else, nor in a
    column that is kept in a row of the person's own.

    Args:
        sought: as for `search_residue`; values to be corrected are not looked for in files.
        places: as for `search_residue`; of these the stores are searched.
        staying: rows of the people's own that the erasure leaves, for others need them.

    Returns:
        person → column → rows, or group of files → files; people of whom nothing is there are
        left out.
    """
    corrected, people = _of_both(sought, datamap)
    tally = ResidueTally(people, namesakes_of(people, verifying), corrected)
    known_values = KnownValues((one.ref, one.known) for one in people)
    for org_id in sorted({person.org_id for person in people}):
        refs = frozenset(person.ref for person in people if person.org_id == org_id)
        for table in datamap.tables.values():
            refusing = [
                one.name
                for one in table.columns
                if one.mention is Mention.REFUSE
                and one.erasure.treatment is not Treatment.DERIVED
                and table.rows is not RowErasure.REFRESH
            ]
            if not refusing:
                continue
            worth = Worth(
                known_values,
                verifying,
                tally.people,
                {*tally.held_tables, *(name for _, name in staying)},
                treated_links(table, datamap),
            )
            for rows in worth.rows(table.name, org_id, refusing):
                _search_refusing(table, rows, known_values, tally, (refs, staying))
    for place in places:
        if place.is_store and place.is_there:
            _search_refusing_files(
                place, known_values, tally, NamedFiles(place, datamap, verifying)
            )
    return tally.result().matches


def _of_both(
    sought: Sequence[Person | CorrectedValue], datamap: DataMap
) -> tuple[CopyRules, list[Person]]:
    """Return the rules about corrected values, and everybody who is sought."""
    values = {one.ref: one for one in sought if isinstance(one, CorrectedValue)}
    people = [one.sought if isinstance(one, CorrectedValue) else one for one in sought]
    return CopyRules(datamap, values), people


def _search_refusing_files(
    place: Place, known_values: KnownValues, tally: "ResidueTally", objects: "NamedFiles"
) -> None:
    found: dict[tuple[SubjectRef, str], FoundPlaces] = defaultdict(FoundPlaces)
    matches = search_folder(place, known_values, mention=Mention.REFUSE)
    for match, known_value in (
        (one, known_value) for one in matches for known_value in one.known_values
    ):
        if tally.is_corrected(known_value.ref) or not objects.concern(match, known_value, tally):
            continue
        if objects.named_by(match, tally.people[known_value.ref].keys):
            continue  # the erasure treats it, or will when a hold lapses
        if not tally.may_stay(
            known_value, partial(objects.owners, match, known_value, known_values, tally)
        ):
            found[known_value.ref, match.location].add(
                match.entry.path, doubt=tally.doubt(known_value)
            )
    tally.add(found)


def _search_refusing(
    table: Table,
    rows: SearchedRows,
    known_values: KnownValues,
    tally: "ResidueTally",
    of: tuple[frozenset[SubjectRef], StayingRows],
) -> None:
    found: dict[tuple[SubjectRef, str], FoundPlaces] = defaultdict(FoundPlaces)
    places = ValuesByRow(rows)
    refs, staying = of
    for (name, value), matches in find_in_columns(table.name, rows, known_values, tally).items():
        for known_value in (one for one in matches if one.ref in refs):
            keys = tally.people[known_value.ref].keys
            for row in places.of(name, value):
                if tally.may_stay(known_value, partial(rows.owners, row)) or tally.will_be_right(
                    known_value, table.name, (name, value), rows, row
                ):
                    continue
                is_own = rows.owners(row) & frozenset(keys)
                stay = staying.get((known_value.ref, table.name))
                if stay is not None and rows.keys[row] in stay:
                    is_own = frozenset()
                if not table.is_kept(name) and (
                    is_own or tally.is_held(known_value.ref, table.name, rows, row)
                ):
                    continue  # the erasure treats it, or will when a hold lapses
                found[known_value.ref, f"{table.name}.{name}"].add(
                    row, doubt=tally.doubt(known_value)
                )
    tally.add(found)


# --- tables ---------------------------------------------------------------------------------------


def _search_rows(
    table: TableName,
    rows: SearchedRows,
    known_values: KnownValues,
    tally: ResidueTally,
    refs: frozenset[SubjectRef],
) -> None:
    """Search a batch of rows for the people in `refs`."""
    found: dict[tuple[SubjectRef, str], FoundPlaces] = defaultdict(FoundPlaces)
    places = ValuesByRow(rows)
    tally.batch += 1
    for (name, value), matches in find_in_columns(table, rows, known_values, tally).items():
        for known_value in (one for one in matches if one.ref in refs):
            for row in places.of(name, value):
                if tally.is_held(known_value.ref, table, rows, row) or tally.is_kept(
                    known_value, table, (name, value), rows, row
                ):
                    continue
                owners = partial(rows.owners, row)
                if not tally.may_stay(known_value, owners):
                    doubt = tally.doubt_in_row(known_value, ColumnName(table, name), owners)
                    found[known_value.ref, f"{table}.{name}"].add(row, doubt=doubt)
    person_of = {key: ref for ref in refs for key in tally.people[ref].keys}
    for name, keys in rows.links.items():
        for row, key in enumerate(keys):
            if key is not None and key in person_of:
                found[person_of[key], f"{table}.{name}"].add(row, doubt=None)
    tally.add(found)


def _search_references(people: Sequence[Person], verifying: Verifying, tally: ResidueTally) -> None:
    """Find columns that still refer to the people, in the rows of whatever tenant."""
    person_of = {key: person.ref for person in people for key in person.keys}
    found: dict[tuple[SubjectRef, str], FoundPlaces] = defaultdict(FoundPlaces)
    number = count()
    for column, key, rows in verifying.references([*person_of]) if person_of else ():
        for _ in range(rows):
            found[person_of[key], str(column)].add(next(number), doubt=None)
    tally.add(found)


def _search_own_rows(
    person: Person, datamap: DataMap, verifying: Verifying, tally: ResidueTally
) -> None:
    """Search a person's own rows for the values that others hold too, and that go from there."""
    values = [one for one in person.own_values if is_searchable(one)]
    if not values:
        return
    known_values = KnownValues([(person.ref, values)])
    found: dict[tuple[SubjectRef, str], FoundPlaces] = defaultdict(FoundPlaces)
    for table in datamap.tables.values():
        stay = {one.name for one in columns_that_stay(table)}
        names = [one.name for one in table.columns if one.is_rewritten or one.name in stay]
        if not names or table.rows is not RowErasure.ANONYMIZE:
            continue
        tally.search_own_rows(person.ref, len(names) - len(stay), len(stay))
        first = 0
        for part in verifying.own_rows(table.name, [person.ref], names):
            for name, texts in part.items():
                given = [text or "" for text in texts]
                for number, matches in known_values.find_all(given).items():
                    if name in stay and all(one.identifier.kind not in TELLING for one in matches):
                        continue
                    found[person.ref, f"{table.name}.{name}"].add(first + number, doubt=None)
            first += len(part[names[0]])
    tally.add(found)


def find_in_columns(
    table: TableName, rows: SearchedRows, known_values: KnownValues, tally: ResidueTally
) -> Mapping[NamedContent, frozenset[KnownValue]]:
    """Return the known values in each cell; each value is searched once, for most columns hold few."""
    return known_values.find_in(_texts_in_cells(table, rows, tally))


def _texts_in_cells(
    table: TableName, rows: SearchedRows, tally: ResidueTally
) -> Iterator[tuple[NamedContent, str]]:
    for name, values in rows.columns.items():
        for value in (one for one in dict.fromkeys(values) if one is not None):
            readings: Iterable[FileReading]
            if isinstance(value, str):
                yield (name, value), value
                readings = pdf_files_in(value)
            else:
                readings = (FileReading(value, is_own=table in tally.own_tables),)
            for reading in readings:
                yield from (((name, value), text) for text, _ in reading.texts())
                for reason in reading.opaque:
                    tally.opaque[f"{table}.{name}, {reason}"] += 1


def _search_statistics(
    verifying: Verifying, known_values: KnownValues, tally: ResidueTally
) -> None:
    """Find values in statistics that no row holds any more: ANALYZE left them as they were."""
    found: dict[tuple[SubjectRef, str], FoundPlaces] = defaultdict(FoundPlaces)
    columns, texts = [], []
    for column, text in verifying.statistics():
        columns.append(column)
        texts.append(text)
    # Not counted as places: how many there are depends on when ANALYZE ran last.
    held: dict[ColumnName, set[Identifier]] = {}
    for number, matches in known_values.find_all(texts).items():
        column = columns[number]
        if column not in held:
            # Another tenant's person may hold the same value, and so may one who stays.
            held[column] = {
                known_value.identifier
                for values in verifying.values(column.table, column.name, None)
                for there in known_values.find_all(values).values()
                for known_value in there
            }
        for known_value in matches:
            if known_value.ref in tally.people and known_value.identifier not in held[column]:
                found[known_value.ref, f"{STATISTICS_OF}{column}"].add(
                    number, doubt=tally.doubt(known_value)
                )
    tally.add(found)


# --- files ----------------------------------------------------------------------------------------


def _search_place(
    place: Place, known_values: KnownValues, tally: ResidueTally, objects: "NamedFiles"
) -> None:
    """Prove that the search sees what each group of a place holds, then search its files."""
    if not place.is_there:
        if place.is_store or place.mark is not None:
            # What is not mounted must not be taken for what is gone.
            tally.blind.append(place.name)
        return
    # First: what a crash left of canaries is no file of the place.
    tally.blind += blind_groups(place, known_values)
    found: dict[tuple[SubjectRef, str], FoundPlaces] = defaultdict(FoundPlaces)

    def note_opaque(what: str) -> None:
        tally.opaque[what] += 1

    if place.bucket is not None and not place.is_planted:
        note_opaque(f"{place.name}, a bucket that keeps whatever is put into it: no canary")
    is_blind = place.is_planted  # until the canary is seen
    try:
        for match in search_folder(place, known_values, FileNotes(note_opaque, tally.blind.append)):
            if match.entry.is_canary:
                is_blind = False
                continue
            for known_value in match.known_values:
                if place.waits and known_value.ref in tally.people:
                    tally.wait_in(place.name, known_value.ref)
                    continue
                if known_value.ref not in tally.people or not objects.concern(
                    match, known_value, tally
                ):
                    continue
                where = ObjectPath(place.name, original_path(match.entry.path))
                if where in tally.held_objects[known_value.ref]:
                    continue
                if tally.is_kept_in_file(known_value, match, is_of_row=objects.is_named(match)):
                    continue
                owners = partial(objects.owners, match, known_value, known_values, tally)
                if not tally.may_stay(known_value, owners):
                    doubt = objects.doubt(match, known_value) or tally.doubt(known_value)
                    found[known_value.ref, match.location].add(match.entry.path, doubt=doubt)
    except (OSError, DependencyUnreachable):
        is_blind = True
    if is_blind:
        tally.blind.append(place.name)
    tally.add(found)
    for owner in place.retained.values():
        tally.keep_in(place.name, owner)
    tally.file_groups += len(place.patterns) or 1


class NamedFiles:
    """Whose objects the files of a place are."""

    def __init__(self, place: Place, datamap: DataMap, verifying: Verifying) -> None:
        self._place = place
        self._datamap = datamap
        self._verifying = verifying
        self._known: Mapping[str, NamedObject] | None = None

    def concern(self, match: FileMatch, known_value: KnownValue, tally: ResidueTally) -> bool:
        """Whether a file is, or may be, of the person's tenant."""
        named = self._named(match)
        return (
            named is None
            or not named.org_ids
            or tally.people[known_value.ref].org_id in named.org_ids
        )

    def doubt(self, match: FileMatch, known_value: KnownValue) -> str | None:
        """Return why a file that somebody else's row names stays, though it names a company."""
        if known_value.identifier.kind not in TAKES_NO_FILE or match.pattern is None:
            return None
        named = self._named(match) if match.may_be_deleted else None
        return NO_REASON if named is not None and named.owners else None

    def named_by(self, match: FileMatch, keys: Sequence[str]) -> bool:
        """Whether a row of one of these people names a file."""
        named = self._named(match)
        return named is not None and not named.owners.isdisjoint(keys)

    def is_named(self, match: FileMatch) -> bool:
        """Whether a row names a file."""
        return self._named(match) is not None

    def owners(
        self,
        match: FileMatch,
        known_value: KnownValue,
        known_values: KnownValues,
        tally: ResidueTally,
    ) -> frozenset[str]:
        """Return the people whose rows name a file, or in whose rows inside it a value stands.

        A Parquet file that repeats the rows of a table belongs to nobody: a value may stand
        in rows of its holders if it stands in no other row.
        """
        named = self._named(match)
        if named is not None:
            return named.owners
        links = self._links(match.pattern)
        if match.is_name or not links or not match.entry.is_file:
            return _NOBODY
        holders = tally.people[known_value.ref].shared[known_value.held_as]
        try:
            rows = list(parquet_rows(match.entry.read()[0], links))
        except (OSError, UnsearchableError):
            return _NOBODY
        of_rows = known_values.find_all(["\n\n".join(texts) for _, texts in rows])
        whose = [rows[number][0] for number, found in of_rows.items() if known_value in found]
        if not all(owners & holders for owners in whose):
            return _NOBODY
        return frozenset().union(*whose)

    def _named(self, match: FileMatch) -> NamedObject | None:
        if not self._place.is_store:
            return None
        if self._known is None:
            self._known = self._verifying.named_objects(self._place.name)
        return self._known.get(original_path(match.entry.path))

    def _links(self, pattern: FilePattern | None) -> Sequence[str]:
        """Return the columns of a Parquet file that hold the key of a person."""
        if pattern is None or pattern.table is None or pattern.format is not ObjectFormat.PARQUET:
            return ()
        subject = self._datamap.subject.table
        table = self._datamap.tables[pattern.table]
        links = [link.column for link in table.links_to(subject) if link.is_plain]
        return [table.key[0], *links] if table.name == subject else links
