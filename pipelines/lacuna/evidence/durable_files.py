"""Evidence files: written whole, on the disk before anybody is told, never changed afterwards.

What is read is a file where it was written: a link, a pipe or a folder in its place is refused.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from lacuna.errors import DependencyUnreachable, EvidenceBroken

_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of the largest file that is read: one of evidence has some ten thousand."""


def files_in(folder: Path, ending: str, *, may_be_link: bool = False) -> list[Path]:
    """Return the files of a folder with an ending, sorted by name; none if the folder is not there.

    What a crash left of a file, `.NAME.new`, is none; any other hidden name counts, for whoever reads a
    folder sees none of them.

    Args:
        may_be_link: whether the folder itself may lie elsewhere, behind a link.

    Raises:
        EvidenceBroken: it is no folder, or a link.
        DependencyUnreachable: it cannot be read.
    """
    try:
        mode = folder.lstat().st_mode
        if stat.S_ISLNK(mode) and not may_be_link:
            raise EvidenceBroken(f"{folder} is a link; evidence must stay where it was written")
        if not stat.S_ISLNK(mode) and not stat.S_ISDIR(mode):
            raise EvidenceBroken(f"{folder} is not a folder")
        with os.scandir(folder) as found:
            names = sorted(each.name for each in found)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(folder, error.strerror) from None
    return [folder / name for name in names if name.endswith(ending) and not _is_unfinished(name)]


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") and name.endswith(".new")


def read_whole(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        EvidenceBroken: it is no file, a link, or larger than any file of evidence.
        DependencyUnreachable: it cannot be read.
    """
    try:
        # Without O_NONBLOCK a pipe would be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise EvidenceBroken(
                f"{path} is a link; evidence must stay where it was written"
            ) from None
        if error.errno == errno.ENXIO:
            raise EvidenceBroken(f"{path} is not a file") from None
        raise _unreadable(path, error.strerror) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise EvidenceBroken(f"{path} is not a file")
    with os.fdopen(handle, "rb") as file:
        try:
            content = file.read(_LARGEST + 1)
        except OSError as error:
            raise _unreadable(path, error.strerror) from None
    if len(content) > _LARGEST:
        raise EvidenceBroken(f"{path} has more than {_LARGEST} bytes, more than any evidence file")
    return content


def _unreadable(path: Path, reason: str | None) -> DependencyUnreachable:
    return DependencyUnreachable(
        f"evidence: {path} cannot be read ({reason}); check its mount and permissions, then run "
        "again"
    )


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
            elif read_whole(path) != content:
                raise EvidenceBroken(
                    f"{path} exists with other content; evidence is never overwritten. Stop all "
                    "processing and compare both"
                )
            os.fsync(folder)
    except OSError as error:
        raise DependencyUnreachable(
            f"evidence: {path.parent} cannot be written ({error.strerror}); check its mount and "
            "free space, then run again"
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
