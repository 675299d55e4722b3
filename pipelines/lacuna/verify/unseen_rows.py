"""Finds the rows that are worth looking at: in a large table most hold what was looked at before."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lacuna.model.datamap import DataMap
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.location import TableName
from lacuna.model.table import Table
from lacuna.ports import SearchedRows, Verifying, WantedRows
from lacuna.verify.number_search import KnownValue
from lacuna.verify.search import KnownValues


@dataclass(frozen=True)
class Worth:
    """Finds the rows of a table that may hold something.

    Values that repeat are searched once each, and only rows that hold one with a match are read for
    them; so are rows with a value in any other column, or with a link to one of the people.

    Attributes:
        people: whose known values they are.
        held_tables: of which the keys are read too.
        treated: columns in which the key of a person makes the row theirs, and is treated as such:
            their own keys say nothing there.
    """

    known_values: KnownValues
    verifying: Verifying
    people: Mapping[SubjectRef, Person] = field(repr=False)
    held_tables: Collection[TableName] = ()
    treated: Collection[str] = ()

    def rows(
        self, table: TableName, org_id: str | None, only: Collection[str] | None = None
    ) -> Iterator[SearchedRows]:
        """Search each value once, then yield the rows that hold one with a match, in batches.

        Args:
            org_id: the tenant; None for a table of no tenant, as Lacuna's own are.
        """
        found: dict[str, set[str]] = {}
        for name in sorted(self.verifying.repeated(table, only)):
            found[name] = set()
            for values in self.verifying.values(table, name, org_id):
                for number, matches in self.known_values.find_all(values).items():
                    if name not in self.treated or not self._is_own_key(values[number], matches):
                        found[name].add(values[number])
        # Where columns are chosen, nobody looks at the links.
        keys = (
            {key for person in self.people.values() for key in person.keys} if only is None else ()
        )
        yield from self.verifying.rows(
            table,
            org_id,
            only,
            with_keys=table in self.held_tables,
            wanted=WantedRows(found, keys),
        )

    def _is_own_key(self, value: str, matches: Collection[KnownValue]) -> bool:
        people = self.people
        return all(
            known_value.ref in people and value in people[known_value.ref].keys
            for known_value in matches
        )


def treated_links(table: Table, datamap: DataMap) -> frozenset[str]:
    """Return the columns that link straight to the person, and that an erasure changes."""
    subject = datamap.subject
    links = table.links_to(subject.table)
    return frozenset(table.references) | frozenset(
        link.column for link in links if link.is_plain and not table.is_kept(link.column)
    )


class ValuesByRow:
    """In which rows of a batch each value stands."""

    def __init__(self, rows: SearchedRows) -> None:
        self._rows = rows
        self._places: dict[str, dict[str | bytes, list[int]]] = {}

    def of(self, name: str, value: str | bytes) -> Sequence[int]:
        """Return the numbers of the rows that hold a value in a column."""
        if name not in self._places:
            self._places[name] = defaultdict(list)
            for row, other in enumerate(self._rows.columns[name]):
                if other is not None:
                    self._places[name][other].append(row)
        return self._places[name][value]
