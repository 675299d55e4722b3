"""Connections that are kept while a stage works, and closed otherwise."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy.pool import ConnectionPoolEntry, NullPool

ONCE: Final = "lacuna.once"
"""What a connection's `info` says where it is not to be kept: settings of its own may be left."""


class KeepingPool(NullPool):
    """Opens a connection for each transaction, but within a block uses those that were given back.

    Not a pool that lives as long as the process: Airflow forks, and a connection that two processes
    share hangs. One that was opened before a fork is left alone after it.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._blocks = 0
        self._kept: list[tuple[int, ConnectionPoolEntry]] = []
        # Letting go of one would end it for the process that it belongs to.
        self._inherited: list[ConnectionPoolEntry] = []

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep connections until the outermost of these blocks ends."""
        self._blocks += 1
        try:
            yield
        finally:
            self._blocks -= 1
            while not self._blocks and self._kept:
                if (record := self._own()) is not None:
                    record.close()

    def _own(self) -> ConnectionPoolEntry | None:
        """Return a kept connection that is this process's, or None where the next one is not."""
        pid, record = self._kept.pop()
        if pid == os.getpid():
            return record
        self._inherited.append(record)
        return None

    def _do_get(self) -> ConnectionPoolEntry:
        with suppress(IndexError):
            while True:
                if (record := self._own()) is not None:
                    return record
        return super()._do_get()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if self._blocks and not record.info.get(ONCE):
            self._kept.append((os.getpid(), record))
        else:
            super()._do_return_conn(record)
