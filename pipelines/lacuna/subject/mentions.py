"""Finds people in the texts of rows: others' rows, and what stays of their own as it is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.table import Table
from lacuna.ports import Matcher, Passage, PlatformReading, Span, TextRow

# One of these identifies one person; a name or a street may be anybody's.
_SINGLING: Final = frozenset(
    {
        IdentifierKind.EMAIL,
        IdentifierKind.PHONE,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.CONTACT_ID,
    }
)
# A shorter number may be anything: a year, a postal code, a count.
_FEWEST_CHARACTERS: Final = 7
_PHONE: Final = "PHONE_NUMBER"
# What somebody wrote may be an address and nothing else, whoever they are: a mention, and no link.
_WRITTEN: Final = "user.content"


@dataclass(frozen=True)
class Mentioned:
    """A person in a column of a row.

    Attributes:
        is_alone: the column contains one of their identifiers, and nothing else.
    """

    ref: SubjectRef
    column: ColumnName
    key: RowKey
    is_alone: bool


@dataclass(frozen=True)
class MentionSearch:
    """Looks for people of all tenants in one pass over each table.

    Attributes:
        own: the rows of each of them, by table.
        matchers: one a tenant, knowing the people of that tenant.
    """

    people: Mapping[SubjectRef, Person]
    own: Mapping[SubjectRef, Mapping[TableName, frozenset[RowKey]]] = field(repr=False)
    datamap: DataMap
    reading: PlatformReading
    matchers: Mapping[str, Matcher]

    def mentions(self) -> Iterator[Mentioned]:
        """Yield who is mentioned in which column of which row."""
        org_ids = sorted({person.org_id for person in self.people.values()})
        for name, rows in self.reading.texts(org_ids) if org_ids else ():
            yield from self._in_rows(self.datamap.tables[name], rows)

    def _in_rows(self, table: Table, rows: Sequence[TextRow]) -> Iterator[Mentioned]:
        # What stays of one's own rows as it is may mention oneself.
        kept = {column.name for column in table.columns if table.is_kept(column.name)}
        linking = {
            column.name
            for column in table.columns
            if not (column.may_stand_alone or column.category.startswith(_WRITTEN))
        }
        texts = _TableTexts(
            {column.name: column.media_type for column in table.columns},
            self._owners_here(table.name) if kept else {},
        )
        matches = {
            (row.key, ref, name): (row, spans)
            for row, name, spans in self._found(rows, texts)
            for ref in self._people_of(spans)
            if name in kept or row.key not in self.own[ref].get(table.name, ())
        }
        doubtful = [*dict.fromkeys(key for key, ref, _ in matches if self.people[ref].shared)]
        owners = self.reading.owners_of(table.name, doubtful) if doubtful else {}
        for (key, ref, name), (row, spans) in matches.items():
            allowed = allowed_here(self.people[ref], owners.get(key, frozenset()))
            if allowed:
                left = self.matchers[row.org_id].find(texts.passage(row, name, allowed))
                if ref not in self._people_of(left):
                    continue
            is_own = key in self.own[ref].get(table.name, ())
            is_alone = (
                name in linking and not is_own and self._is_alone(row.texts[name], ref, spans)
            )
            yield Mentioned(ref, ColumnName(table.name, name), key, is_alone)

    def _is_alone(self, text: str, ref: SubjectRef, spans: Iterable[Span]) -> bool:
        """Whether a text is an identifier of a person and nothing else, however it is written."""
        bare = _bare(text)
        if bare in self._bare_identifiers[ref]:
            return True
        # A number is written in many ways, and may be that of a household.
        return all(one.kind is not IdentifierKind.PHONE for one in self.people[ref].shared) and any(
            span.label == _PHONE
            and ref in span.subjects
            and bare == _bare(text[span.start : span.end])
            for span in spans
        )

    @cached_property
    def _bare_identifiers(self) -> Mapping[SubjectRef, frozenset[str]]:
        """Return the identifiers that single each person out by themselves."""
        return {
            ref: frozenset(
                _bare(one.value)
                for one in person.known
                if one.kind in _SINGLING
                and one not in person.shared
                and len(one.value) >= _FEWEST_CHARACTERS
            )
            for ref, person in self.people.items()
        }

    def _found(
        self, rows: Sequence[TextRow], texts: "_TableTexts"
    ) -> Iterator[tuple[TextRow, str, tuple[Span, ...]]]:
        """Yield each text of some rows with the known values in it, one search for each tenant."""
        by_org: dict[str, list[tuple[TextRow, str]]] = defaultdict(list)
        for row in rows:
            by_org[row.org_id] += ((row, name) for name in row.texts)
        for org_id, of_tenant in by_org.items():
            passages = [texts.passage(row, name) for row, name in of_tenant]
            found = self.matchers[org_id].find_all(passages)
            yield from ((*one, spans) for one, spans in zip(of_tenant, found, strict=True))

    def _people_of(self, spans: Iterable[Span]) -> set[SubjectRef]:
        return {ref for span in spans for ref in span.subjects if ref in self.people}

    def _owners_here(self, table: TableName) -> Mapping[RowKey, frozenset[SubjectRef]]:
        """Return whose own rows of a table there are: a given name alone counts in them."""
        found: dict[RowKey, frozenset[SubjectRef]] = {}
        for ref in self.people:
            for key in self.own[ref].get(table, ()):
                found[key] = found.get(key, frozenset()) | {ref}
        return found


@dataclass(frozen=True)
class _TableTexts:
    """How the texts of a table are read: media types by column, and whose rows there are."""

    media_types: Mapping[str, str]
    owners: Mapping[RowKey, frozenset[SubjectRef]] = field(repr=False)

    def passage(
        self, row: TextRow, name: str, allowed: frozenset[Identifier] = frozenset()
    ) -> Passage:
        """Return the text of a column as it is searched."""
        return Passage(
            row.texts[name],
            self.media_types[name],
            allowed=allowed,
            is_document=name in row.documents,
            own=self.owners.get(row.key, frozenset()),
        )


def _bare(text: str) -> str:
    """Return an identifier as it is compared: by its letters, digits, and the characters of an address.

    >>> _bare(" +45 31-97 (37) 16 "), _bare("Ada.Berg@Example.org ")
    ('4531973716', 'ada.berg@example.org')
    """
    return "".join(one for one in text.casefold() if one.isalnum() or one in "@._")


def allowed_here(person: Person, owners: frozenset[str]) -> frozenset[Identifier]:
    """Return the person's identifiers that stay in a row of `owners`, who hold them too."""
    return frozenset(
        identifier for identifier, holders in person.shared.items() if holders & owners
    )
