"""Restricts a person's data and records their objection (Art. 18, 21): marts and sweeps leave them out."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from lacuna.apply.work import Work
from lacuna.model.evidence import Action
from lacuna.model.identity import Person
from lacuna.model.kept_right import KeptRight
from lacuna.model.reappearance import vendor_ids
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.ports import Desk

_RESTRICTING: Final = frozenset({RequestKind.RESTRICTION, RequestKind.OBJECTION})


def restrict(work: Work, desk: Desk) -> None:
    """Restrict a person whom a request restricts: at once when planned, and for sure when applied."""
    request = work.request
    at_once = tuple(sorted(_RESTRICTING & set(request.kinds)))
    if at_once and not work.person.row_keys and work.person.keys:
        return  # nothing of theirs bears a mark, and the plan is refused
    if at_once:
        desk.keep_right(kept_right(request, work.person, at_once, desk.now))
    for kind in at_once:
        restricted = desk.queue.people.restrict(request, work.person.row_keys, kind, desk.now)
        if not restricted and request.state is RequestState.RESOLVED:
            continue  # planned night after night: restricted and recorded before
        desk.record(
            Action.RESTRICT,
            "lacuna.restriction",
            request_id=request.request_id,
            counts=(restricted, len(work.person.row_keys) - restricted),
        )


def kept_right(
    request: Request,
    person: Person,
    kinds: tuple[RequestKind, ...],
    at: datetime,
    corrected: Mapping[str, str] = MappingProxyType({}),
) -> KeptRight:
    """Return the record of a person's rights that is kept outside the database, before they count."""
    return KeptRight(
        request.request_id,
        request.org_id,
        at,
        kinds,
        vendor_ids(person),
        tuple(sorted(corrected.items())),
        request.identity_basis,
        person_kind=request.person_kind,
    )
