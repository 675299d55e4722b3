"""The way to a file of a folder: one name at a time, and no link is followed."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from lacuna.errors import DependencyUnreachable, PlanRefused
from lacuna.model.location import STORE_MARK

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: if a FIFO takes the place of a file just then, opening it must not wait.
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FRESH_SECONDS: Final = 2.0  # younger files are looked at twice: somebody may be writing them
LOOK_AGAIN_SECONDS: Final = 0.02
_LONGEST_MARK: Final = 64


class FolderWays:
    """The way to an object, one name at a time, past no link."""

    def __init__(self, name: str, root: Path, mark: str | None = None) -> None:
        self._name = name
        self._root = root
        self._mark = mark

    @contextmanager
    def _opened(self, path: str) -> Iterator[BinaryIO]:
        with self._parent_of(path) as (folder, name):
            if folder is None or self._look(folder, name) is None:
                raise DependencyUnreachable(
                    f"{self._name}: 1 object does not exist; ask for its size before reading it"
                )
            with os.fdopen(os.open(name, _READ, dir_fd=folder), "rb") as file:
                self._require_regular(os.fstat(file.fileno()))
                yield file

    def paths(self) -> Iterator[str]:
        """Walk the folder; a link is never followed.

        Raises:
            PlanRefused: after the last path, if the folder also holds links, devices, sockets
                or pipes: what they lead to was not seen.
            DependencyUnreachable: the folder cannot be read.
        """
        yield from self._walk("")

    def _walk(self, start: str) -> Iterator[str]:
        """Yield the paths below a folder, which ends with a slash; "" is the store."""
        strange = 0
        with self._reading():
            waiting = [start]
            while waiting:
                here = waiting.pop()
                if here and not here.endswith("/"):
                    yield here
                    continue
                names, others = self._entries(here)
                waiting.extend(sorted((here + name for name in names), reverse=True))
                strange += others
        if strange:
            raise PlanRefused(
                f"{self._name}: {strange} entries are links, devices, sockets or pipes and were "
                "not followed; remove them, or declare the folder behind a link as a store"
            )

    def _entries(self, here: str) -> tuple[list[str], int]:
        """Return a folder's files, its folders with a slash, and how many other entries it has."""
        names: list[str] = []
        others = 0
        with self._folder(here.split("/")[:-1]) as folder:
            if folder is None:  # removed since it was listed
                return [], 0
            with os.scandir(folder) as listing:
                for entry in listing:
                    try:
                        mode = entry.stat(follow_symlinks=False).st_mode
                    except FileNotFoundError:
                        continue
                    if stat.S_ISDIR(mode):
                        names.append(f"{entry.name}/")
                    elif not here and entry.name == STORE_MARK:
                        continue
                    elif stat.S_ISREG(mode):
                        names.append(entry.name)
                    else:
                        others += 1
        return names, others

    @contextmanager
    def _parent_of(
        self, path: str, *, is_made: bool = False, is_open: bool = False
    ) -> Iterator[tuple[int | None, str]]:
        """Open the folder of an object; yield None for it if it does not exist."""
        names = path.split("/")
        # An empty name is a leading, a doubled or a last slash: an absolute path, a URL, a folder.
        if "\0" in path or any(name in ("", ".", "..") for name in names) or path == STORE_MARK:
            raise self._refusal("has a path outside the store")
        with self._folder(names[:-1], is_made=is_made, is_open=is_open) as folder:
            yield folder, names[-1]

    @contextmanager
    def _folder(
        self, names: list[str], *, is_made: bool = False, is_open: bool = False
    ) -> Iterator[int | None]:
        """Walk from the root; yield the last folder, open, or None if there is none.

        Args:
            is_made: whether missing folders are made, for their owner alone.
            is_open: whether these are as open as the folder above them.
        """
        try:
            here: int | None = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise DependencyUnreachable(
                f"{self._name}: the store's folder cannot be opened ({error.strerror}); mount or "
                "create it, then run again"
            ) from None
        try:
            self._require_marked(here)
            for name in names:
                above, here = here, None
                if above is None:
                    break
                try:
                    if is_made:
                        _make_folder(above, name, is_open=is_open)
                    here = self._enter(above, name)
                finally:
                    os.close(above)
            yield here
        finally:
            if here is not None:
                os.close(here)

    def _require_marked(self, root: int | None) -> None:
        """Refuse a folder that is not the one that was marked, each time that it is opened."""
        if self._mark is None or (root is not None and mark_in(root) == self._mark):
            return
        raise DependencyUnreachable(
            f"{self._name}: the store's folder does not contain its mark, so it may not be "
            "mounted; mount the store, then run again. If this is the right folder, write "
            f"{self._mark} into its file {STORE_MARK}"
        )

    def _enter(self, above: int, name: str) -> int | None:
        """Open one folder below an open one, never through a link."""
        try:
            return os.open(name, _FOLDER, dir_fd=above)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
        try:
            mode = os.lstat(name, dir_fd=above).st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(mode):
            raise self._refusal("has a path through a symbolic link")
        return None

    def _look(self, folder: int | None, name: str) -> os.stat_result | None:
        """Return the status of the object; None if it does not exist."""
        if folder is None:
            return None
        try:
            found = os.lstat(name, dir_fd=folder)
        except FileNotFoundError:
            return None
        self._require_regular(found)
        return found

    def _require_regular(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise self._refusal("is a link, a folder, a device, a socket or a pipe")

    def _require_only_name(self, found: os.stat_result) -> None:
        self._require_regular(found)
        if found.st_nlink > 1:
            raise self._refusal("has another name (a hard link) that would keep its bytes")

    def _require_quiet(self, folder: int, name: str) -> None:
        """Refuse a file that has another name, is locked, or is being written."""
        handle = os.open(name, _READ, dir_fd=folder)
        try:
            before = os.fstat(handle)
            self._require_only_name(before)
            lock(handle)
            if time.time() - before.st_mtime < FRESH_SECONDS:
                time.sleep(LOOK_AGAIN_SECONDS)
                after = os.fstat(handle)
                if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                    raise BlockingIOError(errno.EBUSY, "it is being written")
        finally:
            os.close(handle)

    def _refusal(self, why: str) -> PlanRefused:
        return PlanRefused(
            f"{self._name}: 1 object {why}; it was not changed. Correct the row or the store, "
            "then plan again"
        )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (OSError, UnicodeEncodeError) as error:
            raise DependencyUnreachable(
                f"{self._name}: 1 object or folder cannot be read ({reason_of(error)}); check the "
                "store, then run again"
            ) from None


def mark_in(root: int) -> str | None:
    """Return the mark of an open folder; None where it has none that can be read."""
    try:
        handle = os.open(STORE_MARK, _READ, dir_fd=root)
    except OSError:
        return None
    try:
        return os.read(handle, _LONGEST_MARK).decode("ascii", "replace").strip()
    except OSError:
        return None
    finally:
        os.close(handle)


def _make_folder(above: int, name: str, *, is_open: bool) -> None:
    """Make a folder below an open one, durably, unless it is there."""
    try:
        os.mkdir(name, stat.S_IRWXU, dir_fd=above)
    except FileExistsError:
        return
    if is_open:
        known = os.fstat(above)
        made = os.open(name, _FOLDER, dir_fd=above)
        try:
            with suppress(PermissionError):
                os.fchown(made, known.st_uid, known.st_gid)
            os.fchmod(made, stat.S_IMODE(known.st_mode))
        finally:
            os.close(made)
    os.fsync(above)


def lock(handle: int) -> None:
    """Lock an open file; what its system cannot lock is left."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BlockingIOError(errno.EBUSY, "another process holds a lock on it") from None
    except OSError:  # a file system without locks: nobody can hold one
        return


def reason_of(error: OSError | UnicodeEncodeError) -> str:
    """Return the operating system's words; they never hold the path, unlike the error itself."""
    if isinstance(error, OSError):
        return error.strerror or "unknown error"
    return "its name contains characters that the file system cannot store"
