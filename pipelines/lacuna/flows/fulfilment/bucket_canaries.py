"""Puts a made-up object into each bucket while it is searched: the gate must find it there."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from lacuna.model.datamap import DataMap
from lacuna.model.location import CANARY_PATH
from lacuna.ports import Objects, Stores
from lacuna.verify import CANARY_OBJECT


@contextmanager
def canaries_in_buckets(stores: Stores, datamap: DataMap) -> Iterator[frozenset[str]]:
    """Put a canary into every bucket that would give it back; yield the names of these stores.

    It is gone, read back absent, when the block ends. A crash inside leaves it: it is nobody's,
    no flow takes it for an object of the platform, and the next search takes it away.

    Raises:
        ApplyFailed: a bucket refused, or did not answer.
        DependencyUnreachable: as above, when it was asked what it keeps.
    """
    names = set()
    with ExitStack() as stack:
        for name, objects in stores.objects_of(datamap).items():
            if datamap.stores[name].address and not objects.locks_new:
                stack.enter_context(_canary(objects))
                names.add(name)
        yield frozenset(names)


@contextmanager
def _canary(objects: Objects) -> Iterator[None]:
    objects.replace(CANARY_PATH, CANARY_OBJECT)
    try:
        yield
    finally:
        objects.delete(CANARY_PATH)
