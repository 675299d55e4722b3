"""Takes the inventory of people: their rows, where others' rows mention them, their objects."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from lacuna.errors import ConfigurationError, PlanRefused
from lacuna.model.datamap import DataMap, FilePattern, Mention, ObjectFormat, Store
from lacuna.model.hold import HeldItems, ItemHold
from lacuna.model.identity import TAKES_NO_FILE, Identifier, Person, SubjectRef
from lacuna.model.location import (
    QUARANTINE,
    ColumnName,
    ObjectPath,
    RowKey,
    TableName,
    original_path,
)
from lacuna.model.plan import Inventory, MentionsFound, ObjectFound, RowsFound
from lacuna.model.request import Level
from lacuna.ports import (
    FileSearch,
    Matcher,
    ObjectRows,
    Objects,
    Passage,
    PlatformReading,
    Span,
    TextRow,
)
from lacuna.subject.archives import key_columns, rows_of
from lacuna.subject.object_text import UnreadableObject, texts_in

_BATCH_CHARACTERS = 1 << 20
"""As many characters of objects are held at once; a longer text alone."""


@dataclass(frozen=True)
class Sought:
    """A person, and the row that their request starts from.

    Attributes:
        roots: keys of rows of the level's table; the person's own keys at contact level.
        is_everywhere: whether they are also looked for outside their own rows. A
            conversation or a message erased alone leaves the person known.
        holds: tables in which their rows stay.
        kept: rows that a hold kept back before, and that no link leads to any more.
    """

    person: Person
    level: Level
    roots: tuple[str, ...] = field(repr=False)
    is_everywhere: bool = False
    holds: tuple[ItemHold, ...] = ()
    kept: tuple[HeldItems, ...] = field(repr=False, default=())


@dataclass(frozen=True)
class Surroundings:
    """Where to look for people besides their own rows.

    Attributes:
        matchers: one a tenant, knowing the people sought of that tenant.
        objects: the stores by name.
        search: what the gate will find in files, so that a plan covers it.
        spared: objects that stay, since a held row names them.
    """

    matchers: Mapping[str, Matcher]
    objects: Mapping[str, Objects]
    search: FileSearch
    spared: frozenset[ObjectPath] = frozenset()


def take_inventory(
    sought: Sequence[Sought],
    every: "Own",
    datamap: DataMap,
    reading: PlatformReading,
    surroundings: Surroundings,
) -> Mapping[SubjectRef, Inventory]:
    """Return the inventory of each person; one pass over each table serves all of them.

    Args:
        every: what `own_rows` returned for them.
    """
    own = _without_held(sought, every)
    held = {one.person.ref: _held(one, every[one.person.ref], datamap, reading) for one in sought}
    everywhere = {one.person.ref: one.person for one in sought if one.is_everywhere}
    mentions = _mentions(everywhere, every, datamap, reading, surroundings.matchers)
    spared = frozenset(
        path for ones in held.values() for _, items in ones for path in items.objects
    )
    objects = _objects(sought, own, datamap, reading, replace(surroundings, spared=spared))
    for ref, naming in _rows_naming(objects, every, datamap, reading).items():
        for column, keys in naming.items():
            mentions[ref][column].update(keys)
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
            subject_rows=len(one.person.keys),
            held=held[one.person.ref],
            joined=_joined(one.person, reading),
        )
        for one in sought
    }


def _joined(person: Person, reading: PlatformReading) -> tuple[tuple[str, int], ...]:
    """Return by rule of the data map how many rows it joined to another of the person's."""
    if len(person.keys) < 2:
        return ()
    groups = {*reading.merged_groups(person.org_id, person.keys).values()}
    merged, joined = len(person.keys) - len(groups), len(groups) - 1
    rules = (("merged_into", merged), (f"the same {' or '.join(reading.joined_by)}", joined))
    return tuple((rule, rows) for rule, rows in rules if rows)


Own = Mapping[SubjectRef, Mapping[TableName, frozenset[RowKey]]]
"""The own rows of people, by table."""


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


def _without_held(sought: Sequence[Sought], own: Own) -> Own:
    held = {one.person.ref: {hold.table for hold in one.holds} for one in sought}
    return {
        ref: {table: keys for table, keys in tables.items() if table not in held[ref]}
        for ref, tables in own.items()
    }


def _held(
    one: Sought,
    own: Mapping[TableName, frozenset[RowKey]],
    datamap: DataMap,
    reading: PlatformReading,
) -> tuple[tuple[ItemHold, HeldItems], ...]:
    """Return the rows that holds keep, with the objects that they name."""
    return tuple(
        (hold, HeldItems(hold.table, keys, _named_by(hold.table, keys, reading)))
        for hold in one.holds
        if (keys := own.get(hold.table, frozenset()))
    )


def _named_by(
    table: TableName, keys: frozenset[RowKey], reading: PlatformReading
) -> frozenset[ObjectPath]:
    return frozenset(
        ObjectPath(source.store, path)
        for source, paths in reading.object_paths(table, keys).items()
        for path in paths
    )


def _mentions(
    people: Mapping[SubjectRef, Person],
    own: Own,
    datamap: DataMap,
    reading: PlatformReading,
    matchers: Mapping[str, Matcher],
) -> dict[SubjectRef, dict[ColumnName, set[RowKey]]]:
    found: dict[SubjectRef, dict[ColumnName, set[RowKey]]] = defaultdict(lambda: defaultdict(set))
    if not people:
        return found
    org_ids = sorted({person.org_id for person in people.values()})
    for table, batch in reading.texts(org_ids):
        media_types = {column.name: column.media_type for column in datamap.tables[table].columns}
        # What stays of one's own rows as it is may mention oneself.
        kept = {name for name in media_types if datamap.tables[table].is_kept(name)}
        hits: dict[RowKey, dict[SubjectRef, set[str]]] = defaultdict(lambda: defaultdict(set))
        rows: dict[RowKey, TextRow] = {}
        ours = _owners_here(table, own, people) if kept else {}
        for row, name, spans in _found(batch, media_types, matchers, ours):
            for span in spans:
                for ref in _people_of(span, people):
                    if name in kept or row.key not in own[ref].get(table, ()):
                        hits[row.key][ref].add(name)
                        rows[row.key] = row
        doubtful = [key for key, refs in hits.items() if any(people[ref].shared for ref in refs)]
        owners = reading.owners_of(table, doubtful) if doubtful else {}
        for key, refs in hits.items():
            for ref, names in refs.items():
                for name in names:
                    passage = Passage(
                        rows[key].texts[name],
                        media_types[name],
                        allowed=allowed_here(people[ref], owners.get(key, frozenset())),
                        is_document=name in rows[key].documents,
                        own=ours.get(key, frozenset()),
                    )
                    if passage.allowed and not any(
                        ref in _people_of(span, people)
                        for span in matchers[rows[key].org_id].find(passage)
                    ):
                        continue
                    found[ref][ColumnName(table, name)].add(key)
    return found


def _owners_here(
    table: TableName, own: Own, people: Mapping[SubjectRef, Person]
) -> Mapping[RowKey, frozenset[SubjectRef]]:
    """Return whose own rows of a table there are: a given name alone counts in them."""
    found: dict[RowKey, frozenset[SubjectRef]] = {}
    for ref in people:
        for key in own[ref].get(table, ()):
            found[key] = found.get(key, frozenset()) | {ref}
    return found


def _found(
    batch: Sequence[TextRow],
    media_types: Mapping[str, str],
    matchers: Mapping[str, Matcher],
    ours: Mapping[RowKey, frozenset[SubjectRef]],
) -> Iterator[tuple[TextRow, str, tuple[Span, ...]]]:
    """Yield each text of a batch with the known values in it, one search for each tenant."""
    by_org: dict[str, list[tuple[TextRow, str]]] = defaultdict(list)
    for row in batch:
        by_org[row.org_id] += ((row, name) for name in row.texts)
    for org_id, texts in by_org.items():
        passages = [
            Passage(
                row.texts[name],
                media_types[name],
                is_document=name in row.documents,
                own=ours.get(row.key, frozenset()),
            )
            for row, name in texts
        ]
        found = matchers[org_id].find_all(passages)
        yield from ((*text, spans) for text, spans in zip(texts, found, strict=True))


def allowed_here(person: Person, owners: frozenset[str]) -> frozenset[Identifier]:
    """Return the person's identifiers that stay in a row of `owners`, who hold them too."""
    return frozenset(
        identifier for identifier, holders in person.shared.items() if holders & owners
    )


def _people_of(span: Span, people: Mapping[SubjectRef, Person]) -> Iterator[SubjectRef]:
    for ref in span.subjects:
        if ref in people:
            yield ref


def _objects(
    sought: Sequence[Sought],
    own: Own,
    datamap: DataMap,
    reading: PlatformReading,
    surroundings: Surroundings,
) -> Mapping[SubjectRef, list[ObjectFound]]:
    found: dict[SubjectRef, list[ObjectFound]] = {one.person.ref: [] for one in sought}
    taken: dict[SubjectRef, set[ObjectPath]] = defaultdict(set)
    away = _Away(surroundings.objects)
    for one in sought:
        for table, keys in sorted(own[one.person.ref].items()):
            for source, paths in reading.object_paths(table, keys).items():
                store = datamap.stores[source.store]
                for path in paths:
                    if ObjectPath(store.name, path) in surroundings.spared:
                        continue
                    pattern = pattern_of(store, path)
                    for each in (path, *away.of(store.name, path)):
                        where = ObjectPath(store.name, each)
                        size = surroundings.objects[store.name].size(each)
                        taken[one.person.ref].add(where)
                        found[one.person.ref].append(
                            ObjectFound(where, pattern.pattern, size, 1, False)
                        )
    everywhere = {one.person.ref: one.person for one in sought if one.is_everywhere}
    # Whose alone an object is that nobody else of these is looked for in.
    alone = {path for ref, paths in taken.items() if everywhere.keys() <= {ref} for path in paths}
    if everywhere:
        for store in datamap.stores.values():
            named = reading.object_rows(store.name)
            seen = (
                _SeenObject(where, pattern_of(store, path), named.get(original_path(path)))
                for path in surroundings.objects[store.name].paths()
                if (where := ObjectPath(store.name, path)) not in alone
                and ObjectPath(store.name, original_path(path)) not in surroundings.spared
            )
            for ref, one_found in _people_in(seen, everywhere, taken, surroundings):
                found[ref].append(one_found)
            archived = _archived(store, datamap, everywhere, surroundings.objects[store.name])
            for ref, one_found in archived:
                if one_found.path not in {other.path for other in found[ref]}:
                    found[ref].append(one_found)
    for objects in found.values():
        objects.sort(key=lambda one: (one.path.store, one.path.path))
    return found


class _Away:
    """Where files lie that were put into quarantine, and that rows began to name since."""

    def __init__(self, objects: Mapping[str, Objects]) -> None:
        self._objects = objects
        self._known: dict[str, Mapping[str, Sequence[str]]] = {}

    def of(self, store: str, path: str) -> Sequence[str]:
        """Return where in quarantine a store has what a row names; nothing where it has none."""
        if store not in self._known:
            there: dict[str, list[str]] = defaultdict(list)
            for listed in self._objects[store].listing(QUARANTINE):
                there[original_path(listed.path)].append(listed.path)
            self._known[store] = there
        return self._known[store].get(path, ())


def _archived(
    store: Store, datamap: DataMap, people: Mapping[SubjectRef, Person], objects: Objects
) -> Iterator[tuple[SubjectRef, ObjectFound]]:
    """Yield the Parquet files that hold rows of the people, known by their keys alone."""
    sought = {
        (person.org_id, key): str(ref) for ref, person in people.items() for key in person.keys
    }
    kinds = [one for one in store.files if one.format is ObjectFormat.PARQUET and one.table]
    for path in objects.paths() if kinds else ():
        pattern = pattern_of(store, path)
        if pattern not in kinds or pattern.table is None:
            continue
        table = datamap.tables[pattern.table]
        rows: Counter[str] = Counter()
        for content in objects.contents(path):
            try:
                rows |= rows_of(content, key_columns(datamap, table), table.tenant, sought)
            except UnreadableObject:
                raise _unreadable(store.name, pattern) from None
        for ref, count in sorted(rows.items()):
            where = ObjectPath(store.name, path)
            is_rewritten = pattern.mention is not Mention.DELETE_OBJECT
            yield (
                SubjectRef(ref),
                ObjectFound(where, pattern.pattern, objects.size(path), count, is_rewritten),
            )


def _unreadable(store: str, pattern: FilePattern) -> PlanRefused:
    return PlanRefused(
        f"{store}: 1 object of {pattern.pattern} cannot be read as {pattern.format}; repair or "
        "delete it, then run again"
    )


def _rows_naming(
    objects: Mapping[SubjectRef, list[ObjectFound]],
    own: Own,
    datamap: DataMap,
    reading: PlatformReading,
) -> Mapping[SubjectRef, Mapping[ColumnName, set[RowKey]]]:
    """Return rows of other people that name an object which is deleted: their path goes too."""
    found: dict[SubjectRef, dict[ColumnName, set[RowKey]]] = defaultdict(lambda: defaultdict(set))
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
                column = source.column
                # A rule goes on naming what is gone; there is nothing to take out.
                if not source.rule and key not in own[ref].get(column.table, ()):
                    found[ref][column].add(key)
    return found


@dataclass(frozen=True)
class _SeenObject:
    """An object that is not known as somebody's own.

    Attributes:
        named: the rows that name it; None where none does: an orphan, of any tenant.
    """

    where: ObjectPath
    pattern: FilePattern
    named: ObjectRows | None = field(compare=False)

    @property
    def owners(self) -> frozenset[str]:
        """Return the people whose rows name it."""
        return frozenset() if self.named is None else self.named.owners

    def allowed(self, person: Person) -> frozenset[Identifier]:
        """Return what of a person stays in it: what its owners hold, or what takes no file."""
        allowed = allowed_here(person, self.owners)
        if self.pattern.mention is not Mention.DELETE_OBJECT or not self.owners:
            return allowed
        return allowed | {one for one in person.known if one.kind in TAKES_NO_FILE}

    @property
    def is_searched(self) -> bool:
        """Whether its path may make it theirs: an orphan's, or where the map expects people."""
        return self.named is None or self.pattern.mention is not Mention.REFUSE

    def texts(self, objects: Objects) -> Iterator["_ObjectText"]:
        """Yield what is searched: the path, and the content unless it is binary."""
        path = self.where.path
        if self.is_searched:
            yield _ObjectText(self, path, "text/plain", is_path=True)
            yield _ObjectText(self, spoken(path), "text/plain", is_path=True)
        if self.pattern.mention is not Mention.REFUSE:
            try:
                for content in objects.contents(path):
                    for media_type, text in texts_in(content, self.pattern.format):
                        yield _ObjectText(self, text, media_type)
            except UnreadableObject:
                raise _unreadable(self.where.store, self.pattern) from None

    def seen_in(
        self,
        found: Mapping[SubjectRef, frozenset[Identifier]],
        people: Mapping[SubjectRef, Person],
    ) -> Iterator[SubjectRef]:
        """Yield those of whom the gate would find something that does not stay in this object."""
        org_ids = None if self.named is None else self.named.org_ids
        for ref, identifiers in found.items():
            is_of_tenant = org_ids is None or people[ref].org_id in org_ids
            if is_of_tenant and identifiers - self.allowed(people[ref]):
                yield ref


@dataclass(frozen=True)
class _ObjectText:
    """A text of an object, or its path."""

    of: _SeenObject
    text: str = field(repr=False)
    media_type: str
    is_path: bool = False


def _people_in(
    seen: Iterable[_SeenObject],
    people: Mapping[SubjectRef, Person],
    taken: Mapping[SubjectRef, Collection[ObjectPath]],
    surroundings: Surroundings,
) -> Iterator[tuple[SubjectRef, ObjectFound]]:
    """Yield the people whom objects are about, by their names or their content.

    Args:
        taken: the objects of each of them. What is of one of them may be about another, whether or
            not both are looked for.
    """
    named: Counter[tuple[SubjectRef, _SeenObject]] = Counter()
    in_path: set[tuple[SubjectRef, _SeenObject]] = set()
    in_content: set[tuple[SubjectRef, _SeenObject]] = set()
    search = surroundings.search

    def texts() -> Iterator[_ObjectText]:
        for one in seen:
            objects, path = surroundings.objects[one.where.store], one.where.path
            if one.is_searched:
                found = search.in_name(path)
                in_path.update((ref, one) for ref in one.seen_in(found, people))
            if one.pattern.mention is Mention.DELETE_OBJECT:
                for content in objects.contents(path):
                    found = search.in_content(content, one.pattern.format)
                    in_content.update((ref, one) for ref in one.seen_in(found, people))
            yield from one.texts(objects)

    for batch in _batches(texts()):
        for text, ref in _searched(batch, people, surroundings.matchers):
            if text.is_path:
                in_path.add((ref, text.of))
            else:
                named[ref, text.of] += 1
    for ref, one in in_path | in_content | named.keys():
        if one.where in taken.get(ref, ()):
            continue
        is_rewritten = one.pattern.mention is Mention.REDACT and (ref, one) not in in_path
        if one.pattern.mention is Mention.REDACT and not is_rewritten and one.named is not None:
            raise PlanRefused(
                f"{one.where.store}: 1 object of {one.pattern.pattern} that others' rows name has "
                "the person in its path, and stays; rename it, there and in these rows, then plan "
                "again"
            )
        size = surroundings.objects[one.where.store].size(one.where.path)
        hits = named[ref, one] or 1
        yield ref, ObjectFound(one.where, one.pattern.pattern, size, hits, is_rewritten)


def _searched(
    batch: Sequence[_ObjectText],
    people: Mapping[SubjectRef, Person],
    matchers: Mapping[str, Matcher],
) -> Iterator[tuple[_ObjectText, SubjectRef]]:
    """Yield each text once for each known value in it, with whose it is.

    What a row of another tenant names is no matter of this one; an orphan concerns them all.
    """
    for org_id, matcher in matchers.items():
        chosen = [one for one in batch if one.of.named is None or org_id in one.of.named.org_ids]
        found = matcher.find_all([Passage(one.text, one.media_type) for one in chosen])
        for one, spans in zip(chosen, found, strict=True):
            for ref in {ref for span in spans for ref in _people_of(span, people)}:
                allowed = one.of.allowed(people[ref])
                passage = Passage(one.text, one.media_type, allowed=allowed)
                for span in matcher.find(passage) if allowed else spans:
                    if ref in span.subjects:
                        yield one, ref


def _batches(texts: Iterable[_ObjectText]) -> Iterator[list[_ObjectText]]:
    """Yield texts in groups that are searched at once, and held at once."""
    batch: list[_ObjectText] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text.text)
        if characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def spoken(path: str) -> str:
    """Return a path with the characters that stand for spaces in it as spaces.

    >>> spoken("recordings/anna_berg-2.wav")
    'recordings anna berg 2.wav'
    """
    return path.translate(str.maketrans("_-/", "   "))


def pattern_of(store: Store, path: str) -> FilePattern:
    """Return the first pattern of the data map that a path fits; of a file in quarantine its old path.

    Raises:
        ConfigurationError: no pattern fits; an object nobody mapped stops the run.
    """
    path = original_path(path)
    for pattern in store.files:
        if fnmatchcase(path, pattern.pattern):
            return pattern
    raise ConfigurationError(
        f"datamap: store {store.name} holds an object that no pattern fits; add one under "
        f"stores.{store.name}.files"
    )
