"""The queue in PostgreSQL, one module for each part of it.

Every change of a request names the state and the attempt that it expects, so that a task
that was taken over changes nothing.
"""

from lacuna.stores.postgres.queue.bundles import Bundles
from lacuna.stores.postgres.queue.effects import Effects
from lacuna.stores.postgres.queue.inbox import InboxRows
from lacuna.stores.postgres.queue.people import People
from lacuna.stores.postgres.queue.plans import Plans
from lacuna.stores.postgres.queue.requests import REQUEST_COLUMNS, Requests, request_of
from lacuna.stores.postgres.queue.results import Results
from lacuna.stores.postgres.queue.secrets import Secrets


class PostgresQueue(People, Results, InboxRows, Secrets, Bundles, Effects, Plans, Requests):
    """The queue as one transaction sees it."""


__all__ = ["REQUEST_COLUMNS", "PostgresQueue", "request_of"]
