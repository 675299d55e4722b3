"""Proposes the entry of the people: what identifies them, and the levels of a request."""

from collections.abc import Mapping
from typing import Final

from lacuna.datamap import names, types
from lacuna.datamap.scaffold.category_proposal import UNIQUE, Guess, category_of_name
from lacuna.datamap.scaffold.level_proposal import open_when_tree
from lacuna.datamap.scaffold.structure import AGENT, Structure
from lacuna.datamap.suggestion import MapTree
from lacuna.errors import ConfigurationError
from lacuna.model.location import ColumnName
from lacuna.model.schema import LiveSchema, LiveTable

__all__ = ["propose_subject"]

_KINDS: Final = {
    "user.contact.email": "email",
    "user.contact.phone_number": "phone",
    "user.name": "name",
    "user.name.first": "name",
    "user.name.last": "name",
    "user.account.username": "external_id",
    UNIQUE: "external_id",
}


def propose_subject(
    found: Structure, live: LiveSchema, guesses: Mapping[ColumnName, Guess]
) -> Mapping[str, MapTree]:
    """Return the entry of the people, without the values of a tombstone contact.

    Raises:
        ConfigurationError: no table was taken for conversations.
    """
    conversation, message = found.conversation, found.message
    if conversation is None or message is None:
        raise ConfigurationError("scaffold: no conversations were found; answer 'conversation'")
    entry: dict[str, MapTree] = {"table": names.written(found.subject)}
    if found.where is not None:
        entry["where"] = dict([found.where])
    if found.members is not None:
        entry["unless"] = [AGENT]
    if found.merged_into is not None:
        entry["merged_into"] = found.merged_into
    entry["identifiers"] = _identifiers(live.tables[found.subject], guesses)
    entry["levels"] = {
        "contact": names.written(found.subject),
        "conversation": names.written(conversation),
        "message": names.written(message),
    }
    entry["open_when"] = open_when_tree(found, live.tables[conversation])
    others = [
        names.written(place)
        for place, taken in guesses.items()
        if taken.category == "user.name"
        and (place.table in found.others or (found.has_agents and place.table == found.subject))
        and not _is_generated(place, live)
    ]
    return {**entry, "others": others} if others else entry


def _identifiers(people: LiveTable, guesses: Mapping[ColumnName, Guess]) -> list[MapTree]:
    """Return every column that identifies a person, of their own row first."""
    identifiers: list[MapTree] = []
    for column in people.columns:
        place = ColumnName(people.name, column.name)
        taken = guesses[place]
        category: str | None = taken.category
        if place.name in _key_columns(people):
            # A key that people know: an address, a login.
            category = category_of_name(place.name) if types.is_text(column) else None
        kind = _KINDS.get(category or "")
        if kind is None or column.is_generated:
            continue
        entry: dict[str, MapTree] = {"kind": kind, "column": names.written(place)}
        if taken.category in ("user.name.first", "user.name.last"):
            entry["short"] = "true"
        identifiers.append(entry)
    return identifiers


def _is_generated(place: ColumnName, live: LiveSchema) -> bool:
    column = live.tables[place.table].column(place.name)
    return column is not None and column.is_generated


def _key_columns(table: LiveTable) -> frozenset[str]:
    """Return the columns of a table that are part of its key, or of one of another table."""
    return frozenset(table.row_key).union(*(foreign.columns for foreign in table.foreign_keys))
