"""The files of one bundle: made once, of mode 0600, each with its size and digest."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

_JOURNAL: Final = "copied.jsonl"


@dataclass(frozen=True)
class Written:
    """A file of the bundle as it was written.

    Attributes:
        redactions: places covered in it.
    """

    byte_count: int
    sha256: str
    redactions: int


class Sink:
    """Writes the files of a bundle below one folder, which is made where it is missing.

    Whole copies of objects are noted beside the bundle: one that was interrupted keeps them.
    """

    def __init__(self, folder: Path, parts: Path) -> None:
        """Take up `folder`: everything in it goes but finished copies that `parts` knows."""
        self._folder = folder
        parts.mkdir(mode=0o700, exist_ok=True)
        self._journal = parts / _JOURNAL
        self._copied = self._read_journal()
        self._clear()
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)

    def put(self, path: str, write: Callable[[IO[bytes]], None]) -> Written:
        """Write one file."""
        with self._new(path) as file:
            write(file)
        return self._look_at(path, 0)

    def copy(self, path: str, version: str, copy: Callable[[IO[bytes]], int]) -> Written:
        """Copy one object, or keep the copy that was made of this version before.

        What `copy` raises leaves no file behind.
        """
        digest = hashlib.sha256(version.encode("utf-8", "surrogatepass")).hexdigest()
        if (known := self._copied.get(path)) is not None and (self._folder / path).exists():
            if known[0] == digest:
                return known[1]
            (self._folder / path).unlink()
        try:
            with self._new(path) as file:
                redactions = copy(file)
        except BaseException:
            (self._folder / path).unlink(missing_ok=True)
            raise
        written = self._look_at(path, redactions)
        with self._journal.open("a", encoding="utf-8") as journal:
            line = {"path": path, "version": digest, **asdict(written)}
            journal.write(f"{json.dumps(line)}\n")
        return written

    def path(self, path: str) -> Path:
        """Return where a file of the bundle lies."""
        return self._folder / path

    @contextmanager
    def _new(self, path: str) -> Iterator[IO[bytes]]:
        here = self._folder
        for part in PurePosixPath(path).parent.parts:
            here = here / part
            here.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(self._folder / path, flags, 0o600), "wb") as file:
            yield file

    def _look_at(self, path: str, redactions: int) -> Written:
        # Read back: what counts is what is there, not what was meant.
        with (self._folder / path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Written(os.fstat(file.fileno()).st_size, digest, redactions)

    def _read_journal(self) -> dict[str, tuple[str, Written]]:
        """Return each copy that was finished; a last line that was cut off counts for nothing."""
        copied: dict[str, tuple[str, Written]] = {}
        if self._journal.exists():
            for line in self._journal.read_text(encoding="utf-8").splitlines():
                try:
                    each = json.loads(line)
                    written = Written(each["byte_count"], each["sha256"], each["redactions"])
                    copied[each["path"]] = (each["version"], written)
                except (ValueError, KeyError):
                    continue
        return copied

    def _clear(self) -> None:
        """Delete everything but whole copies."""
        if not self._folder.exists():
            return
        for path in sorted(self._folder.rglob("*"), reverse=True):
            known = self._copied.get(path.relative_to(self._folder).as_posix())
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif known is None or path.is_symlink() or path.stat().st_size != known[1].byte_count:
                path.unlink()
