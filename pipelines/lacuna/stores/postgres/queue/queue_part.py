"""What each part of the queue works through."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from lacuna.model.hold import ItemHold


@dataclass(frozen=True)
class Ahead:
    """What is asked of a request again and again, as a transaction read it for many at once.

    Attributes:
        secrets: encrypted working copies by purpose.
        approved: digests of the plans that were approved.
    """

    secrets: Mapping[str, bytes] = field(repr=False)
    nonce: str | None = field(repr=False)
    holds: tuple[ItemHold, ...]
    approved: frozenset[str]


class Connected:
    """A part of the queue as one transaction sees it."""

    def __init__(self, connection: sa.Connection, ahead: dict[str, Ahead]) -> None:
        """Work through `connection`, under the role of its transaction; all parts share `ahead`."""
        self._connection = connection
        # Whatever is written of a request takes it out again.
        self._ahead = ahead
