"""The queue in PostgreSQL, one module for each part of it.

Every change of a request names the state and the attempt that it expects, so that a task
that was taken over changes nothing.
"""

from collections.abc import Callable

import sqlalchemy as sa

from lacuna.stores.postgres.queue.bundles import Bundles
from lacuna.stores.postgres.queue.deliveries import Deliveries
from lacuna.stores.postgres.queue.effects import Effects
from lacuna.stores.postgres.queue.inbox import InboxRows
from lacuna.stores.postgres.queue.people import People
from lacuna.stores.postgres.queue.plans import Plans
from lacuna.stores.postgres.queue.queue_part import Ahead
from lacuna.stores.postgres.queue.request_rows import DUE_SOON, OVERDUE, REQUEST_COLUMNS, request_of
from lacuna.stores.postgres.queue.requests import Requests
from lacuna.stores.postgres.queue.results import Results, verification_of
from lacuna.stores.postgres.queue.secrets import Secrets


class PostgresQueue:
    """The queue as one transaction sees it, in its parts."""

    def __init__(
        self,
        connection: sa.Connection,
        number_prefix_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """Work through `connection`, under the role of its transaction.

        Args:
            number_prefix_of: returns what the numbers of a tenant's requests should begin with;
                None: the database derives it.
        """
        ahead: dict[str, Ahead] = {}
        self.requests = Requests(connection, ahead, number_prefix_of)
        self.secrets = Secrets(connection, ahead)
        self.plans = Plans(connection, ahead)
        self.effects = Effects(connection, ahead)
        self.results = Results(connection, ahead)
        self.bundles = Bundles(connection, ahead)
        self.deliveries = Deliveries(connection, ahead)
        self.people = People(connection, ahead)
        self.inbox = InboxRows(connection, ahead)


__all__ = [
    "DUE_SOON",
    "OVERDUE",
    "REQUEST_COLUMNS",
    "PostgresQueue",
    "request_of",
    "verification_of",
]
