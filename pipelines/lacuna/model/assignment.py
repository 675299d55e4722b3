"""Which officer has a request or a mail to work on, and what officers wrote about a request."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class AssignedItem:
    """A request or a mail that an officer can have.

    Attributes:
        about: its id.
        org_id: tenant, or `EVERY_TENANT` for a mail of none.
        is_mail: whether it is a mail.
    """

    about: str
    org_id: str
    is_mail: bool = False


@dataclass(frozen=True)
class OfficerComment:
    """What an officer wrote about a request.

    Attributes:
        officer: who, as role and key id.
        text: may hold personal data.
    """

    at: datetime
    officer: str
    text: str = field(repr=False)
