"""Looks for erased people in files that came to a store since the last sweep: a late export.

A file says of itself what it likes, so what counts is when the store took it in. Rows of an archive
that repeat a table belong to whoever their key says, and are erased again. Whatever else has an id
may mention it for a reason of its own: it is reported, once.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lacuna.errors import PlanRefused
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.vendor_ids import keeps_key
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat, Store
from lacuna.model.identity import IdentifierKind, Person, SubjectRef, identifier_of_key
from lacuna.model.location import pattern_location
from lacuna.model.person_kinds import of_kind
from lacuna.model.reappearance import ErasedPerson
from lacuna.model.treatment import Mention
from lacuna.ports import Objects
from lacuna.subject import UnreadableObject, key_columns, pattern_of, rows_of
from lacuna.verify import ObjectSearch

_SKEW: Final = timedelta(days=1)
"""Archives that are so much older than the newest file are read once more: clocks differ."""


@dataclass(frozen=True)
class InFiles:
    """What new files hold of erased people.

    Attributes:
        rows: of archives, by the request that erased whose they are.
        named: files by their pattern, with the requests that erased those whom they name.
        newest: by store, the newest arrival that was searched.
    """

    rows: Mapping[str, int]
    named: Mapping[str, Counter[str]]
    newest: Mapping[str, datetime]

    @property
    def files(self) -> int:
        """How many times a file names somebody."""
        return sum(sum(found.values()) for found in self.named.values())


NOTHING_FOUND: Final = InFiles({}, {}, {})


def search_new_files(batch: Batch, by_kind: Mapping[str, Sequence[ErasedPerson]]) -> InFiles:
    """Search what arrived since the last sweep; all of it if nothing says when that was.

    Args:
        by_kind: the erased people of each kind that the data map has.

    Raises:
        PlanRefused: an archive cannot be read; nobody knows who is in it.
        DependencyUnreachable: a store cannot be read.
    """
    datamap = batch.datamap
    views = [(of_kind(datamap, kind), people) for kind, people in by_kind.items()]
    search = ObjectSearch(person for view, people in views for person in _known(view, people))
    same = _same(views)
    before = batch.stores.erased.searched()
    rows: Counter[str] = Counter()
    named: dict[str, Counter[str]] = defaultdict(Counter)
    newest: dict[str, datetime] = {}
    for store, objects in batch.stores.objects_of(datamap).items():
        last = before.get(store)
        for path, pattern, arrived in _new(datamap.stores[store], objects, last):
            newest[store] = max(arrived, newest.get(store, arrived))
            is_archive = pattern.format is ObjectFormat.PARQUET and pattern.table is not None
            is_new = last is None or arrived > last
            if not (is_new or is_archive):
                continue
            theirs: Counter[str] = Counter()
            refs = set(search.in_name(path))
            for content in objects.contents(path):  # all versions are one file
                if is_archive:
                    theirs |= _rows(content, pattern, store, views)
                refs |= search.in_content(content, pattern.format).keys()
            rows.update(theirs)
            if is_new:
                where = pattern_location(store, pattern.pattern)
                # Somebody may have been erased twice: a request of either has all rows erased.
                erased = {ref for one in theirs for ref in same[one]}
                named[where].update(ref for ref in map(str, refs) if ref not in erased)
    return InFiles(rows, {where: found for where, found in named.items() if found}, newest)


def _new(
    store: Store, objects: Objects, before: datetime | None
) -> Iterator[tuple[str, FilePattern, datetime]]:
    """Yield the files of a store that arrived since, but for those in which people write to us."""
    for path, arrived in objects.arrivals():
        pattern = pattern_of(store, path)
        is_new = before is None or arrived >= before - _SKEW
        if is_new and pattern.mention is not Mention.REFUSE:
            yield path, pattern, arrived


def _known(view: DataMap, people: Collection[ErasedPerson]) -> Iterator[Person]:
    """Yield the people with what names them alone; a key that stays with the row does not."""
    stays = keeps_key(view)
    for one in people:
        known = tuple(
            each
            for each in one.vendor_ids
            if not (stays and each.kind is IdentifierKind.CONTACT_ID)
            # Whoever writes again may name themselves.
            and identifier_of_key(each.value) is None
        )
        yield Person(SubjectRef(one.request_id), one.org_id, (), known)


def _same(
    views: Sequence[tuple[DataMap, Sequence[ErasedPerson]]],
) -> Mapping[str, frozenset[str]]:
    """Return, by the request that erased somebody, all those that erased the same contact."""
    by_key: dict[tuple[str, str], set[str]] = defaultdict(set)
    for view, people in views:
        if keeps_key(view):
            continue
        for one in people:
            for each in one.vendor_ids:
                if each.kind is IdentifierKind.CONTACT_ID:
                    by_key[one.org_id, each.value].add(one.request_id)
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for requests in by_key.values():
        for request_id in requests:
            found[request_id] |= requests
    return found


def _rows(
    content: bytes,
    pattern: FilePattern,
    store: str,
    views: Sequence[tuple[DataMap, Sequence[ErasedPerson]]],
) -> Counter[str]:
    """Return how many rows of an archive are of whom, by the requests that erased them."""
    found: Counter[str] = Counter()
    for view, people in views:
        if pattern.table is None or keeps_key(view):
            continue
        table = view.tables[pattern.table]
        sought = {
            (one.org_id, each.value): one.request_id
            for one in people
            for each in one.vendor_ids
            if each.kind is IdentifierKind.CONTACT_ID
        }
        try:
            found |= rows_of(content, key_columns(view, table), table.tenant, sought)
        except UnreadableObject:
            raise PlanRefused(
                f"{store}: 1 object of {pattern.pattern} cannot be read as {pattern.format}, so "
                "nobody knows whom it is about. Repair or delete it, then run the sweep again"
            ) from None
    return found
