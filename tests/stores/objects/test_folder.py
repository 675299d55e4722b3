"""Objects in a folder: what is deleted is gone, and nothing outside the folder is touched."""

import contextlib
import errno
import fcntl
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacuna.errors import ApplyFailed, DependencyUnreachable, PipelineError, PlanRefused
from lacuna.ports import Objects
from lacuna.stores.objects.folder import FolderObjects

DAY = 86_400 * 10**9
NAME = "ada-lovelace"  # stands for a person's name in a path: no error may repeat it


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
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "calls" / "2026").mkdir(parents=True)
    (folder / "calls" / "2026" / f"{NAME}.wav").write_bytes(b"her voice")
    (folder / "calls" / "2026" / "other.wav").write_bytes(b"his voice")
    (folder / "readme").write_bytes(b"x")
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_bytes(b"not ours")
    return folder


@pytest.fixture
def objects(root: Path) -> Objects:
    return FolderObjects("media", root)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def refusal(objects: Objects, path: str) -> str:
    """Every method refuses `path`; return what they say, which never repeats the path."""
    said = []
    for act in (
        lambda: objects.size(path),
        lambda: objects.read(path),
        lambda: objects.delete(path),
        lambda: objects.replace(path, b"new"),
    ):
        with pytest.raises(PlanRefused) as caught:
            act()
        said.append(str(caught.value))
    assert not any(word in text for word in (NAME, "secret", "://") for text in said)
    return said[0]


def test_objects_are_listed_in_the_order_of_their_paths(objects, root):
    (root / "calls.txt").write_bytes(b"")
    (root / "calls" / "2026.txt").write_bytes(b"")
    found = list(objects.paths())
    assert found == sorted(found)
    assert found == [
        "calls.txt",
        "calls/2026.txt",
        f"calls/2026/{NAME}.wav",
        "calls/2026/other.wav",
        "readme",
    ]


def test_an_object_is_read_whole_with_its_size(objects):
    assert objects.size("calls/2026/other.wav") == 9
    assert objects.read("calls/2026/other.wav") == b"his voice"


@pytest.mark.parametrize("path", ["calls/gone.wav", "none/gone.wav", "readme/gone.wav"])
def test_an_object_that_does_not_exist_has_no_size_and_is_already_absent(objects, path):
    assert objects.size(path) is None
    assert objects.delete(path) is False


def test_an_object_is_read_a_piece_at_a_time(objects, root):
    data = bytes(range(256)) * 10_000
    (root / "large").write_bytes(data)
    pieces = list(objects.stream("large"))
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) == 2**20
    for read in (objects.stream, objects.version):
        with pytest.raises(DependencyUnreachable, match="1 object does not exist"):
            list(read("no/such"))
        with pytest.raises(PlanRefused):
            list(read("../outside"))


def test_an_object_has_another_version_when_it_changed(objects, root):
    path = root / "readme"
    first = objects.version("readme")
    assert objects.version("readme") == first
    os.utime(path, ns=(0, 1))
    changed = objects.version("readme")
    path.write_bytes(b"longer")
    os.utime(path, ns=(0, 1))
    assert len({first, changed, objects.version("readme")}) == 3


def test_reading_an_object_that_does_not_exist_fails_without_naming_it(objects):
    with pytest.raises(DependencyUnreachable) as caught:
        objects.read(f"calls/{NAME}.mp3")
    assert NAME not in str(caught.value)


def test_a_deleted_object_is_gone_and_its_neighbors_stay(objects, root):
    before = tree(root)
    assert objects.delete(f"calls/2026/{NAME}.wav") is True
    assert objects.delete(f"calls/2026/{NAME}.wav") is False
    del before[f"calls/2026/{NAME}.wav"]
    assert tree(root) == before


def test_folders_that_a_deletion_leaves_empty_go_too_except_those_of_the_first_level(objects, root):
    (root / "mail" / NAME / "2026").mkdir(parents=True)
    (root / "mail" / NAME / "2026" / "1.eml").write_bytes(b"x")
    objects.delete(f"mail/{NAME}/2026/1.eml")
    assert list((root / "mail").iterdir()) == []


def test_a_replaced_object_has_the_new_content_and_the_old_mode(objects, root):
    path = root / "calls" / "2026" / "other.wav"
    path.chmod(0o640)
    objects.replace("calls/2026/other.wav", b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(list(path.parent.iterdir())) == 2


LONG_AGO = 1_700_000_000 * 10**9 + 123_456_789


def aged(root: Path) -> dict[str, int]:
    """Set the time of everything back to another moment each, and return it by path."""
    times = {}
    for number, path in enumerate([*sorted(root.rglob("*")), root]):
        os.utime(path, ns=(LONG_AGO, LONG_AGO + number))
        times[str(path.relative_to(root))] = LONG_AGO + number
    return times


def changed(root: Path) -> dict[str, int]:
    return {
        str(path.relative_to(root)): path.stat().st_mtime_ns for path in [*root.rglob("*"), root]
    }


def test_a_folder_does_not_say_when_an_object_was_deleted_from_it(objects, root):
    (root / "mail" / NAME / "2026").mkdir(parents=True)
    (root / "mail" / NAME / "2026" / "1.eml").write_bytes(b"x")
    before = aged(root)
    objects.delete(f"mail/{NAME}/2026/1.eml")
    objects.delete(f"calls/2026/{NAME}.wav")
    objects.delete("readme")
    assert changed(root).items() <= before.items()
    with crash_at("rename"):
        objects.replace("calls/2026/other.wav", b"half of it")
    objects.delete("calls/2026/other.wav")
    assert changed(root).items() <= before.items()


def test_what_a_killed_deletion_left_of_a_time_is_the_day_alone_after_the_next_try(objects, root):
    before = aged(root)
    with crash_at("utime"):
        objects.delete(f"calls/2026/{NAME}.wav")
    assert not (root / "calls" / "2026" / f"{NAME}.wav").exists()
    moment = changed(root)["calls/2026"]
    assert moment % DAY > 0
    # Nobody is writing to it any more.
    os.utime(root / "calls" / "2026", ns=(moment, moment - 10 * 10**9))
    assert objects.delete(f"calls/2026/{NAME}.wav") is False
    after = changed(root)
    assert after.pop("calls/2026") == (moment - 10 * 10**9) // DAY * DAY
    assert after.items() <= before.items()


@pytest.mark.parametrize("call", ["rmdir", "unlink"])
def test_a_killed_deletion_leaves_no_empty_folder_after_the_next_try(objects, root, call):
    (root / "mail" / "2026" / NAME / "in").mkdir(parents=True)
    (root / "mail" / "2026" / NAME / "in" / "1.eml").write_bytes(b"x")
    with crash_at(call):
        objects.delete(f"mail/2026/{NAME}/in/1.eml")
    objects.delete(f"mail/2026/{NAME}/in/1.eml")
    assert list((root / "mail").iterdir()) == []


def test_a_deletion_killed_between_two_folders_goes_on_with_the_upper_one(objects, root):
    (root / "mail" / NAME / "in").mkdir(parents=True)
    (root / "mail" / NAME / "in").rmdir()
    assert objects.delete(f"mail/{NAME}/in/1.eml") is False
    assert list((root / "mail").iterdir()) == []


def test_a_replaced_object_says_the_day_alone_and_its_folder_nothing(objects, root):
    before = aged(root)
    known = objects.version("readme")
    objects.replace("readme", b"y")
    objects.replace("calls/2026/other.wav", b"new")
    after = changed(root)
    today = time.time_ns() // DAY * DAY
    for path in ("readme", "calls/2026/other.wav"):
        # Not the old one's: copies that are kept by size and time would keep what was replaced.
        assert after.pop(path) == today
        del before[path]
    assert after == before
    assert objects.version("readme") != known


def test_what_cannot_be_replaced_leaves_no_time_either(objects, root, monkeypatch):
    before = aged(root)

    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(ApplyFailed):
        objects.replace("readme", b"new")
    assert changed(root) == before


def test_no_folder_says_by_its_last_change_whether_an_object_went(objects, root):
    for name in ("2027", "2028"):
        (root / "calls" / name).mkdir()
    before = aged(root)
    since = (root / "calls" / "2026" / "other.wav").stat().st_ctime_ns
    time.sleep(0.05)
    objects.delete(f"calls/2026/{NAME}.wav")
    gone = (root / "calls" / "2026").stat().st_ctime_ns
    assert gone > since
    time.sleep(0.05)
    assert objects.level() == 0
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    assert len(folders) == 5
    assert min(path.stat().st_ctime_ns for path in folders) > gone
    assert changed(root).items() <= before.items()
    # Files stay as they are: copies are made of what changed.
    assert (root / "calls" / "2026" / "other.wav").stat().st_ctime_ns == since


def test_folders_of_somebody_else_are_all_alike_once_one_was_changed(objects, root, monkeypatch):
    aged(root)
    utime = os.utime

    def refuse(path, times=None, *, ns=None, **rest):
        if ns is not None:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        utime(path, times, **rest)

    monkeypatch.setattr(os, "utime", refuse)
    objects.delete(f"calls/2026/{NAME}.wav")
    gone = (root / "calls" / "2026").stat().st_mtime_ns
    time.sleep(0.05)
    assert objects.level() == 0
    folders = {path: when for path, when in changed(root).items() if (root / path).is_dir()}
    assert len(folders) == 3
    assert min(folders.values()) > gone


def test_folders_that_may_not_be_touched_are_counted(objects, root, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "utime", refuse)
    assert objects.level() == 3


def test_the_time_of_a_folder_that_is_being_written_to_never_goes_back(objects, root):
    aged(root)
    (root / "calls" / "new.wav").write_bytes(b"x")
    now = (root / "calls").stat().st_mtime_ns
    assert objects.level() == 0
    assert now <= (root / "calls").stat().st_mtime_ns < now + 2 * 10**9


def test_a_folder_from_which_two_delete_at_once_says_what_it_said_before(
    objects, root, monkeypatch
):
    (root / "calls" / "2026" / "third").write_bytes(b"x")
    before = aged(root)
    unlink, is_first_gone = os.unlink, threading.Event()

    def unlink_slowly(name, *, dir_fd=None):
        unlink(name, dir_fd=dir_fd)
        if "wav" in name:
            is_second = is_first_gone.is_set()
            is_first_gone.set()
            time.sleep(0.4 if is_second else 0.2)

    monkeypatch.setattr(os, "unlink", unlink_slowly)
    first = threading.Thread(target=objects.delete, args=[f"calls/2026/{NAME}.wav"])
    first.start()
    assert is_first_gone.wait(10)
    objects.delete("calls/2026/other.wav")
    first.join()
    assert list(objects.paths()) == ["calls/2026/third", "readme"]
    assert changed(root).items() <= before.items()


def test_a_new_object_is_private_and_its_folders_are_made(objects, root):
    objects.replace("exports/2026/new.parquet", b"new")
    assert (root / "exports" / "2026" / "new.parquet").stat().st_mode & 0o777 == 0o600
    assert (root / "exports").stat().st_mode & 0o777 == 0o700


def test_a_missing_root_is_an_error_and_never_an_empty_store(tmp_path):
    objects = FolderObjects("media", tmp_path / "not-mounted")
    for act in (
        lambda: objects.size("a"),
        lambda: objects.read("a"),
        lambda: list(objects.paths()),
        lambda: objects.delete("a"),
        lambda: objects.replace("a", b""),
    ):
        with pytest.raises(DependencyUnreachable, match="media: the store's folder"):
            act()


def test_the_root_itself_may_be_a_link(objects, root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert FolderObjects("media", tmp_path / "link").size("readme") == 1


def test_links_and_pipes_in_a_store_are_counted_and_fail_the_listing(objects, root, outside):
    (root / "link").symlink_to(outside)
    os.mkfifo(root / "calls" / "pipe")
    listing = objects.paths()
    seen = []
    with pytest.raises(PlanRefused, match="media: 2 entries"):
        seen.extend(listing)
    assert not any("secret" in path for path in seen)


def test_a_name_that_is_not_utf_8_is_listed_and_deleted(objects, root):
    raw = os.fsencode(root) + b"/calls/\xff.wav"
    Path(os.fsdecode(raw)).write_bytes(b"x")
    (path,) = [path for path in objects.paths() if "\udcff" in path]
    assert objects.delete(path) is True
    assert not Path(os.fsdecode(raw)).exists()


def test_a_name_that_no_file_can_have_fails_without_being_repeated(objects):
    with pytest.raises(DependencyUnreachable) as caught:
        objects.size(f"calls/{NAME}\ud800")
    assert NAME not in str(caught.value)


# --- bad inputs: paths that a row may hold ----------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "../outside/secret",
        "calls/../../outside/secret",
        "calls/./2026/other.wav",
        "..",
        ".",
        "",
        "calls//2026",
        "calls/",
    ],
)
def test_a_path_that_leaves_the_root_or_is_not_plain_is_refused(objects, root, outside, path):
    before = tree(root), tree(outside)
    assert "outside the store" in refusal(objects, path)
    assert (tree(root), tree(outside)) == before


def test_stored_data_02_an_absolute_path_is_refused(objects, root, outside):
    assert "outside the store" in refusal(objects, str(outside / "secret"))
    assert "outside the store" in refusal(objects, str(root / "readme"))
    assert tree(outside) == {"secret": b"not ours"}


def test_stored_data_03_a_symbolic_link_is_not_followed(objects, root, outside):
    (root / "file-link").symlink_to(outside / "secret")
    (root / "folder-link").symlink_to(outside)
    (root / "calls" / "dangling").symlink_to(root / "none")
    refusal(objects, "file-link")
    refusal(objects, "calls/dangling")
    assert "symbolic link" in refusal(objects, "folder-link/secret")
    assert tree(outside) == {"secret": b"not ours"}
    assert (root / "file-link").is_symlink()


def test_stored_data_05_a_second_name_still_holds_the_bytes_so_the_object_is_refused(
    objects, root, outside
):
    path = f"calls/2026/{NAME}.wav"
    (outside / "copy.wav").hardlink_to(root / path)
    for act in (lambda: objects.delete(path), lambda: objects.replace(path, b"new")):
        with pytest.raises(PlanRefused, match="media: 1 object has another name") as caught:
            act()
        assert NAME not in str(caught.value)
    assert (root / path).read_bytes() == (outside / "copy.wav").read_bytes() == b"her voice"
    assert objects.size(path) == 9


@pytest.mark.parametrize(
    "path", [f"calls/{NAME}\0.wav", f"\0{NAME}"], ids=["in the middle", "at the start"]
)
def test_stored_data_07_a_path_with_a_zero_byte_is_refused(objects, path):
    assert "outside the store" in refusal(objects, path)


@pytest.mark.parametrize(
    "name",
    [
        f"{NAME}\n; rm -rf *",
        f"{NAME} ",
        " ",
        "-rf",
        "$(touch x)",
        "a%2Fb +ü",
        "b\\..\\c",
        "…\u202e",
    ],
)
def test_stored_data_07_odd_names_are_handled_to_the_letter(objects, root, name):
    before = tree(root)
    (root / "calls" / name).write_bytes(b"x")
    assert objects.size(f"calls/{name}") == 1
    objects.replace(f"calls/{name}", b"xy")
    assert objects.read(f"calls/{name}") == b"xy"
    assert objects.delete(f"calls/{name}") is True
    assert tree(root) == before


def test_stored_data_07_a_name_of_300_bytes_cannot_exist_and_fails_without_being_repeated(objects):
    path = f"calls/{NAME * 30}"
    for act, error in (
        (lambda: objects.size(path), DependencyUnreachable),
        (lambda: objects.delete(path), ApplyFailed),
    ):
        with pytest.raises(error) as caught:
            act()
        assert NAME not in str(caught.value)


def test_stored_data_08_a_name_in_another_case_is_another_object(objects, root):
    other = "calls/2026/OTHER.wav"
    if (root / other).exists():
        pytest.skip("this file system takes both for one name")
    assert objects.size(other) is None
    assert objects.delete(other) is False
    assert objects.size("calls/2026/other.wav") == 9


def test_stored_data_10_only_regular_files_are_objects(objects, root):
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
        here = Path.cwd()
        os.chdir(root)  # the address of a socket is short
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        for path in ("pipe", "folder", "socket"):
            assert "is a link, a folder, a device" in refusal(objects, path)
        assert (root / "socket").is_socket()
    devices = FolderObjects("devices", Path("/dev"))
    refusal(devices, "null")


def test_stored_data_12_what_the_system_refuses_fails_after_three_tries(objects):
    # /proc refuses to unlink its files, whoever asks.
    processes = FolderObjects("media", Path(f"/proc/{os.getpid()}"))
    began = time.monotonic()
    with pytest.raises(ApplyFailed, match="media: 1 object could not be deleted") as caught:
        processes.delete("status")
    assert time.monotonic() - began > 0.2
    assert "status" not in str(caught.value)
    assert processes.size("status") == 0


def test_stored_data_12_a_refusal_that_passes_is_outlasted(objects, root):
    path = root / "calls" / "2026" / "other.wav"
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        threading.Timer(0.1, fcntl.flock, (file, fcntl.LOCK_UN)).start()
        assert objects.delete("calls/2026/other.wav") is True
    assert not path.exists()


def test_run_control_12_a_full_disk_leaves_the_old_object_alone(objects, root):
    """A process that may write no larger file than this is told as by a full disk."""
    path = root / "calls" / "2026" / "other.wav"
    before = path.read_bytes()
    names = sorted(each.name for each in path.parent.iterdir())
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        said = b"nothing"
        with contextlib.suppress(BaseException):
            try:
                objects.replace("calls/2026/other.wav", b"x" * 100_000)
            except ApplyFailed as error:
                said = str(error).encode()
            os.write(writing, said)
        os._exit(0)
    os.waitpid(child, 0)
    said = os.read(reading, 10_000).decode()
    os.close(reading)
    os.close(writing)
    assert said.startswith("media: 1 object could not be written (File too large)")
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == names


def test_stored_data_13_a_file_that_its_writer_has_locked_is_left(objects, root):
    path = root / "calls" / "2026" / "other.wav"
    with path.open("ab") as recorder:
        fcntl.flock(recorder, fcntl.LOCK_EX)
        with pytest.raises(ApplyFailed, match="another process holds a lock"):
            objects.delete("calls/2026/other.wav")
        with pytest.raises(ApplyFailed, match="another process holds a lock"):
            objects.replace("calls/2026/other.wav", b"new")
    assert path.read_bytes() == b"his voice"


def test_stored_data_13_a_file_that_grows_is_left(objects, root):
    path = root / "calls" / "2026" / "other.wav"
    recorder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\n"
            "file = open(sys.argv[1], 'ab', buffering=0)\n"
            "while True: file.write(b'.'); time.sleep(0.001)",
            path,
        ]
    )
    try:
        while path.stat().st_size < 20:
            time.sleep(0.01)
        with pytest.raises(ApplyFailed, match="it is being written"):
            objects.delete("calls/2026/other.wav")
        assert path.exists()
    finally:
        recorder.kill()
        recorder.wait()
    assert objects.delete("calls/2026/other.wav") is True


@pytest.mark.parametrize(
    "path",
    ["s3://bucket/key", f"https://{NAME}:pw@example.org/a.wav", "file:///etc/passwd"],
    ids=["stored_data-15", "stored_data-20", "file"],
)
def test_a_url_is_no_path_and_is_not_repeated(objects, path):
    assert "outside the store" in refusal(objects, path)


# --- crashes and races ----------------------------------------------------------------------------


def test_what_a_crash_leaves_of_a_new_object_is_used_by_the_next_try(objects, root):
    before = sorted(objects.paths())
    for call in ("fsync", "rename"):
        with crash_at(call):
            objects.replace("calls/2026/new.wav", b"half of it")
        assert len(list(objects.paths())) == len(before) + 1
    objects.replace("calls/2026/new.wav", b"new")
    assert sorted(objects.paths()) == sorted([*before, "calls/2026/new.wav"])
    assert (root / "calls" / "2026" / "new.wav").read_bytes() == b"new"


def test_a_crash_before_the_last_step_leaves_the_old_object_and_the_next_try_cleans_up(
    objects, root
):
    path = root / "calls" / "2026" / "other.wav"
    with crash_at("rename"):
        objects.replace("calls/2026/other.wav", b"a longer new content")
    assert path.read_bytes() == b"his voice"
    assert len(list(objects.paths())) == 4  # the leftover is seen, so that it is searched too
    objects.replace("calls/2026/other.wav", b"new")
    assert path.read_bytes() == b"new"
    assert len(list(objects.paths())) == 3


def test_deleting_an_object_takes_along_what_a_crash_left_beside_it(objects):
    with crash_at("rename"):
        objects.replace(f"calls/2026/{NAME}.wav", b"half")
    assert objects.delete(f"calls/2026/{NAME}.wav") is True
    with crash_at("rename"):
        objects.replace("calls/2026/new.wav", b"half")
    assert objects.delete("calls/2026/new.wav") is False
    assert list(objects.paths()) == ["calls/2026/other.wav", "readme"]


def test_a_leftover_with_another_name_is_never_written_through(objects, root, outside):
    path = root / "calls" / "2026" / "other.wav"
    trap = path.parent / f".lacuna-{path.stat().st_ino}.new"
    trap.hardlink_to(outside / "secret")
    with pytest.raises(PlanRefused, match="another name"):
        objects.replace("calls/2026/other.wav", b"new")
    assert tree(outside) == {"secret": b"not ours"}


def test_an_object_that_comes_back_while_it_is_deleted_is_not_called_gone(
    objects, root, monkeypatch
):
    path = root / "calls" / "2026" / "other.wav"
    unlink = os.unlink

    def unlink_and_write_again(name, *, dir_fd=None):
        unlink(name, dir_fd=dir_fd)
        path.write_bytes(b"again")

    monkeypatch.setattr(os, "unlink", unlink_and_write_again)
    with pytest.raises(ApplyFailed, match="reappeared"):
        objects.delete("calls/2026/other.wav")


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """What reaches the disk, in order: changes of names, and files with their size."""
    done: list[str] = []

    def recording(name):
        original = getattr(os, name)

        def record(*args, **kwargs):
            original(*args, **kwargs)
            done.append(name)

        return record

    def record_fsync(handle, fsync=os.fsync):
        fsync(handle)
        found = os.fstat(handle)
        done.append("folder" if stat.S_ISDIR(found.st_mode) else f"file of {found.st_size}")

    for name in ("unlink", "rename", "rmdir", "mkdir"):
        monkeypatch.setattr(os, name, recording(name))
    monkeypatch.setattr(os, "fsync", record_fsync)
    return done


def test_a_removal_is_on_the_disk_before_it_is_reported(objects, calls):
    objects.delete("calls/2026/other.wav")
    assert calls == ["unlink", "folder"]


def test_the_removal_of_an_empty_folder_is_on_the_disk_too(objects, root, calls):
    (root / "calls" / NAME).mkdir()
    (root / "calls" / NAME / "a").write_bytes(b"x")
    calls.clear()
    objects.delete(f"calls/{NAME}/a")
    assert calls == ["unlink", "folder", "rmdir", "folder"]


def test_a_new_content_is_on_the_disk_before_its_name_and_its_name_before_it_is_reported(
    objects, calls
):
    objects.replace("readme", b"new")
    assert calls == ["file of 3", "rename", "folder"]


def test_a_new_folder_is_on_the_disk_before_what_is_in_it(objects, calls):
    objects.replace("new/file", b"new")
    assert calls == ["mkdir", "folder", "file of 3", "rename", "folder"]


def test_two_writers_of_one_object_do_not_mix(objects, root):
    path = root / "calls" / "2026" / "other.wav"
    with (path.parent / f".lacuna-{path.stat().st_ino}.new").open("wb") as other_writer:
        fcntl.flock(other_writer, fcntl.LOCK_EX)
        with pytest.raises(ApplyFailed, match="another process holds a lock"):
            objects.replace("calls/2026/other.wav", b"new")
    assert path.read_bytes() == b"his voice"


def test_a_replaced_object_keeps_its_owner(objects, root, monkeypatch):
    found = (root / "readme").stat()
    owners = []
    monkeypatch.setattr(os, "fchown", lambda handle, user, group: owners.append((user, group)))
    objects.replace("readme", b"new")
    assert owners == [(found.st_uid, found.st_gid)]


def test_an_owner_that_may_not_be_given_does_not_stop_a_replacement(objects, root, monkeypatch):
    def refuse(handle, user, group):
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    objects.replace("readme", b"new")
    assert (root / "readme").read_bytes() == b"new"


def test_every_failure_is_one_of_ours_and_shows_no_error_that_quotes_the_path(objects, root):
    (root / NAME).symlink_to(root)
    for path in (f"{NAME}/readme", f"calls/{NAME * 30}", f"{NAME}\ud800"):
        with pytest.raises(PipelineError) as caught:
            objects.delete(path)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_file_arrives_when_the_folder_takes_it_in_whatever_it_says_of_itself(objects, root):
    before = dict(objects.arrivals())
    assert list(before) == list(objects.paths())
    late = root / "calls" / "late.wav"
    late.write_bytes(b"x")
    os.utime(late, (0, 0))
    now = dict(objects.arrivals())
    assert now["calls/late.wav"] > max(before.values())
