"""Asks for what the person reads in a bundle: a label for each table and column, and a word for each code."""

from collections.abc import Iterator

from lacuna.datamap import names
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.suggestion import LONGEST_LABEL, fragment, label_of
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.model.schema import LiveSchema
from lacuna.model.table import Column, Table


def check_labels(datamap: DataMap, live: LiveSchema) -> tuple[Drift, ...]:
    """Return each place that a bundle would show without words for it, in order.

    It keeps no flow from running: a page then shows the longer meaning, or the name in words.
    """
    shown: dict[TableName, set[str]] = {}
    for kind in known_kinds(datamap):
        for name, table in of_kind(datamap, kind).tables.items():
            columns = {column.name for column in table.columns if column.in_access}
            if columns:
                shown.setdefault(name, set()).update(columns)
    found: list[Drift] = []
    for name, columns in shown.items():
        table = datamap.tables[name]
        found += _of_table(table)
        for column in table.columns:
            if column.name in columns:
                found += _of_column(table, column, live)
    return tuple(sorted(found))


def _of_table(table: Table) -> Iterator[Drift]:
    if not 0 < len(table.label) <= LONGEST_LABEL:
        yield Drift(
            names.written(table.name),
            DriftKind.LABEL,
            "people receive rows of this table in their bundle; say in label what these are, in at "
            f"most {LONGEST_LABEL} characters",
            fragment(
                "tables", names.written(table.name), value={"label": label_of(table.name.name)}
            ),
        )


def _of_column(table: Table, column: Column, live: LiveSchema) -> Iterator[Drift]:
    place = ColumnName(table.name, column.name)
    path = ("tables", names.written(table.name), "columns", column.name)
    if len(column.label or column.meaning.removesuffix(".")) > LONGEST_LABEL:
        yield Drift(
            names.written(place),
            DriftKind.LABEL,
            "people receive this column in their bundle, and its meaning is too long to stand in "
            f"front of a value; add a label of at most {LONGEST_LABEL} characters",
            fragment(*path, value={"label": label_of(column.name)}),
        )
    found = live.tables.get(table.name)
    known = None if found is None else found.column(column.name)
    codes = () if known is None else known.labels or known.allowed
    if missing := [code for code in codes or column.values if code not in column.legend]:
        yield Drift(
            names.written(place),
            DriftKind.LABEL,
            f"people receive codes of this column that no legend explains: {', '.join(missing)}; "
            "say in legend what each means",
            fragment(*path, value={"legend": {code: label_of(code) for code in missing}}),
        )
