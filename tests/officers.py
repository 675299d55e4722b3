"""Officers of a tested installation, registered without an entry of the ledger."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from lacuna.model.officer import EVERY_TENANT
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database

KEY_IDS = ("0000test", "ab12cd34", "1")
"""Of the officers as whom most tests decide."""


def register(database: Database, *names: str, org_id: str = EVERY_TENANT) -> None:
    """Register officers; by default those whose key ids tests give themselves."""
    statement = (
        "insert into lacuna.officer (name, actor, org_id, added_at) "
        "values (:name, :actor, :org_id, now())"
    )
    with database.transaction(Role.OWNER) as connection:
        for name in names or KEY_IDS:
            drawn = hashlib.sha256(name.encode()).hexdigest()[:8]
            values = {
                "name": name,
                "actor": f"dpo:{name if name in KEY_IDS else drawn}",
                "org_id": org_id,
            }
            connection.execute(sa.text(statement), values)
