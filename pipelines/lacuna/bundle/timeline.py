"""The person's conversations in order of time: however many there are, a few are in memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from lacuna.bundle.moments import month_of
from lacuna.bundle.page_text import plain_text
from lacuna.bundle.sorted_runs import SortedRuns
from lacuna.bundle.table_files import TableRecord, records
from lacuna.bundle.values import texts_in
from lacuna.model.bundle import BundleContent, JsonValue, TableContent
from lacuna.model.location import TableName
from lacuna.model.request import Level
from lacuna.model.table import Column, Form, Link, Table

_LONGEST_TEXT: Final = 20_000
_LAST: Final = "9"  # what has no time comes after what has


@dataclass(frozen=True)
class TalkEntry:
    """One thing that happened in a conversation, or, as its first, the conversation itself.

    Attributes:
        talk: number of the conversation, the newest being 0.
        at: ISO 8601, UTC; empty if unknown.
        table: where it stands.
        is_own: whether the person wrote it, as far as the row says.
        author: column that says who wrote it, and its value.
        codes: other columns that have a legend, with their values.
        texts: columns with what was written or said, each with that for people.
        files: columns with places in the bundle.
    """

    talk: int
    at: str
    table: TableName
    is_own: bool
    author: tuple[str, JsonValue] | None = field(repr=False)
    codes: tuple[tuple[str, JsonValue], ...] = field(repr=False)
    texts: tuple[tuple[str, str], ...] = field(repr=False)
    files: tuple[tuple[str, str], ...]


class Timeline:
    """All conversations of a bundle, the newest first, each with what happened in it.

    Attributes:
        starts: when each began, in this order; empty where that is unknown.
    """

    def __init__(self, content: BundleContent, folder: Path) -> None:
        """Read the conversations; `folder` takes what memory does not hold."""
        self._content = content
        self._runs = SortedRuns(folder, "timeline")
        self.starts: tuple[str, ...] = ()
        name = content.datamap.subject.levels.get(Level.CONVERSATION)
        table = next((each for each in content.tables if each.table == name), None)
        if table is not None and content.datamap.tables[table.table].key[-1] in table.columns:
            self._read(table)

    def __iter__(self) -> Iterator[TalkEntry]:
        """Yield every conversation with what follows it, in order of time."""
        for (talk, _, at, _), written in self._runs:
            yield _entry(int(talk), str(at), written)

    def _read(self, table: TableContent) -> None:
        mapped = self._content.datamap.tables[table.table]
        numbers = count()
        starts = [began(record) for record in records(table)]
        order = sorted(range(len(starts)), key=lambda each: (starts[each], -each), reverse=True)
        talks = [0] * len(starts)
        for talk, number in enumerate(order):
            talks[number] = talk
        self.starts = tuple(starts[number] for number in order)
        here: dict[str, int] = {}
        for talk, record in zip(talks, records(table), strict=True):
            here[str(record[mapped.key[-1]])] = talk
            self._add(talk, record, mapped, next(numbers), is_start=True)
        talk_of = {table.table: here}
        linked = list(self._linked(table.table))
        followed = {link.table for _, link in linked}
        for each, link in linked:
            mapped = self._content.datamap.tables[each.table]
            above = talk_of[link.table]
            here = talk_of.setdefault(each.table, {})
            for record in records(each):
                found = above.get(str(record.get(link.column)))
                if found is None or not _is_linked(record, link):
                    continue
                if each.table in followed and mapped.key[-1] in record:
                    here[str(record[mapped.key[-1]])] = found
                self._add(found, record, mapped, next(numbers), is_start=False)

    def _linked(self, conversations: TableName) -> Iterator[tuple[TableContent, Link]]:
        """Yield each table that leads to a conversation, with its link, those nearest first.

        A table with one row a conversation is a copy of it, and is left out.
        """
        tables = self._content.datamap.tables
        reached = {conversations}
        while True:
            more = [
                (table, link)
                for table in self._content.tables
                if table.table not in reached
                for link in tables[table.table].links
                if link.table in reached and link.column in table.columns
            ]
            nearest = {table.table: (table, link) for table, link in reversed(more)}
            if not nearest:
                return
            for table, link in nearest.values():
                reached.add(table.table)
                if tables[table.table].key != (link.column,):
                    yield table, link

    def _add(
        self, talk: int, record: TableRecord, mapped: Table, number: int, *, is_start: bool
    ) -> None:
        columns = [column for column in mapped.columns if record.get(column.name)]
        texts = [column for column in columns if column.is_text or column.form is Form.MAIL_SUBJECT]
        if any(column.form is Form.MAIL_TEXT for column in texts):
            texts = [column for column in texts if column.form is not Form.MAIL_HTML]
        levels = self._content.datamap.subject.levels
        author = _author(columns, mapped, is_message=levels.get(Level.MESSAGE) == mapped.name)
        codes = [column for column in columns if column.legend and column.name != author]
        files = [
            (column.name, path)
            for column in columns
            if column.object_store is not None
            for path in texts_in(record[column.name])
        ]
        if not (is_start or texts or files or codes):
            return
        value = [
            str(mapped.name),
            _is_own(record, mapped),
            None if author is None else [author, record[author]],
            [[column.name, record[column.name]] for column in codes],
            [[one.name, _for_people(record[one.name], one)] for one in texts],
            [list(each) for each in files],
        ]
        key = (talk, 0 if is_start else 1, began(record) or _LAST, number)
        self._runs.add(key, json.dumps(value, ensure_ascii=False))


def _entry(talk: int, at: str, written: str) -> TalkEntry:
    table, is_own, author, codes, texts, files = json.loads(written)
    return TalkEntry(
        talk=talk,
        at="" if at == _LAST else at,
        table=TableName.parse(table),
        is_own=is_own,
        author=None if author is None else tuple(author),
        codes=tuple(map(tuple, codes)),
        texts=tuple(map(tuple, texts)),
        files=tuple(map(tuple, files)),
    )


def began(record: TableRecord) -> str:
    """Return the earliest time in a row, or else the earliest day: when it began; empty for none."""
    times = [value for value in record.values() if isinstance(value, str) and month_of(value)]
    return min((at for at in times if "T" in at), default=min(times, default=""))


def _is_linked(record: TableRecord, link: Link) -> bool:
    """Whether a row leads there, as far as the columns of the bundle say it."""
    if link.where is None or link.where[0] not in record:
        return True
    value = record[link.where[0]]
    return (str(value).lower() if isinstance(value, bool) else str(value)) == link.where[1]


def _author(columns: list[Column], mapped: Table, *, is_message: bool) -> str | None:
    """Return the column that says who wrote or spoke."""
    wheres = () if mapped.portable is None or not is_message else mapped.portable.where
    named = (name for name, _ in wheres)
    spoken = (column.name for column in columns if column.form is Form.SPEECH_SPEAKER)
    known = {column.name for column in columns if column.legend}
    return next((name for name in (*named, *spoken) if name in known), None)


def _is_own(record: TableRecord, mapped: Table) -> bool:
    wheres = () if mapped.portable is None else mapped.portable.where
    return bool(wheres) and all(str(record.get(name)) in values for name, values in wheres)


def _for_people(value: JsonValue, column: Column) -> str:
    said = plain_text(value if isinstance(value, str) else " ".join(texts_in(value)), column)
    return said if len(said) <= _LONGEST_TEXT else f"{said[:_LONGEST_TEXT]} …"
