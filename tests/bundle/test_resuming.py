"""A bundle that was interrupted goes on where it was, and trusts nothing that does not fit."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.bundle import write, writer
from lacuna.bundle.row_files import Part, Parts
from lacuna.bundle.sink import Sink
from tests.bundle import example


def writes(data: bytes, calls: list[str], name: str = "x"):
    def copy(file):
        calls.append(name)
        file.write(data)
        return 3

    return copy


# --- rows -----------------------------------------------------------------------------------------


def part(*rows):
    return Part(list(rows), {"a": 1}, {"covered": 1})


def fails():
    raise AssertionError("it was there already")


def test_a_part_is_made_once_while_nothing_changes(tmp_path):
    first = Parts(tmp_path / "parts", "shop.things")
    assert first.add("version 1", lambda: part((1, ["x", None, {"k": "ü"}]))).places == {"a": 1}
    again = Parts(tmp_path / "parts", "shop.things")
    found = again.add("version 1", fails)
    assert found.rows == [(1, ["x", None, {"k": "ü"}])]
    assert (found.places, found.reasons) == ({"a": 1}, {"covered": 1})
    assert list(again.read()) == [[(1, ["x", None, {"k": "ü"}])]]


def test_a_part_is_made_anew_when_anything_changed(tmp_path):
    Parts(tmp_path / "parts", "t").add("version 1", lambda: part((1,)))
    again = Parts(tmp_path / "parts", "t")
    assert again.add("version 2", lambda: part((2,))).rows == [(2,)]
    assert list(Parts(tmp_path / "parts", "t").read()) == []
    assert list(again.read()) == [[(2,)]]


def test_parts_belong_to_us_alone_and_to_one_table(tmp_path):
    for name in ("a", "../b"):
        Parts(tmp_path / "parts", name).add("v", lambda: part((1,)))
    found = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "parts").iterdir()}
    assert found == {"a-000000.part": 0o600, "..%2Fb-000000.part": 0o600}
    assert (tmp_path / "parts").stat().st_mode & 0o777 == 0o700


# --- copies ---------------------------------------------------------------------------------------


def test_a_whole_copy_is_kept_and_everything_else_goes(tmp_path):
    calls: list[str] = []
    sink = Sink(tmp_path / "b", tmp_path / "parts")
    first = sink.copy("media/1.wav", "v1", writes(b"abc", calls, "1"))
    sink.put("manifest.json", lambda file: file.write(b"{}"))
    (tmp_path / "b/media/2.wav").write_bytes(b"half")
    again = Sink(tmp_path / "b", tmp_path / "parts")
    assert [path.name for path in (tmp_path / "b").rglob("*") if path.is_file()] == ["1.wav"]
    assert again.copy("media/1.wav", "v1", writes(b"abc", calls, "1")) == first
    assert again.copy("media/2.wav", "v1", writes(b"whole", calls, "2")).byte_count == 5
    assert calls == ["1", "2"]


@pytest.mark.parametrize("damage", ["cut", "gone", "another version", "link"])
def test_a_copy_that_does_not_fit_is_made_anew(tmp_path, damage):
    calls: list[str] = []
    Sink(tmp_path / "b", tmp_path / "parts").copy("1.wav", "v1", writes(b"abc", calls))
    path = tmp_path / "b/1.wav"
    match damage:
        case "cut":
            path.write_bytes(b"ab")
        case "gone":
            path.unlink()
        case "link":
            path.unlink()
            path.symlink_to("/etc/hostname")
    version = "v2" if damage == "another version" else "v1"
    sink = Sink(tmp_path / "b", tmp_path / "parts")
    assert sink.copy("1.wav", version, writes(b"new", calls)).redactions == 3
    assert (path.read_bytes(), path.is_symlink(), len(calls)) == (b"new", False, 2)


def test_a_line_of_the_journal_that_was_cut_off_counts_for_nothing(tmp_path):
    calls: list[str] = []
    Sink(tmp_path / "b", tmp_path / "parts").copy("1.wav", "v1", writes(b"abc", calls))
    journal = tmp_path / "parts/copied.jsonl"
    journal.write_text(journal.read_text()[:-10])
    Sink(tmp_path / "b", tmp_path / "parts").copy("1.wav", "v1", writes(b"abc", calls))
    assert len(calls) == 2


def test_a_copy_that_fails_leaves_nothing(tmp_path):
    def breaks(file):
        file.write(b"half")
        raise OSError("the disk is full")

    sink = Sink(tmp_path / "b", tmp_path / "parts")
    with pytest.raises(OSError, match="full"):
        sink.copy("1.wav", "v1", breaks)
    assert not (tmp_path / "b/1.wav").exists()


# --- a whole bundle -------------------------------------------------------------------------------


def test_what_was_copied_before_a_crash_is_not_copied_again(content, folder):
    copied: list[str] = []

    def counting(each):
        def copy(file):
            copied.append(each.path)
            return each.copy(file)

        return replace(each, copy=copy)

    objects = tuple(counting(each) for each in content.objects)

    def dies(file):
        raise KeyboardInterrupt

    last = objects[-1]
    with pytest.raises(KeyboardInterrupt):
        write(folder, replace(content, objects=(*objects[:-1], replace(last, copy=dies))))
    assert len(copied) == len(objects) - 1
    manifest = write(folder, replace(content, objects=objects))
    assert copied == [each.path for each in objects]
    assert manifest.is_complete
    undisturbed = write(folder.with_name(f"other-{folder.name}"), content)
    assert manifest.files == undisturbed.files


def test_a_killed_process_leaves_what_the_next_one_takes_up(tmp_path):
    script = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from lacuna.bundle.sink import Sink
        def copy(file):
            file.write(b"abc")
            return 0
        def dies(file):
            file.write(b"half")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        sink = Sink(Path({str(tmp_path)!r}) / "b", Path({str(tmp_path)!r}) / "parts")
        sink.copy("1.wav", "v1", copy)
        sink.copy("2.wav", "v1", dies)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ}, cwd=Path.cwd(), check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "b/2.wav").read_bytes() == b"half"
    calls: list[str] = []
    sink = Sink(tmp_path / "b", tmp_path / "parts")
    sink.copy("1.wav", "v1", writes(b"abc", calls))
    assert calls == []
    assert sink.copy("2.wav", "v1", writes(b"whole", calls)).byte_count == 5


def test_progress_is_logged_in_counts_alone(content, folder, monkeypatch, caplog):
    monkeypatch.setattr(writer, "_SAY_EVERY", 1)
    caplog.set_level("INFO")
    write(folder, content)
    said = [line for line in caplog.messages if line.startswith("bundle copies objects")]
    assert len(said) == len(content.objects)
    assert said[-1].startswith(
        f"bundle copies objects request_id={example.REQUEST_ID} "
        f"done={len(said)} of={len(said)} bytes="
    )
    assert "anna" not in caplog.text.lower()


def test_the_request_is_in_no_file_name_of_a_bundle(content, folder):
    manifest = write(folder, content)
    assert not [each.path for each in manifest.files if example.REQUEST_ID in each.path]
