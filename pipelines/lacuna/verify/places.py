"""Where verification looks besides the platform's tables: folders and buckets of files."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Final

from lacuna.model.datamap import FilePattern
from lacuna.model.identity import SubjectRef
from lacuna.model.location import CANARY_PATH, STORE_MARK, original_path
from lacuna.ports import SearchedBucket

CANARY_FOLDER: Final = "canary"
"""Where, in a folder, the canaries of files lie for a moment."""
_LONGEST_MARK: Final = 64


@dataclass(frozen=True)
class Place:
    """A folder or a bucket whose files are searched, names and contents.

    Attributes:
        name: says where a finding is, e.g. `media`; never a path.
        patterns: groups of files in it, for findings; empty: the folder is one group.
        is_store: whether it is an object store of the data map, which has to be there.
        mark: what the file `STORE_MARK` of its folder has to hold; None for any folder.
        skipped: entries of the folder itself that are other places, or none.
        read_elsewhere: names of files whose content is also read by other means.
        bucket: reads the files where they lie in a bucket; there is no folder then.
        is_own: whether Lacuna writes its files, of which some are encrypted.
        is_planted: whether the bucket holds a canary just now.
        waits: whether others come for its files: what is found there is reported, and is no finding.
        retained: encrypted files that a step of a plan keeps for its own person, by path: the
            content is not looked at for them, and is opaque for everybody else.
    """

    name: str
    folder: Path
    patterns: tuple[FilePattern, ...] = ()
    is_store: bool = False
    mark: str | None = None
    skipped: frozenset[str] = frozenset()
    read_elsewhere: frozenset[str] = frozenset()
    waits: bool = False
    retained: Mapping[str, SubjectRef] = field(default_factory=dict)
    bucket: SearchedBucket | None = None
    is_own: bool = False
    is_planted: bool = False

    @property
    def is_there(self) -> bool:
        """Whether there is anything to search; a bucket says so when it is asked."""
        if self.bucket is not None:
            return True
        return self.folder.is_dir() and (self.mark is None or self._has_mark())

    def _has_mark(self) -> bool:
        try:
            with (self.folder / STORE_MARK).open("rb") as file:
                return file.read(_LONGEST_MARK).strip() == str(self.mark).encode()
        except OSError:
            return False

    def entries(self, skipped: frozenset[str] = frozenset()) -> Iterator["WalkedEntry"]:
        """Yield everything that lies there.

        Args:
            skipped: more names in a folder itself that are left out.

        Raises:
            OSError: a folder cannot be read.
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        if self.bucket is None:
            yield from walk(self.folder, self.skipped | skipped)
            return
        for found in self.bucket.versions():
            fetch = None if found.version is None else partial(self.bucket.content, found)
            yield WalkedEntry(
                found.path, None, found.byte_count, is_strange=found.is_unfinished, fetch=fetch
            )

    def counts(self, entry: "WalkedEntry") -> bool:
        """Whether an entry is an object, or what is left of one; not a folder, not our canary."""
        if self.bucket is None:
            return entry.file is not None
        return not entry.is_canary and not entry.path.endswith("/")

    def pattern_of(self, path: str) -> FilePattern | None:
        """Return the first pattern that a path fits; of a file in quarantine the path that it had."""
        path = original_path(path)
        for pattern in self.patterns:
            if fnmatchcase(path, pattern.pattern):
                return pattern
        return None

    def group_of(self, path: str) -> str:
        """Return the name, and the first pattern that a path fits."""
        pattern = self.pattern_of(path)
        return self.name if pattern is None else f"{self.name}/{pattern.pattern}"


@dataclass(frozen=True)
class WalkedEntry:
    """What a walk comes by.

    Attributes:
        path: relative to the place's folder.
        file: None for what has no content: an empty folder, a delete marker of a bucket, and what
            is not followed (links, sockets, devices, uploads never finished).
        byte_count: the file's size.
        fetch: gets the content of what lies in a bucket, and what was noted with it.
    """

    path: str = field(repr=False)
    file: Path | None = field(repr=False)
    byte_count: int = 0
    is_strange: bool = False
    fetch: Callable[[], tuple[bytes, str]] | None = field(repr=False, default=None)

    @property
    def is_file(self) -> bool:
        """Whether it has a content."""
        return self.file is not None or self.fetch is not None

    @property
    def is_canary(self) -> bool:
        """Whether it was put into a bucket to see whether the search finds it."""
        return self.fetch is not None and self.path == CANARY_PATH

    def read(self) -> tuple[bytes, str]:
        """Return the content, and what a bucket noted with it.

        Raises:
            FileNotFoundError: it is gone by now.
            OSError: it cannot be read.
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        if self.fetch is not None:
            return self.fetch()
        if self.file is None:
            raise FileNotFoundError
        return self.file.read_bytes(), ""


def walk(folder: Path, skipped: frozenset[str] = frozenset()) -> Iterator[WalkedEntry]:
    """Yield everything below a folder, empty folders included: a name may be a person's.

    Links are not followed. What disappears while the walk goes on is left out.

    Args:
        skipped: names in the folder itself that are left out.
    """

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for here, folders, names in os.walk(folder, onerror=refuse):
        if skipped and Path(here) == folder:
            folders[:] = [name for name in folders if name not in skipped]
            names = [name for name in names if name not in skipped]
        folders.sort()
        if not folders and not names and Path(here) != folder:
            yield WalkedEntry(str(Path(here).relative_to(folder)), None)
        for name in folders:
            path = Path(here) / name
            if path.is_symlink():
                yield WalkedEntry(str(path.relative_to(folder)), None, is_strange=True)
        for name in sorted(names):
            path = Path(here) / name
            relative = str(path.relative_to(folder))
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue
            if path.is_symlink() or not path.is_file():
                yield WalkedEntry(relative, None, is_strange=True)
            else:
                yield WalkedEntry(relative, path, found.st_size)


def has_digest(file: Path, digest: str) -> bool:
    """Whether a file is there and its content has a SHA-256 (hex)."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == digest
    except OSError:
        return False
