"""What an attack on an installation found: it held, it did not, or nobody could try."""

from dataclasses import dataclass
from enum import StrEnum


class AttackOutcome(StrEnum):
    """How an attack ended."""

    HELD = "held"
    SUCCEEDED = "succeeded"
    NOT_TRIED = "not tried"  # nothing is there to attack, or the attempt itself is out of date


@dataclass(frozen=True)
class Attack:
    """One attack and its end.

    Attributes:
        area: approval, consent, evidence, roles, rows, tenants or residue.
        attempt: what was tried, in words.
        outcome: of all its tries; one that succeeded is enough.
        found: counts and names of roles, tables and files; never a row's value.
    """

    area: str
    attempt: str
    outcome: AttackOutcome
    found: str
