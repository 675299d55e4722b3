"""Finds the objects of people: those that their rows name, and those that are about them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from lacuna.documentation import doc_page
from lacuna.errors import ConfigurationError, MentionRefused, PlanRefused
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat, Store
from lacuna.model.identity import TAKES_NO_FILE, Identifier, Person, SubjectRef
from lacuna.model.location import QUARANTINE, ObjectPath, RowKey, TableName, original_path
from lacuna.model.plan import ObjectFound
from lacuna.model.treatment import Mention
from lacuna.ports import Matcher, ObjectRows, Objects, PlatformReading
from lacuna.subject.archives import key_columns, rows_of
from lacuna.subject.file_coverage import FileCoverage, passage_of
from lacuna.subject.inventory_scope import Own, Sought, Surroundings
from lacuna.subject.mentions import allowed_here
from lacuna.subject.object_text import UnreadableObject, texts_in

_BATCH_CHARACTERS = 1 << 20
"""As many characters of objects are held at once; a longer text alone."""


def objects_of(
    sought: Sequence[Sought],
    own: Own,
    datamap: DataMap,
    reading: PlatformReading,
    surroundings: Surroundings,
) -> Mapping[SubjectRef, list[ObjectFound]]:
    """Return the objects of each person, by store and path."""
    away = _Away(surroundings.objects)
    found: dict[SubjectRef, list[ObjectFound]] = {}
    for one in sought:
        named = _named_by(own[one.person.ref], reading)
        found[one.person.ref] = [*_own_objects(named, datamap, surroundings, away)]
    taken = {ref: {one.path for one in ones} for ref, ones in found.items()}
    everywhere = {one.person.ref: one.person for one in sought if one.is_everywhere}
    # Whose alone an object is that nobody else of these is looked for in.
    alone = {path for ref, paths in taken.items() if everywhere.keys() <= {ref} for path in paths}
    for store in datamap.stores.values() if everywhere else ():
        objects = surroundings.objects[store.name]
        named_by = reading.object_rows(store.name)
        seen = (
            _SeenObject(where, pattern_of(store, path), named_by.get(original_path(path)))
            for path in objects.paths()
            if (where := ObjectPath(store.name, path)) not in alone
            and ObjectPath(store.name, original_path(path)) not in surroundings.spared
        )
        for ref, one_found in _people_in(seen, everywhere, taken, surroundings):
            found[ref].append(one_found)
        for ref, one_found in _archived(store, datamap, everywhere, objects):
            if one_found.path not in {other.path for other in found[ref]}:
                found[ref].append(one_found)
    for ones in found.values():
        ones.sort(key=lambda one: (one.path.store, one.path.path))
    return found


def shared_files(
    one: Sought, datamap: DataMap, reading: PlatformReading, surroundings: Surroundings
) -> Iterator[ObjectFound]:
    """Yield the objects of rows that an erasure leaves to others."""
    away = _Away(surroundings.objects)
    yield from _own_objects(_named_by(one.shared, reading), datamap, surroundings, away)


def _named_by(
    own: Mapping[TableName, frozenset[RowKey]], reading: PlatformReading
) -> Iterator[ObjectPath]:
    """Yield the objects that rows name."""
    for table, keys in sorted(own.items()):
        for source, paths in reading.object_paths(table, keys).items():
            yield from (ObjectPath(source.store, path) for path in paths)


def _own_objects(
    named: Iterable[ObjectPath], datamap: DataMap, surroundings: Surroundings, away: "_Away"
) -> Iterator[ObjectFound]:
    """Yield objects that a person's rows name, those that lie in quarantine too."""
    for where in named:
        if where in surroundings.spared:
            continue
        pattern = pattern_of(datamap.stores[where.store], where.path)
        for path in (where.path, *away.of(where.store, where.path)):
            size = surroundings.objects[where.store].size(path)
            yield ObjectFound(ObjectPath(where.store, path), pattern.pattern, size, 1, False)


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

    @property
    def is_detected(self) -> bool:
        """Whether its own bytes say what is done if it names somebody."""
        return self.pattern.format is ObjectFormat.DETECT and self.pattern.mention is Mention.REDACT

    def allowed(self, person: Person, mention: Mention | None = None) -> frozenset[Identifier]:
        """Return the values of a person that stay in it: its owners hold them, or they take no file.

        Args:
            mention: what is done with it; None: what its pattern says first.
        """
        allowed = allowed_here(person, self.owners)
        if (mention or self.pattern.mention) is not Mention.DELETE_OBJECT or not self.owners:
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
            is_of_tenant = not org_ids or people[ref].org_id in org_ids
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
            if one.pattern.mention is Mention.DELETE_OBJECT or one.is_detected:
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
        mention: Mention | None = one.pattern.mention
        if one.is_detected:
            mention = _mention_of(one, people[ref], surroundings, is_path=(ref, one) in in_path)
            if mention is None:
                continue
        is_rewritten = mention is Mention.REDACT and (ref, one) not in in_path
        if mention is Mention.REDACT and not is_rewritten and one.named is not None:
            raise MentionRefused(
                f"{one.where.store}: 1 object of {one.pattern.pattern} that rows of others name "
                "has the person in its path and stays; rename it in the store and in these rows, "
                "then plan again"
            )
        size = surroundings.objects[one.where.store].size(one.where.path)
        matches = named[ref, one] or 1
        yield ref, ObjectFound(one.where, one.pattern.pattern, size, matches, is_rewritten)


def _mention_of(
    one: _SeenObject, person: Person, surroundings: Surroundings, *, is_path: bool
) -> Mention | None:
    """Return the treatment of a file that is known by its own bytes; None: it names a company alone.

    Args:
        is_path: whether its path names the person.

    Raises:
        MentionRefused: it cannot be covered, and the data map has it refused.
    """
    content = surroundings.objects[one.where.store].read(one.where.path)
    coverage = FileCoverage(content, person, surroundings)
    otherwise = one.pattern.otherwise
    if otherwise is Mention.DELETE_OBJECT and is_path:
        return otherwise
    if is_path or not coverage.leaves(one.allowed(person)):
        return Mention.REDACT
    if otherwise is Mention.DELETE_OBJECT:
        if coverage.leaves(one.allowed(person, otherwise)):
            return otherwise
        return None if coverage.text is None else Mention.REDACT
    raise MentionRefused(
        f"{one.where.store}: 1 object of {one.pattern.pattern} that is not the person's names them, "
        "and it is no text in which that could be covered. What to do: delete it in the platform, "
        "or write otherwise: delete_object at its pattern in the data map "
        f"({doc_page('datamap', 'Objects')})"
    )


def _searched(
    batch: Sequence[_ObjectText],
    people: Mapping[SubjectRef, Person],
    matchers: Mapping[str, Matcher],
) -> Iterator[tuple[_ObjectText, SubjectRef]]:
    """Yield each text once for each known value in it, with whose it is.

    What a row of another tenant names is no matter of this one; an orphan concerns them all.
    """
    for org_id, matcher in matchers.items():
        chosen = [
            one
            for one in batch
            if one.of.named is None or not one.of.named.org_ids or org_id in one.of.named.org_ids
        ]
        found = matcher.find_all([passage_of(one.text, one.media_type) for one in chosen])
        for one, spans in zip(chosen, found, strict=True):
            for ref in {ref for span in spans for ref in span.subjects if ref in people}:
                allowed = one.of.allowed(people[ref])
                passage = passage_of(one.text, one.media_type, allowed)
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
    """Return a path with the characters that replace spaces turned into spaces.

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
        f"datamap: store {store.name} contains an object that matches no pattern; add a pattern "
        f"under stores.{store.name}.files"
    )
