"""How rows name objects: a column, a list, places in a document, or a rule for the file's name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName
from lacuna.model.request import CONTACT
from lacuna.model.table import Table
from lacuna.model.treatment import RowErasure, Treatment

NO_PATH = "[erased]"
"""What is left of a path in a column that may not be NULL: applications expect some text there."""

_TAKES_OBJECTS = frozenset({Treatment.DELETE_OBJECT, Treatment.EMPTY, Treatment.JSON_KEYS})


_SLICE: Final = re.compile(r"(.+)\[(\d{1,4}):(\d{1,4})\]")


@dataclass(frozen=True)
class RulePart:
    """A text of a rule for a file's name, and what comes after it.

    Attributes:
        column: empty where nothing comes.
        characters: which of the column's value, as in Python, `(first, end)`; None for all.
    """

    text: str
    column: str = ""
    characters: tuple[int, int] | None = None

    def of(self, value: object) -> str:
        """Return the part for a value of the column."""
        first, end = self.characters or (0, None)
        return self.text + str(value)[first:end]


@dataclass(frozen=True)
class PathSource:
    """One way by which the rows of a table name objects of a store.

    Attributes:
        column: holds the paths; where a rule makes them, the first column it takes.
        rule: what a path is made of; empty where the column holds the paths.
        within: places in a JSON document, as `/a/[]/b`; empty for a text or a list of texts.
        is_taken: whether an erasure of the row deletes the objects.
    """

    column: ColumnName
    store: str
    rule: tuple[RulePart, ...]
    within: tuple[str, ...]
    is_taken: bool

    @property
    def json_paths(self) -> tuple[str, ...]:
        """Return where in the column, seen as JSON, the paths stand, in PostgreSQL's language.

        Every text at or below the place counts, but for an empty one and `NO_PATH`; a place that a
        document has not is none.

        >>> _text_in("/voice/[]/file")
        'lax $."voice"[*]."file".** ? (@.type() == "string" && @ != "" && @ != "[erased]")'
        """
        return tuple(_text_in(place) for place in self.within or ("",))

    def path_of(self, row: Mapping[str, object]) -> str | None:
        """Return the path that the rule makes of a row; None where a column of it is NULL."""
        values = [row[part.column] if part.column else "" for part in self.rule]
        if None in values:
            return None
        return "".join(part.of(value) for part, value in zip(self.rule, values, strict=True))


def _text_in(place: str) -> str:
    """Return the texts at or below a place of a document, as a JSON path of PostgreSQL.

    What an erasure leaves where a column may not be NULL names nothing.
    """
    steps = "".join(
        "[*]" if key == "[]" else '."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for key in place.split("/")[1:]
    )
    return f'lax ${steps}.** ? (@.type() == "string" && @ != "" && @ != "{NO_PATH}")'


def values_at(document: object, place: str) -> Iterator[object]:
    """Yield the values at a place of a document; a place that it has not gives nothing.

    >>> list(values_at({"voice": [{"file": "a.wav"}, {}]}, "/voice/[]/file"))
    ['a.wav']
    """
    found = [document]
    for key in place.split("/")[1:]:
        if key == "[]":
            found = [one for held in found if isinstance(held, list) for one in held]
        else:
            found = [held[key] for held in found if isinstance(held, Mapping) and key in held]
    yield from found


def rule_parts(rule: str) -> tuple[RulePart, ...]:
    """Return the parts of a rule for a file's name.

    Raises:
        ValueError: a brace is not closed, or something else than a column or some characters of
            its value stands in one.

    >>> [(part.text, part.column, part.characters) for part in rule_parts("{key[0:2]}/{key}.wav")]
    [('', 'key', (0, 2)), ('/', 'key', None), ('.wav', '', None)]
    """
    parts = []
    for text, name, form, conversion in Formatter().parse(rule):
        if form or conversion or name == "":
            raise ValueError("a rule may contain only columns inside its braces")
        parts.append(_part(text, name or ""))
    return tuple(parts)


def _part(text: str, name: str) -> RulePart:
    if not (found := _SLICE.fullmatch(name)):
        return RulePart(text, name)
    first, end = int(found[2]), int(found[3])
    if first >= end:
        raise ValueError(
            f"[{first}:{end}] takes no character; write the first and the end, as [0:2]"
        )
    return RulePart(text, found[1], (first, end))


def path_sources(datamap: DataMap, table: Table) -> Iterator[PathSource]:
    """Yield the ways by which rows of a table name objects."""
    for column in table.columns:
        if column.object_store is not None:
            yield PathSource(
                ColumnName(table.name, column.name),
                column.object_store,
                (),
                column.object_paths,
                column.erasure.treatment in _TAKES_OBJECTS,
            )
    for store in datamap.stores.values():
        for pattern in store.files:
            if pattern.named and pattern.table == table.name:
                parts = rule_parts(pattern.named)
                yield PathSource(
                    ColumnName(table.name, next(part.column for part in parts if part.column)),
                    store.name,
                    parts,
                    (),
                    # What a contact's row names is not taken with an agent who is in it too.
                    table.rows is not RowErasure.KEEP
                    and (datamap.kind == CONTACT or table.name == datamap.subject.table),
                )
