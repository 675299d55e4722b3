"""The ledger of consents: answers read from the calls, and what people said by other means."""

import uuid
from collections.abc import Collection, Iterable, Mapping

from lacuna.errors import MalformedRequest, RequestError
from lacuna.model.consent import ConsentEntry, ConsentStatus
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind, keys_of_rows
from lacuna.model.kept_right import KeptRight
from lacuna.model.location import TableName
from lacuna.ports import Consents, Desk, PlatformReading

LOCATION = "lacuna.consent_entry"


def take_consents(
    answers: Collection[ConsentEntry],
    datamap: DataMap,
    consents: Consents,
    reading: PlatformReading,
    desk: Desk,
) -> int:
    """Append what callers answered, unless the ledger holds it already; return how many entries.

    Whom they are about is read once nobody of their tenants can be erased meanwhile.
    """
    if datamap.consent is None:
        return 0
    for org_id in sorted({entry.org_id for entry in answers}):
        desk.queue.people.keep(org_id)
    owners = owners_of_calls(
        datamap.consent.calls, {entry.call for entry in answers if entry.call}, reading
    )
    added = consents.add(
        [(entry, owners.get(entry.call or "")) for entry in answers], desk.now, desk.actor
    )
    if added:
        desk.record(Action.CONSENT_RECORDED, LOCATION, counts=(added, None))
    return added


def owner_of_call(
    entry: ConsentEntry, datamap: DataMap, consents: Consents, reading: PlatformReading
) -> str | None:
    """Return the key of the one person to whom an entry's call leads; None if it leads to nobody.

    Raises:
        RequestError: the tenant has no such call, or it began after the moment of an opt-in.
    """
    if datamap.consent is None:
        raise RequestError("consent: the data map has no entry for consent; add it")
    call = entry.call or ""
    began = consents.call_began(entry.org_id, call)
    if began is None:
        raise RequestError("consent: this tenant has no such call")
    if (
        entry.status is ConsentStatus.GRANTED
        and began[0] is not None
        and entry.occurred_at < began[0]
    ):
        raise MalformedRequest(
            "consent: the time is before the call began; an opt-in counts only during the call"
        )
    return owners_of_calls(datamap.consent.calls, {call}, reading).get(call)


def record(entry: ConsentEntry, owner: str | None, consents: Consents, desk: Desk) -> None:
    """Append what somebody said of one call by other means than the IVR.

    Args:
        owner: key of the person to whom the call leads, or None.

    Raises:
        RequestError: the moment lies in the future, or the very same entry is there already.
    """
    if entry.occurred_at > desk.now:
        raise MalformedRequest("consent: the time is in the future")
    if not consents.add([(entry, owner)], desk.now, desk.actor):
        raise RequestError("consent: this entry already exists; nothing changed")
    if entry.status in (ConsentStatus.DECLINED, ConsentStatus.WITHDRAWN):
        _keep(entry, () if owner is None else (owner,), desk)
    desk.record(Action.CONSENT_RECORDED, LOCATION, counts=(1, None))


def withdraw(entry: ConsentEntry, people: Collection[str], consents: Consents, desk: Desk) -> int:
    """Append that a person withdrew consent to whatever was recorded of them; return entries.

    Args:
        people: every key of the person, merged rows included.

    Raises:
        RequestError: it is no withdrawal of a whole person, or nobody is meant.
    """
    if entry.call is not None or entry.status is not ConsentStatus.WITHDRAWN or not people:
        raise MalformedRequest("consent: a withdrawal needs a person")
    if entry.occurred_at > desk.now:
        raise MalformedRequest("consent: the time is in the future")
    added = consents.add([(entry, key) for key in sorted(people)], desk.now, desk.actor)
    _keep(entry, sorted(people), desk)
    desk.record(Action.CONSENT_RECORDED, LOCATION, counts=(added, None))
    return added


def _keep(entry: ConsentEntry, people: Iterable[str], desk: Desk) -> None:
    """Keep that no consent is given outside the database: a restore must not bring one back."""
    ids = tuple(Identifier(IdentifierKind.CONTACT_ID, key) for key in people)
    desk.keep_right(
        KeptRight(str(uuid.uuid4()), entry.org_id, desk.now, vendor_ids=ids, consent=entry)
    )


def owners_of_calls(
    calls: TableName, keys: Iterable[str], reading: PlatformReading
) -> Mapping[str, str]:
    """Return, for each call that leads to one person alone, the key of that person.

    Whoever has no row has no key that could be kept.
    """
    owners = reading.owners_of(calls, [(key,) for key in keys])
    alone = {key[0]: next(iter(found)) for key, found in owners.items() if len(found) == 1}
    return {call: key for call, key in alone.items() if keys_of_rows([key])}
