"""Reads requests out of CSV: what can be queued, and which lines cannot, and why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lacuna.errors import RequestError
from lacuna.intake import spreadsheet_rows
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Submission
from lacuna.model.request import RequestKind
from lacuna.request import checked

MOST_BYTES: Final = 8 * 1024 * 1024
_MOST_LINES: Final = 10_000
IDENTIFIERS: Final[Mapping[str, IdentifierKind]] = {
    "email": IdentifierKind.EMAIL,
    "phone": IdentifierKind.PHONE,
    "external_id": IdentifierKind.EXTERNAL_ID,
    "contact_id": IdentifierKind.CONTACT_ID,
    "conversation_id": IdentifierKind.CONVERSATION_ID,
    "message_id": IdentifierKind.MESSAGE_ID,
}
_COLUMNS: Final = frozenset({"kinds", "verified_by", "received_at", *IDENTIFIERS})


@dataclass(frozen=True)
class ReadLines:
    """What a file holds.

    Attributes:
        bad: number of the line in the file, and what is wrong with it, without a value of it.
    """

    good: tuple[Submission, ...] = field(repr=False)
    bad: tuple[tuple[int, str], ...]


def read_csv(content: bytes, org_id: str, now: datetime) -> ReadLines:
    """Read a table with a line of heads; `kinds` are separated by spaces, empty cells say nothing.

    Raises:
        RequestError: the file as a whole is not in that form.
    """
    rows = spreadsheet_rows(content)
    _, first = next(rows, (1, []))
    heads = [each.strip() for each in first]
    if not heads or len(set(heads)) != len(heads) or not set(heads) <= _COLUMNS:
        raise RequestError(
            "upload: the first line must name each column once; allowed columns: "
            f"{', '.join(sorted(_COLUMNS))}"
        )
    good: list[Submission] = []
    bad: list[tuple[int, str]] = []
    for line, cells in rows:
        if len(good) + len(bad) >= _MOST_LINES:
            raise RequestError(f"upload: more than {_MOST_LINES} requests; split the file")
        try:
            good.append(_submission(heads, cells, org_id, now))
        except RequestError as error:
            bad.append((line, f"{error}"))
    return ReadLines(tuple(good), tuple(bad))


def _submission(
    heads: Sequence[str], cells: Sequence[str], org_id: str, now: datetime
) -> Submission:
    if len(cells) != len(heads):
        raise RequestError(f"request: {len(cells)} cells instead of {len(heads)}")
    given = {head: cell.strip() for head, cell in zip(heads, cells, strict=True) if cell.strip()}
    known = {str(kind): kind for kind in RequestKind}
    names = given.get("kinds", "").split()
    if unknown := sum(name not in known for name in names):
        raise RequestError(f"request: {unknown} unknown rights; allowed: {', '.join(known)}")
    received_at = now
    if "received_at" in given:
        try:
            received_at = datetime.fromisoformat(given["received_at"])
        except ValueError:
            raise RequestError(
                "request: received_at is not in ISO 8601, such as 2026-11-24"
            ) from None
    return checked(
        Submission(
            org_id=org_id,
            kinds=tuple(known[name] for name in names),
            identifiers=tuple(
                Identifier(kind, given[head]) for head, kind in IDENTIFIERS.items() if head in given
            ),
            received_at=received_at,
            verified_by=given.get("verified_by"),
        ),
        now,
    )


def packed(submissions: Sequence[Submission]) -> bytes:
    """Return submissions as bytes. Personal data: encrypt them."""
    return json.dumps(
        [
            {
                "org_id": each.org_id,
                "kinds": [str(kind) for kind in each.kinds],
                "identifiers": [[str(one.kind), one.value] for one in each.identifiers],
                "received_at": each.received_at.isoformat(),
                "verified_by": each.verified_by,
            }
            for each in submissions
        ]
    ).encode()


def unpacked(content: bytes) -> list[Submission]:
    """Return the submissions that `packed` wrote."""
    return [
        Submission(
            org_id=each["org_id"],
            kinds=tuple(RequestKind(kind) for kind in each["kinds"]),
            identifiers=tuple(
                Identifier(IdentifierKind(kind), value) for kind, value in each["identifiers"]
            ),
            received_at=datetime.fromisoformat(each["received_at"]),
            verified_by=each["verified_by"],
        )
        for each in json.loads(content)
    ]
