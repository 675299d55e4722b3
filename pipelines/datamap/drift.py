"""Compares a data map with the live schema, both ways. Any difference stops a flow.

1. What the database has and the map does not: tables, views, partitions, columns.
2. What the map names and the database does not have.
3. Treatments that do not fit the column: its type, its length, NOT NULL, unique indexes.
4. Foreign keys that lead to the person and are no link, or that an erasure would break.
5. Triggers and rules that write where the map does not look.

Not compared: CHECK constraints (a treatment that one forbids fails when it is applied, and is
rolled back), and what lies outside the map's schemas without a foreign key into them.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipelines.datamap import names, types
from pipelines.datamap.reach import reaching
from pipelines.datamap.suggestion import (
    column_fragment,
    erasure_fragment,
    fitting,
    fragment,
    table_fragment,
)
from pipelines.datamap.written_by import writes
from pipelines.errors import DataMapDrift
from pipelines.model.datamap import (
    ROW_ADDRESS,
    Column,
    DataMap,
    Erasure,
    Link,
    Mention,
    RowErasure,
    Table,
    Treatment,
)
from pipelines.model.location import ColumnName, TableName
from pipelines.model.schema import (
    LiveColumn,
    LiveForeignKey,
    LiveSchema,
    LiveTable,
    LiveTrigger,
    TableKind,
)

_CUTS_LINK: Final = frozenset({Treatment.UNLINK, Treatment.SUPPRESS, Treatment.TOMBSTONE})
_READ_ONLY: Final = frozenset({TableKind.VIEW, TableKind.MATERIALIZED_VIEW})
# Two rows that are treated so can come out alike.
_MAKES_ALIKE: Final = frozenset(
    {
        Treatment.EMPTY,
        Treatment.REPLACE,
        Treatment.GENERALIZE,
        Treatment.REDACT,
        Treatment.OBFUSCATE,
        Treatment.JSON_KEYS,
        Treatment.TOMBSTONE,
    }
)
_MAKES_DIFFERENT: Final = frozenset(
    {
        Treatment.NEW_KEY,
        Treatment.SURROGATE,
        Treatment.SUPPRESS,
        Treatment.UNLINK,
        Treatment.DELETE_OBJECT,
    }
)


class DriftKind(StrEnum):
    """In what way the map and the database differ."""

    UNMAPPED = "unmapped"  # the database has it, the map does not
    MISSING = "missing"  # the map names it, the database does not have it
    UNFIT = "unfit"  # the column cannot be treated as the map says
    KEY = "key"  # the map's key does not tell rows apart
    LINK = "link"  # a foreign key that the map does not follow, or that would break
    TRIGGER = "trigger"  # code that writes where the map does not look
    QUESTION = "question"  # the map was drafted, and nobody has answered yet


@dataclass(frozen=True, order=True)
class Drift:
    """One difference.

    Attributes:
        location: schema, table, column or trigger.
        problem: what differs and what to do.
        suggestion: YAML to merge into the map; empty where the database or a line that is
            there must change.
    """

    location: str
    kind: DriftKind
    problem: str
    suggestion: str


def check(datamap: DataMap, live: LiveSchema) -> tuple[Drift, ...]:
    """Return every difference, ordered by location; empty if map and database agree.

    Args:
        live: read with the map's own schemas.
    """
    return tuple(sorted(set(_Comparison(datamap, live).all())))


def require_no_drift(datamap: DataMap, live: LiveSchema) -> None:
    """Accept a map that agrees with the database.

    Raises:
        DataMapDrift: lists every difference, with the YAML to add.
    """
    refuse(check(datamap, live))


def refuse(found: Sequence[Drift]) -> None:
    """Accept that nothing differs.

    Raises:
        DataMapDrift: lists every difference, with the YAML to add.
    """
    if not found:
        return
    count = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    lines = [f"the data map and the database disagree ({count}); nothing was read or changed"]
    for drift in found:
        lines.append(f"  {drift.location}: {drift.problem}")
        lines += [f"      {line}" for line in drift.suggestion.splitlines()]
    raise DataMapDrift("\n".join(lines))


class _Comparison:
    def __init__(self, datamap: DataMap, live: LiveSchema) -> None:
        self.datamap = datamap
        self.live = live
        self.leading = reaching(datamap.tables.values(), datamap.subject.table)

    def all(self) -> Iterator[Drift]:
        for number, question in enumerate(self.datamap.questions, start=1):
            yield Drift(
                f"questions {number}",
                DriftKind.QUESTION,
                f"{question}; answer it in the file given to scaffold, or decide in the map and "
                "remove the question",
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
            elif name.schema not in self.datamap.schemas:
                yield from self._outside(live)
            elif table is not None:
                yield from self._columns(table, live)
                yield from self._key(table, live)
                yield from self._indexes(table, live)
                yield from self._foreign_keys(table, live)
                yield from self._triggers(live)
                if name == self.datamap.subject.table:
                    yield from self._tombstone(table, live)
            elif self._is_part_of_mapped(live):
                yield from self._triggers(live)
            else:
                yield self._unmapped(live)
        yield from self._missing()
        yield from self._codes()

    # --- what the map lacks, what the database lacks ---

    def _unmapped(self, live: LiveTable) -> Drift:
        words = f"this {live.kind} is not in the map; add it"
        if live.kind is TableKind.VIEW:
            words = "this view is not in the map; say that it holds no rows of its own"
        elif live.kind is TableKind.MATERIALIZED_VIEW:
            words = (
                "this materialized view is not in the map; add it, so that it is made anew after "
                "every erasure"
            )
        elif live.kind is TableKind.PARTITION:
            words = f"this partition is not in the map; add its parent {live.parent}, or itself"
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
                    f"{names.written(foreign_key.table)}, and the schema is not in the map; "
                    f"add {live.name.schema} to schemas",
                    self._with_schema(live.name.schema),
                )

    def _ignored(self, live: LiveTable) -> Iterator[Drift]:
        if live.kind is TableKind.MATERIALIZED_VIEW:
            yield Drift(
                names.written(live.name),
                DriftKind.UNMAPPED,
                "a materialized view keeps rows of its own, so it cannot be ignored; remove it "
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
                    "the map lists this index, the table has none of that name over an "
                    "expression; remove it",
                    "",
                )

    def _codes(self) -> Iterator[Drift]:
        """Report codes that rows are told apart by and that the map does not know."""
        for place in dict.fromkeys(self.datamap.telling_apart()):
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
                    f"rows are told apart by this column, and the map does not know "
                    f"{', '.join(new)}; say below links, where or open_when what becomes of such "
                    "rows, then add it",
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
                    "the map lists this table, the database has none of that name"
                    + _nearest(names.written(name), others)
                    + "; fix the map or add a migration",
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
                    "the map lists this column, the table has none of that name"
                    + _nearest(name, others)
                    + "; fix the map or add a migration",
                    "",
                )
            else:
                yield from self._column(table, mapped[name], found[name], live)

    # --- what does not fit ---

    def _column(
        self, table: Table, column: Column, found: LiveColumn, live: LiveTable
    ) -> Iterator[Drift]:
        place = names.written(ColumnName(table.name, column.name))

        def unfit(problem: str, erasure: Erasure | None = None) -> Drift:
            suggestion = ""
            if erasure is not None and self._is_allowed(table, column, erasure):
                suggestion = erasure_fragment(table.name, column.name, erasure)
            elif erasure is not None:
                problem += "; change the column by a migration, or write rows: delete"
            return Drift(place, DriftKind.UNFIT, problem, suggestion)

        if live.kind in _READ_ONLY:
            if column.mention is Mention.REDACT:
                yield unfit(f"a {live.kind} cannot be written to; remove mention: redact")
            return
        if table.rows is RowErasure.ANONYMIZE:
            why = types.misfit(column.erasure, found)
            if why is not None and column.erasure.treatment is Treatment.DELETE_OBJECT:
                # Any other treatment would leave the object behind.
                yield unfit(f"{why}; change the column by a migration")
            elif why is not None:
                yield unfit(why, self._fitting(table, column, found))
            elif (why := self._collision(table, column, live)) is not None:
                yield unfit(why, Erasure(Treatment.SUPPRESS) if found.is_nullable else None)
        elif column.erasure.treatment is Treatment.DELETE_OBJECT and not types.is_text(found):
            yield unfit("delete_object needs a text column")
        if column.mention is Mention.REDACT:
            why = types.label_misfit(found)
            if why is None and found.is_generated:
                why = "the database fills it by itself"
            if why is not None:
                yield unfit(
                    f"{why}; write mention: refuse"
                    + ("" if not column.is_text else " and remove text")
                )
        elif column.is_text and not types.is_searchable(found):
            yield unfit("the column is no text; remove text")
        if table.erased_at == column.name and not types.is_timestamp(found):
            yield unfit("erased_at needs a timestamp; remove erased_at")
        if column.name in table.measures and not types.is_number(found):
            yield unfit("a measure must be a number; remove it from measures")
        if table.erased_at == column.name and found.is_generated:
            yield unfit("the database fills it by itself; remove erased_at")

    def _fitting(self, table: Table, column: Column, found: LiveColumn) -> Erasure:
        """Return a treatment that fits a column, for a link to the person one that cuts it."""
        subject = self.datamap.subject
        if (
            self.datamap.tables[subject.table].erased_at is not None
            and not found.is_generated
            and any(link.column == column.name for link in table.links_to(subject.table))
        ):
            return Erasure(Treatment.TOMBSTONE)
        return fitting(found) or Erasure(Treatment.KEEP)

    def _tombstone(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        """Report what would keep the tombstone contact out of the subject table."""
        if not self.datamap.has_tombstone:
            return
        values = self.datamap.subject.tombstone
        where = self.datamap.subject.where
        given = {*table.key, table.tenant, table.erased_at, *values, *(where or ())[:1]}
        treated = {column.name: column.erasure.treatment for column in table.columns}
        filled = (
            Treatment.EMPTY,
            Treatment.JSON_KEYS,
            Treatment.REPLACE,
            Treatment.SURROGATE,
        )
        for column in live.columns:
            place = names.written(ColumnName(table.name, column.name))
            if column.name == table.key[0]:
                if (why := types.key_misfit(column)) is not None:
                    yield Drift(place, DriftKind.UNFIT, f"{why}; change it by a migration", "")
            elif column.name in values:
                why = types.constant_misfit(values[column.name], column)
                if why is not None:
                    problem = f"the tombstone contact cannot take its value here: {why}"
                    yield Drift(place, DriftKind.UNFIT, problem, _tombstone_value(column))
            elif (
                column.name not in given
                and not column.is_nullable
                and not column.has_default
                and not column.is_generated
                and treated.get(column.name) not in filled
            ):
                yield Drift(
                    place,
                    DriftKind.UNFIT,
                    "the tombstone contact needs a value here: the column may not be NULL and has "
                    "no default; give one that says nothing about anybody",
                    _tombstone_value(column),
                )
        # A surrogate is another one for each tenant.
        constant = given - {table.key[0]} | {
            name
            for name, treatment in treated.items()
            if treatment in filled and treatment is not Treatment.SURROGATE
        }
        for unique in () if self.datamap.only_tenant else live.unique_keys:
            if set(unique) <= constant - {table.tenant}:
                yield Drift(
                    names.written(ColumnName(table.name, unique[0])),
                    DriftKind.UNFIT,
                    f"the tombstone contact of a second tenant would be like the first in the "
                    f"unique index over {', '.join(unique)}; drop the index, or let an erasure "
                    "delete the rows that link here",
                    "",
                )

    def _is_allowed(self, table: Table, column: Column, erasure: Erasure) -> bool:
        """Whether the map would still load with another treatment of the column."""
        if column.erasure.treatment is Treatment.REDACT and any(
            rule.table == table.name for rule in self.datamap.sweeps
        ):
            return False
        if erasure.treatment is Treatment.KEEP:
            identifying = {each.column for each in self.datamap.subject.identifiers}
            return (
                not column.is_text
                and ColumnName(table.name, column.name) not in identifying
                and not self._must_be_cut(table, column)
            )
        if column.name in table.key:
            return False
        return erasure.treatment in _CUTS_LINK or not self._must_be_cut(table, column)

    def _must_be_cut(self, table: Table, column: Column) -> bool:
        if table.name == self.datamap.subject.table:
            return column.name == self.datamap.subject.merged_into
        return any(
            link.column == column.name
            and (
                link.table == self.datamap.subject.table
                or self.datamap.tables[link.table].rows is RowErasure.DELETE
            )
            for link in table.links
        )

    def _collision(self, table: Table, column: Column, live: LiveTable) -> str | None:
        if column.erasure.treatment not in _MAKES_ALIKE:
            return None
        treated = {each.name: each.erasure.treatment for each in table.columns}
        computed = [index.columns for index in live.expressions if index.is_unique]
        for unique in (*live.unique_keys, *computed):
            others = [name for name in unique if name != column.name]
            if (
                column.name in unique
                and not set(table.key) <= set(others)
                and not any(treated.get(name) in _MAKES_DIFFERENT for name in others)
            ):
                return (
                    f"{column.erasure.treatment} can make two rows alike, and the unique index over "
                    f"{', '.join(unique)} allows no two; suppress it, or drop the index"
                )
        return None

    def _key(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        place = names.written(table.name)
        rows = (RowErasure.KEEP, RowErasure.REFRESH)
        if live.kind is TableKind.MATERIALIZED_VIEW or live.kind is TableKind.VIEW:
            fits = rows[live.kind is TableKind.MATERIALIZED_VIEW]
            if table.rows is not fits:
                yield Drift(
                    place,
                    DriftKind.UNFIT,
                    f"the rows of a {live.kind} cannot be changed; write rows: {fits}",
                    fragment("tables", place, "rows", value=str(fits)),
                )
            return
        if table.rows is RowErasure.REFRESH:
            yield Drift(
                place,
                DriftKind.UNFIT,
                f"a {live.kind} cannot be refreshed; say what becomes of it",
                "",
            )
        if live.kind is TableKind.FOREIGN:
            return
        if table.has_row_address:
            if live.key:
                yield Drift(
                    place,
                    DriftKind.KEY,
                    f"its primary key is {', '.join(live.key)}; name that instead of {ROW_ADDRESS}",
                    "",
                )
            return
        for unique in live.unique_keys:
            columns = [live.column(name) for name in unique]
            if set(unique) <= set(table.key) and not any(
                column is None or column.is_nullable for column in columns
            ):
                return
        known = live.key
        yield Drift(
            names.written(table.name),
            DriftKind.KEY,
            f"no unique index shows that {', '.join(table.key)} tells its rows apart; "
            + (f"its primary key is {', '.join(known)}" if known else "add a primary key"),
            "",
        )

    # --- foreign keys ---

    def _foreign_keys(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        for link in table.links:
            yield from self._link_type(table, live, link)
        for foreign_key in live.foreign_keys:
            if foreign_key.table in self.datamap.tables:
                target = self.datamap.tables[foreign_key.table]
                if self._holds_other_kind(table, foreign_key):
                    continue
                hidden = list(self._hidden_path(table, live, foreign_key, target))
                yield from hidden or self._broken(table, foreign_key, target)

    def _holds_other_kind(self, table: Table, foreign_key: LiveForeignKey) -> bool:
        """Whether the map says that these keys are of rows that are no people meant here."""
        return foreign_key.table == self.datamap.subject.table and any(
            column.kind for column in table.columns if column.name in foreign_key.columns
        )

    def _link_type(self, table: Table, live: LiveTable, link: Link) -> Iterator[Drift]:
        other = self.live.tables.get(link.table)
        here = live.column(link.column)
        there = None
        if other is not None:
            there = other.column(link.to or self.datamap.tables[link.table].key[0])
        if here is None or there is None:
            return
        place = names.written(ColumnName(table.name, link.column))
        if link.path:
            if not types.is_document(here):
                yield Drift(
                    place, DriftKind.UNFIT, "the link has a path, and the column is no JSON", ""
                )
        elif not types.are_alike(here, there):
            yield Drift(
                place,
                DriftKind.UNFIT,
                f"the link compares {here.type} with {there.type} of {names.written(link.table)}; "
                "link a column of the same type",
                "",
            )

    def _hidden_path(
        self, table: Table, live: LiveTable, foreign_key: LiveForeignKey, target: Table
    ) -> Iterator[Drift]:
        pairs = list(zip(foreign_key.columns, foreign_key.referenced, strict=True))
        column = next((own for own, other in pairs if (other,) == target.key), None)
        if target.name not in self.leading or not pairs:
            return
        if any(link.column in foreign_key.columns for link in table.links_to(target.name)):
            return
        to = None
        if column is None:
            # By another column than the key; of several, the tenant's says least.
            pairs.sort(key=lambda pair: pair[1] == target.tenant)
            column, to = pairs[0]
        subject = self.datamap.subject
        place = names.written(ColumnName(table.name, column))
        if table.name == subject.table:
            if target.name == subject.table and column != subject.merged_into:
                yield Drift(
                    place,
                    DriftKind.LINK,
                    "a foreign key leads from one person to another; name it as subject's "
                    "merged_into if both rows are the same person, or drop it",
                    "",
                )
            return
        # A way back would close a circle, and is no way to the person.
        if target.name in reaching(self.datamap.tables.values(), table.name):
            return
        yield Drift(
            place,
            DriftKind.LINK,
            f"a foreign key leads to {names.written(target.name)} and on to the person, but is "
            "no link: rows found only this way would be missed",
            self._link_fragment(table, live, column, target) if to is None else "",
        )

    def _link_fragment(self, table: Table, live: LiveTable, column: str, target: Table) -> str:
        here = live.column(column)
        entry: dict[str, dict[str, str] | dict[str, dict[str, str]]] = {
            "links": {column: names.written(target.name)}
        }
        must_be_cut = table.rows is RowErasure.ANONYMIZE and (
            target.name == self.datamap.subject.table or target.rows is RowErasure.DELETE
        )
        if must_be_cut:
            if here is None or not here.is_nullable or column in table.key:
                return ""
            entry["columns"] = {column: {"erase": "unlink"}}
        return fragment("tables", names.written(table.name), value=entry)

    def _broken(self, table: Table, foreign_key: LiveForeignKey, target: Table) -> Iterator[Drift]:
        """Report foreign keys that an erasure of the target's rows would violate or follow."""
        treated = {column.name: column.erasure.treatment for column in table.columns}
        is_cut = table.rows is RowErasure.ANONYMIZE and any(
            treated.get(name) in _CUTS_LINK for name in foreign_key.columns
        )
        if is_cut or table.rows is RowErasure.DELETE:
            return
        place = names.written(ColumnName(table.name, foreign_key.columns[0]))
        if target.rows is RowErasure.DELETE and foreign_key.on_delete not in (
            "set null",
            "set default",
        ):
            yield Drift(
                place,
                DriftKind.LINK,
                f"rows of {names.written(target.name)} are deleted, rows here stay and point to "
                "them; write erase: suppress here, or keep those rows",
                "",
            )
        renewed = {
            column.name
            for column in target.columns
            if column.erasure.treatment is Treatment.NEW_KEY
        }
        if (
            target.rows is RowErasure.ANONYMIZE
            and renewed & set(foreign_key.referenced)
            and foreign_key.on_update != "cascade"
        ):
            yield Drift(
                place,
                DriftKind.LINK,
                f"the key of {names.written(target.name)} changes, and this foreign key would "
                "forbid it; write erase: unlink here, or keep that key",
                "",
            )

    # --- triggers ---

    def _triggers(self, live: LiveTable) -> Iterator[Drift]:
        for trigger in live.triggers:
            if trigger.function in self.datamap.ignored:
                continue
            place = f"{names.written(live.name)} ({trigger.name})"
            written = writes(trigger)
            if written is None:
                yield Drift(
                    place,
                    DriftKind.TRIGGER,
                    f"{names.written(trigger.function)} runs when a row changes, and what it "
                    "writes cannot be seen; read it, then map what it fills, or ignore it with "
                    "a reason",
                    _with_ignored(trigger),
                )
                continue
            for target in written:
                if not self._is_known(target, live):
                    yield Drift(
                        place,
                        DriftKind.TRIGGER,
                        f"{names.written(trigger.function)} writes to {target}, which is not in "
                        "the map; map that table, or ignore the function with a reason",
                        self._for_written(target, trigger),
                    )

    def _is_known(self, target: str, live: LiveTable) -> bool:
        parts = names.split(target)
        schemas = parts[:-1] or (live.name.schema, *self.datamap.schemas)
        known = {*self.datamap.tables, *self.datamap.ignored}
        return any(TableName(schema, parts[-1]) in known for schema in schemas)

    def _for_written(self, target: str, trigger: LiveTrigger) -> str:
        parts = names.split(target)
        if len(parts) == 2 and parts[0] not in self.datamap.schemas:
            return self._with_schema(parts[0])
        return _with_ignored(trigger)

    def _with_schema(self, schema: str) -> str:
        return fragment("schemas", value=[*self.datamap.schemas, schema])


def _tombstone_value(column: LiveColumn) -> str:
    constant = types.fitting_constant(column)
    return "" if constant is None else fragment("subject", "tombstone", column.name, value=constant)


def _with_ignored(trigger: LiveTrigger) -> str:
    return fragment(
        "ignored",
        names.written(trigger.function),
        value="say why nothing of a person ends up elsewhere",
    )


def _nearest(name: str, others: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(others), 1)
    return f", but {near[0]}" if near else ""
