"""The person's conversations in order of time, as far as a page can show them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from html import unescape
from typing import Final

from lacuna.bundle.history import in_words
from lacuna.bundle.table_files import TableRecord, records
from lacuna.model.bundle import BundleContent, JsonValue, TableContent
from lacuna.model.location import TableName
from lacuna.model.request import Level
from lacuna.model.table import Column, Form, Link, Table

_MOST_TALKS: Final = 300
_MOST_EVENTS: Final = 40
_MOST_HELD: Final = 400  # of one conversation, until they are put in order
_LONGEST_TEXT: Final = 2000
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_TAG: Final = re.compile(r"<(?:br|/p|/div|/li|/tr)[^>]*>", re.IGNORECASE), re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Event:
    """One thing that happened in a conversation.

    Attributes:
        at: ISO 8601, UTC; empty if unknown.
        table: where it stands.
        codes: values of columns that have a legend, with the column.
        texts: what was written or said, for people.
        files: places in the bundle.
    """

    at: str
    table: TableName
    codes: tuple[tuple[Column, JsonValue], ...] = field(repr=False)
    texts: tuple[str, ...] = field(repr=False)
    files: tuple[str, ...]


@dataclass(frozen=True)
class Talk:
    """One conversation.

    Attributes:
        events: the first of them, in order of time.
        more: how many more there are.
    """

    start: Event
    events: tuple[Event, ...]
    more: int


def timeline(content: BundleContent) -> tuple[list[Talk], int]:
    """Return the newest conversations, newest first, and how many there are in all."""
    name = content.datamap.subject.levels.get(Level.CONVERSATION)
    if name is None:
        return [], 0
    table = next((each for each in content.tables if each.table == name), None)
    mapped = content.datamap.tables[name]
    key = mapped.key[-1]
    if table is None or key not in table.columns:
        return [], 0
    newest = nlargest(
        _MOST_TALKS,
        ((_at(record), number, record) for number, record in enumerate(records(table))),
        key=lambda each: each[:2],
    )
    shown = {str(record[key]): record for _, _, record in newest}
    events, further = _events(content, name, frozenset(shown))
    talks = []
    for number, record in shown.items():
        found = sorted(events.get(number, ()), key=lambda event: event.at or "9")
        start = _event(record, mapped)
        more = max(0, len(found) - _MOST_EVENTS) + further[number]
        talks.append(Talk(start, tuple(found[:_MOST_EVENTS]), more))
    return talks, table.count


def _events(
    content: BundleContent, conversations: TableName, shown: frozenset[str]
) -> tuple[Mapping[str, list[Event]], Counter[str]]:
    """Return the events of each conversation, by its key, and the number of those left out."""
    events: dict[str, list[Event]] = defaultdict(list)
    further: Counter[str] = Counter()
    talk_of: dict[TableName, dict[str, str]] = {conversations: {one: one for one in shown}}
    for table, link in _linked(content, conversations):
        mapped = content.datamap.tables[table.table]
        above = talk_of[link.table]
        here = talk_of.setdefault(table.table, {})
        for record in records(table):
            talk = above.get(str(record.get(link.column)))
            if talk is None:
                continue
            if mapped.key[-1] in record:
                here[str(record[mapped.key[-1]])] = talk
            event = _event(record, mapped)
            if not (event.texts or event.files or event.codes):
                continue
            if len(events[talk]) < _MOST_HELD:
                events[talk].append(event)
            else:
                further[talk] += 1
    return events, further


def _linked(
    content: BundleContent, conversations: TableName
) -> Iterator[tuple[TableContent, Link]]:
    """Yield each table that leads to a conversation, with its link, those nearest first.

    A table with one row a conversation is a copy of it, and is left out.
    """
    reached = {conversations}
    while True:
        more = [
            (table, link)
            for table in content.tables
            if table.table not in reached
            for link in content.datamap.tables[table.table].links
            if link.table in reached and link.column in table.columns
        ]
        nearest = {table.table: (table, link) for table, link in reversed(more)}
        if not nearest:
            return
        for table, link in nearest.values():
            reached.add(table.table)
            if content.datamap.tables[table.table].key != (link.column,):
                yield table, link


def _at(record: TableRecord) -> str:
    """Return the earliest time in a row: when it began."""
    times = (value for value in record.values() if isinstance(value, str) and _TIME.match(value))
    return min(times, default="")


def _event(record: TableRecord, mapped: Table) -> Event:
    columns = [column for column in mapped.columns if record.get(column.name)]
    texts = [column for column in columns if column.is_text or column.form is Form.MAIL_SUBJECT]
    plain = [column for column in texts if column.media_type == "text/plain"]
    return Event(
        at=_at(record),
        table=mapped.name,
        codes=tuple((one, record[one.name]) for one in columns if one.legend),
        texts=tuple(_for_people(record[one.name], one) for one in (plain or texts)),
        files=tuple(str(record[one.name]) for one in columns if one.object_store is not None),
    )


def _for_people(value: JsonValue, column: Column) -> str:
    text = in_words(column, value)
    if column.media_type == "text/html":
        breaks, tags = _TAG
        text = unescape(tags.sub("", breaks.sub("\n", text))).strip()
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} …"
