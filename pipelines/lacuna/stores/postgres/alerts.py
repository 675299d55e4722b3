"""What officers were told, in PostgreSQL."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from lacuna.model.alert import Alert


class PostgresAlerts:
    """The alerts as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection

    def untold(self, alerts: Iterable[Alert], at: datetime) -> list[Alert]:
        return [
            alert
            for alert in alerts
            if self._connection.execute(
                sa.text(
                    "insert into lacuna.alert (org_id, kind, reference, told_at) "
                    "values (:org_id, :kind, :reference, :at) on conflict do nothing"
                ),
                {
                    "org_id": alert.org_id,
                    "kind": str(alert.kind),
                    "reference": alert.reference,
                    "at": at,
                },
            ).rowcount
        ]
