"""The residual gate: no identifier of an erased person is left anywhere that can be searched.

1. every mapped column of every table of the person's tenant;
2. every text in Lacuna's own schemas;
3. every file, and every file name, of the places given;
4. for each of them, canaries that the search must see: a blind gate fails.

A value that a person who stays holds too may stay in that person's own rows, and nowhere
else. What cannot be searched is listed as opaque.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipelines.model.datamap import DataMap
from pipelines.model.finding import Finding, Gate
from pipelines.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from pipelines.ports import SearchedRow, Verifying
from pipelines.verify.decode import texts_in_octets
from pipelines.verify.places import Place, texts_in_file
from pipelines.verify.search import Needle, Needles

_CANARY: Final = Identifier(IdentifierKind.EMAIL, "canary-7f3a@example.org")
_CANARY_REF: Final = SubjectRef("canary")


@dataclass(frozen=True)
class Residue:
    """What the residual search found, by person.

    Attributes:
        hits: person → location → rows, files or names.
        blind: locations in which the canary was not seen.
        opaque: what could not be searched, with the reason.
        searched: columns and groups of files searched.
    """

    hits: Mapping[SubjectRef, Mapping[str, int]]
    blind: tuple[str, ...]
    opaque: tuple[str, ...]
    searched: int

    def findings(self, ref: SubjectRef) -> tuple[Finding, ...]:
        """Return the findings for one person."""
        found = [
            Finding(Gate.RESIDUE, location, count)
            for location, count in sorted(self.hits.get(ref, {}).items())
        ]
        found += [Finding(Gate.CANARY, location, 1) for location in self.blind]
        return tuple(found)


NOTHING_SEARCHED: Final = Residue({}, (), (), 0)
"""Where there is nobody to search for."""


@dataclass
class _Search:
    """One search over everything, for all people of a batch at once."""

    people: Mapping[SubjectRef, Person]
    needles: Needles
    hits: dict[SubjectRef, Counter[str]] = field(default_factory=dict)
    blind: list[str] = field(default_factory=list)
    opaque: Counter[str] = field(default_factory=Counter)
    searched: int = 0

    def look(self, text: str, location: str, owners: frozenset[str] = frozenset()) -> None:
        found = {
            needle.ref
            for needle in self.needles.find(text)
            if needle.ref in self.people and not self._may_stay(needle, owners)
        }
        for ref in found:
            self.hits.setdefault(ref, Counter())[location] += 1

    def sees_canary(self, texts: Iterator[str] | Collection[str]) -> bool:
        return any(
            needle.ref == _CANARY_REF for text in texts for needle in self.needles.find(text)
        )

    def _may_stay(self, needle: Needle, owners: frozenset[str]) -> bool:
        holders = self.people[needle.ref].shared.get(needle.identifier, frozenset())
        return bool(holders & owners)


def search_residue(
    people: Sequence[Person],
    datamap: DataMap,
    verifying: Verifying,
    places: Sequence[Place],
) -> Residue:
    """Search everywhere for every identifier of the people; one pass serves all of them.

    Args:
        people: as their working copies know them, from before the erasure.
        places: folders of files; the same for every tenant.
    """
    by_ref = {person.ref: person for person in people}
    search = _Search(
        by_ref,
        Needles([*((one.ref, one.known) for one in people), (_CANARY_REF, [_CANARY])]),
    )
    for org_id in sorted({person.org_id for person in people}):
        tenant = _Search(
            {ref: person for ref, person in by_ref.items() if person.org_id == org_id},
            search.needles,
            search.hits,
        )
        _search_tables(tenant, org_id, datamap, verifying)
    _search_canaries(search, datamap, verifying)
    for location, text in verifying.own_schema_rows():
        search.look(text, location)
    search.searched += 1
    for place in places:
        _search_place(search, place)
    return Residue(
        hits=search.hits,
        blind=tuple(search.blind),
        opaque=tuple(f"{reason}: {count}" for reason, count in sorted(search.opaque.items())),
        searched=search.searched,
    )


def _search_tables(search: _Search, org_id: str, datamap: DataMap, verifying: Verifying) -> None:
    for table in datamap.tables:
        for batch in verifying.rows(table, org_id):
            for row in batch:
                for column, text in row.texts.items():
                    search.look(text, f"{table}.{column}", row.owners)


def _search_canaries(search: _Search, datamap: DataMap, verifying: Verifying) -> None:
    for table in datamap.tables.values():
        rows: list[SearchedRow] = verifying.canary_rows(table.name, _CANARY.value)
        for name in sorted(verifying.textual_columns(table.name)):
            texts = [row.texts[name] for row in rows if name in row.texts]
            if not search.sees_canary(texts):
                search.blind.append(f"{table.name}.{name}")
        search.searched += len(table.columns)
    canary = _CANARY.value
    for encoding in ("utf-8", "utf-16-le"):
        if not search.sees_canary(texts_in_octets(f"\0 {canary} \0".encode(encoding))):
            search.blind.append(f"files in {encoding}")


def _search_place(search: _Search, place: Place) -> None:
    groups: set[str] = set()
    for path in sorted(place.folder.rglob("*")) if place.folder.is_dir() else ():
        if not path.is_file() or path.is_symlink():
            continue
        name = str(path.relative_to(place.folder))
        group = place.group_of(name)
        groups.add(group)
        for spoken in (name, name.replace("_", " ").replace("-", " ").replace("/", " ")):
            search.look(spoken, f"names of {group}")
        try:
            for text in texts_in_file(path):
                search.look(text, group)
        except (ValueError, OSError):
            search.opaque[f"{group}, not searchable"] += 1
    search.searched += len(groups)
