"""What a data map says of columns that they cannot take.

1. Treatments that do not fit the column: its type, its length, NOT NULL, unique indexes.
2. Keys that do not tell rows apart.
3. Tombstone contacts that the subject table would refuse.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lacuna.datamap import names, types
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.check.held_references import reference_misfit
from lacuna.datamap.suggestion import erasure_fragment, fitting, fragment
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName
from lacuna.model.request import CONTACT
from lacuna.model.schema import LiveColumn, LiveSchema, LiveTable, TableKind
from lacuna.model.table import ROW_ADDRESS, Column, Table
from lacuna.model.treatment import Erasure, Leaves, Mention, RowErasure, Treatment

CUTS_FOREIGN_KEY: Final = frozenset({Treatment.UNLINK, Treatment.SUPPRESS, Treatment.TOMBSTONE})
_READ_ONLY: Final = frozenset({TableKind.VIEW, TableKind.MATERIALIZED_VIEW})
_CODES: Final = frozenset({"boolean", "smallint", "integer", "bigint"})
_LARGE_OBJECTS: Final = frozenset({"oid", "lo"})


@dataclass(frozen=True)
class Fit:
    """Compares what a map says of a table with what its columns can take."""

    datamap: DataMap
    live: LiveSchema

    def column(
        self, table: Table, column: Column, found: LiveColumn, live: LiveTable
    ) -> Iterator[Drift]:
        """Report what a column cannot take of its entry."""
        place = names.written(ColumnName(table.name, column.name))

        def unfit(problem: str, erasure: Erasure | None = None) -> Drift:
            suggestion = ""
            if erasure is not None and self._is_allowed(table, column, erasure):
                suggestion = erasure_fragment(table.name, column.name, erasure)
            elif erasure is not None:
                problem += "; change the column by a migration, or write rows: delete"
            return Drift(place, DriftKind.UNFIT, problem, suggestion)

        if (why := _portable_misfit(table, found)) is not None:
            yield unfit(why)
        if column.name in table.references:
            if (why := self._reference_misfit(table, column, live)) is not None:
                yield unfit(why)
            return
        if live.kind in _READ_ONLY:
            if column.mention in (Mention.REDACT, Mention.EMPTY):
                yield unfit(f"a {live.kind} cannot be written to; remove mention: {column.mention}")
            return
        if table.rows is RowErasure.ANONYMIZE:
            why = types.misfit(column.erasure, found)
            if why is None and (why := self._one_null(table, column, live)) is not None:
                yield unfit(why)
            elif why is not None and column.erasure.treatment is Treatment.DELETE_OBJECT:
                # Any other treatment would leave the object behind.
                yield unfit(f"{why}; change the column by a migration")
            elif why is not None:
                yield unfit(why, self._fitting(table, column, found))
            elif (why := self._collision(table, column, live)) is not None:
                yield unfit(why, Erasure(Treatment.SUPPRESS) if found.is_nullable else None)
            elif self._is_left_unseen(column, found):
                way_out = "" if found.is_nullable else "; let it be NULL, or write rows: delete"
                yield unfit(
                    f"a {found.type} cannot be searched, so nobody would notice that an erasure "
                    f"left the person in it{way_out}",
                    Erasure(Treatment.SUPPRESS) if found.is_nullable else None,
                )
        elif column.erasure.treatment is Treatment.DELETE_OBJECT and not types.is_searchable(found):
            yield unfit("delete_object needs a column of texts or a document")
        if column.is_personal and found.type in _LARGE_OBJECTS:
            yield unfit(
                "it can name a large object, which no treatment erases; store its bytes in a "
                "column or in a store, or give the column a category of system"
            )
        if column.object_store is not None and types.is_document(found) != bool(
            column.object_paths
        ):
            yield unfit(
                "state under paths where the document contains object paths"
                if types.is_document(found)
                else "the column is not a document; remove paths"
            )
        if column.mention is Mention.REDACT:
            why = types.label_misfit(found)
            if why is None and found.is_generated:
                why = "the database fills it itself"
            if why is not None:
                other = Mention.EMPTY if types.is_bytes(found) else Mention.REFUSE
                yield unfit(
                    f"{why}; write mention: {other}"
                    + ("" if not column.is_text else " and remove text")
                )
        elif column.mention is Mention.EMPTY and (why := types.emptying_misfit(found)) is not None:
            yield unfit(why)
        elif column.is_text and not types.is_searchable(found):
            yield unfit("the column is not text; remove text")
        if table.erased_at == column.name and not types.is_timestamp(found):
            yield unfit("erased_at needs a timestamp; remove erased_at")
        if column.name in table.measures and not types.is_number(found):
            yield unfit("a measure must be a number; remove it from measures")
        if table.erased_at == column.name and found.is_generated:
            yield unfit("the database fills it itself; remove erased_at")

    def _reference_misfit(self, table: Table, column: Column, live: LiveTable) -> str | None:
        people = self.datamap.tables[self.datamap.subject.table]
        live_people = self.live.tables.get(people.name)
        key = None if live_people is None else live_people.column(people.key[0])
        found = live.column(column.name)
        why = reference_misfit(self.datamap, table, column, live, key)
        if why is not None or found is None or found.is_array:
            return why
        return self._one_null(table, column, live) or self._collision(table, column, live)

    @staticmethod
    def _one_null(table: Table, column: Column, live: LiveTable) -> str | None:
        """Say that a second row cannot become NULL too, where an index allows one alone."""
        if column.erasure.treatment not in (Treatment.SUPPRESS, Treatment.UNLINK):
            return None
        treated = {each.name: each.erasure.treatment for each in table.columns}
        for unique in live.once_null:
            others = [name for name in unique if name != column.name]
            if column.name in unique and not any(
                name in table.key or _leaves(treated, name) is Leaves.UNIQUE for name in others
            ):
                return (
                    f"the unique index over {', '.join(unique)} allows only one NULL (NULLS NOT "
                    "DISTINCT); give it a surrogate, or create the index again without that"
                )
        return None

    @staticmethod
    def _is_left_unseen(column: Column, found: LiveColumn) -> bool:
        """Whether a type that says nothing as text, such as a vector of a text, stays as it is."""
        is_kept = column.erasure.treatment is Treatment.KEEP
        return is_kept and column.is_personal and types.is_unknown(found)

    def _fitting(self, table: Table, column: Column, found: LiveColumn) -> Erasure | None:
        """Return a treatment that fits a column, for a link to the person one that cuts it.

        None fits a contact's key but a new one: the database has to be changed.
        """
        subject = self.datamap.subject
        if (table.name, self.datamap.kind) == (subject.table, CONTACT) and column.name in table.key:
            return None
        links = table.links_to(subject.table)
        if not found.is_generated and (
            column.name in table.references or any(link.column == column.name for link in links)
        ):
            return Erasure(Treatment.TOMBSTONE)
        return fitting(found) or Erasure(Treatment.KEEP)

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
        return erasure.treatment in CUTS_FOREIGN_KEY or not self._must_be_cut(table, column)

    def _must_be_cut(self, table: Table, column: Column) -> bool:
        if column.name in table.references:
            return True
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
        is_emptied = _is_named_erased(column.erasure.treatment, live.column(column.name))
        is_shared = column.erasure.treatment.effect.leaves is Leaves.SHARED
        if not is_shared and not is_emptied:
            return None
        treated = {each.name: each.erasure.treatment for each in table.columns}
        computed = [index.columns for index in live.expressions if index.is_unique]
        for unique in (*live.unique_keys, *computed):
            others = [name for name in unique if name != column.name]
            if (
                column.name in unique
                and not set(table.key) <= set(others)
                and not any(
                    _leaves(treated, name) in (Leaves.NULL, Leaves.UNIQUE)
                    and not _is_named_erased(treated.get(name), live.column(name))
                    for name in others
                )
            ):
                return (
                    f"{column.erasure.treatment} can make two rows equal, but the unique index "
                    f"over {', '.join(unique)} allows no equal rows; suppress it, or drop the "
                    "index"
                )
        return None

    def key(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        """Report a key that tells no rows apart, and rows that cannot be changed so."""
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
                f"a {live.kind} cannot be refreshed; state what happens to its rows",
                "",
            )
        if live.kind is TableKind.FOREIGN:
            if table.rows not in rows:
                yield Drift(
                    place,
                    DriftKind.UNFIT,
                    "the rows of a foreign table are in another database. No transaction here "
                    "can roll them back, and no scrub reaches its files; give that database its "
                    "own map, and write rows: keep here",
                    fragment("tables", place, "rows", value=str(RowErasure.KEEP)),
                )
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
            f"no unique index shows that {', '.join(table.key)} identifies its rows; "
            + (f"its primary key is {', '.join(known)}" if known else "add a primary key"),
            "",
        )

    def tombstone(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        """Report what would keep the tombstone contact out of the subject table."""
        if not self.datamap.has_tombstone:
            return
        values = self.datamap.subject.tombstone
        where = self.datamap.subject.where
        shared = self.datamap.subject.tombstone_shares
        given = {*table.key, *table.tenant_columns, table.erased_at, *values, *shared}
        given |= {*(where or ())[:1], *table.references}
        treated = {column.name: column.erasure.treatment for column in table.columns}
        filled = (
            Treatment.EMPTY,
            Treatment.JSON_KEYS,
            Treatment.REPLACE,
            Treatment.SURROGATE,
        )
        for column in live.columns:
            place = names.written(ColumnName(table.name, column.name))
            if column.name in values:
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
                    "the tombstone contact needs a value here, because the column may not be "
                    "NULL and has no default; give one that is about nobody",
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
                    "the tombstone contact of a second tenant would equal the first in the "
                    f"unique index over {', '.join(unique)}; drop the index, or let an erasure "
                    "delete the rows that link here",
                    "",
                )


def _is_named_erased(treatment: Treatment | None, found: LiveColumn | None) -> bool:
    """Whether a path becomes the same word in each row, because it may not be NULL."""
    return treatment is Treatment.DELETE_OBJECT and found is not None and not found.is_nullable


def _leaves(treated: Mapping[str, Treatment], name: str) -> Leaves | None:
    """Return the rest that a treatment leaves in a column; None for a column not in the map."""
    return treated[name].effect.leaves if name in treated else None


def _tombstone_value(column: LiveColumn) -> str:
    constant = types.fitting_constant(column)
    return "" if constant is None else fragment("subject", "tombstone", column.name, value=constant)


def _portable_misfit(table: Table, column: LiveColumn) -> str | None:
    """Return why portable rows cannot be told by a column, or None where they can or are not."""
    rule = table.portable
    named = next((values for name, values in rule.where if name == column.name), ()) if rule else ()
    if not named:
        return None
    if column.is_array or not (column.labels or column.type in _CODES or types.is_text(column)):
        return (
            f"portable distinguishes rows by it, but a {column.type} is not a code; name a "
            "column of codes"
        )
    held = column.labels or column.allowed
    if held and (strange := [value for value in named if value not in held]):
        return (
            f"portable names {', '.join(strange)}, which it cannot contain, so that rows would be "
            f"left out; it can contain {', '.join(held)}"
        )
    return None
