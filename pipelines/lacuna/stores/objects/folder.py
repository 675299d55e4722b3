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
from typing import BinaryIO, Final, TypeVar

from lacuna.errors import ApplyFailed, DependencyUnreachable, PlanRefused
from lacuna.model.location import QUARANTINE, STORE_MARK
from lacuna.ports import Listed

_Result = TypeVar("_Result")

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: if a FIFO takes the place of a file just then, opening it must not wait.
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PAUSES: Final = (0.05, 0.2)  # seconds before the second and the third try of an effect
_PIECE: Final = 2**20  # bytes read at once
_DAY: Final = 86_400 * 10**9  # nanoseconds
_FRESH_SECONDS: Final = 2.0  # younger files are looked at twice: somebody may be writing them
_LOOK_AGAIN_SECONDS: Final = 0.02
_LOCK_SECONDS: Final = 2.0  # for another process that is changing the same folder
_LONGEST_MARK: Final = 64


class FolderObjects:
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
    """

    def __init__(self, name: str, root: Path, mark: str | None = None) -> None:
        self._name = name
        self._root = root
        self._mark = mark

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
        """Yield the object in pieces of at most 1 MiB.

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
        # Of what is written anew the time says the day alone.
        times = f"{found.st_mtime_ns}-{found.st_ctime_ns}"
        return f"{found.st_dev}-{found.st_ino}-{found.st_size}-{times}"

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
        """Whether what is written cannot be deleted for a while: never in a folder."""
        return False

    def traits(self) -> tuple[str, ...]:
        """Return what is known of a folder: what its file system or its backups keep is not."""
        return ("folder",)

    def delete(self, path: str) -> bool:
        """Delete the object durably; return False if it was already absent.

        Folders below the first level that it leaves empty go too, because a folder's name may
        be a person's. Those that stay have the time of their last change as before. The object is
        read back absent before this returns.

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
            # Of when it was written anew, or for the first time.
            for old in (None, found):
                with suppress(FileNotFoundError):
                    os.unlink(_unfinished(name, old), dir_fd=folder)
        if found is None:
            _say_day_alone(folder)
        os.fsync(folder)

    def _replace(self, path: str, content: bytes) -> None:
        with self._parent_of(path, is_made=True) as (folder, name):
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
            _lock(file.fileno())
            self._require_only_name(os.fstat(file.fileno()))
            try:
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
        """Return what is known of the object; None if it does not exist."""
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
            _lock(handle)
            if time.time() - before.st_mtime < _FRESH_SECONDS:
                time.sleep(_LOOK_AGAIN_SECONDS)
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
                f"{self._name}: 1 object or folder cannot be read ({_reason(error)}); check the "
                "store, then run again"
            ) from None

    def _effect(self, act: Callable[[], _Result], done: str) -> _Result:
        """Carry out an effect; what the operating system refuses is tried three times."""
        reason = ""
        for pause in (*_PAUSES, None):
            try:
                return act()
            except (OSError, UnicodeEncodeError) as error:
                reason = _reason(error)
            if pause is not None:
                time.sleep(pause)
        raise ApplyFailed(
            f"{self._name}: 1 object could not be {done} ({reason}); the step is not done. Check "
            "the store, then run again"
        )


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


def _state(found: os.stat_result) -> str:
    """Return which file it is, its size, and when it changed; not the device, which a mount numbers anew."""
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
    if time.time() - found.st_mtime > _FRESH_SECONDS:
        day = found.st_mtime_ns // _DAY * _DAY
        with suppress(OSError):
            os.utime(folder, ns=(found.st_atime_ns, day))


def _outwait(folder: int) -> None:
    """Lock a folder: what it says while another of our processes changes it is not to be kept."""
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            _lock(folder)
        except BlockingIOError:
            if time.monotonic() > until:
                return
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def _touched(folder: int) -> bool:
    """Have a folder change now, and keep what it says of its content; return False if refused."""
    _outwait(folder)
    found = os.fstat(folder)
    # Who is writing to it just then may look at its time: that may not go back.
    is_fresh = abs(time.time() - found.st_mtime) < _FRESH_SECONDS
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


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BlockingIOError(errno.EBUSY, "another process holds a lock on it") from None
    except OSError:  # a file system without locks: nobody can hold one
        return


def _reason(error: OSError | UnicodeEncodeError) -> str:
    """Return the operating system's words; they never hold the path, unlike the error itself."""
    if isinstance(error, OSError):
        return error.strerror or "unknown error"
    return "its name contains characters that the file system cannot store"
