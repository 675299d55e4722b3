"""Finds in what stays of people's own rows every value of theirs, those that count nowhere else too."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.identity import (
    CLASS_OF_KIND,
    Identifier,
    IdentifierKind,
    Person,
    SubjectRef,
    ValueClass,
)
from lacuna.model.location import ColumnName
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.ports import Verifying
from lacuna.verify.derivation import members_that_stay
from lacuna.verify.folding import fold, words_of
from lacuna.verify.number_search import NO_DIGIT
from lacuna.verify.search import KnownValues

COVERING: Final = frozenset({Mention.REDACT, Mention.DELETE_OBJECT, Mention.EMPTY})
"""What covers a value wherever it stands in a column."""
_AT_ONCE: Final = 5_000
_MOST_IN_A_BATCH: Final = 100_000
_LONGEST: Final = 200
"""Letters of a text in which a name alone counts: in a longer one it may be anybody's."""
_SHORTEST_NAME: Final = 3
_TELLING_DIGITS: Final = 8
"""Digits that must match in a telephone number written without its country code or leading zero."""
# A key is known by links. What else others hold too (a company, a label) is no finding where it stays.
_PASSED_OVER: Final = frozenset({IdentifierKind.CONTACT_ID})
TELLING: Final = frozenset(IdentifierKind) - _PASSED_OVER - {IdentifierKind.OTHER}


class OwnValues:
    """The values of people, ready to be searched for in their own rows."""

    def __init__(
        self, people: Sequence[Person], verifying: Verifying, *, is_known_sought: bool = True
    ) -> None:
        """Prepare the search.

        A word of a name that another of the tenant's people (an agent) bears is nobody's.

        Args:
            is_known_sought: whether to look for `known` too, which counts in every other place as well.
        """
        org_ids = {one.org_id for one in people}
        borne = {
            one: _words_in(chain.from_iterable(verifying.other_people(one))) for one in org_ids
        }
        values = {one.ref: _values_of(one) for one in people}
        sought = {
            one.ref: [each for each in values[one.ref] if is_known_sought or each not in one.known]
            for one in people
        }
        self._known_values = KnownValues(sought.items())
        self._names = {
            one.ref: _words_in(one.short_names) - borne.get(one.org_id, frozenset())
            for one in people
        }
        self._days = _by_person(values, IdentifierKind.DATE_OF_BIRTH)
        self._numbers = {
            ref: frozenset(end for number in numbers if (end := _ending(number)))
            for ref, numbers in _by_person(values, IdentifierKind.PHONE).items()
        }

    def classes_in(
        self, texts: Sequence[tuple[SubjectRef, str]]
    ) -> Iterator[tuple[int, ValueClass]]:
        """Yield the number of each text that holds a value of its person, with the value's class."""
        for number, matches in self._known_values.find_all([text for _, text in texts]).items():
            for kind in {one.identifier.kind for one in matches if one.ref == texts[number][0]}:
                yield number, CLASS_OF_KIND.get(kind, ValueClass.IDENTIFIER)
        words: dict[str, list[str]] = {}
        for number, (ref, text) in enumerate(texts):
            if len(text) <= _LONGEST:
                if text not in words:
                    words[text] = words_of(fold(text)).split()
                yield from ((number, said) for said in self._alone(ref, text, words[text]))

    def _alone(self, ref: SubjectRef, text: str, words: Sequence[str]) -> Iterator[ValueClass]:
        """Yield what a short text holds that says too little to be searched for as such."""
        if not self._names[ref].isdisjoint(words):
            yield ValueClass.NAME_PART
        if any(text.startswith(day) for day in self._days.get(ref, ())):
            yield ValueClass.DATE_OF_BIRTH
        if text.isdecimal() and _ending(text) in self._numbers.get(ref, ()):
            yield ValueClass.CONTACT


def _values_of(person: Person) -> list[Identifier]:
    known = [one for one in person.known if one.kind not in _PASSED_OVER]
    return known + [one for one in person.own_values if one.kind in TELLING]


def _words_in(names: Iterable[str]) -> frozenset[str]:
    words = (word for name in names for word in words_of(fold(name)).split())
    return frozenset(word for word in words if len(word) >= _SHORTEST_NAME)


def _by_person(
    values: dict[SubjectRef, list[Identifier]], kind: IdentifierKind
) -> dict[SubjectRef, list[str]]:
    found: dict[SubjectRef, list[str]] = defaultdict(list)
    for ref, identifiers in values.items():
        found[ref] += (one.value for one in identifiers if one.kind is kind)
    return found


def _ending(number: str) -> str | None:
    digits = NO_DIGIT.sub("", number)
    return digits[-_TELLING_DIGITS:] if len(digits) >= _TELLING_DIGITS else None


def stays_in_own_rows(column: Column, table: Table) -> bool:
    """Whether something of a column is left in the person's own rows, and nothing covers it there."""
    if table.rows is RowErasure.DELETE:
        return False
    if table.rows is RowErasure.ANONYMIZE and column.erasure.treatment is Treatment.JSON_KEYS:
        return True
    return table.is_kept(column.name) and column.mention not in COVERING


def columns_that_stay(table: Table) -> list[Column]:
    """Return the columns of which something is left in the person's own rows without a reason."""
    return [one for one in table.columns if stays_in_own_rows(one, table) and not one.stays]


def _texts_that_stay(content: object, column: Column, table: Table) -> Iterator[str]:
    """Yield what is left of a column's content, as JSON has it: a document's parts one by one."""
    is_part = column.erasure.treatment is Treatment.JSON_KEYS
    if is_part and table.rows is RowErasure.ANONYMIZE:
        yield from members_that_stay(content, column)
    elif isinstance(content, (dict, list)):
        yield json.dumps(content, ensure_ascii=False)
    elif content is not None and not isinstance(content, bool):
        yield str(content)


@dataclass(slots=True)  # not frozen: there is one for each value that stays
class OwnText:
    """Something that stays of a person's own rows, once in a batch.

    Attributes:
        rows: numbers of the rows that hold it, of those of the table that were read.
    """

    ref: SubjectRef
    column: Column
    text: str = field(repr=False)
    rows: list[int] = field(default_factory=list)


def texts_in_own_rows(
    table: Table, columns: Sequence[Column], people: Sequence[Person], verifying: Verifying
) -> Iterator[Sequence[OwnText]]:
    """Yield what stays of some columns in the rows of one tenant's people, in batches.

    Rows that a hold keeps are left out for their person.
    """
    if not columns or not people:
        return
    refs: dict[str, set[SubjectRef]] = defaultdict(set)
    for person in people:
        for key in person.keys:
            refs[key].add(person.ref)
    held = {(one.ref, items.table): items.keys for one in people for items in one.held}
    names = [column.name for column in columns]
    # What programs write repeats: a state, a channel, a day.
    batch: dict[tuple[SubjectRef, str, str], OwnText] = {}
    in_batch = 0
    rows = verifying.rows_of_people(table.name, list(refs), people[0].org_id, names)
    for number, (owners, row_key, row) in enumerate(rows):
        for ref in set().union(*(refs[owner] for owner in owners)):
            if row_key in held.get((ref, table.name), ()):
                continue
            for column in columns:
                content = row[column.name]
                if content is None:
                    continue
                for text in _texts_that_stay(content, column, table):
                    spot = (ref, column.name, text)
                    if spot not in batch:
                        batch[spot] = OwnText(ref, column, text)
                    batch[spot].rows.append(number)
                    in_batch += 1
        if len(batch) >= _AT_ONCE or in_batch >= _MOST_IN_A_BATCH:
            yield list(batch.values())
            batch, in_batch = {}, 0
    yield list(batch.values())


def own_values_left(
    people: Sequence[Person], datamap: DataMap, verifying: Verifying
) -> Mapping[SubjectRef, Mapping[str, int]]:
    """Return where values stay in people's own rows that are looked for there alone.

    No search in other places meets them: an order's number of which a copy is kept, a given name.

    Returns:
        person → column → rows; people of whom nothing stays are left out. Columns of which the data
        map says why values may stay are left out too.
    """
    found: dict[SubjectRef, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    own_values = OwnValues(people, verifying, is_known_sought=False)
    for org_id in sorted({one.org_id for one in people}):
        of_tenant = [one for one in people if one.org_id == org_id]
        for table in datamap.tables.values():
            for batch in texts_in_own_rows(table, columns_that_stay(table), of_tenant, verifying):
                for number, _ in own_values.classes_in([(one.ref, one.text) for one in batch]):
                    one = batch[number]
                    place = str(ColumnName(table.name, one.column.name))
                    found[one.ref][place].update(one.rows)
    return {
        ref: {place: len(rows) for place, rows in places.items()} for ref, places in found.items()
    }
