"""Tells what is known of a table before its columns are guessed at: its keys, and whose rows they are."""

from lacuna.datamap import types
from lacuna.datamap.scaffold.category_proposal import OPERATIONS, UNIQUE, TableSurroundings, words
from lacuna.datamap.scaffold.structure import Structure, is_of_others
from lacuna.model.schema import LiveColumn, LiveTable, TableKind

__all__ = ["surroundings_of"]


def surroundings_of(table: LiveTable, found: Structure) -> TableSurroundings:
    """Return the surroundings of the columns of a table."""
    links = found.links.get(table.name, ())
    is_subject = table.name == found.subject
    return TableSurroundings(
        is_of_people=is_subject or table.name in found.others,
        # Who recorded a row may have written in it.
        leads=bool(links or found.references.get(table.name)),
        is_one_to_one=any(
            table.key == (link.column,) and link.table == found.subject for link in links
        )
        or table.kind is TableKind.MATERIALIZED_VIEW,
        keys=_keys(table, found),
        table=words(table.name.name),
        beside=frozenset(words(column.name) for column in table.columns),
    )


def _keys(table: LiveTable, found: Structure) -> dict[str, str]:
    """Return the columns that are keys or links, with what they are."""
    links = found.links.get(table.name, ())
    is_subject = table.name == found.subject
    keys: dict[str, str] = {}
    for name in table.key:
        column = table.column(name)
        if len(table.key) > 1 and column is not None and not _is_number(column):
            continue
        keys[name] = UNIQUE if is_subject or table.name in found.others else OPERATIONS
    for foreign in table.foreign_keys:
        is_person = foreign.table == found.subject or foreign.table in found.others
        keys.update(dict.fromkeys(foreign.columns, UNIQUE if is_person else OPERATIONS))
    for link in links:
        if not link.path and (link.table == found.subject and link.to is None):
            keys[link.column] = UNIQUE
        elif not link.path and link.to is None:
            keys.setdefault(link.column, OPERATIONS)
    keys |= dict.fromkeys(found.references.get(table.name, ()), UNIQUE)
    for column in table.columns:
        if _is_number(column) and is_of_others(column.name):
            keys[column.name] = UNIQUE
    if found.tenant:
        keys[found.tenant] = OPERATIONS
    if found.where is not None and is_subject:
        keys[found.where[0]] = OPERATIONS
    for link in links:
        if link.where is not None:
            keys[link.where[0]] = OPERATIONS
    return keys


def _is_number(column: LiveColumn) -> bool:
    return types.is_number(column) or column.type == "uuid"
