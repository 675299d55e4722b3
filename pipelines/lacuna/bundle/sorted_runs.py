"""Puts more things in order than memory holds: sorted runs in files, merged when they are read."""

import json
import os
from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from typing import IO, Final

_CHARACTERS_OF_RUN: Final = 8_000_000

Sortable = tuple[int | str, ...]
"""What things are ordered by: unlike for any two of them, and alike in its types."""


class SortedRuns:
    """Things with their keys, in a folder that is as secret as the bundle."""

    def __init__(self, folder: Path, name: str) -> None:
        """Keep runs in `folder`, which is there, under names that begin with `name`."""
        self._folder = folder
        self._name = name
        self._paths: list[Path] = []
        self._waiting: list[tuple[Sortable, str]] = []
        self._characters = 0

    def add(self, key: Sortable, written: str) -> None:
        """Take a thing in, as it is written."""
        self._waiting.append((key, written))
        self._characters += len(written) + 100
        if self._characters >= _CHARACTERS_OF_RUN:
            self._close_run()

    def __iter__(self) -> Iterator[tuple[Sortable, str]]:
        """Yield every key with its thing, in order."""
        self._close_run()
        yield from merge(*(_read(path) for path in self._paths))

    def _close_run(self) -> None:
        if not self._waiting:
            return
        self._waiting.sort()
        path = self._folder / f"{self._name}-{len(self._paths):06d}.run"
        with new_file(path) as file:
            file.writelines(
                f"{json.dumps([*key, written], ensure_ascii=False)}\n".encode()
                for key, written in self._waiting
            )
        self._paths.append(path)
        self._waiting, self._characters = [], 0


def new_file(path: Path) -> IO[bytes]:
    """Return a new file that nobody else may read."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _read(path: Path) -> Iterator[tuple[Sortable, str]]:
    with path.open("rb") as file:
        for line in file:
            *key, written = json.loads(line)
            yield tuple(key), written
