"""Which of a person's rows the portability subset holds (Art. 20), and what is left out of it.

Provided by the person is what they gave and what was observed of them (WP 242 rev.01, III.A), not
what others wrote or a company worked out. In doubt a row is left out: it stays in the copy of
Art. 15, and nobody else's words are passed on as the person's.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from lacuna.bundle.selection import PORTABLE_BASES, is_credential, portable_columns
from lacuna.bundle.words import in_english
from lacuna.model.bundle import LeftOut
from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey, TableName
from lacuna.model.table import Link, PortableRows, Table

ARTICLE: Final = "20(1)"

NOT_PROVIDED: Final = "not_provided"
BY_OTHERS: Final = "another_person_is_source"
BY_NOBODY: Final = "no_source_named"
WITH_ANOTHER: Final = "belongs_to_left_out"
_OTHER_BASIS: Final = "other_basis"
MADE: Final = "recorded_by_company"
_TECHNICAL: Final = "used_internally"
NOTHING: Final = "no_value"
UNKNOWN: Final = "unknown_value"

PHRASES: Final = (
    *(NOT_PROVIDED, BY_OTHERS, BY_NOBODY, WITH_ANOTHER, _OTHER_BASIS, MADE, _TECHNICAL),
    *(NOTHING, UNKNOWN),
)
"""All of these, as a page translates them."""

ReadRows = Callable[
    [Table, tuple[str, ...], frozenset[RowKey]], Iterator[Sequence[tuple[object, ...]]]
]
"""Reads columns of rows of a table, the key first."""


class Provided:
    """The rows of one person that they provided, by table."""

    def __init__(
        self,
        datamap: DataMap,
        keys: Mapping[TableName, frozenset[RowKey]],
        person_keys: frozenset[str],
        read: ReadRows,
    ) -> None:
        """Choose among the rows `keys`; nothing is read before it is asked for."""
        self._datamap = datamap
        self._keys = keys
        self._person_keys = person_keys
        self._read = read
        self._found: dict[TableName, frozenset[RowKey]] = {}
        self._values: dict[tuple[TableName, str], frozenset[str]] = {}
        self._left: dict[TableName, Counter[LeftOut]] = {}

    def keys_of(self, table: Table) -> frozenset[RowKey] | None:
        """Return the rows of a table that are part of the subset; None for every row.

        Keys are those that `read` gave, as text: where a part is a time, the inventory may write it
        otherwise.

        Raises:
            PipelineError: what the choice goes by could not be read.
        """
        if not self._datamap.leaves_out_rows(table):
            return None
        if table.name not in self._found:
            self._choose(table)
        return self._found[table.name]

    def left_out(self, table: Table) -> Iterator[LeftOut]:
        """Yield what the subset lacks of a table, rows first.

        Raises:
            PipelineError: what the choice goes by could not be read.
        """
        count = len(self._keys.get(table.name, ()))
        grounds = _grounds(self._datamap, table)
        if not count or not any(column.in_access for column in table.columns):
            return
        if not portable_columns(self._datamap, table):
            reasons = {reason for reason, _ in grounds} - {_TECHNICAL}
            reason = _OTHER_BASIS if reasons == {_OTHER_BASIS} else MADE if reasons else _TECHNICAL
            yield LeftOut(table.name, count, reason)
            return
        if (kept := self.keys_of(table)) is not None:
            count = len(kept)
            for each, rows in sorted(self._left[table.name].items(), key=repr):
                yield replace(each, rows=rows)
        for reason in dict.fromkeys(reason for reason, _ in grounds) if count else ():
            columns = tuple(name for other, name in grounds if other == reason)
            yield LeftOut(table.name, count, reason, columns)

    def _choose(self, table: Table) -> None:
        every = self._keys.get(table.name, frozenset())
        follows = self._datamap.followed(table)
        allowed = [self._values_of(link) for link in follows]
        rule = table.portable or PortableRows()
        led_to = self._columns_led_to(table)
        wanted = tuple(
            dict.fromkeys(
                (
                    *table.key,
                    *(name for name, _ in rule.where),
                    *([] if rule.author is None else [rule.author]),
                    *(link.column for link in follows),
                    *(link.where[0] for link in follows if link.where is not None),
                    *led_to,
                )
            )
        )
        kept: set[RowKey] = set()
        values: dict[str, set[str]] = {name: set() for name in led_to}
        left = Counter[LeftOut]()
        for rows in self._read(table, wanted, every) if every else ():
            for row in rows:
                record = dict(zip(wanted, row, strict=True))
                why = self._by_rule(table, rule, record)
                why = why or _by_links(table, record, follows, allowed)
                if why is not None:
                    left[why] += 1
                    continue
                kept.add(tuple(map(str, row[: len(table.key)])))
                for name in led_to:
                    values[name].add(_as_code(record[name]))
        self._values |= {(table.name, name): frozenset(found) for name, found in values.items()}
        self._left[table.name] = left
        self._found[table.name] = frozenset(kept)

    def _columns_led_to(self, table: Table) -> tuple[str, ...]:
        """Return the columns of a table whose values the links of others hold."""
        return tuple(
            dict.fromkeys(
                link.to or table.key[0]
                for other in self._datamap.tables.values()
                for link in other.links_to(table.name)
            )
        )

    def _values_of(self, link: Link) -> frozenset[str]:
        """Return the values of a link that lead to rows of the subset."""
        table = self._datamap.tables[link.table]
        self.keys_of(table)
        return self._values[table.name, link.to or table.key[0]]

    def _by_rule(
        self, table: Table, rule: PortableRows, record: Mapping[str, object]
    ) -> LeftOut | None:
        """Return why a row is left out by what it says itself; None where it is not."""
        for name, values in rule.where:
            code = _as_code(record[name])
            if record[name] is None or code not in values:
                column = table.column(name)
                is_known = code in column.legend or code in column.values
                value = "" if record[name] is None else code if is_known else "?"
                return LeftOut(table.name, 0, NOT_PROVIDED, column=name, value=value)
        if rule.author is not None and record[rule.author] is None:
            return LeftOut(table.name, 0, BY_NOBODY)
        if rule.author is not None and str(record[rule.author]) not in self._person_keys:
            return LeftOut(table.name, 0, BY_OTHERS)
        return None


def _by_links(
    table: Table,
    record: Mapping[str, object],
    follows: Sequence[Link],
    allowed: Sequence[frozenset[str]],
) -> LeftOut | None:
    """Return why a row is left out by what it leads to; None where it is not."""
    for link, values in zip(follows, allowed, strict=True):
        if link.where is not None and _as_code(record[link.where[0]]) != link.where[1]:
            continue
        held = record[link.column]
        for name in link.path:
            held = held.get(name) if isinstance(held, Mapping) else None
        if held is None or _as_code(held) not in values:
            return LeftOut(table.name, 0, WITH_ANOTHER)
    return None


def _grounds(datamap: DataMap, table: Table) -> tuple[tuple[str, str], ...]:
    """Return every column of the copy that is no part of the subset, each with the reason."""
    portable = portable_columns(datamap, table)
    return tuple(
        (
            _OTHER_BASIS
            if datamap.processings[column.processing].lawful_basis not in PORTABLE_BASES
            else MADE
            if column.is_personal
            else _TECHNICAL,
            column.name,
        )
        for column in table.columns
        if column.in_access and column.name not in portable and not is_credential(column)
    )


def _as_code(value: object) -> str:
    """Return a value as a map writes it, and as PostgreSQL writes it as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def reason_of(each: LeftOut, datamap: DataMap) -> str:
    """Return why something is left out, in English."""
    why = in_english(each.reason)
    if not each.column:
        return why
    column = datamap.tables[each.table].column(each.column)
    label = {"": NOTHING, "?": UNKNOWN}.get(each.value)
    label = in_english(label) if label else column.legend.get(each.value, each.value)
    return f"{why} ({column.meaning.rstrip('.')}: {label})"
