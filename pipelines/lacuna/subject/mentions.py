"""Finds people in the texts of rows: others' rows, and what stays of their own as it is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lacuna.model.datamap import DataMap, Table
from lacuna.model.identity import Identifier, Person, SubjectRef
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.ports import Matcher, Passage, PlatformReading, Span, TextRow


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

    def mentions(self) -> Iterator[tuple[SubjectRef, ColumnName, RowKey]]:
        """Yield who is mentioned in which column of which row."""
        org_ids = sorted({person.org_id for person in self.people.values()})
        for name, rows in self.reading.texts(org_ids) if org_ids else ():
            yield from self._in_rows(self.datamap.tables[name], rows)

    def _in_rows(
        self, table: Table, rows: Sequence[TextRow]
    ) -> Iterator[tuple[SubjectRef, ColumnName, RowKey]]:
        # What stays of one's own rows as it is may mention oneself.
        kept = {column.name for column in table.columns if table.is_kept(column.name)}
        texts = _TableTexts(
            {column.name: column.media_type for column in table.columns},
            self._owners_here(table.name) if kept else {},
        )
        hits = {
            (row.key, ref, name): row
            for row, name, spans in self._found(rows, texts)
            for ref in self._people_of(spans)
            if name in kept or row.key not in self.own[ref].get(table.name, ())
        }
        doubtful = [*dict.fromkeys(key for key, ref, _ in hits if self.people[ref].shared)]
        owners = self.reading.owners_of(table.name, doubtful) if doubtful else {}
        for (key, ref, name), row in hits.items():
            allowed = allowed_here(self.people[ref], owners.get(key, frozenset()))
            if allowed:
                left = self.matchers[row.org_id].find(texts.passage(row, name, allowed))
                if ref not in self._people_of(left):
                    continue
            yield ref, ColumnName(table.name, name), key

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


def allowed_here(person: Person, owners: frozenset[str]) -> frozenset[Identifier]:
    """Return the person's identifiers that stay in a row of `owners`, who hold them too."""
    return frozenset(
        identifier for identifier, holders in person.shared.items() if holders & owners
    )
