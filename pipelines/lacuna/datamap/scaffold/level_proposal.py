"""Proposes which tables contain conversations and messages, and when a conversation is open."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.scaffold.category_proposal import words
from lacuna.datamap.scaffold.questions import Question, Questionnaire
from lacuna.datamap.scaffold.structure import Sample, Structure
from lacuna.datamap.suggestion import MapTree
from lacuna.errors import ConfigurationError
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveSchema, LiveTable

__all__ = ["ask_of_levels", "open_when_tree", "propose_levels"]

_CONVERSATION: Final = re.compile(r"conversation|ticket|case|issue|thread|interaction|chat")
_MESSAGES: Final = ("message", "comment", "post", "reply", "entry", "email")
_CLOSED: Final = re.compile(r"clos|solv|resolv|done|archiv|spam|delet|merged|cancel")
_STATES: Final = ("state", "status")
_EFFECT: Final = (
    "requests and reports can be about one; another: yes, and a line such as message: schema.table"
)


def propose_levels(live: LiveSchema, sample: Sample, found: Structure) -> None:
    """Put into a structure, whose links are known, what is proposed."""
    conversation = found.conversation = _conversations(found)
    found.message = _messages(found)
    if conversation is None:
        return
    for column, lookup, labels in _states(live.tables[conversation], live, sample):
        if lookup is None and labels and all(label.isdecimal() for label in labels):
            # What a number means only somebody can say.
            seen = Counter(sample.of(conversation, column).values)
            found.open_when = (column, ())
            found.state_numbers = {label: seen[label] for label in labels}
            found.state_comment = _comment_of(live.tables[conversation], column)
            return
        opened = tuple(label for label in labels if not _CLOSED.search(label.casefold()))
        # Where no open one was seen, the question shows at least the form of its answer.
        found.open_when, found.open_lookup = (column, opened or ("open",)), lookup
        return


def ask_of_levels(live: LiveSchema, found: Structure, asked: Questionnaire) -> None:
    """Put the answers about conversations and messages into a structure.

    Raises:
        ConfigurationError: an answer names no table.
    """
    proposed = {"conversation": found.conversation, "message": found.message}
    written = {level: names.written(one) for level, one in proposed.items() if one is not None}
    question = Question("levels", "Which tables contain conversations and messages?", "", _EFFECT)
    answers = dict(asked.ask_together(question, written))
    for level in (one for one in proposed if one not in written):
        answers[level] = asked.ask(Question(level, f"Which table contains a {level}?", "", _EFFECT))
    for level, answer in answers.items():
        table = next((one for one in live.tables if names.written(one) == answer), None)
        if table is None:
            raise ConfigurationError(f"scaffold: the answer {level!r} does not name a table")
        setattr(found, level, table)
    said = asked.ask(
        Question(
            "open_when",
            "When is a conversation open?" + _states_seen(found),
            _open_states(found),
            "column = value, value: an erasure waits until none is open",
        )
    )
    if said:
        _take_open_states(said, found)


def _open_states(found: Structure) -> str:
    """Return which states are proposed as open, or an empty text where nothing says a state.

    As it is answered: `column = values`, or `column of schema.lookup.name = values`.
    """
    column, values = found.open_when
    if not column or not values:
        return ""
    of = f" of {names.written(found.open_lookup)}" if found.open_lookup is not None else ""
    return f"{column}{of} = {', '.join(values)}"


def _states_seen(found: Structure) -> str:
    """Return the numbers of states, as the question about open conversations shows them."""
    if not found.state_numbers:
        return ""
    column, numbers = found.open_when[0], sorted(found.state_numbers, key=int)
    counted = ", ".join(f"{one} in {found.state_numbers[one]}" for one in numbers)
    read = sum(found.state_numbers.values())
    said = f" ({found.state_comment})" if found.state_comment else ""
    return (
        f" Of {read} rows that were read, {column}{said} is {counted}. There may be others. Name the "
        f"open ones, as {column} = VALUE, VALUE"
    )


def _comment_of(table: LiveTable, name: str) -> str:
    column = table.column(name)
    return " ".join((column.comment or "").split()) if column is not None else ""


def _take_open_states(said: str, found: Structure) -> None:
    """Put into a structure which states are open, as it was answered.

    Raises:
        ConfigurationError: after `of` stands no column.
    """
    place, _, listed = said.partition("=")
    column, _, lookup = place.strip().partition(" of ")
    found.open_when = (column, tuple(one.strip() for one in listed.split(",") if one.strip()))
    found.open_lookup = None
    if lookup:
        try:
            found.open_lookup = names.column_name(lookup.strip())
        except ValueError as error:
            raise ConfigurationError(
                "scaffold: the answer 'open_when' names no column after 'of'; write "
                "`column of schema.table.column = states`"
            ) from error


def open_when_tree(found: Structure, conversations: LiveTable) -> Mapping[str, MapTree]:
    """Return the entry of a map; while the question is open, one that no conversation meets."""
    column, values = found.open_when
    if not column or not values:
        return {"column": conversations.row_key[0], "values": ["unknown"]}
    of = {} if found.open_lookup is None else {"lookup": names.written(found.open_lookup)}
    return {"column": column, "values": list(values), **of}


def _conversations(found: Structure) -> TableName | None:
    direct = _linked(found, found.subject)
    talks = [name for name in direct if _CONVERSATION.search(words(name.name))]
    return max(talks or direct, key=_pointed(found).count, default=None)


def _messages(found: Structure) -> TableName | None:
    below = _linked(found, found.conversation)
    said = [name for word in _MESSAGES for name in below if word in words(name.name)]
    return said[0] if said else max(below, key=_pointed(found).count, default=found.conversation)


def _linked(found: Structure, to: TableName | None) -> list[TableName]:
    return [name for name, links in found.links.items() if any(link.table == to for link in links)]


def _pointed(found: Structure) -> list[TableName]:
    return [link.table for links in found.links.values() for link in links]


def _states(
    table: LiveTable, live: LiveSchema, sample: Sample
) -> Iterator[tuple[str, ColumnName | None, tuple[str, ...]]]:
    """Yield columns with the state of a row, where the names of states are, and these names."""
    for column in table.columns:
        if words(column.name) in _STATES:
            seen = sample.of(table.name, column.name).values
            yield column.name, None, column.labels or column.allowed or tuple(sorted(set(seen)))
    for key in table.foreign_keys:
        if len(key.columns) == 1 and words(key.columns[0]).removesuffix("_id") in _STATES:
            other = live.tables.get(key.table)
            if other is not None and len(other.key) == 1 and other.column("name") is not None:
                lookup = ColumnName(key.table, "name")
                yield key.columns[0], lookup, tuple(sample.names_in(lookup))
