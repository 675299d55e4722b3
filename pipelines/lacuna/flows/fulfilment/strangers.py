"""Refuses requests about people who are of another kind than they say, or of none, in the same table."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final

from lacuna.apply import Work
from lacuna.errors import EvidenceBroken, PlanRefused, UnknownRequest
from lacuna.flows.run.batch import Batch
from lacuna.model.identity import IdentifierKind
from lacuna.model.person_kinds import known_kinds, of_anybody, of_kind
from lacuna.model.request import Request
from lacuna.ports import Transaction
from lacuna.request import identifiers_of

_OF_ONE: Final = frozenset(
    {
        IdentifierKind.CONTACT_ID,
        IdentifierKind.EMAIL,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.PHONE,
    }
)
"""What one person has: strangers have the same name."""


def strangers_asked_for(
    batch: Batch, requests: Sequence[Request], transaction: Transaction
) -> Mapping[str, PlanRefused]:
    """Return, by request about nobody of its kind, why it does not end: others have its identifiers."""
    found: dict[str, PlanRefused] = {}
    for request in requests:
        view = batch.of(request).datamap
        if view.subject.has_every_row:
            continue
        with suppress(EvidenceBroken, UnknownRequest):  # it fails when its own turn comes
            given = identifiers_of(request, batch.desk(transaction))
            asked = [one for one in given if one.kind in _OF_ONE]
            reading = transaction.reading(of_anybody(view))
            keys = frozenset[str]().union(*reading.holders(request.org_id, asked).values())
            if kinds := _kinds_of(batch.of(request), keys, transaction):
                found[request.request_id] = _refusal(batch.of(request), request, kinds)
    return found


def strangers_by_now(
    batch: Batch, works: Sequence[Work], transaction: Transaction
) -> Mapping[str, PlanRefused]:
    """Return, by request, why it is not carried out: its person's row is of another kind by now."""
    by_kind: dict[str, list[Work]] = defaultdict(list)
    for one in works:
        by_kind[one.request.person_kind].append(one)
    found: dict[str, PlanRefused] = {}
    for part in by_kind.values():
        of_part = batch.of(part[0].request)
        keys = {key for one in part for key in one.person.row_keys}
        strangers = transaction.reading(of_part.datamap).strangers(keys)
        for one in part:
            if theirs := strangers & {*one.person.row_keys}:
                kinds = _kinds_of(of_part, theirs, transaction)
                found[one.request.request_id] = _refusal(of_part, one.request, kinds)
    return found


def _kinds_of(batch: Batch, keys: Collection[str], transaction: Transaction) -> Counter[str]:
    """Return of how many rows each kind is that is not the batch's; of none, under no name."""
    left = transaction.reading(batch.datamap).strangers(keys)
    kinds: Counter[str] = Counter()
    for kind in known_kinds(batch.datamap) if left else ():
        view = of_kind(batch.datamap, kind)
        if view.kind != batch.datamap.kind and view.subject.table == batch.datamap.subject.table:
            others = transaction.reading(view).strangers(left)
            kinds[kind] += len(left - others)
            left = others
    kinds[""] = len(left)
    return +kinds


def _refusal(batch: Batch, request: Request, kinds: Mapping[str, int]) -> PlanRefused:
    table, kind = batch.datamap.subject.table, batch.datamap.kind
    counted = ", ".join(
        f"{count} of kind {name}" if name else f"{count} of no kind"
        for name, count in kinds.items()
    )
    todo = []
    if others := [name for name in kinds if name]:
        todo.append(f"withdraw the request and submit one about that kind ({', '.join(others)})")
    if "" in kinds:
        todo.append(
            "for those of no kind, correct in the platform what tells people apart, or the data map"
        )
    return PlanRefused(
        f"{request.request_id}: in {table}, whom it is about is by the data map no {kind} but "
        f"{counted}; nothing changed. What now: {'; '.join(todo)}"
    )
