"""The queue in PostgreSQL, one module for each part of it.

Every change of a request names the state and the attempt that it expects, so that a task
that was taken over changes nothing.
"""

from pipelines.stores.queue.bundles import Bundles
from pipelines.stores.queue.effects import Effects
from pipelines.stores.queue.inbox import InboxRows
from pipelines.stores.queue.people import People
from pipelines.stores.queue.plans import Plans
from pipelines.stores.queue.requests import REQUEST_COLUMNS, Requests, request_of
from pipelines.stores.queue.results import Results
from pipelines.stores.queue.secrets import Secrets


class PostgresQueue(People, Results, InboxRows, Secrets, Bundles, Effects, Plans, Requests):
    """The queue as one transaction sees it."""


__all__ = ["REQUEST_COLUMNS", "PostgresQueue", "request_of"]
