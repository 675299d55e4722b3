"""Evidence files: written whole, on the disk before anybody is told, never changed afterwards."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import DependencyUnreachable, EvidenceBroken


def write_once(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 in a folder of mode 0700, or find it there with this content.

    One process at a time writes into a folder. What a crash leaves of a file lies under a name
    of its own, is never taken for evidence, and goes when the file is written again.

    Raises:
        EvidenceBroken: the file exists and says something else.
        DependencyUnreachable: the folder cannot be written, or cannot be locked.
    """
    try:
        _make_folder(path.parent)
        with _locked(path.parent) as folder:
            if not path.exists():
                _write(path, content)
            elif path.read_bytes() != content:
                raise EvidenceBroken(
                    f"{path} exists and says something else; evidence is never rewritten. "
                    "Stop all processing and compare the two"
                )
            os.fsync(folder)
    except OSError as error:
        raise DependencyUnreachable(
            f"evidence: {path.parent} cannot be written ({error.strerror}); "
            "check that it is mounted and has space, then rerun"
        ) from error


def _write(path: Path, content: bytes) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)
        _sync(each.parent)


def _sync(folder: Path) -> None:
    with _opened(folder) as handle:
        os.fsync(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    with _opened(folder) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)
