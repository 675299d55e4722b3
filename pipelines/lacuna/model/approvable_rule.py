"""Rules that change data once an officer approved them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ApprovableRule:
    """A rule as an officer approves it: a sweep, the drop of a legacy table, a restatement, a list of files.

    Attributes:
        meaning: what it does, in a sentence.
        digest: SHA-256 hex of everything that it does: a change of engine, age or scope
            makes another rule of it.
    """

    name: str
    meaning: str
    digest: str
    is_approved: bool
