"""Takes the inventory of people: their rows, where others' rows mention them, their objects."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.hold import HeldItems, ItemHold
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.location import (
    ColumnName,
    ObjectPath,
    RowKey,
    TableName,
    original_path,
)
from lacuna.model.object_source import PathSource
from lacuna.model.plan import Inventory, MentionsFound, ObjectFound, RowsFound
from lacuna.model.request import CONTACT, Level
from lacuna.model.shared_rows import without
from lacuna.model.treatment import RowErasure
from lacuna.ports import (
    PlatformReading,
)
from lacuna.subject.inventory_scope import Own, Sought, Surroundings
from lacuna.subject.kept_files import KeptFiles
from lacuna.subject.mentions import MentionSearch
from lacuna.subject.objects import objects_of, shared_files

_TREATED: Final = (RowErasure.ANONYMIZE, RowErasure.DELETE)


def take_inventory(
    sought: Sequence[Sought],
    every: Own,
    datamap: DataMap,
    reading: PlatformReading,
    surroundings: Surroundings,
) -> Mapping[SubjectRef, Inventory]:
    """Return the inventory of each person; one pass over each table serves all of them.

    Args:
        every: what `own_rows` returned for them.
    """
    theirs = without_shared(sought, every)
    own = _without_held(sought, theirs)
    held = {one.person.ref: _held(one, theirs[one.person.ref], reading) for one in sought}
    everywhere = {one.person.ref: one.person for one in sought if one.is_everywhere}
    mentions: dict[SubjectRef, dict[ColumnName, set[RowKey]]]
    mentions = defaultdict(lambda: defaultdict(set))
    search = MentionSearch(everywhere, theirs, datamap, reading, surroundings.matchers)
    alone: dict[SubjectRef, dict[ColumnName, set[RowKey]]]
    alone = defaultdict(lambda: defaultdict(set))
    for one in search.mentions():
        mentions[one.ref][one.column].add(one.key)
        if one.is_alone:
            alone[one.ref][one.column].add(one.key)
    files = KeptFiles(everywhere, surroundings.matchers, surroundings.search)
    for ref, column, key in _in_kept_files(files, theirs, datamap, reading):
        mentions[ref][column].add(key)
    spared = frozenset(
        path for ones in held.values() for _, items in ones for path in items.objects
    )
    objects = objects_of(sought, own, datamap, reading, replace(surroundings, spared=spared))
    naming = _rows_naming(objects, theirs, datamap, reading)
    for ref, sources in naming.items():
        for source, keys in sources.items():
            # A rule goes on naming what is gone; there is nothing to take out.
            if not source.rule:
                mentions[ref][source.column].update(keys)
    for ref, referring in _rows_referring(own, datamap, reading).items():
        for column, others in referring.items():
            mentions[ref][column].update(others)
    for ref, ones in held.items():
        for _, items in ones:
            for column, keys in mentions[ref].items():
                if column.table == items.table:
                    keys -= items.keys
    conversations = datamap.subject.levels.get(Level.CONVERSATION)
    open_of = _open_conversations(own, conversations, reading)
    return {
        one.person.ref: Inventory(
            rows=tuple(
                RowsFound(table, frozenset(keys))
                for table, keys in sorted(own[one.person.ref].items())
            ),
            mentions=tuple(
                MentionsFound(column, frozenset(keys))
                for column, keys in sorted(mentions[one.person.ref].items())
                if keys
            ),
            objects=tuple(objects[one.person.ref]),
            open_conversations=open_of[one.person.ref],
            kept_identifiers=len(one.person.shared),
            subject_rows=len(one.person.row_keys),
            held=held[one.person.ref],
            joined=_joined(one.person, reading),
            unreached=_unreached(alone[one.person.ref], datamap, reading),
            shared_objects=_shared(naming[one.person.ref]),
            shared=tuple(RowsFound(*rows) for rows in sorted(one.shared.items())),
            shared_files=tuple(
                found
                for found in shared_files(one, datamap, reading, surroundings)
                if found.path not in {other.path for other in objects[one.person.ref]}
            ),
            is_nameless=one.person.is_nameless,
        )
        for one in sought
    }


def _in_kept_files(
    files: KeptFiles, own: Own, datamap: DataMap, reading: PlatformReading
) -> Iterator[tuple[SubjectRef, ColumnName, RowKey]]:
    """Yield who is named by a file in which row, but in own rows whose files go anyway."""
    org_ids = sorted({person.org_id for person in files.people.values()})
    for name, rows in reading.files(org_ids) if org_ids else ():
        table = datamap.tables[name]
        for row, column, ref in files.named_in(name, rows, reading):
            if table.is_kept(column) or row.key not in own[ref].get(name, ()):
                yield ref, ColumnName(name, column), row.key


def _unreached(
    alone: Mapping[ColumnName, Collection[RowKey]], datamap: DataMap, reading: PlatformReading
) -> tuple[MentionsFound, ...]:
    """Return which of these rows lead to no contact; for people of another kind, to nobody."""
    found: list[MentionsFound] = []
    for column, keys in sorted(alone.items()):
        if datamap.kind == CONTACT:
            owners = reading.people_of(column.table, keys)
        else:
            owners = reading.owners_of(column.table, keys)
        if nobodys := frozenset(key for key in keys if not owners.get(key)):
            found.append(MentionsFound(column, nobodys))
    return tuple(found)


def _joined(person: Person, reading: PlatformReading) -> tuple[tuple[str, int], ...]:
    """Return by rule of the data map how many rows it joined to another of the person's."""
    if len(person.row_keys) < 2:
        return ()
    groups = {*reading.merged_groups(person.org_id, person.row_keys).values()}
    merged, joined = len(person.row_keys) - len(groups), len(groups) - 1
    rules = (("merged_into", merged), (f"the same {' or '.join(reading.joined_by)}", joined))
    return tuple((rule, rows) for rule, rows in rules if rows)


def _open_conversations(
    own: Own, conversations: TableName | None, reading: PlatformReading
) -> Mapping[SubjectRef, int]:
    """Return how many of each person's conversations are open; none of those of other kinds."""
    if conversations is None:
        return dict.fromkeys(own, 0)
    of_each = {ref: rows.get(conversations, frozenset()) for ref, rows in own.items()}
    are_open = reading.open_conversations(frozenset[RowKey]().union(*of_each.values()))
    return {ref: len(are_open & keys) for ref, keys in of_each.items()}


def own_rows(sought: Sequence[Sought], datamap: DataMap, reading: PlatformReading) -> Own:
    """Return the rows of people that links lead to, and those that a hold kept back before."""
    found: dict[SubjectRef, dict[TableName, frozenset[RowKey]]] = {}
    groups: dict[tuple[str, Level], list[Sought]] = defaultdict(list)
    for one in sought:
        groups[one.person.org_id, one.level].append(one)
    for (org_id, level), members in groups.items():
        roots = sorted({root for one in members for root in one.roots})
        by_root = reading.own_rows(org_id, datamap.subject.levels[level], roots)
        for one in members:
            rows: dict[TableName, frozenset[RowKey]] = {}
            for root in one.roots:
                for table, keys in by_root[root].items():
                    rows[table] = rows[table] | keys if table in rows else keys
            found[one.person.ref] = rows
    for one in sought:
        for items in one.kept:
            if there := reading.existing(items.table, items.keys):
                found[one.person.ref][items.table] = there
    return found


def with_shared(sought: Sequence[Sought], own: Own, reading: PlatformReading) -> Sequence[Sought]:
    """Return people to be erased with the rows that their erasure leaves, for others name them.

    Args:
        own: what `own_rows` returned for them.
    """
    if not sought:
        return sought
    every: dict[TableName, set[RowKey]] = defaultdict(set)
    for one in sought:
        for table, keys in own[one.person.ref].items():
            every[table].update(keys)
    known = reading.shared_rows({table: frozenset(keys) for table, keys in every.items()})
    found: list[Sought] = []
    for one in sought:
        rows = own[one.person.ref]
        shared = known.staying(rows)
        kept = {hold.table: rows.get(hold.table, frozenset()) for hold in one.holds}
        held_with = without(without(known.staying(without(rows, kept)), shared), kept)
        found.append(replace(one, shared=shared, held_with=held_with))
    return found


def without_shared(sought: Sequence[Sought], own: Own) -> Own:
    """Return the own rows of people without those that their erasure leaves to others."""
    return {one.person.ref: without(own[one.person.ref], one.shared) for one in sought}


def _without_held(sought: Sequence[Sought], own: Own) -> Own:
    held = {one.person.ref: {hold.table for hold in one.holds} for one in sought}
    held_with = {one.person.ref: one.held_with for one in sought}
    return {
        ref: {
            table: keys
            for table, keys in without(tables, held_with[ref]).items()
            if table not in held[ref]
        }
        for ref, tables in own.items()
    }


def _held(
    one: Sought, own: Mapping[TableName, frozenset[RowKey]], reading: PlatformReading
) -> tuple[tuple[ItemHold, HeldItems], ...]:
    """Return the rows that holds keep, and those that these need, with the objects that they name."""
    held = [(hold, hold.table, own.get(hold.table, frozenset())) for hold in one.holds]
    if one.held_with:
        last = max((hold for hold, _, keys in held if keys), key=lambda hold: hold.until)
        held += [(last, table, keys) for table, keys in sorted(one.held_with.items())]
    return tuple(
        (hold, HeldItems(table, keys, _named_by(table, keys, reading)))
        for hold, table, keys in held
        if keys
    )


def _named_by(
    table: TableName, keys: frozenset[RowKey], reading: PlatformReading
) -> frozenset[ObjectPath]:
    return frozenset(
        ObjectPath(source.store, path)
        for source, paths in reading.object_paths(table, keys).items()
        for path in paths
    )


def _rows_referring(
    own: Own, datamap: DataMap, reading: PlatformReading
) -> Mapping[SubjectRef, Mapping[ColumnName, frozenset[RowKey]]]:
    """Return rows that refer to a person whose row is treated, and are not treated as theirs."""
    people = datamap.subject.table
    roots = {ref: {key[0] for key in rows.get(people, ())} for ref, rows in own.items()}
    every = frozenset[str]().union(*roots.values())
    found = reading.references(every) if datamap.referring and every else {}
    referring: dict[SubjectRef, dict[ColumnName, frozenset[RowKey]]] = defaultdict(dict)
    for ref, keys in roots.items():
        for root in keys & found.keys():
            for column, rows in found[root].items():
                is_treated = datamap.tables[column.table].rows in _TREATED
                others = rows - own[ref].get(column.table, frozenset()) if is_treated else rows
                referring[ref][column] = referring[ref].get(column, frozenset()) | others
    return referring


def _rows_naming(
    objects: Mapping[SubjectRef, list[ObjectFound]],
    own: Own,
    datamap: DataMap,
    reading: PlatformReading,
) -> defaultdict[SubjectRef, dict[PathSource, set[RowKey]]]:
    """Return rows of other people that name an object which is deleted: their path goes too."""
    found: defaultdict[SubjectRef, dict[PathSource, set[RowKey]]]
    found = defaultdict(lambda: defaultdict(set))
    for store in datamap.stores:
        deleted = {
            (ref, one.path.path)
            for ref, ones in objects.items()
            for one in ones
            if one.path.store == store and not one.is_rewritten
        }
        named = reading.object_rows(store) if deleted else {}
        for ref, path in {(ref, original_path(path)) for ref, path in deleted}:
            for source, key in named[path].rows if path in named else ():
                if key not in own[ref].get(source.column.table, ()):
                    found[ref][source].add(key)
    return found


def _shared(naming: Mapping[PathSource, set[RowKey]]) -> tuple[tuple[str, TableName, int], ...]:
    """Return how many rows of others name deleted objects, by store and table."""
    rows: dict[tuple[str, TableName], set[RowKey]] = defaultdict(set)
    for source, keys in naming.items():
        rows[source.store, source.column.table] |= keys
    return tuple((*place, len(keys)) for place, keys in sorted(rows.items()))
