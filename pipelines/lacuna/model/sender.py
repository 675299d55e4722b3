"""How well the sender of a mail is known, and what for that is enough."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from lacuna.model.request import RequestKind


class Grade(IntEnum):
    """How strong the evidence is that the sender is the person, or speaks for the controller."""

    UNKNOWN = 0
    CLAIMED = 1  # the address on file stands in From, where anybody can write it
    VOUCHED = 2  # and the domain vouches for it: DKIM checked here, or DMARC by our own server
    TWO_FACTORS = 3  # and something else on file is named: a number of theirs
    CONFIRMED = 4  # a challenge to the address on file was answered


_ENOUGH: Final[Mapping[RequestKind, Grade]] = MappingProxyType(
    {
        # Nothing leaves and nothing is lost: a mail from the person's own account does.
        RequestKind.RESTRICTION: Grade.VOUCHED,
        RequestKind.OBJECTION: Grade.VOUCHED,
        RequestKind.RECTIFICATION: Grade.VOUCHED,
        # A person approves every erasure, and its plan says what goes.
        RequestKind.ERASURE: Grade.VOUCHED,
        # What was handed to the wrong person cannot be taken back.
        RequestKind.ACCESS: Grade.TWO_FACTORS,
        RequestKind.PORTABILITY: Grade.TWO_FACTORS,
    }
)
"""The grade that is enough for a right. Less is reasonable doubt (Art. 12(6)): a challenge is sent."""


class SenderRole(StrEnum):
    """Who the sender is to the tenant."""

    PERSON = "person"  # or nobody who is known
    AGENT = "agent"  # hands requests on, decides nothing
    CONTROLLER = "controller"  # authorized by the tenant, from its own domain, vouched for


@dataclass(frozen=True)
class Sender:
    """What is known of the sender of a mail.

    Attributes:
        address: as addresses compare.
        is_vouched: whether its domain vouches for it.
        is_confirmed: whether a code that went to this address came back from it.
    """

    address: str = field(repr=False)
    role: SenderRole
    is_vouched: bool
    is_confirmed: bool = False


def is_enough(grade: Grade, kinds: tuple[RequestKind, ...]) -> bool:
    """Whether a grade is enough for all of these rights together."""
    return bool(kinds) and all(grade >= _ENOUGH[kind] for kind in kinds)
