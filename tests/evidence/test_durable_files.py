"""An evidence file is on the disk before anybody is told, and is never overwritten."""

import contextlib
import errno
import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lacuna.errors import DependencyUnreachable, EvidenceBroken
from lacuna.evidence.durable_files import write_once


class Killed(BaseException):
    """Stands for the end of the process."""


def test_the_content_is_on_the_disk_before_its_name_and_its_name_before_it_is_reported(
    tmp_path, monkeypatch
):
    done = []
    rename, fsync = Path.rename, os.fsync

    def record_name(self, target):
        rename(self, target)
        done.append("name")

    def record_fsync(handle):
        fsync(handle)
        found = os.fstat(handle)
        is_folder = stat.S_ISDIR(found.st_mode)
        done.append("folder" if is_folder else f"file of {found.st_size}")

    monkeypatch.setattr(Path, "rename", record_name)
    monkeypatch.setattr(os, "fsync", record_fsync)
    write_once(tmp_path / "new" / "a", b"content")
    assert done == ["folder", "file of 7", "name", "folder"]


@pytest.mark.parametrize(("owner", "call"), [(Path, "rename"), (fcntl, "flock")], ids=str)
def test_what_the_system_refuses_is_an_error_and_leaves_nothing(tmp_path, monkeypatch, owner, call):
    def refuse(*args):
        raise OSError(errno.EIO, "input or output error")

    monkeypatch.setattr(owner, call, refuse)
    with pytest.raises(DependencyUnreachable, match="input or output error"):
        write_once(tmp_path / "a", b"content")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("owner", "call"), [(os, "fsync"), (os, "fdopen"), (Path, "rename")], ids=str
)
def test_a_crash_leaves_no_half_file_and_the_next_try_writes_it_and_tidies(
    tmp_path, monkeypatch, owner, call
):
    def crash(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, call, crash)
        with contextlib.suppress(Killed):
            write_once(tmp_path / "a", b"content")
    assert not (tmp_path / "a").exists()
    assert len(list(tmp_path.iterdir())) == 1
    write_once(tmp_path / "a", b"content")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"content")]


def test_the_same_again_is_found_and_anything_else_is_refused(tmp_path):
    write_once(tmp_path / "a", b"content")
    write_once(tmp_path / "a", b"content")
    with pytest.raises(EvidenceBroken, match="never overwritten"):
        write_once(tmp_path / "a", b"other")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"content"]


def test_of_several_writers_at_once_one_wins_and_the_others_are_told(tmp_path):
    def write(number: int) -> int | None:
        with contextlib.suppress(EvidenceBroken):
            write_once(tmp_path / "a", bytes([number]) * 100_000)
            return number
        return None

    with ThreadPoolExecutor(8) as pool:
        won = [one for one in pool.map(write, range(24)) if one is not None]
    assert len(won) == 1
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [bytes(won) * 100_000]


def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a")
    with pytest.raises(EvidenceBroken, match="is not a file"):
        write_once(tmp_path / "a", b"content")
