"""Who may decide: the register of officers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

EVERY_TENANT: Final = "*"
"""What an officer of all tenants is registered for, and who approves rules."""


@dataclass(frozen=True)
class Officer:
    """One line of the register.

    Attributes:
        name: by which they log in, to Airflow or after `--as`.
        actor: role and key id, as the ledger has it.
        org_id: the tenant, or `EVERY_TENANT`.
        removed_at: since when they decide no more; None: they do.
    """

    name: str = field(repr=False)
    actor: str
    org_id: str
    added_at: datetime
    removed_at: datetime | None = None
