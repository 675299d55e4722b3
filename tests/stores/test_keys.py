"""Keys of requests: what was encrypted with a destroyed key cannot be read by anybody."""

import contextlib
import fcntl
import os
import stat
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from lacuna.errors import (
    ConfigurationError,
    DependencyUnreachable,
    EvidenceBroken,
    UnknownRequest,
)
from lacuna.ports import Clock, Keys
from lacuna.stores.clock import SystemClock
from lacuna.stores.keys import FileKeys

REQUEST = "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10"
OTHER = "7d1d5a0e-19a1-4f43-8f6c-2f3b5f0a9e11"
CLEAR = b"ada@example.org"


class Killed(BaseException):
    """Stands for the end of the process."""


@contextlib.contextmanager
def crash_at(name: str) -> Iterator[None]:
    """Let the next call of `os.<name>` end everything; fail if there is no such call."""

    def crash(*args, **kwargs):
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, name, crash)
        with pytest.raises(Killed):
            yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keys(folder: Path) -> Keys:
    return FileKeys(folder)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_encrypted_is_decrypted_again_also_by_another_process(keys, folder):
    secret = keys.encrypt(REQUEST, CLEAR)
    assert CLEAR not in secret
    assert FileKeys(folder).decrypt(REQUEST, secret) == CLEAR


def test_the_same_text_is_never_encrypted_to_the_same_bytes(keys):
    assert len({keys.encrypt(REQUEST, CLEAR) for _ in range(100)}) == 100


def test_every_request_has_a_key_of_its_own(keys, folder):
    keys.encrypt(REQUEST, CLEAR)
    keys.encrypt(OTHER, CLEAR)
    first, second = (path.read_bytes() for path in folder.iterdir())
    assert first != second
    assert len(first) == len(second) == 32


def test_keys_are_private(keys, folder):
    keys.encrypt(REQUEST, CLEAR)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (key,) = folder.iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_folder_that_others_may_enter_is_refused(folder):
    folder.mkdir()
    folder.chmod(0o750)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        FileKeys(folder)


def test_a_folder_of_another_user_is_refused(folder, monkeypatch):
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(ConfigurationError, match="belongs only to you"):
        FileKeys(folder)


def test_bytes_of_another_request_are_refused_even_with_the_same_key(keys, folder):
    secret = keys.encrypt(REQUEST, CLEAR)
    (folder / f"{OTHER}.key").write_bytes((folder / f"{REQUEST}.key").read_bytes())
    with pytest.raises(EvidenceBroken):
        keys.decrypt(OTHER, secret)


def test_every_altered_byte_is_noticed(keys):
    secret = keys.encrypt(REQUEST, CLEAR)
    for place in range(len(secret)):
        altered = bytearray(secret)
        altered[place] ^= 1
        with pytest.raises(EvidenceBroken) as caught:
            keys.decrypt(REQUEST, bytes(altered))
        assert "ada" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_cut_bytes_are_noticed(keys, length):
    secret = keys.encrypt(REQUEST, CLEAR)
    with pytest.raises(EvidenceBroken):
        keys.decrypt(REQUEST, secret[:length])


def test_a_destroyed_key_reads_nothing_and_leaves_no_byte(keys, folder):
    secret = keys.encrypt(REQUEST, CLEAR)
    key = (folder / f"{REQUEST}.key").read_bytes()
    assert keys.destroy(REQUEST) is True
    assert key not in everything_in(folder)
    assert list(folder.iterdir()) == []
    with pytest.raises(UnknownRequest, match=REQUEST):
        keys.decrypt(REQUEST, secret)


def test_destroying_a_key_twice_says_that_there_was_none(keys):
    keys.encrypt(REQUEST, CLEAR)
    assert keys.destroy(REQUEST) is True
    assert keys.destroy(REQUEST) is False
    assert keys.destroy(OTHER) is False


def test_the_bytes_of_a_destroyed_key_are_overwritten_under_every_name(keys, folder, tmp_path):
    keys.encrypt(REQUEST, CLEAR)
    (tmp_path / "copy").hardlink_to(folder / f"{REQUEST}.key")
    key = (tmp_path / "copy").read_bytes()
    keys.destroy(REQUEST)
    assert (tmp_path / "copy").read_bytes() != key


def test_destroying_one_key_leaves_the_others(keys):
    keys.encrypt(REQUEST, CLEAR)
    secret = keys.encrypt(OTHER, CLEAR)
    keys.destroy(REQUEST)
    assert keys.decrypt(OTHER, secret) == CLEAR


@pytest.mark.parametrize("call", ["rename", "pwrite", "fsync", "unlink"])
def test_a_crash_while_a_key_is_destroyed_is_finished_by_the_next_try(keys, folder, call):
    secret = keys.encrypt(REQUEST, CLEAR)
    key = (folder / f"{REQUEST}.key").read_bytes()

    with crash_at(call):
        keys.destroy(REQUEST)
    assert keys.destroy(REQUEST) is True
    assert key not in everything_in(folder)
    assert list(folder.iterdir()) == []
    with pytest.raises(UnknownRequest):
        keys.decrypt(REQUEST, secret)


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_crash_while_a_key_is_made_leaves_none_and_the_next_try_makes_one(keys, folder, call):
    with crash_at(call):
        keys.encrypt(REQUEST, CLEAR)
    assert not (folder / f"{REQUEST}.key").exists()
    assert keys.decrypt(REQUEST, keys.encrypt(REQUEST, CLEAR)) == CLEAR
    assert len(list(folder.iterdir())) == 1


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """What reaches the disk, in order: renamings, removals, and files with their size."""
    done: list[str] = []
    rename, unlink, fsync = os.rename, os.unlink, os.fsync

    def record_rename(*args, **kwargs):
        rename(*args, **kwargs)
        done.append("rename")

    def record_unlink(*args, **kwargs):
        unlink(*args, **kwargs)
        done.append("unlink")

    def record_fsync(handle):
        fsync(handle)
        found = os.fstat(handle)
        is_folder = stat.S_ISDIR(found.st_mode)
        done.append("folder" if is_folder else f"file of {found.st_size}")

    monkeypatch.setattr(os, "rename", record_rename)
    monkeypatch.setattr(os, "unlink", record_unlink)
    monkeypatch.setattr(os, "fsync", record_fsync)
    return done


def test_a_key_is_on_the_disk_before_anything_is_encrypted_with_it(keys, calls):
    keys.encrypt(REQUEST, CLEAR)
    assert calls == ["file of 32", "rename", "folder"]


def test_every_step_of_a_destruction_is_on_the_disk_before_the_next(keys, calls):
    keys.encrypt(REQUEST, CLEAR)
    calls.clear()
    keys.destroy(REQUEST)
    assert calls == ["rename", "folder", "file of 32", "unlink", "folder"]


def test_one_caller_at_a_time_makes_or_destroys_a_key(keys, folder):
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    caller = threading.Thread(target=keys.encrypt, args=(REQUEST, CLEAR))
    caller.start()
    caller.join(timeout=0.3)
    assert caller.is_alive()
    assert list(folder.iterdir()) == []
    os.close(handle)
    caller.join(timeout=30)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.thorough
def test_processes_that_need_a_new_key_at_once_share_one(keys, folder):
    program = (
        "import pathlib, sys\n"
        "from lacuna.stores.keys import FileKeys\n"
        "sys.stdout.buffer.write(FileKeys(pathlib.Path(sys.argv[1])).encrypt(sys.argv[2], b'x'))"
    )
    at_once = [
        subprocess.Popen([sys.executable, "-c", program, folder, REQUEST], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in at_once:
        secret, _ = process.communicate()
        assert keys.decrypt(REQUEST, secret) == b"x"


@pytest.mark.parametrize(
    "name", ["../other", "a/b", "", f"{REQUEST}\n", REQUEST.upper(), f"{{{REQUEST}}}", "x" * 36]
)
def test_only_a_request_id_names_a_key(keys, folder, name):
    for act in (
        lambda: keys.encrypt(name, CLEAR),
        lambda: keys.decrypt(name, b""),
        lambda: keys.destroy(name),
    ):
        with pytest.raises(UnknownRequest):
            act()
    assert list(folder.iterdir()) == []


def test_a_damaged_key_is_an_error_and_never_replaced(keys, folder):
    keys.encrypt(REQUEST, CLEAR)
    (folder / f"{REQUEST}.key").write_bytes(b"short")
    with pytest.raises(EvidenceBroken, match="5 bytes"):
        keys.encrypt(REQUEST, CLEAR)
    assert (folder / f"{REQUEST}.key").read_bytes() == b"short"


def test_a_link_in_place_of_a_key_is_not_followed(keys, folder, tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"0" * 32)
    (folder / f"{REQUEST}.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DependencyUnreachable):
        keys.encrypt(REQUEST, CLEAR)
    with pytest.raises(DependencyUnreachable):
        keys.destroy(REQUEST)
    assert (tmp_path / "elsewhere").read_bytes() == b"0" * 32


def test_a_lost_folder_is_an_error_and_never_a_new_key(keys, folder):
    folder.rmdir()
    with pytest.raises(DependencyUnreachable):
        keys.encrypt(str(uuid.uuid4()), CLEAR)


def test_the_clock_is_aware_and_in_utc():
    clock: Clock = SystemClock()
    now = clock.now()
    assert now.tzinfo is UTC
    assert clock.now() - now < timedelta(seconds=60)
