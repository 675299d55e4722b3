"""The canonical bytes of a ledger entry, and the leaf that they make."""

from datetime import UTC, datetime

import rfc8785

from pipelines.evidence import merkle
from pipelines.model.evidence import Entry, Leaf


def canonical(entry: Entry, position: int) -> bytes:
    """Return the entry at its position as canonical JSON (RFC 8785).

    The position is part of it: two equal entries differ, and none can change places.
    """
    return rfc8785.dumps(
        {
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
    )


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
        raise ValueError("a time in the ledger has a time zone; this one has none")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
