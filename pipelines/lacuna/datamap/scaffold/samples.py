"""Looks at some rows of each table: what detectors see in a column, and which keys documents have."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from lacuna.datamap import types
from lacuna.datamap.scaffold.category_proposal import ColumnSample, words
from lacuna.datamap.scaffold.structure import Sample
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveColumn, LiveSchema
from lacuna.ports import LabelDetector

_LOOKED_AT = 40
"""Values of a column that detectors look at; of the same value one."""
_LONGEST = 400
_DEEPEST = 4


def sampled(
    live: LiveSchema,
    rows: Mapping[TableName, Sequence[tuple[str | None, ...]]],
    detector: LabelDetector,
) -> Sample:
    """Analyze rows; they stay in memory, and are forgotten with the result.

    Raises:
        RedactionFailed: a value could not be analyzed.
    """
    values: dict[ColumnName, tuple[str, ...]] = {}
    asked: list[tuple[ColumnName, str]] = []
    for name, found in rows.items():
        for place, column in enumerate(live.tables[name].columns):
            here = ColumnName(name, column.name)
            values[here] = tuple(value for row in found if (value := row[place]))
            if _is_looked_into(column):
                looked = list(dict.fromkeys(values[here]))[:_LOOKED_AT]
                asked += ((here, value[:_LONGEST]) for value in looked)
    counted = Counter(here for here, _ in asked)
    seen: dict[ColumnName, Counter[str]] = {here: Counter() for here in counted}
    said = detector.labels([value for _, value in asked])
    for (here, _), labels in zip(asked, said, strict=True):
        seen[here].update(labels)
    columns = {}
    for name in rows:
        for column in live.tables[name].columns:
            here = ColumnName(name, column.name)
            shares = {label: n / counted[here] for label, n in seen.get(here, Counter()).items()}
            keys = _keys(values[here]) if types.is_document(column) else frozenset()
            columns[here] = ColumnSample(values[here], shares, keys)
    return Sample(rows, columns)


def known_by(
    live: LiveSchema,
    rows: Mapping[TableName, Sequence[tuple[str | None, ...]]],
    people: TableName,
) -> Mapping[str, frozenset[str]]:
    """Return the values by which rows of other tables may know people, by column of their table.

    A sample of people seldom holds those whom a sample of another table is about.
    """
    table = live.tables[people]
    found: dict[str, set[str]] = {
        column.name: set()
        for column in table.columns
        if (types.is_text(column) and "mail" in words(column.name))
        or ((column.name,) == table.key and column.type == "uuid")
    }
    for name, some in rows.items():
        for place, column in enumerate(live.tables[name].columns if name != people else ()):
            values = {value for row in some if (value := row[place])}
            for known in found:
                there = table.column(known)
                if there is not None and types.are_alike(column, there):
                    found[known] |= {one for one in values if there.type == "uuid" or "@" in one}
    return {name: frozenset(values) for name, values in found.items() if values}


def _is_looked_into(column: LiveColumn) -> bool:
    return types.is_searchable(column) and not column.labels


def _keys(documents: Sequence[str]) -> frozenset[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for document in documents:
        try:
            found.update(_paths(json.loads(document), ()))
        except (ValueError, RecursionError):
            continue
    return frozenset(found)


def _paths(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if len(path) > _DEEPEST or not isinstance(value, Mapping):
        return
    for key, below in value.items():
        yield (*path, str(key))
        yield from _paths(below, (*path, str(key)))
