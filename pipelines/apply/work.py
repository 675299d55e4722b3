"""One approved request with everything that its application needs."""

from dataclasses import dataclass, field

from pipelines.model.correction import Correction
from pipelines.model.identity import Person
from pipelines.model.plan import Inventory, Plan
from pipelines.model.request import Request


@dataclass(frozen=True)
class Work:
    """An approved request, its plan made anew, and the rows and objects that it names.

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
