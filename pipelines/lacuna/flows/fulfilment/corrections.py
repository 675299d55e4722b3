"""Corrects a value wherever the data map names a copy of it: found, planned, carried out (Art. 16)."""

from collections.abc import Mapping
from dataclasses import replace

from lacuna.apply import correct_file
from lacuna.model.correction import Correction, FileCopies
from lacuna.model.datamap import DataMap, ObjectFormat
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import Person
from lacuna.model.location import ObjectPath, RowKey, TableName
from lacuna.model.person_kinds import other_kinds
from lacuna.model.plan import Inventory, RectifyCopies, RectifyObjects, Step
from lacuna.model.queue import Purpose
from lacuna.model.request import Level, Request, RequestKind
from lacuna.plan import restore
from lacuna.ports import Corrector, Desk, PlatformReading, Stores, Transaction
from lacuna.redaction import build_matcher
from lacuna.subject import (
    Holders,
    copies_in_rows,
    corrections_of,
    pattern_of,
    unpack_corrections,
)

_COPIES = (RectifyCopies, RectifyObjects)


def follows_copies(request: Request) -> bool:
    """Whether copies are corrected: what is erased with the same request needs no correction."""
    is_erased = RequestKind.ERASURE in request.kinds and request.level is Level.CONTACT
    return RequestKind.RECTIFICATION in request.kinds and not is_erased


def is_corrected(request: Request, transaction: Transaction) -> bool:
    """Whether the rows of the plan that is approved were corrected: a crash came after that."""
    return request.plan_digest is not None and any(
        leaf.entry.action is Action.RECTIFY
        and leaf.entry.phase is Phase.OUTCOME
        and leaf.entry.digest == request.plan_digest
        for leaf in transaction.ledger.leaves(request_id=request.request_id)
    )


def planned_copies(request: Request, transaction: Transaction) -> tuple[Step, ...]:
    """Return the steps about copies of the plan that is stored."""
    stored = transaction.queue.plans.get(request.request_id)
    if stored is None:
        return ()
    return tuple(step for step in restore(request, stored).steps if isinstance(step, _COPIES))


def known_corrections(request: Request, desk: Desk) -> tuple[Correction, ...]:
    """Return the corrections that were kept for a request; none before its first plan."""
    secret = desk.queue.secrets.get(request.request_id, Purpose.CORRECTIONS)
    if secret is None:
        return ()
    return unpack_corrections(desk.keys.decrypt(request.request_id, secret))


def find_corrections(
    person: Person,
    own: Mapping[TableName, frozenset[RowKey]],
    rectified: Mapping[str, str],
    datamap: DataMap,
    transaction: Transaction,
) -> tuple[Correction, ...]:
    """Return the corrections that new values make, as the person's rows are now."""
    reading = transaction.reading(datamap)
    recognized = replace(person, known=person.identifiers, own_values=())
    others = [(view, transaction.reading(view)) for view in other_kinds(datamap)]
    holders = Holders(reading, build_matcher([recognized]), others)
    return corrections_of(person, own, rectified, datamap, holders)


def with_copies(
    inventory: Inventory,
    own: Mapping[TableName, frozenset[RowKey]],
    corrector: Corrector,
    stores: Stores,
    transaction: Transaction,
) -> Inventory:
    """Return an inventory with the copies to correct: rows and exports."""
    reading = transaction.reading(corrector.rules.datamap)
    return replace(
        inventory,
        copies=copies_in_rows(own, reading, corrector),
        copied=_copies_in_exports(corrector, stores, reading),
    )


def _copies_in_exports(
    corrector: Corrector, stores: Stores, reading: PlatformReading
) -> tuple[FileCopies, ...]:
    """Return the exports that hold copies: Parquet files, but for those that people sent."""
    datamap = corrector.rules.datamap
    found: list[FileCopies] = []
    for name, objects in stores.objects_of(datamap).items():
        store = datamap.stores[name]
        if not any(one.format is ObjectFormat.PARQUET for one in store.files):
            continue
        sent = reading.object_rows(name)
        for path in objects.paths():
            pattern = pattern_of(store, path)
            if pattern.format is not ObjectFormat.PARQUET or path in sent:
                continue
            rows: dict[str, int] = {}
            for content in objects.contents(path):
                _, counts = correct_file(content, pattern, corrector)
                rows = {one: max(rows.get(one, 0), counts.get(one, 0)) for one in {*rows, *counts}}
            if rows:
                objects.require_erasable(path)
                found.append(FileCopies(ObjectPath(name, path), pattern.pattern, rows))
    return tuple(found)
