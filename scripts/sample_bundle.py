"""Writes the bundle of one of the sample's people into a folder, without a database."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from lacuna.bundle import BundleSources, collect, write
from lacuna.datamap import load
from lacuna.model.bundle import BundleOrder, Manifest
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.location import RowKey, TableName
from lacuna.model.plan import Inventory, RowsFound
from lacuna.model.request import RequestKind
from lacuna.ports import Passage, Redacted
from lacuna.stores.objects.folder import FolderObjects
from lacuna_demo.sample import REFERENCE_DATE, SampleOptions, SamplePlatform, generate

MAP: Final = Path(__file__).parent.parent / "sql" / "contact_center" / "datamap.yaml"
_REQUEST: Final = "6f1c2a0e-7d1b-4a55-9a53-0d8f8e1c4b77"
_CONVERSATIONS: Final = 5


def write_sample_bundle(folder: Path, language: str) -> Manifest:
    """Write the bundle of a person with five conversations, some of them calls with a recording."""
    platform, datamap = _sample()
    contact = _chosen(platform)
    keys = dict(_own_keys(datamap, contact))
    media = folder.parent / "media"
    for file in platform.files:
        if file.store == "media":
            path = media / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
    one = platform.people[contact]
    person = Person(
        ref=SubjectRef(_REQUEST),
        org_id=one.org_id,
        keys=(one.contact_id,),
        known=(
            *(Identifier(IdentifierKind.EMAIL, value) for value in one.emails),
            Identifier(IdentifierKind.NAME, one.full_name),
        ),
    )
    order = BundleOrder(
        request_id=_REQUEST,
        kinds=(RequestKind.ACCESS, RequestKind.PORTABILITY),
        snapshot_at=REFERENCE_DATE,
        generated_at=REFERENCE_DATE,
        number="HA-0042",
    )
    inventory = Inventory(
        rows=tuple(RowsFound(name, frozenset(found)) for name, found in keys.items()),
        mentions=(),
        objects=(),
        open_conversations=0,
        kept_identifiers=0,
    )
    with tempfile.TemporaryDirectory() as parts:
        sources = BundleSources(
            rows=_SampleRows(datamap),
            objects={"media": FolderObjects("media", media)},
            cover_others=_as_it_is,
            cover_version="1",
            parts=Path(parts),
        )
        content = collect(person, inventory, datamap, order, sources)
        return write(folder, replace(content, language=language))


@cache
def _sample() -> tuple[SamplePlatform, DataMap]:
    return generate(SampleOptions()), load(MAP)


def _chosen(platform: SamplePlatform) -> str:
    """Return the person with five conversations, of whom the most are calls that were recorded."""

    def rows(name: str) -> Iterator[Mapping[str, object]]:
        yield from _records(f"contact_center.{name}")

    asked = {row["conversation_id"]: str(row["requester_id"]) for row in rows("conversations")}
    called = {row["call_id"]: row["conversation_id"] for row in rows("calls")}
    count = Counter(asked.values())
    recorded = Counter(asked[called[row["call_id"]]] for row in rows("call_recordings"))
    some = [contact for contact in platform.people if count[contact] == _CONVERSATIONS]
    return max(some, key=lambda contact: (recorded[contact], contact))


def _own_keys(datamap: DataMap, contact: str) -> Iterator[tuple[TableName, set[RowKey]]]:
    """Yield the keys of the rows that links lead from to a person, by table."""
    found: dict[TableName, set[RowKey]] = {datamap.subject.table: {(contact,)}}
    grown = True
    while grown:
        grown = False
        for name, table in datamap.tables.items():
            for row in _records(str(name)) if table.links else ():
                key = tuple(str(row[part]) for part in table.key)
                is_own = any(
                    (str(row[link.column]),) in found.get(link.table, ()) for link in table.links
                )
                if is_own and key not in found.setdefault(name, set()):
                    found[name].add(key)
                    grown = True
    yield from ((name, keys) for name, keys in found.items() if keys)


@cache
def _records(name: str) -> tuple[Mapping[str, object], ...]:
    return tuple(_sample()[0].tables[name].records())


class _SampleRows:
    """Rows of the sample, as the database would give them."""

    def __init__(self, datamap: DataMap) -> None:
        self._datamap = datamap

    def rows(
        self, table: TableName, columns: Sequence[str], keys: frozenset[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        parts = self._datamap.tables[table].key
        for row in _records(str(table)):
            if tuple(str(row[part]) for part in parts) in keys:
                yield tuple(row.get(name) for name in columns)


def _as_it_is(passages: Sequence[Passage]) -> list[Redacted]:
    return [Redacted(passage.text, ()) for passage in passages]
