"""The step lines of a run: one JSON line a step, kept as evidence beside the ledger."""

import errno
import fcntl
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final

from lacuna.errors import ConfigurationError, DependencyUnreachable, EvidenceBroken
from lacuna.model.run import OF_ANOTHER_RUN, StepLine, TaskTry
from lacuna.stores.private_folders import make_private

# Neither a link nor a pipe: one leads elsewhere, the other would be waited for.
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_FOLDER: Final = (
    "evidence/runs is not a folder, but a link or something else; restore the folder from a backup"
)
_APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,199}")


class FileRunLog:
    """Step lines in `folder/<run_id>.jsonl`, appended and flushed to the disk."""

    def __init__(self, folder: Path, logs: Path | None = None) -> None:
        """Make nothing yet; the folder appears with the first line.

        Args:
            logs: Airflow's folder of task logs; None where there is none to be read.
        """
        self._folder = folder
        self._logs = logs

    def path(self, run_id: str) -> Path:
        """The file is named by the id of the run.

        Raises:
            ConfigurationError: the run id could leave the folder.
        """
        if not _RUN_ID.fullmatch(run_id):
            raise ConfigurationError("a run id may contain only letters, digits and . _ : + -")
        return self._folder / f"{run_id}.jsonl"

    def add(self, run_id: str, *lines: StepLine) -> None:
        """Append lines durably; before the first one goes a line about the code that runs.

        Raises:
            DependencyUnreachable: they cannot be written, as on a full disk.
        """
        if not lines:
            return
        try:
            self._append(run_id, lines)
        except OSError as error:
            raise DependencyUnreachable(
                f"evidence/runs: the lines of the run could not be written "
                f"({error.strerror or 'unknown error'}). Make room there; the run goes on by itself"
            ) from None

    def _append(self, run_id: str, lines: Sequence[StepLine]) -> None:
        path = self.path(run_id)
        self._make_folder()
        with self._appending(path) as file:
            added = b""
            if file.seek(0, os.SEEK_END) == 0:
                added = _text(StepLine("code", version("lacuna"), digest=_code_digest()), run_id)
            else:
                file.seek(-1, os.SEEK_END)
                # A crash cut the last line. It is a failure by itself; this one is none with it.
                added = b"" if file.read(1) == b"\n" else b"\n"
            file.write(added + b"".join(_text(line, run_id) for line in lines))
            file.flush()
            os.fsync(file.fileno())

    def _appending(self, path: Path) -> BinaryIO:
        """Open the file of a run to be written, made where there is none.

        Raises:
            EvidenceBroken: a link or something else lies there.
        """
        try:
            handle = self._open(path, _APPEND)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise EvidenceBroken(f"the lines of run {path.stem} are not in a file") from None
            raise
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise EvidenceBroken(f"the lines of run {path.stem} are not in a file")
        return os.fdopen(handle, "a+b")

    def read(self, run_id: str) -> tuple[StepLine, ...]:
        return tuple(_line(each, run_id) for each in self.lines_of(run_id).splitlines())

    def is_own(self, run_id: str) -> bool:
        """Those of versions that wrote no ids say nothing."""
        named = set(map(_named, self.lines_of(run_id).splitlines())) - {None}
        return named == {run_id}

    def lines_of(self, run_id: str) -> bytes:
        try:
            handle = self._open(self.path(run_id), _READ)
        except FileNotFoundError:
            return b""
        except OSError:
            raise EvidenceBroken(f"the lines of run {run_id} are not in a file") from None
        # Asked of the handle: a folder can be opened, but not as a file.
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise EvidenceBroken(f"the lines of run {run_id} are not in a file")
        with os.fdopen(handle, "rb") as file:
            return file.read()

    def _make_folder(self) -> None:
        if self._folder.is_symlink():
            raise EvidenceBroken(_NO_FOLDER)
        make_private(self._folder)

    def _open_folder(self) -> int:
        try:
            return os.open(self._folder, _FOLDER)
        except FileNotFoundError:
            raise
        except OSError:
            raise EvidenceBroken(_NO_FOLDER) from None

    def _open(self, path: Path, flags: int) -> int:
        folder = self._open_folder()
        try:
            return os.open(path.name, flags, 0o600, dir_fd=folder)
        finally:
            os.close(folder)

    @contextmanager
    def going_on(self, run_id: str) -> Iterator[None]:
        """The system gives the lock back, however the process ends."""
        path = self.path(run_id)
        self._make_folder()
        with self._appending(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    def is_going_on(self, run_id: str) -> bool:
        try:
            with os.fdopen(self._open(self.path(run_id), _READ), "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except (OSError, EvidenceBroken):
            return False  # it is not there, or is no file: whoever reads its lines says so
        return False

    def runs(self) -> list[str]:
        """By the names alone: the database may never have known a run.

        The time of a file says nothing, since whoever writes a file can choose it.
        """
        try:
            handle = self._open_folder()
        except FileNotFoundError:
            return []
        try:
            with os.scandir(handle) as found:
                names = [Path(each.name) for each in found if each.name.endswith(".jsonl")]
        finally:
            os.close(handle)
        return sorted(path.stem for path in names if _RUN_ID.fullmatch(path.stem))

    def log_of(self, run_id: str, task: TaskTry) -> tuple[int, str] | None:
        """Return bytes and SHA-256 of Airflow's log of a task's try, as long as it is now.

        None where no such file can be read: it lies elsewhere, or was deleted with age.
        """
        if self._logs is None:
            return None
        dag_id, _, own_id = self.path(run_id).stem.partition(".")
        steps = [f"dag_id={dag_id}", f"run_id={own_id}", f"task_id={task.task_id}"]
        if task.map_index >= 0:
            steps.append(f"map_index={task.map_index}")
        try:
            file = _opened_below(self._logs, (*steps, f"attempt={task.number}.log"))
        except (OSError, ValueError):
            return None
        with file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest


def _opened_below(root: Path, steps: Sequence[str]) -> BufferedReader:
    """Open a file below a folder, by steps of which none is a link or leads out of it.

    Raises:
        ValueError: a step is none, or the last one is no file.
        OSError: something is not there, or is a link.
    """
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for step in steps:
        above = handle
        try:
            if "/" in step or "\x00" in step or step in ("", ".", ".."):
                raise ValueError("a step leads elsewhere")
            handle = os.open(step, _READ, dir_fd=above)
        finally:
            os.close(above)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ValueError("it is not a file")
    return os.fdopen(handle, "rb")


def _text(line: StepLine, run_id: str) -> bytes:
    document = {
        "run_id": run_id,
        "step": line.step,
        "outcome": line.outcome,
        "request_id": line.request_id,
        "counts": dict(line.counts),
        "digest": line.digest,
        "seconds": round(line.seconds, 3),
        "is_failure": line.is_failure,
        "at": None if line.at is None else line.at.isoformat(timespec="milliseconds"),
        "task": None if line.task is None else asdict(line.task),
        "reason": line.reason,
    }
    return (json.dumps(document, sort_keys=True) + "\n").encode()


def _named(text: bytes) -> str | None:
    """Return the run that a line says it is of; None for one of earlier versions, or that is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return str(found["run_id"]) if isinstance(found, dict) and "run_id" in found else None


def _line(text: bytes, run_id: str) -> StepLine:
    try:
        found = json.loads(text)
        if found.pop("run_id", run_id) != run_id:
            return OF_ANOTHER_RUN
        at, task = found.pop("at", None), found.pop("task", None)
        return StepLine(
            **{**found, "counts": tuple(sorted(found["counts"].items()))},
            at=None if at is None else datetime.fromisoformat(at),
            task=None if task is None else TaskTry(**task),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return StepLine("unreadable", "unreadable", is_failure=True)


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """Return the SHA-256 over the digests of the package's files, by their names."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        digest.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n".encode())
    return digest.hexdigest()
