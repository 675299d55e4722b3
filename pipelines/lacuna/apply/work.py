"""One approved request with everything that its application needs."""

from dataclasses import dataclass, field

from lacuna.model.correction import Correction
from lacuna.model.identity import Person
from lacuna.model.plan import Inventory, Plan
from lacuna.model.request import Request


@dataclass(frozen=True)
class Work:
    """An approved request, its plan made again, and the rows and objects that it names.

    Attributes:
        roots: keys of the rows that the request starts from, at its level.
        corrections: values whose copies are corrected.
    """

    request: Request
    plan: Plan
    inventory: Inventory
    person: Person
    roots: tuple[str, ...] = field(repr=False)
    corrections: tuple[Correction, ...] = field(repr=False, default=())
