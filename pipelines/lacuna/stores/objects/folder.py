"""Objects in a local folder: nothing outside the folder is ever touched, nothing is half done.

A path comes from a row that anybody may have written. It is walked one name at a time, from an
open folder to the next, and no symbolic link is followed. Errors name the store and a count:
a path may carry a person's name.
"""

import errno
import fcntl
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from lacuna.errors import ApplyFailed
from lacuna.model.location import QUARANTINE
from lacuna.ports import Listed
from lacuna.stores.objects.folder_ways import (
    FRESH_SECONDS,
    LOOK_AGAIN_SECONDS,
    FolderWays,
    lock,
    reason_of,
)

_Result = TypeVar("_Result")
_PAUSES: Final = (0.05, 0.2)  # seconds before the second and the third try of an effect
_PIECE: Final = 2**20  # bytes read at once
_DAY: Final = 86_400 * 10**9  # nanoseconds
_LOCK_SECONDS: Final = 2.0  # for another process that is changing the same folder


class FolderObjects(FolderWays):
    """The objects of one folder, as `ports.Objects`.

    Reading refuses what is not a regular file. Deleting and replacing also refuse a file that
    has another name (a hard link: the other name would still hold the bytes), one that
    somebody holds a lock on, and one that changes while it is looked at.

    A missing folder is an error, never an empty store, and so is one without its mark: media that
    is not mounted must not be taken for media that is gone.

    Args:
        name: the store's name in the data map.
        root: the folder; it must exist when it is used, and may itself be a link.
        mark: what its file `STORE_MARK` holds; None for a folder of Lacuna's own, which has none.
        is_open: whether everybody who can enter the folder may read what is written into it; else
            new files are its owner's alone.
    """

    def __init__(
        self, name: str, root: Path, mark: str | None = None, *, is_open: bool = False
    ) -> None:
        super().__init__(name, root, mark)
        self._is_open = is_open

    @property
    def name(self) -> str:
        return self._name

    def size(self, path: str) -> int | None:
        """Ask the file system; a link is never followed.

        Raises:
            PlanRefused: the path leaves the root, passes a link, or is no regular file.
            DependencyUnreachable: the folder cannot be read.
        """
        with self._reading(), self._parent_of(path) as (folder, name):
            found = self._look(folder, name)
        return None if found is None else found.st_size

    def read(self, path: str) -> bytes:
        """Read the file; a link is never followed.

        Raises:
            PlanRefused: the path leaves the root, passes a link, or is no regular file.
            DependencyUnreachable: the folder cannot be read, or there is no such object.
        """
        with self._reading(), self._opened(path) as file:
            return file.read()

    def stream(self, path: str) -> Iterator[bytes]:
        """Pieces have at most 1 MiB.

        Raises:
            PlanRefused: as for `read`.
            DependencyUnreachable: as for `read`.
        """
        with self._reading(), self._opened(path) as file:
            while piece := file.read(_PIECE):
                yield piece

    def contents(self, path: str) -> Iterator[bytes]:
        """Yield the object's content: a folder keeps no other version.

        Raises:
            PlanRefused: as for `read`.
            DependencyUnreachable: as for `read`.
        """
        yield self.read(path)

    def version(self, path: str) -> str:
        """Return which file it is, its size, and when it last changed, as one text.

        Raises:
            PlanRefused: as for `read`.
            DependencyUnreachable: as for `read`.
        """
        with self._reading(), self._opened(path) as file:
            found = os.fstat(file.fileno())
        # Of what is rewritten the time shows only the day.
        times = f"{found.st_mtime_ns}-{found.st_ctime_ns}"
        return f"{found.st_dev}-{found.st_ino}-{found.st_size}-{times}"

    def arrivals(self) -> Iterator[tuple[str, datetime]]:
        """Yield every object with when the file system last changed it (`st_ctime`), sorted.

        Raises:
            PlanRefused, DependencyUnreachable: as for `paths`.
        """
        yield from ((one.path, one.arrived_at) for one in self.listing())

    def listing(self, under: str = "") -> Iterator[Listed]:
        """Yield every object below a folder with its size, its times and its inode, sorted.

        Raises:
            PlanRefused, DependencyUnreachable: as for `paths`.
        """
        for path in self._walk(f"{under}/" if under else ""):
            with self._reading(), self._parent_of(path) as (folder, name):
                found = self._look(folder, name)
            if found is not None:
                arrived_at = datetime.fromtimestamp(found.st_ctime, UTC)
                yield Listed(path, found.st_size, arrived_at, _state(found))

    def move(self, path: str, to: str, state: str | None = None) -> bool:
        """Give the object another path in one step, durably, with its mode, owner and times.

        It lies at one of the two paths at any moment. Folders that it leaves empty go as for
        `delete`; those that are missing are made, as open as the folder above them, and those of
        the quarantine for their owner alone.

        Raises:
            PlanRefused: as for `delete`, or there is an object at `to`. Nothing was changed.
            ApplyFailed: as for `delete`; also where `to` lies on another file system.
        """
        return self._effect(lambda: self._move(path, to, state), "moved")

    def tidy(self, path: str) -> None:
        """Remove empty folders up to the root; a link is never followed.

        Raises:
            PlanRefused: the path leaves the root, or passes a link.
            ApplyFailed: the operating system refused, also when tried again.
        """
        if path.endswith("/"):
            self._effect(lambda: self._prune(path), "moved")
        else:
            self._effect(lambda: self._remove_empty_folders(path), "moved")

    def require_erasable(self, path: str) -> None:
        """Refuse an object that has another name, which would still hold the bytes.

        Raises:
            PlanRefused: so it is, or as for `size`.
            DependencyUnreachable: the folder cannot be read.
        """
        with self._reading(), self._parent_of(path) as (folder, name):
            found = self._look(folder, name)
        if found is not None:
            self._require_only_name(found)

    @property
    def locks_new(self) -> bool:
        """False: a folder locks nothing."""
        return False

    def traits(self) -> tuple[str, ...]:
        """A folder's file system or its backups may keep deleted files; nothing is known of that."""
        return ("folder",)

    def delete(self, path: str) -> bool:
        """Folders below the first level that become empty go too, because a folder's name may be a person's.

        Those that stay have the time of their last change as before.

        Raises:
            PlanRefused: the path leaves the root, passes a link, is no regular file, or has
                another name that would still hold the bytes. Nothing was changed.
            ApplyFailed: the operating system refused, also when tried again; or the file is
                still being written.
        """
        return self._effect(lambda: self._delete(path), "deleted")

    def replace(self, path: str, content: bytes) -> None:
        """Rename a new file over the old one.

        The new file has the old one's mode, and its owner where that is permitted; the time of its
        change is the day alone, and its folder's is as before. Missing folders are made. A crash
        before the last step leaves a hidden file beside the object, which the next try on that
        object takes over.

        Raises:
            PlanRefused: as for `delete`. Nothing was changed.
            ApplyFailed: as for `delete`.
        """
        self._effect(lambda: self._replace(path, content), "written")

    def level(self) -> int:
        """Have all folders changed last at one time, now; return how many could not be touched.

        A file that went leaves the time of that with its folder (`st_ctime`), which nobody can
        set: touching all of them takes it away. What each says of its content's last change stays,
        but for folders of another owner, which may only be set to now.

        Raises:
            DependencyUnreachable: the folder cannot be read.
        """
        refused = 0
        with self._reading():
            waiting = [""]
            while waiting:
                here = waiting.pop()
                with self._folder(here.split("/")[:-1]) as folder:
                    if folder is None:  # removed since it was listed
                        continue
                    with os.scandir(folder) as listing:
                        waiting += [
                            f"{here}{entry.name}/"
                            for entry in listing
                            if entry.is_dir(follow_symlinks=False)
                        ]
                    refused += not _touched(folder)
        return refused

    def _delete(self, path: str) -> bool:
        with self._parent_of(path) as (folder, name):
            found = self._look(folder, name)
            if folder is not None:
                self._unlink(folder, name, found)
        # Also where a try that was killed deleted it: a folder's name may be a person's.
        self._remove_empty_folders(path)
        if found is None:
            return False
        with self._parent_of(path) as (folder, name):
            if self._look(folder, name) is not None:
                raise ApplyFailed(
                    f"{self._name}: 1 object reappeared after it was deleted; find out what "
                    "writes it, then run again"
                )
        return True

    def _move(self, path: str, to: str, state: str | None) -> bool:
        with self._parent_of(path) as (folder, name):
            found = self._look(folder, name)
            if folder is None or found is None or state not in (None, _state(found)):
                return False
            self._require_quiet(folder, name)
            is_private = to.startswith(f"{QUARANTINE}/")
            if is_private:
                self._shut_quarantine()
            with self._parent_of(to, is_made=True, is_open=not is_private) as (target, new):
                if target is None:
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
                if self._look(target, new) is not None:
                    raise self._refusal("would replace another one")
                with _keeping_times(folder), _keeping_times(target):
                    os.rename(name, new, src_dir_fd=folder, dst_dir_fd=target)
                    if not _is_same(self._look(target, new), found):
                        # Somebody put another one there just then.
                        if self._look(folder, name) is None:
                            os.rename(new, name, src_dir_fd=target, dst_dir_fd=folder)
                        raise BlockingIOError(errno.EBUSY, "it is being written")
                # Its new name is on the disk before the old one is gone from it.
                os.fsync(target)
            os.fsync(folder)
        self._remove_empty_folders(path)
        return True

    def _shut_quarantine(self) -> None:
        """Make the folder of the quarantine, or see that nobody but its owner may enter it."""
        with self._folder([QUARANTINE], is_made=True) as folder:
            if folder is not None and stat.S_IMODE(os.fstat(folder).st_mode) != stat.S_IRWXU:
                os.fchmod(folder, stat.S_IRWXU)

    def _prune(self, start: str) -> None:
        """Remove every empty folder below one."""
        waiting, found = [start], []
        while waiting:
            here = waiting.pop()
            names, _ = self._entries(here)
            folders = [f"{here}{name}" for name in names if name.endswith("/")]
            waiting += folders
            found += folders
        for here in sorted(found, reverse=True):
            self._remove_empty_folders(f"{here}.")

    def _unlink(self, folder: int, name: str, found: os.stat_result | None) -> None:
        """Take a name out of its folder, and what a crash left beside it."""
        if found is not None:
            self._require_quiet(folder, name)
        with _keeping_times(folder):
            if found is not None:
                os.unlink(name, dir_fd=folder)
            # Of when it was rewritten, or for the first time.
            for old in (None, found):
                with suppress(FileNotFoundError):
                    os.unlink(_unfinished(name, old), dir_fd=folder)
        if found is None:
            _say_day_alone(folder)
        os.fsync(folder)

    def _replace(self, path: str, content: bytes) -> None:
        with self._parent_of(path, is_made=True, is_open=self._is_open) as (folder, name):
            if folder is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            old = self._look(folder, name)
            if old is not None:
                self._require_quiet(folder, name)
            with _keeping_times(folder):
                self._write(folder, name, content, old)
            os.fsync(folder)

    def _write(self, folder: int, name: str, content: bytes, old: os.stat_result | None) -> None:
        """Write a file beside the object, then give it the object's name."""
        new = _unfinished(name, old)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(new, flags, 0o600, dir_fd=folder), "wb", buffering=0) as file:  # noqa: PTH123
            lock(file.fileno())
            self._require_only_name(os.fstat(file.fileno()))
            try:
                if self._is_open and old is None:
                    _open_as(os.fstat(folder), file.fileno())
                _fill(file, content, old)
                os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                # No space, say: half a copy of the object may not be left.
                with suppress(OSError):
                    os.unlink(new, dir_fd=folder)
                raise

    def _remove_empty_folders(self, path: str) -> None:
        folders = path.split("/")[:-1]
        while len(folders) > 1:
            *above, name = folders
            with self._folder(above) as folder:
                if folder is not None:
                    try:
                        with _keeping_times(folder):
                            os.rmdir(name, dir_fd=folder)
                    except FileNotFoundError:  # a try that was killed removed it
                        _say_day_alone(folder)
                    except OSError:  # not empty, or not ours to remove
                        return
                    os.fsync(folder)
            folders = above

    def _effect(self, act: Callable[[], _Result], done: str) -> _Result:
        """Carry out an effect; what the operating system refuses is tried three times."""
        reason = ""
        for pause in (*_PAUSES, None):
            try:
                return act()
            except (OSError, UnicodeEncodeError) as error:
                reason = reason_of(error)
            if pause is not None:
                time.sleep(pause)
        raise ApplyFailed(
            f"{self._name}: 1 object could not be {done} ({reason}); the step is not done. Check "
            "the store, then run again"
        )


def _state(found: os.stat_result) -> str:
    """Return which file it is, its size, and when it changed; not the device, which each mount numbers again."""
    return f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}"


def _is_same(found: os.stat_result | None, before: os.stat_result) -> bool:
    """Whether it is the file that it was, under another name."""
    if found is None:
        return False
    return (found.st_ino, found.st_size, found.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def _open_as(folder: os.stat_result, handle: int) -> None:
    """Let those read a file who can enter its folder."""
    with suppress(PermissionError):
        os.fchown(handle, -1, folder.st_gid)
    os.fchmod(handle, stat.S_IRUSR | stat.S_IWUSR | folder.st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _fill(file: io.RawIOBase, content: bytes, old: os.stat_result | None) -> None:
    """Write all of a file that is to replace another, with its mode and owner, durably."""
    file.truncate(0)
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    if old is not None:
        # The day alone. Not the old one's: copies that are kept by size and time would not follow.
        day = time.time_ns() // _DAY * _DAY
        os.utime(file.fileno(), ns=(day, day))
        with suppress(PermissionError):
            os.fchown(file.fileno(), old.st_uid, old.st_gid)
        os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode))
    os.fsync(file.fileno())


@contextmanager
def _keeping_times(folder: int) -> Iterator[None]:
    """Have a folder say afterwards, of when its content changed last, what it said before."""
    _outwait(folder)
    before = os.fstat(folder)
    try:
        yield
    finally:
        # A folder of another owner stays as it is: `level` has them all say the same.
        with suppress(OSError):
            if os.fstat(folder).st_mtime_ns != before.st_mtime_ns:
                os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_UN)


def _say_day_alone(folder: int) -> None:
    """Have a folder say on which day its content changed: a try that was killed did it, perhaps."""
    found = os.fstat(folder)
    # Who is writing to it just then may look at its time.
    if time.time() - found.st_mtime > FRESH_SECONDS:
        day = found.st_mtime_ns // _DAY * _DAY
        with suppress(OSError):
            os.utime(folder, ns=(found.st_atime_ns, day))


def _outwait(folder: int) -> None:
    """Lock a folder: what it says while another of our processes changes it is not to be kept."""
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            lock(folder)
        except BlockingIOError:
            if time.monotonic() > until:
                return
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def _touched(folder: int) -> bool:
    """Have a folder change now, and keep what it says of its content; return False if refused."""
    _outwait(folder)
    found = os.fstat(folder)
    # Who is writing to it just then may look at its time: that may not go back.
    is_fresh = abs(time.time() - found.st_mtime) < FRESH_SECONDS
    if not is_fresh:
        try:
            os.utime(folder, ns=(found.st_atime_ns, found.st_mtime_ns))
        except OSError:  # of another owner
            pass
        else:
            return True
    try:
        os.utime(folder)
    except OSError:
        return False
    return True


def _unfinished(name: str, old: os.stat_result | None) -> str:
    """Name the file that an object is written to, beside it.

    It is named after the old file's inode, or where there is none after the object's name, so
    that a second try meets what a crash left.
    """
    known = hashlib.sha256(os.fsencode(name)).hexdigest()[:16] if old is None else old.st_ino
    return f".lacuna-{known}.new"
