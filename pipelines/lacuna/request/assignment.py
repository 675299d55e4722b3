"""An officer takes a request or a mail, hands it on, or gives it back."""

import hashlib

from lacuna.errors import IllegalTransition, NotAnOfficer
from lacuna.model.assignment import AssignedItem
from lacuna.model.evidence import Action
from lacuna.ports import Assignments, Desk


def assign(
    item: AssignedItem,
    officer: str | None,
    before: str | None,
    assignments: Assignments,
    desk: Desk,
) -> None:
    """Assign a request or a mail to an officer; what stays as it is gets no entry.

    Args:
        officer: role and key id; None: nobody has it any more.
        before: who had it when this was decided; None: nobody.

    Raises:
        NotAnOfficer: the register does not have them for the tenant.
        IllegalTransition: it was assigned to somebody else meanwhile.
    """
    if officer is not None and officer not in assignments.officers(item.org_id):
        raise NotAnOfficer(
            "assign: the register does not have this officer for the tenant; nothing changed. See "
            "lacuna officer list"
        )
    is_as_before = (
        assignments.take_back(item, before)
        if officer is None
        else assignments.give(item, officer, before, desk.now)
    )
    if not is_as_before:
        raise IllegalTransition(
            f"{item.about}: it was assigned to somebody else in the meantime; nothing changed"
        )
    if officer != before:
        desk.record(
            Action.ASSIGNED,
            "lacuna.mail" if item.is_mail else "lacuna.request",
            request_id=None if item.is_mail else item.about,
            counts=(0 if officer is None else 1, None),
            digest=hashlib.sha256((officer or before or "").encode()).hexdigest(),
        )
