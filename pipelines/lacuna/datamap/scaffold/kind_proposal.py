"""Proposes the other kind of people that a table of people holds, as `kinds` of a drafted map."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.scaffold.structure import Structure
from lacuna.datamap.suggestion import MapTree
from lacuna.model.location import TableName
from lacuna.model.request import CONTACT
from lacuna.model.schema import LiveSchema

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_STAYS: Final = ("keep", "derived", "unlink", "new_key", "tombstone")


def propose_kind(
    found: Structure,
    live: LiveSchema,
    subject: Mapping[str, MapTree],
    columns: Mapping[str, MapTree],
) -> Mapping[str, MapTree]:
    """Return the other kind by its name; nothing where the table of people holds one alone.

    Their details are treated as a contact's, and what they worked on stays.

    Args:
        subject: the drafted entry of the contacts.
        columns: the drafted columns of their table.
    """
    name = found.kind_name
    if not found.has_agents or not _NAME.fullmatch(name) or name == CONTACT:
        return {}
    people = names.written(found.subject)
    own: dict[str, MapTree] = {"rows": "anonymize", "columns": _treated(columns)}
    if found.erased_at is not None:
        own["erased_at"] = found.erased_at
    tables: dict[str, MapTree] = {people: own}
    for table, links in sorted(_links(found, live).items()):
        tables[names.written(table)] = {"links": links, "rows": "keep"}
    kind: dict[str, MapTree] = {
        "table": people,
        **_condition(found),
        "identifiers": subject["identifiers"],
        "tables": tables,
    }
    if "others" in subject:
        kind["others"] = subject["others"]
    return {name: kind}


def _condition(found: Structure) -> Mapping[str, MapTree]:
    """Return the condition that tells the other kind apart."""
    if found.where is not None:
        return {"where": {found.where[0]: found.other_kind}}
    if found.members is None:
        return {}
    member: dict[str, MapTree] = {"column": names.written(found.members.person)}
    if found.members.kind is not None:
        member["where"] = {found.members.kind.name: found.members.values}
    if found.members.lookup is not None:
        member["lookup"] = names.written(found.members.lookup)
    return {"member": member}


def _treated(columns: Mapping[str, MapTree]) -> Mapping[str, MapTree]:
    return {
        name: {"erase": settings["erase"], "access": settings.get("access", "false")}
        for name, settings in columns.items()
        if isinstance(settings, Mapping) and settings["erase"] not in _STAYS
    }


def _links(found: Structure, live: LiveSchema) -> Mapping[TableName, Mapping[str, MapTree]]:
    """Return the columns that hold keys of the other kind, alone or beside those of contacts."""
    people = names.written(found.subject)
    links: dict[TableName, dict[str, MapTree]] = {}
    for place in sorted(found.of_others):
        links.setdefault(place.table, {})[place.name] = people
    for table, ways in found.links.items():
        for link in ways:
            if link.table != found.subject or link.where is None or link.to is not None:
                continue
            column = live.tables[table].column(link.where[0])
            labels: Sequence[str] = () if column is None else column.labels or column.allowed
            if not link.path and found.other_kind in labels:
                links.setdefault(table, {})[link.column] = {
                    "table": people,
                    "where": {link.where[0]: found.other_kind},
                }
    return links
