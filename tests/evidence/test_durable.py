"""An evidence file is on the disk before anybody is told, and is never rewritten."""

import contextlib
import errno
import os
import stat
from pathlib import Path

import pytest

from pipelines.errors import DependencyUnreachable, EvidenceBroken
from pipelines.evidence.durable import write_once


class Killed(BaseException):
    """Stands for the end of the process."""


def test_the_content_is_on_the_disk_before_its_name_and_its_name_before_it_is_reported(
    tmp_path, monkeypatch
):
    done = []
    hardlink_to, fsync = Path.hardlink_to, os.fsync

    def record_link(self, target):
        hardlink_to(self, target)
        done.append("name")

    def record_fsync(handle):
        fsync(handle)
        found = os.fstat(handle)
        is_folder = stat.S_ISDIR(found.st_mode)
        done.append("folder" if is_folder else f"file of {found.st_size}")

    monkeypatch.setattr(Path, "hardlink_to", record_link)
    monkeypatch.setattr(os, "fsync", record_fsync)
    write_once(tmp_path / "new" / "a", b"content")
    assert done == ["folder", "file of 7", "name", "folder"]


def test_what_the_system_refuses_is_an_error_and_leaves_nothing(tmp_path, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EIO, "input or output error")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with pytest.raises(DependencyUnreachable, match="input or output error"):
        write_once(tmp_path / "a", b"content")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["fsync", "fdopen"])
def test_a_crash_leaves_no_half_file_and_the_next_try_writes_it(tmp_path, monkeypatch, call):
    def crash(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, call, crash)
        with contextlib.suppress(Killed):
            write_once(tmp_path / "a", b"content")
    assert not (tmp_path / "a").exists()
    write_once(tmp_path / "a", b"content")
    assert (tmp_path / "a").read_bytes() == b"content"


def test_a_file_system_without_hard_links_serves_too(tmp_path, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write_once(tmp_path / "a", b"content")
    write_once(tmp_path / "a", b"content")
    with pytest.raises(EvidenceBroken):
        write_once(tmp_path / "a", b"other")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"content"]
