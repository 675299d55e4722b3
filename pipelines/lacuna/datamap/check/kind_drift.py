"""Compares what a data map says of further kinds of people with the live schema."""

from collections.abc import Iterator
from dataclasses import replace

from lacuna.datamap import names, types
from lacuna.datamap.check.column_fit import Fit
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.check.foreign_keys import ForeignKeys
from lacuna.datamap.check.key_widths import check_widths
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName
from lacuna.model.person_kinds import of_kind
from lacuna.model.schema import LiveSchema, LiveTable
from lacuna.model.table import Table
from lacuna.model.treatment import Treatment


def check_kinds(datamap: DataMap, live: LiveSchema) -> Iterator[Drift]:
    """Yield what the columns cannot take, and keys of such people that are no link.

    That a table is mapped at all is looked at for contacts, once for all kinds.
    """
    yield from _memberships(datamap, live)
    for kind in sorted(datamap.kinds):
        for drift in _KindComparison(of_kind(datamap, kind), datamap, live).all():
            # What would mend it stands under this kind, not under tables.
            yield replace(drift, problem=f"kind {kind}: {drift.problem}", suggestion="")


def _memberships(datamap: DataMap, live: LiveSchema) -> Iterator[Drift]:
    """Report columns by which people are told apart and that hold no keys of what they lead to."""
    for subject in (datamap.subject, *(kind.subject for kind in datamap.kinds.values())):
        member = subject.member
        if member is None:
            continue
        ways = [(member.column, subject.table)]
        if member.through is not None:
            ways.append((ColumnName(member.column.table, member.through[0]), member.through[1]))
        for column, table in ways:
            here, there = live.tables.get(column.table), live.tables.get(table)
            held = None if here is None else here.column(column.name)
            key = None if there is None else there.column(datamap.tables[table].key[0])
            if held is None or key is None or types.are_alike(held, key):
                continue
            yield Drift(
                names.written(column),
                DriftKind.UNFIT,
                f"people are told apart by it, but it compares {held.type} with {key.type} of "
                f"{names.written(table)}; correct member in the map",
                "",
            )


class _KindComparison:
    def __init__(self, view: DataMap, datamap: DataMap, live: LiveSchema) -> None:
        self.view = view
        self.datamap = datamap
        self.live = live
        self.fit = Fit(view, live)
        self.foreign_keys = ForeignKeys(view, live)

    def all(self) -> Iterator[Drift]:
        for name, table in self.view.tables.items():
            live = self.live.tables.get(name)
            if live is None:
                continue
            for column in table.columns:
                found = live.column(column.name)
                if found is not None and column.erasure.treatment is not Treatment.KEEP:
                    yield from self.fit.column(table, column, found, live)
            yield from self.foreign_keys.check_links(table, live)
            yield from self._hidden(table, live)
        yield from check_widths(self.view, self.live)

    def _hidden(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        """Report foreign keys to these people that are no link, and are not another kind's."""
        target = self.view.subject.table
        for foreign_key in live.foreign_keys:
            if foreign_key.table != target or table.name == target:
                continue
            if any(link.column in foreign_key.columns for link in table.links_to(target)):
                continue
            if not {*table.references}.isdisjoint(foreign_key.columns):
                continue
            if self._is_of_others(table, foreign_key.columns):
                continue
            yield Drift(
                names.written(ColumnName(table.name, foreign_key.columns[0])),
                DriftKind.LINK,
                f"a foreign key leads to {names.written(target)}, but it is not a link; add the "
                "table under tables of the kind, with links and rows",
                "",
            )

    def _is_of_others(self, table: Table, columns: tuple[str, ...]) -> bool:
        """Whether the map says that a column holds keys of people of another kind."""
        subject = self.view.subject
        if subject.has_every_row:
            return False
        mapped = self.datamap.tables[table.name]
        links = mapped.links_to(self.view.subject.table)
        if any(link.column in columns for link in links):
            return True
        if not {*mapped.references}.isdisjoint(columns):
            return True
        kinds = {column.kind for column in mapped.columns if column.name in columns}
        own = self.view.kind if subject.where is None else subject.where[1]
        return bool(kinds - {"", own})
