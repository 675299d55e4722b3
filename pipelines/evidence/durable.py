"""Evidence files: written whole, on the disk before anybody is told, never changed afterwards."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from pipelines.errors import DependencyUnreachable, EvidenceBroken

# What a file system without hard links answers.
_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)


def write_once(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 in a folder of mode 0700, or find it there with this content.

    Raises:
        EvidenceBroken: the file exists and says something else.
        DependencyUnreachable: the folder cannot be written.
    """
    try:
        _make_folder(path.parent)
        # Named apart, so that what a crash leaves is never taken for evidence.
        new = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
        try:
            _write(new, content)
            _name(new, path)
        except FileExistsError:
            if path.read_bytes() != content:
                raise EvidenceBroken(
                    f"{path} exists and says something else; evidence is never rewritten. "
                    "Stop all processing and compare the two"
                ) from None
        finally:
            new.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        raise DependencyUnreachable(
            f"evidence: {path.parent} cannot be written ({error.strerror}); "
            "check that it is mounted and has space, then rerun"
        ) from error


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _name(new: Path, path: Path) -> None:
    """Give a written file its name, never in place of another one."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError from None
        new.rename(path)


def _make_folder(folder: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)
        _sync(each.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
