"""How people name a request, and which of them they ask for."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lacuna.model.request import RequestKind, RequestState

_NUMBER: Final = re.compile(r"([A-Za-z][A-Za-z0-9]{0,5})-0*([0-9]{1,9})")
_LEAST: Final = 8  # characters of an id, in which two of them rarely agree


def normal_reference(text: str) -> str | None:
    """Return a reference as it is stored; None for what is neither a number nor part of an id.

    Returns:
        A number in capitals with at least 4 digits, such as FJ-0142 for `fj-142`; or 8 to 32
        hexadecimal digits, small and without hyphens, with which an id begins.
    """
    text = text.strip()
    if number := _NUMBER.fullmatch(text):
        return f"{number[1].upper()}-{int(number[2]):04d}"
    digits = text.replace("-", "").lower()
    return digits if re.fullmatch(rf"[0-9a-f]{{{_LEAST},32}}", digits) else None


@dataclass(frozen=True)
class RequestFilter:
    """Which requests somebody asks for; what is left out limits nothing.

    Attributes:
        states: one of these.
        kinds: with at least one of these rights.
        due_before: not closed, and due before this moment.
        overdue_at: not closed and overdue at this moment, unless the clock is paused.
        assigned_to: name of the officer who has it.
        is_unassigned: no officer has it.
        limit: at most so many, in order of receipt.
    """

    org_id: str | None = None
    states: tuple[RequestState, ...] = ()
    kinds: tuple[RequestKind, ...] = ()
    due_before: datetime | None = None
    overdue_at: datetime | None = None
    assigned_to: str | None = field(repr=False, default=None)
    is_unassigned: bool = False
    limit: int | None = None
