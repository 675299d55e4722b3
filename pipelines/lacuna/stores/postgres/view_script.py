"""Drafts the views that the marts count, from a data map and the live schema, for somebody to correct."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from psycopg import sql

from lacuna.datamap import words
from lacuna.documentation import doc_page
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap, Subject
from lacuna.model.location import TableName
from lacuna.model.request import Level
from lacuna.model.schema import LiveColumn, LiveSchema, LiveTable
from lacuna.model.table import Link, Table

__all__ = ["REPORTING", "view_script"]

REPORTING: Final = "platform_reporting"
"""The schema of the views."""

_HEAD: Final = """\
-- What the marts count: views, so that nothing is copied. A draft: correct what it could not know, such as
-- the channel of a conversation or its time of handling. Run it as the owner of the tables.

create schema if not exists {schema};
"""
_NUMBERS: Final = frozenset({"smallint", "integer", "bigint"})
_TEXTS: Final = frozenset({"text", "character varying", "character"})
_AT: Final = r"(_(at|on|date|time))?"
_CREATED: Final = re.compile(rf"(created|opened|started|begun|received|inserted){_AT}")
_ANSWERED: Final = re.compile(
    rf"first_(response|reply|answer|replied|response_created){_AT}|first_reply_created_at"
)
_RATED: Final = re.compile(rf"(rated|created|submitted|answered){_AT}")
_AGENT: Final = re.compile(
    r"(assignee|assigned_to|assigned|owner|agent|operator|handled_by|handler)(_id)?"
)
_QUEUE: Final = re.compile(r"(queue|group|inbox|mailbox|department|team|brand)(_id)?")
_NAME: Final = re.compile(r"name|title|label")
_CHANNEL: Final = re.compile(r"channel|channel_type|source|via|medium|origin")
_SCORE: Final = re.compile(r"score|rating|stars|csat|grade")
_SECONDS: Final = re.compile(
    r"(handling|handle|resolution|duration|time_spent|worked)\w*_(s|sec|secs|seconds)"
)


def view_script(datamap: DataMap, live: LiveSchema) -> str:
    """Return the script.

    Args:
        live: has the tables of the map.

    Raises:
        ConfigurationError: the map names no table of conversations, or a key has several columns.
    """
    conversation = datamap.subject.levels.get(Level.CONVERSATION)
    if conversation is None or len(datamap.tables[conversation].key) != 1:
        raise ConfigurationError(
            "views for the marts need a table of conversations whose key is one column; write the "
            f"views by hand, as {doc_page('reporting', 'On another platform')} lists them"
        )
    draft = _Views(datamap, live, datamap.tables[conversation])
    views = [_view(name, *parts) for name, parts in draft.all()]
    return "\n".join([_HEAD.format(schema=REPORTING), *views])


def _view(name: str, columns: Sequence[tuple[str, str]], source: str) -> str:
    listed = ",\n".join(f"        {value} as {column}" for column, value in columns)
    return f"create or replace view {REPORTING}.{name} as\n    select\n{listed}\n    {source};\n"


def _name(*parts: str) -> str:
    return sql.Identifier(*parts).as_string(None)


def _text(value: str) -> str:
    return sql.Literal(value).as_string(None)


def _table(name: TableName) -> str:
    return _name(name.schema, name.name)


def _first(
    table: LiveTable, form: re.Pattern[str], fits: Callable[[LiveColumn], bool]
) -> LiveColumn | None:
    return next(
        (one for one in table.columns if form.fullmatch(words(one.name)) and fits(one)), None
    )


def _is_time(column: LiveColumn) -> bool:
    return column.type.startswith(("timestamp", "date")) and not column.is_array


def _is_number(column: LiveColumn) -> bool:
    return column.type in _NUMBERS and not column.is_array


def _is_word(column: LiveColumn) -> bool:
    return (column.type in _TEXTS or bool(column.labels)) and not column.is_array


class _Views:
    """The views of one platform; each is its columns and where they come from."""

    def __init__(self, datamap: DataMap, live: LiveSchema, talks: Table) -> None:
        self._map, self._live, self._talks = datamap, live, talks
        self._people = datamap.tables[datamap.subject.table]
        if len(self._people.key) != 1:
            raise ConfigurationError(
                "views for the marts need a table of people whose key is one column; write the "
                f"views by hand, as {doc_page('reporting', 'On another platform')} lists them"
            )
        here = live.tables[talks.name]
        self._agent = _first(here, _AGENT, _is_number)
        self._queue = next(self._queues(here), None)

    def all(self) -> Iterator[tuple[str, tuple[Sequence[tuple[str, str]], str]]]:
        yield "organizations", self._organizations()
        yield "contacts", self._contacts()
        yield "queues", self._queue_names()
        yield "teams", ([("team_id", "1::bigint"), ("name", "'All'::text")], "")
        yield "agents", self._agents()
        yield "conversations", self._conversations()
        yield "ratings", self._ratings()
        yield "calls", self._calls()

    def _organizations(self) -> tuple[Sequence[tuple[str, str]], str]:
        if self._map.only_tenant:
            return [("org_id", f"{_text(self._map.only_tenant)}::text")], ""
        org = self._org(self._people, "person")
        return [("org_id", f"distinct {org}")], f"from {_table(self._people.name)} as person"

    def _contacts(self) -> tuple[Sequence[tuple[str, str]], str]:
        subject, people = self._map.subject, self._people
        key = f"person.{_name(people.key[0])}"
        merged = f"person.{_name(subject.merged_into)}" if subject.merged_into else self._no_key()
        erased = f"person.{_name(people.erased_at)}" if people.erased_at else "null"
        columns = [
            ("contact_id", key),
            ("merged_into", merged),
            ("anonymized_at", f"{erased}::timestamptz"),
        ]
        return columns, f"from {_table(people.name)} as person{self._where('person')}"

    def _where(self, alias: str) -> str:
        subject = self._map.subject
        told = [*self._told(subject, alias)]
        for other in self._map.told_from:
            told.append(f"not ({' and '.join(self._told(other, alias))})")
        return f"\n    where {' and '.join(told)}" if told else ""

    def _told(self, subject: Subject, alias: str) -> Iterator[str]:
        """Yield what a kind of people says of its rows."""
        if subject.where is not None:
            column, value = subject.where
            yield f"coalesce({alias}.{_name(column)}::text = {_text(value)}, false)"
        if (member := subject.member) is not None:
            held = f"held.{_name(member.column.name)}"
            source, name = f"{_table(member.column.table)} as held", "held"
            if member.through is not None:
                (by, table), name = member.through, "told"
                key = _name(self._map.tables[table].key[0])
                source += f" join {_table(table)} as told on told.{key} = held.{_name(by)}"
            met = [f"{held} = {alias}.{_name(self._people.key[0])}"]
            for column, values in member.where:
                met.append(f"{name}.{_name(column)}::text in ({', '.join(map(_text, values))})")
            yield f"exists (select from {source} where {' and '.join(met)})"

    def _no_key(self) -> str:
        return f"null::{self._key_type()}"

    def _key_type(self) -> str:
        column = self._live.tables[self._people.name].column(self._people.key[0])
        return "text" if column is None else column.type

    def _queues(self, here: LiveTable) -> Iterator[tuple[str, LiveTable, str]]:
        """Yield columns with keys of what sorts conversations, with that table and its names."""
        for key in here.foreign_keys:
            there = self._live.tables.get(key.table)
            if (
                there is None
                or len(key.columns) != 1
                or not _QUEUE.fullmatch(words(key.columns[0]))
            ):
                continue
            number, name = there.column(key.referenced[0]), _first(there, _NAME, _is_word)
            if number is not None and _is_number(number) and name is not None:
                yield key.columns[0], there, name.name

    def _queue_names(self) -> tuple[Sequence[tuple[str, str]], str]:
        if self._queue is None:
            return [
                ("queue_id", "0::bigint"),
                ("team_id", "1::bigint"),
                ("name", "'All'::text"),
            ], ""
        _, there, name = self._queue
        columns = [
            ("queue_id", f"{_name(there.row_key[0])}::bigint"),
            ("team_id", "1::bigint"),
            ("name", f"{_name(name)}::text"),
        ]
        return columns, f"from {_table(there.name)}\n    union all\n    select 0, 1, 'None'"

    def _agents(self) -> tuple[Sequence[tuple[str, str]], str]:
        if self._agent is None:
            nobody = [("agent_id", "null::bigint"), ("team_id", "null::bigint")]
            return nobody, "where false"
        agent = _name(self._agent.name)
        columns = [("agent_id", f"distinct {agent}::bigint"), ("team_id", "1::bigint")]
        return columns, f"from {_table(self._talks.name)} where {agent} is not null"

    def _conversations(self) -> tuple[Sequence[tuple[str, str]], str]:
        here = self._live.tables[self._talks.name]
        channel = _first(here, _CHANNEL, _is_word)
        seconds = _first(here, _SECONDS, _is_number)
        queue = "0" if self._queue is None else f"coalesce(talk.{_name(self._queue[0])}, 0)"
        agent = "null" if self._agent is None else f"talk.{_name(self._agent.name)}"
        columns = [
            ("conversation_id", self._number(self._talks, "talk")),
            ("org_id", self._org(self._talks, "talk")),
            ("requester_id", self._requester("talk", self._way(self._talks))),
            (
                "channel",
                "'ticket'::text" if channel is None else f"talk.{_name(channel.name)}::text",
            ),
            ("direction", "'inbound'::text"),
            ("state", self._state("talk")),
            ("queue_id", f"{queue}::bigint"),
            ("assignee_id", f"{agent}::bigint"),
            ("created_at", self._time(here, "talk", _CREATED)),
            ("first_response_at", self._time(here, "talk", _ANSWERED)),
            (
                "handling_duration_s",
                f"{'null' if seconds is None else f'talk.{_name(seconds.name)}'}::integer",
            ),
        ]
        return columns, f"from {_table(self._talks.name)} as talk"

    def _ratings(self) -> tuple[Sequence[tuple[str, str]], str]:
        for table in self._map.tables.values():
            links = [one for one in table.links_to(self._talks.name) if one.is_plain]
            score = _first(self._live.tables[table.name], _SCORE, _is_number)
            if links and score is not None and len(table.key) == 1:
                return self._rated(table, links[0], score)
        kinds = {"org_id": "text", "requester_id": self._key_type(), "type": "text"}
        kinds |= {"status": "text", "score": "integer", "rated_at": "timestamptz"}
        names = ("rating_id", "org_id", "conversation_id", "requester_id", "type", "status")
        return [
            (name, f"null::{kinds.get(name, 'bigint')}") for name in (*names, "score", "rated_at")
        ], "where false"

    def _rated(
        self, table: Table, link: Link, score: LiveColumn
    ) -> tuple[Sequence[tuple[str, str]], str]:
        joined = f"rating.{_name(link.column)} = talk.{_name(self._talks.key[0])}"
        columns = [
            ("rating_id", self._number(table, "rating")),
            ("org_id", self._org(self._talks, "talk")),
            ("conversation_id", self._number(self._talks, "talk")),
            ("requester_id", self._requester("talk", self._way(self._talks))),
            ("type", "'csat'::text"),
            ("status", "'rated'::text"),
            ("score", f"rating.{_name(score.name)}::integer"),
            ("rated_at", self._time(self._live.tables[table.name], "rating", _RATED)),
        ]
        source = f"from {_table(table.name)} as rating\n    join {_table(self._talks.name)} as talk on {joined}"
        return columns, f"{source}\n    where rating.{_name(score.name)} is not null"

    def _calls(self) -> tuple[Sequence[tuple[str, str]], str]:
        kinds = {
            "call_id": "bigint",
            "conversation_id": "bigint",
            "direction": "text",
            "completion_status": "text",
            "call_recording_consent_action": "text",
            "recording_time_s": "integer",
        }
        return [(name, f"null::{kind}") for name, kind in kinds.items()], "where false"

    def _number(self, table: Table, alias: str) -> str:
        """Return a number that stays with a row: its key, or a hash of one that is no number."""
        key = f"{alias}.{_name(table.key[0])}"
        column = self._live.tables[table.name].column(table.key[0])
        if column is not None and _is_number(column):
            return f"{key}::bigint"
        return f"hashtextextended({key}::text, 0)"

    def _org(self, table: Table, alias: str, depth: int = 0) -> str:
        if self._map.only_tenant:
            return f"{_text(self._map.only_tenant)}::text"
        if table.tenant_name:
            return f"{_text(table.tenant_name)}::text"
        if table.tenant:
            return f"{alias}.{_name(table.tenant)}::text"
        found = [
            self._beyond(
                alias, link, self._org(self._map.tables[link.table], f"org_{depth}", depth + 1),
                f"org_{depth}",
            )
            for link in table.tenant_through
        ]  # fmt: skip
        return f"coalesce({', '.join(found)})" if found else "null::text"

    def _way(self, table: Table) -> tuple[Link, ...]:
        way = next(iter(self._map.path_to(table.name, self._people.name)), None)
        return way or ()

    def _requester(self, alias: str, way: Sequence[Link], depth: int = 0) -> str:
        if not way:
            return self._no_key()
        link, there = way[0], f"way_{depth}"
        if len(way) > 1:
            return self._beyond(alias, link, self._requester(there, way[1:], depth + 1), there)
        if link.is_plain:
            return f"{alias}.{_name(link.column)}::{self._key_type()}"
        return self._beyond(alias, link, f"{there}.{_name(self._people.key[0])}", there)

    def _beyond(self, alias: str, link: Link, wanted: str, there: str) -> str:
        """Return a value of the row to which a link leads."""
        target = self._map.tables[link.table]
        held = f"{alias}.{_name(link.column)}"
        if link.path:
            held = f"({held}::jsonb #>> array[{', '.join(map(_text, link.path))}])"
        is_it = f"{there}.{_name(link.to or target.key[0])}::text = {held}::text"
        if link.where is not None:
            is_it += f" and {self._is_kind(alias, link)}"
        return f"(select {wanted} from {_table(link.table)} as {there} where {is_it} limit 1)"  # noqa: S608 - quoted

    def _is_kind(self, alias: str, link: Link) -> str:
        column, value = link.where or ("", "")
        if link.lookup is None:
            return f"{alias}.{_name(column)}::text = {_text(value)}"
        return f"{self._looked_up(alias, column, link.lookup.table, link.lookup.name)} = {_text(value)}"

    def _looked_up(self, alias: str, column: str, table: TableName, name: str) -> str:
        key = _name(self._map.tables[table].key[0])
        is_it = f"named.{key} = {alias}.{_name(column)}"
        return f"(select named.{_name(name)}::text from {_table(table)} as named where {is_it})"  # noqa: S608

    def _state(self, alias: str) -> str:
        column, values = self._map.subject.open_when
        lookup = self._map.subject.open_lookup
        if lookup is None:
            held = f"{alias}.{_name(column)}::text"
        else:
            held = self._looked_up(alias, column, lookup.table, lookup.name)
        opened = ", ".join(map(_text, values))
        return f"case when {held} in ({opened}) then 'open' else 'closed' end"

    def _time(self, table: LiveTable, alias: str, form: re.Pattern[str]) -> str:
        column = _first(table, form, _is_time)
        if column is None:
            return "null::timestamptz"
        at = f"{alias}.{_name(column.name)}"
        if column.type == "timestamp without time zone":
            return f"{at} at time zone 'UTC'"
        return f"{at}::timestamptz"
