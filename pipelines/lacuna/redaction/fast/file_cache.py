"""Files kept between processes, because what is in them takes long to make."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


def keep_file(path: Path, write: Callable[[IO[bytes]], object], *, like: str, most: int) -> None:
    """Write a file, complete and at once; where its folder is read-only or full, nothing.

    Args:
        like: names of files of its kind (`words-*.npy`); of them those not used for longest go.
        most: how many of them stay.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                write(file)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        Path(file.name).replace(path)
        kept = sorted(path.parent.glob(like), key=lambda one: one.stat().st_mtime)
        for old in kept[:-most]:
            old.unlink(missing_ok=True)


def note_use(path: Path) -> None:
    """Let a file count as used now."""
    with suppress(OSError):
        path.touch()
