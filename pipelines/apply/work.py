"""One approved request with everything that its application needs."""

from dataclasses import dataclass

from pipelines.model.identity import Person
from pipelines.model.plan import Inventory, Plan
from pipelines.model.request import Request


@dataclass(frozen=True)
class Work:
    """An approved request, its plan made anew, and the rows and objects that it names."""

    request: Request
    plan: Plan
    inventory: Inventory
    person: Person
