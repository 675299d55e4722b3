"""Divides a batch into chunks, which an orchestrator spreads over its workers.

A chunk is a set of requests of one batch, by their ids, or of the objects that are rewritten for
them, by their paths: whoever asks again, later and on another
worker, gets the same ones. Three things keep two workers from doing one request:

1. a chunk is worked on under a lock of its own; one that is lost with its worker is free again;
2. no other run of the flow goes on meanwhile: chunks share the flow's lock, and a run excludes them;
3. each change of a request names the state and the attempt that it expects.

What concerns several chunks, such as a row that people of two of them share, may make a request
fail in its chunk. The stage that follows takes up whatever was left, one after another.
"""

import uuid
import zlib
from collections.abc import Callable, Sequence
from typing import Final

from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.model.queue import Effect
from lacuna.model.request import Request, RequestState
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.ports import Stores

FLOW: Final = "fulfilment"
# For fewer a worker costs more than it saves: each chunk reads the platform's texts for itself.
_FEWEST_REQUESTS: Final = 100

ChunkStage = Callable[[Stores, RunOptions, str, int], object]
"""A stage over one chunk: stores, options, the batch's id and the number of the chunk."""


def divide(stores: Stores, options: RunOptions, batch_id: str) -> list[int]:
    """Return the numbers of a batch's chunks; one that is empty where nothing waits to be applied.

    A batch that was divided before stays divided so. What is mapped over nothing would be skipped,
    and what follows with it.
    """
    with stores.transaction(Role.PLANNER) as transaction:
        waiting = sum(
            one.state is RequestState.APPROVED
            for one in transaction.queue.requests.of_batch(batch_id)
        )
        # In observe mode nothing is changed, and one worker says so.
        most = 1 if options.mode is Mode.OBSERVE else options.chunks
        wanted = min(most, -(-waiting // _FEWEST_REQUESTS))
        return list(range(max(1, transaction.queue.requests.divide_batch(batch_id, wanted))))


def of_chunk(stores: Stores, batch_id: str, number: int) -> list[Request]:
    """Return the requests of a chunk, in order of receipt."""
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        chunks = transaction.queue.requests.chunks_of(batch_id)
        return members(transaction.queue.requests.of_batch(batch_id), number, chunks)


def members(requests: Sequence[Request], number: int, chunks: int) -> list[Request]:
    """Return the requests of one of `chunks` chunks; each request is in exactly one."""
    if not 0 <= number < chunks:
        return []
    return [one for one in requests if uuid.UUID(one.request_id).int % chunks == number]


def share_of(stores: Stores, batch_id: str, number: int) -> Callable[[Effect], bool]:
    """Return a test of whether an object is of one chunk; each object is in exactly one."""
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        chunks = transaction.queue.requests.chunks_of(batch_id)
    if not 0 <= number < chunks:
        return lambda _: False
    return lambda one: zlib.crc32(f"{one.store}/{one.path}".encode()) % chunks == number


def in_chunk(stage: ChunkStage, number: int) -> Callable[[Stores, RunOptions, str], None]:
    """Return a stage over one chunk that keeps every other worker out of it.

    Raises, when it is run:
        FlowHeld: another worker is at this chunk, or another run of the flow is going on.
    """

    def guarded(stores: Stores, options: RunOptions, batch_id: str) -> None:
        with (
            stores.sharing(PLATFORM),
            stores.sharing(FLOW),
            stores.exclusive(f"{FLOW} {batch_id} chunk {number}"),
            stores.keeping_connections(),
        ):
            stage(stores, options, batch_id, number)

    return guarded
