"""Mailboxes that are files: a Maildir, a folder of mail files, an mbox.

Every file below the folder is one mail, a file that begins as an mbox is many. What is being
delivered (`tmp`) and what was set aside is left alone.
"""

import glob
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fcntl import LOCK_EX, lockf
from pathlib import Path
from typing import BinaryIO, Final

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.model.mail import WaitingMail

_SET_ASIDE: Final = "set-aside"
_UNPACKED: Final = ".unpacked"
_UNPACKING: Final = ".unpacking"
_LEFT_ALONE: Final = frozenset({"tmp", _SET_ASIDE})
_MBOX: Final = b"From "


class FolderMailbox:
    """The mails in and below a folder, as `ports.Mailbox`.

    Links are not followed. A mail that is removed is gone from the disk's folder when this
    returns; that the medium forgets is not promised.

    Args:
        root: a folder, or one mbox or mail file, whose folder then takes what is set aside.
    """

    def __init__(self, root: Path) -> None:
        self._file = None if root.is_dir() else root
        self._root = root if self._file is None else root.parent

    def waiting(self, limit: int) -> list[WaitingMail]:
        """Return up to `limit` mails, oldest first by the name of their file.

        An mbox is unpacked first, into files beside it: mails that are delivered meanwhile
        begin a new one.
        """
        with _boundary():
            for path in list(self._files()):
                if _begins(path) == _MBOX:
                    _unpack(path)
            paths = sorted(self._files(), key=lambda path: (path.name, str(path)))[:limit]
            return [_described(path, self._root) for path in paths]

    def read(self, mail: WaitingMail) -> bytes:
        """Return the mail's bytes."""
        with _boundary(), _opened(self._root / mail.place) as file:
            return file.read()

    def remove(self, mail: WaitingMail) -> None:
        """Delete the mail durably; one that is gone already is left so."""
        with _boundary():
            path = self._root / mail.place
            path.unlink(missing_ok=True)
            _sync(path.parent)
            self._clear(path.parent)

    def set_aside(self, mail: WaitingMail) -> None:
        with _boundary():
            path, folder = self._root / mail.place, self._root / _SET_ASIDE
            folder.mkdir(mode=0o700, exist_ok=True)
            target, number = folder / path.name, 1
            while target.exists():
                target, number = folder / f"{path.name}.{number}", number + 1
            path.rename(target)
            _sync(folder)
            _sync(path.parent)
            self._clear(path.parent)

    def close(self) -> None:
        """Nothing stays open."""

    def _files(self) -> Iterator[Path]:
        if self._file is not None:
            if self._file.exists() and not self._file.is_symlink():
                yield self._file
            for folder in sorted(self._root.glob(f"{glob.escape(self._file.name)}.*{_UNPACKED}")):
                yield from _walk(folder)
            return
        if not self._root.is_dir():
            raise ConfigurationError("mailbox: this folder or file does not exist")
        yield from _walk(self._root)

    def _clear(self, folder: Path) -> None:
        """Remove the folder of an unpacked mbox once its last mail is gone."""
        if folder.name.endswith(_UNPACKED) and not any(folder.iterdir()):
            folder.rmdir()


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _LEFT_ALONE and not entry.name.endswith(_UNPACKING):
                yield from _walk(Path(entry.path))
        # Dovecot and Courier keep lists beside the mails; hidden files are no mails.
        elif entry.is_file(follow_symlinks=False) and not entry.name.startswith((".", "dovecot")):
            yield Path(entry.path)


def _described(path: Path, root: Path) -> WaitingMail:
    found = path.lstat()
    stored_at = datetime.fromtimestamp(found.st_mtime, UTC)
    return WaitingMail(str(path.relative_to(root)), found.st_size, stored_at)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ConfigurationError("mailbox: it contains something that is not a regular file")
        yield file


def _begins(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read(len(_MBOX))


def _unpack(path: Path) -> None:
    """Write each mail of an mbox to a file of its own, then delete the mbox.

    A crash before the mbox is deleted leaves its mails twice; whoever takes them in has to
    recognize a mail that comes again, as it has to anyway.
    """
    half = path.with_name(path.name + _UNPACKING)
    half.mkdir(mode=0o700, exist_ok=True)
    with path.open("r+b") as file:
        # Whoever delivers into the mbox holds this lock meanwhile.
        lockf(file, LOCK_EX)
        _split(file, half)
        _sync(half)
        half.rename(_free(path))
        path.unlink()
        _sync(path.parent)


def _free(path: Path) -> Path:
    number = 1
    while (folder := path.with_name(f"{path.name}.{number}{_UNPACKED}")).exists():
        number += 1
    return folder


def _split(file: BinaryIO, folder: Path) -> None:
    """Write the mails of an mbox to numbered files, line by line."""
    count, is_blank, mail = 0, True, None
    for line in file:
        if is_blank and line.startswith(_MBOX):
            if mail is not None:
                _finish(mail)
            mail = (folder / f"{count:08}.eml").open("wb")
            count += 1
        elif mail is not None:
            # One `>` was put before such a line when it was stored (mboxrd).
            is_quoted = line.lstrip(b">").startswith(_MBOX) and line.startswith(b">")
            mail.write(line[1:] if is_quoted else line)
        is_blank = not line.strip()
    if mail is not None:
        _finish(mail)


def _finish(mail: BinaryIO) -> None:
    mail.flush()
    os.fsync(mail.fileno())
    mail.close()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _boundary() -> Iterator[None]:
    """Let no file's name out: an error of the system quotes it."""
    try:
        yield
    except OSError as error:
        raise DependencyUnreachable(
            f"mailbox: a file or folder in it cannot be used ({error.strerror}); check its "
            "permissions, then run again"
        ) from None
