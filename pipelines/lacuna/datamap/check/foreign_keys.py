"""Foreign keys that lead to the person and are no link, or that an erasure would break."""

from collections.abc import Iterator

from lacuna.datamap import names, types
from lacuna.datamap.check.column_fit import CUTS_FOREIGN_KEY
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.suggestion import fragment
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName
from lacuna.model.schema import LiveColumn, LiveForeignKey, LiveSchema, LiveTable
from lacuna.model.table import Link, Table, reaching
from lacuna.model.treatment import RowErasure


class ForeignKeys:
    """Compares the links of a map with the keys that the database enforces."""

    def __init__(self, datamap: DataMap, live: LiveSchema) -> None:
        self.datamap = datamap
        self.live = live
        self.leading = reaching(datamap.tables.values(), datamap.subject.table)

    def check(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        """Report what differs in the links and foreign keys of one table."""
        for foreign_key in live.foreign_keys:
            if foreign_key.table in self.datamap.tables:
                target = self.datamap.tables[foreign_key.table]
                if self._holds_other_kind(table, foreign_key):
                    continue
                hidden = list(self._hidden_path(table, live, foreign_key, target))
                yield from hidden or self._broken(table, foreign_key, target)
        for link in table.links:
            yield from self._link_type(table, live, link)
        for link in table.tenant_through:
            yield from self._link_type(table, live, link)
            yield from self._several_tenants(table, link)

    def check_links(self, table: Table, live: LiveTable) -> Iterator[Drift]:
        """Report links of another type, and foreign keys that an erasure would break."""
        for link in table.links:
            yield from self._link_type(table, live, link)
        for foreign_key in live.foreign_keys:
            if foreign_key.table in self.datamap.tables:
                yield from self._broken(table, foreign_key, self.datamap.tables[foreign_key.table])

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
                    place, DriftKind.UNFIT, "the link has a path, but the column is not JSON", ""
                )
        elif link.is_text:
            if not types.is_text(here) or types.is_text(there):
                yield Drift(
                    place,
                    DriftKind.UNFIT,
                    f"as: text is for a text that holds keys of another type, but it compares "
                    f"{here.type} with {there.type}; remove it",
                    "",
                )
        elif not types.are_alike(here, there):
            yield Drift(
                place,
                DriftKind.UNFIT,
                f"the link compares {here.type} with {there.type} of {names.written(link.table)}; "
                "link a column of the same type"
                + (", or write as: text" if types.is_text(here) else ""),
                "",
            )

    def _several_tenants(self, table: Table, link: Link) -> Iterator[Drift]:
        """Report a way to the tenant that can lead to several rows, and so to several tenants."""
        target, other = self.datamap.tables[link.table], self.live.tables.get(link.table)
        column = link.to or target.key[0]
        if other is None or (column,) in other.unique_keys or column == target.key[0]:
            return
        yield Drift(
            names.written(ColumnName(table.name, link.column)),
            DriftKind.UNFIT,
            f"its tenant follows from {column} of {names.written(link.table)}, where several rows "
            "can have the same value; name a column with a unique index",
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
        if target.name == self.datamap.subject.table and column in table.references:
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
                here = live.column(column)
                yield Drift(
                    place,
                    DriftKind.LINK,
                    "a foreign key leads from one person to another; name it under references, or "
                    "as merged_into of the subject if both rows are the same person",
                    "" if here is None else self._reference_fragment(table, here),
                )
            return
        # A way back would close a circle, and is no way to the person.
        if target.name in reaching(self.datamap.tables.values(), table.name):
            return
        if to is None and (sharing := self.datamap.sharing_links(target)):
            named = [{"table": names.written(link.table), "to": str(link.to)} for link in sharing]
            named.append({"table": names.written(table.name), "to": column})
            yield Drift(
                place,
                DriftKind.LINK,
                f"a foreign key names rows of {names.written(target.name)}, which go with the last "
                "row that names them; what does not stand under links there loses them",
                fragment(
                    *("tables", names.written(target.name)),
                    value={"links": {sharing[0].column: named}},
                ),
            )
            return
        others = (
            ". If the row is not that person's, such as where it holds who entered the row, name the "
            "column under references instead. If it holds keys of others in that table, such as agents, write kind: agent at the "
            "column, tell them apart by where or member of the subject, and describe them under kinds"
        )
        yield Drift(
            place,
            DriftKind.LINK,
            f"a foreign key leads to {names.written(target.name)} and on to the person, but it is "
            "not a link; rows found only this way would be missed"
            + (others if target.name == subject.table else ""),
            self._link_fragment(table, live, column, target) if to is None else "",
        )

    def _reference_fragment(self, table: Table, column: LiveColumn) -> str:
        erase = "unlink" if column.is_nullable else "tombstone"
        return fragment(
            "tables",
            names.written(table.name),
            value={
                "references": [*table.references, column.name],
                "columns": {column.name: {"erase": erase}},
            },
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
            treated.get(name) in CUTS_FOREIGN_KEY for name in foreign_key.columns
        )
        if target.name == self.datamap.subject.table:
            is_cut = is_cut or not {*table.references}.isdisjoint(foreign_key.columns)
        if is_cut or table.rows is RowErasure.DELETE:
            return
        place = names.written(ColumnName(table.name, foreign_key.columns[0]))
        # A row that others name goes with the last of them.
        keeps_it = any(
            link.table == table.name and (link.to,) == foreign_key.columns
            for link in self.datamap.sharing_links(target)
        )
        if (
            target.rows is RowErasure.DELETE
            and not keeps_it
            and foreign_key.on_delete not in ("set null", "set default")
        ):
            yield Drift(
                place,
                DriftKind.LINK,
                f"rows of {names.written(target.name)} are deleted, but rows here stay and point "
                "to them; write erase: suppress here, or keep those rows",
                "",
            )
        renewed = {column.name for column in target.columns if column.is_set}
        if (
            target.rows is RowErasure.ANONYMIZE
            and renewed & set(foreign_key.referenced)
            and foreign_key.on_update != "cascade"
        ):
            yield Drift(
                place,
                DriftKind.LINK,
                f"the key of {names.written(target.name)} changes, but this foreign key would "
                "forbid it; write erase: unlink here, or keep that key",
                "",
            )
