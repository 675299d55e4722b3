"""One approved request with everything that its application needs."""

from dataclasses import dataclass, field

from lacuna.model.correction import Correction
from lacuna.model.datamap import DataMap
from lacuna.model.identity import IdentityBasis, Person
from lacuna.model.plan import AnonymizeRows, DeleteRows, Inventory, Plan
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


def lacks_profile(request: Request, plan: Plan, datamap: DataMap) -> bool:
    """Whether somebody erased before is there again, and not the row that says who they are.

    What they were called, and which numbers were theirs, is known no more: a text of their own may be
    all that says it, so nothing of it can be told from the rest.
    """
    return request.identity_basis is IdentityBasis.ERASED and not any(
        isinstance(step, (AnonymizeRows, DeleteRows)) and step.table == datamap.subject.table
        for step in plan.steps
    )
