"""An evidence file is on the disk before anybody is told, and is never rewritten."""

import contextlib
import errno
import os
from pathlib import Path

import pytest

from pipelines.errors import EvidenceBroken
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
        done.append("fsync")

    monkeypatch.setattr(Path, "hardlink_to", record_link)
    monkeypatch.setattr(os, "fsync", record_fsync)
    write_once(tmp_path / "a", b"content")
    assert done == ["fsync", "name", "fsync"]


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
