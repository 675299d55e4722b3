"""Writes a list of requests as CSV, in the words of the page."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Final

from lacuna.dpo_page.request_words import (
    deadline_day,
    deadline_tag,
    local_day,
    state_tags,
    words_of,
)
from lacuna.model.register import Filed

_COLUMNS: Final = (
    "request",
    "rights",
    "kind of person",
    "state",
    "received",
    "due",
    "deadline",
    "legal deadline",
    "closed",
    "assigned to",
    "id",
)


def exported_requests(
    filed: Iterable[Filed], officers: Mapping[str, str], now: datetime, zone: tzinfo
) -> bytes:
    """Return a line for each request, below a line that names the columns, in UTF-8 with a byte-order mark.

    Excel reads umlauts by the mark.

    Args:
        officers: id of a request → who has it.
        zone: the tenant's, for the days of times. Deadlines are the same day in every zone.
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    for one in filed:
        cells = (
            one.request.number,
            ", ".join(one.request.kinds),
            words_of(one.request.person_kind),
            ", ".join(words for _, words in state_tags(one)),
            local_day(one.request.received_at, zone),
            deadline_day(one.act_by),
            ", ".join(_deadline(one, now)),
            deadline_day(one.request.due_at),
            "" if one.closed_at is None else local_day(one.closed_at, zone),
            officers.get(one.request.request_id, ""),
            one.request.request_id,
        )
        lines.writerow(map(_as_text, cells))
    return text.getvalue().encode("utf-8-sig")


def _deadline(one: Filed, now: datetime) -> Iterable[str]:
    tag = deadline_tag(one, now)
    if tag is not None:
        yield tag[1]
    if one.is_overdue(now):
        yield "overdue"


def _as_text(cell: str) -> str:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
