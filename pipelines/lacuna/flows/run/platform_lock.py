"""The platform's lock: what changes the platform and what publishes from it never overlap.

A fulfilment is many tasks, and chunks of it work side by side, so its tasks share the lock, and
between two of them it is free. A seal takes it alone; a sweep and a publication too, and only
where no request is between its change and its verification. One that failed there waits for a
person, which may take weeks: a publication is red then, and a sweep goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lacuna.errors import FlowHeld
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.ports import Stores

PLATFORM: Final = "platform"


@contextmanager
def alone_on_platform(stores: Stores) -> Iterator[None]:
    """Keep every run that changes the platform out until the block ends.

    Raises:
        FlowHeld: one is at work, or is between two of its tasks; nothing was done.
    """
    with stores.exclusive(PLATFORM):
        with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            requests = transaction.queue.requests
            changing = sum(
                requests.obstacle(one.request_id) is None
                for one in requests.in_states((RequestState.APPLIED,))
            )
        if changing:
            raise FlowHeld(
                f"{changing} requests are applied and not yet verified; nothing changed. Wait "
                "until their fulfilment has ended; if none is running, run it: lacuna run "
                "fulfilment"
            )
        yield
