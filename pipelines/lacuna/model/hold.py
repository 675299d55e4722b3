"""Holds on single tables of a request: what is left as it is while the rest is erased (Art. 17(3))."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lacuna.model.location import ObjectPath, RowKey, TableName

HELD: Final = "held on the ground of Art."
"""How the reason begins for which a step leaves held rows as they are."""


@dataclass(frozen=True)
class ItemHold:
    """That a person's rows of a table stay, with the objects that they name.

    Attributes:
        ground: an exception of Art. 17(3).
        until: when it lapses: then they are planned again, in a request of their own.
    """

    table: TableName
    ground: str
    until: datetime

    @property
    def reason(self) -> str:
        """What a plan and a certificate say of it."""
        return f"{HELD} {self.ground} until {self.until.date().isoformat()}"


@dataclass(frozen=True)
class HeldItems:
    """Rows of a table, and objects, that a hold keeps.

    Attributes:
        keys: primary keys. Personal data where a key is one.
    """

    table: TableName
    keys: frozenset[RowKey] = field(repr=False)
    objects: frozenset[ObjectPath] = field(repr=False, default=frozenset())
