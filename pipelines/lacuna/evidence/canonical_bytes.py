"""The canonical bytes of a ledger entry, and the leaf that they make."""

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime

import rfc8785

from lacuna.errors import EvidenceBroken
from lacuna.evidence import merkle
from lacuna.evidence.canonical_json import Json
from lacuna.model.evidence import Action, Entry, Leaf, Phase
from lacuna.model.finding import Verification


def canonical(entry: Entry, position: int) -> bytes:
    """Return the entry at its position as canonical JSON (RFC 8785).

    The position is part of it: two equal entries differ, and none can change places.
    """
    return rfc8785.dumps(document(entry, position))


def document(entry: Entry, position: int) -> dict[str, int | str | None]:
    """Return the entry at its position as a JSON object."""
    return {
        "action": entry.action.value,
        "actor": entry.actor,
        "already": entry.already,
        "at": instant(entry.at),
        "batch_id": entry.batch_id,
        "digest": entry.digest,
        "location": entry.location,
        "phase": entry.phase.value,
        "position": position,
        "request_id": entry.request_id,
        "rows": entry.rows,
    }


def result_digest(result: Verification, plan_digest: str | None) -> str:
    """Return the SHA-256 (hex) that binds an entry about the gates to all that they said of a plan."""
    said = {"plan_digest": plan_digest, **asdict(result)}
    if not result.written:
        # Results from before corrections were searched for have the digest that they had.
        del said["written"]
    if result.places is None:
        # Those from before places were told apart, too.
        del said["places"]
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def read_entry(found: Json) -> Leaf:
    """Return the leaf that a JSON object of `document` is.

    Raises:
        EvidenceBroken: it has another form, or is not what `document` would make of it.
    """
    problem = EvidenceBroken("an entry of the ledger does not have the form that Lacuna writes")
    if not isinstance(found, dict):
        raise problem
    fields = dict(found)
    try:
        position = fields.pop("position")
        entry = Entry(
            at=datetime.fromisoformat(str(fields.pop("at"))),
            action=Action(str(fields.pop("action"))),
            phase=Phase(str(fields.pop("phase"))),
            **fields,  # type: ignore[arg-type]  # the comparison below settles it
        )
        if isinstance(position, int) and document(entry, position) == found:
            return leaf_of(entry, position)
    except (KeyError, TypeError, ValueError):
        pass
    raise problem


def leaf_of(entry: Entry, position: int) -> Leaf:
    """Return the leaf that this entry is at this position."""
    return Leaf(position, entry, merkle.leaf_hash(canonical(entry, position)).hex())


def instant(at: datetime) -> str:
    """Return a time in UTC, to the microsecond.

    Raises:
        ValueError: the time has no time zone.

    >>> instant(datetime(2026, 3, 2, 7, tzinfo=UTC))
    '2026-03-02T07:00:00.000000Z'
    """
    if at.utcoffset() is None:
        raise ValueError("a time in the ledger needs a time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
