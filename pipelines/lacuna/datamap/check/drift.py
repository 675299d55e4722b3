"""Compares a data map with the live schema, both ways. Any difference stops a flow.

1. What the database has and the map does not: tables, views, partitions, columns.
2. What the map names and the database does not have.
3. Treatments that do not fit the column: its type, its length, NOT NULL, unique indexes.
4. Foreign keys that lead to the person and are no link, or that an erasure would break.
5. Triggers and rules that write where the map does not look.
   Rows that are not seen, or seen twice: row-level security, table inheritance.
6. What the marts count and the database does not have.
7. Entries of further kinds of people: `kind_drift.py`.

Not compared: what lies outside the map's schemas without a foreign key into them. What rows have to
be tried for is in `obstructions.py`.
"""

import difflib
from collections.abc import Iterable, Iterator

from lacuna.datamap import names
from lacuna.datamap.check.column_fit import Fit
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.check.foreign_keys import ForeignKeys
from lacuna.datamap.check.key_widths import check_widths
from lacuna.datamap.check.kind_drift import check_kinds
from lacuna.datamap.check.mart_counts import check_counted
from lacuna.datamap.check.triggers import check_triggers
from lacuna.datamap.suggestion import (
    column_fragment,
    fragment,
    schema_fragment,
    table_fragment,
)
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.model.schema import LiveSchema, LiveTable, TableKind
from lacuna.model.table import Table


def check(datamap: DataMap, live: LiveSchema) -> tuple[Drift, ...]:
    """Return every difference, ordered by place; empty if map and database agree.

    Args:
        live: read with the map's own schemas.
    """
    return tuple(sorted(set(_SchemaComparison(datamap, live).all())))


class _SchemaComparison:
    def __init__(self, datamap: DataMap, live: LiveSchema) -> None:
        self.datamap = datamap
        self.live = live
        self.fit = Fit(datamap, live)
        self.foreign_keys = ForeignKeys(datamap, live)

    def all(self) -> Iterator[Drift]:
        for number, question in enumerate(self.datamap.questions, start=1):
            yield Drift(
                f"questions {number}",
                DriftKind.QUESTION,
                f"{question}; answer it in the file for scaffold, or decide in the map and remove "
                "the question",
                "",
            )
        for schema in self.datamap.schemas:
            if schema not in self.live.schemas:
                yield Drift(
                    schema,
                    DriftKind.MISSING,
                    "the database has no such schema; remove it from schemas, or create it",
                    "",
                )
        for name, live in self.live.tables.items():
            table = self.datamap.tables.get(name)
            if name in self.datamap.ignored:
                yield from self._ignored(live)
            elif inherited := [one for one in live.inherits if one in self.datamap.tables]:
                yield _twice(live, inherited)
            elif live.parent is not None and table is None and self._is_part_of_mapped(live):
                yield from check_triggers(self.datamap, live)
            elif name.schema not in self.datamap.schemas:
                yield from self._outside(live)
            elif table is not None:
                if live.hides_rows:
                    yield _hidden(live)
                yield from self._columns(table, live)
                yield from self.fit.key(table, live)
                yield from self._indexes(table, live)
                yield from self.foreign_keys.check(table, live)
                yield from check_triggers(self.datamap, live)
                if name == self.datamap.subject.table:
                    yield from self.fit.tombstone(table, live)
            else:
                yield self._unmapped(live)
        yield from self._missing()
        yield from self._codes()
        yield from check_counted(self.datamap, self.live)
        yield from check_widths(self.datamap, self.live)
        yield from check_kinds(self.datamap, self.live)

    def _unmapped(self, live: LiveTable) -> Drift:
        words = f"this {live.kind} is not in the map; add it"
        if live.kind is TableKind.VIEW:
            words = "this view is not in the map; state that it has no rows of its own"
        elif live.kind is TableKind.MATERIALIZED_VIEW:
            words = (
                "this materialized view is not in the map; add it, so that it is refreshed after "
                "every erasure"
            )
        elif live.kind is TableKind.PARTITION:
            words = (
                f"this partition is not in the map; add its parent {live.parent}, or the "
                "partition itself"
            )
        return Drift(
            names.written(live.name),
            DriftKind.UNMAPPED,
            words,
            table_fragment(live, self.datamap) if live.columns else "",
        )

    def _is_part_of_mapped(self, live: LiveTable) -> bool:
        """Whether a partition's rows are reached through a parent in the map's schemas."""
        parent = live.parent
        while parent is not None:
            if parent in self.datamap.tables or parent in self.datamap.ignored:
                return True
            above = self.live.tables.get(parent)
            if above is None:
                return False
            if above.name.schema in self.datamap.schemas and above.parent is None:
                return True  # the parent itself is reported
            parent = above.parent
        return False

    def _outside(self, live: LiveTable) -> Iterator[Drift]:
        for foreign_key in live.foreign_keys:
            if foreign_key.table.schema in self.datamap.schemas:
                yield Drift(
                    names.written(live.name),
                    DriftKind.LINK,
                    f"a foreign key leads from {', '.join(foreign_key.columns)} to "
                    f"{names.written(foreign_key.table)}, but its schema is not in the map; add "
                    f"{live.name.schema} to schemas",
                    schema_fragment(self.datamap, live.name.schema),
                )

    def _ignored(self, live: LiveTable) -> Iterator[Drift]:
        if live.kind is TableKind.MATERIALIZED_VIEW:
            yield Drift(
                names.written(live.name),
                DriftKind.UNMAPPED,
                "a materialized view has rows of its own, so it cannot be ignored; remove it "
                "from ignored, and add it under tables with rows: refresh",
                "",
            )

    def _indexes(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        """Report indexes over expressions that the map does not name: they hold copies."""
        there = {index.name: index for index in live.expressions}
        listed = [*table.indexes, *(name for name in there if name not in table.indexes)]
        for name in listed[len(table.indexes) :]:
            yield Drift(
                f"{names.written(table.name)} ({name})",
                DriftKind.UNMAPPED,
                f"this index is computed from {', '.join(there[name].columns)} and is not in the "
                "map; add it",
                fragment("tables", names.written(table.name), "indexes", value=listed),
            )
        for name in table.indexes:
            if name not in there:
                yield Drift(
                    f"{names.written(table.name)} ({name})",
                    DriftKind.MISSING,
                    "the map lists this index, but the table has no such index over an "
                    "expression; remove it",
                    "",
                )

    def _codes(self) -> Iterator[Drift]:
        """Report codes that rows are told apart by and that the map does not name."""
        views = [of_kind(self.datamap, kind) for kind in known_kinds(self.datamap)]
        for place in dict.fromkeys(one for view in views for one in view.telling_apart()):
            table, live = self.datamap.tables.get(place.table), self.live.tables.get(place.table)
            found = None if live is None else live.column(place.name)
            mapped = () if table is None else table.columns
            column = next((one for one in mapped if one.name == place.name), None)
            if column is None or found is None:
                continue
            labels = found.labels or found.allowed
            known = {*column.values, *column.legend}
            if new := [label for label in labels if label not in known]:
                yield Drift(
                    names.written(place),
                    DriftKind.UNMAPPED,
                    "rows are told apart by this column, but the map does not list "
                    f"{', '.join(new)}; state below links, where, open_when or portable what "
                    "happens to such rows, then add it",
                    fragment(
                        "tables",
                        names.written(place.table),
                        "columns",
                        place.name,
                        value={"values": list(labels)},
                    ),
                )

    def _missing(self) -> Iterator[Drift]:
        for name in self.datamap.tables:
            if name not in self.live.tables:
                others = map(names.written, self.live.tables.keys() - self.datamap.tables.keys())
                yield Drift(
                    names.written(name),
                    DriftKind.MISSING,
                    "the map lists this table, but the database has no such table"
                    + _nearest(names.written(name), others)
                    + "; correct the map or add a migration",
                    "",
                )

    def _columns(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        mapped = {column.name: column for column in table.columns}
        found = {column.name: column for column in live.columns}
        for name, column in found.items():
            if name not in mapped:
                yield Drift(
                    names.written(ColumnName(live.name, name)),
                    DriftKind.UNMAPPED,
                    "this column is not in the map; add it",
                    column_fragment(live, column, self.datamap),
                )
        for name in mapped:
            if name not in found:
                others = (other for other in found if other not in mapped)
                yield Drift(
                    names.written(ColumnName(live.name, name)),
                    DriftKind.MISSING,
                    "the map lists this column, but the table has no such column"
                    + _nearest(name, others)
                    + "; correct the map or add a migration",
                    "",
                )
            else:
                yield from self.fit.column(table, mapped[name], found[name], live)


def _hidden(live: LiveTable) -> Drift:
    return Drift(
        names.written(live.name),
        DriftKind.UNFIT,
        "row-level security hides rows of this table, and hidden rows are not erased; let "
        "lacuna_planner, lacuna_executor and lacuna_verifier bypass it (alter role … bypassrls), "
        "or disable it on the table",
        "",
    )


def _twice(live: LiveTable, inherited: Iterable[TableName]) -> Drift:
    return Drift(
        names.written(live.name),
        DriftKind.UNFIT,
        f"it inherits from {', '.join(map(names.written, inherited))}, so its rows would be "
        "counted and changed twice, and its own columns would not be treated; make it a "
        "partition, or remove the inheritance",
        "",
    )


def _nearest(name: str, others: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(others), 1)
    return f", but {near[0]}" if near else ""
