"""Who a request is about: looked up, and kept encrypted while the request is open."""

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.flows.run.batch import Batch
from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    Person,
    Resolution,
    SubjectRef,
    Unfound,
)
from lacuna.model.person_kinds import known_kinds, of_anybody, of_kind
from lacuna.model.queue import Purpose
from lacuna.model.request import Level, Request
from lacuna.ports import Desk, Transaction
from lacuna.request import (
    identifiers_of,
)
from lacuna.subject import (
    PeopleAhead,
    carried_over,
    comparable,
    pack,
    resolve,
    resolve_identifiers,
    unpack,
)

_SINGLING: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})
# With a digit, and no shorter: whoever asks may call any word their number.
_NUMBER: Final = re.compile(r"(?=\S*[0-9])\S{7,}")


def look_up(batch: Batch, request: Request, transaction: Transaction) -> Resolution:
    """Return the person whom the request's identifiers mean, or why there is none."""
    desk = batch.desk(transaction)
    identifiers = identifiers_of(request, desk)
    return resolve(request, identifiers, transaction.reading(batch.of(request).datamap))


def look_up_all(
    batch: Batch, requests: Sequence[Request], transaction: Transaction
) -> dict[str, Resolution]:
    """Look several people up like `look_up`, by request; those that cannot be read are left out."""
    desk = batch.desk(transaction)
    desk.queue.secrets.read_ahead([request.request_id for request in requests])
    given: dict[str, dict[str, tuple[Identifier, ...]]] = defaultdict(dict)
    for request in requests:
        with suppress(EvidenceBroken, UnknownRequest):
            given[request.org_id][request.request_id] = identifiers_of(request, desk)
    reading = transaction.reading(batch.datamap)
    found: dict[str, Resolution] = {}
    for org_id, by_request in given.items():
        ahead = PeopleAhead(reading, org_id, frozenset().union(*by_request.values()))
        for request_id, identifiers in by_request.items():
            found[request_id] = resolve_identifiers(request_id, org_id, identifiers, ahead)
    return found


def keep_copy(batch: Batch, request: Request, person: Person, desk: Desk) -> None:
    """Keep what is known of the person, encrypted, until the request is closed."""
    keep_copies(batch, [(request, person)], desk)


def keep_copies(batch: Batch, people: Sequence[tuple[Request, Person]], desk: Desk) -> None:
    """Do as `keep_copy` does for several requests."""
    if batch.is_dry:
        return
    encrypt = batch.stores.keys.encrypt
    desk.queue.secrets.put_all(
        Purpose.PERSON,
        {one.request_id: encrypt(one.request_id, pack(person)) for one, person in people},
    )


def person_of(batch: Batch, request: Request, transaction: Transaction) -> Person:
    """Return the person as the working copy knows them.

    Raises:
        UnknownRequest: there is no working copy (any more).
    """
    secret = transaction.queue.secrets.get(request.request_id, Purpose.PERSON)
    if secret is None:
        raise UnknownRequest(f"{request.request_id}: no person is known for this request")
    clear = batch.stores.keys.decrypt(request.request_id, secret)
    return unpack(SubjectRef(request.request_id), clear)


def people_of(batch: Batch, request: Request, transaction: Transaction) -> tuple[Person, ...]:
    """Return the person of a request, or nobody where the working copy cannot be read.

    For looking at several requests at once: one that cannot be read fails when its own
    turn comes, and stops none of the others.
    """
    try:
        return (person_of(batch, request, transaction),)
    except (EvidenceBroken, UnknownRequest):
        return ()


def known_now(
    batch: Batch, request: Request, resolution: Resolution | None, transaction: Transaction
) -> Person | None:
    """Return the person, looked up again: aliases may have come since the request was resolved."""
    copy = transaction.queue.secrets.get(request.request_id, Purpose.PERSON)
    resolution = resolution or look_up(batch, request, transaction)
    if resolution.person is not None:
        found = resolution.person
        if copy is not None:
            before = person_of(batch, request, transaction)
            found = carried_over(found, before)
            if pack(found) == pack(before):
                return found
        keep_copy(batch, request, found, batch.desk(transaction))
        return found
    if copy is not None:
        # A human chose between the candidates, or the identifiers were corrected or erased
        # since: the request stays with the person whom it was found to be about.
        before = person_of(batch, request, transaction)
        if before.row_keys:
            return _refreshed(batch, before, request, transaction)
        # Rows may have come since.
        found_since = _without_row(batch, request, transaction)
        keys = () if found_since is None else found_since.keys
        without_row: Person | None = replace(before, keys=tuple({*before.keys, *keys}))
    elif resolution.unfound is not Unfound.NOTHING_FOUND:
        return None
    else:
        without_row = _without_row(batch, request, transaction)
    if without_row is not None:
        keep_copy(batch, request, without_row, batch.desk(transaction))
    return without_row


def may_have_no_row(request: Request) -> bool:
    """Whether somebody who has no row of their own is looked for in the rows and files of others."""
    return request.level is Level.CONTACT


def _without_row(batch: Batch, request: Request, transaction: Transaction) -> Person | None:
    """Return who is known by their identifiers alone, such as somebody who wrote without an account.

    Rows that the data map links to such an identifier are theirs. What somebody of another kind is
    recognized by is that one's: an agent is no contact.
    """
    if not may_have_no_row(request):
        return None
    given = identifiers_of(request, batch.desk(transaction))
    known = [one for one in given if _is_telling(one)]
    for kind in known_kinds(batch.datamap) if known else ():
        # Who is in the table and of no kind has a row, too.
        reading = transaction.reading(of_anybody(of_kind(batch.datamap, kind)))
        held = reading.holders(request.org_id, known)
        known = [one for one in known if not held[one]]
    if not known:
        return None
    keys = _keys_by_value(batch, request, known, transaction)
    return Person(SubjectRef(request.request_id), request.org_id, keys, tuple(known))


def led_to_besides(batch: Batch, request: Request, person: Person, transaction: Transaction) -> int:
    """Return how many identifiers of a request nobody's row holds, though rows lead to them.

    The person has a row of their own; nothing says that what these rows contain is theirs too.
    """
    if not may_have_no_row(request) or not person.row_keys:
        return 0
    held = {comparable(one.value) for one in person.known}
    given: tuple[Identifier, ...] = ()
    with suppress(EvidenceBroken, UnknownRequest):  # it fails when its own turn comes
        given = identifiers_of(request, batch.desk(transaction))
    asked = [one for one in given if _is_telling(one) and comparable(one.value) not in held]
    if not asked:
        return 0
    reading = transaction.reading(batch.of(request).datamap)
    holders = reading.holders(request.org_id, asked)
    unheld = [one for one in asked if not holders[one]]
    return len({*reading.keys_by_value(request.org_id, unheld).values()})


def _keys_by_value(
    batch: Batch, request: Request, known: Sequence[Identifier], transaction: Transaction
) -> tuple[str, ...]:
    """Return the key of whoever has no row, and to whom rows lead by what the request gives.

    None where rows lead to several of its identifiers: no row says that these are one person. None
    for what is an agent's either.
    """
    reading = transaction.reading(batch.of(request).datamap)
    said = [comparable(one.value) for one in known]
    of_staff = reading.values_of_staff(request.org_id, said)
    theirs = [one for one in known if comparable(one.value) not in of_staff]
    keys = {*reading.keys_by_value(request.org_id, theirs).values()}
    return tuple(keys) if len(keys) == 1 else ()


def _is_telling(identifier: Identifier) -> bool:
    if identifier.kind is IdentifierKind.EXTERNAL_ID:
        return _NUMBER.fullmatch(identifier.value) is not None
    return identifier.kind in _SINGLING


def _refreshed(batch: Batch, person: Person, request: Request, transaction: Transaction) -> Person:
    fresh = resolve(
        request,
        [Identifier(IdentifierKind.CONTACT_ID, key) for key in person.keys],
        transaction.reading(batch.datamap),
    )
    if fresh.person is None:
        return person
    found = replace(carried_over(fresh.person, person), held=person.held)
    keep_copy(batch, request, found, batch.desk(transaction))
    return found
